/** Takes the blank's print off a page that lies on it, and leaves the strokes that cross it. */
import { at, inkOf, type Raster } from "./raster.ts";

/** Ink is darker than this, of 255. */
const INK = 70;
/** How far print may lie beside its place, in pixels of the blank. */
const BESIDE = 2;

/** How far the soft edge of a stroke reaches, in pixels of the blank. */
const EDGE = 1;

/**
 * @param laid the page in the blank's frame, `scale` pixels to one of the blank.
 * @returns the page without what is on the blank: white but for what was filled in.
 */
export function subtract(blank: Raster, laid: Raster, scale: number): Raster {
  const { width, height } = laid;
  const [print, ink] = [inkOf(blank), inkOf(laid)];
  const reach = Math.ceil(BESIDE * scale);
  const printed = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (at(print, (x + 0.5) / scale, (y + 0.5) / scale, 0) > INK) printed[y * width + x] = 1;
    }
  }
  const covered = widened(printed, width, height, reach);
  const left = new Uint8Array(width * height);
  for (let i = 0; i < left.length; i++) left[i] = ink.data[i] > INK && !covered[i] ? 1 : 0;
  // A stroke that crosses print goes on at its other side: what is dark between two ends of it stays.
  const far = 2 * reach + Math.ceil(3 * scale);
  // Strokes have soft edges; what is as pale and stands by no stroke is paper, a watermark or a shadow.
  const edges = widened(left, width, height, Math.ceil(EDGE * scale));
  const data = new Uint8Array(width * height).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (left[i] || (covered[i] && ink.data[i] > INK && crosses(left, width, height, x, y, far))) {
        data[i] = 255 - ink.data[i];
      } else if (!covered[i] && edges[i]) data[i] = 255 - ink.data[i];
    }
  }
  return { width, height, data };
}

/** Directions in which strokes cross print, and their opposites. */
const WAYS = [[0, 1], [1, 1], [-1, 1], [1, 0]];

/** Whether there is ink on two opposite sides within `far` pixels. */
function crosses(left: Uint8Array, width: number, height: number, x: number, y: number, far: number): boolean {
  const meets = (dx: number, dy: number) => {
    for (let k = 1; k <= far; k++) {
      const [u, v] = [x + k * dx, y + k * dy];
      if (u < 0 || v < 0 || u >= width || v >= height) return false;
      if (left[v * width + u]) return true;
    }
    return false;
  };
  return WAYS.some(([dx, dy]) => meets(dx, dy) && meets(-dx, -dy));
}

/** Each pixel that has a set one within `reach` rows and columns. */
function widened(mask: Uint8Array, width: number, height: number, reach: number): Uint8Array {
  const rows = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++) {
    let last = -Infinity;
    for (let x = 0; x < width; x++) {
      if (mask[y * width + x]) last = x;
      if (x - last <= reach) rows[y * width + x] = 1;
    }
    last = Infinity;
    for (let x = width - 1; x >= 0; x--) {
      if (mask[y * width + x]) last = x;
      if (last - x <= reach) rows[y * width + x] = 1;
    }
  }
  const out = new Uint8Array(mask.length);
  for (let x = 0; x < width; x++) {
    let last = -Infinity;
    for (let y = 0; y < height; y++) {
      if (rows[y * width + x]) last = y;
      if (y - last <= reach) out[y * width + x] = 1;
    }
    last = Infinity;
    for (let y = height - 1; y >= 0; y--) {
      if (rows[y * width + x]) last = y;
      if (last - y <= reach) out[y * width + x] = 1;
    }
  }
  return out;
}
