/**
 * Which tfjs kernels have a Rust version. Each entry answers `undefined` for what it does not do (dilation, odd
 * broadcasts, channels first), and the CPU kernel takes over.
 */
import * as tf from "@tensorflow/tfjs";
import type { RustBackend } from "./backend.ts";
import type { FRAME_KERNELS } from "./frames.ts";
import type { MAP_KERNELS } from "./maps.ts";

// deno-lint-ignore no-explicit-any
type Attrs = Record<string, any>;
type Inputs = Record<string, tf.TensorInfo>;
type Result = tf.TensorInfo | tf.TensorInfo[] | undefined;
export type RustKernel = (inputs: Inputs, attrs: Attrs, backend: RustBackend) => Result;

const size = tf.util.sizeFromShape;

/** The thirteen sizes that the convolution and pooling kernels take; see `shape` in crates/wasm. */
function convDims(info: tf.backend_util.Conv2DInfo, outChannels = info.outChannels): Uint32Array | undefined {
  if (info.dilationHeight !== 1 || info.dilationWidth !== 1 || info.dataFormat !== "channelsLast") return undefined;
  return new Uint32Array([
    info.batchSize,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.filterHeight,
    info.filterWidth,
    outChannels,
    info.strideHeight,
    info.strideWidth,
    info.padInfo.top,
    info.padInfo.left,
    info.outHeight,
    info.outWidth,
  ]);
}

function convInfo(x: number[], filter: number[], a: Attrs, depthwise = false): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(
    x as [number, number, number, number],
    filter as [number, number, number, number],
    a.strides,
    a.dilations ?? 1,
    a.pad,
    a.dimRoundingMode,
    depthwise,
    a.dataFormat && !depthwise ? tf.backend_util.convertConv2DDataFormat(a.dataFormat) : "channelsLast",
  );
}

function conv(
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  bias: tf.TensorInfo | undefined,
  relu: boolean,
  a: Attrs,
  b: RustBackend,
) {
  const info = convInfo(x.shape, filter.shape, a);
  const dims = convDims(info);
  if (!dims) return undefined;
  const y = b.output(info.outShape);
  b.runtime.kernels.conv2d_forward(
    b.address(x),
    b.address(filter),
    bias ? b.address(bias) : 0,
    b.address(y),
    b.runtime.put(dims)[0],
    relu,
  );
  return y;
}

function poolDims(x: tf.TensorInfo, a: Attrs): [Uint32Array | undefined, number[]] {
  const info = tf.backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    a.filterSize,
    a.strides,
    1,
    a.pad,
    a.dimRoundingMode,
  );
  return [convDims(info), info.outShape];
}

function depthwiseKernel(kind: number, first: string, second: string): RustKernel {
  return (inputs, a, b) => {
    const xShape: number[] = kind === 1 ? a.inputShape : inputs.x.shape;
    const filterShape: number[] = kind === 2 ? a.filterShape : inputs.filter.shape;
    const info = convInfo(xShape, filterShape, a, true);
    const dims = convDims(info, filterShape[3]);
    if (!dims) return undefined;
    const out = b.output([info.outShape, xShape, filterShape][kind]);
    b.runtime.kernels.depthwise(
      kind,
      b.address(inputs[first]),
      b.address(inputs[second]),
      b.address(out),
      b.runtime.put(dims)[0],
    );
    return out;
  };
}

const UNARY = ["Relu", "Step", "Neg", "Square", "Sqrt", "Rsqrt", "Exp", "Log", "Sigmoid", "Tanh", "Abs", "Reciprocal"];
const BINARY = ["Add", "Sub", "Multiply", "RealDiv", "Maximum", "Minimum"];
/** Code of the operation with its sides swapped, where the short side is the left one. */
const SWAPPED = [0, 6, 2, 7, 4, 5];

function unary(code: number): RustKernel {
  return ({ x }, a, b) => {
    if (x.dtype !== "float32" || (code === 1 && a.alpha)) return undefined;
    const y = b.output(x.shape);
    b.runtime.kernels.unary(code, b.address(x), b.address(y), size(x.shape));
    return y;
  };
}

