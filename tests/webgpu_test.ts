/** The programs of the `webgpu` backend against the Rust kernels, at odd shapes, gradients too. Without an adapter they are skipped. */
import { assert } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { registerRust } from "../src/train/backend/mod.ts";
import * as fused from "../src/train/backend/fused.ts";
import * as frames from "../src/train/backend/frames.ts";
import * as maps from "../src/train/backend/maps.ts";
import { type GpuBackend, registerWebGpu } from "../src/train/backend/webgpu/mod.ts";

const rust = await registerRust();
const opened = await registerWebGpu().catch((e: Error) => e);
const gpu = opened as GpuBackend;
const ignore = opened instanceof Error;
if (ignore) console.log(`The tests of WebGPU are skipped: ${(opened as Error).message}`);

/** Differences are measured by the size of the value and of the mean one. */
function near(name: string, got: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number) {
  assert(got.length === wanted.length, `${name}: ${got.length} and ${wanted.length} values`);
  let mean = 0;
  for (let i = 0; i < wanted.length; i++) mean += Math.abs(wanted[i]) / wanted.length;
  for (let i = 0; i < wanted.length; i++) {
    const error = Math.abs(got[i] - wanted[i]);
    assert(error <= tolerance * (mean + Math.abs(wanted[i])), `${name}[${i}]: ${got[i]}, wanted is ${wanted[i]}`);
  }
}

/** The same computation on both backends. */
function both(name: string, f: () => tf.Tensor[], tolerance = 1e-4) {
  Deno.test({
    name: `webgpu: ${name}`,
    ignore,
    sanitizeResources: false,
    sanitizeOps: false,
    async fn() {
      const values: ArrayLike<number>[][] = [];
      for (const backend of ["rust", "webgpu"]) {
        await tf.setBackend(backend);
        const tensors = tf.tidy(f);
        values.push(await Promise.all(tensors.map((t) => t.data())));
        tf.dispose(tensors);
      }
      gpu.check();
      values[0].forEach((wanted, i) => near(`${name}, output ${i}`, values[1][i], wanted, tolerance));
    },
  });
}

const x = (shape: number[], seed: number) => tf.truncatedNormal(shape, 0, 1, "float32", seed);

type Shape = [number, number, number, number];
const CONVS: [string, Shape, [number, number, number], [number, number], "same" | "valid"][] = [
  ["3x3 of one channel", [2, 9, 7, 1], [3, 3, 32], [1, 1], "same"],
  ["3x3 of three channels", [2, 9, 7, 3], [3, 3, 10], [1, 1], "same"],
  ["3x3 valid", [2, 8, 11, 5], [3, 3, 16], [1, 1], "valid"],
  ["3x3 of whole vectors", [2, 7, 6, 8], [3, 3, 12], [1, 1], "same"],
  ["3x3 of several tiles", [3, 9, 13, 20], [3, 3, 136], [1, 1], "same"],
  ["1x1", [3, 4, 5, 9], [1, 1, 13], [1, 1], "same"],
  ["1x5 line", [2, 1, 23, 8], [1, 5, 12], [1, 1], "same"],
  ["2x3 stride 2,1", [2, 2, 17, 6], [2, 3, 8], [2, 1], "same"],
  ["5x5 stride 2", [1, 11, 13, 2], [5, 5, 7], [2, 2], "same"],
  ["3x3 stride 2 valid", [2, 10, 9, 4], [3, 3, 8], [2, 2], "valid"],
  ["2x2 over many pixels", [2, 27, 31, 4], [2, 2, 4], [1, 1], "same"],
];
for (const [name, shape, [kh, kw, oc], strides, pad] of CONVS) {
  both(`convolution and both gradients: ${name}`, () => {
    const [input, filter] = [x(shape, 1) as tf.Tensor4D, x([kh, kw, shape[3], oc], 2) as tf.Tensor4D];
    const f = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad);
    const y = f(input, filter);
    return [y, ...tf.grads(f)([input, filter], x(y.shape, 3))];
  });
}

for (const [m, k, n] of [[7, 5, 9], [33, 12, 24], [130, 40, 200]]) {
  both(`matrix product ${m} x ${k} x ${n}`, () => [
    tf.matMul(x([m, k], 1), x([k, n], 2)),
    tf.matMul(x([k, m], 1), x([k, n], 2), true, false),
    tf.matMul(x([m, k], 1), x([n, k], 2), false, true),
    tf.matMul(x([k, m], 1), x([n, k], 2), true, true),
  ]);
}

