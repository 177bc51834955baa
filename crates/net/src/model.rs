//! The model file: safetensors whose metadata carries layers, alphabet and input contract; and the forward pass.

use crate::conv::{conv2d, conv2d_reference};
use crate::frames::Buffers;
use crate::layernorm::{layer_norm, layer_norm_reference};
use crate::layers::{self, Kernel, Layer, Op};
use crate::{lexicon, maps, second, winograd, winograd_rows};
use serde::Deserialize;
use std::collections::HashMap;

/// What is wrong with a model file.
#[derive(Debug, PartialEq)]
pub struct ModelError(pub String);

impl core::fmt::Display for ModelError {
    fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
        write!(f, "{}", self.0)
    }
}

pub(crate) fn fail<T>(what: impl Into<String>) -> Result<T, ModelError> {
    Err(ModelError(what.into()))
}

#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

/// The value of a number of 16 bits (IEEE 754 binary16).
pub(crate) fn from_half(bits: u16) -> f32 {
    let (sign, exponent, fraction) = ((bits >> 15) as u32, (bits >> 10 & 31) as u32, (bits & 1023) as u32);
    match exponent {
        // Below the normal ones, in steps of 2^-24.
        0 => fraction as f32 * 2f32.powi(-24) * if sign == 1 { -1.0 } else { 1.0 },
        31 => f32::from_bits(sign << 31 | 255 << 23 | fraction << 13),
        _ => f32::from_bits(sign << 31 | (exponent + 112) << 23 | fraction << 13),
    }
}

/// Sizes of a batch between layers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    pub n: usize,
    pub h: usize,
    pub w: usize,
    pub c: usize,
}

impl Size {
    pub fn values(&self) -> usize {
        self.n * self.h * self.w * self.c
    }
    /// Pixels of one picture.
    pub fn pixels(&self) -> usize {
        self.h * self.w
    }
}

/// A loaded network. Weights are packed once; `run` keeps its buffers between calls.
pub struct Model {
    pub metadata: HashMap<String, String>,
    pub(crate) layers: Vec<Layer>,
    /// The buffer that each layer's output goes to: no more are used than outputs are needed at a time.
    places: Vec<usize>,
    buffers: Vec<Vec<f32>>,
    padded: Vec<f32>,
    scratch: winograd::Scratch,
    frames: Buffers,
}

/// What a model file of lines holds.
pub struct LineModel {
    pub first: Model,
    /// Another net of the same layers, which is stored as what its weights differ by: see [`second`].
    pub second: Option<Model>,
    /// Bytes of its words: see [`lexicon::unpack`].
    pub words: Option<Vec<u8>>,
}

/// Largest header that is believed.
const MOST_HEADER: usize = 1 << 20;

/// Tensors by name, with their shapes.
pub(crate) type Tensors = HashMap<String, (Vec<usize>, Vec<f32>)>;

/// What a model file holds.
struct File {
    metadata: HashMap<String, String>,
    tensors: Tensors,
    /// Tensors of bytes.
    packed: HashMap<String, Vec<u8>>,
}

