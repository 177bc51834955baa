/**
 * Common words as a line net's file carries them (`words` of its metadata), for readers to learn spelling from:
 * `crates/net/src/spelling.rs` takes them apart. A word a line, in order: how many letters it has in common with the one before (a
 * digit of base 36), its other letters, and how frequent it is (a digit; each one more is twice as frequent).
 */

/** Words before whose rank all are about as frequent, and how fast frequency falls behind. */
const [FLAT, FALL] = [100, 0.6];
const [MOST_SHARED, RARE, MOST_LEVEL] = [35, 5, 9];

/** How often each word counts that stands in these lists, which have the most common words first. */
export function frequencies(lists: string[][]): Map<string, number> {
  const out = new Map<string, number>();
  for (const list of lists) {
    list.forEach((word, rank) => {
      const key = word.toLowerCase();
      out.set(key, (out.get(key) ?? 0) + (FLAT / (rank + FLAT)) ** FALL);
    });
  }
  return out;
}

/** The list for a model file; its digits and letters must be told apart, so that a word has no digits. */
export function packWords(frequent: Map<string, number>): string {
  let last = "";
  return [...frequent].sort(([a], [b]) => a < b ? -1 : 1).map(([word, frequency]) => {
    let shared = 0;
    while (shared < MOST_SHARED && word[shared] !== undefined && word[shared] === last[shared]) shared++;
    last = word;
    const level = Math.max(0, Math.min(MOST_LEVEL, Math.round(Math.log2(frequency) + RARE)));
    return shared.toString(36) + word.slice(shared) + level;
  }).join("\n");
}
