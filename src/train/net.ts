/**
 * A network as a list of layers: its variables, its forward pass for training, and its folding for the runtime.
 *
 * Tensors are NHWC. A glyph's picture is `[n, 28, 28, 1]`, a line's `[n, height, width, 1]`, a page's
 * `[n, height, width, 3]`; logits are `[n, k]`, `[n, frames, k]` where one row is left, and `[n, h, w, k]`.
 */
import * as tf from "@tensorflow/tfjs";
import * as fused from "./backend/fused.ts";
import * as frames from "./backend/frames.ts";
import * as maps from "./backend/maps.ts";
import { describe, type FoldedLayer, type Layer } from "./layers.ts";

export type { FoldedLayer, Layer } from "./layers.ts";

const EPSILON = 1e-3;

// A net's first tensor would make tfjs greet on stderr.
tf.enableProdMode();

/** Gives a variable new values, which are copied. */
export function assign(v: tf.Variable, data: Float32Array): void {
  tf.tidy(() => v.assign(tf.tensor(data.slice(), v.shape)));
}

/** Values to be summed over workers beside the gradients: batch statistics, in the order of `Net.statistics`. */
interface Pass {
  logits: tf.Tensor;
  statistics: tf.Tensor1D[];
}

export class Net {
  /** Trainable tensors in the order of the layers. */
  readonly variables: tf.Variable[] = [];
  /** Running means and variances, in pairs, in the order of the layers. */
  readonly statistics: Float32Array[] = [];
  /** Multiply-adds of one forward pass of one input. */
  readonly macs: number;
  readonly summary: string[] = [];
  private readonly index: {
    filter?: number;
    bias?: number;
    gamma?: number;
    beta?: number;
    stats?: number;
    /** Filter and bias of the outer layer of a context or attention. */
    outer?: [number, number];
  }[] = [];
  /** What is left at the end: a row of classes, a row of frames, or a map. */
  private readonly ends: "flat" | "frames" | "map";