impl File {
    fn parse(bytes: &[u8]) -> Result<Self, ModelError> {
        let head: [u8; 8] = match bytes.get(..8) {
            Some(h) => h.try_into().expect("eight bytes"),
            None => return fail(format!("the model file has only {} bytes", bytes.len())),
        };
        let length = u64::from_le_bytes(head) as usize;
        if length > MOST_HEADER || length > bytes.len() - 8 {
            return fail(format!("not a safetensors file, or cut off: a header of {length} bytes in a file of {}", bytes.len()));
        }
        let mut header: HashMap<String, serde_json::Value> = match serde_json::from_slice(&bytes[8..8 + length]) {
            Ok(h) => h,
            Err(e) => return fail(format!("the model's header is not JSON: {e}")),
        };
        let metadata: HashMap<String, String> =
            header.remove("__metadata__").and_then(|m| serde_json::from_value(m).ok()).unwrap_or_default();
        match metadata.get("format").map(String::as_str) {
            Some("scrawl-1") => {}
            other => {
                return fail(format!("the model's format is {}, this version reads scrawl-1", other.unwrap_or("not stated")))
            }
        }
        let (mut tensors, mut packed) = (HashMap::new(), HashMap::new());
        // Each tensor is copied: many of the same bytes would be more than the file.
        let mut left = bytes.len() - 8 - length;
        for (name, value) in header {
            let Ok(e) = serde_json::from_value::<Entry>(value) else { return fail(format!("tensor {name} is not described")) };
            let [from, to] = e.data_offsets;
            let count = e.shape.iter().try_fold(1usize, |a, &b| a.checked_mul(b));
            let each = match e.dtype.as_str() {
                "F32" => 4,
                "F16" => 2,
                "U8" => 1,
                other => return fail(format!("tensor {name} is of {other}; F32, F16 and U8 are known")),
            };
            let whole = count.and_then(|c| c.checked_mul(each)).is_some_and(|b| from <= to && to - from == b);
            if !whole || to > bytes.len() - 8 - length {
                return fail(format!("tensor {name} is cut off"));
            }
            let Some(rest) = left.checked_sub(to - from) else { return fail(format!("tensor {name} and others overlap")) };
            left = rest;
            let raw = &bytes[8 + length + from..8 + length + to];
            let data: Vec<f32> = match each {
                1 => {
                    packed.insert(name, raw.to_vec());
                    continue;
                }
                4 => raw.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
                _ => raw.chunks_exact(2).map(|b| from_half(u16::from_le_bytes([b[0], b[1]]))).collect(),
            };
            if let Some(at) = data.iter().position(|v| !v.is_finite()) {
                return fail(format!("tensor {name} holds {} at {at}: it comes from a run that diverged", data[at]));
            }
            tensors.insert(name, (e.shape, data));
        }
        Ok(Self { metadata, tensors, packed })
    }
}

/// The layers as the metadata describe them.
fn described(metadata: &HashMap<String, String>) -> Result<&str, ModelError> {
    match metadata.get("layers") {
        Some(layers) => Ok(layers),
        None => fail("the model file names no layers"),
    }
}

/// What the metadata of a model file may say.
const KEYS: [&str; 13] = [
    "activations",
    "format",
    "task",
    "preset",
    "input",
    "layers",
    "alphabet",
    "kinds",
    "contract",
    "temperature",
    "refuse",
    "printBias",
    "lineConfidence",
];

/// Refuses metadata with a key that nothing knows: what it asks for would be left undone without a word.
fn known(metadata: &HashMap<String, String>) -> Result<(), ModelError> {
    match metadata.keys().filter(|k| !KEYS.contains(&k.as_str())).min() {
        Some(key) => fail(format!("the model file's metadata say {key}, which nothing here knows")),
        None => Ok(()),
    }
}

impl Model {
    /// A number of the metadata, or what it is where the file says nothing.
    /// # Errors
    /// Where it is no finite number.
    pub fn number(&self, key: &str, default: f32) -> Result<f32, ModelError> {
        let Some(text) = self.metadata.get(key) else { return Ok(default) };
        match text.trim().parse::<f32>() {
            Ok(n) if n.is_finite() => Ok(n),
            _ => fail(format!("the model file's {key} is no number: {text}")),
        }
    }

    /// By what logits are divided.
    /// # Errors
    /// Where that is no number above 0.
    pub fn temperature(&self) -> Result<f32, ModelError> {
        match self.number("temperature", 1.0)? {
            t if t > 0.0 => Ok(t),
            t => fail(format!("the model file's temperature is not above 0: {t}")),
        }
    }

    /// Reads a `scrawl-1` model. Fails on anything that is cut off, of another version, or does not fit together.
    pub fn load(bytes: &[u8]) -> Result<Self, ModelError> {
        let File { metadata, tensors, .. } = File::parse(bytes)?;
        known(&metadata)?;
        let layers = layers::read(described(&metadata)?, &tensors)?;
        Ok(Self::of(metadata, layers))
    }

