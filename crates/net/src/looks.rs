//! One text out of several looks at a line, each with frames of its own.

use crate::alphabet::Alphabet;
use crate::beam::{search, Frame, Scorer};
use crate::pattern::Pattern;
use crate::prefixes::Prefixes;

/// Hypotheses that the search in a look keeps, and those that it puts forward; all of them where more than ink and spelling is known.
const BEAM: usize = 10;
const CANDIDATES: usize = 4;

/// A text's means over the looks.
#[derive(Clone, Copy)]
struct Score {
    /// What a look says of it: the arithmetic mean, 0..1.
    said: f64,
    /// What all agree on: the logarithm of the geometric mean, and of what spelling and the like count for.
    agreed: f64,
    /// The logarithm of what spelling and the like count for.
    spelt: f64,
}

/// What a text counts for beside its ink and its spelling, as a logarithm.
pub type Worth<'a> = &'a dyn Fn(&[u16]) -> f64;

/// The text that all looks together hold the most probable, and its probability; among what a search in each puts forward, and what
/// comes of taking one part from one and another from another. `worth` weighs them where something is known of the text. `None` where
/// nothing fits the pattern.
pub fn read(looks: &[&[Frame]], alphabet: &Alphabet, pattern: Option<&Pattern>, worth: Option<Worth>) -> Option<(Vec<u16>, f32)> {
    let n = looks.len() as f64;
    let scorers: Vec<Scorer> = looks.iter().map(|&frames| Scorer::new(frames, alphabet.len() + 1)).collect();
    let candidates = if worth.is_some() { BEAM } else { CANDIDATES };
    let mut prefixes = Prefixes::new(alphabet, pattern);
    let found: Vec<Vec<Vec<u16>>> = looks
        .iter()
        .map(|&frames| search(frames, BEAM, candidates, &mut prefixes).into_iter().map(|(text, _)| text).collect())
        .collect();
    let mut all: Vec<&Vec<u16>> = found.iter().flatten().collect();
    all.sort();
    all.dedup();
    // Arithmetic and geometric mean over the looks: what a look says of a text, and what all agree on.
    let mut means = |text: &[u16]| {
        let logs: Vec<f64> = scorers.iter().map(|s| s.log_probability(text)).collect();
        let spelt = prefixes.log_worth(text) + worth.map_or(0.0, |w| w(text));
        Score { said: logs.iter().map(|l| l.exp()).sum::<f64>() / n, agreed: logs.iter().sum::<f64>() / n + spelt, spelt }
    };
    let scored: Vec<(Score, &Vec<u16>)> = all.into_iter().map(|text| (means(text), text)).collect();
    let mut weighed: Vec<Score> = scored.iter().map(|s| s.0).collect();
    let (mut top, best) = scored.into_iter().max_by(|a, b| a.0.agreed.total_cmp(&b.0.agreed).then_with(|| b.1.cmp(a.1)))?;
    let mut best = best.clone();
    // A mended text stays where it is better.
    let mut mend = |best: &mut Vec<u16>, mended: Vec<u16>| {
        let score = means(&mended);
        if score.agreed > top.agreed {
            (*best, top) = (mended, score);
            weighed.push(top);
        }
    };
    // The first choices of two looks at a long line differ in many places, and no search has each of them right.
    if pattern.is_none() {
        for other in found.iter().filter_map(|f| f.first()) {
            // From the right, so that the places further left stay where they are.
            for (at, from) in differences(&best, other).into_iter().rev() {
                let mut mended = best.clone();
                mended.splice(at, other[from].iter().copied());
                mend(&mut best, mended);
            }
        }
    }
    // Beside its ink, a word's case is told by other words.
    if worth.is_some() {
        for word in words(&best, alphabet) {
            for mended in cases(&best, word, alphabet) {
                mend(&mut best, mended);
            }
        }
    }
    // What looks agree on shrinks with their number: it is measured by what all candidates together keep of their share. What is no
    // candidate is spelt no better than the worst of them.
    let sum = |of: &dyn Fn(&Score) -> f64| weighed.iter().map(of).sum::<f64>();
    let worst = weighed.iter().map(|s| s.spelt).fold(f64::INFINITY, f64::min);
    let known = sum(&|s| s.said * (s.spelt - worst).exp());
    let covered = known / (known + (1.0 - sum(&|s| s.said)).max(0.0));
    let agreed = sum(&|s| (s.agreed - top.agreed).exp());
    let p = if top.agreed > f64::NEG_INFINITY && known > 0.0 { covered / agreed } else { 0.0 };
    Some((best, p.min(1.0) as f32))
}

/// Where the words of a text are: letters one behind another.
fn words(text: &[u16], alphabet: &Alphabet) -> Vec<Range> {
    let letters: Vec<usize> = (0..text.len()).filter(|&i| alphabet.of(text[i]).is_alphabetic()).collect();
    letters.chunk_by(|a, b| a + 1 == *b).map(|run| run[0]..run[run.len() - 1] + 1).collect()
}

