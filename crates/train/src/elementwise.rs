//! Element-wise kernels of the tfjs backend: one code an operation, and the broadcasts that layers use.

/// Operations on one tensor. The numbers are the codes that `src/train/backend` passes.
pub fn unary(code: u32, x: &[f32], y: &mut [f32]) -> bool {
    fn map(x: &[f32], y: &mut [f32], f: impl Fn(f32) -> f32) {
        for (y, &x) in y.iter_mut().zip(x) {
            *y = f(x);
        }
    }
    match code {
        0 => map(x, y, |v| if v < 0.0 { 0.0 } else { v }),
        1 => map(x, y, |v| {
            if v > 0.0 {
                1.0
            } else if v.is_nan() {
                v
            } else {
                0.0
            }
        }),
        2 => map(x, y, |v| -v),
        3 => map(x, y, |v| v * v),
        4 => map(x, y, f32::sqrt),
        5 => map(x, y, |v| 1.0 / v.sqrt()),
        6 => map(x, y, f32::exp),
        7 => map(x, y, f32::ln),
        8 => map(x, y, |v| 1.0 / (1.0 + (-v).exp())),
        9 => map(x, y, f32::tanh),
        10 => map(x, y, f32::abs),
        11 => map(x, y, |v| 1.0 / v),
        _ => return false,
    }
    true
}

/// Operations on two tensors. `b` is as long as `a`, or repeats along it: one value, or one row of the last axis.
pub fn binary(code: u32, a: &[f32], b: &[f32], y: &mut [f32]) -> bool {
    fn zip(a: &[f32], b: &[f32], y: &mut [f32], f: impl Fn(f32, f32) -> f32) {
        if b.len() == 1 {
            let b = b[0];
            for (y, &a) in y.iter_mut().zip(a) {
                *y = f(a, b);
            }
        } else {
            for (y, a) in y.chunks_mut(b.len()).zip(a.chunks(b.len())) {
                for ((y, &a), &b) in y.iter_mut().zip(a).zip(b) {
                    *y = f(a, b);
                }
            }
        }
    }
    match code {
        0 => zip(a, b, y, |a, b| a + b),
        1 => zip(a, b, y, |a, b| a - b),
        2 => zip(a, b, y, |a, b| a * b),
        3 => zip(a, b, y, |a, b| a / b),
        4 => zip(a, b, y, |a, b| if a < b { b } else { a }),
        5 => zip(a, b, y, |a, b| if b < a { b } else { a }),
        6 => zip(a, b, y, |a, b| b - a),
        7 => zip(a, b, y, |a, b| b / a),
        _ => return false,
    }
    true
}

/// Sums of each row of `[rows][k]`.
pub fn row_sums(x: &[f32], k: usize, y: &mut [f32]) {
    for (row, y) in x.chunks_exact(k).zip(y) {
        *y = row.iter().map(|&v| v as f64).sum::<f64>() as f32;
    }
}

/// Dropout by a counter-based hash (Murmur3's finaliser), so that a step needs no stored random state:
/// keeps a value with probability `keep` and scales it by `1 / keep`. The same seed on the gradient gives the same mask.
pub fn dropout(x: &[f32], y: &mut [f32], keep: f32, seed: u32) {
    let limit = (keep as f64 * u32::MAX as f64) as u32;
    let scale = 1.0 / keep;
    for (i, (y, &x)) in y.iter_mut().zip(x).enumerate() {
        let mut h = (i as u32).wrapping_mul(0x9e37_79b9) ^ seed;
        h = (h ^ (h >> 16)).wrapping_mul(0x85eb_ca6b);
        h = (h ^ (h >> 13)).wrapping_mul(0xc2b2_ae35);
        h ^= h >> 16;
        *y = if h <= limit { x * scale } else { 0.0 };
    }
}
