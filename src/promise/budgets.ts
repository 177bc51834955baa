/** The file of budgets that lies beside a model, and what it carries. */
import { ScrawlError } from "../errors.ts";
import { needed } from "./bounds.ts";
import { type Kind, KINDS } from "./fields.ts";
import { CONFIDENCE, type Row, type Table, type Trial } from "./fit.ts";

/** `budgets.json` */
export interface Budgets {
  format: "scrawl-budgets-1";
  /** SHA-256 of the model whose readings were counted. */
  model: string;
  confidence: number;
  /** Where the fields come from, and how many. */
  sources: Record<string, number>;
  kinds: Record<Kind, Table>;
  /** The same thresholds on whole pages that nothing was fitted on: by kind, a trial a budget. */
  pages?: { name: string; pages: number; kinds: Record<Kind, Trial[]> };
}

/** Fields that score less are left blank, by kind; null leaves all of a kind blank. */
export type Thresholds = Record<Kind, number | null>;

/** @throws ScrawlError for what is no such file. */
export function parseBudgets(text: string, name: string): Budgets {
  let found: Partial<Budgets>;
  try {
    found = JSON.parse(text);
  } catch (e) {
    throw new ScrawlError("input", `${name} holds no budgets: ${(e as Error).message}`);
  }
  if (found?.format !== "scrawl-budgets-1") {
    throw new ScrawlError(
      "input",
      `${name} holds no budgets: its format is not scrawl-budgets-1; make it with calibrate`,
    );
  }
  return found as Budgets;
}

/** The row of the greatest budget that is not above what is asked for. */
function rowFor(table: Table, asked: number): Row | undefined {
  return table.rows.findLast((r) => r.budget <= asked);
}

export const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;

/** What would be needed, and what there is instead. */
function lack(kind: Kind, table: Table, asked: number): string {
  const best = table.rows.find((r) => r.threshold !== null);
  const less = best ? `the least that they carry is ${percent(best.budget)}` : "they carry no budget";
  return `${kind}: ${table.fields} fields, ${table.wrong} of them wrong, where at least ${
    needed(0, asked, CONFIDENCE)
  } sure ones without an error are wanted; ${less}`;
}

/** What is to be said where whole pages did not keep what lines promise. */
function broken({ kinds, pages }: Budgets, asked: number): string[] {
  return KINDS.flatMap((kind) => {
    const row = rowFor(kinds[kind], asked);
    const trial = row && row.threshold !== null ? pages?.kinds[kind][kinds[kind].rows.indexOf(row)] : undefined;
    if (!trial || trial.wrong <= asked * trial.accepted) return [];
    return [`${kind}: on the pages ${pages!.name} ${trial.wrong} of ${trial.accepted} that were read out are wrong`];
  });
}

/**
 * Thresholds for a share of wrong fields, what is to be said of kinds that cannot keep it, and of those that whole pages did not keep.
 * @throws ScrawlError where no kind can.
 */
export function thresholdsFor(
  budgets: Budgets,
  asked: number,
): { thresholds: Thresholds; lacking: string[]; broken: string[] } {
  const rows = KINDS.map((kind) => [kind, rowFor(budgets.kinds[kind], asked)?.threshold ?? null] as const);
  const lacking = rows.filter(([, t]) => t === null).map(([kind]) => lack(kind, budgets.kinds[kind], asked));
  if (lacking.length === KINDS.length) {
    throw new ScrawlError(
      "arguments",
      `--max-error ${percent(asked)} cannot be promised: the evidence does not carry it. ${lacking.join(". ")}. ` +
        "Ask for more, or review pages of your own and give --recalibrate what that saved",
    );
  }
  return { thresholds: Object.fromEntries(rows) as Thresholds, lacking, broken: broken(budgets, asked) };
}

/** What is to be said where `asked` cannot be kept for a kind, and where whole pages did not keep it, with the `remedy`. */
export const limitsOf = (found: { lacking: string[]; broken: string[] }, asked: string, remedy: string): string[] => [
  ...found.lacking.map((l) => `nothing carries ${asked} for ${l}: all of them are left blank`),
  ...found.broken.map((b) => `${asked} holds for lines that are cut out well, not for whole pages; ${b}: ${remedy}`),
];

/** The table for people: a line a kind and budget. */
export function budgetLines({ kinds, pages }: Budgets): string[] {
  const kept = (t: Trial | undefined, budget: number) =>
    t === undefined || t.accepted === 0
      ? "-"
      : `${t.wrong} of ${t.accepted} wrong${t.wrong <= budget * t.accepted ? ", kept" : ", NOT kept"}`;
  const lines = [
    ["kind", "budget", "accepted", "other writers", pages ? `pages (${pages.name})` : ""],
    ...KINDS.flatMap((kind) =>
      kinds[kind].rows.map((row, i) => {
        const { budget, threshold, accepted, others } = row;
        const share = threshold === null
          ? "not carried"
          : `${accepted} of ${kinds[kind].fields} (${percent(accepted / kinds[kind].fields)})`;
        const trials = threshold === null ? ["-", "-"] : [
          kept(others, budget),
          kept(pages?.kinds[kind][i], budget),
        ];
        return [kind, percent(budget), share, ...trials];
      })
    ),
  ];
  const widths = [8, 8, 22, 26, 0];
  return lines.map((cells) => cells.map((c, i) => c.padEnd(widths[i])).join(" ").trimEnd());
}
