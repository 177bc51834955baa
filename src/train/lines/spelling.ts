/**
 * Words as a line net's file carries them (the bytes `words`, packed by zlib), for readers to learn spelling from: `crates/net/src/lexicon.rs`
 * takes them apart. For each language a list of words and one of pairs, and at last a list of names, with an empty line between any two.
 * In a list a word, or a pair of words with a space between them, is a line, in order: how many letters it has in common with the one
 * before (a digit of base 36), its other letters, and its level, how frequent it is (a digit of base 36).
 */
import { deflateSync } from "node:zlib";
import type { Pairs } from "./pairs.ts";
import type { WordList } from "./vocabulary.ts";

const MOST_SHARED = 35;
/** The level of a word that is all that is ever written, and the highest that is told; each one more is twice as frequent. */
const [ALWAYS, MOST_LEVEL] = [25, 27];
/** The level of a pair whose second word always follows the first; each two more are twice as frequent. */
const SURELY = 26;

/** The lists of a model file, the last of them that of names, with pairs by language. */
export function packSpelling(lists: WordList[], pairs: Record<string, Pairs>): Uint8Array {
  const text = lists.flatMap(({ language, shares }, i) => {
    const words = packWords(shares, (share) => Math.log2(share) + ALWAYS);
    return i < lists.length - 1
      ? [words, packWords(pairs[language] ?? new Map(), (share) => 2 * Math.log2(share) + SURELY)]
      : [words];
  }).join("\n\n");
  return new Uint8Array(deflateSync(text, { level: 9 }));
}

/** A list, with what tells a level of a share; it is rounded, and none is below 0. */
export function packWords(shares: Map<string, number>, level: (share: number) => number): string {
  let last = "";
  return [...shares].sort(([a], [b]) => a < b ? -1 : 1).map(([word, share]) => {
    let shared = 0;
    while (shared < MOST_SHARED && word[shared] !== undefined && word[shared] === last[shared]) shared++;
    last = word;
    return shared.toString(36) + word.slice(shared) +
      Math.max(0, Math.min(MOST_LEVEL, Math.round(level(share)))).toString(36);
  }).join("\n");
}
