/** Scores where words are and who made them, whatever was read, against labelled units: words, numbers and expressions with their boxes. */
import type { Box } from "../engine/types.ts";

/** One thing on a page that a reader should return as one word. */
export interface Unit {
  /** In pixels of the decoded page as it lies. */
  box: Box;
  text: string;
  /** `other` where nobody can tell, or where it is neither: a ring, a blot, a cut word. */
  by: "hand" | "print" | "other";
}

/** A page's units, as `FOLDER/NAME.json` has them. */
export interface UnitPage {
  file: string;
  units: Unit[];
}

export interface UnitCounts {
  /** Written units. */
  hand: number;
  /** Those that a word covers which covers no other written unit. */
  found: number;
  /** Those that share every word which covers them with another written unit. */
  merged: number;
  /** Those that no word covers, but all words together hold enough of. */
  split: number;
  /** All other written units. */
  missed: number;
  /** Written units of one character. */
  singles: number;
  /** Those of them that are found. */
  single: number;
  /** Printed units. */
  print: number;
  /** Those that a word covers, alone or with others: print that was returned. */
  printed: number;
}

/** A word covers a unit of which it holds this share of the area. */
const COVERED = 0.6;

const NONE: UnitCounts = {
  hand: 0,
  found: 0,
  merged: 0,
  split: 0,
  missed: 0,
  singles: 0,
  single: 0,
  print: 0,
  printed: 0,
};

/** Area that two boxes have in common. */
function common(a: Box, b: Box): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  return Math.max(0, width) * Math.max(0, height);
}

/** Whether a box holds enough of a unit to speak for it. */
const covers = (box: Box, unit: Unit) => common(box, unit.box) >= enough(unit);
const enough = ({ box }: Unit) => COVERED * Math.max(0, box[2]) * Math.max(0, box[3]);

/** A page's counts. @param words boxes of the words that were returned. */
export function countUnits(units: Unit[], words: Box[]): UnitCounts {
  const n = { ...NONE };
  const hand = units.filter((u) => u.by === "hand");
  const covered = words.map((w) => hand.filter((u) => covers(w, u)));
  for (const unit of hand) {
    const single = [...unit.text.trim()].length === 1;
    const by = covered.filter((c) => c.includes(unit));
    n.hand++;
    if (single) n.singles++;
    if (by.some((c) => c.length === 1)) {
      n.found++;
      if (single) n.single++;
    } else if (by.length > 0) n.merged++;
    else if (words.reduce((sum, w) => sum + common(w, unit.box), 0) >= enough(unit)) n.split++;
    else n.missed++;
  }
  for (const unit of units.filter((u) => u.by === "print")) {
    n.print++;
    if (words.some((w) => covers(w, unit))) n.printed++;
  }
  return n;
}

/** Something that was found, returned or not, and how probably a hand made it, 0..1. */
export interface Judged {
  box: Box;
  handwritten: number;
}

/** How well hand and print are told apart at the threshold that returns the most writing with so little print. */
export interface HandRecall {
  /** Share of writing in what that threshold returns, at least. */
  precision: number;
  /** Share of the writing that it returns. */
  recall: number;
  /** The least probability of a hand that is returned; above 1 where none keeps the print out. */
  threshold: number;
  /** Written and printed units that were found, whatever was made of them. */
  hand: number;
  print: number;
}

/** Of what is returned so much must be writing. */
const PRECISION = 0.99;

/** Hand against print by all that covers units of a hand alone or of a press alone; what covers both, others, or nothing, tells nothing of that. */
export function handRecall(pages: UnitPage[], found: Map<string, Judged[]>): HandRecall {
  const marks = pages.flatMap(({ file, units }) =>
    (found.get(file) ?? []).flatMap(({ box, handwritten }) => {
      const makers = new Set(units.filter((u) => covers(box, u)).map((u) => u.by));
      return makers.size === 1 && !makers.has("other") ? [{ handwritten, hand: makers.has("hand") }] : [];
    })
  ).sort((a, b) => b.handwritten - a.handwritten);
  const hand = marks.filter((m) => m.hand).length;
  let [written, returned, threshold] = [0, 0, Infinity];
  marks.reduce((sum, m, i) => {
    sum += Number(m.hand);
    // A threshold has all of the same probability on one side.
    const last = marks[i + 1]?.handwritten !== m.handwritten;
    if (last && sum >= PRECISION * (i + 1) && sum > written) {
      [written, returned, threshold] = [sum, i + 1, m.handwritten];
    }
    return sum;
  }, 0);
  const share = (part: number, whole: number) => part / Math.max(1, whole);
  const precision = returned ? share(written, returned) : 1;
  return { precision, recall: share(written, hand), threshold, hand, print: marks.length - hand };
}

export interface UnitReport extends UnitCounts {
  /** Absent where only what was returned is known. */
  judged?: HandRecall;
  pages: (UnitCounts & { file: string })[];
}

/**
 * All pages; a file without any words counts as read and empty.
 * @param words boxes of the words of each file. @param found all that was found in each file, where that is known.
 */
export function scoreUnits(pages: UnitPage[], words: Map<string, Box[]>, found?: Map<string, Judged[]>): UnitReport {
  const counted = pages.map(({ file, units }) => ({ file, ...countUnits(units, words.get(file) ?? []) }));
  const total = { ...NONE };
  for (const key of Object.keys(NONE) as (keyof UnitCounts)[]) {
    total[key] = counted.reduce((sum, page) => sum + page[key], 0);
  }
  return { ...total, ...found && { judged: handRecall(pages, found) }, pages: counted };
}

/** A line for people. */
export function unitSummary(n: UnitReport): string {
  const share = (part: number, whole: number) => (part / Math.max(1, whole)).toFixed(3);
  const shares = (["found", "merged", "split", "missed"] as const).map((k) => `${k} ${share(n[k], n.hand)}`).join(" ");
  return `written units ${n.hand}: ${shares}; single characters ${n.singles}: found ${share(n.single, n.singles)}; ` +
    `printed units ${n.print}: returned ${share(n.printed, n.print)}` +
    (n.judged
      ? `; of ${n.judged.hand} written units that were found ${
        n.judged.recall.toFixed(3)
      } are told from ${n.judged.print} ` +
        `printed ones at ${n.judged.threshold.toFixed(3)}, where ${n.judged.precision.toFixed(3)} is writing`
      : "");
}

/** The labelled pages of a folder, in order of their names. @throws Error that names the file which is no such page. */
export async function readUnits(folder: string): Promise<UnitPage[]> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map((e) => e.name).filter((n) => n.endsWith(".json"))
    .sort();
  if (names.length === 0) throw new Error(`${folder}: no NAME.json with labelled units lies there`);
  return await Promise.all(names.map(async (name) => {
    const { file, units } = JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
    if (typeof file !== "string" || !Array.isArray(units)) {
      throw new Error(`${folder}/${name}: wanted is {"file", "units": [{"box", "text", "by"}]}`);
    }
    return { file, units };
  }));
}
