/**
 * Reads files over workers and gives their pages in order, whatever finishes first. No page costs another: one that takes too long or too
 * much memory loses its worker and gets an error, one whose worker dies is read once more, and all else goes on with new workers.
 *
 * Work is a page. A file is opened by one worker, which says how many pages it has; workers that are idle then open it as well. So no more
 * workers are started than there are pages.
 */
import type { Failure } from "../engine/types.ts";
import { ScrawlError } from "../errors.ts";
import { changed, readOnce } from "./inputs.ts";
import type { FromWorker, Input, ReadPage, Setup, ToWorker } from "./reading.ts";

/** Pages a worker that are read or being read before it is their turn: results are held in memory. */
const PAGES_AHEAD = 4;
/** Pages that a worker is given at a time, so that it need not wait for the next. */
const GIVEN = 2;
/** Milliseconds between looks at clocks and memory: memory grows by some megabytes in each. */
const LOOK = 25;
/** Bytes that this process may hold with one worker, and with each further one: reading the largest allowed picture takes 0.9 GB. */
const MEMORY = 1_100_000_000;
const MEMORY_MORE = 200_000_000;
/** Milliseconds in which memory comes back from a page that is given up: its thread ends at its next look (`decode/stop.ts`), or when its work does. */
const SETTLED = 30_000;
/** Times that a page is read whose worker dies. */
const TRIES = 2;

/** A file that is begun. */
interface Begun {
  readonly input: Input;
  /** What it holds, where it can be read only once; it waits until that is there. */
  bytes?: Uint8Array;
  waits: boolean;
  /** Its pages, and the numbers of those to read, once it is open. */
  count?: number;
  chosen?: number[];
  /** The first page that no worker was given, as an index into `chosen`, and pages that were given to a worker that is gone. */
  next: number;
  again: number[];
  readonly tries: Map<number, number>;
  /** Pages that must be read while nothing else is: one of them takes too much memory. */
  readonly suspects: Set<number>;
  readonly results: Map<number, ReadPage | Failure>;
  /** Results that were taken. */
  taken: number;
  digest?: string;
  error?: ScrawlError;
  /** Nobody waits for it any more. */
  over: boolean;
}

/**
 * Reads `files` in order, each taken only when it is soon its turn, so that they may come one by one and without end; `onPage` gets each page
 * or why it cannot be read, and how many pages of its file are read, `onEnd` each file's end with its error if it had one.
 */
export async function readAll(
  files: Iterable<string | Input> | AsyncIterable<string | Input>,
  setup: Setup,
  limits: { jobs: number; pageSeconds: number },
  signal: AbortSignal,
  onPage: (file: number, page: ReadPage | Failure, of: number) => Promise<void>,
  onEnd: (file: number, error?: unknown) => Promise<void>,
): Promise<void> {
  const pool = new Pool(files, setup, limits);
  const abort = () => pool.fail(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    signal.throwIfAborted();
    for (let number = 0; await pool.more(); number++) {
      for (let page = await pool.next(); page; page = await pool.next()) await onPage(number, ...page);
      await onEnd(number, pool.end());
    }
  } finally {
    signal.removeEventListener("abort", abort);
    pool.stop();
  }
}

class Pool {
  /** In order: the first is that whose pages are taken. */
  private readonly begun: Begun[] = [];
  private readonly files: Iterator<string | Input> | AsyncIterator<string | Input>;
  /** Whether the next file is awaited, and whether there is none. */
  private asks = false;
  private exhausted = false;
  private workers: Reader[] = [];
  private failure: unknown;
  private wake: () => void = () => {};
  /** Until when memory is awaited from pages that were given up, and what did not come back. */
  private awaits?: number;
  /** Until when pages that ran out of time may still hold memory; others are read meanwhile. */
  private leaves = 0;
  private unfreed = 0;
  private readonly look: ReturnType<typeof setInterval>;

  constructor(
    files: Iterable<string | Input> | AsyncIterable<string | Input>,
    private readonly setup: Setup,
    private readonly limits: { jobs: number; pageSeconds: number },
  ) {
    this.files = Symbol.asyncIterator in files ? files[Symbol.asyncIterator]() : files[Symbol.iterator]();
    this.look = setInterval(() => this.watch(), LOOK);
  }

  /** Whether there is a file whose pages can be taken. */
  async more(): Promise<boolean> {
    while (this.begun.length === 0 && !this.exhausted) {
      if (this.failure !== undefined) throw this.failure;
      this.assign();
      await this.woken();
    }
    return this.begun.length > 0;
  }

  /** The next page of the file, in order, and how many of it are read; none where there is none further. */
  async next(): Promise<[page: ReadPage | Failure, of: number] | undefined> {
    const [file] = this.begun;
    while (true) {
      if (this.failure !== undefined) throw this.failure;
      this.assign();
      const page = file.results.get(file.taken);
      if (page) {
        file.results.delete(file.taken++);
        // Each worker reads the file for itself.
        const digest = "error" in page ? file.digest : page.page.digest;
        if ((file.digest ??= digest) === digest) return [page, file.chosen!.length];
        file.error ??= changed();
      }
      if (file.error || (file.chosen && file.taken === file.chosen.length)) return undefined;
      await this.woken();
    }
  }

