/** Proposes the fields that a PDF form names itself, where programs write: their places, combs and boxes to tick are exact. */
import type { PdfField, PdfForm } from "../decode/pdf_form.ts";
import type { Box } from "../engine/types.ts";
import { choiceOf, combType, inReadingOrder, labelOf, namer, rowsOf, typeOf } from "./labels.ts";
import type { TemplateField } from "./template.ts";

export function proposeFields({ texts, fields }: PdfForm): TemplateField[] {
  const name = namer();
  const rounded = ({ box }: PdfField) => box.map(Math.round) as Box;
  const found = fields.filter((f) => f.kind === "text").map((f) => {
    const box = rounded(f);
    return { box, field: () => named(f, box) };
  });
  const named = (f: PdfField, box: Box): TemplateField => {
    const label = says(f) || labelOf(box, texts) || last(f.name);
    if (f.cells === undefined) return { name: name(label), type: typeOf(label), box };
    return { name: name(label), type: combType(label, f.cells), box, cells: f.cells };
  };
  // Boxes of one name stand for the choices of one question.
  const ticks = Map.groupBy(fields.filter((f) => f.kind === "tick"), (f) => f.name);
  const single: Box[] = [];
  for (const group of ticks.values()) {
    const boxes = group.map((f) => ({ box: rounded(f) })).toSorted(inReadingOrder).map(({ box }) => box);
    if (boxes.length === 1) single.push(boxes[0]);
    else found.push({ box: boxes[0], field: () => choiceOf(boxes, texts, name, says(group[0])) });
  }
  for (const row of rowsOf(single)) found.push({ box: row[0], field: () => choiceOf(row, texts, name) });
  return found.toSorted(inReadingOrder).map(({ field }) => field());
}

/** What a field says of itself: what screen readers say, or its name where that means something. */
const says = (f: PdfField) => f.label || (GENERIC.test(last(f.name)) ? "" : last(f.name));

/** Names that programs give: `Text1`, `f1_02`, `undefined_3`. */
const GENERIC = /^(text ?field|text|field|check ?box|button|group|undefined|untitled|[a-z]{0,2})[ _-]?\d*(_\d+)*$/i;

/** The last part of a field's full name: `form.page1[0].total[0]` is `total`. */
const last = (name: string) => name.split(".").at(-1)!.replace(/\[\d+\]$/, "");
