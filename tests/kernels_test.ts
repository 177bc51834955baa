/** The `rust` backend against tfjs's own CPU kernels, and its gradients against numeric differences. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { RustBackend } from "../src/train/backend/backend.ts";
import { registerRust } from "../src/train/backend/mod.ts";
import type { Runtime } from "../src/train/backend/runtime.ts";
import * as fused from "../src/train/backend/fused.ts";

const backend = await registerRust();

function near(name: string, a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 2e-4) {
  assert(a.length === b.length, `${name}: ${a.length} and ${b.length} values`);
  for (let i = 0; i < a.length; i++) {
    assert(Math.abs(a[i] - b[i]) <= tolerance * (1 + Math.abs(b[i])), `${name}[${i}]: ${a[i]} and ${b[i]}`);
  }
}

/** The same computation on both backends. */
async function both(name: string, f: () => tf.Tensor[], tolerance?: number) {
  await tf.setBackend("cpu");
  const wanted = f().map((t) => t.dataSync());
  await tf.setBackend("rust");
  const got = f().map((t) => t.dataSync());
  wanted.forEach((w, i) => near(`${name} output ${i}`, got[i], w, tolerance));
}

const x = (shape: number[], seed: number) => tf.truncatedNormal(shape, 0, 1, "float32", seed);

const CONVS: [
  string,
  [number, number, number, number],
  [number, number, number],
  [number, number],
  "same" | "valid",
][] = [
  ["3x3 same", [2, 9, 7, 3], [3, 3, 10], [1, 1], "same"],
  ["3x3 valid", [2, 8, 11, 5], [3, 3, 16], [1, 1], "valid"],
  ["1x1", [3, 4, 5, 9], [1, 1, 13], [1, 1], "same"],
  ["1x5 line", [2, 1, 23, 8], [1, 5, 12], [1, 1], "same"],
  ["2x3 stride 2,1", [2, 2, 17, 6], [2, 3, 8], [2, 1], "same"],
  ["5x5 stride 2", [1, 11, 13, 2], [5, 5, 7], [2, 2], "same"],
  ["3x3 stride 2 valid", [2, 10, 9, 4], [3, 3, 8], [2, 2], "valid"],
];
for (const [name, shape, [kh, kw, oc], strides, pad] of CONVS) {
  Deno.test(`convolution and both gradients: ${name}`, async () => {
    await both(name, () => {
      const [input, filter] = [x(shape, 1) as tf.Tensor4D, x([kh, kw, shape[3], oc], 2) as tf.Tensor4D];
      const f = (a: tf.Tensor, b: tf.Tensor) =>
        tf.sum(tf.square(tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad))) as tf.Scalar;
      return [tf.conv2d(input, filter, strides, pad), ...tf.grads(f)([input, filter])];
    }, 1e-3);
  });
}

Deno.test("depthwise convolution and both gradients", async () => {
  await both("depthwise", () => {
    const [input, filter] = [x([2, 7, 9, 5], 3) as tf.Tensor4D, x([3, 3, 5, 2], 4) as tf.Tensor4D];
    const f = (a: tf.Tensor, b: tf.Tensor) =>
      tf.sum(tf.square(tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, "same"))) as tf.Scalar;
    return [tf.depthwiseConv2d(input, filter, 1, "same"), ...tf.grads(f)([input, filter])];
  }, 1e-3);
});

Deno.test("pooling and its gradient", async () => {
  await both("max pool", () => {
    const input = x([2, 8, 7, 5], 5) as tf.Tensor4D;
    const f = (a: tf.Tensor) => tf.sum(tf.square(tf.maxPool(a as tf.Tensor4D, [2, 2], [2, 2], "valid"))) as tf.Scalar;
    return [tf.maxPool(input, [2, 2], [2, 2], "valid"), tf.grad(f)(input)];
  });
});

Deno.test("matrix products, broadcasts and reductions", async () => {
  await both("small kernels", () => {
    const [a, b, v] = [x([7, 5], 6), x([5, 9], 7), x([5], 8)];
    const c = x([3, 4, 5], 9);
    return [
      tf.matMul(a, b),
      tf.matMul(b, a, true, true),
      tf.add(c, v),
      tf.sub(v, c),
      tf.div(v, tf.add(tf.square(c), 1)),
      tf.mul(c, 3),
      tf.maximum(c, 0.1),
      tf.sum(c, [0, 1]),
      tf.sum(c, 2, true),
      tf.mean(c),
      tf.relu(c),
      tf.exp(c),
      tf.sqrt(tf.abs(c)),
      tf.sigmoid(c),
    ];
  });
});

