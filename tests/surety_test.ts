/** How sure a line is: weights are found again, and say what is true. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { fitWeights, type Sure, suretyOf, type Weights } from "../src/evaluate/surety.ts";

/** A hundred lines each of many confidences and lengths, so many of them right as the weights say. */
function linesOf(weights: Weights): Sure[] {
  const kinds = [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99].flatMap((confidence) =>
    [1, 5, 30].flatMap((characters) => [true, false].map((closely) => ({ confidence, characters, closely })))
  );
  return kinds.flatMap((kind) => {
    const right = Math.round(100 * suretyOf(kind, weights));
    return Array.from({ length: 100 }, (_, i) => ({ ...kind, right: i < right }));
  });
}

Deno.test("weights of a line's confidence are found again from lines that are right as often as they say", () => {
  const weights: Weights = [0.6, -0.8, 0.4, -0.2, -0.7];
  const lines = linesOf(weights);
  const found = fitWeights(lines);
  for (const line of lines) assertAlmostEquals(suretyOf(line, found), suretyOf(line, weights), 0.02);
  found.forEach((w, i) => assertAlmostEquals(w, weights[i], 0.1));
});

Deno.test("where all lines are right, and nothing tells them apart, weights stay finite and lines are sure", () => {
  const lines = linesOf([0, 0, 40, 0, 0]);
  assertEquals(lines.every((l) => l.right), true);
  const found = fitWeights(lines);
  assertEquals(found.every(Number.isFinite), true);
  for (const line of lines) assertEquals(suretyOf(line, found) > 0.95, true);
});

Deno.test("weights far from where the search begins are found: whole steps of it would lead away", () => {
  const weights: Weights = [0.5, -1, -3, -1, 0.4];
  const lines = linesOf(weights);
  const found = fitWeights(lines);
  for (const line of lines) assertAlmostEquals(suretyOf(line, found), suretyOf(line, weights), 0.02);
});
