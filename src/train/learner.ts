/** What is trained, and one step of it. On the CPU each worker has a replica, and gradients are averaged after each step. */
import * as tf from "@tensorflow/tfjs";
import type { Config } from "./config.ts";
import type { Exchange } from "./exchange.ts";
import { assign, type Net } from "./net.ts";
import { Optimizer } from "./optimizer.ts";
import type { Batch } from "./task.ts";

/** All values of a run, in the order of the net's variables and statistics. */
export interface Snapshot {
  weights: Float32Array[];
  /** The optimizer's moments. */
  slots: Float32Array[][];
  /** Averaged weights; empty without averaging. */
  average: Float32Array[];
  /** Running means and variances. */
  statistics: Float32Array[];
}

/** What of a run's configuration concerns a step. */
export type StepOptions = Pick<Config, "optimizer" | "ema" | "statistics">;

export interface Learner {
  /** One step; `step` counts from 1, `seed` decides what is dropped. */
  learn(batch: Batch, rate: number, step: number, seed: number): void;
  /** Mean loss of the steps since it was last asked for. */
  loss(): Promise<number>;
  snapshot(): Promise<Snapshot>;
  restore(s: Snapshot): void;
  /** Runs `use` with the averaged weights, where there are such, in the net, and statistics as they are now. */
  withAverage<T>(use: () => Promise<T>): Promise<T>;
}

/** Share that the averaged weights keep: young averages follow closely, or the random start would stay in them. */
export function keptShare(ema: number, step: number): number {
  return Math.min(ema, (1 + step) / (10 + step));
}

/** Gradients and batch statistics of a batch, with its loss. To be called in a tidy. */
export function gradientsOf(net: Net, batch: Batch, seed: number) {
  let statistics: tf.Tensor1D[] = [];
  const { value, grads } = tf.variableGrads(() => {
    const pass = net.train(batch.x, seed, batch.columns);
    statistics = pass.statistics;
    return batch.loss(pass.logits);
  }, net.variables);
  return { value, gradients: net.variables.map((v) => grads[v.name]), statistics };
}

/** Learns in this thread, in step with the others of `exchange`. */
export class HostLearner implements Learner {
  private readonly optimizer: Optimizer;
  private readonly average: Float32Array[];
  /** The loss, gradients and batch statistics behind one another, as they are exchanged. */
  private readonly flat: Float32Array;
  private readonly gradients: Float32Array[];
  private readonly statistics: Float32Array[];
  private sum = 0;
  private count = 0;

  constructor(private net: Net, private options: StepOptions, private exchange: Exchange) {
    this.optimizer = new Optimizer(options.optimizer, net.variables);
    this.average = options.ema > 0 ? net.variables.map((v) => v.dataSync().slice() as Float32Array) : [];
    const sizes = [...net.variables.map((v) => v.size), ...net.statistics.map((s) => s.length)];
    this.flat = new Float32Array(sizes.reduce((a, b) => a + b, 1));
    let at = 1;
    const parts = sizes.map((n) => this.flat.subarray(at, at += n));
    this.gradients = parts.slice(0, net.variables.length);
    this.statistics = parts.slice(net.variables.length);
  }

  learn(batch: Batch, rate: number, step: number, seed: number): void {
    tf.tidy(() => {
      const { value, gradients, statistics } = gradientsOf(this.net, batch, seed);
      this.flat[0] = value.dataSync()[0];
      gradients.forEach((g, i) => this.gradients[i].set(g.dataSync() as Float32Array));
      statistics.forEach((s, i) => this.statistics[i].set(s.dataSync() as Float32Array));
      tf.dispose(statistics);
    });
    this.exchange.average(this.flat);
    this.optimizer.apply(this.gradients, rate, step);
    this.net.track(this.statistics, this.options.statistics);
    if (this.average.length > 0) {
      const keep = keptShare(this.options.ema, step);
      this.net.variables.forEach((v, i) => {
        const w = v.dataSync() as Float32Array;
        const a = this.average[i];
        for (let j = 0; j < a.length; j++) a[j] = keep * a[j] + (1 - keep) * w[j];
      });
    }
    this.sum += this.flat[0];
    this.count++;
  }

  loss(): Promise<number> {
    const mean = this.sum / this.count;
    [this.sum, this.count] = [0, 0];
    return Promise.resolve(mean);
  }

  snapshot(): Promise<Snapshot> {
    const values = (v: tf.Variable) => v.dataSync().slice() as Float32Array;
    return Promise.resolve({
      weights: this.net.variables.map(values),
      slots: this.optimizer.slots.map((slot) => slot.map(values)),
      average: this.average.map((a) => a.slice()),
      statistics: this.net.statistics.map((s) => s.slice()),
    });
  }

  restore(s: Snapshot): void {
    this.net.variables.forEach((v, i) => assign(v, s.weights[i]));
    this.optimizer.slots.forEach((slot, k) => slot.forEach((v, i) => assign(v, s.slots[k][i])));
    this.average.forEach((a, i) => a.set(s.average[i]));
    this.net.statistics.forEach((t, i) => t.set(s.statistics[i]));
  }

  /** The same weights and statistics for all: the mean of what each worker has. */
  async agree(): Promise<void> {
    const s = await this.snapshot();
    s.weights.forEach((w, i) => this.gradients[i].set(w));
    s.statistics.forEach((t, i) => this.statistics[i].set(t));
    this.exchange.average(this.flat);
    this.restore({
      ...s,
      weights: this.gradients.map((g) => g.slice()),
      average: this.average.map((_, i) => this.gradients[i].slice()),
      statistics: this.statistics.map((t) => t.slice()),
    });
  }

  async withAverage<T>(use: () => Promise<T>): Promise<T> {
    if (this.average.length === 0) return await use();
    const own = this.net.variables.map((v) => v.dataSync().slice() as Float32Array);
    const put = (values: Float32Array[]) => values.forEach((a, i) => assign(this.net.variables[i], a));
    put(this.average);
    try {
      return await use();
    } finally {
      put(own);
    }
  }
}
