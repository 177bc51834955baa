//! Who made each word, a hand or a press, and whether it is read out.

use crate::result::{Reason, Witness};
use crate::surety;
use crate::tones::{self, Judged};
use crate::words::{share_of_hand, Draft};
use crate::{Options, Printed};
use net::line::{Kind, HAND, OTHER, PRINT, STRUCK};
use page::segment::Segment;
use page::tone::Tone;
use std::collections::HashMap;

/// Weights of a logistic function, fitted by the example `judge` on words whose makers are known: sudokus with both kinds of digits,
/// printed pages, ruled pages by copyists, and the labelled units of 30 forms, tables and worksheets.
pub struct Judge {
    /// Of the core's probability of being written less that of being printed.
    core: f32,
    /// Of the log-odds of the line net's share of hand, -5.8 to 5.8.
    ink: f32,
    /// Of how like its shapes are to others of the page: 0 up to `APART`, 1 where each has the same elsewhere.
    twin: f32,
    /// Of there being nothing to compare.
    lone: f32,
    /// Of what its ink looks like beside what the others' does, -4 to 4; see `tones`.
    tone: f32,
    bias: f32,
    /// Of what its page is: the mean of the same sum over its other words, each weighed by its characters, `most` at most, with some
    /// `benefit` of words that say nothing. It speaks for writing alone: a page of nothing but writing makes a doubtful word written,
    /// but print says nothing of what was filled in between.
    page: f32,
    most: f32,
    benefit: f32,
    /// What the surest word of a page with print must be worth at least, as log-odds times characters, `most` at most: else nobody wrote
    /// there, and what looks written is print like the rest of the page; and how many printed words make a page with print. Of 80 pages
    /// of print on which a word looked written 52 are below; of the pages with writing among dev's and 67 by others the least is 3.6.
    somebody: f32,
    printed: usize,
    /// Segments whose core is less written than printed by this much are not even read; their ink is taken for this. The line net is
    /// asked about those that are less wide than so many heights of a digit, and where its share of hand is this at least they stay
    /// read: neat digits in boxes pass for print on the page. Of one form 50 of 70 digits are read in place of 26; with the size of
    /// ink among what a word is judged by, the digit F1 of 55 pages by others goes from 0.891 to 0.896, that of 75 dev pages from 0.958
    /// to 0.959. With all of the asked ones kept, printed labels part the combs beside them: 336 of 363 digits of another form in
    /// place of 350.
    unread: f32,
    unread_ink: f32,
    asked: usize,
    mistaken: f32,
    /// The probability of being written that a word needs to be read out.
    written: f32,
}

pub const JUDGE: Judge = Judge {
    core: 1.24,
    ink: 0.77,
    twin: -1.22,
    lone: -0.33,
    tone: 1.6,
    bias: -1.06,
    page: 0.5,
    most: 4.0,
    benefit: 4.0,
    somebody: 3.2,
    printed: 3,
    unread: 0.8,
    unread_ink: 0.05,
    asked: 4,
    mistaken: 0.5,
    written: 0.5,
};

/// Likeness up to which shapes of a hand are often alike: nineteen in twenty words of letters, and of sudokus' digits most, are below.
const APART: f32 = 0.6;

/// No share of hand is surer than this lets it be. With log-odds of what the line net says 99.7 % of the labelled written words of two
/// characters and more are read out and 2.1 % of such printed ones, each page judged by weights fitted to others; with the share itself 99.4
/// and 2.6 %. Of single characters 95.0 and 5.8 %, and 96.5 and 6.4 %.
const UNSURE: f32 = 0.003;

/// Whether a segment is worth reading where print is not wanted.
pub(crate) fn may_be_written(s: &Segment) -> bool {
    s.hand - s.print > -JUDGE.unread
}

/// Whether the line net is asked about a segment that its core takes for print.
pub(crate) fn may_be_mistaken(s: &Segment) -> bool {
    s.rect.width() < JUDGE.asked * s.glyph
}

/// Whether it contradicts the core.
pub(crate) fn is_mistaken(kind: &Kind) -> bool {
    share_of_hand(kind) >= JUDGE.mistaken
}

/// What is known of print that was not read: its core, how many characters it may have, and nothing of its ink but that it is print.
pub(crate) fn unread(hand: f32, print: f32, glyphs: f32, tone: Option<Tone>) -> Witness {
    Witness { hand, print, ink: JUDGE.unread_ink, glyphs, twin: None, tone, vote: 0.0 }
}

/// How many numbers a word is judged by.
pub const FEATURES: usize = 6;

/// What a word is judged by, in the order of the weights.
pub fn features(w: &Witness) -> [f32; FEATURES] {
    let twin = w.twin.map_or(0.0, |t| (t - APART).max(0.0) / (1.0 - APART));
    let ink = ((w.ink + UNSURE) / (1.0 - w.ink + UNSURE)).ln();
    [w.hand - w.print, ink, twin, w.twin.is_none() as u8 as f32, w.vote, 1.0]
}

