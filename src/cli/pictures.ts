/** Pages' pictures for documents that hold them. */
import { type DecodedPage, decodePages } from "../decode/mod.ts";
import type { Box, Page } from "../engine/types.ts";
import type { PagePicture } from "../format/document.ts";
import { encodePng, encodeSmallPng } from "../format/png.ts";
import { DEFAULTS } from "../mod.ts";

/**
 * What stands for a page in a document: the JPEG that its file is, or a PNG, in colour where it has any; a small one is grey.
 * @param content the page's file.
 */
export async function pictureOf(
  content: Uint8Array,
  { picture, rgb }: DecodedPage,
  kind: "whole" | "small",
): Promise<PagePicture> {
  const { width, height, orientation } = picture;
  if (kind === "small") {
    return { kind: "png", bytes: await encodeSmallPng(picture.gray(), width, height), orientation: 1 };
  }
  if (content[0] === 0xff && content[1] === 0xd8) return { kind: "jpeg", bytes: content, orientation };
  const bytes = rgb && picture.chroma()
    ? await encodePng(await rgb(), width, height, 3)
    : await encodePng(picture.gray(), width, height);
  return { kind: "png", bytes, orientation: 1 };
}

/** Pictures of pages that were read before, and where they have text already. @param bytes the file that the pages are of. */
export async function picturesOfPages(
  bytes: Uint8Array,
  pages: Page[],
  kind: "whole" | "small",
): Promise<{ pictures: PagePicture[]; texts: Box[][] }> {
  const numbers = pages.map((p) => p.page);
  const wanted = { ...DEFAULTS, dpi: pages[0].options.dpi, texts: kind === "whole", pages: { of: () => numbers } };
  const [pictures, texts]: [PagePicture[], Box[][]] = [[], []];
  for await (const decoded of decodePages(bytes, wanted)) {
    pictures.push(await pictureOf(bytes, decoded, kind));
    texts.push(decoded.texts ?? []);
    decoded.picture.free();
  }
  return { pictures, texts };
}
