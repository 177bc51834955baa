//! Photos and scans of real pages of which something is known: where what was written or printed, or that nothing was written at all.
//!
//! A sample is a window of a page in another size. What is not known of it is ignored by the loss.

use crate::page_input;
use crate::random::Random;
use page::heads::*;
use page::ink::{self, Mask};
use page::input::Input;
use page::raster::{Chroma, Gray};
use page::{components, light};
use std::collections::HashMap;

/// What is known of a page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Known {
    /// Nothing on it was written.
    Printed,
    /// Nothing was written outside of the regions, which are cells with one character each, without their walls: four corners clockwise
    /// from the upper left.
    Cells,
    /// The regions are lines, written or printed; of the rest nothing is known.
    Lines,
}

/// A part of a page and whether a hand filled it.
pub struct Region {
    pub written: bool,
    /// Corners, in pixels of the page.
    pub polygon: Vec<(f32, f32)>,
}

pub struct RealPage {
    gray: Gray,
    chroma: Option<Chroma>,
    known: Known,
    regions: Vec<Region>,
}

/// Height of digits that pages are kept at, and the range that they are shown in.
const KEPT: f32 = 20.0;
const SHOWN: (f32, f32) = (9.0, 20.0);
/// Share of the windows that do not lie upright.
const TURNED: f32 = 0.2;
/// A stretch of ink in a row is a rule's, not a stroke's, from so many heights of the text on: nothing is said of it.
const RULE: f32 = 2.5;
/// Ink of a cell lower than this share of it is dirt.
const LEAST: f32 = 0.2;
/// Ink of which less than half stands inside of the middle of a cell, this share of its sides, is a piece of a wall.
const MIDDLE: f32 = 0.8;

impl RealPage {
    /// `rgb` `[height][width][3]`; `text` is the height of its digits in pixels, 0 to have it measured.
    pub fn new(rgb: &[u8], width: usize, height: usize, known: Known, mut regions: Vec<Region>, text: f32) -> Self {
        let gray = Gray::from_pixels(rgb, width, height, 3);
        let chroma = Chroma::from_rgb(rgb, width, height, 3);
        let text = if text > 0.0 { text } else { text_height(&gray) };
        let scale = (KEPT / text).min(1.0);
        let (w, h) = ((width as f32 * scale) as usize, (height as f32 * scale) as usize);
        let to = |v: f32| v * scale;
        regions.iter_mut().flat_map(|r| r.polygon.iter_mut()).for_each(|p| *p = (to(p.0), to(p.1)));
        Self { gray: gray.resize(w.max(1), h.max(1)), chroma, known, regions }
    }

    /// Input and planes of truth of a window of `width` x `height` pixels, of which some do not lie upright.
    pub fn sample(&self, width: usize, height: usize, r: &mut Random) -> (Input, Vec<u8>) {
        let turn = if r.chance(TURNED) { 1 + r.below(TURNS - 1) } else { 0 };
        let (w, h) = if turn % 2 == 1 { (height, width) } else { (width, height) };
        let (input, truth) = self.upright(w, h, r);
        turned(input, truth, turn)
    }

    fn upright(&self, width: usize, height: usize, r: &mut Random) -> (Input, Vec<u8>) {
        let scale = SHOWN.0 * (SHOWN.1 / SHOWN.0).powf(r.unit()) / KEPT;
        let (w, h) = (width as f32 / scale, height as f32 / scale);
        let at = |page: usize, window: f32, r: &mut Random| ((page as f32 - window) * r.unit()).round();
        let (left, top) = (at(self.gray.width, w, r), at(self.gray.height, h, r));
        let gray = window(&self.gray, (left, top), (w, h), width, height);
        let chroma = self.chroma.as_ref().map(|c| {
            let step = self.gray.width as f32 / c.width as f32;
            let size = (w / step, h / step);
            c.by_plane(|p| window(p, (left / step, top / step), size, width / 2, height / 2))
        });
        let (even, input) = page_input::of_photo(&gray, chroma.as_ref(), r);
        let place = |p: &(f32, f32)| ((p.0 - left) * scale, (p.1 - top) * scale);
        let truth = self.truth(&ink::find(&even), KEPT * scale, place);
        (input, truth)
    }

