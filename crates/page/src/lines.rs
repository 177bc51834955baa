//! Components to words and lines: neighbours at the same height are joined, small marks follow, tall knots are split.

use crate::components::Component;
use crate::ink::Mask;
use crate::raster::Rect;

/// Components that are read together: a number, a few words.
#[derive(Clone, Debug)]
pub struct Segment {
    pub rect: Rect,
    /// Indices into the page's components.
    pub parts: Vec<usize>,
    /// Usual height of its characters.
    pub glyph: usize,
    /// Whether each of its characters has a box of its own: they make one field.
    pub comb: bool,
}

/// Usual height of characters: the median of components that could be one. Each is weighed by its height to the power of one
/// and a half, so that grain, however much of it there is, does not count against a few large digits.
pub fn glyph_height(components: &[Component], width: usize, height: usize) -> usize {
    let possible = |c: &&Component| {
        let (w, h) = (c.rect.width(), c.rect.height());
        // What is filled is a blot or a bubble, and what is nearly empty a frame.
        let share = c.area as f32 / (w * h) as f32;
        h >= 7 && w >= 2 && c.area >= 12 && w < 8 * h && h < 8 * w && (0.07..0.75).contains(&share)
    };
    // Edges of the paper and pictures are larger than writing, unless the page is a crop of a single number.
    let fits = |c: &&Component| c.rect.width() * 5 < width * 3 && c.rect.height() * 5 < height * 2;
    let mut heights: Vec<usize> = components.iter().filter(possible).filter(fits).map(|c| c.rect.height()).collect();
    if heights.is_empty() {
        heights = components.iter().filter(possible).map(|c| c.rect.height()).collect();
    }
    if heights.is_empty() {
        return 24;
    }
    heights.sort_unstable();
    let weight = |h: usize| (h as f32).powf(1.5);
    let total: f32 = heights.iter().map(|&h| weight(h)).sum();
    let mut sum = 0.0;
    *heights.iter().find(|&&h| (sum += weight(h), sum * 2.0 >= total).1).unwrap_or(&heights[heights.len() / 2])
}

