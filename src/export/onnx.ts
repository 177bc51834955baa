/**
 * A model file as ONNX (onnx.proto of ONNX 1.14, opset 13). ONNX keeps channels before rows: weights are turned, and what is flat at
 * the end is seen in our order by a transpose. Input `input` `[n, channels, height, width]`, output `logits` `[n, k]`,
 * `[n, frames, k]`, or `[n, h, w, k]`. Attention looks at all frames that are there: lines of one batch must be of one width.
 */
import { decode } from "../safetensors.ts";
import type { FoldedLayer } from "../train/net.ts";
import { VERSION } from "../version.ts";
import { Message } from "./protobuf.ts";

const [FLOAT, INT64] = [1, 7];
/** As crates/net/src/layernorm.rs has it. */
const LAYER_NORM_EPSILON = 1e-5;
const [ATTRIBUTE_INT, ATTRIBUTE_STRING, ATTRIBUTE_INTS] = [2, 3, 7];

type Attribute = number | string | number[];

function attribute(name: string, value: Attribute): Message {
  const m = new Message().string(1, name);
  if (typeof value === "number") return m.int(3, value).int(20, ATTRIBUTE_INT);
  if (typeof value === "string") return m.string(4, value).int(20, ATTRIBUTE_STRING);
  return m.ints(8, value).int(20, ATTRIBUTE_INTS);
}

function tensor(name: string, dims: number[], data: Float32Array | BigInt64Array): Message {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Message().ints(1, dims).int(2, data instanceof Float32Array ? FLOAT : INT64).string(8, name).bytes(
    9,
    bytes,
  );
}

function valueInfo(name: string, dims: (number | string)[]): Message {
  const shape = new Message();
  for (const d of dims) shape.message(1, typeof d === "number" ? new Message().int(1, d) : new Message().string(2, d));
  const type = new Message().message(1, new Message().int(1, FLOAT).message(2, shape));
  return new Message().string(1, name).message(2, type);
}

/** `[kh][kw][c][o]` to `[o][c][kh][kw]`. */
function turned([kh, kw, c, o]: number[], data: Float32Array): Float32Array {
  const out = new Float32Array(data.length);
  for (let p = 0; p < kh * kw; p++) {
    for (let i = 0; i < c; i++) {
      for (let j = 0; j < o; j++) out[(j * c + i) * kh * kw + p] = data[(p * c + i) * o + j];
    }
  }
  return out;
}

/** A value in the graph, and how many rows its map has. */
interface Value {
  name: string;
  rows: number;
}

/** Nodes and constants of a graph as they are added. */
class Graph {
  readonly nodes: Message[] = [];
  readonly initializers: Message[] = [];
  private readonly known = new Set<string>();

  node(op: string, inputs: string[], attributes: Record<string, Attribute> = {}): string {
    const out = `${op.toLowerCase()}${this.nodes.length}`;
    const m = new Message();
    inputs.forEach((i) => m.string(1, i));
    m.string(2, out).string(3, out).string(4, op);
    for (const [k, v] of Object.entries(attributes)) m.message(5, attribute(k, v));
    this.nodes.push(m);
    return out;
  }

  constant(name: string, dims: number[], data: Float32Array | BigInt64Array): string {
    if (!this.known.has(name)) this.initializers.push(tensor(name, dims, data));
    this.known.add(name);
    return name;
  }

  integers(...values: number[]): string {
    return this.constant(`integers_${values.join("_")}`, [values.length], BigInt64Array.from(values, BigInt));
  }

  /** One integer, without an axis. */
  integer(value: number): string {
    return this.constant(`integer_${value}`, [], BigInt64Array.of(BigInt(value)));
  }

  float(value: number): string {
    return this.constant(`float_${value}`, [], Float32Array.of(value));
  }
}

type Weights = Record<string, { shape: number[]; data: Float32Array }>;

/** A 1 x 1 convolution, of the output channels `from` to `to` alone where they are given. */
function dense(g: Graph, x: string, weights: string, bias: string, all: Weights, from = 0, to?: number): string {
  const [c, o] = all[weights].shape.slice(2);
  const end = to ?? o;
  const part = (data: Float32Array, row: number) => data.filter((_, i) => i % row >= from && i % row < end);
  const data = turned([1, 1, c, end - from], part(all[weights].data, o));
  const w = g.constant(`${weights}.${from}`, [end - from, c, 1, 1], data);
  return g.node("Conv", [x, w, g.constant(`${bias}.${from}`, [end - from], part(all[bias].data, o))]);
}