    /// Reads a model of lines.
    pub fn load_line(bytes: &[u8]) -> Result<LineModel, ModelError> {
        let File { metadata, tensors, mut packed } = File::parse(bytes)?;
        known(&metadata)?;
        let read = |tensors: &Tensors| layers::read(described(&metadata)?, tensors);
        let differences = packed.get(second::NAME);
        let second = differences
            .map(|d| Ok::<_, ModelError>(Self::of(HashMap::new(), read(&second::unpack(&tensors, d)?)?)))
            .transpose()?;
        let layers = read(&tensors)?;
        Ok(LineModel { first: Self::of(metadata, layers), second, words: packed.remove(lexicon::NAME) })
    }

    fn of(metadata: HashMap<String, String>, layers: Vec<Layer>) -> Self {
        let places = places(&layers);
        let buffers = vec![Vec::new(); places.iter().max().map_or(1, |m| m + 1)];
        Self { metadata, layers, places, buffers, padded: Vec::new(), scratch: Default::default(), frames: Buffers::default() }
    }

    /// Logits of a batch, `[n][h][w][c]` in and what the last layer makes out.
    /// Fails where a layer does not fit what comes before it.
    pub fn run(&mut self, x: &[f32], size: Size) -> Result<(&[f32], Size), ModelError> {
        self.run_lines(x, size, None)
    }

    /// [`Model::run`] for pictures that are lines of so many columns each, the rest filling that no frame may look at.
    pub fn run_lines(&mut self, x: &[f32], size: Size, columns: Option<&[usize]>) -> Result<(&[f32], Size), ModelError> {
        if x.len() != size.values() {
            return fail(format!("{} values are no input of {} x {} x {} x {}", x.len(), size.n, size.h, size.w, size.c));
        }
        if columns.is_some_and(|c| c.len() != size.n) {
            return fail(format!("{} pictures want as many widths", size.n));
        }
        let mut sizes = vec![size];
        // Outputs by number: those before the first layer that makes any are the input itself.
        let mut sources: Vec<Option<usize>> = vec![None];
        for (layer, &place) in self.layers.iter().zip(&self.places) {
            let (s, with) = (sizes[layer.input], layer.with.map(|w| sizes[w]));
            let next = layer.size(s, with)?;
            let from = sources[layer.input];
            sizes.push(next);
            if layer.is_view() {
                sources.push(from);
                continue;
            }
            sources.push(Some(place));
            let mut own = core::mem::take(&mut self.buffers[place]);
            if own.len() < next.values() {
                own.resize(next.values(), 0.0);
            }
            let in_place = from == Some(place);
            let at = |source: Option<usize>, s: Size| match source {
                Some(p) => &self.buffers[p][..s.values()],
                None => &x[..s.values()],
            };
            let input = if in_place { &[] } else { at(from, s) };
            let to = &mut own[..next.values()];
            match &layer.op {
                Op::Conv(c) => {
                    let (shape, e) = c.plan(s)?;
                    match &c.kernel {
                        Kernel::Direct(packed) => conv2d(input, packed, to, &shape, &e, &mut self.padded),
                        Kernel::Winograd(w) => winograd::conv2d(input, w, to, &shape, &e, &mut self.scratch),
                        Kernel::WinogradRows(w) => winograd_rows::conv2d(input, w, to, &shape, &e, &mut self.scratch),
                    }
                }
                Op::Pool(k) => max_pool(input, to, s, *k),
                Op::Upsample(by) => maps::upsample(input, to, s.w, s.c, *by),
                Op::Add { relu } => {
                    let other = layer.with.map_or(&[][..], |w| at(sources[w], s));
                    if in_place {
                        maps::add_to(to, other, *relu);
                    } else {
                        maps::add(input, other, to, *relu);
                    }
                }
                Op::Concat => {
                    let (w, o) = layer.with.map_or((0, s), |w| (w, sizes[w]));
                    maps::concat(input, s.c, at(sources[w], o), o.c, to);
                }
                Op::Context(c) => {
                    if !in_place {
                        to.copy_from_slice(input);
                    }
                    let mut pooled = vec![0.0; s.n * 2 * s.c];
                    maps::context_pool(to, &mut pooled, s.pixels(), s.c);
                    maps::gate_to(to, &c.gates(&pooled), s.pixels(), s.c);
                }
                Op::LayerNorm { scale, shift } => layer_norm(input, scale, shift, to),
                Op::Attention(a) => a.run(input, frames(columns, size, s).as_deref(), to, s, &mut self.frames),
                Op::Depthwise(d) => d.run(input, to, s),
                Op::Flatten | Op::From => unreachable!("views make nothing"),
            }
            self.buffers[place] = own;
        }
        let (Some(&last), Some(&s)) = (sources.last(), sizes.last()) else { unreachable!("the input is there") };
        let place = last.unwrap_or_else(|| {
            self.buffers[0].clear();
            self.buffers[0].extend_from_slice(x);
            0
        });
        Ok((&self.buffers[place][..s.values()], s))
    }

