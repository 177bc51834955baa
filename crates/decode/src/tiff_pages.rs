//! TIFF pages by the `tiff` crate: bilevel, grey, palette, RGB(A), CMYK, Lab; uncompressed, CCITT, LZW, Deflate, PackBits, JPEG.
//! What the crate does not take is brought into a form that it takes, by tags that are set anew in a copy of the file.

use crate::fax::{self, Coding};
use crate::tiff_tags::{self as tags, Directory};
use crate::{check, jpeg, range, DecodeError, Pixels, Values};
use std::borrow::Cow;
use std::io::Cursor;
use tiff::decoder::ifd::Value;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

fn fail(e: TiffError) -> DecodeError {
    match e {
        TiffError::UnsupportedError(u) => DecodeError::Unsupported(u.to_string()),
        other => DecodeError::Damaged(other.to_string()),
    }
}

/// Bytes that the values of a tag may take: places of two million strips.
const MOST_BESIDE: usize = 64 << 20;
/// Bytes a pixel that are read: four values of 64 bits.
const MOST_A_PIXEL: usize = 32;
/// Pixels from one side of a tile to the other, where it is wider than its picture: a row of it is held.
const WIDEST_TILE: usize = 1 << 16;

/// The crate's reader of a file of which a page of `pixels` pixels will be decoded, or none.
fn open(bytes: &[u8], pixels: usize) -> Result<Decoder<Cursor<&[u8]>>, DecodeError> {
    let mut limits = Limits::unlimited();
    limits.decoding_buffer_size = pixels.saturating_mul(MOST_A_PIXEL).saturating_add(MOST_BESIDE);
    Ok(Decoder::new(Cursor::new(bytes)).map_err(fail)?.with_limits(limits))
}

/// A file cannot have more pages than this; a loop of directories would have no end.
const MOST_PAGES: usize = 100_000;

/// Directories that are pages: not those that hold a smaller picture of one, or its mask (TIFF 6.0, NewSubfileType;
/// SubfileType, which old writers have for it, is 2 for a smaller picture).
fn pages(bytes: &[u8], all: &[Directory]) -> Vec<usize> {
    let is_page =
        |d: &Directory| d.value(bytes, tags::SUBFILE).unwrap_or(0) & 0b101 == 0 && d.value(bytes, tags::OLD_SUBFILE) != Some(2);
    let pages: Vec<usize> = (0..all.len()).filter(|&i| is_page(&all[i])).collect();
    if pages.is_empty() {
        (0..all.len()).collect()
    } else {
        pages
    }
}

pub fn count(bytes: &[u8]) -> Result<usize, DecodeError> {
    let mut d = open(bytes, 0)?;
    let mut n = 1;
    while d.more_images() && n < MOST_PAGES {
        d.next_image().map_err(fail)?;
        n += 1;
    }
    let all = tags::directories(bytes);
    Ok(if all.len() == n { pages(bytes, &all).len() } else { n })
}

