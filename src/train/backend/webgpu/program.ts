/**
 * A compute program: WGSL with its bindings declared for it. Sizes that vary from batch to batch are parameters, what a layer fixes is
 * written into the code; so a net needs a few programs a layer and none is compiled anew for another width.
 */

export interface Spec {
  /** What the time of a run is booked on. */
  name: string;
  /** Storage buffers in the order of their bindings, as `x: read vec4<f32>` or `y: read_write f32`. */
  buffers: string[];
  /** Parameters, as `rows: u32` or `epsilon: f32`; the code reads them as `p.rows`. */
  params: string[];
  /** Threads of a workgroup. */
  size: [number, number?];
  /** Declarations outside of the entry point. */
  outside?: string;
  /** The entry point's body, which knows `group`, `groups`, `local` (vectors) and `thread` (a number). */
  body: string;
}

/** A program ready to be compiled. */
export interface Program {
  readonly name: string;
  readonly key: string;
  readonly code: string;
  readonly params: readonly ("u32" | "i32" | "f32")[];
}

const made = new Map<string, Program>();

/** The program called `key`, written at its first use. */
export function program(key: string, make: () => Spec): Program {
  let p = made.get(key);
  if (!p) made.set(key, p = write(key, make()));
  return p;
}

function write(key: string, s: Spec): Program {
  const bindings = s.buffers.map((b, i) => {
    const [, name, access, type] = /^(\w+): (read|read_write) (.+)$/.exec(b)!;
    return `@group(0) @binding(${i}) var<storage, ${access}> ${name}: array<${type}>;`;
  });
  const params = s.params.length === 0
    ? ""
    : `struct Params { ${s.params.join(", ")} }\n@group(0) @binding(${bindings.length}) var<uniform> p: Params;`;
  const code = `${bindings.join("\n")}
${params}
${s.outside ?? ""}
@compute @workgroup_size(${s.size[0]}, ${s.size[1] ?? 1}, 1)
fn main(
  @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>, @builtin(local_invocation_index) thread: u32,
) {
${s.body}
}
`;
  return { name: s.name, key, code, params: s.params.map((p) => p.split(": ")[1] as "u32") };
}

/** Workgroups a dimension that every device allows are 65,535; more are folded into a second one. */
const MOST = 32768;

/** A count of workgroups as two dimensions; {@linkcode FLAT_GROUP} is the number of one. */
export function fold(groups: number): [number, number] {
  return groups <= MOST ? [groups, 1] : [MOST, Math.ceil(groups / MOST)];
}

/** WGSL for the number of a workgroup whose count was folded. */
export const FLAT_GROUP = "(group.x + group.y * groups.x)";

/** Threads of an element-wise program's workgroup. */
export const WIDE = 256;

/** An element-wise program over `p.size` values (of vectors where they are), `i` the number of one. */
export function elementwise(name: string, buffers: string[], params: string[], body: string): Spec {
  return {
    name,
    buffers,
    params: ["size: u32", ...params],
    size: [WIDE],
    body: `  let i = ${FLAT_GROUP} * ${WIDE}u + thread;\n  if (i >= p.size) { return; }\n${body}`,
  };
}

/** `vec4<f32>` where rows of `c` values are whole vectors, with how many values it holds. */
export function lanes(c: number): { type: string; width: number } {
  return c % 4 === 0 ? { type: "vec4<f32>", width: 4 } : { type: "f32", width: 1 };
}