/** A vector over the channels of a map. */
const along = (g: Graph, name: string, all: Weights) => g.constant(name, [all[name].data.length, 1, 1], all[name].data);

function context(g: Graph, x: string, layer: Extract<FoldedLayer, { op: "context" }>, all: Weights): string {
  const c = all[layer.bias[0]].data.length;
  const pooled = g.node("Concat", [g.node("GlobalAveragePool", [x]), g.node("GlobalMaxPool", [x])], { axis: 1 });
  const inner = g.node("Relu", [dense(g, pooled, layer.weights[0], layer.bias[0], all)]);
  const part = (from: number) => dense(g, inner, layer.weights[1], layer.bias[1], all, from, from + c);
  const gate = g.node("Mul", [g.node("Sigmoid", [part(0)]), g.float(2)]);
  return g.node("Add", [g.node("Mul", [x, gate]), part(c)]);
}

function layerNorm(g: Graph, x: string, layer: Extract<FoldedLayer, { op: "layernorm" }>, all: Weights): string {
  const mean = (v: string) => g.node("ReduceMean", [v], { axes: [1], keepdims: 1 });
  const off = g.node("Sub", [x, mean(x)]);
  const variance = g.node("Add", [mean(g.node("Mul", [off, off])), g.float(LAYER_NORM_EPSILON)]);
  const normed = g.node("Div", [off, g.node("Sqrt", [variance])]);
  return g.node("Add", [g.node("Mul", [normed, along(g, layer.scale, all)]), along(g, layer.shift, all)]);
}

function attention(g: Graph, x: string, layer: Extract<FoldedLayer, { op: "attention" }>, all: Weights): string {
  const { heads, window } = layer;
  const c = all[layer.bias[1]].data.length;
  const qkv = dense(g, x, layer.weights[0], layer.bias[0], all);
  const parted = g.node("Reshape", [qkv, g.integers(0, 3, heads, c / heads, -1)]);
  // [n, heads, depth, frames] each.
  const [q, k, v] = [0, 1, 2].map((i) => g.node("Gather", [parted, g.integer(i)], { axis: 1 }));
  const swapped = (v: string) => g.node("Transpose", [v], { perm: [0, 1, 3, 2] });
  const scaled = g.node("Mul", [g.node("MatMul", [swapped(q), k]), g.float(1 / Math.sqrt(c / heads))]);
  const frames = g.node("Gather", [g.node("Shape", [x]), g.integer(3)]);
  const at = g.node("Range", [g.integer(0), frames, g.integer(1)]);
  const apart = g.node("Sub", [g.node("Unsqueeze", [at, g.integers(1)]), g.node("Unsqueeze", [at, g.integers(0)])]);
  const far = g.node("Cast", [g.node("Greater", [g.node("Abs", [apart]), g.integer(window)])], { to: FLOAT });
  const seen = g.node("Softmax", [g.node("Sub", [scaled, g.node("Mul", [far, g.float(1e9)])])], { axis: 3 });
  const mixed = g.node("Reshape", [swapped(g.node("MatMul", [seen, swapped(v)])), g.integers(0, c, 1, -1)]);
  return dense(g, mixed, layer.weights[1], layer.bias[1], all);
}

