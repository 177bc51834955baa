//! Softmax of a row, with an exponential that compilers make vectors of.

const LOG2_E: f32 = core::f32::consts::LOG2_E;
/// The logarithm of 2 in two parts, so that a whole number of them is taken off without loss (Cody and Waite 1980).
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;
/// Added and taken off again it rounds to a whole number, which then stands in the lowest bits.
const ROUND: f32 = 12_582_912.0;

/// `e^x` for `x` from -87 to 88, below as at -87; off by at most 2e-7 of its size. Taylor's series on half a binary order to each side.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let x = if x < -87.0 { -87.0 } else { x };
    let shifted = x * LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let p = 1.0 / 720.0 + r * (1.0 / 5040.0);
    let p = 1.0 / 24.0 + r * (1.0 / 120.0 + r * p);
    let p = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * p)));
    p * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

/// Sums and maxima that are kept side by side, so that vectors do them: floats may not be added in another order.
const SIDE: usize = 16;

/// Adds `f` of each value.
#[inline(always)]
pub fn sum(x: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut parts = [0.0f32; SIDE];
    let whole = x.chunks_exact(SIDE);
    let rest: f32 = whole.remainder().iter().map(|&v| f(v)).sum();
    for chunk in whole {
        for i in 0..SIDE {
            parts[i] += f(chunk[i]);
        }
    }
    parts.iter().sum::<f32>() + rest
}

/// The largest value.
#[inline(always)]
fn largest(x: &[f32]) -> f32 {
    let larger = |a: f32, b: f32| if a < b { b } else { a };
    let mut parts = [f32::NEG_INFINITY; SIDE];
    let whole = x.chunks_exact(SIDE);
    let rest = whole.remainder().iter().fold(f32::NEG_INFINITY, |m, &v| larger(m, v));
    for chunk in whole {
        for i in 0..SIDE {
            parts[i] = larger(parts[i], chunk[i]);
        }
    }
    parts.into_iter().fold(rest, larger)
}

/// Replaces a row by its softmax. An empty row stays so.
pub fn softmax(row: &mut [f32]) {
    let most = largest(row);
    row.iter_mut().for_each(|v| *v = exp(*v - most));
    let scale = 1.0 / sum(row, |v| v);
    row.iter_mut().for_each(|v| *v *= scale);
}

/// Slow judge of [`softmax`].
pub fn softmax_reference(row: &[f32]) -> Vec<f32> {
    let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let e: Vec<f64> = row.iter().map(|v| ((v - most) as f64).exp()).collect();
    let sum: f64 = e.iter().sum();
    e.iter().map(|v| (v / sum) as f32).collect()
}
