/** Sets of single characters in MNIST's frame, and the validation split of MNIST's training part. */
import { basename, join } from "node:path";
import { readPair } from "../idx.ts";
import { glyphInput } from "../../wasm/train/train.js";

/** Images `[n][28][28]`, ink 255 on 0, with their labels. */
export interface GlyphData {
  images: Uint8Array;
  labels: Uint8Array;
}

const PIXELS = 28 * 28;

/** The sets that a name stands for: folder, file prefix. */
const SETS: Record<string, [string, string][]> = {
  mnist: [["mnist", "train"]],
  digits: [
    ["mnist", "train"],
    ["emnist-digits", "train"],
    ["emnist-digits", "test"],
    ["femnist-digits", "train"],
    ["bhmsds", "train"],
    ["optdigits", "train"],
    ["semeion", "train"],
  ],
};

/** Reads `FOLDER/PREFIX-*`, gzipped or not; digits only, images of another frame are fitted into MNIST's. */
export async function readSet(path: string, prefix: string): Promise<GlyphData> {
  const at = join(path, prefix);
  const packed = await Deno.stat(`${at}-images-idx3-ubyte.gz`).then(() => ".gz", () => "");
  const set = await readPair(`${at}-images-idx3-ubyte${packed}`, `${at}-labels-idx1-ubyte${packed}`);
  const folder = basename(path);
  const chosen = Array.from(set.labels, (l, i) => [l, i]).filter(([l]) => l < 10);
  const images = new Uint8Array(chosen.length * PIXELS);
  const size = set.height * set.width;
  chosen.forEach(([, from], i) => {
    const image = set.images.subarray(from * size, (from + 1) * size);
    if (folder === "mnist" || folder === "emnist-digits") images.set(image, i * PIXELS);
    else {
      const framed = glyphInput(image, set.width, set.height);
      images.set(framed.map((v) => v * 255), i * PIXELS);
    }
  });
  return { images, labels: Uint8Array.from(chosen, ([l]) => l) };
}

export async function readNamed(data: string, name: string): Promise<GlyphData> {
  const sets = SETS[name];
  if (!sets) throw new Error(`No set is called ${name}; known: ${Object.keys(SETS).join(", ")}`);
  // A data folder may hold a part of the sets.
  const there = await Promise.all(
    sets.map(([folder, prefix]) =>
      Deno.stat(join(data, "chars", folder, `${prefix}-images-idx3-ubyte.gz`)).then(() => true, () => false)
    ),
  );
  if (!there.includes(true)) {
    throw new Error(
      `${join(data, "chars")} holds none of ${sets.map((s) => s.join("/")).join(", ")} (see data/README.md)`,
    );
  }
  const parts = await Promise.all(
    sets.filter((_, i) => there[i]).map(([folder, prefix]) => readSet(join(data, "chars", folder), prefix)),
  );
  const images = new Uint8Array(parts.reduce((n, p) => n + p.images.length, 0));
  const labels = new Uint8Array(parts.reduce((n, p) => n + p.labels.length, 0));
  let at = 0;
  for (const p of parts) {
    images.set(p.images, at * PIXELS);
    labels.set(p.labels, at);
    at += p.labels.length;
  }
  return { images, labels };
}

/**
 * Every twentieth image is for validation. Copies of an image (EMNIST repeats some of MNIST) go where their hash says, so that
 * both sides never share one: the hash is over the image's 7 x 7 block means in 4 levels.
 */
export function isValidation(images: Uint8Array, i: number): boolean {
  let h = 0x811c9dc5;
  const base = i * PIXELS;
  for (let by = 0; by < 28; by += 4) {
    for (let bx = 0; bx < 28; bx += 4) {
      let sum = 0;
      for (let y = 0; y < 4; y++) for (let x = 0; x < 4; x++) sum += images[base + (by + y) * 28 + bx + x];
      h = Math.imul(h ^ (sum >> 10), 0x01000193);
    }
  }
  return ((h ^ (h >>> 15)) >>> 0) % 20 === 0;
}
