/** Post-training quantisation: measures what range each convolution takes in, and writes it into the model file. */
import { openRunner } from "../engine/runner.ts";
import { decode, encode } from "../safetensors.ts";

const BATCH = 32;

/** The model file with the ranges of its activations, pairs of smallest and largest value in the order of the convolutions. */
export function withRanges(model: Uint8Array, ranges: Float32Array): Uint8Array {
  const { metadata, tensors } = decode(model);
  const pairs = Array.from({ length: ranges.length / 2 }, (_, i) => [ranges[2 * i], ranges[2 * i + 1]]);
  return encode({ metadata: { ...metadata, activations: JSON.stringify(pairs) }, tensors });
}

/**
 * Prepares a model of single characters for integers.
 * @param images of the training data, `[n][28][28]`, ink 255 on 0: never those that it is measured on.
 */
export async function toInt8(model: Uint8Array, images: Uint8Array): Promise<Uint8Array> {
  const runner = await openRunner(model);
  const pixels = 28 * 28;
  const n = images.length / pixels;
  let sums: Float32Array | undefined;
  let batches = 0;
  // The mean over batches of what each reaches: one odd image must not make the steps coarse for all.
  for (let at = 0; at < n; at += BATCH) {
    const size = Math.min(BATCH, n - at);
    const x = Float32Array.from(images.subarray(at * pixels, (at + size) * pixels), (v) => v / 255);
    const ranges = runner.ranges(x, size, 28, 28);
    sums ??= new Float32Array(ranges.length);
    ranges.forEach((v, i) => sums![i] += v);
    batches++;
  }
  if (!sums) throw new Error("there is no image to measure the activations on");
  return withRanges(model, sums.map((v) => v / batches));
}
