//! What hands leave beside text: ticks, crosses, rings, strokes through words, characters in combs.

use super::page::{Extent, Page, Type};
use super::pen::Pen;
use super::sheet::{Area, Layer, Mark};
use super::{content, By};

impl Page<'_> {
    /// A tick, a cross or a blot in a box.
    pub fn tick(&mut self, (l, t, r, b): Area) {
        let pen = self.pen;
        let (w, h) = (r - l, b - t);
        let size = w.min(h) * self.r.range(0.7, 1.3);
        let (cx, cy) = ((l + r) / 2.0 + self.r.normal() * size * 0.1, (t + b) / 2.0 + self.r.normal() * size * 0.1);
        // Its arm may leave the box; with a shorter hook it would be a one.
        let (arm, hook, bow) = (self.r.range(0.7, 1.5), self.r.range(0.6, 1.0), self.r.range(-0.15, 0.25));
        let mut at =
            |x: f32, y: f32| (cx + x * size + self.r.normal() * size * 0.05, cy + y * size + self.r.normal() * size * 0.05);
        let (tick, cross) = (
            [
                at(-0.15 - 0.35 * hook, 0.35 - 0.5 * hook),
                at(-0.15 - 0.12 * hook, 0.32 - 0.1 * hook),
                at(-0.08, 0.38),
                at(-0.08 + 0.26 * arm - 0.3 * bow, 0.38 - 0.5 * arm + 0.4 * bow),
                at(-0.08 + 0.6 * arm, 0.38 - 0.95 * arm),
            ],
            [[at(-0.45, -0.45), at(0.45, 0.45)], [at(0.45, -0.45), at(-0.45, 0.45)]],
        );
        match self.r.below(7) {
            0..=3 => self.scrawl(&tick, &pen),
            4 | 5 => cross.iter().for_each(|s| self.scrawl(s, &pen)),
            _ => {
                let zigzag: Vec<(f32, f32)> = (0..9)
                    .map(|i| (cx + (i as f32 / 8.0 - 0.5) * size * 0.8, cy + if i % 2 == 0 { -0.4 } else { 0.4 } * size))
                    .collect();
                self.scrawl(&zigzag, &pen);
            }
        }
    }
    /// A printed ring, as of a bubble sheet, filled or empty.
    pub fn bubble(&mut self, (l, t, r, b): Area, filled: bool) {
        let (cx, cy, rx, ry) = ((l + r) / 2.0, (t + b) / 2.0, (r - l) / 2.0, (b - t) / 2.0);
        let ring = |k: f32| -> Vec<(f32, f32)> {
            (0..=20)
                .map(|i| (i as f32 * core::f32::consts::TAU / 20.0).sin_cos())
                .map(|(s, c)| (cx + k * rx * c, cy + k * ry * s))
                .collect()
        };
        let (tone, rule) = (self.ruling.tone, self.ruling.thick);
        self.path(&ring(1.0), rule, Layer::Other, tone);
        if filled {
            let pen = self.pen;
            self.path(&ring(0.5), rx.min(ry) * 0.9, Layer::Other, pen.tone);
        }
    }
    /// Blackens a bubble or a box, more or less within its bounds.
    pub fn blacken(&mut self, (l, t, r, b): Area) {
        let (cx, cy, size) = ((l + r) / 2.0, (t + b) / 2.0, (r - l).min(b - t));
        let (dx, dy) = (self.r.normal() * size * 0.05, self.r.normal() * size * 0.05);
        let tone = self.pen.tone.map(|t| t * self.r.range(0.7, 1.3));
        let end = cx + dx + size * self.r.range(0.05, 0.2);
        self.path(&[(cx + dx - size * 0.1, cy + dy), (end, cy + dy)], size * 0.85, Layer::Other, tone);
    }
    /// A rubber stamp: a frame with printed words in one colour, laid over what is there.
    pub fn stamp_mark(&mut self, area: Area) {
        let tone = *self.r.pick(&[[1.4, 1.0, 0.2], [0.2, 1.2, 1.0], [1.0, 0.6, 1.0], [0.9, 0.9, 0.9]]);
        let tone = tone.map(|t| t * self.r.range(0.4, 1.0));
        let t = Type { font: self.head_font, size: self.p.min(area.3 - area.1), bold: true, tone };
        let text = content::word(self.lib, &mut self.r).to_uppercase();
        let wide = self.print_width(&text, t);
        let area = (area.0, area.1, area.0 + wide + t.size, area.1 + t.size * 2.0);
        self.print_centred(&text, area, t);
        if self.r.chance(0.6) {
            let own = core::mem::replace(&mut self.ruling.tone, tone);
            self.frame(area, self.ruling.thick * 1.3);
            self.ruling.tone = own;
        }
    }
    /// A ring drawn around something.
    pub fn ring(&mut self, area: Area) {
        let pen = if self.r.chance(0.5) { Pen::teacher(self.h, &mut self.r) } else { self.pen };
        self.ring_with(area, &pen);
    }
    pub fn ring_with(&mut self, (l, t, r, b): Area, pen: &Pen) {
        let (cx, cy) = ((l + r) / 2.0, (t + b) / 2.0);
        let air = self.r.range(1.15, 1.5);
        let (rx, ry) = ((r - l) / 2.0 * air + 0.3 * self.h, (b - t) / 2.0 * air + 0.2 * self.h);
        let (start, turn) = (self.r.range(0.0, 6.3), self.r.range(5.9, 7.0));
        let points: Vec<(f32, f32)> = (0..=28)
            .map(|i| {
                let (sin, cos) = (start + turn * i as f32 / 28.0).sin_cos();
                let wobble = self.r.range(0.97, 1.03);
                (cx + rx * wobble * cos, cy + ry * wobble * sin)
            })
            .collect();
        self.scrawl(&points, pen);
    }
    /// Strokes through written text.
    pub fn strike(&mut self, at: Extent, base: f32, h: f32) {
        let pen = self.pen;
        let (l, r) = (at.left - 0.2 * h, at.right + 0.2 * h);
        let n = self.r.between(1, 3);
        for _ in 0..n {
            let (a, b) = (base - h * self.r.range(0.2, 0.7), base - h * self.r.range(0.2, 0.7));
            self.scratch((l, a), (r, b), &pen);
        }
        // What is struck out is not to be read.
        for m in self.sheet.marks.iter_mut().filter(|m| m.by == By::Hand) {
            if m.from.0 >= l && m.to.0 <= r && (m.from.1 - base).abs() < 0.5 * h {
                m.text.clear();
            }
        }
        if self.r.chance(0.3) {
            // What is right stands above.
            let text = if r - l < 3.0 * h { content::number(&mut self.r, 2) } else { content::word(self.lib, &mut self.r) };
            self.write(&text, l + 0.3 * h, base - h * 1.1, h * 0.8);
        }
    }
    /// What a teacher adds to an answer: a tick, a ring, a cross; mostly nothing. Now and then the pupil strikes it out.
    pub fn judge(&mut self, at: Extent, base: f32, h: f32) {
        match self.r.below(60) {
            0 => self.strike(at, base, h),
            1 => self.ring((at.left, base - h, at.right, base)),
            2 | 3 => {
                let own = self.pen;
                self.pen = Pen::teacher(self.h, &mut self.r);
                let x = at.right + h * self.r.range(0.2, 0.8);
                self.tick((x, base - h * 1.2, x + h, base + h * 0.1));
                self.pen = own;
            }
            _ => {}
        }
    }
    /// Writes a character into each box of a comb; all of them are one unit.
    pub fn write_comb(&mut self, text: &str, x: f32, top: f32, step: f32, tall: f32) {
        let h = self.h.min(tall * 0.95).min(step * 1.25);
        let pen = self.pen.pressed(&mut self.r);
        let (mut ends, mut foot, mut below) = ((f32::MAX, f32::MIN), 0.0, 0.0f32);
        let mut written = String::new();
        let lift = self.r.range(0.2, 0.8) * (tall - h).max(0.0);
        for (i, c) in text.chars().enumerate() {
            if c == ' ' {
                written.push(' ');
                continue;
            }
            let Some(w) = self.hand.write(&c.to_string(), h, &pen, &mut self.r) else { continue };
            let Some(&(_, a, b)) = w.words.first() else { continue };
            let left = (x + (i as f32 + 0.5) * step - (a + b) / 2.0 + self.r.normal() * 0.07 * self.sloppy * step).round();
            let base = top + h + lift + self.r.normal() * 0.05 * h;
            let y = (base - w.base).round();
            self.sheet.lay(&w.ink, left as isize, y as isize, Layer::Hand, pen.tone);
            ends = (ends.0.min(left + a), ends.1.max(left + b));
            (foot, below) = (foot + base, below.max(w.below.min(0.4 * h)));
            written.push(c);
        }
        let n = written.chars().filter(|c| *c != ' ').count();
        if n == 0 {
            return;
        }
        let base = foot / n as f32;
        let small = if written.chars().any(char::is_alphabetic) { h * self.hand.small.max(0.6) } else { 0.75 * h };
        let line = self.new_line();
        let mark = Mark {
            text: written,
            by: By::Hand,
            line,
            from: (ends.0, base),
            to: (ends.1, base),
            above: h,
            core: small,
            below,
            cell: None,
            up: false,
        };
        self.add(mark);
    }
    /// Printed words from `left` to `right`.
    pub fn print_line(&mut self, left: f32, right: f32, base: f32, t: Type) {
        let n = ((right - left) / (t.size * 4.5)).max(1.0) as usize;
        let text = match self.foreign {
            Some(f) if f == t.font => content::foreign(&self.lib.print_fonts[f], &mut self.r, n),
            _ => content::words(self.lib, &mut self.r, n + n / 2),
        };
        // Words that do not fit go.
        let mut end = text.len();
        while end > 0 && self.print_width(&text[..end], t) > right - left {
            end = text[..end].rfind(' ').unwrap_or(0);
        }
        self.print(&text[..end], left, base, t);
    }
}
