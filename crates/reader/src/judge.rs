//! Who made each word, a hand or a press, and whether it is read out.

use crate::result::{Reason, Witness};
use crate::words::Draft;
use crate::Printed;
use net::line::{HAND, OTHER, PRINT, STRUCK};
use page::segment::Segment;

/// Weights of a logistic function: what the page net sees in a word's core, and what the line net sees in its ink.
pub(crate) struct Judge {
    /// Of the core's probability of being written less that of being printed.
    core: f32,
    /// Of the line net's share of hand less one half.
    ink: f32,
    bias: f32,
    /// Segments whose core is less written than printed by this much are not even read.
    unread: f32,
    /// What a word needs to be read out: a probability of being written, and a confidence that falls from the first to the second
    /// as that probability rises to one.
    written: f32,
    confidence: (f32, f32),
}

pub(crate) const JUDGE: Judge = Judge { core: 5.0, ink: 2.0, bias: 0.0, unread: 0.6, written: 0.5, confidence: (0.6, 0.3) };

/// Whether a segment is worth reading where print is not wanted.
pub(crate) fn may_be_written(s: &Segment) -> bool {
    s.hand - s.print > -JUDGE.unread
}

/// Probability that a hand wrote a word.
pub(crate) fn handwritten(w: &Witness) -> f32 {
    logistic(JUDGE.core * (w.hand - w.print) + JUDGE.ink * (2.0 * w.ink - 1.0) + JUDGE.bias)
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
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
    } else if hand < JUDGE.written {
        (printed == Printed::Drop).then_some(Reason::Printed)
    } else if d.word.confidence < needed {
        Some(Reason::Illegible)
    } else {
        None
    }
}
