//! What stands in the boxes of a comb: the ink of each, without walls, set side by side as a word is written.

use crate::components;
use crate::ink::Mask;
use crate::raster::{Gray, Rect};
use crate::Analysis;

/// Numbers that tell a character from what else is in a box; lengths are heights of the characters, shares are of a box.
struct Boxed {
    /// Rows above and below the characters that are looked at.
    air: f32,
    /// Columns at a wall that are wall where this share of their rows is ink.
    wall: f32,
    solid: f32,
    /// Ink wider than this many boxes is cut at their walls; other ink belongs to the box of its middle.
    widest: f32,
    /// Least ink of a character, of the square of its height: a one in a fine pen has twice that.
    least: f32,
    /// Paper between two characters in the picture.
    gap: f32,
}

const BOXED: Boxed = Boxed { air: 0.15, wall: 0.08, solid: 0.7, widest: 1.3, least: 0.04, gap: 0.2 };

/// Columns `from..to` of the page that stand at column `at` of a picture: one box.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    from: usize,
    to: usize,
    at: usize,
}

/// Boxes in a row that all hold ink.
#[derive(Clone, Debug)]
pub struct Run {
    /// Where its ink stands on the page.
    pub rect: Rect,
    /// Its characters, closer together than on the page.
    pub gray: Gray,
    pieces: Vec<Piece>,
}

impl Run {
    /// Column of the page that stands at a column of the picture.
    pub fn column(&self, x: f32) -> f32 {
        let after = self.pieces.partition_point(|p| p.at as f32 <= x).max(1);
        let p = &self.pieces[after - 1];
        (p.from as f32 + x - p.at as f32).min(p.to as f32).max(p.from as f32)
    }
}

/// The runs of filled boxes of a comb, left to right. `walls` are its walls' columns, `rows` those of its characters, which are `height`
/// pixels high.
pub fn runs(a: &Analysis, walls: &[f32], rows: (usize, usize), height: usize) -> Vec<Run> {
    let h = height as f32;
    let (left, right) = (walls[0] as usize, (walls[walls.len() - 1] as usize + 1).min(a.even.width));
    let air = (BOXED.air * h) as usize;
    let (top, bottom) = (rows.0.saturating_sub(air), (rows.1 + air).min(a.even.height));
    let mut ink = Mask::new(right - left, bottom - top);
    for y in top..bottom {
        for x in left..right {
            let i = y * a.even.width + x;
            // Ink of another line hangs in or stands up.
            let is_other = |c: usize| !(rows.0..rows.1).contains(&(a.components[c].rect.middle() as usize));
            let own = match a.labels[i] {
                0 | u32::MAX => true,
                c => !is_other(c as usize - 1),
            };
            ink.data[(y - top) * ink.width + x - left] = (a.ink.data[i] != 0 && a.lifted.data[i] == 0 && own) as u8;
        }
    }
    side_by_side(&a.even, ink, (left, top), walls, h)
}

/// Likewise, of `ink` whose upper left corner stands at `(left, top)` of the page.
fn side_by_side(even: &Gray, mut ink: Mask, (left, top): (usize, usize), walls: &[f32], h: f32) -> Vec<Run> {
    let inner: Vec<f32> = walls.iter().map(|w| w - left as f32).collect();
    clear_walls(&mut ink, &inner, h);
    let step = (walls[walls.len() - 1] - walls[0]) / (walls.len() - 1) as f32;
    cut(&mut ink, &inner, BOXED.widest * step);
    // Which box each piece of ink belongs to, and how far the ink of each reaches.
    let (pieces, labels) = components::label(&ink);
    let place: Vec<usize> = pieces
        .iter()
        .map(|p| inner.partition_point(|&w| w < (p.rect.left + p.rect.right) as f32 / 2.0).clamp(1, walls.len() - 1) - 1)
        .collect();
    let mut boxes: Vec<Option<(Rect, usize)>> = vec![None; walls.len() - 1];
    for (p, &k) in pieces.iter().zip(&place) {
        boxes[k] = Some(boxes[k].map_or((p.rect, p.area), |(rect, area)| (rect.union(&p.rect), area + p.area)));
    }
    let filled = |b: &Option<(Rect, usize)>| b.filter(|b| b.1 as f32 >= BOXED.least * h * h).map(|b| b.0);
    let gap = (BOXED.gap * h).round() as usize;
    let mut out = Vec::new();
    let mut at = 0;
    while at < boxes.len() {
        let rects: Vec<Rect> = boxes[at..].iter().map_while(filled).collect();
        let Some(rect) = rects.iter().copied().reduce(|a, b| a.union(&b)) else {
            at += 1;
            continue;
        };
        let width = rects.iter().map(|r| r.width() + gap).sum::<usize>() + gap;
        let mut gray = Gray::new(width, ink.height, vec![255; width * ink.height]);
        let mut set = Vec::new();
        let mut x = gap;
        for (k, rect) in (at..).zip(&rects) {
            set.push(Piece { from: rect.left + left, to: rect.right + left, at: x });
            for y in 0..ink.height {
                for column in rect.left..rect.right {
                    let is_own = |x: usize, y: usize| match labels[y * ink.width + x] {
                        0 => false,
                        n => place[n as usize - 1] == k,
                    };
                    // Strokes have soft edges.
                    let near = (y.saturating_sub(1)..(y + 2).min(ink.height))
                        .any(|ny| (column.saturating_sub(1)..(column + 2).min(ink.width)).any(|nx| is_own(nx, ny)));
                    if near {
                        gray.data[y * width + x + column - rect.left] = even.data[(y + top) * even.width + column + left];
                    }
                }
            }
            x += rect.width() + gap;
        }
        let rect = Rect { left: rect.left + left, top: rect.top + top, right: rect.right + left, bottom: rect.bottom + top };
        out.push(Run { rect, gray, pieces: set });
        at += rects.len();
    }
    out
}

