/**
 * What works on the frames of lines, with its gradients: layer normalisation, and self-attention within a window. As in `maps.ts`
 * each is a kernel by a name of ours on the backends that have one.
 */
import * as tf from "@tensorflow/tfjs";
import { hasKernel, runKernel, withGradient } from "./own.ts";

/** Names of the kernels, with their inputs, attributes and outputs. */
export const FRAME_KERNELS = [
  /** `{x, scale, shift}`: each row of the last axis by its own mean and variance (plus 1e-5), times scale, plus shift. */
  "LayerNorm",
  /** `{x, scale, dy}`: gradients of `x`, `scale` and `shift`. */
  "LayerNormGrad",
  /**
   * `{qkv, lengths?}`, `{heads, window}`: `[n, 1, w, c]` from `[n, 1, w, 3c]`, queries, keys and values behind one another, heads
   * behind one another in each. A frame sees those at most `window` away; frames from `lengths` (`[n]`, int32) on see nothing, are
   * not seen, and give zero.
   */
  "WindowAttention",
  /** `{qkv, lengths?, dy}`, `{heads, window}`: gradient of `qkv`. */
  "WindowAttentionGrad",
] as const;

const EPSILON = 1e-5;

/** Normalises each row of the last axis. */
export function layerNorm<T extends tf.Tensor>(x: T, scale: tf.Tensor1D, shift: tf.Tensor1D): T {
  if (!hasKernel("LayerNorm")) {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPSILON))), scale), shift);
  }
  return withGradient(
    [x, scale, shift],
    [x, scale],
    () => runKernel("LayerNorm", { x, scale, shift })[0],
    (dy, [x, scale]) => runKernel("LayerNormGrad", { x, scale, dy }),
  );
}

/** Attention over the frames of a row, `[n, 1, w, c]` from `[n, 1, w, 3c]`; see `WindowAttention` above. */
export function attention(
  qkv: tf.Tensor4D,
  lengths: tf.Tensor1D | undefined,
  heads: number,
  window: number,
): tf.Tensor4D {
  if (!hasKernel("WindowAttention")) return composed(qkv, lengths, heads, window);
  const more = (t: tf.Tensor | undefined) => t ? { lengths: t } : {} as Record<string, tf.Tensor>;
  return withGradient(
    [qkv],
    lengths ? [qkv, lengths] : [qkv],
    () => runKernel("WindowAttention", { qkv, ...more(lengths) }, { heads, window })[0],
    (dy, saved) =>
      runKernel("WindowAttentionGrad", { qkv: saved[0], dy, ...more(lengths ? saved[1] : undefined) }, {
        heads,
        window,
      }),
  );
}

/** The same with all products of frames, masked afterwards. */
function composed(qkv: tf.Tensor4D, lengths: tf.Tensor1D | undefined, heads: number, window: number): tf.Tensor4D {
  const [n, , w, c3] = qkv.shape;
  const depth = c3 / 3 / heads;
  const [q, k, v] = tf.split(tf.reshape(qkv, [n, w, 3, heads, depth]), 3, 2)
    .map((t) => tf.transpose(tf.reshape(t, [n, w, heads, depth]), [0, 2, 1, 3]));
  const at = tf.range(0, w);
  const far = tf.greater(tf.abs(tf.sub(tf.reshape(at, [w, 1]), tf.reshape(at, [1, w]))), window);
  let hidden = tf.reshape(tf.cast(far, "float32"), [1, 1, w, w]);
  const inside = tf.cast(
    tf.less(tf.reshape(at, [1, w]), lengths ? tf.cast(tf.reshape(lengths, [n, 1]), "float32") : w),
    "float32",
  );
  const rows = inside.shape[0];
  hidden = tf.add(hidden, tf.sub(1, tf.reshape(inside, [rows, 1, 1, w])));
  const scores = tf.sub(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(depth)), tf.mul(hidden, 1e9));
  const seen = tf.mul(tf.matMul(tf.softmax(scores), v), tf.reshape(inside, [rows, 1, w, 1]));
  return tf.reshape(tf.transpose(seen, [0, 2, 1, 3]), [n, 1, w, c3 / 3]);
}
