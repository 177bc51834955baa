/// <reference lib="deno.worker" />
/** A worker of `ocr`: owns an engine, and reads pages of one file after another as the main thread asks for them. */
import { stopWhen } from "../decode/stop.ts";
import { Engine } from "../engine/engine.ts";
import { toScrawlError } from "../errors.ts";
import { Forms } from "./forms.ts";
import { type FromWorker, type Opening, readPages, type Setup, type ToWorker } from "./reading.ts";

const post = (message: FromWorker) => self.postMessage(message);
const inbox: ToWorker[] = [];
let wake: () => void = () => {};

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  inbox.push(data);
  wake();
};

async function received(): Promise<ToWorker> {
  while (inbox.length === 0) await new Promise<void>((resolve) => wake = resolve);
  return inbox.shift()!;
}

/** The next page of the file that is open; none where it is closed. */
async function nextPage(): Promise<number | undefined> {
  const message = await received();
  return message.kind === "page" ? message.index : undefined;
}

/** An engine for `setup`, that has understood its pattern and characters. */
async function open({ model, options }: Setup): Promise<Engine> {
  const engine = await Engine.open(model);
  if (options.pattern !== undefined || options.allowedChars !== undefined) engine.readLines([], options);
  return engine;
}

async function read(engine: Engine, forms: Forms, setup: Setup, opening: Opening): Promise<void> {
  try {
    await readPages(engine, forms, setup, opening, nextPage, post);
  } catch (e) {
    const { code, message } = toScrawlError(e);
    post({ kind: "error", code, message });
  }
}

async function run(): Promise<void> {
  const first = await received();
  if (first.kind !== "setup") throw new Error("a worker is set up before it reads");
  stopWhen(new Int32Array(first.stop));
  let engine: Engine;
  let forms: Forms;
  try {
    engine = await open(first.setup);
    forms = new Forms(engine);
    if (first.setup.template !== undefined) await forms.load(first.setup.template);
  } catch (e) {
    const { code, message } = toScrawlError(e);
    return post({ kind: "unfit", code, message });
  }
  post({ kind: "ready" });
  while (true) {
    const message = await received();
    // Pages that were asked for before a file's error was heard are let go.
    if (message.kind === "open") await read(engine, forms, first.setup, message);
  }
}

run();