    /// `text` is the height of digits in pixels of the window.
    fn truth(&self, ink: &Mask, text: f32, place: impl Fn(&(f32, f32)) -> (f32, f32)) -> Vec<u8> {
        let ruled = long_runs(ink, (RULE * text) as usize);
        let (w, h) = (ink.width / STRIDE, ink.height / STRIDE);
        let size = w * h;
        let mut t = vec![0u8; TRUTHS * size];
        t[TRUTH_TURN * size..][..size].fill(255);
        // The pixels of ink at a place of the map, and the polygon there of one on the page.
        let four = |i: usize| {
            let first = i / w * STRIDE * ink.width + i % w * STRIDE;
            [first, first + 1, first + ink.width, first + ink.width + 1]
        };
        let on_map = |polygon: &[(f32, f32)]| -> Vec<(f32, f32)> {
            polygon.iter().map(&place).map(|p| (p.0 / STRIDE as f32, p.1 / STRIDE as f32)).collect()
        };
        let coverage = |i: usize| (four(i).map(|k| ink.data[k] as u16).iter().sum::<u16>() * 255 / 4) as u8;
        let outside = match self.known {
            Known::Printed | Known::Cells => {
                IGNORED_BY[PRINT] | IGNORED_BY[OTHER] | IGNORED_BY[LYING] | IGNORED_BY[GAP] | IGNORE_HEIGHT
            }
            Known::Lines => 255,
        };
        t[TRUTH_IGNORE * size..].fill(outside);
        let cells = self.known == Known::Cells;
        let (pieces, labels) = if cells { components::label(ink) } else { Default::default() };
        // The number of the piece of ink at a place, 0 for none, and whether it is so long that it is the grid.
        let piece = |i: usize| four(i).into_iter().filter_map(|k| labels.get(k).copied()).find(|&l| l != 0).unwrap_or(0);
        let is_grid = |l: u32| {
            l.checked_sub(1).is_some_and(|l| {
                let r = &pieces[l as usize].rect;
                r.width().max(r.height()) as f32 > RULE * text
            })
        };
        for region in &self.regions {
            let polygon = on_map(&region.polygon);
            let by = if region.written { HAND } else { PRINT };
            let inside: Vec<usize> = pixels_of(&polygon, w, h);
            // Pixels of each piece inside of the cell, and of its middle.
            let mut shares: HashMap<u32, (usize, usize)> = HashMap::new();
            if cells {
                inside.iter().for_each(|&i| shares.entry(piece(i)).or_default().0 += 1);
                pixels_of(&towards_middle(&polygon, MIDDLE), w, h)
                    .iter()
                    .for_each(|&i| shares.entry(piece(i)).or_default().1 += 1);
            }
            let is_wall = |i: usize| {
                let l = piece(i);
                is_grid(l) || (l != 0 && shares.get(&l).is_some_and(|&(n, middle)| 2 * middle < n))
            };
            for &i in &inside {
                t[by * size + i] = coverage(i);
                t[TRUTH_IGNORE * size + i] = match self.known {
                    // Rules may run through, and where the cores of a line's words lie is not known; of print, that none is written.
                    Known::Lines => {
                        let core = if region.written { IGNORED_BY[CORE_HAND] } else { IGNORED_BY[CORE_PRINT] };
                        IGNORED_BY[OTHER] | IGNORED_BY[LYING] | core | IGNORED_BY[GAP] | IGNORE_HEIGHT
                    }
                    _ => 0,
                };
                if four(i).iter().any(|&k| ruled[k]) || (cells && is_wall(i)) {
                    t[by * size + i] = 0;
                    t[TRUTH_IGNORE * size + i] = 255;
                }
            }
            if cells {
                core(&mut t, size, w, &inside, by);
            }
        }
        if cells {
            for (wall, rule) in walls(&self.regions) {
                for i in pixels_of(&on_map(&wall), w, h) {
                    t[GAP * size + i] = 255;
                    t[TRUTH_IGNORE * size + i] &= !(IGNORED_BY[GAP] | IGNORED_BY[rule]);
                    if is_grid(piece(i)) {
                        t[rule * size + i] = coverage(i);
                    }
                }
            }
        }
        t
    }
}

