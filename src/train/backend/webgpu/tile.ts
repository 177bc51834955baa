/**
 * The inner loop that convolutions and matrix products share: a workgroup makes a tile of `C[m][n] = sum over k of A[m][k] B[k][n]`.
 *
 * Slices of A and B go through workgroup memory, both as `[k][outer]` in vectors of four, so that a thread reads its rows and
 * columns as vectors whatever way they came in. Where values lie is the business of the sides: a plain matrix, windows of a
 * picture, turned weights. Everything that can be is unrolled here, as every loop and index in WGSL is checked when it runs.
 */
import type { Spec } from "./program.ts";

/** Sizes of a tile: `x * y` threads with `tm` rows and `tn` columns each; `m = y * tm`, `n = x * tn`. */
export interface Tile {
  m: number;
  n: number;
  x: number;
  y: number;
  tm: number;
  tn: number;
}

/** Depth of a slice. */
export const DEPTH = 16;
/** Steps of the depth that are written out; the rest is a loop. */
const UNROLLED = 8;
/** Threads of a workgroup at most: all that a device must allow. */
const THREADS = 256;

/** A tile for so many rows and columns: columns in equal parts of at most 128, rows as many as there are threads for. */
export function tileFor(m: number, n: number): Tile {
  const small = m * n <= 64 * 64;
  const [tm, tn] = small ? [4, 4] : [8, 8];
  const parts = Math.ceil(n / 128);
  const x = Math.max(1, Math.ceil(n / parts / tn));
  let y = 32;
  while (x * y > THREADS || (y > 1 && (y / 2) * tm >= m)) y /= 2;
  return { m: y * tm, n: x * tn, x, y, tm, tn };
}

/** How one side's values come in. The expressions are WGSL; `slot` makes names of what belongs to one load of a thread. */
export interface Side {
  /** Which way the four values of a load lie: along the depth, or along rows (of A) or columns (of B). */
  along: "depth" | "outer";
  /** Whether a load brings four values. Then depth or outer size is a multiple of four. */
  vector: boolean;
  /** Statements before the loop, for the load of row or column `outer` and depth `k` (both counted over all). */
  before?(slot: string, outer: string, k: string): string;
  /** The value or vector there, zero outside of the matrix. Statements may go before, in `prepare`. */
  prepare?(slot: string, outer: string, k: string): string;
  load(slot: string, outer: string, k: string): string;
  /** Statements behind a slice, to step on. */
  after?(slot: string): string;
}

