/** `ocr`: files in, readings out, in one or more formats. One bad file never stops the others. */
import { basename, join } from "node:path";
import { Engine } from "../engine/engine.ts";
import type { Charset, Failure, Page } from "../engine/types.ts";
import { EXIT, ScrawlError, toScrawlError } from "../errors.ts";
import { PageRange } from "../decode/pages.ts";
import { type FormatOptions, FORMATS, STREAMED } from "../format/mod.ts";
import { json, jsonl } from "../format/json.ts";
import { text } from "../format/text.ts";
import { count, share, type Values } from "../options.ts";
import { VERSION } from "../version.ts";
import { inputs, readInput, stem } from "./inputs.ts";
import { Journal } from "./journal.ts";
import { say } from "./say.ts";
import { isFolder, open, plain, type Sink, writeWhole } from "./output.ts";
import { Progress } from "./progress.ts";
import { readAll, type ReadPage, type Setup } from "./reading.ts";
import { watch } from "./watch.ts";

/** Options of a run, resolved. */
export interface Run {
  setup: Setup;
  formats: string[];
  formatOptions: FormatOptions;
  /** Where each input's files go; absent where all go to one stream. */
  folder?: string;
  output?: string;
  jobs: number;
  force: boolean;
  skipExisting: boolean;
  resume: boolean;
  quiet: boolean;
  verbose: boolean;
}

export async function ocr(values: Values, operands: string[]): Promise<number> {
  if (values.version) {
    console.log(`scrawl ${VERSION}`);
    return EXIT.ok;
  }
  const run = await resolve(values, operands);
  if (values.watch !== undefined) {
    return await watch(values.watch as string, run, (files, signal) => process(files, run, signal));
  }
  return await interruptible((signal) => process(operands, run, signal));
}

async function resolve(values: Values, operands: string[]): Promise<Run> {
  if (operands.length === 0 && values.watch === undefined) {
    throw new ScrawlError("arguments", "name at least one file, like: deno task ocr scan.pdf (see ocr --help)");
  }
  const formats = [...new Set(values.format as string[])];
  const output = values.output as string | undefined;
  const toFolder = output !== undefined && (/[/\\]$/.test(output) || await isFolder(output));
  const streamed = formats.length === 1 && STREAMED.includes(formats[0]);
  if (!toFolder && (formats.length > 1 || values.watch !== undefined || values.resume)) {
    const why = formats.length > 1 ? "several formats need" : values.resume ? "--resume needs" : "--watch needs";
    throw new ScrawlError("arguments", `${why} a folder to write to: -o ${output ?? "out"}/`);
  }
  if (!toFolder && !streamed && operands.length > 1) {
    throw new ScrawlError(
      "arguments",
      `several files as ${formats[0]} need a folder to write to: -o ${output ?? "out"}/`,
    );
  }
  if (!toFolder && formats[0] === "pdf" && output === undefined && Deno.stdout.isTerminal()) {
    throw new ScrawlError("arguments", "a PDF is not for a terminal: name a file with -o scan.pdf");
  }
  const rejectChar = values["reject-char"] as string | undefined;
  const minConf = share(values, "min-conf");
  if (rejectChar !== undefined && ([...rejectChar].length !== 1 || minConf === undefined)) {
    throw new ScrawlError("arguments", "--reject-char takes one character, and --min-conf says where it stands");
  }
  // A wrong list is told before anything is read.
  if (values.pages !== undefined) PageRange.parse(values.pages as string);
  const options: Setup["options"] = {
    charset: values.charset as Charset,
    allowedChars: values["allowed-chars"] as string | undefined,
    printed: values.printed as Setup["options"]["printed"],
    pattern: values.pattern as string | undefined,
    minConf,
    rejectChar,
    dpi: count(values, "dpi")!,
    password: values.password as string | undefined,
    maxPixels: count(values, "max-pixels")!,
  };
  const model = values.model as string | undefined;
  if (options.pattern !== undefined) (await Engine.open(model)).readLines([], options);
  return {
    setup: {
      model,
      options,
      pages: values.pages as string | undefined,
      pictures: formats.some((f) => FORMATS[f].pictures),
      dumpStages: values["dump-stages"] as string | undefined,
    },
    formats,
    formatOptions: { csvBoxes: values["csv-boxes"] === true },
    folder: toFolder ? output : undefined,
    output: toFolder ? undefined : output,
    jobs: count(values, "jobs") ?? navigator.hardwareConcurrency,
    force: values.force === true,
    skipExisting: values["skip-existing"] === true,
    resume: values.resume === true,
    quiet: values.quiet === true,
    verbose: values.verbose === true,
  };
}

