/** OCR-D: a small METS workspace read by the command line of its processors, and checked by its own validators where they are installed. */
import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { join } from "@std/path/join";
import { chosenIds, Mets, pictureOfPage } from "../src/archive/mets.ts";
import { hull, nested } from "../src/archive/nested.ts";
import type { Page, Polygon } from "../src/engine/types.ts";
import { TOOL } from "../src/cli/ocrd.ts";
import { inFolder, type Outcome, PAGES, ROOT, run, TASK } from "./command.ts";

const PICTURES = ["digits.png", "form.png", "note.png"];
const COMMAND = ["run", "--quiet", "--no-prompt", ...TASK, join(ROOT, "src/cli.ts"), "ocrd"];
const ocrd = (args: string[]): Promise<Outcome> => run(Deno.execPath(), [...COMMAND, ...args]) as Promise<Outcome>;

/** A workspace as `ocrd workspace` makes it. */
const METS = `<?xml version="1.0" encoding="UTF-8"?>
<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mods="http://www.loc.gov/mods/v3">
  <mets:metsHdr CREATEDATE="2026-11-26T00:00:00">
    <mets:agent TYPE="OTHER" OTHERTYPE="SOFTWARE" ROLE="CREATOR"><mets:name>somebody</mets:name></mets:agent>
  </mets:metsHdr>
  <mets:dmdSec ID="DMDLOG_0001"><mets:mdWrap MDTYPE="MODS"><mets:xmlData>
    <mods:mods><mods:identifier type="purl">http://example.org/register</mods:identifier></mods:mods>
  </mets:xmlData></mets:mdWrap></mets:dmdSec>
  <mets:fileSec>
    <mets:fileGrp USE="OCR-D-IMG">
${
  PICTURES.map((name, i) =>
    `      <mets:file ID="IMG_${
      i + 1
    }" MIMETYPE="image/png"><mets:FLocat LOCTYPE="OTHER" OTHERLOCTYPE="FILE" xlink:href="OCR-D-IMG/${name}"/></mets:file>`
  ).join("\n")
}
    </mets:fileGrp>
  </mets:fileSec>
  <mets:structMap TYPE="PHYSICAL">
    <mets:div TYPE="physSequence">
${
  PICTURES.map((_, i) =>
    `      <mets:div TYPE="page" ID="PHYS_000${i + 1}"><mets:fptr FILEID="IMG_${i + 1}"/></mets:div>`
  ).join("\n")
}
    </mets:div>
  </mets:structMap>
