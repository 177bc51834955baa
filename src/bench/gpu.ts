/**
 * Training on a graphics device: matrix products and convolutions in TFLOP/s (two operations a multiply-add), lines a second of the
 * presets for lines, and where the time of a step goes. The device is checked against the Rust kernels before.
 */
import * as tf from "@tensorflow/tfjs";
import { registerRust } from "../train/backend/mod.ts";
import { ctcLoss, pictures } from "../train/backend/fused.ts";
import { type GpuBackend, GpuLearner, registerWebGpu } from "../train/backend/webgpu/mod.ts";
import type { ProgramTime } from "../train/backend/webgpu/profile.ts";
import { KINDS } from "../train/lines/alphabet.ts";
import { Net } from "../train/net.ts";
import { type Preset, PRESETS, withClasses } from "../train/presets.ts";
import type { Batch } from "../train/task.ts";

/** Drivers that compute on the CPU: their figures say nothing of a card. */
const SOFTWARE = /llvmpipe|lavapipe|swiftshader|basic render|software/i;

/** Lines a step, their width (about the mean of the preset's mix), characters of each, and steps that are timed. */
const SIZES = {
  card: { batch: 256, width: 320, characters: 16, steps: 30, products: [[65536, 128, 1152], [8192, 4096, 4096]] },
  software: { batch: 2, width: 32, characters: 3, steps: 2, products: [[256, 128, 128]] },
};

const tflops = (macs: number, ms: number) => Number((2 * macs / ms / 1e9).toPrecision(4));

export async function benchGpu(): Promise<unknown> {
  const backend = await registerWebGpu();
  const software = SOFTWARE.test(backend.description);
  const sizes = software ? SIZES.software : SIZES.card;
  await agree();
  const products = [];
  for (const [m, n, k] of sizes.products) products.push(await product(backend, m, n, k, software ? 1 : 10));
  const presets: Record<string, unknown> = {};
  for (const [name, preset] of Object.entries(PRESETS)) {
    if (preset.task === "line") presets[name] = await measure(backend, preset, sizes);
  }
  return {
    device: backend.description,
    adapter: describe(backend.adapter),
    runtime: `Deno ${Deno.version.deno}, ${Deno.build.target}`,
    ...software ? { note: "a software driver: these figures say nothing of a card" } : {},
    lines_a_step: `${sizes.batch} of ${sizes.width} columns`,
    matrix_products: products,
    presets,
  };
}

/** Lines a second of a preset, and what its programs take. */
async function measure(backend: GpuBackend, preset: Preset, sizes: typeof SIZES.card): Promise<unknown> {
  const { step, macs } = lineStep(backend, preset, sizes);
  for (let i = 0; i < 3; i++) step();
  const wait = () => backend.bytes(backend.buffer(tf.scalar(0)), 4);
  await wait();
  const began = performance.now();
  for (let i = 0; i < sizes.steps; i++) step();
  const recorded = performance.now() - began;
  await wait();
  const ms = (performance.now() - began) / sizes.steps;
  const { numBytesAllocatedInGPU } = backend.memory();
  const times = backend.device.features.has("timestamp-query")
    ? await backend.profile(() => Promise.resolve(step()))
    : [];
  return {
    lines_s: Math.round(1000 * sizes.batch / ms),
    ms_a_step: Number(ms.toFixed(2)),
    ms_to_record_a_step: Number((recorded / sizes.steps).toFixed(2)),
    tflops: tflops(3 * macs * sizes.batch, ms),
    memory_mb: Math.round(numBytesAllocatedInGPU / 2 ** 20),
    share_of_time: shares(times, times.reduce((sum, t) => sum + t.ms, 0)),
    layers: layers(times),
  };
}

function describe(info: GPUAdapterInfo): Record<string, string> {
  const { vendor, architecture, device, description } = info;
  return { vendor, architecture, device, description };
}

