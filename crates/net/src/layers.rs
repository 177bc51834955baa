//! Layers of a model file: how they are described there, and what becomes of them when it is loaded.
//!
//! Each layer takes the output of the one before. `add`, `concat` and `from` take one that has a name as well: outputs are
//! numbered, 0 is the input and `i + 1` what layer `i` gives.

use crate::conv::ConvShape;
use crate::frames::{Attend, Dense, Depthwise};
use crate::gemm::{pack, Epilogue};
use crate::int8::{Conv8, Quant};
use crate::maps;
use crate::model::{fail, ModelError, Size};
use crate::{winograd, winograd_rows};
use serde::Deserialize;
use std::collections::HashMap;

/// Largest stride of a convolution that is believed: none steps over more than a picture.
const MOST_STRIDE: usize = 1 << 16;

/// A layer as the file describes it. Whatever else a layer says is refused: it would be read in another way than it was meant.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
enum Described {
    Conv {
        weights: String,
        bias: String,
        scale: Option<String>,
        shift: Option<String>,
        stride: [usize; 2],
        pad: Pad,
        relu: bool,
        name: Option<String>,
    },
    Pool {
        size: [usize; 2],
        name: Option<String>,
    },
    Flatten {
        name: Option<String>,
    },
    Add {
        with: String,
        relu: bool,
        name: Option<String>,
    },
    Concat {
        with: String,
        name: Option<String>,
    },
    Upsample {
        by: usize,
        name: Option<String>,
    },
    From {
        layer: String,
        name: Option<String>,
    },
    Context {
        weights: [String; 2],
        bias: [String; 2],
        name: Option<String>,
    },
    LayerNorm {
        scale: String,
        shift: String,
        name: Option<String>,
    },
    Attention {
        weights: [String; 2],
        bias: [String; 2],
        heads: usize,
        window: usize,
        name: Option<String>,
    },
    Depthwise {
        weights: String,
        bias: String,
        relu: bool,
        name: Option<String>,
    },
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Pad {
    Same,
    Valid,
}

/// How a convolution is computed, with its weights made ready for that.
pub(crate) enum Kernel {
    Direct(Vec<f32>),
    Winograd(winograd::Weights),
    WinogradRows(winograd_rows::Weights),
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
    pub weights: Vec<f32>,
    pub kernel: Kernel,
    bias: Vec<f32>,
    affine: Option<(Vec<f32>, Vec<f32>)>,
}

/// Page context: an inner dense layer `[2 c][c]` with ReLU and an outer one `[c][2 c]` between pooling and gate.
pub(crate) struct Context {
    c: usize,
    inner: (Vec<f32>, Vec<f32>),
    outer: (Vec<f32>, Vec<f32>),
}

pub(crate) enum Op {
    Conv(Conv),
    Pool([usize; 2]),
    Flatten,
    Add { relu: bool },
    Concat,
    Upsample(usize),
    From,
    Context(Context),
    LayerNorm { scale: Vec<f32>, shift: Vec<f32> },
    Attention(Attend),
    Depthwise(Depthwise),
}

/// An operation and the numbers of the outputs that it takes.
pub(crate) struct Layer {
    pub op: Op,
    pub input: usize,
    pub with: Option<usize>,
}

pub(crate) type Tensors = HashMap<String, (Vec<usize>, Vec<f32>)>;

/// A larger factor makes maps that no page net wants.
const MOST_UPSAMPLING: usize = 32;
/// A wider window sees all of any line.
const MOST_WINDOW: usize = 1 << 16;
/// Values of the largest output, 1 GiB: what a net makes of a picture is bounded whatever its file says.
const MOST_VALUES: usize = 1 << 28;

/// Layers from their description, JSON, and the file's tensors.
pub(crate) fn read(json: &str, tensors: &Tensors) -> Result<Vec<Layer>, ModelError> {
    let described: Vec<Described> = match serde_json::from_str(json) {
        Ok(l) => l,
        Err(e) => return fail(format!("the model's layers cannot be read: {e}")),
    };
    let mut named: HashMap<String, usize> = HashMap::new();
    let mut layers = Vec::new();
    for (i, d) in described.into_iter().enumerate() {
        let find = |name: &str| match named.get(name) {
            Some(&at) => Ok(at),
            None => fail(format!("layer {i} wants the output {name}, which no layer before it has")),
        };
        let alone = |op: Op| (op, i, None);
        let ((op, input, with), name) = match d {
            Described::Conv { weights, bias, scale, shift, stride, pad, relu, name } => {
                let affine = match (scale, shift) {
                    (Some(s), Some(t)) => Some((s, t)),
                    (None, None) => None,
                    _ => return fail(format!("layer {i} has a scale or a shift, but not both")),
                };
                (alone(Op::Conv(Conv::new(tensors, &weights, &bias, affine, stride, pad, relu)?)), name)
            }
            Described::Pool { size, .. } if size.contains(&0) => return fail("a pool of no size"),
            Described::Pool { size, name } => (alone(Op::Pool(size)), name),
            Described::Flatten { name } => (alone(Op::Flatten), name),
            Described::Add { with, relu, name } => ((Op::Add { relu }, i, Some(find(&with)?)), name),
            Described::Concat { with, name } => ((Op::Concat, i, Some(find(&with)?)), name),
            Described::Upsample { by, .. } if by == 0 || by > MOST_UPSAMPLING => {
                return fail(format!("layer {i} upsamples by {by}, not by 1 to {MOST_UPSAMPLING}"))
            }
            Described::Upsample { by, name } => (alone(Op::Upsample(by)), name),
            Described::From { layer, name } => ((Op::From, find(&layer)?, None), name),
            Described::Context { weights: [inner, outer], bias: [a, b], name } => {
                let c = matrix(tensors, &inner)?.0[1];
                let (inner, outer) = (dense(tensors, &inner, &a, [2 * c, c])?, dense(tensors, &outer, &b, [c, 2 * c])?);
                (alone(Op::Context(Context { c, inner, outer })), name)
            }
            Described::LayerNorm { scale, shift, name } => {
                let scale = tensor(tensors, &scale)?.1.clone();
                if scale.is_empty() {
                    return fail(format!("layer {i} normalises no channels"));
                }
                let shift = vector(tensors, &shift, scale.len())?;
                (alone(Op::LayerNorm { scale, shift }), name)
            }
            Described::Attention { weights: [inner, outer], bias: [a, b], heads, window, name } => {
                let c = matrix(tensors, &outer)?.0[0];
                if heads == 0 || c % heads != 0 || window > MOST_WINDOW {
                    return fail(format!("layer {i} cannot have {heads} heads on {c} channels and a window of {window}"));
                }
                let (inner, outer) = (dense(tensors, &inner, &a, [c, 3 * c])?, dense(tensors, &outer, &b, [c, c])?);
                let (inner, outer) = (Dense::new(inner.0, inner.1), Dense::new(outer.0, outer.1));
                (alone(Op::Attention(Attend { c, heads, window, inner, outer })), name)
            }
            Described::Depthwise { weights, bias, relu, name } => {
                let (shape, w) = tensor(tensors, &weights)?;
                let [kh, kw, c, 1] = shape[..] else { return fail(format!("tensor {weights} is no filter of single channels")) };
                if w.is_empty() {
                    return fail(format!("tensor {weights} is empty"));
                }
                let bias = vector(tensors, &bias, c)?;
                (alone(Op::Depthwise(Depthwise { kernel: [kh, kw], weights: w.clone(), bias, relu })), name)
            }
        };
        if let Some(name) = name {
            if named.insert(name.clone(), i + 1).is_some() {
                return fail(format!("two layers are named {name}"));
            }
        }
        layers.push(Layer { op, input, with });
    }
    Ok(layers)
}

fn tensor<'a>(tensors: &'a Tensors, name: &str) -> Result<&'a (Vec<usize>, Vec<f32>), ModelError> {
    match tensors.get(name) {
        Some(t) => Ok(t),
        None => fail(format!("the model file lacks tensor {name}")),
    }
}

