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
    /// A wall that is seen less clearly than this share of those of the line's clearest comb speaks against its comb.
    unseen: f32,
    /// A wall that is seen as clearly as this and goes on from row to row is a table's.
    clear: f32,
    /// Of so many walls one may be out of sight, and so many in a row.
    hidden: usize,
    blank: usize,
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
    unseen: 0.25,
    clear: 0.5,
    hidden: 3,
    blank: 2,
    boxes: 3,
    outside: 2.0,
};

/// A column of the page, by which walls in even steps may be off in a scan however wide the steps are.
const PIXEL: f32 = 1.0;

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
/// words, `rect` is that of all of them and `height` that of its characters, in pixels of the page `even`, whose paper is white. `seen` says
/// how clearly a wall is seen as one, 0..1: of combs that overlap those stay whose walls are most and clearest. Characters that stand in
/// the middles of their boxes make twice as many in half steps, every other one of which is none.
pub fn combs(even: &Gray, words: &[Rect], rect: Rect, height: usize, seen: impl Fn(f32) -> f32) -> Vec<Vec<f32>> {
    let h = height as f32;
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
        found.extend(steps.filter_map(|step| walls(&peaks, i, step, h)));
    }
    // Strokes in a row of a table are none: its walls, which go on and are seen, stand between them.
    let table: Vec<f32> = peaks.iter().filter(|p| p.height > COMB.higher * h && seen(p.x) >= COMB.clear).map(|p| p.x).collect();
    let crosses = |walls: &Vec<f32>, x: f32| walls[0] < x && x < walls[walls.len() - 1] && !walls.contains(&x);
    found.retain(|walls| table.iter().filter(|x| crosses(walls, **x)).count() < 2);
    let mean = |walls: &[f32]| walls.iter().map(|w| seen(*w)).sum::<f32>() / walls.len() as f32;
    let unseen = COMB.unseen * found.iter().map(|walls| mean(walls)).fold(0.0, f32::max);
    let worth = |walls: &[f32]| -> f32 {
        // The outermost wall may be faint, and makes it no worse.
        let clear = |(i, w): (usize, &f32)| (seen(*w) - unseen).max(if i == 0 || i + 1 == walls.len() { 0.0 } else { -1.0 });
        walls.iter().enumerate().map(clear).sum()
    };
    let reaches = |word: &Rect, wall: f32| (word.left as f32 - h..word.right as f32 + h).contains(&wall);
    let is_blank = |wall: f32| seen(wall) < unseen && !words.iter().any(|word| reaches(word, wall));
    let parts = found.iter().flat_map(|walls| seen_parts(walls, is_blank));
    let mut found: Vec<(f32, Vec<f32>)> = parts.map(|walls| (worth(&walls), walls)).collect();
    found.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(y.len().cmp(&x.len())).then(x[0].total_cmp(&y[0])));
    let mut out: Vec<Vec<f32>> = Vec::new();
    for (_, walls) in found {
        let overlaps = |o: &Vec<f32>| walls[0] < o[o.len() - 1] && o[0] < walls[walls.len() - 1];
        if !out.iter().any(overlaps) {
            out.push(walls);
        }
    }
    out.sort_by(|a, b| a[0].total_cmp(&b[0]));
    out
}

/// The walls of a comb, parted where two in a row are not seen and no word stands at them: print stands there, whose strokes are in the
/// comb's steps by chance. `is_blank` says so of a wall.
fn seen_parts(walls: &[f32], is_blank: impl Fn(f32) -> bool) -> Vec<Vec<f32>> {
    let mut parts: Vec<Vec<f32>> = vec![Vec::new()];
    for (i, &wall) in walls.iter().enumerate() {
        let is_next = walls.get(i + 1).is_some_and(|w| is_blank(*w));
        let is_last = i > 0 && is_blank(walls[i - 1]);
        if is_blank(wall) && is_last {
            parts.push(Vec::new());
        }
        if !(is_blank(wall) && is_last && is_next) {
            parts.last_mut().expect("there is a part").push(wall);
        }
    }
    parts.retain(|p| p.len() > COMB.boxes);
    parts
}

