/** `--watch FOLDER`: reads what lies there, then every file that appears or changes, until it is interrupted. */
import { say } from "./say.ts";
import { join } from "@std/path/join";
import { EXIT, ScrawlError, toScrawlError } from "../errors.ts";
import { READABLE } from "./inputs.ts";
import { onInterrupt } from "./interrupt.ts";
import type { Run } from "./ocr.ts";
import { isFolder } from "./output.ts";

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
  const watcher = Deno.watchFs(folder, { recursive: false });
  const off = onInterrupt(() => {
    stop.abort(new ScrawlError("interrupted", "interrupted"));
    watcher.close();
  });
  const files = new Set<string>();
  for await (const e of Deno.readDir(folder)) if (e.isFile && READABLE.test(e.name)) files.add(join(folder, e.name));
  let running = Promise.resolve();
  const read = () => {
    const batch = [...files].sort();
    files.clear();
    running = running.then(() => batch.length ? process(batch, stop.signal) : 0).then(() => {}).catch((e) => {
      if (!stop.signal.aborted) say(`scrawl ocr: ${toScrawlError(e).message}`);
    });
  };
  // What was there before may have been read before; what comes is new, and written over.
  const { skipExisting, force } = run;
  run.skipExisting = !force || skipExisting;
  read();
  await running;
  run.force = true;
  if (!run.quiet) console.error(`watching ${folder}; Ctrl-C ends it`);
  let timer: ReturnType<typeof setTimeout> | undefined;
  for await (const event of watcher) {
    if (event.kind !== "create" && event.kind !== "modify" && event.kind !== "rename") continue;
    for (const path of event.paths.filter((p) => READABLE.test(p))) {
      if (await Deno.stat(path).then((i) => i.isFile, () => false)) files.add(path);
    }
    clearTimeout(timer);
    timer = setTimeout(read, SETTLED);
  }
  clearTimeout(timer);
  await running;
  off();
  return EXIT.interrupted;
}
