/// <reference lib="deno.worker" />
/** Makes this worker's share of the samples of the steps that it is asked for. */
import type { SampleMessage, SampleStart } from "./feed.ts";
import { loadTask } from "./load.ts";
import type { Task } from "./task.ts";

let task: Task | undefined;

const post = (m: SampleMessage, transfer: Transferable[] = []) => self.postMessage(m, transfer);

self.onmessage = async ({ data }: MessageEvent<SampleStart | number>) => {
  try {
    if (typeof data !== "number") {
      const { config, rank } = data;
      task = await loadTask(config, { rank, ranks: config.jobs, makes: true, measures: false });
      return post({ kind: "ready" });
    }
    const share = task!.samples(data);
    const { x } = share as { x: Uint8Array };
    post({ kind: "share", step: data, share }, [x.buffer as ArrayBuffer]);
  } catch (e) {
    post({ kind: "error", text: (e as Error).stack ?? String(e) });
  }
};
