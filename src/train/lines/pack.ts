/**
 * All that lines are trained on as one file, so that a run elsewhere needs the checkout, Deno and that file: fonts and words as they
 * are, of each set of glyphs so many images, crops shrunk to the height that is learnt, and which of them are held out. Gzip of a line
 * of JSON and the bytes that it points at.
 */
import { decodeGray } from "../../wasm/train/train.js";
import type { Glyphs, HeldCrop, LineMaterial } from "./data.ts";
import type { DrawnLine } from "./drawn.ts";
import { writeWhole } from "../write.ts";

/** What a run takes from the folders of data, or from a pack. */
export interface LineSource {
  material: LineMaterial;
  held: HeldCrop[];
  drawn: DrawnLine[];
}

const FORMAT = "scrawl-pack-1";
/** Bytes of a pack at most. */
const MOST = 50e6;
/** Rows of a packed crop to one of the net's input: crops have air around the ink, and samples are turned and stretched. */
const AIR = 1.2;
/** JPEG qualities that are tried in turn until a pack is small enough. */
const QUALITIES = [75, 60, 45, 35, 25];
/** One crop of so many tells how large all will be. */
const SAMPLE = 20;
/** Images of a glyph set at most, evenly over it: those of MNIST alone would fill a quarter of a pack. */
const MOST_GLYPHS = 6000;
/** Crops of print, held-out lines and crops of drawn pages at most, evenly over them: few samples are made of the first, few are read of the second. */
const [MOST_PRINTS, MOST_HELD, MOST_DRAWN] = [3000, 1000, 6000];
/** Words and lines as strokes, and characters, at most, evenly over their writers. */
const [MOST_WRITINGS, MOST_CHARACTERS] = [10000, 12000];

const VIEWS = { Uint8Array, Int16Array, Uint32Array, Float32Array };
type ViewName = keyof typeof VIEWS;

export interface Canvas {
  MakeImage(info: unknown, pixels: Uint8Array, bytesPerRow: number): {
    encodeToBytes(format: unknown, quality: number): Uint8Array | null;
    delete(): void;
  } | null;
  ColorType: Record<string, unknown>;
  AlphaType: Record<string, unknown>;
  ColorSpace: Record<string, unknown>;
  ImageFormat: Record<string, unknown>;
}

/** A grey picture, `[height][width]`. */
export interface Gray {
  width: number;
  height: number;
  pixels: Uint8Array;
}

/** A crop of at most `most` rows; each pixel the mean of those that it stands for. */
export function shrunk(crop: Uint8Array, most: number): Gray {
  const raw = decodeGray(crop);
  const view = new DataView(raw.buffer, raw.byteOffset);
  const [w, h] = [view.getUint32(0, true), view.getUint32(4, true)];
  const from = raw.subarray(8);
  if (h <= most) return { width: w, height: h, pixels: from };
  const [height, width] = [most, Math.max(1, Math.round(w * most / h))];
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = [Math.floor(y * h / height), Math.ceil((y + 1) * h / height)];
    for (let x = 0; x < width; x++) {
      const [left, right] = [Math.floor(x * w / width), Math.ceil((x + 1) * w / width)];
      let sum = 0;
      for (let j = top; j < bottom; j++) for (let i = left; i < right; i++) sum += from[j * w + i];
      pixels[y * width + x] = Math.round(sum / ((bottom - top) * (right - left)));
    }
  }
  return { width, height, pixels };
}

/** A grey picture as JPEG, `quality` from 0 to 100. @throws Error where the canvas cannot write it. */
export function jpeg(kit: Canvas, { width, height, pixels }: Gray, quality: number): Uint8Array {
  const rgba = new Uint8Array(4 * pixels.length).fill(255);
  pixels.forEach((p, i) => rgba.fill(p, 4 * i, 4 * i + 3));
  const info = {
    width,
    height,
    colorType: kit.ColorType.RGBA_8888,
    alphaType: kit.AlphaType.Opaque,
    colorSpace: kit.ColorSpace.SRGB,
  };
  const image = kit.MakeImage(info, rgba, 4 * width);
  const bytes = image?.encodeToBytes(kit.ImageFormat.JPEG, quality);
  image?.delete();
  if (!bytes) throw new Error(`A crop of ${width} x ${height} pixels could not be written as JPEG`);
  return bytes;
}

/** What writes JPEG. */
export async function openCanvas(): Promise<Canvas> {
  const { default: init } = await import("canvaskit-wasm/full") as unknown as {
    default: (o: { locateFile: () => string }) => Promise<Canvas>;
  };
  const { fromFileUrl } = await import("@std/path/from-file-url");
  return await init({ locateFile: () => fromFileUrl(import.meta.resolve("canvaskit-wasm/bin/full/canvaskit.wasm")) });
}

async function piped(bytes: Uint8Array[], through: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  return await new Response(new Blob(bytes as BlobPart[]).stream().pipeThrough(through)).bytes();
}

