/** Longer side of a picture to look at, in pixels, and how many greys it has: paper then takes next to no space. */
const SMALL_SIDE = 2000;
const SMALL_GREYS = 16;

/** Grey pixels `[height][width]` as a PNG small enough to be looked at: shrunk by whole steps (means of squares), in a few greys. */
export async function encodeSmallPng(gray: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  const by = Math.ceil(Math.max(width, height) / SMALL_SIDE);
  const [w, h] = [Math.max(1, Math.floor(width / by)), Math.max(1, Math.floor(height / by))];
  const out = new Uint8Array(w * h);
  const step = 255 / (SMALL_GREYS - 1);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      let sum = 0;
      for (let r = y * by; r < (y + 1) * by; r++) {
        for (let c = x * by; c < (x + 1) * by; c++) sum += gray[r * width + c];
      }
      out[y * w + x] = Math.round(Math.round(sum / (by * by) / step) * step);
    }
  }
  return await encodePng(out, w, h);
}

/** Pixels `[height][width][channels]`, grey (1) or red, green and blue (3), 0 black to 255 white, as a PNG. */
export async function encodePng(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3 = 1,
): Promise<Uint8Array> {
  // imagescript's main file loads a native addon; its PNG encoder stands by itself.
  const { encode } = (await import("imagescript/png/node.js")).default;
  return encode(pixels, { width, height, channels, level: 3 });
}
