/** Strings that are already cut out: cheque amounts (ORAND-CAR 2014), and lines of held-out writers. */
import { join } from "@std/path/join";
import type { Engine } from "../engine/engine.ts";
import type { ReadOptions } from "../engine/types.ts";
import { ScrawlError } from "../errors.ts";
import { type Crop, readHeldOut } from "../train/lines/data.ts";
import { levenshteinDistance } from "@std/text/levenshtein-distance";

export type Decode = (bytes: Uint8Array) => Promise<{ gray: Uint8Array; width: number; height: number }>;

/** A text without its spaces. */
export const unspaced = (text: string) => text.replaceAll(" ", "");

/** Share of errors of a group of readings; spaces do not count. */
export function figures(truths: string[], reads: string[]) {
  const pairs = truths.map((t, i) => [t, reads[i]].map(unspaced));
  const exact = pairs.filter(([t, r]) => t === r).length;
  const edits = pairs.reduce((n, [t, r]) => n + levenshteinDistance(t, r), 0);
  const length = pairs.reduce((n, [t]) => n + t.length, 0);
  return { lines: truths.length, exact: exact / truths.length, cer: edits / length };
}

/** Expected calibration error over ten equal bins of confidence (Guo et al. 2017). */
export function calibrationError(confidences: number[], right: boolean[]): number {
  const bins = Array.from({ length: 10 }, () => ({ n: 0, confidence: 0, right: 0 }));
  confidences.forEach((c, i) => {
    const bin = bins[Math.min(9, Math.floor(c * 10))];
    bin.n++;
    bin.confidence += c;
    bin.right += right[i] ? 1 : 0;
  });
  return bins.reduce((sum, b) => sum + (b.n ? Math.abs(b.confidence - b.right) : 0), 0) / confidences.length;
}

/** Where cheque amounts lie below the data sets. */
export const ORAND = ["strings", "orand-car-a"];

/** What an amount on a cheque is written with: digits, points between them, dashes behind. */
export const AMOUNT = "0123456789.,-=";

/** ORAND-CAR: the truth holds digits only, so only the digits of a reading count for `exact`. */
export async function evaluateStrings(engine: Engine, data: string, options: ReadOptions, decode: Decode) {
  const root = await Deno.stat(join(data, "truth.jsonl")).then(() => data, () => join(data, ...ORAND));
  const rows = (await Deno.readTextFile(join(root, "truth.jsonl"))).split("\n").filter(Boolean).map((l) =>
    JSON.parse(l)
  );
  const lines = await Promise.all(rows.map(async (r) => await decode(await Deno.readFile(join(root, r.file)))));
  const read = engine.readLines(lines, options).map((r) => r.text.replace(/\D/g, ""));
  const { charset, allowedChars } = options;
  return { set: "orand-car-a", charset, allowedChars, ...figures(rows.map((r) => r.text), read) };
}

/**
 * Lines of writers that no training saw, what is read of each, and whether it is right but for spaces.
 * @throws ScrawlError where `data` has none.
 */
export async function readHeldOutLines(engine: Engine, data: string, options: ReadOptions, decode: Decode) {
  const crops = await readHeldOut(data);
  if (crops.length === 0) throw new ScrawlError("access", `${data} has no folder lines with lines of held-out writers`);
  const read = engine.readLines(await Promise.all(crops.map((c) => decode(c.jpeg.slice()))), options);
  return { crops, read, right: crops.map((c, i) => unspaced(c.text) === unspaced(read[i].text)) };
}

/** Lines of writers that no training saw, numbers and texts apart, and by set. */
export async function evaluateLines(engine: Engine, data: string, options: ReadOptions, decode: Decode) {
  const { crops, read, right } = await readHeldOutLines(engine, data, options, decode);
  const part = (numeric: boolean, set?: string) => {
    const wanted = (c: Crop) => c.numeric === numeric && (set === undefined || c.set === set);
    const chosen = crops.map((_, i) => i).filter((i) => wanted(crops[i]));
    if (chosen.length === 0) return undefined;
    const words = chosen.map((i) => [crops[i].text.split(/\s+/), read[i].text.split(/\s+/)]);
    const wordEdits = words.reduce((n, [t, r]) => n + wordDistance(t, r), 0);
    return {
      ...figures(chosen.map((i) => crops[i].text), chosen.map((i) => read[i].text)),
      wer: wordEdits / words.reduce((n, [t]) => n + t.length, 0),
    };
  };
  return {
    set: "held-out writers of lines/",
    charset: options.charset,
    numeric: part(true),
    text: part(false),
    sets: Object.fromEntries(
      [...new Set(crops.map((c) => c.set))].map((set) => [set, { numeric: part(true, set), text: part(false, set) }]),
    ),
    ece: calibrationError(read.map((r) => r.confidence), right),
  };
}

function wordDistance(a: string[], b: string[]): number {
  // Each word becomes one character, so that the edit distance counts words.
  const known = new Map<string, string>();
  const code = (w: string) => known.get(w) ?? (known.set(w, String.fromCodePoint(0x10000 + known.size)), known.get(w)!);
  return levenshteinDistance(a.map(code).join(""), b.map(code).join(""));
}
