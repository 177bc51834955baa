/** Nets with branches and attention: the trainer's forward pass, its gradients, the runtime's and ONNX's, at odd sizes. */
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { openSession, ort } from "../src/bench/ort.ts";
import { openRunner } from "../src/engine/runner.ts";
import { begin, mean, originsOf } from "../src/train/checkpoint.ts";
import { toOnnx } from "../src/export/onnx.ts";
import { withRanges } from "../src/export/int8.ts";
import { decode, encode } from "../src/safetensors.ts";
import { registerRust } from "../src/train/backend/mod.ts";
import * as frames from "../src/train/backend/frames.ts";
import * as maps from "../src/train/backend/maps.ts";
import { withoutNorms } from "../src/train/layers.ts";
import { type Layer, Net } from "../src/train/net.ts";
import { PRESETS, withClasses } from "../src/train/presets.ts";
import { file, LINE, PAGE, trained, values } from "./nets.ts";

const fallen: string[] = [];
await registerRust((kernel) => fallen.push(kernel));

/** Kernels that only look at a tensor in another way, or are of the test's own loss. */
const VIEWS = ["Tile", "Fill", "Cast", "Identity", "Reshape"];

function near(name: string, a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number) {
  assertStrictEquals(a.length, b.length, `${name}: number of values`);
  for (let i = 0; i < a.length; i++) {
    assert(Math.abs(a[i] - b[i]) <= tolerance * (1 + Math.abs(b[i])), `${name}[${i}]: ${a[i]} and ${b[i]}`);
  }
}

/** Each net with its input, sizes that it was not made for, and the size of what it gives for them. */
const NETS: [
  string,
  Layer[],
  [number, number, number],
  [number, number, number][],
  (h: number, w: number) => number[],
][] = [
  ["a page net", PAGE, [12, 20, 3], [[2, 12, 20], [1, 36, 28], [3, 4, 4]], (h, w) => [h / 2, w / 2, 5]],
  ["a line net", LINE, [10, 26, 1], [[2, 10, 26], [1, 10, 61], [3, 10, 2]], (_, w) => [Math.floor(w / 2), 7]],
];

for (const [name, layers, input, sizes, out] of NETS) {
  Deno.test(`${name}: the runtime gives what the trainer gives, and so does ONNX`, async () => {
    await tf.setBackend("rust");
    const net = trained(layers, input);
    const runner = await openRunner(file(net));
    const session = await openSession(toOnnx(file(net), name));
    for (const [n, h, w] of sizes) {
      const x = values([n, h, w, input[2]], 7) as tf.Tensor4D;
      const wanted = net.predict(x);
      assertEquals(wanted.shape, [n, ...out(h, w)]);
      near("logits", runner.run(x.dataSync() as Float32Array, n, h, w), wanted.dataSync(), 1e-4);
      const turned = tf.transpose(x, [0, 3, 1, 2]).dataSync() as Float32Array;
      const { logits } = await session.run({ input: new ort.Tensor("float32", turned, [n, input[2], h, w]) });
      assertEquals([...logits.dims], wanted.shape);
      near("ONNX", logits.data as Float32Array, wanted.dataSync(), 1e-4);
    }
  });

  Deno.test(`${name}: a step uses Rust kernels alone, and its gradients are those of tfjs's operations`, async () => {
    const results: Float32Array[][] = [];
    for (const backend of ["cpu", "rust"]) {
      await tf.setBackend(backend);
      const net = trained(layers.map((l): Layer => l.op === "dropout" ? { ...l, rate: 0 } : l), input);
      const x = values([2, ...input], 7) as tf.Tensor4D;
      const weights = values([2, ...out(input[0], input[1])], 8);
      fallen.length = 0;
      results.push(tf.tidy(() => {
        let statistics: tf.Tensor[] = [];
        const { value, grads } = tf.variableGrads(() => {
          const pass = net.train(x, 1, [input[1], 9]);
          statistics = pass.statistics;
          return tf.sum(tf.mul(pass.logits, weights)) as tf.Scalar;
        }, net.variables);
        const all = [value, ...net.variables.map((v) => grads[v.name])].map((t) => t.dataSync() as Float32Array);
        tf.dispose(statistics);
        return all;
      }));
    }
    assertEquals(fallen.filter((k) => !VIEWS.includes(k)), []);
    results[0].forEach((wanted, i) => near(`gradient ${i - 1}`, results[1][i], wanted, 5e-3));
  });
}

