/** Sets of single characters in MNIST's frame, and the validation split of MNIST's training part. */
import { basename } from "@std/path/basename";
import { join } from "@std/path/join";
import { ScrawlError } from "../../errors.ts";
import { drawnDigits, drawnJunk, glyphInput } from "../../wasm/train/train.js";
import { findSource, readSource } from "./sources.ts";

/** Label of what is no digit. */
export const JUNK = 10;

/** Images `[n][28][28]`, ink 255 on 0, with their labels: 0 to 9, or {@linkcode JUNK}. */
export interface GlyphData {
  images: Uint8Array;
  labels: Uint8Array;
}

const PIXELS = 28 * 28;

/** The sets that a name stands for: folder, part. */
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
    // Says what is no digit.
    ["az-letters", "train"],
  ],
};

/** Characters that no hand makes look like a digit. */
const UNLIKE = "ACEFHKMNPRUVWX+-w";

/** A set that nets learn from as it is, though its soft edges reach beyond MNIST's frame. */
const AS_IT_IS = "emnist-digits";

/**
 * MNIST's frame: the longer side of the ink has 20 pixels, and the middle of its mass is that of the image, both within a pixel; ink is
 * above `ink` of 255. All of MNIST is, of the other sets none (EMNIST 0.2 %), so most of the images decide.
 */
const FRAME = { side: 20, within: 1, ink: 16, most: 0.5 };

/** Digits in ways that the sets hardly hold, drawn: so many of them beside the `digits`, for all of them together. */
const DRAWN = 20_000;

/** Marks that are no digits, drawn, beside them. */
const DRAWN_JUNK = 8_000;

function drawn(): GlyphData[] {
  return [
    { images: drawnDigits(DRAWN, 1n), labels: Uint8Array.from({ length: DRAWN }, (_, i) => i % 10) },
    { images: drawnJunk(DRAWN_JUNK, 1n), labels: new Uint8Array(DRAWN_JUNK).fill(JUNK) },
  ];
}

/** The character of each label: what `classes.txt` says, a line each, or digits. */
async function classesOf(folder: string): Promise<string[]> {
  try {
    return (await Deno.readTextFile(join(folder, "classes.txt"))).split("\n");
  } catch (e) {
    if (e instanceof Deno.errors.NotFound) return [..."0123456789"];
    throw e;
  }
}

/** Whether an image `[28][28]`, ink on 0, lies in MNIST's frame; `undefined` where there is no ink. */
function liesInFrame(image: Uint8Array): boolean | undefined {
  let [mass, sumX, sumY, left, right, top, bottom] = [0, 0, 0, 28, -1, 28, -1];
  image.forEach((v, i) => {
    const [x, y] = [i % 28, Math.floor(i / 28)];
    mass += v;
    sumX += v * x;
    sumY += v * y;
    if (v <= FRAME.ink) return;
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
  });
  if (right < 0) return undefined;
  const side = Math.max(right - left, bottom - top) + 1;
  const away = Math.max(Math.abs(sumX / mass - 14), Math.abs(sumY / mass - 14));
  return Math.abs(side - FRAME.side) <= FRAME.within && away <= FRAME.within;
}

/**
 * Reads a part of the set in `folder`: its digits, and with `junk` the characters that no hand makes look like one. Images of another
 * frame are `fitted` into MNIST's: all of the part, where most of them are of another.
 */
export async function readSet(folder: string, part: string, junk = false): Promise<GlyphData & { fitted: boolean }> {
  const source = findSource(folder, part);
  if (!source) {
    throw new ScrawlError(
      "input",
      `${folder} holds no ${part}: wanted are ${part}-images-idx3-ubyte(.gz), ${part}.csv, or a folder of pictures a digit, 0 to 9`,
    );
  }
  const set = await readSource(source);
  const classes = (await classesOf(folder)).map((c) =>
    /^\d$/.test(c) ? Number(c) : junk && c && UNLIKE.includes(c) ? JUNK : -1
  );
  const chosen = Array.from(set.labels, (l, i) => [classes[l] ?? -1, i]).filter(([l]) => l >= 0);
  if (chosen.length === 0) {
    throw new ScrawlError("input", `${folder}, ${part}: none of its ${set.n} images is labelled as a digit`);
  }
  const images = new Uint8Array(chosen.length * PIXELS);
  const size = set.height * set.width;
  const imageOf = (from: number) => set.images.subarray(from * size, (from + 1) * size);
  const framed = () => {
    const inked = chosen.map(([, from]) => liesInFrame(imageOf(from))).filter((f) => f !== undefined);
    return inked.filter(Boolean).length >= FRAME.most * inked.length;
  };
  // Pictures were fitted as they were read.
  const pictures = source.kind === "folders";
  const fit = !pictures && (size !== PIXELS || (basename(folder) !== AS_IT_IS && !framed()));
  chosen.forEach(([, from], i) => {
    const image = imageOf(from);
    images.set(fit ? glyphInput(image, set.width, set.height).map((v) => v * 255) : image, i * PIXELS);
  });
  return { images, labels: Uint8Array.from(chosen, ([l]) => l), fitted: fit || pictures };
}

/** The training part of the set `name` below `data/chars`, or of `data` itself where it holds a set. */
export async function readNamed(data: string, name: string): Promise<GlyphData> {
  if (findSource(data, "train")) return await readSet(data, "train");
  const sets = SETS[name];
  if (!sets) throw new ScrawlError("arguments", `no set is called ${name}; known: ${Object.keys(SETS).join(", ")}`);
  // A data folder may hold a part of the sets.
  const there = sets.filter(([folder, part]) => findSource(join(data, "chars", folder), part));
  if (there.length === 0) {
    throw new ScrawlError(
      "input",
      `${join(data, "chars")} holds none of ${
        sets.map((s) => s.join("/")).join(", ")
      }, and ${data} is no set itself (see data/README.md)`,
    );
  }
  const parts: GlyphData[] = await Promise.all(
    there.map(([folder, part]) => readSet(join(data, "chars", folder), part, name === "digits")),
  );
  if (name === "digits") parts.push(...drawn());
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
