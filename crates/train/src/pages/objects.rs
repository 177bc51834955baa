//! Things that lie on a page while it is photographed: pens, fingers, ribbons, cables, dark corners of devices, the rings of a binding.
//!
//! They cover what is below them and throw a soft shadow; what they are made of is no ink.

use crate::random::Random;

/// A rod with round ends, in pixels of the picture.
struct Rod {
    from: (f32, f32),
    to: (f32, f32),
    radius: f32,
    colour: [f32; 3],
    /// How much lighter its middle line is, as round things are.
    gloss: f32,
    /// Reach of its shadow.
    shadow: f32,
}

pub struct Objects(Vec<Rod>);

/// What a pixel sees of the objects: one of them, or the light that their shadows leave.
pub enum Seen {
    Object([f32; 3]),
    Light(f32),
}

impl Objects {
    /// None on most pictures; `photo` says whether there can be any.
    pub fn any(photo: bool, width: usize, height: usize, r: &mut Random) -> Self {
        let mut rods = Vec::new();
        if photo && r.chance(0.16) {
            let (w, h) = (width as f32, height as f32);
            match r.below(8) {
                0 => rings((w, h), r, &mut rods),
                kind => {
                    for _ in 0..r.between(1, 2) {
                        rods.push(Rod::any(kind, (w, h), r));
                    }
                }
            }
        }
        Self(rods)
    }
    pub fn at(&self, x: f32, y: f32) -> Seen {
        let mut light = 1.0f32;
        for rod in &self.0 {
            let d = rod.distance(x, y);
            if d < rod.radius {
                let shine = 1.0 + rod.gloss * (0.5 - d / rod.radius);
                return Seen::Object(rod.colour.map(|c| 255.0 * c * shine));
            }
            light *= 1.0 - 0.45 * (1.0 - (d - rod.radius) / rod.shadow).clamp(0.0, 1.0);
        }
        Seen::Light(light)
    }
}

impl Rod {
    fn any(kind: usize, (w, h): (f32, f32), r: &mut Random) -> Self {
        let grey = r.unit();
        let (radius, colour, length) = match kind {
            // Pens and pencils, ribbons and cables, fingers, the corner of something large and dark.
            1 | 2 => (
                r.range(3.0, 12.0),
                *r.pick(&[[0.08, 0.08, 0.1], [0.75, 0.6, 0.1], [0.1, 0.2, 0.55], [0.8; 3]]),
                r.range(0.3, 0.9),
            ),
            3 => (r.range(2.0, 9.0), [0.75 * grey + 0.2; 3], 1.5),
            4 | 5 => {
                (r.range(14.0, 40.0), *r.pick(&[[0.8, 0.6, 0.5], [0.45, 0.3, 0.24], [0.65, 0.47, 0.38]]), r.range(0.15, 0.4))
            }
            6 => (r.range(20.0, 70.0), [0.07; 3], r.range(0.3, 1.0)),
            _ => (r.range(1.0, 5.0), [grey; 3], r.range(0.2, 1.0)),
        };
        // From the border inwards, whichever way.
        let (from, inwards) = match r.below(4) {
            0 => ((0.0, h * r.unit()), 0.0),
            1 => ((w, h * r.unit()), core::f32::consts::PI),
            2 => ((w * r.unit(), 0.0), core::f32::consts::FRAC_PI_2),
            _ => ((w * r.unit(), h), -core::f32::consts::FRAC_PI_2),
        };
        let (sin, cos) = (inwards + r.range(-1.2, 1.2)).sin_cos();
        let length = length * w.min(h);
        let from = (from.0 - cos * radius, from.1 - sin * radius);
        let to = (from.0 + cos * length, from.1 + sin * length);
        Self { from, to, radius, colour, gloss: r.range(0.0, 0.7), shadow: r.range(2.0, 14.0) }
    }
    fn distance(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (self.to.0 - self.from.0, self.to.1 - self.from.1);
        let (px, py) = (x - self.from.0, y - self.from.1);
        let t = ((px * dx + py * dy) / (dx * dx + dy * dy).max(1e-6)).clamp(0.0, 1.0);
        (px - t * dx).hypot(py - t * dy)
    }
}

/// The rings of a spiral or of a folder along one side.
fn rings((w, h): (f32, f32), r: &mut Random, rods: &mut Vec<Rod>) {
    let (side, step) = (r.below(3), r.range(14.0, 50.0));
    let (radius, length) = (r.range(0.8, 3.0), r.range(8.0, 24.0));
    let shade = r.range(0.05, 0.6);
    let most = if side == 0 { h } else { w };
    let mut at = r.unit() * step;
    while at < most && rods.len() < 24 {
        let (from, to) = match side {
            0 => ((-2.0, at), (length, at + 3.0)),
            1 => ((at, -2.0), (at + 3.0, length)),
            _ => ((at, h + 2.0), (at + 3.0, h - length)),
        };
        rods.push(Rod { from, to, radius, colour: [shade; 3], gloss: 0.5, shadow: 3.0 });
        at += step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rod_covers_its_middle_and_shades_its_sides() {
        let rod = Rod { from: (10.0, 10.0), to: (50.0, 10.0), radius: 4.0, colour: [0.1; 3], gloss: 0.0, shadow: 6.0 };
        let all = Objects(vec![rod]);
        assert!(matches!(all.at(30.0, 12.0), Seen::Object(c) if c == [25.5; 3]));
        assert!(matches!(all.at(30.0, 16.0), Seen::Light(l) if l < 1.0));
        assert!(matches!(all.at(30.0, 30.0), Seen::Light(l) if l == 1.0));
    }
}
