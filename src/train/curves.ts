/** Learning curves of a run, as SVG and PNG. */
import { join } from "@std/path/join";
import { lineChart, type Series } from "../report/chart.ts";
import { svgPng } from "../report/picture.ts";
import type { History } from "./config.ts";

/** At most about this many points a line: means of what lies between. */
const POINTS = 120;

function thinned(points: [number, number][]): [number, number][] {
  const size = Math.max(1, Math.ceil(points.length / POINTS));
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const part = points.slice(i * size, (i + 1) * size);
    return [part[part.length - 1][0], part.reduce((s, p) => s + p[1], 0) / part.length];
  });
}

/** Writes `loss` and, where anything but loss was measured, `accuracy` into the run's folder. */
export async function drawCurves(history: History[], folder: string): Promise<void> {
  const of = (pick: (h: History) => number | undefined): [number, number][] =>
    history.flatMap((h) => pick(h) === undefined ? [] : [[h.step, pick(h)!] as [number, number]]);
  const names = [...new Set(history.flatMap((h) => Object.keys(h.metrics ?? {})))];
  const validation = (name: string): Series => ({
    name: name === "loss" || name === "accuracy" ? "validation" : name,
    points: of((h) => h.metrics?.[name]),
  });
  const training = (points: [number, number][]): Series => ({ name: "training", points: thinned(points) });
  const charts: [string, Series[]][] = [
    ["loss", [training(of((h) => h.loss)), ...names.filter((n) => n === "loss").map(validation)]],
    ["accuracy", [training(of((h) => h.accuracy)), ...names.filter((n) => n !== "loss").map(validation)]],
  ];
  for (const [name, all] of charts) {
    const series = all.filter((s) => s.points.length > 0);
    if (series.length === 0) continue;
    const svg = lineChart({ title: name, x: "step", y: name }, series);
    await Deno.writeTextFile(join(folder, `${name}.svg`), svg);
    await Deno.writeFile(join(folder, `${name}.png`), await svgPng(svg));
  }
}
