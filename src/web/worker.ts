/// <reference lib="deno.worker" />
/** Reads files in a worker of the page, one at a time. */
import { Engine } from "../engine/engine.ts";
import { LINE_MODEL } from "../engine/models.ts";
import { toScrawlError } from "../errors.ts";
import { DEFAULTS } from "../mod.ts";
import { type Budgets, limitsOf, percent, type Thresholds, thresholdsFor } from "../promise/budgets.ts";
import { budgetsBeside } from "../promise/load.ts";
import { readFile } from "../read.ts";
import type { FromWorker, Job } from "./messages.ts";
import { toJpeg } from "./picture.ts";

const post = (message: FromWorker) => self.postMessage(message);
const engine = Engine.open();
engine.then(() => post({ kind: "ready" }), (e) => post({ kind: "failed", message: toScrawlError(e).message }));

let budgets: Promise<Budgets> | undefined;

/** What a field must score, and what is to be known of that. */
async function thresholds(maxError: number): Promise<Thresholds> {
  budgets ??= engine.then((e) => budgetsBeside(LINE_MODEL, e.digest));
  const found = thresholdsFor(await budgets, maxError);
  const notes = limitsOf(
    found,
    `"at most ${percent(maxError)} wrong"`,
    "look at what was left blank, and at some of the rest",
  );
  notes.forEach((message) => post({ kind: "note", message }));
  return found.thresholds;
}

async function read({ name, bytes, charset, maxError }: Job): Promise<void> {
  let picture: Blob | undefined;
  let orientation = 1;
  const onPicture = async (decoded: { picture: Parameters<typeof toJpeg>[0] }) => {
    picture = await toJpeg(decoded.picture);
    orientation = decoded.picture.orientation;
  };
  try {
    const promise = maxError === undefined ? {} : { maxError, thresholds: await thresholds(maxError) };
    for await (const page of readFile(await engine, name, bytes, { ...DEFAULTS, charset, ...promise, onPicture })) {
      if ("error" in page) post({ kind: "failed", message: page.error.message });
      else post({ kind: "page", page, picture: picture!, orientation });
    }
  } catch (e) {
    post({ kind: "failed", message: toScrawlError(e).message });
  }
  post({ kind: "end" });
}

self.onmessage = ({ data }: MessageEvent<Job>) => {
  read(data);
};
