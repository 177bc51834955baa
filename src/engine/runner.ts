/** A network without pages: for single characters, probes and benchmarks. */
import type { Runner } from "../wasm/ocr/ocr.js";
import { readBytes } from "../files.ts";
import { loadOcr } from "./load.ts";

export type { Runner };

/**
 * @param int8 run in integers; the model must have been prepared for it (`export --to int8`).
 * @throws Error where the file or the bytes are no model of this version, or not prepared.
 */
export async function openRunner(model: string | URL | Uint8Array, int8 = false): Promise<Runner> {
  const ocr = await loadOcr();
  return new ocr.Runner(model instanceof Uint8Array ? model : await readBytes(model), int8);
}
