//! What is no text and no rule: logos, codes, pictures, holes, stains; tally strokes, signatures and drawings by hand.

use super::page::Page;
use super::pen::Pen;
use super::sheet::{Area, Layer};
use crate::canvas::{Canvas, Noise};

fn circle(cx: f32, cy: f32, rx: f32, ry: f32, n: usize) -> Vec<(f32, f32)> {
    (0..=n).map(|i| (i as f32 * core::f32::consts::TAU / n as f32).sin_cos()).map(|(s, c)| (cx + rx * c, cy + ry * s)).collect()
}

impl Page<'_> {
    /// A square of black and white modules.
    pub fn code_square(&mut self, (l, t, r, b): Area) {
        let side = (r - l).min(b - t);
        let n = self.r.between(9, 25);
        let step = side / n as f32;
        let tone = [self.r.range(1.2, 2.6); 3];
        let eye = |x: usize, y: usize| {
            let (x, y) = (x.min(n - 1 - x), y.min(n - 1 - y));
            (x < 7 && y < 7).then(|| x.min(y).min(6 - x.max(y).min(6)) != 1 && (x < 6 || y < 6))
        };
        for y in 0..n {
            for x in 0..n {
                let corner = if x >= n - 7 && y >= n - 7 { None } else { eye(x, y) };
                let on = corner.unwrap_or_else(|| self.r.chance(0.5));
                if on {
                    let (x, y) = (l + x as f32 * step, t + y as f32 * step);
                    self.sheet.fill((x, y, x + step, y + step), Some(Layer::Other), tone);
                }
            }
        }
    }
    pub fn bars(&mut self, (l, t, r, b): Area) {
        let tone = [self.r.range(1.2, 2.6); 3];
        let mut x = l;
        while x < r {
            let w = self.r.range(0.7, 2.6);
            self.sheet.fill((x, t, x + w, b), Some(Layer::Other), tone);
            x += w + self.r.range(0.7, 2.6);
        }
    }
    /// A mark of a firm: discs, boxes, stripes.
    pub fn logo(&mut self, (l, t, r, b): Area) {
        let tone = *self.r.pick(&[[2.0, 2.0, 2.0], [1.8, 0.9, 0.3], [0.3, 1.6, 1.4], [1.3, 0.4, 1.3], [0.6, 0.6, 0.6]]);
        let (cx, cy) = ((l + r) / 2.0, (t + b) / 2.0);
        let s = ((r - l).min(b - t) / 2.0).max(2.0);
        match self.r.below(5) {
            0 => {
                self.path(&circle(cx, cy, s * 0.5, s * 0.5, 24), s * 0.9, Layer::Other, tone);
            }
            1 => {
                for k in [1.0, 0.65, 0.3] {
                    self.path(&circle(cx, cy, s * k, s * k, 24), s * 0.16, Layer::Other, tone);
                }
            }
            2 => {
                for i in 0..4 {
                    let y = t + (b - t) * i as f32 / 4.0;
                    self.sheet.fill((cx - s, y, cx + s * self.r.range(0.2, 1.0), y + s * 0.25), Some(Layer::Other), tone);
                }
            }
            3 => {
                let n = self.r.between(3, 7);
                let points: Vec<(f32, f32)> = (0..=2 * n)
                    .map(|i| {
                        let k = if i % 2 == 0 { 1.0 } else { 0.45 };
                        let (sin, cos) = (i as f32 * core::f32::consts::PI / n as f32).sin_cos();
                        (cx + k * s * sin, cy - k * s * cos)
                    })
                    .collect();
                let thick = s * self.r.range(0.08, 0.4);
                self.path(&points, thick, Layer::Other, tone);
            }
            _ => {
                self.sheet.fill((cx - s, cy - s * 0.6, cx + s, cy + s * 0.6), Some(Layer::Other), tone);
                self.path(
                    &[(cx - s * 0.6, cy + s * 0.4), (cx, cy - s * 0.4), (cx + s * 0.6, cy + s * 0.4)],
                    s * 0.2,
                    Layer::Other,
                    tone.map(|t| -t),
                );
            }
        }
    }
    /// A picture in grey tones.
    pub fn picture(&mut self, (l, t, r, b): Area) {
        let (w, h) = ((r - l).max(1.0) as usize, (b - t).max(1.0) as usize);
        let cell = self.r.range(2.0, 14.0);
        let noise = Noise::new(w, h, cell, &mut self.r);
        let mut ink = Canvas::new(w, h);
        let (mean, depth) = (self.r.range(0.2, 0.7), self.r.range(0.2, 0.6));
        let mut row = vec![0.0; w];
        for (y, line) in ink.data.chunks_exact_mut(w).enumerate() {
            noise.row(y as f32, &mut row);
            line.iter_mut().zip(&row).for_each(|(v, n)| *v = (mean + depth * n).clamp(0.0, 1.0));
        }
        let tone = *self.r.pick(&[[1.6, 1.6, 1.6], [0.8, 1.1, 1.4], [1.4, 0.9, 0.6]]);
        self.sheet.lay(&ink, l as isize, t as isize, Layer::Other, tone);
    }
    /// Holes of a punch or a spiral down the left side.
    pub fn holes(&mut self) {
        let size = self.h * self.r.range(0.25, 0.7);
        let step = if self.r.chance(0.5) { size * self.r.range(2.5, 5.0) } else { self.height() * self.r.range(0.2, 0.5) };
        let x = size * self.r.range(1.2, 2.5);
        let tone = [self.r.range(0.5, 2.2); 3];
        let mut y = self.r.unit() * step;
        while y < self.height() {
            self.path(&circle(x, y, size * 0.5, size * 0.5, 14), size * 0.95, Layer::Other, tone);
            y += step;
        }
    }
    /// Some marks that are no text, anywhere: what teachers and clerks leave, staples, corners to align by, hatching.
    pub fn clutter(&mut self) {
        let own = self.pen;
        if self.r.chance(0.5) {
            self.pen = Pen::teacher(self.h, &mut self.r);
        }
        for _ in 0..self.r.between(1, 5) {
            let (x, y) = (self.r.unit() * self.width(), self.r.unit() * self.height());
            let s = self.h * self.r.range(0.8, 3.0);
            let area = (x, y, x + s, y + s);
            match self.r.below(12) {
                0..=2 => self.tick(area),
                3 => self.scribble((x, y, x + s * 1.5, y + s * 0.7)),
                4 => {
                    let pen = self.pen;
                    self.ring_with(area, &pen);
                }
                5 => self.staple(x, y),
                10 => {
                    // What is left of rules and frames.
                    let rule = self.ruling.thick;
                    if self.r.chance(0.6) {
                        self.lying(x, x + s, y, rule);
                    }
                    if self.r.chance(0.6) {
                        self.upright(x, y - rule / 2.0, y + s, rule);
                    }
                }
                6 => self.corners(s * 0.5),
                7 => self.hatching((x, y, x + s * 2.0, y + s)),
                8 => self.blot(x, y, s * 0.4),
                9 => {
                    // One long stroke, as of a pen that slipped or a teacher's margin.
                    let pen = self.pen;
                    let (dx, dy) = (self.r.normal() * s * 3.0, self.r.normal() * s * 3.0);
                    self.scrawl(&[(x, y), (x + dx * 0.5 + s * 0.2, y + dy * 0.5), (x + dx, y + dy)], &pen);
                }
                _ => self.flourish(x, y),
            }
        }
        self.pen = own;
    }
    fn staple(&mut self, x: f32, y: f32) {
        let (sin, cos) = self.r.range(0.0, core::f32::consts::TAU).sin_cos();
        let half = self.h * self.r.range(0.4, 0.9);
        let thick = self.h * self.r.range(0.08, 0.2);
        let tone = [self.r.range(0.4, 1.8); 3];
        self.path(&[(x - cos * half, y - sin * half), (x + cos * half, y + sin * half)], thick, Layer::Other, tone);
    }
    /// Corners or squares by which machines find the fields of a form.
    fn corners(&mut self, s: f32) {
        let (w, h, air) = (self.width(), self.height(), self.h * self.r.range(0.3, 2.0));
        let solid = self.r.chance(0.5);
        let tone = [self.r.range(1.2, 2.6); 3];
        let thick = if solid { s } else { s * 0.25 };
        for (cx, cy, dx, dy) in
            [(air, air, 1.0, 1.0), (w - air, air, -1.0, 1.0), (air, h - air, 1.0, -1.0), (w - air, h - air, -1.0, -1.0)]
        {
            let far: (f32, f32) = (cx + dx * s, cy + dy * s);
            let (x, y) = (cx + dx * thick, cy + dy * thick);
            self.sheet.fill((cx.min(far.0), cy.min(y), cx.max(far.0), cy.max(y)), Some(Layer::Other), tone);
            self.sheet.fill((cx.min(x), cy.min(far.1), cx.max(x), cy.max(far.1)), Some(Layer::Other), tone);
        }
    }
    /// Parallel strokes, printed or drawn, that fill an area.
    fn hatching(&mut self, (l, t, r, b): Area) {
        let pen = self.pen;
        let step = self.h * self.r.range(0.2, 0.5);
        let lean = self.h * self.r.range(-0.8, 0.8);
        let mut x = l;
        while x < r {
            self.scrawl(&[(x, b), (x + lean, t)], &pen);
            x += step;
        }
    }
    /// Spilt ink, or the ring of a cup.
    fn blot(&mut self, x: f32, y: f32, s: f32) {
        let tone = *self.r.pick(&[[0.2, 0.35, 0.6], [1.2, 1.2, 1.2], [0.5, 0.3, 0.1]]);
        let (s, thick) = if self.r.chance(0.5) { (s, s * 1.1) } else { (s * 4.0, s * 0.3) };
        let wobble = self.r.range(0.8, 1.25);
        self.path(&circle(x, y, s * 0.6, s * 0.6 * wobble, 20), thick, Layer::Other, tone);
    }
    /// Specks and a blot.
    pub fn dirt(&mut self) {
        let tone = [self.r.range(0.2, 1.2); 3];
        for _ in 0..self.r.between(1, 14) {
            let p = (self.r.unit() * self.width(), self.r.unit() * self.height());
            let size = self.r.range(0.7, 2.2);
            let q = (p.0 + self.r.range(-1.5, 1.5), p.1 + self.r.range(-1.5, 1.5));
            self.path(&[p, q], size, Layer::Other, tone);
        }
    }
    /// Strokes for a count, the fifth across. Returns where they end.
    pub fn tally(&mut self, x: f32, base: f32, h: f32, n: usize) -> f32 {
        let pen = self.pen.pressed(&mut self.r);
        let step = h * self.r.range(0.22, 0.45);
        let lean = self.r.normal() * 0.1 * h;
        let mut at = x;
        for i in 0..n {
            if i % 5 == 4 {
                let (a, b) = ((at - 4.3 * step, base - h * self.r.range(0.1, 0.4)), (at, base - h * self.r.range(0.6, 1.0)));
                self.scrawl(&[a, b], &pen);
                at += step * 1.2;
            } else {
                let sway = self.r.normal() * 0.06 * h;
                let up = h * self.r.range(0.8, 1.15);
                let foot = base + self.r.normal() * 0.06 * h;
                self.scrawl(&[(at + lean + sway, base - up), (at, foot)], &pen);
                at += step;
            }
        }
        at
    }
    /// A name that nobody can read: loops and a long stroke.
    pub fn signature(&mut self, x: f32, base: f32, h: f32) {
        let pen = self.pen.pressed(&mut self.r);
        let wide = h * self.r.range(2.0, 5.5);
        let turns = self.r.range(2.0, 7.0);
        let (grow, start) = (self.r.range(0.3, 0.9), self.r.range(0.0, 6.3));
        let n = (turns * 9.0) as usize;
        let points: Vec<(f32, f32)> = (0..n)
            .map(|i| {
                let t = i as f32 / n as f32;
                let a = start + turns * core::f32::consts::TAU * t;
                let size = h * (0.3 + grow * (1.0 - t) * (3.0 * t + start).sin().abs());
                (x + wide * t + size * 0.5 * a.cos(), base - h * 0.4 + size * a.sin())
            })
            .collect();
        self.scrawl(&points, &pen);
        if self.r.chance(0.6) {
            let y = base + h * self.r.range(-0.1, 0.5);
            let end = y - h * self.r.range(-0.2, 0.5);
            self.scrawl(&[(x - 0.2 * h, y), (x + wide * 1.1, end)], &pen);
        }
    }
    /// A scribble that fills a box, as over what was wrong.
    pub fn scribble(&mut self, (l, t, r, b): Area) {
        let pen = self.pen;
        let n = self.r.between(6, 16);
        let points: Vec<(f32, f32)> = (0..n)
            .map(|i| {
                let x = l + (r - l) * i as f32 / n as f32 + self.r.normal() * (r - l) * 0.08;
                (x, if i % 2 == 0 { t } else { b } + self.r.normal() * (b - t) * 0.15)
            })
            .collect();
        self.scrawl(&points, &pen);
    }
    /// An arrow, a brace, an underline, a curve: what notes are full of.
    pub fn flourish(&mut self, x: f32, y: f32) {
        let (h, pen, kind) = (self.h, self.pen.pressed(&mut self.r), self.r.below(5));
        let mut at = |dx: f32, dy: f32| (x + (dx + 0.08 * self.r.normal()) * h, y + (dy + 0.08 * self.r.normal()) * h);
        let strokes: Vec<Vec<(f32, f32)>> = match kind {
            0 => vec![vec![at(0.0, 0.0), at(1.5, -0.2), at(3.0, 0.0)], vec![at(2.4, -0.5), at(3.0, 0.0), at(2.5, 0.5)]],
            1 => vec![vec![at(0.4, -2.0), at(0.0, -1.7), at(0.1, -0.4), at(-0.3, 0.0), at(0.1, 0.4), at(0.0, 1.7), at(0.4, 2.0)]],
            2 => vec![vec![at(0.0, 0.0), at(2.0, 0.1), at(4.0, -0.1)], vec![at(0.1, 0.3), at(3.9, 0.25)]],
            3 => vec![(0..16).map(|i| at((i as f32 * 0.7).cos() * 0.7, (i as f32 * 0.7).sin() * 0.7)).collect()],
            _ => vec![(0..13).map(|i| at(i as f32 * 0.4, if i % 2 == 0 { 0.0 } else { 0.4 })).collect()],
        };
        strokes.iter().for_each(|s| self.scrawl(s, &pen));
    }
    /// A line drawn by hand where a form would have a rule.
    pub fn drawn_rule(&mut self, a: (f32, f32), b: (f32, f32), pen: &Pen) {
        let layer = if (a.0 - b.0).abs() > (a.1 - b.1).abs() { Layer::Lying } else { Layer::Upright };
        let length = ((a.0 - b.0).powi(2) + (a.1 - b.1).powi(2)).sqrt();
        let n = (length / (self.h * 3.0)).ceil().max(1.0) as usize;
        let points: Vec<(f32, f32)> = (0..=n)
            .map(|i| {
                let t = i as f32 / n as f32;
                let sway = self.h * 0.05;
                (a.0 + (b.0 - a.0) * t + sway * self.r.normal(), a.1 + (b.1 - a.1) * t + sway * self.r.normal())
            })
            .collect();
        self.path(&points, pen.width.max(0.7), layer, pen.tone);
    }
    pub fn drawn_frame(&mut self, (l, t, r, b): Area, pen: &Pen) {
        for (p, q) in [((l, t), (r, t)), ((r, t), (r, b)), ((l, b), (r, b)), ((l, t), (l, b))] {
            self.drawn_rule(p, q, pen);
        }
    }
}
