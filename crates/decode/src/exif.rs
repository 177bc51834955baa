//! The orientation tag of an EXIF block (a small TIFF).

/// Orientation 1 to 8; 1 where there is none or the block is damaged.
pub fn orientation(exif: &[u8]) -> u16 {
    find(exif).filter(|o| (1..=8).contains(o)).unwrap_or(1)
}

fn find(exif: &[u8]) -> Option<u16> {
    let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let little = tiff.starts_with(b"II");
    let u16_at = |i: usize| -> Option<u16> {
        let b: [u8; 2] = tiff.get(i..i.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(b) } else { u16::from_be_bytes(b) })
    };
    let u32_at = |i: usize| -> Option<usize> {
        let b: [u8; 4] = tiff.get(i..i.checked_add(4)?)?.try_into().ok()?;
        Some(if little { u32::from_le_bytes(b) } else { u32::from_be_bytes(b) } as usize)
    };
    let ifd = u32_at(4)?;
    let entries = u16_at(ifd)? as usize;
    (0..entries).map(|i| ifd + 2 + 12 * i).find(|&at| u16_at(at) == Some(0x0112)).and_then(|at| u16_at(at + 8))
}
