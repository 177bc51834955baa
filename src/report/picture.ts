/** Pictures of single characters, and SVG as PNG. */
import { readFile } from "node:fs/promises";
import { encodeBase64 } from "@std/encoding/base64";
import { escapeXml } from "../format/document.ts";
import { encodePng } from "../format/png.ts";

/** A character `[28][28]`, ink 255 on 0, dark on light as the value of an `href`. */
export async function glyphUri(image: Uint8Array): Promise<string> {
  const png = await encodePng(image.map((v) => 255 - v), 28, 28);
  return `data:image/png;base64,${encodeBase64(png)}`;
}

export interface Sample {
  image: Uint8Array;
  caption: string;
  /** Drawn in red. */
  wrong?: boolean;
}

/** Characters in rows with a caption each, as SVG. */
export async function sheet(samples: Sample[], columns: number): Promise<string> {
  const [w, h] = [64, 76];
  const rows = Math.ceil(samples.length / columns);
  const cells = await Promise.all(samples.map(async ({ image, caption, wrong }, i) => {
    const [x, y] = [(i % columns) * w, Math.floor(i / columns) * h];
    return `<image x="${x + 4}" y="${y + 2}" width="56" height="56" href="${await glyphUri(image)}"/>` +
      `<text x="${x + 32}" y="${y + 71}" text-anchor="middle"${wrong ? ' fill="#c62d1f"' : ""}>${
        escapeXml(caption)
      }</text>`;
  }));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${columns * w}" height="${rows * h}" viewBox="0 0 ${
    columns * w
  } ${rows * h}" font-family="Liberation Sans, sans-serif" font-size="11">
<rect width="${columns * w}" height="${rows * h}" fill="#fff"/>
${cells.join("\n")}
</svg>
`;
}

let ready: Promise<(svg: string) => Uint8Array> | undefined;

/** Draws SVG with resvg; its text is set in the Liberation Sans that pdfjs-dist carries. */
export async function svgPng(svg: string): Promise<Uint8Array> {
  ready ??= (async () => {
    const { initWasm, Resvg } = await import("@resvg/resvg-wasm");
    await initWasm(await readFile(new URL(import.meta.resolve("@resvg/resvg-wasm/index_bg.wasm"))));
    const font = await readFile(new URL(import.meta.resolve("pdfjs-dist/standard_fonts/LiberationSans-Regular.ttf")));
    return (svg: string) =>
      new Resvg(svg, { font: { fontBuffers: [new Uint8Array(font)], defaultFontFamily: "Liberation Sans" } }).render()
        .asPng();
  })();
  return (await ready)(svg);
}
