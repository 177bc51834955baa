//! Crops of the evened page for the recogniser: only the segment's own ink, the rest is paper.

use crate::raster::{Gray, Rect};
use crate::segment::Segment;

/// Grey pixels of a segment with a little air. Ink of other components and lifted rules is painted over with paper.
pub fn crop(page: &Gray, labels: &[u32], lifted: &[u8], s: &Segment) -> Gray {
    let rect = bounds(page, s);
    let mut own: Vec<u32> = s.parts.iter().map(|&i| i as u32 + 1).collect();
    own.sort_unstable();
    let w = page.width;
    // Foreign ink has soft edges: a pixel beside it is painted over too.
    let foreign = |x: usize, y: usize| {
        let i = y * w + x;
        lifted[i] != 0 || (labels[i] != 0 && own.binary_search(&labels[i]).is_err())
    };
    let mut data = Vec::with_capacity(rect.width() * rect.height());
    for y in rect.top..rect.bottom {
        for x in rect.left..rect.right {
            let i = y * w + x;
            let mine = labels[i] != 0 && !foreign(x, y);
            let hidden = !mine
                && (y.saturating_sub(1)..(y + 2).min(page.height))
                    .any(|ny| (x.saturating_sub(1)..(x + 2).min(w)).any(|nx| foreign(nx, ny)));
            data.push(if hidden { 255 } else { page.data[i] });
        }
    }
    Gray::new(rect.width(), rect.height(), data)
}

/// The place of a segment's picture: its box with a little air.
pub fn bounds(page: &Gray, s: &Segment) -> Rect {
    let air = (s.rect.height() / 10).clamp(2, 8);
    Rect {
        left: s.rect.left.saturating_sub(air),
        top: s.rect.top.saturating_sub(air),
        right: (s.rect.right + air).min(page.width),
        bottom: (s.rect.bottom + air).min(page.height),
    }
}
