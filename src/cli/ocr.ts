/** `ocr`: files in, readings out, in one or more formats. One bad file never stops the others. */
import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import type { Charset, Failure } from "../engine/types.ts";
import { EXIT, ScrawlError, toScrawlError } from "../errors.ts";
import { PageRange } from "../decode/pages.ts";
import { COMMON, type FormatOptions, FORMATS, picturesOf, STREAMED } from "../format/mod.ts";
import { count, share, type Values } from "../options.ts";
import { VERSION } from "../version.ts";
import { inputs } from "./inputs.ts";
import { onInterrupt } from "./interrupt.ts";
import { Journal } from "./journal.ts";
import { say } from "./say.ts";
import { existing, isFolder, isThere, keepInputs, mayRename, NameError } from "./output.ts";
import { promiseNotes, promiseOf } from "./promise.ts";
import { Progress } from "./progress.ts";
import { readAll } from "./pool.ts";
import type { Setup } from "./reading.ts";
import { FolderWriter, outputNames, StreamWriter, type Writer } from "./writers.ts";

/** Options of a run, resolved. */
export interface Run {
  setup: Setup;
  formats: string[];
  formatOptions: FormatOptions;
  /** Where each input's files go; absent where all go to one stream. */
  folder?: string;
  output?: string;
  limits: { jobs: number; pageSeconds: number };
  force: boolean;
  skipExisting: boolean;
  resume: boolean;
  /** Whether folders within folders are read too. */
  recursive: boolean;
  quiet: boolean;
  verbose: boolean;
}

export async function ocr(values: Values, operands: string[]): Promise<number> {
  if (values.version) {
    console.log(`scrawl ${VERSION}`);
    return EXIT.ok;
  }
  if (values.lines) return await (await import("./lines.ts")).lines(values, operands);
  if (values.manifest !== undefined || values.shard !== undefined) {
    return await (await import("./shard.ts")).shard(values, operands);
  }
  const run = await resolve(values, operands);
  await giveUpRights(run.folder !== undefined || run.output !== undefined || run.setup.dumpStages !== undefined);
  if (values.template !== undefined) {
    const { fillForms } = await import("./template.ts");
    return await fillForms(values, operands, run.folder);
  }
  if (values.watch !== undefined) {
    const { watch } = await import("./watch.ts");
    return await watch(values.watch as string, run, (files, signal) => process(files, run, signal));
  }
  return await interruptible((signal) => process(operands, run, signal));
}

/** From here on nothing is needed but reading, and writing where there is an output. A right can be given up only as a whole. */
export async function giveUpRights(writes: boolean): Promise<void> {
  for (const name of ["net", "env", "run", "ffi", "sys"] as const) await Deno.permissions.revoke({ name });
  if (!writes) await Deno.permissions.revoke({ name: "write" });
}

async function resolve(values: Values, operands: string[]): Promise<Run> {
  if (operands.length === 0 && values.watch === undefined) {
    throw new ScrawlError("arguments", "name at least one file, like: ocr scan.pdf (see ocr --help)");
  }
  if (operands.length > 0 && values.watch !== undefined) {
    throw new ScrawlError(
      "arguments",
      `--watch ${values.watch} reads what comes into that folder: leave out ${operands.join(", ")}`,
    );
  }
  const formats = [...new Set(values.format as string[])];
  const output = values.output === "-" ? undefined : values.output as string | undefined;
  const toFolder = output !== undefined && (/[/\\]$/.test(output) || await isFolder(output));
  const streamed = formats.length === 1 && [...STREAMED, ...COMMON].includes(formats[0]);
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
  if (!toFolder && ["pdf", "parquet"].includes(formats[0]) && output === undefined && Deno.stdout.isTerminal()) {
    throw new ScrawlError("arguments", `${formats[0]} is not for a terminal: name a file with -o scan.${formats[0]}`);
  }
  const { setup, limits } = await settings(values, formats);
  if (values.watch !== undefined) await understand(setup);
  return {
    setup,
    formats,
    formatOptions: { csvBoxes: values["csv-boxes"] === true },
    folder: toFolder ? output : undefined,
    output: toFolder ? undefined : output,
    limits,
    force: values.force === true,
    skipExisting: values["skip-existing"] === true,
    resume: values.resume === true,
    recursive: values.recursive === true,
    quiet: values.quiet === true,
    verbose: values.verbose === true,
  };
}

