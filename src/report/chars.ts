/** What `evaluate chars --report` leaves: one HTML page with everything, and its parts as files. */
import { join } from "@std/path/join";
import type { CharFigures, CharResult, Classified } from "../evaluate/chars.ts";
import { barChart, confusionChart, lineChart } from "./chart.ts";
import { escapeHtml, htmlPage, htmlTable } from "./html.ts";
import { sheet, svgPng } from "./picture.ts";

const PIXELS = 28 * 28;
/** Errors beyond these are left out of the gallery, and the page says so. */
const MOST_ERRORS = 500;
const SAMPLES = 60;

/** Columns as scikit-learn's `classification_report` prints them. */
export function classificationReport(f: CharFigures): string {
  const line = (name: string, values: (number | undefined)[], support: number) =>
    name.padStart(12) + values.map((v) => (v === undefined ? "" : v.toFixed(4)).padStart(10)).join("") +
    String(support).padStart(10);
  const mean = (pick: (c: CharFigures["classes"][0]) => number, weighted: boolean) => {
    const weights = f.classes.map((c) => weighted ? c.support : 1);
    return f.classes.reduce((s, c, i) => s + weights[i] * pick(c), 0) / weights.reduce((a, b) => a + b, 0);
  };
  const means = (
    weighted: boolean,
  ) => [mean((c) => c.precision, weighted), mean((c) => c.recall, weighted), mean((c) => c.f1, weighted)];
  return [
    " ".repeat(12) + ["precision", "recall", "f1-score", "support"].map((h) => h.padStart(10)).join(""),
    "",
    ...f.classes.map((c) => line(c.class, [c.precision, c.recall, c.f1], c.support)),
    "",
    line("accuracy", [undefined, undefined, f.accuracy], f.images),
    line("macro avg", means(false), f.images),
    line("weighted avg", means(true), f.images),
  ].join("\n") + "\n";
}

/** Share of right readings in ten bins of confidence, with how many there are. */
function reliability(classified: Classified[]): { share: number; n: number }[] {
  const bins = Array.from({ length: 10 }, () => ({ right: 0, n: 0 }));
  for (const c of classified) {
    const bin = bins[Math.min(9, Math.floor(c.confidence * 10))];
    bin.n++;
    bin.right += c.truth === c.read ? 1 : 0;
  }
  return bins.map((b) => ({ share: b.n ? b.right / b.n : 0, n: b.n }));
}

/** Writes `index.html`, `report.txt`, and confusion, reliability, reject curve, samples and errors as CSV, SVG and PNG. */
export async function reportChars(
  { figures: f, images, classified }: CharResult,
  model: string,
  folder: string,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const classes = f.classes.map((c) => c.class);
  const bins = reliability(classified);
  const sample = (i: number) => ({
    image: images.subarray(i * PIXELS, (i + 1) * PIXELS),
    caption: classified[i].truth === classified[i].read
      ? `${classified[i].truth}  ${(100 * classified[i].confidence).toFixed(0)}%`
      : `${classified[i].truth} read ${classified[i].read}`,
    wrong: classified[i].truth !== classified[i].read,
  });
  const wrong = classified.map((_, i) => i).filter((i) => classified[i].truth !== classified[i].read);
  // The surest errors first: they tell most about the labels and the net.
  wrong.sort((a, b) => classified[b].confidence - classified[a].confidence);
  const step = Math.max(1, Math.floor(classified.length / SAMPLES));
  const pictures = {
    confusion: confusionChart(f.confusion, classes),
    reliability: barChart(
      {
        title: `Reliability, ECE ${(100 * f.ece).toFixed(2)} %`,
        x: "confidence",
        y: "share right",
        xRange: [0, 1],
        yRange: [0, 1.08],
        diagonal: true,
      },
      bins.map((b) => b.share),
      bins.map((b) => b.n ? String(b.n) : ""),
    ),
    reject: lineChart(
      {
        title: "Errors left if the least sure are rejected",
        x: "rejected, %",
        y: "errors among the rest, %",
        yRange: [0, 100 * Math.max(...f.reject.map((r) => r.error), 1e-4)],
      },
      [{ name: "", points: f.reject.map((r) => [100 * r.rejected, 100 * r.error]) }],
    ),
    samples: await sheet(Array.from({ length: Math.min(SAMPLES, classified.length) }, (_, i) => sample(i * step)), 12),
    errors: await sheet(wrong.slice(0, MOST_ERRORS).map(sample), 12),
  };
  const text = classificationReport(f);
  await Deno.writeTextFile(join(folder, "report.txt"), text);
  const rows = [["truth", ...classes], ...f.confusion.map((row, i) => [classes[i], ...row])];
  await Deno.writeTextFile(join(folder, "confusion.csv"), rows.map((r) => r.join(",") + "\n").join(""));
  for (const [name, svg] of Object.entries(pictures)) {
    if (name === "errors" && wrong.length === 0) continue;
    await Deno.writeTextFile(join(folder, `${name}.svg`), svg);
    await Deno.writeFile(join(folder, `${name}.png`), await svgPng(svg));
  }
  const left = wrong.length > MOST_ERRORS ? `<p>The ${MOST_ERRORS} surest of ${wrong.length}.</p>` : "";
  const page = htmlPage(`${f.set}: ${(100 * f.accuracy).toFixed(2)} % right`, [
    {
      title: "Summary",
      body: htmlTable([
        ["model", model],
        ["images", f.images],
        ["errors", f.errors],
        ["accuracy", `${(100 * f.accuracy).toFixed(2)} %`],
        ["expected calibration error", `${(100 * f.ece).toFixed(2)} %`],
      ]),
    },
    { title: "Classes", body: `<pre>${escapeHtml(text)}</pre>` },
    { title: "Confusion", body: pictures.confusion },
    { title: "Confidence", body: pictures.reliability + pictures.reject },
    { title: "Samples", body: pictures.samples },
    { title: "Errors", body: wrong.length ? left + pictures.errors : "<p>None.</p>" },
  ]);
  await Deno.writeTextFile(join(folder, "index.html"), page);
}
