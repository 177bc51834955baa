/**
 * Scores readings of pages. Order of lines and spaces inside a number do not count; `[?]` in a truth stands for up to three
 * characters that nobody could read and is free of charge.
 */

/** A page's truth. */
export interface Truth {
  file: string;
  handwritten: string[];
  kind: string;
  charset: string;
}

export interface PageScore {
  file: string;
  group: string;
  /** Edits of the cheapest one-to-one pairing of lines, and the truth's characters. */
  edits: number;
  characters: number;
  tokenHits: number;
  tokensRead: number;
  tokens: number;
  digitHits: number;
  digitsRead: number;
  digits: number;
}

export interface Group {
  pages: number;
  lineCer: number;
  tokenF1: number;
  digitF1: number;
  digitPrecision: number;
  digitRecall: number;
}

export interface Report {
  groups: Record<string, Group>;
  /** Pages on which nothing is written: characters read all the same. */
  falsePositives: { file: string; characters: number }[];
  pages: PageScore[];
  missing: number;
}

const ALIKE: Record<string, string> = { "×": "x", "−": "-", "–": "-", "÷": "/", "²": "2", "’": "'" };
/** Digits of every script, and raised, lowered and circled ones. */
const DIGIT = /[\p{Nd}²³¹⁰⁴-⁹₀-₉①-⑨]/u;
const norm = (s: string) => s.replace(/[×−–÷²’]/g, (c) => ALIKE[c]);
const tokens = (lines: string[]) => lines.flatMap((l) => norm(l).split(/\s+/).filter(Boolean));
const dense = (s: string) => norm(s).replace(/\s+/g, "");

/** Characters of a truth, `null` for `[?]`. */
function wild(s: string): (string | null)[] {
  return s.split("[?]").flatMap((part, i) => [...(i ? [null] : []), ...part]);
}

/** Edits from truth to reading; a wildcard takes up to three characters. */
export function edits(truth: (string | null)[], read: string): number {
  const b = [...read];
  const n = b.length;
  let row = Array.from({ length: n + 1 }, (_, i) => i);
  for (const ch of truth) {
    const next = new Array<number>(n + 1);
    if (ch === null) {
      for (let j = 0; j <= n; j++) next[j] = Math.min(...[0, 1, 2, 3].filter((k) => k <= j).map((k) => row[j - k]));
      for (let j = 1; j <= n; j++) next[j] = Math.min(next[j], next[j - 1] + 1);
    } else {
      next[0] = row[0] + 1;
      for (let j = 1; j <= n; j++) {
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (b[j - 1] === ch ? 0 : 1));
      }
    }
    row = next;
  }
  return row[n];
}

/** Least sum of a square cost matrix over all one-to-one pairings (Hungarian method, Kuhn 1955, with potentials). */
export function leastPairing(cost: number[][]): number {
  const n = cost.length;
  const [u, v] = [new Array(n + 1).fill(0), new Array(n + 1).fill(0)];
  const match = new Array(n + 1).fill(0);
  for (let i = 1; i <= n; i++) {
    match[0] = i;
    let j0 = 0;
    const least = new Array(n + 1).fill(Infinity), used = new Array(n + 1).fill(false), way = new Array(n + 1).fill(0);
    do {
      used[j0] = true;
      const i0 = match[j0];
      let [delta, j1] = [Infinity, 0];
      for (let j = 1; j <= n; j++) {
        if (used[j]) continue;
        const c = cost[i0 - 1][j - 1] - u[i0] - v[j];
        if (c < least[j]) [least[j], way[j]] = [c, j0];
        if (least[j] < delta) [delta, j1] = [least[j], j];
      }
      for (let j = 0; j <= n; j++) {
        if (used[j]) {
          u[match[j]] += delta;
          v[j] -= delta;
        } else least[j] -= delta;
      }
      j0 = j1;
    } while (match[j0] !== 0);
    do {
      match[j0] = match[way[j0]];
      j0 = way[j0];
    } while (j0 !== 0);
  }
  let sum = 0;
  for (let j = 1; j <= n; j++) sum += cost[match[j] - 1][j - 1];
  return sum;
}

function lineEdits(truth: string[], read: string[]): [number, number] {
  const t = truth.map((l) => wild(dense(l))).filter((l) => l.length > 0);
  const p = read.map(dense).filter(Boolean);
  const count = (l: (string | null)[]) => l.filter((c) => c !== null).length;
  const n = t.reduce((s, l) => s + count(l), 0);
  const m = Math.max(t.length, p.length);
  const cost = Array.from({ length: m }, (_, i) =>
    Array.from({ length: m }, (_, j) => {
      if (i < t.length && j < p.length) return edits(t[i], p[j]);
      return i < t.length ? count(t[i]) : j < p.length ? [...p[j]].length : 0;
    }));
  return [leastPairing(cost), n];
}

