/**
 * The state of a run as safetensors files of at most 15 MB. The first names the others, which are written before it and have
 * the step in their names: a run that is cut off while it writes has its last state whole.
 */
import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import type { Snapshot } from "./learner.ts";
import type { History } from "./config.ts";
import type { Net } from "./net.ts";
import { decode, encode, type Tensors } from "../safetensors.ts";
import { writeWhole } from "./write.ts";

/** Bytes of tensors in a file at most, so that with its header it stays below 15 MB. */
const MOST = 14_500_000;

/** Tensors in groups that fit a file each. One that is larger by itself is cut into pieces, `name#0`, `name#1` ... */
function grouped(tensors: Tensors["tensors"], most: number): Tensors["tensors"][] {
  const groups: Tensors["tensors"][] = [{}];
  let bytes = 0;
  const put = (name: string, shape: number[], data: Float32Array) => {
    if (bytes + data.byteLength > most && bytes > 0) {
      groups.push({});
      bytes = 0;
    }
    groups[groups.length - 1][name] = { shape, data };
    bytes += data.byteLength;
  };
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const piece = Math.floor(most / 4);
    if (data.length <= piece) put(name, shape, data);
    else {
      for (let at = 0; at < data.length; at += piece) {
        const part = data.subarray(at, at + piece);
        put(`${name}#${at / piece}`, [part.length], part);
      }
    }
  }
  return groups;
}

/**
 * Writes the state after `step` steps to `path` and, where it is large, files beside it, and the records of the history since the state
 * before. `most` is for tests.
 */
export async function save(
  path: string,
  s: Snapshot,
  step: number,
  history: History[] = [],
  most = MOST,
): Promise<void> {
  const tensors: Tensors["tensors"] = {};
  const put = (kind: string, all: Float32Array[]) =>
    all.forEach((data, i) => tensors[`${kind}.${i}`] = { shape: [data.length], data });
  put("weights", s.weights);
  s.slots.forEach((slot, k) => put(`slot${k}`, slot));
  put("average", s.average);
  put("statistics", s.statistics);
  const [first, ...rest] = grouped(tensors, most);
  const stem = basename(path, ".safetensors");
  const names = rest.map((_, i) => `${stem}-${step}-${i + 2}.safetensors`);
  for (const [i, group] of rest.entries()) {
    await Deno.writeFile(join(dirname(path), names[i]), encode({ metadata: { step: String(step) }, tensors: group }));
  }
  const metadata = {
    step: String(step),
    history: JSON.stringify(history),
    ...names.length > 0 ? { parts: JSON.stringify(names) } : {},
  };
  await writeWhole(path, encode({ metadata, tensors: first }));
  const part = new RegExp(`^${stem.replace(/[^\w]/g, "\\$&")}-\\d+-\\d+\\.safetensors$`);
  for await (const { name } of Deno.readDir(dirname(path) || ".")) {
    if (part.test(name) && !names.includes(name)) await Deno.remove(join(dirname(path), name));
  }
}

/**
 * A checkpoint with its parts, or any other safetensors file.
 * @throws Error that names a part that is missing or of another step.
 */
