/// <reference lib="deno.worker" />
/**
 * One worker of a training run: owns a replica of the net, learns from its share of each batch, and averages gradients
 * and batch statistics with the others, so that all replicas stay equal. Worker 0 writes checkpoints and reports.
 */
import * as tf from "@tensorflow/tfjs";
import { join } from "@std/path/join";
import { loadRuntime, registerRust } from "./backend/mod.ts";
import { begin, load, mean, save, type State } from "./checkpoint.ts";
import type { Config, History } from "./config.ts";
import { Exchange } from "./exchange.ts";
import { GlyphTask } from "./glyphs/task.ts";
import { LineTask } from "./lines/task.ts";
import { assign, Net } from "./net.ts";
import { Optimizer } from "./optimizer.ts";
import { encodePng } from "../format/png.ts";
import { decode, encode } from "../safetensors.ts";
import { rateAt } from "./schedule.ts";
import type { Task } from "./task.ts";

export interface Start {
  config: Config;
  rank: number;
  shared: SharedArrayBuffer;
  folder: string;
  resume: boolean;
  verbose: boolean;
}

export type Message =
  | { kind: "progress"; history: History }
  | { kind: "note"; text: string }
  | { kind: "done" }
  | { kind: "error"; text: string };

const post = (m: Message) => self.postMessage(m);

self.onmessage = ({ data }: MessageEvent<Start>) => {
  run(data).catch((e) => post({ kind: "error", text: e.stack ?? String(e) }));
};

async function run({ config, rank, shared, folder, resume, verbose }: Start): Promise<void> {
  const { jobs, seed, steps } = config;
  // Losses are computed by Rust whatever the tensors live on.
  const runtime = await loadRuntime(config.backend === "native" ? "native" : "rust");
  if (config.backend === "rust" || config.backend === "native") {
    const note = (kernel: string) =>
      verbose && rank === 0 && post({ kind: "note", text: `${kernel} runs on tfjs's CPU kernels` });
    await registerRust(note, config.backend);
  } else if (config.backend === "webgpu") await import("@tensorflow/tfjs-backend-webgpu");
  const backend = config.backend === "native" ? "rust" : config.backend;
  if (!await tf.setBackend(backend)) throw new Error(`tfjs has no ${backend} backend on this machine`);

  const net = new Net(config.layers, config.input, seed);
  const optimizer = new Optimizer(config.optimizer, net.variables);
  const average = config.ema > 0 ? net.variables.map((v) => v.dataSync().slice() as Float32Array) : [];
  const state: State = { net, optimizer, average };
  const checkpoint = join(folder, "checkpoint.safetensors");
  let step = 0;
  if (resume) step = await load(checkpoint, state);
  const task: Task = config.task.kind === "line"
    ? await LineTask.load(config.task.options, runtime, seed, rank, jobs)
    : await GlyphTask.load(config.task.options, seed, rank, jobs);

  const sizes = net.variables.map((v) => v.size);
  const statSizes = net.statistics.map((s) => s.length);
  const flat = new Float32Array([...sizes, ...statSizes].reduce((a, b) => a + b, 1));
  const parts = (from: number, sizes: number[]) => {
    let at = from;
    return sizes.map((n) => flat.subarray(at, at += n));
  };
  const gradients = parts(1, sizes);
  const statistics = parts(1 + sizes.reduce((a, b) => a + b, 0), statSizes);
  const exchange = new Exchange(shared, rank, jobs);
  if (config.from && !resume) await startFrom(config.from);

  if (rank === 0 && step === 0) {
    const { x } = task.batch(0);
    await Deno.writeFile(join(folder, "samples.png"), await samplesPng(x));
    x.dispose();
  }
  const began = performance.now();
  let [lossSum, lossCount, samples] = [0, 0, 0];
  while (step < steps) {
    tf.tidy(() => {
      const batch = task.batch(step);
      samples += batch.x.shape[0] * jobs;
      let seen: tf.Tensor1D[] = [];
      const { value, grads } = tf.variableGrads(() => {
        const pass = net.train(batch.x, seed * 1_000_003 + step * jobs + rank);
        seen = pass.statistics;
        return batch.loss(pass.logits);
      }, net.variables);
      flat[0] = value.dataSync()[0];
      net.variables.forEach((v, i) => gradients[i].set(grads[v.name].dataSync()));
      statistics.forEach((s, i) => s.set(seen[i].dataSync()));
      tf.dispose(seen);
    });
    exchange.average(flat);
    const rate = rateAt(config.schedule, step / steps);
    step++;
    optimizer.apply(gradients, rate, step);
    net.track(statistics, config.statistics);
    if (average.length > 0) {
      // Young averages follow closely, or the random start would stay in them.
      const keep = Math.min(config.ema, (1 + step) / (10 + step));
      net.variables.forEach((v, i) => {
        const w = v.dataSync() as Float32Array;
        const a = average[i];
        for (let j = 0; j < a.length; j++) a[j] = keep * a[j] + (1 - keep) * w[j];
      });
    }
    lossSum += flat[0];
    lossCount++;
    const validate = step % config.validateEvery === 0 || step === steps;
    if (validate || step % 20 === 0) {
      const metrics = validate ? measure() : undefined;
      const seconds = (performance.now() - began) / 1000;
      if (rank === 0) {
        const accuracy = task.accuracy?.();
        post({
          kind: "progress",
          history: { step, samples, seconds, loss: lossSum / lossCount, accuracy, rate, metrics },
        });
      }
      [lossSum, lossCount] = [0, 0];
    }
    if (rank === 0 && (step % config.checkpointEvery === 0 || step === steps)) {
      await save(checkpoint, state, step);
      await exportModel();
    }
  }
  post({ kind: "done" });

  /** Starts from the weights of a checkpoint or a model file, or from the mean of several checkpoints. */
  async function startFrom(from: string): Promise<void> {
    const paths = from.split(",");
    const files = await Promise.all(paths.map(async (path) => decode(await Deno.readFile(path), path)));
    if (files.length > 1) return begin(mean(files, paths), from, state);
    const [file] = files;
    if (!file.metadata.format) return begin(file, from, state);
    tf.tidy(() => net.unfold(file.tensors, task.batch(0).x));
    // Each worker has normalised its own batch: all go on with the mean of them.
    net.variables.forEach((v, i) => gradients[i].set(v.dataSync()));
    statistics.forEach((s, i) => s.set(net.statistics[i]));
    exchange.average(flat);
    net.variables.forEach((v, i) => assign(v, gradients[i]));
    statistics.forEach((s, i) => net.statistics[i].set(s));
    average.forEach((a, i) => a.set(gradients[i]));
  }

  /** Validation with the averaged weights, over all workers. */
  function measure(): Record<string, number> {
    const counts = withAverage(() => tf.tidy(() => task.validate(net)));
    exchange.average(counts);
    return task.report(counts);
  }

  async function exportModel(): Promise<void> {
    const { layers, tensors } = net.fold(average.length > 0 ? average : undefined);
    const metadata = {
      format: "scrawl-1",
      ...task.metadata(),
      preset: config.preset,
      input: JSON.stringify(config.input),
      layers: JSON.stringify(layers),
    };
    const write = async (name: string, bytes: Uint8Array) => {
      const path = join(folder, name);
      await Deno.writeFile(`${path}.part`, bytes);
      await Deno.rename(`${path}.part`, path);
    };
    await write("model.safetensors", encode({ metadata, tensors }));
    await write("probe.safetensors", encode({ metadata: {}, tensors: withAverage(() => probe(net)) }));
  }

  /** Runs `use` with the averaged weights in the net. */
  function withAverage<T>(use: () => T): T {
    if (average.length === 0) return use();
    const own = net.variables.map((v) => v.dataSync() as Float32Array);
    const put = (values: Float32Array[]) => values.forEach((a, i) => assign(net.variables[i], a));
    put(average);
    const result = use();
    put(own);
    return result;
  }
}

