/**
 * Reads handwriting from JPEG, PNG, TIFF, WebP, BMP, GIF and PDF.
 *
 * ```ts
 * import { read } from "./src/mod.ts";
 * for await (const page of read("scan.pdf")) console.log(page.lines.map((l) => l.text).join("\n"));
 * ```
 */
import { Engine } from "./engine/engine.ts";
import type { Page } from "./engine/types.ts";
import { ScrawlError } from "./errors.ts";
import { readBytes } from "./files.ts";
import { type PipelineOptions, readFile } from "./read.ts";
import { PageRange } from "./decode/pages.ts";

export { Engine } from "./engine/engine.ts";
export type * from "./engine/types.ts";
export { ScrawlError } from "./errors.ts";
export { PageRange } from "./decode/pages.ts";

/** How to read; everything may be left out. */
export interface Options extends Partial<Omit<PipelineOptions, "pages">> {
  /** Pages to read, like `1,3-5,8-`. */
  pages?: string;
  /** An open engine, to read many files without loading the model again. */
  engine?: Engine;
}

/** The defaults of library and command line. */
export const DEFAULTS = { charset: "text", printed: "drop", dpi: 300, maxPixels: 250_000_000 } as const;

/**
 * Reads the pages of a file or of its bytes, one after another.
 * @throws ScrawlError where the file cannot be read, with `code` and what to do.
 */
export async function* read(source: string | URL | Uint8Array, options: Options = {}): AsyncGenerator<Page> {
  const { engine = await Engine.open(), pages, ...rest } = options;
  let bytes: Uint8Array;
  try {
    bytes = source instanceof Uint8Array ? source : await readBytes(source);
  } catch (e) {
    throw new ScrawlError("access", `cannot read ${source}: ${(e as Error).message}`);
  }
  const name = source instanceof Uint8Array ? "-" : String(source);
  const range = pages === undefined ? undefined : PageRange.parse(pages);
  yield* readFile(engine, name, bytes, { ...DEFAULTS, ...rest, pages: range });
}