/** Workers say what is wrong with a model, pattern or template before they read; who waits for files wants to know at once. */
export async function understand({ model, options, template }: Setup): Promise<void> {
  if ([model, options.pattern, options.allowedChars, template].every((o) => o === undefined)) return;
  const { Engine } = await import("../engine/engine.ts");
  const engine = await Engine.open(model);
  engine.readLines([], options);
  if (template === undefined) return;
  const { loadForm } = await import("./forms.ts");
  await loadForm(engine, template).catch((e) => {
    const { code, message } = toScrawlError(e);
    throw new ScrawlError(code, message.includes(template) ? message : `the form ${template}: ${message}`);
  });
}

/** How pages are read, whatever becomes of them. */
export async function settings(values: Values, formats: string[]): Promise<Pick<Run, "setup" | "limits">> {
  const rejectChar = values["reject-char"] as string | undefined;
  const minConf = share(values, "min-conf");
  const promise = await promiseOf(values);
  if (rejectChar !== undefined && ([...rejectChar].length !== 1 || (minConf ?? promise) === undefined)) {
    throw new ScrawlError(
      "arguments",
      "--reject-char takes one character, and --min-conf or --max-error say where it stands",
    );
  }
  if (promise && !values.quiet) promiseNotes(promise).forEach(say);
  // A wrong list is told before anything is read.
  if (values.pages !== undefined) PageRange.parse(values.pages as string);
  const options: Setup["options"] = {
    charset: values.charset as Charset,
    allowedChars: values["allowed-chars"] as string | undefined,
    printed: values.printed as Setup["options"]["printed"],
    pattern: values.pattern as string | undefined,
    minConf,
    rejectChar,
    ...(promise && { maxError: promise.maxError, thresholds: promise.thresholds }),
    dpi: count(values, "dpi")!,
    skipText: values["skip-text"] === true,
    password: values.password as string | undefined,
    maxPixels: count(values, "max-pixels")!,
  };
  return {
    setup: {
      model: values.model as string | undefined,
      options,
      pages: values.pages as string | undefined,
      template: values.template as string | undefined,
      maxBytes: count(values, "max-bytes")!,
      pictures: picturesOf(formats),
      dumpStages: values["dump-stages"] as string | undefined,
    },
    limits: {
      jobs: count(values, "jobs") ?? navigator.hardwareConcurrency,
      pageSeconds: count(values, "page-timeout")!,
    },
  };
}

/** Runs `work` with a signal that Ctrl-C raises; what is half-written then goes. */
export async function interruptible(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  const off = onInterrupt(() =>
    stop.abort(new ScrawlError("interrupted", "interrupted; finished files stay, nothing half-written does"))
  );
  try {
    return await work(stop.signal);
  } finally {
    off();
  }
}

