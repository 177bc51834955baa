/** The kernels of `../maps.ts`: sums, concatenation, upsampling and page context, with their gradients. Maps are `[n, h, w, c]`. */
import type * as tf from "@tensorflow/tfjs";
import type { MAP_KERNELS } from "../maps.ts";
import type { GpuBackend } from "./backend.ts";
import { halves } from "./columns.ts";
import type { GpuKernel } from "./kernels.ts";
import { elementwise, fold, lanes, program, type Spec, WIDE } from "./program.ts";
import { reluGrad } from "./small.ts";

const sizeOf = (t: tf.TensorInfo) => t.shape.reduce((a, v) => a * v, 1);

/** Runs an element-wise program over `size` values of `width` each. */
function each(b: GpuBackend, key: string, size: number, tensors: tf.TensorInfo[], params: number[], make: () => Spec) {
  b.run(program(key, make), tensors.map((t) => b.buffer(t)), [size, ...params], fold(Math.ceil(size / WIDE)));
}

/** Vectors where the rows of both are whole ones. */
const common = (ca: number, cb: number) => lanes(ca % 4 === 0 && cb % 4 === 0 ? 4 : 1);

function add(b: GpuBackend, a: tf.TensorInfo, c: tf.TensorInfo, relu: boolean): tf.TensorInfo {
  const { type, width } = lanes(sizeOf(a));
  const y = b.output(a.shape);
  each(b, `map add ${width} ${relu}`, sizeOf(a) / width, [a, c, y], [], () =>
    elementwise(
      "sum of maps",
      [`a: read ${type}`, `b: read ${type}`, `y: read_write ${type}`],
      [],
      relu ? `  y[i] = max(a[i] + b[i], ${type}());` : "  y[i] = a[i] + b[i];",
    ));
  return y;
}

function concat(b: GpuBackend, left: tf.TensorInfo, right: tf.TensorInfo): tf.TensorInfo {
  const [ca, cb] = [left.shape[3], right.shape[3]];
  const { type, width } = common(ca, cb);
  const y = b.output([...left.shape.slice(0, 3), ca + cb]);
  each(b, `map concat ${ca} ${cb}`, sizeOf(y) / width, [left, right, y], [], () =>
    elementwise(
      "concatenation",
      [`a: read ${type}`, `b: read ${type}`, `y: read_write ${type}`],
      [],
      `  let k = i % ${(ca + cb) / width}u; let row = i / ${(ca + cb) / width}u;
  if (k < ${ca / width}u) { y[i] = a[row * ${ca / width}u + k]; }
  else { y[i] = b[row * ${cb / width}u + k - ${ca / width}u]; }`,
    ));
  return y;
}

function split(b: GpuBackend, y: tf.TensorInfo, [ca, cb]: [number, number]): tf.TensorInfo[] {
  const { type, width } = common(ca, cb);
  const outs = [ca, cb].map((c) => b.output([...y.shape.slice(0, 3), c]));
  each(b, `map split ${ca} ${cb}`, sizeOf(y) / width, [y, ...outs], [], () =>
    elementwise(
      "concatenation",
      [`y: read ${type}`, `a: read_write ${type}`, `b: read_write ${type}`],
      [],
      `  let k = i % ${(ca + cb) / width}u; let row = i / ${(ca + cb) / width}u;
  if (k < ${ca / width}u) { a[row * ${ca / width}u + k] = y[i]; }
  else { b[row * ${cb / width}u + k - ${ca / width}u] = y[i]; }`,
    ));
  return outs;
}

/** Nearest neighbour, or back: the sum over what became of a pixel. `w` is the small map's width. */
function upsample(b: GpuBackend, x: tf.TensorInfo, by: number, back: boolean): tf.TensorInfo {
  const [n, h, w, c] = x.shape;
  const { type, width } = lanes(c);
  const columns = c / width;
  const y = b.output(back ? [n, h / by, w / by, c] : [n, h * by, w * by, c]);
  const small = back ? w / by : w;
  const name = back ? "upsampling gradient" : "upsampling";
  each(b, `${name} ${by} ${c}`, sizeOf(y) / width, [x, y], [small], () =>
    elementwise(
      name,
      [`x: read ${type}`, `y: read_write ${type}`],
      ["w: u32"],
      back
        ? `  let k = i % ${columns}u; let px = i / ${columns}u % p.w; let py = i / ${columns}u / p.w;
  var sum = ${type}();
  for (var dy = 0u; dy < ${by}u; dy++) {
    for (var dx = 0u; dx < ${by}u; dx++) {
      sum += x[((py * ${by}u + dy) * p.w * ${by}u + px * ${by}u + dx) * ${columns}u + k];
    }
  }
  y[i] = sum;`
        : `  let k = i % ${columns}u; let px = i / ${columns}u % (p.w * ${by}u); let py = i / ${columns}u / (p.w * ${by}u);
  y[i] = x[(py / ${by}u * p.w + px / ${by}u) * ${columns}u + k];`,
    ));
  return y;
}

