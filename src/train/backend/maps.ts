/**
 * What lies between the convolutions of a net that sees whole pages: sums, concatenation, upsampling and page context, each with
 * its gradient. Maps are `[n, h, w, c]`.
 *
 * Each operation and each gradient is a tfjs kernel by a name of ours (`MAP_KERNELS`). A backend that has registered it runs it;
 * on any other the same is made of tfjs's own operations, and its gradient is tfjs's.
 */
import * as tf from "@tensorflow/tfjs";

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

type Kernel = typeof MAP_KERNELS[number];

const has = (name: Kernel) => tf.getKernel(name, tf.getBackend()) !== undefined;

function run(name: Kernel, inputs: Record<string, tf.Tensor>, attrs: Record<string, unknown> = {}): tf.Tensor[] {
  const out = tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap);
  return Array.isArray(out) ? out : [out];
}

type Gradient = (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[];

/** Runs `forward` outside of tfjs's own gradients; `keep` are what `gradient` is given beside `dy`, the output last. */
function custom<T extends tf.Tensor>(
  inputs: tf.Tensor[],
  keep: tf.Tensor[],
  forward: () => tf.Tensor,
  gradient: Gradient,
): T {
  const op = tf.customGrad((...all) => {
    const save = all[inputs.length] as tf.GradSaveFunc;
    const value = forward();
    save([...keep, value]);
    return { value, gradFunc: gradient };
  });
  return op(...inputs) as T;
}

/** `relu?(a + b)` of maps of one shape. */
export function add<T extends tf.Tensor>(a: T, b: T, relu: boolean): T {
  if (!has("MapAdd")) return relu ? tf.relu(tf.add(a, b)) : tf.add(a, b);
  return custom(
    [a, b],
    [],
    () => run("MapAdd", { a, b }, { relu })[0],
    (dy, [y]) => {
      const d = relu ? run("ReluGradOf", { dy, y })[0] : dy.clone();
      // Two tensors of the same values: tfjs disposes gradients one by one.
      return [d, d.clone()];
    },
  );
}

/** Maps of one height and width, channels of `a` before those of `b`. */
export function concat(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D {
  if (!has("MapConcat")) return tf.concat([a, b], 3);
  const channels = [a.shape[3], b.shape[3]];
  return custom([a, b], [], () => run("MapConcat", { a, b })[0], (dy) => run("MapSplit", { y: dy }, { channels }));
}

/** Nearest neighbour, `by` times as high and wide. */
export function upsample(x: tf.Tensor4D, by: number): tf.Tensor4D {
  if (!has("Upsample")) {
    const [n, h, w, c] = x.shape;
    const many = tf.tile(tf.reshape(x, [n * h, 1, w, c]), [1, by, 1, 1]);
    return tf.reshape(tf.tile(tf.reshape(many, [n * h * by * w, 1, c]), [1, by, 1]), [n, h * by, w * by, c]);
  }
  return custom([x], [], () => run("Upsample", { x }, { by })[0], (dy) => run("UpsampleGrad", { dy }, { by }));
}

/** `[n, 2c]`: means and maxima of each channel over a picture. */
export function contextPool(x: tf.Tensor4D): tf.Tensor2D {
  if (!has("ContextPool")) return tf.concat([tf.mean(x, [1, 2]), tf.max(x, [1, 2])], 1) as tf.Tensor2D;
  return custom(
    [x],
    [x],
    () => run("ContextPool", { x })[0],
    (dy, [x, y]) => run("ContextPoolGrad", { x, y, dy }),
  );
}

/** `x * 2 sigmoid(gate) + bias`; `gates` `[n, 2c]`. */
export function gate(x: tf.Tensor4D, gates: tf.Tensor2D): tf.Tensor4D {
  if (!has("Gate")) {
    const [n, , , c] = x.shape;
    const [g, b] = tf.split(gates, 2, 1).map((t) => tf.reshape(t, [n, 1, 1, c]));
    return tf.add(tf.mul(x, tf.mul(tf.sigmoid(g), 2)), b);
  }
  return custom(
    [x, gates],
    [x, gates],
    () => run("Gate", { x, gates })[0],
    (dy, [x, gates]) => run("GateGrad", { x, gates, dy }),
  );
}
