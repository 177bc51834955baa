/** Compiles the reading WASM once a thread. */
import init from "../wasm/ocr/ocr.js";
import { readBytes } from "../files.ts";
import { wasmFile } from "./simd.ts";

let loading: Promise<unknown> | undefined;

export function loadOcr(): Promise<unknown> {
  loading ??= readBytes(wasmFile("ocr")).then((bytes) => init({ module_or_path: bytes }));
  return loading;
}
