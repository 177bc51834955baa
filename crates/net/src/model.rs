//! The model file: safetensors whose metadata carries layers, alphabet and input contract; and the forward pass.

use crate::conv::{conv2d, conv2d_reference, ConvShape};
use crate::gemm::{pack, Epilogue};
use crate::int8::{Conv8, Quant};
use crate::winograd;
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
#[serde(tag = "op", rename_all = "lowercase")]
enum Described {
    Conv { weights: String, bias: String, scale: Option<String>, shift: Option<String>, stride: [usize; 2], pad: Pad, relu: bool },
    Pool { size: [usize; 2] },
    Flatten,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Pad {
    Same,
    Valid,
}

#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

/// How a layer is computed, with its weights made ready for that.
enum Kernel {
    Direct(Vec<f32>),
    Winograd(winograd::Weights),
}

pub(crate) struct Conv {
    kh: usize,
    kw: usize,
    c: usize,
    oc: usize,
    stride: [usize; 2],
    pad: Pad,
    relu: bool,
    /// HWIO, kept for the slow judge and for quantisation.
    weights: Vec<f32>,
    kernel: Kernel,
    bias: Vec<f32>,
    affine: Option<(Vec<f32>, Vec<f32>)>,
}

pub(crate) enum Layer {
    Conv(Conv),
    Pool([usize; 2]),
    Flatten,
}

/// Sizes of a batch between layers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    pub n: usize,
    pub h: usize,
    pub w: usize,
    pub c: usize,
}

/// A loaded network. Weights are packed once; `run` keeps its buffers between calls.
pub struct Model {
    pub metadata: HashMap<String, String>,
    pub(crate) layers: Vec<Layer>,
    buffers: [Vec<f32>; 2],
    padded: Vec<f32>,
    scratch: winograd::Scratch,
}

/// Largest header that is believed: ours has 4 KB.
const MOST_HEADER: usize = 1 << 20;

impl Model {
    /// A number of the metadata, or what it is where the file says nothing.
    pub fn number(&self, key: &str, default: f32) -> f32 {
        self.metadata.get(key).and_then(|t| t.parse().ok()).unwrap_or(default)
    }

    /// Reads a `scrawl-1` model. Fails on anything that is cut off, of another version, or does not fit together.
    pub fn load(bytes: &[u8]) -> Result<Self, ModelError> {
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
        let mut tensors = HashMap::new();
        // Each tensor is copied: many of the same bytes would be more than the file.
        let mut left = bytes.len() - 8 - length;
        for (name, value) in header {
            let Ok(e) = serde_json::from_value::<Entry>(value) else { return fail(format!("tensor {name} is not described")) };
            let [from, to] = e.data_offsets;
            let count = e.shape.iter().try_fold(1usize, |a, &b| a.checked_mul(b));
            let whole = count.and_then(|c| c.checked_mul(4)).is_some_and(|b| from <= to && to - from == b);
            if e.dtype != "F32" || !whole || to > bytes.len() - 8 - length {
                return fail(format!("tensor {name} is cut off or not F32"));
            }
            let Some(rest) = left.checked_sub(to - from) else { return fail(format!("tensor {name} and others overlap")) };
            left = rest;
            let raw = &bytes[8 + length + from..8 + length + to];
            let data: Vec<f32> = raw.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
            tensors.insert(name, (e.shape, data));
        }
        let described: Vec<Described> = match metadata.get("layers").map(|l| serde_json::from_str(l)) {
            Some(Ok(l)) => l,
            Some(Err(e)) => return fail(format!("the model's layers cannot be read: {e}")),
            None => return fail("the model file names no layers"),
        };
        let take = |name: &str| match tensors.get(name) {
            Some(t) => Ok(t.clone()),
            None => fail(format!("the model file lacks tensor {name}")),
        };
        let vector = |name: &str, n: usize| -> Result<Vec<f32>, ModelError> {
            let (_, v) = take(name)?;
            if v.len() == n {
                Ok(v)
            } else {
                fail(format!("tensor {name} has {} values, its layer wants {n}", v.len()))
            }
        };
        let mut layers = Vec::new();
        for d in described {
            layers.push(match d {
                Described::Conv { weights, bias, scale, shift, stride, pad, relu } => {
                    let (shape, w) = take(&weights)?;
                    let [kh, kw, c, oc] = shape[..] else { return fail(format!("tensor {weights} has not four axes")) };
                    if [kh, kw, c, oc, stride[0], stride[1]].contains(&0) {
                        return fail(format!("tensor {weights} or its stride is empty"));
                    }
                    let affine = match (scale, shift) {
                        (Some(s), Some(t)) => Some((vector(&s, oc)?, vector(&t, oc)?)),
                        _ => None,
                    };
                    Layer::Conv(Conv {
                        kh,
                        kw,
                        c,
                        oc,
                        stride,
                        pad,
                        relu,
                        kernel: if winograd::fits(kh, kw, stride, c, oc) {
                            Kernel::Winograd(winograd::Weights::new(&w, c, oc))
                        } else {
                            Kernel::Direct(pack(&w, kh * kw * c, oc))
                        },
                        weights: w,
                        bias: vector(&bias, oc)?,
                        affine,
                    })
                }
                Described::Pool { size } if size[0] > 0 && size[1] > 0 => Layer::Pool(size),
                Described::Pool { .. } => return fail("a pool of no size"),
                Described::Flatten => Layer::Flatten,
            });
        }
        Ok(Self { metadata, layers, buffers: Default::default(), padded: Vec::new(), scratch: Default::default() })
    }

