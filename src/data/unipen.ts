/** Pen strokes of the UNIPEN format (Guyon et al. 1994), as `strokes/NAME/*.jsonl` has them. */
import { ScrawlError } from "../errors.ts";

/** Lines of `{"text", "strokes"}`, a stroke being points `[x, y]`, y growing upwards. @throws ScrawlError where segments and strokes do not fit. */
export function strokesOf(unipen: string): string {
  const drawings: { text: string; strokes: [x: number, y: number][][] }[] = [];
  let stroke: [x: number, y: number][] | undefined;
  for (const line of unipen.split(/\r?\n/)) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === ".SEGMENT") drawings.push({ text: /"(.+)"/.exec(line)?.[1] ?? "", strokes: [] });
    else if (word === ".PEN_DOWN") drawings.at(-1)?.strokes.push(stroke = []);
    else if (word === ".PEN_UP") stroke = undefined;
    else if (stroke && /^-?\d/.test(word)) stroke.push([Number(word), Number(rest[0])]);
  }
  const odd = drawings.findIndex(({ text, strokes }) =>
    !text || strokes.length === 0 || !strokes.flat(2).every(isFinite)
  );
  if (odd >= 0) throw new ScrawlError("input", `segment ${odd + 1} of the pen strokes has no text, or no strokes`);
  return drawings.map((d) => JSON.stringify(d) + "\n").join("");
}
