/** What is said of pages without text. */
import type { Suppressed } from "./engine/types.ts";

/** What all handwriting that was found lacks. @param reasons why words were left out. @param minConf how sure words must be, where that is asked for. */
export function whyEmpty(reasons: Iterable<Suppressed["reason"]>, minConf?: number): string {
  const left = new Set(reasons);
  const unfit = left.has("no-match");
  if (left.has("doubtful")) {
    return `nothing${unfit ? " that fits the pattern" : ""} is as sure as --min-conf ${minConf}`;
  }
  if (unfit) return "nothing fits the pattern";
  return left.has("illegible") ? "nothing is legible" : "no handwriting";
}
