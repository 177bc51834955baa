//! What the page stage leaves in a crop beside the writing: walls of cells whole, worn or half lifted, pieces of rules below and above,
//! bits of the lines above and below. None of it is text. A wall is told from a one by being far taller than the writing, hollow, or
//! short: one as tall as a digit, worn or whole, would teach a net to pass over ones, which pencils wear as much.

use crate::canvas::Canvas;
use crate::random::Random;

/// Left, top, right, bottom.
type Bounds = (usize, usize, usize, usize);

/// Pixels put around the ink, so that there is room for what intrudes.
const ROOM: usize = 44;

/// What a crop holds then.
pub struct Intruded {
    pub ink: Canvas,
    pub crop: Bounds,
    /// Columns of the ink where there is nothing but a wall.
    pub walls: Vec<(f32, f32)>,
}

/// A rule of dots or short dashes, evenly apart, that an entry is to be written on: seen by itself each one is a point.
pub fn dotted_rule(ink: &mut Canvas, from: (f32, f32), to: (f32, f32), digit: f32, r: &mut Random) {
    let length = ((to.0 - from.0).powi(2) + (to.1 - from.1).powi(2)).sqrt().max(1.0);
    let step = digit * r.range(0.1, 0.4);
    let (thick, dark) = ((step * r.range(0.2, 0.5)).max(0.8), r.range(0.25, 1.0));
    let dash = if r.chance(0.6) { 0.1 } else { step * r.range(0.1, 0.5) };
    let mut at = step * r.unit();
    while at + dash < length {
        let along = |d: f32| (from.0 + (to.0 - from.0) * d / length, from.1 + (to.1 - from.1) * d / length);
        ink.stroke(along(at), along(at + dash), thick, dark);
        at += step;
    }
}

/// Specks of dust and of the paper: finer than any point that the pen would make.
pub fn specks(ink: &mut Canvas, pen: f32, r: &mut Random) {
    for _ in 0..r.between(1, 4) {
        let at = (r.range(0.0, ink.width as f32), r.range(0.0, ink.height as f32));
        let thick = (pen * r.range(0.15, 0.45)).max(0.7);
        ink.stroke(at, (at.0 + r.range(-0.6, 0.6), at.1 + r.range(-0.6, 0.6)), thick, r.range(0.15, 0.7));
    }
}

/// A straight mark from `from` to `to`, as it is left: whole, dotted or worn to dashes if it is longer than any stroke that is written, else as
/// the two pale edges of one that was lifted, or a piece.
fn mark(ink: &mut Canvas, from: (f32, f32), to: (f32, f32), digit: f32, is_long: bool, r: &mut Random) {
    let along = |t: f32| (from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t);
    let length = ((to.0 - from.0).powi(2) + (to.1 - from.1).powi(2)).sqrt().max(1.0);
    let pale = r.range(0.2, 0.55);
    match if is_long { r.below(10) } else { r.between(7, 9) } {
        0 => dotted_rule(ink, from, to, digit, r),
        1..=3 => {
            let thick = (digit * r.range(0.02, 0.14)).max(0.8);
            ink.stroke(from, to, thick, r.range(0.25, 1.0));
        }
        4..=6 => {
            let (thick, dark) = ((digit * r.range(0.02, 0.05)).max(0.8), r.range(0.25, 0.8));
            let kept = r.range(0.25, 0.8);
            let mut t = 0.0;
            while t < 1.0 {
                let end = (t + digit * r.range(0.03, 0.35) / length).min(1.0);
                if r.chance(kept) {
                    ink.stroke(along(t), along(end), thick, dark);
                }
                t = end + digit * r.range(0.03, 0.2) / length;
            }
        }
        7 | 8 => {
            // The soft edges that stay where the middle was painted over.
            let half = digit * r.range(0.03, 0.09);
            let normal = ((to.1 - from.1) / length * half, (to.0 - from.0) / length * half);
            for side in [-1.0, 1.0] {
                if r.chance(0.8) {
                    let (a, b) = (r.range(0.0, 0.3), r.range(0.7, 1.0));
                    let shifted = |t: f32| (along(t).0 + side * normal.0, along(t).1 - side * normal.1);
                    ink.stroke(shifted(a), shifted(b), (digit * 0.03).max(0.8), pale * r.range(0.5, 1.0));
                }
            }
        }
        _ => {
            // From one of its ends, short of what a one would be.
            let part = r.range(0.12, 0.45);
            let (a, b) = if r.chance(0.5) { (0.0, part) } else { (1.0 - part, 1.0) };
            ink.stroke(along(a), along(b), (digit * r.range(0.02, 0.08)).max(0.8), r.range(0.3, 1.0));
        }
    }
}

/// Ends of the bars of a printed sign that an answer touches, before or behind the writing, or a dot of one; and how far they reach
/// beyond it. They are shorter than the bars of any sign that is written.
fn rest_of_sign(ink: &mut Canvas, (l, t, right, b): Bounds, digit: f32, at_end: bool, r: &mut Random) -> f32 {
    let reach = digit * r.range(0.06, 0.24);
    let over = digit * r.range(-0.04, 0.1);
    let middle = (t + b) as f32 / 2.0 + digit * r.range(-0.12, 0.2);
    let (apart, thick, dark) = (digit * r.range(0.2, 0.32), (digit * r.range(0.04, 0.1)).max(0.8), r.range(0.5, 1.0));
    let rows = if r.chance(0.65) { vec![middle - apart / 2.0, middle + apart / 2.0] } else { vec![middle] };
    // A dot where the bar is hardly longer than it is thick.
    let length = if r.chance(0.2) { thick } else { reach + over };
    let (from, to) = if at_end {
        (right as f32 + reach - length, right as f32 + reach)
    } else {
        (l as f32 - reach, l as f32 - reach + length)
    };
    for y in rows {
        ink.stroke((from, y), (to, y), thick, dark);
    }
    reach
}