  private woken(): Promise<void> {
    return new Promise((resolve) => this.wake = resolve);
  }

  /** Lets go of the file, and says why it could not be read to its end if it could not. */
  end(): ScrawlError | undefined {
    const file = this.begun.shift()!;
    for (const w of this.workers) if (w.file === file && w.given.length === 0) w.close();
    file.over = true;
    return file.error;
  }

  /** Ends everything: `next` throws this. */
  fail(reason: unknown): void {
    this.failure ??= reason;
    this.wake();
  }

  stop(): void {
    clearInterval(this.look);
    this.workers.forEach((w) => w.stop());
    // Whoever gives files one by one may let go of what they come from.
    this.files.return?.();
  }

  /** Gives work to whoever has too little of it, and starts workers as long as there is some. */
  private assign(): void {
    if (this.failure !== undefined || this.settles()) return;
    const suspect = this.begun.find((f) => f.suspects.size > 0);
    if (suspect) {
      if (this.workers.some((w) => w.given.length > 0)) return;
      // Alone: what idle workers hold counts as well.
      this.workers.forEach((w) => w.stop());
      this.workers = [];
      const [index] = suspect.suspects;
      suspect.suspects.delete(index);
      return this.start().give(suspect, index);
    }
    while (true) {
      const work = this.work();
      if (!work) return;
      const [file, index] = work;
      const idle = this.workers.filter((w) => w.given.length === 0);
      const worker = idle.find((w) => w.file === file) ?? idle[0] ??
        (this.workers.length < this.limits.jobs ? this.start() : undefined) ??
        this.workers.find((w) => w.file === file && file.chosen && w.given.length < GIVEN);
      if (!worker) return;
      if (file.again[0] === index) file.again.shift();
      else file.next++;
      worker.give(file, index);
    }
  }

  /** The page that is wanted first of those that nobody has. */
  private work(): [Begun, index: number] | undefined {
    const most = PAGES_AHEAD * this.limits.jobs;
    let held = 0;
    for (const [ahead, file] of this.begun.entries()) {
      if (file.error || file.waits) {
        held++;
        continue;
      }
      held += file.results.size + this.workers.reduce((n, w) => n + (w.file === file ? w.given.length : 0), 0);
      // Until its first worker has opened it, the file has this one page.
      const index = file.again[0] ?? (file.next < (file.chosen?.length ?? 1) ? file.next : undefined);
      if (index === undefined) continue;
      if (held < most || (ahead === 0 && index < file.taken + most)) return [file, index];
      return undefined;
    }
    if (held < most) this.ask();
  }

  /** Asks for the next file, and gives out its work when it is there. */
  private ask(): void {
    if (this.asks || this.exhausted) return;
    this.asks = true;
    Promise.resolve(this.files.next()).then(({ done, value }) => {
      this.asks = false;
      if (done) this.exhausted = true;
      else this.begun.push(this.begin(typeof value === "string" ? { file: value } : value));
      this.assign();
      this.wake();
    }, (e) => this.fail(e));
  }

  private begin(input: Input): Begun {
    const file: Begun = {
      input,
      waits: false,
      next: 0,
      again: [],
      tries: new Map(),
      suspects: new Set(),
      results: new Map(),
      taken: 0,
      error: input.error,
      over: false,
    };
    const bytes = input.error ? undefined : readOnce(input.file, this.setup.maxBytes);
    if (bytes) {
      file.waits = true;
      bytes.then((b) => file.bytes = b, (e) => file.error = e).finally(() => {
        file.waits = false;
        this.wake();
      });
    }
    return file;
  }

  private start(): Reader {
    const worker = new Reader(this.setup, (message) => {
      this.hear(worker, message);
      this.assign();
      this.wake();
    }, (reason) => {
      this.lost(worker, reason);
      this.assign();
      this.wake();
    });
    this.workers.push(worker);
    return worker;
  }

  private hear(worker: Reader, message: FromWorker): void {
    const { file } = worker;
    if (message.kind === "unfit") return this.fail(new ScrawlError(message.code, message.message));
    if (!file) return;
    if (message.kind === "opened") {
      file.count ??= message.count;
      file.chosen ??= message.chosen;
    } else if (message.kind === "page") {
      worker.given.shift();
      if (!file.over) file.results.set(message.index, message.page);
    } else if (message.kind === "error") {
      file.error ??= new ScrawlError(message.code, message.message);
      worker.given.length = 0;
      worker.file = undefined;
    }
  }

  /** A worker died: its page is read once more, as it may not be at fault. */
  private lost(worker: Reader, reason: string): void {
    this.workers = this.workers.filter((w) => w !== worker);
    const { file, given: [index, ...rest] } = worker;
    if (!worker.ready) return this.fail(new ScrawlError("other", `a worker cannot be started: ${reason}`));
    if (!file || index === undefined) return;
    file.again.push(...rest);
    const tries = (file.tries.get(index) ?? 0) + 1;
    file.tries.set(index, tries);
    if (tries < TRIES) file.again.unshift(index);
    else this.refuse(file, index, new ScrawlError("other", `its worker ended twice: ${reason}`));
  }

