/** Greedy CTC decoding and edit distance, for validation while training; reading pages decodes in Rust. */

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

/** Levenshtein distance. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
