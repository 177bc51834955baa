//! Convolution in NHWC, direct: pad an image once, then slide rows of windows over it as a matrix product.
//!
//! Weights are HWIO (`[kh][kw][c][oc]`), as tfjs keeps them, packed by [`crate::gemm::pack`] with `k = kh * kw * c`.
//! Left out: dilation, groups. Depthwise convolution is in `depthwise.rs`.

use crate::gemm::{matmul, rows_times_panel, Epilogue, Rows, PANEL};

/// Sizes of one convolution. `top` and `left` are the zero padding; what is missing below and right is zero too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvShape {
    pub n: usize,
    pub h: usize,
    pub w: usize,
    pub c: usize,
    pub kh: usize,
    pub kw: usize,
    pub oc: usize,
    pub sh: usize,
    pub sw: usize,
    pub top: usize,
    pub left: usize,
    pub oh: usize,
    pub ow: usize,
}

impl ConvShape {
    /// Height and width of the padded image that all windows fit in.
    pub fn padded(&self) -> (usize, usize) {
        let h = ((self.oh - 1) * self.sh + self.kh).max(self.top + self.h);
        let w = ((self.ow - 1) * self.sw + self.kw).max(self.left + self.w);
        (h, w)
    }
    pub fn needs_padding(&self) -> bool {
        self.padded() != (self.h, self.w)
    }
    /// Multiply-adds of one forward pass.
    pub fn macs(&self) -> usize {
        self.n * self.oh * self.ow * self.oc * self.kh * self.kw * self.c
    }
}

/// Copies image `x` (`[h][w][c]`) into `out` (`[ph][pw][c]`) at `top`, `left`, the rest zero.
pub fn pad_image(x: &[f32], s: &ConvShape, out: &mut Vec<f32>) {
    pad_images(&x[..s.h * s.w * s.c], s, out);
}

/// [`pad_image`] for images one after another, as many as there are in `x`.
pub fn pad_images(x: &[f32], s: &ConvShape, out: &mut Vec<f32>) {
    let (ph, pw) = s.padded();
    let (row, image) = (s.w * s.c, s.h * s.w * s.c);
    out.clear();
    out.resize(x.len() / image * ph * pw * s.c, 0.0);
    for (n, x) in x.chunks_exact(image).enumerate() {
        for (y, x) in x.chunks_exact(row).enumerate() {
            let to = ((n * ph + y + s.top) * pw + s.left) * s.c;
            out[to..to + row].copy_from_slice(x);
        }
    }
}

/// Floats of images that are worked on at a time: with a panel of the weights they stay in the second-level cache, so that short lines
/// share what is loaded of the weights.
const BLOCK: usize = 64 << 10;

/// Lines of windows with fewer values than the product takes at a time are gathered before they are multiplied: a picture's own, of one channel.
const SHORT: usize = 4;

