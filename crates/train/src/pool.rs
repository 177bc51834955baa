//! Max pooling in NHWC and its gradient. Values outside the image count as minus infinity.

use net::conv::ConvShape;

/// Calls `f(output offset, input offsets of the window)` for each window; offsets are of channel 0.
fn windows(s: &ConvShape, mut f: impl FnMut(usize, &[usize])) {
    let mut at = Vec::with_capacity(s.kh * s.kw);
    for n in 0..s.n {
        for oy in 0..s.oh {
            for ox in 0..s.ow {
                at.clear();
                for ky in 0..s.kh {
                    for kx in 0..s.kw {
                        let (iy, ix) = ((oy * s.sh + ky).wrapping_sub(s.top), (ox * s.sw + kx).wrapping_sub(s.left));
                        if iy < s.h && ix < s.w {
                            at.push(((n * s.h + iy) * s.w + ix) * s.c);
                        }
                    }
                }
                f(((n * s.oh + oy) * s.ow + ox) * s.c, &at);
            }
        }
    }
}

/// `y` `[n][oh][ow][c]` from `x` `[n][h][w][c]`.
pub fn max_pool(x: &[f32], y: &mut [f32], s: &ConvShape) {
    windows(s, |to, from| {
        let y = &mut y[to..to + s.c];
        y.copy_from_slice(&x[from[0]..from[0] + s.c]);
        for &p in &from[1..] {
            for (a, &b) in y.iter_mut().zip(&x[p..p + s.c]) {
                *a = if *a < b { b } else { *a };
            }
        }
    });
}

/// `dx` from `dy`, the input `x` and the output `y`: each gradient goes to the first of its window's greatest values.
pub fn max_pool_grad(x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32], s: &ConvShape) {
    dx.fill(0.0);
    let mut left = vec![0.0f32; s.c];
    windows(s, |to, from| {
        left.copy_from_slice(&dy[to..to + s.c]);
        let (y, left) = (&y[to..to + s.c], &mut left[..s.c]);
        for &p in from {
            let (x, dx) = (&x[p..p + s.c], &mut dx[p..p + s.c]);
            for i in 0..s.c {
                let (hit, rest) = if x[i] == y[i] { (left[i], 0.0) } else { (0.0, left[i]) };
                dx[i] += hit;
                left[i] = rest;
            }
        }
    });
}
