//! The characters that a line net knows, and what spelling says of them.

use crate::spelling::{Place, Spelling};
use std::cell::OnceCell;
use std::ops::Deref;

/// Characters by class; class 0 of the net is its blank, so that class 1 is the first of them.
pub struct Alphabet {
    characters: Vec<char>,
    /// Lists of words as [`crate::lexicon::parts`] takes them apart, from which spelling is learnt when a word is read: many pages hold numbers alone.
    words: String,
    spelling: OnceCell<Spelling>,
}

impl Alphabet {
    /// Without words spelling says nothing.
    /// # Errors
    /// Names the first line of `words` that is none.
    pub fn new(characters: Vec<char>, words: String) -> Result<Self, String> {
        if let Some(c) = characters.iter().enumerate().find_map(|(i, c)| characters[..i].contains(c).then_some(c)) {
            return Err(format!("the model's alphabet holds {c} twice"));
        }
        Spelling::check(&words)?;
        Ok(Self { characters, words, spelling: OnceCell::new() })
    }

    /// The character of a class.
    pub fn of(&self, class: u16) -> char {
        self.characters[class as usize - 1]
    }

    /// The class of a letter as a capital or small; its own where the alphabet lacks that.
    pub fn cased(&self, class: u16, capital: bool) -> u16 {
        let c = self.of(class);
        let other = if capital { c.to_uppercase().next() } else { c.to_lowercase().next() };
        self.characters.iter().position(|&c| Some(c) == other).map_or(class, |at| at as u16 + 1)
    }

    /// Where a text begins; `None` where spelling says nothing.
    pub fn start(&self) -> Option<Place> {
        (!self.words.is_empty()).then_some(Place::START)
    }

    /// What a character's probability counts for at a place, or the end of the line with `None`, and the place behind it.
    pub fn follow(&self, place: Option<Place>, next: Option<u16>) -> (f32, Option<Place>) {
        let Some(place) = place else { return (1.0, None) };
        let next = next.map(|class| self.of(class));
        if let Some(behind) = place.pass(next) {
            return (1.0, Some(behind));
        }
        let (worth, behind) = self.spelling().follow(place, next);
        (worth, Some(behind))
    }

    fn spelling(&self) -> &Spelling {
        self.spelling.get_or_init(|| Spelling::learn(&self.words).expect("words that were read before"))
    }

    /// How often a word is met among all words of the lists; `None` where it is in none.
    pub fn frequency(&self, word: &str) -> Option<f32> {
        self.spelling().frequency(word)
    }
}

impl Deref for Alphabet {
    type Target = [char];

    fn deref(&self) -> &[char] {
        &self.characters
    }
}
