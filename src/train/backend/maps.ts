/**
 * What lies between the convolutions of a net that sees whole pages: sums, concatenation, upsampling and page context, each with
 * its gradient. Maps are `[n, h, w, c]`.
 *
 * Each operation and each gradient is a tfjs kernel by a name of ours (`MAP_KERNELS`). A backend that has registered it runs it;
 * on any other the same is made of tfjs's own operations, and its gradient is tfjs's.
 */
import * as tf from "@tensorflow/tfjs";
import { hasKernel, runKernel, withGradient } from "./own.ts";

/** Names of the kernels, with their inputs, attributes and outputs. */
export const MAP_KERNELS = [
  /** `{a, b}`, `{relu}`: `relu?(a + b)`. Its gradient is that of a ReLU, `ReluGradOf`. */
  "MapAdd",
  /** `{dy, y}`: `dy` where `y > 0`, else 0. */
  "ReluGradOf",
  /** `{a, b}`: channels of `a`, then those of `b`. */
  "MapConcat",
  /** `{y}`, `{channels: [ca, cb]}`: two maps, the way back of `MapConcat`. */
  "MapSplit",
  /** `{x}`, `{by}`: nearest neighbour. */
  "Upsample",
  /** `{dy}`, `{by}`: sums over what became of each pixel. */
  "UpsampleGrad",
  /** `{x}`: `[n, 2c]`, means and behind them maxima over height and width. */
  "ContextPool",
  /** `{x, y, dy}`: gradient of `x`; that of a maximum goes to the first pixel that has it. */
  "ContextPoolGrad",
  /** `{x, gates}` with gates `[n, 2c]`: `x * 2 sigmoid(gate) + bias`, the biases behind the gates. */
  "Gate",
  /** `{x, gates, dy}`: gradients of `x` and of `gates`. */
  "GateGrad",
] as const;

/** `relu?(a + b)` of maps of one shape. */
export function add<T extends tf.Tensor>(a: T, b: T, relu: boolean): T {
  if (!hasKernel("MapAdd")) return relu ? tf.relu(tf.add(a, b)) : tf.add(a, b);
  return withGradient(
    [a, b],
    [],
    () => runKernel("MapAdd", { a, b }, { relu })[0],
    (dy, [y]) => {
      const d = relu ? runKernel("ReluGradOf", { dy, y })[0] : dy.clone();
      // Two tensors of the same values: tfjs disposes gradients one by one.
      return [d, d.clone()];
    },
  );
}

/** Maps of one height and width, channels of `a` before those of `b`. */
export function concat(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D {
  if (!hasKernel("MapConcat")) return tf.concat([a, b], 3);
  const channels = [a.shape[3], b.shape[3]];
  return withGradient(
    [a, b],
    [],
    () => runKernel("MapConcat", { a, b })[0],
    (dy) => runKernel("MapSplit", { y: dy }, { channels }),
  );
}

/** Nearest neighbour, `by` times as high and wide. */
export function upsample(x: tf.Tensor4D, by: number): tf.Tensor4D {
  if (!hasKernel("Upsample")) {
    const [n, h, w, c] = x.shape;
    const many = tf.tile(tf.reshape(x, [n * h, 1, w, c]), [1, by, 1, 1]);
    return tf.reshape(tf.tile(tf.reshape(many, [n * h * by * w, 1, c]), [1, by, 1]), [n, h * by, w * by, c]);
  }
  return withGradient(
    [x],
    [],
    () => runKernel("Upsample", { x }, { by })[0],
    (dy) => runKernel("UpsampleGrad", { dy }, { by }),
  );
}

/** `[n, 2c]`: means and maxima of each channel over a picture. */
export function contextPool(x: tf.Tensor4D): tf.Tensor2D {
  if (!hasKernel("ContextPool")) return tf.concat([tf.mean(x, [1, 2]), tf.max(x, [1, 2])], 1) as tf.Tensor2D;
  return withGradient(
    [x],
    [x],
    () => runKernel("ContextPool", { x })[0],
    (dy, [x, y]) => runKernel("ContextPoolGrad", { x, y, dy }),
  );
}

/** `x * 2 sigmoid(gate) + bias`; `gates` `[n, 2c]`. */
export function gate(x: tf.Tensor4D, gates: tf.Tensor2D): tf.Tensor4D {
  if (!hasKernel("Gate")) {
    const [n, , , c] = x.shape;
    const [g, b] = tf.split(gates, 2, 1).map((t) => tf.reshape(t, [n, 1, 1, c]));
    return tf.add(tf.mul(x, tf.mul(tf.sigmoid(g), 2)), b);
  }
  return withGradient(
    [x, gates],
    [x, gates],
    () => runKernel("Gate", { x, gates })[0],
    (dy, [x, gates]) => runKernel("GateGrad", { x, gates, dy }),
  );
}
