/** Training of a page net on drawn pages: what is hand, print and rule, and where units lie. Validation on pages of seeds apart. */
import * as tf from "@tensorflow/tfjs";
import { pageLoss } from "../backend/fused.ts";
import type { Runtime } from "../backend/mod.ts";
import type { Net } from "../net.ts";
import type { Batch, Role, Task } from "../task.ts";
import { readMaterial } from "../lines/data.ts";
import { fillLibrary } from "../lines/library.ts";
import { addRealPages } from "./real.ts";
import type { LineLibrary } from "../../wasm/train/train.js";
import {
  ABOVE,
  HEADS,
  HEIGHT_STEP,
  IGNORE_HEIGHT,
  IGNORED_BY,
  PLANES,
  SIGMOIDS,
  STRIDE,
  TRUTH,
  TURN,
} from "./heads.ts";

export interface PageOptions {
  data: string;
  fonts?: string;
  /** Pages a step over all workers. */
  batch: number;
  /** Heights and widths that pages are drawn at, multiples of 32; a step has one. */
  sizes: [number, number][];
  /** Share of the pages that are windows of real ones. */
  real: number;
  /** How many pages are looked at in each validation. */
  validation: number;
}

/** Pages of one size. */
export interface PageSamples {
  /** `[n, height, width, 3]`, see `Input` in crates/page. */
  x: Float32Array;
  shape: [number, number, number, number];
  /** `[n][planes][height / 2 * width / 2]`. */
  truth: Uint8Array;
}

/** Seeds of the pages that are never learnt from begin here. */
const HELD_OUT = 1n << 60n;
/** Parts of the loss: one a sigmoid, heights, turn. */
const PARTS = SIGMOIDS.length + 2;

export class PageTask implements Task<PageSamples> {
  private constructor(
    private options: PageOptions,
    private runtime: Runtime,
    private library: LineLibrary,
    private seed: number,
    private role: Role,
  ) {}

  static async load(options: PageOptions, runtime: Runtime, seed: number, role: Role): Promise<PageTask> {
    const library = fillLibrary(await readMaterial(options.data, options.fonts));
    if (options.real > 0 && role.makes) await addRealPages(library, options.data, role);
    return new PageTask(options, runtime, library, seed, role);
  }

  /** `n` pages from `seed` on, windows of real ones among them with probability `real`. */
  private pages(seed: bigint, n: number, [height, width]: [number, number], real: number): PageSamples {
    const x = new Float32Array(n * height * width * 3);
    const truth = new Uint8Array(n * PLANES * height * width / STRIDE ** 2);
    for (let i = 0; i < n; i++) {
      this.library.makePage(seed + BigInt(i), width, height, real);
      x.set(this.library.pageInput(), i * x.length / n);
      truth.set(this.library.pageTruth(), i * truth.length / n);
    }
    return { x, shape: [n, height, width, 3], truth };
  }

  samples(step: number): PageSamples {
    const { sizes, batch, real } = this.options;
    const { rank, ranks } = this.role;
    const n = Math.ceil(batch / ranks);
    const seed = (BigInt(this.seed) << 40n) + BigInt((step * ranks + rank) * n);
    return this.pages(seed, n, sizes[step % sizes.length], real);
  }

  join(shares: PageSamples[]): PageSamples {
    const n = shares.reduce((sum, s) => sum + s.shape[0], 0);
    const x = new Float32Array(shares.reduce((sum, s) => sum + s.x.length, 0));
    const truth = new Uint8Array(shares.reduce((sum, s) => sum + s.truth.length, 0));
    let [atX, atTruth] = [0, 0];
    for (const s of shares) {
      x.set(s.x, atX);
      truth.set(s.truth, atTruth);
      atX += s.x.length;
      atTruth += s.truth.length;
    }
    return { x, shape: [n, shares[0].shape[1], shares[0].shape[2], 3], truth };
  }

  batch({ x, shape, truth }: PageSamples): Batch {
    return {
      x: tf.tensor4d(x, shape),
      loss: (logits) => pageLoss(logits as tf.Tensor4D, truth, this.runtime, new Float32Array(PARTS)),
    };
  }

  async validate(net: Net): Promise<Float32Array> {
    // A sigmoid: pixels on in both, in the truth, in the reading; then cores, sum of height errors; turns known, right.
    const counts = new Float32Array(3 * SIGMOIDS.length + 4);
    const { sizes, validation } = this.options;
    for (let i = this.role.rank; i < validation; i += this.role.ranks) {
      const { x, shape, truth } = this.pages(HELD_OUT + BigInt(i), 1, sizes[i % sizes.length], 0);
      const logits = tf.tidy(() => net.predict(tf.tensor4d(x, shape)));
      score(await logits.data() as Float32Array, truth, counts);
      logits.dispose();
    }
    return counts;
  }

  report(c: Float32Array): Record<string, number> {
    const out: Record<string, number> = {};
    SIGMOIDS.forEach((name, h) => out[name] = 2 * c[3 * h] / Math.max(1, c[3 * h + 1] + c[3 * h + 2]));
    const rest = c.subarray(3 * SIGMOIDS.length);
    out.heightError = rest[1] / Math.max(1, rest[0]);
    out.turned = rest[3] / Math.max(1, rest[2]);
    return out;
  }

  metadata(): Record<string, string> {
    return { task: "page" };
  }
}

/** Adds what a page's logits say against its truth to `counts`; see `validate`. */
function score(logits: Float32Array, truth: Uint8Array, counts: Float32Array): void {
  const size = truth.length / PLANES;
  const rest = counts.subarray(3 * SIGMOIDS.length);
  const is = (plane: number, p: number) => truth[plane * size + p] > 127;
  for (let p = 0; p < size; p++) {
    const ignored = truth[TRUTH.ignore * size + p];
    const x = logits.subarray(p * HEADS, (p + 1) * HEADS);
    for (let h = 0; h < SIGMOIDS.length; h++) {
      if (ignored & IGNORED_BY[h]) continue;
      const [on, said] = [is(h, p), x[h] > 0];
      counts[3 * h] += on && said ? 1 : 0;
      counts[3 * h + 1] += on ? 1 : 0;
      counts[3 * h + 2] += said ? 1 : 0;
    }
    if (ignored & IGNORE_HEIGHT || !(is(SIGMOIDS.indexOf("coreHand"), p) || is(SIGMOIDS.indexOf("corePrint"), p))) {
      continue;
    }
    rest[0]++;
    rest[1] += Math.abs(x[ABOVE] - truth[TRUTH.above * size + p] * HEIGHT_STEP);
    const turn = truth[TRUTH.turn * size + p];
    if (turn > 3) continue;
    const said = x.subarray(TURN, TURN + 4);
    rest[2]++;
    rest[3] += said.indexOf(Math.max(...said)) === turn ? 1 : 0;
  }
}
