/** Review: order and estimate of its fields, the page in a browser by keyboard alone, and its corrections in every format. */
import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { join } from "@std/path/join";
import { toFileUrl } from "@std/path/to-file-url";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Line, Page, Word } from "../src/engine/types.ts";
import schema from "../src/format/schema.json" with { type: "json" };
import { reviewPage } from "../src/format/review.ts";
import { encodePng } from "../src/format/png.ts";
import { applyCorrections, type Corrections, parseCorrections } from "../src/review/corrections.ts";
import { errorsLeft, type Field, fieldsOf, fingerprint, orderOf } from "../src/review/fields.ts";
import { Browser, CHROMIUM } from "./chromium.ts";
import { cli, inFolder, ocr, PAGES, until } from "./command.ts";

const { out } = await ocr(["-q", "-f", "jsonl", join(PAGES, "form.png")]);
const page: Page = JSON.parse(out);
const field = (read: string, right: number, page = 0, reason?: string): Field => ({
  ...{ page, read, right, reason, alternatives: [] },
  box: [0, 0, 1, 1],
});

Deno.test("review: fields by doubt, alike below one another, or as on the pages", () => {
  const fields = [
    field("7", 0.9),
    field("12", 0.5),
    field("7", 0.6, 1),
    field("1", 0.99),
    field("Name", 0.9, 0, "printed"),
  ];
  assertEquals(orderOf(fields, "doubtful", false), [1, 2, 0, 3]);
  assertEquals(orderOf(fields, "alike", false), [3, 2, 0, 1]);
  assertEquals(orderOf(fields, "page", true), [0, 1, 3, 4, 2]);
});

Deno.test("review: print that was not read is a field as well, the surest to be print last, and last where alike stand together", () => {
  const fields = fieldsOf([page]);
  const left = fields.filter((f) => f.reason !== undefined);
  assertEquals(left.map((f) => f.box), page.suppressed.map((s) => s.box));
  const unread = left.filter((f) => f.read === "");
  assert(unread.length > 0 && unread.every((f) => f.right > 0.9));
  assertStrictEquals(fields[orderOf(fields, "alike", true).at(-1)!].read, "");
  // Other fields of the same page have another review.
  assert(fingerprint(fields) !== fingerprint(fields.map((f, i) => i === 0 ? { ...f, read: "x" } : f)));
});

Deno.test("review: the errors that remain are what confidences say, as far as they held", () => {
  const fields = [field("1", 0.9), field("2", 0.9), field("3", 0.5), field("x", 0.1, 0, "printed")];
  assertAlmostEquals(errorsLeft(fields, new Map()), 0.7);
  // The first was wrong where a tenth of an error was to be expected.
  const marks = new Map([[0, { text: "7", verdict: "corrected" as const }]]);
  assertAlmostEquals(errorsLeft(fields, marks), 0.6 * 2 / 1.1);
});

Deno.test("corrections: words change, go and come back, and the first reading is kept", () => {
  const words = page.lines.flatMap((l) => l.words);
  const [left, other] = page.suppressed;
  const of = ({ box, text: read }: Pick<Word, "box" | "text">) => ({ page: 0, box, read });
  const corrections: Corrections = {
    format: "scrawl-corrections-1",
    pages: [page],
    corrections: [
      { ...of(words[0]), text: "70486", verdict: "corrected" },
      { ...of(words[1]), text: "", verdict: "no-text" },
      { ...of(words[2]), text: words[2].text, verdict: "printed" },
      { ...of(left), text: "Form A", verdict: "restored" },
      { ...of(other), text: other.text, verdict: "printed" },
    ],
  };
  assertStrictEquals(left.text, "");
  const before = JSON.stringify(page);
  const [now] = applyCorrections(corrections);
  assertStrictEquals(JSON.stringify(page), before);
  // What is brought back is read where it stands: the title above all else.
  assertEquals(now.lines.map((l) => l.text), ["Form A", "70486"]);
  const turned = { ...corrections, pages: [{ ...page, rotation: 180 }] };
  assertEquals(applyCorrections(turned)[0].lines.map((l) => l.text), ["70486", "Form A"]);
  const [first] = now.lines[1].words;
  assertEquals([first.state, first.read, first.characters.length, first.alternatives[0].text], [
    "corrected",
    "70436",
    5,
    "70436",
  ]);
  assertEquals(now.suppressed.slice(-2).map((s) => s.reason), ["other", "printed"]);
  assertStrictEquals(now.suppressed.length, page.suppressed.length + 1);
  const validate = new Ajv2020({ strict: false }).compile(schema);
  assert(validate(JSON.parse(JSON.stringify(now))), JSON.stringify(validate.errors));
  const [none] = corrections.corrections;
  const strange = { ...corrections, corrections: [{ ...none, read: "x" }] };
  assertThrows(() => applyCorrections(strange), Error, "has no word x");
  assertThrows(() => parseCorrections("{}", "a.json"), Error, "a.json holds no corrections");
});

