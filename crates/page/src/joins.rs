//! Cores that stand in one row with no gap between them are one unit: where the net saw neither a core nor a link between two digits, it
//! may still be sure that no fields part there. Where it saw a gap, a point or a comma on the line between two written ones, close to
//! both, tells that they are one number. The line net, which then sees both at once, sets the spaces.

use crate::components::Component;
use crate::heads::*;
use crate::labels::Labels;
use crate::raster::Rect;
use crate::units::Reach;

/// Where a core ends: column, row, and the height of its text, in pixels of the labels.
#[derive(Clone, Copy)]
struct End {
    x: f32,
    y: f32,
    height: f32,
}

struct Ends {
    left: End,
    right: End,
    /// How much more probably written than printed the whole is, -1..1.
    hand: f32,
}

/// A small piece of ink, which may be a point or a comma: its box in pixels of the labels.
#[derive(Clone, Copy)]
pub struct Dot {
    pub left: f32,
    pub right: f32,
    pub top: f32,
    pub bottom: f32,
}

/// What a point between two parts of a number is like, in heights of the text. Two tables of decimals by other makers have 135 of 168
/// tokens with it and 128 without, 75 dev pages line CER 0.171 and at most 0.170. A point twice as far away joined cells of score cards.
struct Points {
    /// Its width and its height at most.
    size: (f32, f32),
    /// How far its middle lies below the middle of the row.
    below: (f32, f32),
    /// How far it may be from the part before it and from the part behind it.
    near: (f32, f32),
    /// How far back it may lie within the part before it.
    back: f32,
}

const POINTS: Points = Points { size: (0.4, 0.7), below: (0.2, 1.0), near: (0.5, 0.7), back: 0.4 };

/// Sides of a dot at most, in pixels of the labels: text is 7 high there, where the net knows it best.
const SMALL: f32 = 8.0;
/// Pixels of ink of a dot at least.
const SPECK: usize = 4;

/// The small ones of the pieces of a page's ink; `pitch` is pixels of the page to one of the labels.
pub fn dots(pieces: &[Component], pitch: f32) -> Vec<Dot> {
    let at = |v: usize| v as f32 / pitch;
    let small = |r: &Rect| at(r.width().max(r.height())) < SMALL;
    let all = pieces.iter().filter(|c| c.area >= SPECK && small(&c.rect));
    all.map(|c| Dot { left: at(c.rect.left), right: at(c.rect.right), top: at(c.rect.top), bottom: at(c.rect.bottom) }).collect()
}

/// Cores joined where nothing keeps them apart; `walls` tells where one stands, `height` how high a core's text is.
pub fn join(
    labels: &Labels,
    walls: &[bool],
    dots: &[Dot],
    cores: Vec<Vec<usize>>,
    height: impl Fn(&[usize]) -> f32,
    r: &Reach,
) -> Vec<Vec<usize>> {
    let ends: Vec<Ends> = cores.iter().map(|core| ends(labels, core, height(core))).collect();
    let mut from_left: Vec<usize> = (0..cores.len()).collect();
    from_left.sort_by(|&i, &k| ends[i].left.x.total_cmp(&ends[k].left.x));
    let mut of: Vec<usize> = (0..cores.len()).collect();
    for (i, a) in ends.iter().enumerate() {
        // The nearest that follows in its row.
        let behind = from_left.partition_point(|&k| ends[k].left.x <= a.right.x);
        let near = from_left[behind..].iter().take_while(|&&k| ends[k].left.x - a.right.x < r.air * a.right.height);
        let next = near.copied().filter(|&k| is_next(&a.right, &ends[k].left, r)).find_map(|k| {
            let b = &ends[k];
            let is_pointed =
                a.hand.max(b.hand) > 0.0 && (a.hand - b.hand).abs() < r.change && has_point(labels, dots, &a.right, &b.left);
            (is_pointed || (a.hand > 0.0) == (b.hand > 0.0)).then_some((k, is_pointed))
        });
        let parting = |is_pointed: bool| if is_pointed { &[UPRIGHT][..] } else { &[GAP, UPRIGHT] };
        if let Some((k, _)) = next.filter(|&(k, pointed)| !is_parted(labels, walls, &a.right, &ends[k].left, parting(pointed), r))
        {
            let (first, second) = (root(&of, i), root(&of, k));
            of[first.max(second)] = first.min(second);
        }
    }
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); cores.len()];
    cores.into_iter().enumerate().for_each(|(i, core)| out[root(&of, i)].extend(core));
    out.retain(|core| !core.is_empty());
    out
}

