//! Segments to written lines, and lines to reading order.

use crate::ink::Mask;
use crate::raster::Rect;

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

/// Segments of one written line, left to right: indices into the segments, each its box and the height of its digits.
pub fn lines(segments: &[(Rect, usize)], reach: f32) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by_key(|&i| (segments[i].0.left, segments[i].0.top));
    let mut out: Vec<Vec<usize>> = Vec::new();
    for i in order {
        let (rect, glyph) = &segments[i];
        let fits = |line: &Vec<usize>| {
            let (last, last_glyph) = &segments[*line.last().expect("a line has segments")];
            let (low, high) = (rect.height().min(last.height()), rect.height().max(last.height()));
            let shared = rect.shared_rows(last);
            let gap = rect.left as f32 - last.right as f32;
            let ok = shared * 2 > low
                && high < 4 * low.max(1)
                && -gap < (0.5 * low as f32).max(0.5 * rect.width().min(last.width()) as f32)
                && gap < reach * *glyph.max(last_glyph) as f32;
            ok.then_some((rect.middle() - last.middle()).abs())
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
