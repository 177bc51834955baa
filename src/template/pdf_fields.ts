/** Proposes the fields that a PDF form names itself, where programs write: their places, combs and boxes to tick are exact. */
import type { PdfField, PdfForm } from "../decode/pdf_form.ts";
import type { Box } from "../engine/types.ts";
import { choiceOf, inReadingOrder, labelOf, namer, rowsOf, typeOf } from "./labels.ts";
import type { TemplateField } from "./template.ts";

export function proposeFields({ texts, fields }: PdfForm): TemplateField[] {
  const name = namer();
  const rounded = ({ box }: PdfField) => box.map(Math.round) as Box;
  const found = fields.filter((f) => f.kind === "text").map((f) => {
    const box = rounded(f);
    return { box, field: () => named(f, box) };
  });
  const named = (f: PdfField, box: Box): TemplateField => {
    const label = f.label || labelOf(box, texts) || last(f.name);
    const type = typeOf(label);
    if (f.cells === undefined) return { name: name(label), type, box };
    // A year is no date.
    const isShort = type === "date" && f.cells < 6;
    return { name: name(label), type: type === "text" || isShort ? "digits" : type, box, cells: f.cells };
  };
  // Boxes of one name stand for the choices of one question.
  const ticks = Map.groupBy(fields.filter((f) => f.kind === "tick"), (f) => f.name);
  const groups = [...ticks.values()].map((group) => group.map(rounded));
  const rows = rowsOf(groups.filter((g) => g.length === 1).flat());
  for (const group of [...groups.filter((g) => g.length > 1), ...rows]) {
    found.push({ box: group[0], field: () => choiceOf(group, texts, name) });
  }
  return found.toSorted(inReadingOrder).map(({ field }) => field());
}

/** The last part of a field's full name: `form.page1[0].total[0]` is `total`. */
const last = (name: string) => name.split(".").at(-1)!.replace(/\[\d+\]$/, "");
