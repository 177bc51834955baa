/**
 * Lines from drawn pages, cut by the very page stage that reading uses: with what it leaves of rules and neighbours, what it loses, and
 * what it takes for writing. Pages are drawn with all that lines are made of, so what they say is known. Made once and kept in a folder.
 */
import { join } from "@std/path/join";
import { type Engine, pictureOf } from "../../engine/engine.ts";
import type { LineLibrary } from "../../wasm/train/train.js";
import { writeWhole } from "../write.ts";
import { encodeText } from "./alphabet.ts";
import { plainCrop } from "./plain.ts";

/** A crop of a drawn page; see {@linkcode plainCrop}. */
export interface DrawnLine {
  jpeg: Uint8Array;
  /** What it says; without it only who made it is known. */
  text?: string;
  /** 0 hand, 1 print, 2 marks that say nothing. */
  kind: number;
  /** Height of its digits in pixels. */
  digit: number;
}

/** So many parts of so many pages: some 24 crops a page. */
const [PARTS, PAGES] = [24, 40];
/** Sides of the pages, multiples of 32, and how many times larger writing is than the page net sees it: from screenshots to scans. */
const SIDES = [[1024, 1280], [1280, 1024], [1280, 1280], [896, 1152]];
const ZOOMS = [1.2, 1.6, 2, 2, 2.4, 3];
/** Of print and of marks a page gives no more crops than this: most of what is read is written. */
const MOST_OF_OTHERS = 6;
/** Their seeds begin here, apart from those of pages that the page net learns from. */
const SEED = 1n << 58n;
const MAKERS = ["hand", "print", "other"];

/** Lines of the page of this number. */
export async function drawPage(library: LineLibrary, engine: Engine, number: number): Promise<DrawnLine[]> {
  const [width, height] = SIDES[number % SIDES.length];
  const page = library.drawPage(SEED + BigInt(number), width, height, ZOOMS[number % ZOOMS.length]);
  const [places, texts] = [page.places(), page.texts()];
  const picture = await pictureOf(page.rgb(), width, height, 3);
  page.free();
  const units = texts.map((text, i) => {
    const [written, ...corners] = places.subarray(9 * i, 9 * i + 9);
    return { text, by: written ? MAKERS[0] : MAKERS[1], quad: [0, 2, 4, 6].map((k) => [corners[k], corners[k + 1]]) };
  });
  const crops = engine.knownCrops(picture, units);
  picture.free();
  const left = MAKERS.map((by) => by === "hand" ? Infinity : MOST_OF_OTHERS);
  return crops.flatMap(({ gray, width, height, digit, text, by }) => {
    const kind = MAKERS.indexOf(by);
    const known = encodeText(text) !== undefined;
    if (left[kind]-- <= 0 || (kind === 0 && !known)) return [];
    return [{ jpeg: plainCrop({ width, height, pixels: gray }), text: known ? text : undefined, kind, digit }];
  });
}

/**
 * Reads all parts from `cache`, and draws those that are not there yet, beginning with this worker's share of `ranks`.
 * @param library what pages are drawn with, and `engine` what cuts them: asked for where something is to be drawn.
 */
export async function readDrawn(
  cache: string,
  library: () => LineLibrary,
  engine: () => Promise<Engine>,
  { rank, ranks }: { rank: number; ranks: number } = { rank: 0, ranks: 1 },
): Promise<DrawnLine[]> {
  const folder = join(cache, "drawn");
  await Deno.mkdir(folder, { recursive: true });
  const parts: DrawnLine[][] = [];
  let tools: { library: LineLibrary; engine: Engine } | undefined;
  for (let i = 0; i < PARTS; i++) {
    // Each worker begins elsewhere, so that they share the work.
    const part = (i + Math.floor(rank * PARTS / ranks)) % PARTS;
    const kept = await readPart(folder, part);
    if (kept) {
      parts[part] = kept;
      continue;
    }
    tools ??= { library: library(), engine: await engine() };
    parts[part] = [];
    for (let k = 0; k < PAGES; k++) {
      parts[part].push(...await drawPage(tools.library, tools.engine, part * PAGES + k));
    }
    await writePart(folder, part, rank, parts[part]);
  }
  return parts.flat();
}

async function readPart(folder: string, part: number): Promise<DrawnLine[] | undefined> {
  const rows = await Deno.readTextFile(join(folder, `${part}.json`)).catch(() => undefined);
  if (rows === undefined) return undefined;
  const bytes = await Deno.readFile(join(folder, `${part}.bin`));
  let at = 0;
  return (JSON.parse(rows) as (Omit<DrawnLine, "jpeg"> & { length: number })[]).map(({ length, ...line }) => ({
    ...line,
    jpeg: bytes.subarray(at, at += length),
  }));
}

async function writePart(folder: string, part: number, rank: number, lines: DrawnLine[]): Promise<void> {
  const rows = lines.map(({ jpeg, ...line }) => ({ ...line, length: jpeg.length }));
  const pixels = await new Blob(lines.map((l) => l.jpeg) as BlobPart[]).bytes();
  await writeWhole(join(folder, `${part}.bin`), pixels, `${rank}`);
  // The list comes last: a part with one is whole.
  await writeWhole(join(folder, `${part}.json`), JSON.stringify(rows), `${rank}`);
}
