/**
 * `deno task imports`: whether who imports whom is what the table in ARCHITECTURE.md says, no more and no less, and without circles. In its
 * last column stand the parts that one may import; what all may import, and types, count nowhere. And whether the standard library's modules have their types.
 */
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
/** Leaves that all may import. */
const COMMON = ["src/errors.ts", "src/files.ts", "src/safetensors.ts", "src/version.ts", "src/wasm"];

/** `src/cli/ocr.ts` is of `src/cli`, `src/mod.ts` of itself. */
const part = (path: string) => path.split("/").slice(0, 2).join("/");

/** Parts by the parts that they import. */
type Graph = Map<string, Set<string>>;

function* walk(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(join(ROOT, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory && path !== "src/wasm") yield* walk(path);
    else if (/\.ts$/.test(entry.name) && !/\.d\.ts$/.test(entry.name)) yield path;
  }
}

async function modules(): Promise<Graph> {
  const graph: Graph = new Map();
  for (const path of walk("src")) {
    const text = await Deno.readTextFile(join(ROOT, path));
    const from = part(path);
    if (!graph.has(from)) graph.set(from, new Set());
    for (
      const [, type, at, lazily] of text.matchAll(
        /^(?:import|export) (type )?(?:[^;"]*? from )?"(\.[^"]+)"|import\("(\.[^"]+)"\)/gm,
      )
    ) {
      const to = part(join(dirname(path), at ?? lazily).replaceAll("\\", "/"));
      if (!type && to !== from && to.startsWith("src/") && !COMMON.includes(to)) graph.get(from)!.add(to);
    }
  }
  for (const leaf of COMMON) graph.delete(leaf);
  return graph;
}

async function crates(): Promise<Graph> {
  const graph: Graph = new Map();
  const all = [...Deno.readDirSync(join(ROOT, "crates"))].map((e) => e.name);
  for (const name of all) {
    const text = await Deno.readTextFile(join(ROOT, "crates", name, "Cargo.toml"));
    const own = text.replace(/^\[dev-dependencies\][^[]*/m, "");
    graph.set(
      `crates/${name}`,
      new Set(all.filter((n) => new RegExp(`^${n} *=.*path`, "m").test(own)).map((n) => `crates/${n}`)),
    );
  }
  return graph;
}

/** Rows of the table: `| \`part\`, \`part\` | what | \`part\`, ... |`. */
async function table(): Promise<Graph> {
  const graph: Graph = new Map();
  const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map((m) => m[1].replace(/\/$/, ""));
  for (const line of (await Deno.readTextFile(join(ROOT, "ARCHITECTURE.md"))).split("\n")) {
    const cells = line.split("|").slice(1, -1);
    if (cells.length !== 3 || !/^ `(src|crates)\//.test(cells[0])) continue;
    for (const name of quoted(cells[0])) {
      const folder = name.split("/")[0];
      graph.set(name, new Set(quoted(cells[2]).map((n) => n.includes("/") ? n : `${folder}/${n}`)));
    }
  }
  return graph;
}

/** A way from a part back to itself, if there is one. */
function circle(graph: Graph): string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, way: string[]): string[] | undefined => {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const next of graph.get(name) ?? []) {
      const found = visit(next, [...way, name]);
      if (found) return found;
    }
    done.add(name);
  };
  for (const name of graph.keys()) {
    const found = visit(name, []);
    if (found) return found;
  }
}

/** What is wrong with the types of Deno's standard library: `src/std.d.ts` is to declare what `deno.json` names, and nothing else. */
async function untyped(): Promise<string[]> {
  const { imports } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const named = new Set(Object.keys(imports).filter((name) => name.startsWith("@std/")));
  const types = await Deno.readTextFile(join(ROOT, "src/std.d.ts"));
  const declared = new Set([...types.matchAll(/^declare module "(.+)"/gm)].map(([, name]) => name));
  return [
    ...[...named.difference(declared)].map((name) => `${name} is in deno.json, and src/std.d.ts does not declare it`),
    ...[...declared.difference(named)].map((name) => `${name} is in src/std.d.ts, and deno.json does not name it`),
  ];
}

const real = new Map([...await modules(), ...await crates()]);
const said = await table();
const wrong: string[] = [];
for (const name of new Set([...real.keys(), ...said.keys()])) {
  const [is, may] = [real.get(name), said.get(name)];
  if (!is) wrong.push(`${name} is in the table, and not there`);
  else if (!may) wrong.push(`${name} is not in the table; it imports ${[...is].join(", ") || "nothing"}`);
  else {
    for (const to of is.difference(may)) wrong.push(`${name} imports ${to}, which the table does not allow`);
    for (const to of may.difference(is)) wrong.push(`${name} may import ${to}, and does not`);
  }
}
const round = circle(real);
if (round) wrong.push(`a circle: ${round.join(" -> ")}`);
if (wrong.length > 0) {
  console.error(`ARCHITECTURE.md, "Who may import whom":\n${wrong.map((w) => `  ${w}`).join("\n")}`);
  Deno.exit(1);
}
const missing = await untyped();
if (missing.length > 0) {
  console.error(missing.join("\n"));
  Deno.exit(1);
}
console.log("imports are as ARCHITECTURE.md says");