Deno.test("operations of ours and their gradients are those of tfjs's operations", async () => {
  const results: Float32Array[][] = [];
  for (const name of ["cpu", "rust"]) {
    await tf.setBackend(name);
    const [a, b, c, g] = [[2, 3, 5, 7], [2, 3, 5, 7], [2, 3, 5, 4], [2, 14]].map((s, i) => values(s, 20 + i));
    const [qkv, scale, shift] = [[2, 1, 29, 18], [7], [7]].map((s, i) => values(s, 30 + i));
    const lengths = tf.tensor1d([29, 11], "int32");
    const attend = (l?: tf.Tensor1D) => (q: tf.Tensor) => frames.attention(q as tf.Tensor4D, l, 3, 4);
    const f: Record<string, [(...t: tf.Tensor[]) => tf.Tensor, tf.Tensor[]]> = {
      add: [(a, b) => maps.add(a, b, false), [a, b]],
      addRelu: [(a, b) => maps.add(a, b, true), [a, b]],
      twice: [(a) => maps.add(a, a, true), [a]],
      concat: [(a, c) => maps.concat(a as tf.Tensor4D, c as tf.Tensor4D), [a, c]],
      upsample: [(a) => maps.upsample(a as tf.Tensor4D, 3), [a]],
      pool: [(a) => maps.contextPool(a as tf.Tensor4D), [a]],
      gate: [(a, g) => maps.gate(a as tf.Tensor4D, g as tf.Tensor2D), [a, g]],
      norm: [(a, s, t) => frames.layerNorm(a, s as tf.Tensor1D, t as tf.Tensor1D), [a, scale, shift]],
      attention: [attend(), [qkv]],
      masked: [attend(lengths), [qkv]],
    };
    const all = Object.values(f).flatMap(([f, inputs]) => [
      f(...inputs),
      ...tf.grads((...t: tf.Tensor[]) => tf.sum(tf.square(f(...t))) as tf.Scalar)(inputs),
    ]);
    results.push(all.map((t) => t.dataSync() as Float32Array));
  }
  results[0].forEach((wanted, i) => near(`value ${i}`, results[1][i], wanted, 5e-4));
});

Deno.test("filling beside a line changes nothing that attention sees", async () => {
  await tf.setBackend("rust");
  const net = new Net([{ op: "attention", heads: 2, window: 50 }], [1, 12, 8], 1);
  const x = values([1, 1, 12, 8], 3) as tf.Tensor4D;
  const [wide, cut] = [net.predict(x, [7]), net.predict(tf.slice(x, [0, 0, 0, 0], [1, 1, 7, 8]))];
  near("frames", tf.slice(wide, [0, 0, 0], [1, 7, 8]).dataSync(), cut.dataSync(), 1e-6);
});

Deno.test("a context that has learnt nothing changes nothing", async () => {
  await tf.setBackend("rust");
  const net = new Net([{ op: "context" }], [3, 5, 4], 1);
  const x = values([2, 3, 5, 4], 3) as tf.Tensor4D;
  assertEquals(net.predict(x).dataSync(), x.dataSync());
});

Deno.test("filters of 16 bits: half of the file, and the logits of the trainer's rounded weights", async () => {
  await tf.setBackend("rust");
  const net = trained(LINE, [10, 26, 1]);
  net.halved(net.variables.map((v) => v.dataSync() as Float32Array)).forEach((v, i) => {
    net.variables[i].assign(tf.tensor(v, net.variables[i].shape));
  });
  const [whole, half] = [file(net), file(net, true)];
  const size = (bytes: Uint8Array) => bytes.length - Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assert(size(half) < 0.65 * size(whole), `${size(half)} bytes of ${size(whole)}`);
  const x = values([2, 10, 26, 1], 7) as tf.Tensor4D;
  const runner = await openRunner(half);
  near("logits", runner.run(x.dataSync() as Float32Array, 2, 10, 26), net.predict(x).dataSync(), 1e-5);
  const [a, b] = [decode(whole), decode(half)];
  for (const [key, { data }] of Object.entries(a.tensors)) near(key, b.tensors[key].data, data, 1e-6);
});

