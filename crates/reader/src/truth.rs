//! Crops of a page on which it is known what stands where: a line net learns from what the page stage makes of drawn pages.

use crate::judge;
use crate::place::Place;
use crate::read::crop_of;
use crate::recogniser::Crop;
use page::segment::Segment;
use page::Analysis;
use serde::{Deserialize, Serialize};

/// Who made what is in a crop; `Other` is ink that says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Maker {
    Hand,
    Print,
    Other,
}

/// A word of running text, a number, or what stands in a cell.
#[derive(Clone, Debug, Deserialize)]
pub struct Known {
    /// Corners in pixels of the decoded page: upper left, upper right, lower right, lower left of the text as it is read.
    pub quad: [[f32; 2]; 4],
    /// What it says; empty where that is not known.
    pub text: String,
    pub by: Maker,
}

/// A crop and what it says.
pub struct KnownCrop {
    pub crop: Crop,
    pub text: String,
    pub by: Maker,
}

/// Shares of ink that decide whether what a crop says is known.
struct Sureness {
    /// A unit is in a crop from this share of its ink on, or where it is this share of the crop's.
    touched: f32,
    /// And then nearly all of it has to be: a lost point is two to five hundredths of a number.
    whole: f32,
    whole_with_marks: f32,
    /// Ink of a crop that no unit accounts for, at most; and at least, where it says nothing.
    foreign: f32,
    nothing: f32,
    /// How much further a unit's ink may reach than its corners, in shares of its height.
    beyond: f32,
    /// Middles of what stands in one row differ by no more than this share of their height.
    row: f32,
}

const SURENESS: Sureness =
    Sureness { touched: 0.15, whole: 0.95, whole_with_marks: 0.985, foreign: 0.3, nothing: 0.95, beyond: 0.15, row: 0.5 };

/// Pixels from the page's edge within which ink may go on outside of it.
const EDGE: i32 = 4;

/// What is small enough to be lost.
const MARKS: &str = ".,:;'\"-°²³";

/// A unit in the turn that was read: its middle and its height, and whether it lies level there.
#[derive(Clone, Copy)]
struct Seen {
    x: f32,
    y: f32,
    height: f32,
    level: bool,
}

fn seen(u: &Known, quarters: usize) -> Seen {
    let turn = |[x, y]: [f32; 2]| match quarters % 4 {
        0 => [x, y],
        1 => [-y, x],
        2 => [-x, -y],
        _ => [y, -x],
    };
    let q = u.quad.map(turn);
    let along = [q[1][0] - q[0][0], q[1][1] - q[0][1]];
    let middle = |k: usize| q.iter().map(|p| p[k]).sum::<f32>() / 4.0;
    let height = ((q[3][0] - q[0][0]).powi(2) + (q[3][1] - q[0][1]).powi(2)).sqrt();
    Seen { x: middle(0), y: middle(1), height, level: along[0] > 2.0 * along[1].abs() }
}

/// Number of the unit that each pixel of the decoded page is in, from 1 on.
fn painted(units: &[Known], width: usize, height: usize) -> Vec<u16> {
    let mut map = vec![0u16; width * height];
    // What lies within the corners of one is its own, what lies a little outside of them is if it is nobody's.
    for beyond in [SURENESS.beyond, 0.0] {
        for (number, u) in units.iter().enumerate() {
            let q = u.quad;
            let down = [q[3][0] - q[0][0], q[3][1] - q[0][1]];
            let high = (down[0].powi(2) + down[1].powi(2)).sqrt().max(1.0);
            let along = [q[1][0] - q[0][0], q[1][1] - q[0][1]];
            let wide = (along[0].powi(2) + along[1].powi(2)).sqrt().max(1.0);
            let (left, right) = span(&q, 0, beyond * high, width);
            let (top, bottom) = span(&q, 1, beyond * high, height);
            for y in top..bottom {
                for x in left..right {
                    let d = [x as f32 + 0.5 - q[0][0], y as f32 + 0.5 - q[0][1]];
                    let s = (d[0] * along[0] + d[1] * along[1]) / wide;
                    let t = (d[0] * down[0] + d[1] * down[1]) / high;
                    let within = |v: f32, n: f32| v >= -beyond * high && v <= n + beyond * high;
                    if within(s, wide) && within(t, high) {
                        map[y * width + x] = (number + 1).min(u16::MAX as usize) as u16;
                    }
                }
            }
        }
    }
    map
}

/// First and last pixel (exclusive) of a quad along an axis, `air` beyond it, within a page of `size`.
fn span(q: &[[f32; 2]; 4], axis: usize, air: f32, size: usize) -> (usize, usize) {
    let low = q.iter().map(|p| p[axis]).fold(f32::MAX, f32::min) - air;
    let high = q.iter().map(|p| p[axis]).fold(f32::MIN, f32::max) + air;
    (low.max(0.0) as usize, (high.max(0.0).ceil() as usize).min(size))
}

