/// <reference lib="deno.worker" />
/**
 * One worker of a training run. On the CPU each owns a replica of the net, learns from its share of each batch, and averages
 * gradients and batch statistics with the others, so that all replicas stay equal. For a graphics device there is one, and the
 * samples come from workers of its own. Worker 0 writes checkpoints and reports.
 */
import * as tf from "@tensorflow/tfjs";
import { join } from "@std/path/join";
import { registerRust } from "./backend/mod.ts";
import { begin, load, mean, originsOf, readCheckpoint, save, unfolded } from "./checkpoint.ts";
import type { Config, History } from "./config.ts";
import { Exchange } from "./exchange.ts";
import { Feed } from "./feed.ts";
import { HostLearner, type Learner, type Snapshot } from "./learner.ts";
import { loadTask } from "./load.ts";
import { describe } from "./layers.ts";
import { assign, Net } from "./net.ts";
import { probe, samplesPng } from "./pictures.ts";
import { encode } from "../safetensors.ts";
import { rateAt } from "./schedule.ts";
import type { Task } from "./task.ts";
import { writeWhole } from "./write.ts";

export interface Start {
  config: Config;
  rank: number;
  /** Replicas of the net that learn together. */
  replicas: number;
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

/** Steps between two records: reading a loss back from a device makes it wait. */
const RECORD_EVERY = { host: 20, device: 50 };

const post = (m: Message) => self.postMessage(m);

self.onmessage = ({ data }: MessageEvent<Start>) => {
  run(data).catch((e) => post({ kind: "error", text: e.stack ?? String(e) }));
};

async function run({ config, rank, replicas, shared, folder, resume, verbose }: Start): Promise<void> {
  const { seed, steps } = config;
  const exchange = new Exchange(shared, rank, replicas);
  const onDevice = config.backend === "webgpu";
  const task: Task = await loadTask(config, { rank, ranks: replicas, makes: !onDevice, measures: true });
  const { net, learner } = await prepare();
  const checkpoint = join(folder, "checkpoint.safetensors");
  // Lines that are taught without the words that the net was made with keep its spelling, and its second net: what that differs by
  // is added to what is learnt.
  const keeps = rank === 0 && config.task.kind === "line" && task.packed?.().words === undefined;
  const origin = keeps && config.from ? await readCheckpoint(originsOf(config.from).paths[0]) : undefined;
  const packed = origin?.packed ?? task.packed?.();
  let step = 0;
  if (resume) {
    const [state, done] = await load(checkpoint, await learner.snapshot());
    learner.restore(state);
    step = done;
  } else if (config.from) learner.restore(await startFrom(config.from, await learner.snapshot()));
  if (learner instanceof HostLearner && config.from && !resume) await learner.agree();

  const feed = onDevice && step < steps ? await Feed.open(config, step) : undefined;
  const began = performance.now();
  let samples = 0;
  /** Since the last checkpoint. */
  const records: History[] = [];
  try {
    while (step < steps) {
      const made = feed ? await feed.next(step, task) : task.samples(step);
      const batch = task.batch(made);
      if (rank === 0 && step === 0) await Deno.writeFile(join(folder, "samples.png"), await samplesPng(batch.x));
      samples += batch.x.shape[0] * replicas;
      const rate = rateAt(config.schedule, step / steps);
      learner.learn(batch, rate, step + 1, seed * 1_000_003 + step * replicas + rank);
      batch.x.dispose();
      step++;
      const validate = step % config.validateEvery === 0 || step === steps;
      if (validate || step % RECORD_EVERY[onDevice ? "device" : "host"] === 0) await record(rate, validate);
      if (rank === 0 && (step % config.checkpointEvery === 0 || step === steps)) {
        const state = await learner.snapshot();
        await save(checkpoint, state, step, records);
        records.length = 0;
        await exportModel(state);
      }
    }
  } finally {
    feed?.close();
  }
  post({ kind: "done" });

  /** The net on the backend that was asked for, and what learns. */
  async function prepare(): Promise<{ net: Net; learner: Learner }> {
    const note = (what: string) => (kernel: string) =>
      verbose && rank === 0 && post({ kind: "note", text: `${kernel} runs on tfjs's ${what} kernels` });
    const use = async (name: string) => {
      if (!await tf.setBackend(name)) throw new Error(`tfjs has no ${name} backend on this machine`);
    };
    if (config.backend === "webgpu") {
      const { GpuLearner, registerWebGpu } = await import("./backend/webgpu/mod.ts");
      const backend = await registerWebGpu(note("own WebGPU"));
      if (verbose) post({ kind: "note", text: `Trains on ${backend.description}` });
      await use("webgpu");
      const net = new Net(config.layers, config.input, seed);
      return { net, learner: new GpuLearner(backend, net, config) };
    }
    if (config.backend === "rust" || config.backend === "native") await registerRust(note("CPU"), config.backend);
    await use(config.backend === "native" ? "rust" : config.backend);
    const net = new Net(config.layers, config.input, seed);
    return { net, learner: new HostLearner(net, config, exchange) };
  }

  async function record(rate: number, validate: boolean): Promise<void> {
    const loss = await learner.loss();
    const metrics = validate ? await measure() : undefined;
    const accuracy = await task.accuracy?.();
    const seconds = (performance.now() - began) / 1000;
    if (rank === 0) {
      const history = { step, samples, seconds, loss, accuracy, rate, metrics };
      records.push(history);
      post({ kind: "progress", history });
    }
  }

  /** The weights of a checkpoint or a model file, or the mean of several checkpoints, in the form of `like`; the net may have more layers. */
  async function startFrom(from: string, like: Snapshot): Promise<Snapshot> {
    const origins = originsOf(from);
    const files = await Promise.all(origins.paths.map(readCheckpoint));
    const tell = (fresh: number[]) => {
      if (!verbose || rank > 0) return;
      const told = fresh.map((i) => `\n  ${i + 1} ${describe(config.layers[i])}`).join("");
      post({
        kind: "note",
        text: `${from} holds ${fresh.length === 0 ? "all layers" : `all layers but these, which begin anew:${told}`}`,
      });
    };
    const [file] = files;
    if (files.length > 1) {
      const state = mean(files, origins, like, net);
      tell([]);
      return state;
    }
    if (!file.metadata.format) {
      const [state, fresh] = begin(file, from, like, net);
      tell(fresh);
      return state;
    }
    if (!onDevice) {
      tf.tidy(() => tell(net.unfold(file.tensors, task.batch(task.samples(0)).x)));
      return unfolded(net, like);
    }
    // Norms are unfolded with statistics of a batch, which are waited for: on the CPU.
    const maker = await loadTask(config, { rank: 0, ranks: config.jobs, makes: true, measures: false });
    await registerRust();
    await tf.setBackend("rust");
    const twin = new Net(config.layers, config.input, seed);
    tf.tidy(() => tell(twin.unfold(file.tensors, maker.batch(maker.samples(0)).x)));
    const state = unfolded(twin, like);
    tf.dispose(twin.variables);
    await tf.setBackend("webgpu");
    return state;
  }

  /** Validation with the averaged weights, over all workers. */
  async function measure(): Promise<Record<string, number>> {
    const counts = await learner.withAverage(() => task.validate(net));
    exchange.average(counts);
    return task.report(counts);
  }

  async function exportModel(state: Snapshot): Promise<void> {
    // What the file holds is probed, which need not be what is learnt on: averaged, and rounded.
    const shipped = new Net(config.layers, config.input, seed);
    shipped.statistics.forEach((s, i) => s.set(state.statistics[i]));
    const values = state.average.length > 0 ? state.average : state.weights;
    (config.half ? shipped.halved(values) : values).forEach((v, i) => assign(shipped.variables[i], v));
    const { layers, tensors } = shipped.fold();
    const metadata = {
      format: "scrawl-1",
      ...task.metadata(),
      preset: config.preset,
      input: JSON.stringify(config.input),
      layers: JSON.stringify(layers),
    };
    await writeWhole(
      join(folder, "model.safetensors"),
      encode({ metadata, tensors, packed }, config.half),
    );
    await writeWhole(join(folder, "probe.safetensors"), encode({ metadata: {}, tensors: await probe(shipped) }));
    tf.dispose(shipped.variables);
  }
}
