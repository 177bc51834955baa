/** What a line net's teacher is heard on, and how what it says draws another. */
import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path/join";
import { encode } from "../src/safetensors.ts";
import { CHARACTERS, encodeText, KINDS } from "../src/train/lines/alphabet.ts";
import { keepLoss, Teacher } from "../src/train/lines/teacher.ts";
import { type Layer, Net } from "../src/train/net.ts";
import { inFolder, ROOT, run } from "./command.ts";

const ROW = CHARACTERS + KINDS.length;

/** A net of one frame a column that reads `character` whatever it sees. */
function reads(character: string): Net {
  const bias = new Array(ROW).fill(0);
  bias[encodeText(character)![0]] = 9;
  const layers: Layer[] = [{ op: "conv", filters: ROW, kernel: [2, 1], pad: "valid", zero: true, bias }];
  return new Net(layers, [2, 4, 1], 1);
}

Deno.test("a teacher is heard on numbers and letters that it reads rightly, and not on words", () =>
  inFolder(async (folder) => {
    await tf.setBackend("cpu");
    const path = join(folder, "model.safetensors");
    await Deno.writeFile(path, encode({ metadata: { format: "scrawl-1" }, tensors: reads("7").fold().tensors }));
    const teacher = await Teacher.open(path, () => reads("1"));
    const labels = ["7", "8", "bb", ""].map((text) => encodeText(text)!);
    const said = teacher.says(
      tf.zeros([4, 2, 4, 1]),
      Uint32Array.of(4, 4, 4, 4),
      labels,
      Float32Array.of(0.5, 1, 1, 1),
    );
    assertEquals([...said.weights], [0.5, 0, 0, 0]);
    const seven = said.probabilities[encodeText("7")![0]];
    assertAlmostEquals(seven, Math.exp(9) / (Math.exp(9) + CHARACTERS - 1), 1e-5);

    const letter = join(folder, "letter.safetensors");
    await Deno.writeFile(letter, encode({ metadata: { format: "scrawl-1" }, tensors: reads("b").fold().tensors }));
    const other = await Teacher.open(letter, () => reads("1"));
    const letters = ["b", "B"].map((text) => encodeText(text)!);
    const heard = other.says(tf.zeros([2, 2, 4, 1]), Uint32Array.of(4, 4), letters, Float32Array.of(1, 1));
    assertEquals([...heard.weights], [1, 0]);

    await Deno.writeFile(letter, encode({ metadata: {}, tensors: reads("b").fold().tensors }));
    await assertRejects(() => Teacher.open(letter, () => reads("1")), Error, "a teacher is a model file");
  }));

Deno.test("what is kept costs nothing where both say the same, and its gradient is the slope of the loss", async () => {
  await tf.setBackend("cpu");
  const [n, frames] = [2, 3];
  const logits = tf.randomNormal([n, frames, ROW], 0, 1, "float32", 5) as tf.Tensor3D;
  const own = tf.softmax(tf.slice(logits, [0, 0, 0], [n, frames, CHARACTERS])).dataSync() as Float32Array;
  const used = Uint32Array.of(3, 2);
  const weights = Float32Array.of(1, 0.5);
  assertAlmostEquals(keepLoss(logits, { probabilities: own, weights }, used).dataSync()[0], 0, 1e-6);

  const said = tf.softmax(tf.randomNormal([n, frames, CHARACTERS], 0, 1, "float32", 6)).dataSync() as Float32Array;
  const loss = (x: tf.Tensor3D) => keepLoss(x, { probabilities: said, weights }, used);
  const gradient = tf.grad((x) => loss(x as tf.Tensor3D))(logits).dataSync();
  const values = logits.dataSync();
  // A character, one beyond the second line's end, and one of who made a frame.
  for (const at of [ROW + 7, 5 * ROW + 7, 2 * ROW - 1]) {
    const moved = (by: number) => {
      const x = values.slice();
      x[at] += by;
      return loss(tf.tensor3d(x as Float32Array, [n, frames, ROW])).dataSync()[0];
    };
    assertAlmostEquals(gradient[at], (moved(0.01) - moved(-0.01)) / 0.02, 1e-3);
  }
  assertEquals([gradient[5 * ROW + 7], gradient[2 * ROW - 1]], [0, 0]);
  assertEquals(gradient[ROW + 7] === 0, false);
});

Deno.test("norms are folded in only where there are such, and a teacher is heard on processors only", async () => {
  const train = async (...args: string[]) =>
    (await run(Deno.execPath(), [
      "run",
      "-q",
      "--no-prompt",
      "-A",
      join(ROOT, "src/cli.ts"),
      "train",
      ...args,
      "--data",
      ".",
    ]))!;
  const fresh = await train("line", "--folded");
  assertEquals(fresh.code, 1);
  assertMatch(fresh.err, /--folded goes on from a line or page net: name it/);
  const model = join(ROOT, "models/line");
  const card = await train(
    "line",
    "--from",
    model,
    "--teacher",
    join(model, "model.safetensors"),
    "--backend",
    "webgpu",
  );
  assertEquals(card.code, 1);
  assertMatch(card.err, /--teacher is for the backends of the processor/);
  const pages = await train("page", "--teacher", join(model, "model.safetensors"));
  assertEquals(pages.code, 1);
  assertMatch(pages.err, /--teacher is for lines and glyphs/);
});
