/** Templates: pages laid over their blank, fields by type, sums, what a blank proposes, and all of it from a blank to a table. */
import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { join } from "@std/path/join";
import { dirname } from "@std/path/dirname";
import { Ajv2020 } from "ajv/dist/2020.js";
import { PDFDocument } from "pdf-lib";
import { decodePages } from "../src/decode/mod.ts";
import type { Engine } from "../src/engine/engine.ts";
import type { FormReading, ReadOptions } from "../src/engine/types.ts";
import schema from "../src/format/schema.json" with { type: "json" };
import { encodePng } from "../src/format/png.ts";
import { DEFAULTS } from "../src/mod.ts";
import { sideBySide } from "../src/template/comb.ts";
import { fill } from "../src/template/fill.ts";
import { agreed, fitted, map, type Pair } from "../src/template/homography.ts";
import { propose } from "../src/template/propose.ts";
import { at, type Raster } from "../src/template/raster.ts";
import { register } from "../src/template/register.ts";
import { subtract } from "../src/template/subtract.ts";
import { parseTemplate } from "../src/template/template.ts";
import { centsOf, valueOf } from "../src/template/values.ts";
import { cli, inFolder, ocr, PAGES } from "./command.ts";

async function form(): Promise<Raster> {
  for await (const { picture } of decodePages(await Deno.readFile(join(PAGES, "form.png")), DEFAULTS)) {
    const raster = { width: picture.width, height: picture.height, data: picture.gray() };
    picture.free();
    return raster;
  }
  throw new Error("no page");
}

/** The form before anybody wrote on its three lines. */
function emptied({ width, height, data }: Raster): Raster {
  const out = data.slice();
  const paper = data[0];
  for (const rule of [235, 375, 515]) {
    for (let y = rule - 75; y < rule + 35; y++) {
      // The rule itself, where a tail crosses it, is drawn anew.
      const isRule = y === rule - 1 || y === rule;
      for (let x = 300; x < 940; x++) if (!isRule || x >= 900) out[y * width + x] = paper;
      if (isRule) { for (let x = 300; x < 900; x++) out[y * width + x] = data[y * width + 890]; }
    }
  }
  return { width, height, data: out };
}

/** A photo of a page: turned a little, smaller, in perspective, with a shadow over it, on a dark desk. */
function photo(page: Raster): Raster {
  const [width, height] = [1300, 1000];
  const h = fitted([[[150, 120], [0, 0]], [[1180, 160], [page.width, 0]], [[1120, 860], [page.width, page.height]], [[
    110,
    780,
  ], [0, page.height]]])!;
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = map(h, [x + 0.5, y + 0.5]);
      data[y * width + x] = at(page, u, v, 120) * (1 - 0.25 * x / width);
    }
  }
  return { width, height, data };
}

Deno.test("template: a homography of four places, and of many with some that are wrong", () => {
  const h = [1.1, 0.1, 30, -0.05, 0.95, -12, 1e-4, -5e-5, 1];
  const places = Array.from({ length: 40 }, (_, i): [number, number] => [37 * i % 900, 53 * i % 700]);
  const pairs = places.map((p): Pair => [p, map(h, p)]);
  for (const i of [3, 11, 17, 23, 31, 38]) pairs[i] = [pairs[i][0], [5 * i, 900 - 7 * i]];
  const { h: found, inliers } = agreed(pairs, 2)!;
  assertStrictEquals(inliers.length, 34);
  const [x, y] = map(found, [450, 350]);
  const [u, v] = map(h, [450, 350]);
  assertAlmostEquals(x, u, 1e-3);
  assertAlmostEquals(y, v, 1e-3);
  assertStrictEquals(fitted(pairs.slice(0, 3)), undefined);
});

