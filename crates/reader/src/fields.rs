//! Numbers whose digits stand apart become one word: those that the page net took for two although nothing parts them, and those that
//! are written with a gap after each digit, on paper without boxes or where boxes are not found.

use crate::place::Place;
use crate::words::{merge, Draft};
use page::raster::Rect;
use page::Analysis;

/// Fewer digits in even steps are numbers of their own, and no step is larger than this against the usual one.
const SPACED_OUT: usize = 4;
const EVEN: f32 = 1.8;
const APART: f32 = 1.25;
/// Paper between digits that is usually wider than so many of their heights is between numbers: rows of a number with spaced digits have
/// at most 0.7 on the dev pages, rows of numbers of a digit each 1.5 to 2.
const FAR: f32 = 1.0;

/// Digits of two units are one number where the paper between them is no wider than so many of their heights and no gap between fields
/// and no wall was seen there. Of eleven such places on 75 dev pages seven are within a number, and none is between two.
const CLOSE: f32 = 0.6;

/// Joins the words of a line that are one field; `units` are the words of each of its units, left to right.
pub(crate) fn join(units: Vec<Vec<Draft>>, a: &Analysis, place: &Place) -> Vec<Draft> {
    let mut words: Vec<Draft> = Vec::new();
    for unit in units {
        let mut unit = unit.into_iter();
        match (words.pop(), unit.next()) {
            (Some(last), Some(first)) if is_one_number(&last, &first, a) => words.push(merge(last, first, place)),
            (last, first) => words.extend(last.into_iter().chain(first)),
        }
        words.extend(unit);
    }
    if words.len() < 2 {
        return words;
    }
    if is_spaced_out(&words, a) {
        return words.into_iter().reduce(|a, b| merge(a, b, place)).into_iter().collect();
    }
    words
}

fn is_one_number(left: &Draft, right: &Draft, a: &Analysis) -> bool {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    // Two measures with parts are two.
    if [left, right].iter().all(|d| d.word.text.contains('.')) {
        return false;
    }
    is_digit(left.word.text.chars().next_back())
        && is_digit(right.word.text.chars().next())
        && paper(&left.rect, &right.rect) < CLOSE
        && !a.parted(&left.rect, &right.rect)
}

/// Whether a line is one number written with a gap after each digit: at least four, by even steps, with nothing that keeps fields apart
/// between any two.
fn is_spaced_out(words: &[Draft], a: &Analysis) -> bool {
    let characters: Vec<_> = words.iter().flat_map(|w| &w.word.characters).collect();
    let digits = characters.iter().filter(|c| c.text.chars().all(|c| c.is_ascii_digit())).count();
    if characters.len() < SPACED_OUT || digits * 5 < characters.len() * 4 {
        return false;
    }
    let rects: Vec<_> = words.iter().map(|w| w.rect).collect();
    if stand_far(&rects) || rects.windows(2).any(|p| a.parted(&p[0], &p[1])) {
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
    let part = |space: bool| median(steps.iter().filter(|s| s.1 == space).map(|s| s.0).collect());
    let (Some(usual), Some(between)) = (median(steps.iter().map(|s| s.0).collect()), part(true)) else { return false };
    // Numbers of their own stand further apart than their digits do.
    let apart = part(false).is_some_and(|within| between > APART * within);
    !apart && steps.iter().all(|s| s.0 < EVEN * usual)
}

/// Whether words have as much paper between them as numbers of their own.
fn stand_far(rects: &[Rect]) -> bool {
    median(rects.windows(2).map(|p| paper(&p[0], &p[1])).collect()).is_some_and(|usual| usual > FAR)
}

/// Paper between two words of a line, in their mean height.
fn paper(left: &Rect, right: &Rect) -> f32 {
    let height = (left.height() + right.height()) as f32 / 2.0;
    (right.left as f32 - left.right as f32) / height.max(1.0)
}

fn median(mut values: Vec<f32>) -> Option<f32> {
    values.sort_unstable_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rectangles 6 wide and 10 high with `paper` between any two.
    fn row(paper: usize) -> Vec<Rect> {
        (0..5).map(|i| Rect { left: i * (6 + paper), top: 0, right: i * (6 + paper) + 6, bottom: 10 }).collect()
    }

    #[test]
    fn digits_that_stand_far_apart_are_numbers_of_their_own() {
        assert!(!stand_far(&row(7)));
        assert!(stand_far(&row(15)));
        assert!(!stand_far(&row(15)[..1]));
    }
}
