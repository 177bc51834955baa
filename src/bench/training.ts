/**
 * Training throughput of the seed's net: one worker's step on the rust backend and on tfjs's CPU backend, and whole runs of
 * data-parallel workers. GMAC/s count three times the forward pass.
 */
import * as tf from "@tensorflow/tfjs";
import { registerRust } from "../train/backend/mod.ts";
import { crossEntropy } from "../train/backend/fused.ts";
import { Net } from "../train/net.ts";
import { Optimizer } from "../train/optimizer.ts";
import { PRESETS } from "../train/presets.ts";
import { median } from "./median.ts";
import type { StepStart, StepTime } from "./step_worker.ts";

/** One training step of the seed's net; returns its loss. */
export function seedStep(batch: number): () => number {
  const { layers, input, optimizer } = PRESETS.seed;
  const net = new Net(layers, input, 1);
  const opt = new Optimizer(optimizer, net.variables);
  const x = tf.keep(tf.randomUniform([batch, ...input], 0, 1, "float32", 3) as tf.Tensor4D);
  const target = tf.keep(
    tf.oneHot(tf.range(0, batch, 1, "int32").mod(tf.scalar(10, "int32")), 10).toFloat() as tf.Tensor2D,
  );
  let step = 0;
  return () =>
    tf.tidy(() => {
      let statistics: tf.Tensor[] = [];
      const { value, grads } = tf.variableGrads(() => {
        const pass = net.train(x, ++step);
        statistics = pass.statistics;
        return crossEntropy(pass.logits as tf.Tensor2D, target);
      }, net.variables);
      opt.apply(net.variables.map((v) => grads[v.name].dataSync() as Float32Array), 1e-3, step);
      tf.dispose(statistics);
      return value.dataSync()[0];
    });
}

export async function benchTraining() {
  await registerRust();
  const macs = new Net(PRESETS.seed.layers, PRESETS.seed.input, 1).macs;
  const times: Record<string, number[]> = { rust: [], cpu: [] };
  const loss: Record<string, number> = {};
  const steps: Record<string, () => number> = {};
  // tfjs's plain kernels take minutes for a batch of 128.
  const size: Record<string, number> = { rust: 128, cpu: 8 };
  for (const name of ["rust", "cpu"]) {
    await tf.setBackend(name);
    const small = seedStep(8);
    loss[name] = small();
    steps[name] = name === "rust" ? seedStep(size.rust) : small;
  }
  const difference = Math.abs(loss.rust - loss.cpu);
  if (difference > 0.5 + 0.2 * loss.cpu) throw new Error(`the backends disagree: losses ${loss.rust} and ${loss.cpu}`);
  for (let round = 0; round < 3; round++) {
    for (const name of ["rust", "cpu"]) {
      await tf.setBackend(name);
      for (let i = 0; i < (name === "rust" ? 3 : 1); i++) {
        const began = performance.now();
        steps[name]();
        times[name].push((performance.now() - began) / size[name]);
      }
    }
  }
  const rate = (ms: number) => 1000 / ms;
  const [rust, cpu] = [rate(median(times.rust)), rate(median(times.cpu))];
  const jobs = navigator.hardwareConcurrency;
  const parallel = await parallelRate(jobs);
  const gmacs = (r: number) => Number((3 * macs * r / 1e9).toFixed(2));
  return {
    net: "seed, batch 128 (tfjs cpu: batch 8)",
    macs,
    one_worker: {
      rust_samples_s: Math.round(rust),
      rust_gmac_s: gmacs(rust),
      cpu_samples_s: Number(cpu.toFixed(1)),
      ratio: Math.round(rust / cpu),
    },
    workers: { jobs, samples_s: Math.round(parallel), gmac_s: gmacs(parallel) },
  };
}

/** Samples a second of `jobs` workers that share batches of 128, gradients averaged after each step. */
async function parallelRate(jobs: number): Promise<number> {
  const net = new Net(PRESETS.seed.layers, PRESETS.seed.input, 1);
  const shared = new SharedArrayBuffer(16 + 4 * jobs * (net.parameters + 1));
  const workers: Worker[] = [];
  try {
    const seconds = await Promise.all(
      Array.from({ length: jobs }, (_, rank) =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(new URL("./step_worker.ts", import.meta.url), { type: "module" });
          workers.push(worker);
          worker.onmessage = ({ data }: MessageEvent<StepTime>) => resolve(data.seconds);
          worker.onerror = (e) => {
            e.preventDefault();
            reject(new Error(e.message));
          };
          const start: StepStart = { shared, rank, jobs, batch: 128 / jobs, steps: 12 };
          worker.postMessage(start);
        })),
    );
    return 12 * 128 / Math.max(...seconds);
  } finally {
    workers.forEach((w) => w.terminate());
  }
}
