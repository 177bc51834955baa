/** Optimizers with decoupled weight decay and an average of the weights: one Rust kernel a tensor, or tfjs's operations elsewhere. */
import * as tf from "@tensorflow/tfjs";
import { RustBackend } from "./backend/mod.ts";

export type OptimizerOptions =
  | { kind: "adam"; decay: number; beta1?: number; beta2?: number; epsilon?: number }
  | { kind: "nesterov"; decay: number; momentum: number };

export class Optimizer {
  /** First and second moments (Adam), or the velocity alone. */
  readonly slots: tf.Variable[][];

  constructor(readonly options: OptimizerOptions, private variables: tf.Variable[]) {
    const zeros = () => variables.map((v) => tf.tidy(() => tf.variable(tf.zeros(v.shape), false)));
    this.slots = options.kind === "adam" ? [zeros(), zeros()] : [zeros()];
  }

  /**
   * One update; `step` counts from 1, `gradients` are flat, in the order of the variables. Tensors of one axis (biases,
   * batch normalisation) are not decayed.
   */
  apply(gradients: Float32Array[], rate: number, step: number): void {
    const o = this.options;
    this.variables.forEach((w, i) => {
      const decay = w.shape.length > 1 ? o.decay : 0;
      const slots = this.slots.map((s) => s[i]);
      tf.tidy(() => {
        const g = tf.tensor(gradients[i], w.shape);
        const backend = tf.backend();
        if (backend instanceof RustBackend) {
          const [pw, pg, ps, pt] = [w, g, slots[0], slots[1] ?? g].map((t) => backend.address(t));
          const k = backend.runtime.kernels;
          if (o.kind === "nesterov") k.nesterov(pw, pg, ps, w.size, rate, o.momentum, decay);
          else k.adam(pw, pg, ps, pt, w.size, rate, o.beta1 ?? 0.9, o.beta2 ?? 0.999, o.epsilon ?? 1e-7, decay, step);
        } else if (o.kind === "nesterov") {
          const d = tf.add(g, tf.mul(w, decay));
          slots[0].assign(tf.add(tf.mul(slots[0], o.momentum), d));
          w.assign(tf.sub(w, tf.mul(tf.add(d, tf.mul(slots[0], o.momentum)), rate)));
        } else {
          const [b1, b2] = [o.beta1 ?? 0.9, o.beta2 ?? 0.999];
          slots[0].assign(tf.add(tf.mul(slots[0], b1), tf.mul(g, 1 - b1)));
          slots[1].assign(tf.add(tf.mul(slots[1], b2), tf.mul(tf.square(g), 1 - b2)));
          const m = tf.div(slots[0], 1 - b1 ** step), v = tf.div(slots[1], 1 - b2 ** step);
          const d = tf.add(tf.div(m, tf.add(tf.sqrt(v), o.epsilon ?? 1e-7)), tf.mul(w, decay));
          w.assign(tf.sub(w, tf.mul(d, rate)));
        }
      });
    });
  }
}
