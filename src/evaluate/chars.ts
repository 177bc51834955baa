/** Single characters: accuracy, confusion, and the figures of each class as scikit-learn prints them. */
import { basename, join } from "node:path";
import { openRunner } from "../engine/runner.ts";
import { ScrawlError } from "../errors.ts";
import { readSet } from "../train/glyphs/data.ts";
import { loadSamples } from "../train/backend/mod.ts";
import { calibrationError } from "./strings.ts";

const MODEL = new URL("../../models/digits/model.safetensors", import.meta.url);
const PIXELS = 28 * 28;

/** Parts of a set that are measured on where none is named, the first that is there. */
const PARTS = ["t10k", "test", "train"];

/** Folder and part: of `set` below `data/chars`, like `mnist/t10k`, or of `data` itself where it holds IDX files. */
function place(data: string, set: string): [string, string] {
  const names = [...Deno.readDirSync(data)].map((f) => f.name);
  const own = PARTS.find((p) => names.some((n) => n.startsWith(`${p}-images-idx3-ubyte`)));
  if (own) return [data, own];
  const [folder, prefix] = set.split("/");
  if (!prefix) throw new ScrawlError("arguments", `--set ${set}: write folder and part, like mnist/t10k or usps/test`);
  return [join(data, "chars", folder), prefix];
}

/**
 * @param data folder of all sets, or of one set's IDX files.
 * @param set folder and part below `chars/`, like `mnist/t10k`.
 */
export async function evaluateChars(data: string, set: string, model: string | URL = MODEL) {
  const [folder, prefix] = place(data, set);
  const runner = await openRunner(model);
  await loadSamples();
  const { images, labels } = await readSet(folder, prefix);
  const confusion = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
  const confidences: number[] = [];
  const right: boolean[] = [];
  for (let at = 0; at < labels.length; at += 128) {
    const n = Math.min(128, labels.length - at);
    const x = Float32Array.from(images.subarray(at * PIXELS, (at + n) * PIXELS), (v) => v / 255);
    const logits = runner.run(x, n, 28, 28);
    const k = logits.length / n;
    for (let i = 0; i < n; i++) {
      const row = logits.subarray(i * k, (i + 1) * k);
      const best = row.reduce((b, v, c) => v > row[b] ? c : b, 0);
      const sum = row.reduce((s, v) => s + Math.exp(v - row[best]), 0);
      confusion[labels[at + i]][best]++;
      confidences.push(1 / sum);
      right.push(best === labels[at + i]);
    }
  }
  const total = labels.length;
  const classes = confusion.map((row, c) => {
    const predicted = confusion.reduce((s, r) => s + r[c], 0);
    const support = row.reduce((a, b) => a + b, 0);
    const precision = row[c] / Math.max(1, predicted);
    const recall = row[c] / Math.max(1, support);
    return {
      class: String(c),
      precision,
      recall,
      f1: 2 * precision * recall / Math.max(1e-12, precision + recall),
      support,
    };
  });
  const hits = right.filter(Boolean).length;
  return {
    set: `${basename(folder)}/${prefix}`,
    images: total,
    errors: total - hits,
    accuracy: hits / total,
    ece: calibrationError(confidences, right),
    classes,
    confusion,
  };
}
