/** One bad page never costs another: faults of the WASM, pages without end, memory, inputs without end, signals between pages. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { join } from "@std/path/join";
import { DEFAULTS, Engine, read } from "../src/mod.ts";
import { readAll } from "../src/cli/pool.ts";
import { readFile } from "../src/read.ts";
import { inFolder, ocr, type Outcome, PAGES, ROOT } from "./command.ts";
import { png } from "./pictures.ts";

const page = (name: string) => join(PAGES, name);
const CASES = join(ROOT, "..", "shared", "cases");
const here = await Deno.stat(CASES).then(() => true, () => false);
const records = ({ out }: Outcome) => out.trim().split("\n").map((l) => JSON.parse(l));
const textOf = (record: { lines: { text: string }[] }) => record.lines.map((l) => l.text + "\n").join("");
const golden = (name: string) => Deno.readTextFile(page(`${name}.txt`));

/** Runs `work` while the next reading of a page makes the WASM trap. */
async function trapping(work: () => Promise<void>): Promise<void> {
  const { Engine: Wasm } = await import("../src/wasm/ocr/ocr.js");
  const { read } = Wasm.prototype;
  Wasm.prototype.read = () => {
    throw new WebAssembly.RuntimeError("unreachable");
  };
  try {
    await work();
  } finally {
    Wasm.prototype.read = read;
  }
}

// The first here: what tests before it left would count as memory of its pages.
Deno.test("pages over their time limit are ended one by one, and the run comes to its end", () =>
  inFolder(async (folder) => {
    const blank = join(folder, "blank.png");
    await Deno.writeFile(blank, png(20_000, 12_000, 12_000 * 20_001));
    const files = [blank, page("form.png"), blank];
    const ends: string[] = [];
    await readAll(
      files,
      { options: DEFAULTS, maxBytes: DEFAULTS.maxBytes },
      { jobs: 2, pageSeconds: 0.001 },
      new AbortController().signal,
      () => Promise.resolve(),
      (_, error) => Promise.resolve(void ends.push(String(error))),
    );
    assertStrictEquals(ends.length, files.length);
    for (const i of [0, 2]) assertMatch(ends[i], /it takes more than 0.001 s, the limit of --page-timeout/);
  }));

Deno.test("what an idle worker holds is not the page's that another reads: it is read once more", async () => {
  const own = Deno.memoryUsage;
  // Asked the first time while a page is read, and only then, the process holds too much.
  let asked = 0;
  Deno.memoryUsage = () => ({ ...own(), rss: asked++ === 0 ? 3e9 : 1e8 });
  const [ends, texts]: [string[], string[]] = [[], []];
  try {
    await readAll(
      [page("none.png"), page("form.png")],
      { options: DEFAULTS, maxBytes: DEFAULTS.maxBytes },
      { jobs: 2, pageSeconds: 60 },
      new AbortController().signal,
      (_, read) => Promise.resolve(void texts.push("error" in read ? read.error.message : textOf(read.page))),
      (_, error) => Promise.resolve(void ends.push(error === undefined ? "read" : String(error))),
    );
  } finally {
    Deno.memoryUsage = own;
  }
  assert(asked > 1);
  assertMatch(ends[0], /no such file/);
  assertEquals([ends[1], ...texts], ["read", await golden("form.png")]);
});

Deno.test("a fault of the WASM costs its page alone, and the engine goes on", async () => {
  const engine = await Engine.open();
  await trapping(async () => {
    const pages = await Array.fromAsync(
      readFile(engine, "two", await Deno.readFile(page("two-pages.tif")), { ...DEFAULTS, pages: undefined }),
    );
    assert("error" in pages[0] && !("error" in pages[1]));
    assertStrictEquals(pages[0].page, 1);
    assertMatch(pages[0].error.message, /page 1: scrawl itself failed \(unreachable\): please report it/);
    assertStrictEquals(textOf(pages[1]), (await golden("two-pages.tif")).split("\f")[1]);
  });
});

Deno.test({
  name: "digits that shrink and rise are read, and the next file reads as alone",
  ignore: !here,
  fn: async () => {
    const run = await ocr(["-f", "jsonl", "-j", "1", join(CASES, "trap-shrinking-digits.png"), page("digits.png")]);
    const [, next] = records(run);
    assertStrictEquals(textOf(next), await golden("digits.png"));
    assertStrictEquals(run.code, 0, run.err);
  },
});

for (
  const [name, why] of [["tiny-steps", /limit of --page-timeout|it touches \d+ thousand million pixels/], [
    "text30M",
    /limit of|MB of memory|more than any page/,
  ]] as const
) {
  for (const jobs of ["1", "2"]) {
    Deno.test({
      name: `bomb-hang-${name}.pdf gets an error record, and the others are read, -j ${jobs}`,
      ignore: !here,
      fn: async () => {
        const bomb = join(CASES, `bomb-hang-${name}.pdf`);
        const run = await ocr([
          "-f",
          "jsonl",
          "-j",
          jobs,
          "--page-timeout",
          "20",
          page("form.png"),
          bomb,
          page("digits.png"),
        ]);
        assertStrictEquals(run.code, 2, run.err);
        const [before, failed, after] = records(run);
        assertStrictEquals(textOf(before), await golden("form.png"));
        assertMatch(failed.error.message, why);
        assertStrictEquals(textOf(after), await golden("digits.png"));
      },
    });
  }
}

