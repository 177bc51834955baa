/**
 * Ground truth of one's own as crops of lines: what a review saved (`NAME.corrections.json`), and PAGE and ALTO files as kraken, eScriptorium,
 * Transkribus, OCR-D's programs and `apply --truth` write them (PRImA 2013 to 2019, ALTO 2 to 4). Pictures lie where the files say, or
 * beside them.
 */
import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { DOMParser, type Element } from "@xmldom/xmldom";
import { decodePages } from "../../decode/mod.ts";
import type { Box, Page } from "../../engine/types.ts";
import { ScrawlError } from "../../errors.ts";
import { sha256 } from "../../files.ts";
import { type Correction, type Corrections, parseCorrections } from "../../review/corrections.ts";

/** A written line and what it says, upright. */
export interface TruthLine {
  text: string;
  /** The file that it is from. */
  page: string;
  width: number;
  height: number;
  /** `[height][width]`, grey, 0 black. */
  pixels: Uint8Array;
}

/** A page in grey, `[height][width]`, 0 black. */
export interface Raster {
  width: number;
  height: number;
  gray: Uint8Array;
}

export type Points = [x: number, y: number][];

/** Pages of PDFs that are drawn come as large as they were read; larger pictures than these were not read. */
const MOST_PIXELS = 250_000_000;

/** All lines of all files in a folder, in the order of their names. @throws ScrawlError where there are none, or a picture is missing. */
export async function readTruth(folder: string): Promise<TruthLine[]> {
  const names = await Array.fromAsync(Deno.readDir(folder), (e) => e.name).catch((e) => {
    throw new ScrawlError("access", `cannot read the folder of corrections ${folder}: ${(e as Error).message}`);
  });
  const lines: TruthLine[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    if (name.endsWith(".corrections.json")) {
      lines.push(...await ofReview(parseCorrections(await Deno.readTextFile(path), path), path));
    } else if (name.endsWith(".xml")) {
      lines.push(...await ofXml(await Deno.readTextFile(path), path));
    }
  }
  if (lines.length > 0) return lines;
  throw new ScrawlError(
    "input",
    `${folder} holds nothing to learn from: it wants NAME.corrections.json of a review, or PAGE or ALTO files, with what somebody said`,
  );
}

const isText = (c: Correction | undefined) => c !== undefined && c.verdict !== "no-text" && c.verdict !== "printed";

/** Lines all of whose words were looked at, of others the words that were, and what was brought back. */
async function ofReview({ pages, corrections }: Corrections, path: string): Promise<TruthLine[]> {
  const lines: TruthLine[] = [];
  for (const [file, own] of Map.groupBy(pages.map((page, index) => ({ page, index })), ({ page }) => page.file)) {
    const wanted = own.map(({ page, index }) => ({
      page,
      crops: cropsOf(page, corrections.filter((c) => c.page === index)),
    }));
    if (wanted.every(({ crops }) => crops.length === 0)) continue;
    const rasters = await pictures(file, path, own.map(({ page }) => page));
    for (const { page, crops } of wanted) {
      const raster = rasters.get(page.page)!;
      for (const { text, box: [x, y, w, h] } of crops) {
        const corners: Points = [[x, y], [x + w, y], [x + w, y + h], [x, y + h]];
        lines.push({ text, page: file, ...upright(cut(raster, corners), page.rotation) });
      }
    }
  }
  return lines;
}

/** What of a page is learnt from, and where it stands. */
function cropsOf(page: Page, corrections: Correction[]): { text: string; box: Box }[] {
  const said = (box: Box, read: string) =>
    corrections.find((c) => c.read === read && c.box.every((v, i) => v === box[i]));
  const out: { text: string; box: Box }[] = [];
  for (const line of page.lines) {
    const words = line.words.map((w) => said(w.box, w.text));
    if (words.length > 1 && words.every(isText)) {
      out.push({ text: words.map((w) => w!.text).join(" "), box: line.box });
    } else out.push(...words.filter(isText).map((w) => ({ text: w!.text, box: w!.box })));
  }
  out.push(...corrections.filter((c) => c.verdict === "restored").map(({ text, box }) => ({ text, box })));
  return out;
}

/** The pages of the file that was reviewed, by their numbers. */
async function pictures(file: string, path: string, pages: Page[]): Promise<Map<number, Raster>> {
  const bytes = await bytesOf(file, path);
  if (await sha256(bytes) !== pages[0].digest) {
    throw new ScrawlError("input", `${file} is another file than the one that ${path} reviews`);
  }
  return await decoded(bytes, pages.map((p) => p.page), pages[0].options.dpi);
}

/** A file where its name says, or beside `path`. */
async function bytesOf(file: string, path: string): Promise<Uint8Array> {
  const beside = join(dirname(path), basename(file.replaceAll("\\", "/")));
  return await Deno.readFile(file).catch(() => Deno.readFile(beside)).catch(() => {
    throw new ScrawlError("access", `${path} is of ${file}, which is neither there nor beside it as ${beside}`);
  });
}

/** The pages of a file by their numbers. */
export async function decoded(bytes: Uint8Array, numbers: number[], dpi: number): Promise<Map<number, Raster>> {
  const out = new Map<number, Raster>();
  const wanted = { dpi, maxPixels: MOST_PIXELS, pages: { of: () => numbers } };
  for await (const { page, picture } of decodePages(bytes, wanted)) {
    out.set(page, { width: picture.width, height: picture.height, gray: picture.gray() });
    picture.free();
  }
  return out;
}

