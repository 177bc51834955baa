//! Batch normalisation in training, its gradient, and column sums. Tensors are `[rows][c]`: NHWC with the first three axes as rows.

/// Sums over rows, `[c]`, in double precision over blocks so that large batches lose nothing.
pub fn column_sums(x: &[f32], c: usize) -> Vec<f32> {
    let mut total = vec![0.0f64; c];
    let mut part = vec![0.0f32; c];
    for block in x.chunks(c * 256) {
        part.fill(0.0);
        for row in block.chunks_exact(c) {
            for (a, &b) in part.iter_mut().zip(row) {
                *a += b;
            }
        }
        for (t, &p) in total.iter_mut().zip(&part) {
            *t += p as f64;
        }
    }
    total.iter().map(|&t| t as f32).collect()
}

/// Mean and (biased) variance of each column, in two passes.
pub fn moments(x: &[f32], c: usize) -> (Vec<f32>, Vec<f32>) {
    let rows = (x.len() / c) as f32;
    let mean: Vec<f32> = column_sums(x, c).iter().map(|s| s / rows).collect();
    let mut total = vec![0.0f64; c];
    let mut part = vec![0.0f32; c];
    for block in x.chunks(c * 256) {
        part.fill(0.0);
        let (part, mean) = (&mut part[..c], &mean[..c]);
        for row in block.chunks_exact(c) {
            let row = &row[..c];
            for i in 0..c {
                let d = row[i] - mean[i];
                part[i] += d * d;
            }
        }
        for (t, &mut p) in total.iter_mut().zip(part) {
            *t += p as f64;
        }
    }
    let variance = total.iter().map(|&t| (t / rows as f64) as f32).collect();
    (mean, variance)
}

/// `y = relu?(gamma * (x - mean) / sqrt(variance + epsilon) + beta)`.
pub fn normalise(
    x: &[f32],
    y: &mut [f32],
    mean: &[f32],
    variance: &[f32],
    gamma: &[f32],
    beta: &[f32],
    epsilon: f32,
    relu: bool,
) {
    let c = mean.len();
    let scale: Vec<f32> = (0..c).map(|i| gamma[i] / (variance[i] + epsilon).sqrt()).collect();
    let shift: Vec<f32> = (0..c).map(|i| beta[i] - mean[i] * scale[i]).collect();
    let floor = if relu { 0.0 } else { f32::NEG_INFINITY };
    let (scale, shift) = (&scale[..c], &shift[..c]);
    for (x, y) in x.chunks_exact(c).zip(y.chunks_exact_mut(c)) {
        let (x, y) = (&x[..c], &mut y[..c]);
        for i in 0..c {
            let v = x[i] * scale[i] + shift[i];
            y[i] = if v < floor { floor } else { v };
        }
    }
}

/// Gradient of [`normalise`] with batch statistics: returns `(dgamma, dbeta)` and fills `dx`.
/// With `relu` the output `y` tells where the gradient passes.
pub fn normalise_grad(
    dy: &[f32],
    x: &[f32],
    y: &[f32],
    dx: &mut [f32],
    mean: &[f32],
    variance: &[f32],
    gamma: &[f32],
    epsilon: f32,
    relu: bool,
) -> (Vec<f32>, Vec<f32>) {
    let c = mean.len();
    let rows = (x.len() / c) as f32;
    let inv: Vec<f32> = variance.iter().map(|v| 1.0 / (v + epsilon).sqrt()).collect();
    let floor = if relu { 0.0 } else { f32::NEG_INFINITY };
    let (mut dbeta, mut dgamma) = (vec![0.0f64; c], vec![0.0f64; c]);
    let (mut part_b, mut part_g) = (vec![0.0f32; c], vec![0.0f32; c]);
    for ((dy, x), y) in dy.chunks(c * 256).zip(x.chunks(c * 256)).zip(y.chunks(c * 256)) {
        part_b.fill(0.0);
        part_g.fill(0.0);
        let (part_b, part_g, mean) = (&mut part_b[..c], &mut part_g[..c], &mean[..c]);
        for ((dy, x), y) in dy.chunks_exact(c).zip(x.chunks_exact(c)).zip(y.chunks_exact(c)) {
            // Slices of a length that the compiler knows to be the same need no checks inside, and the loop becomes SIMD.
            let (dy, x, y) = (&dy[..c], &x[..c], &y[..c]);
            for i in 0..c {
                let g = if y[i] > floor { dy[i] } else { 0.0 };
                part_b[i] += g;
                part_g[i] += g * (x[i] - mean[i]);
            }
        }
        for i in 0..c {
            dbeta[i] += part_b[i] as f64;
            dgamma[i] += (part_g[i] * inv[i]) as f64;
        }
    }
    let dbeta: Vec<f32> = dbeta.iter().map(|&v| v as f32).collect();
    let dgamma: Vec<f32> = dgamma.iter().map(|&v| v as f32).collect();
    // dx = gamma * inv * (g - dbeta / rows - xhat * dgamma / rows), as one multiply and two adds a value.
    let a: Vec<f32> = (0..c).map(|i| gamma[i] * inv[i]).collect();
    let b: Vec<f32> = (0..c).map(|i| a[i] * inv[i] * dgamma[i] / rows).collect();
    let d: Vec<f32> = (0..c).map(|i| a[i] * dbeta[i] / rows - b[i] * mean[i]).collect();
    let (a, b, d) = (&a[..c], &b[..c], &d[..c]);
    for (((dy, x), y), dx) in dy.chunks_exact(c).zip(x.chunks_exact(c)).zip(y.chunks_exact(c)).zip(dx.chunks_exact_mut(c)) {
        let (dy, x, y, dx) = (&dy[..c], &x[..c], &y[..c], &mut dx[..c]);
        for i in 0..c {
            let g = if y[i] > floor { dy[i] } else { 0.0 };
            dx[i] = a[i] * g - b[i] * x[i] - d[i];
        }
    }
    (dgamma, dbeta)
}
