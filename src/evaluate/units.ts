/** Scores where words are and who made them, whatever was read, against labelled units: words, numbers and expressions with their boxes. */
import type { Box } from "../engine/types.ts";

/** One thing on a page that a reader should return as one word. */
export interface Unit {
  /** In pixels of the decoded page as it lies. */
  box: Box;
  text: string;
  by: "hand" | "print";
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

/** A page's counts. @param words boxes of the words that were returned. */
export function countUnits(units: Unit[], words: Box[]): UnitCounts {
  const n = { ...NONE };
  const enough = ({ box }: Unit) => COVERED * Math.max(0, box[2]) * Math.max(0, box[3]);
  const hand = units.filter((u) => u.by === "hand");
  const covers = words.map((w) => hand.filter((u) => common(w, u.box) >= enough(u)));
  for (const unit of hand) {
    const single = [...unit.text.trim()].length === 1;
    const by = covers.filter((c) => c.includes(unit));
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
    if (words.some((w) => common(w, unit.box) >= enough(unit))) n.printed++;
  }
  return n;
}

export interface UnitReport extends UnitCounts {
  pages: (UnitCounts & { file: string })[];
}

/** All pages. @param words boxes of the words of each file; a file without any counts as read and empty. */
export function scoreUnits(pages: UnitPage[], words: Map<string, Box[]>): UnitReport {
  const counted = pages.map(({ file, units }) => ({ file, ...countUnits(units, words.get(file) ?? []) }));
  const total = { ...NONE };
  for (const key of Object.keys(NONE) as (keyof UnitCounts)[]) {
    total[key] = counted.reduce((sum, page) => sum + page[key], 0);
  }
  return { ...total, pages: counted };
}

/** A line for people. */
export function unitSummary(n: UnitCounts): string {
  const share = (part: number, whole: number) => (part / Math.max(1, whole)).toFixed(3);
  const shares = (["found", "merged", "split", "missed"] as const).map((k) => `${k} ${share(n[k], n.hand)}`).join(" ");
  return `written units ${n.hand}: ${shares}; single characters ${n.singles}: found ${share(n.single, n.singles)}; ` +
    `printed units ${n.print}: returned ${share(n.printed, n.print)}`;
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
