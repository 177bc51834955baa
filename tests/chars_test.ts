/** Training and measuring on a user's own characters: readers, run folder, resume, fine-tuning, ensembles, reports. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { join } from "@std/path/join";
import { fromFileUrl } from "@std/path/from-file-url";
import { encodePng } from "../src/format/png.ts";
import { drawnDigits } from "../src/wasm/train/train.js";
import { loadSamples } from "../src/train/backend/mod.ts";
import { JUNK, readSet } from "../src/train/glyphs/data.ts";
import { parseCsv } from "../src/train/glyphs/sources.ts";
import { classificationReport } from "../src/report/chars.ts";

const ROOT = fromFileUrl(new URL("../", import.meta.url));

async function scrawl(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "--allow-sys=cpus",
      join(ROOT, "src/cli.ts"),
      ...args,
    ],
    stdout: "piped",
    stderr: "piped",
  }).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

/** Ten signs: four corners that hold the frame, and a number in binary between them. `n` gives each its own proportions, so that they are no copies. */
function sign(c: number, n: number, size = 36): Uint8Array {
  const cell = size / 3;
  const bits = [[1, 0, 1], [0, 1, 2], [2, 1, 4], [1, 2, 8]];
  return Uint8Array.from({ length: size * size }, (_, i) => {
    const at = (v: number, by: number) => Math.max(0, Math.min(2, Math.floor((v + by) / cell)));
    const [x, y] = [at(i % size, n % 11 - 5), at(Math.floor(i / size), n % 7 - 3)];
    const on = (x !== 1 && y !== 1) || bits.some(([bx, by, bit]) => bx === x && by === y && (c + 1) & bit);
    const grain = (i * 7919 + n * 104729) % 61 % 30;
    return on ? 40 + grain : 225 + grain;
  });
}