  /** Ends the work of a worker; what it has not begun is for others. Returns the page that it was at. */
  private abandon(worker: Reader): [Begun, index: number] {
    const { file, given: [index, ...rest] } = worker;
    this.workers = this.workers.filter((w) => w !== worker);
    worker.stop();
    file!.again.push(...rest);
    return [file!, index];
  }

  /** Bytes that this process may hold. */
  private most(): number {
    return MEMORY + Math.max(0, this.workers.length - 1) * MEMORY_MORE + this.unfreed;
  }

  /** Whether memory of pages that were given up is awaited: until it is back nobody knows what others take. */
  private settles(): boolean {
    if (this.awaits === undefined) return false;
    const held = Deno.memoryUsage().rss;
    if (held > this.most() / 2) {
      if (performance.now() < this.awaits) return true;
      this.unfreed += held - MEMORY / 2;
      if (this.unfreed > MEMORY) {
        const why = "pages that were given up do not give back their memory: read the others in another run";
        this.fail(new ScrawlError("other", why));
      }
    }
    this.awaits = undefined;
    return false;
  }

  private watch(): void {
    const { pageSeconds } = this.limits;
    const now = performance.now();
    const busy = this.workers.filter((w) => w.given.length > 0);
    for (const worker of busy.filter((w) => w.ready && now - w.since > 1000 * pageSeconds)) {
      const why = `it takes more than ${pageSeconds} s, the limit of --page-timeout`;
      this.refuse(...this.abandon(worker), new ScrawlError("input", why));
      this.leaves = now + SETTLED;
    }
    // What is above the limit may be held by pages that ran out of time, up to twice as much, and is not by one that has not begun.
    const most = this.most();
    const reads = busy.filter((w) => w.ready && this.workers.includes(w));
    if (reads.length > 0 && Deno.memoryUsage().rss > (now < this.leaves ? 2 * most : most)) {
      this.awaits = now + SETTLED;
      const isAlone = this.workers.length === 1;
      const pages = reads.map((w) => this.abandon(w));
      if (isAlone) {
        const why = `it takes more than ${Math.round(most / 1e6)} MB of memory`;
        pages.forEach((page) => this.refuse(...page, new ScrawlError("input", why)));
      } else {
        pages.forEach(([file, index]) => file.suspects.add(index));
        // What idle workers hold is no page's, and comes back as well.
        const idle = this.workers.filter((w) => w.given.length === 0);
        idle.forEach((w) => w.stop());
        this.workers = this.workers.filter((w) => !idle.includes(w));
      }
    }
    this.assign();
    this.wake();
  }

  /** The page gets an error instead of a reading; a file that was never opened, or has no other page, ends with it. */
  private refuse(file: Begun, index: number, error: ScrawlError): void {
    if (!file.chosen || file.count === 1) file.error ??= error;
    else {
      const page = file.chosen[index];
      const { code, message } = error;
      file.results.set(index, { file: file.input.file, page, error: { code, message: `page ${page}: ${message}` } });
    }
  }
}

const NO_RIGHTS = { net: false, env: false, run: false, ffi: false, sys: false, import: false } as const;

/** A worker, the file that it has open, and the pages of it that it was given and has not read. */
class Reader {
  file?: Begun;
  readonly given: number[] = [];
  ready = false;
  /** Since when it is at the first of `given`. */
  since = performance.now();
  private readonly worker: Worker;
  private readonly flag = new SharedArrayBuffer(4);

  constructor(setup: Setup, hear: (message: FromWorker) => void, lost: (reason: string) => void) {
    this.worker = new Worker(new URL("./reading_worker.ts", import.meta.url), {
      type: "module",
      // Readings are written by the thread that started it.
      deno: { permissions: { ...NO_RIGHTS, read: "inherit", write: setup.dumpStages ? "inherit" : false } },
    });
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      this.since = performance.now();
      if (data.kind === "ready") this.ready = true;
      hear(data);
    };
    this.worker.onerror = (e) => {
      e.preventDefault();
      lost(e.message);
    };
    this.send({ kind: "setup", setup, stop: this.flag });
  }

  give(file: Begun, index: number): void {
    if (this.given.length === 0) this.since = performance.now();
    this.given.push(index);
    if (this.file === file) return this.send({ kind: "page", index });
    this.close();
    this.file = file;
    const { file: name, pages, password, template } = file.input;
    this.send({ kind: "open", file: name, pages, password, template, bytes: file.bytes, index });
  }

  close(): void {
    if (this.file) this.send({ kind: "close" });
    this.file = undefined;
  }

  /** Ends it, and at its next look what it is doing. */
  stop(): void {
    this.worker.onmessage = this.worker.onerror = null;
    Atomics.store(new Int32Array(this.flag), 0, 1);
    this.worker.terminate();
  }

  private send(message: ToWorker): void {
    this.worker.postMessage(message);
  }
}
