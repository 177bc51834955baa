/** Max pooling in NHWC and its gradient, which goes to the first of a window's greatest values. */
import type * as tf from "@tensorflow/tfjs";
import type { GpuBackend } from "./backend.ts";
import { SIZES, sizesOf } from "./conv.ts";
import { elementwise, fold, lanes, program, WIDE } from "./program.ts";

type PoolInfo = tf.backend_util.Conv2DInfo;

function taps(info: PoolInfo): [number, number][] {
  const { filterHeight: h, filterWidth: w } = info;
  return Array.from({ length: h * w }, (_, i) => [Math.floor(i / w), i % w]);
}

const keyOf = (i: PoolInfo) =>
  `${i.filterHeight}x${i.filterWidth} by ${i.strideHeight}x${i.strideWidth} ${i.inChannels}`;

/** WGSL: the input at tap (ky, kx) of window (oy, ox), and whether it is in the picture. */
const at = (ky: number, kx: number, info: PoolInfo, columns: number) =>
  `let iy = u32(i32(oy * ${info.strideHeight}u) + ${ky} - p.top); let ix = u32(i32(ox * ${info.strideWidth}u) + ${kx} - p.left);
    let inside = iy < p.h && ix < p.w; let v = x[((n * p.h + iy) * p.w + ix) * ${columns}u + column];`;

export function maxPool(b: GpuBackend, x: tf.TensorInfo, info: PoolInfo): tf.TensorInfo {
  const { type, width } = lanes(info.inChannels);
  const columns = info.inChannels / width;
  const y = b.output(info.outShape);
  const p = program(`max pool ${keyOf(info)}`, () =>
    elementwise(
      "max pool",
      [`x: read ${type}`, `y: read_write ${type}`],
      SIZES,
      `  let column = i % ${columns}u; let pixel = i / ${columns}u;
  let ox = pixel % p.ow; let oy = pixel / p.ow % p.oh; let n = pixel / (p.ow * p.oh);
  var best = ${type}(-3.4e38);
  ${taps(info).map(([ky, kx]) => `{ ${at(ky, kx, info, columns)} if (inside) { best = max(best, v); } }`).join("\n  ")}
  y[i] = best;`,
    ));
  const size = info.batchSize * info.outHeight * info.outWidth * columns;
  b.run(p, [b.buffer(x), b.buffer(y)], [size, ...sizesOf(info)], fold(Math.ceil(size / WIDE)));
  return y;
}

/** Each input looks at the windows that it is in: whether it is the greatest of one, and no earlier value is. */
export function maxPoolGrad(
  b: GpuBackend,
  dy: tf.TensorInfo,
  x: tf.TensorInfo,
  y: tf.TensorInfo,
  info: PoolInfo,
): tf.TensorInfo {
  const { type, width } = lanes(info.inChannels);
  const columns = info.inChannels / width;
  const dx = b.output(info.inShape);
  const [sh, sw] = [info.strideHeight, info.strideWidth];
  const all = taps(info);
  const window = ([ky, kx]: [number, number], t: number) =>
    `{ let yd = i32(py) + p.top - ${ky}; let xd = i32(px) + p.left - ${kx};
    if (yd >= 0 && xd >= 0 && yd % ${sh} == 0 && xd % ${sw} == 0 && u32(yd / ${sh}) < p.oh && u32(xd / ${sw}) < p.ow) {
    let oy = u32(yd / ${sh}); let ox = u32(xd / ${sw});
    let w = ((n * p.oh + oy) * p.ow + ox) * ${columns}u + column;
    let top = y[w]; var hit = x[i] == top;
    ${
      all.slice(0, t).map(([ey, ex]) => `{ ${at(ey, ex, info, columns)} if (inside) { hit = hit & (v != top); } }`)
        .join("\n    ")
    }
    sum += select(${type}(), dy[w], hit); } }`;
  const p = program(`max pool gradient ${keyOf(info)}`, () =>
    elementwise(
      "max pool gradient",
      [`dy: read ${type}`, `x: read ${type}`, `y: read ${type}`, `dx: read_write ${type}`],
      SIZES,
      `  let column = i % ${columns}u; let pixel = i / ${columns}u;
  let px = pixel % p.w; let py = pixel / p.w % p.h; let n = pixel / (p.w * p.h);
  var sum = ${type}();
  ${all.map(window).join("\n  ")}
  dx[i] = sum;`,
    ));
  const size = info.batchSize * info.inHeight * info.inWidth * columns;
  const buffers = [dy, x, y, dx].map((t) => b.buffer(t));
  b.run(p, buffers, [size, ...sizesOf(info)], fold(Math.ceil(size / WIDE)));
  return dx;
}
