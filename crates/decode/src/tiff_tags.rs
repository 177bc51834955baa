//! A TIFF's directories as they lie in the file (TIFF 6.0, section 2; BigTIFF), so that tags which the decoder cannot take can be set anew.

use std::collections::HashSet;

pub const SUBFILE: u16 = 254;
pub const OLD_SUBFILE: u16 = 255;
pub const WIDTH: u16 = 256;
pub const HEIGHT: u16 = 257;
pub const BITS: u16 = 258;
pub const COMPRESSION: u16 = 259;
pub const PHOTOMETRIC: u16 = 262;
pub const FILL_ORDER: u16 = 266;
pub const STRIP_OFFSETS: u16 = 273;
pub const SAMPLES: u16 = 277;
pub const ROWS_PER_STRIP: u16 = 278;
pub const STRIP_BYTES: u16 = 279;
pub const PLANAR: u16 = 284;
pub const FAX_OPTIONS: u16 = 292;
pub const PREDICTOR: u16 = 317;
pub const TILE_WIDTH: u16 = 322;
pub const TILE_OFFSETS: u16 = 324;
pub const TILE_BYTES: u16 = 325;
pub const EXTRA: u16 = 338;

/// The tags that are asked for. Others are left out: directories may lie over one another, and a small file hold billions of entries.
const KNOWN: [u16; 19] = [
    SUBFILE,
    OLD_SUBFILE,
    WIDTH,
    HEIGHT,
    BITS,
    COMPRESSION,
    PHOTOMETRIC,
    FILL_ORDER,
    STRIP_OFFSETS,
    SAMPLES,
    ROWS_PER_STRIP,
    STRIP_BYTES,
    PLANAR,
    FAX_OPTIONS,
    PREDICTOR,
    TILE_WIDTH,
    TILE_OFFSETS,
    TILE_BYTES,
    EXTRA,
];

/// How a file's numbers are written.
#[derive(Clone, Copy)]
struct Layout {
    little: bool,
    big_tiff: bool,
}

/// One entry of a directory.
#[derive(Clone, Copy)]
struct Entry {
    tag: u16,
    kind: u16,
    count: usize,
    /// Where its values stand.
    at: usize,
}

/// One directory: a page, or a smaller picture of one.
pub struct Directory {
    layout: Layout,
    /// Of each known tag the first.
    entries: Vec<Entry>,
}

fn number(bytes: &[u8], at: usize, size: usize, little: bool) -> Option<u64> {
    let b = bytes.get(at..at.checked_add(size)?)?;
    let join = |v: u64, b: &u8| v << 8 | *b as u64;
    Some(if little { b.iter().rev().fold(0, join) } else { b.iter().fold(0, join) })
}

impl Directory {
    /// Values of a tag that has whole numbers; empty where it is not there.
    pub fn values(&self, bytes: &[u8], tag: u16) -> Vec<usize> {
        let Some(e) = self.entries.iter().find(|e| e.tag == tag) else { return Vec::new() };
        let size = size_of(e.kind);
        // No more than the file can hold.
        (0..e.count.min(bytes.len() / size.max(1)))
            .map_while(|i| number(bytes, e.at + i * size, size, self.layout.little).map(|v| v as usize))
            .collect()
    }

    pub fn value(&self, bytes: &[u8], tag: u16) -> Option<usize> {
        self.values(bytes, tag).first().copied()
    }

    /// Sets all values of a tag to `value`. `false` where the tag is not there or its values are too small.
    pub fn set(&self, bytes: &mut [u8], tag: u16, value: usize) -> bool {
        let Some(e) = self.entries.iter().find(|e| e.tag == tag) else { return false };
        let size = size_of(e.kind);
        // In WASM a `usize` has 32 bits, and a shift by as many does nothing.
        let value = value as u64;
        if size < 8 && value >> (8 * size) != 0 {
            return false;
        }
        for i in 0..e.count.min(bytes.len() / size.max(1)) {
            let Some(place) = bytes.get_mut(e.at + i * size..e.at + (i + 1) * size) else { return false };
            for (k, b) in place.iter_mut().enumerate() {
                let shift = 8 * if self.layout.little { k } else { size - 1 - k };
                *b = (value >> shift) as u8;
            }
        }
        true
    }
}

/// Bytes of a value of a type (TIFF 6.0, page 15; BigTIFF); 0 for one that is no whole number.
fn size_of(kind: u16) -> usize {
    match kind {
        1 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 13 => 4,
        16..=18 => 8,
        _ => 0,
    }
}

/// All directories of the chain, each once; what cannot be read ends it.
pub fn directories(bytes: &[u8]) -> Vec<Directory> {
    let little = bytes.starts_with(b"II");
    let Some(version) = number(bytes, 2, 2, little) else { return Vec::new() };
    let layout = Layout { little, big_tiff: version == 43 };
    let (count_size, offset_size) = if layout.big_tiff { (8, 8) } else { (2, 4) };
    let entry_size = 4 + 2 * offset_size;
    let (mut seen, mut out) = (HashSet::new(), Vec::new());
    let mut next = number(bytes, if layout.big_tiff { 8 } else { 4 }, offset_size, little);
    while let Some(at) = next.filter(|&at| at != 0 && seen.insert(at)).map(|at| at as usize) {
        let Some(count) = number(bytes, at, count_size, little) else { break };
        let first = at + count_size;
        let entry = |i: usize| {
            let e = first + i * entry_size;
            let field = |at, size| number(bytes, at, size, little);
            let (tag, kind) = (field(e, 2)? as u16, field(e + 2, 2)? as u16);
            let count = field(e + 4, offset_size)? as usize;
            let place = e + 4 + offset_size;
            let inside = size_of(kind).checked_mul(count).is_some_and(|n| n <= offset_size);
            let at = if inside { place } else { field(place, offset_size)? as usize };
            Some(Entry { tag, kind, count, at: at.min(bytes.len()) })
        };
        let mut entries: Vec<Entry> = Vec::new();
        for e in (0..count as usize).map_while(entry).filter(|e| KNOWN.contains(&e.tag)) {
            if entries.iter().all(|had| had.tag != e.tag) {
                entries.push(e);
            }
        }
        out.push(Directory { layout, entries });
        let end = (count as usize).checked_mul(entry_size).and_then(|n| n.checked_add(first));
        next = end.and_then(|end| number(bytes, end, offset_size, little));
    }
    out
}