/// Takes the columns at the walls out that are ink nearly all the way down.
fn clear_walls(ink: &mut Mask, walls: &[f32], h: f32) {
    let reach = (BOXED.wall * h).max(2.0);
    for wall in walls {
        let columns = (wall - reach).max(0.0) as usize..((wall + reach) as usize + 1).min(ink.width);
        for x in columns {
            let dark = (0..ink.height).filter(|y| ink.data[y * ink.width + x] != 0).count();
            if dark as f32 >= BOXED.solid * ink.height as f32 {
                (0..ink.height).for_each(|y| ink.data[y * ink.width + x] = 0);
            }
        }
    }
}

/// Cuts what is wider than `widest` at the walls that it crosses.
fn cut(ink: &mut Mask, walls: &[f32], widest: f32) {
    let (pieces, labels) = components::label(ink);
    for wall in walls {
        let x = *wall as usize;
        for y in 0..ink.height {
            let i = y * ink.width + x.min(ink.width - 1);
            if labels[i] != 0 && pieces[labels[i] as usize - 1].rect.width() as f32 > widest {
                ink.data[i] = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three boxes 20 columns wide from column 10 on, with walls, and two characters 6 wide in the first and the third.
    #[test]
    fn characters_stand_close_together_and_empty_boxes_part_them() {
        let (width, height) = (90, 24);
        let mut even = Gray::new(width, height, vec![255; width * height]);
        let mut draw = |left: usize, wide: usize, (top, bottom): (usize, usize)| {
            (top..bottom).for_each(|y| even.data[y * width + left..y * width + left + wide].fill(40));
        };
        [10, 30, 50, 70].into_iter().for_each(|wall| draw(wall, 1, (0, height)));
        draw(16, 6, (4, 20));
        draw(33, 6, (4, 20));
        draw(57, 6, (4, 20));
        let read = |even: &Gray, from: usize| {
            let mut ink = Mask::new(width, height);
            ink.data.iter_mut().zip(&even.data).for_each(|(i, &v)| *i = (v < 128) as u8);
            let walls: Vec<f32> = [10.5, 30.5, 50.5, 70.5][from..].to_vec();
            side_by_side(even, ink, (0, 0), &walls, 16.0)
        };
        let [all] = &read(&even, 0)[..] else { panic!("three filled boxes are one run") };
        assert_eq!((all.rect.left, all.rect.right), (16, 63));
        // Three characters and four gaps of 3 columns, the walls gone.
        assert_eq!(all.gray.width, 3 * 6 + 4 * 3);
        let dark = |x: usize| all.gray.data[10 * all.gray.width + x] < 128;
        assert!(dark(3) && dark(8) && !dark(10) && dark(12));
        assert_eq!([5.0, 14.0, 23.0].map(|x| all.column(x)), [18.0, 35.0, 59.0]);
        for y in 0..height {
            even.data[y * width + 33..y * width + 39].fill(255);
        }
        assert_eq!(read(&even, 0).iter().map(|r| r.rect.left).collect::<Vec<_>>(), [16, 57]);
    }

    #[test]
    fn a_stroke_that_hangs_over_a_wall_stays_whole_and_two_joined_characters_are_cut() {
        let (width, height) = (60, 20);
        let runs = |right: usize| {
            let mut even = Gray::new(width, height, vec![255; width * height]);
            let mut ink = Mask::new(width, height);
            for y in 8..12 {
                even.data[y * width + 14..y * width + right].fill(40);
                ink.data[y * width + 14..y * width + right].fill(1);
            }
            side_by_side(&even, ink, (0, 0), &[10.5, 30.5, 50.5], 12.0)
        };
        assert_eq!(runs(34)[0].pieces.len(), 1);
        assert_eq!(runs(46)[0].pieces.len(), 2);
    }
}
