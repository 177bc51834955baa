//! A first look at a small picture of the page: which way round its text stands, and how high it is.

use crate::heads::*;
use crate::labels::Labels;

/// What a page's print counts beside its writing: what is written is read, and should stand upright at the right size.
const PRINT_WITNESS: f32 = 0.25;
/// Cores below this probability say nothing.
const SURE: f32 = 0.5;
/// Another turn than the page's own needs this much more of the votes: most pages lie right.
const BETTER: f32 = 1.3;

/// What the scout saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scouted {
    /// Clockwise quarter turns that make the page upright.
    pub quarters: usize,
    /// Share of the votes, 0..1, for this turn and the one that is upside down: whether its text runs along its rows.
    pub axis: f32,
    /// Share of the votes, 0..1, for the page as it lies among those and the ones that it is upside down.
    pub upright: f32,
    /// Height of its digits in pixels of the scout's input; `None` where it saw no text.
    pub height: Option<f32>,
}

pub fn scout(labels: &Labels) -> Scouted {
    let mut votes = [0.0f32; TURNS];
    let mut heights: Vec<(f32, f32)> = Vec::new();
    for i in 0..labels.width * labels.height {
        let p = labels.at(i);
        let weight = witness(p);
        if weight > 0.0 {
            (0..TURNS).for_each(|k| votes[k] += weight * p[TURN + k]);
            heights.push(((p[ABOVE] + p[BELOW]).max(0.05) * HEIGHT_UNIT, weight));
        }
    }
    let best = (1..TURNS).fold(0, |b, k| if votes[k] > votes[b] * if b == 0 { BETTER } else { 1.0 } { k } else { b });
    let along = votes[best] + votes[(best + 2) % TURNS];
    let axis = along / votes.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    let upright = votes[0] / (votes[0] + votes[2]).max(f32::MIN_POSITIVE);
    Scouted { quarters: best, axis, upright, height: median(heights) }
}

/// What a pixel counts: cores by who wrote them.
fn witness(p: &[f32]) -> f32 {
    let of = |head: usize| if p[head] > SURE { p[head] } else { 0.0 };
    of(CORE_HAND).max(PRINT_WITNESS * of(CORE_PRINT))
}

/// The value that half of the weight lies below. Large text has more pixels than small text has: each counts by the inverse of its
/// height, so that a headline does not decide.
fn median(mut values: Vec<(f32, f32)>) -> Option<f32> {
    values.iter_mut().for_each(|(v, w)| *w /= *v);
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let total: f32 = values.iter().map(|v| v.1).sum();
    let mut sum = 0.0;
    values.iter().find(|(_, w)| (sum += w, sum * 2.0 >= total).1).map(|v| v.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Labels of two rows of cores: `n` written pixels of height `hand` that vote for `turn`, and as many printed ones of half the height.
    fn labels(n: usize, hand: f32, turn: usize) -> Labels {
        let mut data = vec![0.0; 2 * n * HEADS];
        for (i, p) in data.chunks_exact_mut(HEADS).enumerate() {
            let (head, height) = if i < n { (CORE_HAND, hand) } else { (CORE_PRINT, hand / 2.0) };
            p[head] = 1.0;
            p[ABOVE] = 0.6 * height / HEIGHT_UNIT;
            p[BELOW] = 0.4 * height / HEIGHT_UNIT;
            p[TURN + turn] = 1.0;
        }
        Labels { width: n, height: 2, data }
    }

    #[test]
    fn writing_tells_height_and_turn() {
        let s = scout(&labels(50, 20.0, 3));
        assert_eq!(s.quarters, 3);
        assert_eq!((s.axis, s.upright), (1.0, 0.0));
        assert_eq!(scout(&labels(50, 20.0, 0)).upright, 1.0);
        assert!((s.height.unwrap() - 20.0).abs() < 0.01);
    }

    #[test]
    fn a_page_without_text_lies_as_it_lies() {
        let none = Labels { width: 4, height: 4, data: vec![0.0; 16 * HEADS] };
        assert_eq!(scout(&none), Scouted { quarters: 0, axis: 0.0, upright: 0.0, height: None });
    }
}
