//! A grey drawing of ink for synthetic lines: strokes, glyph stamps, warps, filters. Ink is 0..1, `[height][width]`.

use crate::random::Random;

#[derive(Clone, Default)]
pub struct Canvas {
    pub width: usize,
    pub height: usize,
    pub data: Vec<f32>,
}

impl Canvas {
    pub fn new(width: usize, height: usize) -> Self {
        Self { width, height, data: vec![0.0; width * height] }
    }
    pub fn at(&self, x: isize, y: isize) -> f32 {
        if x < 0 || y < 0 || x >= self.width as isize || y >= self.height as isize {
            0.0
        } else {
            self.data[y as usize * self.width + x as usize]
        }
    }
    /// Bilinear value; there is no ink outside.
    pub fn sample(&self, x: f32, y: f32) -> f32 {
        let (fx, fy) = (x.floor(), y.floor());
        let (ix, iy, ax, ay) = (fx as isize, fy as isize, x - fx, y - fy);
        if ix >= 0 && iy >= 0 && ix + 1 < self.width as isize && iy + 1 < self.height as isize {
            let i = iy as usize * self.width + ix as usize;
            let (above, below) = (&self.data[i..i + 2], &self.data[i + self.width..i + self.width + 2]);
            let top = above[0] * (1.0 - ax) + above[1] * ax;
            return top * (1.0 - ay) + (below[0] * (1.0 - ax) + below[1] * ax) * ay;
        }
        let top = self.at(ix, iy) * (1.0 - ax) + self.at(ix + 1, iy) * ax;
        let bottom = self.at(ix, iy + 1) * (1.0 - ax) + self.at(ix + 1, iy + 1) * ax;
        top * (1.0 - ay) + bottom * ay
    }
    /// Keeps the darker of what is there and `v`.
    pub fn ink(&mut self, x: isize, y: isize, v: f32) {
        if x >= 0 && y >= 0 && x < self.width as isize && y < self.height as isize {
            let p = &mut self.data[y as usize * self.width + x as usize];
            *p = p.max(v);
        }
    }
    /// Puts `stamp` with its upper left corner at (x, y).
    pub fn stamp(&mut self, stamp: &Canvas, x: isize, y: isize) {
        for sy in 0..stamp.height {
            for sx in 0..stamp.width {
                let v = stamp.data[sy * stamp.width + sx];
                if v > 0.0 {
                    self.ink(x + sx as isize, y + sy as isize, v);
                }
            }
        }
    }
    /// A straight stroke with round ends and soft edges; `dark` 0..1.
    pub fn stroke(&mut self, (x0, y0): (f32, f32), (x1, y1): (f32, f32), thickness: f32, dark: f32) {
        let r = thickness / 2.0;
        let (lx, hx) = (x0.min(x1) - r - 1.0, x0.max(x1) + r + 1.0);
        let (ly, hy) = (y0.min(y1) - r - 1.0, y0.max(y1) + r + 1.0);
        let (dx, dy) = (x1 - x0, y1 - y0);
        let len = (dx * dx + dy * dy).max(1e-6);
        for y in (ly.max(0.0) as isize)..=(hy.min(self.height as f32 - 1.0) as isize) {
            for x in (lx.max(0.0) as isize)..=(hx.min(self.width as f32 - 1.0) as isize) {
                let (px, py) = (x as f32 - x0, y as f32 - y0);
                let t = ((px * dx + py * dy) / len).clamp(0.0, 1.0);
                let d = ((px - t * dx).powi(2) + (py - t * dy).powi(2)).sqrt();
                let v = (r + 0.5 - d).clamp(0.0, 1.0) * dark;
                if v > 0.0 {
                    self.ink(x, y, v);
                }
            }
        }
    }
    /// Strokes along points.
    pub fn path(&mut self, points: &[(f32, f32)], thickness: f32, dark: f32) {
        for p in points.windows(2) {
            self.stroke(p[0], p[1], thickness, dark);
        }
    }
    /// Strokes along points, all dark; a point alone is a dot of its own thickness.
    pub fn path_or_dot(&mut self, points: &[(f32, f32)], thickness: f32, dot: f32) {
        self.path(points, thickness, 1.0);
        if let &[(x, y)] = points {
            self.stroke((x, y), (x + 0.5, y), dot, 1.0);
        }
    }
    /// The picture with each pixel taken from where `from` says; `from` gets (x, y) of the result.
    pub fn warp(&self, width: usize, height: usize, from: impl Fn(f32, f32) -> (f32, f32)) -> Canvas {
        let mut out = Canvas::new(width, height);
        for y in 0..height {
            for x in 0..width {
                let (sx, sy) = from(x as f32, y as f32);
                out.data[y * width + x] = self.sample(sx, sy);
            }
        }
        out
    }
    /// Like [`Canvas::warp`], each source shifted further by `power` times the noises' values.
    pub fn warp_elastic(
        &self,
        width: usize,
        height: usize,
        power: f32,
        (nx, ny): (&Noise, &Noise),
        from: impl Fn(f32, f32) -> (f32, f32),
    ) -> Canvas {
        let mut out = Canvas::new(width, height);
        let (mut dx, mut dy) = (vec![0.0; width], vec![0.0; width]);
        for (y, row) in out.data.chunks_exact_mut(width.max(1)).enumerate() {
            nx.row(y as f32, &mut dx);
            ny.row(y as f32, &mut dy);
            for (x, v) in row.iter_mut().enumerate() {
                let (sx, sy) = from(x as f32, y as f32);
                *v = self.sample(sx + power * dx[x], sy + power * dy[x]);
            }
        }
        out
    }
    /// Box filter of radius `r` in both directions, run twice: close to a Gaussian of variance `2 * (r^2 + r) / 3`. `r` may be a fraction.
    pub fn blur(&mut self, r: f32) {
        if r < 0.05 {
            return;
        }
        for _ in 0..2 {
            self.blur_lines(r, true);
            self.blur_lines(r, false);
        }
    }
    fn blur_lines(&mut self, r: f32, across: bool) {
        let (lines, len, step, line_step) =
            if across { (self.height, self.width, 1, self.width) } else { (self.width, self.height, self.width, 1) };
        let whole = r.floor() as isize;
        let (part, norm) = (r - r.floor(), 1.0 / (2.0 * r + 1.0));
        let mut line = vec![0.0f32; len];
        for l in 0..lines {
            let base = l * line_step;
            for (i, v) in line.iter_mut().enumerate() {
                *v = self.data[base + i * step];
            }
            let get = |i: isize| line[i.clamp(0, len as isize - 1) as usize];
            for i in 0..len as isize {
                let mut sum = part * (get(i - whole - 1) + get(i + whole + 1));
                for d in -whole..=whole {
                    sum += get(i + d);
                }
                self.data[base + i as usize * step] = sum * norm;
            }
        }
    }
    /// Moves soft edges so that strokes grow (`by` > 0) or thin (`by` < 0): a slope around a moved threshold.
    pub fn thicken(&mut self, by: f32, slope: f32) {
        for v in self.data.iter_mut() {
            *v = ((*v - 0.5 + by) * slope + 0.5).clamp(0.0, 1.0);
        }
    }
    /// Middle lines of the strokes, one pixel wide: thinning after Zhang and Suen 1984 of what is above `level`.
    pub fn skeleton(&self, level: f32) -> Vec<(usize, usize)> {
        let (w, h) = (self.width + 2, self.height + 2);
        let mut on = vec![false; w * h];
        for y in 0..self.height {
            for x in 0..self.width {
                on[(y + 1) * w + x + 1] = self.data[y * self.width + x] > level;
            }
        }
        let mut gone = Vec::new();
        loop {
            let mut changed = false;
            for half in 0..2 {
                for y in 1..h - 1 {
                    for x in 1..w - 1 {
                        let i = y * w + x;
                        if !on[i] {
                            continue;
                        }
                        // Neighbours clockwise from above.
                        let p = [i - w, i - w + 1, i + 1, i + w + 1, i + w, i + w - 1, i - 1, i - w - 1].map(|j| on[j]);
                        let n = p.iter().filter(|&&v| v).count();
                        let turns = (0..8).filter(|&k| !p[k] && p[(k + 1) % 8]).count();
                        let edge = if half == 0 { !(p[2] && p[4] && (p[0] || p[6])) } else { !(p[0] && p[6] && (p[2] || p[4])) };
                        if (2..=6).contains(&n) && turns == 1 && edge {
                            gone.push(i);
                        }
                    }
                }
                changed |= !gone.is_empty();
                gone.drain(..).for_each(|i| on[i] = false);
            }
            if !changed {
                break;
            }
        }
        (0..on.len()).filter(|&i| on[i]).map(|i| (i % w - 1, i / w - 1)).collect()
    }
    /// Bounding box (left, top, right, bottom; exclusive) of ink above `level`.
    pub fn bounds(&self, level: f32) -> Option<(usize, usize, usize, usize)> {
        let (mut l, mut t, mut r, mut b) = (usize::MAX, usize::MAX, 0, 0);
        for y in 0..self.height {
            for x in 0..self.width {
                if self.data[y * self.width + x] > level {
                    (l, t, r, b) = (l.min(x), t.min(y), r.max(x + 1), b.max(y + 1));
                }
            }
        }
        (r > l).then_some((l, t, r, b))
    }
}

