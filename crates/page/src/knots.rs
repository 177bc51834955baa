//! Knots: components in which writing of two lines hangs together, where a descender touches what stands below it. They are cut
//! between the lines, each half reads with its own.

use crate::components::Component;
use crate::raster::Rect;

/// How tall a knot is at least, in tenths of the usual height of a character.
const TALL: usize = 16;
/// Columns on either side in which the lines are looked for, in usual heights.
const AROUND: usize = 6;
/// Ink between two lines is at most this share of what is in the emptier one.
const VALLEY: f32 = 0.5;
/// Two lines are this many tenths of the usual height apart at least.
const PITCH: usize = 8;
/// What hangs together has at most this share of its usual ink where it is cut: an upright stroke has as much everywhere.
const WAIST: f32 = 0.6;

/// So many others stand in either line beside a knot.
const NEIGHBOURS: usize = 2;

/// Ink in each row of `r`, of the components whose number `counts`.
fn profile(labels: &[u32], width: usize, r: &Rect, counts: impl Fn(u32) -> bool) -> Vec<f32> {
    (r.top..r.bottom)
        .map(|y| labels[y * width + r.left..y * width + r.right].iter().filter(|&&l| counts(l)).count() as f32)
        .collect()
}

/// Means over `reach` rows to either side.
fn smooth(rows: &[f32], reach: usize) -> Vec<f32> {
    let mut sums = vec![0.0];
    rows.iter().for_each(|v| sums.push(sums[sums.len() - 1] + v));
    (0..rows.len())
        .map(|y| {
            let (from, to) = (y.saturating_sub(reach), (y + reach + 1).min(rows.len()));
            (sums[to] - sums[from]) / (to - from) as f32
        })
        .collect()
}

/// The fullest of the rows so far, and which it is, for each of `rows` in turn.
fn fullest(rows: impl Iterator<Item = usize>, ink: &[f32]) -> Vec<(f32, usize)> {
    rows.scan((0.0, 0), |best, y| {
        if ink[y] > best.0 {
            *best = (ink[y], y);
        }
        Some(*best)
    })
    .collect()
}

/// The emptiest row between two lines in the profile of what stands around; none where it shows no two lines.
fn valley(ink: &[f32], glyph: usize) -> Option<usize> {
    let above = fullest(0..ink.len(), ink);
    let mut below = fullest((0..ink.len()).rev(), ink);
    below.reverse();
    let share = |y: usize| ink[y] / above[y].0.min(below[y].0);
    (1..ink.len() - 1)
        .filter(|&y| above[y].0.min(below[y].0) > 0.0 && (below[y].1 - above[y].1) * 10 >= glyph * PITCH)
        .min_by(|&a, &b| share(a).total_cmp(&share(b)))
        .filter(|&y| share(y) <= VALLEY)
}

/// The row, counted from its top, before which a component is cut; none where it is no knot.
fn waist(components: &[Component], i: usize, labels: &[u32], width: usize, glyph: usize) -> Option<usize> {
    let (r, number) = (&components[i].rect, i as u32 + 1);
    let h = r.height();
    if h * 10 < glyph * TALL {
        return None;
    }
    let around = Rect { left: r.left.saturating_sub(AROUND * glyph), right: (r.right + AROUND * glyph).min(width), ..*r };
    let others = profile(labels, width, &around, |l| l != 0 && l != u32::MAX && l != number);
    let middle = valley(&smooth(&others, glyph / 8), glyph)?;
    let own = profile(labels, width, r, |l| l == number);
    let near = middle.saturating_sub(glyph / 3).max(1)..(middle + glyph / 3).min(h - 1);
    let cut = near.min_by(|&a, &b| own[a].total_cmp(&own[b]).then(a.abs_diff(middle).cmp(&b.abs_diff(middle))))?;
    let mean = |rows: &[f32]| rows.iter().sum::<f32>() / rows.len() as f32;
    if own[cut] > WAIST * mean(&own[..cut]).min(mean(&own[cut..])) {
        return None;
    }
    // Large characters beside crumbs are no knots: what stands in either line has its size.
    let beside = |c: &&Component| {
        let n = &c.rect;
        n.height() * 5 >= h && n.left < around.right && n.right > around.left && n.shared_rows(r) > 0
    };
    let row = r.top + cut;
    let (mut above, mut below) = (0, 0);
    for c in components.iter().filter(beside) {
        above += (c.rect.bottom <= row + h / 8) as usize;
        below += (c.rect.top + h / 8 >= row) as usize;
    }
    (above.min(below) >= NEIGHBOURS).then_some(cut)
}

