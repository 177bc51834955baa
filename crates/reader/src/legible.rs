//! How much of a word was probably read right: where that is little, it is no reading.
//!
//! The ink of a word that is in a list of words needs to tell less than that of a code, and where a whole page is hard to read its words
//! are doubtful too. Probabilities of characters alone say little of that.

use crate::recogniser::Recogniser;
use crate::words::Draft;

/// Weights of a logistic function, fitted by the example `legible` to the share of each word's characters that stand in its line, on 67, 60
/// and 55 pages by others and 75 dev pages. Token F1 of the four is 0.569, 0.578, 0.607 and 0.813, line CER 0.237, 0.262, 0.313 and 0.174;
/// with the characters' mean confidence alone, from 0.6 for a doubtful hand to 0.3 for a sure one, 0.563, 0.571, 0.598 and 0.815, and
/// 0.251, 0.273, 0.329 and 0.174. (Judged by weights that were fitted to other pages they gain as much.) Fitted to words that are right as a
/// whole, token F1 is 0.03 more and CER 0.08 worse. The heights of words among those of the page, and their widths, help on the second of
/// the four alone.
struct Legibility {
    /// Of the log-odds of the characters' mean confidence.
    ink: f32,
    /// Of the same mean over the other written words of the page, `others` more of which are as good as not.
    page: f32,
    others: f32,
    /// Of its probability of being written.
    hand: f32,
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
    /// Share of its characters of which less is no reading. With 0.45 token F1 is 0.005 more in the mean, but of dev's labelled units
    /// 0.096 are missed in place of 0.088.
    least: f32,
}

const LEGIBILITY: Legibility = Legibility {
    ink: 0.81,
    page: 0.37,
    others: 2.0,
    hand: 3.62,
    listed: 0.8,
    frequent: 0.46,
    listed_letters: 1.42,
    listed_ink: 0.25,
    unlisted_letters: -0.1,
    number: 0.5,
    number_ink: -0.46,
    code: -0.71,
    single: -0.61,
    bias: -3.83,
    least: 0.4,
};

/// How many numbers a word's legibility follows from.
pub const FEATURES: usize = 13;

/// What a word's legibility follows from, in the order of the weights.
pub type Features = [f32; FEATURES];

/// Most that a mean confidence is taken for, and one less this the least.
const SUREST: f32 = 0.999;

/// Log-odds of the mean confidence of a word's characters.
fn ink(word: &Draft) -> f32 {
    let all = &word.word.characters;
    let mean = all.iter().map(|c| c.confidence).sum::<f32>() / all.len().max(1) as f32;
    let p = mean.clamp(1.0 - SUREST, SUREST);
    (p / (1.0 - p)).ln()
}

/// Sets what the legibility of each of a page's written words follows from.
pub(crate) fn look(net: &dyn Recogniser, words: &mut [&mut Draft]) {
    let inks: Vec<f32> = words.iter().map(|w| ink(w)).collect();
    let sum: f32 = inks.iter().sum();
    let others = inks.len().saturating_sub(1) as f32 + LEGIBILITY.others;
    for (word, ink) in words.iter_mut().zip(&inks) {
        let d = &mut word.word;
        d.legibility = features(&d.text, *ink, (sum - ink) / others, d.handwritten, |letters| net.frequency(letters));
    }
}

fn features(text: &str, ink: f32, page: f32, hand: f32, frequency: impl Fn(&str) -> Option<f32>) -> Features {
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
        hand,
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

/// Whether a word is as good as a reading.
pub(crate) fn is_legible(of: &Features) -> bool {
    share_right(of) >= LEGIBILITY.least
}

/// Which share of a word's characters is probably right.
fn share_right(of: &Features) -> f32 {
    let l = &LEGIBILITY;
    let weights: Features = [
        l.ink,
        l.page,
        l.hand,
        l.listed,
        l.frequent,
        l.listed_letters,
        l.listed_ink,
        l.unlisted_letters,
        l.number,
        l.number_ink,
        l.code,
        l.single,
        l.bias,
    ];
    1.0 / (1.0 + (-of.iter().zip(weights).map(|(x, w)| x * w).sum::<f32>()).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_word_needs_less_of_its_ink() {
        let listed = |letters: &str| (letters == "think").then_some(1e-4);
        let of = |text: &str, ink: f32, page: f32| share_right(&features(text, ink, page, 0.99, listed));
        assert!(of("think", 0.0, 0.0) > of("thrnk", 0.0, 0.0) + 0.1);
        assert!(of("think", 0.0, -1.0) < of("think", 0.0, 1.5) - 0.1, "a page that is hard to read");
        assert!(of("17", 3.0, 1.5) > of("17", 0.0, 1.5) + 0.1);
        assert!(of("1k7", 1.0, 1.5) < of("17", 1.0, 1.5));
    }
}
