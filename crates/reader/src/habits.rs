//! What is usual on a page: a word that may be read as `B5` or as `35` is a number where everything else is one, and a move among moves.
//!
//! Words have a shape (digits, capitals, small letters and marks, runs as one), and those with digits and letters have letters of their
//! own. How often each shape and each such letter was read on the page, against how often it is met anywhere, is what a reading of that
//! shape counts for beside its ink: an empirical prior (Efron and Morris 1973; Xu and Nagy 1999 of style in fields). Digits among
//! themselves are never told so.

use crate::chess;
use std::collections::HashMap;

/// Numbers of the prior.
struct Usual {
    /// How many words as they are met anywhere are added to those of a page, and how many letters of codes.
    words: f32,
    letters: f32,
    /// How much it counts against the ink, and the logarithm that no shape counts for more than: four prices with points do not make one
    /// of a whole number.
    power: f32,
    most: f32,
    /// Words less surely written, or less surely read, tell nothing.
    written: f32,
    /// How many moves of chess a page without a game may seem to hold: a seat `a4`, a class `c2`.
    moves: f32,
}

const USUAL: Usual = Usual { words: 3.0, letters: 8.0, power: 0.7, most: 2.5, written: 0.5, moves: 3.0 };

/// Probability that a word has one more part, and of each kind of part, anywhere; a capital before small letters is one with them.
const MORE: f32 = 0.45;
const DIGITS: f32 = 0.45;
const CAPITALS: f32 = 0.12;
const SMALL: f32 = 0.2;
const NAME: f32 = 0.1;
const MARK: f32 = 0.015;

/// Counts of what was read on a page.
#[derive(Default)]
pub(crate) struct Habits {
    shapes: HashMap<String, f32>,
    words: f32,
    letters: HashMap<char, f32>,
    coded: f32,
    moves: f32,
}

/// Runs of digits, capitals and small letters as one sign each, marks as they are.
fn shape(word: &str) -> String {
    let mut out = String::new();
    for c in word.chars() {
        let sign = match c {
            _ if c.is_ascii_digit() => 'd',
            _ if c.is_lowercase() => 'l',
            _ if c.is_alphabetic() => 'U',
            _ => c,
        };
        if !out.ends_with(sign) {
            out.push(sign);
        }
    }
    out
}

/// Probability of a shape anywhere.
fn anywhere(shape: &str) -> f32 {
    let part = |sign: char| match sign {
        'n' => NAME,
        'd' => DIGITS,
        'U' => CAPITALS,
        'l' => SMALL,
        _ => MARK,
    };
    let parts = shape.replace("Ul", "n");
    parts.chars().map(|sign| part(sign) * MORE).product::<f32>() / MORE * (1.0 - MORE)
}

/// Probability of a word anywhere: of its shape, and of each character among those of its kind.
fn anywhere_spelt(word: &str, shape: &str) -> f32 {
    let among = |c: char| match c {
        _ if c.is_ascii_digit() => 1.0 / 10.0,
        _ if c.is_alphabetic() => 1.0 / 26.0,
        _ => 1.0,
    };
    anywhere(shape) * word.chars().map(among).product::<f32>()
}

/// The letters of a word that has digits too.
fn coded(word: &str) -> impl Iterator<Item = char> + '_ {
    let is_code = word.chars().any(|c| c.is_ascii_digit());
    word.chars().filter(move |c| is_code && c.is_alphabetic())
}

impl Habits {
    /// Counts the words of a text. `written` is how surely a hand wrote it, `confidence` how surely it is read.
    pub fn add(&mut self, text: &str, written: f32, confidence: f32) {
        if written < USUAL.written || confidence < USUAL.written {
            return;
        }
        for word in text.split_whitespace() {
            *self.shapes.entry(shape(word)).or_default() += confidence;
            self.words += confidence;
            if self.move_of(word) > 0.0 {
                self.moves += confidence;
            }
            for c in coded(word) {
                *self.letters.entry(c).or_default() += confidence;
                self.coded += confidence;
            }
        }
    }

    /// Probability of a word among moves of chess, 0 where it is none; pieces have the letters that are usual here.
    fn move_of(&self, word: &str) -> f32 {
        let count = |c: char| self.letters.get(&c).copied().unwrap_or(0.0) + 1.0;
        let all: f32 = chess::pieces().map(count).sum();
        chess::probability(word, &|c| count(c) / all)
    }

    /// Whether a text says nothing but moves, on a page with a game of chess.
    pub fn is_of_game(&self, text: &str) -> bool {
        let mut words = text.split_whitespace().peekable();
        self.moves > USUAL.moves && words.peek().is_some() && words.all(|w| self.move_of(w) > 0.0)
    }

