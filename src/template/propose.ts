/** Proposes the fields of a blank form: cells that rules enclose, combs, boxes to tick, and lines to write on, named by the print at them. */
import type { Box } from "../engine/types.ts";
import { inkOf, type Raster } from "./raster.ts";
import type { TemplateField } from "./template.ts";

/** Printed words of the blank. */
interface Print {
  text: string;
  box: Box;
}

/** Darker than this of 255 is ink. */
const INK = 90;
/** Least length of a rule, in shares of the longer side: letters have shorter strokes. */
const RULE = 0.012;
/** Cells smaller or larger than these shares of the page's width and height are none, nor are those less full than this of their box. */
const LEAST = 0.008;
const MOST = 0.95;
const FULL = 0.85;
/** Print that covers more of a cell than this is its content: it is no field. */
const PRINTED = 0.25;
/** Longer sides of boxes to tick, in shares of the page's width, and how square they are. */
const TICK = 0.035;
const SQUARE = 0.75;
/** Lines to write on are at least this long, in shares of the width, and have this of the longer side as room, or what print and rules above leave. */
const LINE = 0.06;
const LINE_HEIGHT = 0.05;

/** @param words print of the blank, wherever it stands. */
export function propose(blank: Raster, words: Print[]): TemplateField[] {
  const { width, height } = blank;
  const ink = inkOf(blank);
  const dark = Uint8Array.from(ink.data, (v) => v > INK ? 1 : 0);
  const least = Math.max(8, Math.round(RULE * Math.max(width, height)));
  const rules = rulesOf(dark, width, height, least);
  // The holes of letters are none.
  const isHole = (c: Box) => words.some((w) => holds(w.box, middle(c)) && w.box[3] >= 0.8 * c[3] && w.box[2] >= c[2]);
  const cells = facesOf(rules, width, height).filter((c) => !isHole(c));
  const isTick = ([, , w, h]: Box) => Math.max(w, h) <= TICK * width && Math.min(w, h) >= SQUARE * Math.max(w, h);
  const combs = combsOf(cells);
  const inComb = new Set(combs.flat());
  const ticks = cells.filter((c) => isTick(c) && !inComb.has(c));
  const open = cells.filter((c) => !inComb.has(c) && !ticks.includes(c) && printIn(c, words) < PRINTED);
  const names = new Set<string>();
  const name = (label: string) => {
    const plain = label.normalize("NFD").toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "") || "field";
    for (let i = 1;; i++) {
      const one = i === 1 ? plain : `${plain}_${i}`;
      if (!names.has(one)) return names.add(one), one;
    }
  };
  const found: { box: Box; field: () => TemplateField }[] = [];
  for (const comb of combs) {
    const box = union(comb);
    const pattern = `\\d{1,${comb.length}}`;
    found.push({ box, field: () => ({ name: name(labelOf(box, words)), type: "digits", box, pattern }) });
  }
  for (const cell of open) {
    const box = freeOf(cell, words);
    found.push({ box, field: () => ({ name: name(labelOf(cell, words)), type: typeOf(labelOf(cell, words)), box }) });
  }
  for (const box of linesOf(rules, width, height, cells, words)) {
    found.push({ box, field: () => ({ name: name(labelOf(box, words)), type: typeOf(labelOf(box, words)), box }) });
  }
  for (const group of rowsOf(ticks)) {
    const choices = Object.fromEntries(group.map((box, i) => [rightOf(box, words) || `box ${i + 1}`, box]));
    const box = union(group);
    found.push({ box, field: () => ({ name: name(labelOf(group[0], words)), type: "choice", box, choices }) });
  }
  // In the order in which a form is read.
  found.sort((a, b) =>
    Math.abs(a.box[1] - b.box[1]) < 0.6 * Math.min(a.box[3], b.box[3]) ? a.box[0] - b.box[0] : a.box[1] - b.box[1]
  );
  return found.map(({ field }) => field());
}

