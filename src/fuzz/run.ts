/**
 * `deno task fuzz`: mutated real files through every parser, or drawn pages through the whole reader. A clear error is right; a trap,
 * another exception, a minute, much memory, or a good page that reads differently afterwards is a finding, and is kept as a file. Cases run in a worker, which is ended where one
 * of them takes too long.
 */
import { join } from "@std/path/join";
import { Engine } from "../engine/engine.ts";
import { COMMANDS, count, parse, usage } from "../options.ts";
import { type Kind, targets } from "./targets.ts";
import { bytesOf, type Said } from "./worker.ts";

/** Milliseconds that a case may take: as long as `ocr` lets a page. */
const SLOW = 60_000;
/** Megabytes that the process may hold: a page of four million pixels needs a tenth of that. */
const MOST_MEGABYTES = 1500;
/** Milliseconds in which memory comes back from a worker that was ended. */
const SETTLED = 30_000;

export interface FuzzReport {
  seed: number;
  seconds: number;
  cases: Record<string, number>;
  refused: number;
  findings: { target: string; case: number; message: string; file: string }[];
  /** Most that the process held. */
  peak_mb: number;
  /** The case that took longest, of any target. */
  slowest: { target: string; case: number; ms: number };
}

/** @param most cases, at most. @param from the first case. */
export async function fuzz(
  o: { kind: Kind; seconds: number; seed: number; keep: string; from?: number; most?: number },
): Promise<FuzzReport> {
  const { kind, seconds, seed, keep, from = 0, most = Infinity } = o;
  const report: FuzzReport = {
    seed,
    seconds,
    cases: {},
    refused: 0,
    findings: [],
    peak_mb: 0,
    slowest: { target: "", case: 0, ms: 0 },
  };
  const all = await targets(kind, await Engine.open());
  const find = async (number: number, message: string) => {
    const target = all[number % all.length];
    await Deno.mkdir(keep, { recursive: true });
    const file = join(keep, `${target.name}-${seed}-${number}`);
    await Deno.writeFile(file, bytesOf(target, seed, number));
    report.findings.push({ target: target.name, case: number, message, file });
  };
  const end = performance.now() + 1000 * seconds;
  for (let next = from; performance.now() < end && next < from + most;) {
    const stopped = await cases(kind, seed, next, from + most, end, report, find);
    next = stopped + 1;
  }
  return report;
}

/** Runs cases until the time or they are over, or one takes too long; returns the last that was begun. */
async function cases(
  kind: Kind,
  seed: number,
  from: number,
  to: number,
  end: number,
  report: FuzzReport,
  find: (number: number, message: string) => Promise<void>,
): Promise<number> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const over = Promise.withResolvers<void>();
  let [number, target, began, ready] = [from - 1, "", performance.now(), false];
  const findings: Promise<void>[] = [];
  worker.onmessage = ({ data }: MessageEvent<Said>) => {
    if (data.kind === "ready") ready = true;
    else if (data.kind === "begin") {
      if (data.number >= to || performance.now() > end) return over.resolve();
      [number, target, began] = [data.number, data.target, performance.now()];
      report.cases[data.target] = (report.cases[data.target] ?? 0) + 1;
    } else if (data.number === number) {
      const ms = Math.round(performance.now() - began);
      if (ms > report.slowest.ms) report.slowest = { target, case: number, ms };
      if (data.refused) report.refused++;
      if (data.found) findings.push(find(number, data.found));
    }
  };
  worker.onerror = (e) => {
    e.preventDefault();
    findings.push(find(Math.max(number, from), `the worker ended: ${e.message}`));
    over.resolve();
  };
  const watch = setInterval(() => {
    const held = megabytes();
    report.peak_mb = Math.max(report.peak_mb, held);
    const slow = ready && performance.now() - began > SLOW;
    if (slow) findings.push(find(number, `still running after ${SLOW / 1000} s`));
    else if (held > MOST_MEGABYTES) findings.push(find(number, `${held} MB are held`));
    else if (performance.now() < end) return;
    over.resolve();
  }, 500);
  worker.postMessage({ kind, seed, from });
  await over.promise;
  clearInterval(watch);
  worker.terminate();
  await Promise.all(findings);
  // What a case took must not be counted as the next one's.
  const settled = performance.now() + SETTLED;
  while (megabytes() > MOST_MEGABYTES / 2 && performance.now() < settled) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return number;
}

/** What the process holds. */
const megabytes = () => Math.round(Deno.memoryUsage().rss / 2 ** 20);

if (import.meta.main) {
  const { values } = parse(COMMANDS.fuzz, Deno.args);
  if (values.help) {
    console.log(usage(COMMANDS.fuzz).trimEnd());
    Deno.exit(0);
  }
  const report = await fuzz({
    kind: values.what as Kind,
    seconds: count(values, "seconds")!,
    seed: count(values, "seed")!,
    keep: values.keep as string,
    most: count(values, "cases"),
  });
  console.log(JSON.stringify(report, null, 2));
  Deno.exit(report.findings.length > 0 ? 1 : 0);
}
