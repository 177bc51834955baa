/** Training and its bench alone, as `deno task away` packs them for a machine without a network. */
import { EXIT } from "../errors.ts";
import { benchGpu } from "./gpu.ts";
import { main } from "../cli/main.ts";
import { trainCommand } from "../cli/train.ts";

const bench = async (_: unknown, [what]: string[]) => {
  if (what !== "gpu") throw new Error("away from the checkout there is the bench gpu alone");
  console.log(JSON.stringify({ gpu: await benchGpu() }, null, 2));
  return EXIT.ok;
};

Deno.exit(await main(Deno.args, { train: trainCommand, bench }, "this folder"));
