/** Whether a picture's stream in a PDF has all of its data: pdf.js fills up with black what is missing, and says nothing of it. */
import { decodeImage } from "../engine/engine.ts";

/** Bytes at the end of a fax among which its end must be: what comes behind is padding. */
const TAIL = 64;
/** Bytes that the search for a stream's end may leave out of it: they look like the end of a line. */
const LINE_END = 2;

/** Values a pixel of plain colour spaces. */
const CHANNELS: Record<string, number> = { RGB: 3, CMYK: 4 };

/** Whether the data of a picture with this dictionary end before they should. What cannot be told here is taken for whole. */
export async function isCutOff(dictionary: string, data: Uint8Array, maxPixels: number): Promise<boolean> {
  if (!/\/Subtype\s*\/Image\b/.test(dictionary)) return false;
  const number = (key: string) => Number(new RegExp(`/${key}\\s+(\\d+)(?!\\s+\\d+\\s+R)`).exec(dictionary)?.[1]);
  if (data.length === 0) return true;
  const [filter, ...more] = /\/Filter\s*(\/\w+|\[[^\]]*\]|\d+\s+\d+\s+R)/.exec(dictionary)?.[1].match(/[A-Z]\w+/g) ??
    [];
  // Of filters in one another the inner one says that data are missing.
  if (more.length > 0) return false;
  switch (filter) {
    case "DCTDecode":
    case "DCT":
      return await lacksRows(data, maxPixels);
    case "CCITTFaxDecode":
    case "CCF":
      return await lacksLines(dictionary, data, maxPixels, number);
    case "RunLengthDecode":
    case "RL":
      return ofRuns(data) < least(dictionary, number);
    case "ASCII85Decode":
    case "A85":
      return ofAscii85(data) < least(dictionary, number);
    case "ASCIIHexDecode":
    case "AHx":
      return data.length < 2 * least(dictionary, number);
    case "LZWDecode":
    case "LZW":
      return ofLzw(data, /\/EarlyChange\s+0\b/.test(dictionary) ? 0 : 1) < least(dictionary, number);
    case undefined:
      return !/\/F(?:ilter)?\b/.test(dictionary) && data.length + LINE_END < least(dictionary, number);
    default:
      return false;
  }
}

/** Bytes that a picture has at least when it is unpacked; NaN where its size stands elsewhere. */
function least(dictionary: string, number: (key: string) => number): number {
  const bits = /\/ImageMask\s+true/.test(dictionary) ? 1 : number("BitsPerComponent");
  // Where the colour space has an object of its own there is one channel at least.
  const plain = /\/ColorSpace\s*\/Device(RGB|CMYK)\b/.exec(dictionary)?.[1];
  return Math.ceil(number("Width") * bits * (CHANNELS[plain ?? ""] ?? 1) / 8) * number("Height");
}

/** Whether a JPEG has neither an end marker nor all of its rows. */
async function lacksRows(data: Uint8Array, maxPixels: number): Promise<boolean> {
  const isJpeg = data[0] === 0xff && data[1] === 0xd8;
  return isJpeg && data.lastIndexOf(0xd9) < data.length - TAIL && await isDamaged(data, maxPixels);
}

/** Whether a picture file cannot be decoded as it is cut off. */
async function isDamaged(file: Uint8Array, maxPixels: number): Promise<boolean> {
  try {
    (await decodeImage(file, 0, maxPixels)).free();
    return false;
  } catch (e) {
    return /damaged or cut off/.test((e as Error).message);
  }
}

/** Bytes that runs unpack to (ISO 32000-1, 7.4.5). */
function ofRuns(data: Uint8Array): number {
  let length = 0;
  for (let at = 0; at < data.length && data[at] !== 128; at += data[at] < 128 ? data[at] + 2 : 2) {
    length += data[at] < 128 ? data[at] + 1 : 257 - data[at];
  }
  return length;
}

/** Bytes that groups of five characters unpack to at most (ISO 32000-1, 7.4.3); `z` is a group of its own. */
function ofAscii85(data: Uint8Array): number {
  const zeros = data.reduce((n, v) => n + Number(v === 122), 0);
  return 4 * zeros + 4 / 5 * (data.length - zeros);
}

/** Codes of LZW that start its table anew and end the data, and bits of the shortest and of the longest code. */
const [CLEAR, END] = [256, 257];
const [SHORTEST, LONGEST] = [9, 12];

/** Bytes that LZW codes unpack to (ISO 32000-1, 7.4.4); `early` is how many entries before a table is full its codes grow longer. */
function ofLzw(data: Uint8Array, early: number): number {
  let [length, bits, held, at] = [0, SHORTEST, 0, 0];
  // Bytes that each entry of the table stands for; those of the two codes are not looked up.
  const fresh = (): number[] => [...new Array(CLEAR).fill(1), 0, 0];
  let table = fresh();
  let buffer = 0;
  let last = 0;
  for (;;) {
    for (; held < bits && at < data.length; held += 8) buffer = (buffer << 8 | data[at++]) & 0xffffff;
    if (held < bits) return length;
    held -= bits;
    const code = buffer >> held & (1 << bits) - 1;
    if (code === END) return length;
    if (code === CLEAR) {
      table = fresh();
      bits = SHORTEST;
      last = 0;
      continue;
    }
    // A code may name the entry that it makes itself. The first one after a clear makes none.
    const own = table[code] ?? last + 1;
    if (last > 0 && table.length < 1 << LONGEST) table.push(last + 1);
    length += own;
    last = own;
    bits = Math.min(LONGEST, Math.floor(Math.log2(table.length + early)) + 1);
  }
}

/** End of a block of Group 4, and the first two of Group 3's six marks (ITU-T T.6, 2.4.1; T.4, 4.1.4). */
const END_OF_BLOCK = "000000000001".repeat(2);

/** Whether a fax has neither its end mark nor all of its lines. */
async function lacksLines(
  dictionary: string,
  data: Uint8Array,
  maxPixels: number,
  number: (key: string) => number,
): Promise<boolean> {
  const bits = Array.from(data.subarray(-TAIL), (v) => v.toString(2).padStart(8, "0")).join("");
  if (bits.includes(END_OF_BLOCK) || /\/EncodedByteAlign\s+true/.test(dictionary)) return false;
  const k = Number(/\/K\s+(-?\d+)/.exec(dictionary)?.[1] ?? 0);
  const [width, height] = [number("Columns") || 1728, number("Height")];
  return height > 0 && await isDamaged(faxed(data, width, height, k), maxPixels);
}

/** A fax as a TIFF; `k` is below 0 for Group 4, above for two-dimensional Group 3. */
function faxed(data: Uint8Array, width: number, height: number, k: number): Uint8Array {
  const LONG = 4;
  const tags = [
    [256, width],
    [257, height],
    [258, 1],
    [259, k < 0 ? 4 : 3],
    [262, 0],
    [273, 0],
    [277, 1],
    [278, height],
    [279, data.length],
    [292, k > 0 ? 1 : 0],
  ];
  const start = 8 + 2 + 12 * tags.length + 4;
  const out = new Uint8Array(start + data.length);
  const view = new DataView(out.buffer);
  out.set([0x49, 0x49, 42, 0, 8]);
  view.setUint16(8, tags.length, true);
  tags.forEach(([tag, value], i) => {
    const at = 10 + 12 * i;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, LONG, true);
    view.setUint32(at + 4, 1, true);
    view.setUint32(at + 8, tag === 273 ? start : value, true);
  });
  out.set(data, start);
  return out;
}
