/**
 * Lays a page over its blank form: crossings of rules, corners of boxes and letters of the blank are looked for on the page, from a small picture to a large
 * one, and agree on a homography; what is left, as paper bends, is told by those nearby.
 */
import type { Box } from "../engine/types.ts";
import { agreed, type Homography, map, type Pair, type Point } from "./homography.ts";
import { at, inkOf, type Raster, shrink } from "./raster.ts";

/** Columns of the blank at which places are looked for, how far around, and half of the side of what is compared, in pixels there. */
const LEVELS = [{ width: 160, around: 14, half: 8 }, { width: 480, around: 10, half: 8 }, {
  width: 1200,
  around: 7,
  half: 10,
}];
/** One place is looked for in each of so many by so many parts of the blank. */
const PARTS = 12;
/** Least correlation of what is found with what is looked for, and least share of places that must agree. */
const ALIKE = 0.6;
const LEAST_SHARE = 0.35;
const LEAST_PLACES = 8;
/** Sizes of the form in its picture that are tried: a scan fills it, a photo shows the desk around. */
const SIZES = [1, 0.85, 0.7, 0.57, 0.47];
/** A corner of a field may be as far outside of the page, in shares of its sides: paper bends. */
const OUTSIDE = 0.01;
/** Pixels between places of the blank at which the bend is kept, and how many of the places found nearby tell it. */
const MESH = 32;
const NEAR = 4;

/** Where each pixel of the blank is on the page. */
export interface Registration {
  h: Homography;
  /** Shares of the blank's places that were found where the homography says. */
  agree: number;
  /** The page in the blank's frame, `scale` pixels to one of the blank. */
  lay(scale: number): Raster;
  /** Pixels of the page to one of the blank, in the middle. */
  scale: number;
  /** Whether all of a box of the blank is on the page. */
  shows(box: Box): boolean;
}

/** The page on the blank, both grey; none where it is another form. */
export function register(blank: Raster, page: Raster): Registration | undefined {
  const [blankInk, pageInk] = [inkOf(blank), inkOf(page)];
  let best: { h: Homography; share: number } | undefined;
  for (const h of beginnings(blank, page)) {
    const found = refined(blankInk, pageInk, h, LEVELS[0]);
    if (found && (!best || found.share > best.share)) best = found;
    if (best && best.share > 0.7) break;
  }
  let last: Refined | undefined;
  for (const level of LEVELS.slice(1)) {
    if (best) best = last = refined(blankInk, pageInk, best.h, level);
  }
  // Once more where it now lies, to learn how it bends.
  if (last) last = refined(blankInk, pageInk, last.h, LEVELS[LEVELS.length - 1]);
  if (!last || last.share < LEAST_SHARE || last.inliers.length < LEAST_PLACES) return undefined;
  const { h, share, inliers } = last;
  const middle: Point = [blank.width / 2, blank.height / 2];
  const [a, b, c] = [map(h, middle), map(h, [middle[0] + 1, middle[1]]), map(h, [middle[0], middle[1] + 1])];
  const scale = Math.sqrt(Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])));
  const bend = bends(blank, h, inliers);
  const shows = ([x, y, w, height]: Box) =>
    [[x, y], [x + w, y], [x + w, y + height], [x, y + height]].every((corner) => {
      const [u, v] = map(h, corner as Point);
      return u >= -OUTSIDE * page.width && v >= -OUTSIDE * page.height && u <= (1 + OUTSIDE) * page.width &&
        v <= (1 + OUTSIDE) * page.height;
    });
  return { h, agree: share, scale, shows, lay: (by) => lay(blank, page, h, bend, by) };
}

/** Homographies to begin with: the form upright in its picture or on a side, filling it or not. */
function beginnings(blank: Raster, page: Raster): Homography[] {
  return SIZES.flatMap((size) =>
    [0, 1, 2, 3].map((quarter) => {
      const [w, h] = quarter % 2 ? [blank.height, blank.width] : [blank.width, blank.height];
      const s = size * Math.min(page.width / w, page.height / h);
      const [cos, sin] = [[1, 0], [0, 1], [-1, 0], [0, -1]][quarter];
      const x = page.width / 2 - s * (cos * blank.width - sin * blank.height) / 2;
      const y = page.height / 2 - s * (sin * blank.width + cos * blank.height) / 2;
      return [s * cos, -s * sin, x, s * sin, s * cos, y, 0, 0, 1];
    })
  );
}