fn vector(tensors: &Tensors, name: &str, n: usize) -> Result<Vec<f32>, ModelError> {
    let (_, v) = tensor(tensors, name)?;
    if v.len() == n {
        Ok(v.clone())
    } else {
        fail(format!("tensor {name} has {} values, its layer wants {n}", v.len()))
    }
}

/// Rows, columns and values of a 1 x 1 filter.
fn matrix<'a>(tensors: &'a Tensors, name: &str) -> Result<([usize; 2], &'a [f32]), ModelError> {
    match tensor(tensors, name)? {
        (shape, w) if shape.len() == 4 && shape[..2] == [1, 1] && !w.is_empty() => Ok(([shape[2], shape[3]], w)),
        _ => fail(format!("tensor {name} is no filter of 1 x 1")),
    }
}

/// Weights `[k][m]` and bias of a dense layer.
fn dense(tensors: &Tensors, name: &str, bias: &str, [k, m]: [usize; 2]) -> Result<(Vec<f32>, Vec<f32>), ModelError> {
    let (shape, w) = matrix(tensors, name)?;
    if shape != [k, m] {
        return fail(format!("tensor {name} is {} x {}, its layer wants {k} x {m}", shape[0], shape[1]));
    }
    Ok((w.to_vec(), vector(tensors, bias, m)?))
}

