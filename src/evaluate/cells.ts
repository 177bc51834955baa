/** `evaluate cells`: sudokus with printed and written digits, whose half that no net learnt from tells hand from print cell by cell. */
import { join } from "@std/path/join";
import { Engine } from "../engine/engine.ts";
import type { Box } from "../engine/types.ts";
import { ScrawlError } from "../errors.ts";
import { DEFAULTS } from "../mod.ts";
import { readFile } from "../read.ts";
import { type Cell, cells, isHeldOut, SUDOKUS, sudokus } from "../train/pages/real.ts";

export interface CellFigures {
  pages: number;
  written: number;
  /** Share of the written cells that hold just one word, and that with the right digit. */
  found: number;
  read: number;
  printed: number;
  /** Share of the printed cells that hold a word. */
  returned: number;
}

/** Reads the held-out sudokus below `data`. @throws ScrawlError where the set is not there. */
export async function evaluateCells(data: string, model?: string): Promise<CellFigures> {
  const names = await sudokus(data);
  const held = names.filter((n) => isHeldOut(names, n));
  if (held.length === 0) {
    throw new ScrawlError(
      "access",
      `no sudokus in ${join(data, "pages", SUDOKUS)}: fetch them with deno task data get sudokus`,
    );
  }
  const engine = await Engine.open(model);
  let pages = 0;
  const counts = { written: 0, found: 0, read: 0, printed: 0, returned: 0 };
  for (const name of held) {
    const grid = await cells(data, name);
    if (!grid) continue;
    pages++;
    const words: { text: string; box: Box }[] = [];
    const path = join(data, "pages", SUDOKUS, "mixed", `${name}.jpg`);
    for await (const page of readFile(engine, path, await Deno.readFile(path), DEFAULTS)) {
      if ("error" in page) throw new ScrawlError("input", `${path}: ${page.error.message}`);
      words.push(...page.lines.flatMap((l) => l.words));
    }
    for (const cell of grid) {
      const inside = words.filter(({ box: [x, y, w, h] }) => holds(cell, x + w / 2, y + h / 2));
      if (!cell.written) {
        counts.printed++;
        counts.returned += inside.length > 0 ? 1 : 0;
        continue;
      }
      counts.written++;
      counts.found += inside.length === 1 ? 1 : 0;
      counts.read += inside.length === 1 && inside[0].text === cell.digit ? 1 : 0;
    }
  }
  return {
    pages,
    written: counts.written,
    found: counts.found / counts.written,
    read: counts.read / counts.written,
    printed: counts.printed,
    returned: counts.returned / counts.printed,
  };
}

/** Whether a point lies in a cell, whose corners go round clockwise. */
function holds({ corners }: Cell, x: number, y: number): boolean {
  return corners.every(([ax, ay], i) => {
    const [bx, by] = corners[(i + 1) % 4];
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0;
  });
}
