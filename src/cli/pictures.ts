/** Pages' pictures for documents that hold them. */
import type { DecodedPage } from "../decode/mod.ts";
import type { PagePicture } from "../format/document.ts";
import { encodePng, encodeSmallPng } from "../format/png.ts";

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
