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
  /** Whether it wants the pages' pictures, as they are or small enough to be looked at. */
  pictures?: "whole" | "small";
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
  pdf: { suffix: ".pdf", pictures: "whole", write: async (d) => (await import("./pdf.ts")).pdf(d) },
  parquet: { suffix: ".parquet", write: async (d) => (await import("./parquet.ts")).parquet(d.pages) },
  overlay: { suffix: ".svg", pictures: "whole", write: async (d) => (await import("./overlay.ts")).overlay(d) },
  review: {
    suffix: ".review.html",
    pictures: "small",
    write: async (d) => (await import("./review.ts")).reviewPage(nameOf(d.file), d.pages, d.pictures),
  },
};

/** A file's name without folder and ending. */
const nameOf = (file: string) => file === "-" ? "stdin" : file.replace(/^.*[/\\]/, "").replace(/(?<=.)\.[^.]*$/, "");

/** What the formats together want of pictures. */
export function picturesOf(formats: string[]): Format["pictures"] {
  const wanted = formats.map((f) => FORMATS[f].pictures);
  return wanted.find((p) => p === "whole") ?? wanted.find((p) => p === "small");
}

/** Formats that can hold the pages of several files in one document. */
export const COMMON = ["csv", "parquet", "review"];

/** Formats whose documents follow one another in one stream. */
export const STREAMED = ["txt", "json", "jsonl"];
