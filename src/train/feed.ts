/** Samples made by workers on all cores while a device learns from those before. */
import type { Config } from "./config.ts";
import { Replay } from "./replay.ts";
import type { Task } from "./task.ts";

export interface SampleStart {
  config: Config;
  rank: number;
}

/** A worker's share of a step, or what went wrong. */
export type SampleMessage = { kind: "ready" } | { kind: "share"; step: number; share: unknown } | {
  kind: "error";
  text: string;
};

/** Steps that are asked for ahead of the one that is learnt from: lines are made by the dozen batches. */
const AHEAD = 16;

export class Feed {
  private readonly workers: Worker[] = [];
  private readonly shares = new Map<number, unknown[]>();
  private readonly waiting = new Map<number, () => void>();
  private failure?: Error;
  private asked = 0;
  /** Of samples so far, counted in steps. */
  private made = 0;

  /** At most `steps` of samples are made. */
  private constructor(private ranks: number, private steps: number, private replay: Replay) {}

  /** Starts the workers, which make samples from step `first` on. */
  static async open(config: Config, first: number): Promise<Feed> {
    const replay = new Replay(config.repeats ?? 1, config.seed);
    // A run that goes on amid a turn begins with new samples: one more.
    const feed = new Feed(config.jobs, replay.made(config.steps) + 1, replay);
    await Promise.all(Array.from({ length: config.jobs }, (_, rank) =>
      new Promise<void>((resolve, reject) => {
        const worker = new Worker(new URL("./sample_worker.ts", import.meta.url), { type: "module" });
        feed.workers.push(worker);
        const fail = (text: string) => {
          const error = new Error(`The maker of samples ${rank}: ${text}`);
          reject(error);
          feed.failure ??= error;
          feed.waiting.forEach((wake) => wake());
        };
        worker.onmessage = ({ data }: MessageEvent<SampleMessage>) => {
          if (data.kind === "ready") resolve();
          else if (data.kind === "error") fail(data.text);
          else feed.take(rank, data.step, data.share);
        };
        worker.onerror = (e) => {
          e.preventDefault();
          fail(e.message);
        };
        worker.postMessage({ config, rank } satisfies SampleStart);
      })));
    feed.made = feed.asked = replay.made(first);
    feed.ask(feed.made + AHEAD);
    return feed;
  }

  private ask(until: number): void {
    for (; this.asked < Math.min(until, this.steps); this.asked++) {
      this.workers.forEach((w) => w.postMessage(this.asked));
    }
  }

  private take(rank: number, step: number, share: unknown): void {
    const all = this.shares.get(step) ?? [];
    all[rank] = share;
    this.shares.set(step, all);
    this.waiting.get(step)?.();
  }

  /** Samples for `step`, new ones or again; steps must be asked for in turn. */
  async next<S>(step: number, task: Task<S>): Promise<S> {
    const again = this.replay.again(step);
    if (again !== undefined) return again as S;
    const samples = await this.fresh(this.made++, task);
    this.replay.keep(samples);
    return samples;
  }

  /** What all workers made as number `step`. */
  private async fresh<S>(step: number, task: Task<S>): Promise<S> {
    this.ask(step + AHEAD);
    const whole = () => {
      const all = this.shares.get(step);
      return all !== undefined && Object.keys(all).length === this.ranks;
    };
    while (!whole()) {
      if (this.failure) throw this.failure;
      await new Promise<void>((resolve) => this.waiting.set(step, resolve));
    }
    this.waiting.delete(step);
    const shares = this.shares.get(step) as S[];
    this.shares.delete(step);
    return task.join(shares);
  }

  close(): void {
    this.workers.forEach((w) => w.terminate());
  }
}
