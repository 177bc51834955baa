//! Who made each word, a hand or a press, and whether it is read out.

use crate::result::{Reason, Witness};
use crate::words::Draft;
use crate::Printed;
use net::line::{HAND, OTHER, PRINT, STRUCK};
use page::segment::Segment;

/// Weights of a logistic function, fitted on words whose makers are known (letters of 1905 with printed heads and typed parts, sudokus with
/// both kinds of digits, printed pages, ruled pages by copyists), each set and maker weighing alike.
pub(crate) struct Judge {
    /// Of the core's probability of being written less that of being printed.
    core: f32,
    /// Of the line net's share of hand, from -1 to 1.
    ink: f32,
    /// Of how like its shapes are to others of the page: 0 up to `apart`, 1 where each has the same elsewhere.
    twin: f32,
    apart: f32,
    /// Of there being nothing to compare.
    lone: f32,
    bias: f32,
    /// Segments whose core is less written than printed by this much are not even read; their ink is taken for this.
    unread: f32,
    unread_ink: f32,
    /// What a word needs to be read out: a probability of being written, and a confidence that falls from the first to the second
    /// as that probability rises to one.
    written: f32,
    confidence: (f32, f32),
}

pub(crate) const JUDGE: Judge = Judge {
    core: 1.76,
    ink: 2.69,
    twin: -3.29,
    apart: 0.6,
    lone: -0.8,
    bias: 0.1,
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
    Witness { hand, print, ink: JUDGE.unread_ink, glyphs, twin: None }
}

/// Probability that a hand wrote a word.
pub(crate) fn handwritten(w: &Witness) -> f32 {
    let j = &JUDGE;
    let twin = w.twin.map_or(j.lone, |t| j.twin * (t - j.apart).max(0.0) / (1.0 - j.apart));
    let x = j.core * (w.hand - w.print) + j.ink * (2.0 * w.ink - 1.0) + twin + j.bias;
    1.0 / (1.0 + (-x).exp())
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

    #[test]
    fn what_comes_twice_was_printed() {
        let word = |twin| Witness { hand: 0.5, print: 0.4, ink: 0.6, glyphs: 4.0, twin };
        assert!(handwritten(&word(None)) > 0.5);
        assert!(handwritten(&word(Some(0.4))) > 0.5);
        assert!(handwritten(&word(Some(0.95))) < 0.1);
    }
}
