/** `apply`: what a review said, into every format. */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { decodePages } from "../decode/mod.ts";
import type { Box, Page } from "../engine/types.ts";
import { EXIT, ScrawlError } from "../errors.ts";
import { sha256 } from "../files.ts";
import { type Document, FORMATS, picturesOf, STREAMED } from "../format/mod.ts";
import { DEFAULTS } from "../mod.ts";
import type { PagePicture } from "../format/document.ts";
import type { Values } from "../options.ts";
import { applyCorrections, parseCorrections } from "../review/corrections.ts";
import { changed, readInput } from "./inputs.ts";
import { existing, isFolder, open, plain, writeWhole } from "./output.ts";
import { pictureOf } from "./pictures.ts";
import { say } from "./say.ts";
import { outputNames } from "./writers.ts";

export async function apply(values: Values, operands: string[]): Promise<number> {
  if (operands.length === 0) {
    throw new ScrawlError("arguments", "name what the review saved: apply scan.corrections.json");
  }
  const formats = [...new Set(values.format as string[])];
  const output = values.output as string | undefined;
  const toFolder = output !== undefined && (/[/\\]$/.test(output) || await isFolder(output));
  const documents: Document[] = [];
  for (const name of operands) documents.push(...await corrected(name, formats));
  const single = formats.length === 1 && (documents.length === 1 || STREAMED.includes(formats[0]));
  if (!toFolder && !single) {
    throw new ScrawlError("arguments", `several files or formats need a folder to write to: -o ${output ?? "out"}/`);
  }
  const force = values.force === true;
  const write = async (f: string, d: Document) => await FORMATS[f].write(d, { csvBoxes: values["csv-boxes"] === true });
  if (!toFolder) {
    if (output !== undefined && !force && await Deno.stat(output).then(() => true, () => false)) throw existing(output);
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
        if (!force && await Deno.stat(path).then(() => true, () => false)) throw existing(path);
        contents.push([path, typeof content === "string" ? new TextEncoder().encode(content) : content]);
      }
    }
    await writeWhole(contents, force);
  }
  return EXIT.ok;
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

/** Pictures of a file's pages, from the file itself: where its name says, or beside the corrections. */
async function picturesFor(name: string, pages: Page[], kind: "whole" | "small") {
  const [{ file, digest, options }] = pages;
  const beside = join(dirname(name), file.replace(/^.*[/\\]/, ""));
  const there = await Deno.stat(file).then(() => file, () => beside);
  const bytes = await readInput(there, DEFAULTS.maxBytes).catch((e) => {
    throw new ScrawlError("access", `${file} is needed for its pictures: ${e.message}, nor is there ${beside}`);
  });
  if (await sha256(bytes) !== digest) throw changed();
  const numbers = pages.map((p) => p.page);
  const wanted = { ...DEFAULTS, dpi: options.dpi, texts: kind === "whole", pages: { of: () => numbers } };
  const [pictures, texts]: [PagePicture[], Box[][]] = [[], []];
  for await (const decoded of decodePages(bytes, wanted)) {
    pictures.push(await pictureOf(bytes, decoded, kind));
    texts.push(decoded.texts ?? []);
    decoded.picture.free();
  }
  return { bytes, pictures, texts };
}
