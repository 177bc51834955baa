/** Data readers, page ranges, the sizes of presets, and the averaging of workers. */
import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { gzipSync } from "node:zlib";
import { PageRange } from "../src/decode/pages.ts";
import { calibrationError } from "../src/evaluate/strings.ts";
import { Exchange } from "../src/train/exchange.ts";
import { parseIdx } from "../src/train/idx.ts";
import { greedy } from "../src/train/lines/decode.ts";
import { Net } from "../src/train/net.ts";
import { PRESETS } from "../src/train/presets.ts";
import { rateAt } from "../src/train/schedule.ts";

function idx(shape: number[], data: number[]): Uint8Array {
  const out = new Uint8Array(4 + 4 * shape.length + data.length);
  out.set([0, 0, 8, shape.length]);
  shape.forEach((s, i) => new DataView(out.buffer).setUint32(4 + 4 * i, s));
  out.set(data, 4 + 4 * shape.length);
  return out;
}

Deno.test("IDX files, plain and gzipped", () => {
  const file = idx([2, 1, 2], [1, 2, 3, 4]);
  for (const f of [file, new Uint8Array(gzipSync(file))]) {
    const { shape, data } = parseIdx(f, "x");
    assertEquals([shape, [...data]], [[2, 1, 2], [1, 2, 3, 4]]);
  }
});

const DAMAGED: [string, Uint8Array, string][] = [
  ["nothing", new Uint8Array(), "not an IDX file, it starts with nothing"],
  ["text", new TextEncoder().encode("label,pixel0"), "not an IDX file"],
  ["floats", Uint8Array.of(0, 0, 0x0d, 1, 0, 0, 0, 0), "values of type 0xd"],
  ["a cut file", idx([3, 1, 2], [1, 2, 3, 4]), "3 x 1 x 2 is 6 bytes, the file holds 4"],
  ["a cut header", Uint8Array.of(0, 0, 8, 3, 0, 0), "the IDX header is cut off"],
  ["a cut gzip", new Uint8Array(gzipSync(idx([4], [1, 2, 3, 4]))).subarray(0, 14), "the gzip stream is damaged"],
];
for (const [name, bytes, message] of DAMAGED) {
  Deno.test(`damaged IDX: ${name}`, () => {
    assertThrows(() => parseIdx(bytes, "file"), Error, message);
  });
}

Deno.test("page ranges", () => {
  assertEquals(PageRange.parse("1,3-5,8-").of(10), [1, 3, 4, 5, 8, 9, 10]);
  assertEquals(PageRange.parse("-2").of(5), [1, 2]);
  assertThrows(() => PageRange.parse("7").of(3), Error, "asks for none of the file's 3 pages");
  for (const bad of ["", "x", "3-1", "0", "1,,2", "-"]) {
    assertThrows(() => PageRange.parse(bad), Error, "is no list of pages", bad);
  }
});

Deno.test("greedy decoding and calibration", () => {
  // Classes: blank, a, b. Frames: a a blank a b.
  const frames = [[0, 9, 0], [0, 9, 0], [9, 0, 0], [0, 9, 0], [0, 0, 9]].flat();
  assertStrictEquals(greedy(Float32Array.from(frames), 3, 3, "ab"), "aab");
  assert(Math.abs(calibrationError([0.95, 0.95, 0.15], [true, true, false]) - (2 * 0.05 + 0.15) / 3) < 1e-9);
});

Deno.test("the learning rate rises to its peak and ends at nothing", () => {
  const s = { kind: "one-cycle", peak: 0.1, at: 0.25 } as const;
  assert(rateAt(s, 0) < 0.01 && Math.abs(rateAt(s, 0.25) - 0.1) < 1e-9 && rateAt(s, 1) < 1e-9);
});

Deno.test("presets keep to their size, and so do the other members of an ensemble", () => {
  const { seed, small, medium } = PRESETS;
  // Running statistics count as parameters there.
  const net = new Net(seed.layers, seed.input, 0);
  assertStrictEquals(net.statistics.reduce((n, s) => n + s.length, net.parameters), 198_378);
  for (const [preset, most] of [[small, 3e6], [medium, 10e6]] as const) {
    for (const layers of [preset.layers, ...preset.others ?? []]) assert(new Net(layers, preset.input, 0).macs <= most);
  }
});

Deno.test("workers average in shared memory", async () => {
  const shared = Exchange.buffer(2, 3);
  const source = `import { Exchange } from ${JSON.stringify(new URL("../src/train/exchange.ts", import.meta.url).href)};
    onmessage = ({ data: [shared, rank] }) => {
      const values = Float32Array.of(rank, 2 * rank, 7);
      const exchange = new Exchange(shared, rank, 2);
      for (let i = 0; i < 50; i++) { exchange.average(values); values[0] += rank; }
      postMessage([...values]);
    };`;
  const url = `data:application/typescript,${encodeURIComponent(source)}`;
  const workers = [0, 1].map(() => new Worker(url, { type: "module" }));
  const results = await Promise.all(workers.map((w, rank) =>
    new Promise<number[]>((resolve) => {
      w.onmessage = ({ data }) => resolve(data);
      w.postMessage([shared, rank]);
    })
  ));
  workers.forEach((w) => w.terminate());
  assertEquals(results, [[25, 1, 7], [26, 1, 7]]);
  assertMatch(String(results[0]), /25/);
});
