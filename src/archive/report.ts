/** What became of an archive: pages, time, errors, how sure its words are; as figures and as one HTML page. */
import { barChart } from "../report/chart.ts";
import { htmlPage, htmlTable } from "../report/html.ts";
import type { Source } from "./shard_files.ts";
import type { Placed } from "./record.ts";

/** Bars of the histogram of confidences. */
const BINS = 20;
/** Inputs that are named: the slowest, and the first that could not be read. */
const NAMED = 20;
/** Bars of the histogram of words a page. */
const WORD_BINS = 25;

export interface Report {
  version: string;
  /** SHA-256 of the manifest. */
  manifest: string;
  inputs: number;
  documents: number;
  pages: number;
  /** Pages on which nothing was read. */
  blank: number;
  /** Records of errors by their code. */
  errors: Record<string, number>;
  words: number;
  /** With `--max-error`: fields, and those of them that were left blank for review. */
  promise?: { maxError: number; fields: number; blank: number };
  /** Seconds by the clock that pages took, each page's own added up: more than those of a core where others want it too. */
  seconds: number;
  /** Words by confidence: `counts[i]` of at least `i / counts.length`. */
  confidence: { mean: number | null; counts: number[] };
  /** Pages by words: `counts[n]` pages have `n` words, for those that occur. */
  wordsPerPage: { mean: number | null; median: number | null; counts: Record<string, number> };
  shards: { shard: number; inputs: number; pages: number; errors: number; seconds: number }[];
  /** The inputs that took longest, and the first that could not be read. */
  slowest: { input: number; file: string; seconds: number }[];
  failed: { input: number; file: string; page?: number; code: string; message: string }[];
}

const round = (n: number) => Math.round(n * 1e4) / 1e4;

export class Tally {
  private pages = 0;
  private blank = 0;
  private words = 0;
  private sure = 0;
  private promise: Report["promise"];
  private readonly errors = new Map<string, number>();
  private readonly confidence: number[] = Array(BINS).fill(0);
  private readonly wordsPerPage = new Map<number, number>();
  private readonly failed: Report["failed"] = [];
  private slowest: Report["slowest"] = [];

  record(record: Placed): void {
    if ("error" in record) {
      const { input, file, page, error: { code, message } } = record;
      this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
      if (this.failed.length < NAMED) this.failed.push({ input, file, page, code, message });
      return;
    }
    const words = record.lines.flatMap((l) => l.words);
    this.pages++;
    if (words.length === 0) this.blank++;
    this.words += words.length;
    if (record.promise) {
      this.promise ??= { maxError: record.promise.maxError, fields: 0, blank: 0 };
      this.promise.fields += record.promise.fields;
      this.promise.blank += record.promise.blank;
    }
    this.wordsPerPage.set(words.length, (this.wordsPerPage.get(words.length) ?? 0) + 1);
    for (const { confidence } of words) {
      this.sure += confidence;
      this.confidence[Math.min(BINS - 1, Math.floor(confidence * BINS))]++;
    }
  }

  /** How long an input took. */
  time(input: number, file: string, seconds: number): void {
    if (this.slowest.length === NAMED && seconds <= this.slowest.at(-1)!.seconds) return;
    this.slowest.push({ input, file, seconds });
    this.slowest = this.slowest.sort((a, b) => b.seconds - a.seconds).slice(0, NAMED);
  }

  report(source: Source, documents: number, shards: Report["shards"]): Report {
    const counts = [...this.wordsPerPage].sort(([a], [b]) => a - b);
    let before = 0;
    const median = counts.find(([, pages]) => 2 * (before += pages) >= this.pages)?.[0] ?? null;
    return {
      version: source.version,
      manifest: source.manifest,
      inputs: source.inputs,
      documents,
      pages: this.pages,
      blank: this.blank,
      errors: Object.fromEntries([...this.errors].sort()),
      words: this.words,
      ...(this.promise && { promise: this.promise }),
      seconds: round(shards.reduce((n, s) => n + s.seconds, 0)),
      confidence: { mean: this.words ? round(this.sure / this.words) : null, counts: this.confidence },
      wordsPerPage: {
        mean: this.pages ? round(this.words / this.pages) : null,
        median,
        counts: Object.fromEntries(counts),
      },
      shards,
      slowest: this.slowest,
      failed: this.failed,
    };
  }
}

/** Pages by words in bars of the same width, and how many words the last bar ends at. */
function wordBars(report: Report): [bars: number[], end: number] {
  const counts = Object.entries(report.wordsPerPage.counts).map(([words, pages]) => [Number(words), pages]);
  const most = Math.max(0, ...counts.map(([words]) => words));
  const width = Math.ceil((most + 1) / WORD_BINS);
  const bars: number[] = Array(Math.ceil((most + 1) / width)).fill(0);
  for (const [words, pages] of counts) bars[Math.floor(words / width)] += pages;
  return [bars, bars.length * width];
}

/** The report as a page of its own. */
export function reportPage(report: Report): string {
  const { pages, seconds, errors, confidence, wordsPerPage, promise } = report;
  const [bars, end] = wordBars(report);
  const figures: [string, string | number][] = [
    ["inputs", report.inputs],
    ["documents", report.documents],
    ["pages", pages],
    ["pages on which nothing was read", report.blank],
    ["records of errors", Object.values(errors).reduce((a, b) => a + b, 0)],
    ["words", report.words],
    ...(promise
      ? [["fields left blank for review", `${promise.blank} of ${promise.fields}`] satisfies [string, string]]
      : []),
    ["words a page, mean and median", `${wordsPerPage.mean ?? "-"}, ${wordsPerPage.median ?? "-"}`],
    ["mean confidence of a word", confidence.mean ?? "-"],
    ["hours by the clock, each page's own added up", (seconds / 3600).toFixed(2)],
    ["seconds by the clock a page", pages ? (seconds / pages).toFixed(3) : "-"],
    ["scrawl", report.version],
    ["SHA-256 of the manifest", report.manifest],
  ];
  const kinds = Object.entries(errors);
  return htmlPage("An archive, read", [
    { title: "Figures", body: htmlTable([["what", "how much"], ...figures]) },
    {
      title: "How sure words are",
      body: barChart({ title: "Words by confidence", x: "confidence", y: "words", xRange: [0, 1] }, confidence.counts),
    },
    {
      title: "Words a page",
      body: barChart({ title: "Pages by words", x: "words", y: "pages", xRange: [0, end] }, bars),
    },
    {
      title: "Errors",
      body: kinds.length === 0 ? "<p>none</p>" : htmlTable([["kind", "records"], ...kinds]) + htmlTable([
        ["file", "page", "kind", "what"],
        ...report.failed.map((f) => [f.file, f.page ?? "", f.code, f.message]),
      ]),
    },
    {
      title: "Inputs that took longest",
      body: htmlTable([["file", "seconds"], ...report.slowest.map((s) => [s.file, s.seconds])]),
    },
    {
      title: "Shards",
      body: htmlTable([
        ["shard", "inputs", "pages", "errors", "seconds"],
        ...report.shards.map((s) => [s.shard, s.inputs, s.pages, s.errors, s.seconds]),
      ]),
    },
  ]);
}
