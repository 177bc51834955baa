/** Training of a glyph net: single characters, augmented anew each time. */
import * as tf from "@tensorflow/tfjs";
import { concat } from "@std/bytes/concat";
import { crossEntropy, pictures, toBytes } from "../backend/fused.ts";
import { GlyphLibrary } from "../../wasm/train/train.js";
import type { Net } from "../net.ts";
import type { Batch, Role, Task } from "../task.ts";
import { Classifier } from "./classifier.ts";
import { isValidation, JUNK, readNamed } from "./data.ts";

/** See `Strength` in crates/train for units. */
export interface Augmentation {
  rotation: number;
  logScale: number;
  shear: number;
  shift: number;
  elastic: number;
  elasticShare: number;
  strokeShare: number;
  pageShare: number;
}

export interface GlyphOptions {
  data: string;
  set: string;
  batch: number;
  smoothing: number;
  augmentation: Augmentation;
  /** Steps at the end with augmentation at half strength. */
  mildSteps: number;
  steps: number;
  /** A model file, or an ensemble's, whose opinion is half of what is learnt (Hinton, Vinyals and Dean 2015). */
  teacher?: string;
}

const PIXELS = 28 * 28;

/** Characters to learn from. */
export interface GlyphSamples {
  /** `[n][28][28]`, ink 0..255. */
  x: Uint8Array;
  /** 0 to 9, or {@linkcode JUNK}. */
  labels: Uint8Array;
  /** `[n][10]`, what the net should say of each. */
  target: Float32Array;
}

