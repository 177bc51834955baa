//! Walls between the boxes of a comb: too short to be told from a one by themselves, but they stand from rule to rule in even steps.

use crate::ink::Mask;
use crate::raster::Rect;

/// Pixels between the end of a wall and the rule that it stands on, or by which it goes through it.
const NEAR: usize = 4;
const THROUGH: usize = 8;
/// A wall is at least this share of the usual height of a character, and what its box holds half to thrice as wide as it is high.
const LOW: f32 = 0.7;
const STEP: core::ops::Range<f32> = 0.5..3.0;
/// How far a wall may stand from its place, in steps, and how far its ends from those of the others, in its heights.
const UNEVEN: f32 = 0.1;
const RAGGED: f32 = 0.2;
/// Fewer walls make no comb: strokes may stand evenly by chance.
const WALLS: usize = 4;

/// Which of `runs` are walls of combs. All lies on its side: a run goes from `left` to `right`, the `rules` from top to bottom.
pub fn find(runs: &[(usize, Rect)], rules: &Mask, glyph: usize) -> Vec<usize> {
    let ends_on_rule = |at: usize, inwards: bool, r: &Rect| {
        let (before, after) = if inwards { (NEAR, THROUGH) } else { (THROUGH, NEAR) };
        let columns = at.saturating_sub(before)..(at + after).min(rules.width);
        let mut rows = r.top.saturating_sub(NEAR)..(r.bottom + NEAR).min(rules.height);
        rows.any(|y| rules.data[y * rules.width..][columns.clone()].iter().any(|&v| v != 0))
    };
    let mut stand: Vec<&(usize, Rect)> = runs
        .iter()
        .filter(|(_, r)| r.width() as f32 >= LOW * glyph as f32 && r.height() * 4 < r.width())
        .filter(|(_, r)| ends_on_rule(r.left, true, r) && ends_on_rule(r.right, false, r))
        .collect();
    stand.sort_by_key(|(_, r)| r.top);
    let mut found = vec![false; stand.len()];
    for (i, (_, first)) in stand.iter().enumerate() {
        let height = first.width() as f32;
        let ragged = (RAGGED * height) as usize;
        let alike = |r: &Rect| r.left.abs_diff(first.left) <= ragged && r.right.abs_diff(first.right) <= ragged;
        let row: Vec<usize> = (i..stand.len()).filter(|&k| alike(&stand[k].1)).collect();
        for &second in &row[1..] {
            let offset = |k: usize| stand[k].1.middle() - first.middle();
            let step = offset(second);
            if !STEP.contains(&(step / height)) {
                continue;
            }
            let even = |k: &&usize| (offset(**k) / step - (offset(**k) / step).round()).abs() < UNEVEN;
            let walls: Vec<usize> = row.iter().filter(even).copied().collect();
            if walls.len() >= WALLS {
                walls.into_iter().for_each(|k| found[k] = true);
            }
        }
    }
    stand.iter().zip(found).filter(|(_, f)| *f).map(|((number, _), _)| *number).collect()
}
