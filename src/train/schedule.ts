/** Learning rate over the share of training done, 0..1. */
export type Schedule =
  /** Linear to `peak` at `at`, then half a cosine to zero (Smith and Topin 2018). */
  | { kind: "one-cycle"; peak: number; at: number }
  /** The same rate all along. */
  | { kind: "constant"; rate: number };

export function rateAt(schedule: Schedule, share: number): number {
  if (schedule.kind === "constant") return schedule.rate;
  const { peak, at } = schedule;
  if (share < at) return peak * (0.02 + 0.98 * share / at);
  return peak * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, (share - at) / (1 - at))));
}
