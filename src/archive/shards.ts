/** Which inputs of a manifest are in which shard, and what a shard's files are called. */
import { ScrawlError } from "../errors.ts";

/** One of `of` parts, from 0. */
export interface Shard {
  index: number;
  of: number;
}

/** More would be files without number in one folder. */
const MOST_SHARDS = 1_000_000;

/** Reads `I/N`. @throws ScrawlError that shows how it is written. */
export function parseShard(text: string): Shard {
  const [, i, n] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const [index, of] = [Number(i), Number(n)];
  if (i === undefined || of < 1 || of > MOST_SHARDS) {
    throw new ScrawlError("arguments", `--shard ${text}: write which of how many, like 0/8 for the first of eight`);
  }
  if (index >= of) {
    throw new ScrawlError(
      "arguments",
      `--shard ${text}: shards are counted from 0, the last of ${of} is ${of - 1}/${of}`,
    );
  }
  return { index, of };
}

/** What the shard's files are called before their suffixes, so that they are in order by name. */
export function shardName({ index, of }: Shard): string {
  return `shard-${String(index).padStart(String(of).length, "0")}-of-${of}`;
}

/** The shard that a file's name is of, if it is of one. */
export function shardOf(name: string): Shard | undefined {
  const [, index, of] = /^shard-(\d+)-of-(\d+)\./.exec(name) ?? [];
  return index === undefined ? undefined : { index: Number(index), of: Number(of) };
}

/**
 * Parts inputs so that shards hold about as many bytes: the largest first, each to the shard that has the least (longest processing time
 * first; Graham, Bounds on Multiprocessing Timing Anomalies, 1969). The same sizes always give the same parts.
 * @returns the shard of each input.
 */
export function byBytes(sizes: ArrayLike<number>, of: number): Uint32Array {
  const order = Array.from({ length: sizes.length }, (_, i) => i).sort((a, b) => sizes[b] - sizes[a] || a - b);
  // A heap of shards, the one with the least bytes first.
  const bytes = new Float64Array(of);
  const heap = Uint32Array.from({ length: of }, (_, i) => i);
  const less = (a: number, b: number) => bytes[a] < bytes[b] || (bytes[a] === bytes[b] && a < b);
  const shards = new Uint32Array(sizes.length);
  for (const input of order) {
    const shard = shards[input] = heap[0];
    // Inputs without bytes cost their opening.
    bytes[shard] += sizes[input] + 1;
    for (let at = 0, child = 1; child < of; at = child, child = 2 * at + 1) {
      if (child + 1 < of && less(heap[child + 1], heap[child])) child++;
      if (!less(heap[child], shard)) break;
      [heap[at], heap[child]] = [heap[child], heap[at]];
    }
  }
  return shards;
}
