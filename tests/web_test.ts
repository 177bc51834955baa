/** The page in the browser, from `deno task web` and `serve` to what is saved, and `/ocr` for programs. Skipped where there is no Chromium. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { join } from "@std/path/join";
import { toFileUrl } from "@std/path/to-file-url";
import type { Page, Word } from "../src/engine/types.ts";
import { Browser, CHROMIUM } from "./chromium.ts";
import { inFolder, ocr, PAGES, ROOT, run, until } from "./command.ts";

const decoder = new TextDecoder();

// What is read here and how fast are two things: a busy machine passes as well.
const MINUTES = 15;

/** `serve` on a free port, and its address once it listens. */
async function started(): Promise<{ address: string; end: () => Promise<void> }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-q", "--no-prompt", "--allow-read", "--allow-write", "--allow-net=127.0.0.1"],
      ...[join(ROOT, "src/cli.ts"), "serve", "--port", "0", "--max-bytes", "3000000", "--page-timeout", "600"],
    ],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let said = "";
  const reading = (async () => {
    for await (const bytes of child.stderr) said += decoder.decode(bytes);
  })();
  await until("the server says its address", () => /http:\/\/127\.0\.0\.1:\d+/.test(said));
  return {
    address: /http:\/\/127\.0\.0\.1:\d+/.exec(said)![0],
    end: async () => {
      child.kill("SIGINT");
      await child.status;
      await reading;
    },
  };
}

/** Drops files into the page as a desktop does. */
async function drop(browser: Browser, names: string[]): Promise<void> {
  const files = await Promise.all(
    names.map(async (name) => [name, encodeBase64(await Deno.readFile(join(PAGES, name)))]),
  );
  await browser.value(`{
    const data = new DataTransfer();
    for (const [name, base64] of ${JSON.stringify(files)}) {
      data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    }
    document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  }`);
}