/// A text with one of its words in small letters, behind a capital, and in capitals.
fn cases(text: &[u16], word: Range, alphabet: &Alphabet) -> [Vec<u16>; 3] {
    [0, 1, word.len()].map(|capitals| {
        let mut out = text.to_vec();
        out[word.clone()].iter_mut().enumerate().for_each(|(k, class)| *class = alphabet.cased(*class, k < capitals));
        out
    })
}

type Range = core::ops::Range<usize>;

/// Where two texts differ, as ranges of both, along a shortest way of edits.
fn differences(a: &[u16], b: &[u16]) -> Vec<(Range, Range)> {
    let width = b.len() + 1;
    // Edits from here to the ends.
    let mut left = vec![0usize; (a.len() + 1) * width];
    for i in (0..=a.len()).rev() {
        for j in (0..=b.len()).rev() {
            left[i * width + j] = match (a.get(i), b.get(j)) {
                (None, _) => b.len() - j,
                (_, None) => a.len() - i,
                (Some(x), Some(y)) => {
                    let [right, down, both] = [(i, j + 1), (i + 1, j), (i + 1, j + 1)].map(|(i, j)| left[i * width + j]);
                    (both + (x != y) as usize).min(right + 1).min(down + 1)
                }
            };
        }
    }
    let mut out: Vec<(Range, Range)> = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            (i, j) = (i + 1, j + 1);
            continue;
        }
        let now = left[i * width + j];
        let at = |i: usize, j: usize| (i <= a.len() && j <= b.len()).then(|| left[i * width + j]);
        let (i2, j2) = if at(i + 1, j + 1) == Some(now - 1) {
            (i + 1, j + 1)
        } else if at(i + 1, j) == Some(now - 1) {
            (i + 1, j)
        } else {
            (i, j + 1)
        };
        match out.last_mut() {
            Some((p, q)) if p.end == i && q.end == j => (p.end, q.end) = (i2, j2),
            _ => out.push((i..i2, j..j2)),
        }
        (i, j) = (i2, j2);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_where_texts_differ() {
        assert_eq!(differences(&[1, 2, 3, 4], &[1, 5, 3, 4, 4]), [(1..2, 1..2), (4..4, 4..5)]);
        assert_eq!(differences(&[], &[7, 8]), [(0..0, 0..2)]);
        assert!(differences(&[1, 2], &[1, 2]).is_empty());
    }

    #[test]
    fn looks_mend_one_another() {
        // The first look is unsure of the first character, the second of the last; each knows the other one.
        let sure = |c: u16| vec![(c, 0.96), (0, 0.04)];
        let torn = |a: u16, b: u16| vec![(a, 0.5), (b, 0.46), (0, 0.04)];
        let (a, b) = ([torn(1, 2), sure(3), sure(4)], [sure(2), sure(3), sure(3), torn(5, 4)]);
        let alphabet = Alphabet::new(('a'..='e').collect(), String::new()).expect("no words");
        let (text, p) = read(&[&a, &b], &alphabet, None, None).expect("a reading");
        assert_eq!(text, [2, 3, 4]);
        // Surer than either of them alone.
        assert!(p > 0.5 && p < 1.0, "{p}");
    }

    #[test]
    fn what_is_known_of_a_text_counts_beside_its_ink() {
        let torn = [vec![(1, 0.5), (2, 0.46), (0, 0.04)]];
        let alphabet = Alphabet::new(vec!['B', '3'], String::new()).expect("no words");
        let of = |worth: Option<Worth>| read(&[&torn], &alphabet, None, worth).expect("a reading");
        let (alone, p) = of(None);
        assert_eq!(alone, [1]);
        let (among_digits, q) = of(Some(&|text| if text == [2] { 2.0 } else { 0.0 }));
        assert_eq!(among_digits, [2]);
        assert!(q > p, "{q} against {p}");
    }

    #[test]
    fn a_word_may_have_another_case_than_all_looks_say() {
        // "No" beside the ink of "nO", whose first letter is as good as sure.
        let torn = |a: u16, b: u16| vec![(a, 0.9), (b, 0.06), (0, 0.04)];
        let alphabet = Alphabet::new(vec!['n', 'o', 'N', 'O', '1'], String::new()).expect("no words");
        let looks = [torn(1, 3), torn(4, 2), torn(5, 2)];
        assert_eq!(words(&[1, 4, 5, 2], &alphabet), [0..2, 3..4]);
        let of = |worth: Option<Worth>| read(&[&looks], &alphabet, None, worth).expect("a reading").0;
        assert_eq!(of(None), [1, 4, 5]);
        assert_eq!(of(Some(&|text| if text[..2] == [3, 2] { 9.0 } else { 0.0 })), [3, 2, 5]);
    }
}
