/** What a reading worker does, and what it and the main thread tell one another: files are opened, and their pages read one by one as they are asked for. */
import type { DecodedPage } from "../decode/mod.ts";
import type { Engine } from "../engine/engine.ts";
import type { Box, Failure, FormReading, Page } from "../engine/types.ts";
import type { PagePicture } from "../format/document.ts";
import type { ErrorCode, ScrawlError } from "../errors.ts";
import { chosenPages, PageRange } from "../decode/pages.ts";
import { type PipelineOptions, readFile } from "../read.ts";
import { type Forms, rasterOf } from "./forms.ts";
import { readInput } from "./inputs.ts";
import { pictureOf } from "./pictures.ts";

/** What a worker needs to know, once. */
export interface Setup {
  model?: string;
  options: Omit<PipelineOptions, "pages" | "onPicture" | "signal">;
  pages?: string;
  /** The form that pages are. */
  template?: string;
  /** Larger files are refused. */
  maxBytes: number;
  /** How pages come with their picture, and whether files come with their bytes. */
  pictures?: "whole" | "small";
  dumpStages?: string;
}

export interface ReadPage {
  page: Page;
  /** Pages of its file that are read. */
  of: number;
  /** Milliseconds of each stage, decoding among them. */
  times: Record<string, number>;
  picture?: PagePicture;
  /** Where the page has text already. */
  texts?: Box[];
}

/** A file to read, and what is asked of it alone, before what the setup asks of all. */
export interface Input {
  file: string;
  pages?: string;
  password?: string;
  template?: string;
  /** Why it cannot be read, where that is known before. */
  error?: ScrawlError;
}

/** A file to open, and the first page of it to read. */
export interface Opening extends Omit<Input, "error"> {
  /** What the file holds, where it can be read only once. */
  bytes?: Uint8Array;
  /** Which of the pages that are to be read, from 0. */
  index: number;
}

export type ToWorker =
  | { kind: "setup"; setup: Setup; stop: SharedArrayBuffer }
  | ({ kind: "open" } & Opening)
  /** Another page of the file that is open. */
  | { kind: "page"; index: number }
  | { kind: "close" };

export type FromWorker =
  | { kind: "ready" }
  /** The worker cannot read at all. */
  | { kind: "unfit"; code: ErrorCode; message: string }
  /** The file has `count` pages, and those in `chosen` are to be read; it is being read from the page of the opening on. */
  | { kind: "opened"; count: number; chosen: number[] }
  | { kind: "page"; index: number; page: ReadPage | Failure }
  /** The file cannot be read, or no further. */
  | { kind: "error"; code: ErrorCode; message: string };

/** Reads pages of one file as `next` asks for them, until it gives none. @throws ScrawlError where the file cannot be read. */
export async function readPages(
  engine: Engine,
  forms: Forms,
  setup: Setup,
  { file, bytes, index: first, pages: list = setup.pages, password = setup.options.password, ...opening }: Opening,
  next: () => Promise<number | undefined>,
  post: (message: FromWorker) => void,
): Promise<void> {
  const content = bytes ?? await readInput(file, setup.maxBytes);
  const template = opening.template ?? setup.template;
  if (template !== undefined) await forms.load(template);
  const range = list === undefined ? undefined : PageRange.parse(list);
  let picture: PagePicture | undefined;
  let texts: Box[] | undefined;
  /** Null where the page is another form. */
  let form: FormReading | null | undefined;
  const onPicture = async (decoded: DecodedPage) => {
    if (setup.pictures) picture = await pictureOf(content, decoded, setup.pictures);
    texts = decoded.texts;
    if (template !== undefined) form = await forms.read(template, rasterOf(decoded.picture)) ?? null;
    if (setup.dumpStages) {
      const { writeStages } = await import("./stages.ts");
      await writeStages(setup.dumpStages, file, decoded.page, engine, decoded.picture);
    }
  };
  let of = 0;
  let began = performance.now();
  let asked: number | undefined = first;
  const pages = {
    of: async function* (count: number) {
      const chosen = chosenPages(range, count);
      of = chosen.length;
      post({ kind: "opened", count, chosen });
      for (; asked !== undefined; asked = await next()) {
        began = performance.now();
        yield chosen[asked];
      }
    },
  };
  for await (
    const page of readFile(engine, file, content, {
      ...setup.options,
      maxBytes: setup.maxBytes,
      password,
      texts: setup.pictures === "whole",
      pages,
      onPicture,
    })
  ) {
    const index = asked!;
    if ("error" in page) {
      post({ kind: "page", index, page });
      continue;
    }
    if (form) page.form = form;
    else if (form === null) {
      const message = `page ${page.page} is not the form of ${template}`;
      post({ kind: "page", index, page: { file, page: page.page, error: { code: "input", message } } });
      continue;
    }
    const stages = engine.times();
    const reading = Object.values(stages).reduce((a, b) => a + b, 0);
    const times = { decode: performance.now() - began - reading, ...stages };
    post({ kind: "page", index, page: { page, of, picture, texts, times } });
    picture = texts = form = undefined;
  }
}
