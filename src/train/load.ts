/** The task that a configuration describes, with the kernels that it needs. */
import { loadRuntime } from "./backend/mod.ts";
import type { Config } from "./config.ts";
import { GlyphTask } from "./glyphs/task.ts";
import { LineTask } from "./lines/task.ts";
import { Teacher } from "./lines/teacher.ts";
import { PageTask } from "./pages/task.ts";
import { Net } from "./net.ts";
import type { Role, Task } from "./task.ts";

export async function loadTask(config: Config, role: Role): Promise<Task> {
  // Samples, and losses where the tensors' backend has none, are made by the Rust kernels.
  const runtime = await loadRuntime(config.backend === "native" ? "native" : "rust");
  const { task, seed } = config;
  switch (task.kind) {
    case "line": {
      const path = task.options.teacher;
      const teacher = path === undefined
        ? undefined
        : await Teacher.open(path, () => new Net(config.layers, config.input, seed));
      return await LineTask.load(task.options, runtime, seed, role, teacher);
    }
    case "page":
      return await PageTask.load(task.options, runtime, seed, role);
    case "glyph":
      return await GlyphTask.load(task.options, seed, role);
  }
}
