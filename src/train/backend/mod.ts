/** Loads the kernels and registers the `rust` backend with tfjs. */
import * as tf from "@tensorflow/tfjs";
import { wasmFile } from "../../engine/simd.ts";
import * as kernels from "../../wasm/train/train.js";
import { type Runtime, RustBackend } from "./backend.ts";
import { RUST_KERNELS } from "./kernels.ts";

export { type Runtime, RustBackend } from "./backend.ts";

/**
 * Values reserved for tensors in each thread, 1.5 GiB: the seed's net at batch 128 needs 0.4. Memory that is not touched costs nothing.
 * The allocator keeps what was once given to it, so asking for it all and giving it back makes later requests stay within.
 */
const RESERVE = 384 << 20;

const wasm = wasmFile("train");
let runtime: Runtime | undefined;

/** The kernels of this thread, loaded once. */
export async function loadRuntime(): Promise<Runtime> {
  if (!runtime) {
    const { memory } = await kernels.default({ module_or_path: await Deno.readFile(wasm) });
    const reserve = kernels.allocate(RESERVE);
    if (reserve === 0) throw new RangeError("Training could not reserve 1.5 GiB of WASM memory: close other programs");
    kernels.release(reserve, RESERVE);
    runtime = { kernels, memory };
  }
  return runtime;
}

/**
 * Makes `rust` a backend of this thread's tfjs and returns it. Call `tf.setBackend("rust")` to use it.
 * @param onFallback told once for each tfjs kernel that runs on the CPU backend because Rust has none for it.
 */
export async function registerRust(onFallback: (kernel: string) => void = () => {}): Promise<RustBackend> {
  const existing = tf.findBackend("rust");
  if (existing instanceof RustBackend) return existing;
  const backend = new RustBackend(await loadRuntime());
  const reported = new Set<string>();
  tf.registerBackend("rust", () => backend, 10);
  for (const config of tf.getKernelsForBackend("cpu")) {
    const { kernelName, kernelFunc } = config;
    const ours = RUST_KERNELS[kernelName];
    tf.registerKernel({
      ...config,
      backendName: "rust",
      kernelFunc: (params) => {
        const done = ours?.(params.inputs as never, params.attrs ?? {}, backend);
        if (done) return done;
        if (!reported.has(kernelName)) {
          reported.add(kernelName);
          onFallback(kernelName);
        }
        return kernelFunc(params);
      },
    });
  }
  return backend;
}