/// Probability that a hand wrote each of a page's words, from all of them, and what its tone says. What stands in one comb, whose number
/// is beside it, was made by one: a letter that could be print was written if its neighbours were.
pub(crate) fn handwritten(words: &[(Witness, Option<usize>)]) -> Vec<(f32, f32)> {
    let mut words = words.to_vec();
    // Who made a word is asked once without what its ink looks like, to learn what the page's pens and print look like.
    let first = probabilities(&words);
    let of: Vec<Judged> =
        words.iter().zip(first).map(|((w, _), hand)| Judged { tone: w.tone, hand, weight: w.glyphs.min(JUDGE.most) }).collect();
    words.iter_mut().zip(tones::votes(&of)).for_each(|((w, _), vote)| w.vote = vote);
    let made = probabilities(&words);
    let printed = made.iter().filter(|p| !is_written(**p)).count();
    let worth = |p: f32, w: &Witness| (p / (1.0 - p).max(1e-6)).ln() * w.glyphs.min(JUDGE.most);
    let surest = made.iter().zip(&words).map(|(&p, (w, _))| worth(p, w)).fold(f32::NEG_INFINITY, f32::max);
    let nobody = printed >= JUDGE.printed && surest < JUDGE.somebody;
    let share = if nobody { 0.99 * JUDGE.written } else { 1.0 };
    made.into_iter().zip(&words).map(|(p, (w, _))| (if is_written(p) { p * share } else { p }, w.vote)).collect()
}

fn probabilities(words: &[(Witness, Option<usize>)]) -> Vec<f32> {
    let j = &JUDGE;
    let alone = |w: &Witness| -> f32 {
        features(w).iter().zip([j.core, j.ink, j.twin, j.lone, j.tone, j.bias]).map(|(x, w)| x * w).sum()
    };
    let mut own: Vec<(f32, f32)> = words.iter().map(|(w, _)| (alone(w), w.glyphs.min(j.most))).collect();
    let mut sums: HashMap<usize, (f32, f32)> = HashMap::new();
    for ((x, _), (w, comb)) in own.iter().zip(words) {
        if let Some(comb) = comb {
            let sum = sums.entry(*comb).or_default();
            *sum = (sum.0 + x * w.glyphs, sum.1 + w.glyphs);
        }
    }
    for (x, (_, comb)) in own.iter_mut().zip(words) {
        if let Some((sum, n)) = comb.map(|c| sums[&c]) {
            x.0 = sum / n;
        }
    }
    let (sum, n) = own.iter().fold((0.0, 0.0), |(s, n), (x, g)| (s + x * g, n + g));
    own.iter()
        .map(|(x, g)| {
            let page = (sum - x * g) / (n - g + j.benefit);
            1.0 / (1.0 + (-(x + j.page * page.max(0.0))).exp())
        })
        .collect()
}

/// Whether a word is taken for written.
pub(crate) fn is_written(handwritten: f32) -> bool {
    handwritten >= JUDGE.written
}

/// Why a word is not read out; `None` if it is. `fits` is whether its segment fits the pattern.
pub(crate) fn reason(d: &Draft, fits: bool, o: &Options) -> Option<Reason> {
    if d.kind[OTHER] > d.kind[HAND].max(d.kind[PRINT]).max(d.kind[STRUCK]) {
        Some(Reason::Other)
    } else if d.kind[STRUCK] > 0.5 {
        Some(Reason::StruckOut)
    } else if !fits {
        Some(Reason::NoMatch)
    } else if !is_written(d.word.handwritten) {
        (o.printed == Printed::Drop).then_some(Reason::Printed)
    } else if !o.illegible && !surety::is_legible(&d.word.evidence) {
        Some(Reason::Illegible)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(hand: f32, ink: f32, twin: Option<f32>) -> Witness {
        Witness { hand, print: 1.0 - hand, ink, glyphs: 4.0, twin, tone: None, vote: 0.0 }
    }

    #[test]
    fn what_comes_twice_was_printed() {
        let alone = |twin| handwritten(&[(word(0.65, 0.78, Some(twin)), None)])[0].0;
        assert!(alone(0.4) > 0.5);
        assert!(alone(0.95) < 0.32 && alone(1.0) < 0.3);
    }

    #[test]
    fn where_nobody_surely_wrote_all_is_print() {
        let (print, unsure) = (word(0.05, 0.03, Some(0.95)), Witness { glyphs: 1.0, ..word(0.65, 0.8, Some(0.3)) });
        let first = |words: &[Witness]| handwritten(&words.iter().map(|&w| (w, None)).collect::<Vec<_>>())[0].0;
        assert!(first(&[unsure, unsure, print]) > 0.5);
        assert!(first(&[unsure, unsure, print, print, print]) < 0.5);
        // Beside a word that somebody wrote it may be written too.
        assert!(first(&[unsure, word(0.95, 0.99, Some(0.2)), print, print, print]) > 0.5);
    }

    #[test]
    fn the_characters_of_a_comb_were_made_by_one() {
        let (unsure, written) = (word(0.4, 0.4, Some(0.3)), word(0.9, 0.95, Some(0.3)));
        let judged = |comb| handwritten(&[unsure, written, written].map(|w| (w, comb)))[0].0;
        assert!(judged(None) < 0.5);
        assert!(judged(Some(7)) > 0.6);
    }

    #[test]
    fn a_page_of_writing_speaks_for_a_doubtful_word_and_print_does_not_speak_against_it() {
        let unsure = word(0.5, 0.55, Some(0.3));
        let among = |other: Witness| handwritten(&[unsure, other, other, other].map(|w| (w, None)))[0].0;
        let alone = handwritten(&[(unsure, None)])[0].0;
        assert!(among(word(0.95, 0.97, Some(0.3))) > alone + 0.1);
        assert_eq!(among(word(0.05, 0.03, Some(0.95))), alone);
    }
}