async function withSigns(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (let c = 0; c < 10; c++) {
      await Deno.mkdir(join(folder, "signs", String(c)), { recursive: true });
      for (let n = 0; n < 30; n++) {
        await Deno.writeFile(
          join(folder, "signs", String(c), `${n}.png`),
          await encodePng(sign(c, n * 10 + c), 36, 36),
        );
      }
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a user's folders of pictures: train, resume, fine-tune, ensemble, distil, report, explore", () =>
  withSigns(async (folder) => {
    const [data, run] = [join(folder, "signs"), join(folder, "run")];
    const common = ["--data", data, "--batch", "32", "--jobs", "2"];
    const trained = await scrawl("train", "small", ...common, "--length", "30", "--run", run);
    assertStrictEquals(trained.code, 0, trained.err);
    const history = (await Deno.readTextFile(join(run, "history.jsonl"))).trim().split("\n").map((l) => JSON.parse(l));
    assert(history.at(-1).metrics.accuracy > 0.9, JSON.stringify(history.at(-1)));
    assert(history.at(-1).accuracy > 0.5, "accuracy while learning is kept");
    for (const name of ["loss", "accuracy"]) {
      assertMatch(await Deno.readTextFile(join(run, `${name}.svg`)), /^<svg [^]*validation[^]*<\/svg>\n$/);
      assertEquals([...(await Deno.readFile(join(run, `${name}.png`))).subarray(1, 4)], [80, 78, 71]);
    }
    assert((await Deno.stat(join(run, "samples.png"))).size > 1000, "a sheet of what was learnt from");
    assertMatch(await Deno.readTextFile(join(run, "summary.txt")), /parameters .*MACs/);

    // A model file, its norms folded, goes on from where it was.
    const model = join(run, "model.safetensors");
    const tuned = await scrawl(
      "train",
      "small",
      ...common,
      "--length",
      "1",
      "--from",
      model,
      "--peak",
      "0.01",
      "--run",
      join(folder, "tuned"),
    );
    assertStrictEquals(tuned.code, 0, tuned.err);
    const after = (await Deno.readTextFile(join(folder, "tuned", "history.jsonl"))).trim().split("\n").map((l) =>
      JSON.parse(l)
    );
    assert(after[0].loss < history[0].loss / 2, `${after[0].loss} after ${history[0].loss}`);
    assert(after.every((h) => h.rate <= 0.01), "--peak bounds the rate");
    // Of folders the checkpoints: their mean.
    const mean = ["--from", `${run}@0.75,${join(folder, "tuned")}@0.25`, "--run", join(folder, "mean"), "-v"];
    const mixed = await scrawl("train", "small", ...common, "--length", "1", ...mean);
    assertStrictEquals(mixed.code, 0, mixed.err);
    assertMatch(mixed.err, /holds all layers/);
    const other = await scrawl("train", "medium", ...common, "--from", model, "--run", join(folder, "other"));
    assertMatch(other.err, /another preset made it/);

    // An ensemble that was cut off goes on with the member that is missing.
    const many = ["train", "medium", ...common, "--length", "1", "--ensemble", "2", "--run", join(folder, "many")];
    assertStrictEquals((await scrawl(...many)).code, 0);
    const shapes = ["1", "2"].map((seed) => Deno.readTextFileSync(join(folder, "many", seed, "summary.txt")));
    assert(shapes[0] !== shapes[1], "members of an ensemble differ in shape");
    await Deno.remove(join(folder, "many", "2"), { recursive: true });
    assertStrictEquals((await scrawl(...many, "--resume")).code, 0);
    const ensemble = join(folder, "many", "ensemble.json");
    const pupil = await scrawl(
      "train",
      "small",
      ...common,
      "--length",
      "1",
      "--teacher",
      ensemble,
      "--run",
      join(folder, "pupil"),
    );
    assertStrictEquals(pupil.code, 0, pupil.err);
    const both = await scrawl("evaluate", "chars", "--data", data, "--model", ensemble);
    assertStrictEquals(JSON.parse(both.out).images, 300);

    const report = join(folder, "report");
    const measured = await scrawl("evaluate", "chars", "--data", data, "--model", model, "--report", report);
    const figures = JSON.parse(measured.out);
    assert(figures.accuracy > 0.9);
    assertStrictEquals(figures.reject[0].error, 1 - figures.accuracy);
    const html = await Deno.readTextFile(join(report, "index.html"));
    assert(!/(src|href)="(?!data:)/.test(html), "the page stands by itself");
    const csv = (await Deno.readTextFile(join(report, "confusion.csv"))).trim().split("\n").map((l) => l.split(","));
    assertEquals(csv.slice(1).map((r) => r.slice(1).map(Number)), figures.confusion);

    const onnx = await scrawl("export", model, "--output", join(run, "model.onnx"));
    assertStrictEquals(onnx.code, 0, onnx.err);
    assert((await Deno.stat(join(run, "model.onnx"))).size > 200_000);
    assertMatch((await scrawl("export", model, "-o", join(run, "model.onnx"))).err, /model.onnx is there.*--force/);
    const eightBits = join(run, "model-int8.safetensors");
    const int8 = await scrawl("export", model, "--to", "int8", "--data", data, "--output", eightBits);
    assertStrictEquals(int8.code, 0, int8.err);
    const eight = await scrawl(
      "evaluate",
      "chars",
      "--data",
      data,
      "--model",
      eightBits,
      "--int8",
    );
    assert(Math.abs(JSON.parse(eight.out).accuracy - figures.accuracy) < 0.02, eight.err);

    const explored = await scrawl("data", "explore", "signs", "--data", data, "-o", join(folder, "signs.html"));
    assertStrictEquals(explored.code, 0, explored.err);
    assertMatch(await Deno.readTextFile(join(folder, "signs.html")), /train: 300 images/);
  }));

Deno.test("Kaggle's CSV, and what is wrong with one", () => {
  const head = "label,pixel0,pixel1,pixel2,pixel3\n";
  const { n, width, images, labels } = parseCsv(`${head}7,0,255,3,4\r\n1,9,8,7,6\n`, "train.csv");
  assertEquals([n, width, [...labels], [...images]], [2, 2, [7, 1], [0, 255, 3, 4, 9, 8, 7, 6]]);
  const wrong: [string, RegExp][] = [
    ["pixel0,pixel1\n", /no column "label"/],
    ["a;b\n", /begins with "a;b"/],
    ["label,pixel0,pixel1\n", /no square/],
    [`${head}7,0,1\n`, /train.csv:2: 3 values/],
    [`${head}7,0,1,2,300\n`, /train.csv:2: pixel3 is 300/],
    [`${head}7,0,1,2,3\nx,0,1,2,3\n`, /train.csv:3: label is x/],
  ];
  for (const [text, message] of wrong) {
    assertMatch(assertThrows(() => parseCsv(text, "train.csv"), Error).message, message);
  }
});

Deno.test("images of another frame than MNIST's are fitted into it, whatever their folder is called", async () => {
  await loadSamples();
  const folder = await Deno.makeTempDir();
  try {
    const folderOf = async (name: string, images: Uint8Array) => {
      const [n, at] = [images.length / 784, join(folder, name)];
      await Deno.mkdir(at);
      const head = [0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 28, 0, 0, 0, 28];
      await Deno.writeFile(join(at, "train-images-idx3-ubyte"), Uint8Array.from([...head, ...images]));
      await Deno.writeFile(
        join(at, "train-labels-idx1-ubyte"),
        Uint8Array.from([0, 0, 8, 1, 0, 0, 0, n, ...Array.from({ length: n }, (_, i) => i % 10)]),
      );
      return at;
    };
    const framed = drawnDigits(40, 3n);
    // The same digits in the upper left corner.
    const shifted = framed.map((_, i) => {
      const [x, y] = [i % 28 + 4, Math.floor(i % 784 / 28) + 4];
      return x < 28 && y < 28 ? framed[i - i % 784 + y * 28 + x] : 0;
    });
    const [mine, theirs] = [await folderOf("hands", framed), await folderOf("mnist", shifted)];
    const kept = await readSet(mine, "train");
    assertEquals([kept.fitted, kept.images], [false, framed]);
    const fitted = await readSet(theirs, "train");
    assertStrictEquals(fitted.fitted, true);
    const away = (a: Uint8Array) => a.reduce((sum, v, i) => sum + Math.abs(v - framed[i]), 0) / framed.length;
    assert(away(fitted.images) < away(shifted) / 3, `${away(fitted.images)} beside ${away(shifted)}`);
    const { out } = await scrawl("evaluate", "chars", "--data", theirs);
    assertStrictEquals(JSON.parse(out).frame, "fitted");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("classes.txt says what labels stand for; letters are no digits", async () => {
  await loadSamples();
  const folder = await Deno.makeTempDir();
  try {
    const images = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 28, 0, 0, 0, 28];
    const pixels = Array.from({ length: 3 * 784 }, (_, i) => (i % 28) > 8 && (i % 28) < 18 ? 255 : 0);
    await Deno.writeFile(join(folder, "train-images-idx3-ubyte"), Uint8Array.from([...images, ...pixels]));
    await Deno.writeFile(join(folder, "train-labels-idx1-ubyte"), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 2, 0, 1));
    await Deno.writeTextFile(join(folder, "classes.txt"), "A\n5\nO\n");
    // The O is neither: it passes for a zero.
    assertEquals([...(await readSet(folder, "train", true)).labels], [JUNK, 5]);
    assertEquals([...(await readSet(folder, "train")).labels], [5]);
    await Deno.writeTextFile(join(folder, "classes.txt"), "A\nB\nO\n");
    await assertRejects(() => readSet(folder, "train"), Error, "none of its 3 images is labelled as a digit");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the classification report has scikit-learn's columns", () => {
  const classes = ["0", "1"].map((c, i) => ({
    class: c,
    precision: 0.5 + i / 4,
    recall: 1 - i / 2,
    f1: 0.6,
    support: 2 + 4 * i,
  }));
  const text = classificationReport({
    frame: "as given",
    set: "x",
    images: 8,
    errors: 2,
    accuracy: 0.75,
    ece: 0,
    classes,
    confusion: [],
    reject: [],
    refused: { below: 0, digits: 0 },
  });
  assertMatch(text, /precision +recall +f1-score +support/);
  assertMatch(text, /weighted avg +0\.6875 +0\.6250 +0\.6000 +8/);
  assertMatch(text, /macro avg +0\.6250 +0\.7500 +0\.6000 +8/);
});

Deno.test("a set that is not there is told with what was looked for", async () => {
  const folder = await Deno.makeTempDir();
  const { code, err } = await scrawl("evaluate", "chars", "--data", folder, "--set", "mnist/t10k");
  assertStrictEquals(code, 2);
  assertMatch(err, /t10k-images-idx3-ubyte\(\.gz\), t10k\.csv, or a folder of pictures a digit/);
  await Deno.remove(folder, { recursive: true });
});