export interface Product {
  name: string;
  tile: Tile;
  a: Side;
  b: Side;
  buffers: string[];
  params: string[];
  outside?: string;
  /** Statements that declare `m0`, `n0` (first row and column of this workgroup) and `begin`, `end` (its part of the depth). */
  place: string;
  /** WGSL that puts `value`, four columns from `n` on in row `m`, where it belongs; it checks the limits. */
  store(m: string, n: string, value: string): string;
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Declares a side's workgroup memory and gives the statements of its loads. */
function side(name: string, s: Side, outer: number, first: string, threads: number) {
  const row = (outer + 4) / 4;
  const [perOuter, perDepth] = s.along === "depth"
    ? [1, s.vector ? 4 : 1] // values of a load along each
    : [s.vector ? 4 : 1, 1];
  const [outers, depths] = [outer / perOuter, DEPTH / perDepth];
  const slots = outers * depths;
  // Neighbouring threads read what lies side by side.
  const place = (t: number) => {
    const i = `(thread + ${t * threads}u)`;
    const [fast, slow] = s.along === "depth" ? [`${i} % ${depths}u`, `${i} / ${depths}u`] : [
      `${i} % ${outers}u`,
      `${i} / ${outers}u`,
    ];
    const [o, d] = s.along === "depth" ? [slow, fast] : [fast, slow];
    return [perOuter === 1 ? o : `${o} * 4u`, perDepth === 1 ? d : `${d} * 4u`];
  };
  const loads = range(Math.ceil(slots / threads)).map((t) => {
    const slot = `${name}${t}`;
    const guard = (t + 1) * threads > slots ? `if (thread + ${t * threads}u < ${slots}u) ` : "";
    const [o, d] = place(t);
    const declare = `let ${slot}o = ${o}; let ${slot}d = ${d};\n` +
      (s.before?.(slot, `(${first} + ${slot}o)`, `(begin + ${slot}d)`) ?? "");
    const put = s.along === "outer"
      ? s.vector
        ? `${name}[${slot}d * ${row}u + ${slot}o / 4u] = ${slot}v;`
        : `${name}[${slot}d * ${row}u + ${slot}o / 4u][${slot}o % 4u] = ${slot}v;`
      : s.vector
      ? range(4).map((j) => `${name}[(${slot}d + ${j}u) * ${row}u + ${slot}o / 4u][${slot}o % 4u] = ${slot}v[${j}];`)
        .join(" ")
      : `${name}[${slot}d * ${row}u + ${slot}o / 4u][${slot}o % 4u] = ${slot}v;`;
    const [absolute, depth] = [`(${first} + ${slot}o)`, `(k0 + ${slot}d)`];
    const load = `${guard}{ ${s.prepare?.(slot, absolute, depth) ?? ""}
      let ${slot}v = ${s.load(slot, absolute, depth)}; ${put} }`;
    return { declare, load, after: s.after?.(slot) ?? "" };
  });
  return {
    memory: `var<workgroup> ${name}: array<vec4<f32>, ${DEPTH * row}>;`,
    before: loads.map((l) => l.declare).join("\n"),
    load: loads.map((l) => l.load).join("\n"),
    after: loads.map((l) => l.after).join("\n"),
    row,
  };
}

/** The program of a product. */
export function product({ name, tile, a, b, buffers, params, outside, place, store }: Product): Spec {
  const { m, n, x, y, tm, tn } = tile;
  const [sa, sb] = [side("sa", a, m, "m0", x * y), side("sb", b, n, "n0", x * y)];
  const [rows, columns] = [range(tm), range(tn / 4)];
  const step = (k: string) =>
    [
      ...range(tm / 4).map((i) => `let a${i} = sa[(${k}) * ${sa.row}u + local.y * ${tm / 4}u + ${i}u];`),
      ...columns.map((j) => `let b${j} = sb[(${k}) * ${sb.row}u + local.x + ${j * x}u];`),
      ...rows.map((i) => {
        const value = `vec4<f32>(a${i >> 2}[${i & 3}])`;
        return columns.map((j) => `c${i}_${j} = fma(${value}, b${j}, c${i}_${j});`).join(" ");
      }),
    ].join("\n      ");
  return {
    name,
    buffers,
    params,
    size: [x, y],
    outside: `${sa.memory}\n${sb.memory}\n${outside ?? ""}`,
    body: `${place}
${sa.before}
${sb.before}
  ${rows.map((i) => columns.map((j) => `var c${i}_${j} = vec4<f32>();`).join(" ")).join("\n  ")}
  for (var k0 = begin; k0 < end; k0 += ${DEPTH}u) {
${sa.load}
${sb.load}
    workgroupBarrier();
    for (var k = 0u; k < ${DEPTH}u; k += ${UNROLLED}u) {
      ${range(UNROLLED).map((u) => `{ ${step(`k + ${u}u`)} }`).join("\n      ")}
    }
    workgroupBarrier();
${sa.after}
${sb.after}
  }
  ${
      rows.map((i) =>
        columns.map((j) => store(`m0 + local.y * ${tm}u + ${i}u`, `n0 + (local.x + ${j * x}u) * 4u`, `c${i}_${j}`))
          .join("\n  ")
      ).join("\n  ")
    }`,
  };
}

/** WGSL that stores four columns of row `m`, or those of them that there are; `rows`, `columns` are WGSL, `at` the first value's index. */
export function storeRow(
  buffer: string,
  rows: string,
  columns: number | string,
  vector: boolean,
  finish: (value: string, n: string) => string = (v) => v,
  offset = "0u",
) {
  const limit = typeof columns === "number" ? `${columns}u` : columns;
  return (m: string, n: string, value: string): string => {
    const at = `${offset} + (${m}) * ${limit} + ${n}`;
    if (vector) return `if (${m} < ${rows} && ${n} < ${limit}) { ${buffer}[(${at}) / 4u] = ${finish(value, n)}; }`;
    return `if (${m} < ${rows}) { let v = ${finish(value, n)}; ${
      range(4).map((q) => `if (${n} + ${q}u < ${limit}) { ${buffer}[${at} + ${q}u] = v[${q}]; }`).join(" ")
    } }`;
  };
}
