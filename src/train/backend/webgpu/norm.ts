/** Batch normalisation in training over the rows of `[rows][c]`, with ReLU, and its gradient. The sums go in two passes, as in the Rust kernels. */
import type * as tf from "@tensorflow/tfjs";
import type { GpuBackend } from "./backend.ts";
import { columnSums } from "./columns.ts";
import { elementwise, fold, lanes, program, WIDE } from "./program.ts";

/** `gamma / deviation` and what is added: the output before ReLU is `x * scale + shift`. */
export interface NormResult {
  y: tf.TensorInfo;
  mean: tf.TensorInfo;
  variance: tf.TensorInfo;
  scale: tf.TensorInfo;
  shift: tf.TensorInfo;
}

export function batchNorm(
  b: GpuBackend,
  x: tf.TensorInfo,
  gamma: tf.TensorInfo,
  beta: tf.TensorInfo,
  epsilon: number,
  relu: boolean,
): NormResult {
  const c = x.shape[x.shape.length - 1];
  const size = x.shape.reduce((a, v) => a * v, 1);
  const [y, mean, variance, scale, shift] = [x.shape, [c], [c], [c], [c]].map((s) => b.output(s));
  const at = (t: tf.TensorInfo) => b.buffer(t);
  columnSums(
    b,
    {
      name: "norm: mean",
      key: "norm mean",
      inputs: ["x"],
      terms: (i) => [`x[${i}]`],
      ends: ["mean: read_write f32"],
      params: [],
      end: "    mean[column] = s0 / f32(p.rows);",
    },
    size / c,
    c,
    [at(x)],
    [at(mean)],
  );
  columnSums(
    b,
    {
      name: "norm: variance",
      key: "norm variance",
      inputs: ["x", "mean"],
      terms: (i) => [`(x[${i}] - mean[column]) * (x[${i}] - mean[column])`],
      ends: [
        "mean: read f32",
        "gamma: read f32",
        "beta: read f32",
        "variance: read_write f32",
        "scale: read_write f32",
        "shift: read_write f32",
      ],
      params: ["epsilon: f32"],
      end: `    let v = s0 / f32(p.rows);
    let k = gamma[column] / sqrt(v + p.epsilon);
    variance[column] = v; scale[column] = k; shift[column] = beta[column] - mean[column] * k;`,
    },
    size / c,
    c,
    [at(x), at(mean)],
    [mean, gamma, beta, variance, scale, shift].map(at),
    [epsilon],
  );
  affine(b, x, scale, shift, y, relu);
  return { y, mean, variance, scale, shift };
}

/** `y = x * scale + shift` along the last axis, with ReLU if asked. */
export function affine(
  b: GpuBackend,
  x: tf.TensorInfo,
  scale: tf.TensorInfo,
  shift: tf.TensorInfo,
  y: tf.TensorInfo,
  relu: boolean,
): void {
  const c = x.shape[x.shape.length - 1];
  const size = x.shape.reduce((a, v) => a * v, 1);
  const { type, width } = lanes(c);
  const p = program(`affine ${c} ${relu}`, () =>
    elementwise(
      "norm: scale and shift",
      [`x: read ${type}`, `scale: read ${type}`, `shift: read ${type}`, `y: read_write ${type}`],
      [],
      `  let k = i % ${c / width}u; let v = x[i] * scale[k] + shift[k];
  y[i] = ${relu ? `max(v, ${type}())` : "v"};`,
    ));
  b.run(p, [x, scale, shift, y].map((t) => b.buffer(t)), [size / width], fold(Math.ceil(size / width / WIDE)));
}

/** Gradients on input, gamma and beta. Where ReLU let nothing through is told from the input again, which saves reading the output. */
export function batchNormGrad(
  b: GpuBackend,
  dy: tf.TensorInfo,
  x: tf.TensorInfo,
  gamma: tf.TensorInfo,
  n: Omit<NormResult, "y">,
  epsilon: number,
  relu: boolean,
): [dx: tf.TensorInfo, dgamma: tf.TensorInfo, dbeta: tf.TensorInfo] {
  const c = x.shape[x.shape.length - 1];
  const size = x.shape.reduce((a, v) => a * v, 1);
  const { type, width } = lanes(c);
  const [dx, dgamma, dbeta] = [x.shape, [c], [c]].map((s) => b.output(s));
  const coefficients = [0, 1, 2].map(() => b.scratch(4 * c));
  const passed = (i: string, column: string) =>
    relu ? `select(${type}(), dy[${i}], x[${i}] * scale[${column}] + shift[${column}] > ${type}())` : `dy[${i}]`;
  const inputs = ["dy", "x", "mean", ...relu ? ["scale", "shift"] : []];
  const from = [dy, x, n.mean, ...relu ? [n.scale, n.shift] : []];
  columnSums(
    b,
    {
      name: "norm: sums of the gradient",
      key: `norm gradient ${relu}`,
      inputs,
      terms: (i) => [passed(i, "column"), `${passed(i, "column")} * (x[${i}] - mean[column])`],
      ends: [
        "mean: read f32",
        "variance: read f32",
        "gamma: read f32",
        ...["dgamma", "dbeta", "ka", "kb", "kd"].map((v) => `${v}: read_write f32`),
      ],
      params: ["epsilon: f32"],
      // dx = gamma / deviation * (g - dbeta / rows - normalised * dgamma / rows), as ka * g - kb * x - kd.
      end: `    let inverse = 1.0 / sqrt(variance[column] + p.epsilon); let rows = f32(p.rows);
    let a = gamma[column] * inverse; let g = s1 * inverse; let k = a * inverse * g / rows;
    dgamma[column] = g; dbeta[column] = s0; ka[column] = a; kb[column] = k; kd[column] = a * s0 / rows - k * mean[column];`,
    },
    size / c,
    c,
    from.map((t) => b.buffer(t)),
    [...[n.mean, n.variance, gamma, dgamma, dbeta].map((t) => b.buffer(t)), ...coefficients],
    [epsilon],
  );
  const p = program(`norm input gradient ${c} ${relu}`, () =>
    elementwise(
      "norm: input gradient",
      [
        ...["dy", "x", ...relu ? ["scale", "shift"] : [], "ka", "kb", "kd"].map((v) => `${v}: read ${type}`),
        `dx: read_write ${type}`,
      ],
      [],
      `  let k = i % ${c / width}u; let g = ${passed("i", "k")};
  dx[i] = ka[k] * g - kb[k] * x[i] - kd[k];`,
    ));
  const buffers = [dy, x, ...relu ? [n.scale, n.shift] : []].map((t) => b.buffer(t));
  b.run(p, [...buffers, ...coefficients, b.buffer(dx)], [size / width], fold(Math.ceil(size / width / WIDE)));
  b.release(...coefficients);
  return [dx, dgamma, dbeta];
}
