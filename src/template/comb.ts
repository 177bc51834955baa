/** The characters of a comb, which has a box for each, set side by side as a word is written. */
import type { Raster } from "./raster.ts";

/** Darker than this, of 255, is ink. */
const DARK = 150;
/** Ink wider than so many boxes is cut at their walls; other ink belongs to the box of its middle. */
const WIDEST = 1.3;
/** Least share of a box that a character covers. */
const LEAST = 0.004;
/** Paper between two characters, and in place of an empty box between them, in shares of their height. */
const GAP = 0.2;
const SPACE = 1;

/** Where the boxes are in a crop: their outer walls, and the first row and the one behind the last. */
export interface Comb {
  left: number;
  right: number;
  top: number;
  bottom: number;
  boxes: number;
}

/** @returns the characters close together, in the rows of the crop, and how many boxes hold one. */
export function sideBySide(crop: Raster, comb: Comb): { picture: Raster; filled: number } {
  const { width, height } = crop;
  const step = (comb.right - comb.left) / comb.boxes;
  const boxOf = boxesOf(crop, comb);
  const areas = new Array(comb.boxes).fill(0);
  const [lefts, rights] = [new Array(comb.boxes).fill(width), new Array(comb.boxes).fill(0)];
  let [top, bottom] = [height, 0];
  boxOf.forEach((box, i) => {
    if (box < 0) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    areas[box]++;
    [lefts[box], rights[box]] = [Math.min(lefts[box], x), Math.max(rights[box], x + 1)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
  });
  const filled = areas.flatMap((area, box) => area >= LEAST * step * (comb.bottom - comb.top) ? [box] : []);
  const [gap, space] = [GAP, SPACE].map((share) => Math.round(share * Math.max(0, bottom - top)));
  // Column of the picture at which each box's ink begins.
  const at = new Map<number, number>();
  let end = Math.max(1, gap);
  for (const box of filled) {
    if (at.size > 0 && !filled.includes(box - 1)) end += space;
    at.set(box, end);
    end += rights[box] - lefts[box] + gap;
  }
  const out: Raster = { width: end, height, data: new Uint8Array(end * height).fill(255) };
  for (const [box, start] of at) {
    for (let y = 0; y < height; y++) {
      for (let x = Math.max(0, lefts[box] - 1); x < Math.min(width, rights[box] + 1); x++) {
        // Strokes have soft edges.
        const near = [-1, 0, 1].some((dy) =>
          y + dy >= 0 && y + dy < height &&
          [-1, 0, 1].some((dx) => x + dx >= 0 && x + dx < width && boxOf[(y + dy) * width + x + dx] === box)
        );
        if (near) out.data[y * out.width + start + x - lefts[box]] = crop.data[y * width + x];
      }
    }
  }
  return { picture: out, filled: filled.length };
}

/** The box that each dark pixel of a crop belongs to, from 0; -1 of paper, and of ink whose middle is above or below the boxes. */
function boxesOf({ width, height, data }: Raster, { left, right, top, bottom, boxes }: Comb): Int16Array {
  const step = (right - left) / boxes;
  const at = (x: number) => Math.min(boxes - 1, Math.max(0, Math.floor((x - left) / step)));
  const out = new Int16Array(data.length).fill(-1);
  const seen = new Uint8Array(data.length);
  for (let start = 0; start < data.length; start++) {
    if (seen[start] || data[start] >= DARK) continue;
    const piece = [start];
    seen[start] = 1;
    let [first, last, above, below] = [width, 0, height, 0];
    for (let k = 0; k < piece.length; k++) {
      const [x, y] = [piece[k] % width, Math.floor(piece[k] / width)];
      [first, last, above, below] = [Math.min(first, x), Math.max(last, x), Math.min(above, y), Math.max(below, y)];
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const i = v * width + u;
          if (seen[i] || data[i] >= DARK) continue;
          seen[i] = 1;
          piece.push(i);
        }
      }
    }
    const middle = (above + below + 1) / 2;
    if (middle < top || middle >= bottom) continue;
    const isCut = last + 1 - first > WIDEST * step;
    const whole = at((first + last + 1) / 2);
    for (const i of piece) out[i] = isCut ? at(i % width + 0.5) : whole;
  }
  return out;
}
