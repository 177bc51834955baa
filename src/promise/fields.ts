/** Fields: words of three kinds that are promised apart, each with a score. */

/** Digits alone, what else numbers are written with, and all other. */
export type Kind = "digits" | "amounts" | "words";
export const KINDS: readonly Kind[] = ["digits", "amounts", "words"];

/** The kind of a field by what was read: what it is in truth nobody knows when it counts. */
export function kindOf(text: string): Kind {
  if (/^\d+$/.test(text)) return "digits";
  return /\d/.test(text) && /^[\d.,\-+/:=()%$€ ]+$/.test(text) ? "amounts" : "words";
}

/** A field whose truth is known. */
export interface Evidence {
  kind: Kind;
  score: number;
  right: boolean;
  /** Who wrote it, as far as that is known: fields of one writer stand or fall together. */
  writer: string;
}
