/** `data get` against a local server: ranges, cut connections, wrong hashes, mirrors. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "@std/path/join";
import { createTar } from "nanotar";
import { makeDhsd } from "../src/data/dhsd.ts";
import { getSet } from "../src/data/get.ts";
import { makeOutlines, makeWritten } from "../src/data/outlines.ts";
import { makeUnipen, segmentsOf, strokesOf, type Writing } from "../src/data/unipen.ts";
import { decodeImage } from "../src/engine/engine.ts";
import { encodePng } from "../src/format/png.ts";
import { readCrops, readSet, writer } from "../src/train/lines/data.ts";
import { LETTERS_FOLDER, readLetters } from "../src/train/lines/letters.ts";
import { jpeg, openCanvas } from "../src/train/lines/pack.ts";
import { OUTLINES } from "../src/train/pages/real.ts";

const CONTENT = new Uint8Array(50_000).map((_, i) => i * 7);
const md5 = (b: Uint8Array) => createHash("md5").update(b).digest("hex");

/** Serves CONTENT as /good/x, cut off after 20,000 bytes as /cut/x, damaged as /bad/x; remembers the ranges asked for. */
async function withServer(use: (root: string, ranges: (string | null)[]) => Promise<void>) {
  const ranges: (string | null)[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    const range = request.headers.get("range");
    ranges.push(range);
    const from = Number(/bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
    const status = range ? 206 : 200;
    if (pathname === "/good/x") return new Response(CONTENT.slice(from), { status });
    if (pathname === "/cut/x") {
      const body = new ReadableStream({
        start: (c) => c.enqueue(CONTENT.slice(from, 20_000)),
        // Asked for more only once the first part is on its way.
        async pull(c) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          c.error(new Error("cut"));
        },
      });
      return new Response(body, { status });
    }
    if (pathname === "/bad/x") return new Response(CONTENT.map((v) => v ^ 1), { status: 200 });
    return new Response("", { status: 404 });
  });
  try {
    await use(`http://127.0.0.1:${server.addr.port}`, ranges);
  } finally {
    await server.shutdown();
  }
}

const set = (mirrors: string[]) => ({ folder: "chars/x", mirrors, files: [{ name: "x", hash: md5(CONTENT) }] });

