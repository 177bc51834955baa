/** `review`: a page to check the readings of many files in. */
import type { Values } from "../options.ts";
import { COMMANDS, parse } from "../options.ts";
import { ScrawlError } from "../errors.ts";
import { ocr } from "./ocr.ts";

export async function review(values: Values, operands: string[]): Promise<number> {
  if (operands.length === 0) throw new ScrawlError("arguments", "name a folder or files, like: review scans/");
  const output = values.output ?? "review.html";
  // All else is as `ocr` has it unasked.
  return await ocr({ ...parse(COMMANDS.ocr, []).values, ...values, format: ["review"], output }, operands);
}
