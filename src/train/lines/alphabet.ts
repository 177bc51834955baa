/** Characters that a line net tells apart; class `i + 1` is character `i`, class 0 the blank of CTC. */
export const ALPHABET = " 0123456789.,-+/:=()%$€*'\"°&;?![]#@_" +
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" +
  "éèêëàâäáçùûüúôöóîïíñœæßÉÈÊÀÂÇÔÎÏÜÖÄ«»";

/** Who made the marks of a frame; three more outputs behind the characters. */
export const KINDS = ["hand", "print", "other"] as const;

const CLASS = new Map([...ALPHABET].map((c, i) => [c, i + 1]));

/** Classes of a text, or `undefined` where a character is not in the alphabet. */
export function encodeText(text: string): Uint32Array | undefined {
  const classes = [...text.normalize("NFC").replaceAll("×", "x")].map((c) => CLASS.get(c));
  return classes.includes(undefined) ? undefined : Uint32Array.from(classes as number[]);
}
