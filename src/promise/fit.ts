/**
 * Thresholds from fields whose truth is known. Of the surest fields so many are tested first as could prove the budget, then more and more, in
 * an order that no truth has a part in, until the first that does not hold (fixed-sequence testing: Angelopoulos et al. 2021,
 * "Learn then Test"). Where there are fields enough, this begins at larger parts of them too, and the starts share the level (their multi-start
 * test): a few wrong truths among the surest end one sequence and not all. So the threshold that is taken keeps its budget with the stated
 * confidence, for fields like these.
 */
import { atMost, needed, upperBound } from "./bounds.ts";
import { type Evidence, type Kind, KINDS } from "./fields.ts";

/** Share of wrong fields that can be promised; what is asked for is kept by the next one below it. */
export const BUDGETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2];
export const CONFIDENCE = 0.95;
/** Errors that the first test forgives, where there are fields enough: one wrong truth would else end it. */
const FORGIVEN = 2;
/** Parts of all fields at which further sequences begin, where that is so many times what the first one begins with. */
const STARTS = [1 / 8, 1 / 2];
const FURTHER = 2;
/** Each test has so many times the fields of the one before. */
const STEP = 1.05;
const RESAMPLES = 1000;

/** What was found where a threshold was tried. */
export interface Trial {
  accepted: number;
  wrong: number;
}

/** What is known of a budget. */
export interface Row {
  budget: number;
  /** Fields that score less are left blank; null where the evidence does not carry the budget. */
  threshold: number | null;
  /** Fields of the evidence that are accepted, and the wrong ones of them. */
  accepted: number;
  wrong: number;
  /** The error rate that is not passed with 95 % confidence, fields taken one by one, and whole writers (bootstrap). */
  bound: number | null;
  writersBound: number | null;
  /** Thresholds of one half of the writers on the other half, both ways. */
  others: Trial;
}

export interface Table {
  fields: number;
  writers: number;
  wrong: number;
  rows: Row[];
}

/** The threshold that keeps a budget; `undefined` where there is too little evidence, or too many errors in it. */
export function threshold(evidence: Evidence[], budget: number): number | undefined {
  const sorted = evidence.toSorted((a, b) => b.score - a.score);
  const forgiving = [FORGIVEN, 1].map((k) => needed(k, budget, CONFIDENCE)).find((n) => n <= sorted.length / 2);
  const first = forgiving ?? needed(0, budget, CONFIDENCE);
  const starts = [first, ...STARTS.map((part) => Math.floor(part * sorted.length)).filter((n) => n >= FURTHER * first)];
  let found: number | undefined;
  for (const start of starts) {
    let [at, wrong] = [0, 0];
    for (let n = start; n <= sorted.length; n = Math.min(Math.ceil(n * STEP), sorted.length)) {
      const least = sorted[n - 1].score;
      for (; at < sorted.length && sorted[at].score >= least; at++) wrong += sorted[at].right ? 0 : 1;
      if (atMost(wrong, at, budget) > (1 - CONFIDENCE) / starts.length) break;
      found = Math.min(found ?? least, least);
      if (n === sorted.length) break;
    }
  }
  return found;
}

/** How many fields are accepted, and how many of them are wrong. */
export function tried(evidence: Evidence[], least: number | undefined): Trial {
  const accepted = least === undefined ? [] : evidence.filter((e) => e.score >= least);
  return { accepted: accepted.length, wrong: accepted.filter((e) => !e.right).length };
}

/** Tables of all kinds. */
export function fit(evidence: Evidence[]): Record<Kind, Table> {
  return Object.fromEntries(KINDS.map((kind) => [kind, table(evidence.filter((e) => e.kind === kind))])) as Record<
    Kind,
    Table
  >;
}

function table(evidence: Evidence[]): Table {
  const byWriter = [...Map.groupBy(evidence, (e) => e.writer).values()];
  const rows = BUDGETS.map((budget): Row => {
    const least = threshold(evidence, budget);
    const { accepted, wrong } = tried(evidence, least);
    const halves = [0, 1].map((h) => byWriter.filter((_, i) => i % 2 === h).flat());
    const others = [0, 1].map((h) => tried(halves[1 - h], threshold(halves[h], budget)));
    return {
      budget,
      threshold: least ?? null,
      accepted,
      wrong,
      bound: least === undefined ? null : upperBound(wrong, accepted, CONFIDENCE),
      writersBound: least === undefined ? null : writersBound(byWriter.map((fields) => tried(fields, least))),
      others: { accepted: others[0].accepted + others[1].accepted, wrong: others[0].wrong + others[1].wrong },
    };
  });
  const wrong = evidence.filter((e) => !e.right).length;
  return { fields: evidence.length, writers: byWriter.length, wrong, rows };
}

/** The error rate that 95 % of resampled sets of writers do not pass (Efron 1979); the same in every run. */
function writersBound(writers: Trial[]): number {
  let state = 1;
  const random = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * n);
  };
  const rates = Array.from({ length: RESAMPLES }, () => {
    let [accepted, wrong] = [0, 0];
    for (let i = 0; i < writers.length; i++) {
      const w = writers[random(writers.length)];
      accepted += w.accepted;
      wrong += w.wrong;
    }
    return wrong / Math.max(1, accepted);
  });
  return rates.sort((a, b) => a - b)[Math.ceil(CONFIDENCE * RESAMPLES) - 1];
}