/// `y = epilogue(conv(x, w))`: `x` `[n][h][w][c]`, `y` `[n][oh][ow][oc]`; `scratch` keeps the padded image.
pub fn conv2d(x: &[f32], packed: &[f32], y: &mut [f32], s: &ConvShape, e: &Epilogue, scratch: &mut Vec<f32>) {
    let k = s.kh * s.kw * s.c;
    let (ph, pw) = s.padded();
    let (image, out_image) = (s.h * s.w * s.c, s.oh * s.ow * s.oc);
    assert!(x.len() >= s.n * image && y.len() >= s.n * out_image);
    assert!(packed.len() >= s.oc.div_ceil(PANEL) * k * PANEL);
    // Without padding and with a 1x1 window the rows of all images follow one another: one long product.
    if !s.needs_padding() && s.kh == 1 && s.kw == 1 && s.sh == 1 && s.sw == 1 {
        return matmul(x, packed, y, s.n * s.oh * s.ow, k, s.oc, e);
    }
    let padded = ph * pw * s.c;
    let is_short = s.kw * s.c < SHORT && s.kh > 1;
    let at_once = (BLOCK / padded).clamp(1, s.n.max(1));
    for first in (0..s.n).step_by(at_once) {
        let images = first * image..(first + at_once).min(s.n) * image;
        pad_images(&x[images], s, scratch);
        let end = scratch.len();
        if is_short {
            scratch.resize(end + s.ow * k, 0.0);
        }
        let (src, windows) = scratch.split_at_mut(end);
        let line = |from: *const f32, rows: Rows, p: usize, out: &mut [f32]| {
            let (col, panel) = (p * PANEL, &packed[p * k * PANEL..]);
            let width = PANEL.min(s.oc - col);
            // SAFETY: all windows of a line lie in what `from` points to, and `out` has its values.
            unsafe { rows_times_panel(from, s.ow, rows, panel.as_ptr(), out.as_mut_ptr().add(col), s.oc, col, width, e) }
        };
        let panels = s.oc.div_ceil(PANEL);
        let out = &mut y[first * out_image..];
        let lines = |n: usize| (0..s.oh).map(move |oy| (n * ph * pw * s.c + oy * s.sh * pw * s.c, (n * s.oh + oy) * s.ow * s.oc));
        if is_short {
            for (from, to) in (0..src.len() / padded).flat_map(lines) {
                gather(&src[from..], s, pw, windows);
                let rows = Rows { row: k, runs: 1, k, run_stride: 0 };
                (0..panels).for_each(|p| line(windows.as_ptr(), rows, p, &mut out[to..][..s.ow * s.oc]));
            }
            continue;
        }
        // The last window of a line ends within the padded image, by `padded`.
        let rows = Rows { row: s.sw * s.c, runs: s.kh, k: s.kw * s.c, run_stride: pw * s.c };
        for p in 0..panels {
            for (from, to) in (0..src.len() / padded).flat_map(lines) {
                line(src[from..].as_ptr(), rows, p, &mut out[to..][..s.ow * s.oc]);
            }
        }
    }
}

/// The windows of a line of the output one after another, `[ow][kh][kw][c]`; `src` begins with the padded line above it.
fn gather(src: &[f32], s: &ConvShape, pw: usize, windows: &mut [f32]) {
    let run = s.kw * s.c;
    for (x, window) in windows.chunks_exact_mut(s.kh * run).enumerate() {
        for (y, window) in window.chunks_exact_mut(run).enumerate() {
            window.copy_from_slice(&src[(y * pw + x * s.sw) * s.c..][..run]);
        }
    }
}

/// Slow judge of [`conv2d`]; `w` is HWIO, not packed.
pub fn conv2d_reference(x: &[f32], w: &[f32], s: &ConvShape, e: &Epilogue) -> Vec<f32> {
    let mut y = vec![0.0; s.n * s.oh * s.ow * s.oc];
    for n in 0..s.n {
        for oy in 0..s.oh {
            for ox in 0..s.ow {
                for o in 0..s.oc {
                    let mut acc = 0.0;
                    for ky in 0..s.kh {
                        for kx in 0..s.kw {
                            let (iy, ix) = ((oy * s.sh + ky).wrapping_sub(s.top), (ox * s.sw + kx).wrapping_sub(s.left));
                            if iy >= s.h || ix >= s.w {
                                continue;
                            }
                            for i in 0..s.c {
                                acc += x[((n * s.h + iy) * s.w + ix) * s.c + i] * w[((ky * s.kw + kx) * s.c + i) * s.oc + o];
                            }
                        }
                    }
                    acc += e.bias.map_or(0.0, |b| b[o]);
                    if e.relu {
                        acc = acc.max(0.0);
                    }
                    if let Some((scale, shift)) = e.affine {
                        acc = acc * scale[o] + shift[o];
                    }
                    y[((n * s.oh + oy) * s.ow + ox) * s.oc + o] = acc;
                }
            }
        }
    }
    y
}
