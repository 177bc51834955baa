//! The texts that searches in the frames of a line come by, as a tree: each text is a node below the one that lacks its last character.
//! What spelling and a pattern say of a character behind a text is asked once, however many frames and looks ask for it.

use crate::alphabet::Alphabet;
use crate::lexicon::Multiply;
use crate::pattern::{Pattern, State};
use crate::spelling::Place;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

/// The empty text.
pub const ROOT: u32 = 0;

struct Node {
    parent: u32,
    class: u16,
    /// What spelling says that the last character counts for; 1 along a pattern, which knows better.
    worth: f32,
    place: Option<Place>,
    state: Option<State>,
}

/// Texts, as classes of an alphabet, all of which a pattern may begin with where there is one.
pub struct Prefixes<'a> {
    alphabet: &'a Alphabet,
    pattern: Option<&'a Pattern>,
    nodes: Vec<Node>,
    /// By a text and a class behind it; none where the pattern does not go on so.
    children: HashMap<u64, Option<u32>, BuildHasherDefault<Multiply>>,
}

impl<'a> Prefixes<'a> {
    pub fn new(alphabet: &'a Alphabet, pattern: Option<&'a Pattern>) -> Self {
        let place = if pattern.is_some() { None } else { alphabet.start() };
        let root = Node { parent: ROOT, class: 0, worth: 1.0, place, state: pattern.map(Pattern::start) };
        Self { alphabet, pattern, nodes: vec![root], children: HashMap::default() }
    }

    /// A text with `class` behind it; `None` where no text that begins so fits the pattern.
    pub fn child(&mut self, of: u32, class: u16) -> Option<u32> {
        let key = u64::from(of) << 16 | u64::from(class);
        if let Some(&known) = self.children.get(&key) {
            return known;
        }
        let child = self.grow(of, class);
        self.children.insert(key, child);
        child
    }

    fn grow(&mut self, of: u32, class: u16) -> Option<u32> {
        let before = &self.nodes[of as usize];
        let state = match self.pattern.zip(before.state) {
            Some((pattern, state)) => Some(pattern.next(state, self.alphabet.of(class))?),
            None => None,
        };
        let (worth, place) = self.alphabet.follow(before.place, Some(class));
        self.nodes.push(Node { parent: of, class, worth, place, state });
        Some(self.nodes.len() as u32 - 1)
    }

    /// The last character of a text; 0 where it is empty.
    pub fn last(&self, text: u32) -> u16 {
        self.nodes[text as usize].class
    }

    /// What spelling says that the last character of a text counts for.
    pub fn worth(&self, text: u32) -> f32 {
        self.nodes[text as usize].worth
    }

    /// What it says that a text counts for which ends here.
    pub fn end(&self, text: u32) -> f32 {
        self.alphabet.follow(self.nodes[text as usize].place, None).0
    }

    /// Whether the pattern, if there is one, is content with a text.
    pub fn fits(&self, text: u32) -> bool {
        self.pattern.zip(self.nodes[text as usize].state).is_none_or(|(pattern, state)| pattern.accepts(state))
    }

    /// Logarithm of what all of a text counts for; minus infinity where the pattern does not go on so.
    pub fn log_worth(&mut self, text: &[u16]) -> f64 {
        let (mut node, mut sum) = (ROOT, 0.0);
        for &class in text {
            let Some(child) = self.child(node, class) else { return f64::NEG_INFINITY };
            (node, sum) = (child, sum + (self.worth(child) as f64).ln());
        }
        sum + (self.end(node) as f64).ln()
    }

    /// The classes of a text.
    pub fn text(&self, text: u32) -> Vec<u16> {
        let behind = |&at: &u32| Some(self.nodes[at as usize].parent);
        let mut classes: Vec<u16> =
            core::iter::successors(Some(text), behind).take_while(|&at| at != ROOT).map(|at| self.last(at)).collect();
        classes.reverse();
        classes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_node() {
        let alphabet = Alphabet::new(vec!['a', 'b'], String::new()).expect("no words");
        let mut prefixes = Prefixes::new(&alphabet, None);
        let a = prefixes.child(ROOT, 1).expect("any text may be");
        let ab = prefixes.child(a, 2).expect("any text may be");
        assert_eq!((prefixes.child(a, 2), prefixes.text(ab), prefixes.last(ab)), (Some(ab), vec![1, 2], 2));
        assert_eq!((prefixes.text(ROOT), prefixes.last(ROOT)), (Vec::new(), 0));
        assert_eq!(prefixes.log_worth(&[1, 2, 1]), 0.0);
        assert!(prefixes.fits(ab));
    }

    #[test]
    fn a_pattern_ends_texts() {
        let alphabet = Alphabet::new(vec!['7', 'z'], String::new()).expect("no words");
        let pattern = Pattern::new("\\d[a-z]").expect("a good pattern");
        let mut prefixes = Prefixes::new(&alphabet, Some(&pattern));
        let seven = prefixes.child(ROOT, 1).expect("a digit comes first");
        assert_eq!((prefixes.child(ROOT, 2), prefixes.child(seven, 1)), (None, None));
        let whole = prefixes.child(seven, 2).expect("a letter comes behind it");
        assert_eq!((prefixes.fits(seven), prefixes.fits(whole)), (false, true));
        assert_eq!(prefixes.log_worth(&[2]), f64::NEG_INFINITY);
    }

    #[test]
    fn spelling_says_what_a_text_counts_for() {
        let alphabet = Alphabet::new(vec!['a', 'n', 'x'], "0anan9".into()).expect("a word");
        let mut prefixes = Prefixes::new(&alphabet, None);
        assert!(prefixes.log_worth(&[1, 2, 1, 2]) > prefixes.log_worth(&[1, 2, 3, 2]));
        assert_eq!(prefixes.log_worth(&[1]), 0.0, "a letter alone");
    }
}
