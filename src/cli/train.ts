/** `train`: resolves a preset and the options to one configuration, runs it, shows how it goes. */
import { dirname } from "@std/path/dirname";
import { fromFileUrl } from "@std/path/from-file-url";
import { join } from "@std/path/join";
import { EXIT, ScrawlError } from "../errors.ts";
import { LINE_MODEL } from "../engine/models.ts";
import { COMMANDS, count, parse, share, type Values } from "../options.ts";
import type { Config, History } from "../train/config.ts";
import { GlyphTask } from "../train/glyphs/task.ts";
import { isValidation, readNamed } from "../train/glyphs/data.ts";
import { writePack } from "../train/lines/pack.ts";
import { readSource } from "../train/lines/task.ts";
import { loadSamples } from "../train/backend/mod.ts";
import { taughtIn, TEACHING } from "../train/lines/taught.ts";
import type { TruthLine } from "../train/lines/truth.ts";
import { type Preset, PRESETS, withClasses } from "../train/presets.ts";
import { withoutNorms } from "../train/layers.ts";
import { train } from "../train/train.ts";
import type { Ensemble } from "../train/glyphs/classifier.ts";
import { dataFolder } from "./data.ts";
import { grayOf } from "./evaluate.ts";
import { isThere } from "./output.ts";
import { gather, gathered, tell } from "./teach.ts";
import { clock } from "./progress.ts";

export async function trainCommand(values: Values, operands: string[]): Promise<number> {
  const preset = PRESETS[operands[0]];
  if (!preset || operands.length > 1) {
    throw new ScrawlError("arguments", `name one preset of ${Object.keys(PRESETS).join(", ")}`);
  }
  if (values.pack !== undefined) return await pack(preset, values);
  const folder = values.run as string | undefined ?? join("runs", `${operands[0]}-${values.seed}`);
  const corrections = values.corrections as string | undefined;
  if (corrections !== undefined) {
    if (preset.task !== "line") throw new ScrawlError("arguments", "--corrections are for lines: train line");
    if (values.from === undefined) {
      throw new ScrawlError(
        "arguments",
        "--corrections teach a net that reads already: name it, like --from models/line",
      );
    }
    // A run that goes on has them in its folder.
    if (values.resume !== true) await gather(corrections, folder);
    return await teach(operands[0], preset, values, folder);
  }
  const members = count(values, "ensemble") ?? 1;
  if (members > 1 && preset.task !== "glyph") throw new ScrawlError("arguments", "--ensemble is for characters");
  if (members === 1) {
    await one(operands[0], preset, values, folder);
    console.error(`\nThe model is ${join(folder, "model.safetensors")}`);
    return EXIT.ok;
  }
  const first = count(values, "seed")!;
  const names: string[] = [];
  const shapes = [preset.layers, ...preset.others ?? []];
  for (let i = 0; i < members; i++) {
    const name = String(first + i);
    console.error(`Member ${i + 1} of ${members}, seed ${name}`);
    await one(
      operands[0],
      { ...preset, layers: shapes[i % shapes.length] },
      { ...values, seed: name },
      join(folder, name),
    );
    names.push(`${name}/model.safetensors`);
  }
  const ensemble: Ensemble = { members: names };
  await Deno.writeTextFile(join(folder, "ensemble.json"), JSON.stringify(ensemble, null, 2) + "\n");
  console.error(`\nThe ensemble is ${join(folder, "ensemble.json")}`);
  return EXIT.ok;
}

/** Teaches a net the lines that lie in the run's folder, and tells what it was good for. */
async function teach(name: string, preset: Preset, values: Values, folder: string): Promise<number> {
  // Of a run its model: the norms of a checkpoint are not folded in.
  const from = await weightsIn(values.from as string, "model.safetensors");
  await one(name, { ...preset, ...TEACHING }, { ...values, from, folded: true }, folder, taughtIn(folder));
  const fromPack = values["from-pack"] !== undefined;
  await tell(folder, values.from as string, fromPack ? undefined : dataFolder(values), grayOf);
  console.error(
    `\nThe model is ${join(folder, "model.safetensors")}: ocr --model ${join(folder, "model.safetensors")}`,
  );
  return EXIT.ok;
}

