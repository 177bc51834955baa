/** Proposes the fields of a blank form: cells that rules enclose, combs, boxes to tick, and lines to write on, named by the print at them. */
import type { Box } from "../engine/types.ts";
import { inkOf, type Raster } from "./raster.ts";
import type { TemplateField } from "./template.ts";
import {
  choiceOf,
  combType,
  holds,
  inReadingOrder,
  labelOf,
  middle,
  namer,
  type Print,
  rowsOf,
  typeOf,
  union,
} from "./labels.ts";

/** Darker than this of 255 is ink: rules may be pale, and shaded cells are for nobody to write in. */
const INK = 25;
/** Likewise where more than this share of the page is so dark, as on a photo. */
const DARK_INK = 90;
const SHADED = 0.2;
/** Least length of a rule, in shares of the longer side: letters have shorter strokes. */
const RULE = 0.012;
/** Cells smaller or larger than these shares of the page's width and height are none, nor are those less full than this of their box. */
const LEAST = 0.005;
const MOST = 0.95;
const FULL = 0.85;
/** Fields to write in are at least as wide and high as this, in shares of the longer side. */
const FIELD_WIDTH = 0.012;
const FIELD_HEIGHT = 0.009;
/** Lying rules that end within so many pixels of each other, in shares of the longer side, close the cells between them. */
const MARGIN = 0.002;
/** Rules further apart than this share of the height bound no cell by themselves. */
const CLOSED = 0.06;
/** A label leaves the part below it where that has this share of the cell's height. */
const BELOW = 0.45;
/** Print that covers more of a cell than this is its content: it is no field. */
const PRINTED = 0.25;
/** Longer sides of boxes to tick, in shares of the page's width, and how square they are. */
const TICK = 0.035;
const SQUARE = 0.75;
/** Rules longer than this share of the width part sections. */
const SECTION = 0.7;
/** Boxes of a comb are no further apart than this share of their height: the wall between them. */
const TOUCHING = 0.2;
/** Lines to write on are at least this long, in shares of the width, and have this of the longer side as room, or what print and rules above leave. */
const LINE = 0.06;
const LINE_HEIGHT = 0.05;

/** @param words print of the blank, wherever it stands. */
export function propose(blank: Raster, print: Print[]): TemplateField[] {
  // Underscores are lines to write on.
  const words = print.filter((w) => !/_{3}|\.{4}/.test(w.text));
  const { width, height } = blank;
  const longer = Math.max(width, height);
  const ink = inkOf(blank);
  let dark = Uint8Array.from(ink.data, (v) => v > INK ? 1 : 0);
  if (dark.reduce((n, v) => n + v, 0) > SHADED * dark.length) {
    dark = Uint8Array.from(ink.data, (v) => v > DARK_INK ? 1 : 0);
  }
  const least = Math.max(8, Math.round(RULE * longer));
  const rules = rulesOf(dark, width, height, least);
  close(rules, width, height, Math.ceil(MARGIN * longer));
  // The holes of letters are none.
  const isHole = (c: Box) => words.some((w) => holds(w.box, middle(c)) && w.box[3] >= 0.8 * c[3] && w.box[2] >= c[2]);
  const isTick = ([, , w, h]: Box) => Math.max(w, h) <= TICK * width && Math.min(w, h) >= SQUARE * Math.max(w, h);
  const ruled = facesOf(rules, width, height);
  // The sides of small boxes are as short as strokes of letters.
  const small = facesOf(dark, width, height).filter((c) =>
    isTick(c) && !ruled.some((r) => holds(r, middle(c)) && isTick(r))
  );
  const cells = [...ruled, ...small].filter((c) => !isHole(c));
  const isWide = ([, , w, h]: Box) => w >= FIELD_WIDTH * longer && h >= FIELD_HEIGHT * longer;
  const combs = combsOf(cells.filter((c) => c[3] >= FIELD_HEIGHT * longer));
  const inComb = new Set(combs.flat());
  const ticks = cells.filter((c) => isTick(c) && !inComb.has(c));
  const unused = cells.filter((c) => !inComb.has(c) && !ticks.includes(c) && printIn(c, words) < PRINTED);
  // The cell that says what goes into the empty one right of it is none to write in.
  const empty = new Set(unused.filter((c) => printIn(c, words) === 0));
  const isLabel = (c: Box) => !empty.has(c) && [...empty].some((o) => isWide(o) && follows(c, o));
  const open = unused.filter((c) => !isLabel(c));
  const name = namer();
  const found: { box: Box; field: () => TemplateField }[] = [];
  for (const comb of combs) {
    const box = union(comb);
    const label = labelOf(box, words);
    found.push({
      box,
      field: () => ({ name: name(label), type: combType(label, comb.length), box, cells: comb.length }),
    });
  }
  const write = (box: Box, label: string) =>
    found.push({ box, field: () => ({ name: name(label), type: typeOf(label), box }) });
  for (const cell of open) {
    const box = freeOf(cell, words);
    if (isWide(box)) write(box, labelOf(cell, words));
  }
  for (const box of linesOf(rules, width, height, cells, words).filter(isWide)) write(box, labelOf(box, words));
  for (const group of rowsOf(ticks)) {
    found.push({ box: union(group), field: () => choiceOf(group, words, name) });
  }
  return found.toSorted(inReadingOrder).map(({ field }) => field());
}

