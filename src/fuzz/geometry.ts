/**
 * Drawn pages: strokes, boxes, rings, dots, rules, combs, and numbers of real hands at any size and turn, among them chains that shrink and
 * rise, on pages from one pixel up. They go through the whole reader, where mutated files end in decoders. All follows from the seed.
 */
import type { Generator } from "./generator.ts";
import { joined } from "./mutate.ts";

/** A grey picture, row-major, 0 black. */
export interface Patch {
  gray: Uint8Array;
  width: number;
  height: number;
}

/** Sides of a page in pixels, and of one in twenty: reading takes time with the area. */
const USUAL = 320;
const MOST = 900;
/** Sides at which pages are as thin or as small as they can be. */
const THIN = [1, 2, 3, 7, 31];

/** A page with up to 20 things on it. @param numbers pictures of written numbers. */
export function drawPage(numbers: Patch[], g: Generator): Patch {
  const side = () => g.once(12) ? g.pick(THIN) : 20 + g.below((g.once(20) ? MOST : USUAL) - 20);
  const [width, height] = [side(), side()];
  const page = { gray: new Uint8Array(width * height).fill(g.once(4) ? 180 + g.below(76) : 255), width, height };
  for (let n = g.below(g.once(6) ? 20 : 6); n >= 0; n--) g.pick(SHAPES)(page, numbers, g);
  if (g.once(8)) speckle(page, g);
  // Chalk on a board, and pictures that use a part of their range.
  if (g.once(12)) page.gray.forEach((v, i) => page.gray[i] = 255 - v);
  if (g.once(12)) page.gray.forEach((v, i) => page.gray[i] = 100 + (v >> 3));
  return page;
}

type Shape = (page: Patch, numbers: Patch[], g: Generator) => void;

const SHAPES: Shape[] = [stroke, stroke, box, ring, dots, rules, comb, number, number, chain, grid];

function dot({ gray, width, height }: Patch, x: number, y: number, radius: number, shade: number): void {
  for (let v = Math.max(0, Math.round(y - radius)); v <= Math.min(height - 1, Math.round(y + radius)); v++) {
    for (let u = Math.max(0, Math.round(x - radius)); u <= Math.min(width - 1, Math.round(x + radius)); u++) {
      gray[v * width + u] = Math.min(gray[v * width + u], shade);
    }
  }
}

function line(page: Patch, from: [number, number], to: [number, number], radius: number, shade: number): void {
  const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1])));
  for (let i = 0; i <= steps; i++) {
    const t = i / steps;
    dot(page, from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1]), radius, shade);
  }
}

/** A place on the page or somewhat beside it. */
const place = ({ width, height }: Patch, g: Generator): [number, number] => [
  g.below(Math.ceil(1.2 * width)) - 0.1 * width,
  g.below(Math.ceil(1.2 * height)) - 0.1 * height,
];
const thickness = (g: Generator) => g.once(6) ? g.below(20) : g.below(4);
const shade = (g: Generator) => g.once(4) ? g.below(230) : g.below(60);

function stroke(page: Patch, _: Patch[], g: Generator): void {
  const [radius, ink] = [thickness(g), shade(g)];
  let at = place(page, g);
  const reach = 2 + g.below(200);
  for (let n = 1 + g.below(6); n > 0; n--) {
    const next: [number, number] = [at[0] + g.below(reach) - reach / 2, at[1] + g.below(reach) - reach / 2];
    line(page, at, next, radius, ink);
    at = next;
  }
}

function box(page: Patch, _: Patch[], g: Generator): void {
  const [[x, y], w, h] = [place(page, g), g.below(page.width), g.below(page.height)];
  const [radius, ink] = [thickness(g), shade(g)];
  const corners: [number, number][] = [[x, y], [x + w, y], [x + w, y + h], [x, y + h]];
  corners.forEach((c, i) => line(page, c, corners[(i + 1) % 4], radius, ink));
}

function ring(page: Patch, _: Patch[], g: Generator): void {
  const [[x, y], a, b] = [place(page, g), 1 + g.below(150), 1 + g.below(150)];
  const [radius, ink] = [thickness(g), shade(g)];
  for (let i = 0; i < 4 * (a + b); i++) {
    const turn = i / (2 * (a + b)) * Math.PI;
    dot(page, x + a * Math.cos(turn), y + b * Math.sin(turn), radius, ink);
  }
}

function dots(page: Patch, _: Patch[], g: Generator): void {
  for (let n = g.below(200); n > 0; n--) dot(page, ...place(page, g), g.below(3), shade(g));
}