fn root(parent: &mut [usize], mut i: usize) -> usize {
    while parent[i] != i {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    i
}

/// Whether b continues a's line: they share rows, and lie no further apart than a digit is high.
fn joins(a: &Rect, b: &Rect, reach: f32) -> bool {
    let (ha, hb) = (a.height(), b.height());
    let (low, high) = (ha.min(hb), ha.max(hb));
    let shared = a.shared_rows(b);
    let gap = a.gap(b);
    // A much taller neighbour reaches no further than twice the small one: it may stand in several lines.
    let size = (high.min(2 * low)) as f32;
    (shared * 10 > low * 4 && (gap as f32) < reach * size) || is_power(a, b) || is_power(b, a)
}

/// Whether `b` is a small raised character right behind `a`.
fn is_power(a: &Rect, b: &Rect) -> bool {
    let (ha, hb) = (a.height(), b.height());
    let near = b.left + hb / 4 >= a.right && a.gap(b) * 2 < ha;
    near && hb * 4 < ha * 3 && hb * 4 > ha && b.top < a.top && a.shared_rows(b) * 8 > hb
}

/// Pixels of paper between the pieces of a character whose stroke is broken.
const BREAK: usize = 2;

/// Whether two boxes are pieces of one character, one upon the other.
fn is_broken(a: &Rect, b: &Rect, glyph: usize) -> bool {
    let (upper, lower) = if a.top < b.top { (a, b) } else { (b, a) };
    let both = a.union(b);
    lower.top <= upper.bottom + BREAK
        && a.shared_columns(b) * 2 > a.width().max(b.width())
        && both.height() * 2 <= 5 * glyph
        && both.width() <= both.height()
}

/// Whether an upright rule stands between two boxes of a line: in most of the rows that they share, or that the lower one has.
pub fn is_walled(a: &Rect, b: &Rect, uprights: &Mask) -> bool {
    let (left, right) = if a.left <= b.left { (a, b) } else { (b, a) };
    // A stroke may touch the rule.
    let from = left.right.saturating_sub(3);
    let to = (right.left + 3).min(uprights.width);
    let (top, bottom) = (a.top.max(b.top), a.bottom.min(b.bottom));
    if from >= to || top >= bottom {
        return false;
    }
    let rows = (top..bottom).filter(|y| uprights.data[y * uprights.width..][from..to].iter().any(|&v| v != 0)).count();
    rows * 10 >= (bottom - top) * 6
}

/// Boxes of a comb follow one another within this many heights of what is written in them, from middle to middle, and by even steps.
const COMB_PITCH: f32 = 2.2;
const COMB_EVEN: f32 = 0.35;
/// Walls of a comb are no higher than this many heights: those of a table or a grid go on from row to row.
const COMB_WALL: usize = 3;
/// Fewer boxes than this are no comb.
const COMB_BOXES: usize = 3;

/// Height of the upright rule between two boxes, as far as it goes on with no more than the gaps that crossing rules leave.
fn wall_height(a: &Rect, b: &Rect, uprights: &Mask) -> usize {
    let (from, to) = (a.right.saturating_sub(3), (b.left + 3).min(uprights.width));
    let patience = (a.height().max(b.height()) / 6).max(4);
    let middle = (a.top.max(b.top) + a.bottom.min(b.bottom)) / 2;
    let reach = |rows: &mut dyn Iterator<Item = usize>| {
        let (mut last, mut gap) = (middle, 0);
        for y in rows {
            if uprights.data[y * uprights.width..][from..to].iter().any(|&v| v != 0) {
                (last, gap) = (y, 0);
            } else if gap == patience {
                break;
            } else {
                gap += 1;
            }
        }
        last
    };
    reach(&mut (middle..uprights.height)) - reach(&mut (0..middle).rev())
}

/// Whether a segment may be one character: no two of its larger parts stand side by side.
fn is_single(s: &Segment, components: &[Component]) -> bool {
    let tall = |&&i: &&usize| components[i].rect.height() * 2 >= s.rect.height();
    let mut right = 0;
    let mut parts: Vec<&Rect> = s.parts.iter().filter(tall).map(|&i| &components[i].rect).collect();
    parts.sort_by_key(|r| r.left);
    parts.iter().enumerate().all(|(n, r)| {
        let overlaps = n == 0 || r.left < right;
        right = right.max(r.right);
        overlaps
    })
}

/// Whether `b` stands in the box after that of `a`.
fn is_next_box(a: &Segment, b: &Segment, components: &[Component], uprights: &Mask) -> bool {
    let (ra, rb) = (&a.rect, &b.rect);
    let height = ra.height().max(rb.height());
    let single = |s: &Segment| s.rect.width() * 2 < height * 3 && is_single(s, components);
    let low = ra.height().min(rb.height());
    single(a)
        && single(b)
        && ra.shared_rows(rb) * 2 > low
        && step(a, b) > 0.0
        && step(a, b) < COMB_PITCH * height as f32
        && is_walled(ra, rb, uprights)
        && wall_height(ra, rb, uprights) < COMB_WALL * height
}

/// From the middle of one segment to that of another.
fn step(a: &Segment, b: &Segment) -> f32 {
    ((b.rect.left + b.rect.right) as f32 - (a.rect.left + a.rect.right) as f32) / 2.0
}

/// Joins what stands in the boxes of a comb, so that it is read as one.
pub fn join_combs(mut segments: Vec<Segment>, components: &[Component], uprights: &Mask) -> Vec<Segment> {
    segments.sort_by_key(|s| (s.rect.left, s.rect.top));
    let mut out: Vec<Segment> = Vec::new();
    let mut used = vec![false; segments.len()];
    for i in 0..segments.len() {
        if used[i] {
            continue;
        }
        let mut run = vec![i];
        loop {
            let last = &segments[run[run.len() - 1]];
            let pitch = (run.len() > 1).then(|| step(&segments[run[0]], last) / (run.len() - 1) as f32);
            let even = |s: &Segment| pitch.is_none_or(|p| (step(last, s) - p).abs() < COMB_EVEN * p);
            let Some(next) = (run[run.len() - 1] + 1..segments.len())
                .find(|&j| !used[j] && is_next_box(last, &segments[j], components, uprights) && even(&segments[j]))
            else {
                break;
            };
            run.push(next);
        }
        if run.len() < COMB_BOXES {
            used[i] = true;
            out.push(segments[i].clone());
            continue;
        }
        run.iter().for_each(|&j| used[j] = true);
        let parts = run.iter().flat_map(|&j| segments[j].parts.iter().copied()).collect();
        out.push(Segment { comb: true, ..make(components, parts) });
    }
    out
}

/// Groups the components into segments; `reach` is how far apart, in heights, neighbours may lie. An upright rule ends a segment.
/// Components that are too small for a character (below a third of the usual height) follow the nearest segment.
pub fn segments(components: &[Component], glyph: usize, reach: f32, uprights: &Mask) -> Vec<Segment> {
    let solid: Vec<usize> = (0..components.len()).filter(|&i| components[i].rect.height() * 5 >= glyph * 2).collect();
    let mut order = solid.clone();
    order.sort_by_key(|&i| components[i].rect.left);
    let mut parent: Vec<usize> = (0..components.len()).collect();
    let widest = order.iter().map(|&i| components[i].rect.width()).max().unwrap_or(0);
    for (n, &i) in order.iter().enumerate() {
        let a = components[i].rect;
        let far = (reach * 2.0 * a.height() as f32) as usize + widest.min(8 * glyph);
        for &j in &order[n + 1..] {
            let b = components[j].rect;
            if b.left > a.right + far {
                break;
            }
            if (joins(&a, &b, reach) && !is_walled(&a, &b, uprights))
                || (a.shared_columns(&b) * 2 > a.width().min(b.width()) && a.shared_rows(&b) > 0)
                || is_broken(&a, &b, glyph)
            {
                let (x, y) = (root(&mut parent, i), root(&mut parent, j));
                parent[x.max(y)] = x.min(y);
            }
        }
    }
    let mut groups: std::collections::BTreeMap<usize, Vec<usize>> = Default::default();
    for &i in &solid {
        groups.entry(root(&mut parent, i)).or_default().push(i);
    }
    let mut out: Vec<Segment> = groups.into_values().flat_map(|parts| split(components, parts)).collect();
    let left = attach_marks(components, glyph, &mut out);
    let dashes: Vec<Segment> =
        left.into_iter().filter(|&i| is_dash(&components[i], glyph, &out)).map(|i| make(components, vec![i])).collect();
    out.extend(dashes);
    out
}

/// Whether a flat mark is a dash in a cell of its own: as wide as a character, between others of its row.
fn is_dash(c: &Component, glyph: usize, segments: &[Segment]) -> bool {
    let (w, h) = (c.rect.width(), c.rect.height());
    if w * 2 < glyph || w > 2 * glyph || w < 3 * h {
        return false;
    }
    let middle = c.rect.middle() as usize;
    let beside = |s: &&Segment| s.rect.top < middle && middle < s.rect.bottom && s.rect.height() * 2 > glyph;
    let row: Vec<&Segment> = segments.iter().filter(beside).collect();
    row.iter().any(|s| s.rect.right < c.rect.left) && row.iter().any(|s| s.rect.left > c.rect.right)
}

fn make(components: &[Component], parts: Vec<usize>) -> Segment {
    let rect = parts.iter().map(|&i| components[i].rect).reduce(|a, b| a.union(&b)).expect("a segment has parts");
    let mut heights: Vec<usize> = parts.iter().map(|&i| components[i].rect.height()).collect();
    heights.sort_unstable();
    Segment { rect, glyph: heights[heights.len() * 2 / 3], parts, comb: false }
}

/// Splits a group that holds several lines at the emptiest row between them.
fn split(components: &[Component], parts: Vec<usize>) -> Vec<Segment> {
    let s = make(components, parts);
    if s.parts.len() < 4 || s.rect.height() < s.glyph * 2 {
        return vec![s];
    }
    // Rows covered by components, weighed by their width.
    let mut rows = vec![0usize; s.rect.height()];
    for &i in &s.parts {
        let r = components[i].rect;
        // The middle half of a component says which line it is in; ends of strokes reach into neighbours.
        let quarter = r.height() / 4;
        for y in r.top + quarter..r.bottom - quarter {
            rows[y - s.rect.top] += r.width();
        }
    }
    let peak = *rows.iter().max().expect("a segment has rows");
    let margin = s.glyph / 2;
    let Some((at, &least)) =
        rows.iter().enumerate().skip(margin).take(rows.len().saturating_sub(2 * margin)).min_by_key(|(_, &v)| v)
    else {
        return vec![s];
    };
    if least * 4 > peak {
        return vec![s];
    }
    let cut = (s.rect.top + at) as f32;
    let (above, below): (Vec<usize>, Vec<usize>) = s.parts.iter().partition(|&&i| components[i].rect.middle() < cut);
    if above.is_empty() || below.is_empty() {
        return vec![s];
    }
    let mut out = split(components, above);
    out.extend(split(components, below));
    out
}

/// Dots, commas, dashes and accents go to the segment that they are nearest to, if it is near. Returns those that are not.
fn attach_marks(components: &[Component], glyph: usize, segments: &mut [Segment]) -> Vec<usize> {
    let mut left = Vec::new();
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (i, c) in components.iter().enumerate() {
        let r = c.rect;
        if r.height() * 5 >= glyph * 2 || r.width() > 2 * glyph {
            continue;
        }
        let near = segments
            .iter()
            .enumerate()
            .filter_map(|(k, s)| {
                let dy = if r.middle() < s.rect.top as f32 {
                    s.rect.top as f32 - r.middle()
                } else {
                    (r.middle() - s.rect.bottom as f32).max(0.0)
                };
                let dx = s.rect.gap(&r) as f32;
                (dy < 0.35 * s.glyph as f32 && dx < 1.2 * s.glyph as f32).then_some((dx + 2.0 * dy, k))
            })
            .min_by(|a, b| a.0.total_cmp(&b.0));
        match near {
            Some((_, k)) => found.push((k, i)),
            None => left.push(i),
        }
    }
    for (k, i) in found {
        segments[k].rect = segments[k].rect.union(&components[i].rect);
        segments[k].parts.push(i);
    }
    left
}

/// Segments of one written line, left to right: indices into the segments.
pub fn lines(segments: &[Segment], reach: f32) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by_key(|&i| (segments[i].rect.left, segments[i].rect.top));
    let mut out: Vec<Vec<usize>> = Vec::new();
    for i in order {
        let s = &segments[i];
        let fits = |line: &Vec<usize>| {
            let last = &segments[*line.last().expect("a line has segments")];
            let (low, high) = (s.rect.height().min(last.rect.height()), s.rect.height().max(last.rect.height()));
            let shared = s.rect.shared_rows(&last.rect);
            let gap = s.rect.left as f32 - last.rect.right as f32;
            let ok = shared * 2 > low
                && high < 4 * low.max(1)
                && -gap < (0.5 * low as f32).max(0.5 * s.rect.width().min(last.rect.width()) as f32)
                && gap < reach * s.glyph.max(last.glyph) as f32;
            ok.then_some((s.rect.middle() - last.rect.middle()).abs())
        };
        let best = out.iter().enumerate().filter_map(|(k, l)| fits(l).map(|d| (d, k))).min_by(|a, b| a.0.total_cmp(&b.0));
        match best {
            Some((_, k)) => out[k].push(i),
            None => out.push(vec![i]),
        }
    }
    out
}

/// Reading order: top to bottom, and left to right where lines stand side by side.
pub fn order(rects: &[Rect]) -> Vec<usize> {
    let mut left: Vec<usize> = (0..rects.len()).collect();
    left.sort_by_key(|&i| (rects[i].top, rects[i].left));
    let mut out = Vec::with_capacity(rects.len());
    while !left.is_empty() {
        // The topmost line, unless another starts left of it in the same rows.
        let mut k = 0;
        for j in 1..left.len() {
            let (a, b) = (&rects[left[k]], &rects[left[j]]);
            if b.right <= a.left && a.shared_rows(b) * 2 > a.height().min(b.height()) {
                k = j;
            }
        }
        out.push(left.remove(k));
    }
    out
}
