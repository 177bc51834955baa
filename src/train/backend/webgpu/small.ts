/** Small programs over single values: dropout, the gradient of ReLU, bytes to numbers, sums over leading axes. */
import type * as tf from "@tensorflow/tfjs";
import type { GpuBackend } from "./backend.ts";
import { columnSums } from "./columns.ts";
import { elementwise, fold, lanes, program, WIDE } from "./program.ts";

const sizeOf = (t: tf.TensorInfo) => t.shape.reduce((a, v) => a * v, 1);

/** Dropout by the hash of the Rust kernel, so that the same seed drops the same values on every backend. */
export function dropout(b: GpuBackend, x: tf.TensorInfo, keep: number, seed: number): tf.TensorInfo {
  const y = b.output(x.shape);
  const p = program("dropout", () =>
    elementwise(
      "dropout",
      ["x: read f32", "y: read_write f32"],
      ["seed: u32", "limit: u32", "scale: f32"],
      `  var h = (i * 0x9e3779b9u) ^ p.seed;
  h = (h ^ (h >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  h ^= h >> 16u;
  y[i] = select(0.0, x[i] * p.scale, h <= p.limit);`,
    ));
  const size = sizeOf(x);
  const limit = Math.floor(Math.fround(keep) * 0xffffffff);
  b.run(p, [b.buffer(x), b.buffer(y)], [size, seed >>> 0, limit, 1 / keep], fold(Math.ceil(size / WIDE)), {
    lasting: false,
  });
  return y;
}

/** `dy` where the output `y` of ReLU is greater than zero. */
export function reluGrad(b: GpuBackend, dy: tf.TensorInfo, y: tf.TensorInfo): tf.TensorInfo {
  const dx = b.output(y.shape);
  const { type, width } = lanes(sizeOf(y));
  const p = program(`relu gradient ${width}`, () =>
    elementwise(
      "ReLU gradient",
      [`dy: read ${type}`, `y: read ${type}`, `dx: read_write ${type}`],
      [],
      `  dx[i] = select(${type}(), dy[i], y[i] > ${type}());`,
    ));
  const size = sizeOf(y) / width;
  b.run(p, [dy, y, dx].map((t) => b.buffer(t)), [size], fold(Math.ceil(size / WIDE)));
  return dx;
}

/** A tensor of 0..1 out of bytes 0..255. */
export function unpack(b: GpuBackend, bytes: Uint8Array, shape: number[]): tf.TensorInfo {
  const y = b.output(shape);
  const from = b.upload(bytes);
  const p = program("bytes", () =>
    elementwise(
      "bytes to numbers",
      ["x: read u32", "y: read_write f32"],
      [],
      "  y[i] = f32((x[i / 4u] >> (i % 4u * 8u)) & 255u) / 255.0;",
    ));
  b.run(p, [from, b.buffer(y)], [bytes.length], fold(Math.ceil(bytes.length / WIDE)));
  b.release(from);
  return y;
}

/** Sum over the leading axes, times `scale`: of `[rows][c]` to `shape`, which has `c` values. */
export function sumRows(b: GpuBackend, x: GPUBuffer, rows: number, shape: number[], scale = 1): tf.TensorInfo {
  const y = b.output(shape);
  columnSums(
    b,
    {
      name: "sum over rows",
      key: "sum",
      inputs: ["x"],
      terms: (i) => [`x[${i}]`],
      ends: ["y: read_write f32"],
      params: ["scale: f32"],
      end: "    y[column] = s0 * p.scale;",
    },
    rows,
    Math.max(1, sizeOf(y)),
    [x],
    [b.buffer(y)],
    [scale],
  );
  return y;
}

/** Whole numbers or truths as floating-point numbers. */
export function toFloat(b: GpuBackend, x: tf.TensorInfo): tf.TensorInfo {
  const y = b.output(x.shape);
  const p = program(
    "to float",
    () => elementwise("cast", ["x: read i32", "y: read_write f32"], [], "  y[i] = f32(x[i]);"),
  );
  const size = sizeOf(x);
  b.run(p, [x, y].map((t) => b.buffer(t)), [size], fold(Math.ceil(size / WIDE)));
  return y;
}
