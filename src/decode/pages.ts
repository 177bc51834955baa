/** Page ranges of `--pages`: `1,3-5,8-`. */
import { ScrawlError } from "../errors.ts";

/** Which pages of a file with `count` of them are read; they may be told one after another. */
export interface PageChoice {
  of(count: number): Iterable<number> | AsyncIterable<number>;
}

export class PageRange implements PageChoice {
  private constructor(private readonly parts: [number, number][], private readonly text: string) {}

  /** @throws ScrawlError that shows how a range is written. */
  static parse(text: string): PageRange {
    const parts = text.split(",").map((part): [number, number] => {
      const m = part.trim().match(/^(\d+)?(-)?(\d+)?$/);
      if (!m || (!m[1] && !m[3]) || (m[1] && m[3] && !m[2])) throw wrong(text);
      const from = m[1] ? Number(m[1]) : 1;
      const to = m[3] ? Number(m[3]) : m[2] ? Infinity : from;
      if (from < 1 || to < from) throw wrong(text);
      return [from, to];
    });
    return new PageRange(parts, text);
  }

  /** The pages of a file with `count` pages, ascending, each once. @throws ScrawlError where none is left. */
  of(count: number): number[] {
    const all = Array.from({ length: count }, (_, i) => i + 1);
    const chosen = all.filter((p) => this.parts.some(([from, to]) => p >= from && p <= to));
    if (chosen.length === 0) {
      throw new ScrawlError(
        "input",
        `--pages ${this.text} asks for none of the file's ${count} page${count === 1 ? "" : "s"}`,
      );
    }
    return chosen;
  }
}

/** Numbers of the pages to read of a file with `count` pages: those of the range, or all. */
export function chosenPages(range: PageRange | undefined, count: number): number[] {
  return range?.of(count) ?? Array.from({ length: count }, (_, i) => i + 1);
}

function wrong(text: string): ScrawlError {
  return new ScrawlError("arguments", `--pages ${text} is no list of pages: write it like 1,3-5,8-`);
}