</mets:mets>
`;

async function workspace(folder: string): Promise<string> {
  await Deno.mkdir(join(folder, "OCR-D-IMG"));
  for (const name of PICTURES) await Deno.copyFile(join(PAGES, name), join(folder, "OCR-D-IMG", name));
  const path = join(folder, "mets.xml");
  await Deno.writeTextFile(path, METS);
  return path;
}

/** The text of a PAGE document's lines. */
const linesOf = (page: string) =>
  [...page.matchAll(/<\/Word>\s*<TextEquiv index="0" conf="[^"]*"><Unicode>([^<]*)/g)].map((m) => m[1]);

Deno.test("a METS file: groups, pages and results, all else as it was", () => {
  const mets = Mets.parse(METS);
  assertEquals(mets.pageIds(), ["PHYS_0001", "PHYS_0002", "PHYS_0003"]);
  assertEquals(mets.files("OCR-D-IMG")[1], {
    id: "IMG_2",
    page: "PHYS_0002",
    type: "image/png",
    path: "OCR-D-IMG/form.png",
  });
  assertThrows(() => mets.files("OCR-D-BIN"), Error, "there is no file group OCR-D-BIN; there are OCR-D-IMG");
  const before = mets.text();
  assertMatch(before, /<mods:identifier type="purl">http:\/\/example\.org\/register<\/mods:identifier>/);
  const file = { id: "X_1", page: "PHYS_0002", type: "text/xml", path: "X/a&b.xml" };
  mets.add("X", file);
  assertEquals(Mets.parse(mets.text()).files("X"), [file]);
  mets.remove("X_1");
  assertEquals(Mets.parse(mets.text()).files("X"), []);
  assertThrows(() => Mets.parse("<a/>"), Error, "its root is no mets:mets");
  assertThrows(() => Mets.parse("<a>"), Error, "it is no XML");
  const away = METS.replace("OCR-D-IMG/form.png", "https://example.org/form.png");
  assertThrows(() => Mets.parse(away).files("OCR-D-IMG"), Error, "ocrd workspace find --download");
});

Deno.test("lists of pages, and the picture of a PAGE document", () => {
  const all = ["P1", "P2", "P3", "P4"];
  assertEquals(chosenIds(undefined, all), all);
  assertEquals(chosenIds("P4,P1..P2,P2", all), ["P1", "P2", "P4"]);
  assertThrows(() => chosenIds("P1..P9", all), Error, "there is no page P9");
  const page = `<p:PcGts xmlns:p="x"><p:Page imageFilename="a&amp;b.png"/></p:PcGts>`;
  assertStrictEquals(pictureOfPage(page), "a&b.png");
  assertThrows(() => pictureOfPage("<a/>"), Error, "no PAGE document with a picture");
});

Deno.test("places of parts lie within those of what they are parts of", async () => {
  assertEquals(hull([[0, 0], [4, 0], [2, 1], [4, 4], [0, 4], [2, 4], [4, 4]]), [[0, 0], [4, 0], [4, 4], [0, 4]]);
  const { out } = (await run(Deno.execPath(), [
    ...COMMAND.slice(0, -1),
    ...["ocr", "-q", "-f", "jsonl", "--printed", "mark", join(PAGES, "form.png"), join(PAGES, "table.png")],
  ]))!;
  const within = (outer: Polygon, inner: Polygon) =>
    inner.every(([x, y]) =>
      outer.every(([ax, ay], i) => {
        const [bx, by] = outer[(i + 1) % outer.length];
        return (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0;
      })
    );
  const pages: Page[] = out.trim().split("\n").map((l) => JSON.parse(l));
  /** Parts that lie within, of all. */
  const count = (page: Page) => {
    const pairs = [
      ...page.regions.flatMap((r) => r.lines.map((i) => [r.polygon, page.lines[i].polygon])),
      ...page.lines.flatMap((l) => l.words.map((w) => [l.polygon, w.polygon])),
      ...page.lines.flatMap((l) => l.words).flatMap((w) => w.characters.map((c) => [w.polygon, c.polygon])),
    ];
    return [pairs.filter(([outer, inner]) => within(outer, inner)).length, pairs.length];
  };
  // The table leans: as they are read, some reach out.
  assert(pages.map(count).some(([inside, all]) => inside < all));
  for (const page of pages) {
    const [inside, all] = count(nested(page));
    assert(all > 10);
    assertStrictEquals(inside, all);
  }
});

Deno.test("ocrd: pages of a workspace become PAGE documents of another group", () =>
  inFolder(async (folder) => {
    const path = await workspace(folder);
    const args = ["-m", path, "-I", "OCR-D-IMG", "-O", "OCR-D-OCR"];
    const some = await ocrd([...args, "-g", "PHYS_0001,PHYS_0003", "-p", '{"charset": "digits"}']);
    assertStrictEquals(some.code, 0, some.err);
    const results = () => Mets.parse(Deno.readTextFileSync(path)).files("OCR-D-OCR");
    assertEquals(results().map((f) => [f.id, f.page, f.type, f.path]), [
      ["OCR-D-OCR_PHYS_0001", "PHYS_0001", "application/vnd.prima.page+xml", "OCR-D-OCR/OCR-D-OCR_PHYS_0001.xml"],
      ["OCR-D-OCR_PHYS_0003", "PHYS_0003", "application/vnd.prima.page+xml", "OCR-D-OCR/OCR-D-OCR_PHYS_0003.xml"],
    ]);
    const page = await Deno.readTextFile(join(folder, results()[0].path));
    assertMatch(page, /<PcGts [^>]*pcGtsId="OCR-D-OCR_PHYS_0001"/);
    assertMatch(page, /imageFilename="OCR-D-IMG\/digits\.png"/);
    const golden = (name: string) => Deno.readTextFile(join(PAGES, `${name}.txt`));
    assertStrictEquals(linesOf(page).map((l) => l + "\n").join(""), await golden("digits.png"));
    assertMatch(await Deno.readTextFile(path), /<mets:name>ocrd-scrawl-recognize v\d/);

    const twice = await ocrd([...args, "-g", "PHYS_0001"]);
    assertStrictEquals(twice.code, 4);
    assertMatch(twice.err, /has the page PHYS_0001 already: --overwrite/);
    // Results may be read again: their pictures are looked at.
    const again = ["-m", path, "-I", "OCR-D-OCR", "-O", "AGAIN", "-g", "PHYS_0003"];
    assertStrictEquals((await ocrd(again)).code, 0);
    const third = Mets.parse(await Deno.readTextFile(path)).files("AGAIN")[0];
    const lines = linesOf(await Deno.readTextFile(join(folder, third.path)));
    assertStrictEquals(lines.map((l) => l + "\n").join(""), await golden("note.png"));

    // A page that cannot be read costs the others nothing.
    await Deno.writeTextFile(join(folder, "OCR-D-IMG", "form.png"), "none");
    const bad = await ocrd([
      ...args,
      "--overwrite",
      "-p",
      '{"charset": "text"}',
      "-P",
      "charset",
      "digits",
      "-P",
      "jobs",
      "1",
    ]);
    assertStrictEquals(bad.code, 2);
    assertMatch(bad.err, /page PHYS_0002: the file is text/);
    assertEquals(results().map((f) => f.page), ["PHYS_0001", "PHYS_0003"]);
    // What is given by itself goes before what the object says.
    assertStrictEquals(
      linesOf(await Deno.readTextFile(join(folder, results()[0].path))).map((l) => l + "\n").join(""),
      await golden("digits.png"),
    );
    for (
      const [wrong, why] of [
        [["-p", '{"charst": "digits"}'], /there is no charst; known are charset/],
        [["-p", '{"charset": "latin"}'], /choose one of digits, numeric, text/],
        [["-P", "charst", "digits"], /there is no charst; known are charset/],
        [["-P", "charset"], /a name and a value are wanted/],
        [["scan.png"], /leave out scan\.png/],
        [["-p", "gone.json"], /neither a JSON object nor a file/],
        [["-g", "PHYS_0009"], /there is no page PHYS_0009/],
      ] as const
    ) {
      const { code, err } = await ocrd([...args, ...wrong]);
      assertStrictEquals(code, 1, err);
      assertMatch(err, why);
    }
  }));

const validators = (await run("python3", ["-c", "import ocrd"]))?.code === 0;

Deno.test({
  name: "ocrd process finds the processor, and its validators have nothing to say",
  ignore: !validators,
  fn: () =>
    inFolder(async (folder) => {
      await workspace(folder);
      const bin = join(folder, "bin");
      await Deno.mkdir(bin);
      const words = [Deno.execPath(), ...COMMAND].map((w) => `'${w}'`).join(" ");
      await Deno.writeTextFile(join(bin, TOOL.executable), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
      const ask = async (...args: string[]) => {
        const { code, stdout, stderr } = await new Deno.Command("python3", {
          // As its command `ocrd` does, which may not be on the path.
          args: ["-c", "from ocrd.cli import cli; cli()", ...args],
          cwd: folder,
          env: { PATH: `${bin}:${Deno.env.get("PATH")}`, HOME: folder },
        }).output();
        const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
        assertStrictEquals(code, 0, `ocrd ${args.join(" ")}\n${text}`);
        return text;
      };
      await ask("process", `scrawl-recognize -I OCR-D-IMG -O OCR-D-OCR -p '{"charset": "digits"}'`);
      assert(Mets.parse(await Deno.readTextFile(join(folder, "mets.xml"))).files("OCR-D-OCR").length === 3);
      // The pictures of these tests have no resolution to validate.
      await ask("workspace", "validate", "--skip", "pixel_density", "mets.xml");
    }),
});
