//! From labels to segments: cores that links hold together and gaps keep apart, and the places of the page that belong to each.

use crate::heads::*;
use crate::joins::{self, Dot};
use crate::labels::Labels;
use crate::walls::{self, WALLS};
use std::collections::VecDeque;

/// Numbers that decide what a unit is. Each is a probability of the net's or a share of the text's height.
pub struct Reach {
    /// A pixel is a core, or a link, from this probability on.
    pub core: f32,
    pub link: f32,
    /// What a gap counts for against a core or a link: nets see more gaps within numbers than there are. On the dev pages token F1 is
    /// 0.752, 0.756 and 0.757 with 1 (and 0.5 for links), 0.8 and 0.7 (and 0.4), on check 0.631, 0.629 and 0.631.
    pub gap: f32,
    /// Pixels of the labels that a core has at least: a one is two columns of three.
    pub least: usize,
    /// How far a unit's ink may lie from its core, in heights of its text; and what a pixel of ink costs against one of paper on the
    /// way there, so that long strokes stay with their own line.
    pub reach: f32,
    pub ink: u32,
    pub paper: u32,
    /// A core is cut where writing follows print: where the means of hand less print, -1..1, on both sides differ by this much and lie
    /// on both sides of `maker`, and each side is at least `side` heights of the text wide.
    pub change: f32,
    pub maker: f32,
    pub side: f32,
    /// Cores of one maker are one unit where no gap and no upright rule on the way is more probable than this, which are so near and so
    /// much in one row, in heights of their text, and of which one is at most so many times as high as the other. Token F1 and line CER
    /// of 75 dev pages are 0.760 and 0.190 without, 0.766 and 0.188 with a probability of 0.4, 0.765 and 0.187 with 0.25; of the check
    /// pages 0.643 and 0.289, 0.641 and 0.286, 0.642 and 0.285.
    pub parted: f32,
    pub air: f32,
    pub row: f32,
    pub alike: f32,
}

pub const REACH: Reach = Reach {
    core: 0.5,
    link: 0.4,
    gap: 0.7,
    least: 4,
    reach: 0.85,
    ink: 1,
    paper: 3,
    change: 0.9,
    maker: 0.0,
    side: 0.5,
    parted: 0.25,
    air: 1.2,
    row: 0.4,
    alike: 1.6,
};

/// A unit in pixels of the labels.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Pixels of its core.
    pub core: Vec<usize>,
    /// From the digits' tops to the baseline, in pixels of the labels.
    pub height: f32,
    /// Mean probabilities over the core that it is written, and that it is printed.
    pub hand: f32,
    pub print: f32,
}

impl Unit {
    /// First and last column of its core; `width` is that of the labels.
    pub fn columns(&self, width: usize) -> (usize, usize) {
        self.core.iter().fold((width, 0), |(a, b), i| (a.min(i % width), b.max(i % width)))
    }
}

/// Units and whose each pixel is: number of the unit from 1 on, 0 where nobody is near.
pub struct Units {
    pub units: Vec<Unit>,
    pub owner: Vec<u32>,
}

/// Finds the units of a page; `dots` are its small pieces of ink.
pub fn find(labels: &Labels, dots: &[Dot], r: &Reach) -> Units {
    let (w, h) = (labels.width, labels.height);
    let walls = walls::find(labels, &WALLS);
    let is_core = |i: usize| {
        let p = labels.at(i);
        let core = labels.core(i);
        !walls[i] && r.gap * p[GAP] < core.max(p[LINK]) && (core >= r.core || p[LINK] >= r.link)
    };
    let mut seen = vec![false; w * h];
    let mut cores = Vec::new();
    for start in 0..w * h {
        if seen[start] || !is_core(start) {
            continue;
        }
        seen[start] = true;
        let mut core = vec![start];
        let mut at = 0;
        while at < core.len() {
            for n in around(core[at], w, h) {
                if !seen[n] && is_core(n) {
                    seen[n] = true;
                    core.push(n);
                }
            }
            at += 1;
        }
        if core.len() >= r.least {
            cores.push(core);
        }
    }
    let cores = joins::join(labels, &walls, dots, cores, |core| height(labels, core), r);
    let units: Vec<Unit> = cores.into_iter().flat_map(|core| by_maker(labels, core, r)).map(|core| unit(labels, core)).collect();
    let owner = owners(labels, &units, r);
    Units { units, owner }
}

