/**
 * What a review knows of its fields: their order, what was said of them, how many errors remain. These functions are put into the page as they
 * are (see `format/review.ts`), so that they call only one another.
 */
import type { Box, Page } from "../engine/types.ts";
import type { Corrections, Verdict } from "./corrections.ts";

/** A word to look at. */
export interface Field {
  /** Index of its page. */
  page: number;
  box: Box;
  /** What was read. */
  read: string;
  /** Probability that all of it is right. */
  right: number;
  alternatives: string[];
  /** Why it was left out, where it was. */
  reason?: string;
}

/** What was said of a field. */
export interface Mark {
  text: string;
  verdict: Verdict;
}

export type Order = "doubtful" | "alike" | "page";

/** All words of the pages, and behind them all that was suppressed, print that was not read as well. */
export function fieldsOf(pages: Page[]): Field[] {
  const fields: Field[] = [];
  pages.forEach((page, index) => {
    for (const word of page.lines.flatMap((l) => l.words)) {
      fields.push({
        page: index,
        box: word.box,
        read: word.text,
        right: word.confidence,
        alternatives: word.alternatives.map((a) => a.text),
      });
    }
  });
  pages.forEach((page, index) => {
    for (const { box, text: read, confidence, handwritten, reason } of page.suppressed) {
      // What was not read has no confidence: the less it looks written, the surer it is that it was left out rightly.
      const right = read === "" ? 1 - handwritten : confidence;
      fields.push({ page: index, box, read, right, alternatives: [], reason });
    }
  });
  return fields;
}

/** Indices of the fields to show, in order: the least sure first, those that read alike one below the other, or as they stand on the pages. */
export function orderOf(fields: Field[], order: Order, withSuppressed: boolean): number[] {
  const shown = fields.map((_, i) => i).filter((i) => withSuppressed || fields[i].reason === undefined);
  const stands = (a: number, b: number) => fields[a].page - fields[b].page || a - b;
  if (order === "page") return shown.sort(stands);
  if (order === "doubtful") return shown.sort((a, b) => fields[a].right - fields[b].right || stands(a, b));
  const alike = (a: number, b: number) =>
    fields[a].read < fields[b].read ? -1 : fields[a].read > fields[b].read ? 1 : 0;
  // Short texts first: digits that stand alone make the largest groups. Last is what was not read.
  const length = (i: number) => fields[i].read.length || Infinity;
  return shown.sort((a, b) =>
    (length(a) === length(b) ? 0 : length(a) - length(b)) || alike(a, b) || fields[a].right - fields[b].right ||
    stands(a, b)
  );
}

/**
 * Errors that are to be expected among the fields that nobody has looked at: what their confidences say, corrected by what was found among the
 * others (with one error more on both sides, so that few of them say little).
 */
export function errorsLeft(fields: Field[], marks: Map<number, Mark>): number {
  let [open, expected, found] = [0, 0, 0];
  fields.forEach((field, i) => {
    if (field.reason !== undefined) return;
    const mark = marks.get(i);
    if (!mark) open += 1 - field.right;
    else {
      expected += 1 - field.right;
      if (mark.verdict !== "accepted") found++;
    }
  });
  return open * (found + 1) / (expected + 1);
}

/** A number that differs where fields do (FNV-1a), so that what was said of some is not taken for what was said of others. */
export function fingerprint(fields: Field[]): number {
  let hash = 0x811c9dc5;
  for (const { page, box, read } of fields) {
    for (const c of `${page} ${box} ${read};`) hash = Math.imul(hash ^ c.codePointAt(0)!, 0x01000193) >>> 0;
  }
  return hash;
}

/** What is saved. */
export function correctionsOf(pages: Page[], fields: Field[], marks: Map<number, Mark>): Corrections {
  const corrections = [...marks].sort((a, b) => a[0] - b[0]).map(([i, { text, verdict }]) => {
    const { page, box, read } = fields[i];
    return { page, box, read, text, verdict };
  });
  return { format: "scrawl-corrections-1", pages, corrections };
}
