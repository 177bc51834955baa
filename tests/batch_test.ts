/** Batches: cut off and gone on with, watched, shown on a terminal, with no more permissions than they need. Pipes stand for files that take for ever. */
import { assert, assertEquals, assertMatch, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";
import { command, has, inFolder, ocr, PAGES, ROOT, run, start, until } from "./command.ts";

const page = (name: string) => join(PAGES, name);
const golden = (name: string) => Deno.readTextFile(page(`${name}.txt`));
const sizeOf = (path: string) => {
  try {
    return Deno.statSync(path).size;
  } catch {
    return -1;
  }
};
const names = (folder: string) => [...Deno.readDirSync(folder)].map((f) => f.name).sort();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const unix = Deno.build.os !== "windows";
const pipe = async (path: string) => assert((await run("mkfifo", [path]))!.code === 0);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `${signal} ends a run that waits, and leaves nothing half-written`,
    ignore: !unix,
    fn: () =>
      inFolder(async (folder) => {
        await pipe(join(folder, "slow.png"));
        const out = join(folder, "out.jsonl");
        const child = start(["-f", "jsonl", "-o", out, page("form.png"), join(folder, "slow.png")]);
        await until("the first page is written", () => sizeOf(`${out}.part`) > 0);
        child.kill(signal);
        const { code, stderr } = await child.output();
        await child.stdin.close().catch(() => {});
        assertStrictEquals(code, 130);
        assertMatch(text(stderr), /interrupted; finished files stay, nothing half-written does/);
        assertEquals(names(folder), ["slow.png"]);
      }),
  });
}

Deno.test({
  name: "kill -9, and --resume goes on: nothing twice, nothing lost",
  ignore: !unix,
  fn: () =>
    inFolder(async (folder) => {
      const [out, last] = [join(folder, "out"), join(folder, "table.png")];
      await pipe(last);
      // Without --resume: nobody knows beforehand that a batch will be cut off.
      const batch = ["-f", "txt", "-o", `${out}/`, page("form.png"), page("note.png"), last];
      const child = start(batch);
      const journal = () =>
        names(out).includes(".scrawl-journal") ? Deno.readTextFileSync(`${out}/.scrawl-journal`) : "";
      await until("two files are read", () => sizeOf(out) >= 0 && journal().split('"done":true').length === 3);
      child.kill("SIGKILL");
      assertNotStrictEquals((await child.output()).code, 0);
      await child.stdin.close().catch(() => {});
      await Deno.remove(last);
      await Deno.copyFile(page("table.png"), last);
      const before = Deno.statSync(join(out, "form.txt")).mtime;

      const refused = await ocr(batch);
      assertStrictEquals(refused.code, 4);
      assertMatch(refused.err, /form\.txt is there already: .*--resume goes on/);
      const again = await ocr([...batch, "--resume"]);
      assertStrictEquals(again.code, 0, again.err);
      assertMatch(again.err, /1 of 1 files read, 1 pages, 2 skipped/);
      assertEquals(names(out), [".scrawl-journal", "form.txt", "note.txt", "table.txt"]);
      assertEquals(Deno.statSync(join(out, "form.txt")).mtime, before);
      for (const name of ["form", "note", "table"]) {
        assertStrictEquals(await Deno.readTextFile(join(out, `${name}.txt`)), await golden(`${name}.png`));
      }

      // Cut off between a result and its line in the journal: read once more.
      const lines = journal().trimEnd().split("\n");
      await Deno.writeTextFile(join(out, ".scrawl-journal"), lines.slice(0, -1).join("\n") + '\n{"file": "ha');
      const once = await ocr([...batch, "--resume"]);
      assertMatch(once.err, /1 of 1 files read, 1 pages, 2 skipped/);
      // Read in another way, results are others.
      assertMatch((await ocr([...batch, "--resume", "--charset", "digits"])).err, /3 of 3 files read/);
      // What the batch did not write is not written over.
      await Deno.copyFile(page("sum.png"), join(folder, "sum.png"));
      await Deno.writeTextFile(join(out, "sum.txt"), "mine");
      assertStrictEquals((await ocr([...batch, join(folder, "sum.png"), "--resume"])).code, 4);
      assertStrictEquals(await Deno.readTextFile(join(out, "sum.txt")), "mine");
    }),
});

Deno.test("--resume of a batch that is done says that nothing is left to do, and leaves no journal", () =>
  inFolder(async (folder) => {
    const batch = ["-o", `${folder}/`, "--resume", page("form.png"), page("note.png")];
    assertMatch((await ocr(batch)).err, /2 of 2 files read/);
    for (let i = 0; i < 2; i++) {
      const again = await ocr(batch);
      assertStrictEquals(again.code, 0, again.err);
      assertMatch(again.err, /nothing is left to do/);
      assertEquals(names(folder), ["form.txt", "note.txt"]);
    }
    // A result without a journal is not taken for the batch's own while others are missing.
    await Deno.remove(join(folder, "note.txt"));
    assertStrictEquals((await ocr(batch)).code, 4);
  }));