async function when(browser: Browser, what: string, expression: string): Promise<void> {
  for (let i = 0; i < 300 * MINUTES; i++) {
    if (await browser.value<boolean>(expression)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(
    `${what}: not so after ${MINUTES} minutes; the page says ${await browser.value("document.body.innerText")}`,
  );
}

if (!CHROMIUM) console.log("no Chromium here: the test of the page in the browser is skipped");

Deno.test({
  name: "web: drop, read, correct, save, without a network; and readings for curl",
  ignore: !CHROMIUM,
  fn: () =>
    inFolder(async (folder) => {
      const built = (await run(Deno.execPath(), ["task", "-q", "--cwd", ROOT, "web"]))!;
      assertStrictEquals(built.code, 0, built.err);
      assertMatch(built.out, /MB over the wire to read a picture/);
      const server = await started();
      const { address } = server;
      let serves = true;
      const browser = await Browser.open(address, folder);
      try {
        await when(browser, "all is kept", `document.getElementById("offline").textContent === "works offline"`);
        assert(browser.requests.every((r) => r.startsWith(address)), browser.requests.join(" "));

        await programs(address);
        // From here on there is no server.
        await server.end();
        serves = false;
        await browser.go(address);
        // As the command line leaves blank.
        await browser.value(`{ document.getElementById("max-error").value = "0.2"; }`);
        await drop(browser, ["form.png"]);
        await when(browser, "it is read", `document.getElementById("reading-status").textContent === "1 file read"`);
        const told = await browser.value<string>(`document.getElementById("told").textContent`);
        const { promise } = JSON.parse(
          (await ocr(["-q", "--max-error", "20%", "-f", "jsonl", join(PAGES, "form.png")])).out,
        );
        assert(told.includes(`${promise.blank} of ${promise.fields} left blank for review`), told);

        await browser.go(address);
        await drop(browser, ["form.png", "scan.pdf"]);
        await when(
          browser,
          "both are read",
          `document.getElementById("reading-status").textContent === "2 files read"`,
        );
        const shown = await browser.value<string[]>(
          `[...document.querySelectorAll(".row span")].map((e) => e.textContent)`,
        );
        const here = await ocr(["-q", "-f", "jsonl", join(PAGES, "form.png"), join(PAGES, "scan.pdf")]);
        const pages: Page[] = here.out.trim().split("\n").map((l) => JSON.parse(l));
        const words: Word[] = pages.flatMap((p) => p.lines).flatMap((l) => l.words);
        assertEquals(shown.sort(), words.map((w) => w.text).sort());

        // By keyboard: the least sure word says something else.
        const first = await browser.value<string>("document.activeElement.value");
        await browser.type("new text");
        await browser.press("Enter");
        const saved = async (format: string, name: string) => {
          await browser.value(`{
            document.getElementById("format").value = ${JSON.stringify(format)};
            document.getElementById("download").click();
          }`);
          const path = join(folder, name);
          await until(`${name} is saved`, () => {
            try {
              return Deno.statSync(path).size > 0;
            } catch {
              return false;
            }
          });
          return await Deno.readTextFile(path);
        };
        const texts = await saved("txt", "form.txt") +
          await Deno.readTextFile(join(folder, "scan.txt")).catch(() => "");
        const inPdf = !texts.includes("new text");
        const json = JSON.parse(await saved("json", inPdf ? "scan.json" : "form.json"));
        const corrected: Word[] = json.pages.flatMap((p: Page) => p.lines).flatMap((l: { words: Word[] }) => l.words);
        assertEquals(corrected.find((w) => w.text === "new text")?.read, first);
        assertMatch(await saved("pdf", "form.pdf"), /^%PDF-/);
        assertMatch(await saved("corrections", "scrawl.corrections.json"), /"verdict":"corrected"/);
        const review = await saved("review", "form.review.html");
        await drop(browser, ["form.png.txt"]);
        await when(
          browser,
          "what is no picture is refused",
          `/form\\.png\\.txt: the file is text/.test(document.getElementById("told").textContent)`,
        );
        assertEquals(browser.errors, []);
        // Nothing went anywhere but to the page's own files.
        assertEquals(browser.requests.filter((r) => !r.startsWith(address) && !/^(data|blob):/.test(r)), []);

        assertMatch(review, /startReview/);
        await browser.go(toFileUrl(join(folder, "form.review.html")).href);
        assertStrictEquals(
          await browser.value("document.querySelectorAll('.row').length"),
          pages[0].lines.flatMap((l) => l.words).length,
        );
        assertEquals(browser.errors, []);
      } finally {
        await browser.close();
        if (serves) await server.end();
      }
    }),
});

/** What `/ocr` answers, and what it refuses. */
async function programs(address: string): Promise<void> {
  const bytes = await Deno.readFile(join(PAGES, "form.png"));
  const golden = await Deno.readTextFile(join(PAGES, "form.png.txt"));
  const post = async (body: BodyInit, query = "", headers = {}) => {
    const response = await fetch(`${address}/ocr${query}`, { method: "POST", body, headers });
    return { status: response.status, text: await response.text() };
  };
  assertEquals(await post(bytes), { status: 200, text: golden });
  const form = new FormData();
  form.append("file", new Blob([bytes]), "my.png");
  const json = await post(form, "?format=json&charset=digits");
  assertStrictEquals(JSON.parse(json.text).pages[0].file, "my.png");
  const refused = async (what: Promise<{ status: number; text: string }>, status: number, message: RegExp) => {
    const { status: got, text } = await what;
    assertStrictEquals(got, status, text);
    assertMatch(JSON.parse(text).error.message, message);
  };
  await refused(post("no picture"), 422, /the file is text/);
  await refused(post(new Uint8Array(3_000_001)), 413, /--max-bytes is 3000000/);
  await refused(post(bytes, "?format=doc"), 400, /choose one of txt/);
  await refused(post(bytes, "?max-error=1%25"), 400, /no max-error here: the address may say format, charset, pages/);
  await refused(post(bytes, "", { origin: "https://example.com" }), 403, /may send nothing here/);
  const rebound = (await run("curl", ["-s", "-H", "Host: example.com", address]))?.out;
  if (rebound !== undefined) assertMatch(rebound, /ask for http:\/\/127\.0\.0\.1/);
  const page = await fetch(address);
  assertMatch(page.headers.get("content-security-policy")!, /default-src 'none'/);
  await page.body?.cancel();
  const outside = await fetch(`${address}/%2e%2e/%2e%2e/deno.json`);
  assertStrictEquals(outside.status, 404);
  await outside.body?.cancel();
}
