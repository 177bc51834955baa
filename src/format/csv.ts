/** Tables and grids as rows and columns (RFC 4180), safe to open in a spreadsheet. */
import type { Page, Word } from "../engine/types.ts";

/** A number, signed or not, is no formula; anything else that begins like one gets an apostrophe before it. */
const NUMBER = /^[+-]?[\d.,']*\d%?$/;

export function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Words of a page by row and column: rows are its lines, columns are where words of many rows stand below one another. */
export function grid(page: Page): Word[][][] {
  const rows = page.lines.map((l) => l.words);
  const words = rows.flat().sort((a, b) => a.box[0] - b.box[0]);
  // A word begins a new column where it shares no x with what the column holds so far, counted over rows.
  const columns: { left: number; right: number }[] = [];
  for (const { box: [x, , width] } of words) {
    const middle = x + width / 2;
    const at = columns.find((c) => middle >= c.left && middle <= c.right);
    if (at) [at.left, at.right] = [Math.min(at.left, x), Math.max(at.right, x + width)];
    else columns.push({ left: x, right: x + width });
  }
  columns.sort((a, b) => a.left - b.left);
  return rows.map((row) => {
    const cells: Word[][] = columns.map(() => []);
    for (const w of row) {
      const middle = w.box[0] + w.box[2] / 2;
      let best = 0;
      columns.forEach((c, i) => {
        const off = (c: { left: number; right: number }) => Math.max(0, c.left - middle, middle - c.right);
        if (off(c) < off(columns[best])) best = i;
      });
      cells[best].push(w);
    }
    return cells;
  });
}

const join = (words: Word[]) => words.map((w) => w.text).join(" ");

/** Pages follow one another with an empty row between. */
export function csv(pages: Page[]): string {
  return pages.map((p) => grid(p).map((row) => row.map((c) => cell(join(c))).join(",") + "\r\n").join("")).join("\r\n");
}

/** A row a cell: where it is in the grid and on the page, and how sure its text is. */
export function csvBoxes(pages: Page[]): string {
  const rows = ["page,row,column,text,confidence,x,y,width,height"];
  for (const page of pages) {
    grid(page).forEach((row, r) =>
      row.forEach((words, c) => {
        if (words.length === 0) return;
        const [l, t] = [0, 1].map((i) => Math.min(...words.map((w) => w.box[i])));
        const [right, bottom] = [0, 1].map((i) => Math.max(...words.map((w) => w.box[i] + w.box[i + 2])));
        const confidence = words.reduce((p, w) => p * w.confidence, 1).toFixed(4);
        rows.push([page.page, r + 1, c + 1, cell(join(words)), confidence, l, t, right - l, bottom - t].join(","));
      })
    );
  }
  return rows.join("\r\n") + "\r\n";
}
