/** What a net is trained for. A task makes samples, says what is lost on them, and measures. */
import type * as tf from "@tensorflow/tfjs";
import type { Net } from "./net.ts";

/** A batch that is ready to be learnt from. */
export interface Batch {
  x: tf.Tensor4D;
  /** How many columns of each picture are a line; the rest is filling. */
  columns?: Uint32Array;
  loss(logits: tf.Tensor): tf.Scalar;
}

/** Which part of the work falls to a worker. */
export interface Role {
  rank: number;
  ranks: number;
  /** Whether it makes samples, and whether it measures; what only the other needs is not loaded. */
  makes: boolean;
  measures: boolean;
}

/** `Samples` are plain data that can be sent to another thread. */
export interface Task<Samples = unknown> {
  /** Samples of this worker for step number `step`; the same number gives the same ones in every run. */
  samples(step: number): Samples;
  /** One of what several workers made. */
  join(shares: Samples[]): Samples;
  batch(samples: Samples): Batch;
  /** Share of the samples since it was last asked for that were classified rightly while they were learnt from. */
  accuracy?(): Promise<number>;
  /** Counts over this worker's share of the validation part; they are averaged over workers, then `report`ed. */
  validate(net: Net): Promise<Float32Array>;
  /** Names and values from averaged counts, the leading figure first. */
  report(counts: Float32Array): Record<string, number>;
  /** What the model file says beside layers and tensors. */
  metadata(): Record<string, string>;
  /** Tensors of bytes in the model file, by name. */
  packed?(): Record<string, Uint8Array>;
}
