/** Characters that a line net tells apart; class `i + 1` is character `i`, class 0 the blank of CTC. */
export const ALPHABET = " 0123456789.,-+/:=()%$€*'\"°&;?![]#@_" +
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" +
  "éèêëàâäáçùûüúôöóîïíñœæßÉÈÊÀÂÇÔÎÏÜÖÄ«»" +
  "÷²³½<>|~";

/** Who made the marks of a frame, or that a hand struck them out; further outputs behind the characters. */
export const KINDS = ["hand", "print", "other", "struck"] as const;

const SIGNS = [...ALPHABET];
const CLASS = new Map(SIGNS.map((c, i) => [c, i + 1]));

/** Classes of characters, the blank among them; those of {@linkcode KINDS} come behind them. */
export const CHARACTERS = SIGNS.length + 1;

/** Classes of a text, or `undefined` where a character is not in the alphabet. */
export function encodeText(text: string): Uint32Array | undefined {
  const classes = [...text.normalize("NFC").replaceAll("×", "x")].map((c) => CLASS.get(c));
  return classes.includes(undefined) ? undefined : Uint32Array.from(classes as number[]);
}

/** The text of classes that {@linkcode encodeText} gives. */
export function decodeText(classes: Uint32Array): string {
  return Array.from(classes, (c) => SIGNS[c - 1]).join("");
}
