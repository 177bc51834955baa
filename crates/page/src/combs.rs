//! Combs: rows of boxes for one character each, found by their walls. Walls may be far fainter than ink, and thinner than a place of the
//! net's labels: each is a column of the page that is darker than what stands beside it, all the way up, and that many of them stand
//! in even steps tells them from strokes.

use crate::raster::{Gray, Rect};

/// Numbers that tell a comb; lengths are heights of the text in it.
struct Comb {
    /// Rows that are looked at together, so that grain goes out.
    block: f32,
    /// How far from a wall its paper is looked at, and how far it may stand off its column there, as it leans.
    beside: f32,
    lean: f32,
    /// Grey values, of 255, by which a wall is darker than its paper on both sides, each a mean over a block: grain goes out in it.
    darker: f32,
    /// Rows above and below the middle of the text in which a wall stands, and the share of them in which it must be seen: strokes of
    /// characters cross walls, and an upright stroke ends before its wall would.
    rows: f32,
    seen: f32,
    /// Three in four walls go on above and below their row for no more than this in all: those of a table or a grid go on from row
    /// to row.
    higher: f32,
    /// Distance from wall to wall, and the share of it by which one may be off.
    least: f32,
    most: f32,
    even: f32,
    /// Of so many walls one may be out of sight.
    hidden: usize,
    /// Fewer boxes are none.
    boxes: usize,
    /// How far outside of the text its first and last wall may be.
    outside: f32,
}

const COMB: Comb = Comb {
    block: 0.2,
    beside: 0.16,
    lean: 0.05,
    darker: 5.0,
    rows: 0.65,
    seen: 0.7,
    higher: 4.5,
    least: 0.7,
    most: 2.4,
    even: 0.1,
    hidden: 3,
    boxes: 3,
    outside: 2.0,
};

/// Where a wall may be, in pixels of the page.
#[derive(Clone, Copy)]
struct Peak {
    x: f32,
    /// Its whole height, beyond the row as well, in pixels of the page.
    height: f32,
}

/// Sums of darkness down each column of a strip of the page: means of blocks of rows at no cost.
struct Strip {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    sums: Vec<u32>,
}

impl Strip {
    fn new(even: &Gray, r: Rect) -> Self {
        let (width, height) = (r.width(), r.height());
        let mut sums = vec![0u32; width * (height + 1)];
        for y in 0..height {
            let row = &even.data[(r.top + y) * even.width + r.left..][..width];
            let (before, now) = sums[y * width..].split_at_mut(width);
            for x in 0..width {
                now[x] = before[x] + (255 - row[x]) as u32;
            }
        }
        Self { left: r.left, top: r.top, width, height, sums }
    }

    fn mean(&self, x: usize, (from, to): (usize, usize)) -> f32 {
        (self.sums[to * self.width + x] - self.sums[from * self.width + x]) as f32 / (to - from) as f32
    }

    /// How much darker column `x` is than the columns `beside` it on either side, in rows `from..to`.
    fn ridge(&self, x: usize, beside: usize, rows: (usize, usize)) -> f32 {
        if x < beside || x + beside >= self.width {
            return 0.0;
        }
        self.mean(x, rows) - self.mean(x - beside, rows).max(self.mean(x + beside, rows))
    }
}

