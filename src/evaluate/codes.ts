/** Random codes in handwriting fonts that no training sees: what is read where no word and no number helps. */
import type { Engine } from "../engine/engine.ts";
import type { ReadOptions } from "../engine/types.ts";
import { LineLibrary } from "../wasm/train/train.js";
import { loadSamples } from "../train/backend/mod.ts";
import { readFonts } from "../train/lines/fonts.ts";
import { sharesOf } from "../train/lines/library.ts";
import { figures } from "./strings.ts";

const CODES = 400;
/** Capitals and digits, both, and what stands between them. */
const CODE = /^(?=.*[A-Z])(?=.*\d)[A-Z\d][A-Z\d/.-]{3,11}$/;
/** Rows of a picture and its margin, before it is read as any crop is. */
const ROWS = 64, MARGIN = 6;

/** @param fonts the folder that `data get fonts` filled. */
export async function evaluateCodes(engine: Engine, fonts: string, options: ReadOptions) {
  await loadSamples();
  const library = new LineLibrary();
  for (const font of await readFonts(fonts, "held")) {
    if (!library.addFont(font, false)) throw new Error("a font that was held back cannot be parsed");
  }
  // Of the kinds of lines, the hands that fill in pages alone.
  const shares = sharesOf({ writers: 1 });
  const truths: string[] = [], lines: { gray: Uint8Array; width: number; height: number }[] = [];
  for (let seed = 0n; truths.length < CODES; seed++) {
    const width = library.make(seed, shares, ROWS, MARGIN, 1, 4);
    const text = library.text();
    if (text === undefined || !CODE.test(text)) continue;
    truths.push(text);
    lines.push({ gray: Uint8Array.from(library.input(), (v) => 255 * (1 - Math.min(1, v))), width, height: ROWS });
  }
  library.free();
  const read = engine.readLines(lines, options).map((r) => r.text);
  return { set: "random codes in fonts held back", charset: options.charset, ...figures(truths, read) };
}
