/** Decoding of a 12-megapixel picture: our WASM against imagescript's, format by format, on one core. */
import { createRequire } from "node:module";
import { decodeImage } from "../engine/engine.ts";
import { median } from "./median.ts";
import { join } from "@std/path/join";

const [WIDTH, HEIGHT] = [4000, 3000];

/** A page-like picture: paper with a gradient, grain, and strokes. */
function picture(): Uint8Array {
  const pixels = new Uint8Array(WIDTH * HEIGHT * 4).fill(255);
  let h = 1;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0;
      const ink = Math.abs(Math.sin(x / 37) * Math.cos(y / 53)) > 0.97 ? 150 : 0;
      const v = 235 - (x >> 6) - ink + (h & 7);
      const at = 4 * (y * WIDTH + x);
      pixels[at] = v;
      pixels[at + 1] = v - 3;
      pixels[at + 2] = v - 12;
    }
  }
  return pixels;
}

/** A photo of about 12 megapixels among the dev pages, as nothing here encodes JPEG without native code. */
async function photo(data: string | undefined): Promise<Uint8Array | undefined> {
  if (!data) return undefined;
  return await Deno.readFile(join(data, "pages", "dev", "115_none_blank_paper.jpg")).catch(() => undefined);
}

/** @param data folder of the data sets, for the JPEG; without it only PNG is measured. */
export async function benchDecode(data: string | undefined) {
  const require = createRequire(import.meta.url);
  const png = require("imagescript/png/node.js");
  const jpeg = await require("imagescript/wasm/node/jpeg.js").init();
  const pixels = picture();
  const files: Record<string, Uint8Array> = {
    png: png.encode(pixels, { width: WIDTH, height: HEIGHT, channels: 4, level: 3 }),
  };
  const jpg = await photo(data);
  if (jpg) files.jpeg = jpg;
  const theirs: Record<string, (b: Uint8Array) => unknown> = {
    png: (b) => png.decode(b),
    jpeg: (b) => jpeg.decode(b, 0, 0),
  };
  const out: Record<string, unknown> = {};
  for (const [name, bytes] of Object.entries(files)) {
    const times: [number[], number[]] = [[], []];
    for (let round = 0; round < 5; round++) {
      const a = performance.now();
      const p = await decodeImage(bytes, 0, 1e9);
      const b = performance.now();
      const megapixels = p.width * p.height / 1e6;
      if (megapixels < 10) throw new Error(`${name}: only ${megapixels} megapixels`);
      p.free();
      const c = performance.now();
      theirs[name](bytes);
      times[0].push(b - a);
      times[1].push(performance.now() - c);
    }
    const [ours, imagescript] = times.map(median);
    out[name] = {
      megapixels: 12,
      bytes: bytes.length,
      ours_ms: Math.round(ours),
      imagescript_ms: Math.round(imagescript),
      ratio: Number((imagescript / ours).toFixed(2)),
    };
  }
  return out;
}
