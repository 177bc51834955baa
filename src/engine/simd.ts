/** Which build of the WASM this machine runs: relaxed SIMD where it is there, plain simd128 elsewhere. */

/** A module of one function that uses f32x4.relaxed_madd: valid only where relaxed SIMD is supported. */
const RELAXED = Uint8Array.from([
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  // One type: three v128 in, one out; one function of it.
  ...[1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0],
  // Its code: local.get 0, 1, 2, f32x4.relaxed_madd, end.
  ...[10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 11],
]);

export const hasRelaxedSimd: boolean = WebAssembly.validate(RELAXED);

/** The WASM of `name` for this machine. Its ending keeps `deno compile` from taking it for a module. */
export function wasmFile(name: "ocr" | "train"): URL {
  return new URL(`../wasm/${name}/${name}.${hasRelaxedSimd ? "relaxed" : "simd"}.bin`, import.meta.url);
}
