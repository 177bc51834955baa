/** Greedy CTC decoding, for validation while training; reading pages decodes in Rust. */

/** The best class of each of the `[frames][row]` logits' first `k`, repeats and blanks out. */
export function greedy(logits: Float32Array, row: number, k: number, alphabet: string): string {
  const characters = [...alphabet];
  let [text, last] = ["", 0];
  for (let at = 0; at + row <= logits.length; at += row) {
    let best = 0;
    for (let c = 1; c < k; c++) if (logits[at + c] > logits[at + best]) best = c;
    if (best !== 0 && best !== last) text += characters[best - 1];
    last = best;
  }
  return text;
}
