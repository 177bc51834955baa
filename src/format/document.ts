/** What a formatter gets: the pages of one file, and their pictures where it asks for them. */
import { escape } from "@std/html/entities";
import type { Page, Word } from "../engine/types.ts";

export interface Document {
  file: string;
  pages: Page[];
  /** Numbers of pages that cannot be read. */
  failed: number[];
  /** PNG of each page as it was decoded; only for formats with `pictures`. */
  pictures: Uint8Array[];
  /** The file itself; only for formats with `pictures`. */
  bytes: Uint8Array;
}

/** Characters that XML 1.0 does not allow, even escaped. */
// deno-lint-ignore no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])/g;

/** Text for an element or an attribute of XML or HTML. */
export function escapeXml(text: string): string {
  return escape(text.replace(FORBIDDEN, "\ufffd"));
}

/** Whether all of some words are print: with `--printed mark` print is among what was read, and said to be it. */
export const isPrint = (words: Word[]) => words.length > 0 && words.every((w) => w.production === "printed");

/** Whether print is to be told from handwriting where a format has no place of its own for it. */
export const marksPrint = (pages: Page[]) => pages.some((p) => p.options.printed === "mark");

/** Corners as `x,y x,y ...`. */
export function points(polygon: [number, number][]): string {
  return polygon.map((p) => p.join(",")).join(" ");
}

/** Confidence in percent, a whole number. */
export const percent = (confidence: number) => Math.round(100 * confidence);
