//! Specks before a number that were read as a point or a colon: a point stands low, or is raised and close to its digits, and a colon is
//! two dots one above the other.

use crate::read::Read;
use page::raster::Rect;
use page::Analysis;

/// A point reaches into this part of the digits' height, from below, or has no more paper than this part of it before the digits: two
/// dev tables write their decimals behind raised points.
const LOW: f32 = 0.3;
const CLOSE: f32 = 0.3;
/// The dots of a colon stand no further to the side of each other than this part of the digits' height.
const UPRIGHT: f32 = 0.2;

/// Takes marks out that stand before digits and are none.
pub(crate) fn drop(a: &Analysis, read: &mut [Read]) {
    for r in read {
        let Some(reading) = &mut r.reading else { continue };
        let mut marks = reading.glyphs.iter().enumerate().filter(|(_, g)| g.char != ' ');
        let (Some((first, mark)), Some((_, digit))) = (marks.next(), marks.next()) else { continue };
        if !digit.char.is_ascii_digit() {
            continue;
        }
        let from = r.crop.left as f32 + digit.left;
        let rects = r.parts.iter().map(|&c| a.components[c].rect);
        let (dots, digits): (Vec<Rect>, Vec<Rect>) = rects.partition(|p| ((p.left + p.right) as f32 / 2.0) < from);
        let Some(digits) = digits.into_iter().reduce(|a, b| a.union(&b)) else { continue };
        let is_speck = match mark.char {
            '.' => !dots.is_empty() && dots.iter().all(|d| !is_point(d, &digits)),
            ':' => !dots.is_empty() && !is_colon(&dots, &digits),
            _ => false,
        };
        if is_speck {
            reading.glyphs.remove(first);
            reading.characters = reading.characters.saturating_sub(1);
        }
    }
}

fn is_point(dot: &Rect, digits: &Rect) -> bool {
    let h = digits.height() as f32;
    dot.bottom as f32 > digits.bottom as f32 - LOW * h || dot.gap(digits) as f32 <= CLOSE * h
}

fn is_colon(dots: &[Rect], digits: &Rect) -> bool {
    let middle = |d: &Rect| (d.left + d.right) as f32 / 2.0;
    match dots {
        [a, b] => a.shared_rows(b) == 0 && (middle(a) - middle(b)).abs() <= UPRIGHT * digits.height() as f32,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(left: usize, top: usize) -> Rect {
        Rect { left, top, right: left + 6, bottom: top + 6 }
    }

    #[test]
    fn points_stand_low_and_colons_are_two_dots() {
        let digits = Rect { left: 40, top: 100, right: 120, bottom: 150 };
        assert!(is_point(&dot(14, 144), &digits) && is_point(&dot(14, 134), &digits) && is_point(&dot(24, 122), &digits));
        assert!(!is_point(&dot(14, 120), &digits) && !is_point(&dot(14, 98), &digits));
        assert!(is_colon(&[dot(20, 110), dot(22, 140)], &digits));
        assert!(!is_colon(&[dot(20, 110), dot(35, 140)], &digits) && !is_colon(&[dot(20, 110), dot(28, 112)], &digits));
        assert!(!is_colon(&[dot(20, 110)], &digits) && !is_colon(&[dot(20, 100), dot(20, 120), dot(20, 140)], &digits));
    }
}
