//! How sure a word is as it was read: how much of it is probably right, as where that is little it is no reading, and whether all of it is.
//!
//! The ink of a word that is in a list of words needs to tell less than that of a code, and where a whole page is hard to read its words
//! are doubtful too. Probabilities of characters alone say little of that.

use crate::recogniser::Recogniser;
use crate::result::{Production, State, Word};
use crate::words::probability;
use net::line::Reading;

/// Weights of a logistic function of what is known of a word, fitted by the example `surety`.
struct Head {
    /// Of what its ink says: the log-odds of its characters' mean confidence, or of the product of all of them.
    ink: f32,
    /// Of that mean over the other words of the page, `OTHERS` more of which are as good as not.
    page: f32,
    /// Of its probability of being what it is taken for, written or printed.
    maker: f32,
    /// Of being in a list of words, of the logarithm (to the base of ten) of its share of all words then, of that of its letters, and of
    /// what `ink` is of.
    listed: f32,
    frequent: f32,
    listed_letters: f32,
    listed_ink: f32,
    /// Of the logarithm of the letters of a word in no list.
    unlisted_letters: f32,
    /// Of being a number, then of what `ink` is of, and of being digits with letters among them.
    number: f32,
    number_ink: f32,
    code: f32,
    /// Of being a single character.
    single: f32,
    bias: f32,
}

/// Which share of a word's characters is right: fitted to the share of them that stand in its line, on 67, 60
/// and 55 pages by others and 75 dev pages. Token F1 of the four is 0.569, 0.578, 0.607 and 0.813, line CER 0.237, 0.262, 0.313 and 0.174;
/// with the characters' mean confidence alone, from 0.6 for a doubtful hand to 0.3 for a sure one, 0.563, 0.571, 0.598 and 0.815, and
/// 0.251, 0.273, 0.329 and 0.174. (Judged by weights that were fitted to other pages they gain as much.) Fitted to words that are right as a
/// whole, token F1 is 0.03 more and CER 0.08 worse. The heights of words among those of the page, and their widths, help on the second of
/// the four alone.
const LEGIBLE: Head = Head {
    ink: 0.82,
    page: 0.36,
    maker: 3.93,
    listed: 0.81,
    frequent: 0.46,
    listed_letters: 1.37,
    listed_ink: 0.29,
    unlisted_letters: -0.12,
    number: 0.51,
    number_ink: -0.45,
    code: -0.66,
    single: -0.66,
    bias: -4.21,
};

/// Share of its characters of which less is no reading. With 0.45 token F1 is 0.005 more in the mean, but of dev's labelled units
/// 0.096 are missed in place of 0.088.
const LEAST: f32 = 0.4;

/// Whether all of a word is right: fitted to whether it is a token of its page, on the same pages. Where each is judged by weights that were
/// fitted to others, this puts a right word before a wrong one 83 times in a hundred and errs by 2 points (ECE); the geometric mean of the
/// characters' confidences 72 times, by 14, and their product with the probability of a hand likewise.
const RIGHT: Head = Head {
    ink: 0.48,
    page: 0.57,
    maker: 3.4,
    listed: 1.05,
    frequent: 0.81,
    listed_letters: 2.66,
    listed_ink: -0.08,
    unlisted_letters: -0.43,
    number: -0.2,
    number_ink: -0.17,
    code: -1.51,
    single: -1.39,
    bias: -3.8,
};

/// Words of the page beside the others that are as good as not, when what they say of one is asked for.
const OTHERS: f32 = 2.0;

/// How many numbers a head weighs.
pub const FEATURES: usize = 13;

/// What a head weighs, in the order of its weights.
pub type Features = [f32; FEATURES];

/// What is known of a word.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence {
    /// Of how much of it is right: its ink by the mean of its characters' confidences.
    pub part: Features,
    /// Of all of it being right: its ink by their product. With the mean 8,156 words of the four sets lose 0.479 nats each, with the
    /// product 0.475, each page judged by weights fitted to others.
    pub whole: Features,
}

/// A word less sure than even is doubtful.
const DOUBTFUL: f32 = 0.5;

/// Most that a mean or a product of confidences is taken for, and one less this the least.
const SUREST: f32 = 0.999;

impl Head {
    fn of(&self, x: &Features) -> f32 {
        let weights: Features = [
            self.ink,
            self.page,
            self.maker,
            self.listed,
            self.frequent,
            self.listed_letters,
            self.listed_ink,
            self.unlisted_letters,
            self.number,
            self.number_ink,
            self.code,
            self.single,
            self.bias,
        ];
        1.0 / (1.0 + (-x.iter().zip(weights).map(|(x, w)| x * w).sum::<f32>()).exp())
    }
}

/// Whether a word is as good as a reading.
pub fn is_legible(of: &Evidence) -> bool {
    LEGIBLE.of(&of.part) >= LEAST
}

/// Probability that all of a word is right.
pub(crate) fn right(of: &Evidence) -> f32 {
    RIGHT.of(&of.whole)
}

