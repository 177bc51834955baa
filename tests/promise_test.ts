/** `--max-error`: exact bounds, thresholds from evidence, fields left blank and counted, and the refusal where nothing carries a budget. */
import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { join } from "@std/path/join";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Page } from "../src/engine/types.ts";
import { aligned, evidenceOf } from "../src/evaluate/evidence.ts";
import type { Engine } from "../src/engine/engine.ts";
import { ORAND } from "../src/evaluate/strings.ts";
import { isHeldOut } from "../src/train/lines/data.ts";
import { promisesOn } from "../src/evaluate/promises.ts";
import { rightTokens } from "../src/evaluate/score.ts";
import schema from "../src/format/schema.json" with { type: "json" };
import { atMost, needed, upperBound } from "../src/promise/bounds.ts";
import { budgetLines, type Budgets, thresholdsFor } from "../src/promise/budgets.ts";
import { type Evidence, kindOf } from "../src/promise/fields.ts";
import { BUDGETS, fit, threshold, tried } from "../src/promise/fit.ts";
import { reviewed } from "../src/promise/reviewed.ts";
import type { Corrections } from "../src/review/corrections.ts";
import { inFolder, ocr, PAGES, ROOT } from "./command.ts";

Deno.test("promise: exact binomial bounds", () => {
  assertEquals([0, 1, 2].map((k) => needed(k, 0.005, 0.95)), [598, 947, 1258]);
  assertAlmostEquals(atMost(1, 3, 0.5), 0.5);
  assertStrictEquals(atMost(3, 3, 0.1), 1);
  // No errors in n: 1 - 0.05 ** (1 / n).
  assertAlmostEquals(upperBound(0, 59, 0.95), 1 - 0.05 ** (1 / 59), 1e-9);
  assertAlmostEquals(atMost(4, 200, upperBound(4, 200, 0.95)), 0.05, 1e-6);
  assertStrictEquals(upperBound(0, 0, 0.95), 1);
});

/** `n` digits whose scores fall from 1 to 0, wrong where `wrong` says so of their rank. */
const ranked = (n: number, wrong: (i: number) => boolean): Evidence[] =>
  Array.from({ length: n }, (_, i) => ({
    kind: "digits",
    score: 1 - i / n,
    right: !wrong(i),
    writer: String(i % 10),
  }));

Deno.test("promise: the threshold goes as low as errors allow, and is none where evidence is thin", () => {
  const evidence = ranked(2000, (i) => i > 1000 && i % 10 === 0);
  const least = threshold(evidence, 0.01)!;
  const { accepted, wrong } = tried(evidence, least);
  assert(accepted > 1000 && accepted < 1200, String(accepted));
  assert(upperBound(wrong, accepted, 0.95) <= 0.01);
  assertStrictEquals(threshold(evidence.slice(0, 297), 0.01), undefined);
  assertStrictEquals(tried(evidence, threshold(ranked(299, () => false), 0.01)).accepted > 0, true);
  assertStrictEquals(threshold(ranked(400, (i) => i % 20 === 0), 0.01), undefined);
  // Five wrong ones among the surest end the sequence that begins there, and not the one that begins at an eighth.
  const unlucky = ranked(2000, (i) => i % 20 === 0 && i < 100 || i > 1500);
  assertStrictEquals(threshold(unlucky.slice(0, 200), 0.05), undefined);
  assert(tried(unlucky, threshold(unlucky, 0.05)).accepted > 1400);
  // All that share a score are accepted together.
  const same = evidence.map((e) => ({ ...e, score: 0.5 }));
  assertStrictEquals(threshold(same, 0.1), 0.5);
  assertStrictEquals(threshold(same, 0.01), undefined);
});

Deno.test("promise: on new fields of the same kind a budget is kept, nineteen times in twenty or more", () => {
  let state = 7;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const draw = (n: number): Evidence[] =>
    Array.from({ length: n }, () => {
      const score = random();
      return { kind: "digits", score, right: random() > 0.3 * (1 - score) ** 2, writer: "a" };
    });
  let kept = 0;
  for (let i = 0; i < 100; i++) {
    const least = threshold(draw(800), 0.02);
    const { accepted, wrong } = tried(draw(20_000), least);
    kept += wrong <= 0.02 * accepted ? 1 : 0;
  }
  assert(kept >= 92, `${kept} of 100`);
});

