/** Pen strokes of the UNIPEN format (Guyon et al. 1994), as `strokes/NAME/*.jsonl` has them. */
import { join } from "@std/path/join";
import { ScrawlError } from "../errors.ts";
import { writeWhole } from "../train/write.ts";

type Point = [x: number, y: number];
type Stroke = Point[];

/** Lines of `{"text", "strokes"}`, a stroke being points `[x, y]`, y growing upwards. @throws ScrawlError where segments and strokes do not fit. */
export function strokesOf(unipen: string): string {
  const drawings: { text: string; strokes: Stroke[] }[] = [];
  let stroke: Stroke | undefined;
  for (const line of unipen.split(/\r?\n/)) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === ".SEGMENT") drawings.push({ text: /"(.+)"/.exec(line)?.[1] ?? "", strokes: [] });
    else if (word === ".PEN_DOWN") drawings.at(-1)?.strokes.push(stroke = []);
    else if (word === ".PEN_UP") stroke = undefined;
    else if (stroke && /^-?\d/.test(word)) stroke.push([Number(word), Number(rest[0])]);
  }
  const odd = drawings.findIndex(({ text, strokes }) =>
    !text || strokes.length === 0 || !strokes.flat(2).every(isFinite)
  );
  if (odd >= 0) throw new ScrawlError("input", `segment ${odd + 1} of the pen strokes has no text, or no strokes`);
  return drawings.map((d) => JSON.stringify(d) + "\n").join("");
}

/** A word, a line or a character as a pen wrote it: x to the right and y upwards from the lower left corner, in hundredths of the writer's capitals. */
export interface Writing {
  text: string;
  writer: string;
  strokes: Stroke[];
}

/** A segment of a file of the distribution, in the file's own units. */
interface Segment extends Writing {
  /** Which component of the file it begins with. */
  from: number;
  box: Box;
}

interface Box {
  left: number;
  right: number;
  low: number;
  high: number;
}

/** Units of a capital's height. */
const HEIGHT = 100;
/** Points that lie this close to the line between others are left out, in heights of a capital: a pen is three times as wide. */
const FLAT = 0.012;
/** Lines of this many characters at most. */
const LONGEST = 34;
/** Widths of a character, in heights of a capital, between which a label fits its strokes. */
const [NARROW, WIDE] = [0.1, 1.6];
/** So many segments at least tell how large somebody writes. */
const LEAST = 5;
/** So many of each character are kept of a writer. */
const MOST_OF_A_CHARACTER = 4;
/** About how far tails hang below the line, in heights of a capital. */
const TAIL = 0.35;
/** Folders of words, of lines and of characters. */
const [WORDS, TEXTS, CHARACTERS] = ["7", "8", "2"];

/** Characters as high as a capital, and such as hang below the line. */
const TALL = /[A-Z0-9bdfhklt]/;
const HANGS = /[gjpqyQJ,;()[\]{}$@/\\_|]/;

/** Names that begin at the folder of the distribution, and what the files hold. */
export type Files = Map<string, Uint8Array>;

/** Files of strokes that the copy did not hold of which the hashes in `sets.ts` were taken: they are left out, so that all have the same. */
const LEFT_OUT = ["att/data/att0/41412304.dat", "hpp/data/hpp2/hpb2-bi.dat", "hpp/data/hpp2/hpb2-sp.dat"];

/**
 * Writes into `folder` what is made of the distribution train_r01_v07: `words.jsonl` (words and lines, {@linkcode Writing}s) and
 * `characters.jsonl`. Segments that are marked bad, of several lines, or whose label and size do not fit are left out.
 */
