/** Plane homographies: nine numbers, row by row, the last 1. */

export type Homography = number[];
export type Point = [x: number, y: number];
/** A place on the blank and the same on the page. */
export type Pair = [blank: Point, page: Point];

export function map(h: Homography, [x, y]: Point): Point {
  const w = h[6] * x + h[7] * y + h[8];
  return [(h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w];
}

/** Units in which places are of the order of one, for the equations' sake. */
const UNIT = 1000;

/** The homography of four pairs, or the best of more (least squares of the linear form); none where they do not say one. */
export function fitted(pairs: Pair[]): Homography | undefined {
  // Normal equations of the eight unknowns.
  const a = Array.from({ length: 8 }, () => new Array(9).fill(0));
  for (const [[x, y], [u, v]] of pairs.map((p) => p.map((q) => q.map((c) => c / UNIT) as Point) as Pair)) {
    for (const row of [[x, y, 1, 0, 0, 0, -x * u, -y * u, u], [0, 0, 0, x, y, 1, -x * v, -y * v, v]]) {
      for (let i = 0; i < 8; i++) for (let j = 0; j < 9; j++) a[i][j] += row[i] * row[j];
    }
  }
  // Gauss with pivots.
  for (let c = 0; c < 8; c++) {
    let best = c;
    for (let r = c + 1; r < 8; r++) if (Math.abs(a[r][c]) > Math.abs(a[best][c])) best = r;
    if (Math.abs(a[best][c]) < 1e-12) return undefined;
    [a[c], a[best]] = [a[best], a[c]];
    for (let r = 0; r < 8; r++) {
      if (r === c) continue;
      const by = a[r][c] / a[c][c];
      for (let k = c; k < 9; k++) a[r][k] -= by * a[c][k];
    }
  }
  const h = a.map((row, i) => row[8] / row[i]);
  return [h[0], h[1], h[2] * UNIT, h[3], h[4], h[5] * UNIT, h[6] / UNIT, h[7] / UNIT, 1];
}

/** How often four pairs are drawn. */
const DRAWS = 400;

/**
 * The homography that most pairs agree on within `tolerance` pixels of the page (RANSAC, Fischler and Bolles 1981), fitted to all of these; the
 * same pairs give the same.
 */
export function agreed(pairs: Pair[], tolerance: number): { h: Homography; inliers: Pair[] } | undefined {
  let state = 1;
  const random = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * n);
  };
  const within = (h: Homography) =>
    pairs.filter(([b, [x, y]]) => {
      const [u, v] = map(h, b);
      return Math.hypot(u - x, v - y) <= tolerance;
    });
  let best: Pair[] = [];
  for (let i = 0; i < DRAWS && pairs.length >= 4; i++) {
    const h = fitted([0, 1, 2, 3].map(() => pairs[random(pairs.length)]));
    const found = h ? within(h) : [];
    if (found.length > best.length) best = found;
  }
  const first = best.length >= 4 ? fitted(best) : undefined;
  if (!first) return undefined;
  const inliers = within(first);
  const h = inliers.length >= 4 ? fitted(inliers) : undefined;
  return h && { h, inliers };
}
