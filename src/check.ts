/** What options of the library may be: the command line tells the same from its table of options. */
import { ScrawlError } from "./errors.ts";
import type { Options } from "./mod.ts";

const one = (choices: readonly unknown[]) => (v: unknown) =>
  choices.includes(v) || `choose one of ${choices.join(", ")}`;
const text = (v: unknown) => typeof v === "string" || "a string is wanted";
const count = (v: unknown) => (Number.isInteger(v) && (v as number) > 0) || "a whole number above 0 is wanted";

/** Each option, and what is wrong with a value. */
const WRONG: Record<keyof Options, (value: unknown) => true | string> = {
  charset: one(["digits", "numeric", "text"]),
  printed: one(["drop", "mark", "keep"]),
  allowedChars: text,
  pattern: text,
  pages: text,
  skipText: (v) => typeof v === "boolean" || "true or false is wanted",
  password: text,
  minConf: (v) => (typeof v === "number" && v >= 0 && v <= 1) || "a number from 0 to 1 is wanted",
  maxError: (v) => (typeof v === "number" && v > 0 && v < 1) || "a number between 0 and 1 is wanted",
  rejectChar: (v) => (typeof v === "string" && [...v].length === 1) || "one character is wanted",
  dpi: count,
  maxPixels: count,
  maxBytes: count,
  signal: (v) => v instanceof AbortSignal || "an AbortSignal is wanted",
  engine: () => true,
};

/** @throws ScrawlError for an option that is not there, or a value that it cannot have. */
export function checkOptions(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    const wrong = Object.hasOwn(WRONG, name) ? WRONG[name as keyof Options] : undefined;
    if (!wrong) {
      throw new ScrawlError("arguments", `there is no option ${name}: choose of ${Object.keys(WRONG).join(", ")}`);
    }
    const why = value === undefined || wrong(value);
    if (why !== true) throw new ScrawlError("arguments", `${name} ${JSON.stringify(value)}: ${why}`);
  }
  const has = (name: string) => name in options;
  if (has("minConf") && has("maxError")) {
    throw new ScrawlError("arguments", "minConf and maxError both say what is too unsure: give one");
  }
  if ("rejectChar" in options && options.rejectChar !== undefined && !has("minConf") && !has("maxError")) {
    throw new ScrawlError(
      "arguments",
      "rejectChar stands for what is less sure than minConf or maxError: give one of them",
    );
  }
}