Deno.test("a worker that reads may read files and do nothing else, but for --dump-stages", async () => {
  const Own = globalThis.Worker;
  /** States of what the workers of a run may do. */
  const rights = async (dumpStages?: string) => {
    let given: WorkerOptions | undefined;
    globalThis.Worker = class extends Own {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        given ??= options;
      }
    };
    const setup = { options: DEFAULTS, maxBytes: DEFAULTS.maxBytes, dumpStages };
    const nothing = () => Promise.resolve();
    const { signal } = new AbortController();
    try {
      await readAll([page("digits.png")], setup, { jobs: 1, pageSeconds: 60 }, signal, nothing, nothing);
    } finally {
      globalThis.Worker = Own;
    }
    const names = ["read", "write", "net", "env", "run", "ffi", "sys", "import"];
    const ask = `Promise.all(${JSON.stringify(names)}.map((name) => Deno.permissions.query({ name })))
      .then((all) => postMessage(all.map((p) => p.state === "granted")))`;
    const probe = new Own(`data:text/javascript,${encodeURIComponent(ask)}`, given);
    const { promise, resolve, reject } = Promise.withResolvers<boolean[]>();
    probe.onmessage = ({ data }) => resolve(data);
    probe.onerror = (e) => reject(new Error(e.message));
    const granted = await promise;
    probe.terminate();
    return names.filter((_, i) => granted[i]);
  };
  assertEquals(await rights(), ["read"]);
  await inFolder(async (folder) => assertEquals(await rights(folder), ["read", "write"]));
});

/** Workers that die when they are to read the file, so many times; counts how many were started. */
function dying(file: string, times: number) {
  let started = 0;
  class Dying extends Worker {
    private ready = false;
    private doomed = false;

    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      started++;
      this.addEventListener("message", ({ data }) => {
        this.ready ||= data.kind === "ready";
        if (this.ready && this.doomed) this.die();
      });
    }

    override postMessage(message: { kind: string; file?: string }): void {
      if (message.kind !== "open" || message.file !== file || times === 0) return super.postMessage(message);
      times--;
      this.doomed = true;
      if (this.ready) this.die();
    }

    private die(): void {
      this.terminate();
      setTimeout(() => this.onerror?.(new ErrorEvent("error", { message: "it died", cancelable: true })), 0);
    }
  }
  return { Dying, started: () => started };
}

for (const jobs of [1, 2]) {
  Deno.test(`a page whose worker dies is read once more, and then an error; the others are read, -j ${jobs}`, async () => {
    const files = ["form.png", "digits.png", "note.png"].map(page);
    const whole = globalThis.Worker;
    for (const deaths of [1, 2]) {
      const { Dying, started } = dying(files[1], deaths);
      const texts: string[] = [];
      globalThis.Worker = Dying;
      try {
        await readAll(
          files,
          { options: DEFAULTS, maxBytes: DEFAULTS.maxBytes },
          { jobs, pageSeconds: 600 },
          new AbortController().signal,
          (_, read) => Promise.resolve(void texts.push("error" in read ? "none" : textOf(read.page))),
          (_, error) => Promise.resolve(error === undefined ? undefined : void texts.push((error as Error).message)),
        );
      } finally {
        globalThis.Worker = whole;
      }
      const second = deaths === 1 ? await golden("digits.png") : "its worker ended twice: it died";
      assertEquals(texts, [await golden("form.png"), second, await golden("note.png")]);
      assert(started() > deaths);
    }
  });
}

Deno.test("a signal and timers have their turn between pages", async () => {
  const engine = await Engine.open();
  for (const name of ["two-pages.tif", "scan.pdf"]) {
    const stop = new AbortController();
    const pages: number[] = [];
    const error = await (async () => {
      for await (const { page: number } of read(page(name), { engine, signal: stop.signal })) {
        pages.push(number);
        setTimeout(() => stop.abort(new Error("enough")), 0);
      }
    })().catch((e) => e);
    assertEquals([pages, error.message], [[1], "enough"]);
  }
});

const LARGE: [name: string, make: (file: string) => Promise<void>][] = [
  ["a gigabyte of nothing", async (file) => {
    await Deno.writeFile(file, new Uint8Array());
    await Deno.truncate(file, 2 ** 30);
  }],
  ["a PNG with three gigabytes behind it", async (file) => {
    await Deno.copyFile(page("digits.png"), file);
    await Deno.truncate(file, 3 * 2 ** 30);
  }],
];
for (const [name, make] of LARGE) {
  Deno.test(`${name} is refused before it is read, and the others are read`, () =>
    inFolder(async (folder) => {
      const file = join(folder, "in.png");
      await make(file);
      const run = await ocr(["-f", "jsonl", "-j", "1", file, page("digits.png")]);
      assertStrictEquals(run.code, 2, run.err);
      const [refused, next] = records(run);
      assertMatch(refused.error.message, /bytes or more, and --max-bytes is 536870912/);
      assertStrictEquals(textOf(next), await golden("digits.png"));
      const library = await Array.fromAsync(read(file)).catch((e) => e);
      assertMatch(library.message, /--max-bytes is 536870912/);
    }));
}

Deno.test("standard input without end is refused at the limit", async () => {
  const run = await ocr(["-", "--max-bytes", "1000000"], { stdin: new Uint8Array(2_000_000) });
  assertStrictEquals(run.code, 2, run.err);
  assertMatch(run.err, /1\d{6} bytes or more, and --max-bytes is 1000000/);
});

Deno.test({
  name: "a device is no file",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const run = await ocr(["-f", "jsonl", "/dev/zero", page("digits.png")], { permissions: ["--allow-all"] });
    assertStrictEquals(run.code, 5, run.err);
    const [refused, next] = records(run);
    assertMatch(refused.error.message, /it is a device, not a file/);
    assertStrictEquals(textOf(next), await golden("digits.png"));
  },
});
