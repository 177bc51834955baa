/** Training of a line net: CTC over characters, and who made each frame. Validation on the real lines of held-out writers. */
import * as tf from "@tensorflow/tfjs";
import { ctcLoss, pictures } from "../backend/fused.ts";
import type { Runtime } from "../backend/mod.ts";
import type { Net } from "../net.ts";
import type { Batch, Role, Task } from "../task.ts";
import { ALPHABET, KINDS } from "./alphabet.ts";
import { type HeldCrop, readHeld, readMaterial, readSpelling } from "./data.ts";
import { readDrawn } from "./drawn.ts";
import {
  addDrawn,
  fillLibrary,
  joinBatches,
  type LineBatch,
  LineBatches,
  type LineContract,
  type Mix,
  plainInput,
} from "./library.ts";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { greedy } from "./decode.ts";
import { type LineSource, readPack } from "./pack.ts";
import { readTaught, teachingMix, withTaught } from "./taught.ts";
import { readPrints } from "./prints.ts";
import { keepLoss, type Teacher } from "./teacher.ts";
import { Engine } from "../../engine/engine.ts";

export interface LineOptions {
  data: string;
  fonts?: string;
  /** Where crops of printed pages are kept; without it there are none. */
  cache?: string;
  /** All of these in one file, in place of the folders. */
  pack?: string;
  /** Folder of one's own lines, which are learnt among all others and measured on; see `taught.ts`. */
  taught?: string;
  /** A model file: what it reads is kept, but for words; see `teacher.ts`. */
  teacher?: string;
  contract: LineContract;
  mix: Mix;
  /** Lines a step over all workers. */
  batch: number;
  kindWeight: number;
  /** How many held-out lines are read at each validation; all of them at the last. */
  validation: number;
}

interface Held {
  x: Float32Array;
  width: number;
  text: string;
  numeric: boolean;
}

/** All that lines are learnt from and measured on, from the folders of data. */
export async function readSource(o: Pick<LineOptions, "data" | "fonts" | "cache">): Promise<LineSource> {
  const material = await readFolders(o);
  const drawn = o.cache ? await readDrawn(o.cache, () => fillLibrary(material), () => Engine.open()) : [];
  return { material, held: await readHeld(o.data), drawn };
}

async function readFolders(o: Pick<LineOptions, "data" | "fonts" | "cache" | "taught">) {
  const prints = o.cache ? await readPrints(o.data, o.cache, () => Engine.open()) : [];
  const material = await readMaterial(o.data, o.fonts, prints);
  if (material.numbers.length + material.texts.length === 0 && o.taught === undefined) {
    throw new Error(`${o.data} has no folder lines with handwriting to learn from (see data/README.md)`);
  }
  return material;
}

/** Joined batches have widths of so many columns, so that a device sees few sizes. */
const WIDTHS = 32;

export class LineTask implements Task<LineBatch> {
  private constructor(
    private options: LineOptions,
    private runtime: Runtime,
    private batches: LineBatches | undefined,
    private held: Held[],
    /** What the model file says of spelling, as {@linkcode LineMaterial.spelling}. */
    private spelling: Uint8Array,
    private teacher?: Teacher,
  ) {}

  static async load(
    options: LineOptions,
    runtime: Runtime,
    seed: number,
    role: Role,
    teacher?: Teacher,
  ): Promise<LineTask> {
    const { rank, ranks } = role;
    const pack = options.pack === undefined ? undefined : await readPack(options.pack);
    const taught = options.taught === undefined ? undefined : await readTaught(options.taught);
    let batches: LineBatches | undefined;
    let spelling = pack?.material.spelling;
    if (role.makes) {
      const old = pack?.material ?? await readFolders(options);
      spelling = old.spelling;
      const library = fillLibrary(taught ? withTaught(old, taught.learn) : old);
      // Who teaches a net a hand does not wait for pages to be drawn.
      const { cache } = options;
      addDrawn(
        library,
        pack?.drawn ?? (cache && !taught ? await readDrawn(cache, () => library, () => Engine.open(), role) : []),
      );
      const mix = taught ? teachingMix(options.mix, taught.learn) : options.mix;
      const size = Math.ceil(options.batch / ranks);
      batches = new LineBatches(library, mix, options.contract, size, seed, rank, ranks);
    }
    spelling ??= await readSpelling(options.fonts);
    if (!role.measures) return new LineTask(options, runtime, batches, [], spelling, teacher);
    const crops: HeldCrop[] = taught?.held ?? pack?.held ?? await readHeld(options.data);
    // Evenly over the sets, numbers and texts alike; each worker takes its share.
    const every = Math.max(1, Math.floor(crops.length / options.validation));
    const held = crops.filter((_, i) => i % every === 0).filter((_, i) => i % ranks === rank).map((c) => ({
      ...plainInput(c.jpeg, options.contract),
      text: c.text,
      numeric: c.numeric,
    }));
    held.sort((a, b) => a.width - b.width);
    return new LineTask(options, runtime, batches, held, spelling, teacher);
  }