Deno.test("corrections: a line that loses a word stands where the others do", () => {
  const [line] = page.lines;
  const beside = (word: Word): Word => ({
    ...word,
    text: "9",
    box: [word.box[0] + 100, word.box[1], word.box[2], word.box[3]],
    polygon: word.polygon.map(([x, y]): [number, number] => [x + 100, y]) as Word["polygon"],
  });
  const [word] = line.words;
  const two = { ...line, box: [0, 0, 1000, 1000] as Line["box"], words: [word, beside(word)] };
  const lost = { page: 0, box: two.words[1].box, read: "9", text: "", verdict: "no-text" as const };
  const pages = [{ ...page, lines: [two] }];
  const [now] = applyCorrections({ format: "scrawl-corrections-1", pages, corrections: [lost] });
  assertEquals(now.lines.map((l) => l.box), [word.box]);
});

Deno.test("review: a page has nothing from elsewhere, and text of a page ends no element", async () => {
  const strange = { ...page, file: "</script><b>.png" };
  const html = reviewPage("a", [strange], [{
    kind: "png",
    bytes: await encodePng(new Uint8Array(4), 2, 2),
    orientation: 1,
  }]);
  assertStrictEquals(html.split("</script>").length, 3);
  assert(!/(src|href)="(?!data:)/.test(html));
  assertMatch(html, /default-src 'none'/);
});

if (!CHROMIUM) console.log("no Chromium here: the review's test in it is skipped");
Deno.test({
  name: "review by keyboard alone: accept, correct, no text, undo, what was left out; kept, saved, applied",
  ignore: !CHROMIUM,
  fn: () =>
    inFolder(async (folder) => {
      const names = ["form.png", "note.png"];
      for (const name of names) await Deno.copyFile(join(PAGES, name), join(folder, name));
      const made = join(folder, "batch.html");
      const { code, err } = await cli("review", "-o", made, ...names.map((n) => join(folder, n)));
      assertStrictEquals(code, 0, err);
      const html = await Deno.readTextFile(made);
      const data = html.match(/id="data">(.*)<\/script>/)![1];
      const pages: Page[] = JSON.parse(data);
      // The last line is left out, as if it were illegible.
      const { text: leftOut, box, polygon, confidence } = pages[1].lines.pop()!;
      pages[1].suppressed.push({
        text: leftOut,
        box,
        polygon,
        confidence,
        production: "handwritten",
        state: "suppressed",
        reason: "illegible",
        handwritten: 0.9,
      });
      await Deno.writeTextFile(made, html.replace(data, () => JSON.stringify(pages).replaceAll("<", "\\u003c")));
      assertEquals(pages.map((p) => p.file), names.map((n) => join(folder, n)));
      const fields = fieldsOf(pages);
      const order = orderOf(fields, "doubtful", false);

      const browser = await Browser.open(toFileUrl(made).href, folder);
      try {
        const text = (selector: string) =>
          browser.value<string>(`document.querySelector(${JSON.stringify(selector)}).textContent`);
        const typed = () => browser.value<string>("document.activeElement.value");
        assertStrictEquals(await typed(), fields[order[0]].read);
        // On a phone a field's picture does not lie under what is read of it, and nothing is wider than the screen.
        const phone = { width: 390, height: 844, deviceScaleFactor: 2, mobile: true };
        await browser.send("Emulation.setDeviceMetricsOverride", phone);
        await browser.value("new Promise((resolve) => setTimeout(resolve, 100))");
        const overlaps = `[...document.querySelectorAll(".row")].filter((row) =>
          row.querySelector("canvas").getBoundingClientRect().right >
            (row.querySelector("input") ?? row.querySelector("span")).getBoundingClientRect().left).length`;
        assertStrictEquals(await browser.value(overlaps), 0);
        assertStrictEquals(await browser.value("document.documentElement.scrollWidth"), 390);
        await browser.send("Emulation.clearDeviceMetricsOverride");
        await browser.press("Enter");
        await browser.type("new text");
        await browser.press("Enter");
        await browser.press("Alt+n");
        await browser.press("Alt+p");
        assertMatch(await text("#status"), new RegExp(`^4 of ${order.length} looked at`));
        // The print was a mistake: it is open again, and looked at.
        await browser.press("Control+z");
        assertStrictEquals(await typed(), fields[order[3]].read);
        await browser.press("Alt+ArrowUp");
        assertStrictEquals(await browser.value("document.getElementById('sheet').style.width"), "125%");
        // What was left out comes into the list; the first of it is brought back.
        await browser.press("Alt+s");
        const all = orderOf(fields, "doubtful", true);
        const position = all.findIndex((f) => fields[f].reason !== undefined && fields[f].read !== "");
        await browser.value(`document.querySelectorAll(".row")[${position}].click()`);
        await browser.press("Enter");
        // So is print that nobody read: somebody says what it says.
        const unread = all.findIndex((f) => fields[f].read === "");
        await browser.value(`document.querySelectorAll(".row")[${unread}].click()`);
        assertStrictEquals(await browser.value("document.activeElement.placeholder"), "type what it says");
        await browser.type("A title");
        await browser.press("Enter");
        const done = /^3 of \d+ looked at/;
        assertMatch(await text("#status"), done);
        await browser.press("Alt+o");
        assertStrictEquals(await text("#list h2"), fields[orderOf(fields, "alike", true)[0]].read);
        // Another visit finds all as it was. Chromium hands what a page stored to the next one at its own pace.
        for (let i = 0; i < 20; i++) {
          await browser.go(toFileUrl(made).href);
          if (done.test(await text("#status"))) break;
          await new Promise((resolve) => setTimeout(resolve, 250));
        }
        assertMatch(await text("#status"), done);
        await browser.press("Control+s");
        const saved = join(folder, "batch.corrections.json");
        await until("the corrections are saved", () => {
          try {
            return Deno.statSync(saved).size > 0;
          } catch {
            return false;
          }
        });
        assertEquals(browser.errors, []);
        assertEquals(browser.requests.filter((r) => !/^(data|blob):/.test(r) && r !== toFileUrl(made).href), []);
        const { corrections } = parseCorrections(await Deno.readTextFile(saved), saved);
        assertEquals(
          new Set(corrections.map((c) => `${c.verdict} ${c.read} ${c.text}`)),
          new Set([
            `accepted ${fields[order[0]].read} ${fields[order[0]].read}`,
            `corrected ${fields[order[1]].read} new text`,
            `no-text ${fields[order[2]].read} `,
            `restored ${fields[all[position]].read} ${fields[all[position]].read}`,
            "restored  A title",
          ]),
        );
        const formats = ["txt", "jsonl", "pdf", "overlay", "review", "alto"];
        const applied = await cli("apply", ...formats.flatMap((f) => ["-f", f]), "-o", `${folder}/out/`, saved);
        assertStrictEquals(applied.code, 0, applied.err);
        const outputs = [...Deno.readDirSync(join(folder, "out"))].map((e) => e.name);
        assertStrictEquals(outputs.length, formats.length * names.length);
        const texts = await Promise.all(
          ["form", "note"].map((n) => Deno.readTextFile(join(folder, "out", `${n}.txt`))),
        );
        assertMatch(texts.join(""), /new text/);
        assertMatch(texts.join(""), /A title/);
        assertMatch(await Deno.readTextFile(join(folder, "out", "form.alto.xml")), /CS="true"/);
        const json = (await cli("apply", "-f", "jsonl", saved)).out.trim().split("\n").map((l) => JSON.parse(l));
        const words: Word[] = json.flatMap((p: Page) => p.lines).flatMap((l) => l.words);
        assertEquals(words.find((w) => w.text === "new text")?.read, fields[order[1]].read);
        assertMatch((await cli("apply", "-f", "txt", "-f", "json", saved)).err, /need a folder to write to/);
      } finally {
        await browser.close();
      }
    }),
});