/// The box and the ink of what has a `number` in `rect`; none where nothing has.
fn measure(labels: &[u32], width: usize, rect: &Rect, number: u32) -> Option<Component> {
    let mut found: Option<Component> = None;
    for y in rect.top..rect.bottom {
        for x in rect.left..rect.right {
            if labels[y * width + x] == number {
                let pixel = Rect { left: x, top: y, right: x + 1, bottom: y + 1 };
                found = Some(match found {
                    Some(c) => Component { rect: c.rect.union(&pixel), area: c.area + 1 },
                    None => Component { rect: pixel, area: 1 },
                });
            }
        }
    }
    found
}

/// Cuts the knots among the components: what is below a cut becomes a component of its own, in `labels` too.
pub fn cut(components: &mut Vec<Component>, labels: &mut [u32], width: usize, glyph: usize) {
    let mut i = 0;
    while i < components.len() {
        let (c, number) = (components[i], i as u32 + 1);
        if let Some(row) = waist(components, i, labels, width, glyph) {
            let below = Rect { top: c.rect.top + row, ..c.rect };
            let next = components.len() as u32 + 1;
            for y in below.top..below.bottom {
                let row = &mut labels[y * width + below.left..y * width + below.right];
                row.iter_mut().filter(|l| **l == number).for_each(|l| *l = next);
            }
            let above = Rect { bottom: below.top, ..c.rect };
            components[i] = measure(labels, width, &above, number).expect("a knot has ink above");
            components.push(measure(labels, width, &below, next).expect("a knot has ink below"));
        }
        i += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::label;
    use crate::ink::Mask;

    fn fill(mask: &mut Mask, left: usize, top: usize, width: usize, height: usize) {
        for y in top..top + height {
            mask.data[y * mask.width + left..][..width].fill(1);
        }
    }

    /// Bowls of two lines beside one another, as many as there are `columns`.
    fn page(columns: &[usize]) -> Mask {
        let mut mask = Mask::new(400, 120);
        for &x in columns {
            fill(&mut mask, x, 20, 16, 20);
            fill(&mut mask, x, 70, 16, 20);
        }
        mask
    }

    #[test]
    fn a_descender_that_touches_the_next_line_is_cut() {
        let mut mask = page(&[40, 80, 120, 160]);
        fill(&mut mask, 130, 40, 3, 30);
        let (mut components, mut labels) = label(&mask);
        assert_eq!(components.len(), 7);
        cut(&mut components, &mut labels, 400, 20);
        assert_eq!(components.len(), 8);
        let halves: Vec<&Component> = components.iter().filter(|c| c.rect.left == 120).collect();
        assert!(halves[0].rect.bottom == halves[1].rect.top && (40..=70).contains(&halves[0].rect.bottom));
        // No ink is lost, and the labels say the same as the components.
        assert_eq!(components.iter().map(|c| c.area).sum::<usize>(), mask.data.iter().filter(|&&v| v != 0).count());
        for (i, c) in components.iter().enumerate() {
            assert_eq!(labels.iter().filter(|&&l| l as usize == i + 1).count(), c.area);
        }
    }

    #[test]
    fn what_is_tall_by_itself_stays_whole() {
        // An upright stroke beside two lines, and a knot without lines beside it.
        let mut stroke = page(&[40, 80, 160]);
        fill(&mut stroke, 125, 20, 4, 70);
        let mut alone = page(&[120]);
        fill(&mut alone, 130, 40, 3, 30);
        for mask in [stroke, alone] {
            let (mut components, mut labels) = label(&mask);
            let before = components.len();
            cut(&mut components, &mut labels, 400, 20);
            assert_eq!(components.len(), before);
        }
    }
}
