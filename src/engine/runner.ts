/** A network without pages: for single characters, probes and benchmarks. */
import { Runner } from "../wasm/ocr/ocr.js";
import { loadOcr } from "./load.ts";

export type { Runner };

/** @throws Error where the file or the bytes are no model of this version. */
export async function openRunner(model: string | URL | Uint8Array): Promise<Runner> {
  await loadOcr();
  return new Runner(model instanceof Uint8Array ? model : await Deno.readFile(model));
}
