//! Image files to grey rasters with their colour at quarter scale, by content and never by name: JPEG, PNG, TIFF, WebP, BMP, GIF, PNM.
//! PDF is not decoded here.
//!
//! Alpha is laid on white, or on black where light ink is all there is. Every format checks the size that its header claims before it asks for memory.

mod exif;
mod fax;
mod jpeg;
mod plain;
mod range;
mod tiff_pages;
mod tiff_tags;
mod tone;

use page::raster::{stretch, Chroma};

/// What stands in a file, told from its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Jpeg,
    Png,
    Tiff,
    WebP,
    Bmp,
    Gif,
    Pnm,
}

/// A decoded page, upright as its EXIF or TIFF orientation says; 0 black to 255 white, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Raster {
    pub width: usize,
    pub height: usize,
    pub gray: Vec<u8>,
    /// What colour there is; absent for grey pictures.
    pub chroma: Option<Chroma>,
    /// Dots per inch, where the file says so and it can be.
    pub dpi: Option<f32>,
    /// The orientation that the file says, 1 to 8 (EXIF 2.32, tag 0x0112), and that was applied.
    pub orientation: u16,
    /// What is odd about the file, though it could be decoded.
    pub note: Option<&'static str>,
}

/// What a pixel's values mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    Gray,
    /// Grey and opacity.
    GrayA,
    Rgb,
    /// Red, green, blue and opacity.
    Rgba,
    YCbCr,
    /// Cyan, magenta, yellow, black; 0 is no ink.
    Cmyk,
}

/// A picture as a format's decoder gives it: interleaved, row-major, as it is stored.
struct Pixels {
    width: usize,
    height: usize,
    values: Values,
    data: Vec<u8>,
    orientation: u16,
    dpi: Option<f32>,
    note: Option<&'static str>,
}

/// Resolutions that a scanner or a camera can mean, in dots per inch: 0, 1, or 65,535 say nothing.
const DPI: core::ops::RangeInclusive<f32> = 30.0..=9600.0;

/// Why a file is not decoded.
#[derive(Clone, Debug, PartialEq)]
pub enum DecodeError {
    /// No format that is known here.
    Unknown,
    /// Larger than allowed: width, height, most pixels.
    TooLarge(u64, u64, u64),
    /// Cut off or damaged; what the decoder said.
    Damaged(String),
    /// A kind of the format that is not supported.
    Unsupported(String),
    /// The file has fewer pages.
    NoSuchPage(usize),
}

impl core::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
        match self {
            Self::Unknown => write!(f, "not a known image format"),
            Self::TooLarge(w, h, most) => write!(f, "{w} x {h} pixels are more than --max-pixels {most}"),
            Self::Damaged(what) => write!(f, "the file is damaged or cut off: {what}"),
            Self::Unsupported(what) => write!(f, "not supported: {what}"),
            Self::NoSuchPage(n) => write!(f, "there is no page {n}"),
        }
    }
}

/// The format of a file from its first bytes.
pub fn sniff(bytes: &[u8]) -> Option<Format> {
    Some(match bytes {
        [0xff, 0xd8, 0xff, ..] => Format::Jpeg,
        [0x89, b'P', b'N', b'G', ..] => Format::Png,
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Format::Tiff,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Format::WebP,
        [b'B', b'M', ..] if bytes.len() > 26 => Format::Bmp,
        [b'G', b'I', b'F', b'8', ..] => Format::Gif,
        [b'P', b'1'..=b'7', b' ' | b'\t' | b'\r' | b'\n', ..] => Format::Pnm,
        _ => return None,
    })
}

/// Pages of a file: more than one only in TIFF.
pub fn pages(bytes: &[u8]) -> Result<usize, DecodeError> {
    match sniff(bytes) {
        None => Err(DecodeError::Unknown),
        Some(Format::Tiff) => tiff_pages::count(bytes),
        Some(_) => Ok(1),
    }
}

/// Page `page` (from 0) of a file.
pub fn decode(bytes: &[u8], page: usize, most: u64) -> Result<Raster, DecodeError> {
    let pixels = read(bytes, page, most)?;
    let &Pixels { width, height, values, orientation, note, .. } = &pixels;
    let dpi = pixels.dpi.filter(|d| DPI.contains(d));
    let (mut gray, chroma) = tone::gray(pixels);
    // Of colours the grey alone would be stretched, and photographs of blank things are in colour.
    if values == Values::Gray {
        range::stretch(&mut gray);
    }
    stretch(&mut gray);
    Ok(orient(Raster { width, height, gray, chroma, dpi, orientation, note }))
}

/// Width, height and interleaved red, green and blue of page `page` (from 0) of a file, upright.
pub fn decode_rgb(bytes: &[u8], page: usize, most: u64) -> Result<(usize, usize, Vec<u8>), DecodeError> {
    let pixels = read(bytes, page, most)?;
    let &Pixels { width, height, orientation, .. } = &pixels;
    let rgb = tone::rgb(pixels);
    if orientation == 1 {
        return Ok((width, height, rgb));
    }
    let upright = upright(rgb.as_chunks::<3>().0, width, height, orientation).into_flattened();
    Ok(if orientation >= 5 { (height, width, upright) } else { (width, height, upright) })
}

