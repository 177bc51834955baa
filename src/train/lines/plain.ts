/** Crops as plain pixels, which the samples' maker takes beside JPEG (`decode_gray` in crates/train). */
import type { Gray } from "./pack.ts";

/** Grey pixels behind their width and height, little-endian 16 bits each. */
export function plainCrop({ width, height, pixels }: Gray): Uint8Array {
  const crop = new Uint8Array(4 + pixels.length);
  const head = new DataView(crop.buffer);
  head.setUint16(0, width, true);
  head.setUint16(2, height, true);
  crop.set(pixels, 4);
  return crop;
}
