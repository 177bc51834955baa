/** Mutations of bytes that know nothing of a format: bits, numbers, blocks, ends. All follow from the generator's seed. */
import type { Generator } from "./generator.ts";

/** Values that break size arithmetic. */
export const EDGES = [
  0,
  1,
  2,
  7,
  0x7f,
  0x80,
  0xff,
  0x100,
  0x7fff,
  0x8000,
  0xffff,
  0x10000,
  0x7fffffff,
  0x80000000,
  0xffffffff,
];

export function joined(parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** Writes a number of 1, 2 or 4 bytes; what would stand behind the end is left out. */
export function setNumber(out: Uint8Array, at: number, value: number, bytes: number, little: boolean): void {
  for (let i = 0; i < bytes; i++) {
    const shift = 8 * (little ? i : bytes - 1 - i);
    if (at + i < out.length) out[at + i] = Math.floor(value / 2 ** shift) & 0xff;
  }
}

/** A changed copy: one to three mutations. */
export function mutateBytes(bytes: Uint8Array, others: Uint8Array[], g: Generator): Uint8Array {
  let out: Uint8Array = bytes.slice();
  for (let n = 1 + g.below(3); n > 0 && out.length > 4; n--) {
    // Heads hold the sizes.
    const at = g.once(3) ? g.below(Math.min(64, out.length)) : g.below(out.length);
    switch (g.below(6)) {
      case 0:
        out[at] ^= 1 << g.below(8);
        break;
      case 1:
        out[at] = g.below(256);
        break;
      case 2:
        setNumber(out, at, g.pick(EDGES), g.pick([1, 2, 4]), g.once(2));
        break;
      case 3:
        out = out.slice(0, g.below(out.length));
        break;
      case 4: {
        // A block is taken out, or stands twice.
        const length = g.below(Math.min(512, out.length - at));
        out = joined([out.subarray(0, at), g.once(2) ? out.subarray(at + length) : out.subarray(at)]);
        break;
      }
      default: {
        const other = g.pick(others);
        const from = g.below(other.length);
        out.set(other.subarray(from, from + Math.min(g.below(256), out.length - at)), at);
      }
    }
  }
  return out;
}

/** A list with parts that are changed, taken out, doubled or swapped. */
export function mutateList<T>(list: T[], g: Generator, change: (part: T) => T): T[] {
  const out = [...list];
  for (let n = 1 + g.below(3); n > 0 && out.length > 0; n--) {
    const at = g.below(out.length);
    switch (g.below(8)) {
      case 0:
        out.splice(at, 1);
        break;
      case 1:
        out.splice(g.below(out.length + 1), 0, out[at]);
        break;
      case 2: {
        const other = g.below(out.length);
        [out[at], out[other]] = [out[other], out[at]];
        break;
      }
      default:
        out[at] = change(out[at]);
    }
  }
  return out;
}
