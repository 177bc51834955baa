/**
 * The layer schema: what a preset says of a net, and what the model file says of it once it is folded for the runtime.
 *
 * Layers follow one another; each takes what the one before gives. A layer with a `name` can be used again: `add` and `concat` put it
 * to the output before them, `from` goes on from it. So a residual block is
 *
 * ```ts
 * { op: "conv", filters: 32, kernel: [3, 3], stride: [2, 2], norm: true, relu: true, name: "a" },
 * { op: "conv", filters: 32, kernel: [3, 3], norm: true, relu: true },
 * { op: "conv", filters: 32, kernel: [3, 3], norm: true },
 * { op: "add", with: "a", relu: true },
 * ```
 *
 * (where widths differ, a `from` and a 1 x 1 convolution with a name of its own make the other branch), and a step of a decoder is
 *
 * ```ts
 * { op: "conv", filters: 24, kernel: [1, 1], norm: true, relu: true },
 * { op: "upsample", by: 2 },
 * { op: "add", with: "skip at that stride, 24 channels as well" },
 * { op: "conv", filters: 24, kernel: [3, 3], norm: true, relu: true },
 * ```
 */

/** Name under which later layers find this one's output. */
interface Named {
  name?: string;
}

/**
 * Whether the last filter of a layer begins as zeros: a branch that is added begins as nothing then, so that a deeper net begins as the
 * one it was made of (He et al. 2019, zero gamma).
 */
interface Zero {
  zero?: boolean;
}

/** One layer. `norm` is batch normalisation before the activation; the layer `norm` is one by itself, as the seed's net has it. */
export type Layer =
  & Named
  & (
    | Zero & {
      op: "conv";
      filters: number;
      kernel: [number, number];
      stride?: [number, number];
      pad?: "same" | "valid";
      norm?: boolean;
      relu?: boolean;
      /** What its bias begins as, a value a filter; else 0. Only without a norm. */
      bias?: number[];
    }
    | { op: "norm" }
    | { op: "pool"; size: [number, number] }
    | { op: "dropout"; rate: number }
    | { op: "flatten" }
    | { op: "dense"; units: number; norm?: boolean; relu?: boolean }
    | Wiring
    /**
     * Page context: means and maxima over the map go through a dense layer with ReLU and one without into a gate and a bias for each
     * channel, `y = x * 2 sigmoid(gate) + bias`. It starts as the identity.
     */
    | { op: "context" }
    /** Each pixel or frame by the mean and variance of its own channels. */
    | { op: "layernorm" }
    /**
     * Self-attention over the frames of one row, `[n, 1, w, c]`: a dense layer to queries, keys and values, `heads` times a softmax
     * over the frames at most `window` away, and a dense layer. What is no part of a line is not looked at.
     */
    | Zero & { op: "attention"; heads: number; window: number }
    /** A filter of its own for each channel, of stride one, with as much padding as keeps the size. */
    | Zero & { op: "depthwise"; kernel: [number, number]; norm?: boolean; relu?: boolean }
  );

/** Layers without weights that the runtime knows as they are. */
export type Wiring =
  /** The output before and a named one of the same size, then ReLU if asked. */
  | { op: "add"; with: string; relu?: boolean }
  /** Channels of the output before, then those of a named one of the same height and width. */
  | { op: "concat"; with: string }
  /** Nearest neighbour. */
  | { op: "upsample"; by: number }
  /** Goes on from a named output. */
  | { op: "from"; layer: string };

/** A folded layer as the runtime knows it, its tensors named in the model file. */
export type FoldedLayer =
  & Named
  & (
    | {
      op: "conv";
      weights: string;
      bias: string;
      scale?: string;
      shift?: string;
      stride: [number, number];
      pad: "same" | "valid";
      relu: boolean;
    }
    | { op: "pool"; size: [number, number] }
    | { op: "flatten" }
    | Wiring
    /** Tensors of the inner and the outer dense layer. */
    | { op: "context"; weights: [string, string]; bias: [string, string] }
    | { op: "layernorm"; scale: string; shift: string }
    | { op: "attention"; weights: [string, string]; bias: [string, string]; heads: number; window: number }
    | { op: "depthwise"; weights: string; bias: string; relu: boolean }
  );

/** A layer in a few words, for the table of a net. */
export function describe(layer: Layer): string {
  const more = (l: { norm?: boolean; relu?: boolean }) => (l.norm ? " bn" : "") + (l.relu ? " relu" : "");
  const zero = "zero" in layer && layer.zero ? " from 0" : "";
  const stride = "stride" in layer && layer.stride ? `/${layer.stride.join("x")}` : "";
  const words: Record<Layer["op"], string> = {
    conv: layer.op === "conv" ? `conv ${layer.kernel.join("x")}${stride} ${layer.filters}${more(layer)}` : "",
    dense: layer.op === "dense" ? `dense ${layer.units}${more(layer)}` : "",
    pool: layer.op === "pool" ? `max pool ${layer.size.join("x")}` : "",
    dropout: layer.op === "dropout" ? `dropout ${layer.rate}` : "",
    add: layer.op === "add" ? `add ${layer.with}${more(layer)}` : "",
    concat: layer.op === "concat" ? `concat ${layer.with}` : "",
    upsample: layer.op === "upsample" ? `upsample ${layer.by}` : "",
    from: layer.op === "from" ? `from ${layer.layer}` : "",
    norm: "norm",
    flatten: "flatten",
    context: "context",
    layernorm: "layer norm",
    attention: layer.op === "attention" ? `attention ${layer.heads} heads, ${layer.window} to each side` : "",
    depthwise: layer.op === "depthwise" ? `depthwise ${layer.kernel.join("x")}${more(layer)}` : "",
  };
  return words[layer.op] + zero + (layer.name ? ` = ${layer.name}` : "");
}

/**
 * The same layers without batch normalisation, which model files hold folded into the filters before it. A batch of a few lines of like
 * width has other statistics than all lines: a net that knows much loses by them what it learns on.
 */
export function withoutNorms(layers: Layer[]): Layer[] {
  return layers.map((l) => l.op === "conv" ? { ...l, norm: false } : l);
}
