/** What a review says of its words as evidence: whoever reads pages of one's own knows better than any set of others. */
import type { Corrections } from "../review/corrections.ts";
import { type Evidence, kindOf } from "./fields.ts";

/** A field for each word that was looked at; a file is a writer. What was brought back was never accepted, and proves nothing. */
export function reviewed({ pages, corrections }: Corrections): Evidence[] {
  return corrections.flatMap(({ page, box, read, verdict }): Evidence[] => {
    if (verdict === "restored") return [];
    const words = pages[page]?.lines.flatMap((l) => l.words) ?? [];
    const word = words.find((w) => w.text === read && w.box.every((v, i) => v === box[i]));
    if (!word) return [];
    return [{
      kind: kindOf(word.text),
      score: word.confidence,
      right: verdict === "accepted",
      writer: pages[page].file,
    }];
  });
}
