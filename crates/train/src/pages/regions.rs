//! What the units of a sheet say about its pixels: cores along the baselines, gaps between neighbours, links within a line.

use super::sheet::{Area, Mark, Sheet};
use super::By;

/// The core reaches over this part of its height, from the baseline up.
const CORE: (f32, f32) = (0.15, 0.85);
/// Two units are near each other when no more than so many of their heights are between them.
const NEAR: f32 = 2.0;
/// Least thickness of a gap in pixels; two pixels of the picture must be left of it whatever the warp.
const THIN: f32 = 2.6;
const THICK: f32 = 3.4;

/// Marks the gap between the units `i` and `j`; the cores of others are left alone.
fn fill(sheet: &mut Sheet, (i, j): (usize, usize), (l, t, r, b): Area) {
    let free = |id: u16| id == 0 || id as usize == i + 1 || id as usize == j + 1;
    for y in (t.round().max(0.0) as usize)..(b.round().max(0.0) as usize).min(sheet.height) {
        for x in (l.round().max(0.0) as usize)..(r.round().max(0.0) as usize).min(sheet.width) {
            let at = y * sheet.width + x;
            if free(sheet.cores[0][at]) && free(sheet.cores[1][at]) {
                sheet.gap[at] = 1;
            }
        }
    }
}

fn core(sheet: &mut Sheet, i: usize) {
    let m = sheet.marks[i].clone();
    let plane = &mut sheet.cores[(m.by == By::Print) as usize];
    if m.up {
        let (l, r) = (m.from.0 - CORE.1 * m.core, m.from.0 - CORE.0 * m.core);
        for y in (m.to.1.max(0.0) as usize)..(m.from.1.ceil().max(0.0) as usize).min(sheet.height) {
            for x in (l.round().max(0.0) as usize)..(r.round().max(0.0) as usize).min(sheet.width) {
                plane[y * sheet.width + x] = i as u16 + 1;
            }
        }
        return;
    }
    for x in (m.from.0.max(0.0) as usize)..(m.to.0.ceil().max(0.0) as usize).min(sheet.width) {
        let y = m.baseline(x as f32 + 0.5);
        let (t, b) = (y - CORE.1 * m.core, y - CORE.0 * m.core);
        for y in (t.round().max(0.0) as usize)..(b.round().max(0.0) as usize).min(sheet.height) {
            plane[y * sheet.width + x] = i as u16 + 1;
        }
    }
}

/// The space between a unit and the next of its line.
fn link(sheet: &mut Sheet, a: &Mark, b: &Mark) {
    let core = a.core.min(b.core);
    let (x0, x1) = (a.to.0, b.from.0);
    for x in (x0.max(0.0) as usize)..(x1.ceil().max(0.0) as usize).min(sheet.width) {
        let t = (x as f32 - x0) / (x1 - x0).max(1.0);
        let y = a.to.1 + t * (b.from.1 - a.to.1);
        let (top, bottom) = (y - CORE.1 * core, y - CORE.0 * core);
        for y in (top.round().max(0.0) as usize)..(bottom.round().max(0.0) as usize).min(sheet.height) {
            sheet.link[y * sheet.width + x] = 1;
        }
    }
}

/// A band between `low` and `high` that is thick enough, not thicker than needed, and in the middle, or at `wall` if that is there.
fn band(low: f32, high: f32, wall: Option<f32>) -> (f32, f32) {
    let thick = ((high - low) * 0.6).clamp(THIN, THICK);
    let middle = wall.unwrap_or((low + high) / 2.0);
    (middle - thick / 2.0, middle + thick / 2.0)
}

/// The gap between two units of different lines that stand near each other.
fn gap(sheet: &mut Sheet, marks: &[Mark], pair: (usize, usize)) {
    let (a, b) = (&marks[pair.0], &marks[pair.1]);
    let (p, q) = (a.bounds(), b.bounds());
    let near = NEAR * a.above.min(b.above);
    let (across, down) = (p.2.min(q.2) - p.0.max(q.0), p.3.min(q.3) - p.1.max(q.1));
    let lower = (p.3 - p.1).min(q.3 - q.1);
    // Side by side: their baselines and heights overlap.
    if down > 0.35 * lower && across < 0.5 * (p.2 - p.0).min(q.2 - q.0) {
        let (left, right) = if p.0 + p.2 < q.0 + q.2 { (a, b) } else { (b, a) };
        let (p, q) = (left.bounds(), right.bounds());
        let cells = left.cell.zip(right.cell).filter(|(c, d)| (c.2 - d.0).abs() < 0.4 * left.above);
        if q.0 - p.2 > near && !(cells.is_some() && q.0 - p.2 < 2.0 * near) {
            return;
        }
        let wall = cells.map(|(c, d)| (c.2 + d.0) / 2.0).filter(|&w| w > (p.0 + p.2) / 2.0 && w < (q.0 + q.2) / 2.0);
        let (l, r) = band(p.2, q.0, wall);
        let reach = cells.map(|(c, d)| (c.1.max(d.1), c.3.min(d.3)));
        let (top, bottom) = reach.unwrap_or((p.1.max(q.1), p.3.min(q.3)));
        fill(sheet, pair, (l, top, r, bottom));
    } else if across > 0.0 && down < 0.5 * lower {
        let (upper, lower) = if p.1 + p.3 < q.1 + q.3 { (a, b) } else { (b, a) };
        let (p, q) = (upper.bounds(), lower.bounds());
        let cells = upper.cell.zip(lower.cell).filter(|(c, d)| (c.3 - d.1).abs() < 0.4 * upper.above);
        if q.1 - p.3 > near && !(cells.is_some() && q.1 - p.3 < 2.0 * near) {
            return;
        }
        let wall = cells.map(|(c, d)| (c.3 + d.1) / 2.0).filter(|&w| w > p.3 - upper.above && w < q.3 - 0.3 * lower.above);
        let (l, r) = cells.map_or((p.0.max(q.0), p.2.min(q.2)), |(c, d)| (c.0.max(d.0), c.2.min(d.2)));
        // Between the upper one's baseline and the lower one's x-height, which ascenders and descenders may cross.
        let steps = ((r - l) / 8.0).ceil().max(1.0) as usize;
        for s in 0..steps {
            let (x0, x1) = (l + (r - l) * s as f32 / steps as f32, l + (r - l) * (s + 1) as f32 / steps as f32);
            let x = (x0 + x1) / 2.0;
            let (low, high) = (upper.baseline(x) + 0.5 * upper.below, lower.baseline(x) - lower.above);
            let (t, b) = band(low, high, wall);
            fill(sheet, pair, (x0, t, x1, b));
        }
    }
}

/// Fills the sheet's cores, gaps and links from its marks.
pub fn fill_regions(sheet: &mut Sheet) {
    let marks = sheet.marks.clone();
    for i in 0..marks.len() {
        core(sheet, i);
    }
    for (i, a) in marks.iter().enumerate() {
        for (j, b) in marks.iter().enumerate().skip(i + 1) {
            // What is read upwards stands alone, in margins and narrow heads.
            if a.line != b.line && !a.up && !b.up {
                gap(sheet, &marks, (i, j));
            }
        }
    }
    // Units of a line were set from left to right, one after the other.
    for pair in marks.windows(2) {
        if pair[0].line == pair[1].line && !pair[0].up && pair[1].from.0 > pair[0].to.0 {
            link(sheet, &pair[0], &pair[1]);
        }
    }
}
