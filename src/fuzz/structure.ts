/**
 * Mutations that know the format: what they make passes the first checks (lengths, checksums, compression), so that what is behind
 * them is tried as well. Each takes a real file; where that is not built as expected, its bytes are changed instead.
 */
import { Buffer } from "node:buffer";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import type { Generator } from "./generator.ts";
import { EDGES, joined, mutateBytes, mutateList, setNumber } from "./mutate.ts";

export type Mutator = (bytes: Uint8Array, g: Generator) => Uint8Array;

/** A character a byte. */
const toLatin = (b: Uint8Array) => Buffer.from(b.buffer, b.byteOffset, b.byteLength).toString("latin1");
const fromLatin = (s: string) => new Uint8Array(Buffer.from(s, "latin1"));
const some = (bytes: Uint8Array, g: Generator) => mutateBytes(bytes, [bytes], g);
const view = (b: Uint8Array) => new DataView(b.buffer, b.byteOffset, b.byteLength);
const unpacked = (bytes: Uint8Array): Uint8Array | undefined => {
  try {
    return inflateSync(bytes, { maxOutputLength: 1 << 24 });
  } catch {
    return undefined;
  }
};

interface Part {
  name: string;
  data: Uint8Array;
}

/** A chunk of a PNG with its length and checksum. */
export function pngChunk(name: string, data: Uint8Array): Uint8Array {
  const [head, sum] = [new Uint8Array(4), new Uint8Array(4)];
  const body = joined([fromLatin(name), data]);
  view(head).setUint32(0, data.length);
  view(sum).setUint32(0, crc32(body));
  return joined([head, body, sum]);
}

