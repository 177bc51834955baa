/** Lines that the library of the training draws, read as any crop is: random codes, and words along the strokes of people that no training sees. */
import type { Engine } from "../engine/engine.ts";
import type { ReadOptions } from "../engine/types.ts";
import { ScrawlError } from "../errors.ts";
import { LineLibrary } from "../wasm/train/train.js";
import { loadSamples } from "../train/backend/mod.ts";
import { readStrokes } from "../train/lines/data.ts";
import { readFonts } from "../train/lines/fonts.ts";
import { type Mix, sharesOf } from "../train/lines/library.ts";
import { figures } from "./strings.ts";

const CODES = 400, WORDS = 800;
/** Capitals and digits, both, and what stands between them. */
const CODE = /^(?=.*[A-Z])(?=.*\d)[A-Z\d][A-Z\d/.-]{3,11}$/;
/** Rows of a picture and its margin, before it is read as any crop is. */
const ROWS = 64, MARGIN = 6;

/**
 * Random codes in handwriting fonts that are held back: what is read where no word and no number helps.
 * @param fonts the folder that `data get fonts` filled.
 */
export async function evaluateCodes(engine: Engine, fonts: string, options: ReadOptions) {
  await loadSamples();
  const library = new LineLibrary();
  for (const font of await readFonts(fonts, "held")) {
    if (!library.addFont(font, false)) throw new Error("a font that was held back cannot be parsed");
  }
  // Of the kinds of lines, the hands that fill in pages alone.
  const read = figuresOf(engine, library, { writers: 1 }, CODES, (text) => CODE.test(text), options);
  return { set: "random codes in fonts held back", charset: options.charset, ...read };
}

/** Words and lines along the strokes of held-out writers. @throws ScrawlError where the folder has none. */
export async function evaluateWords(engine: Engine, data: string, options: ReadOptions) {
  await loadSamples();
  const { words } = await readStrokes(data, "held");
  if (words.length === 0) {
    throw new ScrawlError(
      "input",
      `${data} has no strokes of words: fetch them with data get unipen, and say --data DIR`,
    );
  }
  const library = new LineLibrary();
  words.forEach((w) => library.addWriting(w.of, w.lengths, Float32Array.from(w.points)));
  // Struck-out ones say nothing.
  const read = figuresOf(engine, library, { strokes: 1 }, WORDS, (text) => text !== "", options);
  return { set: "words of UNIPEN's writers held out", charset: options.charset, ...read };
}

/** Reads so many lines of a mix whose text is `wanted`. */
function figuresOf(
  engine: Engine,
  library: LineLibrary,
  mix: Partial<Mix>,
  count: number,
  wanted: (text: string) => boolean,
  options: ReadOptions,
) {
  const shares = sharesOf(mix);
  const truths: string[] = [], lines: { gray: Uint8Array; width: number; height: number }[] = [];
  for (let seed = 0n; truths.length < count; seed++) {
    const width = library.make(seed, shares, ROWS, MARGIN, 1, 4);
    const text = library.text();
    if (text === undefined || !wanted(text)) continue;
    truths.push(text);
    lines.push({ gray: Uint8Array.from(library.input(), (v) => 255 * (1 - Math.min(1, v))), width, height: ROWS });
  }
  library.free();
  return figures(truths, engine.readLines(lines, options).map((r) => r.text));
}
