/**
 * CTC (Graves et al. 2006) with a workgroup a line: a thread holds a few positions of the label with its blanks.
 *
 * Sums are in logarithms of single precision. They stay near zero, as every few frames a whole number is taken off all of a
 * line's and counted, exactly; so what is left of the sum over the frames is as good as the Rust kernel's in doubles.
 */
import type * as tf from "@tensorflow/tfjs";
import type { GpuBackend } from "./backend.ts";
import { halves } from "./columns.ts";
import { program, type Spec } from "./program.ts";

/** Frames between two shifts. */
const SHIFT_EVERY = 4;
/** Posterior probabilities are added up as whole numbers of this many, so that the order of threads changes nothing. */
const UNITS = 2 ** 30;

/** The lines of a batch. */
export interface CtcLines {
  /** `[n][longest]`. */
  labels: Uint32Array;
  longest: number;
  lengths: Uint32Array;
  /** Frames of each line that hold its picture. */
  frames: Uint32Array;
  /** Weight of each line; 0 also where its label does not fit. */
  weights: Float32Array;
}

/** `log(sum(exp(row)))` over the first `k` of each row's values. */
function logSumExp(row: number, k: number): Spec {
  return {
    name: "CTC: log-softmax",
    buffers: ["x: read f32", "y: read_write f32"],
    params: ["rows: u32"],
    size: [64],
    outside: "var<workgroup> m: array<f32, 64>;",
    body: `  let line = group.x + group.y * groups.x;
  let first = min(line, p.rows - 1u) * ${row}u;
  var top = -3.4e38;
  for (var i = thread; i < ${k}u; i += 64u) { top = max(top, x[first + i]); }
  m[thread] = top;
${
      halves(64).map((h) =>
        `  workgroupBarrier(); if (thread < ${h}u) { m[thread] = max(m[thread], m[thread + ${h}u]); }`
      ).join("\n")
    }
  workgroupBarrier();
  top = m[0];
  workgroupBarrier();
  var sum = 0.0;
  for (var i = thread; i < ${k}u; i += 64u) { sum += exp(x[first + i] - top); }
  m[thread] = sum;
${halves(64).map((h) => `  workgroupBarrier(); if (thread < ${h}u) { m[thread] += m[thread + ${h}u]; }`).join("\n")}
  if (thread == 0u && line < p.rows) { y[line] = top + log(m[0]); }`,
  };
}

