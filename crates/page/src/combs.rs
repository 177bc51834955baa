//! Combs: rows of boxes for one character each, found by their walls.

use crate::heads::UPRIGHT;
use crate::labels::Labels;
use crate::raster::Rect;

/// Numbers that tell a comb; lengths are heights of the text in it.
struct Comb {
    /// A wall may be where the net sees one in this share of the rows, and on the mean of a comb it sees so many.
    peak: f32,
    wall: f32,
    /// Where the net sees less of a wall than this for so long, the wall ends.
    end: f32,
    gap: f32,
    /// Three in four walls go on above and below their row for no more than this in all: those of a table or a grid go on from row
    /// to row.
    higher: f32,
    /// Distance from wall to wall, and the share of it by which one may be off.
    least: f32,
    most: f32,
    even: f32,
    /// Fewer boxes are none.
    boxes: usize,
    /// How far outside of the text its first and last wall may be.
    outside: f32,
}

const COMB: Comb =
    Comb { peak: 0.12, wall: 0.2, end: 0.15, gap: 0.3, higher: 4.5, least: 0.7, most: 2.8, even: 0.2, boxes: 3, outside: 2.0 };

/// Where a wall may be, in pixels of the page, and how much of it the net sees, 0..1.
#[derive(Clone, Copy)]
struct Peak {
    x: f32,
    seen: f32,
    /// Its whole height, beyond the row as well, in pixels of the page.
    height: f32,
}

/// The combs of a line of text: for each its walls' columns in pixels of the page, left to right. `words` are the boxes of the line's
/// words and `height` that of its characters, in pixels of the page, of which `pitch` make one of the labels.
pub fn combs(map: &Labels, pitch: f32, words: &[Rect], height: usize) -> Vec<Vec<f32>> {
    let h = height as f32 / pitch;
    let Some(rect) = words.iter().copied().reduce(|a, b| a.union(&b)) else { return Vec::new() };
    let column = |v: f32| (v.max(0.0) as usize).min(map.width);
    let (from, to) = (column(rect.left as f32 / pitch - COMB.outside * h), column(rect.right as f32 / pitch + COMB.outside * h));
    // A wall may lean by a column.
    let seen = |x: usize, y: usize| {
        (x.saturating_sub(1)..(x + 2).min(map.width)).map(|x| map.at(y * map.width + x)[UPRIGHT]).fold(0.0, f32::max)
    };
    // Lines may rise: the rows are those of the nearest word.
    let rows = |x: usize| {
        let at = x as f32 * pitch;
        let off = |w: &&Rect| (w.left as f32 - at).max(at - w.right as f32).max(0.0);
        let word = words.iter().min_by(|a, b| off(a).total_cmp(&off(b))).expect("a line has words");
        let middle = word.middle() / pitch;
        ((middle - 0.4 * h).max(0.0) as usize)..((middle + 0.4 * h).ceil() as usize).min(map.height)
    };
    let share = |x: usize| rows(x).map(|y| seen(x, y)).sum::<f32>() / rows(x).len().max(1) as f32;
    let strength: Vec<f32> = (from..to).map(share).collect();
    let reach = ((0.3 * COMB.least * h) as usize).max(1);
    // A wall is followed up and down as it leans, over the gaps that crossing strokes leave.
    let patience = (COMB.gap * h).ceil() as usize;
    let follow = |x: usize, rows: &mut dyn Iterator<Item = usize>| {
        let (mut at, mut gap, mut reached, mut gone) = (x, 0, 0, 0);
        for y in rows {
            gone += 1;
            let near = at.saturating_sub(1)..(at + 2).min(map.width);
            let best = near.max_by(|&a, &b| map.at(y * map.width + a)[UPRIGHT].total_cmp(&map.at(y * map.width + b)[UPRIGHT]));
            match best.filter(|&x| map.at(y * map.width + x)[UPRIGHT] >= COMB.end) {
                Some(x) => (at, gap, reached) = (x, 0, gone),
                None if gap == patience => break,
                None => gap += 1,
            }
        }
        reached
    };
    let extent = |x: usize| {
        let middle = rows(x).start + rows(x).len() / 2;
        (follow(x, &mut (0..middle).rev()) + follow(x, &mut (middle..map.height))) as f32
    };
    let mut peaks: Vec<Peak> = Vec::new();
    for i in 0..strength.len() {
        let near = &strength[i.saturating_sub(reach)..(i + reach + 1).min(strength.len())];
        // Of neighbours that see the same, the middle one.
        let before = strength[..i].iter().rev().take_while(|&&v| v == strength[i]).count();
        let behind = strength[i + 1..].iter().take_while(|&&v| v == strength[i]).count();
        let is_middle = before == behind || before + 1 == behind;
        let is_peak = strength[i] >= COMB.peak && is_middle && near.iter().all(|&v| v <= strength[i]);
        if is_peak {
            let height = extent(from + i) * pitch;
            peaks.push(Peak { x: (from + i) as f32 * pitch + 0.5 * pitch, seen: strength[i], height });
        }
    }
    let mut out = Vec::new();
    let mut at = 0;
    while at < peaks.len() {
        let steps = peaks[at + 1..].iter().map(|p| p.x - peaks[at].x);
        let steps = steps.filter(|s| (COMB.least * height as f32..COMB.most * height as f32).contains(s));
        let is_low = |used: usize| {
            let mut heights: Vec<f32> = peaks[at..=at + used].iter().map(|p| p.height).collect();
            heights.sort_unstable_by(f32::total_cmp);
            heights[heights.len() * 3 / 4] <= COMB.higher * height as f32
        };
        let runs = steps.map(|step| even(&peaks[at..], step)).filter(|r| r.0.len() > COMB.boxes && is_low(r.1));
        match runs.max_by_key(|r| r.0.len()) {
            Some((walls, used)) => {
                out.push(walls);
                at += used;
            }
            None => at += 1,
        }
    }
    out
}

