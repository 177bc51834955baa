//! Optimizer updates, in place over flat parameters.

/// SGD with Nesterov momentum and decoupled decay: `v = momentum * v + g + decay * w; w -= rate * (g + decay * w + momentum * v)`.
pub fn nesterov(w: &mut [f32], g: &[f32], v: &mut [f32], rate: f32, momentum: f32, decay: f32) {
    for ((w, &g), v) in w.iter_mut().zip(g).zip(v) {
        let g = g + decay * *w;
        *v = momentum * *v + g;
        *w -= rate * (g + momentum * *v);
    }
}

/// Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019); `step` counts from 1.
pub fn adam(
    w: &mut [f32],
    g: &[f32],
    m: &mut [f32],
    v: &mut [f32],
    rate: f32,
    beta1: f32,
    beta2: f32,
    epsilon: f32,
    decay: f32,
    step: u32,
) {
    let (c1, c2) = (1.0 - beta1.powi(step as i32), 1.0 - beta2.powi(step as i32));
    for (((w, &g), m), v) in w.iter_mut().zip(g).zip(m).zip(v) {
        *m = beta1 * *m + (1.0 - beta1) * g;
        *v = beta2 * *v + (1.0 - beta2) * g * g;
        *w -= rate * ((*m / c1) / ((*v / c2).sqrt() + epsilon) + decay * *w);
    }
}
