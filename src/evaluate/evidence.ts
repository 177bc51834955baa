/** Fields of writers that no training saw, with what was read and what is true: what errors are promised by. */
import { join } from "@std/path/join";
import type { Engine } from "../engine/engine.ts";
import { ScrawlError } from "../errors.ts";
import { type Evidence, kindOf } from "../promise/fields.ts";
import { readHeldOut, writerInSet } from "../train/lines/data.ts";
import { type Decode, ORAND } from "./strings.ts";

const OPTIONS = { charset: "text", printed: "keep" } as const;
/** Lines read at a time. */
const AT_ONCE = 64;

interface Sample {
  bytes: Uint8Array;
  writer: string;
  /** What it lies among: a writer's lines, or a pile of cheques. */
  page: string;
  /** The fields of a reading, whether each is right. */
  right(texts: string[]): boolean[];
}

/** Held-out lines, and amounts on cheques, where they are there: evidence, and how many fields come from which. */
export async function evidenceOf(
  engine: Engine,
  data: string,
  decode: Decode,
): Promise<{ evidence: Evidence[]; sources: Record<string, number> }> {
  const lines = (await readHeldOut(data)).map((c): Sample => ({
    bytes: c.jpeg.slice(),
    writer: writerInSet(c),
    page: writerInSet(c),
    right: (texts) => aligned(c.text.split(/\s+/), texts),
  }));
  const sources: [string, Sample[]][] = [["held-out writers of lines/", lines], ["orand-car-a", await cheques(data)]];
  const evidence: Evidence[] = [];
  const counts: Record<string, number> = {};
  for (const [name, samples] of sources) {
    const found: Evidence[] = [];
    // How sure a word is follows from the words around it too.
    for (const own of Map.groupBy(samples, (s) => s.page).values()) {
      for (let at = 0; at < own.length; at += AT_ONCE) {
        const some = own.slice(at, at + AT_ONCE);
        const pictures = await Promise.all(some.map((s) => decode(s.bytes)));
        engine.readLines(pictures, OPTIONS).forEach((r, i) => found.push(...fieldsOf(some[i], r)));
      }
    }
    if (found.length > 0) counts[name] = found.length;
    evidence.push(...found);
  }
  if (evidence.length === 0) throw new ScrawlError("access", `${data} holds no lines of held-out writers`);
  return { evidence, sources: counts };
}

/** The words of a reading as fields. */
function fieldsOf(sample: Sample, { text, words }: { text: string; words: number[] }): Evidence[] {
  const texts = text.split(" ").filter((t) => t !== "");
  const right = sample.right(texts);
  return texts.map((t, i) => ({ kind: kindOf(t), score: words[i], right: right[i], writer: sample.writer }));
}

/** Which words of a reading are words of the truth, in its order: the longest common subsequence. */
export function aligned(truth: string[], read: string[]): boolean[] {
  const longest = Array.from({ length: truth.length + 1 }, () => new Array(read.length + 1).fill(0));
  for (let i = truth.length - 1; i >= 0; i--) {
    for (let j = read.length - 1; j >= 0; j--) {
      longest[i][j] = truth[i] === read[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  const right = new Array(read.length).fill(false);
  for (let i = 0, j = 0; i < truth.length && j < read.length;) {
    if (truth[i] === read[j]) {
      right[j++] = true;
      i++;
    } else if (longest[i + 1][j] >= longest[i][j + 1]) i++;
    else j++;
  }
  return right;
}

/** Cheques' truths are digits without the marks between them: a reading is right as a whole or not. */
async function cheques(data: string): Promise<Sample[]> {
  const root = join(data, ...ORAND);
  const text = await Deno.readTextFile(join(root, "truth.jsonl")).catch(() => "");
  const rows: { file: string; text: string }[] = text.split("\n").filter(Boolean).map((l) => JSON.parse(l));
  return await Promise.all(rows.map(async ({ file, text }) => ({
    bytes: await Deno.readFile(join(root, file)),
    writer: file,
    page: "cheques",
    right: (texts: string[]) => texts.map(() => texts.join("").replace(/\D/g, "") === text),
  })));
}