pub fn decode(bytes: &[u8], page: usize, most: u64) -> Result<Pixels, DecodeError> {
    let all = tags::directories(bytes);
    let index = *pages(bytes, &all).get(page).ok_or(DecodeError::NoSuchPage(page + 1))?;
    let directory = &all[index];
    let value = |tag| directory.value(bytes, tag);
    let (width, height) = (value(tags::WIDTH).unwrap_or(0), value(tags::HEIGHT).unwrap_or(0));
    check(width as u64, height as u64, most)?;
    check_memory(bytes, directory, most)?;
    let bytes = &in_order(bytes, directory);
    let mut d = open(bytes, 0)?;
    d.seek_to_image(index).map_err(fail)?;
    let orientation = d.find_tag_unsigned::<u16>(Tag::Orientation).map_err(fail)?.unwrap_or(1);
    let unit = d.find_tag_unsigned::<u16>(Tag::ResolutionUnit).map_err(fail)?.unwrap_or(2);
    let resolution = d.find_tag(Tag::XResolution).map_err(fail)?.and_then(|v| match v {
        Value::Rational(pixels, units) => Some(pixels as f32 / units as f32),
        other => other.into_f32().ok(),
    });
    let dpi = resolution.map(|r| if unit == 3 { (r * 2.54).round() } else { r });
    let (values, data) = match value(tags::COMPRESSION) {
        Some(2) => (Values::Gray, faxed(bytes, directory, Coding::ModifiedHuffman)?),
        Some(3) => {
            let two_dimensional = value(tags::FAX_OPTIONS).unwrap_or(0) & 1 != 0;
            (Values::Gray, faxed(bytes, directory, Coding::Group3 { two_dimensional })?)
        }
        _ => colours(bytes, directory, index)?,
    };
    let short = || DecodeError::Damaged(format!("{} values for {width} x {height} pixels of {values:?}", data.len()));
    let channels = match values {
        Values::Gray => 1,
        Values::GrayA => 2,
        Values::Rgb | Values::YCbCr => 3,
        Values::Rgba | Values::Cmyk => 4,
    };
    if data.len() < width * height * channels {
        return Err(short());
    }
    let mut data = data;
    data.truncate(width * height * channels);
    Ok(Pixels { width, height, values, data, orientation, dpi, note: None })
}

/// Refuses what would take far more memory than its pixels are worth: values a pixel, tiles, and JPEGs inside; and planes in tiles.
fn check_memory(bytes: &[u8], d: &Directory, most: u64) -> Result<(), DecodeError> {
    let value = |tag| d.value(bytes, tag);
    let (width, samples, bits) = (value(tags::WIDTH), value(tags::SAMPLES).unwrap_or(1), value(tags::BITS).unwrap_or(1));
    if samples.saturating_mul(bits) > 8 * MOST_A_PIXEL {
        return Err(DecodeError::Unsupported(format!("TIFF of {samples} values of {bits} bits a pixel")));
    }
    // The crate fails on the planes' edges.
    if value(tags::PLANAR) == Some(2) && samples > 1 && value(tags::TILE_OFFSETS).is_some() {
        return Err(DecodeError::Unsupported("TIFF of planes in tiles".into()));
    }
    if value(tags::TILE_WIDTH).is_some_and(|tile| tile > WIDEST_TILE.max(width.unwrap_or(0))) {
        return Err(DecodeError::Damaged("its tiles are far wider than the picture".into()));
    }
    if value(tags::COMPRESSION) == Some(7) {
        for (at, n) in chunks(bytes, d) {
            let chunk = bytes.get(at..at.saturating_add(n).min(bytes.len())).unwrap_or(&[]);
            if let Some((w, h)) = jpeg::claimed(chunk) {
                check(w, h, most)?;
            }
        }
    }
    Ok(())
}

/// The file with the bits of each byte as usual: FillOrder 2 has the first pixel in the lowest bit.
fn in_order<'a>(bytes: &'a [u8], d: &Directory) -> Cow<'a, [u8]> {
    let is_jpeg = matches!(d.value(bytes, tags::COMPRESSION), Some(6 | 7));
    if d.value(bytes, tags::FILL_ORDER) != Some(2) || is_jpeg {
        return Cow::Borrowed(bytes);
    }
    let mut out = bytes.to_vec();
    for (at, n) in chunks(bytes, d) {
        if let Some(chunk) = out.get_mut(at..at.saturating_add(n)) {
            chunk.iter_mut().for_each(|b| *b = b.reverse_bits());
        }
    }
    Cow::Owned(out)
}

/// Place and length of each strip or tile.
fn chunks(bytes: &[u8], d: &Directory) -> Vec<(usize, usize)> {
    let of = |offsets, lengths| d.values(bytes, offsets).into_iter().zip(d.values(bytes, lengths)).collect::<Vec<_>>();
    let strips = of(tags::STRIP_OFFSETS, tags::STRIP_BYTES);
    if strips.is_empty() {
        of(tags::TILE_OFFSETS, tags::TILE_BYTES)
    } else {
        strips
    }
}