function rules(page: Patch, _: Patch[], g: Generator): void {
  const [step, upright, ink, radius] = [3 + g.below(80), g.once(3), shade(g), g.below(3)];
  const lean = g.below(40) - 20;
  for (let at = g.below(step); at < (upright ? page.width : page.height); at += step) {
    if (upright) line(page, [at, 0], [at + lean, page.height], radius, ink);
    else line(page, [0, at], [page.width, at + lean], radius, ink);
  }
}

/** Boxes in a row, with or without a number in each. */
function comb(page: Patch, numbers: Patch[], g: Generator): void {
  const [x, y] = place(page, g);
  const [w, h, n, ink] = [8 + g.below(60), 8 + g.below(80), 2 + g.below(12), shade(g)];
  line(page, [x, y + h], [x + n * w, y + h], 1, ink);
  for (let i = 0; i <= n; i++) {
    line(page, [x + i * w, y], [x + i * w, y + h], 1, ink);
    if (i < n && g.once(2)) paste(page, g.pick(numbers), x + i * w + 2, y + 1, w - 4, h - 2, 0);
  }
}

/** A number at any size, stretched and leaning. */
function number(page: Patch, numbers: Patch[], g: Generator): void {
  const { width, height } = g.pick(numbers);
  const scale = 2 ** (g.below(500) / 100 - 3);
  const [w, h] = [width * scale * (0.5 + g.below(100) / 100), height * scale * (0.5 + g.below(100) / 100)];
  paste(page, g.pick(numbers), ...place(page, g), w, h, g.once(2) ? 0 : g.below(200) / 100 - 1);
}

/** Numbers one behind another, each smaller or larger than the one before and higher or lower: powers of powers. */
function chain(page: Patch, numbers: Patch[], g: Generator): void {
  let [x, y] = place(page, g);
  let h = 10 + g.below(120);
  const [shrink, rise] = [0.4 + g.below(80) / 100, g.below(160) / 100 - 0.8];
  for (let n = 2 + g.below(8); n > 0 && h >= 2; n--) {
    const one = g.pick(numbers);
    const w = Math.max(2, h * one.width / one.height * (0.3 + g.below(70) / 100));
    paste(page, one, x, y, w, h, 0);
    x += w + h * (g.below(60) / 100 - 0.1);
    y -= rise * h * shrink;
    h *= shrink;
  }
}

/** A table of numbers, with rules or without. */
function grid(page: Patch, numbers: Patch[], g: Generator): void {
  const [x, y] = place(page, g);
  const [w, h, columns, rows, ruled] = [20 + g.below(120), 12 + g.below(60), 1 + g.below(6), 1 + g.below(8), g.once(2)];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) paste(page, g.pick(numbers), x + c * w + 3, y + r * h + 2, w - 8, h - 5, 0);
    if (ruled) line(page, [x, y + r * h], [x + columns * w, y + r * h], 0, 60);
  }
}

/** Draws `from` into a box of the page, leaning by `lean` columns a row; what is darker stays. */
function paste(page: Patch, from: Patch, x: number, y: number, w: number, h: number, lean: number): void {
  for (let v = Math.max(0, Math.ceil(y)); v < Math.min(page.height, y + h); v++) {
    for (let u = Math.floor(Math.min(x, x + lean * h)); u < Math.max(x, x + lean * h) + w; u++) {
      const [sx, sy] = [(u - x - lean * (v - y)) / w * from.width, (v - y) / h * from.height];
      if (u < 0 || u >= page.width || sx < 0 || sx >= from.width || sy < 0 || sy >= from.height) continue;
      const at = v * page.width + u;
      page.gray[at] = Math.min(page.gray[at], from.gray[Math.floor(sy) * from.width + Math.floor(sx)]);
    }
  }
}

function speckle({ gray }: Patch, g: Generator): void {
  for (let n = g.below(gray.length); n > 0; n--) gray[g.below(gray.length)] = g.below(256);
}

/** The page as a grey BMP (BITMAPINFOHEADER, 8 bits, rows from the lowest one up, of whole words). */
export function bmp({ gray, width, height }: Patch): Uint8Array {
  const stride = (width + 3) & ~3;
  const head = new Uint8Array(54 + 1024);
  const v = new DataView(head.buffer);
  head.set([0x42, 0x4d]);
  v.setUint32(2, head.length + stride * height, true);
  v.setUint32(10, head.length, true);
  v.setUint32(14, 40, true);
  v.setInt32(18, width, true);
  v.setInt32(22, height, true);
  v.setUint16(26, 1, true);
  v.setUint16(28, 8, true);
  for (let i = 0; i < 256; i++) head.set([i, i, i], 54 + 4 * i);
  const rows = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) rows.set(gray.subarray(y * width, (y + 1) * width), (height - 1 - y) * stride);
  return joined([head, rows]);
}
