/** `ocr --manifest FILE --shard I/N -o OUT`: one part of a list that others read the rest of, each by itself. */
import { join } from "@std/path/join";
import { extname } from "@std/path/extname";
import type { Entry } from "../archive/entry.ts";
import { entriesOf, type Manifest, membership, openManifest } from "../archive/manifest.ts";
import { placed } from "../archive/record.ts";
import { ShardFiles } from "../archive/shard_files.ts";
import { parseShard, shardName } from "../archive/shards.ts";
import { EXIT, ScrawlError } from "../errors.ts";
import { sha256 } from "../files.ts";
import { jsonl } from "../format/json.ts";
import type { Values } from "../options.ts";
import { VERSION } from "../version.ts";
import { failure, refuse, understood } from "./lines.ts";
import { interrupted, interruptible } from "./ocr.ts";
import { isThere } from "./output.ts";
import { readAll } from "./pool.ts";
import { clock } from "./progress.ts";
import { say } from "./say.ts";

/** Options that ask for what a shard cannot give. */
const UNFIT = ["watch", "skip-existing", "recursive", "dump-stages"];

/** Returns 0 when each input of the shard has a record, and be it of an error. */
export async function shard(values: Values, operands: string[]): Promise<number> {
  if (values.manifest === undefined) {
    throw new ScrawlError("arguments", "--shard is a part of a list: name it with --manifest FILE");
  }
  if (operands.length > 0) {
    throw new ScrawlError("arguments", `--manifest says what is read: leave out ${operands.join(", ")}`);
  }
  refuse(values, UNFIT, "--manifest");
  const folder = values.output as string | undefined;
  if (folder === undefined || folder === "-") {
    throw new ScrawlError("arguments", "--manifest needs a folder to write to, the same for all shards: -o out/");
  }
  const part = parseShard(values.shard as string ?? "0/1");
  const by = values["shard-by"] as "count" | "bytes";
  const manifest = await openManifest(values.manifest as string);
  const { setup, limits } = await understood(values, true);
  const how = await sha256(new TextEncoder().encode(JSON.stringify(setup)));
  const source = {
    version: VERSION,
    manifest: manifest.digest,
    inputs: manifest.inputs,
    shard: part.index,
    of: part.of,
    by,
    how,
  };
  await keepManifest(manifest, folder);
  const files = await ShardFiles.open(folder, source, { resume: values.resume === true, force: values.force === true });
  const name = shardName(part);
  const quiet = values.quiet === true;
  if (!(files instanceof ShardFiles)) {
    if (!quiet) say(`nothing is left to do: ${join(folder, name)}.done is there`);
    return EXIT.ok;
  }
  const inside = await membership(manifest, part, by);
  const { done } = files;
  const before = done.length;
  if (before > 0 && !quiet) say(`${name}: ${before} inputs are done, going on`);
  /** What is being read, by its number in this run. */
  const asked = new Map<number, [input: number, Entry]>();
  async function* entries() {
    let number = -before;
    for await (const [input, entry] of entriesOf(manifest)) {
      if (!inside(input)) continue;
      if (number >= 0) {
        asked.set(number, [input, entry]);
        yield entry;
      } else if (done[before + number].input !== input) {
        const why =
          "files have other sizes than when it was begun, and so are parted otherwise: begin it anew with --force";
        throw new ScrawlError("arguments", `${name}: ${why}`);
      }
      number++;
    }
  }
  return await interruptible(async (signal) => {
    const began = performance.now();
    let records = "";
    let [pages, errors, ms] = [0, 0, 0];
    try {
      const reading = readAll(entries(), setup, limits, signal, (number, page, of) => {
        const [input, { document }] = asked.get(number)!;
        const failed = "error" in page;
        records += jsonl([placed(failed ? page : page.page, { input, of, document })]);
        if (failed) errors++;
        else {
          pages++;
          ms += Object.values(page.times).reduce((a, b) => a + b, 0);
        }
        return Promise.resolve();
      }, async (number, error) => {
        const [input, { file, document }] = asked.get(number)!;
        asked.delete(number);
        if (error !== undefined) {
          errors++;
          records += jsonl([placed(failure(file, error), { input, document })]);
        }
        await files.add(records, { input, pages, errors, ms: Math.round(ms) });
        records = "";
        [pages, errors, ms] = [0, 0, 0];
        if (!quiet) say(`[${number + 1}] ${file}`);
      });
      reading.catch(() => {});
      await Promise.race([reading, interrupted(signal)]);
      const summary = await files.finish();
      const seconds = (performance.now() - began) / 1000;
      if (!quiet) {
        say(`${name}: ${summary.done} inputs, ${summary.pages} pages, ${summary.errors} errors, ${clock(seconds)}`);
      }
    } finally {
      await files.close();
    }
    return EXIT.ok;
  });
}

/** Keeps the manifest with what was read of it, so that it can be checked that all of it was. */
export async function keepManifest(manifest: Manifest, folder: string): Promise<void> {
  const kept = join(folder, `manifest${extname(manifest.path)}`);
  if (await isThere(kept)) {
    if ((await openManifest(kept)).digest === manifest.digest) return;
    throw new ScrawlError("arguments", `${kept} is another manifest than ${manifest.path}: choose another -o`);
  }
  // By a name of its own: other processes may do the same now, with the same shard too.
  const mine = join(folder, `.${crypto.randomUUID()}.manifest`);
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.copyFile(manifest.path, mine);
    await Deno.rename(mine, kept);
  } catch (e) {
    await Deno.remove(mine).catch(() => {});
    throw new ScrawlError("output", `cannot write to ${folder}: ${(e as Error).message}`);
  }
}
