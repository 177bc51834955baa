/** The middle of some values. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

/** Largest distance from the median, as a share of it. */
export function spread(values: number[]): number {
  const m = median(values);
  return Math.max(...values.map((v) => Math.abs(v - m))) / m;
}
