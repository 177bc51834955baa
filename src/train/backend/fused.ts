/**
 * What tfjs-layers builds out of many small kernels, as one operation each: batch normalisation in training, a
 * convolution with bias and ReLU, dropout, and the losses. On other backends the same functions are made of tfjs's own operations.
 */
import * as tf from "@tensorflow/tfjs";
import { RustBackend } from "./backend.ts";
import type { GpuFused } from "./webgpu/fused.ts";

const engine = () => tf.engine();
const rust = (): RustBackend | undefined => {
  const backend = tf.backend();
  return backend instanceof RustBackend ? backend : undefined;
};

/** These operations as the graphics device has them, where it is in use. */
const gpu = (): GpuFused | undefined => (tf.backend() as { fused?: GpuFused }).fused;

/** Runs `fill` on the Rust backend and wraps what it made as tensors. */
function made(infos: tf.TensorInfo[]): tf.Tensor[] {
  return infos.map((info) => engine().makeTensorFromTensorInfo(info));
}

/** Batch normalisation with batch statistics over all axes but the last, then ReLU if asked. */
export interface Normalised {
  y: tf.Tensor;
  /** Batch mean and biased variance, `[c]` each; outside of the gradient, and the caller's to dispose. */
  mean: tf.Tensor1D;
  variance: tf.Tensor1D;
}

/** `gamma * (x - mean) / sqrt(variance + epsilon) + beta`, then ReLU if asked; statistics of this batch. */
export function batchNorm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number, relu: boolean): Normalised {
  const onGpu = gpu();
  if (onGpu) return onGpu.batchNorm(x, gamma, beta, epsilon, relu);
  const backend = rust();
  if (!backend) {
    const axes = x.shape.slice(0, -1).map((_, i) => i);
    const { mean, variance } = tf.moments(x, axes);
    const y = tf.add(tf.mul(tf.sub(x, mean), tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)))), beta);
    return { y: relu ? tf.relu(y) : y, mean: tf.keep(mean) as tf.Tensor1D, variance: tf.keep(variance) as tf.Tensor1D };
  }
  const c = x.shape[x.shape.length - 1];
  const rows = x.size / c;
  const k = backend.runtime.kernels;
  let stats: tf.Tensor[] = [];
  const op = tf.customGrad((x, gamma, beta, save) => {
    const [tx, tg, tb] = [x, gamma, beta] as tf.Tensor[];
    const [y, mean, variance] = [backend.output(tx.shape), backend.output([c]), backend.output([c])];
    const at = [tx, y, mean, variance, tg, tb].map((t) => backend.address(t)) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    k.batch_norm(...at, rows, c, epsilon, relu);
    const tensors = made([y, mean, variance]);
    // Kept from the tidy around this function; the caller disposes them.
    stats = tensors.slice(1).map((t) => tf.keep(t));
    (save as tf.GradSaveFunc)([tx, tg, ...tensors]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [sx, sg, sy, sm, sv] = saved;
      const outs = [backend.output(sx.shape), backend.output([c]), backend.output([c])];
      const [dyAt, xAt, yAt, mAt, vAt, gAt] = [dy, sx, sy, sm, sv, sg].map((t) => backend.address(t));
      const [dx, dg, db] = outs.map((t) => backend.address(t));
      k.batch_norm_grad(dyAt, xAt, yAt, dx, mAt, vAt, gAt, dg, db, rows, c, epsilon, relu);
      return made(outs);
    };
    return { value: tensors[0], gradFunc };
  });
  const y = op(x, gamma, beta);
  return { y, mean: stats[0] as tf.Tensor1D, variance: stats[1] as tf.Tensor1D };
}

