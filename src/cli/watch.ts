/** `--watch FOLDER`: reads what lies there, then every file that appears or changes, until it is interrupted. */
import { say } from "./say.ts";
import { join } from "@std/path/join";
import { EXIT, ScrawlError, toScrawlError } from "../errors.ts";
import { READABLE } from "./inputs.ts";
import { onInterrupt } from "./interrupt.ts";
import type { Run } from "./ocr.ts";
import { isFolder } from "./output.ts";

/** Files that are read in one go: those that come meanwhile wait by their names. */
const TAKEN = 100;
/** Milliseconds that a file must stay as it is before it is read: scanners write for a while. */
const SETTLED = 500;

export async function watch(
  folder: string,
  run: Run,
  process: (files: string[], signal: AbortSignal) => Promise<number>,
): Promise<number> {
  if (!await isFolder(folder)) throw new ScrawlError("access", `--watch ${folder}: there is no such folder`);
  if (run.formats.includes("pdf") && await Deno.realPath(folder) === await Deno.realPath(run.folder!).catch(() => "")) {
    throw new ScrawlError(
      "arguments",
      `--watch ${folder}: PDFs that are written there would be read again: choose another -o`,
    );
  }
  const stop = new AbortController();
  let wake = () => {};
  const watcher = Deno.watchFs(folder, { recursive: false });
  const off = onInterrupt(() => {
    stop.abort(new ScrawlError("interrupted", "interrupted"));
    watcher.close();
    wake();
  });
  /** Files to read, and when they were last written to: names alone, however many come while others are read. */
  const due = new Map<string, number>();
  /** Whether some events were lost, because too many came at once. */
  let lost = false;
  const listening = (async () => {
    for await (const event of watcher) {
      if (event.flag === "rescan") {
        lost = true;
        wake();
      }
      if (event.kind !== "create" && event.kind !== "modify" && event.kind !== "rename") continue;
      for (const path of event.paths.filter((p) => READABLE.test(p))) due.set(path, performance.now());
      wake();
    }
  })();
  const { skipExisting, force } = run;
  /** @param anew whether results that are there are written over. */
  const read = async (files: string[], anew: boolean) => {
    files.forEach((f) => due.delete(f));
    [run.force, run.skipExisting] = [force || anew, !anew && (!force || skipExisting)];
    await process(files, stop.signal).catch((e) => {
      if (!stop.signal.aborted) say(`scrawl ocr: ${toScrawlError(e).message}`);
    });
  };
  /** Reads what is there but for what is due, and may have been read before. */
  const readThose = async () => {
    const files: string[] = [];
    for await (const e of Deno.readDir(folder)) if (e.isFile && READABLE.test(e.name)) files.push(join(folder, e.name));
    const unread = files.filter((f) => !due.has(f)).sort();
    for (let at = 0; at < unread.length && !stop.signal.aborted; at += TAKEN) {
      await read(unread.slice(at, at + TAKEN), false);
    }
  };
  await readThose();
  if (!run.quiet && !stop.signal.aborted) console.error(`watching ${folder}; Ctrl-C ends it`);
  while (!stop.signal.aborted) {
    if (lost) {
      lost = false;
      await readThose();
    }
    const now = performance.now();
    const settled = [...due].filter(([, at]) => now - at >= SETTLED).map(([path]) => path).slice(0, TAKEN);
    const there = await Promise.all(settled.map((path) => Deno.stat(path).then((i) => i.isFile, () => false)));
    settled.forEach((path, i) => there[i] || due.delete(path));
    const files = settled.filter((_, i) => there[i]);
    if (files.length > 0) await read(files.sort(), true);
    else if (due.size > 0) await new Promise((resolve) => setTimeout(resolve, SETTLED));
    else await new Promise<void>((resolve) => wake = resolve);
  }
  await listening;
  off();
  return EXIT.interrupted;
}
