/// <reference lib="deno.worker" />
/** Runs cases one after another, says which before it begins, and what it found. */
import { join } from "@std/path/join";
import { decodePages } from "../decode/mod.ts";
import { Engine } from "../engine/engine.ts";
import { DEFAULTS } from "../mod.ts";
import { Generator } from "./generator.ts";
import { mutateBytes } from "./mutate.ts";
import { isClear, type Kind, PAGES, type Target, targets } from "./targets.ts";

/** From the worker: a case begins (heard before it is run), or is done. */
export type Said =
  | { kind: "ready" }
  | { kind: "begin"; number: number; target: string }
  | { kind: "done"; number: number; refused: boolean; found?: string };

const say = (message: Said) => self.postMessage(message);

/** The bytes of a case: half of them changed as the format has it, some as bytes alone, some both. */
export function bytesOf(target: Target, seed: number, number: number): Uint8Array {
  const g = new Generator(seed * 1_000_003 + number);
  const real = g.pick(target.seeds);
  const way = g.below(4);
  if (target.whole) return target.mutate(real, g);
  const built = way < 3 ? target.mutate(real, g) : real;
  return way > 1 ? mutateBytes(built, target.seeds, g) : built;
}

async function readGood(engine: Engine): Promise<string> {
  let text = "";
  for await (const { picture } of decodePages(await Deno.readFile(join(PAGES, "digits.png")), DEFAULTS)) {
    await engine.renew();
    text += engine.read(picture, DEFAULTS).lines.map((l) => l.text).join("\n");
    picture.free();
  }
  return text;
}

async function run(kind: Kind, seed: number, from: number): Promise<void> {
  const engine = await Engine.open();
  const all = await targets(kind, engine);
  const wanted = await readGood(engine);
  say({ kind: "ready" });
  for (let number = from;; number++) {
    const target = all[number % all.length];
    say({ kind: "begin", number, target: target.name });
    let refused = false;
    let found: string | undefined;
    try {
      await target.run(bytesOf(target, seed, number), number);
    } catch (e) {
      refused = isClear(e, target);
      if (!refused) found = `${(e as Error).name}: ${(e as Error).message}`;
      // What traps must not spoil the next page.
      if ((found || number % 20 === 0) && await readGood(engine).catch(String) !== wanted) {
        found = `${found ?? "refused"}, and a good page reads differently afterwards`;
      }
    }
    say({ kind: "done", number, refused, found });
    // The main thread gets its turn.
    if (number % 16 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

self.onmessage = ({ data }: MessageEvent<{ kind: Kind; seed: number; from: number }>) =>
  run(data.kind, data.seed, data.from);
