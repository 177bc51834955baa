/** `data explore`: a set of digits as one HTML page, so that nobody trains on what they have not looked at. */
import { join } from "@std/path/join";
import { DIGIT_MODEL } from "../engine/models.ts";
import { classify } from "../evaluate/chars.ts";
import { Classifier } from "../train/glyphs/classifier.ts";
import { barChart } from "../report/chart.ts";
import { htmlPage, htmlTable, type Section } from "../report/html.ts";
import { sheet } from "../report/picture.ts";
import { loadSamples } from "../train/backend/mod.ts";
import { type GlyphData, readSet } from "../train/glyphs/data.ts";
import { findSource } from "../train/glyphs/sources.ts";
import { ScrawlError } from "../errors.ts";

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const PARTS = ["train", "t10k", "test"];
const [A_CLASS, PAIRS, DOUBTFUL] = [12, 24, 48];

const imageOf = (d: GlyphData, i: number) => d.images.subarray(i * PIXELS, (i + 1) * PIXELS);
const percent = (v: number) => `${(100 * v).toFixed(1)} %`;

/** Mean ink of 7 x 7 blocks: near copies have nearly the same. */
function coarse(image: Uint8Array): Float32Array {
  const out = new Float32Array(49);
  image.forEach((v, i) => out[Math.floor(i / SIDE / 4) * 7 + Math.floor(i % SIDE / 4)] += v / 16);
  return out;
}

/** Euclidean distance, given up once it is above `most`. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>, most = Infinity): number {
  let sum = 0;
  const limit = most * most;
  for (let i = 0; i < a.length && sum < limit; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}

interface Pair {
  train: number;
  test: number;
  distance: number;
}

/**
 * The images of `test` that are closest to one of `train`: the nearest of the same ink by coarse picture, then by all pixels.
 * Sorted by the sum of their ink, only neighbours are compared: a copy has the same sum.
 */
function nearest(train: GlyphData, test: GlyphData): Pair[] {
  const n = train.labels.length;
  const blocks = Array.from({ length: n }, (_, i) => coarse(imageOf(train, i)));
  const ink = blocks.map((b) => b.reduce((x, y) => x + y, 0));
  const order = Array.from(ink.keys()).sort((a, b) => ink[a] - ink[b]);
  const sorted = order.map((i) => ink[i]);
  const pairs = Array.from({ length: test.labels.length }, (_, t): Pair => {
    const b = coarse(imageOf(test, t));
    const sum = b.reduce((x, y) => x + y, 0);
    let [low, high] = [0, n];
    while (low < high) {
      const mid = (low + high) >> 1;
      if (sorted[mid] < sum) low = mid + 1;
      else high = mid;
    }
    let best = { train: -1, coarse: Infinity };
    for (let i = Math.max(0, low - 150); i < Math.min(n, low + 150); i++) {
      const d = distance(blocks[order[i]], b, best.coarse);
      if (d < best.coarse) best = { train: order[i], coarse: d };
    }
    return { train: best.train, test: t, distance: distance(imageOf(train, best.train), imageOf(test, t)) / 255 };
  });
  return pairs.sort((a, b) => a.distance - b.distance);
}

async function part(name: string, d: GlyphData): Promise<Section[]> {
  const members = Array.from({ length: 10 }, (_, c) => Array.from(d.labels.keys()).filter((i) => d.labels[i] === c));
  const shown = members.flatMap((all, c) => {
    const mean = new Uint8Array(PIXELS);
    const sums = new Float64Array(PIXELS);
    for (const i of all) imageOf(d, i).forEach((v, j) => sums[j] += v);
    sums.forEach((v, j) => mean[j] = v / Math.max(1, all.length));
    const step = Math.max(1, Math.floor(all.length / A_CLASS));
    const samples = Array.from({ length: A_CLASS }, (_, k) => all[k * step]).map((i) => ({
      image: i === undefined ? new Uint8Array(PIXELS) : imageOf(d, i),
      caption: i === undefined ? "" : String(c),
    }));
    return [{ image: mean, caption: `mean of ${c}` }, ...samples];
  });
  const ink = new Array<number>(20).fill(0);
  for (let i = 0; i < d.labels.length; i++) {
    const share = imageOf(d, i).reduce((s, v) => s + v, 0) / 255 / PIXELS;
    ink[Math.min(19, Math.floor(share * 40))]++;
  }
  return [
    {
      title: `${name}: ${d.labels.length} images`,
      body: barChart(
        { title: "Images of each class", x: "class", y: "images", xRange: [-0.5, 9.5] },
        members.map((m) => m.length),
        members.map((m) => String(m.length)),
      ) +
        barChart({ title: "Ink", x: "share of the frame, %", y: "images", xRange: [0, 50] }, ink),
    },
    { title: `${name}: mean and samples of each class`, body: await sheet(shown, A_CLASS + 1) },
  ];
}

