/** Inference of the seed's net on one core: ours against onnxruntime-web, same weights and inputs, alternating, outputs compared first. */
import { openRunner } from "../engine/runner.ts";
import { toOnnx } from "../export/onnx.ts";
import { withRanges } from "../export/int8.ts";
import { encode } from "../safetensors.ts";
import { Net } from "../train/net.ts";
import { PRESETS } from "../train/presets.ts";
import { median, spread } from "./median.ts";
import { openSession, ort } from "./ort.ts";

const BATCH = 64;
const ROUNDS = 7;
/** Largest difference of logits that rounding explains. */
const TOLERANCE = 1e-3;

/** A preset's net with its first, random weights as a model file. */
function randomModel(preset: string): { bytes: Uint8Array; macs: number } {
  const { layers, input } = PRESETS[preset];
  const net = new Net(layers, input, 1);
  const folded = net.fold();
  const metadata = {
    format: "scrawl-1",
    preset,
    input: JSON.stringify(input),
    layers: JSON.stringify(folded.layers),
  };
  return { bytes: encode({ metadata, tensors: folded.tensors }), macs: net.macs };
}

export async function benchInference() {
  const { bytes, macs } = randomModel("seed");
  const small = randomModel("small");
  const ours = await openRunner(bytes);
  const x = Float32Array.from(
    { length: BATCH * 28 * 28 },
    (_, i) => Math.max(0, Math.sin(i * 0.37) * Math.cos(i * 0.011)),
  );
  const ours8 = await openRunner(withRanges(bytes, ours.ranges(x, BATCH, 28, 28)), true);
  const oursSmall = await openRunner(small.bytes);
  const oursSmall8 = await openRunner(withRanges(small.bytes, oursSmall.ranges(x, BATCH, 28, 28)), true);
  const session = await openSession(toOnnx(bytes, "seed"));
  const feeds = { input: new ort.Tensor("float32", x, [BATCH, 1, 28, 28]) };
  const [a, b] = [ours.run(x, BATCH, 28, 28), (await session.run(feeds)).logits.data as Float32Array];
  const off = a.reduce((m, v, i) => Math.max(m, Math.abs(v - b[i])), 0);
  if (a.length !== b.length || !(off < TOLERANCE)) throw new Error(`the outputs differ by ${off}`);
  const runs: Record<string, () => unknown> = {
    ours: () => ours.run(x, BATCH, 28, 28),
    ort: () => session.run(feeds),
    int8: () => ours8.run(x, BATCH, 28, 28),
    small: () => oursSmall.run(x, BATCH, 28, 28),
    small8: () => oursSmall8.run(x, BATCH, 28, 28),
  };
  const times: Record<string, number[]> = { ours: [], ort: [], int8: [], small: [], small8: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(runs)) {
      await run();
      const began = performance.now();
      for (let i = 0; i < 4; i++) await run();
      times[name].push((performance.now() - began) / 4 / BATCH);
    }
  }
  const figures = (name: string, macs: number) => {
    const ms = median(times[name]);
    return {
      img_s: Math.round(1000 / ms),
      spread: Number(spread(times[name]).toFixed(3)),
      gmac_s: Number((macs / ms / 1e6).toFixed(1)),
    };
  };
  const ratio = (name: string) => Number((median(times.ort) / median(times[name])).toFixed(2));
  return {
    net: `seed, ${(macs / 1e6).toFixed(2)} MMAC, batch ${BATCH}, one core`,
    difference: off,
    ours: figures("ours", macs),
    ort: figures("ort", macs),
    ratio_ort: ratio("ours"),
    int8: { ...figures("int8", macs), ratio_ort: ratio("int8") },
    small: {
      ...figures("small", small.macs),
      ratio_ort_seed: ratio("small"),
      int8: { ...figures("small8", small.macs), ratio_ort_seed: ratio("small8") },
    },
  };
}