/** Whether `small` repeats along `large`: one value, or its trailing axes. */
function repeats(small: number[], large: number[]): boolean {
  if (size(small) === 1) return small.length <= large.length;
  const tail = small.slice(small.findIndex((d) => d !== 1));
  return small.length <= large.length && tail.every((d, i) => d === large[large.length - tail.length + i]);
}

function binary(code: number): RustKernel {
  return ({ a: left, b: right }, _, backend) => {
    if (left.dtype !== "float32" || right.dtype !== "float32") return undefined;
    const swap = size(left.shape) < size(right.shape);
    const [large, small] = swap ? [right, left] : [left, right];
    if (!repeats(small.shape, large.shape)) return undefined;
    const y = backend.output(large.shape);
    const [p, q] = [backend.address(large), backend.address(small)];
    backend.runtime.kernels.binary(
      swap ? SWAPPED[code] : code,
      p,
      q,
      backend.address(y),
      size(large.shape),
      size(small.shape),
    );
    return y;
  };
}

/** Sum or mean over leading axes or over trailing ones. */
function sum(mean: boolean): RustKernel {
  return ({ x }, a, b) => {
    if (x.dtype !== "float32" || size(x.shape) === 0) return undefined;
    const axes = tf.util.parseAxisParam(a.axis, x.shape);
    const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
    const reduced = axes.reduce((n, i) => n * x.shape[i], 1);
    const shape = kept.map((i) => x.shape[i]);
    const leading = kept.every((i) => i >= axes.length);
    const trailing = kept.every((i) => i < kept.length);
    if (!leading && !trailing) return undefined;
    const y = b.output(a.keepDims ? x.shape.map((d, i) => axes.includes(i) ? 1 : d) : shape);
    if (leading && kept.length > 0) b.runtime.kernels.column_sums(b.address(x), b.address(y), reduced, size(shape));
    else b.runtime.kernels.row_sums(b.address(x), b.address(y), size(shape), reduced);
    if (mean) {
      const values = b.data.get(y.dataId).values as Float32Array;
      for (let i = 0; i < values.length; i++) values[i] /= reduced;
    }
    return y;
  };
}

function matmul(a: tf.TensorInfo, b: tf.TensorInfo, transposeA: boolean, transposeB: boolean, backend: RustBackend) {
  const [ra, rb] = [a.shape.length, b.shape.length];
  const [outerA, outerB] = [a.shape.slice(0, ra - 2), b.shape.slice(0, rb - 2)];
  const [na, nb] = [size(outerA), size(outerB)];
  if (na !== nb && na !== 1 && nb !== 1) return undefined;
  const m = a.shape[transposeA ? ra - 1 : ra - 2];
  const k = a.shape[transposeA ? ra - 2 : ra - 1];
  const n = b.shape[transposeB ? rb - 2 : rb - 1];
  const y = backend.output([...(na >= nb ? outerA : outerB), m, n]);
  const [pa, pb, py] = [backend.address(a), backend.address(b), backend.address(y)];
  const batch = Math.max(na, nb);
  backend.runtime.kernels.batch_matmul(pa, pb, py, batch, m, k, n, transposeA, transposeB, na < batch, nb < batch);
  return y;
}

/** Adds a bias along the last axis and applies the activation, in place. False: the activation has no kernel. */
function finish(
  y: tf.TensorInfo,
  bias: tf.TensorInfo | undefined,
  activation: string | undefined,
  b: RustBackend,
): boolean {
  if (activation && activation !== "linear" && activation !== "relu") return false;
  const [at, length] = [b.address(y), size(y.shape)];
  if (bias) b.runtime.kernels.binary(0, at, b.address(bias), at, length, size(bias.shape));
  if (activation === "relu") b.runtime.kernels.unary(0, at, at, length);
  return true;
}

const plain = (a: Attrs) => !a.activation || a.activation === "linear" || a.activation === "relu";

/** Sizes of a map's picture: how many, pixels, channels. */
function pictures({ shape: [n, h, w, c] }: tf.TensorInfo): [number, number, number] {
  return [n, h * w, c];
}