/** Plain data with typed arrays in it as one compressed file. */
async function encode(value: unknown): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let at = 0;
  const json = JSON.stringify(value, (_, v) => {
    if (!ArrayBuffer.isView(v)) return v;
    const name = v.constructor.name;
    if (!(name in VIEWS)) throw new Error(`A pack holds no ${name}`);
    const bytes = new Uint8Array(v.buffer, v.byteOffset, v.byteLength);
    parts.push(bytes);
    at += bytes.length;
    return { [`$${name}`]: [at - bytes.length, at] };
  });
  return await piped([new TextEncoder().encode(`${FORMAT} ${json}\n`), ...parts], new CompressionStream("gzip"));
}

/** At most so many of a list, evenly over it. */
function evenly<T>(list: T[], most: number): T[] {
  const every = Math.max(1, Math.ceil(list.length / most));
  return list.filter((_, i) => i % every === 0);
}

/** As many images of a set as a pack takes. */
function fewImages({ size, images, labels, classes }: Glyphs): Glyphs {
  const image = size * size;
  const kept = evenly(Array.from(labels, (_, i) => i), MOST_GLYPHS);
  const out = new Uint8Array(kept.length * image);
  kept.forEach((i, at) => out.set(images.subarray(i * image, (i + 1) * image), at * image));
  return { size, images: out, labels: Uint8Array.from(kept, (i) => labels[i]), classes };
}

/**
 * Writes a pack for nets whose input has `height` rows. Returns its bytes.
 * @param onNote told how good the crops are.
 * @throws Error where even the poorest crops do not make it small enough.
 */
export async function writePack(
  path: string,
  { material, held, drawn }: LineSource,
  height: number,
  onNote: (text: string) => void = () => {},
): Promise<number> {
  const kit = await openCanvas();
  const rows = Math.round(AIR * height);
  const glyphs = material.glyphs.map(fewImages);
  const shelves = [material.numbers, material.texts, evenly(material.prints, MOST_PRINTS)];
  const [writings, characters] = [
    evenly(material.writings, MOST_WRITINGS),
    evenly(material.characters, MOST_CHARACTERS),
  ];
  // Shrunk crops have shrunk digits.
  const few = evenly(drawn, MOST_DRAWN).map((d) => {
    const height = new DataView(d.jpeg.buffer, d.jpeg.byteOffset).getUint16(2, true);
    return { ...d, digit: d.digit * Math.min(1, rows / height) };
  });
  const pack = async (quality: number, every: number) => {
    const packed = <T extends { jpeg: Uint8Array }>(crops: T[]): T[] =>
      crops.filter((_, i) => i % every === every - 1)
        .map((c) => ({ ...c, jpeg: jpeg(kit, shrunk(c.jpeg, rows), quality) }));
    const [numbers, texts, prints] = shelves.map(packed);
    return await encode({
      material: { ...material, glyphs, numbers, texts, prints, writings, characters },
      held: packed(evenly(held, MOST_HELD)),
      drawn: packed(few),
    });
  };
  // What there is beside the crops.
  const plain = (await pack(QUALITIES[0], Infinity)).length;
  let size = 0;
  for (const quality of QUALITIES) {
    size = plain + SAMPLE * ((await pack(quality, SAMPLE)).length - plain);
    if (size > MOST) continue;
    const bytes = await pack(quality, 1);
    size = bytes.length;
    onNote(`Crops of ${rows} rows at quality ${quality}: ${(size / 1e6).toFixed(1)} MB`);
    if (size > MOST) continue;
    await writeWhole(path, bytes);
    return size;
  }
  throw new Error(`The pack would have ${(size / 1e6).toFixed(1)} MB, more than ${MOST / 1e6}: pack less data`);
}

/** @throws Error where the file is no pack, cut off, or of another version. */
export async function readPack(path: string): Promise<LineSource> {
  const fail = (what: string) =>
    new Error(`${path} is no pack of lines: ${what}. Make one with train line --pack FILE`);
  let bytes: Uint8Array;
  try {
    bytes = await piped([await Deno.readFile(path)], new DecompressionStream("gzip"));
  } catch (e) {
    if (e instanceof Deno.errors.NotFound) throw e;
    throw fail((e as Error).message);
  }
  const end = bytes.indexOf(10);
  const head = new TextDecoder().decode(bytes.subarray(0, Math.max(0, end)));
  if (!head.startsWith(`${FORMAT} `)) throw fail(`it begins with ${JSON.stringify(head.slice(0, 20))}, not ${FORMAT}`);
  return JSON.parse(head.slice(FORMAT.length + 1), (_, v) => {
    const name = v !== null && typeof v === "object" ? Object.keys(v)[0] : undefined;
    if (!name?.startsWith("$")) return v;
    const [from, to] = v[name] as [number, number];
    if (end + 1 + to > bytes.length) throw fail("it is cut off");
    return new VIEWS[name.slice(1) as ViewName](bytes.slice(end + 1 + from, end + 1 + to).buffer);
  });
}
