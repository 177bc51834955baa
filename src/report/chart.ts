/** Charts as SVG: lines over numbers, and bars. */
import { escapeXml } from "../format/document.ts";

export interface Series {
  name: string;
  /** Points in order of x. */
  points: [x: number, y: number][];
}

export interface ChartOptions {
  title: string;
  x: string;
  y: string;
  /** Ends of the axes; else those of the data. */
  xRange?: [number, number];
  yRange?: [number, number];
  /** A thin line from corner to corner: what a perfect curve would follow. */
  diagonal?: boolean;
}

const COLOURS = ["#1f5fa8", "#d1571b", "#2c8a4b", "#8a3ea8"];
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [560, 340, 64, 48, 36, 16];

/** Up to about six round values from `low` to `high`. */
function ticks(low: number, high: number): number[] {
  const raw = (high - low) / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw)!;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from(
    { length: Math.floor(high / step + 1e-9) - first + 1 },
    (_, i) => Number(((first + i) * step).toPrecision(10)),
  );
}

/** Both ends of the values, apart in any case. */
function range(values: number[]): [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!Number.isFinite(low)) return [0, 1];
  return high > low ? [low, high] : [low - 0.5, high + 0.5];
}

function frame(
  o: ChartOptions,
  [x0, x1]: [number, number],
  [y0, y1]: [number, number],
  body: (x: (v: number) => string, y: (v: number) => string) => string,
): string {
  const place = (v: number, low: number, high: number, from: number, to: number) =>
    (from + (v - low) / (high - low) * (to - from)).toFixed(1);
  const x = (v: number) => place(v, x0, x1, LEFT, WIDTH - RIGHT);
  const y = (v: number) => place(v, y0, y1, HEIGHT - BOTTOM, TOP);
  const grid = [
    ...ticks(x0, x1).map((v) =>
      `<path d="M${x(v)} ${TOP}V${HEIGHT - BOTTOM}" stroke="#e4e4e4"/><text x="${x(v)}" y="${
        HEIGHT - BOTTOM + 16
      }" text-anchor="middle">${v}</text>`
    ),
    ...ticks(y0, y1).map((v) =>
      `<path d="M${LEFT} ${y(v)}H${WIDTH - RIGHT}" stroke="#e4e4e4"/><text x="${LEFT - 6}" y="${
        Number(y(v)) + 4
      }" text-anchor="end">${v}</text>`
    ),
  ].join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="Liberation Sans, sans-serif" font-size="12">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="${WIDTH / 2}" y="20" text-anchor="middle" font-size="15">${escapeXml(o.title)}</text>
${grid}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 10}" text-anchor="middle">${escapeXml(o.x)}</text>
<text transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escapeXml(o.y)}</text>
${o.diagonal ? `<path d="M${x(x0)} ${y(y0)}L${x(x1)} ${y(y1)}" stroke="#999" stroke-dasharray="4 4"/>` : ""}
${body(x, y)}
<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="#444"/>
</svg>
`;
}

/** Lines over a common x axis, with a legend where there are several. */
export function lineChart(o: ChartOptions, series: Series[]): string {
  const points = series.flatMap((s) => s.points);
  const xs = o.xRange ?? range(points.map((p) => p[0]));
  const ys = o.yRange ?? range(points.map((p) => p[1]));
  return frame(o, xs, ys, (x, y) =>
    series.map((s, i) => {
      const colour = COLOURS[i % COLOURS.length];
      const path = s.points.map(([a, b], n) => `${n ? "L" : "M"}${x(a)} ${y(b)}`).join("");
      const legend = series.length > 1
        ? `<text x="${WIDTH - RIGHT - 8}" y="${TOP + 16 + 16 * i}" text-anchor="end" fill="${colour}">${
          escapeXml(s.name)
        }</text>`
        : "";
      return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.6"/>${legend}`;
    }).join("\n"));
}

/** A bar from 0 for each value; bar `i` stands over `i` and is named by `labels`. */
export function barChart(o: ChartOptions, values: number[], labels?: string[]): string {
  const xs = o.xRange ?? [0, values.length];
  const width = (xs[1] - xs[0]) / Math.max(1, values.length);
  const ys = o.yRange ?? [0, Math.max(1e-9, ...values)];
  return frame(o, xs, ys, (x, y) =>
    values.map((v, i) => {
      const [l, r] = [Number(x(xs[0] + (i + 0.08) * width)), Number(x(xs[0] + (i + 0.92) * width))];
      const label = labels
        ? `<text x="${((l + r) / 2).toFixed(1)}" y="${Number(y(v)) - 3}" text-anchor="middle" font-size="10">${
          escapeXml(labels[i])
        }</text>`
        : "";
      return `<path d="M${l} ${y(0)}V${y(v)}H${r}V${y(0)}Z" fill="${COLOURS[0]}" fill-opacity=".75"/>${label}`;
    }).join(""));
}

/** Counts by true class (rows) and predicted class (columns), darker the more; the diagonal in blue, errors in red. */
export function confusionChart(confusion: number[][], classes: string[]): string {
  const cell = 40;
  const size = cell * classes.length + 60;
  const worst = Math.max(1, ...confusion.flatMap((row, t) => row.filter((_, p) => p !== t)));
  const cells = confusion.flatMap((row, t) => {
    const support = Math.max(1, row.reduce((a, b) => a + b, 0));
    return row.map((n, p) => {
      const share = t === p ? n / support : Math.sqrt(n / worst);
      const [x, y] = [50 + p * cell, 50 + t * cell];
      return `<rect x="${x}" y="${y}" width="${cell}" height="${cell}" fill="${
        t === p ? "#1f5fa8" : "#c62d1f"
      }" fill-opacity="${(0.85 * share).toFixed(3)}" stroke="#ddd"/>` +
        (n
          ? `<text x="${x + cell / 2}" y="${y + cell / 2 + 4}" text-anchor="middle" fill="${
            share > 0.5 ? "#fff" : "#000"
          }">${n}</text>`
          : "");
    });
  }).join("");
  const names = classes.map((c, i) =>
    `<text x="${70 + i * cell}" y="42" text-anchor="middle">${escapeXml(c)}</text><text x="40" y="${
      75 + i * cell
    }" text-anchor="end">${escapeXml(c)}</text>`
  ).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${size} ${size}" font-family="Liberation Sans, sans-serif" font-size="12">
<rect width="${size}" height="${size}" fill="#fff"/>
<text x="${(50 + size) / 2}" y="20" text-anchor="middle">predicted</text>
<text transform="translate(16 ${(50 + size) / 2}) rotate(-90)" text-anchor="middle">true</text>
${names}${cells}
</svg>
`;
}
