/** `data show pages`: pages that a page net is trained on, each beside its labels, as one picture. */
import { encodePng } from "../format/png.ts";
import { addRealPages } from "../train/pages/real.ts";
import { PLANES, STRIDE, TRUTH } from "../train/pages/heads.ts";
import { readMaterial } from "../train/lines/data.ts";
import { fillLibrary } from "../train/lines/library.ts";
import { loadSamples } from "../train/backend/mod.ts";

/** Rows and columns of a page, pages with their labels in a row, and pixels between them. */
const [SIDE, ACROSS, APART] = [448, 3, 8];
/** Share of the pages that are windows of real ones. */
const REAL = 0.25;
/** Planes and the colours that they are shown in, red, green and blue; later ones lie on earlier ones. */
const COLOURS: [plane: number, colour: [number, number, number]][] = [
  [3, [150, 150, 150]],
  [4, [150, 150, 150]],
  [7, [255, 0, 255]],
  [8, [255, 230, 0]],
  [5, [255, 190, 150]],
  [6, [160, 190, 255]],
  [1, [0, 0, 255]],
  [2, [0, 160, 0]],
  [0, [220, 0, 0]],
];
/** What nothing is said of. */
const UNKNOWN = [225, 225, 210];

/** A sheet of `n` pages from `seed` on, as PNG. */
export async function show(data: string, fonts: string | undefined, seed: number, n: number): Promise<Uint8Array> {
  await loadSamples();
  const library = fillLibrary(await readMaterial(data, fonts));
  await addRealPages(library, data, { rank: 0, ranks: 1 });
  const [columns, rows] = [Math.min(n, ACROSS), Math.ceil(n / ACROSS)];
  const [width, height] = [columns * 2 * (SIDE + APART), rows * (SIDE + APART)];
  const rgb = new Uint8Array(width * height * 3).fill(90);
  for (let i = 0; i < n; i++) {
    library.makePage(BigInt(seed + i), SIDE, SIDE, REAL);
    const [x, truth] = [library.pageInput(), library.pageTruth()];
    const [left, top] = [(i % ACROSS) * 2 * (SIDE + APART), Math.floor(i / ACROSS) * (SIDE + APART)];
    const put = (px: number, py: number, colour: number[]) => rgb.set(colour, ((top + py) * width + left + px) * 3);
    for (let py = 0; py < SIDE; py++) {
      for (let px = 0; px < SIDE; px++) {
        put(px, py, pixel(x.subarray((py * SIDE + px) * 3, (py * SIDE + px) * 3 + 3)));
        put(SIDE + px, py, label(truth, (py >> 1) * (SIDE / STRIDE) + (px >> 1)));
      }
    }
  }
  return await encodePng(rgb, width, height, 3);
}

/** Darkness, Cb and Cr of the input as colour. */
function pixel([dark, cb, cr]: Float32Array): number[] {
  const y = 255 * (1 - dark);
  const [b, r] = [64 * cb, 64 * cr];
  return [y + 1.402 * r, y - 0.344 * b - 0.714 * r, y + 1.772 * b].map((v) => Math.max(0, Math.min(255, v)));
}

function label(truth: Uint8Array, p: number): number[] {
  const size = truth.length / PLANES;
  let colour: number[] = truth[TRUTH.ignore * size + p] ? UNKNOWN : [255, 255, 255];
  for (const [plane, own] of COLOURS) {
    const share = truth[plane * size + p] / 255;
    colour = colour.map((v, k) => v + (own[k] - v) * share);
  }
  return colour;
}
