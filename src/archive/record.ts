/** What is written of each page of an input, or of the input where it cannot be read: a record of `-f jsonl` that says which input it is of. */
import type { Failure, Page } from "../engine/types.ts";

/** The record's place among others. */
export interface Place {
  /** The input's number, from 0, among those of a manifest or of `--lines`. */
  input: number;
  /** Pages of the input that are read, this among them; absent where it could not be opened. */
  of?: number;
  /** The document that the input says that it belongs to. */
  document?: string;
}

export type Placed = (Page | Failure) & Place;

export function placed(record: Page | Failure, { input, of, document }: Place): Placed {
  return {
    input,
    ...(of !== undefined && { of }),
    ...(document !== undefined && { document }),
    ...record,
  };
}
