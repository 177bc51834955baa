//! Convolution in integers: activations of seven bits, weights of eight with a scale a channel, exact sums of 32
//! (Jacob et al. 2018). Seven bits, as relaxed SIMD's dot product is exact only if one side leaves the eighth free.
//!
//! Weights are packed so that a vector holds four products of each of four output channels; layers that `winograd8` fits go its way.

use crate::conv::ConvShape;
use crate::gemm::{next_tile, LOADED_TILE};
use crate::simd::keep_order;
use crate::tile_of;
use crate::winograd8;

/// Output channels of a panel: two vectors of four.
pub const PANEL: usize = 8;
/// Products that a lane adds at once.
const DEPTH: usize = 4;
/// Groups of a turn of the inner loop.
const UNROLLED: usize = 4;
/// Largest activation.
pub const MOST: f32 = 127.0;

/// How real values became bytes: `value = (byte - zero) * scale`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quant {
    pub scale: f32,
    pub zero: u8,
}

impl Quant {
    /// Covers `low..high` and keeps 0 exact, as padding needs it.
    pub fn of(low: f32, high: f32) -> Self {
        let (low, high) = (low.min(0.0), high.max(0.0));
        let scale = ((high - low) / MOST).max(1e-12);
        Self { scale, zero: (-low / scale).round() as u8 }
    }
    pub fn bytes(&self, x: &[f32], out: &mut Vec<u8>) {
        let inverse = 1.0 / self.scale;
        out.clear();
        out.extend(x.iter().map(|v| (v * inverse + self.zero as f32).clamp(0.0, MOST).round_ties_even() as u8));
        // A window's last group of four may reach beyond it; its weights are zero there.
        out.extend([0; DEPTH]);
    }
}

#[cfg(target_arch = "wasm32")]
mod lanes {
    use core::arch::wasm32::*;

    /// Weights of four channels, four products each.
    #[derive(Clone, Copy)]
    #[cfg(target_feature = "relaxed-simd")]
    pub struct Weights(v128);
    /// The same as words: plain SIMD has a dot product of those only.
    #[derive(Clone, Copy)]
    #[cfg(not(target_feature = "relaxed-simd"))]
    pub struct Weights(v128, v128);

    #[derive(Clone, Copy)]
    pub struct Sums(v128);

    impl Weights {
        /// # Safety
        /// Sixteen bytes are readable at `p`.
        #[inline(always)]
        pub unsafe fn load(p: *const i8) -> Self {
            let v = v128_load(p as *const v128);
            #[cfg(target_feature = "relaxed-simd")]
            return Self(v);
            #[cfg(not(target_feature = "relaxed-simd"))]
            return Self(i16x8_extend_low_i8x16(v), i16x8_extend_high_i8x16(v));
        }
    }

    impl Sums {
        #[inline(always)]
        pub fn zero() -> Self {
            Self(i32x4_splat(0))
        }
        #[inline(always)]
        pub fn of(sums: v128) -> Self {
            Self(sums)
        }
        /// # Safety
        /// Four sums are readable at `p`.
        #[inline(always)]
        pub unsafe fn load(p: *const i32) -> Self {
            Self(v128_load(p as *const v128))
        }
        /// # Safety
        /// Four sums are writable at `p`.
        #[inline(always)]
        pub unsafe fn store(self, p: *mut i32) {
            v128_store(p as *mut v128, self.0)
        }
        #[inline(always)]
        pub fn add(self, o: Self) -> Self {
            Self(i32x4_add(self.0, o.0))
        }
        #[inline(always)]
        pub fn sub(self, o: Self) -> Self {
            Self(i32x4_sub(self.0, o.0))
        }
        /// Adds the products of the weights with the four bytes at `x`.
        ///
        /// # Safety
        /// Four bytes are readable at `x`.
        #[inline(always)]
        pub unsafe fn dot(self, w: Weights, x: *const u8) -> Self {
            let x = v128_load32_splat(x as *const u32);
            #[cfg(target_feature = "relaxed-simd")]
            return Self(i32x4_relaxed_dot_i8x16_i7x16_add(w.0, x, self.0));
            #[cfg(not(target_feature = "relaxed-simd"))]
            {
                let x = u16x8_extend_low_u8x16(x);
                let (a, b) = (i32x4_dot_i16x8(w.0, x), i32x4_dot_i16x8(w.1, x));
                let pairs = i32x4_add(i32x4_shuffle::<0, 2, 4, 6>(a, b), i32x4_shuffle::<1, 3, 5, 7>(a, b));
                Self(i32x4_add(self.0, pairs))
            }
        }
        /// # Safety
        /// Four values are readable at each pointer of `f`.
        #[inline(always)]
        pub unsafe fn finish(self, f: &super::Finish, at: usize) -> Values {
            let load = |v: &[f32]| v128_load(v.as_ptr().add(at) as *const v128);
            let mut v = f32x4_add(f32x4_mul(f32x4_convert_i32x4(self.0), load(&f.scale)), load(&f.bias));
            if f.relu {
                v = f32x4_pmax(f32x4_splat(0.0), v);
            }
            if f.affine {
                v = f32x4_add(f32x4_mul(v, load(&f.gain)), load(&f.shift));
            }
            Values(v)
        }
    }

