/** Reads and writes safetensors files: 8 bytes of header length (little-endian), a JSON header, raw tensors, F32, F16 or bytes. */

export interface Tensors {
  metadata: Record<string, string>;
  tensors: Record<string, { shape: number[]; data: Float32Array }>;
  /** Tensors of bytes (U8), each of one axis. */
  packed?: Record<string, Uint8Array>;
}

/** @param half whether tensors of several axes are written as numbers of 16 bits. */
export function encode({ metadata, tensors, packed = {} }: Tensors, half = false): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  const raw: (Float32Array | Float16Array | Uint8Array)[] = [];
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const short = half && shape.length > 1;
    const bytes = short ? new Float16Array(data) : data;
    header[name] = { dtype: short ? "F16" : "F32", shape, data_offsets: [offset, offset + bytes.byteLength] };
    offset += bytes.byteLength;
    raw.push(bytes);
  }
  for (const [name, bytes] of Object.entries(packed)) {
    header[name] = { dtype: "U8", shape: [bytes.length], data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
    raw.push(bytes);
  }
  let json = JSON.stringify(header);
  // The tensors begin at a multiple of eight, as the format asks.
  json += " ".repeat((8 - new TextEncoder().encode(json).length % 8) % 8);
  const head = new TextEncoder().encode(json);
  const out = new Uint8Array(8 + head.length + offset);
  new DataView(out.buffer).setBigUint64(0, BigInt(head.length), true);
  out.set(head, 8);
  let at = 8 + head.length;
  for (const data of raw) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return out;
}

/** @throws Error that says what is wrong with a file that is no safetensors file, is cut off, or holds weights that are no numbers. */
export function decode(bytes: Uint8Array, name = "model"): Tensors {
  const fail = (what: string) => new Error(`${name} is not a whole safetensors file: ${what}`);
  if (bytes.length < 8) throw fail(`it has ${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > bytes.length - 8) throw fail(`its header claims ${length} bytes of ${bytes.length}`);
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  } catch (e) {
    throw fail(`its header is no JSON (${(e as Error).message})`);
  }
  if (typeof header !== "object" || header === null) throw fail("its header is no object");
  const isSizes = (v: unknown): v is number[] => Array.isArray(v) && v.every((n) => Number.isInteger(n) && n >= 0);
  const tensors: Tensors["tensors"] = {};
  const packed: Record<string, Uint8Array> = {};
  const sizes: Record<string, number> = { F32: 4, F16: 2, U8: 1 };
  for (const [key, value] of Object.entries(header)) {
    if (key === "__metadata__") continue;
    const { dtype, shape, data_offsets: place } = (value ?? {}) as Record<string, unknown>;
    if (typeof dtype !== "string" || !Object.hasOwn(sizes, dtype)) {
      throw fail(`tensor ${key} is ${dtype}, F32, F16 and U8 are known`);
    }
    if (!isSizes(shape) || !isSizes(place) || place.length !== 2) throw fail(`tensor ${key} is not described`);
    const [from, to] = place;
    if (to > bytes.length - 8 - length || (to - from) !== sizes[dtype] * shape.reduce((a, b) => a * b, 1)) {
      throw fail(`tensor ${key} does not fit its place`);
    }
    const own = bytes.slice(8 + length + from, 8 + length + to).buffer;
    if (dtype === "U8") {
      packed[key] = new Uint8Array(own);
      continue;
    }
    const data = dtype === "F32" ? new Float32Array(own) : Float32Array.from(new Float16Array(own));
    const odd = data.findIndex((v) => !Number.isFinite(v));
    if (odd >= 0) {
      throw new Error(`${name}: tensor ${key} holds ${data[odd]} at ${odd}: it comes from a run that diverged`);
    }
    tensors[key] = { shape, data };
  }
  return { metadata: (header.__metadata__ ?? {}) as Record<string, string>, tensors, packed };
}