/** Numbers `0..n` in an order that follows from `seed`. */
function permutation(n: number, seed: number): Uint32Array {
  const out = Uint32Array.from({ length: n }, (_, i) => i);
  let h = (seed * 2654435761) >>> 0;
  for (let i = n - 1; i > 0; i--) {
    h = (h + 0x9e3779b9) >>> 0;
    let z = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    const j = ((z ^ (z >>> 16)) >>> 0) % (i + 1);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

export class GlyphTask implements Task<GlyphSamples> {
  private order: Uint32Array = new Uint32Array();
  private epoch = -1;
  /** How many samples were classified rightly, where the tensors are, so that a step need not wait for it. */
  private hits?: tf.Scalar;
  private seen = 0;

  private constructor(
    private options: GlyphOptions,
    private seed: number,
    private rank: number,
    private ranks: number,
    private library: GlyphLibrary,
    private pixels: Uint8Array,
    private labels: Uint8Array,
    private training: Uint32Array,
    private validation: Uint32Array,
    private teacher?: Classifier,
  ) {}

  static async load(o: GlyphOptions, seed: number, { rank, ranks }: Role): Promise<GlyphTask> {
    const { images, labels } = await readNamed(o.data, o.set);
    const all = Array.from(labels, (_, i) => i);
    const training = Uint32Array.from(all.filter((i) => !isValidation(images, i)));
    const validation = Uint32Array.from(all.filter((i) => isValidation(images, i) && i % ranks === rank));
    const teacher = o.teacher === undefined ? undefined : await Classifier.open(o.teacher);
    return new GlyphTask(o, seed, rank, ranks, new GlyphLibrary(images), images, labels, training, validation, teacher);
  }

  /** Batches of an epoch over all workers. */
  static stepsAnEpoch(n: number, batch: number): number {
    return Math.floor(n / batch);
  }

  samples(step: number): GlyphSamples {
    const o = this.options;
    const size = o.batch / this.ranks;
    const perEpoch = GlyphTask.stepsAnEpoch(this.training.length, o.batch);
    const epoch = Math.floor(step / perEpoch);
    if (epoch !== this.epoch) {
      this.order = permutation(this.training.length, this.seed * 1000 + epoch);
      this.epoch = epoch;
    }
    const first = (step % perEpoch) * o.batch + this.rank * size;
    const chosen = Uint32Array.from({ length: size }, (_, i) => this.training[this.order[first + i]]);
    const mild = step >= o.steps - o.mildSteps ? 0.5 : 1;
    const a = o.augmentation;
    const strength = Float32Array.of(
      a.rotation * mild,
      a.logScale * mild,
      a.shear * mild,
      a.shift * mild,
      a.elastic * mild,
      a.elasticShare,
      a.strokeShare * mild,
      a.pageShare * mild,
    );
    const seed = (BigInt(this.seed) << 40n) + BigInt(step * this.ranks + this.rank) * BigInt(size);
    const x = this.library.augment(chosen, strength, seed);
    const target = new Float32Array(size * 10).fill(o.smoothing / 10);
    chosen.forEach((g, i) => {
      const label = this.labels[g];
      // What is no digit is as much of each (outlier exposure, Hendrycks, Mazeika and Dietterich 2019).
      if (label === JUNK) target.fill(0.1, i * 10, i * 10 + 10);
      else target[i * 10 + label] += 1 - o.smoothing;
    });
    // The teacher sees the same changed image, and says how far it still looks like what.
    this.teacher?.probabilities(x, size).forEach((p, i) => target[i] = (target[i] + p) / 2);
    return { x: toBytes(x), labels: Uint8Array.from(chosen, (g) => this.labels[g]), target };
  }

  join(shares: GlyphSamples[]): GlyphSamples {
    const target = new Float32Array(shares.reduce((n, s) => n + s.target.length, 0));
    shares.reduce((at, s) => (target.set(s.target, at), at + s.target.length), 0);
    return { x: concat(shares.map((s) => s.x)), labels: concat(shares.map((s) => s.labels)), target };
  }

  batch({ x, labels, target }: GlyphSamples): Batch {
    const n = labels.length;
    this.seen += labels.reduce((sum, l) => sum + (l === JUNK ? 0 : 1), 0);
    const loss = (logits: tf.Tensor) => {
      const hits = tf.tidy(() => {
        const hit = tf.equal(tf.argMax(logits, 1), tf.tensor1d(Int32Array.from(labels), "int32"));
        const now = tf.sum(tf.cast(hit, "float32"));
        return tf.keep(this.hits ? tf.add(this.hits, now) : now) as tf.Scalar;
      });
      this.hits?.dispose();
      this.hits = hits;
      return crossEntropy(logits as tf.Tensor2D, tf.tensor2d(target, [n, 10]));
    };
    return { x: pictures(x, [n, 28, 28, 1]), loss };
  }

  async accuracy(): Promise<number> {
    const hits = this.hits ? (await this.hits.data())[0] : 0;
    const share = hits / Math.max(1, this.seen);
    this.hits?.dispose();
    this.hits = undefined;
    this.seen = 0;
    return share;
  }

  async validate(net: Net): Promise<Float32Array> {
    const counts = new Float32Array(5);
    for (let at = 0; at < this.validation.length; at += 256) {
      const part = this.validation.subarray(at, at + 256);
      const x = new Float32Array(part.length * PIXELS);
      part.forEach((g, i) => {
        for (let j = 0; j < PIXELS; j++) x[i * PIXELS + j] = this.pixels[g * PIXELS + j] / 255;
      });
      const shares = tf.tidy(() => tf.softmax(net.predict(tf.tensor4d(x, [part.length, 28, 28, 1]))));
      const p = await shares.data();
      shares.dispose();
      part.forEach((g, i) => {
        const row = p.subarray(i * 10, i * 10 + 10);
        if (this.labels[g] === JUNK) {
          counts[3]++;
          counts[4] += Math.max(...row);
          return;
        }
        const truth = row[this.labels[g]];
        counts[0]++;
        counts[1] += row.every((v) => v <= truth) ? 1 : 0;
        counts[2] -= Math.log(Math.max(1e-12, truth));
      });
    }
    return counts;
  }

  report(c: Float32Array): Record<string, number> {
    // A small set of one's own may hold none of the images that are for validation.
    return {
      ...(c[0] > 0 ? { accuracy: c[1] / c[0], loss: c[2] / c[0] } : {}),
      ...(c[3] > 0 ? { junkConfidence: c[4] / c[3] } : {}),
    };
  }

  metadata(): Record<string, string> {
    return { task: "glyph", alphabet: "0123456789", contract: JSON.stringify({ size: 28 }) };
  }
}
