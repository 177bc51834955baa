/** How sure a line is: five numbers of the line model's metadata (`lineConfidence`), fitted on lines of held-out writers. */
import { Engine } from "../engine/engine.ts";
import { ScrawlError } from "../errors.ts";
import { decode, encode } from "../safetensors.ts";
import { writerInSet } from "../train/lines/data.ts";
import { calibrationError, type Decode, readHeldOutLines, unspaced } from "./strings.ts";

/** What was read of a line. */
export interface Sure {
  /** Probability, 0..1, that the decoder gives its text. */
  confidence: number;
  /** Characters that are no spaces. */
  characters: number;
  /** Whether it was looked at more closely. */
  closely: boolean;
  right: boolean;
}

/** Weights of ln(p), ln(1 - p), 1, ln(characters) and of a closer look: see `surety` in `crates/net/src/line.rs`. */
export type Weights = [number, number, number, number, number];

/** Confidences are kept this far from 0 and 1, as the runtime does. */
const EDGE = 1e-4;
const STEPS = 50;
/** Keeps weights finite where the lines tell nothing of them. */
const RIDGE = 1e-3;
/** Groups of writers that are left out in turn. */
const GROUPS = 8;
/** A step of Newton's method that leaves the lines less probable is halved, so many times at most. */
const HALVINGS = 30;
/**
 * With these numbers a line's confidence is the decoder's own, and where it was looked at more closely less than any such by far: so one
 * reading tells all that is fitted on.
 */
const TELLING: Weights = [1, -1, 0, 0, -20];

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

function terms({ confidence, characters, closely }: Omit<Sure, "right">): Weights {
  const p = Math.min(1 - EDGE, Math.max(EDGE, confidence));
  return [Math.log(p), Math.log1p(-p), 1, Math.log(Math.max(1, characters)), Number(closely)];
}

const dot = (a: number[], b: number[]) => a.reduce((sum, v, i) => sum + v * b[i], 0);

/** Probability, 0..1, that all of a line is right. */
export function suretyOf(line: Omit<Sure, "right">, weights: Weights): number {
  return logistic(dot(terms(line), weights));
}

/**
 * Weights with which the lines are the most probable: logistic regression by Newton's method, beta calibration (Kull et al. 2017) with two
 * terms more.
 */
export function fitWeights(lines: Sure[]): Weights {
  const rows = lines.map(terms);
  let weights: number[] = [1, -1, 0, 0, 0];
  const cost = (w: number[]) => {
    const losses = rows.map((row, k) => Math.log1p(Math.exp(lines[k].right ? -dot(row, w) : dot(row, w))));
    return losses.reduce((sum, v) => sum + v, RIDGE / 2 * dot(w, w));
  };
  for (let step = 0; step < STEPS; step++) {
    const gradient = weights.map((w) => -RIDGE * w);
    const hessian = weights.map((_, i) => weights.map((_, j) => i === j ? RIDGE : 0));
    rows.forEach((row, k) => {
      const p = logistic(dot(row, weights));
      row.forEach((v, i) => {
        gradient[i] += (Number(lines[k].right) - p) * v;
        row.forEach((u, j) => hessian[i][j] += p * (1 - p) * v * u);
      });
    });
    const move = solve(hessian, gradient);
    const moved = (share: number) => weights.map((w, i) => w + share * move[i]);
    const before = cost(weights);
    let share = 1;
    for (let n = 0; n < HALVINGS && !(cost(moved(share)) <= before); n++) share /= 2;
    weights = moved(share);
    if (Math.max(...move.map(Math.abs)) < 1e-6) break;
  }
  return weights.map((w) => Math.round(w * 1e4) / 1e4) as Weights;
}

/** `x` of `a x = b`, `a` symmetric and positive definite: Gaussian elimination. */
function solve(a: number[][], b: number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]]);
  rows.forEach((pivot, i) => {
    for (const row of rows.slice(i + 1)) {
      const share = row[i] / pivot[i];
      pivot.forEach((v, j) => row[j] -= share * v);
    }
  });
  const x = new Array<number>(b.length).fill(0);
  for (let i = b.length - 1; i >= 0; i--) {
    x[i] = (rows[i][b.length] - dot(rows[i].slice(0, b.length), x)) / rows[i][i];
  }
  return x;
}

/**
 * A line model's bytes with `lineConfidence` fitted on the lines of all held-out writers, and its calibration error: before, and on
 * writers by weights that were fitted without them, each group of writers left out in turn.
 * @throws ScrawlError where `data` has no lines of held-out writers, or of one alone.
 */
export async function withSurety(model: Uint8Array, data: string, picture: Decode) {
  const file = decode(model, "the line model");
  const told = (weights: Weights) => {
    const metadata = { ...file.metadata, lineConfidence: weights.join(",") };
    return encode({ ...file, metadata }, true);
  };
  const engine = await Engine.open(told(TELLING));
  const { crops, read, right } = await readHeldOutLines(engine, data, { charset: "text", printed: "keep" }, picture);
  const lines = read.map((r, i): Sure => {
    const closely = r.confidence < EDGE / 2;
    const confidence = closely ? logistic(Math.log(r.confidence) - TELLING[4]) : r.confidence;
    return { confidence, characters: [...unspaced(r.text)].length, closely, right: right[i] };
  });
  const writerOf = crops.map(writerInSet);
  const writers = [...new Set(writerOf)].sort();
  if (writers.length < 2) {
    throw new ScrawlError(
      "access",
      `${data} has lines of one held-out writer, and how sure a line is takes two to fit and to see`,
    );
  }
  const groups = Math.min(GROUPS, writers.length);
  const groupOf = writerOf.map((name) => writers.indexOf(name) % groups);
  const without = Array.from({ length: groups }, (_, g) => fitWeights(lines.filter((_, i) => groupOf[i] !== g)));
  const weights = fitWeights(lines);
  const before = file.metadata.lineConfidence?.split(",").map(Number) as Weights | undefined;
  const errorOf = (sure: (line: Sure, i: number) => number) => calibrationError(lines.map(sure), right);
  return {
    bytes: told(weights),
    weights,
    lines: lines.length,
    before: errorOf((line) => suretyOf(line, before ?? [1, -1, 0, 0, 0])),
    after: errorOf((line, i) => suretyOf(line, without[groupOf[i]])),
  };
}
