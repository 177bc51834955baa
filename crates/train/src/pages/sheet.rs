//! The sheet of a page in the making: densities of ink in three colours, who made them, and where its units of text stand.
//!
//! Coordinates are pixels of the sheet at the scale of the picture, x right and y down. Nothing is bent yet: see `warp`.

use super::{By, Unit};
use crate::canvas::Canvas;

/// Who made ink: the layers of a sheet, in the order of the label planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    Hand = 3,
    Print = 4,
    Other = 5,
    Lying = 6,
    Upright = 7,
}

/// Density of ink in red, green and blue: light is weakened by `exp(-density)`.
pub type Tone = [f32; 3];

/// A box: left, top, right, bottom.
pub type Area = (f32, f32, f32, f32);

/// A unit of text on the sheet.
#[derive(Clone, Debug)]
pub struct Mark {
    pub text: String,
    pub by: By,
    /// Units of one line and field share it.
    pub line: usize,
    /// Ink from left to right, and the baseline at both ends.
    pub from: (f32, f32),
    pub to: (f32, f32),
    /// Height of digits and ascenders, and of the core: the x-height of letters, or 0.75 of a number's height.
    pub above: f32,
    pub core: f32,
    /// How far ink goes below the baseline.
    pub below: f32,
    /// The cell that holds it, if one does.
    pub cell: Option<Area>,
    /// It is read upwards: `from` is below `to`, and its ascenders point left.
    pub up: bool,
}

impl Mark {
    pub fn baseline(&self, x: f32) -> f32 {
        let t = (x - self.from.0) / (self.to.0 - self.from.0).max(1.0);
        self.from.1 + t.clamp(0.0, 1.0) * (self.to.1 - self.from.1)
    }
    /// How far (x, y) is below the top of the ascenders, and above the baseline.
    pub fn heights(&self, x: f32, y: f32) -> (f32, f32) {
        let below = if self.up { self.from.0 - x } else { self.baseline(x) - y };
        (self.above - below, below)
    }
    fn middle(&self) -> f32 {
        (self.from.1 + self.to.1) / 2.0
    }
    /// Left, top, right, bottom of the ink.
    pub fn bounds(&self) -> Area {
        if self.up {
            return (self.from.0 - self.above, self.to.1, self.from.0 + self.below, self.from.1);
        }
        let y = self.middle();
        (self.from.0, y - self.above, self.to.0, y + self.below)
    }
    /// The four corners, from the upper left on clockwise.
    pub fn corners(&self) -> [(f32, f32); 4] {
        let ((l, y0), (r, y1)) = (self.from, self.to);
        if self.up {
            return [(l - self.above, y0), (r - self.above, y1), (r + self.below, y1), (l + self.below, y0)];
        }
        [(l, y0 - self.above), (r, y1 - self.above), (r, y1 + self.below), (l, y0 + self.below)]
    }
    pub fn unit(&self, quad: [(f32, f32); 4]) -> Unit {
        Unit { quad, text: self.text.clone(), by: self.by, line: self.line }
    }
}

pub struct Sheet {
    pub width: usize,
    pub height: usize,
    /// A pixel: density of red, green and blue, then coverage 0..1 by hand, print, other, lying and upright rules.
    pub pixels: Vec<[f32; 8]>,
    pub marks: Vec<Mark>,
    /// Number of the mark whose core is here, plus one: written ones, printed ones.
    pub cores: [Vec<u16>; 2],
    pub gap: Vec<u8>,
    pub link: Vec<u8>,
    /// Bits as in the label plane of the same name.
    pub ignore: Vec<u8>,
}

impl Sheet {
    pub fn new(width: usize, height: usize) -> Self {
        let n = width * height;
        Self {
            width,
            height,
            pixels: vec![[0.0; 8]; n],
            marks: Vec::new(),
            cores: [vec![0; n], vec![0; n]],
            gap: vec![0; n],
            link: vec![0; n],
            ignore: vec![0; n],
        }
    }
    /// Lays ink on, its upper left corner at (x, y). Negative tones bring light back, as white letters in a coloured field do.
    pub fn lay(&mut self, ink: &Canvas, x: isize, y: isize, layer: Layer, tone: Tone) {
        let (l, r) = (x.max(0), (x + ink.width as isize).min(self.width as isize));
        let (t, b) = (y.max(0), (y + ink.height as isize).min(self.height as isize));
        if l >= r {
            return;
        }
        for py in t..b {
            let row = &ink.data[(py - y) as usize * ink.width + (l - x) as usize..][..(r - l) as usize];
            let to = &mut self.pixels[py as usize * self.width + l as usize..][..(r - l) as usize];
            for (p, &v) in to.iter_mut().zip(row) {
                if v > 0.004 {
                    for k in 0..3 {
                        p[k] = (p[k] + tone[k] * v).max(0.0);
                    }
                    let c = &mut p[layer as usize];
                    *c = c.max(v);
                }
            }
        }
    }
    /// A filled box with soft edges. `layer` says who made it; `None` for a tint of the paper, which is nothing.
    pub fn fill(&mut self, (l, t, r, b): Area, layer: Option<Layer>, tone: Tone) {
        let inside = |p: f32, lo: f32, hi: f32| ((p + 1.0).min(hi) - p.max(lo)).clamp(0.0, 1.0);
        let (x0, x1) = (l.floor().max(0.0) as usize, (r.ceil().max(0.0) as usize).min(self.width));
        let (y0, y1) = (t.floor().max(0.0) as usize, (b.ceil().max(0.0) as usize).min(self.height));
        for y in y0..y1 {
            let cover = inside(y as f32, t, b);
            for x in x0..x1 {
                let v = cover * inside(x as f32, l, r);
                let p = &mut self.pixels[y * self.width + x];
                for k in 0..3 {
                    p[k] = (p[k] + tone[k] * v).max(0.0);
                }
                if let Some(layer) = layer {
                    let c = &mut p[layer as usize];
                    *c = c.max(v);
                }
            }
        }
    }
}