/** What a label asks for. */
function typeOf(label: string): TemplateField["type"] {
  if (/date|datum|fecha|data di|naissance|geburt|birth|\bday\b|\btag\b|\bjour\b/i.test(label)) return "date";
  if (/amount|betrag|montant|importe|total|summe|sum\b|price|preis|prix|€|\$|eur/i.test(label)) return "amount";
  if (/\bn[°ºr]\b|\bno\.|number|nummer|num[eé]ro|zip|plz|phone|tel|qty|quantity|anzahl/i.test(label)) return "digits";
  return "text";
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

const union = (boxes: Box[]): Box => {
  const [x, y] = [Math.min(...boxes.map((b) => b[0])), Math.min(...boxes.map((b) => b[1]))];
  return [x, y, Math.max(...boxes.map((b) => b[0] + b[2])) - x, Math.max(...boxes.map((b) => b[1] + b[3])) - y];
};

/** Cells side by side: of one height, in one row, no further apart than `gap` of it. */
function rowsOf(cells: Box[], gap = 12): Box[][] {
  const rows: Box[][] = [];
  for (const cell of cells.toSorted((a, b) => a[0] - b[0])) {
    const row = rows.find((r) => {
      const last = r[r.length - 1];
      return Math.abs(last[1] - cell[1]) < 0.3 * cell[3] && Math.abs(last[3] - cell[3]) < 0.3 * cell[3] &&
        cell[0] - last[0] - last[2] < gap * cell[3];
    });
    if (row) row.push(cell);
    else rows.push([cell]);
  }
  return rows;
}

/** Three or more narrow cells of one width that touch: a character each. Grids of several such rows are cells by themselves. */
function combsOf(cells: Box[]): Box[][] {
  const narrow = cells.filter(([, , w, h]) => w <= 1.3 * h);
  const combs = rowsOf(narrow, 0.4).filter((row) =>
    row.length >= 3 && row.every((c) => Math.abs(c[2] - row[0][2]) < 0.25 * row[0][2])
  );
  const below = (a: Box, b: Box) => Math.abs(a[0] - b[0]) < 0.3 * a[2] && Math.abs(b[1] - a[1] - a[3]) < 0.4 * a[3];
  return combs.filter((c) => !combs.some((d) => d !== c && (below(union(c), union(d)) || below(union(d), union(c)))));
}

/** Share of a box that words cover. */
function printIn([x, y, w, h]: Box, words: Print[]): number {
  const covered = words.reduce((sum, { box: [u, v, a, b] }) => {
    const [across, down] = [Math.min(x + w, u + a) - Math.max(x, u), Math.min(y + h, v + b) - Math.max(y, v)];
    return sum + Math.max(0, across) * Math.max(0, down);
  }, 0);
  return covered / (w * h);
}

const middle = ([x, y, w, h]: Box): [number, number] => [x + w / 2, y + h / 2];
const holds = ([x, y, w, h]: Box, [u, v]: [number, number]) => u >= x && u < x + w && v >= y && v < y + h;

/** The part of a cell that its label leaves: right of it, or below it, whichever is larger. */
function freeOf(cell: Box, words: Print[]): Box {
  const inside = words.filter((w) => holds(cell, middle(w.box)));
  if (inside.length === 0) return cell;
  const [x, y, w, h] = cell;
  const [lx, ly, lw, lh] = union(inside.map((i) => i.box));
  const right: Box = [lx + lw, y, x + w - lx - lw, h];
  const below: Box = [x, ly + lh, w, y + h - ly - lh];
  // Writing wants height: a strip under a label is too low to write in.
  const worth = ([, , a, b]: Box) => a * b * (b < 0.4 * h ? 0.1 : 1);
  return worth(right) >= worth(below) ? right : below;
}

/** The print that says what a field is: within it, else left of it in its row, else above it. */
function labelOf(box: Box, words: Print[]): string {
  const [x, y, w, h] = box;
  const text = (of: Print[]) =>
    of.toSorted((a, b) => a.box[0] - b.box[0]).map((o) => o.text).join(" ").replace(/[:.…_]+$/, "").trim();
  const inside = words.filter((o) => holds(box, middle(o.box)));
  if (inside.length > 0) return text(inside);
  const [cx, cy] = middle(box);
  const left = words.filter(({ box: b }) =>
    middle(b)[1] > y - 0.2 * h && middle(b)[1] < y + 1.2 * h && b[0] + b[2] <= x + 0.1 * w
  );
  const nearest = (of: Print[], far: (b: Box) => number) => of.toSorted((a, b) => far(a.box) - far(b.box))[0];
  const first = nearest(left, (b) => x - b[0] - b[2]);
  if (first && x - first.box[0] - first.box[2] < 6 * Math.max(h, first.box[3])) {
    // Words of one label stand close.
    const label = [first];
    for (const word of left.toSorted((a, b) => b.box[0] - a.box[0])) {
      const begin = Math.min(...label.map((l) => l.box[0]));
      if (!label.includes(word) && begin - word.box[0] - word.box[2] < 1.2 * first.box[3]) label.push(word);
    }
    return text(label);
  }
  const above = words.filter(({ box: b }) =>
    b[1] + b[3] <= y + 0.2 * h && Math.abs(middle(b)[0] - cx) < w / 2 + b[2] / 2
  );
  const over = nearest(above, (b) => cy - middle(b)[1]);
  if (!over) return "";
  return text(above.filter((o) => Math.abs(middle(o.box)[1] - middle(over.box)[1]) < 0.5 * over.box[3]));
}

/** The print right of a box to tick. */
function rightOf([x, y, w, h]: Box, words: Print[]): string {
  const beside = words.filter(({ box: b }) => middle(b)[1] > y - 0.3 * h && middle(b)[1] < y + 1.3 * h && b[0] >= x + w)
    .toSorted((a, b) => a.box[0] - b.box[0]);
  const label: Print[] = [];
  for (const word of beside) {
    const end = label.length === 0 ? x + w : label[label.length - 1].box[0] + label[label.length - 1].box[2];
    if (word.box[0] - end > 1.5 * h) break;
    label.push(word);
  }
  return label.map((o) => o.text).join(" ");
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
  return lines.filter((l) => !bounds(l) && printIn(l, words) < PRINTED);
}