export async function readCheckpoint(path: string): Promise<Tensors> {
  const file = decode(await Deno.readFile(path), path);
  const parts: string[] = JSON.parse(file.metadata.parts ?? "[]");
  for (const name of parts) {
    const at = join(dirname(path), name);
    const bytes = await Deno.readFile(at).catch((e) => {
      throw new Error(`${path} goes on in ${at}, which cannot be read: ${(e as Error).message}. Copy all of its parts`);
    });
    const part = decode(bytes, at);
    if (part.metadata.step !== file.metadata.step) {
      throw new Error(`${at} is of step ${part.metadata.step}, ${path} of step ${file.metadata.step}`);
    }
    Object.assign(file.tensors, part.tensors);
  }
  const pieces = new Map<string, Float32Array[]>();
  for (const key of Object.keys(file.tensors)) {
    const [name, number] = key.split("#");
    if (number === undefined) continue;
    if (!pieces.has(name)) pieces.set(name, []);
    pieces.get(name)![Number(number)] = file.tensors[key].data;
    delete file.tensors[key];
  }
  for (const [name, all] of pieces) {
    const data = new Float32Array(all.reduce((n, p) => n + p.length, 0));
    let at = 0;
    for (const p of all) {
      data.set(p, at);
      at += p.length;
    }
    file.tensors[name] = { shape: [data.length], data };
  }
  return file;
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

/** The state that a checkpoint holds, of the form of `like`, and the steps done. */
export async function load(path: string, like: Snapshot): Promise<[Snapshot, step: number]> {
  const file = await readCheckpoint(path);
  const get = reader(file, path);
  const all = (kind: string, of: Float32Array[]) => of.map((v, i) => get(`${kind}.${i}`, v.length));
  return [{
    weights: all("weights", like.weights),
    slots: like.slots.map((slot, k) => all(`slot${k}`, slot)),
    average: all("average", like.average),
    statistics: all("statistics", like.statistics),
  }, Number(file.metadata.step)];
}

/** Files that a run starts from, and their shares of its weights, which add up to one. */
export interface Origins {
  paths: string[];
  shares: number[];
}

/** What `--from` names: `A`, `A,B` in equal shares, or `A@0.6,B@0.4`. @throws Error where the shares do not fit together. */
export function originsOf(from: string): Origins {
  const parts = from.split(",").map((part) => /^(.+?)(?:@(\d*\.?\d+))?$/.exec(part));
  const given = parts.map((p) => p?.[2] === undefined ? undefined : Number(p[2]));
  const sum = given.reduce((a: number, b) => a + (b ?? 0), 0);
  const paths = parts.map((p) => p?.[1] ?? "");
  if (given.every((s) => s === undefined)) return { paths, shares: paths.map(() => 1 / paths.length) };
  if (given.includes(undefined) || Math.abs(sum - 1) > 1e-6) {
    throw new Error(`--from ${from}: shares are for all files, as in A@0.6,B@0.4, and add up to 1`);
  }
  return { paths, shares: given as number[] };
}

/**
 * A checkpoint's weights, averaged where it has them, as the starting point of a new run of `net`, whose layers the checkpoint's are
 * among, in order. Other layers stay as they began; their numbers, from 0, are given as well. `path` is for the message.
 * @throws Error that names the first tensor that has no place in the net.
 */
export function begin(file: Tensors, path: string, like: Snapshot, net: Net): [Snapshot, fresh: number[]] {
  const kind = "average.0" in file.tensors ? "average" : "weights";
  const weights = like.weights.slice(), statistics = like.statistics.slice();
  const fresh: number[] = [];
  /** Tensors taken so far: those of a layer are taken together or not at all. */
  const taken = { [kind]: 0, statistics: 0 };
  const take = (what: string, to: Float32Array[], places: number[]) => {
    const all = places.map((_, k) => file.tensors[`${what}.${taken[what] + k}`]?.data);
    if (!places.every((at, k) => all[k]?.length === to[at].length)) return undefined;
    return () => {
      places.forEach((at, k) => to[at] = all[k]);
      taken[what] += places.length;
    };
  };
  for (const part of net.parts) {
    const both = [take(kind, weights, part.variables), take("statistics", statistics, part.statistics)];
    if (both.includes(undefined)) fresh.push(part.layer);
    else both.forEach((put) => put!());
  }
  for (const [what, n] of Object.entries(taken)) {
    const next = file.tensors[`${what}.${n}`];
    if (next || (n === 0 && what === kind)) {
      throw new Error(
        `${path}: ${what}.${n}, ${next?.data.length ?? "no"} values, has no place in this net: another preset made it`,
      );
    }
  }
  return [startingAt(like, weights, statistics), fresh];
}

/** A starting point of the form of `like`: nothing is averaged yet. */
function startingAt(like: Snapshot, weights: Float32Array[], statistics: Float32Array[]): Snapshot {
  return { ...like, weights, average: like.average.map((_, i) => weights[i]), statistics };
}

/**
 * The mean of the averaged weights of several checkpoints, each as {@linkcode begin} takes it, as the starting point of a new run
 * (Wortsman et al. 2022: model soups). The first must have all layers of the net. Layers that another lacks add nothing in it: what
 * begins as zeros in `like` is zero there, the rest as in the first.
 * @throws Error that names a file without averaged weights, of another net, or with layers missing in the first.
 */
export function mean(files: Tensors[], { paths, shares }: Origins, like: Snapshot, net: Net): Snapshot {
  const begun = files.map((file, i) => {
    if (!("average.0" in file.tensors)) throw new Error(`${paths[i]} is no checkpoint with averaged weights`);
    return begin(file, paths[i], like, net);
  });
  const [[first, lacking]] = begun;
  if (lacking.length > 0) throw new Error(`${paths[0]}: the first of several must have all layers of the net`);
  for (const [state, fresh] of begun) {
    for (const part of net.parts.filter((p) => fresh.includes(p.layer))) {
      for (const i of part.variables) if (like.weights[i].some((v) => v !== 0)) state.weights[i] = first.weights[i];
      for (const i of part.statistics) state.statistics[i] = first.statistics[i];
    }
  }
  const over = (kind: "weights" | "statistics") =>
    first[kind].map((a, i) => a.map((_, j) => begun.reduce((sum, [b], k) => sum + shares[k] * b[kind][i][j], 0)));
  return startingAt(like, over("weights"), over("statistics"));
}

/** A model file's weights, its folded norms unfolded into `net` (see {@linkcode Net.unfold}), as the starting point of a new run. */
export function unfolded(net: Net, like: Snapshot): Snapshot {
  const weights = net.variables.map((v) => v.dataSync().slice() as Float32Array);
  return startingAt(like, weights, net.statistics.map((s) => s.slice()));
}
