/** Loads the WASM and the model, and reads pictures. The only door to `src/wasm/ocr`. */
import type { Engine as WasmEngine, Picture as WasmPicture } from "../wasm/ocr/ocr.js";
import { ScrawlError, toScrawlError } from "../errors.ts";
import type { PageReading, ReadOptions } from "./types.ts";
import { sha256 } from "../files.ts";
import { guarded, loadOcr, type Ocr } from "./load.ts";
import { DIGIT_MODEL, LINE_MODEL, modelBytes, PAGE_MODEL } from "./models.ts";

/** Characters of each charset; `text` is all that the model knows. */
const CHARSETS: Record<ReadOptions["charset"], string | undefined> = {
  digits: "0123456789",
  numeric: "0123456789.,-+/:=()%$€",
  text: undefined,
};

/** A segment of a page and what it says; `by` is hand, print or other. */
export interface KnownCrop {
  gray: Uint8Array;
  width: number;
  height: number;
  /** Height of its digits in pixels. */
  digit: number;
  text: string;
  by: string;
}

/** A model that is ready to read. Not to be shared between threads. */
export class Engine {
  /** SHA-256 of the model file. */
  readonly digest: string;

  #ocr: Ocr;
  #engine: WasmEngine;
  readonly #model: () => Promise<Model>;
  readonly #alphabet: string;

  private constructor(ocr: Ocr, engine: WasmEngine, model: () => Promise<Model>, digest: string, alphabet: string) {
    this.#ocr = ocr;
    this.#engine = engine;
    this.#model = model;
    this.digest = digest;
    this.#alphabet = alphabet;
  }

  /**
   * Loads the WASM and the models.
   * @param model path, address or bytes of a model file for lines; else the one that ships. Pages and single digits have those that ship.
   * @throws ScrawlError where the model file is damaged or of another version.
   */
  static async open(model: string | URL | Uint8Array = LINE_MODEL): Promise<Engine> {
    const ocr = await loadOcr();
    const name = model instanceof Uint8Array ? "what was given" : String(model);
    const load = async () => ({
      pages: await modelBytes(PAGE_MODEL),
      lines: model instanceof Uint8Array ? model : await modelBytes(model),
      digits: await modelBytes(DIGIT_MODEL),
    });
    const { pages, lines, digits } = await load();
    try {
      return new Engine(ocr, new ocr.Engine(pages, lines, digits), load, await sha256(lines), alphabetOf(lines));
    } catch (e) {
      throw new ScrawlError("input", `${name} is no model for this version: ${(e as Error).message}`);
    }
  }