interface Refined {
  h: Homography;
  /** Share of the places that agree. */
  share: number;
  inliers: Pair[];
}

/** The homography that places of the blank tell which are found on the page near where `h` lays them. */
function refined(
  blank: Raster,
  page: Raster,
  h: Homography,
  { width, around, half }: (typeof LEVELS)[number],
): Refined | undefined {
  const small = shrink(blank, width);
  const by = blank.width / small.width;
  // The page at about the same scale, laid over the blank as `h` says.
  const [a, b] = [map(h, [0, 0]), map(h, [blank.width, 0])];
  const perBlank = Math.hypot(b[0] - a[0], b[1] - a[1]) / blank.width;
  const shrunk = shrink(page, Math.max(16, Math.round(page.width / (perBlank * by))));
  const back = page.width / shrunk.width;
  const laid = new Uint8Array(small.width * small.height);
  for (let y = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) {
      const [u, v] = map(h, [(x + 0.5) * by, (y + 0.5) * by]);
      laid[y * small.width + x] = at(shrunk, u / back, v / back, 0);
    }
  }
  const places = corners(small, half, around);
  const pairs = places.flatMap(([x, y]): Pair[] => {
    const found = lookFor(small, laid, x, y, half, around);
    return found ? [[[(x + 0.5) * by, (y + 0.5) * by], map(h, [(found[0] + 0.5) * by, (found[1] + 0.5) * by])]] : [];
  });
  const agreement = agreed(pairs, 2.5 * by * perBlank);
  if (!agreement) return undefined;
  return { ...agreement, share: agreement.inliers.length / Math.max(LEAST_PLACES, places.length) };
}

/** The place with the most structure in two directions (Shi and Tomasi 1994) of each part that has any. */
function corners({ width, height, data }: Raster, half: number, around: number): [x: number, y: number][] {
  const n = width * height;
  const [xx, yy, xy] = [new Float32Array(n), new Float32Array(n), new Float32Array(n)];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const [gx, gy] = [data[i + 1] - data[i - 1], data[i + width] - data[i - width]];
      [xx[i], yy[i], xy[i]] = [gx * gx, gy * gy, gx * gy];
    }
  }
  const sums = [xx, yy, xy].map((v) => boxSums(v, width, height, half));
  const margin = half + Math.ceil(around / 2);
  const found: [number, number][] = [];
  const [partWidth, partHeight] = [width / PARTS, height / PARTS];
  for (let q = 0; q < PARTS; q++) {
    for (let p = 0; p < PARTS; p++) {
      let [best, bx, by] = [200 * (2 * half + 1) ** 2, -1, -1];
      for (
        let y = Math.max(margin, Math.floor(q * partHeight));
        y < Math.min(height - margin, (q + 1) * partHeight);
        y++
      ) {
        for (
          let x = Math.max(margin, Math.floor(p * partWidth));
          x < Math.min(width - margin, (p + 1) * partWidth);
          x++
        ) {
          const [a, b, c] = sums.map((s) => s[y * width + x]);
          const least = (a + b) / 2 - Math.sqrt(((a - b) / 2) ** 2 + c * c);
          if (least > best) [best, bx, by] = [least, x, y];
        }
      }
      if (bx >= 0) found.push([bx, by]);
    }
  }
  return found;
}

/** Sums over squares of side `2 half + 1` around each pixel; those that leave the raster are left out. */
function boxSums(v: Float32Array, width: number, height: number, half: number): Float32Array {
  const whole = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += v[y * width + x];
      whole[(y + 1) * (width + 1) + x + 1] = whole[y * (width + 1) + x + 1] + row;
    }
  }
  const out = new Float32Array(width * height);
  const w = width + 1;
  for (let y = half; y < height - half; y++) {
    for (let x = half; x < width - half; x++) {
      const [l, r, t, b] = [x - half, x + half + 1, y - half, y + half + 1];
      out[y * width + x] = whole[b * w + r] - whole[t * w + r] - whole[b * w + l] + whole[t * w + l];
    }
  }
  return out;
}

