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
    /// Rows of paper that end a wall: between combs that stand one above the other there is some, walls of a table go through its rules.
    ended: f32,
    /// What is paper there: as dark as this share of the wall beside its text, at most.
    fainter: f32,
    /// What is lower than this share of most walls of a comb is none of them, nor than this many heights of the text: strokes of letters.
    lower: f32,
    stroke: f32,
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
    ended: 0.12,
    fainter: 0.4,
    lower: 0.7,
    stroke: 1.15,
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
    let (outside, tall, ended) = (pixels(COMB.outside, 1), pixels(COMB.higher, 1), pixels(COMB.ended, 2));
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
    let middle_of = |x: usize| {
        let at = (x + strip.left) as f32;
        let off = |w: &&Rect| (w.left as f32 - at).max(at - w.right as f32).max(0.0);
        let word = words.iter().min_by(|a, b| off(a).total_cmp(&off(b))).expect("a line has words");
        ((word.middle() as usize).max(strip.top) - strip.top).min(strip.height)
    };
    let middle: Vec<usize> = (0..strip.width).map(middle_of).collect();
    let wall = |x: usize, from: usize| -> Option<usize> {
        let near = x.saturating_sub(lean)..(x + lean + 1).min(strip.width);
        let best = near.map(|x| (x, strip.ridge(x, beside, (from, from + block))));
        best.filter(|b| b.1 >= COMB.darker).max_by(|a, b| a.1.total_cmp(&b.1)).map(|b| b.0)
    };
    let half = pixels(COMB.rows, 2);
    // Blocks in which a wall is seen, as a share, and how dark it is in all.
    let share = |x: usize| -> (f32, f32) {
        let at = middle[x];
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
    // How dark a wall is beside its text, where rows of paper do not end it.
    let darkness = |x: usize| {
        let at = middle[x];
        strip.mean(x, (at.saturating_sub(half), (at + half).min(strip.height)))
    };
    let is_paper = |x: usize, y: usize, dark: f32| {
        let mut near = x.saturating_sub(lean)..(x + lean + 1).min(strip.width);
        y.abs_diff(middle[x]) > half && near.all(|x| strip.mean(x, (y, y + 1)) < COMB.fainter * dark)
    };
    // A wall is followed up and down as it leans, as far as it goes on.
    let follow = |x: usize, up: bool, blocks: &mut dyn Iterator<Item = usize>| {
        let (mut at, mut reached, mut gap, mut paper, dark) = (x, 0, 0, 0, darkness(x));
        for (k, from) in blocks.enumerate() {
            for row in 0..block {
                let y = if up { from + block - 1 - row } else { from + row };
                paper = if is_paper(at, y, dark) { paper + 1 } else { 0 };
                if paper == ended {
                    return reached * block;
                }
            }
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
        let at = middle[x].min(strip.height.saturating_sub(block));
        let up = follow(x, true, &mut (0..=at).rev().step_by(block));
        up + follow(x, false, &mut (at + block..strip.height.saturating_sub(block)).step_by(block))
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
    let mut found: Vec<Vec<f32>> = Vec::new();
    for (i, first) in peaks.iter().enumerate() {
        let steps = peaks[i + 1..].iter().map(|p| p.x - first.x).take_while(|s| *s < COMB.most * h);
        let steps = steps.filter(|s| *s >= COMB.least * h);
        found.extend(steps.filter_map(|step| walls(&peaks[i..], step, h)));
    }
    // Of what overlaps, the longest.
    found.sort_by(|a, b| b.len().cmp(&a.len()).then(a[0].total_cmp(&b[0])));
    let mut out: Vec<Vec<f32>> = Vec::new();
    for walls in found {
        let overlaps = |o: &Vec<f32>| walls[0] < o[o.len() - 1] && o[0] < walls[walls.len() - 1];
        if !out.iter().any(overlaps) {
            out.push(walls);
        }
    }
    out.sort_by(|a, b| a[0].total_cmp(&b[0]));
    out
}

/// The walls that follow the first peak in steps of about this width, if they are those of a comb of text of height `h`. A wall behind a
/// character may be out of sight, but not every other one: those are cells of two characters each.
fn walls(peaks: &[Peak], step: f32, h: f32) -> Option<Vec<f32>> {
    // Columns of the walls with their heights, which those out of sight have not.
    let mut walls = vec![(peaks[0].x, Some(peaks[0].height))];
    let (mut last, mut from, mut usual) = (0, peaks[0].x, step);
    loop {
        let near = |x: f32| {
            let off = |i: &usize| (peaks[*i].x - x).abs();
            let behind = peaks.partition_point(|p| p.x < x);
            let nearest = [behind.wrapping_sub(1), behind].into_iter().filter(|&i| i > last && i < peaks.len());
            nearest.filter(|i| off(i) <= COMB.even * usual).min_by(|a, b| off(a).total_cmp(&off(b)))
        };
        let Some((i, hidden)) = near(from + usual).map(|i| (i, false)).or_else(|| near(from + 2.0 * usual).map(|i| (i, true)))
        else {
            break;
        };
        walls.extend(hidden.then_some(((from + peaks[i].x) / 2.0, None)));
        walls.push((peaks[i].x, Some(peaks[i].height)));
        (last, from) = (i, peaks[i].x);
        usual = (from - peaks[0].x) / (walls.len() - 1) as f32;
    }
    // Strokes of letters that stand where a wall would are lower than walls, and end a comb.
    let mut heights: Vec<f32> = walls.iter().filter_map(|w| w.1).collect();
    heights.sort_unstable_by(f32::total_cmp);
    let lowest = (COMB.lower * heights[heights.len() / 2]).min(COMB.stroke * h);
    let is_seen = |w: &(f32, Option<f32>)| w.1.is_some_and(|height| height >= lowest);
    if !is_seen(&walls[0]) {
        return None;
    }
    let stroke = walls.windows(2).position(|pair| !pair.iter().any(is_seen));
    walls.truncate(stroke.unwrap_or(walls.len()));
    while walls.last().is_some_and(|w| !is_seen(w)) {
        walls.pop();
    }
    let hidden = walls.iter().filter(|w| w.1.is_none()).count();
    if walls.len() <= COMB.boxes || COMB.hidden * hidden >= walls.len() || heights[heights.len() * 3 / 4] > COMB.higher * h {
        return None;
    }
    Some(walls.into_iter().map(|w| w.0).collect())
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

    /// A page with all that is on either.
    fn both(a: &Gray, b: &Gray) -> Gray {
        Gray { data: a.data.iter().zip(&b.data).map(|(a, b)| *a.min(b)).collect(), ..*a }
    }

    #[test]
    fn combs_one_above_the_other_are_no_table() {
        let line = Rect { left: 30, top: 44, right: 90, bottom: 60 };
        let columns = [20, 40, 60, 80, 100];
        // Four rows of paper between each two, not as white as that beside.
        let rows = [(10, 36), (40, 64), (68, 92)].map(|(top, bottom)| walled(&columns, top, bottom, 120));
        let gaps = [(36, 40), (64, 68)].map(|(top, bottom)| walled(&columns, top, bottom, 230));
        let page = rows.iter().chain(&gaps).skip(1).fold(rows[0].clone(), |page, part| both(&page, part));
        assert_eq!(combs(&page, &[line], 16), [[20.5, 40.5, 60.5, 80.5, 100.5]]);
    }

    #[test]
    fn letters_beside_a_comb_are_no_part_of_it() {
        let line = Rect { left: 30, top: 44, right: 170, bottom: 60 };
        let comb = walled(&[20, 40, 60, 80, 100], 38, 66, 40);
        let letters = walled(&[120, 140, 160], 45, 60, 40);
        assert_eq!(combs(&both(&comb, &letters), &[line], 16)[0], [20.5, 40.5, 60.5, 80.5, 100.5]);
    }

    #[test]
    fn of_what_overlaps_the_longest_is_the_comb() {
        let line = Rect { left: 30, top: 44, right: 170, bottom: 60 };
        let comb = walled(&[40, 60, 80, 100, 120, 140, 160], 40, 64, 40);
        // With these, four walls in steps of 16 begin before the comb does.
        let others = walled(&[8, 24, 56], 40, 64, 40);
        assert_eq!(combs(&both(&comb, &others), &[line], 16), [[40.5, 60.5, 80.5, 100.5, 120.5, 140.5, 160.5]]);
    }
}
