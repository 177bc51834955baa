//! A page as a page net takes it: darkness and colour of each pixel, against the paper, at a scale of its own.

use crate::raster::{Chroma, Gray};

/// Rows, columns and values of an input, `[height][width][3]`: darkness from 0 (paper) to 1, then Cb and Cr against the paper's in
/// units of [`COLOUR_UNIT`]. What lies outside of the page is paper.
pub struct Input {
    pub width: usize,
    pub height: usize,
    pub data: Vec<f32>,
}

/// Steps of chroma to one in the input.
pub const COLOUR_UNIT: f32 = 64.0;

/// A page whose paper is white (see [`crate::light::even`]), `scale` times as large, filled up to multiples of `multiple`. Of a page
/// without colours the last two values are 0.
pub fn input(even: &Gray, chroma: Option<&Chroma>, scale: f32, multiple: usize) -> Input {
    let side = |n: usize| ((n as f32 * scale).round() as usize).max(1);
    let (w, h) = (side(even.width), side(even.height));
    let (width, height) = (w.next_multiple_of(multiple), h.next_multiple_of(multiple));
    let mut data = vec![0.0; width * height * 3];
    let mut put = |channel: usize, values: &[f32], f: &dyn Fn(f32) -> f32| {
        for (y, row) in values.chunks_exact(w).enumerate() {
            for (x, &v) in row.iter().enumerate() {
                data[(y * width + x) * 3 + channel] = f(v);
            }
        }
    };
    put(0, &resize(&even.data, 1, even.width, even.height, w, h), &|v| 1.0 - v / 255.0);
    if let Some(c) = chroma {
        for channel in 0..2 {
            let paper = median(c.data.iter().skip(channel).step_by(2));
            let values = resize(&c.data[channel..], 2, c.width, c.height, w, h);
            put(1 + channel, &values, &|v| (v - paper) / COLOUR_UNIT);
        }
    }
    Input { width, height, data }
}

fn median<'a>(values: impl Iterator<Item = &'a u8>) -> f32 {
    let mut histogram = [0u32; 256];
    let mut n = 0;
    for &v in values {
        histogram[v as usize] += 1;
        n += 1;
    }
    crate::light::quantile(&histogram, n, 0.5)
}

/// A plane (every `step`-th byte) in another size: means of the areas that become one pixel, and between pixels where it grows.
pub(crate) fn resize(data: &[u8], step: usize, w: usize, h: usize, to_w: usize, to_h: usize) -> Vec<f32> {
    let (columns, rows) = (weights(w, to_w), weights(h, to_h));
    // A row of the source is made narrower once and added to the one or two rows of the result that it reaches.
    let mut out = vec![0.0f32; to_w * to_h];
    let mut ready: Vec<(usize, Vec<f32>)> = Vec::new();
    for (y, taps) in rows.iter().enumerate() {
        ready.retain(|(row, _)| *row >= taps.from);
        for (k, &share) in taps.shares.iter().enumerate() {
            let row = taps.from + k;
            if !ready.iter().any(|(r, _)| *r == row) {
                let from = &data[row * w * step..];
                let narrow =
                    columns.iter().map(|t| t.shares.iter().enumerate().map(|(i, &s)| s * from[(t.from + i) * step] as f32).sum());
                ready.push((row, narrow.collect()));
            }
            let narrow = &ready.iter().find(|(r, _)| *r == row).expect("made just now").1;
            out[y * to_w..][..to_w].iter_mut().zip(narrow).for_each(|(o, v)| *o += share * v);
        }
    }
    out
}

/// The pixels of the source from `from` on and their shares in one of the result.
struct Taps {
    from: usize,
    shares: Vec<f32>,
}

fn weights(n: usize, to: usize) -> Vec<Taps> {
    let step = n as f32 / to as f32;
    (0..to)
        .map(|i| {
            if step <= 1.0 {
                let at = ((i as f32 + 0.5) * step - 0.5).clamp(0.0, (n - 1) as f32);
                let from = (at as usize).min(n.saturating_sub(2));
                let part = at - from as f32;
                return Taps { from, shares: if n == 1 { vec![1.0] } else { vec![1.0 - part, part] } };
            }
            let (a, b) = (i as f32 * step, ((i + 1) as f32 * step).min(n as f32));
            let (from, end) = (a as usize, (b.ceil() as usize).clamp(a as usize + 1, n));
            let shares = (from..end).map(|p| ((p + 1) as f32).min(b) - (p as f32).max(a)).map(|s| s.max(0.0) / (b - a));
            Taps { from, shares: shares.collect() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_size_is_the_mean_of_four() {
        let gray = Gray::new(4, 2, vec![255, 255, 0, 0, 255, 55, 0, 0]);
        let i = input(&gray, None, 0.5, 4);
        assert_eq!((i.width, i.height), (4, 4));
        assert!((i.data[0] - 50.0 / 255.0).abs() < 1e-5 && (i.data[3] - 1.0).abs() < 1e-5);
        // Filled up with paper.
        assert!(i.data[6..].iter().all(|&v| v == 0.0));
    }

    #[test]
    fn shares_of_all_sizes_are_whole() {
        for (n, to) in [(1, 1), (1, 7), (7, 3), (100, 33), (33, 100), (5, 5), (1000, 999)] {
            for t in weights(n, to) {
                assert!((t.shares.iter().sum::<f32>() - 1.0).abs() < 1e-4, "{n} to {to}");
                assert!(t.from + t.shares.len() <= n, "{n} to {to}");
            }
        }
    }

    #[test]
    fn colour_is_told_against_the_paper() {
        let gray = Gray::new(8, 8, vec![255; 64]);
        let chroma = Chroma { width: 2, height: 2, data: vec![120, 130, 120, 130, 120, 130, 184, 98] };
        let i = input(&gray, Some(&chroma), 1.0, 8);
        assert!(i.data[1].abs() < 1e-5 && i.data[2].abs() < 1e-5);
        let last = (7 * 8 + 7) * 3;
        assert!((i.data[last + 1] - 1.0).abs() < 1e-5 && (i.data[last + 2] + 0.5).abs() < 1e-5);
    }
}