impl Conv {
    fn new(
        tensors: &Tensors,
        weights: &str,
        bias: &str,
        affine: Option<(String, String)>,
        stride: [usize; 2],
        pad: Pad,
        relu: bool,
    ) -> Result<Self, ModelError> {
        let (shape, w) = tensor(tensors, weights)?;
        let [kh, kw, c, oc] = shape[..] else { return fail(format!("tensor {weights} has not four axes")) };
        if [kh, kw, c, oc, stride[0], stride[1]].contains(&0) {
            return fail(format!("tensor {weights} or its stride is empty"));
        }
        if stride[0].max(stride[1]) > MOST_STRIDE {
            return fail(format!("a stride of {} x {} for tensor {weights}: {MOST_STRIDE} is the most", stride[0], stride[1]));
        }
        let affine = match affine {
            Some((s, t)) => Some((vector(tensors, &s, oc)?, vector(tensors, &t, oc)?)),
            None => None,
        };
        let kernel = if winograd::fits(kh, kw, stride, c, oc) {
            Kernel::Winograd(winograd::Weights::new(w, c, oc))
        } else if winograd_rows::fits(kh, kw, stride, c, oc) {
            Kernel::WinogradRows(winograd_rows::Weights::new(w, c, oc))
        } else {
            Kernel::Direct(pack(w, kh * kw * c, oc))
        };
        Ok(Self { kh, kw, c, oc, stride, pad, relu, kernel, weights: w.clone(), bias: vector(tensors, bias, oc)?, affine })
    }

    /// Its weights in integers, for activations that became bytes as `input` says.
    pub fn quantised(&self, input: Quant) -> Conv8 {
        let affine = self.affine.as_ref().map(|(a, b)| (&a[..], &b[..]));
        Conv8::new(&self.weights, [self.kh, self.kw, self.c, self.oc], self.stride, &self.bias, self.relu, affine, input)
    }

    pub fn plan(&self, s: Size) -> Result<(ConvShape, Epilogue<'_>), ModelError> {
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

impl Context {
    /// Gates and biases `[n][2 c]` from what was pooled, `[n][2 c]`.
    pub fn gates(&self, pooled: &[f32]) -> Vec<f32> {
        let n = pooled.len() / (2 * self.c);
        let mut hidden = vec![0.0; n * self.c];
        maps::dense(pooled, &self.inner.0, &self.inner.1, &mut hidden, true);
        let mut gates = vec![0.0; pooled.len()];
        maps::dense(&hidden, &self.outer.0, &self.outer.1, &mut gates, false);
        gates
    }
}

impl Layer {
    /// Whether the output is the input's own values, seen in another way at most.
    pub fn is_view(&self) -> bool {
        matches!(self.op, Op::From | Op::Flatten)
    }

    /// Whether the output may take the place of the input.
    pub fn is_in_place(&self) -> bool {
        self.is_view() || matches!(self.op, Op::Add { .. } | Op::Context(_))
    }

    /// Size of the output from those of the inputs. Fails where they do not fit.
    pub fn size(&self, s: Size, with: Option<Size>) -> Result<Size, ModelError> {
        let small = || fail(format!("a picture of {} x {} is too small for this model", s.h, s.w));
        let unlike = |what: &str| {
            let o = with.unwrap_or(s);
            fail(format!("{what} takes maps of {} x {} x {} and {} x {} x {}", s.h, s.w, s.c, o.h, o.w, o.c))
        };
        let size = match &self.op {
            Op::Conv(c) => {
                let (shape, _) = c.plan(s)?;
                Size { h: shape.oh, w: shape.ow, c: shape.oc, ..s }
            }
            Op::Pool([kh, kw]) if s.h < *kh || s.w < *kw => return small(),
            Op::Pool([kh, kw]) => Size { h: s.h / kh, w: s.w / kw, ..s },
            Op::Flatten => Size { n: 1, h: 1, w: s.n, c: s.h * s.w * s.c },
            Op::Add { .. } if with != Some(s) => return unlike("a sum"),
            Op::Concat if with.is_none_or(|o| Size { c: s.c, ..o } != s) => return unlike("a concatenation"),
            Op::Concat => Size { c: s.c + with.map_or(0, |o| o.c), ..s },
            Op::Upsample(by) => Size { h: s.h.saturating_mul(*by), w: s.w.saturating_mul(*by), ..s },
            Op::Context(Context { c, .. }) | Op::Attention(Attend { c, .. }) if *c != s.c => {
                return fail(format!("a layer takes {c} channels and gets {}", s.c))
            }
            Op::LayerNorm { scale: v, .. } | Op::Depthwise(Depthwise { bias: v, .. }) if v.len() != s.c => {
                return fail(format!("a layer takes {} channels and gets {}", v.len(), s.c))
            }
            Op::Attention(_) if s.h != 1 => return fail(format!("attention wants one row of frames, and gets {}", s.h)),
            Op::Add { .. } | Op::From | Op::Context(_) | Op::LayerNorm { .. } | Op::Attention(_) | Op::Depthwise(_) => s,
        };
        let values = [size.h, size.w, size.c].iter().try_fold(size.n, |a, &b| a.checked_mul(b));
        match values.filter(|&v| v <= MOST_VALUES) {
            Some(_) => Ok(size),
            None => fail(format!("a layer makes {} x {} x {} x {} values", size.n, size.h, size.w, size.c)),
        }
    }
}