/** Runs `work` with a signal that Ctrl-C raises; what is half-written then goes. */
async function interruptible(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  const onInterrupt = () =>
    stop.abort(new ScrawlError("interrupted", "interrupted; finished files stay, nothing half-written does"));
  Deno.addSignalListener("SIGINT", onInterrupt);
  try {
    return await work(stop.signal);
  } finally {
    Deno.removeSignalListener("SIGINT", onInterrupt);
  }
}

/** Reads all files and writes what was asked for; returns the exit code, the worst of all files'. */
async function process(operands: string[], run: Run, signal: AbortSignal): Promise<number> {
  const all = await inputs(operands);
  const { setup, formats, formatOptions } = run;
  const journal = run.resume
    ? await Journal.open(join(run.folder!, ".scrawl-journal"), { setup, formats, formatOptions })
    : undefined;
  const names = run.folder === undefined ? undefined : outputNames(all, run);
  const files: string[] = [];
  for (const file of all) {
    if (journal?.has(file)) continue;
    const existing = names && !run.force && !journal ? await firstExisting(names.get(file)!) : undefined;
    if (existing && !run.skipExisting) {
      throw new ScrawlError(
        "output",
        `${existing} is there already: --force writes over it, --skip-existing leaves it`,
      );
    }
    if (!existing) files.push(file);
  }
  if (run.output !== undefined && !run.force && await exists(run.output)) {
    if (run.skipExisting) return EXIT.ok;
    throw new ScrawlError(
      "output",
      `${run.output} is there already: --force writes over it, --skip-existing leaves it`,
    );
  }
  const single = files.length === 1 && files[0] !== "-" && !/\.(pdf|tiff?)$/i.test(files[0]);
  const jobs = single || files.includes("-") || files.length === 0 ? 1 : run.jobs;
  const writer = names ? new FolderWriter(run, names) : await StreamWriter.open(run);
  const progress = new Progress(files.length, run);
  let worst: number = EXIT.ok;
  let failures = 0;
  const unfinished = async (e: unknown): Promise<never> => {
    await writer.abandon();
    throw e;
  };
  await readAll(files, run.setup, jobs, signal, async (i, page) => {
    progress.page(files[i], page.page, page.times);
    await writer.page(page);
  }, async (i, failure) => {
    let error = failure === undefined ? undefined : toScrawlError(failure);
    if (!error) {
      try {
        await writer.end(files[i]);
        await journal?.add(files[i]);
      } catch (e) {
        error = toScrawlError(e);
        if (error.code === "output") throw error;
      }
    }
    if (error) {
      failures++;
      worst = Math.max(worst, EXIT[error.code]);
      progress.clear();
      say(`scrawl ocr: ${files[i]}: ${error.message}`);
      await writer.fail({ file: files[i], error: { code: error.code, message: error.message } });
    }
    progress.file(files[i]);
  }).catch(unfinished);
  await writer.close().catch(unfinished);
  progress.summary(failures, all.length - files.length);
  return worst;
}

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

async function firstExisting(paths: string[]): Promise<string | undefined> {
  for (const path of paths) if (await exists(path)) return path;
}

