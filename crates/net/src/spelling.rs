//! How words are spelt: how likely a letter follows the letters before it, learnt from lists of common words. It tells `u` from `n` where
//! the ink does not. Nothing is said of digits, marks, words of one or two letters, or letters behind a digit: codes, moves and grades
//! are read as they stand.
//!
//! Relative frequencies of runs of letters, the longest that is known, each shorter one counting less (Brants et al. 2007, Large
//! Language Models in Machine Translation: stupid backoff).

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Letters that a letter is foretold from.
const BEFORE: usize = 4;
/// What a run of letters less counts for.
const BACKOFF: f32 = 0.4;
/// The least that a letter is worth where no run with it is known.
const LEAST: f32 = 1e-4;
/// Letters at the beginning of a word that nothing is said of.
const FREE: usize = 2;
/// How much spelling counts against the ink, and about how many letters may follow as a rule: what is likelier than one of so many is
/// favoured over marks and digits, what is less likely is not. On 18 dev pages with letters, token F1 is 0.469 without, 0.487, 0.495 and
/// 0.493 with a power of 0.25, 0.4 and 0.6 of one in 8, 0.493 and 0.498 with 0.4 and 0.6 of one in 15; on the check pages 0.504 and, as
/// it is here, 0.521.
const POWER: f32 = 0.5;
const CHOICES: f32 = 12.0;

const START: char = '^';
const END: char = '$';

/// A run of up to five characters, eight bits each.
type Run = u64;

/// Runs are hashed by a multiplication: they are not from anybody who wants them to collide.
#[derive(Default)]
struct Multiply(u64);

impl Hasher for Multiply {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&b| self.write_u64(b as u64));
    }
    fn write_u64(&mut self, v: u64) {
        self.0 = (self.0 ^ v).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
}

/// Words of a model file with their frequencies. Each line of `packed` has how many letters the word shares with the one before (a digit
/// of base 36), its other letters, and a level (a digit), each of which is twice the one before it. In place of a line that is no such
/// thing comes an error that names it.
pub fn words(packed: &str) -> impl Iterator<Item = Result<(String, f32), String>> + '_ {
    let mut last: Vec<char> = Vec::new();
    packed.lines().map(move |line| {
        let bad = || format!("its words hold {line:?}, which is none");
        let mut rest = line.chars();
        let (shared, level) = (rest.next().and_then(|c| c.to_digit(36)), rest.next_back().and_then(|c| c.to_digit(10)));
        let (Some(shared), Some(level)) = (shared, level) else { return Err(bad()) };
        if shared as usize > last.len() {
            return Err(bad());
        }
        last.truncate(shared as usize);
        last.extend(rest);
        Ok((last.iter().collect(), (level as f32).exp2()))
    })
}

/// Frequencies of runs of letters.
pub struct Spelling {
    /// Numbers of letters, from 1 on.
    letters: HashMap<char, u8>,
    runs: HashMap<Run, f32, BuildHasherDefault<Multiply>>,
}

/// Letters of one case; the two other spellings of a word, all capitals and one at its beginning, are as usual as its own.
fn folded(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

impl Spelling {
    /// Learns from words, each as often as its weight says.
    pub fn learn(words: impl IntoIterator<Item = (String, f32)>) -> Self {
        let mut this = Self { letters: HashMap::new(), runs: HashMap::default() };
        for (word, weight) in words {
            let numbers: Vec<u8> =
                [START].into_iter().chain(word.chars().map(folded)).chain([END]).map(|c| this.number(c)).collect();
            for i in 0..numbers.len() {
                let mut run: Run = 0;
                for k in 0..=BEFORE.min(i) {
                    run |= (numbers[i - k] as Run) << (8 * k);
                    *this.runs.entry(run).or_default() += weight;
                }
            }
        }
        this
    }

    fn number(&mut self, c: char) -> u8 {
        let next = self.letters.len() as u8 + 1;
        *self.letters.entry(c).or_insert(next)
    }

    /// How likely `next` (`None`: no further letter) follows the letters of a word so far, `LEAST` to 1.
    pub fn likely(&self, before: &[char], next: Option<char>) -> f32 {
        let of = |c: char| self.letters.get(&c).copied().unwrap_or(0) as Run;
        let last = of(next.map_or(END, folded));
        let from = before.len().saturating_sub(BEFORE);
        let mut known: Vec<Run> = before[from..].iter().map(|&c| of(folded(c))).collect();
        if known.len() < BEFORE {
            known.insert(0, of(START));
        }
        let mut share = 1.0;
        for start in 0..known.len() {
            let context = known[start..].iter().fold(0, |run, &c| run << 8 | c);
            if let (Some(both), Some(all)) = (self.runs.get(&(context << 8 | last)), self.runs.get(&context)) {
                return (share * both / all).max(LEAST);
            }
            share *= BACKOFF;
        }
        LEAST
    }

    /// What a character counts for behind a text, and, with `None`, what the end of the line does: 1 where spelling says nothing.
    pub fn worth(&self, text: &[char], next: Option<char>) -> f32 {
        let word = text.iter().rposition(|c| !c.is_alphabetic()).map_or(0, |i| i + 1);
        // What a digit stands before is a code.
        if word > 0 && text[word - 1].is_ascii_digit() || text.len() - word < FREE || next.is_some_and(|c| c.is_ascii_digit()) {
            return 1.0;
        }
        let before = &text[word..];
        let letter = next.filter(|c| c.is_alphabetic());
        if letter.is_none() && before.len() == FREE {
            return 1.0;
        }
        // A capital behind a small letter is in no word.
        let is_odd = letter.is_some_and(char::is_uppercase) && before.last().is_some_and(|c| c.is_lowercase());
        let likely = if is_odd { LEAST } else { self.likely(before, letter) };
        (likely * CHOICES).powf(POWER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_share_their_beginnings() {
        let all = |packed: &str| words(packed).collect::<Result<Vec<_>, _>>();
        let found = all("0an3\n2d0\n1été1").expect("words");
        assert_eq!(found, [("an".into(), 8.0), ("and".into(), 1.0), ("aété".into(), 2.0)]);
        for bad in ["5an3", "0an", "", "0an3\n3x1"] {
            assert!(all(&format!("{bad}\n")).is_err(), "{bad}");
        }
    }

    #[test]
    fn words_are_spelt_and_codes_are_not() {
        let words = ["granulated", "granite", "granted", "sugar", "water"];
        let s = Spelling::learn(words.map(|w| (w.to_string(), 1.0)));
        let worth = |text: &str| {
            let all: Vec<char> = text.chars().collect();
            (0..all.len()).map(|i| s.worth(&all[..i], Some(all[i])).ln()).sum::<f32>() + s.worth(&all, None).ln()
        };
        assert!(worth("granulated") > worth("grarulated") + 1.0);
        assert!(worth("Sugar") > worth("Sugr") && worth("SUGAR") == worth("sugar"));
        assert!(worth("suGar") < worth("sugar"));
        for free in ["Nf6", "Qx", "B", "12", "x=5", "KA", "12ab"] {
            assert_eq!(worth(free), 0.0, "{free}");
        }
    }
}