    /// Slow judge of [`Model::run_lines`].
    pub fn run_lines_reference(&self, x: &[f32], size: Size, columns: Option<&[usize]>) -> Result<Vec<f32>, ModelError> {
        self.run_watched(x, size, columns, |_| {})
    }

    /// Slow judge of [`Model::run`].
    pub fn run_reference(&self, x: &[f32], size: Size) -> Result<Vec<f32>, ModelError> {
        self.run_watched(x, size, None, |_| {})
    }

    /// Smallest and largest value that each convolution takes in, in their order: what quantisation has to cover.
    pub fn ranges(&self, x: &[f32], size: Size) -> Result<Vec<[f32; 2]>, ModelError> {
        let mut out = Vec::new();
        self.run_watched(x, size, None, |v| {
            out.push(v.iter().fold([f32::INFINITY, f32::NEG_INFINITY], |[l, h], &v| [l.min(v), h.max(v)]));
        })?;
        Ok(out)
    }

    /// All outputs, kept to the end, each value by its definition.
    fn run_watched(
        &self,
        x: &[f32],
        size: Size,
        columns: Option<&[usize]>,
        mut watch: impl FnMut(&[f32]),
    ) -> Result<Vec<f32>, ModelError> {
        let mut outputs = vec![(x.to_vec(), size)];
        for layer in &self.layers {
            let (v, s) = &outputs[layer.input];
            let with = layer.with.map(|w| &outputs[w]);
            let next = layer.size(*s, with.map(|w| w.1))?;
            let pixel = |v: &[f32], n: usize, y: usize, x: usize, i: usize| v[((n * s.h + y) * s.w + x) * s.c + i];
            let each = |f: &dyn Fn(usize, usize, usize, usize) -> f32| -> Vec<f32> {
                let at = |p: usize| (p / next.c / next.pixels(), p / next.c / next.w % next.h, p / next.c % next.w, p % next.c);
                (0..next.values()).map(at).map(|(n, y, x, i)| f(n, y, x, i)).collect()
            };
            let out = match &layer.op {
                Op::Conv(c) => {
                    watch(v);
                    let (shape, e) = c.plan(*s)?;
                    conv2d_reference(v, &c.weights, &shape, &e)
                }
                Op::Pool(k) => {
                    let mut out = vec![0.0; next.values()];
                    max_pool(v, &mut out, *s, *k);
                    out
                }
                Op::Flatten | Op::From => v.clone(),
                Op::Upsample(by) => each(&|n, y, x, i| pixel(v, n, y / by, x / by, i)),
                Op::Add { relu } => {
                    let sum = v.iter().zip(with.map_or(&[][..], |w| &w.0)).map(|(a, b)| a + b);
                    sum.map(|v| if *relu { v.max(0.0) } else { v }).collect()
                }
                Op::Concat => {
                    let (o, oc) = with.map_or((&[][..], 0), |w| (&w.0, w.1.c));
                    let other = |n: usize, y: usize, x: usize, i: usize| o[((n * s.h + y) * s.w + x) * oc + i];
                    each(&|n, y, x, i| if i < s.c { pixel(v, n, y, x, i) } else { other(n, y, x, i - s.c) })
                }
                Op::Context(c) => {
                    let of = |n: usize, i: usize| (0..s.pixels()).map(move |p| v[(n * s.pixels() + p) * s.c + i]);
                    let pooled: Vec<f32> = (0..s.n)
                        .flat_map(|n| (0..2 * s.c).map(move |i| (n, i)))
                        .map(|(n, i)| match i < s.c {
                            true => (of(n, i).map(f64::from).sum::<f64>() / s.pixels() as f64) as f32,
                            false => of(n, i - s.c).fold(f32::NEG_INFINITY, f32::max),
                        })
                        .collect();
                    let gates = c.gates(&pooled);
                    let of = |n: usize, i: usize| (maps::opening(gates[n * 2 * s.c + i]), gates[n * 2 * s.c + s.c + i]);
                    each(&|n, y, x, i| pixel(v, n, y, x, i) * of(n, i).0 + of(n, i).1)
                }
                Op::LayerNorm { scale, shift } => layer_norm_reference(v, scale, shift),
                Op::Attention(a) => a.reference(v, frames(columns, size, *s).as_deref(), *s),
                Op::Depthwise(d) => each(&|n, y, x, i| d.value(v, *s, [n, y, x, i])),
            };
            outputs.push((out, next));
        }
        Ok(outputs.pop().map_or(Vec::new(), |o| o.0))
    }
}