/// Columns of walls with their heights, which those out of sight have not.
type Walls = Vec<(f32, Option<f32>)>;

/// The walls that follow peak `first` in steps of about this width, which may be negative.
fn chain(peaks: &[Peak], first: usize, step: f32) -> Walls {
    let mut walls = vec![(peaks[first].x, Some(peaks[first].height))];
    let (mut from, mut usual) = (peaks[first].x, step);
    loop {
        let near = |x: f32| {
            let off = |i: &usize| (peaks[*i].x - x).abs();
            let behind = peaks.partition_point(|p| p.x < x);
            let nearest =
                [behind.wrapping_sub(1), behind].into_iter().filter(|&i| i < peaks.len() && (peaks[i].x - from) * step > 0.0);
            nearest.filter(|i| off(i) <= COMB.even * usual.abs() + PIXEL).min_by(|a, b| off(a).total_cmp(&off(b)))
        };
        let steps = (1..=COMB.blank + 1).find_map(|n| near(from + n as f32 * usual).map(|i| (i, n)));
        let Some((i, n)) = steps else { return walls };
        walls.extend((1..n).map(|k| (from + (peaks[i].x - from) * k as f32 / n as f32, None)));
        walls.push((peaks[i].x, Some(peaks[i].height)));
        from = peaks[i].x;
        usual = (from - peaks[first].x) / (walls.len() - 1) as f32;
    }
}

/// The heights of walls, in order of size.
fn heights(walls: &Walls) -> Vec<f32> {
    let mut heights: Vec<f32> = walls.iter().filter_map(|w| w.1).collect();
    heights.sort_unstable_by(f32::total_cmp);
    heights
}

/// What is lower is no wall of a comb of text of height `h`, but a stroke of a letter.
fn lowest(heights: &[f32], h: f32) -> f32 {
    heights.get(heights.len() / 2).map_or(0.0, |middle| (COMB.lower * middle).min(COMB.stroke * h))
}

/// Ends walls, from the first on, where strokes of letters stand in their steps. A wall is the last.
fn end(walls: &mut Walls, lowest: f32) {
    let is_seen = |w: &(f32, Option<f32>)| w.1.is_some_and(|height| height >= lowest);
    let is_stroke = |pair: &[(f32, Option<f32>)]| !pair.iter().any(is_seen) && pair.iter().any(|w| w.1.is_some());
    let stroke = walls.windows(2).position(is_stroke);
    walls.truncate(stroke.unwrap_or(walls.len()));
    while walls.last().is_some_and(|w| !is_seen(w)) {
        walls.pop();
    }
}

