//! Numbers that are written with a gap after each digit: one to a box of a comb, or by a careful hand. They become one word.

use crate::place::Place;
use crate::result::Word;
use crate::{other_texts, state_of, text_of, Draft};
use page::ink::Mask;
use page::lines::is_walled;

/// Boxes of a comb follow one another within this many heights of their characters, from middle to middle. Cells of a table are
/// wider than what is written in them.
const COMB_PITCH: f32 = 1.8;
/// Fewer digits in even steps are numbers of their own, and no step is larger than this against the usual one.
const SPACED_OUT: usize = 4;
const EVEN: f32 = 1.8;
const APART: f32 = 1.25;

/// Joins the words of a line, left to right, that are one field.
pub(crate) fn join(words: Vec<Draft>, uprights: &Mask, place: &Place) -> Vec<Draft> {
    if is_spaced_out(&words) {
        return words.into_iter().reduce(|a, b| merge(a, b, place)).into_iter().collect();
    }
    let mut out: Vec<Draft> = Vec::new();
    // Whether what `out` ends with is the last box of a comb.
    let mut box_before: Option<page::raster::Rect> = None;
    for w in words {
        let rect = w.rect;
        let single = w.word.characters.len() == 1;
        let follows = box_before.filter(|b| {
            let step = (rect.left + rect.right) as f32 / 2.0 - (b.left + b.right) as f32 / 2.0;
            single && is_walled(b, &rect, uprights) && step < COMB_PITCH * rect.height().max(b.height()) as f32
        });
        match out.pop() {
            Some(last) if follows.is_some() => out.push(merge(last, w, place)),
            last => {
                out.extend(last);
                out.push(w);
            }
        }
        box_before = single.then_some(rect);
    }
    out
}

/// Whether a line is one number written with a gap after each digit: at least four, by even steps, whether or not some of the gaps
/// were taken for spaces.
fn is_spaced_out(words: &[Draft]) -> bool {
    let characters: Vec<_> = words.iter().flat_map(|w| &w.word.characters).collect();
    let digits = characters.iter().filter(|c| c.text.chars().all(|c| c.is_ascii_digit())).count();
    if words.len() < 2 || characters.len() < SPACED_OUT || digits * 5 < characters.len() * 4 {
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

/// Two drafts as one word.
pub(crate) fn merge(a: Draft, b: Draft, place: &Place) -> Draft {
    let (n, m) = (a.glyphs, b.glyphs);
    let mean = |x: f32, y: f32| (x * n + y * m) / (n + m);
    let rect = a.rect.union(&b.rect);
    let kind = core::array::from_fn(|i| mean(a.kind[i], b.kind[i]));
    // Geometric means of the characters, as each word's own.
    let confidence = mean(a.word.confidence.max(1e-6).ln(), b.word.confidence.max(1e-6).ln()).exp();
    let handwritten = mean(a.word.handwritten, b.word.handwritten);
    let production = a.word.production;
    let parts = [a.word, b.word];
    let (text, alternatives) = (text_of(&parts, ""), other_texts(&parts, ""));
    let word = Word {
        text,
        confidence,
        bounds: place.bounds(&rect),
        polygon: place.polygon(&rect),
        production,
        state: state_of(confidence),
        alternatives,
        handwritten,
        characters: parts.into_iter().flat_map(|p| p.characters).collect(),
    };
    Draft { word, rect, kind, glyphs: n + m }
}