  /**
   * @param input height, width, channels. A line net's width is one to count with; it takes any.
   * @param seed of the initial weights: He et al. 2015, normal.
   * @throws Error where a layer names an output that is not there, or two do not fit together.
   */
  constructor(readonly layers: Layer[], readonly input: [number, number, number], seed: number) {
    let [h, w, c] = input;
    let [macs, number, flat] = [0, 0, false];
    const named = new Map<string, [number, number, number]>();
    const find = (name: string) => {
      const size = named.get(name);
      if (size) return size;
      throw new Error(
        `Layer ${number + 1} wants the output ${name}; before it there are ${[...named.keys()].join(", ") || "none"}`,
      );
    };
    const variable = (make: () => tf.Tensor) => {
      // Names are counted by tfjs over the whole program; ours need not be unique there.
      this.variables.push(tf.tidy(() => tf.variable(make(), true)));
      return this.variables.length - 1;
    };
    const norm = (c: number) => {
      this.statistics.push(new Float32Array(c), new Float32Array(c).fill(1));
      return {
        gamma: variable(() => tf.ones([c])),
        beta: variable(() => tf.zeros([c])),
        stats: this.statistics.length - 2,
      };
    };
    for (const layer of layers) {
      let parameters = 0, own = 0;
      const at: Net["index"][number] = {};
      const deviation = (inputs: number) => Math.sqrt(2 / inputs);
      const s = seed * 1000 + number;
      const filter = (shape: [number, number, number, number], inputs: number, zero = false) =>
        zero ? tf.zeros(shape) : tf.truncatedNormal(shape, 0, deviation(inputs), "float32", s);
      if (layer.op === "conv" || layer.op === "dense") {
        const [kh, kw] = layer.op === "conv" ? layer.kernel : [1, 1];
        const out = layer.op === "conv" ? layer.filters : layer.units;
        at.filter = variable(() => filter([kh, kw, c, out], kh * kw * c, layer.op === "conv" && layer.zero));
        if (layer.norm) Object.assign(at, norm(out));
        else at.bias = variable(() => layer.op === "conv" && layer.bias ? tf.tensor1d(layer.bias) : tf.zeros([out]));
        if (layer.op === "conv") {
          const [sh, sw] = layer.stride ?? [1, 1];
          const valid = layer.pad === "valid";
          h = Math.ceil((h - (valid ? kh - 1 : 0)) / sh);
          w = Math.ceil((w - (valid ? kw - 1 : 0)) / sw);
        }
        parameters = kh * kw * c * out + out * (layer.norm ? 2 : 1);
        own = h * w * kh * kw * c * out;
        c = out;
      } else if (layer.op === "norm") {
        Object.assign(at, norm(c));
        parameters = 2 * c;
      } else if (layer.op === "pool") {
        [h, w] = [Math.floor(h / layer.size[0]), Math.floor(w / layer.size[1])];
      } else if (layer.op === "flatten") {
        [h, w, c] = [1, 1, h * w * c];
        flat = true;
      } else if (layer.op === "add" || layer.op === "concat") {
        const other = find(layer.with);
        const own = layer.op === "add" ? [h, w, c] : [h, w];
        if (own.some((d, i) => d !== other[i])) {
          throw new Error(
            `Layer ${number + 1} cannot ${layer.op} ${layer.with} (${other.join(" x ")}) to ${[h, w, c].join(" x ")}`,
          );
        }
        if (layer.op === "concat") c += other[2];
      } else if (layer.op === "upsample") {
        [h, w] = [h * layer.by, w * layer.by];
      } else if (layer.op === "from") {
        [h, w, c] = find(layer.layer);
      } else if (layer.op === "context") {
        const width = c;
        at.filter = variable(() => tf.truncatedNormal([1, 1, 2 * width, width], 0, deviation(2 * width), "float32", s));
        at.bias = variable(() => tf.zeros([width]));
        // Gates and biases of nothing: the layer begins as the identity.
        at.outer = [variable(() => tf.zeros([1, 1, width, 2 * width])), variable(() => tf.zeros([2 * width]))];
        parameters = 4 * c * c + 3 * c;
        own = 4 * c * c;
      } else if (layer.op === "layernorm") {
        const width = c;
        Object.assign(at, { gamma: variable(() => tf.ones([width])), beta: variable(() => tf.zeros([width])) });
        parameters = 2 * c;
      } else if (layer.op === "attention") {
        const width = c;
        if (h !== 1 || c % layer.heads !== 0) {
          throw new Error(
            `Layer ${
              number + 1
            }: attention with ${layer.heads} heads wants one row and channels that they share evenly, ` +
              `not ${h} x ${w} x ${c}`,
          );
        }
        const dense = (out: number, s: number, zero = false) =>
          variable(() =>
            zero
              ? tf.zeros([1, 1, width, out])
              : tf.truncatedNormal([1, 1, width, out], 0, Math.sqrt(1 / width), "float32", s)
          );
        at.filter = dense(3 * c, s);
        at.bias = variable(() => tf.zeros([3 * width]));
        at.outer = [dense(c, s + 500, layer.zero), variable(() => tf.zeros([width]))];
        parameters = 4 * c * c + 4 * c;
        own = w * (4 * c * c + 2 * c * Math.min(w, 2 * layer.window + 1));
      } else if (layer.op === "depthwise") {
        const [[kh, kw], width] = [layer.kernel, c];
        at.filter = variable(() => filter([kh, kw, width, 1], 2 * kh * kw, layer.zero));
        if (layer.norm) Object.assign(at, norm(c));
        else at.bias = variable(() => tf.zeros([width]));
        parameters = kh * kw * c + c * (layer.norm ? 2 : 1);
        own = h * w * c * kh * kw;
      }
      if (flat && (layer.op === "upsample" || layer.op === "context")) {
        throw new Error(`Layer ${number + 1}, ${layer.op}, wants a map: it cannot follow flatten`);
      }
      if (layer.name !== undefined) {
        if (named.has(layer.name)) throw new Error(`Two layers are named ${layer.name}`);
        named.set(layer.name, [h, w, c]);
      }
      macs += own;
      number++;
      this.index.push(at);
      this.summary.push(
        `${String(number).padStart(3)}  ${describe(layer).padEnd(34)}${`${h} x ${w} x ${c}`.padEnd(18)}` +
          `${parameters.toLocaleString("en").padStart(10)} parameters ${own.toLocaleString("en").padStart(14)} MACs`,
      );
    }
    this.macs = macs;
    this.ends = flat ? "flat" : h === 1 ? "frames" : "map";
    this.summary.push(
      `     parameters ${this.parameters.toLocaleString("en")} (and ${
        this.statistics.reduce((n, s) => n + s.length, 0).toLocaleString("en")
      } running statistics), MACs ${macs.toLocaleString("en")} for ${input.join(" x ")}`,
    );
  }

