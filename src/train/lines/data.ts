/**
 * Where lines come from: the real crops under `lines/`, glyph sets under `chars/`, fonts, and the split by writer.
 * Layout and licences of the folder are described in data/README.md.
 */
import { join } from "@std/path/join";
import { readPair } from "../idx.ts";
import { encodeText } from "./alphabet.ts";
import { readFonts, readWords } from "./fonts.ts";
import { readLetters } from "./letters.ts";
import { readPairs } from "./pairs.ts";
import { packSpelling } from "./spelling.ts";
import { readVocabulary } from "./vocabulary.ts";

/** A real crop as its set describes it. */
export interface Crop {
  set: string;
  jpeg: Uint8Array;
  text: string;
  page: string;
  numeric: boolean;
}

/** Sets of one hand over many pages: no page of theirs can stand for an unknown writer, so they are for training only. */
const ONE_HAND = ["lectaurep-dufour-1", "lectaurep-riant-4", "peraire"];

/** What is held back together: a document, a will, a volunteer's sheet. */
export function writer(crop: { set: string; page: string }): string {
  if (crop.set === "testaments-poilus") return crop.page.replace(/-\d+$/, "");
  if (crop.set === "banq-copiste") return crop.page.replace(/^(imp_wikitexte_\d+).*/, "$1");
  // A letter may have several pages; of one folder it is not known where one ends, so all of it is one.
  if (crop.set === "memorials") return crop.page.replace(/^.*\/(?:Lettre(\d+)|([^_/]+))[^/]*$/, "$1$2");
  if (crop.set.startsWith("cremma-mss")) return crop.page.split("/").slice(0, 2).join("/");
  return crop.page;
}

/** A writer's name among those of all sets. */
export function writerInSet(crop: { set: string; page: string }): string {
  return `${crop.set}/${writer(crop)}`;
}

function fnv(text: string): number {
  let h = 0x811c9dc5;
  for (const b of new TextEncoder().encode(text)) h = Math.imul(h ^ b, 0x01000193);
  return h >>> 0;
}

