/** `data get` against a local server: ranges, cut connections, wrong hashes, mirrors. */
import { assertEquals, assertMatch, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "@std/path/join";
import { getSet } from "../src/data/get.ts";
import { strokesOf } from "../src/data/unipen.ts";
import { encodePng } from "../src/format/png.ts";
import { LETTERS_FOLDER, readLetters } from "../src/train/lines/letters.ts";

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

const set = (mirrors: string[]) => ({ folder: "chars/x", mirrors, files: [{ name: "x", md5: md5(CONTENT) }] });

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

Deno.test("pen strokes come out of UNIPEN, a line a segment", () => {
  const one =
    `.SEGMENT DIGIT 0 ? "4"\n.COMMENT 4 12 224\n.PEN_DOWN\n 1  2\n 3  4\n.PEN_UP\n.DT 7\n.PEN_DOWN\n 5  6\n.PEN_UP\n`;
  const two = one.replace('"4"', '"5"').replaceAll("\n", "\r\n");
  const rows = strokesOf(`.LEXICON "0" "1"\n\n${one}\n${two}`).trim().split("\n").map((row) => JSON.parse(row));
  const strokes = [[[1, 2], [3, 4]], [[5, 6]]];
  assertEquals(rows, [{ text: "4", strokes }, { text: "5", strokes }]);
  assertThrows(() => strokesOf('.SEGMENT DIGIT 0 ? "4"\n.PEN_UP\n'), Error, "segment 1 of the pen strokes");
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
