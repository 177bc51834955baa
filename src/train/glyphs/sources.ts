/** Sets of single characters as people have them: IDX pairs, Kaggle's CSV, folders of labelled pictures. */
import { extname } from "@std/path/extname";
import { join } from "@std/path/join";
import { decodePages } from "../../decode/mod.ts";
import { ScrawlError } from "../../errors.ts";
import { type LabelledImages, readPair } from "../idx.ts";
import { glyphInput } from "../../wasm/train/train.js";

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const PICTURES = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"];

/** How the images of a set are named where they are. */
export type Source =
  | { kind: "idx"; images: string; labels: string }
  | { kind: "csv"; file: string }
  | { kind: "folders"; folder: string; classes: string[] };

function names(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch {
    return [];
  }
}

/** The set in `folder`: its part `part` as IDX or CSV, or one folder of pictures a digit. `undefined` where there is none. */
export function findSource(folder: string, part: string): Source | undefined {
  const all = names(folder);
  const has = (name: string) => all.some((f) => f.isFile && f.name === name);
  for (const packed of [".gz", ""]) {
    const [images, labels] = ["images-idx3", "labels-idx1"].map((n) => `${part}-${n}-ubyte${packed}`);
    if (has(images)) return { kind: "idx", images: join(folder, images), labels: join(folder, labels) };
  }
  if (has(`${part}.csv`)) return { kind: "csv", file: join(folder, `${part}.csv`) };
  const within = names(join(folder, part)).some((f) => f.isDirectory) ? join(folder, part) : folder;
  const classes = names(within).filter((f) => f.isDirectory && /^\d$/.test(f.name)).map((f) => f.name).sort();
  return classes.length > 0 ? { kind: "folders", folder: within, classes } : undefined;
}

/**
 * Reads a source as images `[n][height][width]`, ink 255 on 0, all of one size.
 * @throws Error that names the file, and the line where there is one, and says what does not fit.
 */
export async function readSource(source: Source): Promise<LabelledImages> {
  if (source.kind === "idx") return await readPair(source.images, source.labels);
  if (source.kind === "csv") return parseCsv(await Deno.readTextFile(source.file), source.file);
  return await readFolders(source.folder, source.classes);
}

/** Kaggle's digit recogniser: a head `label,pixel0,pixel1,...`, then a row an image with values 0 to 255. */
export function parseCsv(text: string, name: string): LabelledImages {
  const [head, ...rows] = text.split(/\r?\n/);
  const columns = head.split(",");
  if (columns[0] !== "label") {
    throw new Error(
      columns[0] === "pixel0"
        ? `${name}: it has pixels but no column "label", so nothing can be learnt or measured on it`
        : `${name}: its first line begins with "${head.slice(0, 30)}"; wanted is label,pixel0,pixel1,...`,
    );
  }
  const side = Math.sqrt(columns.length - 1);
  if (!Number.isInteger(side) || side < 1) {
    throw new Error(`${name}: ${columns.length - 1} pixels a row are no square picture`);
  }
  const filled = rows.map((row, i) => [row, i + 2] as const).filter(([row]) => row !== "");
  const images = new Uint8Array(filled.length * side * side);
  const labels = new Uint8Array(filled.length);
  filled.forEach(([row, line], n) => {
    const values = row.split(",").map(Number);
    if (values.length !== columns.length) {
      throw new Error(`${name}:${line}: ${values.length} values, the head names ${columns.length}`);
    }
    const bad = values.findIndex((v, i) => !(Number.isInteger(v) && v >= 0 && v <= (i ? 255 : 9)));
    if (bad >= 0) {
      throw new Error(`${name}:${line}: ${columns[bad]} is ${row.split(",")[bad]}, wanted is 0 to ${bad ? 255 : 9}`);
    }
    labels[n] = values[0];
    images.set(values.slice(1), n * side * side);
  });
  return { n: filled.length, height: side, width: side, images, labels };
}

/** Pictures in one folder a digit, dark on light or light on dark as their edges say, fitted into MNIST's frame. */
async function readFolders(folder: string, classes: string[]): Promise<LabelledImages> {
  const images: Uint8Array[] = [];
  const labels: number[] = [];
  for (const c of classes) {
    const files = names(join(folder, c)).map((f) => f.name).filter((f) => PICTURES.includes(extname(f).toLowerCase()));
    for (const file of files.sort()) {
      const path = join(folder, c, file);
      for await (const { picture } of decodePages(await Deno.readFile(path), { dpi: 300, maxPixels: 25e6 })) {
        const { width, height } = picture;
        const gray = picture.gray();
        picture.free();
        images.push(Uint8Array.from(glyphInput(inkOf(gray, width, height), width, height), (v) => v * 255));
        labels.push(Number(c));
        break;
      }
    }
  }
  if (images.length === 0) {
    throw new ScrawlError(
      "input",
      `${folder}: its folders ${classes.join(", ")} hold no picture (${PICTURES.join(", ")})`,
    );
  }
  const out = new Uint8Array(images.length * PIXELS);
  images.forEach((im, i) => out.set(im, i * PIXELS));
  return { n: images.length, height: SIDE, width: SIDE, images: out, labels: Uint8Array.from(labels) };
}

/** Ink 255 on 0: the paper is what most pixels of the edge are. */
function inkOf(gray: Uint8Array, width: number, height: number): Uint8Array {
  const edge: number[] = [];
  for (let x = 0; x < width; x++) edge.push(gray[x], gray[(height - 1) * width + x]);
  for (let y = 0; y < height; y++) edge.push(gray[y * width], gray[y * width + width - 1]);
  const paper = edge.sort((a, b) => a - b)[edge.length >> 1];
  const [low, high] = gray.reduce(([l, h], v) => [Math.min(l, v), Math.max(h, v)], [255, 0]);
  const pen = paper - low > high - paper ? low : high;
  return gray.map((v) => pen === paper ? 0 : Math.max(0, Math.min(255, Math.round(255 * (v - paper) / (pen - paper)))));
}