/** One writer in eight is held out, by a hash of the name, so that the split never moves. */
export function isHeldOut(crop: { set: string; page: string }): boolean {
  if (ONE_HAND.some((s) => crop.set === s || crop.page.includes(s))) return false;
  return fnv(writerInSet(crop)) % 8 === 0;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Sets below `pages/` whose written lines were cut out of them. */
const CUT = ["memorials"];

/** All crops of `lines/*` (or of one file there) and of pages that were cut, in file order; none where there are no such folders. */
export async function readCrops(data: string, file: "lines" | "printed" = "lines"): Promise<Crop[]> {
  const root = join(data, "lines");
  // A set may be a link to a folder elsewhere.
  const sets = await exists(root) ? [...Deno.readDirSync(root)].map((d) => d.name).sort() : [];
  const folders = [...sets.map((set) => [set, join(root, set)]), ...CUT.map((set) => [set, join(data, "pages", set)])];
  return (await Promise.all(folders.map(([set, folder]) => readSet(folder, set, file)))).flat();
}

/** The crops of one folder, none where it has no such file; `set` is what they are called. */
export async function readSet(folder: string, set: string, file: "lines" | "printed" = "lines"): Promise<Crop[]> {
  if (!await exists(join(folder, `${file}.bin`))) return [];
  const bin = await Deno.readFile(join(folder, `${file}.bin`));
  const rows = (await Deno.readTextFile(join(folder, `${file}.jsonl`))).split("\n").filter(Boolean);
  return rows.map((row) => {
    const { offset, length, text, page, numeric } = JSON.parse(row);
    return { set, jpeg: bin.subarray(offset, offset + length), text, page, numeric };
  });
}

/** Glyph sets that may train weights, with the characters of their classes. Semeion is left out: its digits are stretched to the frame. */
const GLYPH_SETS: [folder: string, prefix: string, classes: string][] = [
  ["mnist", "train", "0123456789"],
  ["emnist-digits", "train", "0123456789"],
  ["emnist-digits", "test", "0123456789"],
  ["femnist-digits", "train", "0123456789"],
  ["bhmsds", "train", "0123456789.-+/wxyz"],
  ["optdigits", "train", "0123456789"],
  ["az-letters", "train", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"],
  ["az-letters", "uniform", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"],
];

/** Images `[n][size][size]` with classes. */
export interface Glyphs {
  size: number;
  images: Uint8Array;
  labels: Uint8Array;
  classes: string;
}

export async function readGlyphs(data: string): Promise<Glyphs[]> {
  const out: Glyphs[] = [];
  for (const [folder, prefix, classes] of GLYPH_SETS) {
    const at = join(data, "chars", folder, prefix);
    if (!await exists(`${at}-images-idx3-ubyte.gz`)) continue;
    const { height, images, labels } = await readPair(`${at}-images-idx3-ubyte.gz`, `${at}-labels-idx1-ubyte.gz`);
    out.push({ size: height, images, labels, classes });
  }
  const letters = await readLetters(data);
  return letters ? [...out, letters] : out;
}

/** A real crop that samples are made of. */
export interface ShelfLine {
  jpeg: Uint8Array;
  text?: string;
  /** It is taken so many times as often as others. */
  times?: number;
}

/** Everything that lines are trained on. */
export interface LineMaterial {
  glyphs: Glyphs[];
  handFonts: Uint8Array[];
  printFonts: Uint8Array[];
  numbers: ShelfLine[];
  texts: ShelfLine[];
  prints: ShelfLine[];
  words: string[];
  /** Words, names and places with how frequent they are, as {@linkcode packSpelling} writes them; no bytes without fonts. */
  spelling: Uint8Array;
  drawings: Drawing[];
  /** Words and lines as strokes, in hundredths of their writers' capitals. */
  writings: Drawing[];
  /** Letters and digits likewise, those of one writer one after another. */
  characters: WritersDrawing[];
}

/** A character, word or line as a pen wrote it: how many points each stroke has, and the x and y of all, y growing upwards. */
export interface Drawing {
  of: string;
  lengths: Uint32Array;
  points: Int16Array;
}

export interface WritersDrawing extends Drawing {
  writer: string;
}

/** What a line of a file of strokes holds; `writer` where it is known. */
async function readDrawingsOf(path: string): Promise<WritersDrawing[]> {
  if (!await exists(path)) return [];
  return (await Deno.readTextFile(path)).split("\n").filter(Boolean).map((line) => {
    const { text, writer, strokes }: { text: string; writer: string; strokes: number[][][] } = JSON.parse(line);
    return {
      of: text,
      writer,
      lengths: Uint32Array.from(strokes, (s) => s.length),
      points: Int16Array.from(strokes.flat(2)),
    };
  });
}

/** The training part of `strokes/pendigits`, in its order, in which digits of one writer are neighbours; nothing where it is not there. */
export async function readDrawings(data: string): Promise<Drawing[]> {
  return await readDrawingsOf(join(data, "strokes", "pendigits", "train.jsonl"));
}

/** No word of the strokes is learnt from more often than this. */
const MOST_OF_A_WORD = 150;

/** Words and characters of `strokes/unipen` by those of its writers who are learnt from, or by the others. */
export async function readStrokes(
  data: string,
  writers: "learnt" | "held",
): Promise<{ words: WritersDrawing[]; characters: WritersDrawing[] }> {
  const wanted = (d: WritersDrawing) =>
    encodeText(d.of) && isHeldOut({ set: "unipen", page: d.writer }) === (writers === "held");
  const read = async (name: string) =>
    (await readDrawingsOf(join(data, "strokes", "unipen", `${name}.jsonl`))).filter(wanted);
  return { words: await read("words"), characters: await read("characters") };
}

/** At most so many of each text, the first ones. */
function fewOfEach<T>(list: T[], most: number, textOf: (item: T) => string): T[] {
  const seen = new Map<string, number>();
  return list.filter((item) => {
    const n = (seen.get(textOf(item)) ?? 0) + 1;
    seen.set(textOf(item), n);
    return n <= most;
  });
}

/** A crop of a writer that no training sees. */
export type HeldCrop = Pick<Crop, "jpeg" | "text" | "numeric">;

/** Crops of writers that no training sees, those whose text the alphabet can write. */
export async function readHeldOut(data: string): Promise<Crop[]> {
  return (await readCrops(data)).filter((c) => isHeldOut(c) && encodeText(c.text));
}

/** What of them a training measures on. */
export async function readHeld(data: string): Promise<HeldCrop[]> {
  return (await readHeldOut(data)).map(({ jpeg, text, numeric }) => ({ jpeg, text, numeric }));
}

/** Sets of which there is little of what they alone show, English letters and hands of today, are taken more often. */
const TIMES: Record<string, number> = { memorials: 4, "banq-copiste": 2 };

/** So many of the most common words of each language are set as lines. */
const MOST_SET = 5000;

/** No text is learnt from more often than this: a fifth of the registers' numbers are one of three fees. */
const MOST_OF_A_TEXT = 40;

/** Words for a line net's file, from the folder of fonts; no bytes without one. */
export async function readSpelling(fonts?: string): Promise<Uint8Array> {
  if (fonts === undefined) return new Uint8Array();
  const lists = (await readVocabulary(fonts)).map(({ language, shares }) => ({
    language,
    shares: new Map([...shares].filter(([word]) => encodeText(word))),
  }));
  return packSpelling(lists, await readPairs(fonts));
}

/** Reads the training part of everything. `fonts` is the folder that `data get fonts` filled; `prints` are further crops of print. */
export async function readMaterial(data: string, fonts?: string, prints: Uint8Array[] = []): Promise<LineMaterial> {
  const train = (await readCrops(data)).filter((c) => !isHeldOut(c) && encodeText(c.text));
  const few = fewOfEach(train, MOST_OF_A_TEXT, (c) => c.text).map((c) => ({ ...c, times: TIMES[c.set] }));
  const words = new Set(
    few.filter((c) => !c.numeric).flatMap((c) => c.text.split(/[^\p{L}]+/u)).filter((w) => w.length > 1),
  );
  const lists = fonts ? await readWords(fonts) : [];
  const common = lists.flatMap((list) => list.slice(0, MOST_SET)).filter((w) => encodeText(w));
  const printed = (await readCrops(data, "printed")).map((c) => ({
    jpeg: c.jpeg,
    text: encodeText(c.text) ? c.text : undefined,
  }));
  const strokes = await readStrokes(data, "learnt");
  return {
    glyphs: await readGlyphs(data),
    handFonts: fonts ? await readFonts(fonts, "hand") : [],
    printFonts: fonts ? await readFonts(fonts, "print") : [],
    numbers: few.filter((c) => c.numeric),
    texts: few.filter((c) => !c.numeric),
    prints: [...printed, ...prints.map((jpeg) => ({ jpeg }))],
    words: [...words].sort().concat(common),
    spelling: await readSpelling(fonts),
    drawings: await readDrawings(data),
    writings: fewOfEach(strokes.words, MOST_OF_A_WORD, (w) => w.of),
    characters: strokes.characters,
  };
}
