/** Where the data sets are, and `data`: fetches the public ones, shows them and what is made of them. */
import { format } from "@std/fmt/bytes";
import { join } from "@std/path/join";
import { getSet } from "../data/get.ts";
import { PAIRS, REMOTE_SETS } from "../data/sets.ts";
import { EXIT, ScrawlError } from "../errors.ts";
import { count, type Values } from "../options.ts";
import { FONT_PACKAGES } from "../train/lines/fonts.ts";
import { VOCABULARY_PACKAGES } from "../train/lines/vocabulary.ts";

export function dataFolder(values: Values): string {
  const folder = values.data as string | undefined ?? Deno.env.get("SCRAWL_DATA");
  if (!folder) {
    throw new ScrawlError("arguments", "say where the data sets are: --data DIR or SCRAWL_DATA (see data/README.md)");
  }
  try {
    if (Deno.statSync(folder).isDirectory) return folder;
  } catch {
    // Told below.
  }
  throw new ScrawlError("access", `${folder} is no folder with data sets (see data/README.md)`);
}

/** `data get SET...`, `data explore SET` and `data show pages` */
export async function data(values: Values, [what, ...names]: string[]): Promise<number> {
  if (what === "explore") return await exploreSet(values, names);
  if (what === "show") return await showPages(values, names);
  const known = [...Object.keys(REMOTE_SETS), "fonts"];
  if (what !== "get" || names.length === 0) {
    throw new ScrawlError(
      "arguments",
      `write data get and one of ${known.join(", ")}, data explore and a set, or data show pages`,
    );
  }
  const wrong = names.find((n) => !known.includes(n));
  if (wrong) {
    throw new ScrawlError(
      "arguments",
      `${wrong} cannot be fetched: known are ${known.join(", ")}; data/README.md says where others are`,
    );
  }
  const folder = values.data as string | undefined ?? Deno.env.get("SCRAWL_DATA") ?? join("data", "downloads");
  for (const name of names) {
    if (name === "fonts") await getFonts(join(folder, "fonts"));
    else {
      let shown = 0;
      const fetched = await getSet(REMOTE_SETS[name], folder, (file, bytes, total) => {
        if (!Deno.stderr.isTerminal() || performance.now() - shown < 100) return;
        shown = performance.now();
        const share = total ? `${(100 * bytes / total).toFixed(0)} %` : format(bytes);
        Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${file}  ${share}`));
      });
      if (Deno.stderr.isTerminal()) console.error("\r\x1b[K");
      console.log(
        `${name}: ${fetched.length ? `fetched ${fetched.length} files` : "all there"} in ${
          join(folder, REMOTE_SETS[name].folder)
        }`,
      );
    }
  }
  return EXIT.ok;
}

async function exploreSet(values: Values, [name, ...rest]: string[]): Promise<number> {
  if (!name || rest.length > 0) throw new ScrawlError("arguments", "write data explore and one set, like mnist");
  const { explore } = await import("../data/explore.ts");
  const page = await explore(dataFolder(values), name);
  const to = values.output as string | undefined ?? `${name}.html`;
  await Deno.writeTextFile(to, page);
  console.error(`The page is ${to}`);
  return EXIT.ok;
}

async function showPages(values: Values, names: string[]): Promise<number> {
  if (names.join() !== "pages") throw new ScrawlError("arguments", "write data show pages");
  const { show } = await import("../data/show.ts");
  const to = values.output as string | undefined ?? "pages.png";
  const fonts = values.fonts as string | undefined;
  await Deno.writeFile(to, await show(dataFolder(values), fonts, count(values, "seed")!, count(values, "count")!));
  console.error(`The sheet is ${to}`);
  return EXIT.ok;
}

/** Fonts and words come as npm packages, which Deno itself installs into a folder of their own; pairs of words lie beside them. */
async function getFonts(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const dependencies = { ...Object.fromEntries(FONT_PACKAGES.map((name) => [name, "*"])), ...VOCABULARY_PACKAGES };
  await Deno.writeTextFile(
    join(folder, "package.json"),
    JSON.stringify({ private: true, dependencies }, null, 2) + "\n",
  );
  await Deno.writeTextFile(join(folder, "deno.json"), '{ "nodeModulesDir": "auto" }\n');
  const { success } = await new Deno.Command("deno", {
    args: ["install"],
    cwd: folder,
    stdout: "inherit",
    stderr: "inherit",
  })
    .output();
  if (!success) throw new ScrawlError("other", `the fonts could not be installed into ${folder}`);
  await getSet(PAIRS, folder);
  console.log(`fonts: ${Object.keys(dependencies).length} packages in ${folder}; train lines with --fonts ${folder}`);
}
