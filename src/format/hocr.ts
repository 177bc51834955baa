/** hOCR 1.2 (kba/hocr-spec): XHTML with pages, areas, paragraphs, lines and words. */
import type { Box } from "../engine/types.ts";
import { VERSION } from "../version.ts";
import { type Document, escapeXml, isPrint, percent } from "./document.ts";

const bbox = ([x, y, w, h]: Box) => `bbox ${x} ${y} ${x + w} ${y + h}`;

/** Boxes of one kind must mostly not overlap: two may share this part of the larger one (hocr-check of hocr-tools). */
const SHARED = 0.2;

/** The boxes, those that overlap by more, as those of leaning lines do, parted in the middle of what they share. */
function parted(boxes: Box[]): Box[] {
  const all = boxes.map(([x, y, w, h]) => ({ from: [x, y], to: [x + w, y + h] }));
  const area = (from: number[], to: number[]) => Math.max(0, to[0] - from[0]) * Math.max(0, to[1] - from[1]);
  for (const [i, a] of all.entries()) {
    for (const b of all.slice(i + 1)) {
      const from = [0, 1].map((k) => Math.max(a.from[k], b.from[k]));
      const to = [0, 1].map((k) => Math.min(a.to[k], b.to[k]));
      if (area(from, to) <= SHARED * Math.max(area(a.from, a.to), area(b.from, b.to))) continue;
      // Along the side on which they share less.
      const k = to[0] - from[0] < to[1] - from[1] ? 0 : 1;
      const [first, second] = a.from[k] + a.to[k] <= b.from[k] + b.to[k] ? [a, b] : [b, a];
      const middle = Math.round((from[k] + to[k]) / 2);
      first.to[k] = Math.max(first.from[k] + 1, Math.min(first.to[k], middle));
      second.from[k] = Math.min(second.to[k] - 1, Math.max(second.from[k], middle));
    }
  }
  return all.map(({ from: [x, y], to: [r, b] }) => [x, y, r - x, b - y]);
}

export function hocr({ file, pages }: Document): string {
  const body = pages.map((page) => {
    const n = page.page;
    const title =
      `image "${page.file.replaceAll('"', "'")}"; ${bbox([0, 0, page.width, page.height])}; ppageno ${n - 1}` +
      (page.dpi ? `; scan_res ${page.dpi} ${page.dpi}` : "");
    // How far the text is turned against the clock (hOCR 1.2, textangle): as far as the page is to be turned with it.
    const angle = page.rotation ? `; textangle ${page.rotation}` : "";
    const lineBoxes = parted(page.lines.map((l) => l.box));
    const regionBoxes = parted(page.regions.map((r) => r.box));
    const areas = page.regions.map((region, r) => {
      const lines = region.lines.map((index) => {
        const line = page.lines[index];
        const words = line.words.map((w, i) =>
          `<span class="ocrx_word" id="word_${n}_${index + 1}_${i + 1}" title="${bbox(w.box)}; x_wconf ${
            percent(w.confidence)
          }${isPrint([w]) ? "; x_production printed" : ""}">${escapeXml(w.text)}</span>`
        ).join(" ");
        return `    <span class="ocr_line" id="line_${n}_${index + 1}" title="${
          bbox(lineBoxes[index])
        }${angle}">${words}</span>\n`;
      }).join("");
      return `   <div class="ocr_carea" id="block_${n}_${r + 1}" title="${bbox(regionBoxes[r])}">\n` +
        `   <p class="ocr_par" id="par_${n}_${r + 1}" title="${bbox(regionBoxes[r])}">\n${lines}   </p>\n   </div>\n`;
    }).join("");
    return `  <div class="ocr_page" id="page_${n}" title="${escapeXml(title)}">\n${areas}  </div>\n`;
  }).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>${escapeXml(file)}</title>
  <meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>
  <meta name="ocr-system" content="scrawl ${VERSION}"/>
  <meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_wconf"/>
  <meta name="ocr-number-of-pages" content="${pages.length}"/>
 </head>
 <body>
${body} </body>
</html>
`;
}
