//! Gradients of `net::maps`.

use net::maps::opening;

/// Gradient of `concat`, or a map cut in two: pixels of `y` `[ca + cb]` to those of `a` and of `b`.
pub fn split(y: &[f32], a: &mut [f32], ca: usize, b: &mut [f32], cb: usize) {
    for ((y, a), b) in y.chunks_exact(ca + cb).zip(a.chunks_exact_mut(ca)).zip(b.chunks_exact_mut(cb)) {
        a.copy_from_slice(&y[..ca]);
        b.copy_from_slice(&y[ca..]);
    }
}

/// `dx` `[n * h][w][c]` from `dy` `[n * h * by][w * by][c]`: the sum over what became of a pixel.
pub fn upsample_grad(dy: &[f32], dx: &mut [f32], w: usize, c: usize, by: usize) {
    let line = w * by * c;
    for (from, to) in dy.chunks_exact(line * by).zip(dx.chunks_exact_mut(w * c)) {
        for (x, to) in to.chunks_exact_mut(c).enumerate() {
            to.fill(0.0);
            for from in from.chunks_exact(line) {
                for pixel in from[x * by * c..(x + 1) * by * c].chunks_exact(c) {
                    to.iter_mut().zip(pixel).for_each(|(t, p)| *t += p);
                }
            }
        }
    }
}

/// `dx` from the gradients `dy` `[n][2 c]` of means and maxima `y`: that of a maximum goes to the first pixel that has it.
pub fn context_pool_grad(x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32], pixels: usize, c: usize) {
    let image = pixels * c;
    for (((x, y), dy), dx) in
        x.chunks_exact(image).zip(y.chunks_exact(2 * c)).zip(dy.chunks_exact(2 * c)).zip(dx.chunks_exact_mut(image))
    {
        let share: Vec<f32> = dy[..c].iter().map(|v| v / pixels as f32).collect();
        let mut left = dy[c..].to_vec();
        let (share, left, most) = (&share[..c], &mut left[..c], &y[c..2 * c]);
        for (x, dx) in x.chunks_exact(c).zip(dx.chunks_exact_mut(c)) {
            let (x, dx) = (&x[..c], &mut dx[..c]);
            for i in 0..c {
                let (hit, rest) = if x[i] == most[i] { (left[i], 0.0) } else { (0.0, left[i]) };
                dx[i] = share[i] + hit;
                left[i] = rest;
            }
        }
    }
}

/// `dx`, and `dgates` `[n][2 c]`, from `dy`.
pub fn gate_grad(x: &[f32], gates: &[f32], dy: &[f32], dx: &mut [f32], dgates: &mut [f32], pixels: usize, c: usize) {
    let image = pixels * c;
    let (mut part_x, mut part_b) = (vec![0.0f32; c], vec![0.0f32; c]);
    let (mut sum_x, mut sum_b) = (vec![0.0f64; c], vec![0.0f64; c]);
    for (n, g) in gates.chunks_exact(2 * c).enumerate() {
        let at = n * image..(n + 1) * image;
        let (x, dy, dx) = (&x[at.clone()], &dy[at.clone()], &mut dx[at]);
        let scale: Vec<f32> = g[..c].iter().map(|&v| opening(v)).collect();
        sum_x.fill(0.0);
        sum_b.fill(0.0);
        for ((x, dy), dx) in x.chunks(c * 256).zip(dy.chunks(c * 256)).zip(dx.chunks_mut(c * 256)) {
            part_x.fill(0.0);
            part_b.fill(0.0);
            let (part_x, part_b, scale) = (&mut part_x[..c], &mut part_b[..c], &scale[..c]);
            for ((x, dy), dx) in x.chunks_exact(c).zip(dy.chunks_exact(c)).zip(dx.chunks_exact_mut(c)) {
                let (x, dy, dx) = (&x[..c], &dy[..c], &mut dx[..c]);
                for i in 0..c {
                    part_x[i] += dy[i] * x[i];
                    part_b[i] += dy[i];
                    dx[i] = dy[i] * scale[i];
                }
            }
            sum_x.iter_mut().zip(part_x).for_each(|(s, p)| *s += *p as f64);
            sum_b.iter_mut().zip(part_b).for_each(|(s, p)| *s += *p as f64);
        }
        let out = &mut dgates[n * 2 * c..(n + 1) * 2 * c];
        for i in 0..c {
            // The slope of 2 s(g) is 2 s (1 - s), with s half of the opening.
            out[i] = sum_x[i] as f32 * scale[i] * (1.0 - scale[i] / 2.0);
            out[c + i] = sum_b[i] as f32;
        }
    }
}