    /// Logits of a batch, `[n][h][w][c]` in and what the last layer makes out.
    /// Fails where a layer does not fit what comes before it.
    pub fn run(&mut self, x: &[f32], size: Size) -> Result<(&[f32], Size), ModelError> {
        let [mut from, mut to] = core::mem::take(&mut self.buffers);
        from.clear();
        from.extend_from_slice(x);
        let mut s = size;
        for layer in &self.layers {
            match layer {
                Layer::Conv(c) => {
                    let (shape, e) = c.plan(s)?;
                    s = Size { h: shape.oh, w: shape.ow, c: shape.oc, ..s };
                    to.resize(s.n * s.h * s.w * s.c, 0.0);
                    match &c.kernel {
                        Kernel::Direct(packed) => conv2d(&from, packed, &mut to, &shape, &e, &mut self.padded),
                        Kernel::Winograd(w) => winograd::conv2d(&from, w, &mut to, &shape, &e, &mut self.scratch),
                    }
                    core::mem::swap(&mut from, &mut to);
                }
                Layer::Pool(size) => {
                    let next = pooled(s, *size)?;
                    to.resize(next.n * next.h * next.w * next.c, 0.0);
                    max_pool(&from, &mut to, s, *size);
                    s = next;
                    core::mem::swap(&mut from, &mut to);
                }
                Layer::Flatten => s = Size { n: 1, h: 1, w: s.n, c: s.h * s.w * s.c },
            }
        }
        let used = s.n * s.h * s.w * s.c;
        self.buffers = [from, to];
        Ok((&self.buffers[0][..used], s))
    }

    /// Slow judge of [`Model::run`].
    pub fn run_reference(&self, x: &[f32], size: Size) -> Result<Vec<f32>, ModelError> {
        self.run_watched(x, size, |_| {})
    }

    /// Smallest and largest value that each convolution takes in, in their order: what quantisation has to cover.
    pub fn ranges(&self, x: &[f32], size: Size) -> Result<Vec<[f32; 2]>, ModelError> {
        let mut out = Vec::new();
        self.run_watched(x, size, |v| {
            out.push(v.iter().fold([f32::INFINITY, f32::NEG_INFINITY], |[l, h], &v| [l.min(v), h.max(v)]));
        })?;
        Ok(out)
    }

    fn run_watched(&self, x: &[f32], size: Size, mut watch: impl FnMut(&[f32])) -> Result<Vec<f32>, ModelError> {
        let (mut v, mut s) = (x.to_vec(), size);
        for layer in &self.layers {
            match layer {
                Layer::Conv(c) => {
                    watch(&v);
                    let (shape, e) = c.plan(s)?;
                    v = conv2d_reference(&v, &c.weights, &shape, &e);
                    s = Size { h: shape.oh, w: shape.ow, c: shape.oc, ..s };
                }
                Layer::Pool(size) => {
                    let next = pooled(s, *size)?;
                    let mut out = vec![0.0; next.n * next.h * next.w * next.c];
                    max_pool(&v, &mut out, s, *size);
                    (v, s) = (out, next);
                }
                Layer::Flatten => s = Size { n: 1, h: 1, w: s.n, c: s.h * s.w * s.c },
            }
        }
        Ok(v)
    }
}

impl Conv {
    /// Its weights in integers, for activations that became bytes as `input` says.
    pub(crate) fn quantised(&self, input: Quant) -> Conv8 {
        let affine = self.affine.as_ref().map(|(a, b)| (&a[..], &b[..]));
        Conv8::new(&self.weights, [self.kh, self.kw, self.c, self.oc], self.stride, &self.bias, self.relu, affine, input)
    }

    pub(crate) fn plan(&self, s: Size) -> Result<(ConvShape, Epilogue<'_>), ModelError> {
        if s.c != self.c {
            return fail(format!("a layer takes {} channels and gets {}", self.c, s.c));
        }
        let axis = |len: usize, k: usize, stride: usize| -> Option<(usize, usize)> {
            match self.pad {
                Pad::Valid => Some(((len + 1).checked_sub(k)?.div_ceil(stride), 0)),
                Pad::Same => {
                    let out = len.div_ceil(stride);
                    Some((out, ((out.max(1) - 1) * stride + k).saturating_sub(len) / 2))
                }
            }
        };
        let (Some((oh, top)), Some((ow, left))) = (axis(s.h, self.kh, self.stride[0]), axis(s.w, self.kw, self.stride[1])) else {
            return fail(format!("a picture of {} x {} is too small for this model", s.h, s.w));
        };
        if oh == 0 || ow == 0 {
            return fail(format!("a picture of {} x {} is too small for this model", s.h, s.w));
        }
        let shape = ConvShape {
            n: s.n,
            h: s.h,
            w: s.w,
            c: s.c,
            kh: self.kh,
            kw: self.kw,
            oc: self.oc,
            sh: self.stride[0],
            sw: self.stride[1],
            top,
            left,
            oh,
            ow,
        };
        let affine = self.affine.as_ref().map(|(a, b)| (&a[..], &b[..]));
        Ok((shape, Epilogue { bias: Some(&self.bias), relu: self.relu, affine }))
    }
}

pub(crate) fn pooled(s: Size, size: [usize; 2]) -> Result<Size, ModelError> {
    if s.h < size[0] || s.w < size[1] {
        return fail(format!("a picture of {} x {} is too small for this model", s.h, s.w));
    }
    Ok(Size { h: s.h / size[0], w: s.w / size[1], ..s })
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
