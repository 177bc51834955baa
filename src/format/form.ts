/** Forms as a table: a head, and a row a page. */
import { rowsOf } from "./csv.ts";

/** What a page says in a form's fields. */
export interface FormRow {
  file: string;
  page: number;
  /** In the order of the template. */
  fields: {
    name: string;
    value: string | null;
    text: string;
    confidence: number;
    state: string;
  }[];
  /** Sums, and whether each adds up. */
  sums: Record<string, boolean>;
  /** Where each field's picture is, from the table; absent where there are none. */
  crops?: string[];
}

/** The table's head. @param names of the fields. */
export function formHead(names: string[]): string {
  const columns = names.flatMap((name) => [name, `${name}.confidence`, `${name}.state`, `${name}.crop`]);
  return rowsOf([["file", "page", ...columns, "check"]]);
}

/** Of each field its value, how sure it is, what became of it, and its picture; at the end sums that do not add up. */
export function formRow({ file, page, fields, sums, crops }: FormRow): string {
  return rowsOf([[
    ...[file, page],
    ...fields.flatMap((f, i) => [f.value ?? f.text, f.confidence.toFixed(4), f.state, crops?.[i] ?? ""]),
    Object.entries(sums).filter(([, kept]) => !kept).map(([name]) => name).join(" "),
  ]]);
}
