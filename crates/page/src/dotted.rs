//! Rules of dots, to write on, and the dots of dotted paper. Where nothing is written the net sees the rule; under writing each dot is a
//! point to it, and would be read as one. What gives them away is that they are even: dots that lie where a rule's next ones are to come,
//! step by step, are its own, and a point that somebody wrote lies elsewhere.

use crate::components;
use crate::ink::Mask;
use crate::raster::Rect;
use crate::rules::Lifted;

/// What a rule of dots is like, in heights of text but for `even`, `near` and `fewest`.
struct DotRule {
    /// Sides of a dot at most; never below so many pixels.
    size: f32,
    pixels: f32,
    /// From one dot to the next, at most: along lines of text, where dots of dotted paper count as well, and across them, where the
    /// points of a column of numbers do not.
    step: [f32; 2],
    /// Steps differ by so much of themselves at most, and a dot is so much of one from where it is to come.
    even: f32,
    near: f32,
    /// So many dots next to each other are a rule, which goes on over what lacks dots as far as this.
    fewest: usize,
    gap: f32,
}

/// Fifteen points in a row, as leaders of print have them, are as even; they are no writing either.
const RULE: DotRule = DotRule { size: 0.22, pixels: 3.0, step: [1.3, 0.6], even: 0.25, near: 0.25, fewest: 8, gap: 12.0 };

/// Height of text in pixels of the labels, where the net knows it best.
const TEXT: f32 = 7.0;
/// Where a rule goes is told from so many of its last dots: paper is seldom flat.
const LAST: usize = 16;

/// Middles of two dots that do not touch are so many pixels apart at least.
const CLOSEST: f32 = 2.0;

#[derive(Clone, Copy)]
struct Dot {
    x: f32,
    y: f32,
}

/// Dots in columns of equal width, to find those near a place.
struct Columns {
    width: f32,
    dots: Vec<Vec<usize>>,
}

impl Columns {
    fn new(dots: &[Dot], width: f32, page: usize) -> Self {
        let mut columns = vec![Vec::new(); (page as f32 / width) as usize + 1];
        dots.iter().enumerate().for_each(|(i, d)| columns[(d.x / width) as usize].push(i));
        Self { width, dots: columns }
    }

    /// Dots whose columns may hold what is from `from` to `to`.
    fn within(&self, from: f32, to: f32) -> impl Iterator<Item = usize> + '_ {
        let at = |x: f32| ((x.max(0.0) / self.width) as usize).min(self.dots.len() - 1);
        self.dots[at(from)..=at(to)].iter().flatten().copied()
    }
}

/// Takes the dots of rules of dots out of the ink of text; `pitch` is pixels of the page to one of the labels.
pub fn lift_dots(ink: &Mask, pitch: f32, lifted: &mut Lifted) {
    let height = TEXT * pitch;
    let size = (RULE.size * height).max(RULE.pixels);
    let is_dot = |r: &Rect| r.width().max(r.height()) as f32 <= size;
    let rects: Vec<Rect> = components::find(ink).into_iter().map(|c| c.rect).filter(is_dot).collect();
    let middles = |r: &Rect| ((r.left + r.right) as f32 / 2.0, (r.top + r.bottom) as f32 / 2.0);
    let lying: Vec<Dot> = rects.iter().map(middles).map(|(x, y)| Dot { x, y }).collect();
    let upright: Vec<Dot> = lying.iter().map(|d| Dot { x: d.y, y: d.x }).collect();
    let [along, across] = RULE.step.map(|step| step * height);
    let ways = [ruled(&lying, ink.width, along, height, size), ruled(&upright, ink.height, across, height, size)];
    let is_ruled = ways[0].iter().zip(&ways[1]).map(|(a, b)| a | b);
    for (rect, _) in rects.iter().zip(is_ruled).filter(|(_, is_ruled)| *is_ruled) {
        for y in rect.top..rect.bottom {
            for i in y * ink.width + rect.left..y * ink.width + rect.right {
                lifted.lifted.data[i] |= lifted.text.data[i];
                lifted.text.data[i] = 0;
            }
        }
    }
}

/// Which dots are those of rules along x, on a page of this length, in steps of `longest` at most; `height` is that of text, and `size`
/// that of a dot at most.
fn ruled(dots: &[Dot], length: usize, longest: f32, height: f32, size: f32) -> Vec<bool> {
    let columns = Columns::new(dots, height, length);
    let rows = (size / 3.0).max(1.0);
    let mut is_ruled = vec![false; dots.len()];
    for first in 0..dots.len() {
        if is_ruled[first] {
            continue;
        }
        let chain = chain(dots, &columns, first, longest, rows);
        if chain.len() < RULE.fewest {
            continue;
        }
        chain.iter().for_each(|&i| is_ruled[i] = true);
        let back: Vec<usize> = chain.iter().rev().copied().collect();
        for found in [chain, back].iter().flat_map(|way| follow(dots, &columns, way, RULE.gap * height, rows)) {
            is_ruled[found] = true;
        }
    }
    is_ruled
}