Deno.test("promise: kinds of fields, what of a line is right, what of a page", () => {
  assertEquals(["70436", "128.50", "24.09.1987", "-", "A4", "Name"].map(kindOf), [
    ...["digits", "amounts", "amounts", "words", "words", "words"],
  ]);
  assertEquals(aligned(["a", "12", "b"], ["12", "x", "b", "b"]), [true, false, true, false]);
  assertEquals(rightTokens(["12 34", "5[?]"], ["1234", "12", "59", "7"]), [true, true, undefined, false]);
  const kinds = fit(ranked(400, () => false));
  const word = (text: string, confidence: number) => ({ text, confidence, handwritten: 1 });
  const page = { lines: [{ words: [word("12", 1), word("7", 1), word("7", 0.0001), word("x", 1)] }] };
  const readings = new Map([["a.png", [page as unknown as Page]]]);
  const truth = { file: "a.png", handwritten: ["12"], kind: "photo", charset: "digits" };
  const trials = promisesOn([truth], readings, kinds);
  assertEquals(trials.digits[BUDGETS.indexOf(0.01)], { accepted: 2, wrong: 1 });
  assertEquals(trials.words[BUDGETS.indexOf(0.2)], { accepted: 0, wrong: 0 });
});

const digest = JSON.parse((await ocr(["-q", "-f", "jsonl", join(PAGES, "form.png")])).out) as Page;

/** A review of a page whose words are `n` digits, all right, of confidences from 1 down to 0.5. */
function review(n: number, model: string): Corrections {
  const words = Array.from({ length: n }, (_, i) => {
    const what = { text: "7", confidence: 1 - i / n / 2, box: [i, 0, 1, 1], polygon: [], alternatives: [] };
    return { ...what, characters: [what], production: "handwritten", state: "read", handwritten: 1 };
  });
  const line = { text: "", confidence: 1, box: [0, 0, n, 1], polygon: [], alternatives: [], words };
  const corrections = words.map((w) => ({ page: 0, box: w.box, read: "7", text: "7", verdict: "accepted" }));
  const { version, options } = digest;
  const pages = [{ ...digest, file: "own.png", model, version, options, lines: [line], suppressed: [], regions: [] }];
  return { format: "scrawl-corrections-1", pages, corrections } as unknown as Corrections;
}

Deno.test("promise: what is not carried is refused, and says what it wants", () => {
  const kinds = fit(reviewed(review(100, digest.model)));
  const budgets: Budgets = { format: "scrawl-budgets-1", model: "", confidence: 0.95, sources: {}, kinds };
  assertThrows(
    () => thresholdsFor(budgets, 0.005),
    Error,
    "digits: 100 fields, 0 of them wrong, where at least 598 sure ones without an error are wanted; the least that they carry is 3 %",
  );
  const { thresholds, lacking } = thresholdsFor(budgets, 0.04);
  assertEquals([thresholds.amounts, thresholds.words, lacking.length], [null, null, 2]);
  assertAlmostEquals(thresholds.digits!, 0.505);
  // Where whole pages did not keep it, that is said.
  const trials = kinds.digits.rows.map(() => ({ accepted: 50, wrong: 11 }));
  const pages = { name: "check", pages: 25, kinds: { digits: trials, amounts: trials, words: trials } };
  assertEquals(thresholdsFor({ ...budgets, pages }, 0.04).broken, [
    "digits: on the pages check 11 of 50 that were read out are wrong",
  ]);
  assertMatch(budgetLines({ ...budgets, pages }).join("\n"), /digits +3 % .*11 of 50 wrong, NOT kept/);
  assertMatch(budgetLines(budgets).join("\n"), /digits +3 % +100 of 100 \(100 %\)/);
});