/** Whether a cell stands right of another in its row, with nothing but a rule between. */
function follows([x, y, w, h]: Box, [u, v, , b]: Box): boolean {
  return Math.abs(y - v) < 0.2 * h && Math.abs(h - b) < 0.2 * h && Math.abs(u - x - w) < 0.5 * h;
}

/** Pixels of rules: dark ones in a row or a column of at least `least`, 1 lying, 2 upright, 3 both, with gaps of a pixel closed. */
function rulesOf(dark: Uint8Array, width: number, height: number, least: number): Uint8Array {
  const out = new Uint8Array(dark.length);
  const runs = (lines: number, length: number, index: (line: number, i: number) => number, mark: number) => {
    for (let line = 0; line < lines; line++) {
      let start = -1;
      for (let i = 0; i <= length; i++) {
        const on = i < length &&
          (dark[index(line, i)] || (i + 1 < length && i > 0 && dark[index(line, i - 1)] && dark[index(line, i + 1)]));
        if (on && start < 0) start = i;
        if (!on && start >= 0) {
          if (i - start >= least) { for (let k = start; k < i; k++) out[index(line, k)] |= mark; }
          start = -1;
        }
      }
    }
  };
  runs(height, width, (y, x) => y * width + x, 1);
  runs(width, height, (x, y) => y * width + x, 2);
  return out;
}

/** Closes cells that are open at a margin: lying rules of a table end there one below the other, without an upright one. */
function close(rules: Uint8Array, width: number, height: number, near: number): void {
  // Ends of lying rules, from top to bottom, by which side they are on.
  const ends: { x: number; y: number; isRight: boolean }[] = [];
  const lying = (x: number, y: number) => x >= 0 && x < width && (rules[y * width + x] & 1) !== 0;
  // The corner of a box: an upright rule ends there.
  const isHeld = (x: number, y: number) => {
    for (let v = Math.max(0, y - near); v <= Math.min(height - 1, y + near); v++) {
      for (let u = Math.max(0, x - near); u <= Math.min(width - 1, x + near); u++) {
        if (rules[v * width + u] & 2) return true;
      }
    }
    return false;
  };
  for (let y = 1; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!lying(x, y) || lying(x - 1, y)) continue;
      let last = x;
      while (lying(last + 1, y)) last++;
      if (last - x >= LINE * width) {
        if (!lying(x, y - 1) && !isHeld(x, y)) ends.push({ x, y, isRight: false });
        if (!lying(last, y - 1) && !isHeld(last, y)) ends.push({ x: last, y, isRight: true });
      }
      x = last;
    }
  }
  ends.forEach((end, i) => {
    const below = ends.slice(i + 1).find((e) =>
      e.isRight === end.isRight && Math.abs(e.x - end.x) <= near && e.y > end.y + near
    );
    if (!below || below.y - end.y > CLOSED * height) return;
    // The inner of both ends is met by both rules.
    const x = end.isRight ? Math.min(end.x, below.x) : Math.max(end.x, below.x);
    for (let y = end.y; y <= below.y; y++) rules[y * width + x] |= 2;
  });
}