fn unit(labels: &Labels, core: Vec<usize>) -> Unit {
    let n = core.len() as f32;
    let mean = |head: usize| core.iter().map(|&i| labels.at(i)[head]).sum::<f32>() / n;
    Unit { height: height(labels, &core), hand: mean(CORE_HAND), print: mean(CORE_PRINT), core }
}

/// From the digits' tops to the baseline, as most of a core's pixels say, in pixels of the labels.
fn height(labels: &Labels, core: &[usize]) -> f32 {
    let mut heights: Vec<f32> = core.iter().map(|&i| labels.at(i)[ABOVE] + labels.at(i)[BELOW]).collect();
    heights.sort_unstable_by(f32::total_cmp);
    (heights[heights.len() / 2] * HEIGHT_UNIT / STRIDE as f32).max(2.0)
}

/// A core in parts, left to right, of one maker each: a printed sum and the answer behind it are two units.
fn by_maker(labels: &Labels, core: Vec<usize>, r: &Reach) -> Vec<Vec<usize>> {
    let w = labels.width;
    let (left, right) = core.iter().fold((w, 0), |(a, b), i| (a.min(i % w), b.max(i % w + 1)));
    // What the ink and the core say in each column, and how much there is that says it.
    let (mut says, mut weighs) = (vec![0.0f32; right - left], vec![0.0f32; right - left]);
    for &i in &core {
        let p = labels.at(i);
        says[i % w - left] += p[HAND] - p[PRINT] + 0.5 * (p[CORE_HAND] - p[CORE_PRINT]);
        weighs[i % w - left] += p[HAND].max(p[PRINT]) + 0.5 * p[CORE_HAND].max(p[CORE_PRINT]);
    }
    let mut cuts = Vec::new();
    let least = ((r.side * height(labels, &core)) as usize).max(1);
    changes(&says, &weighs, 0, least, r, &mut cuts);
    if cuts.is_empty() {
        return vec![core];
    }
    cuts.sort_unstable();
    let mut parts = vec![Vec::new(); cuts.len() + 1];
    for i in core {
        parts[cuts.partition_point(|&c| c <= i % w - left)].push(i);
    }
    parts.into_iter().filter(|p| p.len() >= r.least).collect()
}

/// Columns, from `first` on, where the maker changes, each the one with the greatest difference of both sides; then within the sides.
fn changes(says: &[f32], weighs: &[f32], first: usize, least: usize, r: &Reach, out: &mut Vec<usize>) {
    if says.len() < 2 * least {
        return;
    }
    let total = (says.iter().sum::<f32>(), weighs.iter().sum::<f32>());
    let mut so_far = (0.0, 0.0);
    let mut best: Option<(f32, usize)> = None;
    for at in 1..=says.len() - least {
        so_far = (so_far.0 + says[at - 1], so_far.1 + weighs[at - 1]);
        let mean = |(s, n): (f32, f32)| s / n.max(1e-3);
        let (a, b) = (mean(so_far), mean((total.0 - so_far.0, total.1 - so_far.1)));
        // Of the columns of a space between, which say little, the emptiest.
        let value = (a - b).abs() - 0.01 * weighs[at.min(weighs.len() - 1)];
        if at >= least && (a - b).abs() >= r.change && (a > r.maker) != (b > r.maker) && best.is_none_or(|b| value > b.0) {
            best = Some((value, at));
        }
    }
    if let Some((_, at)) = best {
        out.push(first + at);
        changes(&says[..at], &weighs[..at], first, least, r, out);
        changes(&says[at..], &weighs[at..], first + at, least, r, out);
    }
}

/// The pixels beside one, corners included.
pub(crate) fn around(i: usize, w: usize, h: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (i % w, i / w);
    (y.saturating_sub(1)..(y + 2).min(h)).flat_map(move |ny| (x.saturating_sub(1)..(x + 2).min(w)).map(move |nx| ny * w + nx))
}