/** Reads all files and writes what was asked for; returns the exit code, the worst of all files'. */
async function process(operands: string[], run: Run, signal: AbortSignal): Promise<number> {
  const unread: string[] = [];
  const all = await inputs(operands, run.recursive, unread);
  if (unread.length > 0 && !run.quiet) say(`note: ${notRead(unread)}`);
  const { folder, output } = run;
  const names = folder === undefined ? undefined : outputNames(all, folder, run.recursive ? operands : []);
  const journal = await journalOf(all, run);
  const others = folder !== undefined && run.formats.some((f) => FORMATS[f].onePage) ? await namesIn(folder) : [];
  await keepInputs(
    all,
    names ? [...names.values()].flatMap((n) => run.formats.map((f) => n + FORMATS[f].suffix)) : [output],
  );
  const files: string[] = [];
  const kept = "--skip-existing leaves it";
  const begun = `${kept}, --resume goes on with a batch that was cut off`;
  /** Results of a batch that came to its end, and so keeps no journal. */
  const finished: string[] = [];
  for (const file of all) {
    if (await journal?.has(file)) continue;
    const there = names && !run.force && !journal?.owns(file)
      ? await firstExisting(names.get(file)!, run.formats, others)
      : undefined;
    if (there && run.resume && journal!.empty) finished.push(there);
    else if (there && !run.skipExisting) throw existing(there, begun);
    else if (!there) files.push(file);
  }
  if (finished.length > 0 && files.length > 0 && !run.skipExisting) throw existing(finished[0], begun);
  if (run.resume && files.length === 0) {
    if (!run.quiet) say(`nothing is left to do: what ${all.length} files hold is there`);
    await journal?.remove();
    return EXIT.ok;
  }
  if (output !== undefined && !run.force && await isThere(output)) {
    if (run.skipExisting) return EXIT.ok;
    throw existing(output, kept);
  }
  const path = folder ?? output;
  if (path !== undefined && !run.quiet && !mayRename(folder === undefined ? path : join(path, "any"))) {
    say(
      `note: there is no access beside ${path}: files are written in place, not renamed when they are whole`,
    );
  }
  const writer: Writer = names
    ? new FolderWriter(run, names, (file) => journal?.note(file))
    : await StreamWriter.open(run, all.length > 1);
  const shown = path === undefined && Deno.stdout.isTerminal();
  const progress = new Progress(files.length, { ...run, shown, minConf: run.setup.options.minConf });
  let worst: number = EXIT.ok;
  const failed = new Set<number>();
  const fail = async (i: number, failure: Failure) => {
    failed.add(i);
    worst = Math.max(worst, EXIT[failure.error.code]);
    progress.clear();
    say(`scrawl ocr: ${files[i]}: ${failure.error.message}`);
    await writer.fail(failure);
  };
  /** Pages of the file that is being read. */
  let pages = 0;
  try {
    const reading = readAll(files, run.setup, run.limits, signal, async (i, page) => {
      if ("error" in page) return await fail(i, page);
      pages++;
      progress.page(files[i], page);
      await writer.page(page);
    }, async (i, failure) => {
      try {
        if (failure !== undefined) throw failure;
        // Of a file none of whose pages can be read nothing is written.
        if (pages > 0 || !failed.has(i)) await writer.end(files[i]);
        if (!failed.has(i)) await journal?.note(files[i], true);
      } catch (e) {
        const { code, message } = toScrawlError(e);
        // Where one file cannot be written, the others cannot, unless its name is at fault.
        if ((code === "output" && !(e instanceof NameError)) || e instanceof Deno.errors.BrokenPipe) throw e;
        await fail(i, { file: files[i], error: { code, message } });
      }
      pages = 0;
      progress.file(files[i]);
    });
    // Whoever waits for a pipe or a slow disk can be interrupted all the same.
    reading.catch(() => {});
    await Promise.race([reading, interrupted(signal)]);
    await writer.close();
  } catch (e) {
    progress.clear();
    await writer.abandon();
    throw e;
  }
  // What failed is read again by --resume.
  if (!run.resume && failed.size === 0) await journal?.remove();
  progress.summary(failed.size, all.length - files.length);
  return worst;
}

/** Names that are shown of files that are not read. */
const NAMED = 5;

/** What lies in folders and is not read: how many, and their names. */
function notRead(files: string[]): string {
  const names = files.slice(0, NAMED).map((f) => basename(f)).join(", ");
  const more = files.length > NAMED ? ` and ${files.length - NAMED} more` : "";
  return `${files.length} file${files.length === 1 ? " is" : "s are"} of kinds that are not read: ${names}${more}`;
}

/** Fails when the signal is raised. */
export function interrupted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** The journal of a batch into a folder, kept whether or not --resume is given: nobody knows beforehand what will cut a batch off. */
async function journalOf(files: string[], run: Run): Promise<Journal | undefined> {
  const { folder, setup, formats, formatOptions, resume } = run;
  if (folder === undefined || (files.length < 2 && !resume)) return undefined;
  return await Journal.open(join(folder, ".scrawl-journal"), { setup, formats, formatOptions }, resume);
}

/** Names in a folder; none where there is no such folder. */
async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder)).catch(() => [])).map((f) => f.name);
}

/** One of the files that an input would become, if it is there. @param others names in its folder, for formats of one page a document. */
async function firstExisting(name: string, formats: string[], others: string[]): Promise<string | undefined> {
  for (const { suffix, onePage } of formats.map((f) => FORMATS[f])) {
    if (await isThere(name + suffix)) return name + suffix;
    // Of a file of several pages: `scan.2.page.xml`.
    const start = `${basename(name)}.`;
    const other = others.find((n) =>
      onePage && n.startsWith(start) && n.endsWith(suffix) && /^\d+$/.test(n.slice(start.length, -suffix.length))
    );
    if (other) return join(dirname(name), other);
  }
}
