//! JPEG by zune-jpeg: baseline and progressive, grey, YCbCr, CMYK and YCCK.

use crate::{check, exif, orient, tone, DecodeError, Raster};
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// Bytes at the end among which the end-of-image marker must be: cameras append previews and padding.
const TAIL: usize = 1 << 16;

pub fn decode(bytes: &[u8], most: u64) -> Result<Raster, DecodeError> {
    let damaged = |e: zune_jpeg::errors::DecodeErrors| DecodeError::Damaged(format!("{e:?}"));
    let options = DecoderOptions::default().set_max_width(1 << 17).set_max_height(1 << 17);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    let (width, height) = decoder.dimensions().ok_or_else(|| DecodeError::Damaged("no size in the header".into()))?;
    check(width as u64, height as u64, most)?;
    let tail = &bytes[bytes.len().saturating_sub(TAIL)..];
    if !tail.windows(2).any(|w| w == [0xff, 0xd9]) {
        return Err(DecodeError::Damaged("the end-of-image marker is missing".into()));
    }
    let orientation = decoder.exif().map_or(1, |e| exif::orientation(e));
    let input = decoder.input_colorspace().unwrap_or(ColorSpace::YCbCr);
    // Y, Cb and Cr are what the file holds; only CMYK must go through RGB.
    let out = match input {
        ColorSpace::Luma => ColorSpace::Luma,
        ColorSpace::YCbCr => ColorSpace::YCbCr,
        _ => ColorSpace::RGB,
    };
    decoder.set_options(options.jpeg_set_out_colorspace(out));
    let data = decoder.decode().map_err(damaged)?;
    drop(decoder);
    if data.len() != width * height * out.num_components() {
        return Err(DecodeError::Damaged(format!("{} values for {width} x {height} pixels", data.len())));
    }
    let (gray, chroma) = match out {
        ColorSpace::Luma => (data, None),
        ColorSpace::YCbCr => tone::from_ycbcr(data, width, height),
        _ => tone::from_rgb(data, width, height),
    };
    Ok(orient(Raster { width, height, gray, chroma, dpi: density(bytes) }, orientation))
}

/// Dots per inch from the JFIF header.
fn density(bytes: &[u8]) -> Option<f32> {
    let at = bytes.windows(5).take(512).position(|w| w == b"JFIF\0")?;
    let h = bytes.get(at + 5..at + 12)?;
    let x = u16::from_be_bytes([h[3], h[4]]) as f32;
    match h[2] {
        1 if x > 1.0 => Some(x),
        2 if x > 1.0 => Some((x * 2.54).round()),
        _ => None,
    }
}
