//! Layers over the frames of lines as a model file holds them: self-attention with its dense layers, and depthwise convolution.

use crate::attention::{attention, attention_reference, Attention, Scratch};
use crate::conv::ConvShape;
use crate::depthwise::depthwise;
use crate::gemm::{matmul, matmul_reference, pack, Epilogue};
use crate::model::Size;

/// A dense layer on each frame.
pub(crate) struct Dense {
    k: usize,
    /// `[k][n]`, kept for the slow judge.
    weights: Vec<f32>,
    packed: Vec<f32>,
    bias: Vec<f32>,
}

impl Dense {
    pub fn new(weights: Vec<f32>, bias: Vec<f32>) -> Self {
        let k = weights.len() / bias.len();
        Self { k, packed: pack(&weights, k, bias.len()), weights, bias }
    }
    fn run(&self, x: &[f32], y: &mut [f32]) {
        let e = Epilogue { bias: Some(&self.bias), ..Epilogue::default() };
        matmul(x, &self.packed, y, x.len() / self.k, self.k, self.bias.len(), &e);
    }
    fn reference(&self, x: &[f32]) -> Vec<f32> {
        let mut y = matmul_reference(x, &self.weights, x.len() / self.k, self.k, self.bias.len());
        y.chunks_exact_mut(self.bias.len()).for_each(|row| row.iter_mut().zip(&self.bias).for_each(|(y, b)| *y += b));
        y
    }
}

/// Attention between a dense layer `[c][3 c]` to queries, keys and values and one `[c][c]` behind it.
pub(crate) struct Attend {
    pub c: usize,
    pub heads: usize,
    pub window: usize,
    pub inner: Dense,
    pub outer: Dense,
}

/// Buffers that are kept between calls.
#[derive(Default)]
pub(crate) struct Buffers {
    qkv: Vec<f32>,
    seen: Vec<f32>,
    scratch: Scratch,
}

impl Attend {
    fn shape(&self, s: Size) -> Attention {
        Attention { n: s.n, w: s.w, c: self.c, heads: self.heads, window: self.window }
    }
    /// `x` and `y` `[n][1][w][c]`.
    pub fn run(&self, x: &[f32], lengths: Option<&[usize]>, y: &mut [f32], s: Size, b: &mut Buffers) {
        b.qkv.resize(3 * x.len(), 0.0);
        b.seen.resize(x.len(), 0.0);
        self.inner.run(x, &mut b.qkv);
        attention(&b.qkv, lengths, &mut b.seen, &self.shape(s), &mut b.scratch);
        self.outer.run(&b.seen, y);
    }
    pub fn reference(&self, x: &[f32], lengths: Option<&[usize]>, s: Size) -> Vec<f32> {
        self.outer.reference(&attention_reference(&self.inner.reference(x), lengths, &self.shape(s)))
    }
}

/// A filter `[kh][kw]` a channel, of stride one, with as much padding as keeps the size.
pub(crate) struct Depthwise {
    pub kernel: [usize; 2],
    pub weights: Vec<f32>,
    pub bias: Vec<f32>,
    pub relu: bool,
}

impl Depthwise {
    fn shape(&self, s: Size) -> ConvShape {
        let [kh, kw] = self.kernel;
        ConvShape {
            n: s.n,
            h: s.h,
            w: s.w,
            c: s.c,
            kh,
            kw,
            oc: 1,
            sh: 1,
            sw: 1,
            top: (kh - 1) / 2,
            left: (kw - 1) / 2,
            oh: s.h,
            ow: s.w,
        }
    }
    pub fn run(&self, x: &[f32], y: &mut [f32], s: Size) {
        depthwise(x, &self.weights, Some(&self.bias), y, &self.shape(s));
        if self.relu {
            y.iter_mut().for_each(|v| *v = if *v < 0.0 { 0.0 } else { *v });
        }
    }
    /// Slow judge of one value of `run`.
    pub fn value(&self, x: &[f32], s: Size, [n, y, at, i]: [usize; 4]) -> f32 {
        let [kh, kw] = self.kernel;
        let mut sum = self.bias[i];
        for p in 0..kh * kw {
            let (iy, ix) = ((y + p / kw).wrapping_sub((kh - 1) / 2), (at + p % kw).wrapping_sub((kw - 1) / 2));
            if iy < s.h && ix < s.w {
                sum += x[((n * s.h + iy) * s.w + ix) * s.c + i] * self.weights[p * s.c + i];
            }
        }
        if self.relu {
            sum.max(0.0)
        } else {
            sum
        }
    }
}