/** The program for labels of at most `(states - 1) / 2` characters. */
function sweep(row: number, k: number, states: number): Spec {
  const threads = Math.min(256, states);
  const own = Array.from({ length: states / threads }, (_, i) => `(thread + ${i * threads}u)`);
  // Statements for each position of this thread that the label has.
  const each = (f: (s: string) => string) =>
    own.map((s) => `{ let s = ${s}; if (s < positions) { ${f("s")} } }`).join("\n    ");
  const shift = (t: string, offset: string) =>
    `if (${t} % ${SHIFT_EVERY}u == 0u) {
      var top = NONE;
      ${each((s) => `top = max(top, now[side + ${s}]);`)}
      m[thread] = top;
      ${
      halves(threads).map((h) =>
        `workgroupBarrier(); if (thread < ${h}u) { m[thread] = max(m[thread], m[thread + ${h}u]); }`
      ).join("\n      ")
    }
      workgroupBarrier();
      let whole = floor(max(m[0], -1e6));
      ${each((s) => `now[side + ${s}] -= whole;`)}
      ${offset} += whole;
      workgroupBarrier();
    }`;
  return {
    name: "CTC: both sweeps",
    buffers: [
      "x: read f32",
      "norms: read f32",
      "info: read u32",
      "alpha: read_write f32",
      "losses: read_write f32",
      "grad: read_write f32",
    ],
    params: ["n: u32", "frames: u32", "longest: u32"],
    size: [threads],
    outside: `const NONE = -1e30;
var<workgroup> now: array<f32, ${2 * states}>;
var<workgroup> classes: array<u32, ${states}>;
var<workgroup> m: array<f32, ${threads}>;
var<workgroup> shares: array<atomic<u32>, ${k + 1}>;
fn add3(a: f32, b: f32, c: f32) -> f32 {
  let top = max(max(a, b), c);
  if (top <= -1e29) { return NONE; }
  return top + log(exp(a - top) + exp(b - top) + exp(c - top));
}
// Whether the position may be reached from the one before the last: another character, with a blank between.
fn jumps(s: u32) -> bool { return s >= 2u && s % 2u == 1u && classes[s] != classes[s - 2u]; }`,
    body: `  let line = group.x;
  let label = info[line]; let last = info[p.n + line]; let weight = bitcast<f32>(info[2u * p.n + line]);
  let positions = 2u * label + 1u;
  let stride = 2u * p.longest + 2u;
  let first = line * p.frames;
  for (var i = thread; i < ${states}u; i += ${threads}u) {
    var code = 0u;
    if (i < positions && i % 2u == 1u) { code = info[3u * p.n + line * p.longest + i / 2u]; }
    classes[i] = code; now[i] = NONE; now[${states}u + i] = NONE;
  }
  for (var i = thread; i <= ${k}u; i += ${threads}u) { atomicStore(&shares[i], 0u); }
  workgroupBarrier();
  var side = 0u;
  var offset = 0.0;
  for (var t = 0u; t < last; t++) {
    let at = (first + t) * ${row}u; let norm = norms[first + t]; let other = ${states}u - side;
    ${
      each((s) =>
        `var v = NONE;
      if (t == 0u) { if (${s} < 2u) { v = 0.0; } }
      else {
        var b = NONE; var c = NONE;
        if (${s} >= 1u) { b = now[side + ${s} - 1u]; }
        if (jumps(${s})) { c = now[side + ${s} - 2u]; }
        v = add3(now[side + ${s}], b, c);
      }
      if (v > -1e29) { v += x[at + classes[${s}]] - norm; }
      now[other + ${s}] = v; alpha[(first + t) * stride + ${s}] = v;`
      )
    }
    if (thread == 0u) { alpha[(first + t) * stride + stride - 1u] = offset; }
    side = other;
    workgroupBarrier();
    ${shift("(t + 1u)", "offset")}
  }
  var total = 0.0;
  if (last > 0u) {
    var b = NONE;
    if (positions > 1u) { b = now[side + positions - 2u]; }
    total = add3(now[side + positions - 1u], b, NONE);
  }
  if (thread == 0u) { losses[line] = -(total + offset) * weight; }
  workgroupBarrier();
  ${each((s) => `now[side + ${s}] = select(NONE, 0.0, ${s} + 2u >= positions);`)}
  storageBarrier();
  var back = 0.0;
  workgroupBarrier();
  for (var u = 0u; u < last; u++) {
    let t = last - 1u - u;
    let at = (first + t) * ${row}u; let norm = norms[first + t]; let other = ${states}u - side;
    let shifted = alpha[(first + t) * stride + stride - 1u] + back - offset;
    ${
      each((s) =>
        `let joint = ((alpha[(first + t) * stride + ${s}] + now[side + ${s}]) + shifted) - total;
      if (joint > -40.0) {
        let units = u32(exp(joint) * ${UNITS}.0 + 0.5);
        atomicAdd(&shares[classes[${s}]], units); atomicAdd(&shares[${k}], units);
      }`
      )
    }
    workgroupBarrier();
    // All shares are one by right: what they are instead is the rounding that they have in common.
    let all = max(1.0, f32(atomicLoad(&shares[${k}])));
    for (var i = thread; i < ${k}u; i += ${threads}u) {
      let share = f32(atomicExchange(&shares[i], 0u)) / all;
      grad[at + i] = weight * (exp(x[at + i] - norm) - share);
    }
    ${
      each((s) =>
        `var b = NONE; var c = NONE;
      if (${s} + 1u < positions) { b = now[side + ${s} + 1u] + x[at + classes[${s} + 1u]] - norm; }
      if (${s} + 2u < positions && jumps(${s} + 2u)) { c = now[side + ${s} + 2u] + x[at + classes[${s} + 2u]] - norm; }
      now[other + ${s}] = add3(now[side + ${s}] + x[at + classes[${s}]] - norm, b, c);`
      )
    }
    side = other;
    workgroupBarrier();
    if (thread == 0u) { atomicStore(&shares[${k}], 0u); }
    workgroupBarrier();
    ${shift("(u + 1u)", "back")}
  }
  for (var i = last * ${row}u + thread; i < p.frames * ${row}u; i += ${threads}u) {
    if (i % ${row}u < ${k}u) { grad[first * ${row}u + i] = 0.0; }
  }`,
  };
}

/**
 * Losses of lines, each by its weight, into the first `n` of `losses`, and their gradient into the first `k` values of each row of
 * `grad`, `[n][frames][row]`. The blank is class 0.
 */
export function ctc(
  b: GpuBackend,
  logits: tf.TensorInfo,
  k: number,
  lines: CtcLines,
  losses: GPUBuffer,
  grad: GPUBuffer,
): void {
  const [n, frames, row] = logits.shape;
  const x = b.buffer(logits);
  const info = new Uint32Array(n * (3 + lines.longest));
  info.set(lines.lengths, 0);
  // A line that weighs nothing is not swept: its gradient is zero.
  info.set(lines.frames.map((f, i) => lines.weights[i] === 0 ? 0 : Math.min(f, frames)), n);
  info.set(new Uint32Array(lines.weights.slice().buffer), 2 * n);
  info.set(lines.labels, 3 * n);
  const about = b.upload(info);
  const norms = b.scratch(4 * n * frames);
  const alpha = b.scratch(4 * n * frames * (2 * lines.longest + 2));
  const rows = n * frames;
  const groups: [number, number] = rows <= 32768 ? [rows, 1] : [32768, Math.ceil(rows / 32768)];
  b.run(program(`ctc norms ${row} ${k}`, () => logSumExp(row, k)), [x, norms], [rows], groups);
  let states = 64;
  while (states < 2 * lines.longest + 1) states *= 2;
  const p = program(`ctc ${row} ${k} ${states}`, () => sweep(row, k, states));
  b.run(p, [x, norms, about, alpha, losses, grad], [n, frames, lines.longest], [n]);
  b.release(about, norms, alpha);
}
