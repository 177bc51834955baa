/** The state of a run as one safetensors file, written whole or not at all. */
import type * as tf from "@tensorflow/tfjs";
import { assign, type Net } from "./net.ts";
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

/** The values that `file` has for a tensor of so many. */
function reader({ tensors }: Tensors, path: string) {
  return (name: string, size: number): Float32Array => {
    const t = tensors[name];
    if (!t || t.data.length !== size) {
      throw new Error(
        `${path}: ${name} has ${t?.data.length ?? "no"} values, this net wants ${size}; another preset made it`,
      );
    }
    return t.data;
  };
}

/** Fills `state` and returns the steps done. */
export async function load(path: string, { net, optimizer, average }: State): Promise<number> {
  const file = decode(await Deno.readFile(path), path);
  const get = reader(file, path);
  net.variables.forEach((v, i) => assign(v, get(`weights.${i}`, v.size)));
  net.statistics.forEach((s, i) => s.set(get(`statistics.${i}`, s.length)));
  average.forEach((a, i) => a.set(get(`average.${i}`, a.length)));
  optimizer.slots.forEach((slot, s) => slot.forEach((v, i) => assign(v, get(`slot${s}.${i}`, v.size))));
  return Number(file.metadata.step);
}

/** The mean of several checkpoints of one net, averaged weights and statistics alone (Wortsman et al. 2022: model soups). */
export function mean(files: Tensors[], paths: string[]): Tensors {
  const names = Object.keys(files[0].tensors).filter((n) => /^(average|statistics)\./.test(n));
  if (!names.includes("average.0")) throw new Error(`${paths[0]} is no checkpoint with averaged weights`);
  const tensors = Object.fromEntries(names.map((name) => {
    const { shape, data } = files[0].tensors[name];
    const all = files.map((file, i) => reader(file, paths[i])(name, data.length));
    return [name, { shape, data: data.map((_, j) => all.reduce((sum, a) => sum + a[j], 0) / all.length) }];
  }));
  return { metadata: {}, tensors };
}

/** Makes a checkpoint's weights, averaged where it has them, the starting point of a new run. `path` is for the message. */
export function begin(file: Tensors, path: string, { net, average }: State): void {
  const get = reader(file, path);
  const kind = "average.0" in file.tensors ? "average" : "weights";
  net.variables.forEach((v, i) => {
    const data = get(`${kind}.${i}`, v.size);
    assign(v, data);
    average[i]?.set(data);
  });
  net.statistics.forEach((s, i) => s.set(get(`statistics.${i}`, s.length)));
}