export async function makeUnipen(files: Files, folder: string): Promise<void> {
  const words = [...segmentsBelow(files, WORDS), ...segmentsBelow(files, TEXTS)];
  const heights = heightsOf(words);
  const seen = new Set<string>();
  const lines: Writing[] = [];
  for (const [file, segments] of Map.groupBy(words, (s) => s.file)) {
    const height = heights.get(segments[0].writer);
    if (height === undefined) continue;
    // Lines of files whose words are told apart are made of those.
    const apart = segments.some((s) => s.kind === WORDS);
    const single = segments.filter((s) => (s.kind === WORDS || !apart) && fits(s, height));
    for (const s of [...single.filter((s) => /[\p{L}\d]/u.test(s.text)), ...(apart ? joined(single, height) : [])]) {
      const key = `${file} ${s.from} ${s.text}`;
      if (!seen.has(key)) lines.push(normal(s, height));
      seen.add(key);
    }
  }
  await writeWhole(join(folder, "words.jsonl"), lines.map((w) => JSON.stringify(w) + "\n").join(""));
  const characters = segmentsBelow(files, CHARACTERS);
  const known: string[] = [];
  for (const own of Map.groupBy(characters, (s) => s.writer).values()) {
    const capitals = own.filter((s) => /^[A-Z0-9]$/.test(s.text)).map((s) => s.box.high - s.box.low);
    if (capitals.length < LEAST) continue;
    const height = median(capitals);
    for (const [text, all] of Map.groupBy(own, (s) => s.text)) {
      if (!/^[A-Za-z0-9]$/.test(text)) continue;
      const whole = all.filter((s) => fits(s, height) && s.box.high > s.box.low);
      for (const s of whole.slice(0, MOST_OF_A_CHARACTER)) known.push(JSON.stringify(normal(s, height)));
    }
  }
  await writeWhole(join(folder, "characters.jsonl"), known.map((k) => k + "\n").join(""));
}

