/** Compiles the reading WASM once a thread. */
import init from "../wasm/ocr/ocr.js";
import { wasmFile } from "./simd.ts";

let loading: Promise<unknown> | undefined;

export function loadOcr(): Promise<unknown> {
  loading ??= Deno.readFile(wasmFile("ocr")).then((bytes) => init({ module_or_path: bytes }));
  return loading;
}
