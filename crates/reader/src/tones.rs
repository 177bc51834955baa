//! What the pens and the print of a page look like, learnt from the words whose makers are told without it, and what a word's own look
//! says of its maker then: a linear discriminant (Fisher 1936) a page.

use page::tone::{Tone, TONES};

/// Numbers of the discriminant.
struct Look {
    /// How many characters of no maker in particular are added to each maker's.
    shared: f32,
    /// Standard deviations that are there at least: of darkness, of the logarithm of a stroke's width, of both colours, of that of the
    /// digits' height.
    least: Tone,
    /// Most that a word's look says, as a logarithm of odds.
    most: f32,
}

const LOOK: Look = Look { shared: 6.0, least: [0.06, 0.12, 0.03, 0.03, 0.15], most: 4.0 };

/// A word with the probability that it was written, as far as that is known without its look, and how much it tells.
pub(crate) struct Judged {
    pub tone: Option<Tone>,
    pub hand: f32,
    pub weight: f32,
}

/// Sums over words of a maker.
#[derive(Clone, Copy, Default)]
struct Sum {
    n: f32,
    of: Tone,
    squares: Tone,
}

impl Sum {
    fn add(&mut self, tone: &Tone, n: f32) {
        self.n += n;
        for (k, t) in tone.iter().enumerate() {
            self.of[k] += n * t;
            self.squares[k] += n * t * t;
        }
    }
}

/// What each word's look says of its maker, as a logarithm of odds: above 0 for a hand. A word says nothing of itself.
pub(crate) fn votes(words: &[Judged]) -> Vec<f32> {
    let mut sums = [Sum::default(); 2];
    for w in words {
        if let Some(tone) = &w.tone {
            sums[0].add(tone, w.weight * w.hand);
            sums[1].add(tone, w.weight * (1.0 - w.hand));
        }
    }
    words.iter().map(|w| w.tone.as_ref().map_or(0.0, |tone| vote(sums, tone, w))).collect()
}

fn vote(mut sums: [Sum; 2], tone: &Tone, w: &Judged) -> f32 {
    sums[0].add(tone, -w.weight * w.hand);
    sums[1].add(tone, -w.weight * (1.0 - w.hand));
    let n = (sums[0].n + sums[1].n).max(1e-3);
    let mut says = 0.0;
    for k in 0..TONES {
        let all = (sums[0].of[k] + sums[1].of[k]) / n;
        let mean = |s: &Sum| (s.of[k] + LOOK.shared * all) / (s.n.max(0.0) + LOOK.shared);
        let (hand, print) = (mean(&sums[0]), mean(&sums[1]));
        // Within both makers.
        let within: f32 = sums.iter().map(|s| s.squares[k] - s.of[k] * s.of[k] / s.n.max(1e-3)).sum::<f32>().max(0.0) / n;
        let variance = within + LOOK.least[k] * LOOK.least[k];
        says += (hand - print) * (tone[k] - (hand + print) / 2.0) / variance;
    }
    says.clamp(-LOOK.most, LOOK.most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(tone: Tone, hand: f32) -> Judged {
        Judged { tone: Some(tone), hand, weight: 4.0 }
    }

    #[test]
    fn pale_thin_ink_among_dark_print_was_written() {
        let (pencil, press) = ([0.4, 0.3, 0.0, 0.0, 3.0], [0.9, 0.8, 0.0, 0.0, 3.0]);
        let mut words: Vec<Judged> = (0..6).map(|_| word(press, 0.05)).chain((0..4).map(|_| word(pencil, 0.9))).collect();
        words.extend([word(pencil, 0.3), word(press, 0.6)]);
        let all = votes(&words);
        assert!(all[10] > 1.0 && all[11] < -1.0, "{all:?}");
    }

    #[test]
    fn what_is_larger_than_the_print_was_written() {
        let of = |height: f32| [0.8, 0.6, 0.0, 0.0, height.ln()];
        let mut words: Vec<Judged> = (0..6).map(|i| word(of(10.0 + i as f32 / 4.0), 0.05)).collect();
        words.extend([24.0, 22.0, 27.0].map(|h| word(of(h), 0.9)));
        words.extend([word(of(25.0), 0.2), word(of(11.0), 0.4)]);
        let all = votes(&words);
        assert!(all[9] > 1.0 && all[10] < -1.0, "{all:?}");
    }

    #[test]
    fn where_all_look_alike_or_one_maker_is_missing_nothing_is_said() {
        let tone = [0.7, 0.5, 0.0, 0.0, 3.0];
        let alike: Vec<Judged> = [0.1, 0.9, 0.9, 0.1, 0.5].map(|hand| word(tone, hand)).into();
        assert!(votes(&alike).iter().all(|v| v.abs() < 0.1));
        assert_eq!(votes(&[word(tone, 0.5)]), [0.0]);
        assert_eq!(votes(&[Judged { tone: None, hand: 0.5, weight: 1.0 }]), [0.0]);
    }
}
