/** What becomes of readings: files of each input in every format, or one stream of all inputs. */
import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import type { Failure, Page } from "../engine/types.ts";
import { ScrawlError } from "../errors.ts";
import { sha256 } from "../files.ts";
import { COMMON, type Document, FORMATS, STREAMED } from "../format/mod.ts";
import { json, jsonl } from "../format/json.ts";
import { text } from "../format/text.ts";
import { changed, readInput, stem } from "./inputs.ts";
import type { Run } from "./ocr.ts";
import { open, plain, type Sink, writeWhole } from "./output.ts";
import type { ReadPage } from "./reading.ts";

export interface Writer {
  page(page: ReadPage): Promise<void>;
  /** The file's pages are all there. */
  end(file: string): Promise<void>;
  /** A file cannot be read, or one of its pages. */
  fail(failure: Failure): Promise<void>;
  close(): Promise<void>;
  /** Leaves nothing half-written behind. */
  abandon(): Promise<void>;
}

/**
 * What each input's files are called before their suffixes. Inputs of one name keep their endings, so that none writes over another.
 * @param roots folders that were read with those in them: what lies in `root/a/b` goes to `folder/a/b`.
 */
export function outputNames(files: string[], folder: string, roots: string[] = []): Map<string, string> {
  const within = (file: string) => {
    const prefixes = roots.map((r) => join(r, "/")).map((r) => r === "./" ? "" : r);
    const prefix = prefixes.find((p) => file.startsWith(p));
    return prefix === undefined ? "" : dirname(file.slice(prefix.length));
  };
  const plainName = (file: string) => join(within(file), stem(file));
  const times = new Map<string, number>();
  files.forEach((f) => times.set(plainName(f), (times.get(plainName(f)) ?? 0) + 1));
  const out = new Map<string, string>();
  const taken = new Map<string, string>();
  for (const file of files) {
    const name = times.get(plainName(file))! > 1 ? join(within(file), basename(file)) : plainName(file);
    const other = taken.get(name);
    if (other !== undefined && other !== file) {
      throw new ScrawlError(
        "arguments",
        `${other} and ${file} would be written to the same name: read them into two folders`,
      );
    }
    taken.set(name, file);
    out.set(file, join(folder, name));
  }
  return out;
}

/** The file in every format: suffixes and contents. A format of one page a document makes one of each page: `scan.2.page.xml`. */
async function contentsOf(
  file: string,
  pages: ReadPage[],
  failed: number[],
  run: Run,
): Promise<[suffix: string, Uint8Array][]> {
  const bytes = run.setup.pictures && file !== "-" ? await readInput(file, run.setup.maxBytes) : new Uint8Array();
  if (bytes.length > 0 && pages.length > 0 && await sha256(bytes) !== pages[0].page.digest) throw changed();
  const document = {
    file,
    pages: pages.map((p) => p.page),
    failed,
    pictures: pages.map((p) => p.picture),
    texts: pages.map((p) => p.texts ?? []),
    bytes,
  };
  const out: [string, Uint8Array][] = [];
  for (const f of run.formats) {
    const { suffix, onePage, write } = FORMATS[f];
    const split = onePage && run.folder !== undefined && pages.length > 1;
    const parts: [string, Document][] = split
      ? document.pages.map((page) => [`.${page.page}${suffix}`, { ...document, pages: [page] }])
      : [[suffix, document]];
    for (const [name, part] of parts) {
      const content = await write(part, run.formatOptions);
      out.push([name, typeof content === "string" ? new TextEncoder().encode(content) : content]);
    }
  }
  return out;
}

/** Each input's own files, all formats of it or none. */
export class FolderWriter implements Writer {
  private pages: ReadPage[] = [];
  private failed: number[] = [];
  private writing: Promise<void> = Promise.resolve();

  /** @param begin called before the first file of an input is written. */
  constructor(
    private run: Run,
    private names: Map<string, string>,
    private begin: (file: string) => Promise<void> | undefined,
  ) {}

  page(page: ReadPage): Promise<void> {
    this.pages.push(page);
    return Promise.resolve();
  }

