/** The budgets that lie beside a model. */
import { ScrawlError } from "../errors.ts";
import { readBytes } from "../files.ts";
import { type Budgets, parseBudgets } from "./budgets.ts";

/** @param model where the model is. @param digest SHA-256 of it. @throws ScrawlError where there are none, or those of another model. */
export async function budgetsBeside(model: string | URL, digest: string): Promise<Budgets> {
  const at = model instanceof URL ? new URL("budgets.json", model) : model.replace(/[^/\\]*$/, "budgets.json");
  const make = "make it with deno task calibrate, or give --recalibrate what a review saved";
  const bytes = await readBytes(at).catch((e) => {
    throw new ScrawlError(
      "access",
      `errors can be promised only by what was counted, and there is no ${at} (${e.message}): ${make}`,
    );
  });
  const budgets = parseBudgets(new TextDecoder().decode(bytes), String(at));
  if (budgets.model !== digest) {
    throw new ScrawlError(
      "input",
      `${at} counted the errors of another model (${budgets.model.slice(0, 12)}): ${make}`,
    );
  }
  return budgets;
}
