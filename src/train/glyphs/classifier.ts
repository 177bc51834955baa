/** Models of single characters behind one face: a model file, or several whose opinions are averaged. */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { openRunner, type Runner } from "../../engine/runner.ts";
import { ScrawlError } from "../../errors.ts";

const CLASSES = 10;

/** What `train --ensemble` writes: members as paths relative to the file. */
export interface Ensemble {
  members: string[];
}

export class Classifier {
  private constructor(private runners: Runner[]) {}

  /**
   * @param model a model file, or an ensemble's JSON.
   * @param int8 run in integers.
   */
  static async open(model: string | URL, int8 = false): Promise<Classifier> {
    if (typeof model !== "string" || !model.endsWith(".json")) return new Classifier([await openRunner(model, int8)]);
    let ensemble: Ensemble;
    try {
      ensemble = JSON.parse(await Deno.readTextFile(model));
    } catch (e) {
      throw new ScrawlError("input", `${model} is no ensemble: ${(e as Error).message}`);
    }
    if (!Array.isArray(ensemble.members) || ensemble.members.length === 0) {
      throw new ScrawlError("input", `${model} is no ensemble: it names no members`);
    }
    return new Classifier(await Promise.all(ensemble.members.map((m) => openRunner(join(dirname(model), m), int8))));
  }

  /** The confidence below which an image is refused as no digit: the mean over the members; 0 where none was chosen. */
  get refuse(): number {
    return this.runners.reduce((sum, r) => sum + Number(r.metadata("refuse") ?? 0), 0) / this.runners.length;
  }

  /** Probabilities `[n][10]` of `x`, `[n][28][28]`, ink 0..1: the mean over the members. */
  probabilities(x: Float32Array, n: number): Float32Array {
    const out = new Float32Array(n * CLASSES);
    for (const runner of this.runners) {
      // Chosen on validation images, so that confidences hold (Guo et al. 2017).
      const temperature = Number(runner.metadata("temperature") ?? 1);
      const logits = runner.run(x, n, 28, 28).map((v) => v / temperature);
      if (logits.length !== n * CLASSES) {
        throw new ScrawlError("input", `the model has ${logits.length / n} outputs, one a digit is wanted`);
      }
      for (let i = 0; i < n; i++) {
        const row = logits.subarray(i * CLASSES, (i + 1) * CLASSES);
        const most = row.reduce((a, b) => Math.max(a, b));
        const sum = row.reduce((s, v) => s + Math.exp(v - most), 0);
        row.forEach((v, c) => out[i * CLASSES + c] += Math.exp(v - most) / sum / this.runners.length);
      }
    }
    return out;
  }
}