  samples(step: number): LineBatch {
    if (!this.batches) throw new Error("This worker was not told to make lines");
    return this.batches.at(step);
  }

  join(shares: LineBatch[]): LineBatch {
    return joinBatches(shares, WIDTHS);
  }

  batch(b: LineBatch): Batch {
    const frames = b.shape[2] / this.options.contract.frame;
    const kinds = new Uint8Array(b.shape[0] * frames).fill(255);
    b.kinds.forEach((k, i) => kinds.set(k.subarray(0, frames), i * frames));
    // A long text weighs less a character, or sentences would drown the numbers.
    const weights = Float32Array.from(b.labels, (l, i) => b.known[i] / Math.sqrt(Math.max(1, l.length)));
    const x = pictures(b.x, b.shape);
    const columns = b.frames.map((f) => f * this.options.contract.frame);
    const said = this.teacher?.says(x, columns, b.labels, weights);
    return {
      x,
      columns,
      loss: (logits) => {
        const loss = ctcLoss(logits as tf.Tensor3D, { labels: b.labels, weights, frames: b.frames }, this.runtime, {
          classes: KINDS.length,
          of: kinds,
          weight: this.options.kindWeight,
        });
        return said ? tf.add(loss, keepLoss(logits as tf.Tensor3D, said, b.frames)) : loss;
      },
    };
  }

  async validate(net: Net): Promise<Float32Array> {
    // numeric lines, exact ones; text characters, edits; all lines, frames taken for hand.
    const counts = new Float32Array(6);
    const { height, frame } = this.options.contract;
    for (let at = 0; at < this.held.length; at += 16) {
      const lines = this.held.slice(at, at + 16);
      const width = Math.ceil(Math.max(...lines.map((l) => l.width)) / frame) * frame;
      const x = new Float32Array(lines.length * height * width);
      lines.forEach((l, i) => {
        for (let y = 0; y < height; y++) {
          x.set(l.x.subarray(y * l.width, (y + 1) * l.width), (i * height + y) * width);
        }
      });
      const columns = lines.map((l) => l.width);
      const logits = tf.tidy(() => net.predict(tf.tensor4d(x, [lines.length, height, width, 1]), columns));
      const [, frames, row] = logits.shape as [number, number, number];
      const values = await logits.data() as Float32Array;
      logits.dispose();
      lines.forEach((l, i) => {
        const used = Math.floor(l.width / frame);
        const rows = values.subarray(i * frames * row, (i * frames + used) * row);
        const read = greedy(rows, row, row - KINDS.length, ALPHABET);
        const plain = (s: string) => s.replaceAll(" ", "");
        if (l.numeric) {
          counts[0]++;
          if (plain(read) === plain(l.text)) counts[1]++;
        } else {
          counts[2] += plain(l.text).length;
          counts[3] += levenshteinDistance(plain(l.text), plain(read));
        }
        counts[4]++;
        let hand = 0;
        for (let t = 0; t < used; t++) {
          hand += rows[t * row + row - KINDS.length] > rows[t * row + row - KINDS.length + 1] ? 1 : 0;
        }
        counts[5] += hand / Math.max(1, used);
      });
    }
    return counts;
  }

  report(c: Float32Array): Record<string, number> {
    return { numericExact: c[1] / c[0], textCer: c[3] / c[2], handFrames: c[5] / c[4] };
  }

  metadata(): Record<string, string> {
    return {
      task: "line",
      alphabet: ALPHABET,
      kinds: JSON.stringify(KINDS),
      contract: JSON.stringify(this.options.contract),
    };
  }

  packed(): Record<string, Uint8Array> {
    return this.spelling.length > 0 ? { words: this.spelling } : {};
  }
}