/** How high each writer's capitals are, from what has a tall letter; those who wrote too little to tell are left out. */
function heightsOf(segments: Segment[]): Map<string, number> {
  const all = new Map<string, number[]>();
  for (const { writer, text, box } of segments) {
    if (!TALL.test(text) || text.length > LONGEST) continue;
    const height = (box.high - box.low) / (HANGS.test(text) ? 1 + TAIL : 1);
    all.set(writer, [...all.get(writer) ?? [], height]);
  }
  return new Map([...all].filter(([, h]) => h.length >= LEAST).map(([writer, h]) => [writer, median(h)]));
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Whether a segment is of one row and as wide as its label. */
function fits({ text, box }: Segment, height: number): boolean {
  const each = (box.right - box.left) / height / text.length;
  const tall = (box.high - box.low) / height;
  return height > 0 && text.length <= LONGEST && tall < 2.2 && each < WIDE &&
    (each > NARROW || /^[1ilI|!.,'-]+$/.test(text));
}

/** Words of one row, left to right as they were written, as lines: a mark that closes a word stands at it. */
function joined(words: Segment[], height: number): Segment[] {
  const lines: Segment[] = [];
  let line: Segment | undefined;
  let parts = 0;
  const end = () => {
    if (line && parts > 1) lines.push(line);
    line = undefined;
  };
  for (const w of words.toSorted((a, b) => a.from - b.from)) {
    const gap = line ? (w.box.left - line.box.right) / height : 0;
    const level = line ? Math.abs(w.box.low + w.box.high - line.box.low - line.box.high) / 2 / height : 0;
    const closes = /^[.,;:?!)]+$/.test(w.text);
    const text: string = line ? line.text + (closes ? "" : " ") + w.text : w.text;
    // Digits that stand close may be of one number.
    const near = closes ? -0.2 : line && /\d$/.test(line.text) && /^\d/.test(w.text) ? 0.7 : 0.15;
    if (line && (gap < near || gap > 2.5 || level > 0.6 || text.length > LONGEST)) end();
    if (!line) {
      line = w;
      parts = 1;
      continue;
    }
    parts++;
    const box = {
      left: Math.min(line.box.left, w.box.left),
      right: Math.max(line.box.right, w.box.right),
      low: Math.min(line.box.low, w.box.low),
      high: Math.max(line.box.high, w.box.high),
    };
    line = { ...line, text, box, strokes: [...line.strokes, ...w.strokes] };
  }
  end();
  return lines;
}

/** A segment in hundredths of its writer's capitals, from its lower left corner. */
function normal({ text, writer, strokes, box }: Segment, height: number): Writing {
  const scale = HEIGHT / height;
  return {
    text,
    writer,
    strokes: strokes.map((s) =>
      straightened(s, FLAT * height).map(([x, y]): Point => [
        Math.round((x - box.left) * scale),
        Math.round((y - box.low) * scale),
      ])
    ),
  };
}

/** The points that a stroke needs to stay within `by` of itself (Ramer 1972, Douglas and Peucker 1973). */
function straightened(points: Stroke, by: number): Stroke {
  if (points.length < 3) return points;
  const [[ax, ay], [bx, by1]] = [points[0], points.at(-1)!];
  const [dx, dy] = [bx - ax, by1 - ay];
  const length = Math.hypot(dx, dy);
  let [worst, far] = [0, 0];
  points.forEach(([x, y], i) => {
    const d = length > 0 ? Math.abs((x - ax) * dy - (y - ay) * dx) / length : Math.hypot(x - ax, y - ay);
    if (d > far) [worst, far] = [i, d];
  });
  if (far <= by) return [points[0], points.at(-1)!];
  return [...straightened(points.slice(0, worst + 1), by), ...straightened(points.slice(worst), by).slice(1)];
}

/** All segments of one kind, in the order of their files' names. */
function segmentsBelow(files: Files, kind: string): (Segment & { file: string; kind: string })[] {
  const [root, decoder] = [`data/${kind}/`, new TextDecoder()];
  const read = (name: string) => LEFT_OUT.includes(name) ? "" : decoder.decode(files.get(`include/${name}`));
  const paths = [...files.keys()].filter((path) => path.startsWith(root) && path.endsWith(".dat")).sort();
  return paths.flatMap((path) => {
    const text = decoder.decode(files.get(path));
    // What a person wrote has the person's name and the contributor's; the same data may lie in several folders.
    const contributor = path.slice(root.length).split("/")[0];
    const file = /^\.INCLUDE\s+(\S+\.dat)/m.exec(text)?.[1] ?? path;
    const segments = segmentsOf(text, withIncluded(text, read));
    return segments.map((s) => ({ ...s, writer: `${contributor}/${s.writer}`, file, kind }));
  });
}

/** A file's text behind the texts that it includes, and these likewise. */
function withIncluded(text: string, read: (name: string) => string, depth = 0): string {
  const parts: string[] = [];
  for (const [, name] of text.matchAll(/^\.INCLUDE\s+(\S+)/gm)) {
    // Lists of words and lexica hold no strokes.
    if (depth < 4 && !/\.(lex|freq|doc)$/.test(name)) parts.push(withIncluded(read(name), read, depth + 1));
  }
  return [...parts, text].join("\n");
}

/** The segments that `own` names, of the components in `all`: pieces with the pen down or up, of which those without a point do not count. */
export function segmentsOf(own: string, all: string): Segment[] {
  const components: { down: boolean; points: Stroke }[] = [];
  let writer = "?";
  for (const line of all.split(/\r?\n/)) {
    const t = line.trim();
    if (t.startsWith(".PEN_")) components.push({ down: t.startsWith(".PEN_DOWN"), points: [] });
    else if (t.startsWith(".WRITER_ID")) writer = t.slice(10).trim().split(/\s+/)[0] ?? "?";
    else if (/^[-+]?\d/.test(t)) {
      const [x, y] = t.split(/\s+/);
      components.at(-1)?.points.push([Number(x), Number(y)]);
    }
  }
  const counted = components.filter((c) => c.points.length > 0);
  const segments: Segment[] = [];
  const form = /^\.SEGMENT\s+(?:WORD|TEXT|CHARACTER)\s+(\d+)(?:-(\d+))?\s+(\S+)\s+"((?:[^"\\]|\\.)*)"\s*$/gm;
  for (const [, first, last, quality, label] of own.matchAll(form)) {
    // `\@` marks a letter whose shape is in doubt.
    const text = label.replaceAll("\\@", "").replaceAll(/\\(.)/g, "$1").trim().replaceAll(/\s+/g, " ");
    const from = Number(first);
    const strokes = counted.slice(from, Number(last ?? first) + 1)
      .filter((c) => c.down && c.points.every(([x, y]) => isFinite(x) && isFinite(y))).map((c) => c.points);
    if (quality === "BAD" || !text || strokes.length === 0) continue;
    const [xs, ys] = [strokes.flat().map((p) => p[0]), strokes.flat().map((p) => p[1])];
    const least = (v: number[]) => v.reduce((a, b) => Math.min(a, b));
    const most = (v: number[]) => v.reduce((a, b) => Math.max(a, b));
    segments.push({
      text,
      writer,
      strokes,
      from,
      box: { left: least(xs), right: most(xs), low: least(ys), high: most(ys) },
    });
  }
  return segments;
}
