/** What a PDF page says of itself as a form: its text, and the fields in which programs write. */
import type { Box } from "../engine/types.ts";
import type { Pdfjs } from "./pdfjs.ts";

/** Boxes are in pixels of the page's picture. */
export interface PdfForm {
  texts: { text: string; box: Box }[];
  fields: PdfField[];
}

export interface PdfField {
  /** Full name, unique but for boxes to tick that belong together. */
  name: string;
  /** What a screen reader says of it (`TU`), if that was written. */
  label: string;
  kind: "text" | "tick";
  /** Of a comb: characters that it has room for. */
  cells?: number;
  box: Box;
}

/** Of a picture of this `width`. Fields by ISO 32000-1, 12.7.4; buttons to push, signatures and hidden ones are left out. */
export async function formOf(page: Pdfjs, width: number): Promise<PdfForm> {
  const fields = (await page.getAnnotations()).flatMap((a: Pdfjs): PdfField[] => {
    const isTick = a.fieldType === "Btn" && (a.checkBox || a.radioButton);
    if (a.subtype !== "Widget" || a.hidden || !(isTick || a.fieldType === "Tx" || a.fieldType === "Ch")) return [];
    const box = boxOf(page, width, [[a.rect[0], a.rect[1]], [a.rect[2], a.rect[3]]]);
    const isComb = a.comb === true && a.maxLen > 1;
    const named = { name: a.fieldName ?? "", label: a.alternativeText ?? "", box };
    return [{ ...named, kind: isTick ? "tick" : "text", ...(isComb && { cells: a.maxLen }) }];
  });
  return { texts: await textsOf(page, width), fields };
}

/** The text that a page has, seen or unseen. */
export async function textsOf(page: Pdfjs, width: number): Promise<PdfForm["texts"]> {
  const { items } = await page.getTextContent();
  return items.filter((item: Pdfjs) => item.str?.trim()).map(({ str, transform: m, width: w, height: h }: Pdfjs) => {
    // From the base line's start along it and up.
    const [along, up] = [w / Math.hypot(m[0], m[1]) || 0, h / Math.hypot(m[2], m[3]) || 0];
    const corners = [[0, 0], [1, 0], [0, 1], [1, 1]].map(([u, v]) => [
      m[4] + u * along * m[0] + v * up * m[2],
      m[5] + u * along * m[1] + v * up * m[3],
    ]);
    return { text: str.trim(), box: boxOf(page, width, corners) };
  });
}

/** Around places of the page, in points. */
function boxOf(page: Pdfjs, width: number, places: number[][]): Box {
  const viewport = page.getViewport({ scale: 1 });
  const scale = width / viewport.width;
  const seen = places.map(([x, y]) => viewport.convertToViewportPoint(x, y));
  const [xs, ys] = [0, 1].map((k) => seen.map((c) => scale * c[k]));
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return [x, y, Math.max(...xs) - x, Math.max(...ys) - y];
}
