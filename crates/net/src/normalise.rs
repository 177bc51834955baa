//! The one normaliser: grey pixels of a crop to network input. Reading and training both go through it.
//!
//! Grey is `u8`, dark ink on light paper, row-major. Ink is `f32` in 0..1, 1 where the pen was.

use std::borrow::Cow;

/// What a line network wants: part of the model file's input contract.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineContract {
    /// Rows of the input.
    pub height: usize,
    /// Empty rows kept above and below the ink, and half of the empty columns at each side.
    pub margin: usize,
    /// How much wider than high a pixel becomes: narrow letters need frames of their own.
    pub stretch: f32,
}

/// Ink of a picture, `[height][width]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ink {
    pub width: usize,
    pub height: usize,
    pub data: Vec<f32>,
}

/// The part of an ink picture that becomes input, in its pixels; may reach beyond the edges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

impl Window {
    /// The window, or one with the same middle that is this high.
    pub fn at_least(self, rows: f32) -> Self {
        let grow = ((rows - (self.bottom - self.top)) / 2.0).max(0.0);
        Self { top: self.top - grow, bottom: self.bottom + grow, ..self }
    }
}

/// Rows of a line's window at least, in heights of a digit where that is known. A little below one, as that height is known to a sixth.
/// Without it token F1 of 75 dev pages is 0.756, with it 0.762; on the check pages 0.611 and 0.615.
pub const LOWEST: f32 = 0.9;

/// Least difference between paper and pen that is stretched to full scale: below it, it is noise that would be blown up.
const LEAST_CONTRAST: f32 = 28.0;
/// Ink below this share of full scale is paper grain.
const GRAIN: f32 = 0.12;
/// Widest input; a line this long is squeezed, as its frames would not help any more.
pub const MAX_WIDTH: usize = 4096;

fn quantile(histogram: &[u32; 256], share: f32, total: usize) -> f32 {
    let wanted = (share * total as f32) as u32;
    let mut seen = 0;
    for (v, &n) in histogram.iter().enumerate() {
        seen += n;
        if seen > wanted {
            return v as f32;
        }
    }
    255.0
}

/// Share of the pixels that are darker than paper's level.
const PAPER: f32 = 0.70;

/// The level of the paper.
pub fn paper(gray: &[u8]) -> u8 {
    let mut histogram = [0u32; 256];
    gray.iter().for_each(|&g| histogram[g as usize] += 1);
    quantile(&histogram, PAPER, gray.len()) as u8
}

/// Paints out table rules at the left and right edge of a crop that somebody else has cut: upright, dark from the top to the bottom. On
/// pages of our own the page stage lifts rules off, and a net that sees them unread learns to leave out a one at an edge.
pub fn erase_edge_rules(gray: &mut [u8], width: usize, height: usize, paper: u8) {
    let zone = (width / 5).min(height);
    let dark = |v: u8| (v as i32) < paper as i32 - LEAST_CONTRAST as i32;
    let is_rule = |x: usize| {
        // A rule may lean: a row counts where one of three neighbours is dark.
        let rows = (0..height).filter(|y| (x.saturating_sub(1)..(x + 2).min(width)).any(|x| dark(gray[y * width + x]))).count();
        // A one has air above or below; a rule goes right through, but for a worn spot.
        rows * 100 >= height * 94
    };
    let found: Vec<usize> = (0..zone).chain(width - zone..width).filter(|&x| is_rule(x)).collect();
    for x in found {
        for row in gray.chunks_exact_mut(width) {
            row[x.saturating_sub(1)..(x + 2).min(width)].fill(paper);
        }
    }
}

/// Ink from grey: the paper's level (70th percentile) becomes 0, the pen's (1.5th) 1.
pub fn ink(gray: &[u8], width: usize, height: usize) -> Ink {
    let mut histogram = [0u32; 256];
    for &g in gray {
        histogram[g as usize] += 1;
    }
    let paper = quantile(&histogram, PAPER, gray.len());
    let pen = quantile(&histogram, 0.015, gray.len());
    let contrast = (paper - pen).max(LEAST_CONTRAST);
    let table: Vec<f32> = (0..256).map(|g| (((paper - g as f32) / contrast - GRAIN) / (1.0 - GRAIN)).clamp(0.0, 1.0)).collect();
    Ink { width, height, data: gray.iter().map(|&g| table[g as usize]).collect() }
}

