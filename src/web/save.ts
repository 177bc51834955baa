/** What was read, with what was said of it, in every format: loaded when something is saved. */
import type { Page } from "../engine/types.ts";
import { FORMATS } from "../format/mod.ts";

/** A file that was read, and its pages as they are now. */
export interface Saved {
  name: string;
  bytes: Uint8Array;
  pages: Page[];
  /** A JPEG of each page to look at. */
  pictures: Blob[];
  /** How a JPEG lies in its file (EXIF, 1 to 8). */
  orientation: number;
}

const isJpeg = (bytes: Uint8Array) => bytes[0] === 0xff && bytes[1] === 0xd8;

/** Files by their names. */
export async function save(
  format: string,
  { name, bytes, pages, pictures, orientation }: Saved,
): Promise<{ name: string; content: Blob }[]> {
  const { suffix, onePage, pictures: kind, write } = FORMATS[format];
  const stem = name.replace(/(?<=.)\.[^.]*$/, "");
  const whole = await Promise.all(pictures.map(async (p) => {
    if (kind === "whole" && isJpeg(bytes)) return { kind: "jpeg" as const, bytes, orientation };
    return { kind: "jpeg" as const, bytes: new Uint8Array(await p.arrayBuffer()), orientation: 1 };
  }));
  const document = { file: name, pages, failed: [], pictures: whole, texts: pages.map(() => []), bytes };
  const parts = onePage && pages.length > 1 ? pages.map((p) => [p]) : [pages];
  return await Promise.all(parts.map(async (part) => ({
    name: `${stem}${parts.length > 1 ? `.${part[0].page}` : ""}${suffix}`,
    content: new Blob([await write({ ...document, pages: part }, { csvBoxes: false }) as BlobPart]),
  })));
}
