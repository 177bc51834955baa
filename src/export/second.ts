/**
 * Two line nets in one file, for looks that err apart: the second is what its weights differ by from the first's, four bits a weight.
 * `crates/net/src/second.rs` says how the bytes are laid out, and takes them apart.
 */
import { ScrawlError } from "../errors.ts";
import { decode, encode } from "../safetensors.ts";

/** Name of the tensor of bytes in the file. */
const SECOND = "second";
/** What both nets must have in common. */
const SHARED = ["task", "alphabet", "kinds", "contract", "layers"];
/** Steps of four bits, from -8 to 7. */
const [LOWEST, HIGHEST] = [-8, 7];
/** Scales that are tried, as shares of the one that holds the largest difference: the one that loses least is taken. */
const SCALES = [1, 0.85, 0.7, 0.6];

/** A line model with a second net beside its own, in place of the one that it has. @throws ScrawlError where they do not go together. */
export function withSecond(first: Uint8Array, second: Uint8Array, names: [string, string]): Uint8Array {
  const [a, b] = [decode(first, names[0]), decode(second, names[1])];
  const differs = SHARED.find((key) => a.metadata[key] !== b.metadata[key]);
  if (a.metadata.task !== "line" || differs) {
    const why = differs ? `they differ in their ${differs}` : "they are no line nets";
    throw new ScrawlError("arguments", `${names[0]} and ${names[1]} are no pair: ${why}`);
  }
  const parts = Object.keys(a.tensors).sort().map((name) => {
    const { shape, data } = a.tensors[name];
    const other = b.tensors[name]?.data;
    if (other?.length !== data.length) {
      throw new ScrawlError("arguments", `${names[1]} has no tensor ${name} of ${data.length} values`);
    }
    const differences = data.map((v, i) => other[i] - v);
    return shape.length > 1 ? inFourBits(differences, shape[shape.length - 1]) : bytesOf(new Float16Array(differences));
  });
  const bytes = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return encode({ ...a, packed: { ...a.packed, [SECOND]: bytes } }, true);
}

function bytesOf(values: Float16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** A scale for each index of the last axis, then the steps of all values, the lower half of a byte first. */
function inFourBits(values: Float32Array, channels: number): Uint8Array {
  const scales = new Float16Array(channels);
  for (let c = 0; c < channels; c++) {
    let most = 0;
    for (let i = c; i < values.length; i += channels) most = Math.max(most, Math.abs(values[i]));
    let least = Infinity;
    for (const share of SCALES) {
      const scale = Math.f16round(share * most / HIGHEST);
      let lost = 0;
      for (let i = c; i < values.length; i += channels) lost += (step(values[i], scale) * scale - values[i]) ** 2;
      if (lost < least) [least, scales[c]] = [lost, scale];
    }
  }
  const out = new Uint8Array(2 * channels + Math.ceil(values.length / 2));
  out.set(bytesOf(scales));
  values.forEach((v, i) => out[2 * channels + (i >> 1)] |= (step(v, scales[i % channels]) - LOWEST) << (4 * (i % 2)));
  return out;
}

function step(value: number, scale: number): number {
  return scale === 0 ? 0 : Math.max(LOWEST, Math.min(HIGHEST, Math.round(value / scale)));
}
