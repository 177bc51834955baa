/** Files of a document that pages of one or more inputs make. */
import { join } from "@std/path/join";
import { commonFolder, type Documents } from "../archive/documents.ts";
import type { Placed } from "../archive/record.ts";
import type { Failure, Page } from "../engine/types.ts";
import { ScrawlError } from "../errors.ts";
import { sha256 } from "../files.ts";
import type { Document } from "../format/document.ts";
import { FORMATS } from "../format/mod.ts";
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

/** A page of a file, or why it cannot be read. */
type Read = Placed & (Page | (Failure & { page: number }));

const isRead = (record: Read): record is Placed & Page => !("error" in record);

/**
 * Writes a document in each of the formats; one without a page that was read gets no files.
 * @param parts what was read of each of its inputs, in the order that they have in the document.
 */
export async function writeDocument(
  name: string,
  path: string,
  parts: Placed[][],
  formats: string[],
  force: boolean,
): Promise<void> {
  const all = parts.flat().filter((r): r is Read => r.page !== undefined);
  const several = parts.length > 1;
  const whole = documentOf(name, all, several);
  if (whole.pages.length === 0) return;
  const contents: [string, Uint8Array][] = [];
  for (const f of formats) {
    const { suffix, onePage, write } = FORMATS[f];
    if (f === "pdf") {
      contents.push([path + suffix, await pdfOf(all, several)]);
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

/** Pages as one document. @param several whether they are of several inputs, and so are counted through. */
function documentOf(name: string, all: Read[], several: boolean): Document {
  const [pages, failed]: [Page[], number[]] = [[], []];
  for (const [i, record] of all.entries()) {
    const page = several ? i + 1 : record.page;
    if (isRead(record)) pages.push({ ...record, page });
    else failed.push(page);
  }
  const files = [...new Set(all.map((r) => r.file))];
  const file = files.length === 1 ? files[0] : name;
  return { file, pages, failed, pictures: [], texts: [], bytes: new Uint8Array() };
}

/** Pages as one PDF: of one input with all that its file holds, of several with their pages alone. */
async function pdfOf(all: Read[], several: boolean): Promise<Uint8Array> {
  const files = new Map<string, FilePdf>();
  for (const [file, records] of Map.groupBy(all, (r) => r.file)) {
    const pages = [...new Map(records.filter(isRead).map((p) => [p.page, p])).values()];
    if (pages.length > 0) files.set(file, await pdfOfFile(file, pages.sort((a, b) => a.page - b.page)));
  }
  if (!several) return files.values().next().value!.bytes;
  /** Pages that follow one another and are of one file. */
  const runs: Read[][] = [];
  for (const record of all.filter((r) => files.has(r.file))) {
    if (runs.at(-1)?.[0].file === record.file) runs.at(-1)!.push(record);
    else runs.push([record]);
  }
  const picked: Uint8Array[] = [];
  for (const run of runs) picked.push(await pick(files.get(run[0].file)!, run.map((r) => r.page)));
  const { joinPdfs } = await import("../format/pdf.ts");
  return picked.length === 1 ? picked[0] : await joinPdfs(picked);
}

/** A file as a PDF. */
interface FilePdf {
  bytes: Uint8Array;
  /** Numbers of the pages that were read of it. */
  read: number[];
}

async function pdfOfFile(file: string, pages: (Placed & Page)[]): Promise<FilePdf> {
  const { pdf } = await import("../format/pdf.ts");
  const bytes = await readInput(file, DEFAULTS.maxBytes);
  const digest = await sha256(bytes);
  if (pages.some((p) => p.digest !== digest)) throw changed();
  const document = { file, pages, failed: [], bytes, ...await picturesOfPages(bytes, pages, "whole") };
  return { bytes: await pdf(document), read: pages.map((p) => p.page) };
}

/** Pages of a file's PDF, by their numbers in the file. */
async function pick({ bytes, read }: FilePdf, numbers: number[]): Promise<Uint8Array> {
  const { PDFDocument } = await import("pdf-lib");
  const from = await PDFDocument.load(bytes, { updateMetadata: false });
  const there = from.getPageIndices();
  // What was a PDF has all its pages, and of pictures there are those that were read.
  const indices = there.length > read.length
    ? numbers.map((n) => n - 1)
    : numbers.map((n) => read.indexOf(n)).filter((i) => i >= 0);
  if (indices.join() === there.join()) return bytes;
  const to = await PDFDocument.create({ updateMetadata: false });
  for (const page of await to.copyPages(from, indices)) to.addPage(page);
  to.setProducer(from.getProducer()!);
  return await to.save({ useObjectStreams: false, addDefaultPage: false });
}
