/** One resolved description of a run: written to `config.json`, sent to the workers, and all that a resumed run needs. */
import type { Layer } from "./net.ts";
import type { OptimizerOptions } from "./optimizer.ts";
import type { Schedule } from "./schedule.ts";
import type { LineOptions } from "./lines/task.ts";
import type { GlyphOptions } from "./glyphs/task.ts";
import type { PageOptions } from "./pages/task.ts";

export interface Config {
  preset: string;
  task:
    | { kind: "line"; options: LineOptions }
    | { kind: "glyph"; options: GlyphOptions }
    | { kind: "page"; options: PageOptions };
  layers: Layer[];
  /** Height, width, channels. */
  input: [number, number, number];
  optimizer: OptimizerOptions;
  schedule: Schedule;
  steps: number;
  /** Steps between validations, and between checkpoints. */
  validateEvery: number;
  checkpointEvery: number;
  /** Share that the averaged weights keep each step; 0 for no averaging. */
  ema: number;
  /** Whether the model file holds filters as numbers of 16 bits. */
  half?: boolean;
  /** Share that running batch statistics keep each step. */
  statistics: number;
  seed: number;
  jobs: number;
  /** Times that samples are learnt from where others make them for a device; else once. */
  repeats?: number;
  backend: "rust" | "native" | "cpu" | "webgpu";
  /** A run folder's checkpoint, or a model file, to start from, weights only. */
  from?: string;
}

/** A line of `history.jsonl`. */
export interface History {
  step: number;
  /** Samples learnt from so far, over all workers. */
  samples: number;
  seconds: number;
  /** Mean over the steps since the last record. */
  loss: number;
  /** Share classified rightly while learning, of the first worker's samples; characters only. */
  accuracy?: number;
  rate: number;
  metrics?: Record<string, number>;
}
