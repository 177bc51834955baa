/** Sums over the rows of `[rows][c]`, a term or two a value: of parts of the rows in many workgroups, then of the parts. */
import type { GpuBackend } from "./backend.ts";
import { lanes, program } from "./program.ts";

const THREADS = 256;
/** Workgroups that all parts together should have, enough to fill a large card. */
const GROUPS = 1024;
/** Rows that a thread adds at least. */
const LEAST = 8;
/** Rows whose values a thread asks for at a time, as memory answers late. */
const AT_ONCE = 4;

export interface ColumnSums {
  name: string;
  /** Tells this program from others; all that the code below depends on. */
  key: string;
  /** Inputs: `x` holds vectors of the type of {@linkcode lanes}, `x: f32` single values. */
  inputs: string[];
  /** Statements before the terms, parameters for them beside `rows` and `chunk`, and the values of these. */
  prepare?: string;
  sizes?: [names: string[], values: number[]];
  /** WGSL of the terms of the value at index `i`, in row `r` and column `column` (`i` and `column` count vectors). */
  terms: (i: string) => string[];
  /** Further inputs of the end, of single values, and what it writes. */
  ends: string[];
  /** Parameters of the end beside `rows`. */
  params: string[];
  /** WGSL that turns the sums `s0`, `s1` of column `column` into results. */
  end: string;
}

/** Runs `s` over `rows` rows of `c` values. Buffers are those of `inputs`, then those of `ends`. */
export function columnSums(
  b: GpuBackend,
  s: ColumnSums,
  rows: number,
  c: number,
  inputs: GPUBuffer[],
  ends: GPUBuffer[],
  params: number[] = [],
): void {
  const { type, width } = lanes(c);
  const columns = c / width;
  let x = 1;
  while (x < columns && x < 64) x *= 2;
  const y = THREADS / x;
  const blocks = Math.ceil(columns / x);
  const parts = Math.max(1, Math.min(Math.ceil(GROUPS / blocks), Math.ceil(rows / (y * LEAST))));
  const chunk = Math.ceil(rows / parts);
  const terms = s.terms("i").length;
  const sums = b.scratch(4 * parts * terms * c);
  const each = (f: (t: number) => string) => Array.from({ length: terms }, (_, t) => f(t)).join(" ");
  const add = (row: string) =>
    `{ let r = ${row}; let i = r * ${columns}u + column; ${s.prepare ?? ""} ${
      s.terms("i").map((e, t) => `s${t} += ${e};`).join(" ")
    } }`;
  const first = program(`${s.key} sums of ${c}`, () => ({
    name: s.name,
    buffers: [
      ...s.inputs.map((n) => /: /.test(n) ? n.replace(": ", ": read ") : `${n}: read ${type}`),
      `sums: read_write ${type}`,
    ],
    params: ["rows: u32", "chunk: u32", ...s.sizes?.[0] ?? []],
    size: [x, y],
    outside: each((t) => `var<workgroup> m${t}: array<${type}, ${THREADS}>;`),
    body: `  let column = group.x * ${x}u + local.x;
  ${each((t) => `var s${t} = ${type}();`)}
  let last = min((group.y + 1u) * p.chunk, p.rows);
  if (column < ${columns}u) {
    var row = group.y * p.chunk + local.y;
    for (; row + ${(AT_ONCE - 1) * y}u < last; row += ${AT_ONCE * y}u) {
      ${Array.from({ length: AT_ONCE }, (_, u) => add(`row + ${u * y}u`)).join("\n      ")}
    }
    for (; row < last; row += ${y}u) { ${add("row")} }
  }
  ${each((t) => `m${t}[thread] = s${t};`)}
${
      halves(y).map((h) =>
        `  workgroupBarrier();
  if (local.y < ${h}u) { ${each((t) => `m${t}[thread] += m${t}[thread + ${h * x}u];`)} }`
      ).join("\n")
    }
  if (local.y == 0u && column < ${columns}u) {
    ${each((t) => `sums[(group.y * ${terms}u + ${t}u) * ${columns}u + column] = m${t}[thread];`)}
  }`,
  }));
  b.run(first, [...inputs, sums], [rows, chunk, ...s.sizes?.[1] ?? []], [blocks, parts]);
  const second = program(`${s.key} ends of ${c}`, () => ({
    name: s.name,
    buffers: ["sums: read f32", ...s.ends],
    params: ["rows: u32", "parts: u32", ...s.params],
    size: [64],
    outside: each((t) => `var<workgroup> m${t}: array<f32, 64>;`),
    body: `  let column = group.x;
  ${each((t) => `var t${t} = 0.0;`)}
  for (var k = thread; k < p.parts; k += 64u) {
    ${each((t) => `t${t} += sums[(k * ${terms}u + ${t}u) * ${c}u + column];`)}
  }
  ${each((t) => `m${t}[thread] = t${t};`)}
${
      halves(64).map((h) =>
        `  workgroupBarrier();
  if (thread < ${h}u) { ${each((t) => `m${t}[thread] += m${t}[thread + ${h}u];`)} }`
      ).join("\n")
    }
  if (thread == 0u) {
    ${each((t) => `let s${t} = m${t}[0];`)}
${s.end}
  }`,
  }));
  b.run(second, [sums, ...ends], [rows, parts, ...params], [c]);
  b.release(sums);
}

/** n/2, n/4 ... 1: the steps of a sum over `n` threads. */
export function halves(n: number): number[] {
  const out: number[] = [];
  for (let h = n / 2; h >= 1; h /= 2) out.push(h);
  return out;
}
