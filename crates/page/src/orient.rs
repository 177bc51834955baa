//! Skew: the slope at which rows of ink are sharpest. Quarter turns are told by reading, not here.

use crate::ink::Mask;

/// Steepest slope looked for, rows a column: 12 degrees. Beyond, a photo is turned on purpose.
const STEEPEST: f32 = 0.21;

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

/// Slope of the writing, in rows a column; 0 where nothing is clearly sharper than the page as it is.
pub fn slope(mask: &Mask) -> f32 {
    let by = (mask.width.max(mask.height) / 700).max(1);
    let p = points(mask, by);
    if p.len() < 50 {
        return 0.0;
    }
    let mut rows = vec![0.0; mask.height / by + 2 * (mask.width / by) + 2];
    let level = sharpness(&p, 0.0, &mut rows);
    let mut best = (0.0f32, level);
    for step in [0.01f32, 0.002] {
        let (from, to) = if step == 0.01 { (-STEEPEST, STEEPEST) } else { (best.0 - 0.01, best.0 + 0.01) };
        let mut s = from;
        while s <= to {
            let v = sharpness(&p, s, &mut rows);
            if v > best.1 {
                best = (s, v);
            }
            s += step;
        }
    }
    // A steep slope needs more to show for itself: slanted digits have one of their own.
    if best.1 > (1.15 + 3.0 * best.0.abs()) * level && best.0.abs() > 0.004 {
        best.0
    } else {
        0.0
    }
}
