/**
 * A searchable PDF by pdf-lib: a PDF's own pages untouched, or pictures as pages (a JPEG byte for byte), with the text invisible (rendering mode 3, PDF 1.7,
 * 9.3.6) over where it is written.
 */
import type { PDFDocument, PDFPage } from "pdf-lib";
import type { Box, Page } from "../engine/types.ts";
import { ScrawlError } from "../errors.ts";
import { VERSION } from "../version.ts";
import { type Document, type PagePicture, UPRIGHT } from "./document.ts";

type PdfLib = typeof import("pdf-lib");

const POINTS = 72;
/** Inches of the longer side of a picture that does not say its resolution: A4. */
const USUAL_LENGTH = 11.7;
/** Share of a word that a PDF's own text must cover for the word not to be written again. */
const COVERED = 0.5;

/** @throws ScrawlError for a PDF whose pages can be read but not kept: one that is encrypted, or damaged. */
export async function pdf({ bytes, pages, pictures, texts }: Document): Promise<Uint8Array> {
  const lib = await import("pdf-lib");
  const isPdf = new TextDecoder("latin1").decode(bytes.subarray(0, 1024)).includes("%PDF-");
  const document = isPdf
    ? await lib.PDFDocument.load(bytes, { updateMetadata: false, throwOnInvalidObject: true }).catch(() => {
      throw /\/Encrypt\b/.test(new TextDecoder("latin1").decode(bytes))
        ? new ScrawlError(
          "encrypted",
          "the pages of an encrypted PDF cannot be kept: decrypt it first (qpdf --decrypt)",
        )
        : new ScrawlError("input", "the PDF can be read, but is too damaged to keep its pages: repair it first (qpdf)");
    })
    : await lib.PDFDocument.create({ updateMetadata: false });
  const font = await document.embedFont(lib.StandardFonts.Helvetica);
  const known = new Set(font.getCharacterSet());
  for (const [i, page] of pages.entries()) {
    let sheet;
    if (isPdf) sheet = document.getPage(page.page - 1);
    else {
      const dpi = page.dpi || Math.max(page.width, page.height) / USUAL_LENGTH;
      sheet = document.addPage([page.width * POINTS / dpi, page.height * POINTS / dpi]);
      await lay(lib, document, sheet, pictures[i]);
    }
    const { x, y, width, height } = seen(sheet);
    const turn = ((sheet.getRotation().angle % 360) + 360) % 360;
    // The page as it is seen, in points, and the way back from there to the page's own axes.
    const [seenWidth, seenHeight] = turn % 180 === 0 ? [width, height] : [height, width];
    const [sx, sy] = [seenWidth / page.width, seenHeight / page.height];
    const back = (px: number, py: number): [number, number] => {
      const [u, v] = [px * sx, py * sy];
      if (turn === 90) return [x + v, y + u];
      if (turn === 180) return [x + width - u, y + v];
      if (turn === 270) return [x + width - v, y + height - u];
      return [x + u, y + height - v];
    };
    const name = sheet.node.newFontDictionary("Scrawl", font.ref);
    for (const word of page.lines.flatMap((l) => l.words)) {
      if (texts?.[i]?.some((box) => isCovered(word.box, box))) continue;
      const text = [...word.text].map((c) => known.has(c.codePointAt(0)!) ? c : "?").join("");
      // Corners from the upper left of the text on, clockwise: the base line runs from the last to the third.
      const [upper, , right, left] = word.polygon;
      const [from, to, above] = [back(...left), back(...right), back(...upper)];
      const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
      const length = Math.hypot(dx, dy);
      const size = Math.max(1, Math.hypot(above[0] - from[0], above[1] - from[1]));
      if (length === 0) continue;
      const [cos, sin] = [dx / length, dy / length];
      const natural = font.widthOfTextAtSize(text, size);
      const n = lib.PDFNumber.of;
      sheet.pushOperators(
        lib.pushGraphicsState(),
        lib.beginText(),
        lib.setTextRenderingMode(lib.TextRenderingMode.Invisible),
        lib.setFontAndSize(name, size),
        lib.PDFOperator.of("Tz" as never, [n(Number((100 * length / Math.max(natural, 1e-3)).toFixed(3)))]),
        lib.setTextMatrix(cos, sin, -sin, cos, from[0] + 0.2 * size * -sin, from[1] + 0.2 * size * cos),
        lib.showText(font.encodeText(text + " ")),
        lib.endText(),
        lib.popGraphicsState(),
      );
    }
  }
  if (pages.length > 0) document.setProducer(producer(pages[0]));
  return await document.save({ useObjectStreams: false, addDefaultPage: false });
}

/** The pages of several PDFs one after another in one. */
export async function joinPdfs(parts: Uint8Array[]): Promise<Uint8Array> {
  const lib = await import("pdf-lib");
  const whole = await lib.PDFDocument.create({ updateMetadata: false });
  for (const bytes of parts) {
    const part = await lib.PDFDocument.load(bytes, { updateMetadata: false });
    for (const page of await whole.copyPages(part, part.getPageIndices())) whole.addPage(page);
    whole.setProducer(part.getProducer()!);
  }
  return await whole.save({ useObjectStreams: false, addDefaultPage: false });
}

const producer = ({ model }: Page) => `scrawl ${VERSION} (model ${model.slice(0, 12)})`;

/** What a viewer shows of a page: its CropBox within its MediaBox (PDF 1.7, 14.11.2). */
function seen(sheet: PDFPage): { x: number; y: number; width: number; height: number } {
  const [crop, media] = [sheet.getCropBox(), sheet.getMediaBox()];
  const [x, y] = [Math.max(crop.x, media.x), Math.max(crop.y, media.y)];
  const width = Math.min(crop.x + crop.width, media.x + media.width) - x;
  const height = Math.min(crop.y + crop.height, media.y + media.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : media;
}

/** Lays a picture over a page, upright. */
async function lay(lib: PdfLib, document: PDFDocument, sheet: PDFPage, picture: PagePicture | undefined) {
  if (!picture) return;
  const { kind, bytes, orientation } = picture;
  const image = await (kind === "jpeg" ? document.embedJpg(bytes) : document.embedPng(bytes));
  const [a, b, c, d, e, f] = UPRIGHT[orientation];
  const [width, height] = [sheet.getWidth(), sheet.getHeight()];
  // The unit square upside down before and after, as y goes upwards here.
  const matrix = [a * width, -b * height, -c * width, d * height, (c + e) * width, (1 - d - f) * height] as const;
  const name = sheet.node.newXObject("Picture", image.ref);
  sheet.pushOperators(
    lib.pushGraphicsState(),
    lib.concatTransformationMatrix(...matrix),
    lib.drawObject(name),
    lib.popGraphicsState(),
  );
}

/** Whether text that is there already covers a word. */
function isCovered([x, y, w, h]: Box, [tx, ty, tw, th]: Box): boolean {
  const across = Math.min(x + w, tx + tw) - Math.max(x, tx);
  const down = Math.min(y + h, ty + th) - Math.max(y, ty);
  return across > 0 && down > 0 && across * down >= COVERED * w * h;
}