  async end(file: string): Promise<void> {
    const { pages, failed } = this;
    [this.pages, this.failed] = [[], []];
    const contents = await contentsOf(file, pages, failed, this.run);
    await this.begin(file);
    // What may be written over was settled before anything was read.
    const named = contents.map(([suffix, content]): [string, Uint8Array] => [this.names.get(file)! + suffix, content]);
    this.writing = writeWhole(named, true);
    await this.writing;
  }

  fail({ page }: Failure): Promise<void> {
    if (page === undefined) [this.pages, this.failed] = [[], []];
    else this.failed.push(page);
    return Promise.resolve();
  }

  close = () => Promise.resolve();
  /** What is being written becomes whole. */
  abandon = () => this.writing.catch(() => {});
}

/** All inputs one after another to stdout or one file. */
export class StreamWriter implements Writer {
  private first = true;
  /** The file whose name was shown last. */
  private named?: string;
  /** Whether any file was read, were it blank: where all failed there is nothing to keep. */
  private any = false;
  private readonly records: (Page | Failure)[] = [];
  private pages: ReadPage[] = [];
  private readonly format: string;
  /** Whether pages of all inputs make one document. */
  private readonly common: boolean;

  private constructor(private run: Run, private several: boolean, private sink: Sink) {
    this.format = run.formats[0];
    this.common = several && COMMON.includes(this.format);
  }

  /** @param several whether there is more than one input: who reads along sees whose text comes. */
  static async open(run: Run, several: boolean): Promise<StreamWriter> {
    return new StreamWriter(run, several, await open(run.output, run.force));
  }

  async page(page: ReadPage): Promise<void> {
    if (this.format === "json") this.records.push(page.page);
    else if (this.format === "jsonl") await this.sink.write(jsonl([page.page]));
    else if (this.format === "txt") await this.writeText(page.page.file, text([page.page]));
    else this.pages.push(page);
  }

  /** A page's text behind the form feed that parts it from the last, and before the first of several on a terminal its file's name. */
  private async writeText(file: string, content: string): Promise<void> {
    const name = this.several && this.sink.terminal && this.named !== file ? `==> ${file} <==\n` : "";
    await this.sink.write(plain((this.first ? "" : "\f") + name + content, this.sink));
    this.named = file;
    this.first = false;
  }

  async end(file: string): Promise<void> {
    if (!STREAMED.includes(this.format) && !this.common) {
      const [[, content]] = await contentsOf(file, this.pages, [], this.run);
      await this.sink.write(this.sink.terminal ? plain(new TextDecoder().decode(content), this.sink) : content);
    }
    this.any = true;
  }

  async fail(failure: Failure): Promise<void> {
    if (this.format === "json") this.records.push(failure);
    else if (this.format === "jsonl") await this.sink.write(jsonl([failure]));
    else if (this.format === "txt" && failure.page !== undefined) await this.writeText(failure.file, "");
  }

  async close(): Promise<void> {
    if (this.format === "json") await this.sink.write(json(this.records));
    if (this.common) {
      const content = await this.together();
      await this.sink.write(typeof content === "string" ? plain(content, this.sink) : content);
    }
    // Errors are records of JSON; other forms say nothing of them.
    if (this.any || this.format === "json" || this.format === "jsonl") await this.sink.close();
    else await this.sink.abandon();
  }

  /** The document of all inputs. */
  private async together(): Promise<string | Uint8Array> {
    const pages = this.pages.map((p) => p.page);
    if (this.format === "parquet") return (await import("../format/parquet.ts")).parquet(pages);
    if (this.format === "review") {
      const { reviewPage } = await import("../format/review.ts");
      return reviewPage(
        this.run.output ? stem(this.run.output).replace(/\.review$/, "") : "review",
        pages,
        this.pages.map((p) => p.picture),
      );
    }
    const { csv, csvBoxes } = await import("../format/csv.ts");
    return (this.run.formatOptions.csvBoxes ? csvBoxes : csv)(pages, true);
  }

  abandon = () => this.sink.abandon();
}