  get parameters(): number {
    return this.variables.reduce((n, v) => n + v.size, 0);
  }

  /** The layers that have weights, with the places of their variables and statistics, in order. */
  get parts(): { layer: number; variables: number[]; statistics: number[] }[] {
    const all = this.index.map(({ filter, bias, gamma, beta, stats, outer }, layer) => ({
      layer,
      variables: [filter, bias, gamma, beta, ...outer ?? []].filter((v) => v !== undefined).sort((a, b) => a - b),
      statistics: stats === undefined ? [] : [stats, stats + 1],
    }));
    return all.filter((p) => p.variables.length > 0);
  }

  /**
   * Forward pass with batch statistics and dropout; `seed` decides what is dropped. The caller disposes the statistics.
   * @param columns how many columns of each picture are a line; the rest is filling that attention leaves out.
   */
  train(x: tf.Tensor4D, seed: number, columns?: ArrayLike<number>): Pass {
    const statistics: tf.Tensor1D[] = [];
    const logits = this.run(x, (_, y, gamma, beta, relu) => {
      const n = fused.batchNorm(y, gamma, beta, EPSILON, relu);
      statistics.push(n.mean, n.variance);
      return n.y;
    }, { seed, columns });
    return { logits, statistics };
  }

  /** Forward pass with running statistics; `columns` as in {@linkcode Net.train}. */
  predict(x: tf.Tensor4D, columns?: ArrayLike<number>): tf.Tensor {
    return this.run(x, (i, y, gamma, beta, relu) => {
      const at = this.index[i].stats!;
      const [mean, variance] = [tf.tensor1d(this.statistics[at]), tf.tensor1d(this.statistics[at + 1])];
      const z = tf.batchNorm(y as tf.Tensor4D, mean, variance, beta as tf.Tensor1D, gamma as tf.Tensor1D, EPSILON);
      return relu ? tf.relu(z) : z;
    }, { columns });
  }

  private run(
    x: tf.Tensor4D,
    normalise: (layer: number, y: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, relu: boolean) => tf.Tensor,
    { seed, columns }: { seed?: number; columns?: ArrayLike<number> } = {},
  ): tf.Tensor {
    const n = x.shape[0];
    const named = new Map<string, tf.Tensor4D>();
    let y: tf.Tensor4D = x;
    this.layers.forEach((layer, i) => {
      const { filter, bias, gamma, beta } = this.index[i];
      if (layer.op === "depthwise") {
        const depthwise: tf.Tensor4D = tf.depthwiseConv2d(
          y,
          this.variables[filter!] as unknown as tf.Tensor4D,
          1,
          "same",
        );
        if (layer.norm) {
          y = normalise(i, depthwise, this.variables[gamma!], this.variables[beta!], !!layer.relu) as tf.Tensor4D;
        } else {
          y = tf.add(depthwise, this.variables[bias!]);
          if (layer.relu) y = tf.relu(y);
        }
      } else if (layer.op === "conv" || layer.op === "dense") {
        const w = this.variables[filter!] as unknown as tf.Tensor4D;
        const b = bias === undefined ? undefined : this.variables[bias] as unknown as tf.Tensor1D;
        const [stride, pad] = layer.op === "conv" ? [layer.stride ?? [1, 1], layer.pad ?? "same"] : [[1, 1], "valid"];
        y = fused.conv(y, w, b, stride as [number, number], pad as "same", !!layer.relu && !layer.norm);
        if (layer.norm) {
          y = normalise(i, y, this.variables[gamma!], this.variables[beta!], !!layer.relu) as tf.Tensor4D;
        }
      } else if (layer.op === "norm") {
        y = normalise(i, y, this.variables[gamma!], this.variables[beta!], false) as tf.Tensor4D;
      } else if (layer.op === "pool") {
        y = tf.maxPool(y, layer.size, layer.size, "valid");
      } else if (layer.op === "dropout") {
        if (seed !== undefined && layer.rate > 0) y = fused.dropout(y, layer.rate, hash(seed, i)) as tf.Tensor4D;
      } else if (layer.op === "flatten") {
        // One long row of samples: a dense layer is then a 1 x 1 convolution that fills whole tiles.
        y = tf.reshape(y, [1, 1, n, y.size / n]);
      } else if (layer.op === "add") y = maps.add(y, named.get(layer.with)!, !!layer.relu);
      else if (layer.op === "concat") y = maps.concat(y, named.get(layer.with)!);
      else if (layer.op === "upsample") y = maps.upsample(y, layer.by);
      else if (layer.op === "from") y = named.get(layer.layer)!;
      else if (layer.op === "layernorm") {
        const [scale, shift] = [gamma!, beta!].map((v) => this.variables[v] as unknown as tf.Tensor1D);
        y = frames.layerNorm(y, scale, shift);
      } else if (layer.op === "attention") {
        const lengths = columns && Int32Array.from(columns, (c) => lengthAt(c, x.shape[2], y.shape[2]));
        const [inner, outer] = this.denses(i);
        const seen = frames.attention(
          inner(y, false),
          lengths && tf.tensor1d(lengths, "int32"),
          layer.heads,
          layer.window,
        );
        y = outer(seen);
      } else y = this.context(y, i);
      if (layer.name !== undefined) named.set(layer.name, y);
    });
    const [, h, w, k] = y.shape;
    if (this.ends === "flat") return tf.reshape(y, [n, k]);
    if (this.ends === "map") return y;
    if (h !== 1) throw new Error(`A line net must end with one row, not ${h}: check its pooling`);
    return tf.reshape(y, [n, w, k]);
  }

