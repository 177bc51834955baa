/** Grey rasters: ink over even paper, shrinking, sampling between pixels. Row by row, `[height][width]`. */

export interface Raster {
  width: number;
  height: number;
  /** 0 to 255; of ink 0 is paper. */
  data: Uint8Array;
}

/** Side of the squares whose paper is taken for even, in shares of the longer side. */
const SQUARES = 1 / 40;

/** How dark each pixel is against the paper around it: 0 paper, 255 black. */
export function inkOf({ width, height, data }: Raster): Raster {
  const side = Math.max(8, Math.round(SQUARES * Math.max(width, height)));
  const [across, down] = [Math.ceil(width / side), Math.ceil(height / side)];
  const paper = new Float32Array(across * down);
  const counts = new Uint32Array(256);
  for (let j = 0; j < down; j++) {
    for (let i = 0; i < across; i++) {
      counts.fill(0);
      let n = 0;
      // A neighbourhood of three by three squares: a filled one has paper beside it.
      for (let y = Math.max(0, (j - 1) * side); y < Math.min(height, (j + 2) * side); y += 2) {
        for (let x = Math.max(0, (i - 1) * side); x < Math.min(width, (i + 2) * side); x += 2, n++) {
          counts[data[y * width + x]]++;
        }
      }
      let [value, above] = [255, 0];
      for (; value > 1 && above + counts[value] < 0.2 * n; value--) above += counts[value];
      paper[j * across + i] = value;
    }
  }
  const out = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const v = Math.min(down - 1, Math.max(0, y / side - 0.5));
    const [j, fy] = [Math.min(down - 1, Math.floor(v)), v - Math.floor(v)];
    const k = Math.min(down - 1, j + 1);
    for (let x = 0; x < width; x++) {
      const u = Math.min(across - 1, Math.max(0, x / side - 0.5));
      const [i, fx] = [Math.floor(u), u - Math.floor(u)];
      const l = Math.min(across - 1, i + 1);
      const top = paper[j * across + i] * (1 - fx) + paper[j * across + l] * fx;
      const bottom = paper[k * across + i] * (1 - fx) + paper[k * across + l] * fx;
      out[y * width + x] = Math.max(0, 255 - 255 * data[y * width + x] / (top * (1 - fy) + bottom * fy));
    }
  }
  return { width, height, data: out };
}

/** To `width` columns, each pixel the mean of those that it stands for; never larger than it is. */
export function shrink(r: Raster, width: number): Raster {
  if (width >= r.width) return r;
  const height = Math.max(1, Math.round(r.height * width / r.width));
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = [Math.floor(y * r.height / height), Math.ceil((y + 1) * r.height / height)];
    for (let x = 0; x < width; x++) {
      const [left, right] = [Math.floor(x * r.width / width), Math.ceil((x + 1) * r.width / width)];
      let sum = 0;
      for (let j = top; j < bottom; j++) for (let i = left; i < right; i++) sum += r.data[j * r.width + i];
      data[y * width + x] = sum / ((bottom - top) * (right - left));
    }
  }
  return { width, height, data };
}

/** The value at a place between pixels' middles; beyond the edge it is `outside`. */
export function at({ width, height, data }: Raster, x: number, y: number, outside: number): number {
  const [u, v] = [x - 0.5, y - 0.5];
  if (u < 0 || v < 0 || u > width - 1 || v > height - 1) return outside;
  const [i, j] = [Math.min(width - 2, Math.floor(u)), Math.min(height - 2, Math.floor(v))];
  if (i < 0 || j < 0) return data[0];
  const [fx, fy] = [u - i, v - j];
  const k = j * width + i;
  return (data[k] * (1 - fx) + data[k + 1] * fx) * (1 - fy) +
    (data[k + width] * (1 - fx) + data[k + width + 1] * fx) * fy;
}
