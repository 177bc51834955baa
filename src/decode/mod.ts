/** Files to pages: the format is told by content, pages come one at a time. */
import { countImagePages, decodeImage, decodeRgb, type Picture } from "../engine/engine.ts";
import type { Box } from "../engine/types.ts";
import { ScrawlError, toScrawlError } from "../errors.ts";
import { avifRgb, decodeAvif, heifKind, refuseHeic } from "./heif.ts";
import { chosenPages, type PageChoice } from "./pages.ts";
import type { PdfForm } from "./pdf_form.ts";

export interface DecodeOptions {
  pages?: PageChoice;
  /** Dots per inch for PDF pages that are drawn rather than scanned. */
  dpi: number;
  password?: string;
  maxPixels: number;
  /** Bytes that a stream of a PDF may unpack to, where that is less than any page needs. */
  maxBytes?: number;
  /** Leaves PDF pages alone that have a text layer. */
  skipText?: boolean;
  /** Whether pages come with the places of the text that they have already. */
  texts?: boolean;
  /** Whether pages of PDF files come with what they say of themselves as forms. */
  form?: boolean;
}

export interface DecodedPage {
  /** From 1. */
  page: number;
  picture: Picture;
  dpi: number | null;
  /** What was odd about it, though it could be decoded. */
  notes?: string[];
  /** Red, green and blue of a picture that has colour, `[height][width][3]`, decoded once more; absent for PDF. */
  rgb?: () => Promise<Uint8Array>;
  /** Boxes of the text that a PDF page has already, in pixels of the picture; where `texts` asks for them. */
  texts?: Box[];
  /** What a PDF page says of itself as a form; where `form` asks for it. */
  form?: PdfForm;
}

/** A page that is not read because of an option. */
export interface SkippedPage {
  /** From 1. */
  page: number;
  /** Why. */
  skipped: string;
  /** Pixels that it would have. */
  width: number;
  height: number;
  dpi: number | null;
}

/** A page of several that cannot be read; the others can. */
export interface FailedPage {
  /** From 1. */
  page: number;
  error: ScrawlError;
}

/** First bytes (after `skip`) of files that people try. */
const NAMES: [head: string, skip: number, name: string][] = [
  ["PK\u0003\u0004", 0, "a ZIP archive (or an office document)"],
  ["\u00ff\n", 0, "a JPEG XL picture"],
  ["<?xml", 0, "an XML or SVG file"],
  ["<svg", 0, "an SVG file"],
  ["<!", 0, "an HTML file"],
  ["\u001f\u008b", 0, "a gzip file"],
];

/** What the first bytes look like, for the error message. */
function looksLike(bytes: Uint8Array): string {
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  const known = NAMES.find(([start, skip]) => head.startsWith(start, skip));
  if (known) return known[2];
  return /^[\P{Cc}\t\n\r]*$/u.test(head) ? "text" : "of a kind unknown here";
}

/** The pages of a file, in order. @throws ScrawlError with what is wrong with the file, or with the first page that cannot be read. */
export async function* decodePages(bytes: Uint8Array, o: DecodeOptions): AsyncGenerator<DecodedPage> {
  for await (const page of decodeEach(bytes, o)) {
    if ("error" in page) throw page.error;
    if (!("skipped" in page)) yield page;
  }
}

/** The pages of a file, in order, those that cannot be read among the others. @throws ScrawlError with what is wrong with the file. */
export async function* decodeEach(
  bytes: Uint8Array,
  o: DecodeOptions,
): AsyncGenerator<DecodedPage | FailedPage | SkippedPage> {
  if (bytes.length === 0) throw new ScrawlError("input", "the file is empty");
  if (isPdf(bytes)) {
    const { decodePdf } = await import("./pdf.ts");
    yield* decodePdf(bytes, o);
    return;
  }
  const { count, decode, rgb } = await pictures(bytes, o.maxPixels);
  for await (const page of o.pages?.of(count) ?? chosenPages(undefined, count)) {
    let picture: Picture;
    try {
      picture = await decode(page);
    } catch (e) {
      const error = toScrawlError(e, "input");
      if (count === 1) throw error;
      yield { page, error: new ScrawlError(error.code, `page ${page}: ${error.message}`) };
      continue;
    }
    const { dpi, note } = picture;
    yield { page, picture, dpi: dpi ?? null, rgb: () => rgb(page), ...(note && { notes: [note] }) };
  }
}

/** The pictures of a file that is no PDF. @throws ScrawlError where it is of no kind that is read. */
async function pictures(bytes: Uint8Array, maxPixels: number) {
  const kind = heifKind(bytes);
  if (kind === "heic") refuseHeic();
  if (kind === "avif") {
    return { count: 1, decode: () => decodeAvif(bytes, maxPixels), rgb: () => avifRgb(bytes, maxPixels) };
  }
  try {
    return {
      count: await countImagePages(bytes),
      decode: (page: number) => decodeImage(bytes, page - 1, maxPixels),
      rgb: (page: number) => decodeRgb(bytes, page - 1, maxPixels),
    };
  } catch (e) {
    const { message } = toScrawlError(e);
    if (!message.startsWith("not a known")) throw new ScrawlError("input", message);
    throw new ScrawlError(
      "input",
      `the file is ${looksLike(bytes)}; scrawl reads JPEG, PNG, TIFF, WebP, AVIF, BMP, GIF, PNM and PDF`,
    );
  }
}

/** PDF readers accept up to a kilobyte of junk before the header (PDF 1.7, implementation note 13). */
function isPdf(bytes: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(bytes.subarray(0, 1024)).includes("%PDF-");
}