both("matrix products in batches", () => [
  tf.matMul(x([3, 2, 9, 8], 1), x([3, 2, 8, 12], 2)),
  tf.matMul(x([3, 9, 8], 1), x([3, 7, 8], 2), false, true),
  tf.matMul(x([1, 9, 8], 1), x([3, 8, 5], 2)),
]);

both("convolution with bias and ReLU", () => {
  const f = (a: tf.Tensor, w: tf.Tensor, bias: tf.Tensor) =>
    fused.conv(a as tf.Tensor4D, w as tf.Tensor4D, bias as tf.Tensor1D, [1, 1], "same", true);
  const inputs = [x([2, 5, 7, 6], 1), x([3, 3, 6, 10], 2), x([10], 3)];
  const y = f(inputs[0], inputs[1], inputs[2]);
  return [y, ...tf.grads(f)(inputs, x(y.shape, 4))];
});

for (const [shape, relu] of [[[3, 5, 7, 12], true], [[2, 3, 4, 5], false], [[2, 40, 37, 3], true]] as const) {
  both(`batch norm over ${shape}${relu ? " with ReLU" : ""}`, () => {
    const inputs = [x([...shape], 1), x([shape[3]], 2), x([shape[3]], 3)];
    let statistics: tf.Tensor[] = [];
    const f = (a: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => {
      const n = fused.batchNorm(tf.add(tf.mul(a, 3), 2), gamma, beta, 1e-3, relu);
      statistics = [n.mean, n.variance];
      return n.y;
    };
    const y = f(inputs[0], inputs[1], inputs[2]);
    return [y, ...statistics, ...tf.grads(f)(inputs, x(y.shape, 4))];
  });
}

const POOLS: [Shape, [number, number], [number, number], "same" | "valid"][] = [
  [[2, 8, 7, 5], [2, 2], [2, 2], "valid"],
  [[2, 9, 6, 8], [2, 1], [2, 1], "valid"],
  [[1, 7, 9, 4], [3, 3], [2, 2], "same"],
];
for (const [shape, size, strides, pad] of POOLS) {
  both(`max pool ${size} by ${strides} ${pad}, with equal values`, () => {
    const input = tf.round(tf.mul(x(shape, 1), 2));
    const f = (a: tf.Tensor) => tf.maxPool(a as tf.Tensor4D, size, strides, pad);
    const y = f(input);
    return [y, tf.grad(f)(input, x(y.shape, 2))];
  });
}

both("sums over leading axes", () => {
  const a = x([37, 5, 6], 1);
  return [tf.sum(a, 0), tf.sum(a, [0, 1], true), tf.mean(a, [0, 1]), tf.sum(a), tf.mean(x([3000, 3], 2), 0)];
});

both("dropout drops the same values", () => {
  const f = (a: tf.Tensor) => fused.dropout(a, 0.3, 12345);
  return [f(x([7, 11, 3], 1)), tf.grad(f)(x([7, 11, 3], 1), x([7, 11, 3], 2))];
});

both("cross-entropy of distributions", () => {
  const wanted = tf.softmax(x([9, 10], 2)) as tf.Tensor2D;
  const f = (a: tf.Tensor) => fused.crossEntropy(a as tf.Tensor2D, wanted);
  const logits = tf.mul(x([9, 10], 1), 5);
  return [f(logits), tf.grad(f)(logits)];
});

/** Lines of random labels, some of which do not fit, weigh nothing or are empty. */
function lines(n: number, frames: number, k: number, longest: number) {
  let h = 7;
  const next = (most: number) => (h = (h * 1103515245 + 12345) & 0x7fffffff) % most;
  const labels = Array.from(
    { length: n },
    () => Uint32Array.from({ length: next(longest + 1) }, () => 1 + next(k - 1)),
  );
  labels[0] = new Uint32Array(longest).fill(1);
  labels[n - 1] = new Uint32Array();
  const weights = Float32Array.from(labels, (_, i) => i === 1 ? 0 : 0.25 + 0.5 * i);
  return { labels, weights, frames: Uint32Array.from(labels, (_, i) => frames - next(3) * (i % 2)) };
}

for (const [n, frames, k, longest] of [[4, 9, 5, 4], [5, 40, 11, 19], [3, 100, 30, 60]]) {
  both(`CTC of ${longest} characters in ${frames} frames, with the class of each frame`, () => {
    const wanted = lines(n, frames, k, longest);
    const of = Uint8Array.from({ length: n * frames }, (_, i) => i % 3 === 0 ? 255 : i % 4);
    const f = (a: tf.Tensor) => fused.ctcLoss(a as tf.Tensor3D, wanted, rust.runtime, { classes: 4, of, weight: 0.5 });
    const logits = tf.mul(x([n, frames, k + 4], 1), 4);
    return [f(logits), tf.grad(f)(logits)];
  });
}

/** Two widths: of whole vectors and of single values. Whole numbers make several maxima. */
for (const c of [8, 7]) {
  const inputs = () =>
    [[2, 3, 5, c], [2, 3, 5, c], [2, 3, 5, 4], [2, 2 * c]].map((s, i) => tf.round(tf.mul(x(s, 20 + i), 2)));
  const operations: Record<string, [number[], (...t: tf.Tensor[]) => tf.Tensor]> = {
    "sum of maps": [[0, 1], (a, b) => maps.add(a, b, false)],
    "sum of maps with ReLU": [[0, 1], (a, b) => maps.add(a, b, true)],
    "concatenation": [[0, 2], (a, b) => maps.concat(a as tf.Tensor4D, b as tf.Tensor4D)],
    "upsampling": [[0], (a) => maps.upsample(a as tf.Tensor4D, 3)],
    "context pool": [[0], (a) => maps.contextPool(a as tf.Tensor4D)],
    "context gate": [[0, 3], (a, g) => maps.gate(a as tf.Tensor4D, g as tf.Tensor2D)],
  };
  for (const [name, [chosen, f]] of Object.entries(operations)) {
    both(`${name} of ${c} channels`, () => {
      const all = inputs();
      const own = chosen.map((i) => all[i]);
      const y = f(...own);
      return [y, ...tf.grads(f)(own, x(y.shape, 9))];
    });
  }
}

both("truths and whole numbers as floating-point numbers", () => {
  const truths = tf.greater(x([5, 7], 1), 0);
  return [tf.sum(tf.cast(truths, "float32")), tf.cast(tf.argMax(x([5, 7], 2), 1), "float32")];
});

const DEPTHWISE: [Shape, [number, number], [number, number], "same" | "valid"][] = [
  [[2, 1, 23, 8], [1, 9], [1, 1], "same"],
  [[2, 7, 9, 5], [3, 3], [1, 1], "same"],
  [[2, 8, 7, 4], [3, 2], [2, 1], "valid"],
];
for (const [shape, kernel, strides, pad] of DEPTHWISE) {
  both(`depthwise convolution ${kernel} by ${strides} ${pad} and both gradients`, () => {
    const inputs = [x(shape, 1), x([...kernel, shape[3], 1], 2)];
    const f = (a: tf.Tensor, w: tf.Tensor) =>
      tf.depthwiseConv2d(a as tf.Tensor4D, w as tf.Tensor4D, strides as [number, number], pad);
    const y = f(inputs[0], inputs[1]);
    return [y, ...tf.grads(f)(inputs, x(y.shape, 3))];
  });
}

for (const [rows, c] of [[37, 5], [9, 130]]) {
  both(`layer norm of ${rows} rows of ${c}`, () => {
    const inputs = [tf.add(tf.mul(x([rows, c], 1), 3), 5), x([c], 2), x([c], 3)];
    const f = (a: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor) =>
      frames.layerNorm(a, scale as tf.Tensor1D, shift as tf.Tensor1D);
    return [f(...inputs as [tf.Tensor, tf.Tensor, tf.Tensor]), ...tf.grads(f)(inputs, x([rows, c], 4))];
  });
}

for (const [n, w, c, heads, window, masked] of [[3, 19, 12, 2, 4, true], [2, 70, 10, 2, 40, false]] as const) {
  both(`attention of ${heads} heads over ${w} frames, ${window} to each side${masked ? ", masked" : ""}`, () => {
    const lengths = masked ? tf.tensor1d([19, 7, 0], "int32") : undefined;
    const f = (qkv: tf.Tensor) => frames.attention(qkv as tf.Tensor4D, lengths, heads, window);
    const qkv = x([n, 1, w, 3 * c], 1);
    return [f(qkv), tf.grad(f)(qkv, x([n, 1, w, c], 2))];
  });
}
