/**
 * A look at a PDF's streams before pdf.js unpacks them: those that would unpack to more than any page needs are emptied, and pictures of
 * which a part is missing lose their size, so that the pages that ask for them fail and the others can be read.
 */
import { isCutOff } from "./pdf_cut.ts";

/** The most that deflate packs into a byte (258 bytes for two bits; RFC 1951). */
const DEFLATE = 1032;
/** Bytes that a stream may unpack to that is no plain picture: what a page is drawn with, a font, a profile. */
const MOST = 64 << 20;
/** Bytes that are unpacked at a time. */
const PIECE = 4096;
/** Times that a stream may be deflated over. */
const DEEPEST = 3;
/** Bytes before `stream` in which its dictionary is looked for. */
const DICTIONARY = 4096;

/** The platform's own, which gives what is unpacked bit by bit; see `inflate.ts`. */
const Own = globalThis.DecompressionStream;

const latin = new TextDecoder("latin1");

/** What streams are allowed. */
interface Limits {
  /** Pixels of a JPEG. */
  maxPixels: number;
  /** Bytes that a stream may unpack to that is no plain picture, where that is less than `MOST`. */
  maxBytes?: number;
}

/** What an emptied stream begins with: no header of zlib's, so that pdf.js names it as it fails. */
const EMPTIED = [0x53, 0x43];
/** What pdf.js says of such a stream. */
export const EMPTIED_SAID = new RegExp(`flate stream: ${EMPTIED.join(", ")}\\b`);

/** The key of a picture's width, and what it is called where it shall not be found. */
const WIDTH = /\/Width\b/;
const NO_WIDTH = "/Lacks";

/** The file without streams that unpack to more than a page may ask for, that hold larger pictures, or pictures that are cut off. */
export async function defuse(bytes: Uint8Array, limits: Limits): Promise<Uint8Array> {
  let out = bytes;
  const own = () => out === bytes ? out = bytes.slice() : out;
  // What is encrypted ends as it likes.
  const readable = find(bytes, "/Encrypt", 0) < 0;
  for (const { dictionary, at, start, end } of streams(bytes)) {
    const data = bytes.subarray(start, end);
    if (await isTooMuch(dictionary, data, limits)) {
      own().fill(0, start, end);
      out.set(EMPTIED.slice(0, end - start), start);
    } else if (readable && await isCutOff(dictionary, data, limits.maxPixels)) {
      const width = WIDTH.exec(dictionary)?.index;
      if (width !== undefined) own().set(new TextEncoder().encode(NO_WIDTH), at + width);
    }
  }
  return out;
}

/** Streams of a file, found by their words rather than by its table, which may lie. */
function* streams(bytes: Uint8Array): Generator<{ dictionary: string; at: number; start: number; end: number }> {
  for (let at = find(bytes, "stream", 0); at >= 0; at = find(bytes, "stream", at)) {
    // `endstream` has the word at its end.
    const before = latin.decode(bytes.subarray(Math.max(0, at - DICTIONARY), at));
    const dictionary = before.slice(before.lastIndexOf("obj") + 1);
    const place = at - dictionary.length;
    at += 6;
    if (!/>>\s*$/.test(before)) continue;
    const start = at + (bytes[at] === 13 ? 1 : 0) + (bytes[at + (bytes[at] === 13 ? 1 : 0)] === 10 ? 1 : 0);
    const close = find(bytes, "endstream", start);
    let end = close < 0 ? bytes.length : close;
    // The line's end before `endstream` is not of the stream.
    if (bytes[end - 1] === 10) end--;
    if (bytes[end - 1] === 13) end--;
    yield { dictionary, at: place, start, end };
    at = end;
  }
}

function find(bytes: Uint8Array, word: string, from: number): number {
  const first = word.charCodeAt(0);
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let i = 1;
    while (i < word.length && bytes[at + i] === word.charCodeAt(i)) i++;
    if (i === word.length) return at;
  }
  return -1;
}

async function isTooMuch(dictionary: string, data: Uint8Array, limits: Limits): Promise<boolean> {
  if (jpegPixels(data) > limits.maxPixels) return true;
  const most = Math.min(MOST, limits.maxBytes ?? MOST);
  // More than one filter, or filters that do not stand there in plain words, may be deflate in deflate.
  const plain = /\/Filter\s*\[?\s*\/\w+\s*[\]/>]/.test(dictionary) &&
    (dictionary.match(/Decode\b|\/Fl\b/g) ?? []).length < 2;
  const nested = !plain && /\/F(?:ilter)?\b|#/.test(dictionary);
  // Of a picture no more is unpacked than its size needs, and that is looked at before.
  if (!nested && (data.length * DEFLATE <= most || /\/Subtype\s*\/Image\b/.test(dictionary))) return false;
  for (let deep = 1; deep <= (nested ? DEEPEST : 1); deep++) {
    const { bytes, head } = await unpack(data, deep, most);
    if (bytes > most) return true;
    if (!isZlib(head)) return false;
  }
  return nested;
}

/** What deflated data unpack to when that is done `deep` times: bytes, counted until they are more than `most`, and the first two of them. */
async function unpack(data: Uint8Array, deep: number, most: number): Promise<{ bytes: number; head: Uint8Array }> {
  let stream = new Blob([data as Uint8Array<ArrayBuffer>]).stream() as ReadableStream<Uint8Array>;
  for (let i = 0; i < deep; i++) {
    stream = stream.pipeThrough(pieces()).pipeThrough(new Own("deflate") as never);
  }
  const reader = stream.getReader();
  let [bytes, head] = [0, new Uint8Array()];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      if (bytes === 0) head = value.slice(0, 2);
      bytes += value.length;
      if (bytes > most) break;
    }
  } catch {
    // What is behind a fault is unpacked by nobody.
  }
  await reader.cancel().catch(() => {});
  return { bytes, head };
}

/** Bytes a few at a time, so that no more is unpacked at once than is counted. */
function pieces(): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    async transform(chunk, controller) {
      for (let at = 0; at < chunk.length; at += PIECE) {
        controller.enqueue(chunk.subarray(at, at + PIECE));
        // Lets what comes behind take it before the next.
        await Promise.resolve();
      }
    },
  });
}

/** The two bytes that zlib begins with (RFC 1950, 2.2). */
const isZlib = (d: Uint8Array) => d.length > 1 && (d[0] & 15) === 8 && (d[0] * 256 + d[1]) % 31 === 0;

/** Pixels of a JPEG as its frame header has them (ITU-T T.81, B.2.2); 0 for what is none. */
function jpegPixels(d: Uint8Array): number {
  if (d[0] !== 0xff || d[1] !== 0xd8) return 0;
  for (let at = 2; at + 9 < d.length && d[at] === 0xff;) {
    const marker = d[at + 1];
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) return (d[at + 5] * 256 + d[at + 6]) * (d[at + 7] * 256 + d[at + 8]);
    at += marker === 0xff ? 1 : 2 + d[at + 2] * 256 + d[at + 3];
  }
  return 0;
}

/** The text of an object's dictionary; `ref` is like `12R` or `12R1`. Empty where it is not found. */
export function dictionaryOf(bytes: Uint8Array, ref: string): string {
  const [number, generation] = String(ref).split("R");
  const at = find(bytes, `${number} ${generation || 0} obj`, 0);
  if (at < 0) return "";
  const text = latin.decode(bytes.subarray(at, at + DICTIONARY));
  const end = text.indexOf("stream");
  return end < 0 ? text : text.slice(0, end);
}