/// The combs of a line of text: for each its walls' columns in pixels of the page, left to right. `words` are the boxes of the line's
/// words and `height` that of its characters, in pixels of the page `even`, whose paper is white.
pub fn combs(even: &Gray, words: &[Rect], height: usize) -> Vec<Vec<f32>> {
    let h = height as f32;
    let Some(rect) = words.iter().copied().reduce(|a, b| a.union(&b)) else { return Vec::new() };
    let pixels = |share: f32, least: usize| ((share * h).round() as usize).max(least);
    let (outside, tall) = (pixels(COMB.outside, 1), pixels(COMB.higher, 1));
    let strip = Strip::new(
        even,
        Rect {
            left: rect.left.saturating_sub(outside),
            top: rect.top.saturating_sub(tall),
            right: (rect.right + outside).min(even.width),
            bottom: (rect.bottom + tall).min(even.height),
        },
    );
    let (block, beside, lean) = (pixels(COMB.block, 3), pixels(COMB.beside, 3), pixels(COMB.lean, 1));
    // Lines may rise: the rows are those of the nearest word.
    let middle = |x: usize| {
        let at = (x + strip.left) as f32;
        let off = |w: &&Rect| (w.left as f32 - at).max(at - w.right as f32).max(0.0);
        let word = words.iter().min_by(|a, b| off(a).total_cmp(&off(b))).expect("a line has words");
        ((word.middle() as usize).max(strip.top) - strip.top).min(strip.height)
    };
    let wall = |x: usize, from: usize| -> Option<usize> {
        let near = x.saturating_sub(lean)..(x + lean + 1).min(strip.width);
        let best = near.map(|x| (x, strip.ridge(x, beside, (from, from + block))));
        best.filter(|b| b.1 >= COMB.darker).max_by(|a, b| a.1.total_cmp(&b.1)).map(|b| b.0)
    };
    // Blocks in which a wall is seen, as a share, and how dark it is in all.
    let share = |x: usize| -> (f32, f32) {
        let (half, at) = (pixels(COMB.rows, 2), middle(x));
        let blocks = (at.saturating_sub(half)..(at + half).min(strip.height).saturating_sub(block)).step_by(block);
        let (mut seen, mut dark, mut n) = (0.0, 0.0, 0.0);
        for from in blocks {
            n += 1.0;
            seen += wall(x, from).is_some() as u8 as f32;
            dark += strip.ridge(x, beside, (from, from + block)).max(0.0);
        }
        (seen / f32::max(n, 1.0), dark)
    };
    let shares: Vec<(f32, f32)> = (0..strip.width).map(share).collect();
    // A wall is followed up and down as it leans, as far as it goes on.
    let follow = |x: usize, blocks: &mut dyn Iterator<Item = usize>| {
        let (mut at, mut reached, mut gap) = (x, 0, 0);
        for (k, from) in blocks.enumerate() {
            match wall(at, from) {
                Some(x) => (at, reached, gap) = (x, k + 1, 0),
                // A stroke that crosses hides a block or two.
                None if gap == 1 => break,
                None => gap += 1,
            }
        }
        reached * block
    };
    let extent = |x: usize| {
        let at = middle(x).min(strip.height.saturating_sub(block));
        let up = follow(x, &mut (0..=at).rev().step_by(block));
        up + follow(x, &mut (at + block..strip.height.saturating_sub(block)).step_by(block))
    };
    let reach = pixels(0.3 * COMB.least, 1);
    let mut peaks: Vec<Peak> = Vec::new();
    for x in 0..strip.width {
        let near = x.saturating_sub(reach)..(x + reach + 1).min(strip.width);
        // Of neighbours that see the same, the first.
        let is_best = near.clone().all(|k| k == x || shares[k] < shares[x] || k > x && shares[k] == shares[x]);
        if shares[x].0 >= COMB.seen && is_best {
            peaks.push(Peak { x: (strip.left + x) as f32 + 0.5, height: extent(x) as f32 });
        }
    }
    let mut out = Vec::new();
    let mut at = 0;
    while at < peaks.len() {
        let steps = peaks[at + 1..].iter().map(|p| p.x - peaks[at].x);
        let steps = steps.filter(|s| (COMB.least * h..COMB.most * h).contains(s));
        let is_low = |used: usize| {
            let mut heights: Vec<f32> = peaks[at..=at + used].iter().map(|p| p.height).collect();
            heights.sort_unstable_by(f32::total_cmp);
            heights[heights.len() * 3 / 4] <= COMB.higher * h
        };
        let runs = steps.map(|step| walls(&peaks[at..], step)).filter(|r| r.0.len() > COMB.boxes && is_low(r.1));
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
/// may be out of sight, but not every other one: those are cells of two characters each.
fn walls(peaks: &[Peak], step: f32) -> (Vec<f32>, usize) {
    let (mut walls, mut last, mut hidden) = (vec![peaks[0].x], 0, 0);
    loop {
        let usual = if walls.len() > 1 { (walls[walls.len() - 1] - walls[0]) / (walls.len() - 1) as f32 } else { step };
        let from = walls[walls.len() - 1];
        let near = |x: f32| {
            let off = |i: &usize| (peaks[*i].x - x).abs();
            (last + 1..peaks.len()).filter(|i| off(i) <= COMB.even * usual).min_by(|a, b| off(a).total_cmp(&off(b)))
        };
        if let Some(i) = near(from + usual) {
            walls.push(peaks[i].x);
            last = i;
        } else if let Some(i) = near(from + 2.0 * usual) {
            walls.extend([(from + peaks[i].x) / 2.0, peaks[i].x]);
            last = i;
            hidden += 1;
        } else {
            let found = if COMB.hidden * hidden < walls.len() { walls } else { Vec::new() };
            return (found, last.max(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paper with walls at these columns from row `top` to row `bottom`, one pixel thick.
    fn walled(columns: &[usize], top: usize, bottom: usize, grey: u8) -> Gray {
        let (width, height) = (200, 120);
        let mut data = vec![250; width * height];
        for y in top..bottom {
            for x in columns {
                data[y * width + x] = grey;
            }
        }
        Gray { width, height, data }
    }

    #[test]
    fn boxes_in_even_steps_are_a_comb_and_a_table_is_none() {
        let line = Rect { left: 30, top: 44, right: 90, bottom: 60 };
        let columns = [20, 40, 60, 80, 100];
        for grey in [40, 238] {
            assert_eq!(combs(&walled(&columns, 40, 64, grey), &[line], 16), [[20.5, 40.5, 60.5, 80.5, 100.5]]);
        }
        assert!(combs(&walled(&columns, 0, 120, 40), &[line], 16).is_empty(), "walls that go on");
        assert!(combs(&walled(&[20, 40, 100], 40, 64, 40), &[line], 16).is_empty(), "uneven walls");
        assert!(combs(&walled(&columns, 48, 56, 40), &[line], 16).is_empty(), "short strokes");
    }
}
