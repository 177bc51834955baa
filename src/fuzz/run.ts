/**
 * `deno task fuzz`: mutated real files through every parser. A clear error is right; a trap, another exception, ten seconds, or a good page
 * that reads differently afterwards is a finding, and is kept as a file.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodePages } from "../decode/mod.ts";
import { Engine } from "../engine/engine.ts";
import { openRunner } from "../engine/runner.ts";
import { ScrawlError } from "../errors.ts";
import { DEFAULTS } from "../mod.ts";
import { COMMANDS, parse } from "../options.ts";
import { decode as decodeTensors } from "../safetensors.ts";
import { parseIdx } from "../train/idx.ts";
import { Generator, mutate } from "./mutate.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SLOW = 10_000;
/** Small enough that a bomb is refused and a good page is not. */
const MOST_PIXELS = 4_000_000;
/** Reading costs a hundred times what decoding does. */
const READ_EVERY = 50;

export interface FuzzReport {
  seed: number;
  seconds: number;
  cases: Record<string, number>;
  refused: number;
  findings: { kind: string; case: number; message: string; file?: string }[];
  peak_mb: number;
}

interface Target {
  name: string;
  seeds: Uint8Array[];
  run(bytes: Uint8Array, number: number): Promise<void> | void;
}

async function targets(engine: Engine): Promise<Target[]> {
  const folder = join(ROOT, "tests", "pages");
  const read = (n: string) => Deno.readFile(join(folder, n));
  const names = [...Deno.readDirSync(folder)].map((f) => f.name).sort();
  const pages = (ending: RegExp) => Promise.all(names.filter((n) => ending.test(n)).map(read));
  const decodeAll = async (bytes: Uint8Array, number: number) => {
    for await (const { picture } of decodePages(bytes, { dpi: 72, maxPixels: MOST_PIXELS })) {
      if (number % READ_EVERY === 0) engine.read(picture, DEFAULTS);
      picture.free();
    }
  };
  const model = await Deno.readFile(join(ROOT, "models", "line", "model.safetensors"));
  // A small model with everything that a large one has.
  const probe = await Deno.readFile(join(ROOT, "models", "line", "probe.safetensors"));
  const idx = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 4, ...new Array(32).fill(7)]);
  const words = "-f txt --pages 1,3-5 --dpi 300 --min-conf 0.5 -j 2 --charset digits --pattern \\d+ a.png".split(" ");
  const out: Target[] = [];
  for (
    const [name, ending] of [["jpeg", /\.jpg$/], ["png", /\.png$/], ["tiff", /\.tif$/], ["webp", /\.webp$/], [
      "bmp",
      /\.bmp$/,
    ], [
      "gif",
      /\.gif$/,
    ], ["pdf", /\.pdf$/]] as const
  ) out.push({ name, seeds: await pages(ending), run: decodeAll });
  out.push({
    name: "model",
    seeds: [model.slice(0, 4096), probe],
    run: async (bytes) => {
      decodeTensors(bytes, "fuzz");
      (await openRunner(bytes)).free();
    },
  });
  out.push({ name: "idx", seeds: [idx], run: (bytes) => void parseIdx(bytes, "fuzz") });
  out.push({
    name: "options",
    seeds: [new TextEncoder().encode(words.join("\n"))],
    run: (bytes) => void parse(COMMANDS.ocr, new TextDecoder().decode(bytes).split("\n")),
  });
  return out;
}

/** Whether an error is one that a user is told, not one that shows a fault of ours. */
function isClear(e: unknown, target: string): boolean {
  if (e instanceof WebAssembly.RuntimeError || e instanceof RangeError || e instanceof TypeError) return false;
  return e instanceof ScrawlError || (["model", "idx"].includes(target) && e instanceof Error && e.message.length > 0);
}

export async function fuzz(seconds: number, seed: number, keep: string): Promise<FuzzReport> {
  const engine = await Engine.open();
  const good = await Deno.readFile(join(ROOT, "tests", "pages", "digits.png"));
  const readGood = async () => {
    let text = "";
    for await (const { picture } of decodePages(good, DEFAULTS)) {
      text += engine.read(picture, DEFAULTS).lines.map((l) => l.text).join("\n");
      picture.free();
    }
    return text;
  };
  const wanted = await readGood();
  const all = await targets(engine);
  const report: FuzzReport = { seed, seconds, cases: {}, refused: 0, findings: [], peak_mb: 0 };
  const end = performance.now() + 1000 * seconds;
  for (let number = 0; performance.now() < end; number++) {
    const g = new Generator(seed * 1_000_003 + number);
    const target = all[number % all.length];
    const bytes = mutate(g.pick(target.seeds), target.seeds, g);
    report.cases[target.name] = (report.cases[target.name] ?? 0) + 1;
    const finding = async (message: string) => {
      await Deno.mkdir(keep, { recursive: true });
      const file = join(keep, `${target.name}-${seed}-${number}`);
      await Deno.writeFile(file, bytes);
      report.findings.push({ kind: target.name, case: number, message, file });
    };
    const began = performance.now();
    let failed = false;
    try {
      await target.run(bytes, number);
    } catch (e) {
      failed = true;
      if (isClear(e, target.name)) report.refused++;
      else await finding(`${(e as Error).name}: ${(e as Error).message}`);
    }
    if (performance.now() - began > SLOW) await finding(`took ${Math.round(performance.now() - began)} ms`);
    if (failed && number % 20 === 0 && await readGood().catch((e) => String(e)) !== wanted) {
      await finding("a good page reads differently afterwards");
      break;
    }
    if (number % 100 === 0) report.peak_mb = Math.max(report.peak_mb, Math.round(Deno.memoryUsage().rss / 2 ** 20));
  }
  return report;
}

if (import.meta.main) {
  const { values } = parse(COMMANDS.fuzz, Deno.args);
  const report = await fuzz(Number(values.seconds), Number(values.seed), values.keep as string);
  console.log(JSON.stringify(report, null, 2));
  Deno.exit(report.findings.length > 0 ? 1 : 0);
}
