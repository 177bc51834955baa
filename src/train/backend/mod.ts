/** Loads the kernels and registers the `rust` backend with tfjs. */
import * as tf from "@tensorflow/tfjs";
import { RustBackend } from "./backend.ts";
import { FRAME_RUST_KERNELS, MAP_RUST_KERNELS, RUST_KERNELS } from "./kernels.ts";
import { loadRuntime } from "./runtime.ts";

export { RustBackend } from "./backend.ts";
export { loadRuntime, loadSamples, type Runtime } from "./runtime.ts";

/**
 * Makes `rust` a backend of this thread's tfjs and returns it. Call `tf.setBackend("rust")` to use it.
 * @param onFallback told once for each tfjs kernel that runs on the CPU backend because Rust has none for it.
 * @param kind whether the kernels are the WASM or the native library.
 */
export async function registerRust(
  onFallback: (kernel: string) => void = () => {},
  kind: "rust" | "native" = "rust",
): Promise<RustBackend> {
  // Else tfjs advises, at its first tensor, to install native code.
  tf.enableProdMode();
  const existing = tf.findBackend("rust");
  if (existing instanceof RustBackend) return existing;
  const backend = new RustBackend(await loadRuntime(kind));
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
  for (const [kernelName, kernel] of Object.entries({ ...MAP_RUST_KERNELS, ...FRAME_RUST_KERNELS })) {
    tf.registerKernel({
      kernelName,
      backendName: "rust",
      kernelFunc: ({ inputs, attrs }) => kernel(inputs as never, attrs ?? {}, backend)!,
    });
  }
  return backend;
}