/// A polygon, drawn together to this share of its sides.
fn towards_middle(polygon: &[(f32, f32)], share: f32) -> Vec<(f32, f32)> {
    let n = polygon.len() as f32;
    let middle = polygon.iter().fold((0.0, 0.0), |m, p| (m.0 + p.0 / n, m.1 + p.1 / n));
    polygon.iter().map(|p| (middle.0 + share * (p.0 - middle.0), middle.1 + share * (p.1 - middle.1))).collect()
}

/// The strips between cells that are neighbours, by their corners, and the head of the rule that runs there.
fn walls(cells: &[Region]) -> Vec<([(f32, f32); 4], usize)> {
    /// Neighbours are as far apart as walls are thick, in sides of a cell.
    const THICK: f32 = 0.4;
    let distance = |a: (f32, f32), b: (f32, f32)| (a.0 - b.0).hypot(a.1 - b.1);
    let mut out = Vec::new();
    for a in cells {
        // The right side against others' left sides, and the lower against the upper, each from its upper or left end.
        for (side, other, rule) in [([1, 2], [0, 3], UPRIGHT), ([3, 2], [0, 1], LYING)] {
            let [from, to] = side.map(|k| a.polygon[k]);
            let near = THICK * distance(from, to);
            let beside = |b: &&Region| distance(from, b.polygon[other[0]]) < near && distance(to, b.polygon[other[1]]) < near;
            if let Some(b) = cells.iter().find(beside) {
                out.push(([from, b.polygon[other[0]], b.polygon[other[1]], to], rule));
            }
        }
    }
    out
}

/// The picture turned so that `turn` clockwise quarters bring it back.
fn turned(input: Input, truth: Vec<u8>, turn: usize) -> (Input, Vec<u8>) {
    if turn == 0 {
        return (input, truth);
    }
    let data = quarters(&input.data, CHANNELS, input.width, input.height, turn);
    let (w, h) = (input.width / STRIDE, input.height / STRIDE);
    let mut planes: Vec<u8> = truth.chunks_exact(w * h).flat_map(|plane| quarters(plane, 1, w, h, turn)).collect();
    for t in planes[TRUTH_TURN * w * h..][..w * h].iter_mut().filter(|t| **t < TURNS as u8) {
        *t = (*t + turn as u8) % TURNS as u8;
    }
    let (width, height) = if turn % 2 == 1 { (input.height, input.width) } else { (input.width, input.height) };
    (Input { width, height, data }, planes)
}

/// `[height][width][channels]`, turned against the clock by so many quarters.
fn quarters<T: Copy>(data: &[T], channels: usize, width: usize, height: usize, turn: usize) -> Vec<T> {
    let place = |i: usize| match turn {
        1 => i % height * width + width - 1 - i / height,
        2 => width * height - 1 - i,
        _ => (height - 1 - i % height) * width + i / height,
    };
    (0..width * height).flat_map(|i| data[place(i) * channels..][..channels].iter().copied()).collect()
}

/// Which ink lies in rows of ink that are longer than `longest`.
fn long_runs(ink: &Mask, longest: usize) -> Vec<bool> {
    let mut out = vec![false; ink.data.len()];
    for (row, out) in ink.data.chunks_exact(ink.width).zip(out.chunks_exact_mut(ink.width)) {
        let mut x = 0;
        while x < row.len() {
            let from = components::next(row, x, 1);
            x = components::next(row, from, 0);
            out[from..x].fill(x - from > longest);
        }
    }
    out
}

/// The band of what stands in a cell, and its heights.
fn core(t: &mut [u8], size: usize, w: usize, inside: &[usize], by: usize) {
    let on: Vec<usize> = inside.iter().copied().filter(|&i| t[by * size + i] > 100).collect();
    let rows = |v: &[usize]| (v.iter().map(|i| i / w).min(), v.iter().map(|i| i / w).max());
    let ((Some(top), Some(bottom)), (Some(first), Some(last))) = (rows(&on), rows(inside)) else { return };
    let height = (bottom + 1 - top) as f32;
    if height < LEAST * (last - first) as f32 {
        return;
    }
    let (left, right) = on.iter().fold((usize::MAX, 0), |(l, r), i| (l.min(i % w), r.max(i % w)));
    let base = (bottom + 1) as f32;
    let (from, to) = (base - 0.85 * 0.75 * height, base - 0.15 * 0.75 * height);
    let head = if by == HAND { CORE_HAND } else { CORE_PRINT };
    for y in from.round() as usize..(to.round() as usize).max(from.round() as usize + 1) {
        for x in left..=right {
            let i = y * w + x;
            t[head * size + i] = 255;
            let quarters = |rows: f32| (rows * STRIDE as f32 / TRUTH_HEIGHT).clamp(0.0, 255.0) as u8;
            t[TRUTH_ABOVE * size + i] = quarters(y as f32 + 0.5 - top as f32);
            t[TRUTH_BELOW * size + i] = quarters(base - y as f32 - 0.5);
            t[TRUTH_TURN * size + i] = 0;
        }
    }
}