    #[derive(Clone, Copy)]
    pub struct Values(v128);

    impl Values {
        #[inline(always)]
        pub fn get(self) -> [f32; 4] {
            [
                f32x4_extract_lane::<0>(self.0),
                f32x4_extract_lane::<1>(self.0),
                f32x4_extract_lane::<2>(self.0),
                f32x4_extract_lane::<3>(self.0),
            ]
        }
        /// Both vectors as bytes.
        #[inline(always)]
        pub fn bytes(a: Self, b: Self, inverse: f32, zero: f32) -> [u8; 8] {
            let q = |v: v128| {
                let v = f32x4_add(f32x4_mul(v, f32x4_splat(inverse)), f32x4_splat(zero));
                let v = f32x4_pmax(f32x4_splat(0.0), f32x4_pmin(f32x4_splat(super::MOST), v));
                i32x4_trunc_sat_f32x4(f32x4_nearest(v))
            };
            let words = i16x8_narrow_i32x4(q(a.0), q(b.0));
            u64x2_extract_lane::<0>(u8x16_narrow_i16x8(words, words)).to_le_bytes()
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod lanes {
    #[derive(Clone, Copy)]
    pub struct Weights([i8; 16]);
    #[derive(Clone, Copy)]
    pub struct Sums([i32; 4]);
    #[derive(Clone, Copy)]
    pub struct Values([f32; 4]);

    impl Weights {
        /// # Safety
        /// Sixteen bytes are readable at `p`.
        #[inline(always)]
        pub unsafe fn load(p: *const i8) -> Self {
            Self(core::ptr::read_unaligned(p as *const [i8; 16]))
        }
    }

    impl Sums {
        #[inline(always)]
        pub fn zero() -> Self {
            Self([0; 4])
        }
        #[inline(always)]
        pub fn of(sums: [i32; 4]) -> Self {
            Self(sums)
        }
        /// # Safety
        /// Four sums are readable at `p`.
        #[inline(always)]
        pub unsafe fn load(p: *const i32) -> Self {
            Self(core::ptr::read_unaligned(p as *const [i32; 4]))
        }
        /// # Safety
        /// Four sums are writable at `p`.
        #[inline(always)]
        pub unsafe fn store(self, p: *mut i32) {
            core::ptr::write_unaligned(p as *mut [i32; 4], self.0)
        }
        #[inline(always)]
        pub fn add(self, o: Self) -> Self {
            Self(core::array::from_fn(|i| self.0[i] + o.0[i]))
        }
        #[inline(always)]
        pub fn sub(self, o: Self) -> Self {
            Self(core::array::from_fn(|i| self.0[i] - o.0[i]))
        }
        /// Adds the products of the weights with the four bytes at `x`.
        ///
        /// # Safety
        /// Four bytes are readable at `x`.
        #[inline(always)]
        pub unsafe fn dot(self, w: Weights, x: *const u8) -> Self {
            let x = core::ptr::read_unaligned(x as *const [u8; 4]);
            Self(core::array::from_fn(|i| self.0[i] + (0..4).map(|k| w.0[4 * i + k] as i32 * x[k] as i32).sum::<i32>()))
        }
        /// # Safety
        /// Four values are there from `at` in each slice of `f`.
        #[inline(always)]
        pub unsafe fn finish(self, f: &super::Finish, at: usize) -> Values {
            Values(core::array::from_fn(|i| f.value(self.0[i], at + i)))
        }
    }

    impl Values {
        #[inline(always)]
        pub fn get(self) -> [f32; 4] {
            self.0
        }
        /// Both vectors as bytes.
        #[inline(always)]
        pub fn bytes(a: Self, b: Self, inverse: f32, zero: f32) -> [u8; 8] {
            let q = |v: f32| (v * inverse + zero).clamp(0.0, super::MOST).round_ties_even() as u8;
            core::array::from_fn(|i| q(if i < 4 { a.0[i] } else { b.0[i - 4] }))
        }
    }
}

pub(crate) use lanes::Sums;
use lanes::{Values, Weights};

/// From a sum to a real value: `relu?(sum * scale + bias) * gain + shift`, one value a channel, filled up to whole panels.
pub struct Finish {
    scale: Vec<f32>,
    bias: Vec<f32>,
    relu: bool,
    affine: bool,
    gain: Vec<f32>,
    shift: Vec<f32>,
}

impl Finish {
    fn value(&self, sum: i32, channel: usize) -> f32 {
        let mut v = sum as f32 * self.scale[channel] + self.bias[channel];
        if self.relu {
            v = v.max(0.0);
        }
        if self.affine {
            v = v * self.gain[channel] + self.shift[channel];
        }
        v
    }
}

enum Kernel {
    /// In panels of output channels, groups of four products of each.
    Direct(Vec<i8>),
    Winograd(Vec<i16>),
}

/// A convolution's weights, ready to run on activations of one `Quant`.
pub struct Conv8 {
    kernel: Kernel,
    /// How many times as large as they are the kernel's sums come out.
    times: i32,
    /// `[kh * kw * c][oc]`, kept for the slow judge.
    weights: Vec<i8>,
    finish: Finish,
    input: Quant,
}

/// Buffers that are kept between calls.
#[derive(Default)]
pub struct Scratch {
    image: Vec<u8>,
    winograd: winograd8::Scratch,
}

/// What a convolution gives: bytes for the next one, or the values themselves.
pub enum Out<'a> {
    Bytes(&'a mut Vec<u8>, Quant),
    Values(&'a mut Vec<f32>),
}

/// Weights HWIO in panels of output channels, groups of four products of each.
fn pack(weights: &[i8], [kh, kw, c, oc]: [usize; 4]) -> Vec<i8> {
    let (run, panels) = (kw * c, oc.div_ceil(PANEL));
    let per_run = run.div_ceil(DEPTH);
    let mut packed = vec![0i8; panels * kh * per_run * PANEL * DEPTH];
    for (i, &w) in weights.iter().enumerate() {
        let (o, y, x) = (i % oc, i / oc / run, i / oc % run);
        let group = (o / PANEL * kh + y) * per_run + x / DEPTH;
        packed[(group * PANEL + o % PANEL) * DEPTH + x % DEPTH] = w;
    }
    packed
}

/// Groups of four in a run of a window.
fn groups(s: &ConvShape) -> usize {
    (s.kw * s.c).div_ceil(DEPTH)
}

impl Conv8 {
    /// `weights` HWIO; `affine` scale and shift after the ReLU.
    pub fn new(
        weights: &[f32],
        [kh, kw, c, oc]: [usize; 4],
        stride: [usize; 2],
        bias: &[f32],
        relu: bool,
        affine: Option<(&[f32], &[f32])>,
        input: Quant,
    ) -> Self {
        let k = kh * kw * c;
        let scales: Vec<f32> =
            (0..oc).map(|o| (0..k).map(|i| weights[i * oc + o].abs()).fold(0.0, f32::max).max(1e-12) / 127.0).collect();
        let bytes: Vec<i8> = weights.iter().enumerate().map(|(i, w)| (w / scales[i % oc]).round() as i8).collect();
        let panels = oc.div_ceil(PANEL);
        let (kernel, times) = if winograd8::fits([kh, kw], stride, c, oc) {
            (Kernel::Winograd(winograd8::pack(&bytes, c, oc)), winograd8::TIMES)
        } else {
            (Kernel::Direct(pack(&bytes, [kh, kw, c, oc])), 1)
        };
        let filled = |f: &dyn Fn(usize) -> f32| (0..panels * PANEL).map(|o| if o < oc { f(o) } else { 0.0 }).collect();
        let sum = |o: usize| (0..k).map(|i| bytes[i * oc + o] as i32).sum::<i32>();
        let finish = Finish {
            scale: filled(&|o| scales[o] * input.scale / times as f32),
            bias: filled(&|o| bias[o] - (input.zero as i32 * sum(o)) as f32 * scales[o] * input.scale),
            relu,
            affine: affine.is_some(),
            gain: filled(&|o| affine.map_or(1.0, |a| a.0[o])),
            shift: filled(&|o| affine.map_or(0.0, |a| a.1[o])),
        };
        Self { kernel, times, weights: bytes, finish, input }
    }

    /// `x` `[n][h][w][c]` and four bytes more.
    pub fn run(&self, x: &[u8], s: &ConvShape, out: Out, scratch: &mut Scratch) {
        let (ph, pw) = match self.kernel {
            Kernel::Direct(_) => s.padded(),
            Kernel::Winograd(_) => winograd8::padded(s),
        };
        let image = s.h * s.w * s.c;
        assert!(x.len() >= s.n * image + DEPTH);
        let total = s.n * s.oh * s.ow * s.oc;
        let target = match out {
            Out::Bytes(v, q) => {
                v.resize(total + DEPTH, 0);
                Target::Bytes(v.as_mut_ptr(), 1.0 / q.scale, q.zero as f32)
            }
            Out::Values(v) => {
                v.resize(total, 0.0);
                Target::Values(v.as_mut_ptr())
            }
        };
        for n in 0..s.n {
            let img = &x[n * image..];
            let src = if (ph, pw) == (s.h, s.w) {
                img
            } else {
                self.pad(&img[..image], s, (ph, pw), &mut scratch.image);
                &scratch.image[..]
            };
            match &self.kernel {
                Kernel::Direct(packed) => self.direct(packed, src, s, n, &target),
                Kernel::Winograd(packed) => {
                    winograd8::conv2d(src, packed, s, n, &target, &self.finish, &mut scratch.winograd);
                }
            }
        }
    }

    /// One image, padded, into image `n` of the target.
    fn direct(&self, packed: &[i8], src: &[u8], s: &ConvShape, n: usize, target: &Target) {
        let (ph, pw) = s.padded();
        let per_panel = s.kh * groups(s) * PANEL * DEPTH;
        assert!(src.len() >= ph * pw * s.c + DEPTH && packed.len() >= s.oc.div_ceil(PANEL) * per_panel);
        let flat = !s.needs_padding() && s.kh == 1 && s.kw == 1 && s.sh == 1 && s.sw == 1;
        let (lines, m) = if flat { (1, s.oh * s.ow) } else { (s.oh, s.ow) };
        let rows = Rows { row: s.sw * s.c, runs: s.kh, groups: groups(s), run_stride: pw * s.c };
        for p in 0..s.oc.div_ceil(PANEL) {
            let col = p * PANEL;
            let width = PANEL.min(s.oc - col);
            for oy in 0..lines {
                let mut i = 0;
                while i < m {
                    let step = next_tile(m - i, LOADED_TILE);
                    // SAFETY: the last window of a line ends within the padded image, whose slack takes the rest of a group;
                    // the output has room for all values.
                    unsafe {
                        let a = src.as_ptr().add(oy * s.sh * pw * s.c + i * rows.row);
                        let b = packed.as_ptr().add(p * per_panel);
                        let to = ((n * s.oh + oy) * s.ow + i) * s.oc + col;
                        tile_of!(step, LOADED_TILE, tile(a, rows, b, target, to, s.oc, col, width, &self.finish));
                    }
                    i += step;
                }
            }
        }
    }

    /// The image amid bytes that stand for zero.
    fn pad(&self, x: &[u8], s: &ConvShape, (ph, pw): (usize, usize), out: &mut Vec<u8>) {
        out.clear();
        out.resize(ph * pw * s.c + DEPTH, self.input.zero);
        let row = s.w * s.c;
        for y in 0..s.h {
            let to = ((y + s.top) * pw + s.left) * s.c;
            out[to..to + row].copy_from_slice(&x[y * row..(y + 1) * row]);
        }
    }

    /// Slow judge of [`Conv8::run`]: the values before they become bytes.
    pub fn run_reference(&self, x: &[u8], s: &ConvShape) -> Vec<f32> {
        let mut y = Vec::with_capacity(s.n * s.oh * s.ow * s.oc);
        for at in 0..s.n * s.oh * s.ow {
            let (n, oy, ox) = (at / (s.oh * s.ow), at / s.ow % s.oh, at % s.ow);
            for o in 0..s.oc {
                let mut sum = 0;
                for ky in 0..s.kh {
                    for kx in 0..s.kw {
                        let (iy, ix) = ((oy * s.sh + ky).wrapping_sub(s.top), (ox * s.sw + kx).wrapping_sub(s.left));
                        for c in 0..s.c {
                            let inside = iy < s.h && ix < s.w;
                            let v = if inside { x[((n * s.h + iy) * s.w + ix) * s.c + c] } else { self.input.zero };
                            sum += v as i32 * self.weights[((ky * s.kw + kx) * s.c + c) * s.oc + o] as i32;
                        }
                    }
                }
                y.push(self.finish.value(sum * self.times, o));
            }
        }
        y
    }
}

#[derive(Clone, Copy)]
struct Rows {
    row: usize,
    runs: usize,
    groups: usize,
    run_stride: usize,
}

/// Where values go: as bytes by scale and zero, or as they are.
pub(crate) enum Target {
    Bytes(*mut u8, f32, f32),
    Values(*mut f32),
}

impl Target {
    /// Puts the values of up to a panel of output channels, the first of them `col`, at `to`.
    ///
    /// # Safety
    /// `width` values are writable there.
    #[inline(always)]
    pub unsafe fn put(&self, sums: [Sums; 2], to: usize, col: usize, width: usize, f: &Finish) {
        let (v0, v1) = (sums[0].finish(f, col), sums[1].finish(f, col + 4));
        match self {
            Target::Bytes(y, inverse, zero) => {
                let bytes = Values::bytes(v0, v1, *inverse, *zero);
                // Of a known length it is one store, of another a call.
                if width == PANEL {
                    core::ptr::copy_nonoverlapping(bytes.as_ptr(), y.add(to), PANEL);
                } else {
                    core::ptr::copy_nonoverlapping(bytes.as_ptr(), y.add(to), width);
                }
            }
            Target::Values(y) => {
                let (a, b) = (v0.get(), v1.get());
                let values: [f32; PANEL] = core::array::from_fn(|i| if i < 4 { a[i] } else { b[i - 4] });
                core::ptr::copy_nonoverlapping(values.as_ptr(), y.add(to), width);
            }
        }
    }
}

/// # Safety
/// `MR` windows as `rows` describes them are readable at `a`, their weights at `b`, and `MR` rows of `width` values, `ldc` apart, are
/// writable from `to` of the target.
#[inline(always)]
unsafe fn tile<const MR: usize>(
    a: *const u8,
    rows: Rows,
    b: *const i8,
    target: &Target,
    to: usize,
    ldc: usize,
    col: usize,
    width: usize,
    f: &Finish,
) {
    let mut sums = [[Sums::zero(); 2]; MR];
    let mut b = b;
    for run in 0..rows.runs {
        let mut p: [*const u8; MR] = core::array::from_fn(|i| a.add(run * rows.run_stride + i * rows.row));
        for _ in 0..rows.groups / UNROLLED {
            for u in 0..UNROLLED {
                let w = [Weights::load(b.add(u * 32)), Weights::load(b.add(u * 32 + 16))];
                for i in 0..MR {
                    sums[i] = [sums[i][0].dot(w[0], p[i].add(u * DEPTH)), sums[i][1].dot(w[1], p[i].add(u * DEPTH))];
                    keep_order();
                }
            }
            b = b.add(UNROLLED * 32);
            for p in p.iter_mut() {
                *p = p.add(UNROLLED * DEPTH);
            }
        }
        for u in 0..rows.groups % UNROLLED {
            let w = [Weights::load(b), Weights::load(b.add(16))];
            for i in 0..MR {
                sums[i] = [sums[i][0].dot(w[0], p[i].add(u * DEPTH)), sums[i][1].dot(w[1], p[i].add(u * DEPTH))];
            }
            b = b.add(32);
        }
    }
    for (i, &s) in sums.iter().enumerate() {
        target.put(s, to + i * ldc, col, width, f);
    }
}

/// The largest of each window, as [`crate::model`] pools values.
pub fn max_pool(x: &[u8], y: &mut Vec<u8>, [n, h, w, c]: [usize; 4], [kh, kw]: [usize; 2]) {
    let (oh, ow) = (h / kh, w / kw);
    y.resize(n * oh * ow * c + DEPTH, 0);
    for at in 0..n * oh * ow {
        let (i, oy, ox) = (at / (oh * ow), at / ow % oh, at % ow);
        let out = &mut y[at * c..(at + 1) * c];
        if [kh, kw] == [2, 2] {
            // The usual window in one go, without a copy for its first pixel.
            let above = &x[((i * h + oy * 2) * w + ox * 2) * c..][..2 * c];
            let below = &x[((i * h + oy * 2 + 1) * w + ox * 2) * c..][..2 * c];
            let pairs = above[..c].iter().zip(&above[c..]).zip(below[..c].iter().zip(&below[c..]));
            out.iter_mut().zip(pairs).for_each(|(v, ((&p, &q), (&r, &s)))| *v = p.max(q).max(r.max(s)));
            continue;
        }
        for ky in 0..kh {
            for kx in 0..kw {
                let from = &x[((i * h + oy * kh + ky) * w + ox * kw + kx) * c..][..c];
                if ky + kx == 0 {
                    out.copy_from_slice(from);
                } else {
                    out.iter_mut().zip(from).for_each(|(a, &b)| *a = (*a).max(b));
                }
            }
        }
    }
}
