/**
 * Words as a line net's file carries them (`words` of its metadata), for readers to learn spelling from:
 * `crates/net/src/spelling.rs` takes them apart. A word a line, in order: how many letters it has in common with the one before (a
 * digit of base 36), its other letters, and its level, how frequent it is (a digit of base 36; each one more is twice as frequent).
 */

const MOST_SHARED = 35;
/** The level of a word that is all that is ever written, and the highest that is told. */
const [ALWAYS, MOST_LEVEL] = [25, 27];

/** The list for a model file, of words with the share that each is of what is written. */
export function packWords(shares: Map<string, number>): string {
  let last = "";
  return [...shares].sort(([a], [b]) => a < b ? -1 : 1).map(([word, share]) => {
    let shared = 0;
    while (shared < MOST_SHARED && word[shared] !== undefined && word[shared] === last[shared]) shared++;
    last = word;
    const level = Math.max(0, Math.min(MOST_LEVEL, Math.round(Math.log2(share) + ALWAYS)));
    return shared.toString(36) + word.slice(shared) + level.toString(36);
  }).join("\n");
}