/** Where the square around a place of the blank is found best (normalised correlation); none where nothing is alike. */
function lookFor(
  { width, height, data }: Raster,
  page: Uint8Array,
  x: number,
  y: number,
  half: number,
  around: number,
): Point | undefined {
  const side = 2 * half + 1;
  const patch = new Float32Array(side * side);
  let mean = 0;
  for (let j = 0, k = 0; j < side; j++) {
    for (let i = 0; i < side; i++, k++) mean += patch[k] = data[(y - half + j) * width + x - half + i];
  }
  mean /= patch.length;
  let norm = 0;
  for (let k = 0; k < patch.length; k++) norm += (patch[k] -= mean) ** 2;
  let best = ALIKE, found: Point | undefined;
  for (let v = Math.max(half, y - around); v <= Math.min(height - 1 - half, y + around); v++) {
    for (let u = Math.max(half, x - around); u <= Math.min(width - 1 - half, x + around); u++) {
      let [dot, sum, squares] = [0, 0, 0];
      for (let j = 0, k = 0; j < side; j++) {
        let at = (v - half + j) * width + u - half;
        for (let i = 0; i < side; i++, k++, at++) {
          const p = page[at];
          dot += patch[k] * p;
          sum += p;
          squares += p * p;
        }
      }
      const spread = squares - sum * sum / patch.length;
      const alike = spread <= 0 ? 0 : dot / Math.sqrt(norm * spread);
      if (alike > best) [best, found] = [alike, [u, v]];
    }
  }
  return found;
}

/** How far the page is from where the homography says, in pixels of the page: a mesh over the blank. */
function bends(blank: Raster, h: Homography, inliers: Pair[]): { across: number; x: Float32Array; y: Float32Array } {
  const away = inliers.map(([b, p]) => {
    const [u, v] = map(h, b);
    return { b, d: [p[0] - u, p[1] - v] };
  });
  const [across, down] = [Math.ceil(blank.width / MESH) + 1, Math.ceil(blank.height / MESH) + 1];
  const [x, y] = [new Float32Array(across * down), new Float32Array(across * down)];
  for (let j = 0; j < down; j++) {
    for (let i = 0; i < across; i++) {
      const near = away.map(({ b, d }) => ({ d, far: Math.hypot(b[0] - i * MESH, b[1] - j * MESH) + MESH }))
        .sort((a, b) => a.far - b.far).slice(0, NEAR);
      const weight = near.reduce((s, n) => s + 1 / n.far ** 2, 0);
      x[j * across + i] = near.reduce((s, n) => s + n.d[0] / n.far ** 2, 0) / weight;
      y[j * across + i] = near.reduce((s, n) => s + n.d[1] / n.far ** 2, 0) / weight;
    }
  }
  return { across, x, y };
}

/** The page in the blank's frame; what the page does not show is white. */
function lay(blank: Raster, page: Raster, h: Homography, bend: ReturnType<typeof bends>, scale: number): Raster {
  const [width, height] = [Math.round(blank.width * scale), Math.round(blank.height * scale)];
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const by = (y + 0.5) / scale;
    const [j, fy] = [Math.floor(by / MESH), by / MESH % 1];
    for (let x = 0; x < width; x++) {
      const bx = (x + 0.5) / scale;
      const [i, fx] = [Math.floor(bx / MESH), bx / MESH % 1];
      const k = j * bend.across + i;
      const between = (v: Float32Array) =>
        (v[k] * (1 - fx) + v[k + 1] * fx) * (1 - fy) +
        (v[k + bend.across] * (1 - fx) + v[k + bend.across + 1] * fx) * fy;
      const [u, v] = map(h, [bx, by]);
      data[y * width + x] = at(page, u + between(bend.x), v + between(bend.y), 255);
    }
  }
  return { width, height, data };
}
