/** The task that a configuration describes, with the kernels that it needs. */
import { loadRuntime } from "./backend/mod.ts";
import type { Config } from "./config.ts";
import { GlyphTask } from "./glyphs/task.ts";
import { LineTask } from "./lines/task.ts";
import type { Role, Task } from "./task.ts";

export async function loadTask(config: Config, role: Role): Promise<Task> {
  // Samples, and losses where the tensors' backend has none, are made by the Rust kernels.
  const runtime = await loadRuntime(config.backend === "native" ? "native" : "rust");
  const { task, seed } = config;
  return task.kind === "line"
    ? await LineTask.load(task.options, runtime, seed, role)
    : await GlyphTask.load(task.options, seed, role);
}
