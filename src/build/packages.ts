/** The files of npm packages that reading loads. */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";

/**
 * What reading needs of npm packages, the first being found by its name. Whole packages would bring their source maps, other builds, and
 * native addons that nothing here loads: twice the size of a binary.
 */
export const PACKAGES: Record<string, string[]> = {
  "canvaskit-wasm": ["bin/full/canvaskit.wasm", "bin/full/canvaskit.js"],
  imagescript: ["png/node.js"],
  "pdf-lib": ["package.json", "dist/pdf-lib.esm.min.js"],
  "pdfjs-dist": [
    "package.json",
    ...["legacy/build/pdf.mjs", "legacy/build/pdf.worker.mjs", "cmaps", "standard_fonts", "wasm"],
  ],
};

/** Files of a package's list, and of the folders in it: names in the package, and where they are. */
export async function* packageFiles(name: string): AsyncGenerator<{ name: string; path: string }> {
  const [first] = PACKAGES[name];
  let root = dirname(fromFileUrl(import.meta.resolve(`${name}/${first}`)));
  for (let i = first.split("/").length; i > 1; i--) root = dirname(root);
  for (const part of PACKAGES[name]) yield* filesIn(root, part);
}

async function* filesIn(root: string, name: string): AsyncGenerator<{ name: string; path: string }> {
  const path = join(root, name);
  if ((await Deno.stat(path)).isFile) yield { name, path };
  else for await (const entry of Deno.readDir(path)) yield* filesIn(root, `${name}/${entry.name}`);
}

/**
 * The modules of an npm package that loading one of its modules loads: names in the package, and where they are.
 * @param specifier as the code imports it. @param name the module's name in its package.
 */
export async function* moduleFiles(specifier: string, name: string): AsyncGenerator<{ name: string; path: string }> {
  const root = join(fromFileUrl(import.meta.resolve(specifier)), ...name.split("/").map(() => ".."));
  const names = new Set([name]);
  // A set goes on with what is added while it is walked.
  for (const n of names) {
    const path = join(root, n);
    yield { name: n, path };
    for (const [, to] of (await Deno.readTextFile(path)).matchAll(/ from "(\.[^"]+)";/g)) {
      names.add(join(dirname(n), to));
    }
  }
}
