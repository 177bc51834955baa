//! The characters that a line net knows, and what spelling says of them.

use crate::spelling::{self, Spelling};
use std::cell::OnceCell;
use std::ops::Deref;

/// Characters by class; class 0 of the net is its blank, so that class 1 is the first of them.
pub struct Alphabet {
    characters: Vec<char>,
    /// Words as [`spelling::words`] takes them, from which spelling is learnt when a word is read: many pages hold numbers alone.
    words: String,
    spelling: OnceCell<Spelling>,
}

impl Alphabet {
    /// Without words spelling says nothing.
    /// # Errors
    /// Names the first line of `words` that is none.
    pub fn new(characters: Vec<char>, words: String) -> Result<Self, String> {
        spelling::words(&words).try_for_each(|w| w.map(drop))?;
        Ok(Self { characters, words, spelling: OnceCell::new() })
    }

    /// What a character's probability counts for behind a text, or the end of the line with `None`.
    pub fn worth(&self, text: &[u16], next: Option<u16>) -> f32 {
        /// A word's end, and what stands before it.
        const TAIL: usize = 8;
        let of = |class: u16| self.characters[class as usize - 1];
        if self.words.is_empty() || !text.last().is_some_and(|&c| of(c).is_alphabetic()) {
            return 1.0;
        }
        let from = &text[text.len().saturating_sub(TAIL)..];
        let mut tail = [' '; TAIL];
        tail.iter_mut().zip(from).for_each(|(to, &c)| *to = of(c));
        let learn = || Spelling::learn(spelling::words(&self.words).filter_map(Result::ok));
        self.spelling.get_or_init(learn).worth(&tail[..from.len()], next.map(of))
    }

    /// Logarithm of what all of a text counts for.
    pub fn log_worth(&self, text: &[u16]) -> f64 {
        let each = (0..=text.len()).map(|i| self.worth(&text[..i], text.get(i).copied()));
        each.map(|w| (w as f64).ln()).sum()
    }
}

impl Deref for Alphabet {
    type Target = [char];

    fn deref(&self) -> &[char] {
        &self.characters
    }
}
