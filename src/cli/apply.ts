/** `apply`: what a review said, into every format. */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { decodePages } from "../decode/mod.ts";
import type { Page } from "../engine/types.ts";
import { EXIT, ScrawlError } from "../errors.ts";
import { sha256 } from "../files.ts";
import { type Document, FORMATS, picturesOf, STREAMED } from "../format/mod.ts";
import { DEFAULTS } from "../mod.ts";
import { encodePng } from "../format/png.ts";
import { truthAlto, truthPage } from "../format/truth.ts";
import type { Values } from "../options.ts";
import { applyCorrections, lookedAt, parseCorrections } from "../review/corrections.ts";
import { changed, readInput } from "./inputs.ts";
import { isFolder, open, plain, writeWhole } from "./output.ts";
import { picturesOfPages } from "./pictures.ts";
import { say } from "./say.ts";
import { outputNames } from "./writers.ts";

/** Formats of ground truth. */
const TRUTH: Record<string, typeof truthPage> = { page: truthPage, alto: truthAlto };

export async function apply(values: Values, operands: string[]): Promise<number> {
  if (operands.length === 0) {
    throw new ScrawlError("arguments", "name what the review saved: apply scan.corrections.json");
  }
  const formats = [...new Set(values.format as string[])];
  const output = values.output as string | undefined;
  const toFolder = output !== undefined && (/[/\\]$/.test(output) || await isFolder(output));
  if (values.truth !== undefined) {
    // Unasked it is txt.
    const [form, ...more] = formats.map((f) => f === "txt" ? "page" : f);
    if (more.length > 0 || !Object.hasOwn(TRUTH, form)) {
      throw new ScrawlError("arguments", "--truth writes what others train with: -f page (unasked) or -f alto");
    }
    return await writeTruth(operands, values.truth as string, TRUTH[form], values.force === true);
  }
  const documents: Document[] = [];
  for (const name of operands) documents.push(...await corrected(name, formats));
  const single = formats.length === 1 && (documents.length === 1 || STREAMED.includes(formats[0]));
  if (!toFolder && !single) {
    throw new ScrawlError("arguments", `several files or formats need a folder to write to: -o ${output ?? "out"}/`);
  }
  const force = values.force === true;
  const write = async (f: string, d: Document) => await FORMATS[f].write(d, { csvBoxes: values["csv-boxes"] === true });
  if (!toFolder) {
    const sink = await open(output, force);
    for (const [i, document] of documents.entries()) {
      const content = await write(formats[0], document);
      const parted = i > 0 && formats[0] === "txt" ? "\f" : "";
      await sink.write(typeof content === "string" ? plain(parted + content, sink) : content);
    }
    await sink.close();
    return EXIT.ok;
  }
  const names = outputNames(documents.map((d) => d.file), output!);
  for (const document of documents) {
    const contents: [string, Uint8Array][] = [];
    for (const f of formats) {
      const { suffix, onePage } = FORMATS[f];
      const split = onePage && document.pages.length > 1;
      for (const pages of split ? document.pages.map((p) => [p]) : [document.pages]) {
        const content = await write(f, { ...document, pages });
        const path = names.get(document.file)! + (split ? `.${pages[0].page}` : "") + suffix;
        contents.push([path, typeof content === "string" ? new TextEncoder().encode(content) : content]);
      }
    }
    await writeWhole(contents, force);
  }
  return EXIT.ok;
}

/** What others train with: of each page the lines all of whose words were looked at, and the page as a picture. */
async function writeTruth(
  operands: string[],
  folder: string,
  write: typeof truthPage,
  force: boolean,
): Promise<number> {
  let [lines, pages] = [0, 0];
  for (const name of operands) {
    const corrections = parseCorrections(new TextDecoder().decode(await readInput(name, DEFAULTS.maxBytes)), name);
    const looked = lookedAt(corrections);
    for (const [file, own] of Map.groupBy(applyCorrections(corrections), (p) => p.file)) {
      const wanted = own.map((page) => ({ page, lines: page.lines.filter(looked) })).filter((p) => p.lines.length > 0);
      if (wanted.length === 0) continue;
      const grays = await graysOf(name, file, wanted.map((w) => w.page));
      for (const [i, { page, lines: own }] of wanted.entries()) {
        const stem = file.replace(/^.*[/\\]/, "").replace(/(?<=.)\.[^.]*$/, "") +
          (page.page > 1 ? `.${page.page}` : "");
        const xml = new TextEncoder().encode(write(page, `${stem}.png`, own));
        const at = join(folder, stem);
        await writeWhole(
          [[`${at}.png`, await encodePng(grays[i], page.width, page.height)], [`${at}.xml`, xml]],
          force,
        );
        lines += own.length;
        pages++;
      }
    }
  }
  if (pages === 0) {
    throw new ScrawlError("input", "no line has been looked at as a whole: accept or correct all of its words");
  }
  say(`${lines} lines of ${pages} ${pages === 1 ? "page" : "pages"} are in ${folder}`);
  return EXIT.ok;
}

/** Grey pixels of pages of a file that was reviewed. */
async function graysOf(name: string, file: string, pages: Page[]): Promise<Uint8Array[]> {
  const bytes = await reviewedFile(name, file, pages[0].digest);
  const numbers = pages.map((p) => p.page);
  const grays: Uint8Array[] = [];
  for await (
    const { picture } of decodePages(bytes, {
      ...DEFAULTS,
      dpi: pages[0].options.dpi,
      pages: { of: () => numbers },
    })
  ) {
    grays.push(picture.gray());
    picture.free();
  }
  return grays;
}

/** The files of a review as documents with what was said of them. */
async function corrected(name: string, formats: string[]): Promise<Document[]> {
  const corrections = parseCorrections(new TextDecoder().decode(await readInput(name, DEFAULTS.maxBytes)), name);
  const byFile = Map.groupBy(applyCorrections(corrections), (p) => p.file);
  say(
    `${name}: ${corrections.corrections.length} words looked at in ${byFile.size} ${
      byFile.size === 1 ? "file" : "files"
    }`,
  );
  return await Promise.all([...byFile].map(async ([file, pages]) => {
    const document = { file, pages, failed: [], pictures: [], texts: [], bytes: new Uint8Array() };
    const kind = picturesOf(formats);
    return kind === undefined ? document : { ...document, ...await picturesFor(name, pages, kind) };
  }));
}

/** A file that was reviewed: where its name says, or beside the corrections. */
async function reviewedFile(name: string, file: string, digest: string): Promise<Uint8Array> {
  const beside = join(dirname(name), file.replace(/^.*[/\\]/, ""));
  const there = await Deno.stat(file).then(() => file, () => beside);
  const bytes = await readInput(there, DEFAULTS.maxBytes).catch((e) => {
    throw new ScrawlError("access", `${file} is needed for its pictures: ${e.message}, nor is there ${beside}`);
  });
  if (await sha256(bytes) !== digest) throw changed();
  return bytes;
}

/** Pictures of a file's pages. */
async function picturesFor(name: string, pages: Page[], kind: "whole" | "small") {
  const [{ file, digest }] = pages;
  const bytes = await reviewedFile(name, file, digest);
  return { bytes, ...await picturesOfPages(bytes, pages, kind) };
}
