/** Reads IDX files (the format of MNIST), plain or gzipped. */
import { gunzipSync } from "node:zlib";

export interface Idx {
  /** Sizes of the axes, outermost first. */
  shape: number[];
  data: Uint8Array;
}

/** @throws Error that names the file and says what does not fit. */
export function parseIdx(bytes: Uint8Array, name: string): Idx {
  let raw = bytes;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      raw = new Uint8Array(gunzipSync(bytes));
    } catch (e) {
      throw new Error(`${name}: the gzip stream is damaged (${(e as Error).message}); download the file again`);
    }
  }
  if (raw.length < 4 || raw[0] !== 0 || raw[1] !== 0) {
    throw new Error(`${name}: not an IDX file, it starts with ${[...raw.subarray(0, 4)].join(" ") || "nothing"}`);
  }
  if (raw[2] !== 8) throw new Error(`${name}: values of type 0x${raw[2].toString(16)}, only bytes (0x8) are known`);
  const axes = raw[3];
  if (raw.length < 4 + 4 * axes) throw new Error(`${name}: the IDX header is cut off`);
  const view = new DataView(raw.buffer, raw.byteOffset);
  const shape = Array.from({ length: axes }, (_, i) => view.getUint32(4 + 4 * i));
  const wanted = shape.reduce((a, b) => a * b, 1);
  const data = raw.subarray(4 + 4 * axes);
  if (data.length !== wanted) {
    throw new Error(
      `${name}: ${shape.join(" x ")} is ${wanted} bytes, the file holds ${data.length}; it is cut off or mixed up`,
    );
  }
  return { shape, data };
}

/** Images with their labels; `images` is `[n][height][width]`, ink 255 on 0. */
export interface LabelledImages {
  n: number;
  height: number;
  width: number;
  images: Uint8Array;
  labels: Uint8Array;
}

/** Reads a pair of IDX files and checks that they belong together. */
export async function readPair(images: string, labels: string): Promise<LabelledImages> {
  const [x, y] = await Promise.all([images, labels].map(async (f) => parseIdx(await Deno.readFile(f), f)));
  if (x.shape.length !== 3) throw new Error(`${images}: ${x.shape.length} axes, images have three`);
  if (y.shape.length !== 1) throw new Error(`${labels}: ${y.shape.length} axes, labels have one`);
  if (x.shape[0] !== y.shape[0]) {
    throw new Error(`${images} holds ${x.shape[0]} images, ${labels} ${y.shape[0]} labels: not a pair`);
  }
  const [n, height, width] = x.shape;
  return { n, height, width, images: x.data, labels: y.data };
}
