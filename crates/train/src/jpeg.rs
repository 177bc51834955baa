//! Real crops are kept as the JPEG files that they came as, and decoded each time: 95 MB stay 95 MB.

use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// Width, height and luminance; `None` where the file is damaged.
pub fn decode_gray(bytes: &[u8]) -> Option<(usize, usize, Vec<u8>)> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let gray = decoder.decode().ok()?;
    let (width, height) = decoder.dimensions()?;
    Some((width, height, gray))
}
