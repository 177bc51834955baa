/**
 * A model file as ONNX (onnx.proto of ONNX 1.14, opset 13). ONNX keeps channels before rows: weights are turned, and the flat part of a glyph net
 * sees its input in our order by a transpose. Input `input` `[n, 1, height, width]`, output `logits` `[n, k]` or `[n, frames, k]`.
 */
import { decode } from "../safetensors.ts";
import type { FoldedLayer } from "../train/net.ts";
import { VERSION } from "../version.ts";
import { Message } from "./protobuf.ts";

const [FLOAT, INT64] = [1, 7];
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

/** @throws Error where the bytes are no `scrawl-1` model. */
export function toOnnx(model: Uint8Array, name: string): Uint8Array {
  const { metadata, tensors } = decode(model, name);
  if (metadata.format !== "scrawl-1") throw new Error(`${name}: no scrawl-1 model but ${metadata.format}`);
  const layers: FoldedLayer[] = JSON.parse(metadata.layers);
  const [height, width]: number[] = JSON.parse(metadata.input);
  const graph = new Message();
  let [at, count, flat] = ["input", 0, false];
  const initializers: Message[] = [];
  const nodes: Message[] = [];
  const node = (op: string, inputs: string[], attributes: Record<string, Attribute> = {}) => {
    const out = `${op.toLowerCase()}${count++}`;
    const m = new Message();
    inputs.forEach((i) => m.string(1, i));
    m.string(2, out).string(3, out).string(4, op);
    for (const [k, v] of Object.entries(attributes)) m.message(5, attribute(k, v));
    nodes.push(m);
    at = out;
  };
  const constant = (name: string, dims: number[], data: Float32Array | BigInt64Array) => {
    initializers.push(tensor(name, dims, data));
    return name;
  };
  for (const layer of layers) {
    if (layer.op === "pool") node("MaxPool", [at], { kernel_shape: layer.size, strides: layer.size });
    else if (layer.op === "flatten") {
      node("Transpose", [at], { perm: [0, 2, 3, 1] });
      node("Flatten", [at], { axis: 1 });
      flat = true;
    } else if (layer.op !== "conv") {
      throw new Error(`${name}: a net with ${layer.op} cannot be written as ONNX yet`);
    } else {
      const w = tensors[layer.weights];
      const channels = w.shape[3];
      const bias = constant(layer.bias, [channels], tensors[layer.bias].data);
      if (flat) {
        // A 1 x 1 window over a flat row: [in][out] as it is.
        node("Gemm", [at, constant(layer.weights, w.shape.slice(2), w.data), bias]);
      } else {
        const [kh, kw, c, o] = w.shape;
        const weights = constant(layer.weights, [o, c, kh, kw], turned(w.shape, w.data));
        const auto_pad = layer.pad === "same" ? "SAME_UPPER" : "VALID";
        node("Conv", [at, weights, bias], { kernel_shape: [kh, kw], strides: layer.stride, auto_pad });
      }
      if (layer.relu) node("Relu", [at]);
      if (layer.scale && layer.shift) {
        const dims = flat ? [channels] : [channels, 1, 1];
        node("Mul", [at, constant(layer.scale, dims, tensors[layer.scale].data)]);
        node("Add", [at, constant(layer.shift, dims, tensors[layer.shift].data)]);
      }
    }
  }
  if (!flat) {
    node("Squeeze", [at, constant("rows", [1], BigInt64Array.of(2n))]);
    node("Transpose", [at], { perm: [0, 2, 1] });
  }
  nodes.push(new Message().string(1, at).string(2, "logits").string(3, "logits").string(4, "Identity"));
  nodes.forEach((n) => graph.message(1, n));
  graph.string(2, name);
  initializers.forEach((i) => graph.message(5, i));
  const k = tensors[(layers.findLast((l) => l.op === "conv") as { bias: string }).bias].shape[0];
  graph.message(11, valueInfo("input", ["n", 1, height, flat ? width : "width"]));
  graph.message(12, valueInfo("logits", flat ? ["n", k] : ["n", "frames", k]));
  const out = new Message().int(1, 8).string(2, "scrawl").string(3, VERSION).message(7, graph);
  out.message(8, new Message().string(1, "").int(2, 13));
  for (const key of ["alphabet", "kinds", "contract", "preset"]) {
    if (metadata[key]) out.message(14, new Message().string(1, key).string(2, metadata[key]));
  }
  return out.encode();
}
