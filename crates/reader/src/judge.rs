//! Who made each word, a hand or a press: from its own glyphs, its segment, its row and the page.

use crate::result::Production;
use crate::{mean_kind, share_of_hand, Draft, Read};
use page::raster::Rect;

/// How much a word's company says of it: a word of this many characters is half judged by its segment.
const COMPANY: f32 = 1.0;
/// A page whose characters are this surely written on the whole holds no print worth the name, and one below the second share
/// is mainly print, pictures or dirt. Between lie mixed pages.
const WRITTEN_PAGE: f32 = 0.85;
const OTHER_PAGE: f32 = 0.65;

/// Characters of surely written text that every page is thought to hold beside its own.
const BENEFIT: f32 = 10.0;

/// What a word needs to be read out, on a written page and on another: the odd word that looks written among print is more
/// likely an odd print.
struct Needed {
    hand: f32,
    /// Where letters are among its characters: slanted print passes for writing more easily than digits do, and forms ask for numbers.
    hand_of_letters: f32,
    confidence: f32,
}
/// Characters whose share of hand says the most that one by one can: more of them are so many witnesses, and need the less each.
const WITNESSES: f32 = 2.0;
/// Numbers and signs in a row vouch for one another as far as this many heights, if they are of like height, and for none that is
/// less surely written than this.
const ROW_REACH: f32 = 20.0;
const ROW_ALIKE: f32 = 1.6;
const VOUCHED: f32 = 0.6;
const AMONG_HAND: Needed = Needed { hand: 0.35, hand_of_letters: 0.35, confidence: 0.30 };
const AMONG_PRINT: Needed = Needed { hand: 0.92, hand_of_letters: 0.975, confidence: 0.80 };

/// What is surely written by hand may be hard to read: from the first share of hand on it needs less confidence, from the second on
/// no more than this.
const SURELY: (f32, f32) = (0.93, 0.98);
const HARD_TO_READ: f32 = 0.45;

/// The confidence that a word needs, of what words of the page need, by its share of hand.
pub fn needed_confidence(usual: f32, hand: f32) -> f32 {
    let surely = ((hand - SURELY.0) / (SURELY.1 - SURELY.0)).clamp(0.0, 1.0);
    usual + surely * (HARD_TO_READ - usual).min(0.0)
}

/// A lone character lower than this part of the usual height is a mark of the print, on pages that are mainly print.
const SMALL: f32 = 0.55;

/// The share of hand that `n` characters need where one or two need `needed`: so many witnesses, in log odds.
fn for_witnesses(needed: f32, n: f32) -> f32 {
    let odds = (needed / (1.0 - needed)).ln();
    // Below one half there is nothing to need less of.
    let odds = odds.min(odds * (WITNESSES / n).sqrt());
    1.0 / (1.0 + (-odds).exp())
}

/// A word without letters, as a witness for its row.
struct Number {
    rect: Rect,
    hand: f32,
    glyphs: f32,
}

/// Whether all numbers of a row together are surely enough written.
fn row_is_written(rect: &Rect, numbers: &[Number], needed: f32) -> bool {
    let height = rect.height() as f32;
    let is_near = |o: &Rect| {
        let ratio = height / o.height() as f32;
        rect.shared_rows(o) * 2 > rect.height().min(o.height())
            && (rect.gap(o) as f32) < ROW_REACH * height
            && (1.0 / ROW_ALIKE..ROW_ALIKE).contains(&ratio)
    };
    let (hand, n) =
        numbers.iter().filter(|o| is_near(&o.rect)).fold((0.0, 0.0), |(h, n), o| (h + o.hand * o.glyphs, n + o.glyphs));
    hand >= n * for_witnesses(needed, n)
}

/// Settles who made each word from its own glyphs, its segment, its row and the page, whose characters are usually `usual` pixels
/// high; returns the confidence that words need.
pub fn judge(segments: &mut [Vec<Draft>], read: &[Read], usual: usize) -> f32 {
    let page = mean_kind(read.iter().map(|r| (r.reading.kind, r.reading.characters as f32)));
    let glyphs = read.iter().map(|r| r.reading.characters).sum::<usize>() as f32;
    let share = share_of_hand(&page);
    // A page with little on it is taken for written until there is enough to say otherwise.
    let share = (share * glyphs + BENEFIT) / (glyphs + BENEFIT);
    let other = ((WRITTEN_PAGE - share) / (WRITTEN_PAGE - OTHER_PAGE)).clamp(0.0, 1.0);
    let between = |a: f32, b: f32| a + (b - a) * other;
    let needed = between(AMONG_HAND.hand, AMONG_PRINT.hand);
    let needed_of_letters = between(AMONG_HAND.hand_of_letters, AMONG_PRINT.hand_of_letters);
    for (words, r) in segments.iter_mut().zip(read) {
        let all = r.reading.kind;
        for d in words {
            let own = d.glyphs / (d.glyphs + COMPANY);
            d.kind = core::array::from_fn(|k| own * d.kind[k] + (1.0 - own) * all[k]);
            d.word.handwritten = share_of_hand(&d.kind);
        }
    }
    let numbers: Vec<Number> = segments
        .iter()
        .flatten()
        .filter(|d| !d.has_letters())
        .map(|d| Number { rect: d.rect, hand: d.word.handwritten, glyphs: d.glyphs })
        .collect();
    for (words, r) in segments.iter_mut().zip(read) {
        for d in words {
            let hand = d.word.handwritten;
            // A comma of the print that stands alone makes a fine nine.
            let is_mark = d.glyphs < 2.0 && (d.rect.height() as f32) < SMALL * usual as f32 && other > 0.5;
            let is_written = if is_mark {
                false
            } else if r.comb {
                // Boxes are printed for hands to fill in.
                hand >= AMONG_HAND.hand
            } else if d.has_letters() {
                hand >= needed_of_letters
            } else {
                hand >= for_witnesses(needed, d.glyphs) || hand >= VOUCHED && row_is_written(&d.rect, &numbers, needed)
            };
            if !is_written {
                d.word.production = Production::Printed;
            }
        }
    }
    between(AMONG_HAND.confidence, AMONG_PRINT.confidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(left: usize, top: usize, hand: f32) -> Number {
        Number { rect: Rect { left, top, right: left + 20, bottom: top + 40 }, hand, glyphs: 1.0 }
    }

    #[test]
    fn more_witnesses_need_less_each() {
        assert!((for_witnesses(0.92, 1.0) - 0.92).abs() < 1e-4);
        assert!((for_witnesses(0.92, 2.0) - 0.92).abs() < 1e-4);
        assert!((for_witnesses(0.92, 8.0) - 0.7723).abs() < 1e-3);
        assert!((for_witnesses(0.35, 8.0) - 0.35).abs() < 1e-4);
    }

    #[test]
    fn a_row_vouches_for_its_numbers() {
        let row: Vec<Number> = (0..6).map(|i| number(100 * i, 50 + i, 0.86)).collect();
        assert!(row_is_written(&row[0].rect, &row, 0.92));
        // One alone is not believed, nor one among print, nor by what stands in another row or far away.
        assert!(!row_is_written(&row[0].rect, &row[..1], 0.92));
        let among_print: Vec<Number> = (0..6).map(|i| number(100 * i, 50, if i == 0 { 0.86 } else { 0.3 })).collect();
        assert!(!row_is_written(&among_print[0].rect, &among_print, 0.92));
        let elsewhere: Vec<Number> = (0..6).map(|i| number(2000 * i, 50 + 90 * i, 0.86)).collect();
        assert!(!row_is_written(&elsewhere[0].rect, &elsewhere, 0.92));
    }
}