/** PNG 1.2: chunks get their lengths and checksums anew; pixels are changed below the compression. */
export const png: Mutator = (bytes, g) => {
  const chunks: Part[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view(bytes).getUint32(at);
    chunks.push({ name: toLatin(bytes.subarray(at + 4, at + 8)), data: bytes.slice(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  const changed = mutateList(chunks, g, ({ name, data }) => {
    if (name === "IHDR" && data.length === 13) {
      const out = data.slice();
      if (g.once(2)) setNumber(out, g.pick([0, 4]), g.pick([1, 3, 1000, ...EDGES]), 4, false);
      else out[8 + g.below(5)] = g.pick([0, 1, 2, 3, 4, 6, 8, 16, 255]);
      return { name, data: out };
    }
    const raw = name === "IDAT" ? unpacked(data) : undefined;
    if (raw && !g.once(4)) return { name, data: deflateSync(some(raw, g)) };
    if (g.once(3)) {
      const other = g.pick(["tRNS", "PLTE", "eXIf", "pHYs", "acTL", "fcTL", "iCCP", "zTXt", "sBIT", "gAMA"]);
      return { name: other, data: g.bytes(g.below(64)) };
    }
    return { name, data: some(data, g) };
  });
  return joined([
    bytes.subarray(0, 8),
    ...changed.map(({ name, data }) => pngChunk(name, data)),
  ]);
};

/** JPEG (T.81): segments keep lengths that are right; frames, tables, scans and their compressed data are changed. */
export const jpeg: Mutator = (bytes, g) => {
  // Each part is a marker with its segment; compressed data stand behind their scan's header.
  const parts: Part[] = [];
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const length = view(bytes).getUint16(at + 2);
    let end = at + 2 + length;
    if (bytes[at + 1] === 0xda) {
      while (end < bytes.length && !(bytes[end] === 0xff && bytes[end + 1] >= 0xc0 && !(bytes[end + 1] >> 3 === 26))) {
        end++;
      }
    }
    parts.push({ name: String.fromCharCode(bytes[at + 1]), data: bytes.slice(at + 4, end) });
    at = end;
  }
  const changed = mutateList(parts, g, ({ name, data }) => {
    const out = data.slice();
    const marker = name.charCodeAt(0);
    if (marker >= 0xc0 && marker <= 0xc2 && g.once(2)) {
      // Precision, height, width, then components with their sampling.
      if (g.once(2)) setNumber(out, g.pick([1, 3]), g.pick(EDGES) & 0xffff, 2, false);
      else out[5 + g.below(out.length - 5)] = g.pick([0, 1, 0x11, 0x14, 0x21, 0x22, 0x41, 0x44, 0xff]);
      return { name, data: out };
    }
    if (g.once(6)) return { name: String.fromCharCode(g.pick([0xc0, 0xc1, 0xc2, 0xc4, 0xdb, 0xdd, 0xe1, 0xee])), data };
    return { name, data: some(out, g) };
  });
  return joined([
    bytes.subarray(0, 2),
    ...changed.flatMap(({ name, data }) => {
      const head = new Uint8Array(4);
      head.set([0xff, name.charCodeAt(0)]);
      // A scan's header says its own length; compressed data are not counted.
      const scan = name === "\u00da" ? 1 + 2 * (data[0] ?? 0) + 3 : data.length;
      view(head).setUint16(2, Math.min(65535, scan + 2));
      return [head, data];
    }),
    Uint8Array.of(0xff, 0xd9),
  ]);
};

/** TIFF 6.0: entries of a directory, whichever tags, types, counts and values. */
export const tiff: Mutator = (bytes, g) => {
  const out = bytes.slice();
  const little = out[0] === 0x49;
  const v = view(out);
  let at = v.getUint32(4, little);
  if (g.once(3) && at + 2 < out.length) at = v.getUint32(at + 2 + 12 * v.getUint16(at, little), little) || at;
  if (at + 2 > out.length) return some(out, g);
  const entries = Math.min(v.getUint16(at, little), Math.floor((out.length - at - 6) / 12));
  for (let n = 1 + g.below(3); n > 0 && entries > 0; n--) {
    const entry = at + 2 + 12 * g.below(entries);
    const value = g.pick([3, 4, 5, 8, 12, 34712, 32773, 32946, at, ...EDGES]);
    const change: [number, number, number][] = [
      [0, g.pick([256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 292, 317, 320, 322, 338, 530]), 2],
      [2, g.below(19), 2],
      [4, value, 4],
      [8, value, 4],
      [8, value, 2],
    ];
    const [skip, to, size] = g.pick(change);
    setNumber(out, entry + skip, to, size, little);
  }
  // Where the next directory is: here, elsewhere, nowhere.
  if (g.once(6)) setNumber(out, at + 2 + 12 * entries, g.pick([0, at, g.below(out.length), 0xffffffff]), 4, little);
  return g.once(4) ? some(out, g) : out;
};

/** RIFF of WebP: chunks with sizes that are right, and others of the extended format between them. */
export const webp: Mutator = (bytes, g) => {
  const chunks: Part[] = [];
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = view(bytes).getUint32(at + 4, true);
    chunks.push({ name: toLatin(bytes.subarray(at, at + 4)), data: bytes.slice(at + 8, at + 8 + length) });
    at += 8 + length + (length & 1);
  }
  if (g.once(3)) chunks.unshift({ name: "VP8X", data: Uint8Array.of(g.below(64), 0, 0, 0, ...g.bytes(6)) });
  const changed = mutateList(chunks, g, ({ name, data }) => {
    if (g.once(5)) return { name: g.pick(["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "EXIF", "ICCP"]), data };
    const out = data.slice();
    // Size of the picture in the first bytes.
    if (g.once(2)) out[g.below(Math.min(10, out.length))] = g.below(256);
    return { name, data: g.once(2) ? out : some(out, g) };
  });
  const body = joined(changed.flatMap(({ name, data }) => {
    const size = new Uint8Array(4);
    view(size).setUint32(0, data.length, true);
    return [fromLatin(name), size, data, new Uint8Array(data.length & 1)];
  }));
  const size = new Uint8Array(4);
  view(size).setUint32(0, body.length + 4, true);
  return joined([fromLatin("RIFF"), size, fromLatin("WEBP"), body]);
};

/** BMP: any field of the file's and the picture's header. */
export const bmp: Mutator = (bytes, g) => {
  const out = bytes.slice();
  const fields: [at: number, size: number][] = [
    [10, 4],
    [14, 4],
    [18, 4],
    [22, 4],
    [26, 2],
    [28, 2],
    [30, 4],
    [34, 4],
    [46, 4],
    [50, 4],
  ];
  for (let n = 1 + g.below(3); n > 0; n--) {
    const [at, size] = g.pick(fields);
    setNumber(out, at, g.pick([3, 4, 8, 16, 24, 32, 40, 54, 108, 124, ...EDGES]), size, true);
  }
  return g.once(3) ? some(out, g) : out;
};

/** GIF: screen, frames, code sizes and sub-blocks. */
export const gif: Mutator = (bytes, g) => {
  const out = bytes.slice();
  const frame = out.indexOf(0x2c, 13 + (out[10] & 0x80 ? 3 << ((out[10] & 7) + 1) : 0));
  const fields = [6, 7, 8, 9, 10, 11, ...(frame > 0 ? Array.from({ length: 11 }, (_, i) => frame + 1 + i) : [])];
  for (let n = 1 + g.below(3); n > 0; n--) out[g.pick(fields)] = g.pick([0, 1, 2, 8, 11, 12, 13, 0x80, 0xff]);
  return g.once(3) ? some(out, g) : out;
};

const NAMES = (
  "Length Kids Parent Filter DecodeParms Width Height BitsPerComponent ColorSpace MediaBox CropBox Rotate UserUnit Contents Resources " +
  "XObject Font Subtype Matrix BBox SMask Mask Decode Pattern Shading Function Count Type Root Size W Index Prev Encrypt ObjStm"
).split(" ");
const OPERATORS = (
  "q Q cm re f F B n W S s b m l c h Do BT ET Tj TJ Tf Tr Td Tm sh cs CS sc SC scn gs d w J M i ri BI ID EI BMC EMC d0 d1"
).split(" ");

/** PDF 1.7: objects and what they refer to, dictionaries, and the operators below a stream's compression. */
export const pdf: Mutator = (bytes, g) => {
  const objects = toLatin(bytes).split(/(?<=endobj)/);
  const numbers = objects.map((o) => /(\d+) 0 obj/.exec(o)?.[1]).filter((n) => n !== undefined);
  const changed = mutateList(objects, g, (object) => {
    const stream = /^([\s\S]*?stream\r?\n)([\s\S]*?)(\r?\nendstream[\s\S]*)$/.exec(object);
    if (stream && !g.once(3)) {
      const [, head, body, tail] = stream;
      const raw = /FlateDecode/.test(head) ? unpacked(fromLatin(body)) : undefined;
      if (!raw) return head + toLatin(some(fromLatin(body), g)) + tail;
      // What reads as text is a page's content, anything else pixels or tables.
      const words = toLatin(raw.subarray(0, 1 << 16)).split(" ");
      const isText = raw.length < 1 << 16 && /^[\x20-\x7e\s]*$/.test(words.join(" "));
      const content = isText
        ? fromLatin(mutateList(words, g, (w) => g.once(2) ? g.pick(OPERATORS) : changedNumber(w, g)).join(" "))
        : some(raw, g);
      const packed = toLatin(deflateSync(content));
      return head.replace(/\/Length \d+/, `/Length ${packed.length}`) + packed + tail;
    }
    const tokens = object.split(/(?=[/<>[\]\s])/);
    return mutateList(tokens, g, (t) => {
      if (g.once(4)) return `/${g.pick(NAMES)}`;
      if (g.once(4) && numbers.length > 0) return ` ${g.pick(numbers)} 0 R`;
      return changedNumber(t, g);
    }).join("");
  });
  return fromLatin(changed.join(""));
};

const changedNumber = (word: string, g: Generator) =>
  /\d/.test(word)
    ? word.replace(/-?[\d.]+/, String(g.pick([-1, 0.5, 1e9, g.below(100), ...EDGES])))
    : ` ${g.pick(EDGES)} `;

/** Any part of a JSON value becomes another. */
function mutateJson(value: unknown, g: Generator): unknown {
  const strange = [null, -1, 0.5, 1e300, "", "F64", [], {}, true, g.pick(EDGES)];
  if (typeof value !== "object" || value === null || g.once(8)) return g.pick(strange);
  const keys = Object.keys(value);
  if (keys.length === 0) return g.pick(strange);
  const key = g.pick(keys);
  const copy = Array.isArray(value)
    ? [...value] as unknown as Record<string, unknown>
    : { ...value as Record<string, unknown> };
  if (g.once(6)) delete copy[key];
  else copy[key] = mutateJson(copy[key], g);
  return copy;
}

/** safetensors: the header as JSON, its length right. */
export const safetensors: Mutator = (bytes, g) => {
  const length = Number(view(bytes).getBigUint64(0, true));
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  } catch {
    return some(bytes, g);
  }
  for (let n = 1 + g.below(2); n > 0; n--) header = mutateJson(header, g);
  const json = new TextEncoder().encode(JSON.stringify(header));
  const size = new Uint8Array(8);
  view(size).setBigUint64(0, BigInt(json.length), true);
  const data = bytes.subarray(8 + length);
  return joined([size, json, g.once(4) ? some(data, g) : data]);
};

/** IDX: its magic number, its sizes, and as many bytes as they ask for or a few less. */
export const idx: Mutator = (bytes, g) => {
  const out = bytes.slice();
  if (g.once(2)) out[g.below(4)] = g.pick([0, 1, 3, 8, 9, 11, 13, 14, 255]);
  setNumber(out, 4 * (1 + g.below(3)), g.pick([1, 2, 3, 27, 28, ...EDGES]), 4, false);
  return g.once(4) ? some(out, g) : out;
};

/** Kaggle's CSV: rows and fields. */
export const csv: Mutator = (bytes, g) => {
  const field = (f: string) =>
    g.pick([f, "", "-1", "256", "1e3", "0x10", "NaN", '"', '"1"', " 7", "label", "😀", "9".repeat(400)]);
  const rows = mutateList(
    new TextDecoder().decode(bytes).split("\n"),
    g,
    (row) => mutateList(row.split(","), g, field).join(","),
  );
  return new TextEncoder().encode(rows.join(g.pick(["\n", "\n", "\r\n", "\r"])));
};

/** Arguments of a command, a line each. */
export const options = (names: string[]): Mutator => (bytes, g) => {
  const strange = [
    "",
    "-",
    "--",
    "---",
    "-f",
    "=",
    "--=1",
    "\u0000",
    "-\u00e4",
    "--pages=",
    "1e9",
    "-1",
    "9".repeat(5000),
    "\u202e",
  ];
  const word = (w: string) => {
    if (g.once(3)) return `--${g.pick(names)}${g.pick(["", "=", "=1", "x"])}`;
    return g.once(2) ? g.pick(strange) : toLatin(some(fromLatin(`${w}....`), g));
  };
  return new TextEncoder().encode(mutateList(new TextDecoder().decode(bytes).split("\n"), g, word).join("\n"));
};
