//! Numbers that are written with a gap after each digit: on paper without boxes, and in the boxes of a comb that the page net took
//! for cells. They become one word.

use crate::place::Place;
use crate::words::{merge, Draft};
use page::lines::{is_walled, wall_height};
use page::Analysis;

/// Fewer digits in even steps are numbers of their own, and no step is larger than this against the usual one.
const SPACED_OUT: usize = 4;
const EVEN: f32 = 1.8;
const APART: f32 = 1.25;

/// Boxes of a comb follow one another within this many heights of what is written in them, from middle to middle, and by steps that
/// are even to this share. Fewer boxes are none.
const COMB_PITCH: f32 = 2.6;
const COMB_EVEN: f32 = 0.35;
const COMB_BOXES: usize = 3;
/// Walls of a comb are no higher than this many heights: those of a table or a grid go on from row to row.
const COMB_WALL: usize = 3;

/// Joins the words of a line, left to right, that are one field.
pub(crate) fn join(words: Vec<Draft>, a: &Analysis, place: &Place) -> Vec<Draft> {
    if is_spaced_out(&words, a) {
        return words.into_iter().reduce(|a, b| merge(a, b, place)).into_iter().collect();
    }
    let mut out: Vec<Draft> = Vec::new();
    let mut left = words.into_iter().peekable();
    while let Some(word) = left.next() {
        let mut comb = vec![word];
        while let Some(next) = left.next_if(|next| is_next_box(&comb, next, a)) {
            comb.push(next);
        }
        if comb.len() < COMB_BOXES {
            out.extend(comb);
        } else {
            out.extend(comb.into_iter().reduce(|a, b| merge(a, b, place)));
        }
    }
    out
}

/// Whether a word stands in the box after those of a comb so far.
fn is_next_box(comb: &[Draft], next: &Draft, a: &Analysis) -> bool {
    let last = &comb[comb.len() - 1];
    let single = |d: &Draft| d.word.characters.len() == 1;
    let middle = |d: &Draft| (d.rect.left + d.rect.right) as f32 / 2.0;
    let step = middle(next) - middle(last);
    let pitch = (comb.len() > 1).then(|| (middle(last) - middle(&comb[0])) / (comb.len() - 1) as f32);
    let height = last.rect.height().max(next.rect.height());
    single(last)
        && single(next)
        && step > 0.0
        && step < COMB_PITCH * height as f32
        && pitch.is_none_or(|p| (step - p).abs() < COMB_EVEN * p)
        && is_walled(&last.rect, &next.rect, &a.uprights)
        && wall_height(&last.rect, &next.rect, &a.uprights) < COMB_WALL * height
}

/// Whether a line is one number written with a gap after each digit: at least four, by even steps, with nothing that keeps fields apart
/// between any two.
fn is_spaced_out(words: &[Draft], a: &Analysis) -> bool {
    let characters: Vec<_> = words.iter().flat_map(|w| &w.word.characters).collect();
    let digits = characters.iter().filter(|c| c.text.chars().all(|c| c.is_ascii_digit())).count();
    if words.len() < 2 || characters.len() < SPACED_OUT || digits * 5 < characters.len() * 4 {
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
