/** What a net is trained for. A worker owns one task: it makes batches, says what is lost, and measures. */
import type * as tf from "@tensorflow/tfjs";
import type { Net } from "./net.ts";

/** A batch that is ready to be learnt from. */
export interface Batch {
  x: tf.Tensor4D;
  loss(logits: tf.Tensor): tf.Scalar;
}

export interface Task {
  /** Batch number `step` of this worker; the same number gives the same batch in every run. */
  batch(step: number): Batch;
  /** Share of the samples since it was last asked for that were classified rightly while they were learnt from. */
  accuracy?(): number;
  /** Counts over this worker's share of the validation part; they are averaged over workers, then `report`ed. */
  validate(net: Net): Float32Array;
  /** Names and values from averaged counts, the leading figure first. */
  report(counts: Float32Array): Record<string, number>;
  /** What the model file says beside layers and tensors. */
  metadata(): Record<string, string>;
}
