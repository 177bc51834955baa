/** `merge`: the shards of a manifest become one: tables and JSON Lines of all pages, files a document, and a report. */
import { join } from "@std/path/join";
import { type Coverage, coverage, Records } from "../archive/coverage.ts";
import { documentsOf } from "../archive/documents.ts";
import { entriesOf, type Manifest, openManifest } from "../archive/manifest.ts";
import type { Placed } from "../archive/record.ts";
import { type Report, reportPage, Tally } from "../archive/report.ts";
import type { Page } from "../engine/types.ts";
import { EXIT, ScrawlError } from "../errors.ts";
import type { Values } from "../options.ts";
import { documentNames, writeDocument } from "./documents.ts";
import { interrupted, interruptible } from "./ocr.ts";
import { stem } from "./inputs.ts";
import { open, refuseExisting, type Sink } from "./output.ts";
import { clock } from "./progress.ts";
import { say } from "./say.ts";

/** Formats of which all pages make one file, and what that is called. */
const JOINED: Record<string, string> = { jsonl: "pages.jsonl", csv: "cells.csv", parquet: "words.parquet" };

/** Formats where none is named. */
const USUAL = ["jsonl", "csv"];

export async function merge(values: Values, operands: string[]): Promise<number> {
  const [folder, ...more] = operands;
  if (folder === undefined || more.length > 0) {
    throw new ScrawlError("arguments", "name the folder that the shards were written to, and no other: merge out/");
  }
  const formats = [...new Set(values.format as string[] | undefined ?? USUAL)];
  const to = values.output as string ?? join(folder, "merged");
  const force = values.force === true;
  const found = await coverage(folder);
  const manifest = await openManifest(values.manifest as string ?? await keptManifest(folder));
  if (manifest.digest !== found.source.manifest) {
    throw new ScrawlError("input", `${manifest.path} is not the manifest that the shards in ${folder} are of`);
  }
  // Before hours of joining.
  const joined = ["report.json", "report.html", ...formats.flatMap((f) => JOINED[f] ?? [])];
  if (!force) await refuseExisting(joined.map((name) => join(to, name)));
  return await interruptible(async (signal) => {
    const work = mergeAll(found, manifest, to, formats, { force, signal, quiet: values.quiet === true });
    work.catch(() => {});
    return await Promise.race([work, interrupted(signal)]);
  });
}

interface Options {
  force: boolean;
  quiet: boolean;
  signal: AbortSignal;
}

async function mergeAll(
  found: Coverage,
  manifest: Manifest,
  to: string,
  formats: string[],
  o: Options,
): Promise<number> {
  await Deno.mkdir(to, { recursive: true }).catch((e) => {
    throw new ScrawlError("output", `cannot write to ${to}: ${e.message}`);
  });
  const records = new Records(found);
  try {
    const tally = await joinPages(records, found, manifest, to, formats, o);
    const documents = await documentsOf(entriesOf(manifest));
    const separate = formats.filter((f) => !Object.hasOwn(JOINED, f));
    let worst: number = EXIT.ok;
    if (separate.length > 0) {
      const names = documentNames(documents, join(to, "documents"));
      for (const [name, inputs] of documents.inputs) {
        o.signal.throwIfAborted();
        const parts: Placed[][] = [];
        for (const input of inputs) parts.push(parsed(await records.of(input), input));
        try {
          await writeDocument(name, names.get(name)!, parts, separate, o.force);
        } catch (e) {
          if (!(e instanceof ScrawlError) || e.code === "output") throw e;
          // A file that is gone costs its document alone.
          say(`scrawl merge: ${name}: ${e.message}`);
          worst = Math.max(worst, EXIT[e.code]);
        }
      }
    }
    const report = tally.report(found.source, documents.inputs.size, shardFigures(found));
    await writeReport(report, to, o.force);
    if (!o.quiet) say(said(report, to));
    return worst;
  } finally {
    records.close();
  }
}