/// The walls that follow the first peak in steps of about this width, and how far they reach among the peaks. A wall behind a character
/// may be out of sight. None where too little is seen of them.
fn even(peaks: &[Peak], step: f32) -> (Vec<f32>, usize) {
    let (mut walls, mut seen, mut last) = (vec![peaks[0].x], peaks[0].seen, 0);
    loop {
        let usual = if walls.len() > 1 { (walls[walls.len() - 1] - walls[0]) / (walls.len() - 1) as f32 } else { step };
        let from = walls[walls.len() - 1];
        let near = |x: f32| {
            let off = |i: &usize| (peaks[*i].x - x).abs();
            (last + 1..peaks.len()).filter(|i| off(i) <= COMB.even * usual).min_by(|a, b| off(a).total_cmp(&off(b)))
        };
        if let Some(i) = near(from + usual) {
            walls.push(peaks[i].x);
            (last, seen) = (i, seen + peaks[i].seen);
        } else if let Some(i) = near(from + 2.0 * usual) {
            walls.extend([(from + peaks[i].x) / 2.0, peaks[i].x]);
            (last, seen) = (i, seen + peaks[i].seen);
        } else {
            break;
        }
    }
    if seen < COMB.wall * walls.len() as f32 {
        walls.clear();
    }
    (walls, last.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heads::HEADS;

    /// Labels with walls at these columns from row `top` to row `bottom`.
    fn walled(columns: &[usize], top: usize, bottom: usize) -> Labels {
        let (width, height) = (100, 60);
        let mut data = vec![0.0; width * height * HEADS];
        for y in top..bottom {
            for x in columns {
                data[(y * width + x) * HEADS + UPRIGHT] = 0.9;
            }
        }
        Labels { width, height, data }
    }

    #[test]
    fn boxes_in_even_steps_are_a_comb_and_a_table_is_none() {
        let line = Rect { left: 30, top: 44, right: 90, bottom: 60 };
        let columns = [10, 20, 30, 40, 50];
        let found = combs(&walled(&columns, 20, 32), 2.0, &[line], 16);
        assert_eq!(found, [[21.0, 41.0, 61.0, 81.0, 101.0]]);
        assert!(combs(&walled(&columns, 0, 60), 2.0, &[line], 16).is_empty(), "walls that go on");
        assert!(combs(&walled(&[10, 20, 50], 20, 32), 2.0, &[line], 16).is_empty(), "uneven walls");
    }
}
