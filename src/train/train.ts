/** A training run: makes the folder, starts the workers, shows progress, keeps the history. */
import * as tf from "@tensorflow/tfjs";
import { join } from "@std/path/join";
import { Net } from "./net.ts";
import type { Config, History } from "./config.ts";
import { Exchange } from "./exchange.ts";
import { drawCurves } from "./curves.ts";
import { append, beginHistory, historyOf } from "./history.ts";
import type { Message, Start } from "./worker.ts";

export interface RunOptions {
  folder: string;
  resume: boolean;
  verbose: boolean;
  onProgress(history: History, total: number): void;
  onNote(text: string): void;
}

/** Trains as `config` says and returns the history. The folder holds the model, the checkpoint and the records. */
export async function train(config: Config, o: RunOptions): Promise<History[]> {
  await Deno.mkdir(o.folder, { recursive: true });
  // Here the net is described; workers have their own.
  await tf.setBackend("cpu");
  const net = new Net(config.layers, config.input, config.seed);
  const length = 1 + net.parameters + net.statistics.reduce((n, s) => n + s.length, 0);
  await Deno.writeTextFile(join(o.folder, "config.json"), JSON.stringify(config, null, 2) + "\n");
  await Deno.writeTextFile(join(o.folder, "summary.txt"), net.summary.join("\n") + "\n");
  const history = o.resume ? await historyOf(o.folder) : [];
  await beginHistory(o.folder, history);
  // A device has one replica, whose worker has others make samples.
  const replicas = config.backend === "webgpu" ? 1 : config.jobs;
  const shared = Exchange.buffer(replicas, length);
  const workers: Worker[] = [];
  try {
    await Promise.all(Array.from({ length: replicas }, (_, rank) =>
      new Promise<void>((resolve, reject) => {
        const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
        workers.push(worker);
        worker.onmessage = async ({ data }: MessageEvent<Message>) => {
          if (data.kind === "progress") {
            history.push(data.history);
            await append(o.folder, data.history);
            o.onProgress(data.history, config.steps);
          } else if (data.kind === "note") o.onNote(data.text);
          else if (data.kind === "done") resolve();
          else reject(new Error(`Worker ${rank}: ${data.text}`));
        };
        worker.onerror = (e) => {
          e.preventDefault();
          reject(new Error(`Worker ${rank}: ${e.message}`));
        };
        const start: Start = { config, rank, replicas, shared, folder: o.folder, resume: o.resume, verbose: o.verbose };
        worker.postMessage(start);
      })));
  } finally {
    workers.forEach((w) => w.terminate());
  }
  await drawCurves(history, o.folder);
  return history;
}
