/**
 * `deno task web`: a page that reads files in a browser, in dist/web, to be put on any server as it is: HTML, the page's program, its reading worker, what
 * saves formats, a service worker, and beside them the WASM, the models and pdf.js.
 */
import { join } from "@std/path/join";
import { relative } from "@std/path/relative";
import { fromFileUrl } from "@std/path/from-file-url";
import { ICON, MANIFEST, WEB_STYLE, webPage } from "../web/page.ts";
import { bundle, copyFiles } from "./bundle.ts";

const TO = fromFileUrl(new URL("../../dist/web", import.meta.url));
await Deno.remove(TO, { recursive: true }).catch(() => {});
await copyFiles(TO);
await bundle("src/web/app.ts", join(TO, "app.js"));
await bundle("src/web/worker.ts", join(TO, "src/engine/worker.js"));
// The review that it writes holds the text of functions: they keep their names.
await bundle("src/web/save.ts", join(TO, "save.js"), false);
await bundle("src/web/sw.ts", join(TO, "sw.js"));
const written: [name: string, text: string][] = [
  ["index.html", webPage()],
  ["style.css", WEB_STYLE],
  ["manifest.webmanifest", JSON.stringify(MANIFEST, null, 2)],
  ["icon.svg", ICON],
];
for (const [name, text] of written) await Deno.writeTextFile(join(TO, name), text);

/** All files below a folder, by their names from `TO`. */
function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* filesIn(path);
    else yield relative(TO, path).replaceAll("\\", "/");
  }
}

const all = [...filesIn(TO)].filter((f) => f !== "sw.js").sort();
const hash = async (bytes: Uint8Array) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)).toHex();
const hashes = await Promise.all(all.map(async (f) => await hash(await Deno.readFile(join(TO, f)))));
const version = (await hash(new TextEncoder().encode(hashes.join()))).slice(0, 16);
// A picture needs no pdf.js, and formats are loaded when something is saved.
const isFirst = (file: string) => !file.startsWith("pdfjs-dist/") && file !== "save.js";
const files = { version, first: ["./", ...all.filter(isFirst)], rest: all.filter((f) => !isFirst(f)) };
const worker = await Deno.readTextFile(join(TO, "sw.js"));
await Deno.writeTextFile(join(TO, "sw.js"), `self.FILES=${JSON.stringify(files)};\n${worker}`);

/** Bytes over the wire, each file by gzip. */
async function wire(names: string[]): Promise<number> {
  const sizes = await Promise.all(names.map(async (name) => {
    const stream = (await Deno.open(join(TO, name))).readable.pipeThrough(new CompressionStream("gzip"));
    return (await new Response(stream).bytes()).length;
  }));
  return sizes.reduce((a, b) => a + b, 0);
}
// A machine runs one of the two builds of the WASM.
const seen = (name: string) => !name.endsWith(".simd.bin");
const [first, rest] = [await wire(all.filter((f) => isFirst(f) && seen(f))), await wire(files.rest)];
const mb = (bytes: number) => (bytes / 1e6).toFixed(2);
console.log(`dist/web is built: ${mb(first)} MB over the wire to read a picture, ${mb(rest)} more for PDFs and saving`);