/** Boxes that rules enclose: what hangs together between them, does not reach the page's edge, and fills its box. */
function facesOf(rules: Uint8Array, width: number, height: number): Box[] {
  const seen = Uint8Array.from(rules, (v) => v ? 1 : 0);
  const faces: Box[] = [];
  const stack: number[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start]) continue;
    let [left, right, top, bottom, area] = [width, 0, height, 0, 0];
    stack.push(start);
    seen[start] = 1;
    while (stack.length > 0) {
      const i = stack.pop()!;
      const [x, y] = [i % width, Math.floor(i / width)];
      area++;
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
      for (
        const [on, k] of [[x > 0, i - 1], [x + 1 < width, i + 1], [y > 0, i - width], [
          y + 1 < height,
          i + width,
        ]] as const
      ) {
        if (on && !seen[k]) {
          seen[k] = 1;
          stack.push(k);
        }
      }
    }
    const box: Box = [left, top, right - left + 1, bottom - top + 1];
    const atEdge = left === 0 || top === 0 || right === width - 1 || bottom === height - 1;
    const small = box[2] < LEAST * width || box[3] < LEAST * height;
    if (!atEdge && !small && box[2] < MOST * width && box[3] < MOST * height && area >= FULL * box[2] * box[3]) {
      faces.push(box);
    }
  }
  return faces;
}

/** Narrow cells of one width that touch: a character each. */
function combsOf(cells: Box[]): Box[][] {
  const narrow = cells.filter(([, , w, h]) => w <= 1.3 * h);
  return rowsOf(narrow, TOUCHING).filter((row) =>
    row.length >= 2 && row.every((c) => Math.abs(c[2] - row[0][2]) < 0.25 * row[0][2])
  );
}

/** Share of a box that words cover. */
function printIn([x, y, w, h]: Box, words: Print[]): number {
  const covered = words.reduce((sum, { box: [u, v, a, b] }) => {
    const [across, down] = [Math.min(x + w, u + a) - Math.max(x, u), Math.min(y + h, v + b) - Math.max(y, v)];
    return sum + Math.max(0, across) * Math.max(0, down);
  }, 0);
  return covered / (w * h);
}

/** The part of a cell that its label leaves: right of it, or below it, whichever is larger. */
function freeOf(cell: Box, words: Print[]): Box {
  const inside = words.filter((w) => holds(cell, middle(w.box)));
  if (inside.length === 0) return cell;
  const [x, y, w, h] = cell;
  const [lx, ly, lw, lh] = union(inside.map((i) => i.box));
  const right: Box = [lx + lw, y, x + w - lx - lw, h];
  const below: Box = [x, ly + lh, w, y + h - ly - lh];
  // A label stands above what is written, or before it; writing wants height: a strip under a label is too low to write in.
  if (below[3] >= BELOW * h && below[3] >= 0.8 * lh) return below;
  return right;
}

/** Room above lying rules that bound no cell: lines to write on. */
function linesOf(rules: Uint8Array, width: number, height: number, cells: Box[], words: Print[]): Box[] {
  const lines: Box[] = [];
  const most = Math.round(LINE_HEIGHT * Math.max(width, height));
  const roomAbove = (from: number, to: number, y: number): Box => {
    const over = words.filter(({ box: [u, v, a, b] }) => v + b <= y && u < to && u + a > from).map(({ box }) =>
      box[1] + box[3]
    );
    let top = Math.max(0, y - most, ...over);
    for (let v = y - 4; v > top; v--) {
      let n = 0;
      for (let u = from; u < to; u++) n += rules[v * width + u] & 1;
      if (n > 0.3 * (to - from)) top = v + 1;
    }
    return [from, top, to - from, Math.max(1, y - top)];
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width;) {
      let end = x;
      while (end < width && rules[y * width + end] & 1) end++;
      if (end - x >= LINE * width) {
        const known = lines.find((l) => Math.abs(l[1] + l[3] - y) < 0.01 * height && l[0] < end && l[0] + l[2] > x);
        if (!known) lines.push(roomAbove(x, end, y));
      }
      x = Math.max(end, x + 1);
    }
  }
  const bounds = ([x, y, w, h]: Box) =>
    cells.some(([u, v, a, b]) => {
      const touches = Math.abs(v - y - h) < 0.012 * height || Math.abs(v + b - y - h) < 0.012 * height;
      return touches && Math.min(x + w, u + a) - Math.max(x, u) > 0;
    });
  // A rule across the page parts two sections, unless others like it are near.
  const isNear = (l: Box, o: Box) =>
    o !== l && Math.abs(o[1] + o[3] - l[1] - l[3]) <= 2 * most && Math.abs(o[2] - l[2]) < 0.02 * width;
  const parts = (l: Box) => l[2] > SECTION * width && !lines.some((o) => isNear(l, o));
  return lines.filter((l) => !parts(l) && !bounds(l) && printIn(l, words) < PRINTED);
}
