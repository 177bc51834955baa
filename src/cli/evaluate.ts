/** `evaluate`: figures of a model on pages, strings, lines or characters. */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { Engine } from "../engine/engine.ts";
import type { Charset, ReadOptions } from "../engine/types.ts";
import { EXIT, ScrawlError, toScrawlError } from "../errors.ts";
import { decodePages } from "../decode/mod.ts";
import { type Report, score, type Truth } from "../evaluate/score.ts";
import { AMOUNT, evaluateLines, evaluateStrings } from "../evaluate/strings.ts";
import { readFile } from "../read.ts";
import { DEFAULTS } from "../mod.ts";
import type { Values } from "../options.ts";
import { dataFolder } from "./data.ts";

export async function evaluate(values: Values, [what, ...rest]: string[]): Promise<number> {
  if (rest.length > 0) throw new ScrawlError("arguments", `${rest.join(" ")}: one thing at a time`);
  let figures: unknown;
  if (what === "pages") figures = await pages(values);
  else if (what === "strings" || what === "lines") {
    const engine = await Engine.open(values.model as string | undefined);
    const options: ReadOptions = {
      charset: (values.charset ?? (what === "strings" ? "numeric" : "text")) as Charset,
      printed: "keep",
      // Unasked, amounts are read as what stands in their field.
      ...(what === "strings" && values.charset === undefined ? { allowedChars: AMOUNT } : {}),
    };
    const run = what === "strings" ? evaluateStrings : evaluateLines;
    figures = await run(engine, dataFolder(values), options, grayOf);
    console.log(JSON.stringify(figures, null, 2));
  } else if (what === "chars") {
    const { evaluateChars } = await import("../evaluate/chars.ts");
    const result = await evaluateChars(
      dataFolder(values),
      values.set as string,
      values.model as string | undefined,
      values.int8 === true,
    );
    figures = result.figures;
    console.log(JSON.stringify(figures, null, 2));
    if (values.report) {
      const { reportChars } = await import("../report/chars.ts");
      await reportChars(result, values.model as string ?? "models/digits", values.report as string);
      console.error(`The report is ${join(values.report as string, "index.html")}`);
    }
  } else {throw new ScrawlError(
      "arguments",
      "say what to evaluate: pages, strings, lines or chars (see evaluate --help)",
    );}
  if (values.json) await Deno.writeTextFile(values.json as string, JSON.stringify(figures, null, 2) + "\n");
  return EXIT.ok;
}

/** An image file as grey pixels. */
async function grayOf(bytes: Uint8Array): Promise<{ gray: Uint8Array; width: number; height: number }> {
  for await (const { picture } of decodePages(bytes, DEFAULTS)) {
    const out = { gray: picture.gray(), width: picture.width, height: picture.height };
    picture.free();
    return out;
  }
  throw new ScrawlError("input", "the file has no page");
}

async function pages(values: Values): Promise<Report & { charset: string; milliseconds: number }> {
  const manifest = values.manifest as string | undefined;
  if (!manifest) throw new ScrawlError("arguments", "name the pages with --manifest FILE");
  const lines = (await Deno.readTextFile(manifest)).split("\n").filter(Boolean);
  const truths: Truth[] = lines.map((l) => JSON.parse(l));
  const readings = new Map<string, string[]>();
  const charset = (values.charset ?? "text") as Charset;
  const began = performance.now();
  if (values.predictions) {
    for (const l of (await Deno.readTextFile(values.predictions as string)).split("\n").filter(Boolean)) {
      const { file, lines } = JSON.parse(l);
      readings.set(file, lines);
    }
  } else {
    const engine = await Engine.open(values.model as string | undefined);
    for (const { file } of truths) {
      const read: string[] = [];
      try {
        const bytes = await Deno.readFile(join(dirname(manifest), file));
        for await (const page of readFile(engine, file, bytes, { ...DEFAULTS, charset })) {
          if ("error" in page) console.error(`${file}: ${page.error.message}`);
          else read.push(...page.lines.map((l) => l.text));
        }
        readings.set(file, read);
      } catch (e) {
        console.error(`${file}: ${toScrawlError(e).message}`);
      }
    }
  }
  const report = score(truths, readings);
  const milliseconds = Math.round((performance.now() - began) / truths.length);
  if (values["per-page"]) {
    for (const p of report.pages) {
      console.log(
        `${p.file.slice(0, 40).padEnd(40)} CER ${(p.edits / Math.max(1, p.characters)).toFixed(2)} ` +
          `tokens ${p.tokenHits}/${p.tokens} (of ${p.tokensRead}) digits ${p.digitHits}/${p.digits} (of ${p.digitsRead})`,
      );
    }
    for (const f of report.falsePositives) {
      console.log(`${f.file.slice(0, 40).padEnd(40)} no handwriting, ${f.characters} characters read`);
    }
  }
  console.log("group          pages lineCER tokenF1 digitF1 digitP digitR");
  for (const [name, g] of Object.entries(report.groups)) {
    const figures = [g.lineCer, g.tokenF1, g.digitF1, g.digitPrecision, g.digitRecall].map((v) =>
      v.toFixed(3).padStart(7)
    ).join(" ");
    console.log(`${name.padEnd(14)} ${String(g.pages).padStart(5)} ${figures}`);
  }
  const read = report.falsePositives.reduce((n, f) => n + f.characters, 0);
  console.log(
    `no handwriting: ${report.falsePositives.length} pages, ${read} characters read; pages without prediction: ${report.missing}`,
  );
  return { ...report, charset, milliseconds };
}
