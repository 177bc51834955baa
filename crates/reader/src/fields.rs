//! Numbers that are written with a gap after each digit: one to a box of a comb, or by a careful hand. They become one word.

use crate::place::Place;
use crate::Draft;
use page::ink::Mask;
use page::lines::is_walled;

/// Boxes of a comb follow one another within this many heights of their characters, from middle to middle. Cells of a table are
/// wider than what is written in them.
const COMB_PITCH: f32 = 1.8;
/// Fewer single digits in even steps are numbers of their own.
const SPACED_OUT: usize = 4;

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

/// Whether a line is one number written with a gap after each digit: at least four words, nearly all of one digit, evenly spaced.
fn is_spaced_out(words: &[Draft]) -> bool {
    let is_digit = |d: &&Draft| d.word.characters.len() == 1 && d.word.text.chars().all(|c| c.is_ascii_digit());
    let single = words.iter().filter(is_digit).count();
    if words.len() < SPACED_OUT || single * 5 < words.len() * 4 || words.iter().any(|w| w.word.characters.len() > 3) {
        return false;
    }
    let mut steps: Vec<usize> = words.windows(2).map(|p| p[1].rect.left.saturating_sub(p[0].rect.left)).collect();
    steps.sort_unstable();
    steps[steps.len() - 1] < 2 * steps[steps.len() / 2]
}

fn merge(mut a: Draft, b: Draft, place: &Place) -> Draft {
    let (n, m) = (a.glyphs, b.glyphs);
    let mean = |x: f32, y: f32| (x * n + y * m) / (n + m);
    a.rect = a.rect.union(&b.rect);
    a.kind = core::array::from_fn(|i| mean(a.kind[i], b.kind[i]));
    a.glyphs = n + m;
    a.word.handwritten = mean(a.word.handwritten, b.word.handwritten);
    // Geometric means of the characters, as each word's own.
    a.word.confidence = mean(a.word.confidence.max(1e-6).ln(), b.word.confidence.max(1e-6).ln()).exp();
    a.word.text += &b.word.text;
    a.word.characters.extend(b.word.characters);
    a.word.bounds = place.bounds(&a.rect);
    a.word.polygon = place.polygon(&a.rect);
    a
}
