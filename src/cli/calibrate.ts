/** `calibrate`: fits how sure a line is where asked to, counts errors, and writes what `--max-error` can promise of them beside the model. */
import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { fromFileUrl } from "@std/path/from-file-url";
import { join } from "@std/path/join";
import { Engine } from "../engine/engine.ts";
import { LINE_MODEL } from "../engine/models.ts";
import type { Page } from "../engine/types.ts";
import { EXIT } from "../errors.ts";
import { evidenceOf } from "../evaluate/evidence.ts";
import { promisesOn } from "../evaluate/promises.ts";
import type { Truth } from "../evaluate/score.ts";
import { withSurety } from "../evaluate/surety.ts";
import { DEFAULTS } from "../mod.ts";
import type { Values } from "../options.ts";
import { budgetLines, type Budgets } from "../promise/budgets.ts";
import { CONFIDENCE, fit } from "../promise/fit.ts";
import { readFile } from "../read.ts";
import { grayOf } from "./evaluate.ts";
import { dataFolder } from "./data.ts";
import { writeWhole } from "./output.ts";

export async function calibrate(values: Values): Promise<number> {
  const model = values.model as string | undefined ?? fromFileUrl(LINE_MODEL);
  if (values.confidence) {
    const { bytes, weights, lines, before, after } = await withSurety(
      await Deno.readFile(model),
      dataFolder(values),
      grayOf,
    );
    const better = after < before;
    if (better) await writeWhole([[model, bytes]], true);
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    console.log(
      `how sure a line is: ${weights.join(", ")}, fitted on ${lines} lines; on writers that were left out in turn ` +
        `its error is ${percent(after)}, and was ${percent(before)}`,
    );
    console.error(better ? `${model} is written` : `${model} is left as it was: its own weights err less`);
  }
  const engine = await Engine.open(model);
  const { evidence, sources } = await evidenceOf(engine, dataFolder(values), grayOf);
  const budgets: Budgets = {
    format: "scrawl-budgets-1",
    model: engine.digest,
    confidence: CONFIDENCE,
    sources,
    kinds: fit(evidence),
  };
  const manifest = values.manifest as string | undefined;
  if (manifest !== undefined) {
    const truths = jsonLines<Truth>(await Deno.readTextFile(manifest));
    const predictions = values.predictions as string | undefined;
    const pages = predictions === undefined
      ? await read(engine, truths.map((t) => t.file), dirname(manifest))
      : jsonLines<Page>(await Deno.readTextFile(predictions)).filter((p) => p.lines !== undefined);
    const readings = Map.groupBy(pages, (p) => basename(p.file));
    const name = basename(dirname(manifest));
    budgets.pages = { name, pages: truths.length, kinds: promisesOn(truths, readings, budgets.kinds) };
  }
  const output = values.output as string | undefined ?? join(dirname(model), "budgets.json");
  await Deno.writeTextFile(output, JSON.stringify(budgets, null, 1) + "\n");
  for (const line of budgetLines(budgets)) console.log(line);
  console.error(`${output} is written`);
  return EXIT.ok;
}

const jsonLines = <T>(text: string): T[] => text.split("\n").filter(Boolean).map((l) => JSON.parse(l));

async function read(engine: Engine, files: string[], folder: string): Promise<Page[]> {
  const pages: Page[] = [];
  for (const file of files) {
    for await (const page of readFile(engine, file, await Deno.readFile(join(folder, file)), DEFAULTS)) {
      if (!("error" in page)) pages.push(page);
    }
  }
  return pages;
}
