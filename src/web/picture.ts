/** A page's picture to look at, as a JPEG by the browser itself. */
import type { Picture } from "../engine/engine.ts";

/** Longer side in pixels. */
const SIDE = 2000;
const QUALITY = 0.85;

/** Shrunk to what a screen shows, in colour where it has any. */
export async function toJpeg(picture: Picture): Promise<Blob> {
  const { width, height } = picture;
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const whole = new OffscreenCanvas(width, height);
  whole.getContext("2d")!.putImageData(new ImageData(rgba(picture), width, height), 0, 0);
  const canvas = new OffscreenCanvas(w, h);
  const context = canvas.getContext("2d")!;
  context.imageSmoothingQuality = "high";
  context.drawImage(whole, 0, 0, w, h);
  return await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}

/** Grey with the colour at quarter scale as red, green, blue (ITU-T T.871), `[height][width][4]`. */
function rgba(picture: Picture): Uint8ClampedArray<ArrayBuffer> {
  const { width, height } = picture;
  const [gray, chroma] = [picture.gray(), picture.chroma()];
  const out = new Uint8ClampedArray(4 * width * height);
  const across = Math.ceil(width / 4);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const luma = gray[at];
      let [cb, cr] = [0, 0];
      if (chroma) {
        const c = 2 * ((y >> 2) * across + (x >> 2));
        [cb, cr] = [chroma[c] - 128, chroma[c + 1] - 128];
      }
      out[4 * at] = luma + 1.402 * cr;
      out[4 * at + 1] = luma - 0.344136 * cb - 0.714136 * cr;
      out[4 * at + 2] = luma + 1.772 * cb;
      out[4 * at + 3] = 255;
    }
  }
  return out;
}
