//! PNG, WebP, BMP and the first frame of GIF by the `image` crate.

use crate::{check, luma, on_white, DecodeError, Raster};
use image::{DynamicImage, ImageError, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

pub fn decode(bytes: &[u8], format: ImageFormat, most: u64) -> Result<Raster, DecodeError> {
    let fail = |e: ImageError| match e {
        ImageError::Unsupported(u) => DecodeError::Unsupported(u.to_string()),
        other => DecodeError::Damaged(other.to_string()),
    };
    // A size that 32 bits cannot address fails inside the decoder with a message about memory; PNG's can be told before.
    if let (ImageFormat::Png, Some(h)) = (format, bytes.get(16..24)) {
        let [w, h] = [[h[0], h[1], h[2], h[3]], [h[4], h[5], h[6], h[7]]].map(|b| u32::from_be_bytes(b) as u64);
        check(w, h, most)?;
    }
    let mut header = ImageReader::with_format(Cursor::new(bytes), format);
    header.no_limits();
    let (w, h) = header.into_dimensions().map_err(fail)?;
    check(w as u64, h as u64, most)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    // The size is known to be allowed; eight bytes a pixel is the most that a decoder needs.
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(w as u64 * h as u64 * 8 + (64 << 20));
    reader.limits(limits);
    let gray = match reader.decode().map_err(fail)? {
        DynamicImage::ImageLuma8(i) => i.into_raw(),
        DynamicImage::ImageLumaA8(i) => i.pixels().map(|p| on_white(p.0[0], p.0[1])).collect(),
        DynamicImage::ImageRgb8(i) => i.pixels().map(|p| luma(p.0[0], p.0[1], p.0[2])).collect(),
        DynamicImage::ImageLuma16(i) => i.pixels().map(|p| (p.0[0] >> 8) as u8).collect(),
        DynamicImage::ImageRgb16(i) => {
            i.pixels().map(|p| luma((p.0[0] >> 8) as u8, (p.0[1] >> 8) as u8, (p.0[2] >> 8) as u8)).collect()
        }
        other => other.into_rgba8().pixels().map(|p| on_white(luma(p.0[0], p.0[1], p.0[2]), p.0[3])).collect(),
    };
    Ok(Raster { width: w as usize, height: h as usize, gray, dpi: None })
}

/// Dots per inch from a PNG's pHYs chunk (PNG 1.2, 4.2.4.2), which stands before the pixels.
pub fn png_dpi(bytes: &[u8]) -> Option<f32> {
    let at = bytes.windows(4).take(4096).position(|w| w == b"pHYs")?;
    let h = bytes.get(at + 4..at + 13)?;
    let x = u32::from_be_bytes([h[0], h[1], h[2], h[3]]) as f32;
    (h[8] == 1 && x > 0.0).then(|| (x * 0.0254).round())
}