  /**
   * Makes the engine whole again where a page made the WASM fail; `read` of the library does it for each page.
   * @ignore
   */
  async renew(): Promise<void> {
    const ocr = await loadOcr();
    if (ocr === this.#ocr) return;
    release(this.#engine);
    const { pages, lines, digits } = await this.#model();
    this.#engine = new ocr.Engine(pages, lines, digits);
    this.#ocr = ocr;
  }

  /**
   * Reads a decoded picture; `read` of the library decodes files.
   * @ignore
   */
  read(picture: Picture, options: ReadOptions): PageReading {
    return this.#answer(options, (json) => this.#engine.read(picture, json));
  }

  /** What the WASM says when it is asked with these options, as JSON both ways. What it refuses of a pattern is the user's to mend. */
  #answer<T>(options: ReadOptions, ask: (json: string) => Uint8Array): T {
    const { printed, pattern } = options;
    const allowed = this.#allowed(options);
    let json;
    try {
      json = guarded(this.#ocr, () => ask(JSON.stringify({ allowed, printed, pattern })));
    } catch (e) {
      throw toScrawlError(e, pattern === undefined ? "other" : "arguments");
    }
    return JSON.parse(new TextDecoder().decode(json));
  }

  #allowed({ charset, allowedChars }: ReadOptions): string | undefined {
    const set = CHARSETS[charset];
    if (allowedChars === undefined) return set;
    const known = set ?? this.#alphabet;
    const strange = [...allowedChars].filter((c) => !known.includes(c)).join("");
    if (strange === "" && allowedChars !== "") return allowedChars;
    const what = strange === "" ? "no characters are" : `${strange} is not among what can be`;
    throw new ScrawlError(
      "arguments",
      `--allowed-chars ${allowedChars}: ${what} read with charset ${charset}: choose of ${known.trim()}`,
    );
  }

  /** Milliseconds of each stage of the last page. */
  times(): Record<string, number> {
    return JSON.parse(this.#engine.times());
  }

  /**
   * Reads lines that are already cut out: grey pixels of each. `words` are the confidences of the words of each text, for which all the lines
   * are taken to be of one hand.
   */
  readLines(
    lines: { gray: Uint8Array; width: number; height: number }[],
    options: ReadOptions,
  ): { text: string; confidence: number; words: number[] }[] {
    const pixels = new Uint8Array(lines.reduce((n, l) => n + l.gray.length, 0));
    let at = 0;
    for (const l of lines) {
      pixels.set(l.gray, at);
      at += l.gray.length;
    }
    const sizes = Uint32Array.from(lines.flatMap((l) => [l.width, l.height]));
    return this.#answer({ ...options, printed: "keep" }, (json) => this.#engine.readLines(pixels, sizes, json));
  }

  /**
   * Segments of a page as the recogniser gets them.
   * @ignore
   */
  crops(picture: Picture): { gray: Uint8Array; width: number; height: number }[] {
    const c = this.#engine.crops(picture);
    const [sizes, pixels] = [c.sizes(), c.pixels()];
    c.free();
    let at = 0;
    return Array.from({ length: sizes.length / 2 }, (_, i) => {
      const [width, height] = [sizes[2 * i], sizes[2 * i + 1]];
      return { gray: pixels.subarray(at, at += width * height), width, height };
    });
  }

  /**
   * Likewise, where it is known what stands on the page: those segments of which it follows what they say.
   * @param units what stands where: corners in pixels, from the upper left of the text on clockwise; an empty text is unknown.
   * @ignore
   */
  knownCrops(picture: Picture, units: { text: string; by: string; quad: number[][] }[]): KnownCrop[] {
    const c = this.#engine.knownCrops(picture, JSON.stringify(units));
    const [said, pixels]: [Omit<KnownCrop, "gray">[], Uint8Array] = [JSON.parse(c.said()), c.pixels()];
    c.free();
    let at = 0;
    return said.map((s) => ({ ...s, gray: pixels.subarray(at, at += s.width * s.height) }));
  }

  /**
   * Pictures of the page stages, grey.
   * @ignore
   */
  stages(picture: Picture): { name: string; width: number; height: number; gray: Uint8Array }[] {
    const s = this.#engine.stages(picture);
    return s.names().map((n, i) => {
      const [name, width, height] = n.split(" ");
      return { name, width: Number(width), height: Number(height), gray: s.picture(i)! };
    });
  }
}

/** Characters that a model of lines knows: the head of its file is a length in eight bytes, and JSON. */
function alphabetOf(model: Uint8Array): string {
  const { buffer, byteOffset } = model;
  const length = new DataView(buffer, byteOffset).getUint32(0, true);
  return JSON.parse(new TextDecoder().decode(model.subarray(8, 8 + length))).__metadata__.alphabet;
}

interface Model {
  pages: Uint8Array;
  lines: Uint8Array;
  digits: Uint8Array;
}

/** Lets go of what lies in the WASM, also of what a fault left borrowed. */
export function release(held: { free(): void }): void {
  try {
    held.free();
  } catch {
    // It goes with its instance.
  }
}

/** A decoded page that waits to be read; its pixels stay in the WASM's memory until it is freed. */
export interface Picture extends WasmPicture {
  /** The orientation that the file says, 1 to 8 (EXIF), and that was applied. */
  readonly orientation: number;
  /** What is odd about the file, though it could be decoded. */
  readonly note: string | undefined;
  /** Colour at quarter scale, `[ceil(height / 4)][ceil(width / 4)][2]`, Cb and Cr with 128 for neutral; absent for grey pictures. */
  chroma(): Uint8Array | undefined;
}

/** Decodes page `page` (from 0) of an image file. */
export async function decodeImage(bytes: Uint8Array, page: number, maxPixels: number): Promise<Picture> {
  const ocr = await loadOcr();
  return guarded(ocr, () => new ocr.Picture(bytes, page, maxPixels) as Picture);
}

/** Red, green and blue of page `page` (from 0) of an image file, upright, `[height][width][3]`. */
export async function decodeRgb(bytes: Uint8Array, page: number, maxPixels: number): Promise<Uint8Array> {
  const ocr = await loadOcr();
  return guarded(ocr, () => ocr.decodeRgb(bytes, page, maxPixels));
}

/** Pages of an image file. */
export async function countImagePages(bytes: Uint8Array): Promise<number> {
  const ocr = await loadOcr();
  return guarded(ocr, () => ocr.countPages(bytes));
}

/** A picture from interleaved pixels with 1, 3 or 4 channels. */
export async function pictureOf(pixels: Uint8Array, width: number, height: number, channels: number): Promise<Picture> {
  const ocr = await loadOcr();
  return guarded(ocr, () => ocr.Picture.fromPixels(pixels, width, height, channels) as Picture);
}
