//! A picture of every stage of a page: for `--dump-stages` and the example `read`.

use page::heads::*;
use page::raster::{Gray, Rect};
use page::Analysis;

/// One stage's picture.
pub struct Picture {
    stage: &'static str,
    pub gray: Gray,
}

impl Picture {
    /// "STAGE WIDTH HEIGHT".
    pub fn name(&self) -> String {
        format!("{} {} {}", self.stage, self.gray.width, self.gray.height)
    }
}

/// The evened page, its ink, what was lifted, what the net says (written and printed ink; cores with gaps and links; rules), and the
/// page with the boxes of its segments: black written ones, grey printed ones.
pub fn of(a: &Analysis) -> Vec<Picture> {
    let map = |f: &dyn Fn(&[f32]) -> f32| {
        let data = (0..a.map.width * a.map.height).map(|i| 255 - (f(a.map.at(i)).clamp(0.0, 1.0) * 255.0) as u8).collect();
        Gray::new(a.map.width, a.map.height, data)
    };
    let mask = |m: &page::ink::Mask| Gray::new(m.width, m.height, m.data.iter().map(|&v| 255 * (1 - v)).collect());
    let mut boxes = a.even.clone();
    for s in &a.segments {
        outline(&mut boxes, &s.rect, if s.hand >= s.print { 0 } else { 170 });
    }
    let all = [
        ("1-light", a.even.clone()),
        ("2-ink", mask(&a.ink)),
        ("3-hand", map(&|p| p[HAND])),
        ("4-print", map(&|p| p[PRINT])),
        ("5-cores-hand", map(&|p| p[CORE_HAND].max(0.4 * p[LINK]) * (1.0 - p[GAP]))),
        ("6-cores-print", map(&|p| p[CORE_PRINT].max(0.4 * p[LINK]) * (1.0 - p[GAP]))),
        ("7-gaps", map(&|p| p[GAP])),
        ("8-rules", map(&|p| p[LYING].max(p[UPRIGHT]))),
        ("9-lifted", mask(&a.lifted)),
        ("10-segments", boxes),
    ];
    all.into_iter().map(|(stage, gray)| Picture { stage, gray }).collect()
}

fn outline(page: &mut Gray, r: &Rect, shade: u8) {
    for x in r.left..r.right {
        page.data[r.top * page.width + x] = shade;
        page.data[(r.bottom - 1) * page.width + x] = shade;
    }
    for y in r.top..r.bottom {
        page.data[y * page.width + r.left] = shade;
        page.data[y * page.width + r.right - 1] = shade;
    }
}