/** All pages in the order of the manifest, into the formats that hold them all; counts them on the way. */
async function joinPages(
  records: Records,
  found: Coverage,
  manifest: Manifest,
  to: string,
  formats: string[],
  { force, signal }: Options,
): Promise<Tally> {
  const tally = new Tally();
  const joined = formats.filter((f) => Object.hasOwn(JOINED, f));
  const sinks = new Map<string, Sink>();
  try {
    for (const f of joined) sinks.set(f, await open(join(to, JOINED[f]), force));
    const rows = sinks.has("csv") ? await cells(sinks.get("csv")!) : undefined;
    const forms = sinks.has("csv") ? formTables(join(to, "forms"), force, sinks) : undefined;
    const words = sinks.has("parquet") ? await table(sinks.get("parquet")!) : undefined;
    const seconds = secondsOf(found);
    for await (const [input, { file, document }] of entriesOf(manifest)) {
      signal.throwIfAborted();
      const text = await records.of(input);
      await sinks.get("jsonl")?.write(text);
      for (const record of parsed(text, input)) {
        tally.record(record);
        if ("error" in record) continue;
        await rows?.(record);
        await forms?.(record);
        await words?.add(record, document);
      }
      tally.time(input, file, seconds[input]);
    }
    await words?.finish();
    for (const sink of sinks.values()) await sink.close();
  } catch (e) {
    for (const sink of sinks.values()) await sink.abandon();
    throw e;
  }
  return tally;
}

/** Rows of cells under one head. */
async function cells(sink: Sink): Promise<(page: Page) => Promise<void>> {
  const { csvBoxes } = await import("../format/csv.ts");
  let first = true;
  return async (page) => {
    const content = csvBoxes([page], true);
    await sink.write(first ? content : content.slice(content.indexOf("\n") + 1));
    first = false;
  };
}

/** A table of each form that pages were read by, with a row a page, as `ocr --template` has it. */
function formTables(folder: string, force: boolean, sinks: Map<string, Sink>): (page: Page) => Promise<void> {
  const names = new Map<string, string>();
  return async ({ file, page, form }) => {
    if (!form) return;
    const { formHead, formRow } = await import("../format/form.ts");
    let path = names.get(form.template);
    if (path === undefined) {
      // Templates of one name may lie in several folders.
      const plain = join(folder, stem(form.template));
      const taken = [...names.values()];
      for (let n = 1; path === undefined || taken.includes(path); n++) path = plain + (n > 1 ? `-${n}` : "") + ".csv";
      names.set(form.template, path);
      await Deno.mkdir(folder, { recursive: true });
      sinks.set(path, await open(path, force));
      await sinks.get(path)!.write(formHead(form.fields.map((f) => f.name)));
    }
    const sums = Object.fromEntries(form.sums.map(({ total, adds }) => [total, adds]));
    await sinks.get(path)!.write(formRow({ file, page, fields: form.fields, sums }));
  };
}

async function table(sink: Sink) {
  const { WordTable } = await import("../format/parquet.ts");
  return new WordTable((bytes) => sink.write(bytes));
}

/** @throws ScrawlError where they are not those of the input. */
function parsed(text: string, input: number): Placed[] {
  const records: Placed[] = text.split("\n").filter((l) => l !== "").map((l) => JSON.parse(l));
  if (records.length === 0 || records.some((r) => r.input !== input)) {
    throw new ScrawlError("input", `the records of input ${input} are not its own: run its shard again with --force`);
  }
  return records;
}

/** Seconds that each input took. */
function secondsOf({ source, parts }: Coverage): Float64Array {
  const seconds = new Float64Array(source.inputs);
  for (const { done } of parts) for (const { input, ms } of done) seconds[input] = ms / 1000;
  return seconds;
}

const shardFigures = ({ parts }: Coverage): Report["shards"] =>
  parts.map(({ summary: { shard, done, pages, errors, seconds } }) => ({
    shard,
    inputs: done,
    pages,
    errors,
    seconds,
  }));

async function writeReport(report: Report, to: string, force: boolean): Promise<void> {
  const files = { "report.json": JSON.stringify(report, null, 2) + "\n", "report.html": reportPage(report) };
  for (const [name, content] of Object.entries(files)) {
    const sink = await open(join(to, name), force);
    await sink.write(content);
    await sink.close();
  }
}

function said({ inputs, documents, pages, errors, words, promise, seconds }: Report, to: string): string {
  const blank = promise ? `${promise.blank} of ${promise.fields} fields left blank for review, ` : "";
  const failed = Object.entries(errors).map(([kind, n]) => `${n} ${kind}`).join(", ") || "no errors";
  return `${inputs} inputs, ${documents} documents, ${pages} pages, ${words} words, ${blank}${failed}, ${
    clock(seconds)
  } by the clock, each page's own added up: ${join(to, "report.html")}`;
}

/** The copy of the manifest that shards keep. */
async function keptManifest(folder: string): Promise<string> {
  for await (const { name } of Deno.readDir(folder)) if (/^manifest(\.[^.]*)?$/.test(name)) return join(folder, name);
  throw new ScrawlError("access", `${folder} holds no manifest: name it with --manifest FILE`);
}
