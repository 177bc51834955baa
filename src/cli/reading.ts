/**
 * Reads files page by page, in this thread or over workers, and gives the pages in order whatever finishes first.
 *
 * A picture goes to the worker with the least to do; of files that may have many pages each worker has its share, page `i` of file
 * `f` being that of worker `(f + i) % jobs`. So one long PDF and many pictures keep all of them busy.
 */
import { encodePng } from "../format/png.ts";
import { Engine, type Picture } from "../engine/engine.ts";
import type { Failure, Page } from "../engine/types.ts";
import { type ErrorCode, ScrawlError } from "../errors.ts";
import { chosenPages, PageRange } from "../decode/pages.ts";
import { type PipelineOptions, readFile } from "../read.ts";
import { changed, readInput } from "./inputs.ts";

/** What a worker needs to know, once. */
export interface Setup {
  model?: string;
  options: Omit<PipelineOptions, "pages" | "onPicture" | "signal">;
  pages?: string;
  /** Whether pages come with their picture as PNG, and files with their bytes. */
  pictures: boolean;
  dumpStages?: string;
}

export interface ReadPage {
  page: Page;
  /** Pages of its file that are read. */
  of: number;
  /** Milliseconds of each stage, decoding among them. */
  times: Record<string, number>;
  png?: Uint8Array;
}

/** A file to read, and which of its pages: those whose index leaves `rest` when divided by `of`. */
export interface Task {
  file: string;
  rest: number;
  of: number;
}

/** Reads the pages of one task; those that cannot be read come as failures. @throws ScrawlError where the file cannot be read. */
export async function* readTask(engine: Engine, setup: Setup, task: Task): AsyncGenerator<ReadPage | Failure> {
  const bytes = await readInput(task.file);
  const range = setup.pages === undefined ? undefined : PageRange.parse(setup.pages);
  let png: Uint8Array | undefined;
  const onPicture = async (page: number, picture: Picture) => {
    png = setup.pictures ? await encodePng(picture.gray(), picture.width, picture.height) : undefined;
    if (setup.dumpStages) {
      const { writeStages } = await import("./stages.ts");
      await writeStages(setup.dumpStages, task.file, page, engine, picture);
    }
  };
  let all = 0;
  const pages = {
    of: (count: number) => {
      const chosen = chosenPages(range, count);
      all = chosen.length;
      return chosen.filter((_, i) => i % task.of === task.rest);
    },
  };
  let began = performance.now();
  for await (const page of readFile(engine, task.file, bytes, { ...setup.options, pages, onPicture })) {
    if ("error" in page) {
      yield page;
      continue;
    }
    const stages = engine.times();
    const reading = Object.values(stages).reduce((a, b) => a + b, 0);
    yield { page, of: all, png, times: { decode: performance.now() - began - reading, ...stages } };
    began = performance.now();
  }
}

export type FromWorker =
  | { kind: "ready" }
  | { kind: "page"; file: number; page: ReadPage | Failure }
  | { kind: "end"; file: number }
  | { kind: "error"; file: number; code: ErrorCode; message: string };
export type ToWorker = { kind: "setup"; setup: Setup } | { kind: "task"; number: number; task: Task } | { kind: "ack" };

/** Names of files that hold one page: what has another, or lies, is still read whole. */
const SINGLE = /\.(jpe?g|png|webp|bmp|gif)$/i;

/** Pages that a worker may be ahead of what was taken, and files that are begun ahead of the one that is written. */
export const PAGES_AHEAD = 4;
const FILES_AHEAD = 4;

