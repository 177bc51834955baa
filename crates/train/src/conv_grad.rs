//! Gradients of the convolution of `net::conv`.
//!
//! The input gradient is a convolution of the output gradient with turned weights, one for each place of a pixel in the stride.
//! The filter gradient is the product of windows, transposed, with output gradients, summed over pixels.

use net::conv::{conv2d, pad_image, ConvShape};
use net::gemm::{next_tile, pack, pack_into, rows_times_panel, Epilogue, Rows, LOADED_TILE, PANEL};
use net::simd::{keep_order, Lanes, LANES};
use net::{tile_of, winograd};

/// Bytes of input and output gradient that are worked on at a time, so that both stay in the 32 KiB first-level cache.
const BLOCK_BYTES: usize = 24 << 10;

/// Buffers kept between calls, so that a training step allocates nothing of size.
#[derive(Default)]
pub struct Scratch {
    image: Vec<f32>,
    panel: Vec<f32>,
    winograd: winograd::Scratch,
}

/// `[c][oc]` to `[oc][c]`.
fn transpose(from: &[f32], to: &mut [f32], oc: usize) {
    let c = from.len() / oc;
    for (i, row) in from.chunks_exact(oc).enumerate() {
        row.iter().enumerate().for_each(|(o, v)| to[o * c + i] = *v);
    }
}

/// `[kh][kw][c][oc]` to `[kh turned][kw turned][oc][c]`.
fn turn_weights(w: &[f32], s: &ConvShape) -> Vec<f32> {
    let mut out = vec![0.0; w.len()];
    for ky in 0..s.kh {
        for kx in 0..s.kw {
            let from = (ky * s.kw + kx) * s.c * s.oc;
            let to = ((s.kh - 1 - ky) * s.kw + s.kw - 1 - kx) * s.c * s.oc;
            let each = s.c * s.oc;
            transpose(&w[from..from + each], &mut out[to..to + each], s.oc);
        }
    }
    out
}

/// Forward pass: by Winograd's way where it fits, else direct. `w` is HWIO, as it is: weights change with every step.
pub fn forward(x: &[f32], w: &[f32], y: &mut [f32], s: &ConvShape, e: &Epilogue, scratch: &mut Scratch) {
    if winograd::fits(s.kh, s.kw, [s.sh, s.sw], s.c, s.oc) {
        winograd::conv2d(x, &winograd::Weights::new(w, s.c, s.oc), y, s, e, &mut scratch.winograd);
    } else {
        conv2d(x, &pack(w, s.kh * s.kw * s.c, s.oc), y, s, e, &mut scratch.image);
    }
}

/// `dx` `[n][h][w][c]` from `dy` `[n][oh][ow][oc]` and weights `[kh][kw][c][oc]`.
pub fn backprop_input(dy: &[f32], w: &[f32], dx: &mut [f32], s: &ConvShape, scratch: &mut Scratch) {
    if winograd::fits(s.kh, s.kw, [s.sh, s.sw], s.oc, s.c) {
        // The gradient of a convolution of stride one is one with turned weights and the padding that was missing.
        let back = ConvShape {
            h: s.oh,
            w: s.ow,
            c: s.oc,
            oc: s.c,
            top: s.kh - 1 - s.top,
            left: s.kw - 1 - s.left,
            oh: s.h,
            ow: s.w,
            ..*s
        };
        return forward(dy, &turn_weights(w, s), dx, &back, &Epilogue::default(), scratch);
    }
    // Input pixels whose places modulo the stride are alike see the same taps: each such phase is a convolution of stride one of the
    // output gradient with those taps, turned. So no zeros are multiplied. Phase `r` has the rows `sh * t + r - top` of the input,
    // its tap `j` is row `r + sh * j` of the window and meets gradient `t - j`.
    let (up, left) = ((s.kh.div_ceil(s.sh)) - 1, (s.kw.div_ceil(s.sw)) - 1);
    let (ph, pw) = (up + s.oh.max((s.h - 1 + s.top) / s.sh + 1), left + s.ow.max((s.w - 1 + s.left) / s.sw + 1));
    let padded = ConvShape { n: 1, h: s.oh, w: s.ow, c: s.oc, kh: 1, kw: 1, sh: 1, sw: 1, top: up, left, oh: ph, ow: pw, ..*s };
    let flat = [s.kh, s.kw, s.sh, s.sw] == [1; 4];
    // A stride beyond the window leaves pixels without a tap.
    let phases: Vec<Phase> =
        (0..s.sh.min(s.kh)).flat_map(|y| (0..s.sw.min(s.kw)).map(move |x| (y, x))).map(|(y, x)| Phase::new(w, s, y, x)).collect();
    if s.kh < s.sh || s.kw < s.sw {
        dx.fill(0.0);
    }
    for n in 0..s.n {
        let from = &dy[n * s.oh * s.ow * s.oc..(n + 1) * s.oh * s.ow * s.oc];
        let src = if padded.needs_padding() {
            pad_image(from, &padded, &mut scratch.image);
            &scratch.image[..]
        } else {
            from
        };
        let out = &mut dx[n * s.h * s.w * s.c..(n + 1) * s.h * s.w * s.c];
        for phase in &phases {
            let rows = Rows { row: s.oc, runs: phase.taps[0], k: phase.taps[1] * s.oc, run_stride: pw * s.oc };
            let (lines, m) = if flat { (1, s.h * s.w) } else { (phase.y.count, phase.x.count) };
            let (from_y, from_x) = (phase.y.first + up + 1 - phase.taps[0], phase.x.first + left + 1 - phase.taps[1]);
            for (p, panel) in phase.packed.chunks_exact(rows.runs * rows.k * PANEL).enumerate() {
                let col = p * PANEL;
                for line in 0..lines {
                    let to = ((phase.y.pixel + line * s.sh) * s.w + phase.x.pixel) * s.c + col;
                    // SAFETY: `padded` has room for all gradients that a pixel of the input can meet, and the pixels of a phase lie
                    // within the input, `sw` apart.
                    unsafe {
                        rows_times_panel(
                            src.as_ptr().add(((from_y + line) * pw + from_x) * s.oc),
                            m,
                            rows,
                            panel.as_ptr(),
                            out.as_mut_ptr().add(to),
                            s.sw * s.c,
                            col,
                            PANEL.min(s.c - col),
                            &Epilogue::default(),
                        );
                    }
                }
            }
        }
    }
}

