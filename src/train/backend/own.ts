/** Operations of ours as tfjs kernels: a backend that has registered one runs it, on any other the same is made of tfjs's own. */
import * as tf from "@tensorflow/tfjs";

/** Whether the backend in use has a kernel of this name. */
export const hasKernel = (name: string): boolean => tf.getKernel(name, tf.getBackend()) !== undefined;

export function runKernel(
  name: string,
  inputs: Record<string, tf.Tensor>,
  attrs: Record<string, unknown> = {},
): tf.Tensor[] {
  const out = tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap);
  return Array.isArray(out) ? out : [out];
}

/** Runs `forward` outside of tfjs's own gradients; `keep` are what `gradient` is given beside `dy`, the output last. */
export function withGradient<T extends tf.Tensor>(
  inputs: tf.Tensor[],
  keep: tf.Tensor[],
  forward: () => tf.Tensor,
  gradient: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[],
): T {
  const op = tf.customGrad((...all) => {
    const save = all[inputs.length] as tf.GradSaveFunc;
    const value = forward();
    save([...keep, value]);
    return { value, gradFunc: gradient };
  });
  return op(...inputs) as T;
}
