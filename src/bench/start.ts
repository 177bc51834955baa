/** From process start to the text of a small picture: what `deno task ocr small.png` runs. */
import { fromFileUrl } from "@std/path/from-file-url";
import { median, spread } from "./median.ts";

const CLI = fromFileUrl(new URL("../cli.ts", import.meta.url));
const PICTURE = fromFileUrl(new URL("../../tests/pages/digits.png", import.meta.url));
const ROUNDS = 9;

export async function benchStart() {
  const times: number[] = [];
  for (let i = 0; i <= ROUNDS; i++) {
    const began = performance.now();
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-write", CLI, "ocr", PICTURE],
      stdout: "piped",
      stderr: "null",
    }).output();
    if (!success || stdout.length === 0) throw new Error("ocr gave nothing for a small picture");
    if (i > 0) times.push(performance.now() - began);
  }
  return { ms: Math.round(median(times)), spread: Number(spread(times).toFixed(3)) };
}
