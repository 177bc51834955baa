/** The table of output formats: what a file is called and who writes it. Modules of formats that are seldom asked for are loaded then. */
import type { Document } from "./document.ts";
import { json, jsonl } from "./json.ts";
import { text } from "./text.ts";

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
  txt: { suffix: ".txt", write: (d) => text(d.pages, d.failed) },
  json: { suffix: ".json", write: (d) => json(d.pages) },
  jsonl: { suffix: ".jsonl", write: (d) => jsonl(d.pages) },
  tsv: { suffix: ".tsv", write: async (d) => (await import("./tsv.ts")).tsv(d.pages) },
  csv: {
    suffix: ".csv",
    async write(d, o) {
      const { csv, csvBoxes } = await import("./csv.ts");
      return o.csvBoxes ? csvBoxes(d.pages) : csv(d.pages);
    },
  },
  hocr: { suffix: ".hocr", write: async (d) => (await import("./hocr.ts")).hocr(d) },
  alto: { suffix: ".alto.xml", write: async (d) => (await import("./alto.ts")).alto(d) },
  page: { suffix: ".page.xml", onePage: true, write: async (d) => (await import("./page.ts")).page(d.pages) },
  pdf: { suffix: ".pdf", pictures: true, write: async (d) => (await import("./pdf.ts")).pdf(d) },
  overlay: { suffix: ".svg", pictures: true, write: async (d) => (await import("./overlay.ts")).overlay(d) },
};

/** Formats whose documents follow one another in one stream. */
export const STREAMED = ["txt", "json", "jsonl"];