/// The walls of a comb of text of height `h` of which peak `first` is one, and which stand in steps of about this width, if there is one. A
/// wall behind a character may be out of sight, but not every other one: those are cells of two characters each.
fn walls(peaks: &[Peak], first: usize, step: f32, h: f32) -> Option<Vec<f32>> {
    let mut walls = chain(peaks, first, step);
    let of_chain = lowest(&heights(&walls), h);
    end(&mut walls, of_chain);
    if walls.len() > COMB.boxes {
        let usual = (walls[walls.len() - 1].0 - walls[0].0) / (walls.len() - 1) as f32;
        let mut before = chain(peaks, first, -usual);
        let of_both = lowest(&heights(&before.iter().chain(&walls[1..]).copied().collect()), h);
        end(&mut walls, of_both);
        end(&mut before, of_both);
        if walls.is_empty() {
            return None;
        }
        walls = before.into_iter().skip(1).rev().chain(walls).collect();
    }
    let heights = heights(&walls);
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
            assert_eq!(combs(&walled(&columns, 40, 64, grey), &[line], line, 16, |_| 1.0), [[20.5, 40.5, 60.5, 80.5, 100.5]]);
        }
        assert!(combs(&walled(&columns, 0, 120, 40), &[line], line, 16, |_| 1.0).is_empty(), "walls that go on");
        assert!(combs(&walled(&[20, 40, 100], 40, 64, 40), &[line], line, 16, |_| 1.0).is_empty(), "uneven walls");
        assert!(combs(&walled(&columns, 48, 56, 40), &[line], line, 16, |_| 1.0).is_empty(), "short strokes");
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
        assert_eq!(combs(&page, &[line], line, 16, |_| 1.0), [[20.5, 40.5, 60.5, 80.5, 100.5]]);
    }

    #[test]
    fn letters_beside_a_comb_are_no_part_of_it() {
        let line = Rect { left: 30, top: 44, right: 170, bottom: 60 };
        let comb = walled(&[20, 40, 60, 80, 100], 38, 66, 40);
        let letters = walled(&[120, 140, 160], 45, 60, 40);
        assert_eq!(combs(&both(&comb, &letters), &[line], line, 16, |_| 1.0)[0], [20.5, 40.5, 60.5, 80.5, 100.5]);
    }

    #[test]
    fn of_what_overlaps_the_longest_is_the_comb() {
        let line = Rect { left: 30, top: 44, right: 170, bottom: 60 };
        let comb = walled(&[40, 60, 80, 100, 120, 140, 160], 40, 64, 40);
        // With these, four walls in steps of 16 begin before the comb does.
        let others = walled(&[8, 24, 56], 40, 64, 40);
        assert_eq!(combs(&both(&comb, &others), &[line], line, 16, |_| 1.0), [[40.5, 60.5, 80.5, 100.5, 120.5, 140.5, 160.5]]);
    }

    #[test]
    fn walls_that_are_seen_part_a_comb_and_strokes_between_them_do_not() {
        let line = Rect { left: 22, top: 44, right: 118, bottom: 60 };
        let columns: Vec<usize> = (20..=120).step_by(10).collect();
        let page = walled(&columns, 40, 64, 40);
        let is_wall = |x: f32| (x - 0.5) % 20.0 == 0.0;
        let walls = [20.5, 40.5, 60.5, 80.5, 100.5, 120.5];
        assert_eq!(combs(&page, &[line], line, 10, |x| if is_wall(x) { 0.9 } else { 0.1 }), [walls]);
        // The first may be faint.
        assert_eq!(combs(&page, &[line], line, 10, |x| if is_wall(x) && x > 21.0 { 0.9 } else { 0.1 }), [walls]);
        assert_eq!(combs(&page, &[line], line, 10, |_| 0.9)[0].len(), columns.len(), "nobody knows better");
    }

    #[test]
    fn a_comb_goes_on_both_ways_over_two_walls_that_are_out_of_sight() {
        let line = Rect { left: 22, top: 44, right: 178, bottom: 60 };
        let columns = [20, 80, 100, 120, 140, 160, 180];
        let walls: Vec<f32> = (20..=180).step_by(20).map(|x| x as f32 + 0.5).collect();
        assert_eq!(combs(&walled(&columns, 40, 64, 40), &[line], line, 16, |_| 1.0), [walls]);
    }

    #[test]
    fn strokes_in_a_row_of_a_table_are_no_comb() {
        let line = Rect { left: 22, top: 50, right: 98, bottom: 60 };
        let strokes = walled(&[30, 50, 70, 90, 110], 45, 65, 40);
        let table = both(&strokes, &walled(&[42, 82], 0, 120, 40));
        assert_eq!(combs(&strokes, &[line], line, 10, |_| 1.0).len(), 1);
        assert!(combs(&table, &[line], line, 10, |_| 1.0).is_empty());
    }

    #[test]
    fn print_between_two_combs_parts_them() {
        let walls: Vec<f32> = (0..12).map(|i| 20.0 * i as f32).collect();
        let parts = seen_parts(&walls, |w| (80.0..140.0).contains(&w));
        assert_eq!(parts, [walls[..5].to_vec(), walls[6..].to_vec()]);
        assert_eq!(seen_parts(&walls, |w| w == 80.0), [walls]);
    }
}
