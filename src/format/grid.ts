/** Words of a page in rows and columns, as they stand on it when it is upright. */
import type { Page, Word } from "../engine/types.ts";

interface Placed {
  word: Word;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Lines whose heights overlap by this share of the lower one may be one row, where they are beside one another. */
const SAME_ROW = 0.5;
/** Rows with more paper between them, in heights of a usual row and in usual gaps, are of two tables. */
const APART = 2;
/** Words with less paper between them, in heights, may be of one cell. */
const SPACE = 0.8;
/** Two columns have words in one row in less than this share of the rows if they are one. */
const TOGETHER = 0.1;
/** Rows that say where a column is now: columns lean, and paper is bent. */
const REMEMBERED = 3;

/** Tables of a page from the top: the words of each row and column, `[table][row][column]`. Every word is in one cell. */
export function grids(page: Page): Word[][][][] {
  return tablesOf(rowsOf(page)).map((rows) => {
    const columns = columnsOf(rows);
    return rows.map((row) => columns.map((c) => row.filter((w) => c.words.has(w)).map((w) => w.word)));
  });
}

/** The word where it stands when the page is turned upright, around the upper left corner. */
function placed(word: Word, rotation: number): Placed {
  const [s, c] = [Math.sin(rotation * Math.PI / 180), Math.cos(rotation * Math.PI / 180)];
  const xs = word.polygon.map(([x, y]) => c * x - s * y);
  const ys = word.polygon.map(([x, y]) => s * x + c * y);
  return { word, left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

const overlap = (a0: number, a1: number, b0: number, b1: number) => Math.min(a1, b1) - Math.max(a0, b0);
const union = (row: Placed[]) => ({
  top: Math.min(...row.map((w) => w.top)),
  bottom: Math.max(...row.map((w) => w.bottom)),
});

/** The page's lines; those that stand beside one another at one height are one row. */
function rowsOf(page: Page): Placed[][] {
  const lines = page.lines.map((l) => l.words.map((w) => placed(w, page.rotation))).filter((l) => l.length > 0);
  const middle = (l: Placed[]) => union(l).top + union(l).bottom;
  const rows: Placed[][] = [];
  for (const line of lines.sort((a, b) => middle(a) - middle(b))) {
    const { top, bottom } = union(line);
    const row = rows.find((r) => {
      const u = union(r);
      const beside = !r.some((a) => line.some((b) => overlap(a.left, a.right, b.left, b.right) > 0));
      return beside && overlap(u.top, u.bottom, top, bottom) > SAME_ROW * Math.min(u.bottom - u.top, bottom - top);
    });
    if (row) row.push(...line);
    else rows.push(line);
  }
  return rows.map((r) => r.sort((a, b) => a.left - b.left));
}

/** Rows in stretches without much paper between. */
function tablesOf(rows: Placed[][]): Placed[][][] {
  const spans = rows.map(union);
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
  const gaps = spans.slice(1).map((s, i) => s.top - spans[i].bottom);
  const gap = APART * Math.max(median(spans.map((s) => s.bottom - s.top)), median([...gaps]));
  const tables: Placed[][][] = [];
  rows.forEach((row, i) => {
    if (i === 0 || gaps[i - 1] > gap) tables.push([]);
    tables[tables.length - 1].push(row);
  });
  return tables;
}

/** A column as it is followed from row to row. */
interface Column {
  words: Set<Placed>;
  /** Its words in the rows that were seen last, the newest first. */
  last: Placed[];
}

/** Follows columns from the row with the most words downwards, and then upwards. */
function columnsOf(rows: Placed[][]): Column[] {
  const fullest = rows.reduce((best, row, i) => row.length > rows[best].length ? i : best, 0);
  let columns: Column[] = rows[fullest].map((w) => ({ words: new Set([w]), last: [w] }));
  for (const row of rows.slice(fullest + 1)) columns = followed(columns, row);
  // Upwards each column goes on from its uppermost word.
  for (const c of columns) c.last = [...c.words].slice(0, 1);
  for (const row of rows.slice(0, fullest).reverse()) columns = followed(columns, row);
  return united(columns, rows);
}

/** The columns, neighbours made one where one goes on below the other: they stand below one another, and hardly ever in one row. */
function united(columns: Column[], rows: Placed[][]): Column[] {
  const rowOf = new Map(rows.flatMap((row, i) => row.map((w) => [w, i] as const)));
  const goesOn = (a: Column, b: Column) => {
    const [few, many] = a.words.size < b.words.size ? [a.words, b.words] : [b.words, a.words];
    const inRows = new Set([...many].map((w) => rowOf.get(w)!));
    const both = [...few].filter((w) => inRows.has(rowOf.get(w)!)).length;
    const below =
      [...few].filter((w) =>
        [...many].some((o) =>
          Math.abs(rowOf.get(o)! - rowOf.get(w)!) <= REMEMBERED && overlap(o.left, o.right, w.left, w.right) > 0
        )
      ).length;
    return both <= Math.max(1, TOGETHER * many.size) && 2 * below >= few.size;
  };
  const out: Column[] = [];
  for (const c of columns) {
    const before = out.at(-1);
    if (before && goesOn(before, c)) c.words.forEach((w) => before.words.add(w));
    else out.push(c);
  }
  return out;
}

/** How well a word stands below a column: the share of the narrower one that they have in common. */
function fit(c: Column, w: Placed): number {
  const [left, right] = [Math.min(...c.last.map((l) => l.left)), Math.max(...c.last.map((l) => l.right))];
  return overlap(left, right, w.left, w.right) / Math.max(1, Math.min(right - left, w.right - w.left));
}

/**
 * The columns with the words of one more row: each goes to a column below which it stands, in order, so that all together fit best
 * (dynamic programming over words and columns); those below none make columns of their own.
 */
function followed(columns: Column[], row: Placed[]): Column[] {
  const [n, m] = [row.length, columns.length];
  type Step = "leave" | "alone" | "take" | "join";
  const best = Array.from({ length: n + 1 }, () => new Float64Array(m + 1));
  const steps: Step[][] = Array.from({ length: n + 1 }, () => Array(m + 1).fill("leave"));
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= m; j++) {
      const ways: [number, Step][] = [];
      if (j > 0) ways.push([best[i][j - 1], "leave"]);
      if (i > 0) ways.push([best[i - 1][j], "alone"]);
      if (i > 0 && j > 0) {
        const gain = fit(columns[j - 1], row[i - 1]);
        if (gain > 0) ways.push([best[i - 1][j - 1] + gain, "take"]);
        // A second word of one cell.
        const near = i > 1 && row[i - 1].left - row[i - 2].right < SPACE * (row[i - 1].bottom - row[i - 1].top);
        if (gain > 0 && near && steps[i - 1][j] !== "alone" && steps[i - 1][j] !== "leave") {
          ways.push([best[i - 1][j] + gain, "join"]);
        }
      }
      for (const [value, step] of ways) {
        if (value > best[i][j] || ways.length === 1) [best[i][j], steps[i][j]] = [value, step];
        else if (value === best[i][j] && ways[0][1] === step) steps[i][j] = step;
      }
    }
  }
  const out: Column[] = [];
  const taken = new Map<Column, Placed[]>();
  for (let [i, j] = [n, m]; i > 0 || j > 0;) {
    const step = steps[i][j];
    if (step === "leave") out.push(columns[--j]);
    else if (step === "alone") out.push({ words: new Set([row[--i]]), last: [row[i]] });
    else {
      const c = columns[j - 1];
      taken.set(c, [row[--i], ...taken.get(c) ?? []]);
      if (step === "take") out.push(columns[--j]);
    }
  }
  for (const [c, words] of taken) {
    words.forEach((w) => c.words.add(w));
    // What reaches below its neighbours says nothing of where the column is.
    const wide = columns.some((other) => other !== c && words.some((w) => fit(other, w) > 0));
    if (!wide) c.last = [...words, ...c.last].slice(0, Math.max(words.length, REMEMBERED));
  }
  return out.reverse();
}
