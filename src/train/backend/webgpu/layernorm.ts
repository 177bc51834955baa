/** Normalisation of each row of `[rows][c]` by its own mean and variance, and its gradient; a workgroup a row. */
import type * as tf from "@tensorflow/tfjs";
import type { GpuBackend } from "./backend.ts";
import { columnSums, halves } from "./columns.ts";
import { FLAT_GROUP, fold, program, type Spec } from "./program.ts";

/** As in `crates/net/src/layernorm.rs`. */
const EPSILON = 1e-5;
const THREADS = 64;

/** WGSL: `name` becomes the sum of `value`s over the row's indices `i`. */
const sum = (name: string, value: string) =>
  `  part = 0.0;
  for (var i = thread; i < p.c; i += ${THREADS}u) { part += ${value}; }
  m[thread] = part;
${
    halves(THREADS).map((h) => `  workgroupBarrier(); if (thread < ${h}u) { m[thread] += m[thread + ${h}u]; }`)
      .join("\n")
  }
  workgroupBarrier();
  let ${name} = m[0];
  workgroupBarrier();`;

const row = (name: string, buffers: string[], body: string): Spec => ({
  name,
  buffers,
  params: ["rows: u32", "c: u32"],
  size: [THREADS],
  outside: `var<workgroup> m: array<f32, ${THREADS}>;`,
  body: `  let row = ${FLAT_GROUP};
  if (row >= p.rows) { return; }
  let at = row * p.c; let c = f32(p.c);
  var part = 0.0;
${sum("total", "x[at + i]")}
  let mean = total / c;
${sum("squares", "(x[at + i] - mean) * (x[at + i] - mean)")}
  let inverse = 1.0 / sqrt(squares / c + ${EPSILON});
${body}`,
});

export function layerNorm(b: GpuBackend, x: tf.TensorInfo, scale: tf.TensorInfo, shift: tf.TensorInfo): tf.TensorInfo {
  const c = scale.shape[0];
  const rows = x.shape.reduce((a, v) => a * v, 1) / c;
  const y = b.output(x.shape);
  const p = program("layer norm", () =>
    row(
      "layer norm",
      ["x: read f32", "scale: read f32", "shift: read f32", "y: read_write f32"],
      `  for (var i = thread; i < p.c; i += ${THREADS}u) {
    y[at + i] = (x[at + i] - mean) * inverse * scale[i] + shift[i];
  }`,
    ));
  b.run(p, [x, scale, shift, y].map((t) => b.buffer(t)), [rows, c], fold(rows));
  return y;
}

/** Gradients of `x`, `scale` and `shift`. */
export function layerNormGrad(
  b: GpuBackend,
  x: tf.TensorInfo,
  scale: tf.TensorInfo,
  dy: tf.TensorInfo,
): tf.TensorInfo[] {
  const c = scale.shape[0];
  const rows = x.shape.reduce((a, v) => a * v, 1) / c;
  const [dx, dscale, dshift] = [x.shape, [c], [c]].map((s) => b.output(s));
  const moments = b.scratch(8 * rows);
  const p = program("layer norm gradient", () =>
    row(
      "layer norm gradient",
      ["x: read f32", "scale: read f32", "dy: read f32", "dx: read_write f32", "moments: read_write f32"],
      `${sum("slopes", "dy[at + i] * scale[i]")}
${sum("along", "dy[at + i] * scale[i] * (x[at + i] - mean)")}
  for (var i = thread; i < p.c; i += ${THREADS}u) {
    let d = x[at + i] - mean;
    dx[at + i] = inverse * (dy[at + i] * scale[i] - slopes / c - d * inverse * inverse * along / c);
  }
  if (thread == 0u) { moments[2u * row] = mean; moments[2u * row + 1u] = inverse; }`,
    ));
  b.run(p, [...[x, scale, dy, dx].map((t) => b.buffer(t)), moments], [rows, c], fold(rows));
  columnSums(
    b,
    {
      name: "layer norm gradient",
      key: "layer norm gradient",
      inputs: ["x", "dy", "moments: f32"],
      terms: (i) => [`dy[${i}] * (x[${i}] - moments[2u * r]) * moments[2u * r + 1u]`, `dy[${i}]`],
      ends: ["dscale: read_write f32", "dshift: read_write f32"],
      params: [],
      end: "    dscale[column] = s0; dshift[column] = s1;",
    },
    rows,
    c,
    [b.buffer(x), b.buffer(dy), moments],
    [b.buffer(dscale), b.buffer(dshift)],
  );
  b.release(moments);
  return [dx, dscale, dshift];
}
