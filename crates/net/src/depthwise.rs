//! Depthwise convolution in NHWC: each channel by itself. `oc` of the shape is the number of outputs a channel, weights
//! `[kh][kw][c][oc]`.

use crate::conv::ConvShape;

/// Visits every (output, input, weight) offset of a window's tap that lies within the picture.
#[inline(always)]
pub fn each_tap(s: &ConvShape, mut f: impl FnMut(usize, usize, usize)) {
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

/// `y` `[n][oh][ow][c * oc]`, with a bias where there is one.
pub fn depthwise(x: &[f32], w: &[f32], bias: Option<&[f32]>, y: &mut [f32], s: &ConvShape) {
    let m = s.oc;
    match bias {
        Some(bias) => y.chunks_exact_mut(s.c * m).for_each(|row| row.copy_from_slice(bias)),
        None => y.fill(0.0),
    }
    each_tap(s, |oy, ix, kw| {
        let (y, x, w) = (&mut y[oy..oy + s.c * m], &x[ix..ix + s.c], &w[kw..kw + s.c * m]);
        if m == 1 {
            for i in 0..s.c {
                y[i] += x[i] * w[i];
            }
            return;
        }
        for i in 0..s.c {
            for j in 0..m {
                y[i * m + j] += x[i] * w[i * m + j];
            }
        }
    });
}
