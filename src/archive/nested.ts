/** Places of which each lies within that of what it is a part of, as OCR-D's validators want them: a leaning word may reach out of its line. */
import type { Page, Polygon } from "../engine/types.ts";

/** Corners of the smallest convex polygon around the points, clockwise where y goes down (Andrew's monotone chain, 1979). */
export function hull(points: Polygon): Polygon {
  const sorted = [...points].sort(([ax, ay], [bx, by]) => ax - bx || ay - by);
  const half = (all: Polygon) => {
    const out: Polygon = [];
    for (const [x, y] of all) {
      while (out.length > 1) {
        const [[ax, ay], [bx, by]] = out.slice(-2);
        if ((bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0) break;
        out.pop();
      }
      out.push([x, y]);
    }
    return out.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

/** The page with the polygons of words, lines and regions grown around their parts. */
export function nested(page: Page): Page {
  const lines = page.lines.map((line) => {
    const words = line.words.map((w) => ({
      ...w,
      polygon: hull([...w.polygon, ...w.characters.flatMap((c) => c.polygon)]),
    }));
    return { ...line, words, polygon: hull([...line.polygon, ...words.flatMap((w) => w.polygon)]) };
  });
  const regions = page.regions.map((region) => ({
    ...region,
    polygon: hull([...region.polygon, ...region.lines.flatMap((i) => lines[i].polygon)]),
  }));
  return { ...page, lines, regions };
}
