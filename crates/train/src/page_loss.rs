//! The loss of a page net and its gradient: Dice and weighted cross-entropy of the sigmoids, smooth L1 of the heights, and the turn's
//! cross-entropy.
//!
//! Dice (Milletari et al. 2016) asks for overlap as a whole, so that rare heads are not drowned by paper; cross-entropy keeps single
//! pixels honest.

use page::heads::*;

/// Weight of a pixel in the cross-entropy where the head is on, by head; elsewhere it is 1.
const POSITIVE: [f32; SIGMOIDS] = [2.0, 2.0, 3.0, 1.5, 1.5, 2.0, 2.0, 3.0, 3.0];
/// Paper is most of a page and easy: pixels where no head is on count this much, once they are near what is right.
const PAPER: f32 = 0.35;
/// Shares of the parts in the whole.
const CROSS: f32 = 4.0;
const DICE: f32 = 0.6;
const HEIGHTS: f32 = 1.0;
const TURNED: f32 = 1.0;
/// Text that does not stand upright is one in four: it counts so much more for its turn.
const RARE: f32 = 1.5;
/// Pixels that Dice adds to both of its sums.
const SMOOTH: f32 = 50.0;
/// Dice says nothing of a head that is on in fewer pixels of a batch: against next to nothing any wrong pixel would weigh so much that a
/// rare head would learn never to speak.
const SPARSE: f64 = 200.0;

/// What a batch lost: the whole, and each sigmoid's cross-entropy, the heights' and the turn's.
pub struct PageLoss {
    pub whole: f32,
    pub parts: [f32; SIGMOIDS + 2],
}

