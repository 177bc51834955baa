//! What ink looks like: how dark it is, how thick its strokes are, of which colour, how large it is set or written. A pen and a press on
//! the same page differ in it.

use crate::raster::Chroma;
use crate::Analysis;
use core::ops::Range;

/// How many numbers a tone has.
pub const TONES: usize = 5;

/// Darkness of its darker strokes, 0..1; the logarithm of the width of its strokes in pixels; Cb and Cr against the paper's, as shares
/// of its darkness; the logarithm of the height of its digits in pixels.
pub type Tone = [f32; TONES];

/// The share of ink that is lighter than what counts as its darkness: soft edges are left out.
const DARKER: f32 = 0.8;
/// Less ink says nothing.
const LEAST: usize = 12;

/// The tone of the ink of some components in columns `columns`, whose digits are `glyph` pixels high; `None` where there is hardly any.
pub fn tone(a: &Analysis, parts: &[usize], columns: Range<usize>, glyph: usize) -> Option<Tone> {
    let (w, h) = (a.even.width, a.even.height);
    let mut darkness = [0u32; 256];
    let (mut area, mut edge) = (0usize, 0usize);
    // Sums over the blocks of colour that hold ink, each as often as rows of ink run into it: their darkness a pixel, Cb and Cr.
    let mut sums = [0.0f32; 3];
    let mut last = usize::MAX;
    for &c in parts {
        let (rect, number) = (a.components[c].rect, c as u32 + 1);
        for y in rect.top..rect.bottom {
            for x in rect.left.max(columns.start)..rect.right.min(columns.end) {
                let i = y * w + x;
                if a.labels[i] != number {
                    continue;
                }
                area += 1;
                darkness[255 - a.even.data[i] as usize] += 1;
                let is_out = |x: usize, y: usize| a.labels[y * w + x] != number;
                edge += (x == 0
                    || y == 0
                    || x + 1 == w
                    || y + 1 == h
                    || is_out(x - 1, y)
                    || is_out(x + 1, y)
                    || is_out(x, y - 1)
                    || is_out(x, y + 1)) as usize;
                if let Some(chroma) = &a.chroma {
                    let block = (y * chroma.height / h) * chroma.width + x * chroma.width / w;
                    if block != last {
                        last = block;
                        let colour = |k: usize| chroma.data[2 * block + k] as f32 - 128.0;
                        sums = [sums[0] + dark(a, chroma, block), sums[1] + colour(0), sums[2] + colour(1)];
                    }
                }
            }
        }
    }
    if area < LEAST {
        return None;
    }
    let (mut below, mut at) = (0, 0);
    while at < 255 && (below + darkness[at]) as f32 <= DARKER * area as f32 {
        below += darkness[at];
        at += 1;
    }
    // An outline runs along both sides of a stroke.
    let width = 2.0 * area as f32 / edge.max(1) as f32;
    let share = |sum: f32| sum / sums[0].max(1.0);
    Some([at as f32 / 255.0, width.ln(), share(sums[1]), share(sums[2]), (glyph.max(1) as f32).ln()])
}

/// Mean darkness of the pixels of a block of colour.
fn dark(a: &Analysis, chroma: &Chroma, block: usize) -> f32 {
    let (bx, by) = (block % chroma.width, block / chroma.width);
    let span =
        |k: usize, blocks: usize, pixels: usize| k * pixels / blocks..((k + 1) * pixels / blocks).max(k * pixels / blocks + 1);
    let (xs, ys) = (span(bx, chroma.width, a.even.width), span(by, chroma.height, a.even.height));
    let n = (xs.len() * ys.len()) as f32;
    let rows = ys.map(|y| a.even.data[y * a.even.width..][xs.clone()].iter().map(|&v| 255.0 - v as f32).sum::<f32>());
    rows.sum::<f32>() / n
}
