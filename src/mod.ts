/**
 * Reads handwriting from JPEG, PNG, TIFF, WebP, AVIF, BMP, GIF, PNM and PDF, where there are files and in a browser.
 *
 * ```ts
 * import { read } from "./src/mod.ts";
 *
 * for await (const page of read("tests/pages/form.png")) {
 *   console.log(page.lines.map((line) => line.text).join("\n"));
 * }
 * ```
 *
 * Many files want one engine, and whoever waits may want to stop:
 *
 * ```ts
 * import { Engine, read } from "./src/mod.ts";
 *
 * const engine = await Engine.open();
 * const signal = AbortSignal.timeout(60_000);
 * for (const file of ["tests/pages/digits.png", "tests/pages/scan.pdf"]) {
 *   for await (const page of read(file, { engine, signal, charset: "digits" })) {
 *     for (const line of page.lines) console.log(file, line.text, line.confidence, line.box);
 *   }
 * }
 * ```
 *
 * @module
 */
import { checkOptions } from "./check.ts";
import { Engine } from "./engine/engine.ts";
import type { Charset, Failure, Page, ReadOptions } from "./engine/types.ts";
import { LINE_MODEL } from "./engine/models.ts";
import { ScrawlError } from "./errors.ts";
import { thresholdsFor } from "./promise/budgets.ts";
import { budgetsBeside } from "./promise/load.ts";
import { readBytes } from "./files.ts";
import { readFile } from "./read.ts";
import { PageRange } from "./decode/pages.ts";

export { Engine } from "./engine/engine.ts";
export type * from "./engine/types.ts";
export { type ErrorCode, ScrawlError } from "./errors.ts";

/** How to read; everything may be left out. */
export interface Options {
  /** Characters that may be read; else `text`, all that the model knows. */
  charset?: Charset;
  /** Further narrows the charset to these characters of it, which the model must know. */
  allowedChars?: string;
  /** A regular expression that each word must match as a whole, like `\d{2}\.\d{2}\.\d{4}` for dates. */
  pattern?: string;
  /** What becomes of print; else `drop`. */
  printed?: ReadOptions["printed"];
  /** 0..1: words less sure than this are suppressed, or with `rejectChar` their unsure characters are written as that. */
  minConf?: number;
  /** One character to write for each that is less sure than `minConf`, or for each of a field that is left blank for `maxError`. */
  rejectChar?: string;
  /** 0..1: share of the fields read out that may be wrong. Less sure ones are suppressed, or written as `rejectChar`. Not with `minConf`. */
  maxError?: number;
  /** Pages to read, like `1,3-5,8-`; else all. */
  pages?: string;
  /** Dots per inch for PDF pages that are drawn, not scanned; else 300. */
  dpi?: number;
  /** Leaves PDF pages alone that have a text layer: they come without lines, and with a note. */
  skipText?: boolean;
  /** Password of an encrypted PDF. */
  password?: string;
  /** Larger pictures are refused; else 250 million pixels. */
  maxPixels?: number;
  /** Larger files are refused, and what pages of a PDF are drawn with if it unpacks to more; else 512 MiB. */
  maxBytes?: number;
  /** Ends the reading before the next page: `read` then throws the signal's reason. */
  signal?: AbortSignal;
  /** An open engine, to read many files without loading the model again. */
  engine?: Engine;
}

/** The defaults of library and command line. */
export const DEFAULTS = {
  charset: "text",
  printed: "drop",
  dpi: 300,
  maxPixels: 250_000_000,
  maxBytes: 2 ** 29,
} as const;

/**
 * Reads the pages of a file, or of its bytes, one after another: a page is read when it is asked for.
 * @param source path, address or bytes of a file.
 * @throws ScrawlError where the file cannot be read, with a `code` and what to do; after the last page where some of several cannot be;
 * the signal's reason where that is raised.
 */
export async function* read(source: string | URL | Uint8Array, options: Options = {}): AsyncGenerator<Page> {
  checkOptions(options);
  const { pages, signal, ...rest } = options;
  signal?.throwIfAborted();
  const engine = options.engine ?? await Engine.open();
  const { maxError } = options;
  const promise = maxError === undefined
    ? {}
    : { thresholds: thresholdsFor(await budgetsBeside(LINE_MODEL, engine.digest), maxError).thresholds };
  let bytes: Uint8Array;
  try {
    bytes = source instanceof Uint8Array ? source : await readBytes(source, options.maxBytes ?? DEFAULTS.maxBytes);
  } catch (e) {
    if (e instanceof ScrawlError) throw e;
    throw new ScrawlError("access", `cannot read ${source}: ${(e as Error).message}`);
  }
  const name = source instanceof Uint8Array ? "-" : String(source);
  const range = pages === undefined ? undefined : PageRange.parse(pages);
  const failures: Failure[] = [];
  for await (const page of readFile(engine, name, bytes, { ...DEFAULTS, ...rest, ...promise, signal, pages: range })) {
    if ("error" in page) failures.push(page);
    else yield page;
  }
  if (failures.length === 0) return;
  const [{ error }] = failures;
  const more = failures.length > 1 ? `, and ${failures.length - 1} more of its pages cannot be read` : "";
  throw new ScrawlError(error.code, error.message + more);
}
