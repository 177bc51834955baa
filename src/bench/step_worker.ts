/// <reference lib="deno.worker" />
/** A worker of the training bench: steps of the seed's net with an exchange of the gradients' size after each. */
import * as tf from "@tensorflow/tfjs";
import { registerRust } from "../train/backend/mod.ts";
import { Exchange } from "../train/exchange.ts";
import { seedStep } from "./training.ts";

export interface StepStart {
  shared: SharedArrayBuffer;
  rank: number;
  jobs: number;
  batch: number;
  steps: number;
}

export interface StepTime {
  seconds: number;
}

self.onmessage = async ({ data }: MessageEvent<StepStart>) => {
  await registerRust();
  await tf.setBackend("rust");
  const step = seedStep(data.batch);
  const exchange = new Exchange(data.shared, data.rank, data.jobs);
  const gradients = new Float32Array((data.shared.byteLength - 16) / 4 / data.jobs);
  for (let i = 0; i < 2; i++) {
    step();
    exchange.average(gradients);
  }
  const began = performance.now();
  for (let i = 0; i < data.steps; i++) {
    step();
    exchange.average(gradients);
  }
  self.postMessage({ seconds: (performance.now() - began) / 1000 } satisfies StepTime);
};