/** Files that each input becomes. Inputs of one name keep their endings, so that none writes over another. */
function outputNames(files: string[], run: Run): Map<string, string[]> {
  const times = new Map<string, number>();
  files.forEach((f) => times.set(stem(f), (times.get(stem(f)) ?? 0) + 1));
  const out = new Map<string, string[]>();
  const taken = new Map<string, string>();
  for (const file of files) {
    const name = times.get(stem(file))! > 1 ? basename(file) : stem(file);
    const other = taken.get(name);
    if (other !== undefined && other !== file) {
      throw new ScrawlError(
        "arguments",
        `${other} and ${file} would be written to the same name: read them into two folders`,
      );
    }
    taken.set(name, file);
    out.set(file, run.formats.map((f) => join(run.folder!, name + FORMATS[f].suffix)));
  }
  return out;
}

interface Writer {
  page(page: ReadPage): Promise<void>;
  end(file: string): Promise<void>;
  fail(failure: Failure): Promise<void>;
  close(): Promise<void>;
  abandon(): Promise<void>;
}

/** Each input's own files, all formats of it or none. */
class FolderWriter implements Writer {
  private pages: ReadPage[] = [];

  constructor(private run: Run, private names: Map<string, string[]>) {}

  page(page: ReadPage): Promise<void> {
    this.pages.push(page);
    return Promise.resolve();
  }

  async end(file: string): Promise<void> {
    const pages = this.pages;
    this.pages = [];
    const contents = await contentsOf(file, pages, this.run);
    await writeWhole(this.names.get(file)!.map((path, i) => [path, contents[i]]));
  }

  fail(): Promise<void> {
    this.pages = [];
    return Promise.resolve();
  }

  close = () => Promise.resolve();
  abandon = () => Promise.resolve();
}

/** The file in every format. */
async function contentsOf(file: string, pages: ReadPage[], run: Run): Promise<Uint8Array[]> {
  const document = {
    file,
    pages: pages.map((p) => p.page),
    pictures: pages.flatMap((p) => p.png ?? []),
    bytes: run.setup.pictures && file !== "-" ? await readInput(file) : new Uint8Array(),
  };
  return await Promise.all(run.formats.map(async (f) => {
    const content = await FORMATS[f].write(document, run.formatOptions);
    return typeof content === "string" ? new TextEncoder().encode(content) : content;
  }));
}

/** All inputs one after another to stdout or one file. */
class StreamWriter implements Writer {
  private first = true;
  /** Whether any file was read, were it blank: where all failed there is nothing to keep. */
  private any = false;
  private readonly records: (Page | Failure)[] = [];
  private pages: ReadPage[] = [];
  private readonly format: string;

  private constructor(private run: Run, private sink: Sink) {
    this.format = run.formats[0];
  }

  static async open(run: Run): Promise<StreamWriter> {
    return new StreamWriter(run, await open(run.output));
  }

  async page(page: ReadPage): Promise<void> {
    if (this.format === "json") this.records.push(page.page);
    else if (this.format === "jsonl") await this.sink.write(jsonl([page.page]));
    else if (this.format === "txt") {
      await this.sink.write((this.first ? "" : "\f") + plain(text([page.page]), this.sink));
    } else this.pages.push(page);
    this.first = false;
  }

  async end(file: string): Promise<void> {
    this.any = true;
    if (STREAMED.includes(this.format)) return;
    const [content] = await contentsOf(file, this.pages, this.run);
    await this.sink.write(this.sink.terminal ? plain(new TextDecoder().decode(content), this.sink) : content);
  }

  async fail(failure: Failure): Promise<void> {
    if (this.format === "json") this.records.push(failure);
    else if (this.format === "jsonl") await this.sink.write(jsonl([failure]));
  }

  async close(): Promise<void> {
    if (this.format === "json") await this.sink.write(json(this.records));
    // Errors are records of JSON; other forms say nothing of them.
    if (this.any || this.format === "json" || this.format === "jsonl") await this.sink.close();
    else await this.sink.abandon();
  }

  abandon = () => this.sink.abandon();
}
