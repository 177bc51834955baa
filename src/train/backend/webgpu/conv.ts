/**
 * Convolution in NHWC with an HWIO filter, forward and back to its input, as implicit matrix products: rows are pixels, the depth
 * runs over the windows' values, which are never written out.
 */
import type * as tf from "@tensorflow/tfjs";
import type { GpuBackend } from "./backend.ts";
import { FLAT_GROUP, fold, lanes, program } from "./program.ts";
import { product, type Side, storeRow, type Tile, tileFor } from "./tile.ts";

export type ConvInfo = tf.backend_util.Conv2DInfo;

/** What a layer fixes. */
interface Shape {
  kh: number;
  kw: number;
  c: number;
  oc: number;
  sh: number;
  sw: number;
}

export function shapeOf(i: ConvInfo): Shape {
  return {
    kh: i.filterHeight,
    kw: i.filterWidth,
    c: i.inChannels,
    oc: i.outChannels,
    sh: i.strideHeight,
    sw: i.strideWidth,
  };
}

/** Parameters of all programs of a convolution. */
export const SIZES = ["n", "h", "w", "oh", "ow"].map((s) => `${s}: u32`).concat("top: i32", "left: i32");

export function sizesOf(i: ConvInfo): number[] {
  return [i.batchSize, i.inHeight, i.inWidth, i.outHeight, i.outWidth, i.padInfo.top, i.padInfo.left];
}

const keyOf = (s: Shape) => `${s.kh}x${s.kw}x${s.c}x${s.oc} stride ${s.sh}x${s.sw}`;

/** Place of a workgroup whose row tiles are folded over x and y, with column tiles in z. */
export function place(tile: Tile, rows: string, depth: string): string {
  return `  let tile = ${FLAT_GROUP};
  if (tile >= (${rows} + ${tile.m - 1}u) / ${tile.m}u) { return; }
  let m0 = tile * ${tile.m}u; let n0 = group.z * ${tile.n}u;
  let begin = 0u; let end = ${depth};`;
}

/** Windows of the picture: row = output pixel, depth = tap and channel. */
function windows(s: Shape): Side {
  const { type, width } = lanes(s.c);
  return {
    along: "depth",
    vector: width === 4,
    before: (v, outer) =>
      `let ${v}n = ${outer} / (p.oh * p.ow); let ${v}r = ${outer} % (p.oh * p.ow);
      let ${v}y = i32(${v}r / p.ow * ${s.sh}u) - p.top; let ${v}x = i32(${v}r % p.ow * ${s.sw}u) - p.left;
      let ${v}ok = ${outer} < p.n * p.oh * p.ow;`,
    prepare: (v, _, k) =>
      `let tap = ${k} / ${s.c}u; let iy = u32(${v}y + i32(tap / ${s.kw}u)); let ix = u32(${v}x + i32(tap % ${s.kw}u));
      let there = ${v}ok && ${k} < end && iy < p.h && ix < p.w;`,
    load: (v, _, k) =>
      `select(${type}(), x[(((${v}n * p.h + iy) * p.w + ix) * ${s.c}u + ${k} % ${s.c}u) / ${width}u], there)`,
  };
}

/** Output gradients that an input pixel went into: row = input pixel, depth = tap and output channel. */
function gradients(s: Shape): Side {
  const { type, width } = lanes(s.oc);
  const axis = (from: string, stride: number) =>
    stride === 1
      ? `let ${from}o = u32(${from}d); let ${from}f = true;`
      : `let ${from}o = u32(${from}d / ${stride}); let ${from}f = ${from}d >= 0 && ${from}d % ${stride} == 0;`;
  return {
    along: "depth",
    vector: width === 4,
    before: (v, outer) =>
      `let ${v}n = ${outer} / (p.h * p.w); let ${v}r = ${outer} % (p.h * p.w);
      let ${v}y = i32(${v}r / p.w) + p.top; let ${v}x = i32(${v}r % p.w) + p.left;
      let ${v}ok = ${outer} < p.n * p.h * p.w;`,
    prepare: (v, _, k) =>
      `let tap = ${k} / ${s.oc}u; let yd = ${v}y - i32(tap / ${s.kw}u); let xd = ${v}x - i32(tap % ${s.kw}u);
      ${axis("y", s.sh)} ${axis("x", s.sw)}
      let there = ${v}ok && ${k} < end && yf && xf && yo < p.oh && xo < p.ow;`,
    load: (v, _, k) =>
      `select(${type}(), dy[(((${v}n * p.oh + yo) * p.ow + xo) * ${s.oc}u + ${k} % ${s.oc}u) / ${width}u], there)`,
  };
}

