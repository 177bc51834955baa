/** What a review says of a page's words, and the pages with that applied. */
import type { Box, Character, Line, Page, Polygon, Suppressed, Word } from "../engine/types.ts";
import { ScrawlError } from "../errors.ts";
import { placeOf, probability, regionsOf } from "../regions.ts";

/** What became of a word: it is right, it says something else, there is no text, it is print, or it was suppressed and is text all the same. */
export type Verdict = "accepted" | "corrected" | "no-text" | "printed" | "restored";

/** One word that was looked at. */
export interface Correction {
  /** Index of its page among those of the file. */
  page: number;
  /** Where it stands, which says which word it is. */
  box: Box;
  /** What was read. */
  read: string;
  /** What it says; empty for `no-text`. */
  text: string;
  verdict: Verdict;
}

/** `NAME.corrections.json`: the pages as they were read, and what was said of them. */
export interface Corrections {
  format: "scrawl-corrections-1";
  pages: Page[];
  corrections: Correction[];
}

/** @throws ScrawlError for what is no such file. */
export function parseCorrections(text: string, name: string): Corrections {
  const fail = (what: string) =>
    new ScrawlError("input", `${name} holds no corrections: ${what}; save it from the review`);
  let found: Partial<Corrections>;
  try {
    found = JSON.parse(text);
  } catch (e) {
    throw fail((e as Error).message);
  }
  if (found?.format !== "scrawl-corrections-1") throw fail("its format is not scrawl-corrections-1");
  if (!Array.isArray(found.pages) || !Array.isArray(found.corrections)) throw fail("it has no pages or no corrections");
  return found as Corrections;
}

const sameBox = (a: Box, b: Box) => a.every((v, i) => v === b[i]);

/** The pages with what was said of them; what was given stays as it is. @throws ScrawlError for a correction of a word that is not there. */
export function applyCorrections({ pages, corrections }: Corrections): Page[] {
  return pages.map((page, index) => {
    let lines = page.lines;
    let suppressed = page.suppressed;
    for (const c of corrections.filter((c) => c.page === index)) {
      const fits = (w: Word | Suppressed) => sameBox(w.box, c.box) && w.text === c.read;
      const word = lines.flatMap((l) => l.words).find(fits);
      const left = word ? undefined : suppressed.find(fits);
      if (!word && !left) {
        throw new ScrawlError(
          "input",
          `page ${page.page} of ${page.file} has no word ${c.read} at ${c.box.join(", ")}`,
        );
      }
      if (left) {
        if (c.verdict !== "restored" && c.verdict !== "corrected") continue;
        suppressed = suppressed.filter((s) => s !== left);
        lines = placed(lines, lineOf(restored(left, c.text)), page.rotation);
        continue;
      }
      const now = corrected(word!, c, page);
      if (now === undefined) suppressed = [...suppressed, suppressedOf(word!, c.verdict)];
      lines = lines.map((l) => {
        if (!l.words.includes(word!)) return l;
        const words = l.words.flatMap((w) => w === word ? now ?? [] : w);
        const lost = words.length > 0 && words.length < l.words.length;
        return { ...l, ...(lost && placeOf(words, l.polygon)), words };
      });
    }
    lines = lines.filter((l) => l.words.length > 0).map((l) => ({
      ...l,
      text: l.words.map((w) => w.text).join(" "),
      confidence: probability(l.words),
      // Other readings are of what was read first.
      alternatives: l.words.some((w) => w.state === "corrected") ? [] : l.alternatives,
    }));
    return { ...page, lines, suppressed, regions: regionsOf(lines) };
  });
}

/** Tells the lines of the corrected pages all of whose words somebody said to be right, or what they are. */
export function lookedAt({ corrections }: Corrections): (line: Line) => boolean {
  const places = new Set(corrections.filter((c) => c.text !== "" && c.verdict !== "printed").map((c) => c.box.join()));
  return (line) => line.words.every((w) => places.has(w.box.join()));
}

/** The word as it is now; `undefined` where it is to be suppressed. */
function corrected(word: Word, { verdict, text }: Correction, page: Page): Word | undefined {
  if (verdict === "no-text") return undefined;
  if (verdict === "printed") return page.options.printed === "drop" ? undefined : { ...word, production: "printed" };
  if (verdict === "accepted" || text === word.text) return { ...word, state: "read" };
  const first = { text: word.text, confidence: word.confidence };
  return {
    ...word,
    text,
    read: word.text,
    state: "corrected",
    confidence: 1,
    characters: charactersOf(text, word.box),
    alternatives: [first, ...word.alternatives.filter((a) => a.text !== text)],
  };
}

function suppressedOf({ box, polygon, text, confidence, handwritten }: Word, verdict: Verdict): Suppressed {
  const printed = verdict === "printed";
  const why = { production: printed ? "printed" : "handwritten", reason: printed ? "printed" : "other" } as const;
  return { box, polygon, ...why, state: "suppressed", text, confidence, handwritten };
}

function restored({ box, polygon, text: read, confidence, handwritten }: Suppressed, text: string): Word {
  const first = read === "" || read === text ? [] : [{ text: read, confidence }];
  const characters = charactersOf(text, box);
  const what = { text, read, confidence: 1, state: "corrected", production: "handwritten" } as const;
  return { ...what, box, polygon, handwritten, characters, alternatives: first };
}

/** The lines with another where it is read: before or after the one that it stands nearest to, as the page is upright. */
function placed(lines: Line[], line: Line, rotation: number): Line[] {
  if (lines.length === 0) return [line];
  const gap = ([x, y, w, h]: Box, [u, v, s, t]: Box) =>
    Math.hypot(Math.max(0, u - x - w, x - u - s), Math.max(0, v - y - h, y - v - t));
  const [near] = lines.map((_, i) => i).sort((a, b) => gap(lines[a].box, line.box) - gap(lines[b].box, line.box));
  const quarter = Math.round(rotation / 90) % 4;
  const [cos, sin] = [[1, 0], [0, 1], [-1, 0], [0, -1]][quarter];
  const upright = ([x, y, w, h]: Box) => {
    const [u, v] = [x + w / 2, y + h / 2];
    return { across: u * cos - v * sin, down: u * sin + v * cos, height: quarter % 2 ? w : h };
  };
  const [here, there] = [upright(line.box), upright(lines[near].box)];
  const isBeside = Math.abs(here.down - there.down) < Math.max(here.height, there.height) / 2;
  const isBefore = isBeside ? here.across < there.across : here.down < there.down;
  return lines.toSpliced(isBefore ? near : near + 1, 0, line);
}

/** A line of one word. */
function lineOf(word: Word): Line {
  const { text, confidence, box, polygon } = word;
  return { text, confidence, box, polygon, alternatives: [], words: [word] };
}

/** Characters of a text that somebody typed, in even steps along its box: nobody said where each stands. */
function charactersOf(text: string, [x, y, width, height]: Box): Character[] {
  const all = [...text];
  const at = (i: number) => Math.round(x + width * i / all.length);
  return all.map((c, i) => {
    const box: Box = [at(i), y, at(i + 1) - at(i), height];
    const [left, right] = [at(i), at(i + 1)];
    const polygon: Polygon = [[left, y], [right, y], [right, y + height], [left, y + height]];
    return { text: c, confidence: 1, box, polygon, alternatives: [] };
  });
}