Deno.test("data get: a cut download goes on from another mirror, and is whole", async () => {
  const folder = await Deno.makeTempDir();
  await withServer(async (root, ranges) => {
    const fetched = await getSet(set([`${root}/none/`, `${root}/cut/`, `${root}/good/`]), folder);
    assertStrictEquals(fetched.length, 1);
    assertEquals(await Deno.readFile(join(folder, "chars/x/x")), CONTENT);
    assertStrictEquals(ranges.at(-1), "bytes=20000-");
    assertEquals(await getSet(set([`${root}/good/`]), folder), []);
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("data get: a damaged file is told and not kept", async () => {
  const folder = await Deno.makeTempDir();
  await withServer(async (root) => {
    const refused = await assertRejects(() => getSet(set([`${root}/bad/`]), folder), Error);
    assertMatch(refused.message, /its MD5 is .* not/);
    assertEquals([...Deno.readDirSync(join(folder, "chars/x"))], []);
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("data get: what training reads is made of what was fetched, and made again where it is missing", async () => {
  const folder = await Deno.makeTempDir();
  await withServer(async (root) => {
    const file = join(folder, "chars/x/made");
    const make = async (at: string) =>
      await Deno.writeTextFile(join(at, "made"), String((await Deno.readFile(join(at, "x"))).length));
    const both = { ...set([`${root}/good/`]), made: { names: ["made"], make } };
    for (const fetched of [1, 0]) {
      assertStrictEquals((await getSet(both, folder)).length, fetched);
      assertStrictEquals(await Deno.readTextFile(file), "50000");
      await Deno.remove(file);
    }
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("data get: what a list names is fetched by its SHA-256, and what is not wanted of it is left", async () => {
  const folder = await Deno.makeTempDir();
  const hash = createHash("sha256").update(CONTENT).digest("hex");
  const list = `${hash}  good/x\n${hash}  good/y z\n`;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ({ url }) => {
    const { pathname } = new URL(url);
    return pathname === "/list"
      ? new Response(list)
      : new Response(CONTENT, { status: pathname === "/good/x" ? 200 : 404 });
  });
  const remote = {
    folder: "lines/x",
    mirrors: [`http://127.0.0.1:${server.addr.port}/`],
    files: [{ name: "list", hash: md5(new TextEncoder().encode(list)) }],
  };
  const fetched = await getSet({ ...remote, lists: { list: (name) => name !== "good/y z" } }, folder);
  assertEquals(fetched, ["list", "good/x"].map((name) => join(folder, "lines/x", name)));
  assertEquals(await Deno.readFile(fetched[1]), CONTENT);
  const missing = getSet({ ...remote, lists: { list: () => true } }, folder);
  assertMatch((await assertRejects(() => missing, Error)).message, /good\/y z could not be fetched/);
  await server.shutdown();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("crops of DHSD lie one after another, those left for measuring not among them", async () => {
  const folder = await Deno.makeTempDir();
  const rows = [["writer1/1_0.png", "Köln"], ["writer3/3_0.png", "Ulm"], ["writer33/33_43.png", "Bonn"], [
    "writer33/33_4.png",
    '"Essen, West"',
  ]];
  // White of 40 x 20, on which ink takes 10 x 6 and more from (8, 5) on.
  const pictures = await Promise.all(rows.map((_, i) => {
    const gray = new Uint8Array(40 * 20).fill(255);
    for (let y = 5; y < 11 + i; y++) gray.fill(0, 40 * y + 8, 40 * y + 18);
    return encodePng(gray, 40, 20);
  }));
  for (const [i, [name]] of rows.entries()) {
    await Deno.mkdir(join(folder, "german_hw_data", name, ".."), { recursive: true });
    await Deno.writeFile(join(folder, "german_hw_data", name), pictures[i]);
  }
  const table = rows.map(([name, text]) => `german_hw_data/${name},${text},${/\d+/.exec(name)}`);
  await Deno.writeTextFile(join(folder, "data.csv"), ["file_name,text,writer_id", ...table].join("\n"));
  await makeDhsd(folder);
  const lines = (await Deno.readTextFile(join(folder, "lines.jsonl"))).trim().split("\n").map((l) => JSON.parse(l));
  const [{ length }, last] = lines;
  assertEquals(lines, [
    { offset: 0, length, width: 18, height: 14, text: "Köln", page: "writer1", numeric: false },
    {
      offset: length,
      length: last.length,
      width: 18,
      height: 17,
      text: "Essen, West",
      page: "writer33",
      numeric: false,
    },
  ]);
  const bin = await Deno.readFile(join(folder, "lines.bin"));
  assertStrictEquals(bin.length, length + last.length);
  const crop = await decodeImage(bin.subarray(length), 0, 1000);
  assertEquals([crop.width, crop.height], [18, 17]);
  assert(crop.gray()[18 * 8 + 9] < 50 && crop.gray()[0] > 200);
  crop.free();
  await Deno.writeTextFile(join(folder, "german_hw_data/writer1/1_0.png"), "no picture");
  await assertRejects(() => makeDhsd(folder), Error, "1_0.png: ");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("outlined lines are written, printed or neither is known", async () => {
  const folder = await Deno.makeTempDir();
  const types = {
    L1: "DefaultLine:Handwritten",
    L2: "DefaultLine:Typewritten",
    L3: "Main_date",
    B1: "Col_3",
    B2: "header",
  };
  const line = (x: number, tag = "") =>
    `<TextLine TAGREFS="${tag}"><Shape><Polygon POINTS="${x} 1 ${x + 9} 1 ${
      x + 9
    } 5"/></Shape><String CONTENT="a"/></TextLine>`;
  const alto = (blocks: string) =>
    `<alto><Description><sourceImageInformation><fileName>a.jpg</fileName></sourceImageInformation></Description><Tags>${
      Object.entries(types).map(([id, label]) => `<OtherTag ID="${id}" LABEL="${label}"/>`).join("")
    }</Tags><Layout>${blocks}</Layout></alto>`;
  await Deno.mkdir(join(folder, "below"));
  const xml = alto(
    `<TextBlock>${line(10, "L1")}${line(20, "L2")}${line(30, "L3")}${line(40)}</TextBlock>` +
      `<TextBlock TAGREFS="B1">${line(50)}${line(60, "L2")}</TextBlock><TextBlock TAGREFS="B2">${line(70)}</TextBlock>`,
  );
  await Deno.writeTextFile(join(folder, "below", "a.xml"), xml);
  await Deno.writeTextFile(join(folder, "nothing.xml"), alto(""));
  await makeOutlines(folder);
  const pages = (await Deno.readTextFile(join(folder, OUTLINES))).trim().split("\n").map((l) => JSON.parse(l));
  const of = (x: number, written: boolean) => ({ written, polygon: [[x, 1], [x + 9, 1], [x + 9, 5]] });
  const lines = [of(10, true), of(20, false), of(50, true), of(60, false)];
  assertEquals(pages, [{ picture: join("below", "a.jpg"), lines }]);
  await Deno.writeTextFile(join(folder, "nothing.xml"), "<alto>");
  await assertRejects(() => makeOutlines(folder), Error, "nothing.xml is no XML");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("written lines are cut from their pages, without the carets of their texts", async () => {
  const folder = await Deno.makeTempDir();
  const page = { width: 60, height: 40, pixels: new Uint8Array(2400).fill(240) };
  // A dark bar in the line that is written, and one below it.
  page.pixels.fill(10, 12 * 60 + 10, 12 * 60 + 40);
  page.pixels.fill(10, 30 * 60 + 10, 30 * 60 + 40);
  await Deno.writeFile(join(folder, "a.jpg"), jpeg(await openCanvas(), page, 95));
  const line = (tag: string, text: string, top: number) =>
    `<TextLine TAGREFS="${tag}"><Shape><Polygon POINTS="5 ${top} 50 ${top} 50 ${top + 10} 5 ${top + 10}"/></Shape>` +
    `<String CONTENT="${text}"/></TextLine>`;
  const xml = `<alto><Description><sourceImageInformation><fileName>a.jpg</fileName></sourceImageInformation>` +
    `</Description><Tags><OtherTag ID="H" LABEL="Handwritten"/><OtherTag ID="T" LABEL="Typewritten"/></Tags><Layout>` +
    line("H", "M^c 12", 8) + line("T", "typed", 26) + line("H", "", 26) + `</Layout></alto>`;
  await Deno.writeTextFile(join(folder, "a.xml"), xml);
  await makeWritten(folder);
  const [crop, ...none] = await readSet(folder, "letters");
  assertEquals([crop.text, crop.page, crop.numeric, none.length], ["Mc 12", "a.jpg", true, 0]);
  const picture = await decodeImage(crop.jpeg, 0, 1000);
  assertEquals([picture.width, picture.height], [45, 10]);
  assert(picture.gray()[4 * 45 + 20] < 60 && picture.gray()[20] > 200);
  picture.free();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("letters are split by letter, and pages that were cut are read as sets of lines are", async () => {
  const page = (name: string) => ({ set: "memorials", page: `data/by/Page10-Lettre75-76/${name}.jpg` });
  assertEquals(["Lettre76_1", "Lettre76_2", "Lettre75"].map((n) => writer(page(n))), ["76", "76", "75"]);
  assertEquals(writer({ set: "memorials", page: "data/by/PageX/SC0033B_s4_i080.jpg" }), "SC0033B");
  const data = await Deno.makeTempDir();
  const folder = join(data, "pages", "memorials");
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(join(folder, "lines.bin"), Uint8Array.of(1, 2));
  await Deno.writeTextFile(
    join(folder, "lines.jsonl"),
    JSON.stringify({ offset: 0, length: 2, text: "a", page: "p", numeric: false }),
  );
  assertEquals((await readCrops(data)).map((c) => [c.set, c.text]), [["memorials", "a"]]);
  await Deno.remove(data, { recursive: true });
});

Deno.test("sets of lines are found where their folders are links, and what is no set is passed over", async () => {
  const data = await Deno.makeTempDir();
  const [lines, elsewhere] = [join(data, "lines"), join(data, "elsewhere")];
  const row = JSON.stringify({ offset: 0, length: 2, text: "12", page: "p", numeric: true });
  for (const folder of [join(lines, "own"), elsewhere]) {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(join(folder, "lines.jsonl"), row);
    await Deno.writeFile(join(folder, "lines.bin"), Uint8Array.of(1, 2));
  }
  await Deno.symlink(elsewhere, join(lines, "linked"), { type: "dir" });
  await Deno.writeTextFile(join(lines, "README.md"), "what lies here");
  assertEquals((await readCrops(data)).map((c) => c.set), ["linked", "own"]);
  await Deno.remove(data, { recursive: true });
});

Deno.test("pen strokes come out of UNIPEN, a line a segment", () => {
  const one =
    `.SEGMENT DIGIT 0 ? "4"\n.COMMENT 4 12 224\n.PEN_DOWN\n 1  2\n 3  4\n.PEN_UP\n.DT 7\n.PEN_DOWN\n 5  6\n.PEN_UP\n`;
  const two = one.replace('"4"', '"5"').replaceAll("\n", "\r\n");
  const rows = strokesOf(`.LEXICON "0" "1"\n\n${one}\n${two}`).trim().split("\n").map((row) => JSON.parse(row));
  const strokes = [[[1, 2], [3, 4]], [[5, 6]]];
  assertEquals(rows, [{ text: "4", strokes }, { text: "5", strokes }]);
  assertThrows(() => strokesOf('.SEGMENT DIGIT 0 ? "4"\n.PEN_UP\n'), Error, "segment 1 of the pen strokes");
});

Deno.test("data get: an archive is fetched and removed, and what is made of it is whole or told", async () => {
  const files = [{ name: "top/one", data: "1" }, { name: "top/below/two", data: "2" }];
  const packed = await new Response(
    new Blob([createTar(files) as BlobPart]).stream().pipeThrough(new CompressionStream("gzip")),
  )
    .bytes();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => new Response(packed));
  const data = await Deno.makeTempDir();
  const set = (hash: string) => ({
    folder: "x",
    mirrors: [`http://127.0.0.1:${server.addr.port}/`],
    files: [{ name: "made", hash }],
    archive: {
      name: "packed",
      make: (entries: Map<string, Uint8Array>, folder: string) =>
        Deno.writeTextFile(
          join(folder, "made"),
          [...entries].map(([k, v]) => `${k}=${new TextDecoder().decode(v)}`).join(),
        ),
    },
  });
  const hash = md5(new TextEncoder().encode("one=1,below/two=2"));
  assertMatch(
    (await assertRejects(() => getSet(set("0".repeat(32)), data), Error)).message,
    /made, which is made of it, does not hash/,
  );
  assertEquals(await getSet(set(hash), data), [join(data, "x", "made")]);
  assertEquals(await getSet(set(hash), data), []);
  assertEquals([...Deno.readDirSync(join(data, "x"))].map((f) => f.name), ["made"]);
  await Deno.remove(data, { recursive: true });
  await server.shutdown();
});

/** A file of the distribution whose writer's words are boxes as high as wide a letter, `at` where each begins. */
function written(words: [text: string, at: number][]): string {
  const box = (x: number, w: number) => `.PEN_DOWN\n${x} 0\n${x} 40\n${x + w} 40\n${x + w} 0\n.PEN_UP\n`;
  return ".WRITER_ID anna b\n.PEN_UP\n" + words.map(([text, at]) => box(at, 30 * text.length)).join("");
}

Deno.test("segments count components that have points, and leave out what was lifted or bad", () => {
  const all =
    `.WRITER_ID me\n.PEN_UP\n.PEN_DOWN\n1 2 99\n3 4 99\n.PEN_UP\n9 9\n.PEN_DOWN\n5 6\n.PEN_UP\n.PEN_DOWN\n7 8\n`;
  const own = '.SEGMENT WORD 0-2 ? "a\\"\\@b"\n.SEGMENT WORD 3 BAD "c"\n.SEGMENT WORD 9 OK "d"\n';
  const [only, ...others] = segmentsOf(own, all);
  assertEquals([only.text, only.writer, only.from], ['a"b', "me", 0]);
  assertEquals(only.strokes, [[[1, 2], [3, 4]], [[5, 6]]]);
  assertEquals(only.box, { left: 1, right: 5, low: 2, high: 6 });
  assertEquals(others, []);
});

Deno.test("words of a row are a line as well, in hundredths of the writer's capitals; what its size belies is left out", async () => {
  const words: [string, number][] = [["Bad", 0], ["Hat", 120], [".", 215], ["Tub", 900], ["Lid", 1010], ["Kit", 1120], [
    "Unfit",
    2000,
  ]];
  const own = words.map(([text], i) => `.SEGMENT WORD ${i} ? "${text}"`).join("\n");
  const strokes = written(words).replace("2000 40", "2000 4000");
  const text = (s: string) => new TextEncoder().encode(s);
  const folder = await Deno.makeTempDir();
  await makeUnipen(
    new Map([
      ["data/7/lab/a.dat", text(`.INCLUDE lab/a.doc\n.INCLUDE lab/data/a.dat\n${own}\n`)],
      ["include/lab/data/a.dat", text(strokes)],
      [
        "data/2/lab/a.dat",
        text(`.INCLUDE lab/data/a.dat\n${[..."ABCDE"].map((c, i) => `.SEGMENT CHARACTER ${i} ? "${c}"`).join("\n")}\n`),
      ],
    ]),
    folder,
  );
  const lines = async (name: string): Promise<Writing[]> =>
    (await Deno.readTextFile(join(folder, name))).trim().split("\n").map((l) => JSON.parse(l));
  const made = await lines("words.jsonl");
  assertEquals(made.map((w) => w.text), ["Bad", "Hat", "Tub", "Lid", "Kit", "Bad Hat.", "Tub Lid Kit"]);
  assertEquals(made[0], { text: "Bad", writer: "lab/anna", strokes: [[[0, 0], [0, 100], [225, 100], [225, 0]]] });
  const characters = await lines("characters.jsonl");
  // The other boxes are wider than letters are.
  assertEquals(characters.map((c) => c.text), ["C"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("letters come out of their tiles, digits and what fills the last picture left out", async () => {
  const data = await Deno.makeTempDir();
  const folder = join(data, LETTERS_FOLDER);
  await Deno.mkdir(folder, { recursive: true });
  // Tiles of 2 x 2 pixels, four a picture; the second picture is filled up. Each uses the whole range, else it would be stretched.
  const tiles = [0, 20, 30, 252, 50, 252];
  const picture = (values: number[]) => {
    const gray = new Uint8Array(4 * 4);
    values.forEach((v, i) => {
      for (let k = 0; k < 4; k++) gray[((i >> 1) * 2 + (k >> 1)) * 4 + (i & 1) * 2 + (k & 1)] = v + k;
    });
    return encodePng(gray, 4, 4, 1);
  };
  await Deno.writeFile(join(folder, "a.png"), await picture(tiles.slice(0, 4)));
  await Deno.writeFile(join(folder, "b.png"), await picture(tiles.slice(4)));
  const about = (id: number[]) =>
    Deno.writeTextFile(
      join(folder, "test.json"),
      JSON.stringify({ width: 2, height: 2, files: ["a.png", "b.png"], mapping: [55, 81, 113], id }),
    );
  await about([1, 0, 2, 2, 1]);
  const letters = await readLetters(data);
  assertStrictEquals(letters?.classes, "Qq");
  assertEquals([...letters.labels], [0, 1, 1, 0]);
  assertEquals([...letters.images], [0, 30, 252, 50].flatMap((v) => [v, v + 1, v + 2, v + 3]));
  await about(Array(9).fill(1));
  await assertRejects(() => readLetters(data), Error, "hold 8 tiles");
  assertStrictEquals(await readLetters(join(data, "none")), undefined);
  await Deno.remove(data, { recursive: true });
});
