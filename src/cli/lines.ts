/** `ocr --lines`: an input a line of standard input, records a line on standard output, for engines that pipe lines through a program. */
import { type Entry, parseEntry } from "../archive/entry.ts";
import { placed } from "../archive/record.ts";
import { textLines } from "../archive/text_lines.ts";
import type { Failure } from "../engine/types.ts";
import { EXIT, ScrawlError, toScrawlError } from "../errors.ts";
import { jsonl } from "../format/json.ts";
import { COMMANDS, type Values } from "../options.ts";
import { giveUpRights, interrupted, interruptible, type Run, settings, understand } from "./ocr.ts";
import { open } from "./output.ts";
import { readAll } from "./pool.ts";

/** Options that ask for what lines cannot give. */
const UNFIT = ["watch", "resume", "skip-existing", "recursive", "manifest", "shard", "shard-by"];

export async function lines(values: Values, operands: string[]): Promise<number> {
  if (operands.length > 0) {
    throw new ScrawlError("arguments", `--lines reads names from standard input: leave out ${operands.join(", ")}`);
  }
  refuse(values, UNFIT, "--lines");
  const output = values.output === "-" ? undefined : values.output as string | undefined;
  const { setup, limits } = await understood(values, output !== undefined);
  const sink = await open(output, values.force === true);
  /** What is being read, by its number. */
  const asked = new Map<number, Entry>();
  async function* entries() {
    let number = 0;
    for await (const line of textLines(Deno.stdin.readable)) {
      const entry = parseEntry(line);
      asked.set(number++, entry);
      yield entry;
    }
  }
  return await interruptible(async (signal) => {
    try {
      const reading = readAll(entries(), setup, limits, signal, async (input, page, of) => {
        const record = "error" in page ? page : page.page;
        await sink.write(jsonl([placed(record, { input, of, document: asked.get(input)!.document })]));
      }, async (input, error) => {
        const { file, document } = asked.get(input)!;
        asked.delete(input);
        if (error !== undefined) await sink.write(jsonl([placed(failure(file, error), { input, document })]));
      });
      // Whoever gives no further line can be interrupted all the same.
      reading.catch(() => {});
      await Promise.race([reading, interrupted(signal)]);
      await sink.close();
    } catch (e) {
      await sink.abandon();
      throw e;
    }
    return EXIT.ok;
  });
}

/**
 * How pages are read, once all that options name was opened, and before anything is begun.
 * @throws ScrawlError of the arguments where that cannot be used: an engine need not try it again.
 */
export async function understood(values: Values, writes: boolean): Promise<Pick<Run, "setup" | "limits">> {
  try {
    const found = await settings(values, ["jsonl"]);
    await giveUpRights(writes || found.setup.dumpStages !== undefined);
    await understand(found.setup);
    return found;
  } catch (e) {
    if (!(e instanceof ScrawlError) || e.code === "other") throw e;
    throw new ScrawlError("arguments", e.message);
  }
}

/** A file that cannot be read. */
export function failure(file: string, e: unknown): Failure {
  const { code, message } = toScrawlError(e);
  return { file, error: { code, message } };
}

/** @throws ScrawlError where one of the options is given, or a format that is not JSON Lines. */
export function refuse(values: Values, unfit: string[], mode: string): void {
  const usual = (name: string) => COMMANDS.ocr.options.find((o) => o.name === name)?.default;
  const given = unfit.find((name) => values[name] && values[name] !== usual(name));
  if (given !== undefined) throw new ScrawlError("arguments", `${mode} does not go with --${given}`);
  // Unasked it is txt.
  const other = (values.format as string[]).find((f) => f !== "jsonl" && f !== "txt");
  if (other !== undefined) throw new ScrawlError("arguments", `${mode} writes JSON Lines: leave out -f ${other}`);
}