/** The kernels of `maps.ts`, which tfjs itself has not. */
export const MAP_RUST_KERNELS: Record<typeof MAP_KERNELS[number], RustKernel> = {
  MapAdd: ({ a: left, b: right }, { relu }, b) => {
    const y = b.output(left.shape);
    b.runtime.kernels.map_add(b.address(left), b.address(right), b.address(y), size(left.shape), relu);
    return y;
  },
  ReluGradOf: ({ dy, y }, _, b) => {
    const dx = b.output(y.shape);
    b.runtime.kernels.relu_grad(b.address(dy), b.address(y), b.address(dx), size(y.shape));
    return dx;
  },
  MapConcat: ({ a: left, b: right }, _, b) => {
    const [ca, cb] = [left.shape[3], right.shape[3]];
    const y = b.output([...left.shape.slice(0, 3), ca + cb]);
    b.runtime.kernels.map_concat(b.address(left), b.address(right), b.address(y), size(left.shape) / ca, ca, cb);
    return y;
  },
  MapSplit: ({ y }, { channels: [ca, cb] }, b) => {
    const outs = [ca, cb].map((c) => b.output([...y.shape.slice(0, 3), c]));
    const [pa, pb] = outs.map((o) => b.address(o));
    b.runtime.kernels.map_split(b.address(y), pa, pb, size(y.shape.slice(0, 3)), ca, cb);
    return outs;
  },
  Upsample: ({ x }, { by }, b) => {
    const [n, h, w, c] = x.shape;
    const y = b.output([n, h * by, w * by, c]);
    b.runtime.kernels.upsample(b.address(x), b.address(y), n * h, w, c, by);
    return y;
  },
  UpsampleGrad: ({ dy }, { by }, b) => {
    const [n, h, w, c] = dy.shape;
    const dx = b.output([n, h / by, w / by, c]);
    b.runtime.kernels.upsample_grad(b.address(dy), b.address(dx), n * h / by, w / by, c, by);
    return dx;
  },
  ContextPool: ({ x }, _, b) => {
    const y = b.output([x.shape[0], 2 * x.shape[3]]);
    b.runtime.kernels.context_pool(b.address(x), b.address(y), ...pictures(x));
    return y;
  },
  ContextPoolGrad: ({ x, y, dy }, _, b) => {
    const dx = b.output(x.shape);
    b.runtime.kernels.context_pool_grad(b.address(x), b.address(y), b.address(dy), b.address(dx), ...pictures(x));
    return dx;
  },
  Gate: ({ x, gates }, _, b) => {
    const y = b.output(x.shape);
    b.runtime.kernels.gate(b.address(x), b.address(gates), b.address(y), ...pictures(x));
    return y;
  },
  GateGrad: ({ x, gates, dy }, _, b) => {
    const outs = [b.output(x.shape), b.output(gates.shape)];
    const [dx, dgates] = outs.map((o) => b.address(o));
    b.runtime.kernels.gate_grad(b.address(x), b.address(gates), b.address(dy), dx, dgates, ...pictures(x));
    return outs;
  },
};

/** Address of the lengths of lines, or 0 where there are none; good until the next `put`. */
function lengthsAt(lengths: tf.TensorInfo | undefined, b: RustBackend): number {
  return lengths ? b.runtime.put(Uint32Array.from(b.readSync(lengths.dataId) as Int32Array))[0] : 0;
}

/** The kernels of `frames.ts`. */
export const FRAME_RUST_KERNELS: Record<typeof FRAME_KERNELS[number], RustKernel> = {
  LayerNorm: ({ x, scale, shift }, _, b) => {
    const y = b.output(x.shape);
    const [px, ps, pt, py] = [x, scale, shift, y].map((t) => b.address(t));
    b.runtime.kernels.layer_norm(px, ps, pt, py, size(x.shape) / size(scale.shape), size(scale.shape));
    return y;
  },
  LayerNormGrad: ({ x, scale, dy }, _, b) => {
    const outs = [b.output(x.shape), b.output(scale.shape), b.output(scale.shape)];
    const [px, ps, pd, dx, dscale, dshift] = [x, scale, dy, ...outs].map((t) => b.address(t));
    const c = size(scale.shape);
    b.runtime.kernels.layer_norm_grad(px, ps, pd, dx, dscale, dshift, size(x.shape) / c, c);
    return outs;
  },
  WindowAttention: ({ qkv, lengths }, { heads, window }, b) => {
    const [n, h, w, c3] = qkv.shape;
    const y = b.output([n, h, w, c3 / 3]);
    const [from, to] = [b.address(qkv), b.address(y)];
    b.runtime.kernels.window_attention(from, lengthsAt(lengths, b), to, n, w, c3 / 3, heads, window);
    return y;
  },
  WindowAttentionGrad: ({ qkv, lengths, dy }, { heads, window }, b) => {
    const [n, , w, c3] = qkv.shape;
    const dqkv = b.output(qkv.shape);
    const [from, slope, to] = [qkv, dy, dqkv].map((t) => b.address(t));
    b.runtime.kernels.window_attention_grad(from, lengthsAt(lengths, b), slope, to, n, w, c3 / 3, heads, window);
    return dqkv;
  },
};

