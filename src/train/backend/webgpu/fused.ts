/** The operations of `../fused.ts` on this backend, with their gradients. */
import * as tf from "@tensorflow/tfjs";
import type { FrameTarget, LineTarget, Normalised } from "../fused.ts";
import type { GpuBackend } from "./backend.ts";
import { ctc } from "./ctc.ts";
import { crossEntropy, frameCrossEntropy } from "./losses.ts";
import { batchNorm, batchNormGrad } from "./norm.ts";
import { dropout, reluGrad, sumRows, unpack } from "./small.ts";

const made = (info: tf.TensorInfo) => tf.engine().makeTensorFromTensorInfo(info);

/** Frames that a label needs at least: one each, and a blank between equal neighbours. */
function needed(label: Uint32Array): number {
  return label.reduce((n, c, i) => n + 1 + (i > 0 && c === label[i - 1] ? 1 : 0), 0);
}

export class GpuFused {
  constructor(private b: GpuBackend) {}

  batchNorm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number, relu: boolean): Normalised {
    let statistics: tf.Tensor1D[] = [];
    const op = tf.customGrad((x, gamma, beta, save) => {
      const [tx, tg, tb] = [x, gamma, beta] as tf.Tensor[];
      const n = batchNorm(this.b, tx, tg, tb, epsilon, relu);
      const [y, mean, variance, scale, shift] = [n.y, n.mean, n.variance, n.scale, n.shift].map(made);
      statistics = [tf.keep(mean as tf.Tensor1D), tf.keep(variance as tf.Tensor1D)];
      (save as tf.GradSaveFunc)([tx, tg, mean, variance, scale, shift]);
      const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [sx, sg, mean, variance, scale, shift] = saved;
        return batchNormGrad(this.b, dy, sx, sg, { mean, variance, scale, shift }, epsilon, relu).map(made);
      };
      return { value: y, gradFunc };
    });
    const y = op(x, gamma, beta);
    return { y, mean: statistics[0], variance: statistics[1] };
  }

  pictures(bytes: Uint8Array, shape: [number, number, number, number]): tf.Tensor4D {
    return made(unpack(this.b, bytes, shape)) as tf.Tensor4D;
  }

  reluGrad(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
    return made(reluGrad(this.b, dy, y));
  }

  dropout(x: tf.Tensor, rate: number, seed: number): tf.Tensor {
    const apply = (t: tf.Tensor) => made(dropout(this.b, t, 1 - rate, seed));
    return tf.customGrad((x) => ({ value: apply(x as tf.Tensor), gradFunc: (dy: tf.Tensor) => apply(dy) }))(x);
  }

  crossEntropy(logits: tf.Tensor2D, target: tf.Tensor2D): tf.Scalar {
    return this.loss(logits, (x) => crossEntropy(this.b, x, target));
  }

  ctcLoss(logits: tf.Tensor3D, target: LineTarget, extra?: FrameTarget): tf.Scalar {
    const [n, frames, row] = logits.shape;
    const k = row - (extra?.classes ?? 0);
    const longest = Math.max(1, ...target.labels.map((l) => l.length));
    const labels = new Uint32Array(n * longest);
    target.labels.forEach((l, i) => labels.set(l, i * longest));
    const weights = target.weights.map((w, i) =>
      needed(target.labels[i]) > target.frames[i] || target.frames[i] === 0 ? 0 : w / n
    );
    const lengths = Uint32Array.from(target.labels, (l) => l.length);
    const known = extra ? extra.of.reduce((m, c) => m + (c === 255 ? 0 : 1), 0) : 0;
    return this.loss(logits, (x) => {
      const grad = this.b.output(x.shape);
      const all = n + (extra ? n * frames : 0);
      const losses = this.b.scratch(4 * all);
      const to = this.b.buffer(grad);
      ctc(this.b, x, k, { labels, longest, lengths, frames: target.frames, weights }, losses, to);
      if (extra) {
        const weight = known > 0 ? extra.weight / known : 0;
        frameCrossEntropy(this.b, x, extra.classes, extra.of, weight, n, losses, to);
      }
      const loss = sumRows(this.b, losses, all, []);
      this.b.release(losses);
      return [loss, grad];
    });
  }

  /** A scalar whose gradient on the logits comes with it. */
  private loss(logits: tf.Tensor, compute: (x: tf.Tensor) => [tf.TensorInfo, tf.TensorInfo]): tf.Scalar {
    const op = tf.customGrad((logits, save) => {
      const [loss, grad] = compute(logits as tf.Tensor).map(made);
      (save as tf.GradSaveFunc)([grad]);
      return { value: loss, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(saved[0], dy) };
    });
    return op(logits) as tf.Scalar;
  }
}
