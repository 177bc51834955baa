/**
 * Self-attention of several heads over the frames of lines, each frame within a window, and its gradient: a workgroup a query, line
 * and head. Next to the dense layers around it this is little work, so keys and values come from the cache and not by tiles.
 *
 * Queries, keys and values lie in one map `[n][w][3 c]`, heads behind one another in each.
 */
import type * as tf from "@tensorflow/tfjs";
import type { GpuBackend } from "./backend.ts";
import { halves } from "./columns.ts";
import { lanes, program, type Spec } from "./program.ts";

const THREADS = 64;

export interface Heads {
  heads: number;
  /** How many frames to each side a frame sees. */
  window: number;
}

interface Sizes {
  n: number;
  w: number;
  c: number;
  depth: number;
  /** Keys that a query sees at most. */
  band: number;
}

function sizes(qkv: tf.TensorInfo, { heads, window }: Heads): Sizes {
  const [n, , w, c3] = qkv.shape;
  return { n, w, c: c3 / 3, depth: c3 / 3 / heads, band: 2 * window + 1 };
}

/** A single value of a buffer that may hold vectors. */
const at = (s: Sizes, buffer: string, index: string) =>
  lanes(s.depth).width === 4 ? `${buffer}[(${index}) / 4u][(${index}) % 4u]` : `${buffer}[${index}]`;

/** `sum` of `q[d] * buffer[first + d]` over a head's values. */
function dot(s: Sizes, q: string, buffer: string, first: string, sum: string): string {
  const { type, width } = lanes(s.depth);
  const values = s.depth / width;
  return `var ${sum} = 0.0;
    { var total = ${type}(); let start = (${first}) / ${width}u;
      for (var d = 0u; d < ${values}u; d++) { total += ${q}[d] * ${buffer}[start + d]; }
      ${sum} = ${width === 4 ? "(total.x + total.y) + (total.z + total.w)" : "total"}; }`;
}

const reduced = (array: string, join: (a: string, b: string) => string) =>
  halves(THREADS).map((h) =>
    `  workgroupBarrier(); if (thread < ${h}u) { ${array}[thread] = ${
      join(`${array}[thread]`, `${array}[thread + ${h}u]`)
    }; }`
  ).join("\n") + "\n  workgroupBarrier();";
const add = (a: string, b: string) => `${a} + ${b}`;

/** The beginning of each program of a query: `i` sees `count` keys from `first` on; `s[j]` is how much it takes of each. */
function scores(s: Sizes, masked: boolean, h: Heads, zero: string, more = ""): string {
  const { type, width } = lanes(s.depth);
  return `  let i = group.x; let head = group.y; let line = group.z;
  let length = ${masked ? "min(u32(lengths[line]), p.w)" : "p.w"};
  let own = (line * p.w + i) * ${3 * s.c}u + head * ${s.depth}u;
  let out = (line * p.w + i) * ${s.c}u + head * ${s.depth}u;
  if (i >= length) { ${zero} return; }
  let first = u32(max(0, i32(i) - ${h.window})); let count = min(length, i + ${h.window + 1}u) - first;
  for (var d = thread; d < ${s.depth / width}u; d += ${THREADS}u) {
    q[d] = qkv[own / ${width}u + d] * ${type}(${1 / Math.sqrt(s.depth)});
  }
  ${more}
  workgroupBarrier();
  var top = -3.4e38;
  for (var j = thread; j < count; j += ${THREADS}u) {
    ${dot(s, "q", "qkv", `(line * p.w + first + j) * ${3 * s.c}u + ${s.c}u + head * ${s.depth}u`, "score")}
    s[j] = score; top = max(top, score);
  }
  m[thread] = top;
${reduced("m", (a, b) => `max(${a}, ${b})`)}
  top = m[0];
  workgroupBarrier();
  var part = 0.0;
  for (var j = thread; j < count; j += ${THREADS}u) { let e = exp(s[j] - top); s[j] = e; part += e; }
  m[thread] = part;
${reduced("m", add)}
  let whole = m[0];
  for (var j = thread; j < count; j += ${THREADS}u) { s[j] = s[j] / whole; }
  workgroupBarrier();`;
}

const memory = (s: Sizes, more = "") => {
  const { type, width } = lanes(s.depth);
  return `var<workgroup> q: array<${type}, ${s.depth / width}>;
var<workgroup> s: array<f32, ${s.band}>;
var<workgroup> m: array<f32, ${THREADS}>;
${more}`;
};

const each = (s: Sizes, body: string) => `for (var d = thread; d < ${s.depth}u; d += ${THREADS}u) { ${body} }`;

function forward(s: Sizes, masked: boolean, h: Heads): Spec {
  const { type } = lanes(s.depth);
  return {
    name: "attention",
    buffers: [`qkv: read ${type}`, ...masked ? ["lengths: read i32"] : [], "y: read_write f32"],
    params: ["w: u32"],
    size: [THREADS],
    outside: memory(s),
    body: `${scores(s, masked, h, each(s, "y[out + d] = 0.0;"))}
  ${
      each(
        s,
        `var sum = 0.0;
    for (var j = 0u; j < count; j++) {
      let v = (line * p.w + first + j) * ${3 * s.c}u + ${2 * s.c}u + head * ${s.depth}u + d;
      sum += s[j] * ${at(s, "qkv", "v")};
    }
    y[out + d] = sum;`,
      )
    }`,
  };
}

