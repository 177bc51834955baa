/** Apache Parquet by hyparquet-writer: a row a word, to be asked by DuckDB, Spark, pandas and the like. */
import { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import { ParquetWriter } from "hyparquet-writer/src/parquet-writer.js";
import type { Page, Word } from "../engine/types.ts";
import { VERSION } from "../version.ts";

/** A word and where it stands: all that a row tells. */
interface Row {
  page: Page;
  document?: string;
  /** Indices of the region, the line and the word. */
  region: number;
  line: number;
  index: number;
  word: Word;
}

type Type = "STRING" | "INT32" | "DOUBLE";

/** Name, type and value of each column; the schema is the same whatever the pages hold. */
const COLUMNS: [name: string, type: Type, value: (row: Row) => string | number][] = [
  ["document", "STRING", (r) => r.document ?? r.page.file],
  ["file", "STRING", (r) => r.page.file],
  ["page", "INT32", (r) => r.page.page],
  ["region", "INT32", (r) => r.region],
  ["line", "INT32", (r) => r.line],
  ["word", "INT32", (r) => r.index],
  ["text", "STRING", (r) => r.word.text],
  ["confidence", "DOUBLE", (r) => r.word.confidence],
  ["x", "INT32", (r) => r.word.box[0]],
  ["y", "INT32", (r) => r.word.box[1]],
  ["width", "INT32", (r) => r.word.box[2]],
  ["height", "INT32", (r) => r.word.box[3]],
  ["production", "STRING", (r) => r.word.production],
  ["state", "STRING", (r) => r.word.state],
  ["handwritten", "DOUBLE", (r) => r.word.handwritten],
  ["line_text", "STRING", (r) => r.page.lines[r.line].text],
  ["page_width", "INT32", (r) => r.page.width],
  ["page_height", "INT32", (r) => r.page.height],
];

const SCHEMA = [
  { name: "words", num_children: COLUMNS.length },
  ...COLUMNS.map(([name, type]) => ({
    name,
    repetition_type: "REQUIRED" as const,
    ...(type === "STRING" ? { type: "BYTE_ARRAY" as const, converted_type: "UTF8" as const } : { type }),
  })),
];

/** Rows of a row group: what is held in memory, and what a reader takes at a time. */
const GROUP = 100_000;

/** A table that is written while pages come. */
export class WordTable {
  private readonly bytes = new ByteWriter();
  private readonly writer = new ParquetWriter({ writer: this.bytes, schema: SCHEMA, createdBy: `scrawl ${VERSION}` });
  private rows: Row[] = [];

  /** @param write takes the next bytes of the file. */
  constructor(private readonly write: (bytes: Uint8Array) => Promise<void>) {}

  async add(page: Page, document?: string): Promise<void> {
    for (const [region, { lines }] of page.regions.entries()) {
      for (const line of lines) {
        for (const [index, word] of page.lines[line].words.entries()) {
          this.rows.push({ page, document, region, line, index, word });
        }
      }
    }
    if (this.rows.length >= GROUP) await this.group();
  }

  private async group(): Promise<void> {
    const columnData = COLUMNS.map(([name, type, value]) => {
      const values = this.rows.map(value);
      return { name, data: type === "INT32" ? Int32Array.from(values as number[]) : values };
    });
    // An empty table has its schema alone.
    if (this.rows.length > 0) await this.writer.write({ columnData, rowGroupSize: this.rows.length });
    this.rows = [];
    await this.flush();
  }

  private async flush(): Promise<void> {
    await this.write(this.bytes.getBytes().slice());
    this.bytes.index = 0;
  }

  async finish(): Promise<void> {
    await this.group();
    await this.writer.finish();
    await this.flush();
  }
}

/** The words of some pages. */
export async function parquet(pages: Page[]): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const table = new WordTable((bytes) => Promise.resolve(void parts.push(new Uint8Array(bytes))));
  for (const page of pages) await table.add(page);
  await table.finish();
  return await new Response(new Blob(parts)).bytes() as Uint8Array<ArrayBuffer>;
}
