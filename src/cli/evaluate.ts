/** `evaluate`: figures of a model on pages, cells, strings, lines, codes, words or characters. */
import { join } from "@std/path/join";
import { Engine } from "../engine/engine.ts";
import type { Charset, ReadOptions } from "../engine/types.ts";
import { EXIT, ScrawlError } from "../errors.ts";
import { decodePages } from "../decode/mod.ts";
import { evaluateCells } from "../evaluate/cells.ts";
import { evaluateCodes, evaluateWords } from "../evaluate/drawn.ts";
import { evaluatePages } from "../evaluate/pages.ts";
import { AMOUNT, evaluateLines, evaluateStrings } from "../evaluate/strings.ts";
import { DEFAULTS } from "../mod.ts";
import type { Values } from "../options.ts";
import { dataFolder } from "./data.ts";

export async function evaluate(values: Values, [what, ...rest]: string[]): Promise<number> {
  if (rest.length > 0) throw new ScrawlError("arguments", `${rest.join(" ")}: one thing at a time`);
  let figures: unknown;
  if (what === "pages") {
    figures = await evaluatePages({
      manifest: values.manifest as string | undefined,
      units: values.units as string | undefined,
      predictions: values.predictions as string | undefined,
      charset: (values.charset ?? "text") as Charset,
      model: values.model as string | undefined,
      perPage: values["per-page"] === true,
    });
  } else if (what === "cells") {
    figures = await evaluateCells(dataFolder(values), values.model as string | undefined);
    console.log(JSON.stringify(figures, null, 2));
  } else if (what === "strings" || what === "lines") {
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
  } else if (what === "codes") {
    if (values.fonts === undefined) {
      throw new ScrawlError("arguments", "codes are set in fonts: fetch them with data get fonts, and say --fonts DIR");
    }
    const engine = await Engine.open(values.model as string | undefined);
    const charset = (values.charset ?? "text") as Charset;
    figures = await evaluateCodes(engine, values.fonts as string, { charset, printed: "keep" });
    console.log(JSON.stringify(figures, null, 2));
  } else if (what === "words") {
    const engine = await Engine.open(values.model as string | undefined);
    const charset = (values.charset ?? "text") as Charset;
    figures = await evaluateWords(engine, dataFolder(values), { charset, printed: "keep" });
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
      "say what to evaluate: pages, cells, strings, lines, codes, words or chars (see evaluate --help)",
    );}
  if (values.json) await Deno.writeTextFile(values.json as string, JSON.stringify(figures, null, 2) + "\n");
  return EXIT.ok;
}

/** An image file as grey pixels. */
export async function grayOf(bytes: Uint8Array): Promise<{ gray: Uint8Array; width: number; height: number }> {
  for await (const { picture } of decodePages(bytes, DEFAULTS)) {
    const out = { gray: picture.gray(), width: picture.width, height: picture.height };
    picture.free();
    return out;
  }
  throw new ScrawlError("input", "the file has no page");
}
