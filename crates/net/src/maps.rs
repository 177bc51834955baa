//! What lies between convolutions in a net that sees whole pages: sums, concatenation, upsampling and page context. All NHWC.

/// `y = relu?(a + b)`.
pub fn add(a: &[f32], b: &[f32], y: &mut [f32], relu: bool) {
    let floor = if relu { 0.0 } else { f32::NEG_INFINITY };
    for ((y, &a), &b) in y.iter_mut().zip(a).zip(b) {
        let v = a + b;
        *y = if v < floor { floor } else { v };
    }
}

/// `a = relu?(a + b)`.
pub fn add_to(a: &mut [f32], b: &[f32], relu: bool) {
    let floor = if relu { 0.0 } else { f32::NEG_INFINITY };
    for (a, &b) in a.iter_mut().zip(b) {
        let v = *a + b;
        *a = if v < floor { floor } else { v };
    }
}

/// Pixels of `y` are those of `a` (`ca` channels) with those of `b` (`cb`) behind them.
pub fn concat(a: &[f32], ca: usize, b: &[f32], cb: usize, y: &mut [f32]) {
    for ((y, a), b) in y.chunks_exact_mut(ca + cb).zip(a.chunks_exact(ca)).zip(b.chunks_exact(cb)) {
        y[..ca].copy_from_slice(a);
        y[ca..].copy_from_slice(b);
    }
}

/// Nearest neighbour: each pixel of `x` `[n * h][w][c]` becomes `by * by` of `y` `[n * h * by][w * by][c]`.
pub fn upsample(x: &[f32], y: &mut [f32], w: usize, c: usize, by: usize) {
    let line = w * by * c;
    for (from, to) in x.chunks_exact(w * c).zip(y.chunks_exact_mut(line * by)) {
        let (first, others) = to.split_at_mut(line);
        for (pixel, out) in from.chunks_exact(c).zip(first.chunks_exact_mut(by * c)) {
            out.chunks_exact_mut(c).for_each(|o| o.copy_from_slice(pixel));
        }
        others.chunks_exact_mut(line).for_each(|o| o.copy_from_slice(first));
    }
}

/// Mean and, behind it, maximum of each channel over a picture: `x` `[n][pixels][c]`, `y` `[n][2 c]`.
pub fn context_pool(x: &[f32], y: &mut [f32], pixels: usize, c: usize) {
    let mut part = vec![0.0f32; c];
    let mut total = vec![0.0f64; c];
    for (x, y) in x.chunks_exact(pixels * c).zip(y.chunks_exact_mut(2 * c)) {
        let (mean, most) = y.split_at_mut(c);
        most.fill(f32::NEG_INFINITY);
        total.fill(0.0);
        // Blocks in single precision, their sums in double: large pages lose nothing.
        for block in x.chunks(c * 256) {
            part.fill(0.0);
            let (part, most) = (&mut part[..c], &mut most[..c]);
            for row in block.chunks_exact(c) {
                let row = &row[..c];
                for i in 0..c {
                    part[i] += row[i];
                    most[i] = if most[i] < row[i] { row[i] } else { most[i] };
                }
            }
            total.iter_mut().zip(part).for_each(|(t, p)| *t += *p as f64);
        }
        mean.iter_mut().zip(&total).for_each(|(m, t)| *m = (t / pixels as f64) as f32);
    }
}

/// What a gate multiplies by: 1 at 0, from 0 to 2.
pub fn opening(gate: f32) -> f32 {
    2.0 / (1.0 + (-gate).exp())
}

/// `y = x * opening(gate) + bias`: `x` `[n][pixels][c]`, `gates` `[n][2 c]` with the biases behind the gates.
pub fn gate(x: &[f32], gates: &[f32], y: &mut [f32], pixels: usize, c: usize) {
    y[..x.len()].copy_from_slice(x);
    gate_to(y, gates, pixels, c);
}

/// [`gate`] in place.
pub fn gate_to(x: &mut [f32], gates: &[f32], pixels: usize, c: usize) {
    for (x, g) in x.chunks_exact_mut(pixels * c).zip(gates.chunks_exact(2 * c)) {
        let scale: Vec<f32> = g[..c].iter().map(|&v| opening(v)).collect();
        let (scale, bias) = (&scale[..c], &g[c..2 * c]);
        for row in x.chunks_exact_mut(c) {
            let row = &mut row[..c];
            for i in 0..c {
                row[i] = row[i] * scale[i] + bias[i];
            }
        }
    }
}

/// `y = relu?(x w + b)` for the few rows of a context: `x` `[n][k]`, `w` `[k][m]`, `y` `[n][m]`.
pub fn dense(x: &[f32], w: &[f32], b: &[f32], y: &mut [f32], relu: bool) {
    let (k, m) = (w.len() / b.len(), b.len());
    for (x, y) in x.chunks_exact(k).zip(y.chunks_exact_mut(m)) {
        y.copy_from_slice(b);
        for (&v, w) in x.iter().zip(w.chunks_exact(m)) {
            y.iter_mut().zip(w).for_each(|(y, w)| *y += v * w);
        }
        if relu {
            y.iter_mut().for_each(|v| *v = v.max(0.0));
        }
    }
}
