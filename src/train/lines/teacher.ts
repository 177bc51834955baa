/**
 * Keeps what a net knows while it learns more (Li, Hoiem 2017, "Learning without forgetting"): where the net that it began with reads
 * a line of numbers, codes or single letters rightly, each frame is also drawn towards what that one says of it.
 */
import * as tf from "@tensorflow/tfjs";
import { readCheckpoint } from "../checkpoint.ts";
import type { Net } from "../net.ts";
import { ALPHABET, CHARACTERS, decodeText } from "./alphabet.ts";
import { greedy } from "./decode.ts";

/** Small letters side by side: a word, of which there is more to learn than to keep. */
const WORD = /\p{Ll}{2}/u;

/**
 * What is said of a batch, `[n][frames][CHARACTERS]`, and how much it counts by line: 0 where the teacher is not to be heard, and nothing
 * is said.
 */
export interface Said {
  probabilities: Float32Array;
  weights: Float32Array;
}

/** A net that reads already and does not change. */
export class Teacher {
  /** Made at the first batch, on the backend that is in use then, and with its statistics. */
  private net?: Net;

  private constructor(
    private tensors: Awaited<ReturnType<typeof readCheckpoint>>["tensors"],
    private make: () => Net,
  ) {}

  /** Opens a model file of a net that `make` makes with other weights. */
  static async open(path: string, make: () => Net): Promise<Teacher> {
    const { tensors, metadata } = await readCheckpoint(path);
    if (!metadata.format) {
      throw new Error(`${path} is a checkpoint; a teacher is a model file, like RUN/model.safetensors`);
    }
    return new Teacher(tensors, make);
  }

  /**
   * @param x `[n, height, width, 1]`, of which `columns` of each are a line.
   * @param labels classes of what the lines say.
   * @param weights of the lines in what is lost.
   */
  says(x: tf.Tensor4D, columns: Uint32Array, labels: Uint32Array[], weights: Float32Array): Said {
    if (!this.net) {
      this.net = this.make();
      this.net.unfold(this.tensors, x);
    }
    const { net } = this;
    return tf.tidy(() => {
      const logits = net.predict(x, columns);
      const [n, frames, row] = logits.shape as [number, number, number];
      const values = logits.dataSync() as Float32Array;
      const said = { probabilities: new Float32Array(n * frames * CHARACTERS), weights: new Float32Array(n) };
      labels.forEach((label, i) => {
        const text = decodeText(label);
        if (text === "" || WORD.test(text)) return;
        const [from, used] = [i * frames, Math.floor(columns[i] * frames / x.shape[2])];
        const line = values.subarray(from * row, (from + used) * row);
        if (greedy(line, row, CHARACTERS, ALPHABET) !== text) return;
        said.weights[i] = weights[i];
        for (let t = from; t < from + used; t++) {
          softmax(values.subarray(t * row, t * row + CHARACTERS), said.probabilities.subarray(t * CHARACTERS));
        }
      });
      return said;
    });
  }
}

/**
 * How far the net is from what is said (Kullback-Leibler divergence), summed over the frames of a line and averaged over lines.
 * @param logits `[n, frames, k]`, characters first.
 * @param frames how many frames of each line hold its picture.
 */
export function keepLoss(logits: tf.Tensor3D, { probabilities, weights }: Said, frames: Uint32Array): tf.Scalar {
  const [n, all, row] = logits.shape;
  const op = tf.customGrad((logits, save) => {
    const values = (logits as tf.Tensor).dataSync() as Float32Array;
    const gradient = new Float32Array(values.length);
    const own = new Float32Array(CHARACTERS);
    let loss = 0;
    for (let i = 0; i < n; i++) {
      if (weights[i] === 0) continue;
      for (let t = i * all; t < i * all + Math.min(all, frames[i]); t++) {
        softmax(values.subarray(t * row, t * row + CHARACTERS), own);
        for (let k = 0; k < CHARACTERS; k++) {
          const said = probabilities[t * CHARACTERS + k];
          if (said > 0) loss -= weights[i] / n * said * Math.log(Math.max(own[k], 1e-20) / said);
          gradient[t * row + k] = weights[i] / n * (own[k] - said);
        }
      }
    }
    (save as tf.GradSaveFunc)([tf.tensor(gradient, [n, all, row])]);
    return { value: tf.scalar(loss), gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(saved[0], dy) };
  });
  return op(logits) as tf.Scalar;
}

function softmax(logits: Float32Array, out: Float32Array): void {
  let [most, sum] = [-Infinity, 0];
  for (const v of logits) most = Math.max(most, v);
  for (let k = 0; k < logits.length; k++) sum += out[k] = Math.exp(logits[k] - most);
  for (let k = 0; k < logits.length; k++) out[k] /= sum;
}
