//! Softmax cross-entropy and CTC, each with its gradient on the logits.
//!
//! CTC after Graves et al. 2006, "Connectionist Temporal Classification", in log space with f64 sums. Blank is class 0.

/// Log-softmax of each row of `[rows][k]`, in place.
pub fn log_softmax(x: &mut [f32], k: usize) {
    for row in x.chunks_exact_mut(k) {
        let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = row.iter().map(|v| (v - max).exp()).sum();
        let log = max + sum.ln();
        row.iter_mut().for_each(|v| *v -= log);
    }
}

/// Mean over rows of `-sum(target * log softmax(logits))`, and its gradient `(softmax * sum(target) - target) / rows` into `grad`.
pub fn cross_entropy(logits: &[f32], target: &[f32], grad: &mut [f32], k: usize) -> f32 {
    grad.copy_from_slice(logits);
    log_softmax(grad, k);
    let rows = (logits.len() / k) as f32;
    let mut loss = 0.0f64;
    for (g, t) in grad.chunks_exact_mut(k).zip(target.chunks_exact(k)) {
        let weight: f32 = t.iter().sum();
        for (g, &t) in g.iter_mut().zip(t) {
            if t != 0.0 {
                loss -= (t * *g) as f64;
            }
            *g = (g.exp() * weight - t) / rows;
        }
    }
    (loss / rows as f64) as f32
}

fn log_add(a: f64, b: f64) -> f64 {
    let (hi, lo) = if a > b { (a, b) } else { (b, a) };
    if lo == f64::NEG_INFINITY {
        hi
    } else {
        hi + (lo - hi).exp().ln_1p()
    }
}

/// Frames that a labelling needs at least: one each, and a blank between equal neighbours.
pub fn ctc_min_frames(label: &[u32]) -> usize {
    label.len() + label.windows(2).filter(|p| p[0] == p[1]).count()
}

/// `-log p(label | logits)` for logits `[frames][k]`; `grad` gets its gradient. A label that does not fit gives `None` and a zero gradient.
pub fn ctc(logits: &[f32], k: usize, label: &[u32], grad: &mut [f32]) -> Option<f32> {
    let frames = logits.len() / k;
    grad.fill(0.0);
    if frames < ctc_min_frames(label) || frames == 0 {
        return None;
    }
    let mut logp = logits.to_vec();
    log_softmax(&mut logp, k);
    // The label with blanks around and between: position s stands for label s / 2 when s is odd.
    let n = 2 * label.len() + 1;
    let class = |s: usize| if s % 2 == 1 { label[s / 2] as usize } else { 0 };
    let skip = |s: usize| s >= 2 && s % 2 == 1 && class(s) != class(s - 2);
    let p = |t: usize, s: usize| logp[t * k + class(s)] as f64;
    let none = f64::NEG_INFINITY;
    let mut alpha = vec![none; frames * n];
    alpha[0] = p(0, 0);
    if n > 1 {
        alpha[1] = p(0, 1);
    }
    for t in 1..frames {
        let (before, now) = alpha.split_at_mut(t * n);
        let before = &before[(t - 1) * n..];
        for s in 0..n {
            let mut a = before[s];
            if s >= 1 {
                a = log_add(a, before[s - 1]);
            }
            if skip(s) {
                a = log_add(a, before[s - 2]);
            }
            now[s] = if a == none { none } else { a + p(t, s) };
        }
    }
    let last = &alpha[(frames - 1) * n..];
    let total = if n > 1 { log_add(last[n - 1], last[n - 2]) } else { last[0] };
    if total == none {
        return None;
    }
    // beta[s]: log probability of what follows frame t, given position s at frame t.
    let mut beta = vec![none; n];
    let mut next = vec![none; n];
    beta[n - 1] = 0.0;
    if n > 1 {
        beta[n - 2] = 0.0;
    }
    for t in (0..frames).rev() {
        let g = &mut grad[t * k..(t + 1) * k];
        for (g, &l) in g.iter_mut().zip(&logp[t * k..(t + 1) * k]) {
            *g = l.exp();
        }
        for s in 0..n {
            let joint = alpha[t * n + s] + beta[s] - total;
            if joint > -40.0 {
                g[class(s)] -= joint.exp() as f32;
            }
        }
        if t > 0 {
            for s in 0..n {
                let mut b = beta[s] + p(t, s);
                if s + 1 < n {
                    b = log_add(b, beta[s + 1] + p(t, s + 1));
                }
                if s + 2 < n && skip(s + 2) {
                    b = log_add(b, beta[s + 2] + p(t, s + 2));
                }
                next[s] = b;
            }
            core::mem::swap(&mut beta, &mut next);
        }
    }
    Some(-total as f32)
}