/** The filter as it is: depth = tap and channel, column = output channel. */
function filter(s: Shape): Side {
  const { type, width } = lanes(s.oc);
  return {
    along: "outer",
    vector: width === 4,
    load: (_, n, k) => `select(${type}(), w[(${k} * ${s.oc}u + ${n}) / ${width}u], ${k} < end && ${n} < ${s.oc}u)`,
  };
}

/** The filter turned: depth = tap and output channel, column = channel. */
function turned(s: Shape): Side {
  const { type, width } = lanes(s.oc);
  return {
    along: "depth",
    vector: width === 4,
    prepare: (_, __, k) => `let tap = ${k} / ${s.oc}u;`,
    load: (_, n, k) =>
      `select(${type}(), w[((tap * ${s.c}u + ${n}) * ${s.oc}u + ${k} % ${s.oc}u) / ${width}u], ${k} < end && ${n} < ${s.c}u)`,
  };
}

/** `y` `[n][oh][ow][oc]`, with bias and ReLU where they are asked for. */
export function conv(
  b: GpuBackend,
  x: tf.TensorInfo,
  w: tf.TensorInfo,
  info: ConvInfo,
  bias?: tf.TensorInfo,
  relu = false,
): tf.TensorInfo {
  const s = shapeOf(info);
  const rows = info.batchSize * info.outHeight * info.outWidth;
  const tile = tileFor(rows, s.oc);
  const out = lanes(s.oc);
  const y = b.output(info.outShape);
  const finish = (v: string, n: string) => {
    const sum = !bias
      ? v
      : out.width === 4
      ? `${v} + bias[${n} / 4u]`
      : `${v} + vec4<f32>(${[0, 1, 2, 3].map((q) => `bias[${n} + ${q}u]`)})`;
    return relu ? `max(${sum}, vec4<f32>())` : sum;
  };
  const p = program(
    `conv ${keyOf(s)} ${tile.m}x${tile.n} ${!!bias} ${relu}`,
    () =>
      product({
        name: `convolution ${keyOf(s)}`,
        tile,
        a: windows(s),
        b: filter(s),
        buffers: [
          `x: read ${lanes(s.c).type}`,
          `w: read ${out.type}`,
          ...bias ? [`bias: read ${out.type}`] : [],
          `y: read_write ${out.type}`,
        ],
        params: SIZES,
        place: place(tile, "(p.n * p.oh * p.ow)", `${s.kh * s.kw * s.c}u`),
        store: storeRow("y", "(p.n * p.oh * p.ow)", s.oc, out.width === 4, finish),
      }),
  );
  const buffers = [x, w, ...bias ? [bias] : [], y].map((t) => b.buffer(t));
  b.run(p, buffers, sizesOf(info), [...fold(Math.ceil(rows / tile.m)), Math.ceil(s.oc / tile.n)], {
    macs: rows * s.oc * s.kh * s.kw * s.c,
  });
  return y;
}

/** Gradient on the input, `[n][h][w][c]`, from that on the output. */
export function convInput(b: GpuBackend, dy: tf.TensorInfo, w: tf.TensorInfo, info: ConvInfo): tf.TensorInfo {
  const s = shapeOf(info);
  const rows = info.batchSize * info.inHeight * info.inWidth;
  const tile = tileFor(rows, s.c);
  const out = lanes(s.c);
  const dx = b.output(info.inShape);
  const p = program(
    `conv input ${keyOf(s)} ${tile.m}x${tile.n}`,
    () =>
      product({
        name: `input gradient ${keyOf(s)}`,
        tile,
        a: gradients(s),
        b: turned(s),
        buffers: [`dy: read ${lanes(s.oc).type}`, `w: read ${lanes(s.oc).type}`, `dx: read_write ${out.type}`],
        params: SIZES,
        place: place(tile, "(p.n * p.h * p.w)", `${s.kh * s.kw * s.oc}u`),
        store: storeRow("dx", "(p.n * p.h * p.w)", s.c, out.width === 4),
      }),
  );
  const buffers = [dy, w, dx].map((t) => b.buffer(t));
  b.run(p, buffers, sizesOf(info), [...fold(Math.ceil(rows / tile.m)), Math.ceil(s.c / tile.n)], {
    macs: rows * s.oc * s.kh * s.kw * s.c / (s.sh * s.sw),
  });
  return dx;
}