/// Pixels of the input along one axis that see the same taps.
struct Along {
    /// The first pixel, how many there are, and the gradient that meets tap 0 at the first.
    pixel: usize,
    count: usize,
    first: usize,
}

impl Along {
    fn new(r: usize, stride: usize, before: usize, length: usize) -> Self {
        let first = before.saturating_sub(r).div_ceil(stride);
        let pixel = stride * first + r - before;
        Self { pixel, count: length.saturating_sub(pixel).div_ceil(stride), first }
    }
}

struct Phase {
    taps: [usize; 2],
    y: Along,
    x: Along,
    /// `[taps turned][oc][c]` in panels.
    packed: Vec<f32>,
}

impl Phase {
    fn new(w: &[f32], s: &ConvShape, ry: usize, rx: usize) -> Self {
        let taps = [(s.kh - ry).div_ceil(s.sh), (s.kw - rx).div_ceil(s.sw)];
        let mut turned = vec![0.0; taps[0] * taps[1] * s.c * s.oc];
        for (i, to) in turned.chunks_exact_mut(s.c * s.oc).enumerate() {
            let (ky, kx) = (ry + s.sh * (taps[0] - 1 - i / taps[1]), rx + s.sw * (taps[1] - 1 - i % taps[1]));
            transpose(&w[(ky * s.kw + kx) * s.c * s.oc..][..s.c * s.oc], to, s.oc);
        }
        Self {
            taps,
            y: Along::new(ry, s.sh, s.top, s.h),
            x: Along::new(rx, s.sw, s.left, s.w),
            packed: pack(&turned, taps[0] * taps[1] * s.oc, s.c),
        }
    }
}

/// # Safety
/// `a` readable for `MR` values at each of `k` steps of `a_step`, `runs` times `a_run` apart; `b` for `runs * k * PANEL` values;
/// `c` writable for `MR` rows of `PANEL` values, `ldc` apart.
#[inline(always)]
unsafe fn transposed_tile<const MR: usize, const VECTORS: usize>(
    a: *const f32,
    a_step: usize,
    a_run: usize,
    b: *const f32,
    runs: usize,
    k: usize,
    c: *mut f32,
    ldc: usize,
) {
    let mut acc = [[Lanes::splat(0.0); VECTORS]; MR];
    let mut b = b;
    for run in 0..runs {
        let mut a = a.add(run * a_run);
        for _ in 0..k {
            let columns: [Lanes; VECTORS] = core::array::from_fn(|v| Lanes::load(b.add(v * LANES)));
            for i in 0..MR {
                let v = Lanes::load_splat(a.add(i));
                for (acc, column) in acc[i].iter_mut().zip(columns) {
                    *acc = acc.fma(v, column);
                }
                keep_order();
            }
            a = a.add(a_step);
            b = b.add(PANEL);
        }
    }
    for i in 0..MR {
        for (v, sum) in acc[i].into_iter().enumerate() {
            let p = c.add(i * ldc + v * LANES);
            Lanes::load(p).add(sum).store(p);
        }
    }
}

