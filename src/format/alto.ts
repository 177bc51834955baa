/** ALTO 4.4 (Library of Congress): pixels, a tag says that a line is handwritten. */
import type { Box } from "../engine/types.ts";
import { VERSION } from "../version.ts";
import { type Document, escapeXml, isPrint, points } from "./document.ts";

const place = ([x, y, w, h]: Box) => `HPOS="${x}" VPOS="${y}" WIDTH="${w}" HEIGHT="${h}"`;

export function alto({ file, pages }: Document): string {
  const body = pages.map((page) => {
    const n = page.page;
    const blocks = page.regions.map((region, r) => {
      const lines = region.lines.map((index) => {
        const line = page.lines[index];
        const id = `line_${n}_${index + 1}`;
        const words = line.words.map((w, i) => {
          const glyphs = w.characters.map((c, g) => {
            const variants = c.alternatives.map((a) =>
              `<Variant CONTENT="${escapeXml(a.text)}" VC="${a.confidence.toFixed(4)}"/>`
            ).join("");
            return `<Glyph ID="${id}_${i + 1}_${g + 1}" CONTENT="${escapeXml(c.text)}" ${place(c.box)} GC="${
              c.confidence.toFixed(4)
            }">${variants}</Glyph>`;
          }).join("");
          const others = w.alternatives.map((a) => `<ALTERNATIVE>${escapeXml(a.text)}</ALTERNATIVE>`).join("");
          const string =
            `      <String ID="${id}_${i + 1}" ${place(w.box)} CONTENT="${escapeXml(w.text)}" WC="${
              w.confidence.toFixed(4)
            }" ${w.state === "corrected" ? 'CS="true" ' : ""}` +
            `TAGREFS="${w.production}"><Shape><Polygon POINTS="${
              points(w.polygon)
            }"/></Shape>${others}${glyphs}</String>\n`;
          const next = line.words[i + 1];
          if (!next) return string;
          const from = Math.min(w.box[0] + w.box[2], next.box[0]);
          return string +
            `      <SP HPOS="${from}" VPOS="${w.box[1]}" WIDTH="${Math.max(0, next.box[0] - from)}"/>\n`;
        }).join("");
        return `     <TextLine ID="${id}" ${place(line.box)} TAGREFS="${
          isPrint(line.words) ? "printed" : "handwritten"
        }">\n` +
          `      <Shape><Polygon POINTS="${points(line.polygon)}"/></Shape>\n${words}     </TextLine>\n`;
      }).join("");
      // Degrees against the clock that the text is turned by, as many as the page is to be turned with it.
      const rotation = page.rotation ? ` ROTATION="${page.rotation}"` : "";
      return `    <TextBlock ID="block_${n}_${r + 1}" ${place(region.box)}${rotation}>\n${lines}    </TextBlock>\n`;
    }).join("");
    return `  <Page ID="page_${n}" PHYSICAL_IMG_NR="${n}" WIDTH="${page.width}" HEIGHT="${page.height}">\n` +
      `   <PrintSpace ${place([0, 0, page.width, page.height])}>\n${blocks}   </PrintSpace>\n  </Page>\n`;
  }).join("");
  // A document of several files says of each page in order which it is of: the format has one name of a file alone.
  const several = pages.some((p) => p.file !== pages[0].file);
  const files = several ? pages.map((p) => `<fileIdentifier>${escapeXml(p.file)}</fileIdentifier>`).join("") : "";
  return `<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.loc.gov/standards/alto/ns-v4# http://www.loc.gov/standards/alto/v4/alto-4-4.xsd" SCHEMAVERSION="4.4">
 <Description>
  <MeasurementUnit>pixel</MeasurementUnit>
  <sourceImageInformation><fileName>${escapeXml(file)}</fileName>${files}</sourceImageInformation>
  <Processing ID="reading"><processingSoftware><softwareName>scrawl</softwareName><softwareVersion>${VERSION}</softwareVersion></processingSoftware></Processing>
 </Description>
 <Tags>
  <OtherTag ID="handwritten" LABEL="handwritten" DESCRIPTION="written by hand"/>
  <OtherTag ID="printed" LABEL="printed" DESCRIPTION="printed"/>
 </Tags>
 <Layout>
${body} </Layout>
</alto>
`;
}