/** Reads `files` in order; `onPage` gets each page or why it cannot be read, `onEnd` each file's end with its error if it had one. */
export async function readAll(
  files: string[],
  setup: Setup,
  jobs: number,
  signal: AbortSignal,
  onPage: (file: number, page: ReadPage | Failure) => Promise<void>,
  onEnd: (file: number, error?: unknown) => Promise<void>,
): Promise<void> {
  if (jobs === 1) {
    const engine = await Engine.open(setup.model);
    for (const [number, file] of files.entries()) {
      const pages = readTask(engine, setup, { file, rest: 0, of: 1 });
      let error: unknown;
      // What fails in `onPage` is no fault of the file, and ends all.
      const next = () => pages.next().catch((e) => void (error = e));
      for (let page = await next(); page && !page.done; page = await next()) {
        signal.throwIfAborted();
        await onPage(number, page.value);
      }
      signal.throwIfAborted();
      await onEnd(number, error);
    }
    return;
  }
  const pool = await Promise.all(Array.from({ length: jobs }, () => WorkerReader.start(setup)));
  try {
    let begun = 0;
    /** Of each file that is begun, the workers that read its first page, its second, and so on, round and round. */
    const readers: WorkerReader[][] = [];
    const begin = (number: number) => {
      const file = files[number];
      const idlest = pool.reduce((a, b) => b.pending < a.pending ? b : a);
      readers[number] = SINGLE.test(file) ? [idlest] : pool.map((_, k) => pool[(number + k) % jobs]);
      readers[number].forEach((w, rest, { length: of }) => w.begin(number, { file, rest, of }));
    };
    for (const number of files.keys()) {
      while (begun < Math.min(files.length, number + FILES_AHEAD)) begin(begun++);
      const turn = readers[number];
      let error: unknown;
      let digest: string | undefined;
      for (let i = 0; error === undefined; i++) {
        const next = await turn[i % turn.length].next(number);
        signal.throwIfAborted();
        // Each worker reads the file for itself.
        const read = next.kind === "page" && !("error" in next.page) ? next.page.page.digest : digest;
        if ((digest ??= read) !== read) error = changed();
        else if (next.kind === "page") await onPage(number, next.page);
        else if (next.kind === "error") error = new ScrawlError(next.code, next.message);
        else break;
      }
      turn.forEach((w) => w.forget(number));
      delete readers[number];
      await onEnd(number, error);
    }
  } finally {
    pool.forEach((w) => w.stop());
  }
}

const NO_RIGHTS = { net: false, env: false, run: false, ffi: false, sys: false, import: false } as const;

/** One worker and what it has sent. */
class WorkerReader {
  private readonly queues = new Map<number, FromWorker[]>();
  private readonly gone = new Set<number>();
  /** Tasks that are not done. */
  pending = 0;
  private wake: () => void = () => {};
  private failure?: Error;

  private constructor(private readonly worker: Worker) {}

  static start(setup: Setup): Promise<WorkerReader> {
    const worker = new Worker(new URL("./reading_worker.ts", import.meta.url), {
      type: "module",
      // Readings are written by the thread that started it.
      deno: { permissions: { ...NO_RIGHTS, read: "inherit", write: setup.dumpStages ? "inherit" : false } },
    });
    const reader = new WorkerReader(worker);
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (data.kind === "ready") return resolve(reader);
        if (data.kind !== "page") reader.pending--;
        // What nobody waits for any more is let go, or the worker would wait for its acknowledgement.
        if (reader.gone.has(data.file)) {
          if (data.kind === "page") reader.send({ kind: "ack" });
        } else reader.queues.get(data.file)?.push(data);
        reader.wake();
      };
      worker.onerror = (e) => {
        e.preventDefault();
        reader.failure = new Error(e.message);
        reader.wake();
        reject(reader.failure);
      };
      reader.send({ kind: "setup", setup });
    });
  }

  private send(message: ToWorker) {
    this.worker.postMessage(message);
  }

  begin(number: number, task: Task) {
    this.pending++;
    this.queues.set(number, []);
    this.send({ kind: "task", number, task });
  }

  async next(number: number): Promise<Exclude<FromWorker, { kind: "ready" }>> {
    while (true) {
      if (this.failure) throw this.failure;
      const first = this.queues.get(number)!.shift();
      if (first && first.kind !== "ready") {
        if (first.kind === "page") this.send({ kind: "ack" });
        return first;
      }
      await new Promise<void>((resolve) => this.wake = resolve);
    }
  }

  forget(number: number) {
    this.gone.add(number);
    this.queues.get(number)?.forEach((m) => m.kind === "page" && this.send({ kind: "ack" }));
    this.queues.delete(number);
  }

  stop() {
    this.worker.terminate();
  }
}
