/** A network without pages: for single characters, probes and benchmarks. */
import { Runner } from "../wasm/ocr/ocr.js";
import { loadOcr } from "./load.ts";

export type { Runner };

/** @throws Error where the file is no model of this version. */
export async function openRunner(model: string | URL): Promise<Runner> {
  await loadOcr();
  return new Runner(await Deno.readFile(model));
}
