/** Groups the lines of a page into regions, and settles what is too unsure to be read out. */
import type { Box, Line, PageReading, Polygon, ReadOptions, Region, Word } from "./engine/types.ts";

/** Lines below one another belong together up to this many heights of paper between them. */
const GAP = 1.5;

function union(a: Box, b: Box): Box {
  const [x, y] = [Math.min(a[0], b[0]), Math.min(a[1], b[1])];
  return [x, y, Math.max(a[0] + a[2], b[0] + b[2]) - x, Math.max(a[1] + a[3], b[1] + b[3]) - y];
}

/** The corners of a box. */
function corners([x, y, w, h]: Box): Polygon {
  return [[x, y], [x + w, y], [x + w, y + h], [x, y + h]];
}

/** Lines that share columns and are no further apart than `GAP` heights make a region. Regions come in the order of their first lines. */
export function regionsOf(lines: Line[]): Region[] {
  const parent = lines.map((_, i) => i);
  const root = (i: number): number => parent[i] === i ? i : (parent[i] = root(parent[i]));
  for (let i = 0; i < lines.length; i++) {
    for (let j = i + 1; j < lines.length; j++) {
      const [a, b] = [lines[i].box, lines[j].box];
      const shared = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
      const gap = Math.max(a[1], b[1]) - Math.min(a[1] + a[3], b[1] + b[3]);
      if (shared > 0 && gap < GAP * Math.min(a[3], b[3])) parent[root(j)] = root(i);
    }
  }
  const groups = new Map<number, Omit<Region, "polygon">>();
  lines.forEach((line, i) => {
    const region = groups.get(root(i));
    if (region) {
      region.lines.push(i);
      region.box = union(region.box, line.box);
    } else groups.set(root(i), { box: line.box, lines: [i] });
  });
  return [...groups.values()].map(({ box, lines }) => ({ box, polygon: corners(box), lines }));
}

/** Where those of a line's words stand that stay: their box, and their corners along the line. */
export function placeOf(words: Word[], along: Polygon): { box: Box; polygon: Polygon } {
  const [[x, y], [ex, ey]] = along;
  const length = Math.hypot(ex - x, ey - y) || 1;
  const [cos, sin] = [(ex - x) / length, (ey - y) / length];
  const points = words.flatMap((w) => w.polygon);
  const across = points.map(([px, py]) => px * cos + py * sin);
  const down = points.map(([px, py]) => py * cos - px * sin);
  const [left, right] = [Math.min(...across), Math.max(...across)];
  const [top, bottom] = [Math.min(...down), Math.max(...down)];
  const corner = (u: number, v: number): Polygon[0] => [Math.round(u * cos - v * sin), Math.round(u * sin + v * cos)];
  return {
    box: words.map((w) => w.box).reduce(union),
    polygon: [corner(left, top), corner(right, top), corner(right, bottom), corner(left, bottom)],
  };
}

/** That all of some words are right: what a line's confidence is. */
export function probability(words: Word[]): number {
  return words.reduce((p, w) => p * w.confidence, 1);
}

/** Applies `minConf` and `rejectChar`: unsure words are suppressed, or their unsure characters written as `rejectChar`. */
export function rejectUnsure(reading: PageReading, { minConf, rejectChar }: ReadOptions): PageReading {
  if (minConf === undefined) return reading;
  const suppressed = [...reading.suppressed];
  const lines = reading.lines.flatMap((line): Line[] => {
    const words = line.words.flatMap((w) => {
      if (rejectChar !== undefined) {
        return [{ ...w, text: w.characters.map((c) => c.confidence < minConf ? rejectChar : c.text).join("") }];
      }
      if (w.confidence >= minConf) return [w];
      const { box, polygon, production, text, confidence, handwritten } = w;
      const what = { text, confidence, handwritten };
      suppressed.push({ box, polygon, production, reason: "doubtful", state: "suppressed", ...what });
      return [];
    });
    if (words.length === 0) return [];
    const text = words.map((w) => w.text).join(" ");
    // Other readings are of the line as it was.
    const alternatives = text === line.text ? line.alternatives : [];
    const place = words.length < line.words.length ? placeOf(words, line.polygon) : {};
    return [{ ...line, ...place, words, text, alternatives, confidence: probability(words) }];
  });
  return { ...reading, lines, suppressed };
}
