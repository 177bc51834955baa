/** Leaves fields blank that are less sure than what was promised. */
import type { Line, PageReading, ReadOptions, Suppressed, Word } from "../engine/types.ts";
import { placeOf, probability } from "../regions.ts";
import type { Thresholds } from "./budgets.ts";
import { kindOf } from "./fields.ts";

/** How many fields there are, and how many of them were left blank. */
export interface Blanks {
  fields: number;
  blank: number;
}

/** Blank fields are suppressed as doubtful, or written as `rejectChar` with what was read as an alternative. */
export function leaveBlank<R extends PageReading>(
  reading: R,
  thresholds: Thresholds,
  { rejectChar }: Pick<ReadOptions, "rejectChar">,
): { reading: R; blanks: Blanks } {
  const suppressed: Suppressed[] = [...reading.suppressed];
  const blanks = { fields: 0, blank: 0 };
  const lines = reading.lines.flatMap((line): Line[] => {
    const words = line.words.flatMap((word): Word[] => {
      const least = thresholds[kindOf(word.text)];
      blanks.fields++;
      if (least !== null && word.confidence >= least) return [word];
      blanks.blank++;
      if (rejectChar !== undefined) return [blanked(word, rejectChar)];
      const { box, polygon, production, text, confidence, handwritten } = word;
      suppressed.push({
        ...{ box, polygon, production, text, confidence, handwritten },
        reason: "doubtful",
        state: "suppressed",
      });
      return [];
    });
    if (words.length === line.words.length && words.every((w, i) => w === line.words[i])) return [line];
    if (words.length === 0) return [];
    const text = words.map((w) => w.text).join(" ");
    const place = words.length < line.words.length ? placeOf(words, line.polygon) : {};
    return [{ ...line, ...place, words, text, alternatives: [], confidence: probability(words) }];
  });
  return { reading: { ...reading, lines, suppressed }, blanks };
}

function blanked(word: Word, rejectChar: string): Word {
  const { text, confidence } = word;
  return {
    ...word,
    text: word.characters.map(() => rejectChar).join(""),
    state: "doubtful",
    alternatives: [{ text, confidence }, ...word.alternatives],
  };
}