/** Rust kernels by tfjs kernel name. */
export const RUST_KERNELS: Record<string, RustKernel> = {
  Conv2D: ({ x, filter }, a, b) => conv(x, filter, undefined, false, a, b),
  FusedConv2D: ({ x, filter, bias, preluActivationWeights }, a, b) => {
    if (!plain(a) || preluActivationWeights || (bias && size(bias.shape) !== filter.shape[3])) return undefined;
    return conv(x, filter, bias, a.activation === "relu", a, b);
  },
  Conv2DBackpropInput: ({ dy, filter }, a, b) => {
    const dims = convDims(convInfo(a.inputShape, filter.shape, a));
    if (!dims) return undefined;
    const dx = b.output(a.inputShape);
    b.runtime.kernels.conv2d_backprop_input(b.address(dy), b.address(filter), b.address(dx), b.runtime.put(dims)[0]);
    return dx;
  },
  Conv2DBackpropFilter: ({ x, dy }, a, b) => {
    const dims = convDims(convInfo(x.shape, a.filterShape, a));
    if (!dims) return undefined;
    const dw = b.output(a.filterShape);
    b.runtime.kernels.conv2d_backprop_filter(b.address(x), b.address(dy), b.address(dw), b.runtime.put(dims)[0]);
    return dw;
  },
  DepthwiseConv2dNative: depthwiseKernel(0, "x", "filter"),
  DepthwiseConv2dNativeBackpropInput: depthwiseKernel(1, "dy", "filter"),
  DepthwiseConv2dNativeBackpropFilter: depthwiseKernel(2, "x", "dy"),
  MaxPool: ({ x }, a, b) => {
    const [dims, shape] = poolDims(x, a);
    if (!dims) return undefined;
    const y = b.output(shape);
    b.runtime.kernels.max_pool(b.address(x), b.address(y), b.runtime.put(dims)[0]);
    return y;
  },
  MaxPoolGrad: ({ dy, input, output }, a, b) => {
    const [dims] = poolDims(input, a);
    if (!dims) return undefined;
    const dx = b.output(input.shape);
    b.runtime.kernels.max_pool_grad(
      b.address(input),
      b.address(output),
      b.address(dy),
      b.address(dx),
      b.runtime.put(dims)[0],
    );
    return dx;
  },
  BatchMatMul: ({ a: left, b: right }, a, b) => matmul(left, right, a.transposeA, a.transposeB, b),
  _FusedMatMul: ({ a: left, b: right, bias, preluActivationWeights }, a, b) => {
    if (!plain(a) || preluActivationWeights) return undefined;
    const y = matmul(left, right, a.transposeA, a.transposeB, b);
    if (y) finish(y, bias, a.activation, b);
    return y;
  },
  FusedBatchNorm: ({ x, mean, variance, scale, offset }, a, b) => {
    const c = x.shape[x.shape.length - 1];
    if (!scale || !offset || size(mean.shape) !== c) return undefined;
    const y = b.output(x.shape);
    const at = [x, y, mean, variance, scale, offset].map((t) => b.address(t)) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    b.runtime.kernels.fused_batch_norm(...at, size(x.shape) / c, c, a.varianceEpsilon);
    return y;
  },
  Sum: sum(false),
  Mean: sum(true),
  ...Object.fromEntries(UNARY.map((name, code) => [name, unary(code)])),
  ...Object.fromEntries(BINARY.map((name, code) => [name, binary(code)])),
};