fn root(of: &[usize], mut i: usize) -> usize {
    while of[i] != i {
        i = of[i];
    }
    i
}

fn ends(labels: &Labels, core: &[usize], height: f32) -> Ends {
    let w = labels.width;
    let (left, right) = core.iter().fold((w, 0), |(a, b), i| (a.min(i % w), b.max(i % w)));
    let row = |column: usize| {
        let rows = || core.iter().filter(|&&i| i % w == column).map(|&i| (i / w) as f32);
        rows().sum::<f32>() / rows().count().max(1) as f32
    };
    let hand = core.iter().map(|&i| labels.at(i)[CORE_HAND] - labels.at(i)[CORE_PRINT]).sum::<f32>() / core.len() as f32;
    let end = |x: usize| End { x: x as f32, y: row(x), height };
    Ends { left: end(left), right: end(right), hand }
}

/// Whether a core that begins at `b`, right of `a`, may go on what ends there.
fn is_next(a: &End, b: &End, r: &Reach) -> bool {
    let height = a.height.min(b.height);
    b.x - a.x < r.air * height && (b.y - a.y).abs() < r.row * height && a.height.max(b.height) < r.alike * height
}

/// Whether a dot is more probably text than a piece of a rule or anything else.
fn is_text(labels: &Labels, d: &Dot) -> bool {
    let at = |v: f32, n: usize| (v as usize).min(n - 1);
    let (x, y) = (at((d.left + d.right) / 2.0, labels.width), at((d.top + d.bottom) / 2.0, labels.height));
    let p = labels.at(y * labels.width + x);
    p[HAND].max(p[PRINT]) > p[OTHER].max(p[LYING]).max(p[UPRIGHT])
}

/// Whether a single point stands between two ends, and nothing else that is small.
fn has_point(labels: &Labels, dots: &[Dot], a: &End, b: &End) -> bool {
    let height = a.height.min(b.height);
    let row = (a.y + b.y) / 2.0;
    let is_point = |d: &&Dot| {
        let below = ((d.top + d.bottom) / 2.0 - row) / height;
        (d.right - d.left) < POINTS.size.0 * height
            && (d.bottom - d.top) < POINTS.size.1 * height
            && (POINTS.below.0..POINTS.below.1).contains(&below)
            && d.left - a.x < POINTS.near.0 * height
            && b.x - d.right < POINTS.near.1 * height
            && is_text(labels, d)
    };
    let middle = |d: &&Dot| (d.left + d.right) / 2.0;
    let beside = |d: &&Dot| ((d.top + d.bottom) / 2.0 - row).abs() < height;
    let between = dots.iter().filter(|d| (a.x..b.x).contains(&middle(d)) && beside(d)).count();
    let points = dots.iter().filter(|d| (a.x - POINTS.back * height..b.x).contains(&middle(d))).filter(is_point).count();
    points == 1 && between <= 1
}

