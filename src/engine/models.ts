/** Where the models that ship with scrawl lie, and the bytes of any. */
import { ScrawlError } from "../errors.ts";
import { readBytes } from "../files.ts";

/** Reads single digits. */
export const DIGIT_MODEL = new URL("../../models/digits/model.safetensors", import.meta.url);
/** Says where writing stands, and what is hand and what print. */
export const PAGE_MODEL = new URL("../../models/page/model.safetensors", import.meta.url);
/** Reads lines. */
export const LINE_MODEL = new URL("../../models/line/model.safetensors", import.meta.url);
/** Inputs and the trainer's outputs for them, that the runtime must reproduce. */
export const LINE_PROBE = new URL("../../models/line/probe.safetensors", import.meta.url);

/** @throws ScrawlError that names the model where it cannot be had. */
export function modelBytes(from: string | URL): Promise<Uint8Array> {
  return readBytes(from).catch((e) => {
    throw new ScrawlError("access", `cannot read the model ${from}: ${(e as Error).message}`);
  });
}
