/** The command line of a checkout: `cli.ts COMMAND ...`, all commands. */
import { main, READING, type Runner } from "./cli/main.ts";

const ALL: Record<string, Runner> = {
  ...READING,
  serve: async (values) => (await import("./cli/serve.ts")).serve(values),
  ocrd: async (values, operands) => (await import("./cli/ocrd.ts")).ocrd(values, operands),
  train: async (values, operands) => (await import("./cli/train.ts")).trainCommand(values, operands),
  evaluate: async (values, operands) => (await import("./cli/evaluate.ts")).evaluate(values, operands),
  calibrate: async (values) => (await import("./cli/calibrate.ts")).calibrate(values),
  export: async (values, operands) => (await import("./cli/export.ts")).exportCommand(values, operands),
  data: async (values, operands) => (await import("./cli/data.ts")).data(values, operands),
  bench: async (values, operands) => (await import("./bench/mod.ts")).bench(values, operands),
};

if (import.meta.main) Deno.exit(await main(Deno.args, ALL, "deno task"));
