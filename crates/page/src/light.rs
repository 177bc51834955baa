//! Uneven light and shadow evened out: the paper becomes white everywhere, ink keeps its share of the paper's light.

use crate::raster::Gray;

/// Blocks along the longer side. A block must be wider than any stroke, or the stroke would pass for paper: on close-up
/// photos strokes reach a fortieth of the picture.
pub const BLOCKS: usize = 24;
/// The paper's level within a block: high enough to pass over half a block of ink, low enough not to follow glare.
const PAPER: f32 = 0.85;

/// A value every `step` pixels, between which it is interpolated.
pub struct Grid {
    pub step: usize,
    pub columns: usize,
    pub rows: usize,
    pub values: Vec<f32>,
}

impl Grid {
    /// Calls `value` with the pixels of each block, of large ones with every other row.
    pub fn of(gray: &Gray, step: usize, mut value: impl FnMut(&[u32; 256], u32) -> f32) -> Self {
        let (columns, rows) = (gray.width.div_ceil(step), gray.height.div_ceil(step));
        let mut values = Vec::with_capacity(columns * rows);
        for by in 0..rows {
            for bx in 0..columns {
                let mut histogram = [0u32; 256];
                let (x0, x1) = (bx * step, ((bx + 1) * step).min(gray.width));
                let mut n = 0;
                for y in (by * step..((by + 1) * step).min(gray.height)).step_by(if step < 32 { 1 } else { 2 }) {
                    for &v in &gray.data[y * gray.width + x0..y * gray.width + x1] {
                        histogram[v as usize] += 1;
                    }
                    n += (x1 - x0) as u32;
                }
                values.push(value(&histogram, n));
            }
        }
        Self { step, columns, rows, values }
    }

    /// Each value replaced by `f` of its 3 x 3 neighbours.
    pub fn neighbours(&self, f: impl Fn(&mut Vec<f32>) -> f32) -> Self {
        let mut values = Vec::with_capacity(self.values.len());
        let mut near = Vec::with_capacity(9);
        for y in 0..self.rows {
            for x in 0..self.columns {
                near.clear();
                for ny in y.saturating_sub(1)..(y + 2).min(self.rows) {
                    for nx in x.saturating_sub(1)..(x + 2).min(self.columns) {
                        near.push(self.values[ny * self.columns + nx]);
                    }
                }
                values.push(f(&mut near));
            }
        }
        Self { values, ..*self }
    }

    /// The interpolated values of pixel row `y` into `out`, one a column.
    pub fn row(&self, y: usize, out: &mut [f32]) {
        let step = self.step as f32;
        let at = ((y as f32 + 0.5) / step - 0.5).max(0.0);
        let y0 = (at as usize).min(self.rows - 1);
        let y1 = (y0 + 1).min(self.rows - 1);
        let part = (at - y0 as f32).clamp(0.0, 1.0);
        let value = |c: usize| self.values[y0 * self.columns + c] * (1.0 - part) + self.values[y1 * self.columns + c] * part;
        // From the middle of one block to that of the next the values rise or fall evenly.
        let (mut x, mut last) = (0, value(0));
        for c in 0..self.columns {
            let this = value(c);
            let before = (c as f32 - 0.5) * step - 0.5;
            let end = (((c as f32 + 0.5) * step - 0.5) as usize + 1).min(out.len());
            let rise = (this - last) / step;
            let from = last + rise * (x as f32 - before);
            for (k, v) in out[x.min(end)..end].iter_mut().enumerate() {
                *v = from + rise * k as f32;
            }
            (x, last) = (end.max(x), this);
        }
        out[x..].fill(last);
    }
}

pub fn quantile(histogram: &[u32; 256], n: u32, share: f32) -> f32 {
    let wanted = (n as f32 * share) as u32;
    let mut seen = 0;
    for (v, &k) in histogram.iter().enumerate() {
        seen += k;
        if seen > wanted {
            return v as f32;
        }
    }
    255.0
}

/// Every so many rows tell whether a page is inverted.
const ROWS: usize = 4;

/// True for chalk on a board: far more pixels stand out brightly from their surroundings than darkly.
pub fn is_inverted(gray: &Gray) -> bool {
    let step = (gray.width.max(gray.height) / BLOCKS).max(8);
    let middle = Grid::of(gray, step, |h, n| quantile(h, n, 0.5));
    let mut row = vec![0.0; gray.width];
    let (mut bright, mut dark, mut level) = (0u64, 0u64, 0.0f64);
    for y in (0..gray.height).step_by(ROWS) {
        middle.row(y, &mut row);
        for (&v, &m) in gray.data[y * gray.width..].iter().zip(&row) {
            bright += (v as f32 > m + 40.0) as u64;
            dark += ((v as f32) < m - 40.0) as u64;
            level += m as f64;
        }
    }
    let mean = level / ((gray.height.div_ceil(ROWS) * gray.width) as f64).max(1.0);
    mean < 110.0 && bright > 2 * dark && bright > 25
}

/// The page with white paper.
pub fn even(gray: &Gray) -> Gray {
    even_by(gray, gray.width.max(gray.height) / BLOCKS)
}

/// Likewise, with blocks of `step` pixels a side, 8 at least.
pub fn even_by(gray: &Gray, step: usize) -> Gray {
    let step = step.max(8);
    let paper = Grid::of(gray, step, |h, n| quantile(h, n, PAPER).max(24.0));
    // A block that a blot or a picture fills takes its neighbours' paper, and the seams are smoothed.
    let paper = paper.neighbours(|v| {
        v.sort_by(f32::total_cmp);
        v[v.len() * 2 / 3]
    });
    let paper = paper.neighbours(|v| v.iter().sum::<f32>() / v.len() as f32);
    let mut row = vec![0.0; gray.width];
    let mut data = Vec::with_capacity(gray.data.len());
    for y in 0..gray.height {
        paper.row(y, &mut row);
        let from = &gray.data[y * gray.width..(y + 1) * gray.width];
        data.extend(from.iter().zip(&row).map(|(&v, &p)| (v as f32 * (255.0 / p)).min(255.0) as u8));
    }
    Gray::new(gray.width, gray.height, data)
}
