//! 3 x 3 convolution of stride one by Winograd's minimal filtering F(4 x 4, 3 x 3) (Lavin and Gray 2016): 36 products for 16 values
//! instead of 144. Inputs and weights are transformed, multiplied as 36 matrix products, and transformed back.
//!
//! Rounding: with values of unit size sums differ from the direct kernel's by some 1e-5 of their size, as the transforms multiply by up
//! to 8 and divide by up to 24; tests hold it to 1e-4. Left out: other windows and strides.

use crate::conv::{pad_images, ConvShape};
use crate::gemm::{self, pack, rows_times_panel, Epilogue, Rows, PANEL};
use crate::simd::{Lanes, LANES};

/// Fewest channels: a vector of them, and what makes the transforms worth while.
pub(crate) const LEAST: usize = if LANES > 16 { LANES } else { 16 };
/// Values of a transformed tile.
const TILE: usize = 36;
/// Floats of transformed input and output that are worked on at a time: with the weights of one product they stay in the second-level cache.
const BLOCK: usize = 96 << 10;
/// Most tiles that are worked on at a time: whole tiles of the matrix product on all machines.
const MOST_TILES: usize = 48;
/// Floats between the rows of one product and those of the next: powers of two apart they would share few sets of the first-level cache.
const APART: usize = 16;
/// Pixels' channels of images whose tiles are worked on one after another: those of short lines share what is loaded of the weights.
const IMAGES: usize = 128 << 10;

/// Weights of a layer, transformed: 36 matrices `[c][oc]`, each packed in panels.
pub struct Weights {
    packed: Vec<f32>,
}

/// Buffers that are kept between calls.
#[derive(Default)]
pub struct Scratch {
    image: Vec<f32>,
    inputs: Vec<f32>,
    products: Vec<f32>,
}

/// Whether a layer can, and should, go this way: below 16 channels the transforms cost what the products save.
pub fn fits(kh: usize, kw: usize, stride: [usize; 2], c: usize, oc: usize) -> bool {
    [kh, kw] == [3, 3] && stride == [1, 1] && c >= LEAST && oc >= LEAST
}

/// Starts of the vectors that cover `c` channels. The last overlaps the one before where `c` is no multiple: it gives the same values again.
pub(crate) fn starts(c: usize) -> impl Iterator<Item = usize> {
    (0..c).step_by(LANES).map(move |at| at.min(c - LANES))
}

