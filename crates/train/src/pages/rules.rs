//! Rules of a page: form lines, walls of tables and combs; bold, hair-thin, faint, dotted or broken ones.

use super::page::Page;
use super::sheet::{Area, Layer, Tone};
use crate::random::Random;

/// How rules are drawn.
#[derive(Clone, Copy)]
pub struct Ruling {
    /// Thickness in pixels.
    pub thick: f32,
    pub tone: Tone,
    /// Pixels from the start of one dot or dash to the next, and the share of them that is drawn; `None` for a whole rule.
    pub dashes: Option<(f32, f32)>,
}

/// A label is two pixels wide: a rule thinner than this would be labelled as one that is hardly there.
const LABELLED: f32 = 1.3;
/// Least density, times pixels of thickness, of a rule that is seen.
const FAINTEST: f32 = 0.13;
/// Between dots nearer than this the rule goes on.
const JOINED: f32 = 3.0;

impl Ruling {
    /// Rules that are easily missed: 0.5 to 1.2 pixels thin, and of 12 to 40 % contrast.
    pub fn fine(r: &mut Random) -> Self {
        let thick = r.range(0.5, 1.2);
        let depth = r.range(0.13, 0.5).max(FAINTEST / thick);
        let tint = *r.pick(&[[1.0; 3], [1.0; 3], [1.0, 0.35, 0.8], [0.2, 0.6, 1.0], [1.0, 0.6, 0.25], [0.25, 1.0, 0.8]]);
        let dashes = match r.below(10) {
            0 => Some((r.range(2.0, 4.0), r.range(0.4, 0.6))),
            1 => Some((r.range(4.0, 9.0), r.range(0.5, 0.8))),
            2 => Some((r.range(12.0, 50.0), r.range(0.8, 0.95))),
            _ => None,
        };
        Self { thick, tone: tint.map(|t| t * depth), dashes }
    }
}

impl Page<'_> {
    /// Draws with rules of another kind.
    pub fn ruled(&mut self, ruling: Ruling, draw: impl FnOnce(&mut Self)) {
        let own = core::mem::replace(&mut self.ruling, ruling);
        draw(self);
        self.ruling = own;
    }
    fn rule_in(&mut self, (l, t, r, b): Area, layer: Layer) {
        let lying = layer == Layer::Lying;
        let (from, to) = if lying { (l, r) } else { (t, b) };
        let (step, share) = self.ruling.dashes.unwrap_or((to - from, 1.0));
        let wider = (LABELLED - if lying { b - t } else { r - l }).max(0.0) / 2.0;
        let piece = |from: f32, to: f32, wider: f32| {
            if lying {
                (from, t - wider, to, b + wider)
            } else {
                (l - wider, from, r + wider, to)
            }
        };
        let mut at = from;
        while at < to {
            let end = (at + step * share).min(to);
            let seen = if step * (1.0 - share) < JOINED { (at + step).min(to) } else { end };
            self.sheet.fill(piece(at, end, 0.0), None, self.ruling.tone);
            self.sheet.fill(piece(at, seen, wider), Some(layer), [0.0; 3]);
            at += step;
        }
    }
    /// A rule along the text.
    pub fn lying(&mut self, x0: f32, x1: f32, y: f32, thick: f32) {
        self.rule_in((x0, y - thick / 2.0, x1, y + thick / 2.0), Layer::Lying);
    }
    pub fn upright(&mut self, x: f32, y0: f32, y1: f32, thick: f32) {
        self.rule_in((x - thick / 2.0, y0, x + thick / 2.0, y1), Layer::Upright);
    }
    /// A rule of dots or dashes.
    pub fn dotted(&mut self, x0: f32, x1: f32, y: f32, step: f32, share: f32) {
        let thick = self.ruling.thick.max(0.9);
        let dotted = Ruling { dashes: Some((step, share)), ..self.ruling };
        self.ruled(dotted, |page| page.lying(x0, x1, y, thick));
    }
    pub fn frame(&mut self, (l, t, r, b): Area, thick: f32) {
        for y in [t, b] {
            self.lying(l - thick / 2.0, r + thick / 2.0, y, thick);
        }
        for x in [l, r] {
            self.upright(x, t - thick / 2.0, b + thick / 2.0, thick);
        }
    }
}
