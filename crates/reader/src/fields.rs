//! Numbers that are written with a gap after each digit, on paper without boxes or where boxes are not found, become one word.

use crate::place::Place;
use crate::words::{merge, Draft};
use page::Analysis;

/// Fewer digits in even steps are numbers of their own, and no step is larger than this against the usual one.
const SPACED_OUT: usize = 4;
const EVEN: f32 = 1.8;
const APART: f32 = 1.25;

/// Joins the words of a line, left to right, that are one field.
pub(crate) fn join(words: Vec<Draft>, a: &Analysis, place: &Place) -> Vec<Draft> {
    if words.len() < 2 {
        return words;
    }
    if is_spaced_out(&words, a) {
        return words.into_iter().reduce(|a, b| merge(a, b, place)).into_iter().collect();
    }
    words
}

/// Whether a line is one number written with a gap after each digit: at least four, by even steps, with nothing that keeps fields apart
/// between any two.
fn is_spaced_out(words: &[Draft], a: &Analysis) -> bool {
    let characters: Vec<_> = words.iter().flat_map(|w| &w.word.characters).collect();
    let digits = characters.iter().filter(|c| c.text.chars().all(|c| c.is_ascii_digit())).count();
    if characters.len() < SPACED_OUT || digits * 5 < characters.len() * 4 {
        return false;
    }
    if words.windows(2).any(|p| a.parted(&p[0].rect, &p[1].rect)) {
        return false;
    }
    let middle = |b: &[i32; 4]| (b[0] as f32 + b[2] as f32 / 2.0, b[1] as f32 + b[3] as f32 / 2.0);
    // Steps from character to character, and whether a space was taken to be there.
    let mut steps: Vec<(f32, bool)> = Vec::new();
    let mut last: Option<(f32, f32)> = None;
    for w in words {
        for (i, c) in w.word.characters.iter().enumerate() {
            let at = middle(&c.bounds);
            if let Some((x, y)) = last.replace(at) {
                steps.push(((at.0 - x).hypot(at.1 - y), i == 0));
            }
        }
    }
    let median = |mut v: Vec<f32>| {
        v.sort_unstable_by(f32::total_cmp);
        v.get(v.len() / 2).copied()
    };
    let part = |space: bool| median(steps.iter().filter(|s| s.1 == space).map(|s| s.0).collect());
    let (Some(usual), Some(between)) = (median(steps.iter().map(|s| s.0).collect()), part(true)) else { return false };
    // Numbers of their own stand further apart than their digits do.
    let apart = part(false).is_some_and(|within| between > APART * within);
    !apart && steps.iter().all(|s| s.0 < EVEN * usual)
}