impl Weights {
    /// From HWIO weights `[3][3][c][oc]`.
    pub fn new(w: &[f32], c: usize, oc: usize) -> Self {
        const G: [[f32; 3]; 6] = [
            [0.25, 0.0, 0.0],
            [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
            [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
            [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
            [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
            [0.0, 0.0, 1.0],
        ];
        let mut packed = Vec::new();
        let mut matrix = vec![0.0; c * oc];
        for i in 0..6 {
            for j in 0..6 {
                matrix.fill(0.0);
                for (tap, w) in w.chunks_exact(c * oc).enumerate() {
                    let g = G[i][tap / 3] * G[j][tap % 3];
                    if g != 0.0 {
                        matrix.iter_mut().zip(w).for_each(|(m, w)| *m += g * w);
                    }
                }
                packed.extend(pack(&matrix, c, oc));
            }
        }
        Self { packed }
    }
}

#[inline(always)]
fn forward(d: [Lanes; 6]) -> [Lanes; 6] {
    let s = Lanes::splat;
    let [a, b] = [d[4].fma(d[2], s(-4.0)), d[3].fma(d[1], s(-4.0))];
    let [e, f] = [d[4].sub(d[2]), d[3].sub(d[1])];
    [
        d[4].fma(d[0], s(4.0)).fma(d[2], s(-5.0)),
        a.add(b),
        a.sub(b),
        e.fma(f, s(2.0)),
        e.fma(f, s(-2.0)),
        d[5].fma(d[1], s(4.0)).fma(d[3], s(-5.0)),
    ]
}

#[inline(always)]
fn backward(m: [Lanes; 6]) -> [Lanes; 4] {
    let s = Lanes::splat;
    let [p, q, u, v] = [m[1].add(m[2]), m[1].sub(m[2]), m[3].add(m[4]), m[3].sub(m[4])];
    [m[0].add(p).add(u), q.fma(v, s(2.0)), p.fma(u, s(4.0)), q.fma(v, s(8.0)).add(m[5])]
}

/// How a convolution is done by tiles: at so many points each tile has `depth` values, and it gives `size` pixels, rows and columns.
pub(crate) struct Tiling {
    pub points: usize,
    pub depth: usize,
    pub size: [usize; 2],
}

/// A convolution of `s` by tiles that are transformed, multiplied point by point, and transformed back. `whole` is `s` with outputs of whole
/// tiles, and windows as wide as those of all parts; `packed` holds a matrix `[depth][oc]` a point. `forward` gets the padded image from a
/// tile's corner on and puts its values, those of a point `step` after those of the one before; `back` gets such products, the image of the
/// output, and the tile's corner in it.
pub(crate) fn by_tiles(
    x: &[f32],
    packed: &[f32],
    y: &mut [f32],
    (s, whole): (&ConvShape, &ConvShape),
    t: &Tiling,
    scratch: &mut Scratch,
    forward: impl Fn(&[f32], &mut [f32], usize),
    back: impl Fn(&[f32], usize, &mut [f32], (usize, usize)),
) {
    assert!(x.len() >= s.n * s.h * s.w * s.c && y.len() >= s.n * s.oh * s.ow * s.oc);
    let (rows, columns) = (whole.oh / t.size[0], whole.ow / t.size[1]);
    let (ph, pw) = whole.padded();
    // Whole tiles of the product.
    let fit = BLOCK / (t.points * (t.depth + s.oc)) / gemm::TILE * gemm::TILE;
    let most = fit.clamp(gemm::TILE, MOST_TILES);
    let (input, output) = (most * t.depth + APART, most * s.oc + APART);
    scratch.inputs.resize(t.points * input, 0.0);
    scratch.products.resize(t.points * output, 0.0);
    let (image, out_image, padded) = (s.h * s.w * s.c, s.oh * s.ow * s.oc, ph * pw * s.c);
    let at_once = (IMAGES / padded).clamp(1, s.n.max(1));
    for from in (0..s.n).step_by(at_once) {
        let images = at_once.min(s.n - from);
        pad_images(&x[from * image..(from + images) * image], whole, &mut scratch.image);
        let all = images * rows * columns;
        // The image, and where in it a tile lies.
        let place = |i: usize| (i / (rows * columns), i / columns % rows * t.size[0], i % columns * t.size[1]);
        for first in (0..all).step_by(most) {
            let tiles = most.min(all - first);
            for i in 0..tiles {
                let (n, top, left) = place(first + i);
                forward(&scratch.image[n * padded + (top * pw + left) * s.c..], &mut scratch.inputs[i * t.depth..], input);
            }
            let product = Rows { row: t.depth, runs: 1, k: t.depth, run_stride: 0 };
            for (i, matrix) in packed.chunks_exact(packed.len() / t.points).enumerate() {
                for (p, panel) in matrix.chunks_exact(t.depth * PANEL).enumerate() {
                    let col = p * PANEL;
                    // SAFETY: both buffers hold `most` rows for each of the points, and there are no more tiles than that.
                    unsafe {
                        let a = scratch.inputs.as_ptr().add(i * input);
                        let c = scratch.products.as_mut_ptr().add(i * output + col);
                        let width = PANEL.min(s.oc - col);
                        rows_times_panel(a, tiles, product, panel.as_ptr(), c, s.oc, col, width, &Epilogue::default());
                    }
                }
            }
            for i in 0..tiles {
                let (n, top, left) = place(first + i);
                let out = &mut y[(from + n) * out_image..(from + n + 1) * out_image];
                back(&scratch.products[i * s.oc..], output, out, (top, left));
            }
        }
    }
}

/// `y = epilogue(conv(x, w))`, as [`crate::conv::conv2d`] does it.
pub fn conv2d(x: &[f32], w: &Weights, y: &mut [f32], s: &ConvShape, e: &Epilogue, scratch: &mut Scratch) {
    assert!(fits(s.kh, s.kw, [s.sh, s.sw], s.c, s.oc) && w.packed.len() == TILE * s.c * s.oc.next_multiple_of(PANEL));
    let whole = ConvShape { oh: s.oh.next_multiple_of(4), ow: s.ow.next_multiple_of(4), ..*s };
    let line = whole.padded().1 * s.c;
    let forward = |from: &[f32], to: &mut [f32], step: usize| transform(from, line, s.c, to, step);
    let back = |from: &[f32], step: usize, out: &mut [f32], place: (usize, usize)| untransform(from, step, out, s, place, e);
    by_tiles(x, &w.packed, y, (s, &whole), &Tiling { points: TILE, depth: s.c, size: [4, 4] }, scratch, forward, back);
}

/// A tile of 6 x 6 pixels, lines `line` apart, to 36 values a channel, `step` apart.
fn transform(from: &[f32], line: usize, c: usize, to: &mut [f32], step: usize) {
    assert!(from.len() >= 5 * line + 6 * c && to.len() >= (TILE - 1) * step + c);
    for at in starts(c) {
        // SAFETY: the lengths were checked above, and no vector reaches beyond `c`.
        unsafe {
            let load = |y: usize, x: usize| Lanes::load(from.as_ptr().add(y * line + x * c + at));
            let down: [[Lanes; 6]; 6] = core::array::from_fn(|x| forward(core::array::from_fn(|y| load(y, x))));
            for i in 0..6 {
                let across = forward(core::array::from_fn(|x| down[x][i]));
                for (j, v) in across.into_iter().enumerate() {
                    v.store(to.as_mut_ptr().add((i * 6 + j) * step + at));
                }
            }
        }
    }
}

/// 36 values an output channel, `step` apart, to those of 4 x 4 pixels that lie within the output.
fn untransform(from: &[f32], step: usize, out: &mut [f32], s: &ConvShape, (top, left): (usize, usize), e: &Epilogue) {
    assert!(from.len() >= (TILE - 1) * step + s.oc && out.len() >= s.oh * s.ow * s.oc);
    let (height, width) = (4.min(s.oh - top), 4.min(s.ow - left));
    for at in starts(s.oc) {
        // SAFETY: the lengths were checked above, and no vector reaches beyond `oc`.
        unsafe {
            let load = |i: usize, j: usize| Lanes::load(from.as_ptr().add((i * 6 + j) * step + at));
            let down: [[Lanes; 4]; 6] = core::array::from_fn(|j| backward(core::array::from_fn(|i| load(i, j))));
            for y in 0..height {
                let across = backward(core::array::from_fn(|j| down[j][y]));
                for (x, v) in across.into_iter().enumerate().take(width) {
                    e.of(v, at).store(out.as_mut_ptr().add(((top + y) * s.ow + left + x) * s.oc + at));
                }
            }
        }
    }
}
