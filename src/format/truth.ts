/**
 * Ground truth to train other programs with (kraken, eScriptorium): PAGE XML 2019-07-15 or ALTO 4.4 of the lines that somebody looked at, each with
 * the baseline that those programs want, beside a picture of the page.
 */
import type { Box, Line, Page, Polygon } from "../engine/types.ts";
import { VERSION } from "../version.ts";
import { escapeXml, points } from "./document.ts";

const NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15";
const ALTO = "http://www.loc.gov/standards/alto/ns-v4#";
/** A fixed date, so that the same review gives the same bytes. */
const DATE = "1970-01-01T00:00:00";
/** Share of a line's height that lies below its baseline: tails and air. */
const BELOW = 0.2;

/** From the left to the right end, in the direction of the text. */
function baseline([leftTop, rightTop, rightBottom, leftBottom]: Polygon): Polygon {
  const between = (bottom: Polygon[0], top: Polygon[0]): Polygon[0] => [
    Math.round(bottom[0] + BELOW * (top[0] - bottom[0])),
    Math.round(bottom[1] + BELOW * (top[1] - bottom[1])),
  ];
  return [between(leftBottom, leftTop), between(rightBottom, rightTop)];
}

/** @param picture name of the page's picture, beside the file. @param lines those that are true. */
export function truthPage({ width, height }: Page, picture: string, lines: Line[]): string {
  const all = lines.map((line, i) =>
    `   <TextLine id="line_${i + 1}"><Coords points="${points(line.polygon)}"/><Baseline points="${
      points(baseline(line.polygon))
    }"/><TextEquiv><Unicode>${escapeXml(line.text)}</Unicode></TextEquiv></TextLine>\n`
  ).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>
<PcGts xmlns="${NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${NAMESPACE} ${NAMESPACE}/pagecontent.xsd">
 <Metadata><Creator>scrawl ${VERSION}</Creator><Created>${DATE}</Created><LastChange>${DATE}</LastChange></Metadata>
 <Page imageFilename="${escapeXml(picture)}" imageWidth="${width}" imageHeight="${height}">
  <TextRegion id="page"><Coords points="0,0 ${width},0 ${width},${height} 0,${height}"/>
${all}  </TextRegion>
 </Page>
</PcGts>
`;
}

/** The same as ALTO: a line is one string, as eScriptorium has it. */
export function truthAlto({ width, height }: Page, picture: string, lines: Line[]): string {
  const place = ([x, y, w, h]: Box) => `HPOS="${x}" VPOS="${y}" WIDTH="${w}" HEIGHT="${h}"`;
  const all = lines.map((line, i) =>
    `     <TextLine ID="line_${i + 1}" ${place(line.box)} BASELINE="${points(baseline(line.polygon))}">` +
    `<Shape><Polygon POINTS="${points(line.polygon)}"/></Shape>` +
    `<String ID="string_${i + 1}" ${place(line.box)} CONTENT="${escapeXml(line.text)}"/></TextLine>\n`
  ).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="${ALTO}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${ALTO} http://www.loc.gov/standards/alto/v4/alto-4-4.xsd" SCHEMAVERSION="4.4">
 <Description>
  <MeasurementUnit>pixel</MeasurementUnit>
  <sourceImageInformation><fileName>${escapeXml(picture)}</fileName></sourceImageInformation>
 </Description>
 <Layout>
  <Page ID="page_1" PHYSICAL_IMG_NR="1" WIDTH="${width}" HEIGHT="${height}">
   <PrintSpace ${place([0, 0, width, height])}>
    <TextBlock ID="block_1" ${place([0, 0, width, height])}>
${all}    </TextBlock>
   </PrintSpace>
  </Page>
 </Layout>
</alto>
`;
}