Deno.test({
  name: "a name that is too long for its results costs that file alone; a temporary name is shorter",
  ignore: !unix,
  fn: () =>
    inFolder(async (folder) => {
      const [inbox, out] = [join(folder, "in"), join(folder, "out")];
      await Deno.mkdir(inbox);
      await Deno.copyFile(page("digits.png"), join(inbox, `${"a".repeat(251)}.png`));
      await Deno.copyFile(page("form.png"), join(inbox, "b.png"));
      const run = await ocr(["-f", "txt", "-o", `${out}/`, inbox]);
      assertStrictEquals(run.code, 0, run.err);
      assertEquals(names(out), [`${"a".repeat(251)}.txt`, "b.txt"]);
      const long = await ocr(["-f", "alto", "-o", `${out}/`, inbox]);
      assertStrictEquals(long.code, 4, long.err);
      assertMatch(long.err, /name too long/i);
      assertEquals(names(out), [".scrawl-journal", `${"a".repeat(251)}.txt`, "b.alto.xml", "b.txt"]);
    }),
});

Deno.test("an output onto an input is refused, by whatever name; - is standard output", () =>
  inFolder(async (folder) => {
    const file = join(folder, "in.pdf");
    await Deno.copyFile(page("scan.pdf"), file);
    const before = await Deno.readFile(file);
    const other = join(folder, "other.pdf");
    await Deno.link(file, other);
    for (const args of [["-o", file], ["-f", "pdf", "-o", `${folder}/`], ["-f", "pdf", "-o", other]]) {
      const run = await ocr(["--force", ...args, file]);
      assertStrictEquals(run.code, 1, run.err);
      assertMatch(run.err, /is an input/);
      assertEquals(await Deno.readFile(file), before);
    }
    const run = await ocr(["-o", "-", page("form.png")], { permissions: ["--allow-read"] });
    assertStrictEquals(run.out, await golden("form.png"));
  }));

Deno.test({
  name: "a full disk behind standard output is told",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const line = [Deno.execPath(), ...command([page("form.png")])].map((a) => `'${a}'`).join(" ");
    const full = (await run("sh", ["-c", `${line} > /dev/full`]))!;
    assertStrictEquals(full.code, 4, full.err);
    assertMatch(full.err, /cannot write to stdout: No space left/);
  },
});

Deno.test("a batch that is done leaves its results and no journal", () =>
  inFolder(async (folder) => {
    assertStrictEquals((await ocr(["-q", "-o", `${folder}/`, page("form.png"), page("note.png")])).code, 0);
    assertEquals(names(folder), ["form.txt", "note.txt"]);
  }));

Deno.test({
  name: "--watch reads what is there and what comes, until Ctrl-C",
  ignore: !unix,
  fn: () =>
    inFolder(async (folder) => {
      const [inbox, out] = [join(folder, "in"), join(folder, "out")];
      await Deno.mkdir(inbox);
      await Deno.copyFile(page("form.png"), join(inbox, "form.png"));
      const child = start(["--watch", inbox, "-o", `${out}/`]);
      await until("what is there is read", () => sizeOf(join(out, "form.txt")) > 0);
      await Deno.copyFile(page("note.png"), join(inbox, "note.png"));
      await Deno.writeTextFile(join(inbox, "list.md"), "no picture");
      await until("what comes is read", () => sizeOf(join(out, "note.txt")) > 0);
      child.kill("SIGINT");
      const { code, stderr } = await child.output();
      await child.stdin.close().catch(() => {});
      assertStrictEquals(code, 130, text(stderr));
      assertEquals(names(out), ["form.txt", "note.txt"]);
      assertStrictEquals(await Deno.readTextFile(join(out, "note.txt")), await golden("note.png"));
      const loop = await ocr(["--watch", inbox, "-f", "pdf", "-o", `${inbox}/`]);
      assertStrictEquals(loop.code, 1);
      assertMatch(loop.err, /would be read again/);
    }),
});

