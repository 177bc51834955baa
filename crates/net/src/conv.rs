//! Convolution in NHWC, direct: pad an image once, then slide rows of windows over it as a matrix product.
//!
//! Weights are HWIO (`[kh][kw][c][oc]`), as tfjs keeps them, packed by [`crate::gemm::pack`] with `k = kh * kw * c`.
//! Left out: dilation, groups. Depthwise convolution is in `depthwise.rs`.

use crate::gemm::{rows_times_panel, Epilogue, Rows, PANEL};

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
    let (ph, pw) = s.padded();
    out.clear();
    out.resize(ph * pw * s.c, 0.0);
    let row = s.w * s.c;
    for y in 0..s.h {
        let to = ((y + s.top) * pw + s.left) * s.c;
        out[to..to + row].copy_from_slice(&x[y * row..(y + 1) * row]);
    }
}

/// `y = epilogue(conv(x, w))`: `x` `[n][h][w][c]`, `y` `[n][oh][ow][oc]`; `scratch` keeps the padded image.
pub fn conv2d(x: &[f32], packed: &[f32], y: &mut [f32], s: &ConvShape, e: &Epilogue, scratch: &mut Vec<f32>) {
    let k = s.kh * s.kw * s.c;
    let (ph, pw) = s.padded();
    let (image, out_image) = (s.h * s.w * s.c, s.oh * s.ow * s.oc);
    assert!(x.len() >= s.n * image && y.len() >= s.n * out_image);
    assert!(packed.len() >= s.oc.div_ceil(PANEL) * k * PANEL);
    let rows = Rows { row: s.sw * s.c, runs: s.kh, k: s.kw * s.c, run_stride: pw * s.c };
    // Without padding and with a 1x1 window the rows of all lines follow one another: one long product.
    let flat = !s.needs_padding() && s.kh == 1 && s.kw == 1 && s.sh == 1 && s.sw == 1;
    for n in 0..s.n {
        let img = &x[n * image..(n + 1) * image];
        let src = if s.needs_padding() {
            pad_image(img, s, scratch);
            &scratch[..]
        } else {
            img
        };
        assert!(src.len() >= ph * pw * s.c);
        let out = &mut y[n * out_image..(n + 1) * out_image];
        for p in 0..s.oc.div_ceil(PANEL) {
            let (col, panel) = (p * PANEL, &packed[p * k * PANEL..]);
            let width = PANEL.min(s.oc - col);
            let (lines, m) = if flat { (1, s.oh * s.ow) } else { (s.oh, s.ow) };
            for oy in 0..lines {
                // SAFETY: the last window of a line ends within the padded image, by `padded`.
                unsafe {
                    rows_times_panel(
                        src.as_ptr().add(oy * s.sh * pw * s.c),
                        m,
                        rows,
                        panel.as_ptr(),
                        out.as_mut_ptr().add(oy * s.ow * s.oc + col),
                        s.oc,
                        col,
                        width,
                        e,
                    );
                }
            }
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
