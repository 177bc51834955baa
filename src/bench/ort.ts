/** onnxruntime-web on one thread, its WASM read from the package: the peer of the inference bench, and the judge of the ONNX export. */
import { fromFileUrl } from "@std/path/from-file-url";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import * as ort from "onnxruntime-web/wasm";

export { ort };

let ready = false;

export async function openSession(model: Uint8Array): Promise<ort.InferenceSession> {
  if (!ready) {
    const folder = dirname(fromFileUrl(import.meta.resolve("onnxruntime-web/wasm")));
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = "error";
    const binary = await Deno.readFile(join(folder, "ort-wasm-simd-threaded.wasm"));
    ort.env.wasm.wasmBinary = binary.buffer;
    ready = true;
  }
  return await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
}