/// # Safety
/// As [`transposed_tile`].
#[inline(always)]
unsafe fn wide_tile<const MR: usize>(
    a: *const f32,
    a_step: usize,
    a_run: usize,
    b: *const f32,
    runs: usize,
    k: usize,
    c: *mut f32,
    ldc: usize,
) {
    transposed_tile::<MR, 2>(a, a_step, a_run, b, runs, k, c, ldc);
}

/// [`wide_tile`] for a panel whose second half is empty.
///
/// # Safety
/// As [`transposed_tile`].
#[inline(always)]
unsafe fn narrow_tile<const MR: usize>(
    a: *const f32,
    a_step: usize,
    a_run: usize,
    b: *const f32,
    runs: usize,
    k: usize,
    c: *mut f32,
    ldc: usize,
) {
    transposed_tile::<MR, 1>(a, a_step, a_run, b, runs, k, c, ldc);
}

/// `dw` `[kh][kw][c][oc]` from `x` `[n][h][w][c]` and `dy` `[n][oh][ow][oc]`.
pub fn backprop_filter(x: &[f32], dy: &[f32], dw: &mut [f32], s: &ConvShape, scratch: &mut Scratch) {
    let (_, pw) = s.padded();
    let window = s.kw * s.c;
    // Sums are kept with the columns filled up to whole panels, so that the tiles need no tails.
    let cols = s.oc.div_ceil(PANEL) * PANEL;
    let mut sums = vec![0.0f32; s.kh * window * cols];
    let line_bytes = 4 * (s.sh * pw * s.c + s.ow * s.oc);
    let block = (BLOCK_BYTES / line_bytes).clamp(1, s.oh);
    for n in 0..s.n {
        let img = &x[n * s.h * s.w * s.c..(n + 1) * s.h * s.w * s.c];
        let src = if s.needs_padding() {
            pad_image(img, s, &mut scratch.image);
            &scratch.image[..]
        } else {
            img
        };
        let grads = &dy[n * s.oh * s.ow * s.oc..(n + 1) * s.oh * s.ow * s.oc];
        for oy in (0..s.oh).step_by(block) {
            let lines = block.min(s.oh - oy);
            let pixels = lines * s.ow;
            scratch.panel.resize(pixels * cols, 0.0);
            pack_into(&grads[oy * s.ow * s.oc..], pixels, s.oc, s.oc, &mut scratch.panel[..pixels * cols]);
            for ky in 0..s.kh {
                let base = (oy * s.sh + ky) * pw * s.c;
                for p in 0..cols / PANEL {
                    let panel = &scratch.panel[p * pixels * PANEL..];
                    let mut i = 0;
                    while i < window {
                        // SAFETY: the windows of these lines lie within the padded image; `sums` has whole panels.
                        unsafe {
                            let a = src.as_ptr().add(base + i);
                            let c = sums.as_mut_ptr().add((ky * window + i) * cols + p * PANEL);
                            let (step, run) = (s.sw * s.c, s.sh * pw * s.c);
                            let b = panel.as_ptr();
                            let rows = next_tile(window - i, LOADED_TILE);
                            if s.oc - p * PANEL <= LANES {
                                tile_of!(rows, LOADED_TILE, narrow_tile(a, step, run, b, lines, s.ow, c, cols));
                            } else {
                                tile_of!(rows, LOADED_TILE, wide_tile(a, step, run, b, lines, s.ow, c, cols));
                            }
                            i += rows;
                        }
                    }
                }
            }
        }
    }
    for (row, out) in sums.chunks_exact(cols).zip(dw.chunks_exact_mut(s.oc)) {
        out.copy_from_slice(&row[..s.oc]);
    }
}

/// Slow judge of [`backprop_input`] and [`backprop_filter`]: the definition, one multiply-add at a time.
pub fn backprop_reference(x: &[f32], w: &[f32], dy: &[f32], s: &ConvShape) -> (Vec<f32>, Vec<f32>) {
    let (mut dx, mut dw) = (vec![0.0; s.n * s.h * s.w * s.c], vec![0.0; s.kh * s.kw * s.c * s.oc]);
    for n in 0..s.n {
        for oy in 0..s.oh {
            for ox in 0..s.ow {
                for ky in 0..s.kh {
                    for kx in 0..s.kw {
                        let (iy, ix) = ((oy * s.sh + ky).wrapping_sub(s.top), (ox * s.sw + kx).wrapping_sub(s.left));
                        if iy >= s.h || ix >= s.w {
                            continue;
                        }
                        for i in 0..s.c {
                            for o in 0..s.oc {
                                let g = dy[((n * s.oh + oy) * s.ow + ox) * s.oc + o];
                                let (xi, wi) = (((n * s.h + iy) * s.w + ix) * s.c + i, ((ky * s.kw + kx) * s.c + i) * s.oc + o);
                                dx[xi] += g * w[wi];
                                dw[wi] += g * x[xi];
                            }
                        }
                    }
                }
            }
        }
    }
    (dx, dw)
}
