/** What reading an archive will take, from a sample of its pages. */

/** What is known of one input of the sample. */
export interface Sampled {
  /** Bytes of the file. */
  bytes: number;
  /** Pages that it has, and seconds of a core that one of them took; none where it cannot be read. */
  pages: number;
  seconds: number;
  /** Bytes of that page's record. */
  record: number;
}

/** A figure and where it lies with 95 % confidence, as far as the sample is like the rest. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

export interface Plan {
  inputs: number;
  /** Inputs of the sample, and those of them that cannot be read. */
  sampled: number;
  unreadable: number;
  pages: Estimate;
  secondsPerPage: number | null;
  coreHours: Estimate;
  /** Shards that take as long as is asked for on one core. */
  shards: number;
  minutes: number;
  /** Gigabytes (1e9 bytes) to read, and of records. */
  gigabytesIn: Estimate;
  gigabytesOut: Estimate;
}

/** 97.5 % quantile of the normal distribution. */
const Z = 1.96;

/** The sum over all inputs of what the sample has on average. */
function total(values: number[], inputs: number): Estimate {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const variance = n > 1 ? values.reduce((s, v) => s + (v - mean) ** 2, 0) / (n - 1) : 0;
  // What was sampled is known: nothing is uncertain where that is all.
  const error = Z * Math.sqrt(variance / n * Math.max(0, 1 - n / inputs));
  const scaled = (v: number) => Number((v * inputs).toPrecision(4));
  return { value: scaled(mean), low: scaled(Math.max(0, mean - error)), high: scaled(mean + error) };
}

const scale = (e: Estimate, by: number): Estimate => {
  const scaled = (v: number) => Number((v * by).toPrecision(4));
  return { value: scaled(e.value), low: scaled(e.low), high: scaled(e.high) };
};

/** @param inputs of the manifest. @param minutes that a shard is to take on one core. */
export function planOf(sample: Sampled[], inputs: number, minutes: number): Plan {
  const pages = total(sample.map((s) => s.pages), inputs);
  // A file is taken to have all its pages like the one that was read.
  const seconds = total(sample.map((s) => s.pages * s.seconds), inputs);
  return {
    inputs,
    sampled: sample.length,
    unreadable: sample.filter((s) => s.pages === 0).length,
    pages,
    secondsPerPage: pages.value > 0 ? Number((seconds.value / pages.value).toFixed(3)) : null,
    coreHours: scale(seconds, 1 / 3600),
    shards: Math.min(inputs, Math.max(1, Math.ceil(seconds.value / 60 / minutes))),
    minutes,
    gigabytesIn: scale(total(sample.map((s) => s.bytes), inputs), 1e-9),
    gigabytesOut: scale(total(sample.map((s) => s.pages * s.record), inputs), 1e-9),
  };
}

/** A number from 0 to below 1 for each call, the same for the same seed (Marsaglia, Xorshift RNGs, 2003, of 32 bits). */
export function randomOf(seed: number): () => number {
  let state = (seed * 0x9e3779b1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state / 2 ** 32;
  };
}

/** `count` different numbers below `all`, or all of them, in ascending order (Floyd's method; Bentley, Programming Pearls, 1987). */
export function chosen(count: number, all: number, random: () => number): number[] {
  const out = new Set<number>();
  for (let last = Math.max(0, all - count); last < all; last++) {
    const at = Math.floor(random() * (last + 1));
    out.add(out.has(at) ? last : at);
  }
  return [...out].sort((a, b) => a - b);
}