  /** Gates and shifts each channel of `y` by what the whole picture holds. */
  private context(y: tf.Tensor4D, layer: number): tf.Tensor4D {
    const [n, , , c] = y.shape;
    const [inner, outer] = this.denses(layer);
    const pooled = tf.reshape(maps.contextPool(y), [1, 1, n, 2 * c]) as tf.Tensor4D;
    return maps.gate(y, tf.reshape(outer(inner(pooled, true)), [n, 2 * c]));
  }

  /** The inner and the outer dense layer of a context or attention. */
  private denses(layer: number) {
    const { filter, bias, outer } = this.index[layer];
    const dense = (w: number, b: number) => (x: tf.Tensor4D, relu = false) =>
      fused.conv(
        x,
        this.variables[w] as unknown as tf.Tensor4D,
        this.variables[b] as unknown as tf.Tensor1D,
        [1, 1],
        "valid",
        relu,
      );
    return [dense(filter!, bias!), dense(...outer!)];
  }

  /** Moves running statistics towards those of a batch, in the order that `train` gives them. */
  track(batch: Float32Array[], momentum: number): void {
    this.statistics.forEach((s, i) => {
      for (let j = 0; j < s.length; j++) s[j] = momentum * s[j] + (1 - momentum) * batch[i][j];
    });
  }

  /** What a model file holds of a layer: the ends of the tensors' names, their shapes, and the variables that they are as they are. */
  private folded(i: number): [end: string, shape: number[], variable?: number][] {
    const { filter, bias, outer, gamma, beta, stats } = this.index[i];
    const whole = (end: string, v: number): [string, number[], number] => [end, this.variables[v].shape, v];
    const out: [string, number[], number?][] = [];
    if (filter !== undefined) out.push(whole("weights", filter));
    if (bias !== undefined) out.push(whole("bias", bias));
    if (outer) out.push(whole("outer.weights", outer[0]), whole("outer.bias", outer[1]));
    if (gamma === undefined) return out;
    const [g, b] = [gamma, beta!];
    if (stats === undefined) out.push(whole("scale", g), whole("shift", b));
    // A norm behind a filter is folded into it and leaves a bias; one by itself is kept as scale and shift.
    else if (this.layers[i].op === "norm") {
      out.push(["scale", this.variables[g].shape], ["shift", this.variables[b].shape]);
    } else out.push(["bias", this.variables[b].shape]);
    return out;
  }

