//! Ink from evened grey: a threshold that follows the darkest strokes nearby, so that pencil survives beside print.

use crate::light::{quantile, Grid};
use crate::raster::Gray;

/// A binary picture, one byte a pixel: 1 is ink.
#[derive(Clone, Debug)]
pub struct Mask {
    pub width: usize,
    pub height: usize,
    pub data: Vec<u8>,
}

impl Mask {
    pub fn new(width: usize, height: usize) -> Self {
        Self { width, height, data: vec![0; width * height] }
    }
}

/// Least darkness that counts as ink: fainter than this is paper grain on the scans we have seen.
const FAINTEST: f32 = 26.0;
/// Share of the darkest nearby strokes' darkness from which a pixel belongs to them.
const SHARE: f32 = 0.42;

/// Ink of an evened page (paper at 255).
pub fn find(page: &Gray) -> Mask {
    // Grain: how far the darker half of the paper strays, from the lower quartile of all darkness.
    let mut histogram = [0u32; 256];
    let mut n = 0;
    // Every fourth row is enough to know the grain by.
    for row in page.data.chunks_exact(page.width.max(1)).step_by(4) {
        row.iter().for_each(|&v| histogram[255 - v as usize] += 1);
        n += row.len() as u32;
    }
    let grain = quantile(&histogram, n, 0.75) - quantile(&histogram, n, 0.25);
    let least = (FAINTEST).max(2.0 * grain).min(70.0);
    let step = (page.width.max(page.height) / 60).clamp(12, 64);
    // The darkest two in a hundred pixels of a block are its strokes.
    let strokes = Grid::of(page, step, |h, n| 255.0 - quantile(h, n, 0.02));
    let limit = strokes.neighbours(|v| v.iter().copied().fold(0.0, f32::max));
    let mut mask = Mask::new(page.width, page.height);
    let (mut row, mut limits) = (vec![0.0; page.width], vec![0u8; page.width]);
    for y in 0..page.height {
        limit.row(y, &mut row);
        let range = y * page.width..(y + 1) * page.width;
        // A whole number is above a limit if it is above the limit's whole part.
        limits.iter_mut().zip(&row).for_each(|(l, &d)| *l = (SHARE * d).max(least).min(120.0) as u8);
        for ((m, &v), &l) in mask.data[range.clone()].iter_mut().zip(&page.data[range]).zip(&limits) {
            *m = (255 - v > l) as u8;
        }
    }
    mask
}
