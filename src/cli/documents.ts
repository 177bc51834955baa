/** Files of a document that pages of one or more inputs make. */
import { join } from "@std/path/join";
import { commonFolder, type Documents } from "../archive/documents.ts";
import type { Placed } from "../archive/record.ts";
import type { Failure, Page } from "../engine/types.ts";
import { ScrawlError } from "../errors.ts";
import { sha256 } from "../files.ts";
import type { Document } from "../format/document.ts";
import { FORMATS, picturesOf } from "../format/mod.ts";
import { DEFAULTS } from "../mod.ts";
import { changed, readInput } from "./inputs.ts";
import { picturesOfPages } from "./pictures.ts";
import { writeWhole } from "./output.ts";
import { outputNames } from "./writers.ts";

/**
 * What each document's files are called before their suffixes: its own name, or that of its file, in folders as the files are.
 * @throws ScrawlError where two would be written to the same name.
 */
export function documentNames({ inputs, files }: Documents, folder: string): Map<string, string> {
  const names = outputNames([...files], folder, [commonFolder(files) || "."]);
  for (const name of inputs.keys()) if (!names.has(name)) names.set(name, join(folder, name));
  const taken = new Map<string, string>();
  for (const [name, path] of names) {
    const other = taken.get(path);
    if (other !== undefined) {
      throw new ScrawlError("input", `the documents ${other} and ${name} would both be written to ${path}`);
    }
    taken.set(path, name);
  }
  return names;
}

/**
 * Writes a document in each of the formats; one without a page that was read gets no files.
 * @param parts what was read of each of its inputs.
 */
export async function writeDocument(
  name: string,
  path: string,
  parts: Placed[][],
  formats: string[],
  force: boolean,
): Promise<void> {
  const byFile = [...Map.groupBy(parts.flat(), (r) => r.file)];
  const several = byFile.length > 1;
  const kind = picturesOf(formats);
  const ofFiles: Document[] = [];
  for (const [file, records] of byFile) ofFiles.push(await documentOf(file, records, kind));
  const readable = ofFiles.filter((d) => d.pages.length > 0);
  if (readable.length === 0) return;
  // Pages of several files are counted through.
  let number = 0;
  const whole = !several ? ofFiles[0] : joined(name, ofFiles, () => ++number);
  const contents: [string, Uint8Array][] = [];
  for (const f of formats) {
    const { suffix, onePage, write } = FORMATS[f];
    if (f === "pdf" && several) {
      const { joinPdfs, pdf } = await import("../format/pdf.ts");
      contents.push([path + suffix, await joinPdfs(await Promise.all(readable.map(pdf)))]);
      continue;
    }
    const split = onePage && whole.pages.length > 1;
    for (const pages of split ? whole.pages.map((p) => [p]) : [whole.pages]) {
      const content = await write({ ...whole, pages }, { csvBoxes: false });
      const to = path + (split ? `.${pages[0].page}` : "") + suffix;
      contents.push([to, typeof content === "string" ? new TextEncoder().encode(content) : content]);
    }
  }
  await writeWhole(contents, force);
}

/** What was read of one file. */
async function documentOf(file: string, records: Placed[], kind: "whole" | "small" | undefined): Promise<Document> {
  const pages = records.filter((r): r is Placed & Page => !("error" in r)).sort((a, b) => a.page - b.page);
  const failures = records.filter((r): r is Placed & Failure => "error" in r);
  const document = {
    file,
    pages,
    failed: failures.flatMap((f) => f.page ?? []),
    pictures: [],
    texts: [],
    bytes: new Uint8Array(),
  };
  if (kind === undefined || pages.length === 0) return document;
  const bytes = await readInput(file, DEFAULTS.maxBytes);
  if (await sha256(bytes) !== pages[0].digest) throw changed();
  return { ...document, bytes, ...await picturesOfPages(bytes, pages, kind) };
}

/** Files of one document as one, with new numbers of pages. */
function joined(name: string, parts: Document[], number: () => number): Document {
  const [pages, failed]: [Page[], number[]] = [[], []];
  for (const part of parts) {
    const count = new Map<number, Page | undefined>(part.pages.map((p) => [p.page, p]));
    part.failed.forEach((n) => count.set(n, undefined));
    for (const [, page] of [...count].sort(([a], [b]) => a - b)) {
      const n = number();
      if (page) pages.push({ ...page, page: n });
      else failed.push(n);
    }
  }
  return { file: name, pages, failed, pictures: parts.flatMap((p) => p.pictures), texts: [], bytes: new Uint8Array() };
}