/// Grey of a page in CCITT fax, strip by strip.
fn faxed(bytes: &[u8], d: &Directory, coding: Coding) -> Result<Vec<u8>, DecodeError> {
    let value = |tag| d.value(bytes, tag);
    let (width, height) = (value(tags::WIDTH).unwrap_or(0), value(tags::HEIGHT).unwrap_or(0));
    let rows = value(tags::ROWS_PER_STRIP).unwrap_or(height).clamp(1, height);
    // Runs begin with white, which is 1 where 0 is black.
    let white = if value(tags::PHOTOMETRIC) == Some(1) { 0 } else { 255 };
    let mut out = vec![white; width * height];
    for (i, (at, n)) in chunks(bytes, d).into_iter().enumerate().take(height.div_ceil(rows)) {
        let data = bytes.get(at..at.saturating_add(n).min(bytes.len())).unwrap_or(&[]);
        let wanted = rows.min(height - i * rows);
        let lines = fax::decode(data, width, wanted, coding);
        if lines.len() < wanted {
            return Err(DecodeError::Damaged(format!("strip {} ends after {} of {wanted} lines", i + 1, lines.len())));
        }
        for (y, line) in lines.iter().enumerate() {
            let row = &mut out[(i * rows + y) * width..][..width];
            for black in line.chunks(2) {
                row[black[0]..black.get(1).copied().unwrap_or(width).max(black[0])].fill(255 - white);
            }
        }
    }
    Ok(out)
}

/// What a page's values are, and they.
fn colours(bytes: &[u8], directory: &Directory, index: usize) -> Result<(Values, Vec<u8>), DecodeError> {
    let value = |tag| directory.value(bytes, tag);
    let photometric = value(tags::PHOTOMETRIC);
    let (width, height) = (value(tags::WIDTH).unwrap_or(0), value(tags::HEIGHT).unwrap_or(0));
    let (bits, samples) = (value(tags::BITS).unwrap_or(1), value(tags::SAMPLES).unwrap_or(1));
    let is_lab = matches!(photometric, Some(8 | 9));
    let is_odd = bits < 16 && !matches!(bits, 1 | 2 | 4 | 8) && samples == 1 && photometric != Some(3);
    let mut file = Cow::Borrowed(bytes);
    // The crate gives palette and Lab values as they are if it takes them for grey and RGB.
    if photometric == Some(3) || is_lab {
        directory.set(file.to_mut(), tags::PHOTOMETRIC, if is_lab { 2 } else { 1 });
    }
    // Depths that the crate has not are rows of bytes.
    if is_odd {
        let fits = value(tags::PREDICTOR).unwrap_or(1) == 1 && value(tags::TILE_OFFSETS).is_none();
        let row = (width * bits).div_ceil(8);
        let file = file.to_mut();
        if !fits || !directory.set(file, tags::BITS, 8) || !directory.set(file, tags::WIDTH, row) {
            return Err(DecodeError::Unsupported(format!("TIFF of {bits} bits in tiles or with a predictor")));
        }
    }
    let mut d = open(&file, width * height)?;
    d.seek_to_image(index).map_err(fail)?;
    let map = d.find_tag(Tag::ColorMap).map_err(fail)?.and_then(|v| v.into_u16_vec().ok());
    let color = d.colortype().map_err(fail)?;
    let mut result = DecodingResult::U8(Vec::new());
    d.read_image_to_buffer(&mut result).map_err(fail)?;
    drop(d);
    drop(file);
    let mut data = match result {
        DecodingResult::U8(v) => v,
        DecodingResult::U16(v) => range::narrow(v, if value(tags::PLANAR) == Some(2) { 1 } else { samples }),
        DecodingResult::U32(v) => range::normalise(v.iter().map(|&v| v as f64)),
        DecodingResult::F32(v) => range::normalise(v.iter().map(|&v| v as f64)),
        DecodingResult::F64(v) => range::normalise(v.iter().copied()),
        DecodingResult::I16(v) => range::normalise(v.iter().map(|&v| v as f64)),
        DecodingResult::I32(v) => range::normalise(v.iter().map(|&v| v as f64)),
        _ => return Err(DecodeError::Unsupported("TIFF values of this type".into())),
    };
    if value(tags::PLANAR) == Some(2) && samples > 1 {
        data = interleave(&data, samples);
    }
    let short = || DecodeError::Damaged(format!("too few values for {width} x {height} pixels of {color:?}"));
    if is_odd {
        // Where 0 is white, the crate has turned the bytes already.
        return Ok((Values::Gray, unpack_odd(&data, width, height, bits).ok_or_else(short)?));
    }
    if photometric == Some(3) {
        if bits < 8 && !matches!(bits, 1 | 2 | 4) {
            return Err(DecodeError::Unsupported(format!("TIFF palettes of {bits} bits")));
        }
        let map =
            map.filter(|m| m.len() >= 3).ok_or_else(|| DecodeError::Damaged("a palette picture without a palette".into()))?;
        let index = if bits < 8 { indices(&data, width, height, bits as u8).ok_or_else(short)? } else { data };
        let n = map.len() / 3;
        // Values go up to 65,535, but some writers stop at 255.
        let shift = if map.iter().all(|&v| v < 256) { 0 } else { 8 };
        let colour = |i: u8| [0, n, 2 * n].map(|plane| (map[plane + (i as usize).min(n - 1)] >> shift) as u8);
        return Ok((Values::Rgb, index.into_iter().flat_map(colour).collect()));
    }
    if is_lab {
        return Ok((Values::Gray, lightness(&data, samples)));
    }
    Ok(match color {
        ColorType::Gray(bits @ (1 | 2 | 4)) => (Values::Gray, unpack(&data, width, height, bits).ok_or_else(short)?),
        ColorType::Gray(_) => (Values::Gray, data),
        ColorType::GrayA(_) => (Values::GrayA, data),
        // Grey with something beside it: with opacity if there are two, and the second is not said to be nothing in particular.
        ColorType::Multiband { num_samples: 2, .. } if photometric == Some(1) && value(tags::EXTRA) != Some(0) => {
            (Values::GrayA, data)
        }
        ColorType::Multiband { num_samples, .. } if num_samples > 0 => {
            let n = num_samples as usize;
            let first = data.into_iter().step_by(n);
            (Values::Gray, if photometric == Some(0) { first.map(|v| 255 - v).collect() } else { first.collect() })
        }
        ColorType::RGB(_) => (Values::Rgb, data),
        ColorType::YCbCr(_) => (Values::YCbCr, data),
        ColorType::RGBA(_) => (Values::Rgba, data),
        ColorType::CMYK(_) => (Values::Cmyk, data),
        other => return Err(DecodeError::Unsupported(format!("TIFF pixels of {other:?}"))),
    })
}