Deno.test({
  name: "a terminal gets a bar with the time left, a pipe gets plain lines",
  ignore: !await has("script"),
  fn: () =>
    inFolder(async (folder) => {
      const files = ["form.png", "note.png", "scan.pdf"].map(page);
      const quoted = (out: string) =>
        [Deno.execPath(), ...command(["-o", `${join(folder, out)}/`, ...files])].map((a) => `'${a}'`).join(" ");
      const { out: shown } = (await run("script", ["-qec", quoted("a"), "/dev/null"]))!;
      assertMatch(shown, /\[#+-*\] [12]\/3 {2}\d+s left {2}\S/);
      assertMatch(shown, /3 of 3 files read, \d+ pages, \d+s/);
      const { err: plain } = await ocr(["-o", `${join(folder, "b")}/`, ...files]);
      assertEquals(plain.trim().split("\n").slice(0, 3), files.map((f, i) => `[${i + 1}/3] ${f}`));
      assert(!plain.includes("\x1b"));
    }),
});

Deno.test("PAGE of several pages is a document a page", () =>
  inFolder(async (folder) => {
    const batch = ["-q", "-f", "page", "-f", "txt", "-o", `${folder}/`, page("two-pages.tif")];
    const { code, err } = await ocr(batch);
    assertStrictEquals(code, 0, err);
    assertEquals(names(folder), ["two-pages.1.page.xml", "two-pages.2.page.xml", "two-pages.txt"]);
    await Deno.remove(join(folder, "two-pages.txt"));
    assertStrictEquals((await ocr(batch)).code, 4);
    const one = await ocr(["-f", "page", page("two-pages.tif")]);
    assertStrictEquals(one.code, 1);
    assertMatch(one.err, /one page a document, and .* has 2: .*--pages/);
  }));

Deno.test({
  name: "a file that is another one when it is read again is told",
  ignore: !unix,
  fn: () =>
    inFolder(async (folder) => {
      const file = join(folder, "in.png");
      await pipe(file);
      // The text over a page comes after its picture was read: the pipe gives another picture then.
      const stages = join(folder, "stages");
      const child = start(["-f", "pdf", "-o", join(folder, "out.pdf"), "--dump-stages", stages, file]);
      await Deno.writeFile(file, await Deno.readFile(page("digits.png")));
      await until("the picture is decoded", () => sizeOf(stages) >= 0);
      await Deno.writeFile(file, await Deno.readFile(page("note.png")));
      const { code, stderr } = await child.output();
      await child.stdin.close().catch(() => {});
      assertStrictEquals(code, 2);
      assertMatch(text(stderr), /the file changed while it was read: read it again/);
      assertEquals(names(folder), ["in.png", "stages"]);
    }),
});

// Read access to the input and to scrawl with its model, write access to the output, and nothing else.
const scoped = (input: string, output: string) => [
  `--allow-read=${
    [input, ROOT, packageFolder("canvaskit-wasm/full"), packageFolder("pdfjs-dist/package.json")].join()
  }`,
  `--allow-write=${output}`,
  ...["net", "env", "run", "ffi", "sys"].map((p) => `--deny-${p}`),
];

/** The folder that holds a package, with its version. */
function packageFolder(name: string): string {
  let folder = dirname(fromFileUrl(import.meta.resolve(name)));
  while (sizeOf(join(folder, "package.json")) < 0) folder = dirname(folder);
  return folder;
}

for (const name of ["form.png", "digits.jpg", "bilevel.tif", "scan.pdf"]) {
  Deno.test(`permissions: ${name} is read with access to it and to the output alone`, () =>
    inFolder(async (folder) => {
      const input = join(folder, name);
      await Deno.copyFile(page(name), input);
      for (const format of ["txt", "json", "pdf", "overlay"]) {
        const output = join(folder, `out.${format}`);
        const { code, err } = await ocr(["-f", format, "-o", output, input], { permissions: scoped(input, output) });
        assertStrictEquals(code, 0, err);
        assertMatch(err, /no access beside .* files are written in place/);
        assert(sizeOf(output) > 0);
        const twice = await ocr(["-f", format, "-o", output, input], { permissions: scoped(input, output) });
        assertStrictEquals(twice.code, 4, twice.err);
      }
      assertStrictEquals(await Deno.readTextFile(join(folder, "out.txt")), await golden(name));
      const [elsewhere, other] = [join(folder, "elsewhere.txt"), page("note.png")];
      const permissions = scoped(input, join(folder, "out.txt"));
      assertStrictEquals((await ocr(["-o", elsewhere, input], { permissions })).code, 4);
      const unread = permissions.map((p) =>
        p.startsWith("--allow-read") ? p.replace(`,${ROOT}`, `,${ROOT}src,${ROOT}models,${ROOT}deno.json`) : p
      );
      const denied = await ocr([other], { permissions: unread });
      assertStrictEquals(denied.code, 5);
      assertMatch(denied.err, /Requires read access/);
    }));
}

Deno.test("permissions: what goes to stdout needs no right to write", async () => {
  const { code, out } = await ocr([page("form.png")], { permissions: ["--allow-read"] });
  assertStrictEquals(code, 0);
  assertStrictEquals(out, await golden("form.png"));
});

Deno.test({
  name: "--watch: a folder that fills faster than it is read is read to its end",
  ignore: !unix,
  fn: () =>
    inFolder(async (folder) => {
      const [inbox, out] = [join(folder, "in"), join(folder, "out")];
      await Deno.mkdir(inbox);
      const put = (name: string) => Deno.copyFile(page("digits.png"), join(inbox, name));
      await put("first.png");
      const child = start(["-q", "--watch", inbox, "-o", `${out}/`]);
      const read = () => sizeOf(out) < 0 ? [] : names(out).filter((n) => n.endsWith(".txt"));
      await until("the first is read", () => read().length === 1);
      for (let i = 0; i < 12; i++) {
        await put(`${i}.png`);
        // More come while some are read.
        if (i === 4) await until("some are read", () => read().length > 1);
      }
      await until("all are read", () => read().length === 13);
      child.kill("SIGINT");
      assertStrictEquals((await child.output()).code, 130);
      await child.stdin.close().catch(() => {});
      assertStrictEquals(await Deno.readTextFile(join(out, "11.txt")), await golden("digits.png"));
      assertEquals(names(out).length, 13);
    }),
});