/// Whether the net saw one of `heads`, a gap or an upright rule, on the way, or a wall goes through.
fn is_parted(labels: &Labels, walls: &[bool], a: &End, b: &End, heads: &[usize], r: &Reach) -> bool {
    (a.x as usize..=b.x as usize).any(|x| {
        let y = a.y + (b.y - a.y) * (x as f32 - a.x) / (b.x - a.x);
        let i = (y.round() as usize).min(labels.height - 1) * labels.width + x;
        walls[i] || heads.iter().any(|&head| labels.at(i)[head] > r.parted)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::REACH;

    const W: usize = 40;

    /// Cores of 8 columns from 2 and from 14 on, in rows 4 and 5 and `lower` rows further down, with what stands between them.
    fn joined(between: &[usize], lower: usize, makers: [usize; 2]) -> usize {
        joined_at(between, lower, makers, &[])
    }

    fn joined_at(between: &[usize], lower: usize, makers: [usize; 2], dots: &[Dot]) -> usize {
        let mut data = vec![0.0; W * 20 * HEADS];
        let mut cores = vec![Vec::new(), Vec::new()];
        for (k, (left, top)) in [(2, 4), (14, 4 + lower)].into_iter().enumerate() {
            for (x, y) in (left..left + 8).flat_map(|x| [(x, top), (x, top + 1)]) {
                data[(y * W + x) * HEADS + makers[k]] = 1.0;
                cores[k].push(y * W + x);
            }
        }
        dots.iter().for_each(|d| data[(d.top as usize * W + d.left as usize) * HEADS + HAND] = 0.1);
        for (head, y) in between.iter().flat_map(|&h| (0..20).map(move |y| (h, y))) {
            data[(y * W + 11) * HEADS + head] = 0.9;
        }
        let labels = Labels { width: W, height: 20, data };
        join(&labels, &[false; W * 20], dots, cores, |_| 10.0, &REACH).len()
    }

    #[test]
    fn digits_with_no_gap_between_them_are_one_number() {
        assert_eq!(joined(&[], 0, [CORE_HAND; 2]), 1);
        assert_eq!(joined(&[], 1, [CORE_HAND; 2]), 1);
        assert_eq!(joined(&[LINK], 0, [CORE_HAND; 2]), 1);
    }

    #[test]
    fn gaps_walls_rows_and_makers_keep_cores_apart() {
        assert_eq!(joined(&[GAP], 0, [CORE_HAND; 2]), 2);
        assert_eq!(joined(&[UPRIGHT], 0, [CORE_HAND; 2]), 2);
        assert_eq!(joined(&[], 8, [CORE_HAND; 2]), 2);
        assert_eq!(joined(&[], 0, [CORE_HAND, CORE_PRINT]), 2);
    }

    #[test]
    fn a_point_on_the_line_joins_what_a_gap_parts_and_no_wall_does() {
        let dot = |left: f32, top: f32| Dot { left, right: left + 1.5, top, bottom: top + 1.5 };
        let with = |head: usize, makers: [usize; 2], dots: &[Dot]| joined_at(&[head], 0, makers, dots);
        let hands = [CORE_HAND; 2];
        assert_eq!(with(GAP, hands, &[dot(11.0, 8.0)]), 1);
        assert_eq!(with(UPRIGHT, hands, &[dot(11.0, 8.0)]), 2);
        // Above the line, two of them, and between two printed ones.
        assert_eq!(with(GAP, hands, &[dot(11.0, 2.0)]), 2);
        assert_eq!(with(GAP, hands, &[dot(10.0, 8.0), dot(12.0, 8.0)]), 2);
        assert_eq!(with(GAP, [CORE_PRINT; 2], &[dot(11.0, 8.0)]), 2);
    }

    #[test]
    fn a_row_of_cores_is_one_unit_whatever_their_order() {
        let mut data = vec![0.0; W * 8 * HEADS];
        let core = |left: usize| -> Vec<usize> { (left..left + 4).map(|x| 4 * W + x).collect() };
        let cores = [20, 2, 11].map(core).to_vec();
        cores.iter().flatten().for_each(|i| data[i * HEADS + CORE_HAND] = 1.0);
        let labels = Labels { width: W, height: 8, data };
        let joined = join(&labels, &[false; W * 8], &[], cores, |_| 8.0, &REACH);
        assert_eq!(joined.len(), 1);
        assert_eq!(joined[0].len(), 12);
    }
}
