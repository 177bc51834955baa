/** Ten steps on `webgpu` and on `rust` from the same seed, and a checkpoint of one that the other goes on from. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { registerRust } from "../src/train/backend/mod.ts";
import { crossEntropy, ctcLoss, pictures } from "../src/train/backend/fused.ts";
import { GpuLearner, registerWebGpu } from "../src/train/backend/webgpu/mod.ts";
import { load, readCheckpoint, save } from "../src/train/checkpoint.ts";
import { Exchange } from "../src/train/exchange.ts";
import { HostLearner, type Learner, type StepOptions } from "../src/train/learner.ts";
import { type Layer, Net } from "../src/train/net.ts";
import type { Batch } from "../src/train/task.ts";

const rust = await registerRust();
const opened = await registerWebGpu().catch((e: Error) => e);
const ignore = opened instanceof Error;
if (ignore) console.log(`The tests of training by WebGPU are skipped: ${(opened as Error).message}`);

/** Whole numbers that look random, the same in every run. */
function numbers(seed: number): (most: number) => number {
  let h = seed;
  return (most) => (h = Math.imul(h, 1103515245) + 12345 & 0x7fffffff) % most;
}

interface Trial {
  layers: Layer[];
  input: [number, number, number];
  options: StepOptions;
  batch(step: number): Batch;
  /** A variable that is not compared: a key's bias changes nothing, its gradient is rounding, which Adam makes steps of. */
  free?: number;
}

const LINE: Trial = {
  layers: [
    { op: "conv", filters: 8, kernel: [3, 3], norm: true, relu: true },
    { op: "pool", size: [2, 2] },
    { op: "conv", filters: 12, kernel: [3, 3], norm: true, relu: true },
    { op: "pool", size: [2, 2] },
    { op: "conv", filters: 16, kernel: [2, 3], stride: [2, 1], norm: true, relu: true },
    { op: "dropout", rate: 0.2 },
    { op: "conv", filters: 12, kernel: [1, 5], norm: true, relu: true },
    { op: "conv", filters: 9, kernel: [1, 1] },
  ],
  input: [8, 48, 1],
  options: { optimizer: { kind: "adam", decay: 0.01 }, ema: 0.99, statistics: 0.9 },
  batch(step) {
    const next = numbers(step + 1);
    const [n, h, w, frames] = [4, 8, 40 + 8 * (step % 2), 10 + 2 * (step % 2)];
    const x = Uint8Array.from({ length: n * h * w }, () => next(5) === 0 ? next(256) : 0);
    const labels = Array.from({ length: n }, () => Uint32Array.from({ length: 1 + next(4) }, () => 1 + next(5)));
    const target = { labels, weights: new Float32Array(n).fill(0.5), frames: new Uint32Array(n).fill(frames) };
    const of = Uint8Array.from({ length: n * frames }, () => next(4) === 0 ? 255 : next(3));
    return {
      x: pictures(x, [n, h, w, 1]),
      loss: (y) => ctcLoss(y as tf.Tensor3D, target, rust.runtime, { classes: 3, of, weight: 0.5 }),
    };
  },
};

/** With a block of attention, over lines that are shorter than their batch. */
const CONTEXT: Trial = {
  ...LINE,
  layers: [
    { op: "conv", filters: 8, kernel: [3, 3], norm: true, relu: true },
    { op: "pool", size: [4, 4] },
    { op: "conv", filters: 12, kernel: [2, 3], stride: [2, 1], norm: true, relu: true, name: "stem" },
    { op: "depthwise", kernel: [1, 5] },
    { op: "add", with: "stem", name: "place" },
    { op: "layernorm" },
    { op: "attention", heads: 3, window: 3 },
    { op: "dropout", rate: 0.1 },
    { op: "add", with: "place", name: "seen" },
    { op: "layernorm" },
    { op: "conv", filters: 20, kernel: [1, 1], relu: true },
    { op: "conv", filters: 12, kernel: [1, 1] },
    { op: "add", with: "seen" },
    { op: "layernorm" },
    { op: "conv", filters: 9, kernel: [1, 1] },
  ],
  free: 11,
  batch(step) {
    const { x, loss } = LINE.batch(step);
    return { x, loss, columns: Uint32Array.of(x.shape[2], x.shape[2] - 9, x.shape[2] - 4, 24) };
  },
};

const GLYPH: Trial = {
  layers: [
    { op: "conv", filters: 6, kernel: [3, 3], pad: "valid", relu: true },
    { op: "norm" },
    { op: "pool", size: [2, 2] },
    { op: "flatten" },
    { op: "dense", units: 12, relu: true },
    { op: "dropout", rate: 0.25 },
    { op: "dense", units: 5 },
  ],
  input: [10, 10, 1],
  options: { optimizer: { kind: "nesterov", decay: 5e-4, momentum: 0.9 }, ema: 0, statistics: 0.99 },
  batch(step) {
    const next = numbers(step + 1);
    const x = Uint8Array.from({ length: 7 * 100 }, () => next(256));
    const wanted = Float32Array.from({ length: 7 * 5 }, (_, i) => i % 5 === Math.floor(i / 5) % 2 ? 0.92 : 0.02);
    return {
      x: pictures(x, [7, 10, 10, 1]),
      loss: (y) => crossEntropy(y as tf.Tensor2D, tf.tensor2d(wanted, [7, 5])),
    };
  },
};

