//! Numbers that are written with a gap after each digit: on paper without boxes, and in the boxes of a comb that the page net took
//! for cells. They become one word.

use crate::place::Place;
use crate::words::{merge, Draft};
use page::raster::Rect;
use page::Analysis;

/// Fewer digits in even steps are numbers of their own, and no step is larger than this against the usual one.
const SPACED_OUT: usize = 4;
const EVEN: f32 = 1.8;
const APART: f32 = 1.25;

/// A character whose middle is nearer to a wall than this share of a box does not stand in a box beside it.
const STROKE: f32 = 0.15;
/// Boxes with one character each that a comb has at least, and their share of all that are not empty.
const FILLED: usize = 3;
const SINGLE: f32 = 0.75;

/// Boxes of a comb in which the characters of a word stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Boxes {
    /// Number of the comb on its page.
    pub comb: usize,
    pub first: usize,
    pub last: usize,
}

/// Finds the combs of a line's words, left to right, and says of each word that stands in one where; they are numbered from `number` on.
/// Returns how many there are.
pub(crate) fn set_boxes(words: &mut [&mut Draft], a: &Analysis, number: usize) -> usize {
    let middles: Vec<f32> = words.iter().flat_map(|w| &w.middles).copied().collect();
    if middles.len() < FILLED {
        return 0;
    }
    let rects: Vec<Rect> = words.iter().map(|w| w.rect).collect();
    let mut heights: Vec<usize> = rects.iter().map(Rect::height).collect();
    heights.sort_unstable();
    let mut combs = page::combs::combs(&a.even, &rects, heights[heights.len() / 2]);
    combs.retain(|walls| is_comb(walls, &middles));
    let stands = |x: f32| {
        let comb = combs.iter().position(|walls| (walls[0]..walls[walls.len() - 1]).contains(&x))?;
        Some((comb, combs[comb].partition_point(|&wall| wall < x)))
    };
    for word in words {
        let ends = stands(word.middles[0]).zip(stands(word.middles[word.middles.len() - 1])).filter(|(a, b)| a.0 == b.0);
        word.boxes = ends.map(|(a, b)| Boxes { comb: number + a.0, first: a.1, last: b.1 });
    }
    combs.len()
}

/// Whether the characters that stand between `walls`, whose `middles` these are, stand one in a box each and not on the walls: what
/// stands in columns of a table is more, and ones in even steps are no walls.
fn is_comb(walls: &[f32], middles: &[f32]) -> bool {
    let step = (walls[walls.len() - 1] - walls[0]) / (walls.len() - 1) as f32;
    // Characters in each box, by its right wall, and whether any of them stands on a wall.
    let mut boxes = vec![(0, false); walls.len()];
    for &m in middles {
        let i = walls.partition_point(|&w| w < m);
        if i > 0 && i < walls.len() {
            boxes[i].0 += 1;
        }
        if walls.iter().any(|w| (w - m).abs() <= STROKE * step) {
            boxes[i.min(walls.len() - 1)].1 = true;
        }
    }
    let filled = boxes.iter().filter(|b| **b != (0, false)).count();
    let single = boxes.iter().filter(|b| **b == (1, false)).count();
    single >= FILLED && single as f32 >= SINGLE * filled as f32
}

/// Joins the words of a line, left to right, that are one field.
pub(crate) fn join(words: Vec<Draft>, a: &Analysis, place: &Place) -> Vec<Draft> {
    if words.len() < 2 {
        return words;
    }
    if is_spaced_out(&words, a) {
        return words.into_iter().reduce(|a, b| merge(a, b, place)).into_iter().collect();
    }
    let mut out: Vec<Draft> = Vec::new();
    for word in words {
        let next = |(a, b): (Boxes, Boxes)| a.comb == b.comb && b.first.saturating_sub(a.last) <= 1;
        match out.pop_if(|before| before.boxes.zip(word.boxes).is_some_and(next)) {
            Some(before) => out.push(merge(before, word, place)),
            None => out.push(word),
        }
    }
    out
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_stand_between_walls_and_not_on_them() {
        let walls = [20.0, 40.0, 60.0, 80.0];
        assert!(is_comb(&walls, &[31.0, 47.0, 70.0]));
        assert!(!is_comb(&walls, &[20.0, 41.0, 60.0, 79.0]), "ones in even steps");
        assert!(!is_comb(&walls, &[25.0, 35.0, 45.0, 55.0, 67.0, 73.0]), "columns of numbers");
    }
}