    /// Logarithm of what a text counts for on this page, without what `own`, a text and how surely it was read, added to the counts.
    pub fn worth(&self, text: &str, own: &Habits) -> f32 {
        let words = (self.words - own.words).max(0.0) + USUAL.words;
        let coded_letters = (self.coded - own.coded).max(0.0) + USUAL.letters;
        // What share of the words is of a game of chess.
        let game = ((self.moves - own.moves - USUAL.moves) / words).max(0.0);
        let mut sum = 0.0;
        for word in text.split_whitespace() {
            let shape = shape(word);
            let here = less(&self.shapes, &own.shapes, &shape) / anywhere(&shape);
            let mut usual = ((here + USUAL.words) / words).ln().min(USUAL.most);
            for c in coded(word) {
                // One of 26, anywhere.
                let here = less(&self.letters, &own.letters, &c);
                usual += ((26.0 * here + USUAL.letters) / coded_letters).ln();
            }
            if game > 0.0 {
                let moved = self.move_of(word) / anywhere_spelt(word, &shape);
                usual = (game * moved + (1.0 - game) * usual.exp()).ln();
            }
            sum += usual;
        }
        USUAL.power * sum
    }
}

/// A count without one's own part in it.
fn less<K: std::hash::Hash + Eq>(all: &HashMap<K, f32>, own: &HashMap<K, f32>, key: &K) -> f32 {
    let of = |counts: &HashMap<K, f32>| counts.get(key).copied().unwrap_or(0.0);
    (of(all) - of(own)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(words: &[&str]) -> Habits {
        let mut all = Habits::default();
        words.iter().for_each(|w| all.add(w, 1.0, 1.0));
        all
    }

    #[test]
    fn shapes_are_runs() {
        assert_eq!(["Karen", "12.50", "Nf3", "10:30 am"].map(shape), ["Ul", "d.d", "Uld", "d:d l"]);
    }

    #[test]
    fn a_number_among_numbers_and_a_move_among_moves() {
        let none = Habits::default();
        let numbers = page(&["12", "30", "25", "7", "41", "18", "22"]);
        assert!(numbers.worth("35", &none) > numbers.worth("B5", &none) + 1.0);
        let moves = page(&["Nf3", "e4", "Bb5", "d6", "Qe2", "Nc6", "f4"]);
        assert!(moves.worth("e4", &none) > moves.worth("94", &none) + 0.5);
        assert!(moves.worth("Nf3", &none) > moves.worth("Nz3", &none) + 0.5);
        // However many prices there are, a whole number is one if its ink says so eight times as surely.
        let prices = page(&["9.50", "12.25", "8.40", "10.75", "7.20", "3.10", "99", "12", "5"]);
        assert!(prices.worth("20.4", &none) - prices.worth("204", &none) < 8f32.ln());
        // A page of nothing says nothing.
        assert_eq!(none.worth("B5", &none), none.worth("35", &none));
        // Nothing speaks for itself.
        let own = page(&["B5"]);
        assert_eq!(own.worth("B5", &own), own.worth("35", &own));
    }

    #[test]
    fn a_word_has_the_case_of_the_others() {
        let none = Habits::default();
        let names = page(&["Karen", "Tom", "Ann", "Sue", "Lea", "May"]);
        assert!(names.worth("Wim", &none) > names.worth("wim", &none) && names.worth("Wim", &none) > names.worth("WIM", &none));
        let text = page(&["Then", "we", "went", "to", "the", "river", "and", "swam"]);
        assert!(text.worth("were", &none) > text.worth("Were", &none));
        let form = page(&["KAREN", "MAIN", "STREET", "BOSTON", "Tom"]);
        assert!(form.worth("COKE", &none) > form.worth("Coke", &none) && form.worth("COKE", &none) > form.worth("coke", &none));
    }

    #[test]
    fn a_game_is_told_from_a_seat_or_two() {
        let none = Habits::default();
        let sheet = page(&["e4", "c6", "Nc3", "d5", "Nf3", "Bg4", "h3", "Bxf3", "Qxf3"]);
        assert!(sheet.worth("g6", &none) > sheet.worth("96", &none) + 2.0);
        assert!(sheet.worth("Bd3", &none) > sheet.worth("B73", &none) + 2.0);
        // A nought and an O are told by their ink.
        assert!((sheet.worth("0-0", &none) - sheet.worth("O-O", &none)).abs() < 1.0);
        assert!(sheet.is_of_game("g6 Rxf3+") && !sheet.is_of_game("g6 12") && !sheet.is_of_game(""));
        let seats = page(&["a4", "12", "30", "b2", "7", "41"]);
        assert!(!seats.is_of_game("a4"));
    }

    #[test]
    fn digits_among_themselves_are_alike() {
        let ones = page(&["1", "1", "11", "111"]);
        assert_eq!(ones.worth("17", &Habits::default()), ones.worth("11", &Habits::default()));
    }
}
