//! Places of an analysed page back on the decoded one: undoes levelling, turning and shrinking.

use crate::result::{Bounds, Polygon};
use page::raster::Rect;
use page::Analysis;

pub struct Place {
    quarters: usize,
    slope: f32,
    shrink: f32,
    /// Size of the analysed page.
    size: (f32, f32),
    /// Size of the decoded page.
    page: (i32, i32),
}

impl Place {
    pub fn new(a: &Analysis, width: usize, height: usize) -> Self {
        Self {
            quarters: a.quarters,
            slope: a.slope,
            shrink: a.shrink as f32,
            size: (a.even.width as f32, a.even.height as f32),
            page: (width as i32, height as i32),
        }
    }

    /// Degrees clockwise that make the decoded page upright.
    pub fn rotation(&self) -> f32 {
        let degrees = self.quarters as f32 * 90.0 - self.slope.atan().to_degrees();
        let d = (degrees * 100.0).round() / 100.0;
        if d < 0.0 {
            d + 360.0
        } else {
            d
        }
    }

    /// Where a point of the analysed page is on the decoded one.
    pub fn point(&self, x: f32, y: f32) -> [i32; 2] {
        let (w, h) = self.size;
        let (dx, dy) = (x - w / 2.0, y - h / 2.0);
        let (x, y) = (x - self.slope * dy, y + self.slope * dx);
        let (x, y) = match self.quarters % 4 {
            0 => (x, y),
            1 => (y, w - x),
            2 => (w - x, h - y),
            _ => (h - y, x),
        };
        let to = |v: f32, most: i32| ((v * self.shrink).round() as i32).clamp(0, most);
        [to(x, self.page.0), to(y, self.page.1)]
    }

    pub fn polygon(&self, r: &Rect) -> Polygon {
        let (l, t, r, b) = (r.left as f32, r.top as f32, r.right as f32, r.bottom as f32);
        [self.point(l, t), self.point(r, t), self.point(r, b), self.point(l, b)]
    }

    pub fn bounds(&self, r: &Rect) -> Bounds {
        let p = self.polygon(r);
        let (xs, ys) = (p.map(|c| c[0]), p.map(|c| c[1]));
        let (l, t) = (*xs.iter().min().unwrap_or(&0), *ys.iter().min().unwrap_or(&0));
        let (r, b) = (*xs.iter().max().unwrap_or(&0), *ys.iter().max().unwrap_or(&0));
        [l, t, r - l, b - t]
    }
}
