/** Where the models that ship with scrawl lie. */

export const LINE_MODEL = new URL("../../models/line/model.safetensors", import.meta.url);
/** Inputs and the trainer's outputs for them, that the runtime must reproduce. */
export const LINE_PROBE = new URL("../../models/line/probe.safetensors", import.meta.url);
