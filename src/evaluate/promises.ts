/** Whether budgets are kept on whole pages: of the words that are read out, how many no token of the page's truth says. */
import type { Page } from "../engine/types.ts";
import { kindOf, KINDS } from "../promise/fields.ts";
import { BUDGETS, type Trial } from "../promise/fit.ts";
import type { Budgets } from "../promise/budgets.ts";
import { rightTokens, type Truth } from "./score.ts";

/** By kind, a trial a budget; words of which the truth itself is not sure do not count. */
export function promisesOn(
  truths: Truth[],
  readings: Map<string, Page[]>,
  kinds: Budgets["kinds"],
): NonNullable<Budgets["pages"]>["kinds"] {
  const fields = truths.flatMap(({ file, handwritten }) => {
    const words = (readings.get(file) ?? []).flatMap((p) => p.lines).flatMap((l) => l.words);
    const right = rightTokens(handwritten, words.map((w) => w.text));
    return words.flatMap((w, i) =>
      right[i] === undefined ? [] : [{ kind: kindOf(w.text), score: w.confidence, right: right[i] }]
    );
  });
  const trial = (kind: (typeof KINDS)[number], i: number): Trial => {
    const least = kinds[kind].rows[i].threshold;
    const accepted = fields.filter((f) => f.kind === kind && least !== null && f.score >= least);
    return { accepted: accepted.length, wrong: accepted.filter((f) => !f.right).length };
  };
  return Object.fromEntries(KINDS.map((k) => [k, BUDGETS.map((_, i) => trial(k, i))])) as NonNullable<
    Budgets["pages"]
  >["kinds"];
}
