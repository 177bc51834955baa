/** PAGE XML 2019-07-15 (PRImA). The format holds one page a document. */
import type { Alternative, Page, Word } from "../engine/types.ts";
import { ScrawlError } from "../errors.ts";
import { VERSION } from "../version.ts";
import { escapeXml, isPrint, points } from "./document.ts";

const NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15";

/** The reading and its alternatives, the most probable first. */
function equiv({ text, confidence, alternatives }: Alternative & { alternatives: Alternative[] }): string {
  return [{ text, confidence }, ...alternatives].map((a, index) =>
    `<TextEquiv index="${index}" conf="${a.confidence.toFixed(4)}"><Unicode>${escapeXml(a.text)}</Unicode></TextEquiv>`
  ).join("");
}

/** Dates of the metadata, which the schema asks for: fixed, so that the same input gives the same bytes. */
const DATE = "1970-01-01T00:00:00";

/** @param id of the document, where it has one. @throws ScrawlError for a file of several pages. */
export function page(pages: Page[], id?: string): string {
  if (pages.length !== 1) {
    throw new ScrawlError(
      "arguments",
      `PAGE XML holds one page a document, and ${
        pages[0]?.file ?? "the file"
      } has ${pages.length}: choose one with --pages`,
    );
  }
  const p = pages[0];
  const production = (words: Word[]) => isPrint(words) ? "printed" : "handwritten-cursive";
  const regions = p.regions.map((region, r) => {
    const lines = region.lines.map((index) => {
      const line = p.lines[index];
      const id = `line_${index + 1}`;
      const words = line.words.map((w, i) => {
        const glyphs = w.characters.map((c, g) => {
          return `<Glyph id="${id}_${i + 1}_${g + 1}"><Coords points="${points(c.polygon)}"/>${equiv(c)}</Glyph>`;
        }).join("");
        return `     <Word id="${id}_${i + 1}" production="${production([w])}">` +
          `<Coords points="${points(w.polygon)}"/>${glyphs}${equiv(w)}</Word>\n`;
      }).join("");
      return `    <TextLine id="${id}" production="${production(line.words)}"><Coords points="${
        points(line.polygon)
      }"/>\n` +
        `${words}    ${equiv(line)}</TextLine>\n`;
    }).join("");
    const text = region.lines.map((i) => p.lines[i].text).join("\n");
    return `   <TextRegion id="region_${r + 1}" production="${
      production(region.lines.flatMap((i) => p.lines[i].words))
    }"><Coords points="${points(region.polygon)}"/>\n${lines}    <TextEquiv><Unicode>${
      escapeXml(text)
    }</Unicode></TextEquiv></TextRegion>\n`;
  }).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>
<PcGts xmlns="${NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${NAMESPACE} ${NAMESPACE}/pagecontent.xsd"${
    id === undefined ? "" : ` pcGtsId="${escapeXml(id)}"`
  }>
 <Metadata><Creator>scrawl ${VERSION}</Creator><Created>${DATE}</Created><LastChange>${DATE}</LastChange></Metadata>
 <Page imageFilename="${escapeXml(p.file)}" imageWidth="${p.width}" imageHeight="${p.height}">
${regions} </Page>
</PcGts>
`;
}
