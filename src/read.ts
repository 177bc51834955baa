/** The pipeline: bytes -> pages -> readings. Everything else calls this one function. */
import { type DecodedPage, decodeEach, type DecodeOptions } from "./decode/mod.ts";
import { chosenPages } from "./decode/pages.ts";
import { type Engine, type Picture, release } from "./engine/engine.ts";
import type { Failure, Line, Page, PageReading, ReadOptions } from "./engine/types.ts";
import { sha256 } from "./files.ts";
import { leaveBlank } from "./promise/blank.ts";
import type { Thresholds } from "./promise/budgets.ts";
import { regionsOf, rejectUnsure } from "./regions.ts";
import { VERSION } from "./version.ts";

export interface PipelineOptions extends ReadOptions, DecodeOptions {
  /** Fields that score less than their kind's are left blank, to keep `maxError`. */
  thresholds?: Thresholds;
  /** Stops between pages. */
  signal?: AbortSignal;
  /** Sees each decoded page before it is read. */
  onPicture?: (decoded: DecodedPage) => void | Promise<void>;
}

/** With `keep` print is like handwriting in every output; `handwritten` still says what it is. */
function treatAsWritten(lines: Line[]): void {
  for (const word of lines.flatMap((l) => l.words)) word.production = "handwritten";
}

/**
 * Reads the pages of one file, in order; a page is let go before the next is decoded. Of a file with several pages, those that cannot be
 * read come as failures.
 * @throws ScrawlError where the file cannot be read at all.
 */
export async function* readFile(
  engine: Engine,
  file: string,
  bytes: Uint8Array,
  o: PipelineOptions,
): AsyncGenerator<Page | Failure> {
  const digest = await sha256(bytes);
  const { charset, allowedChars, printed, minConf, rejectChar, pattern, maxError, thresholds } = o;
  const options: ReadOptions = { charset, allowedChars, printed, minConf, rejectChar, pattern, maxError };
  let count = 1;
  const pages = {
    of(all: number) {
      count = all;
      return o.pages?.of(all) ?? chosenPages(undefined, all);
    },
  };
  for await (const decoded of decodeEach(bytes, { ...o, pages })) {
    await turn();
    if ("error" in decoded) {
      const { code, message } = decoded.error;
      yield { file, page: decoded.page, error: { code, message } };
      continue;
    }
    const { page, dpi } = decoded;
    const source = { version: VERSION, model: engine.digest, digest, options: { ...options, dpi: o.dpi } };
    if ("skipped" in decoded) {
      const { width, height, skipped } = decoded;
      const place = { file, page, width, height, dpi, rotation: 0 };
      yield { ...place, regions: [], lines: [], suppressed: [], ...source, notes: [`not read: ${skipped}`] };
      continue;
    }
    const { picture, notes } = decoded;
    let reading: PageReading | Failure;
    try {
      o.signal?.throwIfAborted();
      await o.onPicture?.(decoded);
      reading = await readPicture(engine, picture, options).catch((e) => {
        if (count === 1 || e.code !== "other") throw e;
        return { file, page, error: { code: "other", message: `page ${page}: ${e.message}` } };
      });
    } finally {
      release(picture);
    }
    if ("error" in reading) {
      yield reading;
      continue;
    }
    if (printed === "keep") treatAsWritten(reading.lines);
    const sure = rejectUnsure(reading, options);
    const kept = thresholds && leaveBlank(sure, thresholds, options);
    const { width, height, rotation, lines, suppressed } = kept?.reading ?? sure;
    const promise = kept && { maxError: maxError!, ...kept.blanks };
    const place = { file, page, width, height, dpi, rotation };
    yield {
      ...place,
      regions: regionsOf(lines),
      lines,
      suppressed,
      ...source,
      ...(promise && { promise }),
      ...(notes && { notes }),
    };
  }
}

/** Reads with a whole engine, whatever the page before did to it. */
async function readPicture(engine: Engine, picture: Picture, options: ReadOptions): Promise<PageReading> {
  await engine.renew();
  return engine.read(picture, options);
}

/** Lets timers and signals have their turn: decoding and reading take none by themselves. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