  /**
   * Takes over the weights of a model file whose layers, in order, are all among this net's; other layers stay as they began. Batch
   * normalisation is folded there: each gets the statistics that it has on `x`, and the scale and shift with which it does what the
   * model does.
   * @returns the numbers of the layers, from 0, that the file does not hold.
   * @throws Error that names the first layer of the file that has no place in this net.
   */
  unfold(tensors: Record<string, { shape: number[]; data: Float32Array }>, x: tf.Tensor4D): number[] {
    const held = new Map<number, Map<string, { shape: number[]; data: Float32Array }>>();
    for (const [name, tensor] of Object.entries(tensors)) {
      const [, number, end] = name.match(/^layer(\d+)\.(.+)$/) ?? [];
      if (number === undefined) throw new Error(`${name} is no tensor of a layer`);
      if (!held.has(+number)) held.set(+number, new Map());
      held.get(+number)!.set(end, tensor);
    }
    const left = [...held].sort(([a], [b]) => a - b);
    const found = new Map<number, Map<string, { shape: number[]; data: Float32Array }>>();
    for (const { layer } of this.parts) {
      const wanted = this.folded(layer);
      const [, next] = left[0] ?? [];
      if (
        next?.size === wanted.length && wanted.every(([end, shape]) => next.get(end)?.shape.join() === shape.join())
      ) {
        found.set(layer, next);
        left.shift();
      }
    }
    if (left.length > 0 || held.size === 0) {
      const shapes = [...left[0]?.[1] ?? []].map(([end, { shape }]) => `${end} ${shape.join(" x ")}`).join(", ");
      throw new Error(
        `Layer ${left[0]?.[0] ?? 0} of the model file (${
          shapes || "empty"
        }) has no place in this net: another preset made it`,
      );
    }
    for (const [layer, all] of found) {
      for (const [end, , at] of this.folded(layer)) {
        if (at !== undefined) assign(this.variables[at], all.get(end)!.data);
      }
    }
    tf.tidy(() =>
      this.run(x, (i, y, gamma, beta, relu) => {
        const { mean, variance } = tf.moments(y as tf.Tensor4D, [0, 1, 2]);
        const [m, v] = [mean.dataSync() as Float32Array, variance.dataSync() as Float32Array];
        const at = this.index[i].stats!;
        this.statistics[at].set(m);
        this.statistics[at + 1].set(v);
        const all = found.get(i);
        if (all) {
          const scale = all.get("scale")?.data ?? new Float32Array(m.length).fill(1);
          const shift = all.get(this.layers[i].op === "norm" ? "shift" : "bias")!.data;
          assign(gamma as tf.Variable, scale.map((s, j) => s * Math.sqrt(v[j] + EPSILON)));
          assign(beta as tf.Variable, shift.map((b, j) => b + scale[j] * m[j]));
        }
        const z = tf.batchNorm(
          y as tf.Tensor4D,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          beta as tf.Tensor1D,
          gamma as tf.Tensor1D,
          EPSILON,
        );
        return relu ? tf.relu(z) : z;
      })
    );
    return this.parts.map((p) => p.layer).filter((layer) => !found.has(layer));
  }

  /**
   * The same values, but that every filter, folded, is made of numbers of 16 bits: then a model file may hold them as such, and
   * still does what the trainer does.
   */
  halved(values: Float32Array[]): Float32Array[] {
    const out = values.slice();
    this.index.forEach(({ filter, outer, gamma, stats }) => {
      if (filter !== undefined) {
        const scale = stats === undefined
          ? undefined
          : values[gamma!].map((g, j) => g / Math.sqrt(this.statistics[stats + 1][j] + EPSILON));
        out[filter] = values[filter].map((w, j) => {
          const s = scale ? scale[j % scale.length] : 1;
          return s === 0 ? w : Math.f16round(w * s) / s;
        });
      }
      if (outer) out[outer[0]] = values[outer[0]].map((w) => Math.f16round(w));
    });
    return out;
  }

