/** The command line of the compiled binary: reading only. Training needs TensorFlow.js, four times as large as all the rest. */
import { main, READING, type Runner } from "./cli/main.ts";
import { ScrawlError } from "./errors.ts";

const checkout = (name: string): Runner => () => {
  throw new ScrawlError("arguments", `the binary reads only: run deno task ${name} in a checkout of scrawl`);
};

const CHECKOUT = Object.fromEntries(
  ["ocrd", "serve", "train", "evaluate", "calibrate", "data", "export", "bench"].map((n) => [n, checkout(n)]),
);

Deno.exit(await main(Deno.args, READING, "scrawl", CHECKOUT));