/** Convolution (HWIO filter) with bias, then ReLU if asked, with its gradient in three kernels. */
export function conv(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor1D | undefined,
  strides: [number, number],
  pad: "same" | "valid",
  relu: boolean,
): tf.Tensor4D {
  const ownReluGrad = reluGradient();
  if (!bias || !ownReluGrad) {
    let y: tf.Tensor4D = tf.conv2d(x, filter, strides, pad);
    if (bias) y = tf.add(y, bias);
    return relu ? tf.relu(y) : y;
  }
  const op = tf.customGrad((x, filter, bias, save) => {
    const [tx, tf_, tb] = [x, filter, bias] as [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D];
    const y = engine().runKernel(
      "FusedConv2D",
      { x: tx, filter: tf_, bias: tb },
      { strides, pad, dilations: [1, 1], dataFormat: "NHWC", activation: relu ? "relu" : "linear" },
    ) as tf.Tensor4D;
    (save as tf.GradSaveFunc)([tx, tf_, y]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [sx, sf, sy] = saved as tf.Tensor4D[];
      const dz = (relu ? ownReluGrad(dy, sy) : dy) as tf.Tensor4D;
      const grads = [
        () =>
          engine().runKernel("Conv2DBackpropInput", { dy: dz, filter: sf }, {
            strides,
            pad,
            dataFormat: "NHWC",
            inputShape: sx.shape,
          }) as tf.Tensor,
        () =>
          engine().runKernel("Conv2DBackpropFilter", { x: sx, dy: dz }, {
            strides,
            pad,
            dataFormat: "NHWC",
            filterShape: sf.shape,
          }) as tf.Tensor,
        () => tf.sum(dz, [0, 1, 2]) as tf.Tensor,
      ];
      return grads.map((g) => g());
    };
    return { value: y, gradFunc };
  });
  return op(x, filter, bias) as tf.Tensor4D;
}

/** The gradient of ReLU in one kernel, on the backends that have one. */
function reluGradient(): ((dy: tf.Tensor, y: tf.Tensor) => tf.Tensor) | undefined {
  const [backend, onGpu] = [rust(), gpu()];
  if (onGpu) return (dy, y) => onGpu.reluGrad(dy, y);
  if (!backend) return undefined;
  return (dy, y) => {
    const dx = backend.output(y.shape);
    backend.runtime.kernels.relu_grad(backend.address(dy), backend.address(y), backend.address(dx), y.size);
    return made([dx])[0];
  };
}

/** Dropout whose mask follows from `seed` alone, so that a resumed run drops the same values. */
export function dropout(x: tf.Tensor, rate: number, seed: number): tf.Tensor {
  const onGpu = gpu();
  if (onGpu) return onGpu.dropout(x, rate, seed);
  const backend = rust();
  if (!backend) return tf.dropout(x, rate, undefined, seed);
  const apply = (t: tf.Tensor): tf.Tensor => {
    const y = backend.output(t.shape);
    backend.runtime.kernels.dropout(backend.address(t), backend.address(y), t.size, 1 - rate, seed >>> 0);
    return made([y])[0];
  };
  return tf.customGrad((x) => ({ value: apply(x as tf.Tensor), gradFunc: (dy: tf.Tensor) => apply(dy) }))(x);
}

/** Mean softmax cross-entropy of `[n, k]` logits against target distributions of the same shape. */
export function crossEntropy(logits: tf.Tensor2D, target: tf.Tensor2D): tf.Scalar {
  const onGpu = gpu();
  if (onGpu) return onGpu.crossEntropy(logits, target);
  const backend = rust();
  if (!backend) return tf.losses.softmaxCrossEntropy(target, logits);
  const op = tf.customGrad((logits, save) => {
    const x = logits as tf.Tensor2D;
    const grad = backend.output(x.shape);
    const at = [x, target, grad].map((t) => backend.address(t)) as [number, number, number];
    const loss = backend.runtime.kernels.cross_entropy(...at, x.shape[0], x.shape[1]);
    (save as tf.GradSaveFunc)(made([grad]));
    return { value: tf.scalar(loss), gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(saved[0], dy) };
  });
  return op(logits) as tf.Scalar;
}

/** What a batch of lines should be read as. */
export interface LineTarget {
  /** Class numbers from 1 (0 is the blank). */
  labels: Uint32Array[];
  /** Weight of each line in the loss; 0 leaves its text out. */
  weights: Float32Array;
  /** How many frames of each line hold its picture; the rest is filling. */
  frames: Uint32Array;
}

/** A further class for each frame, its logits behind those of the characters. */
export interface FrameTarget {
  classes: number;
  /** `[n * frames]`, 255 where it is unknown. */
  of: Uint8Array;
  weight: number;
}

