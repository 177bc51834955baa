//! 1 x k convolution of stride one along rows by minimal filtering F(4, 5) (Winograd 1980; Lavin and Gray 2016): 8 products for 4 values instead
//! of 20. A longer window is parts of five taps, whose products are summed before they are transformed back: 16 products instead of 36 for nine.
//!
//! The eight places are 0, 1, -1, 2, -2, 1/2, -1/2 and infinity. With values of unit size sums differ from the direct kernel's by some 1e-5 of
//! their size; tests hold it to 1e-4. Left out: more than one row in a window, strides.

use crate::conv::ConvShape;
use crate::gemm::{pack, Epilogue, PANEL};
use crate::simd::Lanes;
use crate::winograd::{by_tiles, starts, Scratch, Tiling, LEAST};

/// Taps of a part, values of a tile, and values of a transformed one.
const TAPS: usize = 5;
const TILE: usize = 4;
const POINTS: usize = 8;
/// All places but infinity.
const PLACES: [f64; POINTS - 1] = [0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5];

/// Weights of a layer, transformed: 8 matrices `[parts * c][oc]`, each packed in panels.
pub struct Weights {
    packed: Vec<f32>,
    parts: usize,
}

/// Whether a layer can, and should, go this way: windows of fewer than five taps save little.
pub fn fits(kh: usize, kw: usize, stride: [usize; 2], c: usize, oc: usize) -> bool {
    kh == 1 && kw >= TAPS && stride == [1, 1] && c >= LEAST && oc >= LEAST
}

/// What tap `k` of a part counts at a place.
fn share(place: usize, k: usize) -> f32 {
    let Some(&at) = PLACES.get(place) else { return (k == TAPS - 1) as u8 as f32 };
    let apart: f64 = PLACES.iter().filter(|&&p| p != at).map(|p| at - p).product();
    (at.powi(k as i32) / apart) as f32
}

impl Weights {
    /// From HWIO weights `[1][kw][c][oc]`.
    pub fn new(w: &[f32], c: usize, oc: usize) -> Self {
        let parts = (w.len() / (c * oc)).div_ceil(TAPS);
        let mut packed = Vec::new();
        let mut matrix = vec![0.0; parts * c * oc];
        for place in 0..POINTS {
            matrix.fill(0.0);
            for (tap, w) in w.chunks_exact(c * oc).enumerate() {
                let g = share(place, tap % TAPS);
                let part = &mut matrix[tap / TAPS * c * oc..][..c * oc];
                part.iter_mut().zip(w).for_each(|(m, w)| *m += g * w);
            }
            packed.extend(pack(&matrix, parts * c, oc));
        }
        Self { packed, parts }
    }
}

/// Values at the eight places of eight pixels: rows are the coefficients of the product of all (x - place) without their own.
#[inline(always)]
fn forward(d: [Lanes; POINTS]) -> [Lanes; POINTS] {
    let s = Lanes::splat;
    // Of a pair of places the even coefficients are alike, and the odd ones differ in sign.
    let pair = |place: f32, [square, one]: [f32; 2]| {
        let even = d[6].fma(d[4], s(square)).fma(d[2], s(one));
        let odd = d[5].fma(d[3], s(square)).fma(d[1], s(one));
        [even.fma(odd, s(place)), even.fma(odd, s(-place))]
    };
    let [a, b] = pair(1.0, [-4.25, 1.0]);
    let [e, f] = pair(2.0, [-1.25, 0.25]);
    let [u, v] = pair(0.5, [-5.0, 4.0]);
    let end = |top: Lanes, high: Lanes, low: Lanes, last: Lanes| top.sub(last).fma(low.sub(high), s(5.25));
    [end(d[6], d[4], d[2], d[0]), a, b, e, f, u, v, end(d[7], d[5], d[3], d[1])]
}

#[inline(always)]
fn backward(m: [Lanes; POINTS]) -> [Lanes; TILE] {
    let s = Lanes::splat;
    let [p, q] = [m[1].add(m[2]), m[1].sub(m[2])];
    let [e, f] = [m[3].add(m[4]), m[3].sub(m[4])];
    let [u, v] = [m[5].add(m[6]), m[5].sub(m[6])];
    [
        m[0].add(p).add(e.add(u)),
        q.fma(f, s(2.0)).fma(v, s(0.5)),
        p.fma(e, s(4.0)).fma(u, s(0.25)),
        q.add(m[7]).fma(f, s(8.0)).fma(v, s(0.125)),
    ]
}

/// `y = epilogue(conv(x, w))`, as [`crate::conv::conv2d`] does it.
pub fn conv2d(x: &[f32], w: &Weights, y: &mut [f32], s: &ConvShape, e: &Epilogue, scratch: &mut Scratch) {
    let depth = w.parts * s.c;
    assert!(fits(s.kh, s.kw, [s.sh, s.sw], s.c, s.oc) && w.parts == s.kw.div_ceil(TAPS));
    assert!(w.packed.len() == POINTS * depth * s.oc.next_multiple_of(PANEL));
    let whole = ConvShape { kw: TAPS * w.parts, ow: s.ow.next_multiple_of(TILE), ..*s };
    let forward = |from: &[f32], to: &mut [f32], step: usize| {
        for part in 0..w.parts {
            transform(&from[part * TAPS * s.c..], s.c, &mut to[part * s.c..], step);
        }
    };
    let back = |from: &[f32], step: usize, out: &mut [f32], (top, left): (usize, usize)| {
        let out = &mut out[(top * s.ow + left) * s.oc..][..TILE.min(s.ow - left) * s.oc];
        untransform(from, step, out, s.oc, e);
    };
    by_tiles(x, &w.packed, y, (s, &whole), &Tiling { points: POINTS, depth, size: [1, TILE] }, scratch, forward, back);
}

/// Eight pixels of `c` channels to 8 values a channel, `step` apart.
fn transform(from: &[f32], c: usize, to: &mut [f32], step: usize) {
    assert!(from.len() >= POINTS * c && to.len() >= (POINTS - 1) * step + c);
    for at in starts(c) {
        // SAFETY: the lengths were checked above, and no vector reaches beyond `c`.
        unsafe {
            let values = forward(core::array::from_fn(|x| Lanes::load(from.as_ptr().add(x * c + at))));
            values.into_iter().enumerate().for_each(|(i, v)| v.store(to.as_mut_ptr().add(i * step + at)));
        }
    }
}

/// 8 values an output channel, `step` apart, to those of the pixels of `out`, four at most.
fn untransform(from: &[f32], step: usize, out: &mut [f32], oc: usize, e: &Epilogue) {
    assert!(from.len() >= (POINTS - 1) * step + oc && out.len().is_multiple_of(oc));
    for at in starts(oc) {
        // SAFETY: the lengths were checked above, and no vector reaches beyond `oc`.
        unsafe {
            let values = backward(core::array::from_fn(|i| Lanes::load(from.as_ptr().add(i * step + at))));
            for (pixel, v) in out.chunks_exact_mut(oc).zip(values) {
                e.of(v, at).store(pixel.as_mut_ptr().add(at));
            }
        }
    }
}