/// Planes one after another to values side by side.
fn interleave(planes: &[u8], n: usize) -> Vec<u8> {
    let size = planes.len() / n;
    (0..size * n).map(|i| planes[i % n * size + i / n]).collect()
}

/// Lightness of CIE L*a*b* (TIFF 6.0, section 23), 0..255 for 0..100: near enough to luminance as sRGB has it.
fn lightness(lab: &[u8], samples: usize) -> Vec<u8> {
    lab.iter().step_by(samples.max(1)).copied().collect()
}

/// Values of up to 15 bits, rows starting at whole bytes, as bytes.
fn unpack_odd(packed: &[u8], width: usize, height: usize, bits: usize) -> Option<Vec<u8>> {
    let stride = (width * bits).div_ceil(8);
    let rows = packed.get(..stride * height)?.chunks_exact(stride);
    let value = |row: &[u8], x: usize| {
        let (at, bit) = (x * bits / 8, x * bits % 8);
        let window = (0..3).fold(0, |v, i| v << 8 | row.get(at + i).copied().unwrap_or(0) as u32);
        let (v, top) = (window >> (24 - bits - bit), (1 << bits) - 1);
        if bits > 8 {
            ((v & top) >> (bits - 8)) as u8
        } else {
            ((v & top) * 255 / top) as u8
        }
    };
    Some(rows.flat_map(|row| (0..width).map(move |x| value(row, x))).collect())
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
