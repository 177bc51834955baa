/// <reference lib="deno.worker" />
/** Reads files in a worker of the page, one at a time. */
import { Engine } from "../engine/engine.ts";
import { toScrawlError } from "../errors.ts";
import { DEFAULTS } from "../mod.ts";
import { readFile } from "../read.ts";
import type { FromWorker, Job } from "./messages.ts";
import { toJpeg } from "./picture.ts";

const post = (message: FromWorker) => self.postMessage(message);
const engine = Engine.open();
engine.then(() => post({ kind: "ready" }), (e) => post({ kind: "failed", message: toScrawlError(e).message }));

async function read({ name, bytes, charset }: Job): Promise<void> {
  let picture: Blob | undefined;
  let orientation = 1;
  const onPicture = async (decoded: { picture: Parameters<typeof toJpeg>[0] }) => {
    picture = await toJpeg(decoded.picture);
    orientation = decoded.picture.orientation;
  };
  try {
    for await (const page of readFile(await engine, name, bytes, { ...DEFAULTS, charset, onPicture })) {
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
