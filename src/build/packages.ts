/** The files of npm packages that reading loads, and a configuration for programs that bring them along. */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/**
 * What reading needs of npm packages, the first being found by its name. Whole packages would bring their source maps, other builds, and
 * native addons that nothing here loads: twice the size of a binary.
 */
export const PACKAGES: Record<string, string[]> = {
  "@jsquash/avif": ["codec/dec/avif_dec.wasm", "codec/dec/avif_dec.js"],
  "canvaskit-wasm": ["bin/full/canvaskit.wasm", "bin/full/canvaskit.js"],
  hyparquet: ["src/index.js", "src"],
  "hyparquet-writer": ["src/parquet-writer.js", "src"],
  imagescript: ["png/node.js"],
  "pdf-lib": ["package.json", "dist/pdf-lib.esm.min.js"],
  "pdfjs-dist": [
    "package.json",
    ...["legacy/build/pdf.mjs", "legacy/build/pdf.worker.mjs", "cmaps", "standard_fonts", "wasm"],
  ],
};

/** What `--max-error` goes by, where the model was calibrated: `deno task calibrate` puts it beside the model. */
export async function budgets(): Promise<string[]> {
  const file = "models/line/budgets.json";
  return await Deno.stat(join(ROOT, file)).then(() => [file], () => []);
}

/** CommonJS says so by its ending where no package does. */
const COMMONJS = /^(canvaskit-wasm\/.*|imagescript\/.*)\.js$/;

/** Modules as the code imports them, and where they are then. */
const MODULES = {
  "@jsquash/avif/codec/dec/avif_dec.js": "@jsquash/avif/codec/dec/avif_dec.js",
  "canvaskit-wasm/full": "canvaskit-wasm/bin/full/canvaskit.cjs",
  hyparquet: "hyparquet/src/index.js",
  "imagescript/png/node.js": "imagescript/png/node.cjs",
  "pdf-lib": "pdf-lib/dist/pdf-lib.esm.min.js",
  "pdfjs-dist/package.json": "pdfjs-dist/package.json",
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
  else {
    for await (const entry of Deno.readDir(path)) {
      // Of a folder not what opens files by Node, and no types.
      if (entry.name !== "node.js" && !entry.name.endsWith(".d.ts")) yield* filesIn(root, `${name}/${entry.name}`);
    }
  }
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

/** Puts what is needed of the packages into the folders `packages` and `std`, and a configuration that finds it there. */
export async function configure(to: string): Promise<void> {
  for (const old of ["packages", "std"]) await Deno.remove(join(to, old), { recursive: true }).catch(() => {});
  const folders = ["hyparquet/", "hyparquet-writer/", "pdfjs-dist/"].map((name) => [name, name]);
  const imports: Record<string, string> = { ...MODULES, ...Object.fromEntries(folders) };
  for (const name of Object.keys(PACKAGES)) {
    for await (const file of packageFiles(name)) {
      // A file of WASM would be taken for a module and its imports looked for.
      const path = `${name}/${file.name}`.replace(/\.wasm$/, ".bin").replace(COMMONJS, "$1.cjs");
      if (path.endsWith(".bin")) imports[`${name}/${file.name}`] = path;
      await Deno.mkdir(dirname(join(to, "packages", path)), { recursive: true });
      await Deno.copyFile(file.path, join(to, "packages", path));
    }
  }
  const { imports: all, compilerOptions: { lib } } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  // Of deno std the modules that are loaded; the binary has no use for its assertions.
  for (const [specifier, from] of Object.entries<string>(all)) {
    const module = /^npm:deno-std@[^/]+\/(?!assert)(.*)$/.exec(from)?.[1];
    if (!module) continue;
    imports[specifier] = `../std/${module}`;
    for await (const file of moduleFiles(specifier, module)) {
      const path = join(to, "std", file.name);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.copyFile(file.path, path);
    }
  }
  const mapped = Object.fromEntries(Object.entries(imports).map(([name, path]) => [name, `./packages/${path}`]));
  await Deno.writeTextFile(
    join(to, "deno.json"),
    JSON.stringify({ imports: mapped, compilerOptions: { lib } }, null, 2) + "\n",
  );
}
