/** Makes the README's pictures anew: `deno task web`, then `deno run -A tests/pages/pictures.ts`. Chromium is needed. */
import { encodeBase64 } from "@std/encoding/base64";
import { join } from "@std/path/join";
import { toFileUrl } from "@std/path/to-file-url";
import { Browser } from "../chromium.ts";
import { PAGES, ROOT, run } from "../command.ts";

const NAMES = ["table.png", "note.png", "form.png"];
const DOCS = join(ROOT, "docs");
const folder = await Deno.makeTempDir();
for (const name of NAMES) await Deno.copyFile(join(PAGES, name), join(folder, name));
const cli = ["run", "-q", "-A", join(ROOT, "src/cli.ts")];
await Deno.mkdir(DOCS, { recursive: true });

/** What a browser shows of an address once `ready` has done its part; without a name that takes the picture itself. */
async function shoot(
  name: string | undefined,
  address: string,
  ready: (browser: Browser) => Promise<void>,
): Promise<void> {
  const browser = await Browser.open(address, folder);
  try {
    await ready(browser);
    if (name !== undefined) await Deno.writeFile(join(DOCS, name), await browser.picture());
  } finally {
    await browser.close();
  }
}

// A table with its readings over it.
await run(Deno.execPath(), [
  ...cli,
  "ocr",
  "-q",
  "-f",
  "overlay",
  "-o",
  join(folder, "table.svg"),
  join(folder, "table.png"),
]);
await shoot("overlay.png", toFileUrl(join(folder, "table.svg")).href, () => Promise.resolve());

// The review: one accepted, one corrected, the third being looked at.
await run(Deno.execPath(), [
  ...cli,
  "review",
  "-q",
  "-o",
  join(folder, "review.html"),
  ...NAMES.map((n) => join(folder, n)),
]);
await shoot("review.png", toFileUrl(join(folder, "review.html")).href, async (browser) => {
  await browser.press("Enter");
  await browser.type("eggs!");
  await browser.press("Enter");
});

// The page in the browser, with a form that was dropped.
const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
  const path = decodeURIComponent(new URL(request.url).pathname);
  const file = join(ROOT, "dist/web", path === "/" ? "index.html" : path);
  const types: Record<string, string> = {
    html: "text/html",
    css: "text/css",
    js: "text/javascript",
    svg: "image/svg+xml",
  };
  const bytes = await Deno.readFile(file).catch(() => undefined);
  const type = types[file.split(".").pop()!] ?? "application/octet-stream";
  return new Response(bytes, { status: bytes ? 200 : 404, headers: { "content-type": type } });
});
await shoot(undefined, `http://127.0.0.1:${server.addr.port}/`, async (browser) => {
  const base64 = encodeBase64(await Deno.readFile(join(folder, "form.png")));
  const read = async (files: number) => {
    const began = performance.now();
    await browser.value(`{
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob("${base64}"), (c) => c.charCodeAt(0))], "form.png"));
      document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    }`);
    const wanted = `${files} ${files === 1 ? "file" : "files"} read`;
    while (await browser.value(`document.getElementById("reading-status").textContent`) !== wanted) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return ((performance.now() - began) / 1000).toFixed(2);
  };
  const cold = await read(1);
  await Deno.writeFile(join(DOCS, "web.png"), await browser.picture());
  console.log(`time to the first text in the browser: ${cold} s on the first visit, ${await read(2)} s warm`);
});
await server.shutdown();
await Deno.remove(folder, { recursive: true });