Deno.test("a model file's weights are those that a net begins with", async () => {
  await tf.setBackend("rust");
  for (const [layers, input] of [[PAGE, [12, 20, 3]], [LINE, [10, 26, 1]]] as const) {
    const [net, twin] = [trained(layers, [...input]), new Net(layers, [...input], 6)];
    const x = values([4, ...input], 12) as tf.Tensor4D;
    tf.tidy(() => twin.unfold(net.fold().tensors, x));
    near("logits", twin.predict(x).dataSync(), net.predict(x).dataSync(), 1e-3);
    // With its norms folded in it learns on just where it is, whatever a batch is like.
    const still = layers.map((l): Layer => l.op === "dropout" ? { ...l, rate: 0 } : l);
    const folded = new Net(withoutNorms(still), [...input], 6);
    folded.unfold(net.fold().tensors, x);
    const one = tf.slice(x, [0, 0, 0, 0], [1, ...input]);
    near("logits of a step", folded.train(one, 1).logits.dataSync(), net.predict(one).dataSync(), 1e-3);
  }
});

Deno.test("a net with more layers begins as the one that it goes on from", async () => {
  await tf.setBackend("rust");
  const input: [number, number, number] = [10, 26, 1];
  const older = trained([...LINE.slice(0, 4), LINE[LINE.length - 1]], input);
  const x = values([4, ...input], 12) as tf.Tensor4D;
  const wanted = older.predict(x).dataSync();
  const still = LINE.map((l, i) => [4, 7, 11].includes(i) ? { ...l, zero: true } as Layer : l);
  const state = (net: Net) => ({
    weights: net.variables.map((v) => v.dataSync().slice() as Float32Array),
    slots: [],
    average: [],
    statistics: net.statistics.map((s) => s.slice()),
  });
  const fresh = [4, 6, 7, 9, 10, 11];

  const fromModel = new Net(still, input, 6);
  assertEquals(tf.tidy(() => fromModel.unfold(older.fold().tensors, x)), fresh);
  near("of a model file", fromModel.predict(x).dataSync(), wanted, 1e-3);

  const { weights, statistics } = state(older);
  const named = (kind: string, all: Float32Array[]) =>
    all.map((
      data,
      i,
    ): [string, { shape: number[]; data: Float32Array }] => [`${kind}.${i}`, { shape: [data.length], data }]);
  const checkpoint = {
    metadata: {},
    tensors: Object.fromEntries([...named("weights", weights), ...named("statistics", statistics)]),
  };
  const fromCheckpoint = new Net(still, input, 7);
  const [begun, anew] = begin(checkpoint, "old", state(fromCheckpoint), fromCheckpoint);
  assertEquals(anew, fresh);
  begun.weights.forEach((w, i) => fromCheckpoint.variables[i].assign(tf.tensor(w, fromCheckpoint.variables[i].shape)));
  begun.statistics.forEach((t, i) => fromCheckpoint.statistics[i].set(t));
  near("of a checkpoint", fromCheckpoint.predict(x).dataSync(), wanted, 1e-5);

  const other = new Net([...LINE.slice(0, 4), { op: "conv", filters: 8, kernel: [1, 1] }], input, 1);
  assertThrows(() => other.unfold(older.fold().tensors, x), Error, "Layer 4 of the model file (weights 1 x 1 x 10 x 7");
  assertThrows(() => begin(checkpoint, "old", state(other), other), Error, "old: weights.9, 70 values, has no place");
  assertThrows(() => begin({ metadata: {}, tensors: {} }, "empty", state(other), other), Error, "empty: weights.0, no");
});

