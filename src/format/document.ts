/** What a formatter gets: the pages of one file, and their pictures where it asks for them. */
import { escape } from "@std/html/entities";
import type { Page } from "../engine/types.ts";

export interface Document {
  file: string;
  pages: Page[];
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

/** Corners as `x,y x,y ...`. */
export function points(polygon: [number, number][]): string {
  return polygon.map((p) => p.join(",")).join(" ");
}

/** Confidence in percent, a whole number. */
export const percent = (confidence: number) => Math.round(100 * confidence);
