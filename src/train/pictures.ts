/** What a run leaves to look at and to check by: its samples as a picture, and the trainer's answer to a drawn pattern. */
import * as tf from "@tensorflow/tfjs";
import type { Net } from "./net.ts";
import { encodePng } from "../format/png.ts";

/** Width of the picture of samples, in pixels. */
const SHEET = 1000;

/** What a batch looks like to the net, augmented and all: its pictures in rows, dark on light, the first channel of each. */
export async function samplesPng(x: tf.Tensor4D): Promise<Uint8Array> {
  const [n, h, w, c] = x.shape;
  // Of several channels the first is the darkness.
  const ink = (await x.data()).filter((_, i) => i % c === 0);
  const columns = Math.max(1, Math.floor(SHEET / (w + 4)));
  const [width, height] = [columns * (w + 4), Math.ceil(n / columns) * (h + 4)];
  const gray = new Uint8Array(width * height).fill(160);
  for (let i = 0; i < n; i++) {
    const [left, top] = [(i % columns) * (w + 4) + 2, Math.floor(i / columns) * (h + 4) + 2];
    for (let y = 0; y < h; y++) {
      for (let k = 0; k < w; k++) {
        const v = Math.max(0, Math.min(1, ink[(i * h + y) * w + k]));
        gray[(top + y) * width + left + k] = Math.round(255 * (1 - v));
      }
    }
  }
  return await encodePng(gray, width, height);
}

/** A drawn pattern and what the trainer's own forward pass makes of it: the runtime must give the same. */
export async function probe(net: Net): Promise<Record<string, { shape: number[]; data: Float32Array }>> {
  const [tall, w, c] = net.input;
  // Of a page a strip is enough.
  const [n, h] = c === 1 ? [2, tall] : [1, 64];
  const data = Float32Array.from({ length: n * h * w * c }, (_, at) => {
    const i = Math.floor(at / c);
    const [x, y] = [i % w + 9 * (at % c), Math.floor(i / w)];
    return Math.max(0, Math.sin(x * 0.45 + y * 0.2) * Math.cos(y * 0.31 - x * 0.07 * (1 + Math.floor(y / h))));
  });
  const y = tf.tidy(() => net.predict(tf.tensor4d(data, [n, h, w, c])));
  const logits = { shape: y.shape, data: await y.data() as Float32Array };
  y.dispose();
  return { input: { shape: [n, h, w, c], data }, logits };
}