Deno.test("fused batch norm, bias and ReLU are what tfjs makes of its parts", async () => {
  await both("fused", () => {
    const [input, filter] = [x([4, 6, 5, 3], 10) as tf.Tensor4D, x([3, 3, 3, 8], 11) as tf.Tensor4D];
    const [bias, gamma, beta] = [x([8], 12), x([8], 13), x([8], 14)];
    const f = (a: tf.Tensor, w: tf.Tensor, b: tf.Tensor, g: tf.Tensor, t: tf.Tensor) => {
      const y = fused.conv(a as tf.Tensor4D, w as tf.Tensor4D, b as tf.Tensor1D, [1, 1], "same", true);
      return tf.sum(tf.square(fused.batchNorm(y, g, t, 1e-3, true).y)) as tf.Scalar;
    };
    return tf.grads(f)([input, filter, bias, gamma, beta]);
  }, 2e-3);
});

Deno.test("a model of tfjs-layers learns on the rust backend as on the CPU", async () => {
  const losses: number[][] = [];
  for (const name of ["cpu", "rust"]) {
    await tf.setBackend(name);
    const init = (seed: number) => tf.initializers.glorotNormal({ seed });
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({
          inputShape: [8, 8, 1],
          filters: 4,
          kernelSize: 3,
          activation: "relu",
          kernelInitializer: init(1),
        }),
        tf.layers.batchNormalization(),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 3, activation: "softmax", kernelInitializer: init(2) }),
      ],
    });
    model.compile({ optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy" });
    const [input, target] = [x([16, 8, 8, 1], 3), tf.oneHot(tf.range(0, 16, 1, "int32").mod(tf.scalar(3, "int32")), 3)];
    const run: number[] = [];
    for (let i = 0; i < 5; i++) run.push(await model.trainOnBatch(input, target) as number);
    losses.push(run);
  }
  near("loss", losses[1], losses[0], 1e-3);
  assert(losses[1][4] < losses[1][0]);
});

/** Numeric gradient of a scalar function of a flat array. */
function numeric(values: Float32Array, f: (v: Float32Array) => number, step = 1e-2): Float32Array {
  return values.map((_, i) => {
    const [up, down] = [values.slice(), values.slice()];
    up[i] += step;
    down[i] -= step;
    return (f(up) - f(down)) / (2 * step);
  });
}

Deno.test("CTC with a frame class: the gradient is the slope of the loss", async () => {
  await tf.setBackend("rust");
  const [n, frames, k] = [2, 6, 7];
  const target = {
    labels: [Uint32Array.of(1, 1, 2), Uint32Array.of(3)],
    weights: Float32Array.of(1, 0.5),
    frames: Uint32Array.of(6, 4),
  };
  const extra = { classes: 3, of: Uint8Array.from([0, 1, 255, 2, 0, 0, 1, 1, 2, 255, 255, 0]), weight: 0.7 };
  const loss = (l: tf.Tensor) => fused.ctcLoss(l as tf.Tensor3D, target, backend.runtime, extra);
  const values = x([n, frames, k], 21).dataSync() as Float32Array;
  const slope = tf.grad(loss)(tf.tensor3d(values, [n, frames, k])).dataSync();
  near("ctc gradient", slope, numeric(values, (v) => loss(tf.tensor3d(v, [n, frames, k])).dataSync()[0]), 2e-2);
});

Deno.test("CTC agrees with the sum over all alignments", async () => {
  await tf.setBackend("rust");
  const [frames, k] = [4, 3];
  const values = x([1, frames, k], 22).dataSync() as Float32Array;
  const p = tf.softmax(tf.tensor2d(values, [frames, k])).arraySync() as number[][];
  let sum = 0;
  for (let code = 0; code < k ** frames; code++) {
    const path = Array.from({ length: frames }, (_, t) => Math.floor(code / k ** t) % k);
    const read = path.filter((c, t) => c !== 0 && c !== path[t - 1]);
    if (read.join() === "1,2") sum += path.reduce((q, c, t) => q * p[t][c], 1);
  }
  const target = { labels: [Uint32Array.of(1, 2)], weights: Float32Array.of(1), frames: Uint32Array.of(frames) };
  const loss = fused.ctcLoss(tf.tensor3d(values, [1, frames, k]), target, backend.runtime).dataSync()[0];
  assert(Math.abs(loss + Math.log(sum)) < 1e-4, `${loss} and ${-Math.log(sum)}`);
});

Deno.test("softmax cross-entropy and its gradient", async () => {
  await both("cross-entropy", () => {
    const [logits, target] = [x([5, 4], 31) as tf.Tensor2D, tf.softmax(x([5, 4], 32)) as tf.Tensor2D];
    return [fused.crossEntropy(logits, target), tf.grad((l) => fused.crossEntropy(l as tf.Tensor2D, target))(logits)];
  });
});

Deno.test("tensors give back what they took, also once memory has grown and their views are empty", () => {
  const memory = new ArrayBuffer(64);
  const released: number[][] = [];
  const runtime = {
    kernels: { allocate: () => 16, release: (...given: number[]) => void released.push(given) },
    view: (address: number, length: number) => new Float32Array(memory, address, length),
    put: () => [],
  };
  const backend = new RustBackend(runtime as unknown as Runtime);
  const { dataId } = backend.output([2, 3]);
  structuredClone(memory, { transfer: [memory] });
  backend.disposeData(dataId);
  assertEquals(released, [[16, 6]]);
});
