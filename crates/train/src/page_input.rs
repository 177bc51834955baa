//! A drawn page as the net is shown it: through the same steps as a real one, whose paper and scale are never quite known.

use crate::random::Random;
use page::input::{self, Input};
use page::light;
use page::raster::{Chroma, Gray};

/// Colour is left out of this share of the pages: half of all scans have none.
const GRAY: f32 = 0.4;

/// `rgb` `[height][width][3]`; both sides are multiples of [`page::heads::MULTIPLE`].
pub fn of_rgb(rgb: &[u8], width: usize, height: usize, r: &mut Random) -> Input {
    let block = *r.pick(&[1, 2, 2, 4]);
    of_photo(&Gray::from_pixels(rgb, width, height, 3), Some(&chroma(rgb, width, height, block)), r).1
}

/// The evened picture, and the input that it makes. The colours cover the same area in whatever size.
pub fn of_photo(gray: &Gray, chroma: Option<&Chroma>, r: &mut Random) -> (Gray, Input) {
    let inverted = light::is_inverted(gray);
    let flip = |v: &[u8]| v.iter().map(|v| 255 - v).collect();
    let mut chroma = chroma.filter(|_| !r.chance(GRAY)).cloned();
    let mut gray = gray.clone();
    if inverted {
        gray.data = flip(&gray.data);
        chroma.iter_mut().for_each(|c| c.data = flip(&c.data));
    }
    // A sample may be any part of a page, whose light is told from blocks of the page's size.
    let step = gray.width.max(gray.height) as f32 / light::BLOCKS as f32 * r.range(1.0, 4.0);
    let even = light::even_by(&gray, step as usize);
    let input = input::input(&even, chroma.as_ref(), 1.0, page::heads::MULTIPLE);
    (even, input)
}

/// Cb and Cr of blocks of `block` x `block` pixels.
fn chroma(rgb: &[u8], width: usize, height: usize, block: usize) -> Chroma {
    let (w, h) = (width.div_ceil(block), height.div_ceil(block));
    let mut sums = vec![[0u32; 4]; w * h];
    for (i, p) in rgb.chunks_exact(3).enumerate() {
        let s = &mut sums[i / width / block * w + i % width / block];
        for k in 0..3 {
            s[k] += p[k] as u32;
        }
        s[3] += 1;
    }
    let data = sums.iter().flat_map(|&[r, g, b, n]| {
        let [r, g, b] = [r, g, b].map(|v| v as f32 / n as f32);
        let (cb, cr) = (-0.168736 * r - 0.331264 * g + 0.5 * b, 0.5 * r - 0.418688 * g - 0.081312 * b);
        [cb, cr].map(|v| (128.0 + v).clamp(0.0, 255.0) as u8)
    });
    Chroma { width: w, height: h, data: data.collect() }
}
