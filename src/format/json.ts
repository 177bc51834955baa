/** JSON: one document, or one object a page and line (JSON Lines). */
import type { Failure, Page } from "../engine/types.ts";

/** Confidences with four digits: more say nothing, and files stay small. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Math.round(value * 1e4) / 1e4 : value;
}

export function jsonl(records: (Page | Failure)[]): string {
  return records.map((r) => JSON.stringify(r, rounded) + "\n").join("");
}

export function json(records: (Page | Failure)[]): string {
  return JSON.stringify({ pages: records }, rounded, 2) + "\n";
}