/// Pixels whose middle lies inside of a polygon, of a map of `w` x `h`.
fn pixels_of(polygon: &[(f32, f32)], w: usize, h: usize) -> Vec<usize> {
    let mut out = Vec::new();
    let (low, high) = polygon.iter().fold((f32::MAX, f32::MIN), |(l, m), p| (l.min(p.1), m.max(p.1)));
    for y in (low.max(0.0) as usize)..(high.max(0.0).ceil() as usize).min(h) {
        let at = y as f32 + 0.5;
        let mut crossings: Vec<f32> = (0..polygon.len())
            .filter_map(|i| {
                let (a, b) = (polygon[i], polygon[(i + 1) % polygon.len()]);
                ((a.1 <= at) != (b.1 <= at)).then(|| a.0 + (at - a.1) / (b.1 - a.1) * (b.0 - a.0))
            })
            .collect();
        crossings.sort_unstable_by(f32::total_cmp);
        for pair in crossings.chunks_exact(2) {
            let clamp = |v: f32| (v.round().max(0.0) as usize).min(w);
            out.extend((clamp(pair[0])..clamp(pair[1])).map(|x| y * w + x));
        }
    }
    out
}

/// A window of a picture from `(left, top)` on, `w` x `h` pixels, shown as `width` x `height`; what lies outside takes the nearest pixel.
fn window(from: &Gray, (left, top): (f32, f32), (w, h): (f32, f32), width: usize, height: usize) -> Gray {
    let (w, h) = ((w as usize).max(1), (h as usize).max(1));
    let near = |v: isize, n: usize| v.clamp(0, n as isize - 1) as usize;
    let mut data = Vec::with_capacity(w * h);
    for y in 0..h as isize {
        let row = &from.data[near(top as isize + y, from.height) * from.width..][..from.width];
        data.extend((0..w as isize).map(|x| row[near(left as isize + x, from.width)]));
    }
    Gray::new(w, h, data).resize(width, height)
}

