/** Learns on the graphics device. All values of the run live there; within a step nothing is read back. */
import * as tf from "@tensorflow/tfjs";
import { gradientsOf, keptShare, type Learner, type Snapshot, type StepOptions } from "../../learner.ts";
import type { Net } from "../../net.ts";
import type { Batch } from "../../task.ts";
import type { GpuBackend } from "./backend.ts";
import { applyStep, type FlatValues, follow } from "./step.ts";

export class GpuLearner implements Learner {
  private readonly flat: FlatValues;
  /** Where each variable begins in the flat arrays; those that decay come first. */
  private readonly places: number[];
  private readonly statistics: { running: GPUBuffer; batch: GPUBuffer; size: number };
  private readonly losses: GPUBuffer;
  private count = 0;

  constructor(private b: GpuBackend, private net: Net, private options: StepOptions) {
    const order = net.variables.map((v, i) => [v.shape.length > 1 ? 0 : 1, i]).sort((x, y) =>
      x[0] - y[0] || x[1] - y[1]
    );
    this.places = new Array(net.variables.length);
    let [size, decayed] = [0, 0];
    for (const [plain, i] of order) {
      this.places[i] = size;
      size += net.variables[i].size;
      if (!plain) decayed = size;
    }
    const zeros = () => b.upload(new Float32Array(size));
    this.flat = {
      weights: zeros(),
      gradients: zeros(),
      slots: options.optimizer.kind === "adam" ? [zeros(), zeros()] : [zeros()],
      average: zeros(),
      size,
      decayed,
    };
    this.gather(net.variables, this.flat.weights);
    b.copy(this.flat.weights, 0, this.flat.average, 0, 4 * size);
    const running = Float32Array.from(net.statistics.flatMap((s) => [...s]));
    this.statistics = { running: b.upload(running), batch: b.upload(running), size: running.length };
    this.losses = b.upload(new Float32Array(1));
  }

  learn(batch: Batch, rate: number, step: number, seed: number): void {
    const { b, options } = this;
    tf.tidy(() => {
      const { value, gradients, statistics } = gradientsOf(this.net, batch, seed);
      this.gather(gradients, this.flat.gradients);
      let at = 0;
      for (const s of statistics) {
        b.copy(b.buffer(s), 0, this.statistics.batch, at, 4 * s.size);
        at += 4 * s.size;
      }
      follow(b, this.losses, b.buffer(value), 1, 1, 1);
      tf.dispose(statistics);
    });
    applyStep(b, options.optimizer, this.flat, rate, options.ema > 0 ? keptShare(options.ema, step) : 0, step);
    this.scatter(this.flat.weights);
    const { running, batch: fresh, size } = this.statistics;
    if (size > 0) follow(b, running, fresh, size, options.statistics, 1 - options.statistics);
    this.count++;
    b.flush();
  }

  async loss(): Promise<number> {
    const [sum] = new Float32Array(await this.b.bytes(this.losses, 4));
    if (!Number.isFinite(sum)) {
      throw new Error(
        `The loss became ${sum}: the learning rate is too high for this net (see --peak), or a sample is broken`,
      );
    }
    const mean = sum / this.count;
    this.b.fill(this.losses, new Float32Array(1));
    this.count = 0;
    return mean;
  }

  async snapshot(): Promise<Snapshot> {
    const { weights, slots, average, size } = this.flat;
    const read = async (buffer: GPUBuffer) => this.split(new Float32Array(await this.b.bytes(buffer, 4 * size)));
    await this.readStatistics();
    return {
      weights: await read(weights),
      slots: [await read(slots[0]), ...slots[1] ? [await read(slots[1])] : []],
      average: this.options.ema > 0 ? await read(average) : [],
      statistics: this.net.statistics.map((s) => s.slice()),
    };
  }

  restore(s: Snapshot): void {
    const { b, flat } = this;
    b.flush();
    b.fill(flat.weights, this.join(s.weights));
    flat.slots.forEach((slot, k) => b.fill(slot, this.join(s.slots[k])));
    b.fill(flat.average, this.join(s.average.length > 0 ? s.average : s.weights));
    this.net.statistics.forEach((t, i) => t.set(s.statistics[i]));
    if (this.statistics.size > 0) {
      b.fill(this.statistics.running, Float32Array.from(s.statistics.flatMap((t) => [...t])));
    }
    this.scatter(flat.weights);
  }

  async withAverage<T>(use: () => Promise<T>): Promise<T> {
    await this.readStatistics();
    if (this.options.ema === 0) return await use();
    this.scatter(this.flat.average);
    try {
      return await use();
    } finally {
      this.scatter(this.flat.weights);
    }
  }

  private async readStatistics(): Promise<void> {
    const { running, size } = this.statistics;
    if (size === 0) return;
    const all = new Float32Array(await this.b.bytes(running, 4 * size));
    let at = 0;
    for (const s of this.net.statistics) s.set(all.subarray(at, at += s.length));
  }

  /** Tensors in the order of the variables to their places in a flat array. */
  private gather(tensors: tf.Tensor[], to: GPUBuffer): void {
    tensors.forEach((t, i) => this.b.copy(this.b.buffer(t), 0, to, 4 * this.places[i], 4 * t.size));
  }

  /** A flat array to the net's variables, in place. */
  private scatter(from: GPUBuffer): void {
    this.net.variables.forEach((v, i) => this.b.copy(from, 4 * this.places[i], this.b.buffer(v), 0, 4 * v.size));
  }

  private split(flat: Float32Array): Float32Array[] {
    return this.net.variables.map((v, i) => flat.slice(this.places[i], this.places[i] + v.size));
  }

  private join(parts: Float32Array[]): Float32Array {
    const flat = new Float32Array(this.flat.size);
    parts.forEach((p, i) => flat.set(p, this.places[i]));
    return flat;
  }
}
