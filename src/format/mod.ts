/** The table of output formats: what a file is called and who writes it. */
import { alto } from "./alto.ts";
import { csv, csvBoxes } from "./csv.ts";
import type { Document } from "./document.ts";
import { hocr } from "./hocr.ts";
import { json, jsonl } from "./json.ts";
import { overlay } from "./overlay.ts";
import { page } from "./page.ts";
import { pdf } from "./pdf.ts";
import { text } from "./text.ts";
import { tsv } from "./tsv.ts";

export type { Document } from "./document.ts";

type Content = string | Uint8Array;

export interface Format {
  /** Behind the input's name without its ending. */
  suffix: string;
  /** Whether a document of it holds one page. */
  onePage?: boolean;
  /** Whether it wants the pages' pictures. */
  pictures?: boolean;
  write(document: Document, o: FormatOptions): Content | Promise<Content>;
}

export interface FormatOptions {
  csvBoxes: boolean;
}

export const FORMATS: Record<string, Format> = {
  txt: { suffix: ".txt", write: (d) => text(d.pages) },
  json: { suffix: ".json", write: (d) => json(d.pages) },
  jsonl: { suffix: ".jsonl", write: (d) => jsonl(d.pages) },
  tsv: { suffix: ".tsv", write: (d) => tsv(d.pages) },
  csv: { suffix: ".csv", write: (d, o) => o.csvBoxes ? csvBoxes(d.pages) : csv(d.pages) },
  hocr: { suffix: ".hocr", write: hocr },
  alto: { suffix: ".alto.xml", write: alto },
  page: { suffix: ".page.xml", onePage: true, write: (d) => page(d.pages) },
  pdf: { suffix: ".pdf", pictures: true, write: pdf },
  overlay: { suffix: ".svg", pictures: true, write: overlay },
};

/** Formats whose documents follow one another in one stream. */
export const STREAMED = ["txt", "json", "jsonl"];