/** The same for lines that are there: see `bench teach`. */
export async function teachLines(lines: TruthLine[], folder: string, data: string): Promise<void> {
  await gathered(lines, folder, "the writer");
  const { values } = parse(COMMANDS.train, ["--from", dirname(fromFileUrl(LINE_MODEL)), "--data", data]);
  await teach("line", PRESETS.line, values, folder);
}

/** `from` with a file for each folder that it names: the checkpoint (or what is `wanted`), where the folder has one, else the model. */
async function weightsIn(from: string, wanted = "checkpoint.safetensors"): Promise<string> {
  const files = from.split(",").map(async (part) => {
    const [, path, share] = /^(.+?)(@[\d.]+)?$/.exec(part) ?? [];
    if (path === undefined || !(await Deno.stat(path).catch(() => undefined))?.isDirectory) return part;
    const first = join(path, wanted);
    const file = await Deno.stat(first).then(() => first, () => join(path, "model.safetensors"));
    return file + (share ?? "");
  });
  return (await Promise.all(files)).join();
}

/** Writes what the lines of a preset are learnt from into one file. */
async function pack(preset: Preset, values: Values): Promise<number> {
  if (preset.task !== "line") throw new ScrawlError("arguments", "--pack is for lines");
  await loadSamples();
  const fonts = values.fonts as string | undefined, cache = values.cache as string | undefined;
  const source = await readSource({ data: dataFolder(values), fonts, cache });
  const path = values.pack as string;
  const bytes = await writePack(path, source, preset.line!.contract.height, (text) => console.error(text));
  console.error(`${path}: ${(bytes / 1e6).toFixed(1)} MB; train elsewhere with --from-pack ${path}`);
  return EXIT.ok;
}

/** Trains one net into `folder`; with --resume one that is finished is left alone, and one not begun is begun. */
async function one(
  name: string,
  preset: Preset,
  values: Values,
  folder: string,
  taught?: string,
): Promise<void> {
  const begun = await isThere(join(folder, "checkpoint.safetensors"));
  const resume = values.resume === true && (begun || values.ensemble === undefined);
  const config = resume ? await saved(folder) : await resolve(name, preset, values, taught);
  let first: History | undefined;
  await train(config, {
    folder,
    resume,
    verbose: values.verbose === true,
    onProgress: (h, total) => show(h, total, first ??= h),
    onNote: (line) => console.error(line),
  });
}

async function saved(folder: string): Promise<Config> {
  try {
    return JSON.parse(await Deno.readTextFile(join(folder, "config.json")));
  } catch (e) {
    throw new ScrawlError("access", `${folder} holds no run to resume: ${(e as Error).message}`);
  }
}

