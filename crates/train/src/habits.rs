//! What hands do to digits that the sets, most of them from North America, show little of.

use crate::canvas::Canvas;
use crate::random::Random;

/// The stamp with `more` empty columns at its left and right.
fn widened(stamp: &Canvas, more: usize) -> Canvas {
    let mut out = Canvas::new(stamp.width + 2 * more, stamp.height);
    out.stamp(stamp, more as isize, 0);
    out
}

/// A seven with a bar through its stem, as most of the world writes it and the sets hardly hold it.
pub fn cross_seven(stamp: &Canvas, pen: f32, r: &mut Random) -> Canvas {
    let Some((_, t, _, b)) = stamp.bounds(0.3) else { return stamp.clone() };
    let h = (b - t) as f32;
    let half = h * r.range(0.15, 0.34);
    let mut out = widened(stamp, half as usize + 2);
    let row = t + (h * r.range(0.4, 0.6)) as usize;
    let ink: Vec<usize> = (0..out.width).filter(|x| out.data[row * out.width + x] > 0.4).collect();
    if let (Some(&from), Some(&to)) = (ink.first(), ink.last()) {
        let (x, y) = ((from + to) as f32 / 2.0, row as f32);
        let tilt = r.range(-0.12, 0.08) * h;
        let wave = r.range(-0.05, 0.05) * h;
        out.path(&[(x - half, y - tilt / 2.0), (x - half * 0.3, y + wave), (x + half, y + tilt / 2.0)], pen, 1.0);
    }
    out
}

/// A one with a long stroke up to its top.
pub fn upstroke_one(stamp: &Canvas, pen: f32, r: &mut Random) -> Canvas {
    let Some((_, t, _, b)) = stamp.bounds(0.3) else { return stamp.clone() };
    let h = (b - t) as f32;
    let out_left = h * r.range(0.15, 0.5);
    let mut out = widened(stamp, out_left as usize + 3);
    let top = t + 1;
    if let Some(x) = (0..out.width).find(|x| out.data[top * out.width + x] > 0.3) {
        let low = t as f32 + h * r.range(0.2, 0.85);
        let from = (x as f32 - out_left, low);
        let to = (x as f32 + 1.0, top as f32);
        let mid = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0 + r.range(-0.05, 0.1) * h);
        out.path(&[from, mid, to], pen, 1.0);
    }
    out
}

/// A one that stands on a stroke, and on most hands has one up to its top.
pub fn foot_one(stamp: &Canvas, pen: f32, r: &mut Random) -> Canvas {
    let stamp = if r.chance(0.8) { upstroke_one(stamp, pen, r) } else { stamp.clone() };
    let Some((_, t, _, b)) = stamp.bounds(0.3) else { return stamp };
    let h = (b - t) as f32;
    let half = h * r.range(0.15, 0.35);
    let mut out = widened(&stamp, half as usize + 3);
    let row = b.saturating_sub(2).max(t);
    if let Some(x) = (0..out.width).rev().find(|x| out.data[row * out.width + x] > 0.3) {
        let (x, y) = (x as f32 + half * r.range(-0.3, 0.3), row as f32);
        let tilt = r.range(-0.06, 0.06) * h;
        out.path(&[(x - half, y - tilt), (x + half, y + tilt)], pen, 1.0);
    }
    out
}

/// A digit whose stem goes on below the line (or, with `up`, above the others) by `more` pixels, and how far it now reaches above its place.
pub fn long_stem(stamp: &Canvas, more: f32, up: bool) -> (Canvas, f32) {
    let Some((_, t, _, b)) = stamp.bounds(0.3) else { return (stamp.clone(), 0.0) };
    let (t, b) = (t as f32, b as f32);
    // The bowl keeps its shape: only the half with the stem is drawn out.
    let knee = if up { b - STEM_FROM * (b - t) } else { t + STEM_FROM * (b - t) };
    let stem = if up { knee - t } else { b - knee };
    let shrink = stem / (stem + more);
    let out = stamp.warp(stamp.width, stamp.height + more.ceil() as usize, |x, y| {
        let from = if up { y - more } else { y };
        let past = if up { knee - from } else { from - knee };
        (x, if past <= 0.0 { from } else { knee + (from - knee) * shrink })
    });
    (out, if up { more } else { 0.0 })
}

/// A B in two strokes: a stem, and bowls like a `three` beside it that hardly touch it.
pub fn split_b(three: &Canvas, pen: f32, r: &mut Random) -> Canvas {
    let Some((l, t, _, b)) = three.bounds(0.3) else { return three.clone() };
    let h = (b - t) as f32;
    let mut out = widened(three, (0.2 * h) as usize + 3);
    let x = (l + (0.2 * h) as usize + 3) as f32 - h * r.range(-0.06, 0.05);
    let (lean, over) = (h * r.range(-0.06, 0.06), h * r.range(-0.04, 0.06));
    out.path(&[(x + lean, t as f32 - over), (x - lean, b as f32 + over)], pen, 1.0);
    out
}

/// Where a long stem begins, from the other end of a digit, in its heights.
const STEM_FROM: f32 = 0.45;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_stem_leaves_the_bowl_alone() {
        let mut nine = Canvas::new(30, 44);
        nine.path(&[(22.0, 4.0), (8.0, 4.0), (8.0, 16.0), (22.0, 16.0)], 3.0, 1.0);
        nine.path(&[(22.0, 4.0), (22.0, 40.0)], 3.0, 1.0);
        let (l, t, r, b) = nine.bounds(0.3).expect("ink");
        let (long, above) = long_stem(&nine, 20.0, false);
        assert_eq!((long.bounds(0.3), above), (Some((l, t, r, b + 20)), 0.0));
        assert_eq!(long.data[..18 * 30], nine.data[..18 * 30]);
        // A six is a nine upside down, and grows the other way.
        let mut six = nine.clone();
        six.data.reverse();
        let (tall, above) = long_stem(&six, 20.0, true);
        let (_, top, _, bottom) = tall.bounds(0.3).expect("ink");
        assert!((bottom - top).abs_diff(b - t + 20) <= 1 && above == 20.0);
    }
}
