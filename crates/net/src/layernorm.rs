//! Layer normalisation: each pixel of a map, or frame of a line, by the mean and variance of its own channels (Ba et al. 2016).

use crate::softmax::sum;

/// Added to the variance.
pub const EPSILON: f32 = 1e-5;

/// Mean and `1 / sqrt(variance + EPSILON)` of a row.
#[inline(always)]
pub fn moments(row: &[f32]) -> (f32, f32) {
    let n = row.len() as f32;
    let mean = sum(row, |v| v) / n;
    let variance = sum(row, |v| (v - mean) * (v - mean)) / n;
    (mean, 1.0 / (variance + EPSILON).sqrt())
}

/// `y = (x - mean) / sqrt(variance + EPSILON) * scale + shift`, rows of as many channels as `scale` has.
pub fn layer_norm(x: &[f32], scale: &[f32], shift: &[f32], y: &mut [f32]) {
    let c = scale.len();
    let (scale, shift) = (&scale[..c], &shift[..c]);
    for (x, y) in x.chunks_exact(c).zip(y.chunks_exact_mut(c)) {
        let (mean, inverse) = moments(x);
        for i in 0..c {
            y[i] = (x[i] - mean) * inverse * scale[i] + shift[i];
        }
    }
}

/// Slow judge of [`layer_norm`].
pub fn layer_norm_reference(x: &[f32], scale: &[f32], shift: &[f32]) -> Vec<f32> {
    let c = scale.len();
    let row = |x: &[f32]| -> Vec<f32> {
        let mean = x.iter().map(|&v| v as f64).sum::<f64>() / c as f64;
        let variance = x.iter().map(|&v| (v as f64 - mean).powi(2)).sum::<f64>() / c as f64;
        let deviation = (variance + EPSILON as f64).sqrt();
        (0..c).map(|i| ((x[i] as f64 - mean) / deviation) as f32 * scale[i] + shift[i]).collect()
    };
    x.chunks_exact(c).flat_map(row).collect()
}
