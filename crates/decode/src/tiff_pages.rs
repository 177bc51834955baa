//! TIFF pages by the `tiff` crate: bilevel, grey, palette, RGB(A), CMYK; uncompressed, CCITT, LZW, Deflate, PackBits, JPEG.

use crate::{check, luma, on_white, orient, DecodeError, Raster};
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
    let short = || DecodeError::Damaged(format!("{} values for {width} x {height} pixels of {color:?}", values.len()));
    let per_pixel = |n: usize, f: &dyn Fn(&[u8]) -> u8| -> Result<Vec<u8>, DecodeError> {
        (values.len() >= width * height * n)
            .then(|| values.chunks_exact(n).take(width * height).map(f).collect())
            .ok_or_else(short)
    };
    let gray = match color {
        ColorType::Gray(8) | ColorType::Gray(16) | ColorType::Gray(32) => per_pixel(1, &|p| p[0])?,
        ColorType::Gray(bits @ (1 | 2 | 4)) => unpack(&values, width, height, bits).ok_or_else(short)?,
        ColorType::GrayA(_) => per_pixel(2, &|p| on_white(p[0], p[1]))?,
        ColorType::RGB(_) => per_pixel(3, &|p| luma(p[0], p[1], p[2]))?,
        ColorType::YCbCr(_) => per_pixel(3, &|p| p[0])?,
        ColorType::RGBA(_) => per_pixel(4, &|p| on_white(luma(p[0], p[1], p[2]), p[3]))?,
        ColorType::CMYK(_) => per_pixel(4, &|p| {
            let ink = |c: u8| (255 - c as u32) * (255 - p[3] as u32) / 255;
            luma(ink(p[0]) as u8, ink(p[1]) as u8, ink(p[2]) as u8)
        })?,
        ColorType::Palette(bits) => {
            let map = map.ok_or_else(|| DecodeError::Damaged("a palette picture without a palette".into()))?;
            let n = map.len() / 3;
            let index = if bits == 8 { values.clone() } else { indices(&values, width, height, bits).ok_or_else(short)? };
            let tone = |i: &u8| {
                let i = (*i as usize).min(n.saturating_sub(1));
                luma((map[i] >> 8) as u8, (map[n + i] >> 8) as u8, (map[2 * n + i] >> 8) as u8)
            };
            if index.len() < width * height || n == 0 {
                return Err(short());
            }
            index.iter().take(width * height).map(tone).collect()
        }
        other => return Err(DecodeError::Unsupported(format!("TIFF pixels of {other:?}"))),
    };
    Ok(orient(Raster { width, height, gray, dpi }, orientation))
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
