//! Interleaved channels to grey and colour. The grey is written over its own pixels: no second copy of a large page.

use page::raster::Chroma;

/// Grey, and the colour at quarter scale where there is any.
pub type Toned = (Vec<u8>, Option<Chroma>);

/// Luminance (ITU-R BT.601) of one colour.
pub fn luma(r: u8, g: u8, b: u8) -> u8 {
    ((r as u32 * 77 + g as u32 * 150 + b as u32 * 29) >> 8) as u8
}

/// Lays `v` with opacity `a` on white.
pub fn on_white(v: u8, a: u8) -> u8 {
    (255 - (255 - v as u32) * a as u32 / 255) as u8
}

/// Of red, green and blue. Both sides have at least one pixel.
pub fn from_rgb(data: Vec<u8>, width: usize, height: usize) -> Toned {
    let chroma = Chroma::from_rgb(&data, width, height, 3);
    (shorten(data, |[r, g, b]| luma(r, g, b)), chroma)
}

/// Of red, green, blue and opacity.
pub fn from_rgba(mut data: Vec<u8>, width: usize, height: usize) -> Toned {
    for [r, g, b, a] in data.as_chunks_mut::<4>().0 {
        [*r, *g, *b] = [*r, *g, *b].map(|v| on_white(v, *a));
    }
    opaque(data, width, height)
}

/// Of red, green, blue and a channel that is ignored.
fn opaque(data: Vec<u8>, width: usize, height: usize) -> Toned {
    let chroma = Chroma::from_rgb(&data, width, height, 4);
    (shorten(data, |[r, g, b, _]| luma(r, g, b)), chroma)
}

/// Of Y, Cb and Cr.
pub fn from_ycbcr(data: Vec<u8>, width: usize, height: usize) -> Toned {
    let chroma = Chroma::from_ycbcr(&data, width, height);
    (shorten(data, |[y, _, _]| y), chroma)
}

/// Of cyan, magenta, yellow and black; 0 is no ink.
pub fn from_cmyk(mut data: Vec<u8>, width: usize, height: usize) -> Toned {
    for [c, m, y, k] in data.as_chunks_mut::<4>().0 {
        [*c, *m, *y] = [*c, *m, *y].map(|ink| ((255 - ink as u32) * (255 - *k as u32) / 255) as u8);
    }
    opaque(data, width, height)
}

/// One value for each `N`, in the memory of the old ones.
pub fn shorten<const N: usize>(mut data: Vec<u8>, f: impl Fn([u8; N]) -> u8) -> Vec<u8> {
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
