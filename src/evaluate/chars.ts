/** Single characters: accuracy, confusion, calibration, and the figures of each class as scikit-learn prints them. */
import { basename } from "@std/path/basename";
import { join } from "@std/path/join";
import { DIGIT_MODEL } from "../engine/models.ts";
import { ScrawlError } from "../errors.ts";
import { type GlyphData, JUNK, readSet } from "../train/glyphs/data.ts";
import { findSource } from "../train/glyphs/sources.ts";
import { loadSamples } from "../train/backend/mod.ts";
import { Classifier } from "../train/glyphs/classifier.ts";
import { calibrationError } from "./strings.ts";

const PIXELS = 28 * 28;
const BATCH = 128;

/** Parts of a set that are measured on where none is named, the first that is there. */
const PARTS = ["t10k", "test", "train"];

/** Folder and part: of `set` below `data/chars`, like `mnist/t10k`, or of `data` itself where it holds a set. */
function place(data: string, set: string): [string, string] {
  const own = PARTS.find((p) => findSource(data, p));
  if (own) return [data, own];
  const [folder, part] = set.split("/");
  if (!part) throw new ScrawlError("arguments", `--set ${set}: write folder and part, like mnist/t10k or usps/test`);
  return [join(data, "chars", folder), part];
}

/** A classified image. */
export interface Classified {
  truth: number;
  read: number;
  /** Probability of what was read. */
  confidence: number;
}

export interface CharFigures {
  set: string;
  /** Whether the images stood in MNIST's frame, which the net wants, or were fitted into it. */
  frame: "as given" | "fitted";
  images: number;
  errors: number;
  accuracy: number;
  /** Expected calibration error (Guo et al. 2017). */
  ece: number;
  classes: { class: string; precision: number; recall: number; f1: number; support: number }[];
  /** Counts by truth, then reading. */
  confusion: number[][];
  /** What is wrong among the surest, if the share `rejected` of the images, the least sure, is left to a person. */
  reject: { rejected: number; error: number }[];
  /** Below the confidence `below` the model refuses an image as no digit: the share of the digits, and of what is none. */
  refused: { below: number; digits: number; junk?: { images: number; share: number } };
}

/** The digits among a set's images, as they were classified. */
export interface CharResult {
  figures: CharFigures;
  images: Uint8Array;
  classified: Classified[];
}

/**
 * @param data folder of all sets, or of one set.
 * @param set folder and part below `chars/`, like `mnist/t10k`.
 * @param model a model file or an ensemble's JSON; else the model that ships.
 * @param int8 run in integers.
 */
export async function evaluateChars(
  data: string,
  set: string,
  model: string | URL = DIGIT_MODEL,
  int8 = false,
): Promise<CharResult> {
  const [folder, part] = place(data, set);
  const classifier = await Classifier.open(model, int8);
  await loadSamples();
  const { images, labels, fitted } = await readSet(folder, part, true);
  const all = classify(classifier, { images, labels });
  const classified = all.filter((c) => c.truth !== JUNK);
  const junk = all.filter((c) => c.truth === JUNK);
  const below = classifier.refuse;
  const share = (of: Classified[]) => of.filter((c) => c.confidence < below).length / Math.max(1, of.length);
  const refused = {
    below,
    digits: share(classified),
    ...(junk.length > 0 ? { junk: { images: junk.length, share: share(junk) } } : {}),
  };
  const digits = new Uint8Array(classified.length * PIXELS);
  let at = 0;
  labels.forEach((label, i) => {
    if (label !== JUNK) digits.set(images.subarray(i * PIXELS, (i + 1) * PIXELS), PIXELS * at++);
  });
  const head = { set: `${basename(folder)}/${part}`, frame: fitted ? "fitted" as const : "as given" as const };
  return { figures: { ...head, ...figuresOf(classified), refused }, images: digits, classified };
}

/** Reads every image of a set. */
export function classify(classifier: Classifier, { images, labels }: GlyphData): Classified[] {
  const out: Classified[] = [];
  for (let at = 0; at < labels.length; at += BATCH) {
    const n = Math.min(BATCH, labels.length - at);
    const x = Float32Array.from(images.subarray(at * PIXELS, (at + n) * PIXELS), (v) => v / 255);
    const probabilities = classifier.probabilities(x, n);
    for (let i = 0; i < n; i++) {
      const row = probabilities.subarray(i * 10, (i + 1) * 10);
      const read = row.reduce((b, v, c) => v > row[b] ? c : b, 0);
      out.push({ truth: labels[at + i], read, confidence: row[read] });
    }
  }
  return out;
}

function figuresOf(classified: Classified[]): Omit<CharFigures, "set" | "frame" | "refused"> {
  const confusion = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
  for (const { truth, read } of classified) confusion[truth][read]++;
  const right = classified.map((c) => c.truth === c.read);
  const classes = confusion.map((row, c) => {
    const predicted = confusion.reduce((s, r) => s + r[c], 0);
    const support = row.reduce((a, b) => a + b, 0);
    const precision = row[c] / Math.max(1, predicted);
    const recall = row[c] / Math.max(1, support);
    const f1 = 2 * precision * recall / Math.max(1e-12, precision + recall);
    return { class: String(c), precision, recall, f1, support };
  });
  const hits = right.filter(Boolean).length;
  return {
    images: classified.length,
    errors: classified.length - hits,
    accuracy: hits / Math.max(1, classified.length),
    ece: calibrationError(classified.map((c) => c.confidence), right),
    classes,
    confusion,
    reject: rejectCurve(classified),
  };
}

/** Error among what is kept, for shares of 0 to 20 % rejected. */
function rejectCurve(classified: Classified[]): CharFigures["reject"] {
  const sure = [...classified].sort((a, b) => b.confidence - a.confidence);
  return [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2].map((rejected) => {
    const kept = sure.slice(0, Math.round(sure.length * (1 - rejected)));
    return { rejected, error: kept.filter((c) => c.truth !== c.read).length / Math.max(1, kept.length) };
  });
}