/** @throws Error where the bytes are no `scrawl-1` model. */
export function toOnnx(model: Uint8Array, name: string): Uint8Array {
  const { metadata, tensors } = decode(model, name);
  if (metadata.format !== "scrawl-1") throw new Error(`${name}: no scrawl-1 model but ${metadata.format}`);
  const layers: FoldedLayer[] = JSON.parse(metadata.layers);
  const [height, width, channels]: number[] = JSON.parse(metadata.input);
  const g = new Graph();
  const named = new Map<string, Value>();
  let [x, rows, flat]: [string, number, boolean] = ["input", height, false];
  for (const layer of layers) {
    switch (layer.op) {
      case "pool":
        x = g.node("MaxPool", [x], { kernel_shape: layer.size, strides: layer.size });
        rows = Math.floor(rows / layer.size[0]);
        break;
      case "flatten":
        x = g.node("Flatten", [g.node("Transpose", [x], { perm: [0, 2, 3, 1] })], { axis: 1 });
        flat = true;
        break;
      case "add":
        x = g.node("Add", [x, named.get(layer.with)!.name]);
        if (layer.relu) x = g.node("Relu", [x]);
        break;
      case "concat":
        x = g.node("Concat", [x, named.get(layer.with)!.name], { axis: 1 });
        break;
      case "upsample": {
        const scales = g.constant(`by_${layer.by}`, [4], Float32Array.of(1, 1, layer.by, layer.by));
        x = g.node("Resize", [x, "", scales], {
          mode: "nearest",
          nearest_mode: "floor",
          coordinate_transformation_mode: "asymmetric",
        });
        rows *= layer.by;
        break;
      }
      case "from":
        ({ name: x, rows } = named.get(layer.layer)!);
        break;
      case "context":
        x = context(g, x, layer, tensors);
        break;
      case "layernorm":
        x = layerNorm(g, x, layer, tensors);
        break;
      case "attention":
        x = attention(g, x, layer, tensors);
        break;
      case "depthwise": {
        const [kh, kw, c] = tensors[layer.weights].shape;
        const w = g.constant(layer.weights, [c, 1, kh, kw], turned([kh, kw, 1, c], tensors[layer.weights].data));
        const bias = g.constant(layer.bias, [c], tensors[layer.bias].data);
        x = g.node("Conv", [x, w, bias], { kernel_shape: [kh, kw], group: c, auto_pad: "SAME_UPPER" });
        if (layer.relu) x = g.node("Relu", [x]);
        break;
      }
      case "conv": {
        const w = tensors[layer.weights];
        const [kh, kw, c, o] = w.shape;
        const bias = g.constant(layer.bias, [o], tensors[layer.bias].data);
        if (flat) {
          // A 1 x 1 window over a flat row: [in][out] as it is.
          x = g.node("Gemm", [x, g.constant(layer.weights, [c, o], w.data), bias]);
        } else {
          const weights = g.constant(layer.weights, [o, c, kh, kw], turned(w.shape, w.data));
          const same = layer.pad === "same";
          const auto_pad = same ? "SAME_UPPER" : "VALID";
          x = g.node("Conv", [x, weights, bias], { kernel_shape: [kh, kw], strides: layer.stride, auto_pad });
          rows = Math.ceil((rows - (same ? 0 : kh - 1)) / layer.stride[0]);
        }
        if (layer.relu) x = g.node("Relu", [x]);
        if (layer.scale && layer.shift) {
          const dims = flat ? [o] : [o, 1, 1];
          x = g.node("Mul", [x, g.constant(layer.scale, dims, tensors[layer.scale].data)]);
          x = g.node("Add", [x, g.constant(layer.shift, dims, tensors[layer.shift].data)]);
        }
      }
    }
    if (layer.name !== undefined) named.set(layer.name, { name: x, rows });
  }
  const frames = !flat && rows === 1;
  if (frames) x = g.node("Transpose", [g.node("Squeeze", [x, g.integers(2)])], { perm: [0, 2, 1] });
  else if (!flat) x = g.node("Transpose", [x], { perm: [0, 2, 3, 1] });
  g.nodes.push(new Message().string(1, x).string(2, "logits").string(3, "logits").string(4, "Identity"));
  const graph = new Message();
  g.nodes.forEach((n) => graph.message(1, n));
  graph.string(2, name);
  g.initializers.forEach((i) => graph.message(5, i));
  const size = flat ? [height, width] : frames ? [height, "width"] : ["height", "width"];
  graph.message(11, valueInfo("input", ["n", channels, ...size]));
  const last = layers[layers.length - 1];
  const classes = last.op === "conv" ? tensors[last.bias].data.length : "classes";
  graph.message(12, valueInfo("logits", ["n", ...flat ? [] : frames ? ["frames"] : ["rows", "columns"], classes]));
  const out = new Message().int(1, 8).string(2, "scrawl").string(3, VERSION).message(7, graph);
  out.message(8, new Message().string(1, "").int(2, 13));
  for (const key of ["alphabet", "kinds", "contract", "preset"]) {
    if (metadata[key]) out.message(14, new Message().string(1, key).string(2, metadata[key]));
  }
  return out.encode();
}
