/** `evaluate pages`: reads pages, or takes what was read before, and prints how that compares with their truths and labelled units. */
import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { Engine } from "../engine/engine.ts";
import type { Charset, Line, Suppressed, Word } from "../engine/types.ts";
import { ScrawlError, toScrawlError } from "../errors.ts";
import { DEFAULTS } from "../mod.ts";
import { readFile } from "../read.ts";
import { type Report, score, type Truth } from "./score.ts";
import { type Judged, readUnits, scoreUnits, type UnitReport, unitSummary } from "./units.ts";

export interface PageOptions {
  /** JSON lines with `file` and `handwritten`; the pictures lie beside it. */
  manifest?: string;
  /** Folder with labelled units; the pictures lie beside it, if there is no manifest. */
  units?: string;
  /** JSON lines of `ocr -f jsonl`, or with `file` and texts as `lines`, to be scored instead of reading the pages. */
  predictions?: string;
  charset: Charset;
  model?: string;
  perPage: boolean;
}

export interface PageFigures extends Partial<Report> {
  charset: string;
  /** A page, decoding included; with predictions 0. */
  milliseconds: number;
  units?: UnitReport;
}

/** Lines of a file's pages: texts alone, or with their words; and what was found and not returned, where that is known. */
interface Reading {
  lines: (string | Line)[];
  suppressed?: Suppressed[];
}

/** Reads, scores, and prints for people. @throws ScrawlError where neither a manifest nor units are named, or predictions lack boxes. */
export async function evaluatePages(o: PageOptions): Promise<PageFigures> {
  if (!o.manifest && !o.units) {
    throw new ScrawlError("arguments", "name the pages with --manifest FILE, or labelled units with --units FOLDER");
  }
  const truths: Truth[] = o.manifest ? await jsonLines(o.manifest) : [];
  const units = o.units ? await readUnits(o.units) : [];
  const began = performance.now();
  const readings = o.predictions
    ? await predicted(o.predictions)
    : await read([...new Set([...truths, ...units].map((p) => p.file))], dirname(o.manifest ?? o.units!), o);
  const milliseconds = o.predictions ? 0 : Math.round((performance.now() - began) / Math.max(1, readings.size));
  const figures: PageFigures = { charset: o.charset, milliseconds };
  if (o.manifest) {
    const texts = [...readings].map(([file, { lines }]): [string, string[]] => [file, lines.map(textOf)]);
    const report = score(truths, new Map(texts));
    print(report, o.perPage);
    Object.assign(figures, report);
  }
  if (o.units) {
    const words = new Map([...readings].map(([file, { lines }]) => [file, lines.flatMap(wordsOf)]));
    const found = [...readings].map(([file, { suppressed }]): [string, Judged[]] => [
      file,
      [...words.get(file)!, ...(suppressed ?? []).filter(({ reason }) => reason === "printed")],
    ]);
    const all = [...readings.values()].every((r) => r.suppressed) ? new Map(found) : undefined;
    const boxes = new Map([...words].map(([file, all]) => [file, all.map((w) => w.box)]));
    const report = scoreUnits(units, boxes, all);
    if (o.perPage) {
      for (const { file, ...n } of report.pages) {
        console.log(`${file.slice(0, 40).padEnd(40)} ${Object.entries(n).map(([k, v]) => `${k} ${v}`).join(" ")}`);
      }
    }
    console.log(unitSummary(report));
    figures.units = report;
  }
  return figures;
}

async function jsonLines<T>(file: string): Promise<T[]> {
  return (await Deno.readTextFile(file)).split("\n").filter(Boolean).map((l) => JSON.parse(l));
}

const textOf = (line: string | Line) => typeof line === "string" ? line : line.text;

function wordsOf(line: string | Line): Word[] {
  if (typeof line !== "string") return line.words;
  throw new ScrawlError("input", "predictions that are texts alone have no boxes: give --units those of ocr -f jsonl");
}

/** Files by their names, as a manifest has them. */
async function predicted(file: string): Promise<Map<string, Reading>> {
  const out = new Map<string, Reading>();
  for (const { file: path, lines = [], suppressed } of await jsonLines<Partial<Reading> & { file: string }>(file)) {
    const name = basename(path);
    const before = out.get(name);
    out.set(name, {
      lines: [...before?.lines ?? [], ...lines],
      suppressed: suppressed && [...before?.suppressed ?? [], ...suppressed],
    });
  }
  return out;
}

async function read(files: string[], folder: string, o: PageOptions): Promise<Map<string, Reading>> {
  const engine = await Engine.open(o.model);
  const out = new Map<string, Reading>();
  for (const file of files) {
    const [lines, suppressed]: [Line[], Suppressed[]] = [[], []];
    try {
      const bytes = await Deno.readFile(join(folder, file));
      for await (const page of readFile(engine, file, bytes, { ...DEFAULTS, charset: o.charset })) {
        if ("error" in page) console.error(`${file}: ${page.error.message}`);
        else {
          lines.push(...page.lines);
          suppressed.push(...page.suppressed);
        }
      }
      out.set(file, { lines, suppressed });
    } catch (e) {
      console.error(`${file}: ${toScrawlError(e).message}`);
    }
  }
  return out;
}

function print(report: Report, perPage: boolean): void {
  if (perPage) {
    for (const p of report.pages) {
      console.log(
        `${p.file.slice(0, 40).padEnd(40)} CER ${(p.edits / Math.max(1, p.characters)).toFixed(2)} ` +
          `tokens ${p.tokenHits}/${p.tokens} (of ${p.tokensRead}) digits ${p.digitHits}/${p.digits} (of ${p.digitsRead})`,
      );
    }
    for (const f of report.falsePositives) {
      console.log(`${f.file.slice(0, 40).padEnd(40)} no handwriting, ${f.characters} characters read`);
    }
  }
  console.log("group          pages lineCER tokenF1 digitF1 digitP digitR");
  for (const [name, g] of Object.entries(report.groups)) {
    const figures = [g.lineCer, g.tokenF1, g.digitF1, g.digitPrecision, g.digitRecall].map((v) =>
      v.toFixed(3).padStart(7)
    ).join(" ");
    console.log(`${name.padEnd(14)} ${String(g.pages).padStart(5)} ${figures}`);
  }
  const read = report.falsePositives.reduce((n, f) => n + f.characters, 0);
  console.log(
    `no handwriting: ${report.falsePositives.length} pages, ${read} characters read; pages without prediction: ${report.missing}`,
  );
}