function bag(items: Iterable<string>): Map<string, number> {
  const out = new Map<string, number>();
  for (const x of items) out.set(x, (out.get(x) ?? 0) + 1);
  return out;
}

function tokenHits(truth: string[], read: string[]): [number, number, number] {
  const all = tokens(truth);
  const left = bag(all.filter((t) => !t.includes("[?]")));
  const wilds = all.filter((t) => t.includes("[?]"));
  const total = [...left.values()].reduce((a, b) => a + b, 0);
  let [hits, count] = [0, 0];
  const take = (t: string) => {
    const n = left.get(t) ?? 0;
    if (n > 0) left.set(t, n - 1);
    return n > 0;
  };
  for (const line of read) {
    const parts = norm(line).split(/\s+/).filter(Boolean);
    if (parts.length === 0) continue;
    if (parts.length > 1 && take(parts.join(""))) {
      hits++;
      count++;
      continue;
    }
    for (const part of parts) {
      count++;
      if (take(part)) {
        hits++;
        continue;
      }
      const w = wilds.findIndex((t) => wildcard(t).test(part));
      if (w >= 0) {
        wilds.splice(w, 1);
        count--;
      }
    }
  }
  return [hits, count, total];
}

/**
 * Whether each word that was read is a token of the truth that no other word has taken; `undefined` where only one that nobody could read in
 * full fits it.
 */
export function rightTokens(truth: string[], words: string[]): (boolean | undefined)[] {
  const all = tokens(truth);
  const left = bag(all.filter((t) => !t.includes("[?]")));
  // A number that is written with gaps is one word or several.
  for (const line of truth) if (/\s/.test(norm(line).trim())) left.set(dense(line), (left.get(dense(line)) ?? 0) + 1);
  const wilds = all.filter((t) => t.includes("[?]")).map(wildcard);
  return words.map((word) => {
    const n = left.get(dense(word)) ?? 0;
    if (n > 0) left.set(dense(word), n - 1);
    return n > 0 || (wilds.some((w) => w.test(norm(word))) ? undefined : false);
  });
}

/** What fits a token of which some characters could not be read. */
const wildcard = (token: string) => new RegExp(`^${token.split("[?]").map(RegExp.escape).join(".{0,3}")}$`, "su");

export function scorePage(t: Truth, read: string[]): PageScore {
  const [e, n] = lineEdits(t.handwritten, read);
  const [tokenHitsCount, tokensRead, tokenTotal] = tokenHits(t.handwritten, read);
  const digits = (lines: string[]) => bag([...lines.join("")].filter((c) => DIGIT.test(c)));
  const [dt, dp] = [digits(t.handwritten), digits(read)];
  const sum = (m: Map<string, number>) => [...m.values()].reduce((a, b) => a + b, 0);
  return {
    file: t.file,
    group: t.kind === "synthetic" ? "synthetic" : t.charset,
    edits: e,
    characters: n,
    tokenHits: tokenHitsCount,
    tokensRead,
    tokens: tokenTotal,
    digitHits: [...dt].reduce((s, [c, k]) => s + Math.min(k, dp.get(c) ?? 0), 0),
    digitsRead: sum(dp),
    digits: sum(dt),
  };
}

/** Scores of a manifest: groups by charset, `ALL real` over everything that is not synthetic. */
export function score(truths: Truth[], readings: Map<string, string[]>): Report {
  const report: Report = { groups: {}, falsePositives: [], pages: [], missing: 0 };
  const sums: Record<string, PageScore[]> = {};
  for (const t of truths) {
    if (!readings.has(t.file)) report.missing++;
    const read = readings.get(t.file) ?? [];
    if (t.handwritten.length === 0) {
      report.falsePositives.push({
        file: t.file,
        characters: read.reduce((n, l) => n + [...l.replace(/\s/g, "")].length, 0),
      });
      continue;
    }
    const s = scorePage(t, read);
    report.pages.push(s);
    (sums[s.group] ??= []).push(s);
    if (s.group !== "synthetic") (sums["ALL real"] ??= []).push(s);
  }
  const f1 = (h: number, p: number, t: number) => 2 * h / Math.max(1, p + t);
  for (const [name, pages] of Object.entries(sums).sort(([a], [b]) => a < b ? -1 : 1)) {
    const sum = (f: (s: PageScore) => number) => pages.reduce((n, s) => n + f(s), 0);
    const [dh, dp, dt] = [sum((s) => s.digitHits), sum((s) => s.digitsRead), sum((s) => s.digits)];
    report.groups[name] = {
      pages: pages.length,
      lineCer: sum((s) => s.edits) / Math.max(1, sum((s) => s.characters)),
      tokenF1: f1(sum((s) => s.tokenHits), sum((s) => s.tokensRead), sum((s) => s.tokens)),
      digitF1: f1(dh, dp, dt),
      digitPrecision: dh / Math.max(1, dp),
      digitRecall: dh / Math.max(1, dt),
    };
  }
  return report;
}