/**
 * Mean CTC loss of a batch, `[n, frames, row]` logits with the blank at class 0, plus the mean cross-entropy of `extra`.
 * A label with more characters than its line has frames counts nothing. The loss is computed by the Rust kernel on every
 * backend; elsewhere the logits are read back.
 */
export function ctcLoss(
  logits: tf.Tensor3D,
  target: LineTarget,
  runtime: RustBackend["runtime"],
  extra?: FrameTarget,
): tf.Scalar {
  const onGpu = gpu();
  if (onGpu) return onGpu.ctcLoss(logits, target, extra);
  const [n, frames, row] = logits.shape;
  const k = row - (extra?.classes ?? 0);
  const longest = Math.max(1, ...target.labels.map((l) => l.length));
  const labels = new Uint32Array(n * longest);
  target.labels.forEach((l, i) => labels.set(l, i * longest));
  const lengths = Uint32Array.from(target.labels, (l) => l.length);
  const weights = target.weights.map((w) => w / n);
  const known = extra ? extra.of.reduce((m, c) => m + (c === 255 ? 0 : 1), 0) : 0;
  const { kernels } = runtime;
  const run = (from: number, to: number): number => {
    const of = extra?.of ?? new Uint8Array();
    const at = runtime.put(labels, lengths, target.frames, weights, new Float32Array(n), of);
    kernels.ctc(from, to, n, frames, row, k, at[0], longest, at[1], at[2], at[3], at[4]);
    const rest = known
      ? kernels.frame_cross_entropy(from, to, row, k, row - k, at[5], of.length, extra!.weight / known)
      : 0;
    return runtime.view(at[4], n).reduce((a, b) => a + Math.max(0, b), 0) + rest;
  };
  return lossOf(logits, runtime, run);
}

/** A loss that the Rust kernels compute on every backend, with its gradient; elsewhere the logits are read back. */
function lossOf(
  logits: tf.Tensor,
  runtime: RustBackend["runtime"],
  run: (from: number, to: number) => number,
): tf.Scalar {
  const { kernels } = runtime;
  const op = tf.customGrad((logits, save) => {
    const x = logits as tf.Tensor;
    const backend = rust();
    let value: number, grad: tf.Tensor;
    if (backend) {
      const info = backend.output(x.shape);
      value = run(backend.address(x), backend.address(info));
      grad = made([info])[0];
    } else {
      const [from, to] = [kernels.allocate(x.size), kernels.allocate(x.size)];
      runtime.view(from, x.size).set(x.dataSync());
      value = run(from, to);
      grad = tf.tensor(runtime.view(to, x.size).slice(), x.shape);
      kernels.release(from, x.size);
      kernels.release(to, x.size);
    }
    (save as tf.GradSaveFunc)([grad]);
    return { value: tf.scalar(value), gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(saved[0], dy) };
  });
  return op(logits) as tf.Scalar;
}

/** Pictures whose values 0..1 come as bytes 0..255, as a tensor of `shape`. */
export function pictures(bytes: Uint8Array, shape: [number, number, number, number]): tf.Tensor4D {
  const onGpu = gpu();
  if (onGpu) return onGpu.pictures(bytes, shape);
  return tf.tensor4d(Float32Array.from(bytes, (v) => v / 255), shape);
}

/** Values 0..1 as bytes. */
export function toBytes(values: Float32Array): Uint8Array {
  const out = new Uint8Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = Math.max(0, Math.min(255, Math.round(255 * values[i])));
  return out;
}

/**
 * Loss of a batch of pages, `[n, h, w, heads]` logits; see crates/train/src/page_loss.rs.
 * @param truth `[n][planes][h * w]`.
 * @param parts gets the parts of the loss.
 */
export function pageLoss(
  logits: tf.Tensor4D,
  truth: Uint8Array,
  runtime: RustBackend["runtime"],
  parts: Float32Array,
): tf.Scalar {
  const [n, h, w] = logits.shape;
  return lossOf(logits, runtime, (from, to) => {
    const [truthAt, partsAt] = runtime.put(truth, parts);
    const loss = runtime.kernels.page_loss(from, truthAt, to, n, h * w, partsAt);
    parts.set(runtime.view(partsAt, parts.length));
    return loss;
  });
}
