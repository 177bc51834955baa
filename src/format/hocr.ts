/** hOCR 1.2 (kba/hocr-spec): XHTML with pages, areas, paragraphs, lines and words. */
import type { Box } from "../engine/types.ts";
import { VERSION } from "../version.ts";
import { type Document, escapeXml, percent } from "./document.ts";

const bbox = ([x, y, w, h]: Box) => `bbox ${x} ${y} ${x + w} ${y + h}`;

export function hocr({ file, pages }: Document): string {
  const body = pages.map((page) => {
    const n = page.page;
    const title = `image "${file.replaceAll('"', "'")}"; ${bbox([0, 0, page.width, page.height])}; ppageno ${n - 1}` +
      (page.dpi ? `; scan_res ${page.dpi} ${page.dpi}` : "");
    const areas = page.regions.map((region, r) => {
      const lines = region.lines.map((index) => {
        const line = page.lines[index];
        const words = line.words.map((w, i) =>
          `<span class="ocrx_word" id="word_${n}_${index + 1}_${i + 1}" title="${bbox(w.box)}; x_wconf ${
            percent(w.confidence)
          }">${escapeXml(w.text)}</span>`
        ).join(" ");
        return `    <span class="ocr_line" id="line_${n}_${index + 1}" title="${bbox(line.box)}">${words}</span>\n`;
      }).join("");
      return `   <div class="ocr_carea" id="block_${n}_${r + 1}" title="${bbox(region.box)}">\n` +
        `   <p class="ocr_par" id="par_${n}_${r + 1}" title="${bbox(region.box)}">\n${lines}   </p>\n   </div>\n`;
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