Deno.test("several checkpoints begin a run as their mean, another net's or a model is refused", async () => {
  await tf.setBackend("rust");
  const conv = (zero?: boolean): Layer => ({ op: "conv", filters: 3, kernel: [1, 1], norm: true, zero });
  const net = new Net([conv(), conv(true)], [4, 4, 3], 1);
  const like = {
    weights: net.variables.map((v) => v.dataSync().slice() as Float32Array),
    slots: [],
    average: [],
    statistics: net.statistics.map((s) => s.slice()),
  };
  /** Weights that are all `value`, statistics one more, of the first layers. */
  const file = (value: number, layers = 2) => {
    const parts = net.parts.slice(0, layers);
    const tensors = (kind: string, sizes: number[], v: number) =>
      sizes.map((n, i) => [`${kind}.${i}`, { shape: [n], data: new Float32Array(n).fill(v) }]);
    const sizes = (kind: "weights" | "statistics", of: number[]) => of.map((i) => like[kind][i].length);
    return {
      metadata: {},
      tensors: Object.fromEntries([
        ...tensors("average", sizes("weights", parts.flatMap((p) => p.variables)), value),
        ...tensors("statistics", sizes("statistics", parts.flatMap((p) => p.statistics)), value + 1),
        ["slot0.0", { shape: [1], data: Float32Array.of(9) }],
      ]),
    };
  };
  const all = (arrays: Float32Array[]) => [...new Set(arrays.flatMap((a) => [...a]))];
  const both = originsOf("a,b");
  const even = mean([file(1), file(3)], both, like, net);
  assertEquals([all(even.weights), all(even.statistics)], [[2], [3]]);
  const most = mean([file(1), file(3)], originsOf("a@0.25,b@0.75"), like, net);
  assertEquals([all(most.weights), all(most.statistics)], [[2.5], [3.5]]);

  // Of a layer that the second lacks, what begins as zero is zero in it, and the rest as in the first.
  const added = mean([file(1), file(3, 1)], both, like, net);
  const [old, fresh] = net.parts;
  assertEquals(all(old.variables.map((i) => added.weights[i])), [2]);
  const begunAsZero = fresh.variables.map((i) => like.weights[i].every((v) => v === 0));
  assert(begunAsZero.includes(true) && begunAsZero.includes(false));
  fresh.variables.forEach((i, k) => assertEquals(all([added.weights[i]]), [begunAsZero[k] ? 0.5 : 1]));
  assertEquals(all(fresh.statistics.map((i) => added.statistics[i])), [2]);

  const other = { metadata: {}, tensors: { "average.0": { shape: [1], data: Float32Array.of(1) } } };
  assertThrows(
    () => mean([file(1), other], both, like, net),
    Error,
    "b: average.0, 1 values, has no place in this net",
  );
  assertThrows(() => mean([{ metadata: {}, tensors: {} }, file(1)], both, like, net), Error, "a is no checkpoint");
  assertThrows(
    () => mean([file(3, 1), file(1)], both, like, net),
    Error,
    "a: the first of several must have all layers",
  );
});

Deno.test("layers that do not fit together are refused with what is there", async () => {
  await tf.setBackend("rust");
  const conv: Layer = { op: "conv", filters: 4, kernel: [3, 3], stride: [2, 2], name: "a" };
  const build = (...layers: Layer[]) => new Net(layers, [6, 10, 3], 1);
  assertThrows(() => build(conv, { op: "add", with: "b" }), Error, "wants the output b; before it there are a");
  assertThrows(() => build(conv, conv), Error, "Two layers are named a");
  assertThrows(
    () => build(conv, { op: "upsample", by: 2 }, { op: "add", with: "a" }),
    Error,
    "cannot add a (3 x 5 x 4) to 6 x 10 x 4",
  );
  assertThrows(() => build({ op: "flatten" }, { op: "context" }), Error, "cannot follow flatten");
  assertThrows(() => build(conv, { op: "norm" }).fold(), Error, "without a name");
  assertThrows(() => build(conv, { op: "attention", heads: 2, window: 1 }), Error, "wants one row");
  const { layers, tensors } = build(conv).fold();
  const folded = JSON.stringify(layers).replace('"relu"', '"gelu":true,"relu"');
  const model = encode({ metadata: { format: "scrawl-1", layers: folded }, tensors });
  await assertRejects(() => openRunner(model), Error, "gelu");
});

Deno.test("int8: a net with attention is refused, and it is said what for", async () => {
  await tf.setBackend("rust");
  const model = file(trained(LINE, [10, 26, 1]));
  const runner = await openRunner(model);
  const prepared = withRanges(model, runner.ranges(new Float32Array(260).fill(0.5), 1, 10, 26));
  await assertRejects(() => openRunner(prepared, true), Error, "only run in float");
});

Deno.test("the preset of the line net with context is within its budget", async () => {
  await tf.setBackend("cpu");
  const { layers, input } = PRESETS.context;
  const net = new Net(withClasses(layers), input, 1);
  // 256 columns at 32 rows are 320 at 40.
  assertEquals(input, [40, 320, 1]);
  assert(net.macs < 450e6, `${net.macs} multiply-adds`);
  assert(net.parameters > 1.5e6 && net.parameters < 4e6, `${net.parameters} parameters`);
});
