//! Decoded values to grey and colour. The grey is written over its own pixels: no second copy of a large page.

use crate::{Pixels, Values};
use page::raster::Chroma;

/// Share of the pixels (one in so many) that must be clear before the ink says on which side its paper is.
const CLEAR: usize = 2;
/// Ink that is lighter than this on average, 0..255, is meant for a dark ground.
const LIGHT: u64 = 160;

/// Luminance (ITU-R BT.601) of one colour.
pub fn luma(r: u8, g: u8, b: u8) -> u8 {
    ((r as u32 * 77 + g as u32 * 150 + b as u32 * 29) >> 8) as u8
}

/// Lays `v` with opacity `a` on a ground.
fn on(ground: u8, v: u8, a: u8) -> u8 {
    ((v as u32 * a as u32 + ground as u32 * (255 - a as u32) + 127) / 255) as u8
}

/// Grey, and the colour at quarter scale where there is any.
pub fn gray(p: Pixels) -> (Vec<u8>, Option<Chroma>) {
    let Pixels { width, height, values, data, .. } = p;
    match values {
        Values::Gray => (data, None),
        Values::GrayA => {
            let ground = ground(&data, |[v, a]: [u8; 2]| (v, a));
            (shorten(data, |[v, a]| on(ground, v, a)), None)
        }
        Values::YCbCr => {
            let chroma = Chroma::from_ycbcr(&data, width, height);
            (shorten(data, |[y, _, _]| y), chroma)
        }
        Values::Rgb => {
            let chroma = Chroma::from_rgb(&data, width, height, 3);
            (shorten(data, |[r, g, b]| luma(r, g, b)), chroma)
        }
        Values::Rgba | Values::Cmyk => {
            let data = opaque(values, data);
            let chroma = Chroma::from_rgb(&data, width, height, 4);
            (shorten(data, |[r, g, b, _]| luma(r, g, b)), chroma)
        }
    }
}

/// Red, green and blue, interleaved.
pub fn rgb(p: Pixels) -> Vec<u8> {
    let Pixels { values, data, .. } = p;
    match values {
        Values::Rgb => data,
        Values::Gray => data.into_iter().flat_map(|v| [v; 3]).collect(),
        Values::GrayA => {
            let ground = ground(&data, |[v, a]: [u8; 2]| (v, a));
            data.as_chunks().0.iter().flat_map(|&[v, a]| [on(ground, v, a); 3]).collect()
        }
        Values::YCbCr => data.as_chunks().0.iter().flat_map(|&ycc| from_ycbcr(ycc)).collect(),
        Values::Rgba | Values::Cmyk => opaque(values, data).as_chunks().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect(),
    }
}

/// ITU-R BT.601, full range, as in JFIF 1.02.
fn from_ycbcr([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (y as f32, cb as f32 - 128.0, cr as f32 - 128.0);
    [y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb].map(|v| (v + 0.5) as u8)
}

/// Red, green and blue with a fourth channel that says nothing any more.
fn opaque(values: Values, mut data: Vec<u8>) -> Vec<u8> {
    if values == Values::Cmyk {
        for [c, m, y, k] in data.as_chunks_mut::<4>().0 {
            [*c, *m, *y] = [*c, *m, *y].map(|ink| ((255 - ink as u32) * (255 - *k as u32) / 255) as u8);
        }
        return data;
    }
    let ground = ground(&data, |[r, g, b, a]: [u8; 4]| (luma(r, g, b), a));
    for [r, g, b, a] in data.as_chunks_mut::<4>().0 {
        [*r, *g, *b] = [*r, *g, *b].map(|v| on(ground, v, *a));
    }
    data
}

/// What clear pixels lie on: white, or black where most of the picture is clear and what is drawn on it is light.
fn ground<const N: usize>(data: &[u8], of: impl Fn([u8; N]) -> (u8, u8)) -> u8 {
    let (mut clear, mut light, mut ink) = (0, 0, 0);
    let pixels = data.as_chunks::<N>().0;
    for &pixel in pixels {
        let (v, a) = of(pixel);
        clear += (a < 128) as usize;
        light += v as u64 * a as u64;
        ink += a as u64;
    }
    if clear * CLEAR > pixels.len() && light > LIGHT * ink {
        0
    } else {
        255
    }
}

/// One value for each `N`, in the memory of the old ones.
fn shorten<const N: usize>(mut data: Vec<u8>, f: impl Fn([u8; N]) -> u8) -> Vec<u8> {
    let n = data.len() / N;
    for i in 0..n {
        let mut pixel = [0; N];
        pixel.copy_from_slice(&data[i * N..(i + 1) * N]);
        data[i] = f(pixel);
    }
    data.truncate(n);
    data.shrink_to_fit();
    data
}
