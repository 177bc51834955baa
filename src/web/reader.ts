/** Hands files to workers, and replaces a worker that takes too long or ends. */
import type { Page } from "../engine/types.ts";
import type { FromWorker, Job } from "./messages.ts";

/** Seconds that a page may take. */
const PATIENCE = 240;
/** Workers at most: each holds the models and a page. */
const MOST = 4;

export interface Told {
  page(job: Job, page: Page, picture: Blob, orientation: number): void;
  failed(job: Job, message: string): void;
  /** What is to be known of all that is read so; every worker says it. */
  note(message: string): void;
  /** So many files are done of all that were given. */
  progress(done: number, all: number): void;
}

interface Seat {
  worker: Worker;
  job?: Job;
  timer?: ReturnType<typeof setTimeout>;
}

export class Reader {
  private readonly queue: Job[] = [];
  private readonly seats: Seat[] = [];
  private readonly most: number;
  private done = 0;
  private all = 0;

  /** @param script of the worker. The first is started at once, so that it is ready when a file comes. */
  constructor(private script: string, private told: Told) {
    const memory = (navigator as { deviceMemory?: number }).deviceMemory ?? 8;
    this.most = Math.max(1, Math.min(MOST, navigator.hardwareConcurrency - 1, Math.floor(memory / 2)));
    this.seat();
  }

  add(jobs: Job[]): void {
    this.queue.push(...jobs);
    this.all += jobs.length;
    this.told.progress(this.done, this.all);
    while (this.seats.length < Math.min(this.most, this.queue.length)) this.seat();
    this.seats.forEach((s) => this.next(s));
  }

  private seat(): void {
    const seat: Seat = { worker: new Worker(this.script, { type: "module" }) };
    seat.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.heard(seat, data);
    seat.worker.onerror = (e) => {
      e.preventDefault();
      this.lose(seat, `the reader ended (${e.message ?? "no memory"})`);
    };
    this.seats.push(seat);
  }

  private next(seat: Seat): void {
    if (seat.job || this.queue.length === 0) return;
    seat.job = this.queue.shift()!;
    seat.worker.postMessage(seat.job);
    this.watch(seat);
  }

  private watch(seat: Seat): void {
    clearTimeout(seat.timer);
    seat.timer = setTimeout(() => this.lose(seat, `the page takes more than ${PATIENCE} seconds`), 1000 * PATIENCE);
  }

  private heard(seat: Seat, message: FromWorker): void {
    if (message.kind === "ready") return;
    if (!seat.job) {
      if (message.kind === "failed") {
        this.told.failed({ name: "scrawl", bytes: new Uint8Array(), charset: "text" }, message.message);
      }
      return;
    }
    if (message.kind === "end") return this.end(seat);
    this.watch(seat);
    if (message.kind === "note") this.told.note(message.message);
    else if (message.kind === "page") this.told.page(seat.job, message.page, message.picture, message.orientation);
    else this.told.failed(seat.job, message.message);
  }

  private end(seat: Seat): void {
    clearTimeout(seat.timer);
    seat.job = undefined;
    this.told.progress(++this.done, this.all);
    this.next(seat);
  }

  private lose(seat: Seat, why: string): void {
    clearTimeout(seat.timer);
    seat.worker.terminate();
    this.seats.splice(this.seats.indexOf(seat), 1);
    if (!seat.job) return this.told.failed({ name: "scrawl", bytes: new Uint8Array(), charset: "text" }, why);
    this.told.failed(seat.job, why);
    this.told.progress(++this.done, this.all);
    this.seat();
    this.next(this.seats[this.seats.length - 1]);
  }
}