/// Lays intrusions about the writing within `bounds`, whose digits are `digit` pixels high.
pub fn intrude(written: &Canvas, bounds: Bounds, digit: f32, pen: f32, r: &mut Random) -> Intruded {
    let mut ink = Canvas::new(written.width + 2 * ROOM, written.height + 2 * ROOM);
    ink.stamp(written, ROOM as isize, ROOM as isize);
    let (l, t, right, b) = (bounds.0 + ROOM, bounds.1 + ROOM, bounds.2 + ROOM, bounds.3 + ROOM);
    let air = |r: &mut Random| r.between(1, 5) as f32;
    let (mut left, mut top, mut end, mut bottom) =
        (l as f32 - air(r), t as f32 - air(r), right as f32 + air(r), b as f32 + air(r));
    let mut walls = Vec::new();
    let lying = [r.chance(0.12), r.chance(0.3)];
    for (is_there, below) in lying.into_iter().zip([false, true]) {
        if !is_there {
            continue;
        }
        let away = digit * r.range(-0.06, 0.3);
        let y = if below { b as f32 + away } else { t as f32 - away };
        let tilt = r.range(-0.02, 0.02) * (end - left);
        mark(&mut ink, (left - 12.0, y - tilt), (end + 12.0, y + tilt), digit, true, r);
        if below {
            bottom = bottom.max(y + air(r));
        } else {
            top = top.min(y - air(r));
        }
    }
    for at_end in [false, true] {
        if !r.chance(0.3) {
            continue;
        }
        // Walls of a cell that is far higher than the writing.
        let tall = r.chance(0.4);
        if tall {
            top -= digit * r.range(0.3, 0.7);
            bottom += digit * r.range(0.3, 0.7);
        }
        let away = digit * r.range(0.02, 0.55);
        let x = if at_end { right as f32 + away } else { l as f32 - away };
        let lean = r.range(-0.05, 0.05) * (bottom - top);
        mark(&mut ink, (x + lean, top - 3.0), (x - lean, bottom + 3.0), digit, tall, r);
        // Cut through the wall now and then.
        let over = digit * r.range(-0.03, 0.15);
        let half = lean.abs() + digit * 0.05;
        if at_end {
            end = end.max(x + over);
            walls.push((x - half, ink.width as f32));
        } else {
            left = left.min(x - over);
            walls.push((0.0, x + half));
        }
    }
    if r.chance(0.2) {
        let at_end = r.chance(0.25);
        let reach = rest_of_sign(&mut ink, (l, t, right, b), digit, at_end, r);
        if at_end {
            end = end.max(right as f32 + reach + air(r));
            walls.push((right as f32 + 1.0, right as f32 + reach));
        } else {
            left = left.min(l as f32 - reach - air(r));
            walls.push((l as f32 - reach, l as f32 - 1.0));
        }
    }
    if r.chance(0.3) {
        // Bottoms of the line above, tops of the line below: arcs and ends of strokes.
        for _ in 0..r.between(1, 3) {
            let x = r.range(left, end);
            let (depth, reach) = (digit * r.range(0.05, 0.22), digit * r.range(0.1, 0.4));
            let (edge, inwards) = if r.chance(0.5) { (top, 1.0) } else { (bottom, -1.0) };
            let points = [
                (x - reach, edge - inwards * 2.0),
                (x - reach * 0.5, edge + inwards * depth * 0.8),
                (x, edge + inwards * depth),
                (x + reach * 0.5, edge + inwards * depth * 0.75),
                (x + reach * r.range(0.6, 1.1), edge - inwards * 2.0),
            ];
            let from = r.below(3);
            ink.path(&points[from..], pen * r.range(0.7, 1.1), r.range(0.6, 1.0));
        }
    }
    let within = |v: f32, most: usize| v.clamp(0.0, most as f32) as usize;
    let crop = (within(left, ink.width), within(top, ink.height), within(end, ink.width), within(bottom, ink.height));
    Intruded { ink, crop, walls }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_stays_as_it_is_and_within_the_crop() {
        let mut written = Canvas::new(60, 50);
        written.stroke((20.0, 12.0), (40.0, 38.0), 3.0, 1.0);
        let bounds = written.bounds(0.3).unwrap();
        let mut marked = 0;
        for seed in 0..50 {
            let r = &mut Random::new(seed);
            let out = intrude(&written, bounds, 26.0, 3.0, r);
            let (l, t, right, b) = out.crop;
            assert!(l <= bounds.0 + ROOM && t <= bounds.1 + ROOM && right >= bounds.2 + ROOM && b >= bounds.3 + ROOM);
            for y in 0..written.height {
                for x in 0..written.width {
                    let now = out.ink.data[(y + ROOM) * out.ink.width + x + ROOM];
                    assert!(now >= written.data[y * written.width + x]);
                }
            }
            let sum = |c: &Canvas| c.data.iter().sum::<f32>();
            marked += (sum(&out.ink) > sum(&written) + 1.0) as usize;
        }
        assert!(marked > 20, "{marked} of 50 crops hold an intrusion");
    }
}
