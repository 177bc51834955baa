/// <reference lib="deno.worker" />
/** A worker of `ocr --jobs`: owns an engine, reads its share of the pages of each file it is told of, never far ahead. */
import { Engine } from "../engine/engine.ts";
import { toScrawlError } from "../errors.ts";
import { type FromWorker, PAGES_AHEAD, readTask, type Setup, type ToWorker } from "./reading.ts";

const post = (message: FromWorker) => self.postMessage(message);
let engine: Engine;
let setup: Setup;
let unread = 0;
let resume: () => void = () => {};
/** Tasks run one after another, in the order in which they came. */
let tail: Promise<void> = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "ack") {
    unread--;
    resume();
  } else if (data.kind === "task") {
    tail = tail.then(() => run(data.number, data.task));
  } else {
    setup = data.setup;
    // A rejection here reaches the page that started the worker as its error.
    tail = Engine.open(setup.model).then((e) => {
      engine = e;
      post({ kind: "ready" });
    });
  }
};

async function run(file: number, task: Parameters<typeof readTask>[2]): Promise<void> {
  try {
    for await (const page of readTask(engine, setup, task)) {
      post({ kind: "page", file, page });
      unread++;
      while (unread >= PAGES_AHEAD) await new Promise<void>((resolve) => resume = resolve);
    }
    post({ kind: "end", file });
  } catch (e) {
    const { code, message } = toScrawlError(e);
    post({ kind: "error", file, code, message });
  }
}
