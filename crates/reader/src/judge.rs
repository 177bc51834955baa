//! Who made each word, a hand or a press, and whether it is read out.

use crate::result::{Reason, Witness};
use crate::words::Draft;
use crate::Printed;
use net::line::{HAND, OTHER, PRINT, STRUCK};
use page::segment::Segment;

/// Weights of logistic functions, fitted on words whose makers are known (letters of 1905 with printed heads and typed parts, typed pages,
/// sudokus with both kinds of digits, printed pages, ruled pages by copyists), each set and maker weighing alike.
pub(crate) struct Judge {
    /// By itself: of the core's probability of being written less that of being printed, and of the line net's share of hand from -1 to 1.
    alone: Weights,
    /// With its page: the same, and of the mean of the other words of the page, each judged alone and weighed by its characters,
    /// `most` at most. A page of nothing but writing makes a doubtful word written. The other way it says less: a form is print but for
    /// what is filled in, so that the mean counts no lower than `least`.
    core: f32,
    ink: f32,
    page: f32,
    bias: f32,
    most: f32,
    least: f32,
    /// Words of no opinion that every page is thought to hold beside its own, in characters.
    benefit: f32,
    /// Segments whose core is less written than printed by this much are not even read; their ink is taken for this.
    unread: f32,
    unread_ink: f32,
    /// What a word needs to be read out: a probability of being written, and a confidence that falls from the first to the second
    /// as that probability rises to one.
    written: f32,
    confidence: (f32, f32),
}

struct Weights {
    core: f32,
    ink: f32,
    bias: f32,
}

pub(crate) const JUDGE: Judge = Judge {
    alone: Weights { core: 2.16, ink: 3.6, bias: -0.78 },
    core: 1.69,
    ink: 3.26,
    page: 1.28,
    bias: -0.79,
    most: 4.0,
    least: -1.0,
    benefit: 4.0,
    unread: 0.8,
    unread_ink: 0.05,
    written: 0.5,
    confidence: (0.6, 0.3),
};

/// Whether a segment is worth reading where print is not wanted.
pub(crate) fn may_be_written(s: &Segment) -> bool {
    s.hand - s.print > -JUDGE.unread
}

/// What is known of print that was not read: its core, how many characters it may have, and nothing of its ink but that it is print.
pub(crate) fn unread(hand: f32, print: f32, glyphs: f32) -> Witness {
    Witness { hand, print, ink: JUDGE.unread_ink, glyphs }
}

/// Probability that a hand wrote each of a page's words, from all of them.
pub(crate) fn handwritten(words: &[Witness]) -> Vec<f32> {
    let j = &JUDGE;
    let terms = |w: &Witness| (w.hand - w.print, 2.0 * w.ink - 1.0);
    let alone: Vec<(f32, f32)> = words
        .iter()
        .map(|w| {
            let ((core, ink), n) = (terms(w), w.glyphs.min(j.most));
            (n * (j.alone.core * core + j.alone.ink * ink + j.alone.bias), n)
        })
        .collect();
    let (sum, n) = alone.iter().fold((0.0, 0.0), |(s, n), a| (s + a.0, n + a.1));
    words
        .iter()
        .zip(alone)
        .map(|(w, own)| {
            let page = ((sum - own.0) / (n - own.1 + j.benefit)).max(j.least);
            let (core, ink) = terms(w);
            let x = j.core * core + j.ink * ink + j.page * page + j.bias;
            1.0 / (1.0 + (-x).exp())
        })
        .collect()
}

/// Whether a word is taken for written.
pub(crate) fn is_written(handwritten: f32) -> bool {
    handwritten >= JUDGE.written
}

/// Why a word is not read out; `None` if it is. `fits` is whether its segment fits the pattern.
pub(crate) fn reason(d: &Draft, fits: bool, printed: Printed) -> Option<Reason> {
    let hand = d.word.handwritten;
    let sure = ((hand - JUDGE.written) / (1.0 - JUDGE.written)).clamp(0.0, 1.0);
    let needed = JUDGE.confidence.0 + (JUDGE.confidence.1 - JUDGE.confidence.0) * sure;
    if d.kind[OTHER] > d.kind[HAND].max(d.kind[PRINT]).max(d.kind[STRUCK]) {
        Some(Reason::Other)
    } else if d.kind[STRUCK] > 0.5 {
        Some(Reason::StruckOut)
    } else if !fits {
        Some(Reason::NoMatch)
    } else if !is_written(hand) {
        (printed == Printed::Drop).then_some(Reason::Printed)
    } else if d.word.confidence < needed {
        Some(Reason::Illegible)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(core: f32, ink: f32) -> Witness {
        Witness { hand: (1.0 + core) / 2.0, print: (1.0 - core) / 2.0, ink, glyphs: 4.0 }
    }

    #[test]
    fn company_tells_where_a_word_alone_does_not() {
        let unsure = word(0.0, 0.6);
        let among = |other: Witness| handwritten(&[unsure, other, other, other])[0];
        assert!(among(word(0.9, 0.95)) > 0.9, "{}", among(word(0.9, 0.95)));
        assert!(among(word(-0.9, 0.05)) < 0.5, "{}", among(word(-0.9, 0.05)));
    }

    #[test]
    fn sure_words_stand_among_others() {
        let (hand, print) = (word(0.95, 0.97), word(-0.95, 0.03));
        let p = handwritten(&[hand, print, print, print]);
        assert!(p[0] > 0.6 && p[1..].iter().all(|&p| p < 0.05), "{p:?}");
    }
}
