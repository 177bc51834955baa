/** `plan`: reads one page of some inputs of a manifest, and says what reading all of them will take. */
import { format } from "@std/fmt/bytes";
import type { Entry } from "../archive/entry.ts";
import { entriesOf, openManifest } from "../archive/manifest.ts";
import { chosen, type Estimate, type Plan, planOf, randomOf, type Sampled } from "../archive/plan.ts";
import type { DecodedPage } from "../decode/mod.ts";
import { chosenPages, PageRange } from "../decode/pages.ts";
import { Engine } from "../engine/engine.ts";
import type { Charset } from "../engine/types.ts";
import { EXIT, ScrawlError, toScrawlError } from "../errors.ts";
import { jsonl } from "../format/json.ts";
import { DEFAULTS } from "../mod.ts";
import { count, type Values } from "../options.ts";
import { readFile } from "../read.ts";
import { Forms, rasterOf } from "./forms.ts";
import { readInput } from "./inputs.ts";
import { say } from "./say.ts";

export async function plan(values: Values, operands: string[]): Promise<number> {
  if (values.manifest === undefined || operands.length > 0) {
    throw new ScrawlError("arguments", "name the list of inputs, and nothing else: plan --manifest pages.txt");
  }
  const [sample, minutes, seed] = ["sample", "minutes", "seed"].map((name) => count(values, name)!);
  const manifest = await openManifest(values.manifest as string);
  const engine = await Engine.open(values.model as string | undefined);
  const forms = new Forms(engine);
  const random = randomOf(seed);
  const wanted = new Set(chosen(sample, manifest.inputs, random));
  const sampled: Sampled[] = [];
  for await (const [input, entry] of entriesOf(manifest)) {
    if (!wanted.has(input)) continue;
    try {
      sampled.push(await readOne(engine, forms, entry, values.charset as Charset, random()));
    } catch (e) {
      say(`input ${input}, ${entry.file}: ${toScrawlError(e).message}`);
      sampled.push({ bytes: 0, pages: 0, seconds: 0, record: 0 });
    }
  }
  const figures = planOf(sampled, manifest.inputs, minutes);
  if (values.json !== undefined) {
    await Deno.writeTextFile(values.json as string, JSON.stringify(figures, null, 2) + "\n");
  }
  console.log(said(figures));
  return EXIT.ok;
}

/** Reads one page of a file. @param at which, as a share of those that are to be read. */
async function readOne(engine: Engine, forms: Forms, entry: Entry, charset: Charset, at: number): Promise<Sampled> {
  if (entry.error) throw entry.error;
  const bytes = await readInput(entry.file, DEFAULTS.maxBytes);
  const range = entry.pages === undefined ? undefined : PageRange.parse(entry.pages);
  let of = 1;
  const pages = {
    of(all: number) {
      const those = chosenPages(range, all);
      of = those.length;
      return [those[Math.floor(at * of)]];
    },
  };
  const { password, template } = entry;
  const onPicture = async ({ picture }: DecodedPage) => {
    if (template !== undefined) await forms.read(template, rasterOf(picture));
  };
  if (template !== undefined) await forms.load(template);
  const began = performance.now();
  for await (
    const page of readFile(engine, entry.file, bytes, { ...DEFAULTS, charset, password, pages, onPicture })
  ) {
    const seconds = (performance.now() - began) / 1000;
    return { bytes: bytes.length, pages: of, seconds, record: new TextEncoder().encode(jsonl([page])).length };
  }
  throw new ScrawlError("input", "the file has no page");
}

const range = ({ value, low, high }: Estimate, show: (v: number) => string) =>
  `${show(value)}${low === high ? "" : ` (${show(low)} to ${show(high)})`}`;

/** With two digits that say something, however small it is. */
const hours = (v: number) => v < 1 ? String(Number(v.toPrecision(2))) : v.toFixed(2);

const gigabytes = (v: number) => format(Math.round(v * 1e9));

function said(p: Plan): string {
  const rows: [string, string][] = [
    ["inputs", `${p.inputs}; ${p.sampled} of them sampled, ${p.unreadable} of those unreadable`],
    ["pages", range(p.pages, (v) => v.toFixed(0))],
    ["seconds a page", p.secondsPerPage === null ? "-" : String(p.secondsPerPage)],
    ["core-hours", range(p.coreHours, hours)],
    [`shards of ${p.minutes} minutes`, String(p.shards)],
    ["bytes to read", range(p.gigabytesIn, gigabytes)],
    ["bytes of results", range(p.gigabytesOut, gigabytes)],
  ];
  const table = rows.map(([what, much]) => `${what.padEnd(24)}${much}`).join("\n");
  return `${table}\n\nranges are of 95 % confidence; seconds are of one core of this machine as busy as it is now\n` +
    `each of the ${p.shards} shards: ocr --manifest FILE --shard I/${p.shards} --resume -j 1 -o OUT, I from 0 to ${
      p.shards - 1
    }`;
}