Deno.test("template: a photo is laid over its blank, whichever way it lies, its print goes and its writing stays; another page is none", async () => {
  const page = await form();
  const blank = emptied(page);
  const taken = photo(page);
  const quarter = new Uint8Array(taken.data.length);
  for (let y = 0; y < taken.height; y++) {
    for (let x = 0; x < taken.width; x++) {
      quarter[x * taken.height + taken.height - 1 - y] = taken.data[y * taken.width + x];
    }
  }
  for (const seen of [taken, { width: taken.height, height: taken.width, data: quarter }]) {
    const found = register(blank, seen)!;
    assert(found !== undefined && found.agree > 0.6, String(found?.agree));
    const left = subtract(blank, found.lay(1), 1);
    const dark = (x: number, y: number, w: number, h: number) => {
      let n = 0;
      for (let r = y; r < y + h; r++) for (let c = x; c < x + w; c++) n += left.data[r * left.width + c] < 150 ? 1 : 0;
      return n;
    };
    assert(dark(310, 165, 260, 65) > 500, "the number is there");
    assert(dark(40, 40, 560, 70) < 60, `of the title ${dark(40, 40, 560, 70)} pixels are left`);
    assert(dark(620, 225, 270, 20) < 20, `of a rule ${dark(620, 225, 270, 20)} pixels are left`);
  }
  const strange = new Uint8Array(blank.data.length).fill(250);
  for (let i = 0; i < 60; i++) strange.fill(30, 997 * i * 7 % strange.length, 997 * i * 7 % strange.length + 40);
  assertStrictEquals(register(blank, { ...blank, data: strange }), undefined);
});

Deno.test("template: values by type", () => {
  assertEquals(["1.234,50", "1234.5", "12", "1,50-", "7.-", "x", "1.2.3"].map(centsOf), [
    ...[123450, 123450, 1200, 150, 700, undefined, undefined],
  ]);
  assertEquals(valueOf("amount", "1.234,50"), "1234.50");
  assertEquals(["24.09.1987", "1/2/24", "31.02.2020"].map((t) => valueOf("date", t)), [
    "1987-09-24",
    "2024-02-01",
    undefined,
  ]);
  assertEquals(["24091987", "010224"].map((t) => valueOf("date", t)), ["1987-09-24", "2024-02-01"], "of a comb");
  assertEquals([valueOf("digits", "007"), valueOf("digits", "7a")], ["007", undefined]);
  assertEquals([valueOf("code", "AB12", "[A-Z]{2}\\d+"), valueOf("code", "A12", "[A-Z]{2}\\d+")], ["AB12", undefined]);
});

const everywhere = () => true;
const box = (i: number): [number, number, number, number] => [10, 10 + 40 * i, 100, 30];
const field = (name: string, i: number, type = "amount") => ({ name, type, box: box(i) });
const template = (fields: unknown[], sums?: Record<string, string>) =>
  JSON.stringify({ format: "scrawl-template-1", blank: "b.png", page: 1, width: 200, height: 200, fields, sums });