/** Width of the picture of samples, in pixels. */
const SHEET = 1000;

/** What a batch looks like to the net, augmented and all: its pictures in rows, dark on light. */
function samplesPng(x: tf.Tensor4D): Promise<Uint8Array> {
  const [n, h, w] = x.shape;
  const ink = x.dataSync();
  const columns = Math.max(1, Math.floor(SHEET / (w + 4)));
  const [width, height] = [columns * (w + 4), Math.ceil(n / columns) * (h + 4)];
  const gray = new Uint8Array(width * height).fill(160);
  for (let i = 0; i < n; i++) {
    const [left, top] = [(i % columns) * (w + 4) + 2, Math.floor(i / columns) * (h + 4) + 2];
    for (let y = 0; y < h; y++) {
      for (let k = 0; k < w; k++) {
        const v = Math.max(0, Math.min(1, ink[(i * h + y) * w + k]));
        gray[(top + y) * width + left + k] = Math.round(255 * (1 - v));
      }
    }
  }
  return encodePng(gray, width, height);
}

/** A drawn pattern and what the trainer's own forward pass makes of it: the runtime must give the same. */
function probe(net: Net): Record<string, { shape: number[]; data: Float32Array }> {
  const [h, w] = net.input;
  const n = 2;
  const data = Float32Array.from({ length: n * h * w }, (_, i) => {
    const [x, y] = [i % w, Math.floor(i / w)];
    return Math.max(0, Math.sin(x * 0.45 + y * 0.2) * Math.cos(y * 0.31 - x * 0.07 * (1 + Math.floor(y / h))));
  });
  return tf.tidy(() => {
    const y = net.predict(tf.tensor4d(data, [n, h, w, 1]));
    return { input: { shape: [n, h, w, 1], data }, logits: { shape: y.shape, data: y.dataSync() as Float32Array } };
  });
}