/** A result a channel of each picture, from all of its pixels. */
interface Pooling {
  name: string;
  buffers: string[];
  /** Names, first values and ways to join of what is kept a thread. */
  kept: { name: string; type: string; first: string; join: (a: string, b: string) => string }[];
  /** WGSL for pixel `row` at index `i`, channel `k` (vectors), and for the end, where the picture is `n`. */
  step: string;
  end: string;
}

function pool(b: GpuBackend, key: string, x: tf.TensorInfo, tensors: (tf.TensorInfo | GPUBuffer)[], p: Pooling): void {
  const [n, h, w, c] = x.shape;
  const columns = c / lanes(c).width;
  let across = 1;
  while (across < columns && across < 32) across *= 2;
  const down = 256 / across;
  const make = (): Spec => ({
    name: p.name,
    buffers: p.buffers,
    params: ["pixels: u32"],
    size: [across, down],
    outside: p.kept.map((v) => `var<workgroup> m${v.name}: array<${v.type}, 256>;`).join("\n"),
    body: `  let k = group.x * ${across}u + local.x; let n = group.y;
  ${p.kept.map((v) => `var ${v.name} = ${v.first};`).join(" ")}
  if (k < ${columns}u) {
    for (var row = local.y; row < p.pixels; row += ${down}u) {
      let i = (n * p.pixels + row) * ${columns}u + k;
      ${p.step}
    }
  }
  ${p.kept.map((v) => `m${v.name}[thread] = ${v.name};`).join(" ")}
${
      halves(down).map((step) =>
        `  workgroupBarrier();
  if (local.y < ${step}u) { ${
          p.kept.map((v) =>
            `m${v.name}[thread] = ${v.join(`m${v.name}[thread]`, `m${v.name}[thread + ${step * across}u]`)};`
          ).join(" ")
        } }`
      ).join("\n")
    }
  if (local.y == 0u && k < ${columns}u) {
    ${p.kept.map((v) => `${v.name} = m${v.name}[thread];`).join(" ")}
    ${p.end}
  }`,
  });
  const buffers = tensors.map((t) => "dataId" in t ? b.buffer(t) : t);
  b.run(program(`${key} ${c}`, make), buffers, [h * w], [Math.ceil(columns / across), n]);
}

const plus = (a: string, b: string) => `${a} + ${b}`;

function contextPool(b: GpuBackend, x: tf.TensorInfo): tf.TensorInfo {
  const c = x.shape[3];
  const { type, width } = lanes(c);
  const y = b.output([x.shape[0], 2 * c]);
  pool(b, "context pool", x, [x, y], {
    name: "context: pool",
    buffers: [`x: read ${type}`, `y: read_write ${type}`],
    kept: [
      { name: "sum", type, first: `${type}()`, join: plus },
      { name: "most", type, first: `${type}(-3.4e38)`, join: (a, b) => `max(${a}, ${b})` },
    ],
    step: "sum += x[i]; most = max(most, x[i]);",
    end: `y[n * ${2 * c / width}u + k] = sum / f32(p.pixels); y[n * ${2 * c / width}u + ${c / width}u + k] = most;`,
  });
  return y;
}

