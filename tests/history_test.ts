/** The history of a training run that is gone on with: each step once, whatever was cut off. */
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path/join";
import { save } from "../src/train/checkpoint.ts";
import type { History } from "../src/train/config.ts";
import { append, beginHistory, historyOf } from "../src/train/history.ts";
import { inFolder } from "./command.ts";

const record = (step: number): History => ({ step, samples: 32 * step, seconds: step, loss: 1 / step, rate: 0.01 });
const state = { weights: [new Float32Array(3)], slots: [], average: [], statistics: [] };
const steps = async (folder: string) => (await historyOf(folder)).map((r) => r.step);

/** A run of 100 steps with records every 20 and checkpoints every 50, cut off after step 80 was recorded. */
async function cut(folder: string): Promise<string> {
  await beginHistory(folder, []);
  for (const step of [20, 40, 50]) await append(folder, record(step));
  await save(join(folder, "checkpoint.safetensors"), state, 50, [20, 40, 50].map(record));
  for (const step of [60, 80]) await append(folder, record(step));
  return join(folder, "history.jsonl");
}

Deno.test("history: what was learnt after the checkpoint is learnt again, and stands there once", () =>
  inFolder(async (folder) => {
    await cut(folder);
    assertEquals(await steps(folder), [20, 40, 50]);
  }));

Deno.test("history: a last line that was cut off is had from the checkpoint", () =>
  inFolder(async (folder) => {
    const file = await cut(folder);
    const text = await Deno.readTextFile(file);
    // Each place at which a crash may cut: within the records after the checkpoint, within its own, within the first.
    for (let length = 1; length < text.length; length++) {
      await Deno.writeTextFile(file, text.slice(0, length));
      assertEquals(await historyOf(folder), [20, 40, 50].map(record));
    }
  }));

Deno.test("history: a line within it that is none is told", () =>
  inFolder(async (folder) => {
    const file = await cut(folder);
    await Deno.writeTextFile(file, "{\n" + await Deno.readTextFile(file));
    await assertRejects(() => historyOf(folder), Error, "line 1 is no record");
  }));