/// Whose each pixel is: that of the nearest core by the cheapest way, as far as the units reach.
fn owners(labels: &Labels, units: &[Unit], r: &Reach) -> Vec<u32> {
    let (w, h) = (labels.width, labels.height);
    let mut owner = vec![0u32; w * h];
    let mut cost = vec![u32::MAX; w * h];
    // Dial's algorithm: a queue for each cost, as costs are small whole numbers.
    let mut queues: Vec<VecDeque<usize>> = Vec::new();
    let push = |queues: &mut Vec<VecDeque<usize>>, at: u32, i: usize| {
        if queues.len() <= at as usize {
            queues.resize_with(at as usize + 1, VecDeque::new);
        }
        queues[at as usize].push_back(i);
    };
    for (k, u) in units.iter().enumerate() {
        for &i in &u.core {
            owner[i] = k as u32 + 1;
            cost[i] = 0;
            push(&mut queues, 0, i);
        }
    }
    let limit: Vec<u32> = units.iter().map(|u| (r.reach * u.height * r.paper as f32).ceil() as u32).collect();
    let step = |i: usize| {
        let p = labels.at(i);
        if p[HAND].max(p[PRINT]) > 0.5 {
            r.ink
        } else {
            r.paper
        }
    };
    let mut at = 0;
    while at < queues.len() {
        while let Some(i) = queues[at].pop_front() {
            if cost[i] != at as u32 {
                continue;
            }
            let (x, y) = (i % w, i / w);
            let beside = [(x > 0).then(|| i - 1), (x + 1 < w).then(|| i + 1), (y > 0).then(|| i - w), (y + 1 < h).then(|| i + w)];
            for n in beside.into_iter().flatten() {
                let there = at as u32 + step(n);
                if there < cost[n] && there <= limit[owner[i] as usize - 1] {
                    cost[n] = there;
                    owner[n] = owner[i];
                    push(&mut queues, there, n);
                }
            }
        }
        at += 1;
    }
    owner
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Labels of `w` x `h` pixels where `set` says which heads are on.
    fn labels(w: usize, h: usize, set: impl Fn(usize, usize) -> Vec<usize>) -> Labels {
        let mut data = vec![0.0; w * h * HEADS];
        for y in 0..h {
            for x in 0..w {
                let p = &mut data[(y * w + x) * HEADS..][..HEADS];
                for head in set(x, y) {
                    p[head] = 1.0;
                }
                (p[ABOVE], p[BELOW]) = (0.5, 0.5);
            }
        }
        Labels { width: w, height: h, data }
    }

    #[test]
    fn links_hold_together_and_gaps_part() {
        let row = |x: usize, y: usize| match (x, y) {
            (0..=9, 4..=6) | (14..=20, 4..=6) => vec![CORE_HAND],
            (10..=13, 4..=6) => vec![LINK],
            (21..=22, 0..=10) => vec![GAP],
            (23..=30, 4..=6) => vec![CORE_PRINT],
            _ => vec![],
        };
        let found = find(&labels(40, 12, row), &[], &REACH);
        assert_eq!(found.units.len(), 2);
        let (a, b) = (&found.units[0], &found.units[1]);
        assert!(a.hand > 0.7 && a.print == 0.0 && b.print == 1.0);
        assert_eq!(found.owner[5 * 40 + 12], 1);
        assert_eq!(found.owner[5 * 40 + 39], 0, "nobody's");
        assert_eq!(a.height, 8.0);
    }

    #[test]
    fn an_answer_is_cut_from_the_print_before_it() {
        let row = |x: usize, y: usize| match (x, y) {
            (2..=18, 4..=6) => vec![CORE_PRINT, PRINT],
            (19..=28, 4..=6) => vec![CORE_HAND, HAND],
            _ => vec![],
        };
        let found = find(&labels(40, 12, row), &[], &REACH);
        let edges: Vec<(usize, usize)> = found.units.iter().map(|u| (u.core[0] % 40, u.core[u.core.len() - 1] % 40)).collect();
        assert_eq!(edges, [(2, 18), (19, 28)]);
        assert!(found.units[0].print > 0.9 && found.units[1].hand > 0.9);
    }

    #[test]
    fn a_descender_stays_with_its_line() {
        // Two lines, and a stroke from the upper one that ends nearer to the lower one.
        let page = |x: usize, y: usize| match (x, y) {
            (_, 2..=4) | (_, 16..=18) => vec![CORE_HAND, HAND],
            (10, 5..=11) => vec![HAND],
            _ => vec![],
        };
        let mut l = labels(24, 22, page);
        l.data.chunks_exact_mut(HEADS).for_each(|p| (p[ABOVE], p[BELOW]) = (0.7, 0.7));
        let found = find(&l, &[], &REACH);
        assert_eq!(found.units.len(), 2);
        assert_eq!(found.owner[11 * 24 + 10], 1);
        assert_eq!(found.owner[11 * 24 + 2], 2);
    }
}