/** The gradient of a maximum goes to the first pixel that has it, which is looked for first. */
function contextPoolGrad(b: GpuBackend, x: tf.TensorInfo, y: tf.TensorInfo, dy: tf.TensorInfo): tf.TensorInfo {
  const [n, h, w, c] = x.shape;
  const { type, width } = lanes(c);
  const whole = width === 4 ? "vec4<u32>" : "u32";
  const columns = c / width;
  const first = b.scratch(4 * n * c);
  pool(b, "context first", x, [x, y, first], {
    name: "context: pool gradient",
    buffers: [`x: read ${type}`, `y: read ${type}`, `place: read_write ${whole}`],
    kept: [{ name: "least", type: whole, first: `${whole}(0xffffffffu)`, join: (a, b) => `min(${a}, ${b})` }],
    step: `least = min(least, select(${whole}(0xffffffffu), ${whole}(row), x[i] == y[n * ${
      2 * columns
    }u + ${columns}u + k]));`,
    end: `place[n * ${columns}u + k] = least;`,
  });
  const dx = b.output(x.shape);
  const p = program(`context pool gradient ${c}`, () =>
    elementwise(
      "context: pool gradient",
      [`dy: read ${type}`, `place: read ${whole}`, `dx: read_write ${type}`],
      ["pixels: u32"],
      `  let k = i % ${columns}u; let row = i / ${columns}u % p.pixels; let n = i / ${columns}u / p.pixels;
  let at = n * ${2 * columns}u + k;
  dx[i] = dy[at] / f32(p.pixels) + select(${type}(), dy[at + ${columns}u], place[n * ${columns}u + k] == ${whole}(row));`,
    ));
  b.run(p, [b.buffer(dy), first, b.buffer(dx)], [sizeOf(x) / width, h * w], fold(Math.ceil(sizeOf(x) / width / WIDE)));
  b.release(first);
  return dx;
}

const OPENING = (type: string, v: string) => `2.0 / (${type}(1.0) + exp(-${v}))`;

function gate(b: GpuBackend, x: tf.TensorInfo, gates: tf.TensorInfo): tf.TensorInfo {
  const [, h, w, c] = x.shape;
  const { type, width } = lanes(c);
  const columns = c / width;
  const y = b.output(x.shape);
  each(b, `gate ${c}`, sizeOf(x) / width, [x, gates, y], [h * w], () =>
    elementwise(
      "context: gate",
      [`x: read ${type}`, `gates: read ${type}`, `y: read_write ${type}`],
      ["pixels: u32"],
      `  let at = i / ${columns}u / p.pixels * ${2 * columns}u + i % ${columns}u;
  y[i] = x[i] * (${OPENING(type, "gates[at]")}) + gates[at + ${columns}u];`,
    ));
  return y;
}

function gateGrad(b: GpuBackend, x: tf.TensorInfo, gates: tf.TensorInfo, dy: tf.TensorInfo): tf.TensorInfo[] {
  const [, h, w, c] = x.shape;
  const { type, width } = lanes(c);
  const columns = c / width;
  const [dx, dgates] = [b.output(x.shape), b.output(gates.shape)];
  each(b, `gate input gradient ${c}`, sizeOf(x) / width, [dy, gates, dx], [h * w], () =>
    elementwise(
      "context: gate gradient",
      [`dy: read ${type}`, `gates: read ${type}`, `dx: read_write ${type}`],
      ["pixels: u32"],
      `  let at = i / ${columns}u / p.pixels * ${2 * columns}u + i % ${columns}u;
  dx[i] = dy[i] * (${OPENING(type, "gates[at]")});`,
    ));
  pool(b, "gate gradient", x, [x, dy, gates, dgates], {
    name: "context: gate gradient",
    buffers: [`x: read ${type}`, `dy: read ${type}`, `gates: read ${type}`, `dgates: read_write ${type}`],
    kept: [
      { name: "byInput", type, first: `${type}()`, join: plus },
      { name: "alone", type, first: `${type}()`, join: plus },
    ],
    step: "byInput += dy[i] * x[i]; alone += dy[i];",
    // The slope of 2 s(g) is 2 s (1 - s), with s half of the opening.
    end: `let at = n * ${2 * columns}u + k; let opening = ${OPENING(type, "gates[at]")};
    dgates[at] = byInput * opening * (${type}(1.0) - opening / 2.0); dgates[at + ${columns}u] = alone;`,
  });
  return [dx, dgates];
}

export const GPU_MAP_KERNELS: Record<typeof MAP_KERNELS[number], GpuKernel> = {
  MapAdd: ({ a: left, b: right }, { relu }, b) => add(b, left, right, relu),
  ReluGradOf: ({ dy, y }, _, b) => reluGrad(b, dy, y),
  MapConcat: ({ a: left, b: right }, _, b) => concat(b, left, right),
  MapSplit: ({ y }, { channels }, b) => split(b, y, channels),
  Upsample: ({ x }, { by }, b) => upsample(b, x, by, false),
  UpsampleGrad: ({ dy }, { by }, b) => upsample(b, dy, by, true),
  ContextPool: ({ x }, _, b) => contextPool(b, x),
  ContextPoolGrad: ({ x, y, dy }, _, b) => contextPoolGrad(b, x, y, dy),
  Gate: ({ x, gates }, _, b) => gate(b, x, gates),
  GateGrad: ({ x, gates, dy }, _, b) => gateGrad(b, x, gates, dy),
};
