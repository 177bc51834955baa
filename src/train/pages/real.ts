/**
 * Real pages of which it is known where what was written or printed, in the folders that data/README.md describes:
 * printed pages, sudokus with printed and written cells, and pages whose written lines, and some printed ones, are outlined.
 */
import { join } from "@std/path/join";
import type { LineLibrary } from "../../wasm/train/train.js";

/** Folders below `pages/` on which nothing is written by hand. */
const PRINTED = ["printed-only", "sudoku-printed"];
/** Folders whose written lines are outlined in `NAME.lines.jsonl`; of the rest of a page nothing is known. */
const LINES = ["banq-copiste", "tables-decennales"];
/** Folders whose written, typed and printed lines are outlined in one file (`OUTLINES`). */
const OUTLINED = ["memorials", "registers", "typed"];
/** The file of a set's outlines (`data get` writes it): a page a line, an `OutlinedPage` as JSON. */
export const OUTLINES = "outlines.jsonl";

export interface OutlinedPage {
  /** Of the picture, below the set's folder. */
  picture: string;
  lines: OutlinedLine[];
}

export interface OutlinedLine {
  written: boolean;
  /** Pixels of the picture. */
  polygon: [number, number][];
}

/** Folder of the sudokus with both kinds of digits. */
export const SUDOKUS = "sudoku-mixed";
/** Digits fill this share of a sudoku's cell from top to bottom, and those of a line this share of its outline. */
const [IN_CELL, IN_LINE] = [0.55, 0.4];
/** A line with such a text is a number that was stamped on the sheet, not written: nothing is said of it. */
const STAMPED = /wikitexte/;

/** As `LineLibrary.addPage` takes it. */
const KNOWN = { printed: 0, cells: 1, lines: 2 } as const;

/** Every other sudoku, by the order of their names, is never learnt from: what written and printed cells are told apart on. */
export function isHeldOut(names: string[], name: string): boolean {
  return names.indexOf(name) % 2 === 1;
}

/** Names without endings of the sudokus of a data folder, in order; none where the set is not there. */
export async function sudokus(data: string): Promise<string[]> {
  return (await jpegs(join(data, "pages", SUDOKUS, "mixed"))).map((n) => n.replace(/\.jpg$/, ""));
}

/** Photos, all of this height in pixels, whose outlines are those of the photos turned right by a quarter; and one whose lies beside its grid. */
const HEIGHT = 1280;
const TURNED = [1024, 1031, 1036, 1038, 1039, 1040, 1041, 1043].map((n) => `image${n}`);
const BESIDE = ["image1083"];

/** A cell of a sudoku: its corners clockwise from the upper left, the digit in it and whether a hand wrote it. */
export interface Cell {
  corners: [number, number][];
  digit: string;
  written: boolean;
}

/**
 * The 81 cells of a sudoku, row by row. A digit that stands in `mixed` and not in `images` was written. `undefined` where the set lacks
 * the outline or the digits, or has another outline: it does for a few.
 */
export async function cells(data: string, name: string): Promise<Cell[] | undefined> {
  const root = join(data, "pages", SUDOKUS);
  const digits = async (folder: string) => {
    const text = await textOf(join(root, folder, `${name}.dat`));
    return text.split("\n").slice(2, 11).flatMap((row) => row.trim().split(/\s+/));
  };
  const [all, printed] = await Promise.all([digits("mixed"), digits("images")]);
  const outlines = await Deno.readTextFile(join(root, "outlines_sorted.csv"));
  const line = outlines.split("\n").find((l) => l.includes(`/${name}.jpg,`));
  if (!line || all.length !== 81 || printed.length !== 81 || BESIDE.includes(name)) return undefined;
  const n = line.split(",").slice(1).map(Number);
  const found: [number, number][] = [0, 2, 4, 6].map((k) => [n[k], n[k + 1]]);
  // Turned back, what was the upper left corner is the lower left one.
  const corners = TURNED.includes(name)
    ? [1, 2, 3, 0].map((k): [number, number] => [found[k][1], HEIGHT - found[k][0]])
    : found;
  const at = homography(corners);
  return all.map((digit, i) => {
    const [row, column] = [Math.floor(i / 9), i % 9];
    const corners = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([x, y]) => at((column + x) / 9, (row + y) / 9));
    return { corners, digit, written: printed[i] === "0" };
  });
}

