//! PNG, WebP, BMP, PNM and the first frame of GIF by the `image` crate.

use crate::{check, exif, range, DecodeError, Pixels, Values};
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Bytes that a decoder may take for what is no pixel: tables, colour profiles, texts.
const MOST_BESIDE: u64 = 64 << 20;

pub fn decode(bytes: &[u8], format: ImageFormat, most: u64) -> Result<Pixels, DecodeError> {
    let fail = |e: ImageError| match e {
        ImageError::Unsupported(u) => DecodeError::Unsupported(u.to_string()),
        other => DecodeError::Damaged(other.to_string()),
    };
    // Sizes that the decoder itself refuses are told before, in our words.
    if let Some((w, h)) = claimed(bytes, format) {
        check(w, h, most)?;
    }
    if format == ImageFormat::Png {
        check_palette(bytes)?;
    }
    let mut header = ImageReader::with_format(Cursor::new(bytes), format);
    // Profiles and texts that stand before the pixels may unpack to more than they are worth.
    let mut modest = Limits::no_limits();
    modest.max_alloc = Some(MOST_BESIDE);
    header.limits(modest);
    let (w, h) = header.into_dimensions().map_err(fail)?;
    check(w as u64, h as u64, most)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    // The size is known to be allowed; eight bytes a pixel is the most that a decoder needs.
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(w as u64 * h as u64 * 8 + MOST_BESIDE);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(fail)?;
    // A block of metadata that cannot be read says nothing, and takes nothing from the picture.
    let block = decoder.exif_metadata().ok().flatten();
    // The decoder has not come to what stands behind a PNG's pixels.
    let late = || if format == ImageFormat::Png { png_exif(bytes) } else { None };
    let orientation = block.as_deref().or_else(late).map_or(1, exif::orientation);
    let picture = DynamicImage::from_decoder(decoder).map_err(fail)?;
    let (values, data) = match picture {
        DynamicImage::ImageLuma8(i) => (Values::Gray, i.into_raw()),
        DynamicImage::ImageLumaA8(i) => (Values::GrayA, i.into_raw()),
        DynamicImage::ImageRgb8(i) => (Values::Rgb, i.into_raw()),
        DynamicImage::ImageRgba8(i) => (Values::Rgba, i.into_raw()),
        DynamicImage::ImageLuma16(i) => (Values::Gray, range::narrow(i.into_raw(), 1)),
        DynamicImage::ImageRgb16(i) => (Values::Rgb, range::narrow(i.into_raw(), 3)),
        other => (Values::Rgba, other.into_rgba8().into_raw()),
    };
    Ok(Pixels { width: w as usize, height: h as usize, values, data, orientation, dpi: None, note: None })
}

/// Width and height as a PNG's (1.2, 4.1.1) or a BMP's (BITMAPINFOHEADER) first bytes say; a BMP's height may be negative.
fn claimed(bytes: &[u8], format: ImageFormat) -> Option<(u64, u64)> {
    let at = |i: usize| bytes.get(i..i + 4).map(|b| [b[0], b[1], b[2], b[3]]);
    match format {
        ImageFormat::Png => Some((u32::from_be_bytes(at(16)?).into(), u32::from_be_bytes(at(20)?).into())),
        ImageFormat::Bmp if at(14)? == [40, 0, 0, 0] => {
            let [w, h] = [at(18)?, at(22)?].map(|b| u64::from(i32::from_le_bytes(b).unsigned_abs()));
            Some((w, h))
        }
        _ => None,
    }
}

/// Refuses an indexed PNG whose palette does not hold whole colours (PNG 1.2, 4.1.2): the decoder trusts that it does.
fn check_palette(bytes: &[u8]) -> Result<(), DecodeError> {
    let is_indexed = bytes.get(25) == Some(&3);
    let palette = png_chunks(bytes).take_while(|(name, _)| *name != b"IDAT").find(|(name, _)| *name == b"PLTE");
    match palette {
        Some((_, data)) if is_indexed && data.len() % 3 != 0 => {
            Err(DecodeError::Damaged(format!("a palette of {} bytes, where each colour takes three", data.len())))
        }
        _ => Ok(()),
    }
}

/// A PNG's block of EXIF, which may stand before or behind the pixels (PNG 3, 11.3.4.5).
fn png_exif(bytes: &[u8]) -> Option<&[u8]> {
    let (_, place) = png_chunks(bytes).find(|(name, _)| *name == b"eXIf")?;
    bytes.get(place)
}

/// Names of a PNG's chunks (PNG 1.2, 3.2) and where their data stand, as far as their lengths lead.
fn png_chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], core::ops::Range<usize>)> {
    let mut at = 8usize;
    core::iter::from_fn(move || {
        let head = bytes.get(at..at.checked_add(8)?)?;
        let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let data = at + 8..at.checked_add(size)?.checked_add(8)?;
        // The checksum.
        at = data.end.checked_add(4)?;
        Some((&head[4..], data))
    })
}

/// Dots per inch from a PNG's pHYs chunk (PNG 1.2, 4.2.4.2), which stands before the pixels.
pub fn png_dpi(bytes: &[u8]) -> Option<f32> {
    let at = bytes.windows(4).take(4096).position(|w| w == b"pHYs")?;
    let h = bytes.get(at + 4..at + 13)?;
    let x = u32::from_be_bytes([h[0], h[1], h[2], h[3]]) as f32;
    (h[8] == 1 && x > 0.0).then(|| (x * 0.0254).round())
}
