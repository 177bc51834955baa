/** Which of tfjs's kernels have a program of ours. Each answers `undefined` for what it does not do, and tfjs's own takes over. */
import * as tf from "@tensorflow/tfjs";
import type { GpuBackend } from "./backend.ts";
import { conv, convInput } from "./conv.ts";
import { convFilter } from "./conv_filter.ts";
import { depthwise, depthwiseFilter, depthwiseInput } from "./depthwise.ts";
import { matmul } from "./matmul.ts";
import { maxPool, maxPoolGrad } from "./pool.ts";
import { sumRows, toFloat } from "./small.ts";

// deno-lint-ignore no-explicit-any
type Attrs = Record<string, any>;
type Inputs = Record<string, tf.TensorInfo>;
export type GpuKernel = (
  inputs: Inputs,
  attrs: Attrs,
  backend: GpuBackend,
) => tf.TensorInfo | tf.TensorInfo[] | undefined;

/** The convolution that `a` describes; `undefined` for dilation and for channels before pixels. */
function convInfo(
  x: number[],
  filter: number[],
  a: Attrs,
  channelwise = false,
): tf.backend_util.Conv2DInfo | undefined {
  const format = a.dataFormat ? tf.backend_util.convertConv2DDataFormat(a.dataFormat) : "channelsLast";
  const info = tf.backend_util.computeConv2DInfo(
    x as [number, number, number, number],
    filter as [number, number, number, number],
    a.strides,
    a.dilations ?? 1,
    a.pad,
    a.dimRoundingMode,
    channelwise,
    format,
  );
  if (info.dilationHeight !== 1 || info.dilationWidth !== 1 || format !== "channelsLast") return undefined;
  // Several filters a channel are tfjs's.
  if (channelwise && filter[3] !== 1) return undefined;
  return tf.util.sizeFromShape(info.outShape) > 0 && tf.util.sizeFromShape(x) > 0 ? info : undefined;
}

function poolInfo(x: tf.TensorInfo, a: Attrs): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    a.filterSize,
    a.strides,
    1,
    a.pad,
    a.dimRoundingMode,
  );
}

/** Sum or mean over leading axes. */
function sum(mean: boolean): GpuKernel {
  return ({ x }, a, b) => {
    const axes = tf.util.parseAxisParam(a.axis, x.shape);
    if (x.dtype !== "float32" || tf.util.sizeFromShape(x.shape) === 0) return undefined;
    if (!axes.every((axis) => axis < axes.length)) return undefined;
    const rows = axes.reduce((n, axis) => n * x.shape[axis], 1);
    const shape = a.keepDims ? x.shape.map((d, i) => axes.includes(i) ? 1 : d) : x.shape.slice(axes.length);
    return sumRows(b, b.buffer(x), rows, shape, mean ? 1 / rows : 1);
  };
}

const plain = (a: Attrs) => !a.activation || a.activation === "linear" || a.activation === "relu";

/** Programs by tfjs kernel name. */
export const GPU_KERNELS: Record<string, GpuKernel> = {
  Conv2D: ({ x, filter }, a, b) => {
    const info = convInfo(x.shape, filter.shape, a);
    return info && conv(b, x, filter, info);
  },
  FusedConv2D: ({ x, filter, bias, preluActivationWeights }, a, b) => {
    const info = convInfo(x.shape, filter.shape, a);
    if (!info || !plain(a) || preluActivationWeights) return undefined;
    if (bias && tf.util.sizeFromShape(bias.shape) !== info.outChannels) return undefined;
    return conv(b, x, filter, info, bias, a.activation === "relu");
  },
  Conv2DBackpropInput: ({ dy, filter }, a, b) => {
    const info = convInfo(a.inputShape, filter.shape, a);
    return info && convInput(b, dy, filter, info);
  },
  Conv2DBackpropFilter: ({ x, dy }, a, b) => {
    const info = convInfo(x.shape, a.filterShape, a);
    return info && convFilter(b, x, dy, info);
  },
  DepthwiseConv2dNative: ({ x, filter }, a, b) => {
    const info = convInfo(x.shape, filter.shape, a, true);
    return info && depthwise(b, x, filter, info);
  },
  DepthwiseConv2dNativeBackpropInput: ({ dy, filter }, a, b) => {
    const info = convInfo(a.inputShape, filter.shape, a, true);
    return info && depthwiseInput(b, dy, filter, info);
  },
  DepthwiseConv2dNativeBackpropFilter: ({ x, dy }, a, b) => {
    const info = convInfo(x.shape, a.filterShape, a, true);
    return info && depthwiseFilter(b, x, dy, info);
  },
  // tfjs leaves whole numbers as they are and remembers that; our programs take a tensor at its word.
  Cast: ({ x }, { dtype }, b) =>
    dtype === "float32" && (x.dtype === "int32" || x.dtype === "bool") && tf.util.sizeFromShape(x.shape) > 0
      ? toFloat(b, x)
      : undefined,
  MaxPool: ({ x }, a, b) => maxPool(b, x, poolInfo(x, a)),
  MaxPoolGrad: ({ dy, input, output }, a, b) => maxPoolGrad(b, dy, input, output, poolInfo(input, a)),
  Sum: sum(false),
  Mean: sum(true),
  BatchMatMul: ({ a: left, b: right }, a, b) => matmul(b, left, right, !!a.transposeA, !!a.transposeB),
  _FusedMatMul: ({ a: left, b: right, bias, preluActivationWeights }, a, b) => {
    if (!plain(a) || preluActivationWeights) return undefined;
    return matmul(b, left, right, !!a.transposeA, !!a.transposeB, bias, a.activation === "relu");
  },
};
