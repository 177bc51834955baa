/** Softmax cross-entropy of rows, against distributions and against classes, each with its gradient. */
import type * as tf from "@tensorflow/tfjs";
import type { GpuBackend } from "./backend.ts";
import { elementwise, fold, program, WIDE } from "./program.ts";
import { sumRows } from "./small.ts";

/** Mean loss of `[rows][k]` logits against `target` of that shape, and its gradient. */
export function crossEntropy(
  b: GpuBackend,
  logits: tf.TensorInfo,
  target: tf.TensorInfo,
): [loss: tf.TensorInfo, grad: tf.TensorInfo] {
  const [rows, k] = logits.shape;
  const grad = b.output(logits.shape);
  const losses = b.scratch(4 * rows);
  const p = program(`cross entropy ${k}`, () =>
    elementwise(
      "cross-entropy",
      ["x: read f32", "wanted: read f32", "losses: read_write f32", "grad: read_write f32"],
      [],
      `  let at = i * ${k}u; var top = -3.4e38; var sum = 0.0; var weight = 0.0; var loss = 0.0;
  for (var j = 0u; j < ${k}u; j++) { top = max(top, x[at + j]); }
  for (var j = 0u; j < ${k}u; j++) { sum += exp(x[at + j] - top); weight += wanted[at + j]; }
  let norm = top + log(sum);
  for (var j = 0u; j < ${k}u; j++) {
    let v = x[at + j] - norm;
    loss -= wanted[at + j] * v;
    grad[at + j] = (exp(v) * weight - wanted[at + j]) / f32(p.size);
  }
  losses[i] = loss;`,
    ));
  b.run(p, [b.buffer(logits), b.buffer(target), losses, b.buffer(grad)], [rows], fold(Math.ceil(rows / WIDE)));
  const loss = sumRows(b, losses, rows, [], 1 / rows);
  b.release(losses);
  return [loss, grad];
}

/**
 * Cross-entropy of the last `classes` values of each row of `[rows][row]` against a class a row, 255 where it is unknown, each by
 * `weight`: losses behind the first `n` of `losses`, gradients in their place in `grad`.
 */
export function frameCrossEntropy(
  b: GpuBackend,
  logits: tf.TensorInfo,
  classes: number,
  known: Uint8Array,
  weight: number,
  n: number,
  losses: GPUBuffer,
  grad: GPUBuffer,
): void {
  const row = logits.shape[logits.shape.length - 1];
  const about = b.upload(known);
  const p = program(`frame cross entropy ${row} ${classes}`, () =>
    elementwise(
      "frame cross-entropy",
      ["x: read f32", "known: read u32", "losses: read_write f32", "grad: read_write f32"],
      ["n: u32", "weight: f32"],
      `  let at = i * ${row}u + ${row - classes}u; let code = (known[i / 4u] >> (i % 4u * 8u)) & 255u;
  let weight = select(p.weight, 0.0, code == 255u);
  var top = -3.4e38; var sum = 0.0; var loss = 0.0;
  for (var j = 0u; j < ${classes}u; j++) { top = max(top, x[at + j]); }
  for (var j = 0u; j < ${classes}u; j++) { sum += exp(x[at + j] - top); }
  let norm = top + log(sum);
  for (var j = 0u; j < ${classes}u; j++) {
    let v = x[at + j] - norm;
    grad[at + j] = weight * (exp(v) - select(0.0, 1.0, j == code));
    if (j == code) { loss = -weight * v; }
  }
  losses[p.n + i] = loss;`,
    ));
  b.run(
    p,
    [b.buffer(logits), about, losses, grad],
    [known.length, n, weight],
    fold(Math.ceil(known.length / WIDE)),
    { lasting: false },
  );
  b.release(about);
}