/// `logits` `[n][size][HEADS]`, `truth` `[n][TRUTHS][size]`; the gradient goes to `grad`, which is overwritten.
pub fn page_loss(logits: &[f32], truth: &[u8], grad: &mut [f32], n: usize) -> PageLoss {
    let size = logits.len() / HEADS / n;
    let mut parts = [0.0f32; SIGMOIDS + 2];
    // Sums over the batch: what is on in both, on in the truth, and said to be on.
    let (mut both, mut on, mut said, mut known) =
        ([0.0f64; SIGMOIDS], [0.0f64; SIGMOIDS], [0.0f64; SIGMOIDS], [0.0f64; SIGMOIDS]);
    let (mut cores, mut turned) = (0.0f32, 0.0f32);
    // The gradient holds the probabilities between the passes.
    for i in 0..n {
        let planes = &truth[i * TRUTHS * size..][..TRUTHS * size];
        for p in 0..size {
            let at = (i * size + p) * HEADS;
            let (x, g) = (&logits[at..at + HEADS], &mut grad[at..at + HEADS]);
            for h in 0..SIGMOIDS {
                g[h] = sigmoid(x[h]);
            }
            let ignored = planes[TRUTH_IGNORE * size + p];
            for h in 0..SIGMOIDS {
                if ignored & IGNORED_BY[h] == 0 {
                    let t = planes[h * size + p] as f32 / 255.0;
                    both[h] += (t * g[h]) as f64;
                    on[h] += t as f64;
                    said[h] += g[h] as f64;
                    known[h] += 1.0;
                }
            }
            if ignored & IGNORE_HEIGHT == 0 && is_core(planes, size, p) {
                cores += 1.0;
                turned += turn_weight(planes[TRUTH_TURN * size + p]);
            }
        }
    }
    let mut whole = 0.0f64;
    let mut dice = [(0.0f32, 0.0f32); SIGMOIDS];
    for h in (0..SIGMOIDS).filter(|&h| on[h] >= SPARSE) {
        let below = (on[h] + said[h]) as f32 + SMOOTH;
        let above = 2.0 * both[h] as f32 + SMOOTH;
        whole += (DICE * (1.0 - above / below)) as f64;
        // d/dp of 1 - above / below is (-2 t + above / below) / below.
        dice[h] = (DICE / below, above / below);
    }
    let cross: [f32; SIGMOIDS] = core::array::from_fn(|h| CROSS / (known[h].max(1.0) as f32));
    let (height, turn) = (HEIGHTS / cores.max(1.0), TURNED / turned.max(1.0));
    for i in 0..n {
        let planes = &truth[i * TRUTHS * size..][..TRUTHS * size];
        for p in 0..size {
            let at = (i * size + p) * HEADS;
            let (x, g) = (&logits[at..at + HEADS], &mut grad[at..at + HEADS]);
            let ignored = planes[TRUTH_IGNORE * size + p];
            let any = (0..SIGMOIDS).any(|h| planes[h * size + p] > 0);
            let base = if any { 1.0 } else { PAPER };
            for h in 0..SIGMOIDS {
                if ignored & IGNORED_BY[h] != 0 {
                    g[h] = 0.0;
                    continue;
                }
                let (t, q) = (planes[h * size + p] as f32 / 255.0, g[h]);
                let weight = cross[h] * base * (1.0 + (POSITIVE[h] - 1.0) * t);
                // -t ln q - (1 - t) ln (1 - q), from the logit.
                let lost = weight * (x[h].max(0.0) - t * x[h] + (-x[h].abs()).exp().ln_1p());
                parts[h] += lost;
                let (scale, share) = dice[h];
                g[h] = weight * (q - t) + scale * (share - 2.0 * t) * q * (1.0 - q);
            }
            g[SIGMOIDS..].fill(0.0);
            if ignored & IGNORE_HEIGHT != 0 || !is_core(planes, size, p) {
                continue;
            }
            for (head, plane) in [(ABOVE, TRUTH_ABOVE), (BELOW, TRUTH_BELOW)] {
                let t = planes[plane * size + p] as f32 * TRUTH_HEIGHT / HEIGHT_UNIT;
                let d = x[head] - t;
                parts[SIGMOIDS] += height * if d.abs() < 0.1 { 5.0 * d * d } else { d.abs() - 0.05 };
                g[head] = height * (d * 10.0).clamp(-1.0, 1.0);
            }
            let right = planes[TRUTH_TURN * size + p] as usize;
            if right < TURNS {
                let most = x[TURN..].iter().fold(f32::NEG_INFINITY, |a, &b| a.max(b));
                let sum: f32 = x[TURN..].iter().map(|v| (v - most).exp()).sum();
                let turn = turn * turn_weight(right as u8);
                for k in 0..TURNS {
                    let q = (x[TURN + k] - most).exp() / sum;
                    g[TURN + k] = turn * (q - (k == right) as u8 as f32);
                }
                parts[SIGMOIDS + 1] += turn * (sum.ln() + most - x[TURN + right]);
            }
        }
    }
    whole += parts.iter().map(|&v| v as f64).sum::<f64>();
    PageLoss { whole: whole as f32, parts }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// What a pixel of text counts for its turn: 0 where that is not known.
fn turn_weight(turn: u8) -> f32 {
    match turn {
        0 => 1.0,
        1..=3 => RARE,
        _ => 0.0,
    }
}

fn is_core(planes: &[u8], size: usize, p: usize) -> bool {
    planes[CORE_HAND * size + p] > 127 || planes[CORE_PRINT * size + p] > 127
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// A batch of two pages of six places with logits and truth drawn at random, one bit in four not known.
    fn case(seed: u64) -> (Vec<f32>, Vec<u8>) {
        let r = &mut Random::new(seed);
        let size = 6;
        let logits = (0..2 * size * HEADS).map(|_| r.range(-2.0, 2.0)).collect();
        let mut truth = vec![0u8; 2 * TRUTHS * size];
        for i in 0..2 {
            for plane in 0..TRUTHS {
                for p in 0..size {
                    truth[(i * TRUTHS + plane) * size + p] = match plane {
                        TRUTH_TURN => *r.pick(&[0, 1, 2, 3, 255]),
                        TRUTH_IGNORE => 1 << r.below(8),
                        TRUTH_ABOVE | TRUTH_BELOW => r.below(200) as u8,
                        _ => *r.pick(&[0, 100, 255]),
                    };
                }
            }
        }
        (logits, truth)
    }

    #[test]
    fn the_gradient_is_what_differences_say() {
        for seed in 0..5 {
            let (mut x, truth) = case(seed);
            let mut grad = vec![0.0; x.len()];
            page_loss(&x, &truth, &mut grad, 2);
            let mut unused = vec![0.0; x.len()];
            for i in 0..x.len() {
                let (was, step) = (x[i], 2e-2);
                x[i] = was + step;
                let up = page_loss(&x, &truth, &mut unused, 2).whole;
                x[i] = was - step;
                let down = page_loss(&x, &truth, &mut unused, 2).whole;
                x[i] = was;
                let rough = (up - down) / (2.0 * step);
                assert!(
                    (rough - grad[i]).abs() < 2e-3 + 0.05 * rough.abs(),
                    "seed {seed}, value {i}: {rough} against {}",
                    grad[i]
                );
            }
        }
    }

    #[test]
    fn what_is_not_known_costs_nothing() {
        let (x, mut truth) = case(7);
        let size = 6;
        for i in 0..2 {
            truth[(i * TRUTHS + TRUTH_IGNORE) * size..][..size].fill(255);
        }
        let mut grad = vec![1.0; x.len()];
        let loss = page_loss(&x, &truth, &mut grad, 2);
        assert!(grad.iter().all(|&g| g == 0.0));
        assert_eq!(loss.parts, [0.0; SIGMOIDS + 2]);
    }
}
