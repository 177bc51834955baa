/** The library in headless Chromium: the same reading as on the command line. Skipped where there is no Chromium. */
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";
import { read } from "../src/mod.ts";
import { CHROMIUM } from "./chromium.ts";

const ROOT = fromFileUrl(new URL("../", import.meta.url));
/** A picture, a PDF that is a scan, and one that is drawn. */
const FILES = ["note.png", "scan.pdf", "drawn.pdf"];
const PAGE = `<!DOCTYPE html><title>scrawl</title><script type="module">
const say = (o) => fetch("said", { method: "POST", body: JSON.stringify(o) });
try {
  const { read } = await import("./src/engine/scrawl.js");
  const lines = {};
  for (const name of ${JSON.stringify(FILES)}) {
    const bytes = new Uint8Array(await (await fetch("pages/" + name)).arrayBuffer());
    lines[name] = [];
    for await (const page of read(bytes)) lines[name].push(...page.lines.map((l) => l.text));
  }
  const refused = await read("no-such-file.png").next().catch((e) => e.message);
  say({ lines, refused });
} catch (e) { say({ error: String(e) }); }
</script>`;

if (!CHROMIUM) console.log("no Chromium here: the browser's test is skipped");

Deno.test({
  name: "the library reads in a browser as it does here",
  ignore: !CHROMIUM,
  async fn() {
    const built = await new Deno.Command(Deno.execPath(), {
      args: ["task", "-q", "browser"],
      cwd: ROOT,
      stdout: "null",
      stderr: "piped",
    }).output();
    assertStrictEquals(built.code, 0, new TextDecoder().decode(built.stderr));
    const said = Promise.withResolvers<{ lines?: Record<string, string[]>; refused?: string; error?: string }>();
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/") return new Response(PAGE, { headers: { "content-type": "text/html" } });
      if (pathname === "/said") {
        said.resolve(await request.json());
        return new Response();
      }
      const file = join(ROOT, pathname.startsWith("/pages/") ? "tests" : "dist/browser", pathname);
      const bytes = await Deno.readFile(file).catch(() => undefined);
      const type = /\.m?js$/.test(file) ? "text/javascript" : "application/octet-stream";
      return new Response(bytes, { status: bytes ? 200 : 404, headers: { "content-type": type } });
    });
    const profile = await Deno.makeTempDir();
    const browser = new Deno.Command(CHROMIUM!, {
      args: [
        ...["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`, "--remote-debugging-port=0"],
        `http://127.0.0.1:${server.addr.port}/`,
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const patience = setTimeout(() => said.resolve({ error: "the page said nothing within fifteen minutes" }), 900_000);
    try {
      const there = await said.promise;
      assertStrictEquals(there.error, undefined);
      for (const name of FILES) {
        const here: string[] = [];
        for await (const page of read(join(ROOT, "tests/pages", name))) here.push(...page.lines.map((l) => l.text));
        assertEquals(there.lines![name], here, name);
      }
      assertMatch(there.refused!, /cannot read no-such-file\.png: the server says 404/);
    } finally {
      clearTimeout(patience);
      browser.kill();
      await browser.status;
      await server.shutdown();
      await Deno.remove(profile, { recursive: true });
    }
  },
});
