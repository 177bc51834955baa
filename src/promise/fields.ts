/** Fields: words of three kinds that are promised apart, each with a score. */
import type { Word } from "../engine/types.ts";

/** Digits alone, what else numbers are written with, and all other. */
export type Kind = "digits" | "amounts" | "words";
export const KINDS: readonly Kind[] = ["digits", "amounts", "words"];

/** The kind of a field by what was read: what it is in truth nobody knows when it counts. */
export function kindOf(text: string): Kind {
  if (/^\d+$/.test(text)) return "digits";
  return /\d/.test(text) && /^[\d.,\-+/:=()%$€ ]+$/.test(text) ? "amounts" : "words";
}

/**
 * Weight of who wrote a word beside what it says: of the 50 surest numbers on the dev pages 20 were no token of the truth by the characters
 * alone, most of them print, 6 with the probability of a hand as a factor, and 5 with its cube.
 */
const HAND = 3;

/**
 * Probability that all characters of a word are right, and that a hand wrote it. Only its order counts: errors are promised by what was counted.
 * @param keepsPrint whether print is wanted as well, so that it counts for nothing who wrote it.
 */
export function scoreOf(
  { characters, handwritten }: Pick<Word, "characters" | "handwritten">,
  keepsPrint: boolean,
): number {
  return characters.reduce((p, c) => p * c.confidence, keepsPrint ? 1 : handwritten ** HAND);
}

/** A field whose truth is known. */
export interface Evidence {
  kind: Kind;
  score: number;
  right: boolean;
  /** Who wrote it, as far as that is known: fields of one writer stand or fall together. */
  writer: string;
}
