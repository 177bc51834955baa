/** Plain text: a line a written line, a form feed between pages. */
import type { Page } from "../engine/types.ts";

export function text(pages: Page[]): string {
  return pages.map((p) => p.lines.map((l) => l.text + "\n").join("")).join("\f");
}