async function resolve(name: string, preset: Preset, values: Values, taught?: string): Promise<Config> {
  const fromPack = values["from-pack"] as string | undefined;
  if (fromPack !== undefined && preset.task !== "line") throw new ScrawlError("arguments", "--from-pack is for lines");
  const data = fromPack === undefined ? dataFolder(values) : "";
  const batch = count(values, "batch") ?? preset.batch;
  const jobs = count(values, "jobs") ?? navigator.hardwareConcurrency;
  const length = count(values, "length") ?? preset.length;
  const repeats = count(values, "repeats");
  if (repeats !== undefined && values.backend !== "webgpu") {
    throw new ScrawlError(
      "arguments",
      "--repeats is for --backend webgpu: elsewhere samples are made faster than they are learnt from",
    );
  }
  const common = {
    preset: name,
    input: preset.input,
    optimizer: preset.optimizer,
    schedule: { kind: "one-cycle", peak: share(values, "peak") ?? preset.peak, at: preset.at },
    ema: preset.ema,
    half: preset.half,
    statistics: preset.statistics,
    seed: count(values, "seed")!,
    jobs,
    repeats,
    backend: values.backend as Config["backend"],
    from: values.from === undefined ? undefined : await weightsIn(values.from as string),
  } as const;
  // A card makes some twenty steps a second: to stop as often as on a processor would take a tenth of its time.
  const seldom = common.backend === "webgpu" ? 4 : 1;
  const teacher = values.teacher as string | undefined;
  if (teacher !== undefined && preset.task === "page") {
    throw new ScrawlError(
      "arguments",
      "--teacher is for lines and glyphs: what a page net sees is learnt from pages alone",
    );
  }
  const folded = values.folded === true;
  if (folded && (preset.task === "glyph" || common.from === undefined)) {
    throw new ScrawlError("arguments", "--folded goes on from a line or page net: name it, like --from models/line");
  }
  const layers = folded ? withoutNorms(preset.layers) : preset.layers;
  if (preset.task === "line") {
    if (teacher !== undefined && values.backend === "webgpu") {
      throw new ScrawlError("arguments", "--teacher is for the backends of the processor, when lines are learnt");
    }
    return {
      ...common,
      layers: withClasses(layers),
      steps: length,
      validateEvery: 1000 * seldom,
      checkpointEvery: 250 * seldom,
      task: {
        kind: "line",
        options: {
          data,
          fonts: values.fonts as string | undefined,
          cache: values.cache as string | undefined,
          pack: fromPack,
          taught,
          teacher,
          ...preset.line!,
          batch,
        },
      },
    };
  }
  if (preset.task === "page") {
    return {
      ...common,
      layers,
      steps: length,
      validateEvery: 500,
      checkpointEvery: 250,
      task: {
        kind: "page",
        options: { data, fonts: values.fonts as string | undefined, ...preset.page!, batch },
      },
    };
  }
  if (batch % jobs !== 0) {
    throw new ScrawlError(
      "arguments",
      `--batch ${batch} cannot be shared by ${jobs} workers evenly: choose another --jobs`,
    );
  }
  await loadSamples();
  const { images, labels } = await readNamed(data, values.set as string);
  const n = labels.reduce((sum, _, i) => sum + (isValidation(images, i) ? 0 : 1), 0);
  const epoch = GlyphTask.stepsAnEpoch(n, batch);
  const steps = length * epoch;
  return {
    ...common,
    layers: preset.layers,
    steps,
    validateEvery: epoch,
    checkpointEvery: epoch,
    task: {
      kind: "glyph",
      options: {
        data,
        set: values.set as string,
        batch,
        steps,
        mildSteps: 2 * epoch,
        ...preset.glyph!,
        // What is trained for all hands is trained for all scanners too: blur, rules, grain, faint ink.
        augmentation: { ...preset.glyph!.augmentation, pageShare: values.set === "digits" ? 0.25 : 0 },
        teacher,
      },
    },
  };
}

function show(h: History, total: number, first: History): void {
  // A resumed run counts its seconds anew: only what was seen since tells the pace.
  const pace = (h.seconds - first.seconds) / Math.max(1, h.step - first.step);
  const left = pace * (total - h.step);
  const line =
    `${(100 * h.step / total).toFixed(1).padStart(5)} %  step ${h.step}/${total}  loss ${h.loss.toFixed(4)}  ` +
    (h.accuracy === undefined ? "" : `accuracy ${h.accuracy.toFixed(4)}  `) +
    `${(h.samples / h.seconds).toFixed(0)} samples/s  ${clock(left)} left`;
  const metrics = h.metrics && Object.entries(h.metrics).map(([k, v]) => `${k} ${v.toFixed(4)}`).join("  ");
  if (!Deno.stderr.isTerminal()) {
    if (metrics) console.error(`${line}  ${metrics}`);
    return;
  }
  Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${line}${metrics ? `  ${metrics}\n` : ""}`));
}
