/**
 * `deno task browser`: the library for browsers in dist/browser, to be served as it is: `src/engine/scrawl.js`, and beside it the WASM and
 * the models where the code looks for them, and pdf.js, which is loaded where a PDF comes.
 */
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";
import { bundle, copyFiles } from "./bundle.ts";

const TO = fromFileUrl(new URL("../../dist/browser", import.meta.url));
await bundle("src/mod.ts", join(TO, "src/engine/scrawl.js"));
await copyFiles(TO);
console.log("dist/browser is built");
