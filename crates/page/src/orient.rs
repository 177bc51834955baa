//! Skew: the slope at which rows of ink are sharpest. Quarter turns are told by reading, not here.

use crate::ink::Mask;
use crate::labels::Labels;

/// Steepest slopes looked for, rows a column: 12 degrees, and where nothing is clear within them 27. Of 150 pages one lies steeper than 12
/// degrees, a receipt on a table at 13.
const STEEPEST: [f32; 2] = [0.21, 0.5];

/// Less than this is not levelled by cores alone: of 21 such pages 6 were read better so, and 8 worse.
const STEEP: f32 = 0.1;
/// Probability from which there is a core.
const CORE: f32 = 0.3;

/// Ink pixels as points on a grid that is `by` times coarser, so that each slope costs little.
fn points(mask: &Mask, by: usize) -> Vec<(f32, f32, f32)> {
    let (w, h) = (mask.width / by, mask.height / by);
    let mut out = Vec::new();
    for y in 0..h {
        for x in 0..w {
            let mut n = 0u32;
            for row in 0..by {
                n += mask.data[(y * by + row) * mask.width + x * by..][..by].iter().map(|&v| v as u32).sum::<u32>();
            }
            if n > 0 {
                out.push((x as f32, y as f32, n as f32));
            }
        }
    }
    out
}

/// How sharp the rows are when the page is levelled by `slope`: the sum of squared differences of neighbouring rows' ink.
fn sharpness(points: &[(f32, f32, f32)], slope: f32, rows: &mut [f32]) -> f32 {
    rows.fill(0.0);
    let n = rows.len() as f32;
    let middle = n / 2.0;
    for &(x, y, v) in points {
        let r = y - slope * x + middle * 0.5;
        if r >= 0.0 && r < n {
            rows[r as usize] += v;
        }
    }
    rows.windows(2).map(|p| (p[0] - p[1]).powi(2)).sum()
}

/// The slope at which rows of points on a grid of so many rows and columns are sharpest, in rows a column and no steeper than `most`;
/// `None` where it is hardly sharper than the page as it lies.
fn sharpest(p: &[(f32, f32, f32)], (height, width): (usize, usize), most: f32) -> Option<f32> {
    if p.len() < 50 {
        return None;
    }
    let mut rows = vec![0.0; height + 2 * width + 2];
    let level = sharpness(p, 0.0, &mut rows);
    let mut best = (0.0f32, level);
    for step in [0.01f32, 0.002] {
        let (from, to) = if step == 0.01 { (-most, most) } else { (best.0 - 0.01, best.0 + 0.01) };
        let mut s = from;
        while s <= to {
            let v = sharpness(p, s, &mut rows);
            if v > best.1 {
                best = (s, v);
            }
            s += step;
        }
    }
    // A steep slope needs more to show for itself: slanted digits have one of their own.
    (best.1 > (1.15 + 3.0 * best.0.abs()) * level && best.0.abs() > 0.004).then_some(best.0)
}

/// Slope of a page, in rows a column, by its ink, and where that says nothing, by the cores of its text as the scout sees them: the frame
/// of a picture and shadows are ink as well. 0 where neither is clear, and where only cores say so and it is small: what is read follows
/// its baseline.
pub fn slope(ink: &Mask, labels: &Labels) -> f32 {
    let by = (ink.width.max(ink.height) / 700).max(1);
    let within = |p: &[(f32, f32, f32)], size: (usize, usize)| STEEPEST.into_iter().find_map(|most| sharpest(p, size, most));
    let of_ink = || within(&points(ink, by), (ink.height / by, ink.width / by));
    let of_cores = || within(&cores(labels), (labels.height, labels.width));
    of_ink().or_else(|| of_cores().filter(|s| s.abs() >= STEEP)).unwrap_or(0.0)
}

/// Places of cores as points.
fn cores(labels: &Labels) -> Vec<(f32, f32, f32)> {
    let sure = (0..labels.width * labels.height).map(|i| (i, labels.core(i))).filter(|c| c.1 > CORE);
    sure.map(|(i, core)| ((i % labels.width) as f32, (i / labels.width) as f32, core)).collect()
}
