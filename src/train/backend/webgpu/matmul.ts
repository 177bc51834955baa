/** Products of matrices in batches, either side turned or not, with bias and ReLU. */
import * as tf from "@tensorflow/tfjs";
import type { GpuBackend } from "./backend.ts";
import { FLAT_GROUP, fold, program } from "./program.ts";
import { product, type Side, storeRow, tileFor } from "./tile.ts";

/** A side stored with its depth contiguous or not: `size` values of the contiguous axis a row, in batches `p.<name>Batch` apart. */
function matrix(name: "a" | "b", contiguous: "depth" | "outer", vector: boolean, outerSize: string): Side {
  const type = vector ? "vec4<f32>" : "f32";
  return {
    along: contiguous,
    vector,
    load: (_, outer, k) => {
      const at = contiguous === "depth" ? `${outer} * p.k + ${k}` : `${k} * ${outerSize} + ${outer}`;
      const index = `(batch * p.${name}Batch + ${at}) / ${vector ? 4 : 1}u`;
      return `select(${type}(), ${name}[${index}], ${k} < end && ${outer} < ${outerSize})`;
    },
  };
}

/**
 * `a b` over the last two axes, each turned if asked; the axes before them are equal or one side has one matrix. Answers
 * `undefined` for other broadcasts.
 */
export function matmul(
  backend: GpuBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  turnA: boolean,
  turnB: boolean,
  bias?: tf.TensorInfo,
  relu = false,
): tf.TensorInfo | undefined {
  const size = tf.util.sizeFromShape;
  const [ra, rb] = [a.shape.length, b.shape.length];
  const [outerA, outerB] = [a.shape.slice(0, ra - 2), b.shape.slice(0, rb - 2)];
  const [na, nb] = [size(outerA), size(outerB)];
  if (na !== nb && na !== 1 && nb !== 1) return undefined;
  const m = a.shape[turnA ? ra - 1 : ra - 2];
  const k = a.shape[turnA ? ra - 2 : ra - 1];
  const n = b.shape[turnB ? rb - 2 : rb - 1];
  if (m * n * k === 0 || (bias && size(bias.shape) !== n)) return undefined;
  const batch = Math.max(na, nb);
  const y = backend.output([...(na >= nb ? outerA : outerB), m, n]);
  const tile = tileFor(m, n);
  const [va, vb, vy] = [(turnA ? m : k) % 4 === 0, (turnB ? k : n) % 4 === 0, n % 4 === 0];
  const type = (vector: boolean) => vector ? "vec4<f32>" : "f32";
  const finish = (v: string, column: string) => {
    const sum = !bias
      ? v
      : vy
      ? `${v} + bias[${column} / 4u]`
      : `${v} + vec4<f32>(${[0, 1, 2, 3].map((q) => `bias[${column} + ${q}u]`)})`;
    return relu ? `max(${sum}, vec4<f32>())` : sum;
  };
  const p = program(
    `matmul ${turnA} ${turnB} ${va} ${vb} ${vy} ${tile.x}x${tile.y}x${tile.tm} ${!!bias} ${relu}`,
    () =>
      product({
        name: "matrix product",
        tile,
        a: matrix("a", turnA ? "outer" : "depth", va, "p.m"),
        b: matrix("b", turnB ? "depth" : "outer", vb, "p.n"),
        buffers: [
          `a: read ${type(va)}`,
          `b: read ${type(vb)}`,
          ...bias ? [`bias: read ${type(vy)}`] : [],
          `y: read_write ${type(vy)}`,
        ],
        params: ["m: u32", "n: u32", "k: u32", "aBatch: u32", "bBatch: u32", "tiles: u32", "batches: u32"],
        place: `  let flat = ${FLAT_GROUP}; let batch = flat / p.tiles;
  if (batch >= p.batches) { return; }
  let m0 = flat % p.tiles * ${tile.m}u; let n0 = group.z * ${tile.n}u; let begin = 0u; let end = p.k;`,
        store: storeRow("y", "p.m", "p.n", vy, finish, "batch * p.m * p.n"),
      }),
  );
  const tiles = Math.ceil(m / tile.m);
  backend.run(
    p,
    [a, b, ...bias ? [bias] : [], y].map((t) => backend.buffer(t)),
    [m, n, k, na < batch ? 0 : m * k, nb < batch ? 0 : k * n, tiles, batch],
    [...fold(tiles * batch), Math.ceil(n / tile.n)],
    { macs: batch * m * n * k },
  );
  return y;
}