fn read(bytes: &[u8], page: usize, most: u64) -> Result<Pixels, DecodeError> {
    let format = sniff(bytes).ok_or(DecodeError::Unknown)?;
    if page > 0 && format != Format::Tiff {
        return Err(DecodeError::NoSuchPage(page + 1));
    }
    match format {
        Format::Jpeg => jpeg::decode(bytes, most),
        Format::Tiff => tiff_pages::decode(bytes, page, most),
        Format::Png => plain::decode(bytes, image::ImageFormat::Png, most).map(|p| Pixels { dpi: plain::png_dpi(bytes), ..p }),
        Format::WebP => plain::decode(bytes, image::ImageFormat::WebP, most),
        Format::Bmp => plain::decode(bytes, image::ImageFormat::Bmp, most),
        Format::Gif => plain::decode(bytes, image::ImageFormat::Gif, most),
        Format::Pnm => plain::decode(bytes, image::ImageFormat::Pnm, most),
    }
}

fn check(width: u64, height: u64, most: u64) -> Result<(), DecodeError> {
    if width == 0 || height == 0 {
        return Err(DecodeError::Damaged(format!("the picture is {width} x {height}")));
    }
    if width.saturating_mul(height) > most {
        return Err(DecodeError::TooLarge(width, height, most));
    }
    Ok(())
}

/// Turns a raster upright from the orientation that it has.
fn orient(r: Raster) -> Raster {
    let orientation = r.orientation;
    if !(2..=8).contains(&orientation) {
        return r;
    }
    let gray = upright(&r.gray, r.width, r.height, orientation);
    let chroma = r.chroma.as_ref().map(|c| {
        let pairs = c.data.as_chunks::<2>().0;
        let data = upright(pairs, c.width, c.height, orientation).into_flattened();
        let (width, height) = if orientation >= 5 { (c.height, c.width) } else { (c.width, c.height) };
        Chroma { width, height, data }
    });
    let (width, height) = if orientation >= 5 { (r.height, r.width) } else { (r.width, r.height) };
    Raster { width, height, gray, chroma, ..r }
}

/// Pixels of a picture of `w` x `h` turned upright from orientation 2 to 8.
fn upright<T: Copy + Default>(pixels: &[T], w: usize, h: usize, orientation: u16) -> Vec<T> {
    // For each orientation: where pixel (x, y) of the upright picture is taken from.
    let from: fn(usize, usize, usize, usize) -> (usize, usize) = match orientation {
        2 => |x, y, w, _| (w - 1 - x, y),
        3 => |x, y, w, h| (w - 1 - x, h - 1 - y),
        4 => |x, y, _, h| (x, h - 1 - y),
        5 => |x, y, _, _| (y, x),
        6 => |x, y, _, h| (y, h - 1 - x),
        7 => |x, y, w, h| (w - 1 - y, h - 1 - x),
        _ => |x, y, w, _| (w - 1 - y, x),
    };
    let (width, height) = if orientation >= 5 { (h, w) } else { (w, h) };
    let mut out = vec![T::default(); pixels.len()];
    // Blocks keep both sides in the cache.
    for by in (0..height).step_by(32) {
        for bx in (0..width).step_by(32) {
            for y in by..(by + 32).min(height) {
                for x in bx..(bx + 32).min(width) {
                    let (sx, sy) = from(x, y, w, h);
                    out[y * width + x] = pixels[sy * w + sx];
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 3 x 2 whose upright pixels are 1 to 6, stored as EXIF orientation `o` has it (EXIF 2.32, table of tag 0x0112).
    fn stored(o: u16) -> Raster {
        let (width, height, gray) = match o {
            1 => (3, 2, [1, 2, 3, 4, 5, 6]),
            2 => (3, 2, [3, 2, 1, 6, 5, 4]),
            3 => (3, 2, [6, 5, 4, 3, 2, 1]),
            4 => (3, 2, [4, 5, 6, 1, 2, 3]),
            5 => (2, 3, [1, 4, 2, 5, 3, 6]),
            6 => (2, 3, [3, 6, 2, 5, 1, 4]),
            7 => (2, 3, [6, 3, 5, 2, 4, 1]),
            _ => (2, 3, [4, 1, 5, 2, 6, 3]),
        };
        // The colour turns with the grey.
        let chroma = Chroma { width, height, data: gray.iter().flat_map(|&v| [v, 100 + v]).collect() };
        Raster { width, height, gray: gray.to_vec(), chroma: Some(chroma), dpi: None, orientation: o, note: None }
    }

    #[test]
    fn all_eight_turns_end_upright() {
        for o in 1..=8 {
            assert_eq!(Raster { orientation: 1, ..orient(stored(o)) }, stored(1), "orientation {o}");
        }
    }

    #[test]
    fn formats_are_told_by_their_first_bytes() {
        assert_eq!(sniff(&[0xff, 0xd8, 0xff, 0xe0]), Some(Format::Jpeg));
        assert_eq!(sniff(b"II*\0...."), Some(Format::Tiff));
        assert_eq!(sniff(b"RIFF....WEBPVP8 "), Some(Format::WebP));
        assert_eq!(sniff(b"BM"), None);
        assert_eq!(sniff(b""), None);
    }

    #[test]
    fn damaged_files_are_errors_not_panics() {
        let heads: [&[u8]; 6] = [
            &[0xff, 0xd8, 0xff, 0xe0],
            b"\x89PNG\r\n\x1a\n",
            b"II*\0\x08\0\0\0",
            b"RIFF\x10\0\0\0WEBPVP8 ",
            b"BM..........................",
            b"GIF89a",
        ];
        for head in heads {
            for extra in 0..40u8 {
                let mut bytes = head.to_vec();
                bytes.extend((0..extra).map(|i| i.wrapping_mul(37)));
                assert!(decode(&bytes, 0, 1 << 20).is_err());
            }
        }
    }
}
