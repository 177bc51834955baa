/**
 * Teaching a line net: one's own lines are learnt among old material, so that nothing is forgotten, and a fifth of them is held back to tell what it
 * was good for. They lie in the run's folder as sets do in `lines/`, so that a run can go on.
 */
import { join } from "@std/path/join";
import { encodeText } from "./alphabet.ts";
import { type Crop, type LineMaterial, readSet } from "./data.ts";
import type { Mix } from "./library.ts";
import { plainCrop } from "./plain.ts";
import type { TruthLine } from "./truth.ts";

/** One line in so many is held back. */
const HELD_BACK = 5;
/** Old lines of a shelf at most; one's own are twice as many, each of them often. */
const OLD = 3000;
const OWN = 2;
/** Share of the samples that are real lines, old and own. */
const REAL = 0.65;
/** Share of the real ones that each shelf has at least, so that numbers are not forgotten over texts. */
const LEAST = 0.2;

/** How a line net is taught: short, so that it keeps what it knows, and with its norms folded in (`--folded`), as few lines tell little of all. */
export const TEACHING = { length: 300, peak: 3e-4, at: 0.15, ema: 0.98, batch: 32 };

/** The folder of one's own lines in a run's. */
export const taughtIn = (run: string) => join(run, "taught");

/** Writes lines into a folder; those that the alphabet cannot write are left out. @returns how many there are, and how many were left out. */
export async function writeTaught(folder: string, lines: TruthLine[]): Promise<{ kept: number; left: number }> {
  await Deno.mkdir(folder, { recursive: true });
  const parts: Uint8Array[] = [];
  const rows: string[] = [];
  let offset = 0;
  for (const { text, page, width, height, pixels } of lines) {
    if (!encodeText(text) || text === "") continue;
    const crop = plainCrop({ width, height, pixels });
    parts.push(crop);
    const { length } = crop;
    rows.push(
      JSON.stringify({ offset, length, width, height, text, page, numeric: /\d/.test(text) && !/\p{L}/u.test(text) }),
    );
    offset += length;
  }
  await Deno.writeFile(join(folder, "lines.bin"), await new Blob(parts as BlobPart[]).bytes());
  await Deno.writeTextFile(join(folder, "lines.jsonl"), rows.map((r) => r + "\n").join(""));
  return { kept: rows.length, left: lines.length - rows.length };
}

/** One's own lines: to learn from, and held back. */
export async function readTaught(folder: string): Promise<{ learn: Crop[]; held: Crop[] }> {
  const all = await readSet(folder, "taught");
  const isHeld = (i: number) => i % HELD_BACK === HELD_BACK - 1;
  return { learn: all.filter((_, i) => !isHeld(i)), held: all.filter((_, i) => isHeld(i)) };
}

/** The material with one's own lines in it, {@linkcode OWN} times as many as old ones on each shelf that they are on. */
export function withTaught(material: LineMaterial, learn: Crop[]): LineMaterial {
  const shelf = (old: LineMaterial["texts"], own: Crop[]) => {
    const every = Math.max(1, Math.ceil(old.length / OLD));
    const kept = old.filter((_, i) => i % every === 0);
    if (own.length === 0) return kept;
    const times = Math.max(1, Math.round(OWN * kept.length / own.length));
    return [...kept, ...Array.from({ length: times }, () => own).flat()];
  };
  return {
    ...material,
    numbers: shelf(material.numbers, learn.filter((c) => c.numeric)),
    texts: shelf(material.texts, learn.filter((c) => !c.numeric)),
  };
}

/** The mix of kinds with real lines for {@linkcode REAL} of it, numbers and texts as one's own lines have them. */
export function teachingMix(mix: Mix, learn: Crop[]): Mix {
  const share = learn.filter((c) => c.numeric).length / Math.max(1, learn.length);
  const numbers = LEAST + (1 - 2 * LEAST) * share;
  const rest = Object.entries(mix).reduce((sum, [k, v]) => k === "realNumbers" || k === "realTexts" ? sum : sum + v, 0);
  const scaled = Object.fromEntries(Object.entries(mix).map(([k, v]) => [k, v * (1 - REAL) / rest])) as unknown as Mix;
  return { ...scaled, realNumbers: REAL * numbers, realTexts: REAL * (1 - numbers) };
}
