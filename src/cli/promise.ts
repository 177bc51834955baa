/** `--max-error` and `--recalibrate` as thresholds, and what is to be said about them. */
import { LINE_MODEL, modelBytes } from "../engine/models.ts";
import { ScrawlError } from "../errors.ts";
import { sha256 } from "../files.ts";
import type { Values } from "../options.ts";
import { type Budgets, limitsOf, percent, type Thresholds, thresholdsFor } from "../promise/budgets.ts";
import { CONFIDENCE, fit } from "../promise/fit.ts";
import { budgetsBeside } from "../promise/load.ts";
import { reviewed } from "../promise/reviewed.ts";
import { parseCorrections } from "../review/corrections.ts";

/** A share like `0.5%` or `0.005`. */
export function errorShare(values: Values): number | undefined {
  const v = values["max-error"] as string | undefined;
  if (v === undefined) return undefined;
  const [, number, sign] = /^\s*([\d.]+)\s*(%?)\s*$/.exec(v) ?? [];
  const share = Number(number ?? NaN) / (sign ? 100 : 1);
  if (!(share > 0 && share < 1)) {
    throw new ScrawlError("arguments", `--max-error ${v}: a share like 0.5% or 0.005 is wanted`);
  }
  return share;
}

/** What is promised, and what must be said about it. */
interface Promised {
  maxError: number;
  thresholds: Thresholds;
  lacking: string[];
  broken: string[];
}

/** @throws ScrawlError where nothing can be promised. */
export async function promiseOf(
  values: Values,
): Promise<Promised | undefined> {
  const maxError = errorShare(values);
  const files = values.recalibrate as string[] | undefined;
  if (maxError === undefined) {
    if (files === undefined) return undefined;
    throw new ScrawlError("arguments", "--recalibrate says what --max-error goes by: give both");
  }
  if (values["min-conf"] !== undefined) {
    throw new ScrawlError("arguments", "--min-conf and --max-error both say what is too unsure: give one");
  }
  const model = values.model as string | undefined ?? LINE_MODEL;
  const digest = await sha256(await modelBytes(model));
  const budgets = files === undefined ? await budgetsBeside(model, digest) : await own(files, digest);
  return { maxError, ...thresholdsFor(budgets, maxError) };
}

/** Budgets from what reviews saved. */
async function own(files: string[], digest: string): Promise<Budgets> {
  const evidence = [];
  const sources: Record<string, number> = {};
  for (const file of files) {
    const text = await Deno.readTextFile(file).catch((e) => {
      throw new ScrawlError("access", `cannot read ${file}: ${e.message}`);
    });
    const corrections = parseCorrections(text, file);
    const other = corrections.pages.find((p) => p.model !== digest);
    if (other) {
      throw new ScrawlError(
        "input",
        `${file} reviews what another model read (${other.model.slice(0, 12)}): read these pages again and review them`,
      );
    }
    const found = reviewed(corrections);
    sources[file] = found.length;
    evidence.push(...found);
  }
  return { format: "scrawl-budgets-1", model: digest, confidence: CONFIDENCE, sources, kinds: fit(evidence) };
}

/** What is said on the command line of kinds that are left blank as a whole, and of promises that whole pages did not keep. */
export const promiseNotes = ({ maxError, ...found }: Promised) =>
  limitsOf(found, `--max-error ${percent(maxError)}`, "review some pages and give --recalibrate what was saved")
    .map((note) => `note: ${note}`);
