/** Tesseract's tab-separated values: twelve columns, a row a page, block, paragraph, line and word; a thirteenth where print is marked. */
import type { Box, Page } from "../engine/types.ts";
import { marksPrint } from "./document.ts";

const COLUMNS = "level page_num block_num par_num line_num word_num left top width height conf text".split(" ");

/** Tabs and line ends would make another column or row, and from a quotation mark at its beginning spreadsheets read on to the next one. */
function cell(text: string): string {
  const plain = text.replace(/\p{Cc}/gu, " ");
  return plain.startsWith('"') ? `"${plain.replaceAll('"', '""')}"` : plain;
}

export function tsv(pages: Page[]): string {
  const marks = marksPrint(pages);
  const rows = [[...COLUMNS, ...(marks ? ["production"] : [])].join("\t")];
  const row = (level: number, at: number[], box: Box, conf: number | string, text: string, production = "") =>
    rows.push([level, ...at, ...box, conf, cell(text), ...(marks ? [production] : [])].join("\t"));
  for (const page of pages) {
    const whole: Box = [0, 0, page.width, page.height];
    row(1, [page.page, 0, 0, 0, 0], whole, -1, "");
    page.regions.forEach((region, r) => {
      row(2, [page.page, r + 1, 0, 0, 0], region.box, -1, "");
      row(3, [page.page, r + 1, 1, 0, 0], region.box, -1, "");
      region.lines.forEach((index, l) => {
        const line = page.lines[index];
        row(4, [page.page, r + 1, 1, l + 1, 0], line.box, -1, "");
        line.words.forEach((w, i) =>
          row(5, [page.page, r + 1, 1, l + 1, i + 1], w.box, (100 * w.confidence).toFixed(2), w.text, w.production)
        );
      });
    });
  }
  return rows.join("\n") + "\n";
}
