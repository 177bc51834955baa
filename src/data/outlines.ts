/** Outlines of written, typed and printed lines, and crops of the written ones, from the ALTO files beside pictures of pages. */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import type { Element } from "@xmldom/xmldom";
import { all, altoLine, cornersOf, cut, decoded, parseXml } from "../train/lines/truth.ts";
import { type OutlinedLine, type OutlinedPage, OUTLINES } from "../train/pages/real.ts";
import { type LineCrop, writeCrops } from "./crops.ts";

/** What the type of a line says of who made it (SegmOnto's names, and LECTAUREP's); of other types, as of dates that were filled into printed ones, and of heads of columns without one, nothing is known. */
const MADE: [RegExp, boolean][] = [
  [/typewritten|print/i, false],
  [/handwritten|signature|first_line/i, true],
];
/** Blocks whose lines without a type are written. */
const WRITTEN = /^(col_\d|marginal)$/i;

/** Writes `OUTLINES` of all ALTO files in a folder and below. @throws ScrawlError where one is no XML. */
export async function makeOutlines(folder: string): Promise<void> {
  const pages: string[] = [];
  for await (const { picture, root } of altoFiles(folder)) {
    const lines = linesOf(root).map(({ written, polygon }) => ({ written, polygon }));
    const page: OutlinedPage = { picture, lines };
    if (lines.length > 0) pages.push(JSON.stringify(page) + "\n");
  }
  await Deno.writeTextFile(join(folder, OUTLINES), pages.join(""));
}

/** Writes `lines.bin` and `lines.jsonl` of the written lines of such files. @throws ScrawlError where one is no XML, or a picture cannot be read. */
export const makeWritten = (folder: string): Promise<void> => writeCrops(folder, writtenIn(folder));

async function* writtenIn(folder: string): AsyncGenerator<LineCrop> {
  for await (const { picture, root } of altoFiles(folder)) {
    const lines = linesOf(root).filter(({ written, text }) => written && text !== "");
    if (lines.length === 0) continue;
    const raster = (await decoded(await Deno.readFile(join(folder, picture)), [1], DPI)).get(1)!;
    for (const { text, polygon } of lines) yield { text: plain(text), page: picture, gray: cut(raster, polygon) };
  }
}

/** Raised letters are marked with a caret before them, which nobody wrote. */
const plain = (text: string) => text.normalize("NFC").replaceAll("^", "");

/** What pictures without a resolution are taken to have; crops are as large as the pictures. */
const DPI = 300;

async function* altoFiles(folder: string): AsyncGenerator<{ picture: string; root: Element }> {
  for (const file of (await filesBelow(folder)).filter((f) => f.endsWith(".xml")).sort()) {
    const root = parseXml(await Deno.readTextFile(join(folder, file)), join(folder, file));
    const name = all(root, "fileName")[0]?.textContent?.trim() ?? "";
    yield { picture: join(dirname(file), name), root };
  }
}

/** Lines of which it is known who made them, with what they say. */
export function linesOf(root: Element): (OutlinedLine & { text: string })[] {
  const labels = new Map(all(root, "OtherTag").map((t) => [t.getAttribute("ID")!, t.getAttribute("LABEL") ?? ""]));
  const typeOf = (e: Element | null) =>
    (e?.getAttribute("TAGREFS") ?? "").split(/\s+/).map((id) => labels.get(id) ?? "").join(" ").trim();
  return all(root, "TextLine").flatMap((line) => {
    const { text, points } = altoLine(line);
    const polygon = cornersOf(points);
    const [type, block] = [typeOf(line), typeOf(line.parentNode as Element)];
    const written = type === "" ? WRITTEN.test(block) || undefined : MADE.find(([types]) => types.test(type))?.[1];
    return polygon === undefined || written === undefined ? [] : [{ written, polygon, text }];
  });
}

async function filesBelow(folder: string, below = ""): Promise<string[]> {
  const out: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(folder, below))) {
    if (isDirectory) out.push(...await filesBelow(folder, join(below, name)));
    else out.push(join(below, name));
  }
  return out;
}
