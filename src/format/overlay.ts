/** An SVG of each page: its picture, what was read, coloured by confidence, print dashed, and what was suppressed, hatched. */
import { encodeBase64 } from "@std/encoding/base64";
import { type Document, escapeXml, isPrint, type PagePicture, percent, points, UPRIGHT } from "./document.ts";

/** Red below a half, over yellow to green. */
const colour = (confidence: number) => `hsl(${Math.round(120 * Math.max(0, 2 * confidence - 1))} 90% 35%)`;

/** Of print, which is dashed as well. */
const PRINT = "#06c";

export function overlay({ pages, pictures }: Document): string {
  const width = Math.max(...pages.map((p) => p.width));
  let top = 0;
  const body = pages.map((page, n) => {
    const words = page.lines.flatMap((l) => l.words).map((w) => {
      const size = Math.max(10, Math.min(w.box[3] * 0.6, page.height / 40));
      const print = isPrint([w]);
      const stroke = print ? `${PRINT}" stroke-dasharray="6 4` : colour(w.confidence);
      return `<polygon points="${points(w.polygon)}" fill="none" stroke="${stroke}" stroke-width="2"/>` +
        `<text x="${w.box[0]}" y="${Math.max(size, w.box[1] - 3)}" font-size="${size.toFixed(1)}" fill="${
          print ? PRINT : colour(w.confidence)
        }">${escapeXml(w.text)}<title>${print ? "printed, " : ""}${percent(w.confidence)} %</title></text>\n`;
    }).join("");
    const suppressed = page.suppressed.map(({ box: [x, y, w, h], reason, text }) =>
      `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="url(#hatched)" stroke="#06c"><title>${reason}: ${
        escapeXml(text)
      }</title></rect>\n`
    ).join("");
    const at = top;
    top += page.height;
    return `<g transform="translate(0 ${at})">\n${
      image(pictures[n], page.width, page.height)
    }${suppressed}${words}</g>\n`;
  }).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}" font-family="sans-serif">
<defs><pattern id="hatched" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V8" stroke="#06c" stroke-width="2" opacity=".5"/></pattern></defs>
${body}</svg>
`;
}

/** A page's picture, upright. */
function image(picture: PagePicture | undefined, width: number, height: number): string {
  if (!picture) return "";
  const { kind, bytes, orientation } = picture;
  const [a, b, c, d, e, f] = UPRIGHT[orientation];
  const matrix = [a * width, b * height, c * width, d * height, e * width, f * height].join(" ");
  return `<image width="1" height="1" preserveAspectRatio="none" transform="matrix(${matrix})" ` +
    `style="image-orientation:none" href="data:image/${kind};base64,${encodeBase64(bytes)}"/>\n`;
}
