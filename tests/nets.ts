/** Small nets that have every layer of the schema, for tests. */
import * as tf from "@tensorflow/tfjs";
import { encode } from "../src/safetensors.ts";
import { type Layer, Net } from "../src/train/net.ts";

/** Normal values that follow from `seed`. */
export const values = (shape: number[], seed: number) => tf.truncatedNormal(shape, 0, 1, "float32", seed);

/** Residual blocks, a decoder with sums and concatenation, page context. */
export const PAGE: Layer[] = [
  { op: "conv", filters: 6, kernel: [7, 7], stride: [2, 2], norm: true, relu: true, name: "half" },
  { op: "conv", filters: 16, kernel: [3, 3], stride: [2, 2], norm: true, relu: true, name: "a" },
  { op: "conv", filters: 16, kernel: [3, 3], norm: true, relu: true },
  { op: "conv", filters: 16, kernel: [3, 3], norm: true },
  { op: "add", with: "a", relu: true },
  { op: "dropout", rate: 0.1, name: "quarter" },
  { op: "conv", filters: 9, kernel: [3, 3], relu: true },
  { op: "norm", name: "b" },
  { op: "context" },
  { op: "conv", filters: 9, kernel: [7, 7], norm: true },
  { op: "add", with: "b" },
  { op: "concat", with: "quarter" },
  { op: "conv", filters: 6, kernel: [1, 1], norm: true, relu: true },
  { op: "upsample", by: 2, name: "up" },
  { op: "from", layer: "half" },
  { op: "conv", filters: 6, kernel: [1, 1], norm: true },
  { op: "add", with: "up", relu: true },
  { op: "conv", filters: 5, kernel: [1, 1] },
];

/** A stem and a block of attention. */
export const LINE: Layer[] = [
  { op: "conv", filters: 6, kernel: [3, 3], norm: true, relu: true },
  { op: "pool", size: [2, 2] },
  { op: "conv", filters: 10, kernel: [5, 3], stride: [5, 1], norm: true, relu: true },
  { op: "depthwise", kernel: [1, 3], norm: true, relu: true, name: "stem" },
  { op: "depthwise", kernel: [1, 9] },
  { op: "add", with: "stem", name: "place" },
  { op: "layernorm" },
  { op: "attention", heads: 2, window: 3 },
  { op: "add", with: "place", name: "seen" },
  { op: "layernorm" },
  { op: "conv", filters: 20, kernel: [1, 1], relu: true },
  { op: "conv", filters: 10, kernel: [1, 1] },
  { op: "add", with: "seen" },
  { op: "conv", filters: 7, kernel: [1, 1] },
];

/** A net with weights and statistics as a trained one has them: nothing is zero, nothing one. */
export function trained(layers: Layer[], input: [number, number, number]): Net {
  const net = new Net(layers, input, 5);
  net.variables.forEach((v, i) => {
    if (v.shape.length === 1) v.assign(tf.add(v, tf.mul(values(v.shape, 100 + i), 0.3)));
    // A context's outer filter.
    else if (v.dataSync().every((x) => x === 0)) v.assign(values(v.shape, 9));
  });
  net.statistics.forEach((s, i) => s.forEach((_, j) => s[j] = 0.5 + ((i * 7 + j * 3) % 5) / 5));
  return net;
}

/** The net as a model file. */
export function file(net: Net, half = false): Uint8Array {
  const { layers, tensors } = net.fold();
  const metadata = { format: "scrawl-1", layers: JSON.stringify(layers), input: JSON.stringify(net.input) };
  return encode({ metadata, tensors }, half);
}
