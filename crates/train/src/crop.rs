//! Crops of lines as they are kept: JPEG files as the sets hold them, or plain pixels that our own page stage cut.
//! They are decoded each time they are drawn: 95 MB stay 95 MB.

use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// Width, height and luminance of a JPEG file, or of plain pixels behind their width and height (little-endian `u16` each).
/// `None` where the bytes are damaged.
pub fn decode_gray(bytes: &[u8]) -> Option<(usize, usize, Vec<u8>)> {
    if !bytes.starts_with(&[0xff, 0xd8]) {
        let (head, pixels) = bytes.split_at_checked(4)?;
        let (width, height) = (u16::from_le_bytes([head[0], head[1]]) as usize, u16::from_le_bytes([head[2], head[3]]) as usize);
        return (pixels.len() == width * height && !pixels.is_empty()).then(|| (width, height, pixels.to_vec()));
    }
    decode(bytes, ColorSpace::Luma)
}

/// Width, height and `[height][width][3]` of a JPEG file; `None` where it is damaged.
pub fn decode_rgb(bytes: &[u8]) -> Option<(usize, usize, Vec<u8>)> {
    decode(bytes, ColorSpace::RGB)
}

fn decode(bytes: &[u8], space: ColorSpace) -> Option<(usize, usize, Vec<u8>)> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(space);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let pixels = decoder.decode().ok()?;
    let (width, height) = decoder.dimensions()?;
    Some((width, height, pixels))
}
