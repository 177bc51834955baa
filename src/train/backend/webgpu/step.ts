/** One flat optimizer step: weights, moments and averaged weights are one array each, and a thread does all of one value. */
import type { OptimizerOptions } from "../../optimizer.ts";
import type { GpuBackend } from "./backend.ts";
import { elementwise, fold, program, WIDE } from "./program.ts";

/** Buffers of as many single values as the net has. */
export interface FlatValues {
  weights: GPUBuffer;
  gradients: GPUBuffer;
  /** One, or two for Adam. */
  slots: GPUBuffer[];
  average: GPUBuffer;
  /** Values, and how many of them, from the first on, decay. */
  size: number;
  decayed: number;
}

const AVERAGE = "  average[i] = p.keep * average[i] + (1.0 - p.keep) * w[i];";
const SHARED = ["decayed: u32", "rate: f32", "decay: f32", "keep: f32"];
const BUFFERS = ["w: read_write f32", "g: read f32", "average: read_write f32", "m: read_write f32"];

/** The updates of `crates/train/src/step.rs`; `keep` is the share that averaged weights keep. `step` counts from 1. */
export function applyStep(
  b: GpuBackend,
  o: OptimizerOptions,
  f: FlatValues,
  rate: number,
  keep: number,
  step: number,
): void {
  const groups = fold(Math.ceil(f.size / WIDE));
  const shared = [f.size, f.decayed, rate, o.decay, keep];
  const buffers = [f.weights, f.gradients, f.average, ...f.slots];
  if (o.kind === "nesterov") {
    const p = program("nesterov", () =>
      elementwise(
        "optimizer step",
        BUFFERS,
        [...SHARED, "momentum: f32"],
        `  let g = g[i] + select(0.0, p.decay, i < p.decayed) * w[i];
  let v = p.momentum * m[i] + g;
  m[i] = v;
  w[i] -= p.rate * (g + p.momentum * v);
${AVERAGE}`,
      ));
    b.run(p, buffers, [...shared, o.momentum], groups, { lasting: false });
    return;
  }
  const [beta1, beta2] = [o.beta1 ?? 0.9, o.beta2 ?? 0.999];
  const p = program("adam", () =>
    elementwise(
      "optimizer step",
      [...BUFFERS, "v: read_write f32"],
      [...SHARED, "beta1: f32", "beta2: f32", "epsilon: f32", "c1: f32", "c2: f32"],
      `  let first = p.beta1 * m[i] + (1.0 - p.beta1) * g[i];
  let second = p.beta2 * v[i] + (1.0 - p.beta2) * g[i] * g[i];
  m[i] = first; v[i] = second;
  w[i] -= p.rate * ((first / p.c1) / (sqrt(second / p.c2) + p.epsilon) + select(0.0, p.decay, i < p.decayed) * w[i]);
${AVERAGE}`,
    ));
  const corrections = [1 - beta1 ** step, 1 - beta2 ** step];
  b.run(p, buffers, [...shared, beta1, beta2, o.epsilon ?? 1e-7, ...corrections], groups, { lasting: false });
}

/** `to = keep * to + share * from`, value by value. */
export function follow(b: GpuBackend, to: GPUBuffer, from: GPUBuffer, size: number, keep: number, share: number): void {
  const p = program("follow", () =>
    elementwise(
      "running values",
      ["y: read_write f32", "x: read f32"],
      ["keep: f32", "share: f32"],
      "  y[i] = p.keep * y[i] + p.share * x[i];",
    ));
  b.run(p, [to, from], [size, keep, share], fold(Math.ceil(size / WIDE)));
}
