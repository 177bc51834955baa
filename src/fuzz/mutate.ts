/** Mutations of real files: of bytes, of blocks, and of what looks like a length or a size field. All follow from the generator's seed. */

/** xorshift32 (Marsaglia 2003). */
export class Generator {
  constructor(private state: number) {
    this.state = (Math.imul(state ^ 0x9e3779b9, 0x85ebca6b) >>> 0) || 1;
  }
  below(n: number): number {
    this.state ^= this.state << 13;
    this.state >>>= 0;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    this.state >>>= 0;
    return n > 0 ? this.state % n : 0;
  }
  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)];
  }
}

/** Values that break size arithmetic. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
/** Words that steer a PDF parser. */
const PDF_WORDS = [
  "/Length",
  "/Kids",
  "/Parent",
  "/Filter",
  "/Width",
  "/Height",
  "/MediaBox",
  "/Rotate",
  "endobj",
  "stream",
  "xref",
  "R",
];

function setNumber(out: Uint8Array, at: number, value: number, bytes: number, little: boolean): void {
  for (let i = 0; i < bytes; i++) {
    const shift = 8 * (little ? i : bytes - 1 - i);
    if (at + i < out.length) out[at + i] = Math.floor(value / 2 ** shift) & 0xff;
  }
}

/** Places that hold structure: the head, and what follows the markers, chunk names and keys of the known formats. */
function structural(bytes: Uint8Array, g: Generator): number {
  if (g.below(3) === 0) return g.below(Math.min(64, bytes.length));
  const start = g.below(bytes.length);
  for (let i = start; i < Math.min(bytes.length - 4, start + 4096); i++) {
    const letters = [0, 1, 2, 3].every((k) => /[A-Za-z]/.test(String.fromCharCode(bytes[i + k])));
    if (letters || (bytes[i] === 0xff && bytes[i + 1] >= 0xc0 && bytes[i + 1] !== 0xff)) return i + g.below(12);
  }
  return start;
}

/** A changed copy of `bytes`: one to four mutations. */
export function mutate(bytes: Uint8Array, others: Uint8Array[], g: Generator): Uint8Array {
  let out = bytes.slice();
  for (let n = 1 + g.below(4); n > 0 && out.length > 4; n--) {
    const at = Math.min(structural(out, g), out.length - 1);
    switch (g.below(8)) {
      case 0:
        out[at] ^= 1 << g.below(8);
        break;
      case 1:
        out[g.below(out.length)] = g.below(256);
        break;
      case 2:
        setNumber(out, at, g.pick(EDGES), g.pick([1, 2, 4]), g.below(2) === 0);
        break;
      case 3:
        out = out.slice(0, g.below(out.length));
        break;
      case 4: {
        // A block is taken out, or stands twice.
        const length = g.below(Math.min(512, out.length));
        const rest = g.below(2) === 0 ? out.subarray(at + length) : out.subarray(at);
        const joined = new Uint8Array(Math.min(at, out.length) + rest.length);
        joined.set(out.subarray(0, at));
        joined.set(rest, Math.min(at, out.length));
        out = joined;
        break;
      }
      case 5: {
        const other = g.pick(others);
        const length = g.below(Math.min(256, other.length));
        out.set(other.subarray(g.below(other.length), undefined).subarray(0, Math.min(length, out.length - at)), at);
        break;
      }
      case 6: {
        const word = new TextEncoder().encode(` ${g.pick(PDF_WORDS)} ${g.pick(EDGES)} `);
        out.set(word.subarray(0, Math.max(0, out.length - at)), Math.min(at, out.length));
        break;
      }
      default: {
        // Digits written out, as in PDF and JSON headers.
        for (let i = at; i < Math.min(out.length, at + 200); i++) {
          if (out[i] >= 48 && out[i] <= 57) {
            out[i] = 48 + g.below(10);
            break;
          }
        }
      }
    }
  }
  return out;
}
