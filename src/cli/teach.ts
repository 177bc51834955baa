/** `train line --corrections FOLDER`: own lines into the run's folder, and what the new model reads of those held back, beside the old one. */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { Engine } from "../engine/engine.ts";
import { LINE_MODEL } from "../engine/models.ts";
import { ScrawlError } from "../errors.ts";
import { type Decode, figures } from "../evaluate/strings.ts";
import { readHeldOut } from "../train/lines/data.ts";
import { decode as decodeTensors } from "../safetensors.ts";
import { readTaught, taughtIn, writeTaught } from "../train/lines/taught.ts";
import { readTruth, type TruthLine } from "../train/lines/truth.ts";

/** Fewer lines teach nothing, and a fifth of them tells nothing. */
const FEWEST = 10;
/** Lines of other writers that tell whether something was forgotten. */
const OTHERS = 150;
const READ = { charset: "text", printed: "keep" } as const;

/** What lines say, before and after. */
export interface Taught {
  /** Own lines that were learnt from. */
  learnt: number;
  own: { lines: number; before: Figures; after: Figures };
  /** Lines of writers that no training saw, where the data are there. */
  others?: { lines: number; before: Figures; after: Figures };
}

interface Figures {
  exact: number;
  cer: number;
}

/** Puts what a folder of corrections says into the run's folder. @throws ScrawlError where it is too little. */
export async function gather(folder: string, run: string): Promise<void> {
  await gathered(await readTruth(folder), run, folder);
}

/** The same of lines that are there already. `from` is for messages. */
export async function gathered(lines: TruthLine[], run: string, from: string): Promise<void> {
  const { kept, left } = await writeTaught(taughtIn(run), lines);
  const note = left === 0 ? "" : `, ${left} more hold characters that the net does not know`;
  if (kept < FEWEST) {
    throw new ScrawlError("input", `${from} holds ${kept} lines${note}: at least ${FEWEST} are wanted`);
  }
  console.error(`${kept} lines to learn from, a fifth of them held back${note}`);
}

/** Reads held-back lines, and some of other writers, with both models; writes `taught.json` and tells it. */
export async function tell(run: string, from: string, data: string | undefined, decode: Decode): Promise<Taught> {
  const { learn, held } = await readTaught(taughtIn(run));
  const others = data === undefined ? [] : await readHeldOut(data);
  const every = Math.max(1, Math.ceil(others.length / OTHERS));
  const some = others.filter((_, i) => i % every === 0);
  const old = await modelOf(from);
  const [before, after] = [await Engine.open(old), await Engine.open(join(run, "model.safetensors"))];
  const measured = async (crops: { text: string; jpeg: Uint8Array }[]) => {
    const lines = await Promise.all(
      crops.map((c) => c.jpeg[0] === 0xff && c.jpeg[1] === 0xd8 ? decode(c.jpeg.slice()) : plain(c.jpeg)),
    );
    const [b, a] = [before, after].map((engine) => {
      const { exact, cer } = figures(crops.map((c) => c.text), engine.readLines(lines, READ).map((r) => r.text));
      return { exact, cer };
    });
    return { lines: crops.length, before: b, after: a };
  };
  const taught: Taught = {
    learnt: learn.length,
    own: await measured(held),
    ...(some.length > 0 && { others: await measured(some) }),
  };
  await Deno.writeTextFile(join(run, "taught.json"), JSON.stringify(taught, null, 2) + "\n");
  const percent = (v: number) => `${(100 * v).toFixed(1)} %`;
  for (const [name, f] of [["own, held back", taught.own], ["other writers", taught.others]] as const) {
    if (!f) continue;
    console.log(
      `${name}: ${f.lines} lines, characters wrong ${percent(f.before.cer)} before, ${percent(f.after.cer)} after; ` +
        `lines right ${percent(f.before.exact)} before, ${percent(f.after.exact)} after`,
    );
  }
  return taught;
}

/** The model to compare with: what was started from, where that is one, or lies beside it; else the one that ships. */
async function modelOf(from: string): Promise<string | URL> {
  const isFolder = (await Deno.stat(from).catch(() => undefined))?.isDirectory;
  const beside = join(isFolder ? from : dirname(from), "model.safetensors");
  for (const path of isFolder ? [beside] : [from, beside]) {
    const bytes = await Deno.readFile(path).catch(() => undefined);
    if (bytes && decodeTensors(bytes, path).metadata.alphabet !== undefined) return path;
  }
  return LINE_MODEL;
}

/** Plain pixels behind their width and height, as own lines are kept. */
function plain(bytes: Uint8Array): { gray: Uint8Array; width: number; height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { gray: bytes.subarray(4), width: view.getUint16(0, true), height: view.getUint16(2, true) };
}
