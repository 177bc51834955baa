/** `doctor`: what this installation is made of, and whether it works: the model must give the probe's outputs. */
import { Engine } from "../engine/engine.ts";
import { LINE_MODEL, LINE_PROBE } from "../engine/models.ts";
import { openRunner } from "../engine/runner.ts";
import { hasRelaxedSimd } from "../engine/simd.ts";
import { budgetLines } from "../promise/budgets.ts";
import { budgetsBeside } from "../promise/load.ts";
import { EXIT, toScrawlError } from "../errors.ts";
import { decode } from "../safetensors.ts";
import { VERSION } from "../version.ts";

/** Largest difference from the trainer's outputs; relaxed SIMD rounds as the processor likes. */
const TOLERANCE = 2e-2;

export async function doctor(): Promise<number> {
  const row = (name: string, value: string) => console.log(`${name.padEnd(14)}${value}`);
  row("scrawl", VERSION);
  row("deno", `${Deno.version.deno} (v8 ${Deno.version.v8}) on ${Deno.build.target}`);
  row("SIMD", hasRelaxedSimd ? "relaxed" : "simd128");
  row("cores", String(navigator.hardwareConcurrency));
  const engine = await Engine.open();
  row("model", `sha256 ${engine.digest}`);
  for (const name of ["read", "write", "net", "env", "run", "ffi", "sys"] as const) {
    const { state } = await Deno.permissions.query({ name });
    row(`allow ${name}`, state === "granted" ? "yes" : "no");
  }
  const probe = decode(await Deno.readFile(LINE_PROBE), "probe.safetensors");
  const [n, h, w] = probe.tensors.input.shape;
  const runner = await openRunner(LINE_MODEL);
  const began = performance.now();
  const got = runner.run(probe.tensors.input.data, n, h, w);
  const ms = performance.now() - began;
  const wanted = probe.tensors.logits.data;
  const off = got.length === wanted.length
    ? got.reduce((m, v, i) => Math.max(m, Math.abs(v - wanted[i])), 0)
    : Infinity;
  const works = off <= TOLERANCE;
  row(
    "self-test",
    `${works ? "passed" : "FAILED"}: logits within ${off.toExponential(1)} of the trainer's, ${ms.toFixed(0)} ms`,
  );
  const budgets = await budgetsBeside(LINE_MODEL, engine.digest).catch(toScrawlError);
  if ("message" in budgets) row("--max-error", budgets.message);
  else {
    row(
      "--max-error",
      "what it can promise: shares of wrong fields that hold with 95 % confidence, for writing like that counted",
    );
    for (const line of budgetLines(budgets)) console.log(`  ${line}`);
  }
  return works ? EXIT.ok : EXIT.other;
}