/// The crops of a page that would be read and of which it is known what they say: whole words and numbers by one maker in one row, and
/// ink that says nothing. `width` and `height` are those of the decoded page.
pub fn known_crops(a: &Analysis, width: usize, height: usize, units: &[Known]) -> Vec<KnownCrop> {
    let place = Place::new(a, width, height);
    let map = painted(units, width, height);
    let mut owner = vec![usize::MAX; a.components.len()];
    for (i, s) in a.segments.iter().enumerate() {
        s.parts.iter().for_each(|&c| owner[c] = i);
    }
    // Ink of each unit, of each segment, and of each segment by unit.
    let mut of_unit = vec![0usize; units.len() + 1];
    let mut shared = vec![Vec::<(usize, usize)>::new(); a.segments.len()];
    for (i, &label) in a.labels.iter().enumerate().filter(|(_, l)| **l != 0) {
        let [x, y] = place.point((i % a.even.width) as f32 + 0.5, (i / a.even.width) as f32 + 0.5);
        let (x, y) = ((x.max(0) as usize).min(width - 1), (y.max(0) as usize).min(height - 1));
        let unit = map[y * width + x] as usize;
        of_unit[unit] += 1;
        let segment = owner.get((label as usize).wrapping_sub(1)).copied().unwrap_or(usize::MAX);
        if let Some(list) = shared.get_mut(segment) {
            match list.iter_mut().find(|(u, _)| *u == unit) {
                Some((_, n)) => *n += 1,
                None => list.push((unit, 1)),
            }
        }
    }
    let turned: Vec<Seen> = units.iter().map(|u| seen(u, a.quarters)).collect();
    let mut out = Vec::new();
    // What is cut by the page's edge may be a piece of anything.
    let cut = |s: &Segment| {
        let near = |v: i32, size: usize| v < EDGE || v > size as i32 - EDGE;
        place.polygon(&s.rect).iter().any(|[x, y]| near(*x, width) || near(*y, height))
    };
    for (s, list) in a.segments.iter().zip(&shared).filter(|(s, _)| judge::may_be_written(s) && !cut(s)) {
        let all: usize = list.iter().map(|(_, n)| n).sum();
        if let Some((text, by)) = said(list, all as f32, &of_unit, units, &turned) {
            out.push(KnownCrop { crop: crop_of(a, s, &a.lifted), text, by });
        }
    }
    out
}

/// What a segment says of whose `all` pixels of ink the `list` tells the units, 0 for none; nothing where that is not sure.
fn said(list: &[(usize, usize)], all: f32, of_unit: &[usize], units: &[Known], turned: &[Seen]) -> Option<(String, Maker)> {
    let s = &SURENESS;
    let nobody = list.iter().find(|(u, _)| *u == 0).map_or(0, |(_, n)| *n) as f32;
    if nobody >= s.nothing * all {
        return Some((String::new(), Maker::Other));
    }
    let touched =
        |&&(u, n): &&(usize, usize)| u > 0 && (n as f32 >= s.touched * of_unit[u] as f32 || n as f32 >= s.touched * all);
    let inside: Vec<(usize, usize)> = list.iter().filter(touched).copied().collect();
    let accounted: usize = inside.iter().map(|(_, n)| n).sum();
    if inside.is_empty() || all - accounted as f32 > s.foreign * all {
        return None;
    }
    let whole = |&(u, n): &(usize, usize)| {
        let marks = units[u - 1].text.contains(|c| MARKS.contains(c));
        n as f32 >= if marks { s.whole_with_marks } else { s.whole } * of_unit[u] as f32
    };
    let mut members: Vec<usize> = inside.iter().map(|(u, _)| u - 1).collect();
    members.sort_by(|&a, &b| turned[a].x.total_cmp(&turned[b].x));
    let first = members[0];
    let alike = |&m: &usize| {
        let apart = (turned[m].y - turned[first].y).abs();
        units[m].by == units[first].by && turned[m].level && !units[m].text.is_empty() && apart <= s.row * turned[first].height
    };
    if !inside.iter().all(whole) || !members.iter().all(alike) {
        return None;
    }
    let texts: Vec<&str> = members.iter().map(|&m| &units[m].text[..]).collect();
    Some((texts.join(" "), units[first].by))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(text: &str, left: f32, by: Maker) -> Known {
        Known { quad: [[left, 0.0], [left + 20.0, 0.0], [left + 20.0, 20.0], [left, 20.0]], text: text.into(), by }
    }

    fn read(list: &[(usize, usize)], of_unit: &[usize], units: &[Known]) -> Option<(String, Maker)> {
        let turned: Vec<Seen> = units.iter().map(|u| seen(u, 0)).collect();
        let all = list.iter().map(|(_, n)| n).sum::<usize>() as f32;
        said(list, all, of_unit, units, &turned)
    }

    #[test]
    fn whole_units_are_said_from_left_to_right() {
        let units = [unit("km", 40.0, Maker::Hand), unit("12", 0.0, Maker::Hand)];
        assert_eq!(read(&[(1, 100), (2, 80)], &[0, 100, 82], &units), Some(("12 km".into(), Maker::Hand)));
    }

    #[test]
    fn what_is_cut_or_mixed_is_not_known() {
        let units = [unit("3.5", 0.0, Maker::Hand), unit("=", 40.0, Maker::Print)];
        assert_eq!(read(&[(1, 97)], &[0, 100, 50], &units), None, "a point may be missing");
        assert_eq!(read(&[(1, 99)], &[0, 100, 50], &units), Some(("3.5".into(), Maker::Hand)));
        assert_eq!(read(&[(1, 100), (2, 50)], &[0, 100, 50], &units), None, "two makers");
        assert_eq!(read(&[(1, 100), (0, 60)], &[0, 100, 50], &units), None, "much else");
        assert_eq!(read(&[(0, 60)], &[0, 100, 50], &units), Some((String::new(), Maker::Other)));
    }

    #[test]
    fn places_are_those_within_the_corners() {
        let map = painted(&[unit("1", 10.0, Maker::Hand), unit("2", 33.0, Maker::Hand)], 60, 24);
        assert_eq!([map[5 * 60 + 8], map[5 * 60 + 15], map[5 * 60 + 34], map[5 * 60 + 59]], [1, 1, 2, 0]);
    }
}
