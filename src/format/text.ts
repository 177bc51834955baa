/** Plain text: a line a written line, a form feed between pages; a page that cannot be read is empty. */
import type { Page } from "../engine/types.ts";

/** @param failed numbers of pages that cannot be read. */
export function text(pages: Page[], failed: number[] = []): string {
  const all = [
    ...pages.map((p) => ({ number: p.page, lines: p.lines })),
    ...failed.map((number) => ({ number, lines: [] })),
  ];
  return all.sort((a, b) => a.number - b.number).map((p) => p.lines.map((l) => l.text + "\n").join("")).join("\f");
}