/// Dots that follow `first` to the right, each the nearest in its row and a step like the others away.
fn chain(dots: &[Dot], columns: &Columns, first: usize, longest: f32, rows: f32) -> Vec<usize> {
    let mut chain = vec![first];
    loop {
        let last = dots[chain[chain.len() - 1]];
        let is_next = |d: &Dot| d.x - last.x >= CLOSEST && d.x - last.x <= longest && (d.y - last.y).abs() <= rows;
        let next = columns.within(last.x, last.x + longest).filter(|&i| is_next(&dots[i]));
        let Some(next) = next.min_by(|&a, &b| dots[a].x.total_cmp(&dots[b].x)) else { return chain };
        let step = dots[next].x - last.x;
        let usual = (last.x - dots[first].x) / (chain.len() - 1).max(1) as f32;
        if chain.len() > 1 && (step - usual).abs() > RULE.even * usual {
            return chain;
        }
        chain.push(next);
    }
}

/// Further dots of a rule behind the last of `way`, which leads to the right or to the left.
fn follow(dots: &[Dot], columns: &Columns, way: &[usize], gap: f32, rows: f32) -> Vec<usize> {
    // Places along the rule, in steps, and the dots there.
    let mut known: Vec<(f32, Dot)> = way.iter().enumerate().map(|(k, &i)| (k as f32, dots[i])).collect();
    let mut found = Vec::new();
    let mut place = way.len() as f32;
    loop {
        let last = &known[known.len().saturating_sub(LAST)..];
        let (x, step) = through(last.iter().map(|(k, d)| (*k, d.x)), place);
        let (y, _) = through(last.iter().map(|(k, d)| (*k, d.y)), place);
        let behind = last[last.len() - 1].1;
        if (x - behind.x).abs() > gap || !(0.0..columns.width * columns.dots.len() as f32).contains(&x) {
            return found;
        }
        let away = |d: &Dot| (d.x - x).abs();
        let reach = RULE.near * step.abs();
        let is_here = |d: &Dot| away(d) <= reach && (d.y - y).abs() <= rows && (d.x - behind.x) * step > 0.0;
        let here = columns.within(x - reach, x + reach).filter(|&i| is_here(&dots[i]));
        if let Some(i) = here.min_by(|&a, &b| away(&dots[a]).total_cmp(&away(&dots[b]))) {
            known.push((place, dots[i]));
            found.push(i);
        }
        place += 1.0;
    }
}

/// The straight line through points by least squares: its value at `place`, and its slope.
fn through(points: impl Iterator<Item = (f32, f32)> + Clone, place: f32) -> (f32, f32) {
    let n = points.clone().count() as f32;
    let (k, v) = points.clone().fold((0.0, 0.0), |(a, b), (k, v)| (a + k / n, b + v / n));
    let (with, of) = points.fold((0.0, 0.0), |(a, b), (p, q)| (a + (p - k) * (q - v), b + (p - k) * (p - k)));
    let slope = if of > 0.0 { with / of } else { 0.0 };
    (v + slope * (place - k), slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: usize = 400;

    /// A page with square dots of two pixels at these places, with the pitch 3, and which of them are lifted.
    fn lifted_of(places: &[(usize, usize)]) -> Vec<bool> {
        let mut ink = Mask::new(W, 60);
        for (x, y) in places.iter().flat_map(|&(x, y)| [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)]) {
            ink.data[y * W + x] = 1;
        }
        let text = Mask { data: ink.data.clone(), ..Mask::new(W, 60) };
        let mut lifted = Lifted { text, lifted: Mask::new(W, 60), uprights: Mask::new(W, 60) };
        lift_dots(&ink, 3.0, &mut lifted);
        places.iter().map(|&(x, y)| lifted.text.data[y * W + x] == 0 && lifted.lifted.data[y * W + x] == 1).collect()
    }

    #[test]
    fn dots_of_a_rule_are_lifted_under_the_writing_too() {
        // Ten dots, a gap of two where ink covers them, one between strokes, a gap again, and ten more, on a slope.
        let dot = |k: usize| (10 + 7 * k, 30 + k / 12);
        let mut places: Vec<_> = (0..10).chain([12]).chain(15..25).map(dot).collect();
        // A point and a comma off its steps, and a dot above the line.
        places.extend([(10 + 7 * 13 + 4, 31), (10 + 7 * 11, 20)]);
        let lifted = lifted_of(&places);
        assert!(lifted[..21].iter().all(|&v| v));
        assert_eq!(lifted[21..], [false, false]);
        assert!(!lifted_of(&(0..9).map(|k| (10 + 7 * k, 2 + 6 * k)).collect::<Vec<_>>()).contains(&true));
        assert!(!lifted_of(&(0..8).map(|k| (10, 2 + 7 * k)).collect::<Vec<_>>()).contains(&false));
    }

    #[test]
    fn a_few_dots_and_uneven_ones_stay() {
        assert!(!lifted_of(&[(10, 30), (17, 30), (24, 30), (31, 30), (38, 30)]).contains(&true));
        let uneven: Vec<_> = [0, 5, 19, 26, 45, 50, 70, 76, 99, 107].iter().map(|x| (10 + x, 30)).collect();
        assert!(!lifted_of(&uneven).contains(&true));
    }
}
