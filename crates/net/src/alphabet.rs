//! The characters that a line net knows, and how likely hands are to set one behind another.

use std::ops::Deref;

/// What spelling tells apart.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Sort {
    Lower,
    Upper,
    Digit,
    Other,
}

impl Sort {
    fn of(c: char) -> Self {
        match c {
            // Unknowns and the sign of multiplication stand among digits.
            'x' | 'y' | 'z' => Sort::Other,
            _ if c.is_ascii_digit() => Sort::Digit,
            _ if c.is_lowercase() => Sort::Lower,
            _ if c.is_uppercase() => Sort::Upper,
            _ => Sort::Other,
        }
    }
}

/// What a small letter beside a digit, or a capital behind a small letter, is worth beside other neighbours: words have neither, and
/// cursive writing looks like figures here and there. Chosen on held-out writers.
const MIXED: f32 = 0.1;

/// Characters by class; class 0 of the net is its blank, so that class 1 is the first of them.
#[derive(Clone, Debug)]
pub struct Alphabet {
    characters: Vec<char>,
    sorts: Vec<Sort>,
}

impl Alphabet {
    pub fn new(characters: Vec<char>) -> Self {
        let sorts = characters.iter().map(|&c| Sort::of(c)).collect();
        Self { characters, sorts }
    }

    /// What a character's probability counts for behind `last`, 0..1.
    pub fn behind(&self, last: Option<u16>, class: u16) -> f32 {
        let Some(last) = last else { return 1.0 };
        match (self.sorts[last as usize - 1], self.sorts[class as usize - 1]) {
            (Sort::Lower, Sort::Digit | Sort::Upper) | (Sort::Digit, Sort::Lower) => MIXED,
            _ => 1.0,
        }
    }

    /// Logarithm of what all of a text counts for.
    pub fn log_spelling(&self, text: &[u16]) -> f64 {
        text.windows(2).map(|w| (self.behind(Some(w[0]), w[1]) as f64).ln()).sum()
    }
}

impl Deref for Alphabet {
    type Target = [char];

    fn deref(&self) -> &[char] {
        &self.characters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_are_apart() {
        let a = Alphabet::new("abxAB12 ".chars().collect());
        let worth = |text: &str| {
            let classes: Vec<u16> = text.chars().map(|c| a.iter().position(|&x| x == c).expect("known") as u16 + 1).collect();
            (a.log_spelling(&classes) / (MIXED as f64).ln()).round()
        };
        for (text, odd) in [("ab 12", 0.0), ("Ab", 0.0), ("A1", 0.0), ("2x1", 0.0), ("a1", 1.0), ("a1b", 2.0), ("aB", 1.0)] {
            assert_eq!(worth(text), odd, "{text}");
        }
    }
}