Deno.test("ocr --max-error: fields of other kinds are left blank and counted, by one's own review or by what lies beside a model", () =>
  inFolder(async (folder) => {
    const own = join(folder, "own.corrections.json");
    await Deno.writeTextFile(own, JSON.stringify(review(100, digest.model)));
    const form = join(PAGES, "form.png");
    const asked = ["-f", "jsonl", "--max-error", "3%", form];
    const one = await ocr(["--recalibrate", own, ...asked]);
    assertStrictEquals(one.code, 0, one.err);
    const page: Page = JSON.parse(one.out);
    const validate = new Ajv2020({ strict: false }).compile(schema);
    assert(validate(page), JSON.stringify(validate.errors));
    assertEquals(page.lines.map((l) => l.text), ["70436"]);
    assertEquals(page.promise, { maxError: 0.03, fields: 3, blank: 2 });
    assertEquals(page.suppressed.filter((s) => s.reason === "doubtful").map((s) => s.text), ["128.50", "24.09.1987"]);
    assertMatch(one.err, /2 of 3 left blank for review/);
    assertMatch(one.err, /nothing carries --max-error 3 % for amounts/);

    // The same beside a model of one's own; what was counted of another model is none.
    const model = join(folder, "model.safetensors");
    await Deno.copyFile(join(ROOT, "models/line/model.safetensors"), model);
    const budgets = { format: "scrawl-budgets-1", model: digest.model, confidence: 0.95, sources: {} };
    const kinds = fit(reviewed(review(100, digest.model)));
    const missing = await ocr(["--model", model, ...asked]);
    assertMatch(missing.err, /there is no .*budgets\.json .*deno task calibrate/);
    assertStrictEquals(missing.code, 5);
    await Deno.writeTextFile(join(folder, "budgets.json"), JSON.stringify({ ...budgets, kinds }));
    const marked = await ocr(["--model", model, "--reject-char", "?", "--max-error", "0.03", form]);
    assertStrictEquals(marked.out, "70436\n??????\n??????????\n");
    await Deno.writeTextFile(
      join(folder, "budgets.json"),
      JSON.stringify({ ...budgets, model: "0".repeat(64), kinds }),
    );
    assertMatch((await ocr(["--model", model, ...asked])).err, /counted the errors of another model/);

    const thin = await ocr(["--recalibrate", own, "--max-error", "0.5%", form]);
    assertStrictEquals(thin.code, 1);
    assertMatch(thin.err, /--max-error 0\.5 % cannot be promised: .*digits: 100 fields.*at least 598/);
    for (const wrong of [["--max-error", "x"], ["--max-error", "0"], ["--recalibrate", own]]) {
      assertStrictEquals((await ocr([...wrong, form])).code, 1);
    }
  }));

Deno.test("promise: evidence of held-out lines and of cheques, word by word", () =>
  inFolder(async (folder) => {
    // A writer that the split holds out, and one that it does not.
    const pages = Array.from({ length: 40 }, (_, i) => `writer${i}`);
    const held = pages.find((page) => isHeldOut({ set: "s", page }))!;
    const other = pages.find((page) => !isHeldOut({ set: "s", page }))!;
    const texts = [["12 Rue", held], ["7", other], ["34", held]];
    await Deno.mkdir(join(folder, "lines", "s"), { recursive: true });
    await Deno.mkdir(join(folder, ...ORAND), { recursive: true });
    const rows = texts.map(([text, page], offset) => JSON.stringify({ offset, length: 1, text, page, numeric: false }));
    await Deno.writeTextFile(join(folder, "lines", "s", "lines.jsonl"), rows.join("\n"));
    await Deno.writeFile(join(folder, "lines", "s", "lines.bin"), Uint8Array.of(0, 1, 2));
    await Deno.writeTextFile(join(folder, ...ORAND, "truth.jsonl"), '{"file":"c.png","text":"1250"}\n');
    await Deno.writeFile(join(folder, ...ORAND, "c.png"), Uint8Array.of(3));
    const reads: Record<number, [string, number[]]> = {
      0: ["12 Ruc", [0.45, 0.2]],
      2: ["34", [0.5]],
      3: ["12.50", [0.25]],
    };
    const engine = {
      readLines: (lines: { gray: Uint8Array }[]) =>
        lines.map(({ gray: [id] }) => ({ text: reads[id][0], confidence: 1, words: reads[id][1] })),
    } as unknown as Engine;
    const decode = (gray: Uint8Array) => Promise.resolve({ gray, width: 1, height: 1 });
    const { evidence, sources } = await evidenceOf(engine, folder, decode);
    assertEquals(evidence.map((e) => [e.kind, e.score, e.right, e.writer]), [
      ["digits", 0.45, true, `s/${held}`],
      ["words", 0.2, false, `s/${held}`],
      ["digits", 0.5, true, `s/${held}`],
      ["amounts", 0.25, true, "c.png"],
    ]);
    assertEquals(sources, { "held-out writers of lines/": 3, "orand-car-a": 1 });
  }));
