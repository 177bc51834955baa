//! TIFF pages by the `tiff` crate: bilevel, grey, palette, RGB(A), CMYK; uncompressed, CCITT, LZW, Deflate, PackBits, JPEG.

use crate::{check, orient, tone, DecodeError, Raster};
use std::io::Cursor;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

fn fail(e: TiffError) -> DecodeError {
    match e {
        TiffError::UnsupportedError(u) => DecodeError::Unsupported(u.to_string()),
        other => DecodeError::Damaged(other.to_string()),
    }
}

fn open(bytes: &[u8]) -> Result<Decoder<Cursor<&[u8]>>, DecodeError> {
    Ok(Decoder::new(Cursor::new(bytes)).map_err(fail)?.with_limits(Limits::unlimited()))
}

/// A file cannot have more pages than this; a loop of directories would have no end.
const MOST_PAGES: usize = 100_000;

pub fn count(bytes: &[u8]) -> Result<usize, DecodeError> {
    let mut d = open(bytes)?;
    let mut n = 1;
    while d.more_images() && n < MOST_PAGES {
        d.next_image().map_err(fail)?;
        n += 1;
    }
    Ok(n)
}

pub fn decode(bytes: &[u8], page: usize, most: u64) -> Result<Raster, DecodeError> {
    let mut d = open(bytes)?;
    for _ in 0..page {
        if !d.more_images() {
            return Err(DecodeError::NoSuchPage(page + 1));
        }
        d.next_image().map_err(fail)?;
    }
    let (w, h) = d.dimensions().map_err(fail)?;
    check(w as u64, h as u64, most)?;
    let (width, height) = (w as usize, h as usize);
    let color = d.colortype().map_err(fail)?;
    let orientation = d.find_tag_unsigned::<u16>(Tag::Orientation).map_err(fail)?.unwrap_or(1);
    let unit = d.find_tag_unsigned::<u16>(Tag::ResolutionUnit).map_err(fail)?.unwrap_or(2);
    let resolution = d.find_tag(Tag::XResolution).map_err(fail)?.and_then(|v| v.into_f32().ok());
    let dpi = resolution.map(|r| if unit == 3 { r * 2.54 } else { r }).filter(|r| *r > 1.0);
    let map = d.find_tag(Tag::ColorMap).map_err(fail)?.and_then(|v| v.into_u16_vec().ok());
    let values: Vec<u8> = match d.read_image().map_err(fail)? {
        DecodingResult::U8(v) => v,
        DecodingResult::U16(v) => v.into_iter().map(|v| (v >> 8) as u8).collect(),
        DecodingResult::F32(v) => v.into_iter().map(|v| (v.clamp(0.0, 1.0) * 255.0) as u8).collect(),
        _ => return Err(DecodeError::Unsupported("TIFF values of this type".into())),
    };
    let wrong = format!("{} values for {width} x {height} pixels of {color:?}", values.len());
    let short = || DecodeError::Damaged(wrong.clone());
    let of = |mut values: Vec<u8>, channels: usize| {
        let n = width * height * channels;
        values.truncate(n);
        if values.len() == n {
            Ok(values)
        } else {
            Err(short())
        }
    };
    let (gray, chroma) = match color {
        ColorType::Gray(8) | ColorType::Gray(16) | ColorType::Gray(32) => (of(values, 1)?, None),
        ColorType::Gray(bits @ (1 | 2 | 4)) => (unpack(&values, width, height, bits).ok_or_else(short)?, None),
        ColorType::GrayA(_) => (tone::shorten(of(values, 2)?, |[v, a]| tone::on_white(v, a)), None),
        ColorType::RGB(_) => tone::from_rgb(of(values, 3)?, width, height),
        ColorType::YCbCr(_) => tone::from_ycbcr(of(values, 3)?, width, height),
        ColorType::RGBA(_) => tone::from_rgba(of(values, 4)?, width, height),
        ColorType::CMYK(_) => tone::from_cmyk(of(values, 4)?, width, height),
        ColorType::Palette(bits) => {
            let map = map.ok_or_else(|| DecodeError::Damaged("a palette picture without a palette".into()))?;
            let n = map.len() / 3;
            let index = if bits == 8 { of(values, 1)? } else { indices(&values, width, height, bits).ok_or_else(short)? };
            if n == 0 {
                return Err(short());
            }
            let colour = |i: u8| [0, n, 2 * n].map(|plane| (map[plane + (i as usize).min(n - 1)] >> 8) as u8);
            tone::from_rgb(index.into_iter().flat_map(colour).collect(), width, height)
        }
        other => return Err(DecodeError::Unsupported(format!("TIFF pixels of {other:?}"))),
    };
    Ok(orient(Raster { width, height, gray, chroma, dpi }, orientation))
}

/// Values of 1, 2 or 4 bits, rows starting at whole bytes.
fn indices(packed: &[u8], width: usize, height: usize, bits: u8) -> Option<Vec<u8>> {
    let stride = (width * bits as usize).div_ceil(8);
    if packed.len() < stride * height {
        return None;
    }
    let mask = (1u16 << bits) as u8 - 1;
    let mut out = Vec::with_capacity(width * height);
    for row in packed.chunks_exact(stride).take(height) {
        for x in 0..width {
            let bit = x * bits as usize;
            out.push((row[bit / 8] >> (8 - bits as usize - bit % 8)) & mask);
        }
    }
    Some(out)
}

fn unpack(packed: &[u8], width: usize, height: usize, bits: u8) -> Option<Vec<u8>> {
    let top = (1u32 << bits) - 1;
    Some(indices(packed, width, height, bits)?.into_iter().map(|v| (v as u32 * 255 / top) as u8).collect())
}