/** @throws Error where the device computes otherwise than the Rust kernels. */
async function agree(): Promise<void> {
  await registerRust();
  const values: ArrayLike<number>[][] = [];
  for (const name of ["rust", "webgpu"]) {
    await tf.setBackend(name);
    const tensors = tf.tidy(() => {
      const random = (shape: number[], seed: number) => tf.truncatedNormal(shape, 0, 1, "float32", seed);
      const inputs = [random([3, 9, 13, 20], 1), random([3, 3, 20, 36], 2)];
      const f = (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same");
      return [f(inputs[0], inputs[1]), ...tf.grads(f)(inputs)];
    });
    values.push(await Promise.all(tensors.map((t) => t.data())));
    tf.dispose(tensors);
  }
  values[0].forEach((wanted, i) => {
    for (let j = 0; j < wanted.length; j++) {
      const got = values[1][i][j];
      if (!(Math.abs(got - wanted[j]) <= 1e-3 * (1 + Math.abs(wanted[j])))) {
        throw new Error(
          `the device is wrong: ${["a convolution", "an input gradient", "a filter gradient"][i]} has ` +
            `${got} where the Rust kernels have ${wanted[j]}`,
        );
      }
    }
  });
}

async function product(backend: GpuBackend, m: number, n: number, k: number, runs: number): Promise<unknown> {
  // One row is drawn and repeated on the device: hundreds of millions of numbers take minutes to draw.
  const random = (rows: number, columns: number, seed: number) =>
    tf.tidy(() => tf.tile(tf.randomUniform([1, columns], -1, 1, "float32", seed), [rows, 1]));
  const [a, b] = [random(m, k, 1), random(k, n, 2)];
  const once = () => tf.matMul(a, b).dispose();
  once();
  const wait = () => backend.bytes(backend.buffer(b), 4);
  await wait();
  const began = performance.now();
  for (let i = 0; i < runs; i++) once();
  await wait();
  const ms = (performance.now() - began) / runs;
  tf.dispose([a, b]);
  return { shape: `${m} x ${n} x ${k}`, ms: Number(ms.toFixed(3)), tflops: tflops(m * n * k, ms) };
}

/** A step of a preset, and the multiply-adds of a line, on lines that look random; how long it takes does not depend on what they show. */
function lineStep(backend: GpuBackend, preset: Preset, { batch: n, width, characters }: typeof SIZES.card) {
  const { input, line, optimizer, ema, statistics } = preset;
  const [height, wide] = input;
  const net = new Net(withClasses(preset.layers), input, 1);
  const frames = width / line!.contract.frame;
  const learner = new GpuLearner(backend, net, { optimizer, ema, statistics });
  const { runtime } = tf.findBackend("rust") as Awaited<ReturnType<typeof registerRust>>;
  const x = Uint8Array.from({ length: n * height * width }, (_, i) => (i * 2654435761 >>> 24) & 255);
  const target = {
    labels: Array.from(
      { length: n },
      (_, i) => Uint32Array.from({ length: characters }, (_, j) => 1 + (i + 7 * j) % 90),
    ),
    weights: new Float32Array(n).fill(0.25),
    frames: new Uint32Array(n).fill(frames),
  };
  const of = Uint8Array.from({ length: n * frames }, (_, i) => i % 3);
  let step = 0;
  const once = () => {
    const batch: Batch = {
      x: pictures(x, [n, height, width, 1]),
      columns: new Uint32Array(n).fill(width),
      loss: (y) => ctcLoss(y as tf.Tensor3D, target, runtime, { classes: KINDS.length, of, weight: 0.5 }),
    };
    learner.learn(batch, 1e-4, ++step, step);
    batch.x.dispose();
  };
  return { step: once, macs: net.macs / wide * width };
}

/** Convolutions and products with their rates. */
function layers(times: ProgramTime[]): unknown[] {
  return times.filter((t) => t.macs > 0).map((t) => ({
    program: t.name,
    runs: t.runs,
    ms: Number(t.ms.toFixed(3)),
    tflops: tflops(t.macs, t.ms),
  }));
}

/** Shares of a step's time on the device, convolutions by kind. */
function shares(times: ProgramTime[], total: number): Record<string, string> {
  const sums = new Map<string, number>();
  for (const { name, ms } of times) {
    const kind = name.replace(/ \d.*$/, "");
    sums.set(kind, (sums.get(kind) ?? 0) + ms);
  }
  const sorted = [...sums].sort((a, b) => b[1] - a[1]);
  return Object.fromEntries(sorted.map(([kind, ms]) => [kind, `${(100 * ms / total).toFixed(1)} %`]));
}