/** Lines of a PAGE or ALTO file that have a text; none of other files. */
async function ofXml(xml: string, path: string): Promise<TruthLine[]> {
  const root = parseXml(xml, path);
  if (root.localName !== "PcGts" && root.localName !== "alto") return [];
  const isPage = root.localName === "PcGts";
  const name = isPage ? all(root, "Page")[0]?.getAttribute("imageFilename") : all(root, "fileName")[0]?.textContent;
  if (!name) {
    const where = isPage ? "imageFilename of its Page" : "fileName of its sourceImageInformation";
    throw new ScrawlError("input", `${path} names no picture (${where})`);
  }
  const unit = isPage ? "pixel" : all(root, "MeasurementUnit")[0]?.textContent?.trim() ?? "pixel";
  if (unit !== "pixel") throw new ScrawlError("input", `${path} measures in ${unit}: export it in pixels`);
  const found = all(root, "TextLine").flatMap((line) => {
    const { text, points } = isPage ? pageLine(line) : altoLine(line);
    const corners = cornersOf(points);
    return text === "" || corners === undefined ? [] : [{ text, corners }];
  });
  if (found.length === 0) return [];
  const raster = (await decoded(await bytesOf(join(dirname(path), name), path), [1], 300)).get(1)!;
  return found.map(({ text, corners }) => ({ text, page: name, ...cut(raster, corners) }));
}

/** The root of an XML file. @throws ScrawlError where it is none. */
export function parseXml(xml: string, path: string): Element {
  const onError = (level: string, message: string) => {
    if (level !== "warning") throw new Error(message);
  };
  try {
    return new DOMParser({ onError }).parseFromString(xml, "text/xml").documentElement!;
  } catch (e) {
    throw new ScrawlError("input", `${path} is no XML: ${(e as Error).message.split("\n")[0]}`);
  }
}

/** The corners that a list of coordinates names; `undefined` where there are fewer than three, or what is no number. */
export function cornersOf(points: string): Points | undefined {
  const numbers = points.trim().split(/[\s,]+/).map(Number);
  if (numbers.length < 6 || numbers.some(Number.isNaN)) return undefined;
  return Array.from({ length: numbers.length >> 1 }, (_, i) => numbers.slice(2 * i, 2 * i + 2)) as Points;
}

/** Elements of a name within another, in whatever namespace: prefixes and versions differ. */
export const all = (within: Element, name: string) => Array.from(within.getElementsByTagNameNS("*", name)) as Element[];

/** What a line of PAGE says, and its outline: its own children, as words and glyphs have texts of their own. */
function pageLine(line: Element): { text: string; points: string } {
  const own = (within: Element, name: string) => all(within, name).filter((e) => e.parentNode === within);
  // Of several texts the first in their order is what it says.
  const [best] = own(line, "TextEquiv").toSorted((a, b) =>
    Number(a.getAttribute("index") ?? 0) - Number(b.getAttribute("index") ?? 0)
  );
  return {
    text: (best && all(best, "Unicode")[0]?.textContent || "").trim(),
    points: own(line, "Coords")[0]?.getAttribute("points") ?? "",
  };
}

/** What a line of ALTO says, and its outline, or its box where it has none. */
export function altoLine(line: Element): { text: string; points: string } {
  const text = all(line, "String").map((s) => s.getAttribute("CONTENT") ?? "").join(" ").trim();
  const outline = all(line, "Polygon").find((p) => p.parentNode?.parentNode === line)?.getAttribute("POINTS");
  if (outline) return { text, points: outline };
  const [x, y, w, h] = ["HPOS", "VPOS", "WIDTH", "HEIGHT"].map((name) => Number(line.getAttribute(name) ?? NaN));
  return { text, points: `${x} ${y} ${x + w} ${y} ${x + w} ${y + h} ${x} ${y + h}` };
}

/** What lies within some corners; all else of their box is paper, the lightest tenth of it. */
export function cut({ width, height, gray }: Raster, corners: Points): Omit<TruthLine, "text" | "page"> {
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const clamp = (v: number, most: number) => Math.min(most, Math.max(0, Math.round(v)));
  const [left, right] = [clamp(Math.min(...xs), width - 1), clamp(Math.max(...xs), width)];
  const [top, bottom] = [clamp(Math.min(...ys), height - 1), clamp(Math.max(...ys), height)];
  const [w, h] = [Math.max(1, right - left), Math.max(1, bottom - top)];
  const pixels = new Uint8Array(w * h);
  for (let y = 0; y < h; y++) pixels.set(gray.subarray((top + y) * width + left, (top + y) * width + left + w), y * w);
  const paper = pixels.toSorted()[Math.floor(0.9 * (pixels.length - 1))];
  for (let y = 0; y < h; y++) {
    // Where the row through the middle of these pixels crosses the outline (even-odd rule).
    const row = top + y + 0.5;
    const crossings = corners.flatMap(([ax, ay], i) => {
      const [bx, by] = corners[(i + 1) % corners.length];
      return (ay <= row) === (by <= row) ? [] : [ax + (row - ay) / (by - ay) * (bx - ax)];
    }).sort((a, b) => a - b);
    for (let x = 0; x < w; x++) {
      const within = crossings.filter((c) => c <= left + x + 0.5).length % 2 === 1;
      if (!within) pixels[y * w + x] = paper;
    }
  }
  return { width: w, height: h, pixels };
}

/** Turned clockwise by the nearest multiple of 90 degrees. */
function upright(crop: Omit<TruthLine, "text" | "page">, degrees: number): Omit<TruthLine, "text" | "page"> {
  let { width, height, pixels } = crop;
  for (let k = ((Math.round(degrees / 90) % 4) + 4) % 4; k > 0; k--) {
    const turned = new Uint8Array(pixels.length);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) turned[x * height + height - 1 - y] = pixels[y * width + x];
    }
    [width, height, pixels] = [height, width, turned];
  }
  return { width, height, pixels };
}
