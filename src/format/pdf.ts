/**
 * A searchable PDF by pdf-lib: a PDF's own pages untouched, or pictures as pages, with the text invisible (rendering mode 3, PDF 1.7,
 * 9.3.6) over where it is written.
 */
import { ScrawlError } from "../errors.ts";
import type { Document } from "./document.ts";

const POINTS = 72;
/** Dots per inch of a picture that does not say. */
const USUAL_DPI = 150;

/** @throws ScrawlError for a PDF whose pages can be read but not kept: one that is encrypted, or damaged. */
export async function pdf({ bytes, pages, pictures }: Document): Promise<Uint8Array> {
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
      const scale = POINTS / (page.dpi || USUAL_DPI);
      sheet = document.addPage([page.width * scale, page.height * scale]);
      const image = await document.embedPng(pictures[i]);
      sheet.drawImage(image, { x: 0, y: 0, width: sheet.getWidth(), height: sheet.getHeight() });
    }
    const { x, y, width, height } = sheet.getCropBox();
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
  return await document.save({ useObjectStreams: false, addDefaultPage: false });
}
