//! What hands write with: colour, width, and the grain that pencil and chalk leave.

use super::sheet::Tone;
use crate::canvas::{Canvas, Noise};
use crate::random::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ball,
    Pencil,
    Felt,
    Chalk,
}

/// Least density, times pixels of width, that is still writing and no stain.
const FAINTEST: f32 = 0.24;

#[derive(Clone, Copy, Debug)]
pub struct Pen {
    pub tone: Tone,
    /// Pixels at the scale of the sheet.
    pub width: f32,
    kind: Kind,
    /// How much of the ink is missing at places, 0..1.
    grain: f32,
}

fn shaken(tone: Tone, by: f32, r: &mut Random) -> Tone {
    tone.map(|t| t * r.range(1.0 - by, 1.0 + by))
}

impl Pen {
    /// A pen for writing whose digits are `h` pixels high.
    pub fn new(h: f32, r: &mut Random) -> Self {
        let pen = match r.below(20) {
            0..=4 => Self::pencil(h, r),
            5..=7 => {
                let tone = *r.pick(&[[2.4, 2.4, 2.4], [2.6, 1.6, 0.5], [0.4, 2.0, 2.0], [2.2, 0.8, 1.8]]);
                Self { tone: shaken(tone, 0.2, r), width: h * (0.11 + 0.18 * r.unit() * r.unit()), kind: Kind::Felt, grain: 0.0 }
            }
            n => Self::ball(n, h, r),
        };
        pen.seen()
    }
    pub fn pencil(h: f32, r: &mut Random) -> Self {
        // From hardly seen to dark.
        let depth = r.range(0.22, 1.3);
        let tone = shaken([depth, depth, depth * 0.97], 0.04, r);
        Self { tone, width: h * r.range(0.05, 0.14), kind: Kind::Pencil, grain: r.range(0.2, 0.8) }.seen()
    }
    fn ball(choice: usize, h: f32, r: &mut Random) -> Self {
        let tone = match choice % 8 {
            0..=3 => [1.7, 1.65, 1.55],
            4 | 5 => [1.9, 1.3, 0.55],
            6 => *r.pick(&[[0.35, 1.5, 1.4], [0.2, 1.2, 1.0]]),
            _ => *r.pick(&[[1.5, 0.7, 1.2], [1.0, 1.5, 0.6], [1.9, 1.6, 1.0], [1.1, 1.4, 1.6]]),
        };
        let depth = r.range(0.4, 1.5);
        let tone = shaken(tone, 0.15, r).map(|t| t * depth);
        let grain = r.range(0.0, 0.5) * r.unit();
        Self { tone, width: h * r.range(0.045, 0.13), kind: Kind::Ball, grain }
    }
    /// A board marker, or chalk where the tone is of light on dark.
    pub fn marker(h: f32, chalk: bool, r: &mut Random) -> Self {
        let tone = *r.pick(&[[1.9, 1.9, 1.9], [2.2, 1.4, 0.4], [0.3, 1.8, 1.7], [1.8, 0.7, 1.4]]);
        let depth = r.range(0.25, 1.1);
        let kind = if chalk { Kind::Chalk } else { Kind::Felt };
        let tone = if chalk { [0; 3].map(|_| r.range(0.7, 2.2)) } else { tone.map(|t| t * depth) };
        Self { tone, width: h * r.range(0.08, 0.2), kind, grain: if chalk { r.range(0.3, 0.9) } else { r.range(0.0, 0.3) } }
    }
    /// Red or green, for the teacher's marks.
    pub fn teacher(h: f32, r: &mut Random) -> Self {
        let tone = *r.pick(&[[0.25, 1.6, 1.5], [0.2, 1.3, 1.1], [0.3, 1.7, 1.3], [1.5, 0.6, 1.3]]);
        Self { tone: shaken(tone, 0.15, r), width: h * r.range(0.06, 0.14), kind: Kind::Ball, grain: 0.1 }
    }
    /// A black pen of about the depth and the stroke of print.
    pub fn like_print(self, depth: f32, h: f32, r: &mut Random) -> Self {
        let tone = shaken([depth; 3], 0.06, r).map(|t| t * r.range(0.95, 1.05));
        Self { tone, width: (h * r.range(0.08, 0.16)).max(0.75), kind: Kind::Ball, grain: 0.15 * r.unit() }
    }
    /// With enough ink to be seen on the sheet: thin strokes of pale pens cover only parts of pixels.
    fn seen(self) -> Self {
        let width = self.width.max(0.75);
        let depth = self.tone.iter().copied().fold(0.0, f32::max) * width.min(1.2) * (1.0 - 0.5 * self.grain);
        let lift = (FAINTEST / depth).max(1.0);
        Self { tone: self.tone.map(|t| t * lift), width, ..self }
    }
    /// The same pen pressed harder or softer, as it is now and then.
    pub fn pressed(&self, r: &mut Random) -> Self {
        let by = r.range(0.85, 1.15);
        Self { tone: self.tone.map(|t| t * by), ..*self }
    }
    /// Takes ink away where the paper's grain or a dry pen does.
    pub fn roughen(&self, ink: &mut Canvas, r: &mut Random) {
        if self.grain < 0.05 || ink.width == 0 {
            return;
        }
        let cell = if self.kind == Kind::Ball { r.range(3.0, 9.0) } else { r.range(1.2, 2.2) };
        wear(ink, self.grain, cell, r);
    }
}

/// Takes up to a share of the ink away in patches of `cell` pixels.
pub fn wear(ink: &mut Canvas, share: f32, cell: f32, r: &mut Random) {
    let noise = Noise::new(ink.width, ink.height, cell, r);
    let mut row = vec![0.0; ink.width];
    for (y, line) in ink.data.chunks_exact_mut(ink.width).enumerate() {
        noise.row(y as f32, &mut row);
        for (v, n) in line.iter_mut().zip(&row) {
            *v *= 1.0 - share * n.max(0.0);
        }
    }
}

/// Lets ink run into the paper in patches of `cell` pixels, by up to a share of what the neighbours hold.
pub fn run_out(ink: &mut Canvas, share: f32, cell: f32, r: &mut Random) {
    if ink.width == 0 {
        return;
    }
    let mut soft = ink.clone();
    soft.blur(1.0);
    let noise = Noise::new(ink.width, ink.height, cell, r);
    let mut row = vec![0.0; ink.width];
    for (y, line) in ink.data.chunks_exact_mut(ink.width).enumerate() {
        noise.row(y as f32, &mut row);
        for (x, v) in line.iter_mut().enumerate() {
            *v = v.max((2.5 * share * row[x].max(0.0) * soft.data[y * soft.width + x]).min(1.0));
        }
    }
}
