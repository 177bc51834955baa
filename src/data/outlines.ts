/** Outlines of written, typed and printed lines, from the ALTO files beside pictures of pages. */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import type { Element } from "@xmldom/xmldom";
import { all, altoLine, cornersOf, parseXml } from "../train/lines/truth.ts";
import { type OutlinedLine, type OutlinedPage, OUTLINES } from "../train/pages/real.ts";

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
  for (const file of (await filesBelow(folder)).filter((f) => f.endsWith(".xml")).sort()) {
    const root = parseXml(await Deno.readTextFile(join(folder, file)), join(folder, file));
    const name = all(root, "fileName")[0]?.textContent?.trim() ?? "";
    const page: OutlinedPage = { picture: join(dirname(file), name), lines: outlinesOf(root) };
    if (page.lines.length > 0) pages.push(JSON.stringify(page) + "\n");
  }
  await Deno.writeTextFile(join(folder, OUTLINES), pages.join(""));
}

/** Lines of which it is known who made them. */
export function outlinesOf(root: Element): OutlinedLine[] {
  const labels = new Map(all(root, "OtherTag").map((t) => [t.getAttribute("ID")!, t.getAttribute("LABEL") ?? ""]));
  const typeOf = (e: Element | null) =>
    (e?.getAttribute("TAGREFS") ?? "").split(/\s+/).map((id) => labels.get(id) ?? "").join(" ").trim();
  return all(root, "TextLine").flatMap((line) => {
    const polygon = cornersOf(altoLine(line).points);
    const [type, block] = [typeOf(line), typeOf(line.parentNode as Element)];
    const written = type === "" ? WRITTEN.test(block) || undefined : MADE.find(([types]) => types.test(type))?.[1];
    return polygon === undefined || written === undefined ? [] : [{ written, polygon }];
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