function learnerOn(backend: string, t: Trial): Learner {
  const net = new Net(t.layers, t.input, 3);
  const length = 1 + net.parameters + net.statistics.reduce((n, s) => n + s.length, 0);
  if (backend === "webgpu" && !(opened instanceof Error)) return new GpuLearner(opened, net, t.options);
  return new HostLearner(net, t.options, new Exchange(Exchange.buffer(1, length), 0, 1));
}

/** Losses of steps `first` to `last`, counted from 1. */
async function losses(learner: Learner, t: Trial, first: number, last: number): Promise<number[]> {
  const all: number[] = [];
  for (let step = first; step <= last; step++) {
    const batch = t.batch(step);
    learner.learn(batch, 0.02, step, 100 + step);
    batch.x.dispose();
    all.push(await learner.loss());
  }
  return all;
}

function near(name: string, got: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number) {
  for (let i = 0; i < wanted.length; i++) {
    const error = Math.abs(got[i] - wanted[i]);
    assert(error <= tolerance * (1 + Math.abs(wanted[i])), `${name} ${i}: ${got[i]}, wanted is ${wanted[i]}`);
  }
}

for (const [name, trial] of Object.entries({ line: LINE, context: CONTEXT, glyph: GLYPH })) {
  Deno.test({
    name: `webgpu: ten steps of a ${name} net have the losses of the Rust kernels`,
    ignore,
    sanitizeResources: false,
    sanitizeOps: false,
    async fn() {
      await tf.setBackend("rust");
      const host = learnerOn("rust", trial);
      const wanted = await losses(host, trial, 1, 10);
      const state = await host.snapshot();
      await tf.setBackend("webgpu");
      const device = learnerOn("webgpu", trial);
      near("loss of step", await losses(device, trial, 1, 10), wanted, 1e-3);
      assert(wanted[9] < wanted[0], "nothing was learnt");
      const own = await device.snapshot();
      for (const kind of ["weights", "average", "statistics"] as const) {
        own[kind].forEach((v, i) => trial.free !== i && near(`${kind} ${i}`, v, state[kind][i], 2e-3));
      }
    },
  });
}

Deno.test({
  name: "webgpu: a checkpoint in parts goes on with the same losses on either backend",
  ignore,
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/checkpoint.safetensors`;
    await tf.setBackend("webgpu");
    const device = learnerOn("webgpu", LINE);
    await losses(device, LINE, 1, 3);
    await save(path, await device.snapshot(), 2, [], 5000);
    await save(path, await device.snapshot(), 3, [], 5000);
    const names = [...Deno.readDirSync(folder)].map((f) => f.name).sort();
    assert(names.length > 3 && names.every((n) => !n.includes("-2-")), `parts are ${names}`);
    const wanted = await losses(device, LINE, 4, 5);
    await tf.setBackend("rust");
    const host = learnerOn("rust", LINE);
    const [state, step] = await load(path, await host.snapshot());
    assert(step === 3);
    host.restore(state);
    near("loss after step", await losses(host, LINE, 4, 5), wanted, 1e-3);
    await tf.setBackend("webgpu");
    const other = learnerOn("webgpu", LINE);
    other.restore((await load(path, await other.snapshot()))[0]);
    near("loss after step", await losses(other, LINE, 4, 5), wanted, 1e-5);
    await Deno.remove(`${folder}/${names.find((n) => n.includes("-3-2"))}`);
    const error = await readCheckpoint(path).catch((e: Error) => e.message);
    assert(typeof error === "string" && error.includes("Copy all of its parts"), String(error));
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  name: "webgpu: a step like the one before leaves nothing behind and finds its bind groups",
  ignore,
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    if (opened instanceof Error) return;
    await tf.setBackend("webgpu");
    const device = learnerOn("webgpu", LINE);
    await losses(device, LINE, 1, 3);
    const { device: gpu } = opened;
    const create = gpu.createBindGroup;
    let made = 0;
    gpu.createBindGroup = (d) => {
      made++;
      return create.call(gpu, d);
    };
    const used = () => [tf.memory().numTensors, opened.memory().numBytesInGPU, opened.memory().numBytesAllocatedInGPU];
    const before = used();
    for (const step of [1, 1, 1]) {
      made = 0;
      const batch = LINE.batch(step);
      device.learn(batch, 0.02, 4, 1);
      batch.x.dispose();
    }
    gpu.createBindGroup = create;
    assertEquals(used(), before);
    // Those of dropout, the frames' loss and the optimizer, whose parameters change with every step, and of tfjs's own kernel.
    assert(made <= 6, `${made} bind groups were made anew`);
  },
});
