/**
 * Gradient of a convolution on its filter: a product whose depth runs over all pixels of the batch. Its few rows and columns
 * would keep a few workgroups busy, so the pixels are split among many; a second program adds their sums.
 */
import type * as tf from "@tensorflow/tfjs";
import type { GpuBackend } from "./backend.ts";
import { type ConvInfo, shapeOf, SIZES, sizesOf } from "./conv.ts";
import { elementwise, fold, lanes, program, WIDE } from "./program.ts";
import { DEPTH, product, type Side, storeRow, tileFor } from "./tile.ts";

/** Threads that all workgroups together should have, enough to fill a large card. */
const THREADS = 1 << 17;
/** Pixels that a workgroup takes at least: fewer are not worth the sum that follows. */
const LEAST = 256;

/** How the pixels of a batch are split: parts, and pixels of each. */
function split(pixels: number, tiles: number, threads: number): [parts: number, chunk: number] {
  const wanted = Math.max(1, Math.ceil(THREADS / (tiles * threads)));
  const chunk = Math.max(LEAST, Math.ceil(pixels / wanted / DEPTH) * DEPTH);
  return [Math.ceil(pixels / chunk), chunk];
}

/** `dw` `[kh][kw][c][oc]` from `x` `[n][h][w][c]` and `dy` `[n][oh][ow][oc]`. */
export function convFilter(b: GpuBackend, x: tf.TensorInfo, dy: tf.TensorInfo, info: ConvInfo): tf.TensorInfo {
  const s = shapeOf(info);
  const pixels = info.batchSize * info.outHeight * info.outWidth;
  const rows = s.kh * s.kw * s.c;
  const tile = tileFor(rows, s.oc);
  const [tilesM, tilesN] = [Math.ceil(rows / tile.m), Math.ceil(s.oc / tile.n)];
  const [parts, chunk] = split(pixels, tilesM * tilesN, tile.x * tile.y);
  const [from, out] = [lanes(s.c), lanes(s.oc)];

  // Row = tap and channel, depth = output pixel, whose place is stepped on from slice to slice.
  const windows: Side = {
    along: "outer",
    vector: from.width === 4,
    before: (v, m, k) =>
      `let ${v}t = ${m} / ${s.c}u;
      let ${v}y = i32(${v}t / ${s.kw}u) - p.top; let ${v}x = i32(${v}t % ${s.kw}u) - p.left;
      var ${v}n = ${k} / (p.oh * p.ow); var ${v}oy = ${k} % (p.oh * p.ow) / p.ow; var ${v}ox = ${k} % p.ow;`,
    prepare: (v, m, k) =>
      `let iy = u32(i32(${v}oy * ${s.sh}u) + ${v}y); let ix = u32(i32(${v}ox * ${s.sw}u) + ${v}x);
      let there = ${m} < ${rows}u && ${k} < end && iy < p.h && ix < p.w;`,
    load: (v, m) =>
      `select(${from.type}(), x[(((${v}n * p.h + iy) * p.w + ix) * ${s.c}u + ${m} % ${s.c}u) / ${from.width}u], there)`,
    after: (v) =>
      `${v}n += p.stepN; ${v}oy += p.stepY; ${v}ox += p.stepX;
      if (${v}ox >= p.ow) { ${v}ox -= p.ow; ${v}oy += 1u; }
      if (${v}oy >= p.oh) { ${v}oy -= p.oh; ${v}n += 1u; }`,
  };
  const gradients: Side = {
    along: "outer",
    vector: out.width === 4,
    load: (_, n, k) =>
      `select(${out.type}(), dy[(${k} * ${s.oc}u + ${n}) / ${out.width}u], ${k} < end && ${n} < ${s.oc}u)`,
  };
  const key = `${s.kh}x${s.kw}x${s.c}x${s.oc} stride ${s.sh}x${s.sw}`;
  const p = program(
    `conv filter ${key} ${tile.m}x${tile.n}`,
    () =>
      product({
        name: `filter gradient ${key}`,
        tile,
        a: windows,
        b: gradients,
        buffers: [`x: read ${from.type}`, `dy: read ${out.type}`, `sums: read_write ${out.type}`],
        params: [...SIZES, "chunk: u32", "stepN: u32", "stepY: u32", "stepX: u32"],
        place: `  let m0 = group.x * ${tile.m}u; let n0 = group.y * ${tile.n}u;
  let begin = group.z * p.chunk; let end = min(begin + p.chunk, p.n * p.oh * p.ow);`,
        store: storeRow("sums", `${rows}u`, s.oc, out.width === 4, undefined, `group.z * ${rows * s.oc}u`),
      }),
  );
  const plane = info.outHeight * info.outWidth;
  const steps = [Math.floor(DEPTH / plane), Math.floor(DEPTH % plane / info.outWidth), DEPTH % info.outWidth];
  const dw = b.output([s.kh, s.kw, s.c, s.oc]);
  const target = b.buffer(dw);
  const sums = parts === 1 ? target : b.scratch(4 * parts * rows * s.oc);
  b.run(p, [b.buffer(x), b.buffer(dy), sums], [...sizesOf(info), chunk, ...steps], [tilesM, tilesN, parts], {
    macs: pixels * rows * s.oc,
  });
  if (parts > 1) {
    addUp(b, sums, target, rows * s.oc, parts);
    b.release(sums);
  }
  return dw;
}

/** `to[i]` = sum over `parts` of `from[part][i]`. */
function addUp(b: GpuBackend, from: GPUBuffer, to: GPUBuffer, size: number, parts: number): void {
  const p = program("add up", () =>
    elementwise(
      "adding up",
      ["sums: read f32", "y: read_write f32"],
      ["parts: u32"],
      `  var a = 0.0; var b = 0.0; var c = 0.0; var d = 0.0;
  let whole = p.parts / 4u * 4u;
  for (var k = 0u; k < whole; k += 4u) {
    let at = k * p.size + i;
    a += sums[at]; b += sums[at + p.size]; c += sums[at + 2u * p.size]; d += sums[at + 3u * p.size];
  }
  for (var k = whole; k < p.parts; k++) { a += sums[k * p.size + i]; }
  y[i] = (a + b) + (c + d);`,
    ));
  b.run(p, [from, to], [size, parts], fold(Math.ceil(size / WIDE)));
}