/// Usual height of the characters of a printed page: the median of what could be one.
fn text_height(gray: &Gray) -> f32 {
    let all = components::find(&ink::find(&light::even(gray)));
    let possible = |c: &&components::Component| {
        let (w, h) = (c.rect.width(), c.rect.height());
        h >= 6 && h < gray.height / 8 && w < 6 * h && c.area >= 12
    };
    let mut heights: Vec<usize> = all.iter().filter(possible).map(|c| c.rect.height()).collect();
    heights.sort_unstable();
    heights.get(heights.len() * 2 / 3).map_or(KEPT, |&h| h as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_window_comes_back() {
        let (w, h) = (64, 32);
        let data: Vec<f32> = (0..w * h * CHANNELS).map(|i| i as f32).collect();
        let mut truth: Vec<u8> = (0..TRUTHS * (w / STRIDE) * (h / STRIDE)).map(|i| (i % 251) as u8).collect();
        truth[TRUTH_TURN * w * h / 4..][..w * h / 4].fill(0);
        for turn in 1..TURNS {
            let input = Input { width: w, height: h, data: data.clone() };
            let (input, planes) = turned(input, truth.clone(), turn);
            assert!(planes[TRUTH_TURN * w * h / 4..][..w * h / 4].iter().all(|&t| t as usize == turn));
            let (input, planes) = turned(input, planes, TURNS - turn);
            assert_eq!((input.width, input.height), (w, h));
            assert!(input.data == data && planes == truth, "{turn}");
        }
    }
    #[test]
    fn of_a_printed_line_it_is_known_that_no_hand_made_it() {
        let polygon = vec![(10.0, 10.0), (118.0, 10.0), (118.0, 30.0), (10.0, 30.0)];
        let regions = vec![Region { written: false, polygon }];
        let page = RealPage { gray: Gray::new(128, 64, vec![200; 128 * 64]), chroma: None, known: Known::Lines, regions };
        let mut ink = Mask { width: 128, height: 64, data: vec![0; 128 * 64] };
        (40..60).for_each(|x| ink.data[20 * 128 + x] = 1);
        let t = page.truth(&ink, 10.0, |p| *p);
        let at = |plane: usize, x: usize, y: usize| t[plane * 64 * 32 + y / 2 * 64 + x / 2];
        let ignored = at(TRUTH_IGNORE, 50, 20);
        assert!(at(PRINT, 50, 20) > 0 && at(HAND, 50, 20) == 0);
        assert_eq!(ignored & (IGNORED_BY[HAND] | IGNORED_BY[PRINT] | IGNORED_BY[CORE_HAND]), 0);
        assert_ne!(ignored & IGNORED_BY[CORE_PRINT], 0);
        assert_eq!(at(TRUTH_IGNORE, 50, 50), 255, "outside of the lines nothing is known");
    }

    #[test]
    fn ink_of_walls_is_no_digit_where_an_outline_is_off() {
        // Two cells whose common wall stands inside of the left one, with a digit in the middle of it.
        let cell = |x: f32| Region { written: true, polygon: vec![(x, 4.0), (x + 36.0, 4.0), (x + 36.0, 44.0), (x, 44.0)] };
        let (w, h) = (96, 64);
        let mut ink = Mask { width: w, height: h, data: vec![0; w * h] };
        for y in 0..h {
            ink.data[y * w + 36..y * w + 38].fill(1);
        }
        for y in 14..34 {
            ink.data[y * w + 18..y * w + 22].fill(1);
        }
        let page = RealPage {
            gray: Gray::new(w, h, vec![255; w * h]),
            chroma: None,
            known: Known::Cells,
            regions: [4.0, 44.0].map(cell).into(),
        };
        let truth = page.truth(&ink, 20.0, |p| *p);
        let size = w * h / 4;
        let at = |plane: usize, x: usize, y: usize| truth[plane * size + y / 2 * (w / 2) + x / 2];
        assert_eq!((at(HAND, 20, 24), at(TRUTH_IGNORE, 20, 24)), (255, 0));
        assert_eq!((at(HAND, 36, 24), at(TRUTH_IGNORE, 36, 24)), (0, 255));
        // The digit's core ends with the digit.
        assert!(at(CORE_HAND, 20, 28) == 255 && at(CORE_HAND, 30, 28) == 0);
    }
    #[test]
    fn walls_lie_between_cells_and_nowhere_else() {
        let cell =
            |x: f32, y: f32| Region { written: true, polygon: vec![(x, y), (x + 16.0, y), (x + 16.0, y + 16.0), (x, y + 16.0)] };
        // Two by two cells of 20 pixels without their walls, and one that stands apart.
        let cells: Vec<Region> =
            [(2.0, 2.0), (22.0, 2.0), (2.0, 22.0), (22.0, 22.0), (70.0, 2.0)].map(|(x, y)| cell(x, y)).into();
        assert_eq!(walls(&cells).len(), 4);
        assert!(walls(&cells).contains(&([(18.0, 2.0), (22.0, 2.0), (22.0, 18.0), (18.0, 18.0)], UPRIGHT)));
        let (w, h) = (96, 48);
        let page = RealPage { gray: Gray::new(w, h, vec![255; w * h]), chroma: None, known: Known::Cells, regions: cells };
        let truth = page.truth(&Mask { width: w, height: h, data: vec![0; w * h] }, 10.0, |p| *p);
        let size = w * h / 4;
        let at = |plane: usize, x: usize, y: usize| truth[plane * size + y / 2 * (w / 2) + x / 2];
        for (x, y, gap, known) in
            [(20, 10, true, true), (10, 20, true, true), (10, 10, false, true), (40, 10, false, false), (1, 10, false, false)]
        {
            assert_eq!((at(GAP, x, y) > 0, at(TRUTH_IGNORE, x, y) & IGNORED_BY[GAP] == 0), (gap, known), "{x} {y}");
        }
    }
}
