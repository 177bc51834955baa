/** What the page and its reading workers tell one another. */
import type { Charset, Page } from "../engine/types.ts";

/** A file to read. */
export interface Job {
  name: string;
  bytes: Uint8Array;
  charset: Charset;
  /** Fields are left blank, so that of the others no more than this share are wrong. */
  maxError?: number;
}

export type FromWorker =
  | { kind: "ready" }
  /** A page is read; its picture is a JPEG to look at, `orientation` how it lies in the file (EXIF, 1 to 8). */
  | { kind: "page"; page: Page; picture: Blob; orientation: number }
  /** The file, or one of its pages, cannot be read. */
  | { kind: "failed"; message: string }
  /** What is to be known of all that is read so. */
  | { kind: "note"; message: string }
  | { kind: "end" };
