//! JPEG by zune-jpeg: baseline and progressive, grey, YCbCr, CMYK and YCCK.

use crate::{check, exif, DecodeError, Pixels, Values};
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// Bytes at the end among which the end-of-image marker must be: cameras append previews and padding.
const TAIL: usize = 1 << 16;
const END: [u8; 2] = [0xff, 0xd9];

pub fn decode(bytes: &[u8], most: u64) -> Result<Pixels, DecodeError> {
    let frame = frame(bytes)?;
    let tail = &bytes[bytes.len().saturating_sub(TAIL)..];
    if tail.windows(2).any(|w| w == END) {
        return decode_frame(bytes, most, false);
    }
    let picture = if frame == PROGRESSIVE { without_end(bytes, most)? } else { decode_frame(bytes, most, true)? };
    Ok(Pixels { note: Some("the JPEG has no end-of-image marker: its last bytes may be lost"), ..picture })
}

/// What is put behind a progressive picture that has no end: zeros and ones in turn, either first, and zeros alone.
const FILLERS: [u8; 3] = [0x55, 0xaa, 0];
/// Bytes of it: more than the decoder reads ahead.
const FILLER: usize = 64;
/// Number of the last coefficient of a block.
const FINEST: u8 = 63;

/// A progressive picture that ends behind a whole scan. A scan that is cut takes its missing bits from what is put behind it, so that
/// different bits give different pictures; behind a whole one they say nothing.
fn without_end(bytes: &[u8], most: u64) -> Result<Pixels, DecodeError> {
    let cut = || DecodeError::Damaged("the end-of-image marker is missing, and with it a part of the picture".into());
    if !has_detail(bytes) {
        return Err(cut());
    }
    // Half of the end marker would make a marker with what comes behind it.
    let kept = bytes.iter().rposition(|&b| b != END[0]).map_or(0, |last| last + 1);
    let with = |filler: u8| decode_frame(&[&bytes[..kept], &[filler; FILLER], &END].concat(), most, true);
    let picture = with(FILLERS[0])?;
    for filler in &FILLERS[1..] {
        if with(*filler)?.data != picture.data {
            return Err(cut());
        }
    }
    Ok(picture)
}

/// Whether a scan brings the finest coefficient of the first component (T.81, B.2.3): without it all is a blur.
fn has_detail(bytes: &[u8]) -> bool {
    let luma = header(bytes).and_then(|(_, body)| body.get(6));
    // Only such scans are of one component, whose header has a known length; in coded data no marker can stand.
    bytes.windows(9).any(|w| w[..5] == [0xff, 0xda, 0, 8, 1] && Some(&w[5]) == luma && w[8] == FINEST)
}

/// With `strict`, data that end before the last rows are an error.
fn decode_frame(bytes: &[u8], most: u64, strict: bool) -> Result<Pixels, DecodeError> {
    let damaged = |e: zune_jpeg::errors::DecodeErrors| DecodeError::Damaged(format!("{e:?}"));
    let options = DecoderOptions::default().set_max_width(1 << 17).set_max_height(1 << 17).set_strict_mode(strict);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    let (width, height) = decoder.dimensions().ok_or_else(|| DecodeError::Damaged("no size in the header".into()))?;
    check(width as u64, height as u64, most)?;
    let input = decoder.input_colorspace().unwrap_or(ColorSpace::YCbCr);
    // Y, Cb and Cr are what the file holds; only CMYK must go through RGB.
    let (out, values) = match input {
        ColorSpace::Luma => (ColorSpace::Luma, Values::Gray),
        ColorSpace::YCbCr => (ColorSpace::YCbCr, Values::YCbCr),
        _ => (ColorSpace::RGB, Values::Rgb),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(out));
    let data = decoder.decode().map_err(damaged)?;
    if data.len() != width * height * out.num_components() {
        return Err(DecodeError::Damaged(format!("{} values for {width} x {height} pixels", data.len())));
    }
    // Where there are two blocks the first counts, as in other readers.
    let block = segments(bytes).find(|(marker, body)| *marker == 0xe1 && body.starts_with(b"Exif\0\0"));
    let orientation = block.map_or(1, |(_, body)| exif::orientation(body));
    Ok(Pixels { width, height, values, data, orientation, dpi: density(bytes), note: None })
}

/// Markers with what stands behind them (ITU-T T.81, B.1), up to the first scan.
fn segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut at = 2;
    core::iter::from_fn(move || {
        while bytes.get(at) == Some(&0xff) && bytes.get(at + 1) == Some(&0xff) {
            at += 1;
        }
        let &[0xff, marker, high, low] = bytes.get(at..at + 4)? else { return None };
        if matches!(marker, 0xd9 | 0xda) {
            return None;
        }
        let end = at + 2 + u16::from_be_bytes([high, low]) as usize;
        let body = bytes.get(at + 4..end)?;
        at = end;
        Some((marker, body))
    })
}

const PROGRESSIVE: u8 = 0xc2;

/// The frame header of JPEG-LS (ITU-T T.87, C.1.1).
const JPEG_LS: u8 = 0xf7;

/// Marker and body of the frame header (T.81, table B.1).
fn header(bytes: &[u8]) -> Option<(u8, &[u8])> {
    segments(bytes).find(|(marker, _)| matches!(marker, 0xc0..=0xcf | &JPEG_LS) && !matches!(marker, 0xc4 | 0xc8 | 0xcc))
}

/// Width and height that the frame header says.
pub fn claimed(bytes: &[u8]) -> Option<(u64, u64)> {
    let (_, body) = header(bytes)?;
    let side = |at: usize| body.get(at..at + 2).map(|b| u16::from_be_bytes([b[0], b[1]]).into());
    Some((side(3)?, side(1)?))
}

/// The marker of the frame header. Kinds of JPEG that are not decoded are told.
fn frame(bytes: &[u8]) -> Result<u8, DecodeError> {
    let Some((marker, body)) = header(bytes) else { return Ok(0) };
    let kind = match marker {
        0xc3 => "lossless JPEG",
        0xc5..=0xc7 => "hierarchical JPEG",
        0xc9..=0xcf => "JPEG with arithmetic coding",
        JPEG_LS => "JPEG-LS",
        _ if body.first().is_some_and(|&bits| bits != 8) => "JPEG of more than 8 bits",
        _ => return Ok(marker),
    };
    Err(DecodeError::Unsupported(format!("{kind}; save it as an ordinary JPEG or as PNG")))
}

/// Dots per inch from the JFIF header.
fn density(bytes: &[u8]) -> Option<f32> {
    let (_, body) = segments(bytes).find(|(marker, body)| *marker == 0xe0 && body.starts_with(b"JFIF\0"))?;
    let h = body.get(5..12)?;
    let x = u16::from_be_bytes([h[3], h[4]]) as f32;
    match h[2] {
        1 => Some(x),
        2 => Some((x * 2.54).round()),
        _ => None,
    }
}
