/** The history of a run, `history.jsonl`: a line a record. */
import { join } from "@std/path/join";
import type { History } from "./config.ts";
import { decode } from "../safetensors.ts";
import { writeWhole } from "./write.ts";

const fileIn = (folder: string) => join(folder, "history.jsonl");

/** Adds a record. */
export async function append(folder: string, record: History): Promise<void> {
  await Deno.writeTextFile(fileIn(folder), JSON.stringify(record) + "\n", { append: true });
}

/** Begins a history with these records. */
export async function beginHistory(folder: string, records: History[]): Promise<void> {
  await writeWhole(fileIn(folder), records.map((r) => JSON.stringify(r) + "\n").join(""));
}

/**
 * The records up to the checkpoint in `folder`. Steps after it are learnt again; a last line that was cut off is had from the checkpoint,
 * which holds the records since the one before it.
 * @throws Error where there is no checkpoint, or a line within the history is none.
 */
export async function historyOf(folder: string): Promise<History[]> {
  const checkpoint = join(folder, "checkpoint.safetensors");
  const { metadata } = decode(await Deno.readFile(checkpoint), checkpoint);
  const file = fileIn(folder);
  const lines = (await Deno.readTextFile(file)).split("\n");
  const records = lines.flatMap((line, i): History[] => {
    try {
      return line === "" ? [] : [JSON.parse(line)];
    } catch (e) {
      if (i === lines.length - 1) return [];
      throw new Error(`${file}: line ${i + 1} is no record: ${(e as Error).message}`);
    }
  });
  const all = new Map([...records, ...JSON.parse(metadata.history ?? "[]") as History[]].map((r) => [r.step, r]));
  return [...all.values()].filter((r) => r.step <= Number(metadata.step)).sort((a, b) => a.step - b.step);
}