  /** Layers and tensors for the runtime: batch normalisation folded into weights, or kept as scale and shift after a ReLU. */
  fold(values: Float32Array[] = this.variables.map((v) => v.dataSync() as Float32Array)): {
    layers: FoldedLayer[];
    tensors: Record<string, { shape: number[]; data: Float32Array }>;
  } {
    const layers: FoldedLayer[] = [];
    const tensors: Record<string, { shape: number[]; data: Float32Array }> = {};
    const affine = (i: number) => {
      const { gamma, beta, stats } = this.index[i];
      const [mean, variance] = [this.statistics[stats!], this.statistics[stats! + 1]];
      const scale = values[gamma!].map((g, j) => g / Math.sqrt(variance[j] + EPSILON));
      return { scale, shift: values[beta!].map((b, j) => b - mean[j] * scale[j]) };
    };
    /** Names of the layers as the folded ones have them: what is left out or folded away passes its name on. */
    const names = new Map<string, string>();
    const name = (given: string | undefined) => {
      const last = layers[layers.length - 1];
      if (given === undefined) return;
      if (!last) throw new Error(`${given} names the input, which no layer can go on from`);
      names.set(given, last.name ??= given);
    };
    let last: Extract<FoldedLayer, { op: "conv" }> | undefined;
    const put = (name: string, shape: number[], data: Float32Array) => {
      tensors[name] = { shape, data };
      return name;
    };
    const tensor = (at: number, name: string) => put(name, this.variables[at].shape, values[at].slice());
    this.layers.forEach((layer, i) => {
      if (layer.op === "conv" || layer.op === "dense" || layer.op === "depthwise") {
        const shape = this.variables[this.index[i].filter!].shape;
        let data = values[this.index[i].filter!].slice();
        let bias: Float32Array;
        if (layer.norm) {
          const { scale, shift } = affine(i);
          data = data.map((w, j) => w * scale[j % scale.length]);
          bias = shift;
        } else bias = values[this.index[i].bias!].slice();
        const weights = put(`layer${i}.weights`, shape, data);
        const own = { weights, bias: put(`layer${i}.bias`, [bias.length], bias) };
        if (layer.op === "depthwise") {
          layers.push({ op: "depthwise", ...own, relu: !!layer.relu });
          return name(layer.name);
        }
        last = {
          op: "conv",
          ...own,
          stride: layer.op === "conv" ? layer.stride ?? [1, 1] : [1, 1],
          pad: layer.op === "conv" ? layer.pad ?? "same" : "valid",
          relu: !!layer.relu,
        };
        layers.push(last);
      } else if (layer.op === "norm") {
        const { scale, shift } = affine(i);
        if (!last || layers[layers.length - 1] !== last || last.name) {
          throw new Error("A norm layer must follow a convolution without a name: it is folded into that");
        }
        last.scale = put(`layer${i}.scale`, [scale.length], scale);
        last.shift = put(`layer${i}.shift`, [shift.length], shift);
      } else if (layer.op === "context" || layer.op === "attention") {
        const { filter, bias, outer } = this.index[i];
        const dense = {
          weights: [tensor(filter!, `layer${i}.weights`), tensor(outer![0], `layer${i}.outer.weights`)],
          bias: [tensor(bias!, `layer${i}.bias`), tensor(outer![1], `layer${i}.outer.bias`)],
        } as { weights: [string, string]; bias: [string, string] };
        if (layer.op === "context") layers.push({ op: "context", ...dense });
        else layers.push({ op: "attention", ...dense, heads: layer.heads, window: layer.window });
      } else if (layer.op === "layernorm") {
        const { gamma, beta } = this.index[i];
        layers.push({
          op: "layernorm",
          scale: tensor(gamma!, `layer${i}.scale`),
          shift: tensor(beta!, `layer${i}.shift`),
        });
      } else if (layer.op === "pool") layers.push({ op: "pool", size: layer.size });
      else if (layer.op === "flatten") layers.push({ op: "flatten" });
      else if (layer.op === "add") layers.push({ op: "add", with: names.get(layer.with)!, relu: !!layer.relu });
      else if (layer.op === "concat") layers.push({ op: "concat", with: names.get(layer.with)! });
      else if (layer.op === "upsample") layers.push({ op: "upsample", by: layer.by });
      else if (layer.op === "from") layers.push({ op: "from", layer: names.get(layer.layer)! });
      name(layer.name);
    });
    return { layers, tensors };
  }
}

/** Frames that the first `columns` of `width` columns make in a map `frames` wide; at least one. */
function lengthAt(columns: number, width: number, frames: number): number {
  return Math.min(frames, Math.max(1, Math.floor(Math.min(columns, width) * frames / width)));
}

function hash(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}