/** The gradient of a query, and for the keys: how much it took of each and the slope of that, `[n][heads][w][band]`. */
function queries(s: Sizes, masked: boolean, h: Heads): Spec {
  const { type, width } = lanes(s.depth);
  const scale = 1 / Math.sqrt(s.depth);
  return {
    name: "attention gradient",
    buffers: [
      `qkv: read ${type}`,
      `dy: read ${type}`,
      ...masked ? ["lengths: read i32"] : [],
      "shares: read_write f32",
      "slopes: read_write f32",
      "dqkv: read_write f32",
    ],
    params: ["w: u32"],
    size: [THREADS],
    outside: memory(
      s,
      `var<workgroup> o: array<${type}, ${s.depth / width}>;\nvar<workgroup> t: array<f32, ${s.band}>;`,
    ),
    body: `${
      scores(
        s,
        masked,
        h,
        each(s, "dqkv[own + d] = 0.0;"),
        `for (var d = thread; d < ${s.depth / width}u; d += ${THREADS}u) { o[d] = dy[out / ${width}u + d]; }`,
      )
    }
  part = 0.0;
  for (var j = thread; j < count; j += ${THREADS}u) {
    ${dot(s, "o", "qkv", `(line * p.w + first + j) * ${3 * s.c}u + ${2 * s.c}u + head * ${s.depth}u`, "slope")}
    t[j] = slope; part += s[j] * slope;
  }
  m[thread] = part;
${reduced("m", add)}
  let mean = m[0];
  let band = ((line * ${h.heads}u + head) * p.w + i) * ${s.band}u + first + ${h.window}u - i;
  for (var j = thread; j < count; j += ${THREADS}u) {
    let slope = s[j] * (t[j] - mean);
    t[j] = slope; shares[band + j] = s[j]; slopes[band + j] = slope;
  }
  workgroupBarrier();
  ${
      each(
        s,
        `var sum = 0.0;
    for (var j = 0u; j < count; j++) {
      let k = (line * p.w + first + j) * ${3 * s.c}u + ${s.c}u + head * ${s.depth}u + d;
      sum += t[j] * ${at(s, "qkv", "k")};
    }
    dqkv[own + d] = sum * ${scale};`,
      )
    }`,
  };
}

/** The gradients of a key and its value, from all queries that saw them. */
function keys(s: Sizes, masked: boolean, h: Heads): Spec {
  const { type } = lanes(s.depth);
  return {
    name: "attention gradient",
    buffers: [
      `qkv: read ${type}`,
      `dy: read ${type}`,
      ...masked ? ["lengths: read i32"] : [],
      "shares: read f32",
      "slopes: read f32",
      "dqkv: read_write f32",
    ],
    params: ["w: u32"],
    size: [THREADS],
    body: `  let j = group.x; let head = group.y; let line = group.z;
  let length = ${masked ? "min(u32(lengths[line]), p.w)" : "p.w"};
  let own = (line * p.w + j) * ${3 * s.c}u + head * ${s.depth}u;
  let first = u32(max(0, i32(j) - ${h.window}));
  let last = select(first, min(length, j + ${h.window + 1}u), j < length);
  ${
      each(
        s,
        `var dk = 0.0; var dv = 0.0;
    for (var i = first; i < last; i++) {
      let band = ((line * ${h.heads}u + head) * p.w + i) * ${s.band}u + j + ${h.window}u - i;
      let row = line * p.w + i; let column = head * ${s.depth}u + d;
      let of_q = row * ${3 * s.c}u + column; let of_dy = row * ${s.c}u + column;
      dk += slopes[band] * ${at(s, "qkv", "of_q")};
      dv += shares[band] * ${at(s, "dy", "of_dy")};
    }
    dqkv[own + ${s.c}u + d] = dk * ${1 / Math.sqrt(s.depth)}; dqkv[own + ${2 * s.c}u + d] = dv;`,
      )
    }`,
  };
}

const keyOf = (s: Sizes, masked: boolean, h: Heads) => `${s.c} ${h.heads} ${h.window} ${masked}`;

/** `[n, 1, w, c]` from `[n, 1, w, 3c]`; frames from `lengths` on see nothing, are not seen, and give zero. */
export function attention(
  b: GpuBackend,
  qkv: tf.TensorInfo,
  lengths: tf.TensorInfo | undefined,
  h: Heads,
): tf.TensorInfo {
  const s = sizes(qkv, h);
  const y = b.output([s.n, 1, s.w, s.c]);
  const masked = lengths !== undefined;
  const p = program(`attention ${keyOf(s, masked, h)}`, () => forward(s, masked, h));
  const buffers = [qkv, ...lengths ? [lengths] : [], y].map((t) => b.buffer(t));
  b.run(p, buffers, [s.w], [s.w, h.heads, s.n]);
  return y;
}

export function attentionGrad(
  b: GpuBackend,
  qkv: tf.TensorInfo,
  lengths: tf.TensorInfo | undefined,
  dy: tf.TensorInfo,
  h: Heads,
): tf.TensorInfo {
  const s = sizes(qkv, h);
  const masked = lengths !== undefined;
  const dqkv = b.output(qkv.shape);
  const band = 4 * s.n * h.heads * s.w * s.band;
  const [shares, slopes] = [b.scratch(band), b.scratch(band)];
  const buffers = [qkv, dy, ...lengths ? [lengths] : []].map((t) => b.buffer(t));
  const all = [...buffers, shares, slopes, b.buffer(dqkv)];
  const key = keyOf(s, masked, h);
  b.run(program(`attention queries ${key}`, () => queries(s, masked, h)), all, [s.w], [s.w, h.heads, s.n]);
  b.run(program(`attention keys ${key}`, () => keys(s, masked, h)), all, [s.w], [s.w, h.heads, s.n]);
  b.release(shares, slopes);
  return dqkv;
}
