/** Nets with branches: the trainer's forward pass, its gradients, and the runtime's, on every layer of the schema at odd sizes. */
import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { openRunner } from "../src/engine/runner.ts";
import { encode } from "../src/safetensors.ts";
import { registerRust } from "../src/train/backend/mod.ts";
import * as maps from "../src/train/backend/maps.ts";
import { type Layer, Net } from "../src/train/net.ts";

const fallen: string[] = [];
await registerRust((kernel) => fallen.push(kernel));

const values = (shape: number[], seed: number) => tf.truncatedNormal(shape, 0, 1, "float32", seed);

function near(name: string, a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number) {
  assertStrictEquals(a.length, b.length, `${name}: number of values`);
  for (let i = 0; i < a.length; i++) {
    assert(Math.abs(a[i] - b[i]) <= tolerance * (1 + Math.abs(b[i])), `${name}[${i}]: ${a[i]} and ${b[i]}`);
  }
}

/** Residual blocks, a decoder with sums and concatenation, page context. */
const LAYERS: Layer[] = [
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
const INPUT: [number, number, number] = [12, 20, 3];

const model = (net: Net) => {
  const { layers, tensors } = net.fold();
  return encode({ metadata: { format: "scrawl-1", layers: JSON.stringify(layers) }, tensors });
};

Deno.test("a net with branches: the runtime gives what the trainer gives, at sizes that were not trained", async () => {
  await tf.setBackend("rust");
  const net = new Net(LAYERS, INPUT, 5);
  // Weights that start at nothing, and statistics, as a trained net has them.
  net.variables.forEach((v, i) => v.shape.length === 1 && v.assign(tf.add(v, tf.mul(values(v.shape, 100 + i), 0.3))));
  net.variables.filter((v) => v.shape.length === 4 && v.shape[3] === 18).forEach((v) => v.assign(values(v.shape, 9)));
  net.statistics.forEach((s, i) => s.forEach((_, j) => s[j] = 0.5 + ((i * 7 + j * 3) % 5) / 5));
  const runner = await openRunner(model(net));
  for (const [n, h, w] of [[2, 12, 20], [1, 36, 28], [3, 4, 4]]) {
    const x = values([n, h, w, 3], 7) as tf.Tensor4D;
    const wanted = net.predict(x);
    assertEquals(wanted.shape, [n, h / 2, w / 2, 5]);
    near("logits", runner.run(x.dataSync() as Float32Array, n, h, w), wanted.dataSync(), 1e-4);
  }
});

Deno.test("a net with branches: a step uses Rust kernels alone, and its gradients are those of tfjs's operations", async () => {
  const results: Float32Array[][] = [];
  const layers = LAYERS.map((l): Layer => l.op === "dropout" ? { ...l, rate: 0 } : l);
  for (const name of ["cpu", "rust"]) {
    await tf.setBackend(name);
    fallen.length = 0;
    const net = new Net(layers, INPUT, 5);
    net.variables.filter((v) => v.shape.length === 4 && v.shape[3] === 18).forEach((v) => v.assign(values(v.shape, 9)));
    const x = values([2, ...INPUT], 7) as tf.Tensor4D;
    const weights = values([2, 6, 10, 5], 8);
    fallen.length = 0;
    results.push(tf.tidy(() => {
      let statistics: tf.Tensor[] = [];
      const { value, grads } = tf.variableGrads(() => {
        const pass = net.train(x, 1);
        statistics = pass.statistics;
        return tf.sum(tf.mul(pass.logits, weights)) as tf.Scalar;
      }, net.variables);
      const out = [value, ...net.variables.map((v) => grads[v.name])].map((t) => t.dataSync() as Float32Array);
      tf.dispose(statistics);
      return out;
    }));
  }
  // The sum's own gradient alone is tfjs's.
  assertEquals(fallen.filter((k) => !["Tile", "Fill", "Cast", "Identity", "Reshape"].includes(k)), []);
  results[0].forEach((wanted, i) => near(`gradient ${i - 1}`, results[1][i], wanted, 5e-3));
});

Deno.test("operations on maps and their gradients are those of tfjs's operations", async () => {
  const results: Float32Array[][] = [];
  for (const name of ["cpu", "rust"]) {
    await tf.setBackend(name);
    const [a, b, c, g] = [[2, 3, 5, 7], [2, 3, 5, 7], [2, 3, 5, 4], [2, 14]].map((s, i) => values(s, 20 + i));
    const f: Record<string, [(...t: tf.Tensor[]) => tf.Tensor, tf.Tensor[]]> = {
      add: [(a, b) => maps.add(a, b, false), [a, b]],
      addRelu: [(a, b) => maps.add(a, b, true), [a, b]],
      twice: [(a) => maps.add(a, a, true), [a]],
      concat: [(a, c) => maps.concat(a as tf.Tensor4D, c as tf.Tensor4D), [a, c]],
      upsample: [(a) => maps.upsample(a as tf.Tensor4D, 3), [a]],
      pool: [(a) => maps.contextPool(a as tf.Tensor4D), [a]],
      gate: [(a, g) => maps.gate(a as tf.Tensor4D, g as tf.Tensor2D), [a, g]],
    };
    const all = Object.values(f).flatMap(([f, inputs]) => [
      f(...inputs),
      ...tf.grads((...t: tf.Tensor[]) => tf.sum(tf.square(f(...t))) as tf.Scalar)(inputs),
    ]);
    results.push(all.map((t) => t.dataSync() as Float32Array));
  }
  results[0].forEach((wanted, i) => near(`value ${i}`, results[1][i], wanted, 1e-4));
});

Deno.test("a context that has learnt nothing changes nothing", async () => {
  await tf.setBackend("rust");
  const net = new Net([{ op: "context" }], [3, 5, 4], 1);
  const x = values([2, 3, 5, 4], 3) as tf.Tensor4D;
  assertEquals(net.predict(x).dataSync(), x.dataSync());
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
    "cannot add a \(3 x 5 x 4\) to 6 x 10 x 4",
  );
  assertThrows(() => build({ op: "flatten" }, { op: "context" }), Error, "cannot follow flatten");
  assertThrows(() => build(conv, { op: "norm" }).fold(), Error, "without a name");
  let message = "";
  try {
    const { layers, tensors } = build(conv).fold();
    const folded = JSON.stringify(layers).replace('"relu"', '"gelu":true,"relu"');
    await openRunner(encode({ metadata: { format: "scrawl-1", layers: folded }, tensors }));
  } catch (e) {
    message = (e as Error).message;
  }
  assertMatch(message, /gelu/);
});