/// Frames of each line at a layer whose map is `s`, from its columns of the input.
fn frames(columns: Option<&[usize]>, input: Size, s: Size) -> Option<Vec<usize>> {
    columns.map(|c| c.iter().map(|&c| (c.min(input.w) * s.w / input.w).clamp(1, s.w)).collect())
}

/// A buffer for each layer's output such that none is written over while it is needed. A view has its input's buffer; so has a layer
/// that works in place, if nothing needs the input any more.
fn places(layers: &[Layer]) -> Vec<usize> {
    // Views share values: the output that holds them stands for all.
    let mut root: Vec<usize> = vec![0];
    for (i, l) in layers.iter().enumerate() {
        root.push(if l.is_view() { root[l.input] } else { i + 1 });
    }
    let mut last: Vec<usize> = (0..=layers.len()).map(|v| v.saturating_sub(1)).collect();
    for (i, l) in layers.iter().enumerate() {
        for v in [Some(l.input), l.with].into_iter().flatten() {
            last[root[v]] = i;
        }
    }
    last[root[layers.len()]] = usize::MAX;
    let mut of: Vec<Option<usize>> = vec![None; layers.len() + 1];
    let (mut free, mut count) = (Vec::new(), 0);
    for (i, l) in layers.iter().enumerate() {
        let input = root[l.input];
        let shared = l.with.is_some_and(|w| root[w] == input);
        if !l.is_view() {
            let kept = of[input].filter(|_| l.is_in_place() && last[input] == i && !shared);
            of[i + 1] = kept.or_else(|| free.pop()).or_else(|| {
                count += 1;
                Some(count - 1)
            });
        }
        for v in 0..=i + 1 {
            let taken = v <= i && of[v] == of[root[i + 1]];
            if root[v] == v && last[v] == i && !taken {
                free.extend(of[v]);
            }
        }
    }
    (1..=layers.len()).map(|v| of[root[v]].unwrap_or(0)).collect()
}

fn max_pool(x: &[f32], y: &mut [f32], s: Size, [kh, kw]: [usize; 2]) {
    let (oh, ow) = (s.h / kh, s.w / kw);
    for n in 0..s.n {
        for oy in 0..oh {
            for ox in 0..ow {
                let out = &mut y[((n * oh + oy) * ow + ox) * s.c..][..s.c];
                for ky in 0..kh {
                    for kx in 0..kw {
                        let from = &x[((n * s.h + oy * kh + ky) * s.w + ox * kw + kx) * s.c..][..s.c];
                        if ky + kx == 0 {
                            out.copy_from_slice(from);
                        } else {
                            out.iter_mut().zip(from).for_each(|(a, &b)| *a = if *a < b { b } else { *a });
                        }
                    }
                }
            }
        }
    }
}
