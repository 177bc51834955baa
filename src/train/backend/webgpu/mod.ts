/** Puts our backend in the place of tfjs's own of the name `webgpu`. */
import * as tf from "@tensorflow/tfjs";
import { GpuBackend } from "./backend.ts";
import { openDevice } from "./device.ts";
import { GPU_FRAME_KERNELS } from "./frames.ts";
import { GPU_KERNELS } from "./kernels.ts";
import { GPU_MAP_KERNELS } from "./maps.ts";

export { GpuBackend } from "./backend.ts";
export { GpuLearner } from "./learner.ts";

/** These give another name or shape to the same values. */
const VIEWS = ["Identity", "Reshape", "Cast", "ExpandDims"];

let registered: GpuBackend | undefined;

/**
 * Makes `webgpu` a backend of this thread's tfjs and returns it. Call `tf.setBackend("webgpu")` to use it.
 * @param onFallback told once for each kernel of tfjs's own that runs because there is no program of ours for it.
 * @throws Error where there is no device; see {@linkcode openDevice}.
 */
export async function registerWebGpu(onFallback: (kernel: string) => void = () => {}): Promise<GpuBackend> {
  if (registered) return registered;
  const backend = new GpuBackend(await openDevice());
  // tfjs would compute with small values that are not on the device yet on the CPU.
  tf.env().set("WEBGPU_CPU_FORWARD", false);
  tf.removeBackend("webgpu");
  tf.registerBackend("webgpu", () => backend, 3);
  const reported = new Set<string>();
  for (const config of tf.getKernelsForBackend("webgpu")) {
    const { kernelName, kernelFunc } = config;
    const ours = GPU_KERNELS[kernelName];
    tf.unregisterKernel(kernelName, "webgpu");
    tf.registerKernel({
      ...config,
      kernelFunc: (params) => {
        const done = ours?.(params.inputs as never, params.attrs ?? {}, backend);
        if (done) return done;
        if (!reported.has(kernelName) && !VIEWS.includes(kernelName)) {
          reported.add(kernelName);
          onFallback(kernelName);
        }
        return kernelFunc(params);
      },
    });
  }
  for (const [kernelName, kernel] of Object.entries({ ...GPU_MAP_KERNELS, ...GPU_FRAME_KERNELS })) {
    tf.registerKernel({
      kernelName,
      backendName: "webgpu",
      kernelFunc: ({ inputs, attrs }) => kernel(inputs as never, attrs ?? {}, backend)!,
    });
  }
  return registered = backend;
}