Deno.test("template: what is wrong with one is told by field", () => {
  const wrong: [string, RegExp][] = [
    ["{}", /its format is not scrawl-template-1/],
    [template([]), /has no fields/],
    [template([field("a", 0), field("a", 1)]), /"a" has no name of its own/],
    [template([field("a", 0, "number")]), /type number: choose one of digits/],
    [template([{ name: "a", type: "text", box: [1, 2, 0, 4] }]), /no box/],
    [template([field("a", 0, "code")]), /a code without a pattern/],
    [template([field("a", 0)], { total: "sum(a)" }), /the sum total is no field/],
    [template([field("a", 0), field("t", 1)], { t: "a + b" }), /write sum\(a\.\.f\)/],
    [template([field("a", 0), field("t", 1)], { t: "sum(a..t)" }), /names no other fields/],
    [template([field("a", 0), field("t", 1)], { t: "sum(a, zzz)" }), /names "zzz", which is no field/],
    [template([field("a", 0, "date"), field("t", 1)], { t: "sum(a)" }), /is of a, a field of type date/],
    [template([{ ...field("a", 0), pattern: "[" }]), /has "\[" for a pattern/],
    [template([{ ...field("a", 0), box: [150, 10, 100, 30] }]), /outside of the blank's 200 x 200/],
    [template([{ ...field("a", 0, "choice"), choices: {} }]), /a choice without boxes/],
    [template([field("a", 0)]).replace('"page":1', '"page":0'), /names no blank and page/],
    [template([{ ...field("a", 0), cells: 1 }]), /"a" has 1 cells: of a comb say how many boxes it has/],
  ];
  for (const [text, message] of wrong) {
    assertMatch((assertThrows(() => parseTemplate(text, "f.json")) as Error).message, message);
  }
  const { sums } = parseTemplate(
    template([field("a", 0), field("b", 1), field("c", 2), field("t", 3)], { t: "sum(a..b, c)" }),
    "f.json",
  );
  assertEquals(sums, [{ total: "t", parts: ["a", "b", "c"] }]);
});

/** An engine that reads fields by their order, and says how likely what it is asked for is. */
function reader(reads: [text: string, confidence: number][], likely: Record<string, number> = {}): Engine {
  let next = 0;
  return {
    readLines(_: unknown, { pattern }: ReadOptions) {
      if (pattern === undefined) return [{ text: reads[next][0], confidence: reads[next++][1] }];
      const wanted = Object.keys(likely).find((text) => new RegExp(`^(?:${pattern})$`).test(text));
      return [wanted === undefined ? { text: "1", confidence: 0.9 } : { text: wanted, confidence: likely[wanted] }];
    },
  } as unknown as Engine;
}

Deno.test("template: sums repair what is unsure where one reading is likely, and mark the row else", () => {
  const page = { width: 200, height: 200, data: new Uint8Array(40_000).fill(255) };
  for (let i = 0; i < 3; i++) {
    for (let y = 0; y < 10; y++) page.data.fill(0, (20 + 40 * i + y) * 200 + 30, (20 + 40 * i + y) * 200 + 60);
  }
  const fields = [field("a", 0), field("b", 1), field("total", 2), {
    name: "none",
    type: "text",
    box: [10, 150, 100, 30],
  }];
  const { template: t, sums } = parseTemplate(template(fields, { total: "sum(a..b)" }), "f.json");
  const row = (engine: Engine) => fill(engine, t, sums, page, 1, everywhere);
  const right = row(reader([["12.50", 0.9], ["7", 0.9], ["19.50", 0.9]]));
  assertEquals([right.sums.total, right.fields.map((f) => f.state)], [true, ["read", "read", "read", "empty"]]);
  const repaired = row(reader([["12.50", 0.99], ["7", 0.99], ["79.50", 0.5]], { "19.50": 0.3 }));
  assertStrictEquals(repaired.sums.total, true);
  const [, , total] = repaired.fields;
  assertEquals([total.state, total.value, total.read], ["repaired", "19.50", "79.50"]);
  // Two fields could be wrong, and one is as likely as the other.
  const either = { "19.50": 0.3, "67": 0.2 };
  assertStrictEquals(row(reader([["12.50", 0.99], ["7", 0.5], ["79.50", 0.5]], either)).sums.total, false);
  // What is written clearly stays, though it does not add up.
  const clear = row(reader([["12.50", 0.99], ["7", 0.99], ["79.50", 0.99]], { "19.50": 0.3 }));
  assertEquals([clear.sums.total, clear.fields[2].value], [false, "79.50"]);
});

Deno.test("template: characters of a comb stand side by side, and boxes that are struck out are empty", () => {
  // Five boxes 40 wide from column 10 on: strokes in the first and the third, one that hangs over the wall of the fourth, and one below.
  const crop = { width: 220, height: 60, data: new Uint8Array(220 * 60).fill(255) };
  const stroke = (x: number, y: number, w: number, h: number) => {
    for (let v = y; v < y + h; v++) crop.data.fill(0, v * 220 + x, v * 220 + x + w);
  };
  stroke(25, 20, 4, 30);
  stroke(105, 20, 6, 30);
  stroke(125, 20, 20, 30);
  stroke(180, 56, 20, 4);
  const comb = { left: 10, right: 210, top: 10, bottom: 55, boxes: 5 };
  const { picture, filled } = sideBySide(crop, comb);
  const columns = Array.from({ length: picture.width }, (_, x) => picture.data[30 * picture.width + x] === 0 ? 1 : 0);
  assertEquals(columns.join("").split(/0+/).map((run) => run.length), [0, 4, 6, 20, 0]);
  assertStrictEquals(filled, 3);
  assertStrictEquals(picture.height, 60);
  const empty = { ...crop, data: new Uint8Array(crop.data.length).fill(255) };
  assertStrictEquals(sideBySide(empty, comb).filled, 0);

  const asked: ReadOptions[] = [];
  const read = (text: string, type: string, data: Uint8Array, more: Record<string, unknown> = {}) => {
    const engine = {
      readLines(_: unknown, options: ReadOptions) {
        asked.push(options);
        return [{ text, confidence: 0.9 }];
      },
    } as unknown as Engine;
    const { template: t } = parseTemplate(
      template([{ name: "a", type, box: [10, 10, 200, 45], cells: 5, ...more }]).replace('"width":200', '"width":220'),
      "f.json",
    );
    return fill(engine, t, [], { ...crop, data }, 1, everywhere).fields[0];
  };
  const states = ["X07", "X X-", "12"].map((text) => read(text, "digits", crop.data)).map((f) => [f.value, f.state]);
  assertEquals(states, [["07", "read"], ["", "empty"], ["12", "read"]]);
  assertEquals(asked[0], {
    printed: "keep",
    charset: "text",
    allowedChars: "0123456789Xx-",
    pattern: "[0123456789Xx-]{3}",
  });
  assertEquals(read("", "digits", empty.data).state, "empty");
  assertStrictEquals(asked.length, 3, "an empty comb is not read");
  assertStrictEquals(read("24091987", "date", crop.data).value, "1987-09-24");
  const stain = read("", "text", crop.data, { cells: undefined });
  assertEquals([stain.value, stain.state], [null, "doubtful"], "ink that says nothing");
  assertEquals([read("A 1", "code", crop.data, { pattern: "[A-Z]\\d" }).value, read("A 1", "text", crop.data).value], [
    "A1",
    "A 1",
  ]);
});

Deno.test("template: the fields of a PDF are proposed as it has them", () =>
  inFolder(async (folder) => {
    const document = await PDFDocument.create();
    const page = document.addPage([400, 300]);
    const form = document.getForm();
    page.drawText("First name", { x: 40, y: 250, size: 12 });
    form.createTextField("f1").addToPage(page, { x: 120, y: 245, width: 200, height: 20 });
    page.drawText("Zip", { x: 40, y: 210, size: 12 });
    const zip = form.createTextField("f2");
    zip.setMaxLength(5);
    zip.enableCombing();
    zip.addToPage(page, { x: 120, y: 205, width: 100, height: 20 });
    page.drawText("Member", { x: 40, y: 170, size: 12 });
    for (const [i, text] of ["yes", "no"].entries()) {
      form.createCheckBox(text).addToPage(page, { x: 120 + 80 * i, y: 168, width: 14, height: 14 });
      page.drawText(text, { x: 140 + 80 * i, y: 170, size: 12 });
    }
    page.drawText("Surname", { x: 40, y: 130, size: 12 });
    const surname = form.createTextField("Text3");
    surname.setMaxLength(10);
    surname.enableCombing();
    surname.addToPage(page, { x: 120, y: 125, width: 200, height: 20 });
    const paid = form.createRadioGroup("order.paid");
    for (const [i, text] of ["cash", "card"].entries()) {
      paid.addOptionToPage(text, page, { x: 200 - 80 * i, y: 88, width: 14, height: 14 });
      page.drawText(text, { x: 220 - 80 * i, y: 90, size: 12 });
    }
    const path = join(folder, "form.pdf");
    await Deno.writeFile(path, await document.save());
    const { code, out, err } = await cli("template", path);
    assertStrictEquals(code, 0, err);
    const { fields, width } = JSON.parse(out);
    const scale = width / 400;
    assertEquals(fields.map((f: { name: string; type: string; cells?: number }) => [f.name, f.type, f.cells]), [
      ["first_name", "text", undefined],
      ["zip", "digits", 5],
      ["member", "choice", undefined],
      ["surname", "text", 10],
      ["paid", "choice", undefined],
    ]);
    assertEquals(Object.keys(fields[4].choices), ["card", "cash"]);
    const [x, y, w, h] = fields[0].box.map((v: number) => v / scale);
    for (const [found, wanted] of [[x, 120], [y, 35], [w, 200], [h, 20]]) assertAlmostEquals(found, wanted, 1);
    assertEquals(Object.keys(fields[2].choices), ["yes", "no"]);
  }));

Deno.test("template: ticked boxes", () => {
  const page = { width: 200, height: 200, data: new Uint8Array(40_000).fill(255) };
  for (let i = 0; i < 20; i++) page.data.fill(0, (12 + i) * 200 + 12 + i, (12 + i) * 200 + 15 + i);
  const choices = { yes: [10, 10, 25, 25], no: [60, 10, 25, 25] };
  const { template: t } = parseTemplate(
    template([{ name: "paid", type: "choice", box: [10, 10, 80, 25], choices }]),
    "f.json",
  );
  const [paid] = fill(reader([]), t, [], page, 1, everywhere).fields;
  assertEquals([paid.value, paid.state], ["yes", "read"]);
});

/** An empty page to rule, and printed words for it. */
function sheet(width: number, height: number) {
  const data = new Uint8Array(width * height).fill(250);
  const lying = (x: number, y: number, w: number, dark = 20) =>
    [0, 1].forEach((k) => data.fill(dark, (y + k) * width + x, (y + k) * width + x + w));
  const upright = (x: number, y: number, h: number, dark = 20) => {
    for (let k = 0; k < h; k++) data.fill(dark, (y + k) * width + x, (y + k) * width + x + 2);
  };
  const boxed = (x: number, y: number, w: number, h: number, dark = 20) => {
    [y, y + h].forEach((v) => lying(x, v, w + 2, dark));
    [x, x + w].forEach((u) => upright(u, y, h, dark));
  };
  const word = (text: string, x: number, y: number) => ({
    text,
    box: [x, y, 12 * text.length, 24] as [number, number, number, number],
  });
  return { blank: { width, height, data }, lying, upright, boxed, word };
}

Deno.test("template: a blank proposes cells, combs, boxes to tick and lines, by the print at them", () => {
  const { blank, lying, boxed, word } = sheet(1000, 700);
  boxed(300, 100, 240, 50);
  for (let i = 0; i < 6; i++) boxed(300 + 40 * i, 250, 40, 50);
  boxed(300, 400, 22, 22);
  boxed(450, 400, 22, 22);
  lying(300, 560, 400);
  const words = [
    word("Total:", 180, 112),
    word("Card", 150, 262),
    word("number", 210, 262),
    word("Paid", 150, 400),
    word("yes", 330, 400),
    word("no", 480, 400),
    word("Date", 150, 535),
  ];
  const fields = propose(blank, words);
  assertEquals(fields.map((f) => [f.name, f.type]), [
    ["total", "amount"],
    ["card_number", "digits"],
    ["paid", "choice"],
    ["date", "date"],
  ]);
  assertStrictEquals(fields[1].cells, 6);
  assertEquals(Object.keys(fields[2].choices!), ["yes", "no"]);
});

Deno.test("template: pale boxes, cells that are open at the margin, small boxes, labels above, and rules between sections", () => {
  const { blank, lying, upright, boxed, word } = sheet(1000, 900);
  boxed(300, 50, 240, 40, 215);
  // A column of two amounts without an outer rule.
  for (const y of [200, 240, 280]) lying(100, y, 800);
  upright(700, 200, 80);
  boxed(300, 400, 9, 9);
  boxed(300, 500, 300, 70);
  lying(50, 700, 900);
  // Boxes one above the other, a comb of two rows among them: what is between them is no field.
  for (const y of [740, 800]) boxed(100, y, 200, 40);
  for (const y of [740, 775]) for (let i = 0; i < 8; i++) boxed(400 + 30 * i, y, 30, 30);
  const words = [
    ...[
      word("City", 200, 58),
      word("1a", 560, 210),
      word("Wages", 600, 210),
      word("1b", 560, 250),
      word("Tips", 600, 250),
    ],
    ...[
      word("member", 316, 392),
      word("Last", 305, 502),
      word("name", 360, 502),
      word("Name", 30, 748),
      word("Street", 20, 808),
      word("Place", 330, 748),
      word("Code", 340, 778),
    ],
  ];
  const fields = propose(blank, words);
  assertEquals(fields.map((f) => [f.name, f.type]), [
    ...[["city", "text"], ["1a_wages", "text"], ["1b_tips", "text"], ["member", "choice"], ["last_name", "text"]],
    ...[["name", "text"], ["place", "text"], ["code", "text"], ["street", "text"]],
  ]);
  assertEquals(fields.slice(5).map((f) => f.cells), [undefined, 8, 8, undefined]);
  const [x, y, w, h] = fields[1].box;
  assert(x >= 700 && x + w >= 895 && y >= 200 && y + h <= 242, String(fields[1].box));
  assert(fields[4].box[1] >= 526 && fields[4].box[2] > 290, String(fields[4].box));
});

Deno.test("template, ocr --template: from a blank to a table with pictures of its fields", () =>
  inFolder(async (folder) => {
    const page = await form();
    const png = async (name: string, { data, width, height }: Raster) =>
      await Deno.writeFile(join(folder, name), await encodePng(data, width, height));
    await png("blank.png", emptied(page));
    await png("photo.png", photo(page));
    const json = join(folder, "form.json");
    const made = await cli("template", "-o", json, join(folder, "blank.png"));
    assertStrictEquals(made.code, 0, made.err);
    assertMatch(made.err, /3 fields proposed/);
    // A field a line, to be edited.
    assertStrictEquals((await Deno.readTextFile(json)).match(/^ {4}\{"name":.*\}/gm)?.length, 3);
    const leans = await cli("template", join(PAGES, "table.png"));
    assertEquals(leans.err.match(/note: .*/), null);
    const { template: proposed } = parseTemplate(await Deno.readTextFile(json), json);
    assertEquals(proposed.fields.map((f) => [f.name, f.type]), [["number", "digits"], ["amount", "amount"], [
      "day",
      "date",
    ]]);

    const table = join(folder, "table.csv");
    const read = await ocr([
      "--template",
      json,
      "-o",
      table,
      join(folder, "photo.png"),
      join(PAGES, "form.png"),
      join(PAGES, "note.png"),
    ]);
    assertStrictEquals(read.code, 2);
    assertMatch(read.err, /note\.png: page 1 is not the form of/);
    assertMatch(read.err, /2 pages, 6 fields: 6 read, 0 empty/);
    const rows = (await Deno.readTextFile(table)).trim().split(/\r?\n/).map((l) => l.split(","));
    assertEquals(rows[0].slice(0, 6), ["file", "page", "number", "number.confidence", "number.state", "number.crop"]);
    for (const row of rows.slice(1)) assertEquals([row[2], row[6], row[10]], ["70436", "128.50", "1987-09-24"]);
    const crop = await Deno.readFile(join(folder, rows[1][5]));
    assertEquals([...crop.subarray(1, 4)], [80, 78, 71]);

    // Pages of one name, and one that is cut off.
    for (const name of ["x", "y"]) await Deno.mkdir(join(folder, name));
    const whole = await form();
    const rows94 = Math.round(0.94 * whole.height);
    const cut = { ...whole, height: rows94, data: whole.data.slice(0, rows94 * whole.width) };
    await png(join("x", "1.png"), whole);
    await png(join("y", "1.png"), cut);
    const edged = JSON.parse(await Deno.readTextFile(json));
    edged.fields.push({ name: "edge", type: "text", box: [50, whole.height - 60, 200, 40] });
    await Deno.writeTextFile(join(folder, "edged.json"), JSON.stringify(edged));
    const both = await ocr([
      ...["-q", "--template", join(folder, "edged.json"), "-f", "jsonl", "-o", join(folder, "b.jsonl")],
      ...[join(folder, "x"), join(folder, "y")],
    ]);
    assertStrictEquals(both.code, 0, both.err);
    const [first, second] = (await Deno.readTextFile(join(folder, "b.jsonl"))).trim().split("\n").map((l) =>
      JSON.parse(l).fields
    );
    assertEquals([first, second].map((f) => f.number.value), ["70436", "70436"]);
    assert(first.number.crop !== second.number.crop);
    assertEquals([first.edge.state, second.edge.state, second.edge.confidence], ["empty", "doubtful", 0]);

    const lines = await ocr(["-q", "--template", join(folder, "blank.png"), "-f", "jsonl", join(PAGES, "form.png")]);
    assertStrictEquals(JSON.parse(lines.out).fields.number.value, "70436");
    assertMatch(
      (await ocr(["--template", json, "-f", "pdf", "-o", join(folder, "a.pdf"), join(PAGES, "form.png")])).err,
      /makes a table/,
    );
    assertMatch(
      (await ocr(["--template", json, "--min-conf", "0.5", join(PAGES, "form.png")])).err,
      /--min-conf is not for --template/,
    );
    assertMatch(
      (await ocr(["--template", json, "--charset", "digits", join(PAGES, "form.png")])).err,
      /--charset is not/,
    );
  }));

Deno.test("template of an archive's inputs: fields in their records, and a table of each form when shards are joined", () =>
  inFolder(async (folder) => {
    const blank = emptied(await form());
    const blanks = ["a", "b"].map((name) => join(folder, name, "blank.png"));
    for (const path of blanks) {
      await Deno.mkdir(dirname(path));
      await Deno.writeFile(path, await encodePng(blank.data, blank.width, blank.height));
    }
    const [filled, note] = ["form.png", "note.png"].map((name) => join(PAGES, name));
    const [template] = blanks;
    const entries = [
      ...[{ path: filled, template }, { path: note, template }, { path: note }],
      ...[{ path: filled, template: blanks[1] }, { path: filled, template: join(folder, "none.json") }],
    ];
    const list = join(folder, "list.jsonl");
    await Deno.writeTextFile(list, entries.map((e) => JSON.stringify(e) + "\n").join(""));
    const out = join(folder, "out");
    for (const shard of ["0/2", "1/2"]) {
      const { code, err } = await ocr(["-q", "--manifest", list, "--shard", shard, "-o", out]);
      assertStrictEquals(code, 0, err);
    }
    const merged = await cli("merge", out);
    assertStrictEquals(merged.code, 0, merged.err);
    const records = (await Deno.readTextFile(join(out, "merged", "pages.jsonl"))).trim().split("\n").map((l) =>
      JSON.parse(l)
    );
    const validate = new Ajv2020({ strict: false }).compile(schema);
    for (const record of records) assert(validate(record), JSON.stringify(validate.errors));
    const [{ lines, form: read }, other, plain, again, missing] = records;
    assertEquals(lines.map((l: { text: string }) => l.text), ["70436", "128.50", "24.09.1987"]);
    const values = (r: FormReading) => r.fields.map(({ name, type, value, state }) => [name, type, value, state]);
    assertEquals(values(read), [
      ...[["number", "digits", "70436", "read"], ["amount", "amount", "128.50", "read"]],
      ["day", "date", "1987-09-24", "read"],
    ]);
    // The cell is where the number stands.
    const [[left, top], , [right, bottom]] = read.fields[0].polygon;
    const [x, y, width, height] = lines[0].box;
    const air = 10;
    assert(left - air <= x && top - air <= y && right + air >= x + width && bottom + air >= y + height);
    assertEquals([values(again.form), plain.form, again.form.template], [values(read), undefined, blanks[1]]);
    assertMatch(other.error.message, /page 1 is not the form of .*blank\.png/);
    assertMatch(missing.error.message, /none\.json/);
    for (const name of ["blank.csv", "blank-2.csv"]) {
      const [head, row] = (await Deno.readTextFile(join(out, "merged", "forms", name))).split(/\r?\n/);
      assertMatch(head, /^file,page,number,number\.confidence,number\.state,/);
      assertMatch(row, /form\.png,1,70436,0\.\d+,read,,128\.50,/);
    }

    // One template for all lines.
    const lined = await ocr(["--lines", "--template", template], { stdin: new TextEncoder().encode(`${filled}\n`) });
    assertStrictEquals(JSON.parse(lined.out).form.fields[2].value, "1987-09-24");
    const none = await ocr(["--lines", "--template", entries[4].template!], { stdin: new Uint8Array() });
    assertStrictEquals(none.code, 2);
  }));
