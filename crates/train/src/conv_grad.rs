//! Gradients of the convolution of `net::conv`, and the depthwise convolution with its gradients.
//!
//! The input gradient is a convolution of the (dilated) output gradient with turned weights, so it reuses `conv2d`.
//! The filter gradient is the product of windows, transposed, with output gradients, summed over pixels.

use net::conv::{conv2d, pad_image, ConvShape};
use net::gemm::{next_tile, pack, pack_into, Epilogue, PANEL};
use net::simd::{keep_order, Lanes, LANES};
use net::{tile_of, winograd};

/// Bytes of input and output gradient that are worked on at a time, so that both stay in the 32 KiB first-level cache.
const BLOCK_BYTES: usize = 24 << 10;

/// Buffers kept between calls, so that a training step allocates nothing of size.
#[derive(Default)]
pub struct Scratch {
    image: Vec<f32>,
    dilated: Vec<f32>,
    panel: Vec<f32>,
    winograd: winograd::Scratch,
}

/// `[kh][kw][c][oc]` to `[kh turned][kw turned][oc][c]`.
fn turn_weights(w: &[f32], s: &ConvShape) -> Vec<f32> {
    let mut out = vec![0.0; w.len()];
    for ky in 0..s.kh {
        for kx in 0..s.kw {
            let from = (ky * s.kw + kx) * s.c * s.oc;
            let to = ((s.kh - 1 - ky) * s.kw + s.kw - 1 - kx) * s.c * s.oc;
            for i in 0..s.c {
                for o in 0..s.oc {
                    out[to + o * s.c + i] = w[from + i * s.oc + o];
                }
            }
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
    let turned = pack(&turn_weights(w, s), s.kh * s.kw * s.oc, s.c);
    // With a stride the gradients lie `stride` apart with zeros between.
    let (dh, dw) = ((s.oh - 1) * s.sh + 1, (s.ow - 1) * s.sw + 1);
    let back =
        ConvShape { n: 1, h: dh, w: dw, c: s.oc, kh: s.kh, kw: s.kw, oc: s.c, sh: 1, sw: 1, top: 0, left: 0, oh: s.h, ow: s.w };
    // Window (y, x) of the padded gradient starts at gradient (y + top - (kh - 1)).
    let (ph, pw) = (s.h + s.kh - 1, s.w + s.kw - 1);
    let (oy0, ox0) = (s.kh as isize - 1 - s.top as isize, s.kw as isize - 1 - s.left as isize);
    let padded = ConvShape { h: ph, w: pw, ..back };
    for n in 0..s.n {
        let from = &dy[n * s.oh * s.ow * s.oc..(n + 1) * s.oh * s.ow * s.oc];
        let direct = (ph, pw, oy0, ox0) == (dh, dw, 0, 0) && s.sh == 1 && s.sw == 1;
        if !direct {
            let d = &mut scratch.dilated;
            d.clear();
            d.resize(ph * pw * s.oc, 0.0);
            for oy in 0..s.oh {
                let y = (oy * s.sh) as isize + oy0;
                if y < 0 || y >= ph as isize {
                    continue;
                }
                for ox in 0..s.ow {
                    let x = (ox * s.sw) as isize + ox0;
                    if x < 0 || x >= pw as isize {
                        continue;
                    }
                    let to = (y as usize * pw + x as usize) * s.oc;
                    d[to..to + s.oc].copy_from_slice(&from[(oy * s.ow + ox) * s.oc..][..s.oc]);
                }
            }
        }
        let src = if direct { from } else { &scratch.dilated[..] };
        let out = &mut dx[n * s.h * s.w * s.c..(n + 1) * s.h * s.w * s.c];
        conv2d(src, &turned, out, &padded, &Epilogue::default(), &mut scratch.image);
    }
}

/// # Safety
/// `a` readable for `MR` values at each of `k` steps of `a_step`, `runs` times `a_run` apart; `b` for `runs * k * PANEL` values;
/// `c` writable for `MR` rows of `PANEL` values, `ldc` apart.
#[inline(always)]
unsafe fn transposed_tile<const MR: usize>(
    a: *const f32,
    a_step: usize,
    a_run: usize,
    b: *const f32,
    runs: usize,
    k: usize,
    c: *mut f32,
    ldc: usize,
) {
    let mut acc = [[Lanes::splat(0.0); 2]; MR];
    let mut b = b;
    for run in 0..runs {
        let mut a = a.add(run * a_run);
        for _ in 0..k {
            let (b0, b1) = (Lanes::load(b), Lanes::load(b.add(LANES)));
            for i in 0..MR {
                let v = Lanes::load_splat(a.add(i));
                acc[i][0] = acc[i][0].fma(v, b0);
                acc[i][1] = acc[i][1].fma(v, b1);
                keep_order();
            }
            a = a.add(a_step);
            b = b.add(PANEL);
        }
    }
    for i in 0..MR {
        let p = c.add(i * ldc);
        Lanes::load(p).add(acc[i][0]).store(p);
        Lanes::load(p.add(LANES)).add(acc[i][1]).store(p.add(LANES));
    }
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
                            let rows = next_tile(window - i);
                            tile_of!(rows, transposed_tile(a, step, run, b, lines, s.ow, c, cols));
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

/// Visits every (output, input, weight) offset of a depthwise convolution: `oc` is the channel multiplier, weights `[kh][kw][c][oc]`.
fn depthwise_each(s: &ConvShape, mut f: impl FnMut(usize, usize, usize)) {
    for n in 0..s.n {
        for oy in 0..s.oh {
            for ox in 0..s.ow {
                for ky in 0..s.kh {
                    for kx in 0..s.kw {
                        let (iy, ix) = ((oy * s.sh + ky).wrapping_sub(s.top), (ox * s.sw + kx).wrapping_sub(s.left));
                        if iy < s.h && ix < s.w {
                            f(
                                ((n * s.oh + oy) * s.ow + ox) * s.c * s.oc,
                                ((n * s.h + iy) * s.w + ix) * s.c,
                                (ky * s.kw + kx) * s.c * s.oc,
                            );
                        }
                    }
                }
            }
        }
    }
}

/// Depthwise convolution: `y` `[n][oh][ow][c * m]` with `m = s.oc` outputs a channel.
pub fn depthwise(x: &[f32], w: &[f32], y: &mut [f32], s: &ConvShape) {
    y.fill(0.0);
    let m = s.oc;
    depthwise_each(s, |oy, ix, kw| {
        let (y, x, w) = (&mut y[oy..oy + s.c * m], &x[ix..ix + s.c], &w[kw..kw + s.c * m]);
        for i in 0..s.c {
            for j in 0..m {
                y[i * m + j] += x[i] * w[i * m + j];
            }
        }
    });
}

/// Input gradient of [`depthwise`].
pub fn depthwise_backprop_input(dy: &[f32], w: &[f32], dx: &mut [f32], s: &ConvShape) {
    dx.fill(0.0);
    let m = s.oc;
    depthwise_each(s, |oy, ix, kw| {
        let (dy, dx, w) = (&dy[oy..oy + s.c * m], &mut dx[ix..ix + s.c], &w[kw..kw + s.c * m]);
        for i in 0..s.c {
            for j in 0..m {
                dx[i] += dy[i * m + j] * w[i * m + j];
            }
        }
    });
}

/// Filter gradient of [`depthwise`].
pub fn depthwise_backprop_filter(x: &[f32], dy: &[f32], dw: &mut [f32], s: &ConvShape) {
    dw.fill(0.0);
    let m = s.oc;
    depthwise_each(s, |oy, ix, kw| {
        let (dy, x, dw) = (&dy[oy..oy + s.c * m], &x[ix..ix + s.c], &mut dw[kw..kw + s.c * m]);
        for i in 0..s.c {
            for j in 0..m {
                dw[i * m + j] += dy[i * m + j] * x[i];
            }
        }
    });
}
