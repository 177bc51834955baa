//! Walls: upright rules between fields that go on past their row. Writing that touches one, or hides a piece of it, does not cross it.

use crate::heads::*;
use crate::labels::Labels;

/// Numbers that decide what is a wall, in pixels of the labels (seven are a digit's height). Without walls 75 dev pages have token F1
/// 0.772 and line CER 0.179, with them 0.776 and 0.179; 25 check pages 0.654 and 0.278, 0.655 and 0.277.
pub struct Walls {
    /// An upright rule, and a gap between fields, are seen from this probability on.
    pub seen: f32,
    /// Rows that are seen at a stretch, and rows that writing may hide between two stretches.
    pub stretch: usize,
    pub hidden: usize,
    /// Rows of a wall in all: a stroke of a digit ends before.
    pub long: usize,
}

pub const WALLS: Walls = Walls { seen: 0.5, stretch: 4, hidden: 12, long: 14 };

/// Whether a wall stands at each place; `[height][width]`.
pub fn find(labels: &Labels, walls: &Walls) -> Vec<bool> {
    let (w, h) = (labels.width, labels.height);
    let mut out = vec![false; w * h];
    for x in 0..w {
        // Rules lean a little: one column to either side is the same one. Squared paper has rules that part nothing.
        let near = |y: usize, head: usize| (x.saturating_sub(1)..(x + 2).min(w)).any(|n| labels.at(y * w + n)[head] > walls.seen);
        let is_seen = |y: usize| near(y, UPRIGHT) && near(y, GAP);
        let mut wall: Option<(usize, usize)> = None;
        let mut build = |(from, to): (usize, usize)| {
            if to - from >= walls.long {
                (from..to).for_each(|y| out[y * w + x] = true);
            }
        };
        let mut y = 0;
        while y < h {
            let from = y;
            while y < h && is_seen(y) {
                y += 1;
            }
            if y - from >= walls.stretch {
                wall = match wall {
                    Some((first, to)) if from - to <= walls.hidden => Some((first, y)),
                    other => {
                        other.into_iter().for_each(&mut build);
                        Some((from, y))
                    }
                };
            }
            y += 1;
        }
        wall.into_iter().for_each(build);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: usize = 9;

    /// Where a wall is found in column 4 of 40 rows, of which the heads are on in some.
    fn found(upright: impl Fn(usize) -> bool, gap: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut data = vec![0.0; W * 40 * HEADS];
        for y in 0..40 {
            data[(y * W + 4) * HEADS + UPRIGHT] = upright(y) as u8 as f32;
            data[(y * W + 4) * HEADS + GAP] = gap(y) as u8 as f32;
        }
        let walls = find(&Labels { width: W, height: 40, data }, &WALLS);
        (0..40).filter(|y| walls[y * W + 4]).collect()
    }

    #[test]
    fn a_wall_goes_on_behind_what_hides_it() {
        let hidden = |y: usize| !(12..22).contains(&y);
        assert_eq!(found(hidden, hidden), (0..40).collect::<Vec<_>>());
        assert_eq!(found(hidden, |_| true), (0..40).collect::<Vec<_>>());
    }

    #[test]
    fn strokes_squares_and_walls_apart_are_none() {
        assert_eq!(found(|y| (10..20).contains(&y), |_| true), [0; 0], "as long as a stroke");
        assert_eq!(found(|_| true, |_| false), [0; 0], "squared paper parts nothing");
        let rows = found(|y| !(14..30).contains(&y), |_| true);
        assert_eq!(rows, (0..14).collect::<Vec<_>>(), "too far apart to be one, and the lower one is too short");
    }

    #[test]
    fn a_wall_may_lean_by_a_column() {
        let mut data = vec![0.0; W * 30 * HEADS];
        for y in 0..30 {
            let i = (y * W + 3 + y / 10) * HEADS;
            (data[i + UPRIGHT], data[i + GAP]) = (1.0, 1.0);
        }
        let walls = find(&Labels { width: W, height: 30, data }, &WALLS);
        assert!((0..30).all(|y| walls[y * W + 4]));
    }
}