/** Images whose label the shipped model contradicts most surely: wrong labels are among them, and odd hands. */
async function doubtful(d: GlyphData, classifier: Classifier): Promise<string> {
  const found = classify(classifier, d).map((c, i) => ({ ...c, i })).filter((c) => c.read !== c.truth);
  found.sort((a, b) => b.confidence - a.confidence);
  const samples = found.slice(0, DOUBTFUL).map(({ i, truth, read }) => ({
    image: imageOf(d, i),
    caption: `${truth}, looks ${read}`,
    wrong: true,
  }));
  return `<p>${found.length} of ${d.labels.length} are read as another digit by the shipped model; the surest first.</p>` +
    (samples.length ? await sheet(samples, 8) : "");
}

/**
 * The page of a set: sizes, classes, samples, means, ink, near copies between its parts, doubtful labels.
 * @param data folder of all sets, or of one.
 * @param name folder below `chars/`.
 * @throws ScrawlError where there is no set.
 */
export async function explore(data: string, name: string): Promise<string> {
  await loadSamples();
  const own = PARTS.some((p) => findSource(data, p));
  const folder = own ? data : join(data, "chars", name);
  const parts = PARTS.filter((p, i) => {
    const source = findSource(folder, p);
    // Plain class folders are one set, whatever part is asked for.
    return source && (source.kind !== "folders" || source.folder !== folder || i === 0);
  });
  if (parts.length === 0) throw new ScrawlError("input", `${folder} holds no set of digits (see data/README.md)`);
  const sets = await Promise.all(parts.map((p) => readSet(folder, p)));
  const sections: Section[] = [{
    title: "Parts",
    body: htmlTable([
      ["part", "images", "mean ink"],
      ...parts.map((p, i) => [
        p,
        sets[i].labels.length,
        percent(sets[i].images.reduce((s, v) => s + v, 0) / 255 / sets[i].images.length),
      ]),
    ]),
  }];
  for (const [i, p] of parts.entries()) sections.push(...await part(p, sets[i]));
  if (sets.length > 1) {
    const pairs = nearest(sets[0], sets[1]).slice(0, PAIRS);
    const samples = pairs.flatMap(({ train, test, distance }) => [
      { image: imageOf(sets[0], train), caption: `${parts[0]} ${sets[0].labels[train]}` },
      {
        image: imageOf(sets[1], test),
        caption: `${sets[1].labels[test]}: ${distance.toFixed(2)}`,
        wrong: distance < 1,
      },
    ]);
    const copies = pairs.filter((p) => p.distance < 0.01).length;
    sections.push({
      title: `Nearest between ${parts[0]} and ${parts[1]}`,
      body:
        `<p>The ${PAIRS} closest pairs, with their Euclidean distance (a pixel of full ink is 1). Exact copies among them: ${copies}.</p>` +
        await sheet(samples, 12),
    });
  }
  const classifier = await Classifier.open(DIGIT_MODEL);
  for (const [i, p] of parts.entries()) {
    sections.push({ title: `${p}: doubtful labels`, body: await doubtful(sets[i], classifier) });
  }
  return htmlPage(`Digits of ${own ? folder : name}`, sections);
}