/// A word as it was read: its text, the log-odds of the mean and of the product of its characters' confidences, and how sure it is who made
/// it.
struct Seen {
    text: String,
    mean: f32,
    product: f32,
    maker: f32,
}

impl Seen {
    fn new(text: String, confidences: impl ExactSizeIterator<Item = f32> + Clone, maker: f32) -> Self {
        let n = confidences.len().max(1) as f32;
        Self { text, mean: log_odds(confidences.clone().sum::<f32>() / n), product: log_odds(confidences.product()), maker }
    }
}

/// Sets what the surety of each of a page's words follows from.
pub(crate) fn look(net: &dyn Recogniser, words: &mut [&mut Word]) {
    let seen = |w: &&mut Word| {
        let maker = if w.production == Production::Printed { 1.0 - w.handwritten } else { w.handwritten };
        Seen::new(w.text.clone(), w.characters.iter().map(|c| c.confidence), maker)
    };
    let found = evidence(net, &words.iter().map(seen).collect::<Vec<_>>());
    words.iter_mut().zip(found).for_each(|(w, f)| w.evidence = f);
}

/// How sure each word of a page is in the end, and what else it may be.
pub(crate) fn settle(net: &dyn Recogniser, words: &mut [&mut Word]) {
    look(net, words);
    for w in words {
        let (before, others) = (probability(w), w.alternatives.iter().map(|a| a.confidence).sum::<f32>());
        w.confidence = right(&w.evidence);
        w.state = if w.confidence < DOUBTFUL { State::Doubtful } else { State::Read };
        // Other readings share what is left.
        let scale = (1.0 - w.confidence) / (1.0 - before).max(others).max(f32::MIN_POSITIVE);
        w.alternatives.iter_mut().for_each(|a| a.confidence *= scale);
    }
}

/// Probability that all of it is right, of each word of lines that were cut out by others, all written by one hand: what they say of each
/// other is what words of a page do.
pub fn of_lines(net: &dyn Recogniser, lines: &[Reading]) -> Vec<Vec<f32>> {
    let words = |line: &Reading| -> Vec<Seen> {
        let glyphs = line.glyphs.split(|g| g.char == ' ').filter(|w| !w.is_empty());
        glyphs.map(|w| Seen::new(w.iter().map(|g| g.char).collect(), w.iter().map(|g| g.confidence), 1.0)).collect()
    };
    let seen: Vec<Vec<Seen>> = lines.iter().map(words).collect();
    let counts: Vec<usize> = seen.iter().map(Vec::len).collect();
    let mut sure = evidence(net, &seen.into_iter().flatten().collect::<Vec<_>>()).into_iter().map(|x| right(&x));
    counts.into_iter().map(|n| sure.by_ref().take(n).collect()).collect()
}

fn evidence(net: &dyn Recogniser, words: &[Seen]) -> Vec<Evidence> {
    let sum: f32 = words.iter().map(|w| w.mean).sum();
    let others = words.len().saturating_sub(1) as f32 + OTHERS;
    let one = |w: &Seen| {
        let by = |ink: f32| feature(&w.text, ink, (sum - w.mean) / others, w.maker, |letters| net.frequency(letters));
        Evidence { part: by(w.mean), whole: by(w.product) }
    };
    words.iter().map(one).collect()
}

fn log_odds(p: f32) -> f32 {
    let p = p.clamp(1.0 - SUREST, SUREST);
    (p / (1.0 - p)).ln()
}

fn feature(text: &str, ink: f32, page: f32, maker: f32, frequency: impl Fn(&str) -> Option<f32>) -> Features {
    let letters: String = text.chars().filter(|c| c.is_alphabetic()).collect();
    let many = letters.chars().count();
    let has_digits = text.chars().any(|c| c.is_ascii_digit());
    let is_word = many > 1 && !has_digits;
    let listed = if is_word { frequency(&letters) } else { None };
    let (yes, log) = (|is: bool| is as u8 as f32, (many.max(1) as f32).ln());
    let (is_listed, is_number) = (yes(listed.is_some()), yes(has_digits));
    [
        ink,
        page,
        maker,
        is_listed,
        listed.map_or(0.0, f32::log10),
        is_listed * log,
        is_listed * ink,
        yes(is_word && listed.is_none()) * log,
        is_number,
        is_number * ink,
        yes(has_digits && many > 0),
        yes(text.chars().count() == 1),
        1.0,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_word_needs_less_of_its_ink() {
        let listed = |letters: &str| (letters == "think").then_some(1e-4);
        let of = |text: &str, ink: f32, page: f32| LEGIBLE.of(&feature(text, ink, page, 0.99, listed));
        assert!(of("think", 0.0, 0.0) > of("thrnk", 0.0, 0.0) + 0.1);
        assert!(of("think", 0.0, -1.0) < of("think", 0.0, 1.5) - 0.1, "a page that is hard to read");
        assert!(of("17", 3.0, 1.5) > of("17", 0.0, 1.5) + 0.1);
        assert!(of("1k7", 1.0, 1.5) < of("17", 1.0, 1.5));
    }
}