/// Smooth noise: random values on a grid of `cell` pixels, bilinear between, -1..1.
pub struct Noise {
    columns: usize,
    cell: f32,
    values: Vec<f32>,
}

impl Noise {
    pub fn new(width: usize, height: usize, cell: f32, random: &mut Random) -> Self {
        let columns = (width as f32 / cell) as usize + 3;
        let rows = (height as f32 / cell) as usize + 3;
        let values = (0..columns * rows).map(|_| random.range(-1.0, 1.0)).collect();
        Self { columns, cell, values }
    }
    /// Values at the pixels `0..out.len()` of row `y`.
    pub fn row(&self, y: f32, out: &mut [f32]) {
        let rows = self.values.len() / self.columns;
        let gy = (y / self.cell).max(0.0);
        let iy = (gy as usize).min(rows - 2);
        let ay = (gy - iy as f32).min(1.0);
        let (above, below) = (&self.values[iy * self.columns..][..self.columns], &self.values[(iy + 1) * self.columns..]);
        let at = |i: usize| above[i] * (1.0 - ay) + below[i] * ay;
        let (mut i, mut low, mut step) = (usize::MAX, 0.0, 0.0);
        for (x, v) in out.iter_mut().enumerate() {
            let gx = x as f32 / self.cell;
            let ix = (gx as usize).min(self.columns - 2);
            if ix != i {
                (i, low) = (ix, at(ix));
                step = at(ix + 1) - low;
            }
            *v = low + step * (gx - ix as f32).min(1.0);
        }
    }
}
