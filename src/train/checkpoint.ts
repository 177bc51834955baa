/** The state of a run as one safetensors file, written whole or not at all. */
import * as tf from "@tensorflow/tfjs";
import type { Net } from "./net.ts";
import type { Optimizer } from "./optimizer.ts";
import { decode, encode, type Tensors } from "../safetensors.ts";

export interface State {
  net: Net;
  optimizer: Optimizer;
  /** Averaged weights, in the order of the variables; empty without averaging. */
  average: Float32Array[];
}

const flat = (v: tf.Variable) => v.dataSync() as Float32Array;

export async function save(path: string, state: State, step: number): Promise<void> {
  const tensors: Tensors["tensors"] = {};
  const put = (name: string, data: Float32Array) => tensors[name] = { shape: [data.length], data };
  state.net.variables.forEach((v, i) => put(`weights.${i}`, flat(v)));
  state.optimizer.slots.forEach((slot, s) => slot.forEach((v, i) => put(`slot${s}.${i}`, flat(v))));
  state.average.forEach((a, i) => put(`average.${i}`, a));
  state.net.statistics.forEach((a, i) => put(`statistics.${i}`, a));
  await Deno.writeFile(`${path}.part`, encode({ metadata: { step: String(step) }, tensors }));
  await Deno.rename(`${path}.part`, path);
}

/** Fills `state` and returns the steps done. With `weightsOnly` the averaged weights become the starting point of a new run. */
export async function load(path: string, state: State, weightsOnly = false): Promise<number> {
  const { metadata, tensors } = decode(await Deno.readFile(path), path);
  const get = (name: string, size: number) => {
    const t = tensors[name];
    if (!t || t.data.length !== size) {
      throw new Error(
        `${path}: ${name} has ${t?.data.length ?? "no"} values, this net wants ${size}; another preset made it`,
      );
    }
    return t.data;
  };
  const averaged = weightsOnly && "average.0" in tensors;
  state.net.variables.forEach((v, i) => {
    const data = get(`${averaged ? "average" : "weights"}.${i}`, v.size);
    tf.tidy(() => v.assign(tf.tensor(data, v.shape)));
    state.average[i]?.set(data);
  });
  state.net.statistics.forEach((s, i) => s.set(get(`statistics.${i}`, s.length)));
  if (weightsOnly) return 0;
  state.average.forEach((a, i) => a.set(get(`average.${i}`, a.length)));
  state.optimizer.slots.forEach((slot, s) =>
    slot.forEach((v, i) => tf.tidy(() => v.assign(tf.tensor(get(`slot${s}.${i}`, v.size), v.shape))))
  );
  return Number(metadata.step);
}
