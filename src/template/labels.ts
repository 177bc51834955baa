/** What print says of the fields beside it: names, types, and what boxes to tick stand for. */
import type { Box } from "../engine/types.ts";
import type { TemplateField } from "./template.ts";
import { unlike } from "./unlike.ts";

/** Printed words of the blank. */
export interface Print {
  text: string;
  box: Box;
}

/** Most words of a name. */
const WORDS = 6;

/** Gives each field a name of its own. */
export function namer(): (label: string) => string {
  const name = unlike("_");
  return (label) => {
    const words = label.normalize("NFD").toLowerCase().match(/[a-z0-9]+/g) ?? ["field"];
    return name(words.slice(0, WORDS).join("_"));
  };
}

/** Row by row, and from left to right. */
export const inReadingOrder = (a: { box: Box }, b: { box: Box }) =>
  Math.abs(a.box[1] - b.box[1]) < 0.6 * Math.min(a.box[3], b.box[3]) ? a.box[0] - b.box[0] : a.box[1] - b.box[1];

/** A choice of boxes, by its `own` name if it has one; a box that stands alone is named by what it stands for. */
export function choiceOf(group: Box[], words: Print[], name: (label: string) => string, own = ""): TemplateField {
  const options = group.map((box) => rightOf(box, words));
  const choices = Object.fromEntries(group.map((box, i) => [options[i] || `box ${i + 1}`, box]));
  const label = own || (group.length === 1 && options[0]) || labelOf(group[0], words);
  return { name: name(label), type: "choice", box: union(group), choices };
}

/** What a label asks for. */
export function typeOf(label: string): TemplateField["type"] {
  if (/date|datum|fecha|data di|naissance|geburt|birth|\bday\b|\btag\b|\bjour\b/i.test(label)) return "date";
  if (/amount|betrag|montant|importe|total|summe|sum\b|price|preis|prix|€|\$|eur/i.test(label)) return "amount";
  if (
    /\bn[°ºr]\b|\bno\.|number|nummer|num[eé]ro|zip|plz|phone|\btel|qty|quantity|anzahl|year|jahr\b|ssn|social security|account|konto|\bcard|mobile/i
      .test(label)
  ) return "digits";
  return "text";
}

/** What the label of a comb asks for: a year is no date, and without a label it is a number. */
export function combType(label: string, cells: number): TemplateField["type"] {
  const type = label === "" ? "digits" : typeOf(label);
  return type === "date" && cells < 6 ? "digits" : type;
}

export const union = (boxes: Box[]): Box => {
  const [x, y] = [Math.min(...boxes.map((b) => b[0])), Math.min(...boxes.map((b) => b[1]))];
  return [x, y, Math.max(...boxes.map((b) => b[0] + b[2])) - x, Math.max(...boxes.map((b) => b[1] + b[3])) - y];
};

export const middle = ([x, y, w, h]: Box): [number, number] => [x + w / 2, y + h / 2];
export const holds = ([x, y, w, h]: Box, [u, v]: [number, number]) => u >= x && u < x + w && v >= y && v < y + h;

/** Cells side by side: of one height, in one row, no further apart than `gap` of it. */
export function rowsOf(cells: Box[], gap = 12): Box[][] {
  const rows: Box[][] = [];
  for (const cell of cells.toSorted((a, b) => a[0] - b[0])) {
    const row = rows.find((r) => {
      const last = r[r.length - 1];
      return Math.abs(last[1] - cell[1]) < 0.3 * cell[3] && Math.abs(last[3] - cell[3]) < 0.3 * cell[3] &&
        cell[0] - last[0] - last[2] < gap * cell[3];
    });
    if (row) row.push(cell);
    else rows.push([cell]);
  }
  return rows;
}

/** The print that says what a field is: within it, else left of it in its row, else above it. */
export function labelOf(box: Box, words: Print[]): string {
  const [x, y, w, h] = box;
  const text = (of: Print[]) =>
    of.toSorted((a, b) => a.box[0] - b.box[0]).map((o) => o.text).join(" ").replace(/[:.…_]+$/, "").trim();
  const inside = words.filter((o) => holds(box, middle(o.box)));
  if (inside.length > 0) return text(inside);
  const [cx, cy] = middle(box);
  const left = words.filter(({ box: b }) =>
    middle(b)[1] > y - 0.2 * h && middle(b)[1] < y + 1.2 * h && b[0] + b[2] <= x + 0.1 * w
  );
  const nearest = (of: Print[], far: (b: Box) => number) => of.toSorted((a, b) => far(a.box) - far(b.box))[0];
  const first = nearest(left, (b) => x - b[0] - b[2]);
  if (first && x - first.box[0] - first.box[2] < 6 * Math.max(h, first.box[3])) {
    // Words of one label stand close.
    const label = [first];
    for (const word of left.toSorted((a, b) => b.box[0] - a.box[0])) {
      const begin = Math.min(...label.map((l) => l.box[0]));
      if (!label.includes(word) && begin - word.box[0] - word.box[2] < 1.2 * first.box[3]) label.push(word);
    }
    return text(label);
  }
  const above = words.filter(({ box: b }) =>
    b[1] + b[3] <= y + 0.2 * h && Math.abs(middle(b)[0] - cx) < w / 2 + b[2] / 2
  );
  const over = nearest(above, (b) => cy - middle(b)[1]);
  if (!over) return "";
  return text(above.filter((o) => Math.abs(middle(o.box)[1] - middle(over.box)[1]) < 0.5 * over.box[3]));
}

/** The print right of a box to tick. */
function rightOf([x, y, w, h]: Box, words: Print[]): string {
  const beside = words.filter(({ box: b }) => middle(b)[1] > y - 0.3 * h && middle(b)[1] < y + 1.3 * h && b[0] >= x + w)
    .toSorted((a, b) => a.box[0] - b.box[0]);
  const label: Print[] = [];
  for (const word of beside) {
    const end = label.length === 0 ? x + w : label[label.length - 1].box[0] + label[label.length - 1].box[2];
    if (word.box[0] - end > 1.5 * h) break;
    label.push(word);
  }
  return label.map((o) => o.text).join(" ");
}