/** Maps the unit square to four corners, clockwise from the upper left (Heckbert 1989). */
function homography([a, b, c, d]: [number, number][]): (u: number, v: number) => [number, number] {
  const [sx, sy] = [a[0] - b[0] + c[0] - d[0], a[1] - b[1] + c[1] - d[1]];
  const [dx1, dx2, dy1, dy2] = [b[0] - c[0], d[0] - c[0], b[1] - c[1], d[1] - c[1]];
  const det = dx1 * dy2 - dx2 * dy1;
  const [g, h] = [(sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det];
  return (u, v) => {
    const w = g * u + h * v + 1;
    const along = (k: 0 | 1) => ((b[k] - a[k] + g * b[k]) * u + (d[k] - a[k] + h * d[k]) * v + a[k]) / w;
    return [along(0), along(1)];
  };
}

/** Fills `library` with the real pages below `data` that may be learnt from, each `ranks`-th one from `rank` on. */
export async function addRealPages(
  library: LineLibrary,
  data: string,
  { rank, ranks }: { rank: number; ranks: number },
): Promise<number> {
  const root = join(data, "pages");
  let [seen, added] = [0, 0];
  const sets = [...PRINTED, SUDOKUS, ...LINES, ...OUTLINED];
  const add = async (set: string, name: string, known: number, regions: () => Promise<[number[], number]>) => {
    if (seen++ % ranks !== rank) return;
    const [flat, text] = await regions();
    const file = join(root, set, name);
    if (!library.addPage(sets.indexOf(set), await Deno.readFile(file), known, Float32Array.from(flat), text)) {
      throw new Error(`${file} is no JPEG that can be decoded`);
    }
    added++;
  };
  const names = await sudokus(data);
  for (const folder of PRINTED) {
    for (const name of await jpegs(join(root, folder))) {
      if (folder === "sudoku-printed" && isHeldOut(names, name.replace(/\.jpg$/, ""))) continue;
      await add(folder, name, KNOWN.printed, () => Promise.resolve([[], 0]));
    }
  }
  for (const name of names.filter((n) => !isHeldOut(names, n))) {
    const all = await cells(data, name);
    if (!all) continue;
    await add(SUDOKUS, join("mixed", `${name}.jpg`), KNOWN.cells, () => {
      const [a, b] = [all[0].corners[0], all[72].corners[3]];
      return Promise.resolve([
        all.flatMap((c) => [c.written ? 1 : 0, 4, ...inner(c.corners).flat()]),
        IN_CELL * Math.hypot(b[0] - a[0], b[1] - a[1]) / 9,
      ]);
    });
  }
  for (const folder of LINES) {
    for (const name of await jpegs(join(root, folder))) {
      await add(folder, name, KNOWN.lines, async () => {
        const text = await Deno.readTextFile(join(root, folder, name.replace(/\.jpg$/, ".lines.jsonl")));
        const lines: { text: string; polygon: [number, number][] }[] = text.split("\n").filter(Boolean)
          .map((l) => JSON.parse(l)).filter((l) => !STAMPED.test(l.text));
        return ofLines(lines.map(({ polygon }) => ({ written: true, polygon })));
      });
    }
  }
  for (const folder of OUTLINED) {
    const text = await textOf(join(root, folder, OUTLINES));
    for (const { picture, lines } of text.split("\n").filter(Boolean).map((l): OutlinedPage => JSON.parse(l))) {
      await add(folder, picture, KNOWN.lines, () => Promise.resolve(ofLines(lines)));
    }
  }
  return added;
}

/** Outlined lines as `LineLibrary.addPage` takes them, and the height of their digits, from the median of the outlines' mean heights. */
function ofLines(lines: OutlinedPage["lines"]): [number[], number] {
  const heights = lines.map(({ polygon: p }) => {
    const [xs, ys] = [p.map((c) => c[0]), p.map((c) => c[1])];
    // The mean height of an outline: its area over its length.
    const area = p.reduce((sum, c, i) => sum + c[0] * p[(i + 1) % p.length][1] - p[(i + 1) % p.length][0] * c[1], 0);
    return Math.abs(area) / 2 / Math.max(1, Math.max(...xs) - Math.min(...xs), (Math.max(...ys) - Math.min(...ys)) / 4);
  }).sort((a, b) => a - b);
  return [
    lines.flatMap(({ written, polygon }) => [written ? 1 : 0, polygon.length, ...polygon.flat()]),
    IN_LINE * (heights[heights.length >> 1] ?? 0),
  ];
}

/** Share of a cell's size that its walls may take, on each side. */
const WALL = 0.09;

/** A cell without its walls. */
function inner(corners: [number, number][]): [number, number][] {
  const middle = [0, 1].map((k) => corners.reduce((sum, c) => sum + c[k] / 4, 0));
  return corners.map((c) => [c[0] + (middle[0] - c[0]) * 2 * WALL, c[1] + (middle[1] - c[1]) * 2 * WALL]);
}

/** What a file says; nothing where there is none. */
const textOf = (path: string) =>
  Deno.readTextFile(path).catch((e) => {
    if (e instanceof Deno.errors.NotFound) return "";
    throw e;
  });

async function jpegs(folder: string): Promise<string[]> {
  try {
    const names = [];
    for await (const f of Deno.readDir(folder)) if (f.name.endsWith(".jpg")) names.push(f.name);
    return names.sort();
  } catch (e) {
    if (e instanceof Deno.errors.NotFound) return [];
    throw e;
  }
}
