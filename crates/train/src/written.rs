//! Digits cut out of real numbers, to set new numbers with: where as many strokes stand apart as the text has digits, each is one of them.

use crate::canvas::Canvas;
use crate::components::{components, Component};
use crate::crop::decode_gray;
use crate::library::{GlyphSet, RealLine};
use net::normalise;

const SIZE: usize = 40;
const MARGIN: f32 = 2.0;
/// A set is closed when it has so many of each digit: neighbours in the files come from the same pages and few hands.
const ENOUGH: usize = 2;

/// The digits of a line with their pictures `[SIZE][SIZE]`, ink 0..255; nothing where they cannot be told apart.
fn digits(line: &RealLine) -> Option<Vec<(u8, Vec<u8>)>> {
    let text: Vec<u8> = line.text.as_ref()?.bytes().filter(|b| *b != b' ').collect();
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (width, height, mut gray) = decode_gray(&line.crop)?;
    let paper = normalise::paper(&gray);
    normalise::erase_edge_rules(&mut gray, width, height, paper);
    let found = components(&gray, width, height, paper);
    let tallest = found.all.iter().map(|c| c.bounds.3 - c.bounds.1).max()?;
    // Old hands write a zero less than half as high as a seven.
    let tall = |c: &&Component| 5 * (c.bounds.3 - c.bounds.1) >= 2 * tallest;
    let (mut parts, rest): (Vec<_>, Vec<_>) = found.all.iter().partition(tall);
    parts.sort_by_key(|c| c.bounds.0);
    // What is left out must be dust: a digit in two pieces, or a mark, makes the line useless.
    let dust = rest.iter().map(|c| c.area).max().unwrap_or(0);
    let least = parts.iter().map(|c| c.area).min()?;
    if parts.len() != text.len() || tallest * 2 < height || dust * 6 > least {
        return None;
    }
    let pen = *gray.iter().min()?;
    let depth = (paper.saturating_sub(pen)).max(1) as f32;
    let mut out = Vec::new();
    for (c, &digit) in parts.iter().zip(&text) {
        let (l, t, r, b) = c.bounds;
        let (w, h) = (r - l, b - t);
        // A one is narrow, and nothing is much wider than high.
        if w * 10 > h * if digit == b'1' { 7 } else { 14 } || (digit != b'1' && w * 5 < h) {
            return None;
        }
        let mut ink = Canvas::new(w + 2, h + 2);
        for y in t..b {
            for x in l..r {
                if found.of[y * width + x] == c.number {
                    ink.data[(y - t + 1) * (w + 2) + x - l + 1] =
                        ((paper as f32 - gray[y * width + x] as f32) / depth * 1.4).clamp(0.0, 1.0);
                }
            }
        }
        let scale = (SIZE as f32 - 2.0 * MARGIN) / w.max(h) as f32;
        let (dx, dy) = ((SIZE as f32 - w as f32 * scale) / 2.0, (SIZE as f32 - h as f32 * scale) / 2.0);
        if scale < 1.0 {
            ink.blur(0.5 / scale - 0.5);
        }
        let fitted = ink.warp(SIZE, SIZE, |x, y| ((x + 0.5 - dx) / scale + 0.5, (y + 0.5 - dy) / scale + 0.5));
        out.push((digit - b'0', fitted.data.iter().map(|v| (v * 255.0) as u8).collect()));
    }
    Some(out)
}

/// Sets that hold all ten digits each, from the numbers in their order.
pub fn glyph_sets(numbers: &[RealLine]) -> Vec<GlyphSet> {
    let mut sets = Vec::new();
    let (mut images, mut labels, mut counts) = (Vec::new(), Vec::new(), [0usize; 10]);
    for (digit, image) in numbers.iter().filter_map(digits).flatten() {
        images.extend(image);
        labels.push(digit);
        counts[digit as usize] += 1;
        if counts.iter().all(|&n| n >= ENOUGH) {
            sets.push(GlyphSet::new(SIZE, core::mem::take(&mut images), &core::mem::take(&mut labels), "0123456789"));
            counts = [0; 10];
        }
    }
    sets
}
