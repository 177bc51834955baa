/** Tables and grids as rows and columns (RFC 4180), safe to open in a spreadsheet. */
import { stringify } from "@std/csv/stringify";
import type { Page, Word } from "../engine/types.ts";
import { isPrint, marksPrint } from "./document.ts";
import { grids } from "./grid.ts";

/** A number, signed or not, and dashes alone are no formula; anything else that begins like one gets an apostrophe before it. */
const HARMLESS = /^([+-]?[\d.,']*\d%?|-+)$/;

const cell = (text: string) => /^[=+\-@\t]/.test(text) && !HARMLESS.test(text) ? `'${text}` : text;

/** Rows of cells, quoted where they must be. A line end is a line feed. */
export function rowsOf(rows: (string | number)[][]): string {
  return stringify(rows.map((row) => row.map((c) => typeof c === "string" ? cell(c.replace(/\r\n?/g, "\n")) : c)));
}

const join = (words: Word[]) => words.map((w) => w.text).join(" ");

/**
 * Tables and pages follow one another with an empty row between; all rows have the same number of cells.
 * @param byFile whether pages are of several files: their rows then begin with the file, and a head says so.
 */
export function csv(pages: Page[], byFile = false): string {
  const tables = pages.flatMap((page) =>
    grids(page).map((table) => table.map((row) => [...(byFile ? [page.file] : []), ...row.map(join)]))
  );
  const width = Math.max(1, ...tables.flat().map((row) => row.length));
  const head = byFile ? [["file", ...Array.from({ length: width - 1 }, (_, i) => `column ${i + 1}`)]] : [];
  const rows = tables.flatMap((table, i) => i === 0 ? table : [[], ...table]);
  return rowsOf([...head, ...rows.map((row) => row.concat(Array(width - row.length).fill("")))]);
}

/** A row a cell: which table of its page it is in, where in that and on the page, how sure its text is, and who made it where that is asked. */
export function csvBoxes(pages: Page[], byFile = false): string {
  const marks = marksPrint(pages);
  const columns = "page,table,row,column,text,confidence,x,y,width,height".split(",");
  const rows: (string | number)[][] = [[...(byFile ? ["file"] : []), ...columns, ...(marks ? ["production"] : [])]];
  for (const page of pages) {
    for (const [t, table] of grids(page).entries()) {
      for (const [r, row] of table.entries()) {
        for (const [c, words] of row.entries()) {
          if (words.length === 0) continue;
          const [left, top] = [0, 1].map((i) => Math.min(...words.map((w) => w.box[i])));
          const [right, bottom] = [0, 1].map((i) => Math.max(...words.map((w) => w.box[i] + w.box[i + 2])));
          const confidence = words.reduce((p, w) => p * w.confidence, 1).toFixed(4);
          const place = [left, top, right - left, bottom - top];
          rows.push([
            ...(byFile ? [page.file] : []),
            ...[page.page, t + 1, r + 1, c + 1, join(words), confidence, ...place],
            ...(marks ? [isPrint(words) ? "printed" : "handwritten"] : []),
          ]);
        }
      }
    }
  }
  return rowsOf(rows);
}