/// First and last index (exclusive) that hold all of `mass` but `share` of it at each end.
fn extent(mass: &[f32], share: f32) -> (usize, usize) {
    let total: f32 = mass.iter().sum();
    if total <= 0.0 {
        return (0, mass.len());
    }
    let cut = total * share;
    let mut sum = 0.0;
    let first = mass.iter().position(|m| (sum += m, sum > cut).1).unwrap_or(0);
    sum = 0.0;
    let last = mass.len() - mass.iter().rev().position(|m| (sum += m, sum > cut).1).unwrap_or(0);
    (first, last.max(first + 1))
}

/// The window around the ink of a line. A lone dash or dot is not blown up to full height: the window is
/// at least 0.3 of the crop high, as crops are cut to the line's thickness.
pub fn find_window(ink: &Ink) -> Window {
    let (mut rows, mut cols) = (vec![0.0f32; ink.height], vec![0.0f32; ink.width]);
    for (y, row) in ink.data.chunks_exact(ink.width.max(1)).enumerate() {
        for (x, &v) in row.iter().enumerate() {
            rows[y] += v;
            cols[x] += v;
        }
    }
    let (top, bottom) = extent(&rows, 0.004);
    let (left, right) = extent(&cols, 0.001);
    let whole = Window { left: left as f32, top: top as f32, right: right as f32, bottom: bottom as f32 };
    whole.at_least((0.3 * ink.height as f32).max(4.0))
}

/// The ink leaning `slant` columns a row further to the right at its top, and as much to the left at its bottom, on a picture that is
/// wider by the second value on either side.
pub fn slanted(ink: &Ink, slant: f32) -> (Cow<'_, Ink>, usize) {
    if slant == 0.0 {
        return (Cow::Borrowed(ink), 0);
    }
    let middle = ink.height as f32 / 2.0;
    let more = (slant.abs() * middle).ceil() as usize + 1;
    let width = ink.width + 2 * more;
    let mut data = vec![0.0; width * ink.height];
    for (y, (from, to)) in ink.data.chunks_exact(ink.width.max(1)).zip(data.chunks_exact_mut(width)).enumerate() {
        let shift = more as f32 + slant * (middle - y as f32 - 0.5);
        let (whole, part) = (shift.floor() as usize, shift.fract());
        for (x, &v) in from.iter().enumerate() {
            to[x + whole] += v * (1.0 - part);
            to[x + whole + 1] += v * part;
        }
    }
    (Cow::Owned(Ink { width, height: ink.height, data }), more)
}

/// Weights of a triangle filter that maps `from..to` of an axis of `len` to `n` samples, wider when shrinking.
fn taps(from: f32, to: f32, len: usize, n: usize) -> Vec<(usize, Vec<f32>)> {
    let step = (to - from) / n as f32;
    let radius = step.max(1.0);
    (0..n)
        .map(|i| {
            let centre = from + (i as f32 + 0.5) * step - 0.5;
            let lo = (centre - radius).ceil().max(0.0) as usize;
            let hi = ((centre + radius).floor().min(len as f32 - 1.0)).max(-1.0) as isize;
            let weights: Vec<f32> =
                (lo as isize..=hi).map(|p| (1.0 - (p as f32 - centre).abs() / radius).max(0.0) / radius).collect();
            (lo, weights)
        })
        .collect()
}

