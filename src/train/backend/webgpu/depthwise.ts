/** Depthwise convolution in NHWC, a filter `[kh][kw][c][1]` a channel, and its gradients. */
import type * as tf from "@tensorflow/tfjs";
import type { GpuBackend } from "./backend.ts";
import { columnSums } from "./columns.ts";
import { type ConvInfo, SIZES, sizesOf } from "./conv.ts";
import { elementwise, fold, lanes, program, WIDE } from "./program.ts";

/** Taps whose sums are made at a time: workgroup memory holds no more. */
const AT_ONCE = 3;

const keyOf = (i: ConvInfo) =>
  `${i.filterHeight}x${i.filterWidth} by ${i.strideHeight}x${i.strideWidth} ${i.inChannels}`;

function taps(info: ConvInfo): [ky: number, kx: number, index: number][] {
  const { filterHeight: h, filterWidth: w } = info;
  return Array.from({ length: h * w }, (_, i) => [Math.floor(i / w), i % w, i]);
}

/** WGSL: the input's place at a tap of the output pixel (n, oy, ox). */
const place = (info: ConvInfo, ky: number, kx: number) =>
  `let iy = u32(i32(oy * ${info.strideHeight}u) + ${ky} - p.top); let ix = u32(i32(ox * ${info.strideWidth}u) + ${kx} - p.left);
    let there = iy < p.h && ix < p.w;`;

export function depthwise(b: GpuBackend, x: tf.TensorInfo, w: tf.TensorInfo, info: ConvInfo): tf.TensorInfo {
  const { type, width } = lanes(info.inChannels);
  const columns = info.inChannels / width;
  const y = b.output(info.outShape);
  const p = program(`depthwise ${keyOf(info)}`, () =>
    elementwise(
      "depthwise convolution",
      [`x: read ${type}`, `w: read ${type}`, `y: read_write ${type}`],
      SIZES,
      `  let column = i % ${columns}u; let pixel = i / ${columns}u;
  let ox = pixel % p.ow; let oy = pixel / p.ow % p.oh; let n = pixel / (p.ow * p.oh);
  var sum = ${type}();
  ${
        taps(info).map(([ky, kx, t]) =>
          `{ ${place(info, ky, kx)}
    if (there) { sum += x[((n * p.h + iy) * p.w + ix) * ${columns}u + column] * w[${t * columns}u + column]; } }`
        ).join("\n  ")
      }
  y[i] = sum;`,
    ));
  const size = info.batchSize * info.outHeight * info.outWidth * columns;
  const macs = size * width * info.filterHeight * info.filterWidth;
  const buffers = [x, w, y].map((t) => b.buffer(t));
  b.run(p, buffers, [size, ...sizesOf(info)], fold(Math.ceil(size / WIDE)), { macs });
  return y;
}

export function depthwiseInput(b: GpuBackend, dy: tf.TensorInfo, w: tf.TensorInfo, info: ConvInfo): tf.TensorInfo {
  const { type, width } = lanes(info.inChannels);
  const columns = info.inChannels / width;
  const [sh, sw] = [info.strideHeight, info.strideWidth];
  const dx = b.output(info.inShape);
  const p = program(`depthwise input ${keyOf(info)}`, () =>
    elementwise(
      "depthwise input gradient",
      [`dy: read ${type}`, `w: read ${type}`, `dx: read_write ${type}`],
      SIZES,
      `  let column = i % ${columns}u; let pixel = i / ${columns}u;
  let px = pixel % p.w; let py = pixel / p.w % p.h; let n = pixel / (p.w * p.h);
  var sum = ${type}();
  ${
        taps(info).map(([ky, kx, t]) =>
          `{ let yd = i32(py) + p.top - ${ky}; let xd = i32(px) + p.left - ${kx};
    if (yd >= 0 && xd >= 0 && yd % ${sh} == 0 && xd % ${sw} == 0 && u32(yd / ${sh}) < p.oh && u32(xd / ${sw}) < p.ow) {
      sum += dy[((n * p.oh + u32(yd / ${sh})) * p.ow + u32(xd / ${sw})) * ${columns}u + column] * w[${
            t * columns
          }u + column];
    } }`
        ).join("\n  ")
      }
  dx[i] = sum;`,
    ));
  const size = info.batchSize * info.inHeight * info.inWidth * columns;
  const buffers = [dy, w, dx].map((t) => b.buffer(t));
  b.run(p, buffers, [size, ...sizesOf(info)], fold(Math.ceil(size / WIDE)));
  return dx;
}

export function depthwiseFilter(b: GpuBackend, x: tf.TensorInfo, dy: tf.TensorInfo, info: ConvInfo): tf.TensorInfo {
  const c = info.inChannels;
  const { type, width } = lanes(c);
  const columns = c / width;
  const dw = b.output([info.filterHeight, info.filterWidth, c, 1]);
  const all = taps(info);
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const some = all.slice(from, from + AT_ONCE);
    columnSums(
      b,
      {
        name: "depthwise filter gradient",
        key: `depthwise filter ${keyOf(info)} ${from}`,
        inputs: ["x", "dy"],
        sizes: [SIZES, sizesOf(info)],
        prepare: `let ox = r % p.ow; let oy = r / p.ow % p.oh; let n = r / (p.ow * p.oh);
    ${
          some.map(([ky, kx], t) =>
            `var v${t} = ${type}(); { ${place(info, ky, kx)}
      if (there) { v${t} = x[((n * p.h + iy) * p.w + ix) * ${columns}u + column]; } }`
          ).join("\n    ")
        }`,
        terms: (i) => some.map((_, t) => `v${t} * dy[${i}]`),
        ends: ["dw: read_write f32"],
        params: [],
        end: some.map((_, t) => `    dw[${(from + t) * c}u + column] = s${t};`).join("\n"),
      },
      info.batchSize * info.outHeight * info.outWidth,
      c,
      [b.buffer(x), b.buffer(dy)],
      [b.buffer(dw)],
    );
  }
  return dw;
}
