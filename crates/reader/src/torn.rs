//! Words that were read in two: spaces are set by paper and by the net, which sees a few letters at once, and words tell better.

use crate::place::Place;
use crate::recogniser::Recogniser;
use crate::words::{merge, Draft};

/// Measured on 88 dev pages and 182 by others, 64 of which nobody looked at: of 35 pairs that these numbers join 21 are one word, 14 are
/// misread, and none is two words; with paper up to half a height `a part` and `a field` would be joined.
struct Torn {
    /// Widest paper between both parts, in heights of the taller.
    paper: f32,
    /// Fewer letters in all are left as they stand: lists hold most pairs of letters.
    letters: usize,
    /// How many times as often the whole must be met as its parts are one behind the other by chance, as a power of two.
    oftener: f32,
    /// How often what is in no list is met, likewise.
    unlisted: f32,
}

const TORN: Torn = Torn { paper: 0.1, letters: 4, oftener: 4.0, unlisted: -31.0 };

/// Marks that may end a word.
const ENDING: &[char] = &['.', ',', ';', ':', '!', '?', ')'];

/// Joins words of a line, left to right, that are parts of one.
pub(crate) fn join(net: &dyn Recogniser, words: Vec<Draft>, place: &Place) -> Vec<Draft> {
    let mut out: Vec<Draft> = Vec::new();
    for word in words {
        match out.pop() {
            Some(last) if stand_close(&last, &word) && are_one(net, &last.word.text, &word.word.text) => {
                out.push(merge(last, word, place));
            }
            last => out.extend(last.into_iter().chain([word])),
        }
    }
    out
}

fn stand_close(left: &Draft, right: &Draft) -> bool {
    let height = left.rect.height().max(right.rect.height()) as f32;
    (right.rect.left as f32 - left.rect.right as f32) <= TORN.paper * height
}

fn are_one(net: &dyn Recogniser, left: &str, right: &str) -> bool {
    let right = right.trim_end_matches(ENDING);
    let are_letters = |text: &str| !text.is_empty() && text.chars().all(char::is_alphabetic);
    if !are_letters(left) || !are_letters(right) || left.chars().count() + right.chars().count() < TORN.letters {
        return false;
    }
    let part = |text: &str| net.frequency(text).map_or(TORN.unlisted, f32::log2);
    net.frequency(&format!("{left}{right}")).is_some_and(|whole| whole.log2() > part(left) + part(right) + TORN.oftener)
}

#[cfg(test)]
mod tests {
    use super::*;
    use net::line::{Charset, Crop, Reading};
    use net::model::ModelError;
    use net::pattern::Pattern;

    /// Words that are met as often as this.
    struct Listed(&'static [(&'static str, f32)]);

    impl Recogniser for Listed {
        fn charset(&self, _: Option<&str>) -> Charset {
            Charset::new(Vec::new(), None)
        }
        fn read(&mut self, _: &[Crop], _: &Charset, _: Option<&Pattern>) -> Result<Vec<Reading>, ModelError> {
            Ok(Vec::new())
        }
        fn weigh(
            &mut self,
            _: &[Crop],
            _: &mut [Reading],
            _: &Charset,
            _: &dyn Fn(usize, &str) -> f32,
        ) -> Result<(), ModelError> {
            Ok(())
        }
        fn glance(&mut self, _: &[Crop]) -> Result<Vec<Reading>, ModelError> {
            Ok(Vec::new())
        }
        fn nbest(&self, _: &[net::beam::Frame], _: usize) -> Vec<(String, f32)> {
            Vec::new()
        }
        fn frequency(&self, word: &str) -> Option<f32> {
            self.0.iter().find(|(w, _)| *w == word).map(|(_, p)| *p)
        }
    }

    #[test]
    fn parts_are_one_where_the_whole_is_the_likelier_word() {
        let net =
            Listed(&[("transfer", 1e-5), ("user", 1e-4), ("us", 1e-3), ("er", 1e-3), ("to", 1e-2), ("me", 1e-2), ("tome", 1e-6)]);
        assert!(are_one(&net, "t", "ransfer") && are_one(&net, "us", "er,"));
        assert!(!are_one(&net, "to", "me"), "two words that are met oftener than the one they make");
        assert!(!are_one(&net, "trans", "fers") && !are_one(&net, "us", "e1r") && !are_one(&net, "us", "."));
    }
}
