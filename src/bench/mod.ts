/** `bench`: speed, as ratios against others in the same run. What is timed is checked for agreement before. */
import { EXIT, ScrawlError } from "../errors.ts";
import type { Values } from "../options.ts";

export async function bench(values: Values, operands: string[]): Promise<number> {
  const data = values.data as string | undefined ?? Deno.env.get("SCRAWL_DATA");
  const all: Record<string, () => Promise<unknown>> = {
    inference: async () => (await import("./inference.ts")).benchInference(),
    pages: async () => (await import("./pages.ts")).benchPages(data),
    a4: async () => (await import("./pages.ts")).benchA4(),
    cores: async () => (await import("./cores.ts")).benchCores(),
    memory: async () => (await import("./memory.ts")).benchMemory(),
    start: async () => (await import("./start.ts")).benchStart(),
    training: async () => (await import("./training.ts")).benchTraining(),
    decode: async () => (await import("./decode.ts")).benchDecode(data),
    teach: async () => (await import("./teach.ts")).benchTeach(data),
    long: async () => (await import("./long.ts")).benchLong(),
    gpu: async () => (await import("./gpu.ts")).benchGpu(),
  };
  for (const name of operands) {
    if (!all[name]) {
      throw new ScrawlError("arguments", `there is no bench ${name}: choose of ${Object.keys(all).join(", ")}`);
    }
  }
  // Not every machine has a graphics device, and teaching and 20,000 pages take long: these are measured where they are asked for.
  const figures: Record<string, unknown> = {};
  const apart = ["gpu", "teach", "long"];
  for (const name of operands.length > 0 ? operands : Object.keys(all).filter((n) => !apart.includes(n))) {
    figures[name] = await all[name]();
  }
  const text = JSON.stringify(figures, null, 2);
  console.log(text);
  if (values.json) await Deno.writeTextFile(values.json as string, text + "\n");
  return EXIT.ok;
}
