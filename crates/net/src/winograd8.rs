//! 3 x 3 convolution of stride one in integers by Winograd's minimal filtering F(2 x 2, 3 x 3) (Lavin and Gray 2016): 16 products for 4
//! values instead of 36. Nothing is rounded: weights are transformed twice as large along both axes, so that all of them stay whole,
//! and the sums are four times those of the direct kernel.
//!
//! Activations of seven bits become ten, weights of eight twelve; products of words are added in 32 bits, two channels at a time.

use crate::conv::ConvShape;
use crate::gemm::{next_tile, LOADED_TILE};
use crate::int8::{Finish, Sums, Target, PANEL};
use crate::simd::keep_order;
use crate::tile_of;

/// Values of a transformed tile.
const TILE: usize = 16;
/// How many times as large as they are the sums come out.
pub const TIMES: i32 = 4;
/// Channels that a vector of words holds.
const WORDS: usize = 8;
/// Bytes of transformed input and output that are worked on at a time.
const BLOCK: usize = 384 << 10;

#[cfg(target_arch = "wasm32")]
mod lanes {
    use crate::int8::Sums;
    use core::arch::wasm32::*;

    /// Eight words.
    #[derive(Clone, Copy)]
    pub struct Words(v128);

    impl Words {
        /// # Safety
        /// Eight bytes are readable at `p`.
        #[inline(always)]
        pub unsafe fn of_bytes(p: *const u8) -> Self {
            Self(u16x8_load_extend_u8x8(p))
        }
        /// # Safety
        /// Eight words are readable at `p`.
        #[inline(always)]
        pub unsafe fn load(p: *const i16) -> Self {
            Self(v128_load(p as *const v128))
        }
        /// The pair of words at `p`, four times.
        ///
        /// # Safety
        /// Two words are readable at `p`.
        #[inline(always)]
        pub unsafe fn pair(p: *const i16) -> Self {
            Self(v128_load32_splat(p as *const u32))
        }
        /// # Safety
        /// Eight words are writable at `p`.
        #[inline(always)]
        pub unsafe fn store(self, p: *mut i16) {
            v128_store(p as *mut v128, self.0)
        }
        #[inline(always)]
        pub fn add(self, o: Self) -> Self {
            Self(i16x8_add(self.0, o.0))
        }
        #[inline(always)]
        pub fn sub(self, o: Self) -> Self {
            Self(i16x8_sub(self.0, o.0))
        }
        /// Products, added in pairs.
        #[inline(always)]
        pub fn dot(self, o: Self) -> Sums {
            Sums::of(i32x4_dot_i16x8(self.0, o.0))
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod lanes {
    use crate::int8::Sums;
    use core::array::from_fn;
    use core::ptr::{read_unaligned, write_unaligned};

    #[derive(Clone, Copy)]
    pub struct Words([i16; 8]);

    // SAFETY of all: as of their twins above.
    impl Words {
        /// # Safety
        /// Eight bytes are readable at `p`.
        pub unsafe fn of_bytes(p: *const u8) -> Self {
            Self(read_unaligned(p as *const [u8; 8]).map(i16::from))
        }
        /// # Safety
        /// Eight words are readable at `p`.
        pub unsafe fn load(p: *const i16) -> Self {
            Self(read_unaligned(p as *const [i16; 8]))
        }
        /// # Safety
        /// Two words are readable at `p`.
        pub unsafe fn pair(p: *const i16) -> Self {
            let two = read_unaligned(p as *const [i16; 2]);
            Self(from_fn(|i| two[i % 2]))
        }
        /// # Safety
        /// Eight words are writable at `p`.
        pub unsafe fn store(self, p: *mut i16) {
            write_unaligned(p as *mut [i16; 8], self.0)
        }
        pub fn add(self, o: Self) -> Self {
            Self(from_fn(|i| self.0[i] + o.0[i]))
        }
        pub fn sub(self, o: Self) -> Self {
            Self(from_fn(|i| self.0[i] - o.0[i]))
        }
        pub fn dot(self, o: Self) -> Sums {
            Sums::of(from_fn(|i| (2 * i..2 * i + 2).map(|k| self.0[k] as i32 * o.0[k] as i32).sum()))
        }
    }
}

use lanes::Words;

/// Buffers that are kept between calls.
#[derive(Default)]
pub struct Scratch {
    inputs: Vec<i16>,
    products: Vec<i32>,
}

/// Whether a layer can, and should, go this way: below 16 channels the transforms cost what the products save.
pub fn fits([kh, kw]: [usize; 2], [sh, sw]: [usize; 2], c: usize, oc: usize) -> bool {
    [kh, kw, sh, sw] == [3, 3, 1, 1] && c.is_multiple_of(WORDS) && oc.is_multiple_of(PANEL) && c >= 16 && oc >= 16
}

/// Weights `[3][3][c][oc]` as 16 matrices in panels of output channels, two channels of each beside one another.
pub fn pack(w: &[i8], c: usize, oc: usize) -> Vec<i16> {
    const G: [[i16; 3]; 4] = [[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]];
    let mut packed = vec![0i16; TILE * c * oc];
    for (i, matrix) in packed.chunks_exact_mut(c * oc).enumerate() {
        for (at, v) in matrix.iter_mut().enumerate() {
            let (panel, pair, o, half) = (at / (c * PANEL), at / (2 * PANEL) % (c / 2), at / 2 % PANEL, at % 2);
            let (from, to) = (2 * pair + half, panel * PANEL + o);
            *v = (0..9).map(|tap| G[i / 4][tap / 3] * G[i % 4][tap % 3] * w[(tap * c + from) * oc + to] as i16).sum();
        }
    }
    packed
}

#[inline(always)]
fn forward(d: [Words; 4]) -> [Words; 4] {
    [d[0].sub(d[2]), d[1].add(d[2]), d[2].sub(d[1]), d[1].sub(d[3])]
}

#[inline(always)]
fn backward(m: [Sums; 4]) -> [Sums; 2] {
    [m[0].add(m[1]).add(m[2]), m[1].sub(m[2]).sub(m[3])]
}

/// Height and width that an image is padded to, so that whole tiles fit.
pub fn padded(s: &ConvShape) -> (usize, usize) {
    ConvShape { oh: s.oh.next_multiple_of(2), ow: s.ow.next_multiple_of(2), ..*s }.padded()
}

/// Convolves one image, `src` `[ph][pw][c]` as [`padded`] says, into image `n` of the target.
pub(crate) fn conv2d(src: &[u8], packed: &[i16], s: &ConvShape, n: usize, target: &Target, f: &Finish, scratch: &mut Scratch) {
    let (ph, pw) = padded(s);
    assert!(src.len() >= ph * pw * s.c && packed.len() == TILE * s.c * s.oc);
    let (rows, columns) = (s.oh.div_ceil(2), s.ow.div_ceil(2));
    let most = (BLOCK / (TILE * (2 * s.c + 4 * s.oc))).clamp(6, 48);
    scratch.inputs.resize(TILE * most * s.c, 0);
    scratch.products.resize(TILE * most * s.oc, 0);
    for first in (0..rows * columns).step_by(most) {
        let tiles = most.min(rows * columns - first);
        for t in 0..tiles {
            let (ty, tx) = ((first + t) / columns, (first + t) % columns);
            transform(&src[(ty * 2 * pw + tx * 2) * s.c..], pw * s.c, s.c, &mut scratch.inputs[t * s.c..], most * s.c);
        }
        for i in 0..TILE {
            let matrix = &packed[i * s.c * s.oc..(i + 1) * s.c * s.oc];
            for (p, panel) in matrix.chunks_exact(s.c * PANEL).enumerate() {
                let mut t = 0;
                while t < tiles {
                    let step = next_tile(tiles - t, LOADED_TILE);
                    // SAFETY: both buffers hold `most` rows for each of the 16 products, and there are no more tiles than that.
                    unsafe {
                        let a = scratch.inputs.as_ptr().add((i * most + t) * s.c);
                        let to = scratch.products.as_mut_ptr().add((i * most + t) * s.oc + p * PANEL);
                        tile_of!(step, LOADED_TILE, product(a, s.c, panel.as_ptr(), to, s.oc));
                    }
                    t += step;
                }
            }
        }
        for t in 0..tiles {
            let (ty, tx) = ((first + t) / columns, (first + t) % columns);
            untransform(&scratch.products[t * s.oc..], most * s.oc, target, s, [n, ty * 2, tx * 2], f);
        }
    }
}

/// `MR` rows of `c` words times a panel.
///
/// # Safety
/// The rows are readable at `a`, the panel at `b`, and `MR` rows of `PANEL` sums, `ldc` apart, are writable at `to`.
#[inline(always)]
unsafe fn product<const MR: usize>(a: *const i16, c: usize, b: *const i16, to: *mut i32, ldc: usize) {
    let mut sums = [[Sums::zero(); 2]; MR];
    for k in (0..c).step_by(2) {
        let w = [Words::load(b.add(k * PANEL)), Words::load(b.add(k * PANEL + WORDS))];
        for (i, s) in sums.iter_mut().enumerate() {
            let x = Words::pair(a.add(i * c + k));
            *s = [s[0].add(x.dot(w[0])), s[1].add(x.dot(w[1]))];
            keep_order();
        }
    }
    for (i, s) in sums.iter().enumerate() {
        s[0].store(to.add(i * ldc));
        s[1].store(to.add(i * ldc + 4));
    }
}

/// A tile of 4 x 4 pixels, lines `line` apart, to 16 values a channel, `step` apart.
fn transform(from: &[u8], line: usize, c: usize, to: &mut [i16], step: usize) {
    assert!(from.len() >= 3 * line + 4 * c && to.len() >= (TILE - 1) * step + c);
    for at in (0..c).step_by(WORDS) {
        // SAFETY: the lengths were checked above, and `c` is whole vectors.
        unsafe {
            let load = |y: usize, x: usize| Words::of_bytes(from.as_ptr().add(y * line + x * c + at));
            let down: [[Words; 4]; 4] = core::array::from_fn(|x| forward(core::array::from_fn(|y| load(y, x))));
            for i in 0..4 {
                let across = forward(core::array::from_fn(|x| down[x][i]));
                for (j, v) in across.into_iter().enumerate() {
                    v.store(to.as_mut_ptr().add((i * 4 + j) * step + at));
                }
            }
        }
    }
}

/// 16 sums an output channel, `step` apart, to those of 2 x 2 pixels that lie within the output.
fn untransform(from: &[i32], step: usize, target: &Target, s: &ConvShape, [n, top, left]: [usize; 3], f: &Finish) {
    assert!(from.len() >= (TILE - 1) * step + s.oc);
    let (height, width) = (2.min(s.oh - top), 2.min(s.ow - left));
    for col in (0..s.oc).step_by(PANEL) {
        let mut sums = [[[Sums::zero(); 2]; 2]; 2];
        for half in 0..2 {
            // SAFETY: the length was checked above, and `oc` is whole panels.
            let load = |i: usize, j: usize| unsafe { Sums::load(from.as_ptr().add((i * 4 + j) * step + col + 4 * half)) };
            let down: [[Sums; 2]; 4] = core::array::from_fn(|j| backward(core::array::from_fn(|i| load(i, j))));
            for (y, row) in sums.iter_mut().enumerate() {
                let across = backward(core::array::from_fn(|j| down[j][y]));
                (0..2).for_each(|x| row[x][half] = across[x]);
            }
        }
        for (y, row) in sums.iter().enumerate().take(height) {
            for (x, &two) in row.iter().enumerate().take(width) {
                let to = ((n * s.oh + top + y) * s.ow + left + x) * s.oc + col;
                // SAFETY: the target has room for all values of the output.
                unsafe { target.put(two, to, col, PANEL, f) };
            }
        }
    }
}
