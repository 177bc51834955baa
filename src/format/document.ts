/** What a formatter gets: the pages of one file, and their pictures where it asks for them. */
import { escape } from "@std/html/entities";
import type { Box, Page, Word } from "../engine/types.ts";

/** A page's picture, in colour where it has any. */
export interface PagePicture {
  /** A JPEG is the file itself, byte for byte. */
  kind: "png" | "jpeg";
  bytes: Uint8Array;
  /** How the picture lies in the file, 1 to 8 (EXIF 2.32, tag 0x0112); the page is upright. */
  orientation: number;
}

/**
 * For a picture that lies as `orientation` says and is drawn as the unit square, y downwards: the matrix `[a, b, c, d, e, f]` that lays
 * it upright over the unit square.
 */
export const UPRIGHT: Record<number, [a: number, b: number, c: number, d: number, e: number, f: number]> = {
  1: [1, 0, 0, 1, 0, 0],
  2: [-1, 0, 0, 1, 1, 0],
  3: [-1, 0, 0, -1, 1, 1],
  4: [1, 0, 0, -1, 0, 1],
  5: [0, 1, 1, 0, 0, 0],
  6: [0, 1, -1, 0, 1, 0],
  7: [0, -1, -1, 0, 1, 1],
  8: [0, -1, 1, 0, 0, 1],
};

export interface Document {
  file: string;
  pages: Page[];
  /** Numbers of pages that cannot be read. */
  failed: number[];
  /** The picture of each page, absent for one that was not decoded; only for formats with `pictures`. */
  pictures: (PagePicture | undefined)[];
  /** Where a PDF's pages have text already, in pixels of the decoded page; only for formats with `pictures`. */
  texts?: Box[][];
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