/// Resamples a window to `width` x `height` into `out` (row stride `stride`); beyond the edges there is no ink.
pub fn resample(ink: &Ink, w: Window, width: usize, height: usize, out: &mut [f32], stride: usize) {
    let across = taps(w.left, w.right, ink.width, width);
    let down = taps(w.top, w.bottom, ink.height, height);
    let mut narrow = vec![0.0f32; ink.height * width];
    for (row, to) in ink.data.chunks_exact(ink.width.max(1)).zip(narrow.chunks_exact_mut(width.max(1))) {
        for (v, (lo, weights)) in to.iter_mut().zip(&across) {
            *v = weights.iter().zip(&row[(*lo).min(row.len())..]).map(|(a, b)| a * b).sum();
        }
    }
    for (y, (lo, weights)) in down.iter().enumerate() {
        let to = &mut out[y * stride..y * stride + width];
        to.fill(0.0);
        for (i, &a) in weights.iter().enumerate() {
            for (v, &b) in to.iter_mut().zip(&narrow[(lo + i) * width..(lo + i + 1) * width]) {
                *v += a * b;
            }
        }
    }
}

/// Columns that a window of this size becomes, side margins included.
pub fn line_width(w: Window, c: &LineContract) -> usize {
    let scale = (c.height - 2 * c.margin) as f32 / (w.bottom - w.top);
    let width = ((w.right - w.left) * scale * c.stretch).round() as usize;
    (width.max(1) + 4 * c.margin).min(MAX_WIDTH)
}

/// A line's input, `[height][width]`, with `width` as [`line_width`] says and empty margins around.
pub fn line_input(ink: &Ink, w: Window, c: &LineContract) -> Ink {
    line_input_of(ink, w, c, line_width(w, c))
}

/// A line's input of a given width, margins included.
pub fn line_input_of(ink: &Ink, w: Window, c: &LineContract, width: usize) -> Ink {
    let mut data = vec![0.0; c.height * width];
    let inner = width - 4 * c.margin;
    let at = c.margin * width + 2 * c.margin;
    resample(ink, w, inner, c.height - 2 * c.margin, &mut data[at..], width);
    Ink { width, height: c.height, data }
}

/// Side of the glyph network's square input, and of the box inside it that the ink is fitted into.
pub const GLYPH_SIZE: usize = 28;
const GLYPH_BOX: usize = 20;

/// A glyph in MNIST's frame (LeCun et al. 1998): fitted into 20 x 20 with its proportions kept, then its centre of mass put
/// at the centre of 28 x 28. Returns `[28][28]`.
pub fn glyph_input(ink: &Ink) -> Vec<f32> {
    let mut out = vec![0.0; GLYPH_SIZE * GLYPH_SIZE];
    let (mut l, mut t, mut r, mut b) = (ink.width, ink.height, 0, 0);
    for y in 0..ink.height {
        for x in 0..ink.width {
            if ink.data[y * ink.width + x] > 0.25 {
                (l, t, r, b) = (l.min(x), t.min(y), r.max(x + 1), b.max(y + 1));
            }
        }
    }
    if r <= l {
        return out;
    }
    let (w, h) = (r - l, b - t);
    let scale = GLYPH_BOX as f32 / w.max(h) as f32;
    let gw = ((w as f32 * scale).round() as usize).max(1);
    let gh = ((h as f32 * scale).round() as usize).max(1);
    let mut fit = vec![0.0; gw * gh];
    let window = Window { left: l as f32, top: t as f32, right: r as f32, bottom: b as f32 };
    resample(ink, window, gw, gh, &mut fit, gw);
    let (mut mass, mut mx, mut my) = (1e-6f32, 0.0, 0.0);
    for y in 0..gh {
        for x in 0..gw {
            let v = fit[y * gw + x];
            mass += v;
            mx += v * x as f32;
            my += v * y as f32;
        }
    }
    let centre = (GLYPH_SIZE / 2) as isize;
    let left = (centre - (mx / mass).round() as isize).clamp(0, (GLYPH_SIZE - gw) as isize) as usize;
    let top = (centre - (my / mass).round() as isize).clamp(0, (GLYPH_SIZE - gh) as isize) as usize;
    for y in 0..gh {
        for x in 0..gw {
            out[(top + y) * GLYPH_SIZE + left + x] = fit[y * gw + x].min(1.0);
        }
    }
    out
}
