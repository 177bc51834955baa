//! Augmentation of single characters: affine, elastic, stroke width, grey levels, blur, specks, rules, crop shift.

use crate::canvas::{Canvas, Noise};
use crate::random::Random;

/// How strong each change is; all zero changes nothing.
#[derive(Clone, Copy, Debug)]
pub struct Strength {
    /// Degrees, standard deviation being half of it.
    pub rotation: f32,
    /// Natural logarithm of the scale, either way, an axis.
    pub log_scale: f32,
    pub shear: f32,
    /// Pixels of a 28-pixel frame, either way.
    pub shift: f32,
    /// Pixels at the nodes of a 6 x 6 grid, and how often.
    pub elastic: f32,
    pub elastic_share: f32,
    /// How often the stroke is redrawn thinner or thicker.
    pub stroke_share: f32,
    /// How often blur, rules, neighbours and grain are laid on, as on real pages.
    pub page_share: f32,
}

/// `out` `[28][28]` from `image` `[28][28]`, both ink 0..1.
pub fn augment(image: &[f32], out: &mut [f32], s: &Strength, seed: u64) {
    const N: usize = 28;
    let r = &mut Random::new(seed);
    let src = Canvas { width: N, height: N, data: image.to_vec() };
    let angle = (r.range(-1.0, 1.0) * s.rotation).to_radians();
    let (sx, sy) = ((r.range(-1.0, 1.0) * s.log_scale).exp(), (r.range(-1.0, 1.0) * s.log_scale).exp());
    let shear = r.range(-1.0, 1.0) * s.shear;
    let (dx, dy) = (r.range(-1.0, 1.0) * s.shift, r.range(-1.0, 1.0) * s.shift);
    let (cos, sin) = (angle.cos(), angle.sin());
    let power = if r.chance(s.elastic_share) { s.elastic } else { 0.0 };
    let cell = N as f32 / 5.0;
    let (nx, ny) = (Noise::new(N, N, cell, r), Noise::new(N, N, cell, r));
    let c = (N as f32 - 1.0) / 2.0;
    let mut made = src.warp_elastic(N, N, power, (&nx, &ny), |x, y| {
        let (px, py) = (x - c - dx, y - c - dy);
        let (qx, qy) = ((cos * px + sin * py) / sx, (-sin * px + cos * py) / sy);
        (qx + shear * qy + c, qy + c)
    });
    if r.chance(s.stroke_share) {
        let gamma = r.range(0.5, 1.8);
        made.data.iter_mut().for_each(|v| *v = v.powf(gamma));
    }
    if r.chance(s.page_share) {
        if r.chance(0.4) {
            made.blur(r.range(0.2, 0.9));
        }
        if r.chance(0.4) {
            made.thicken(r.range(-0.15, 0.25), r.range(1.0, 3.5));
        }
        if r.chance(0.2) {
            let y = r.range(0.0, 27.0);
            made.stroke((0.0, y), (27.0, y + r.range(-2.0, 2.0)), r.range(0.5, 1.5), r.range(0.2, 0.9));
        }
        if r.chance(0.12) {
            let x = if r.chance(0.5) { r.range(0.0, 3.0) } else { r.range(24.0, 27.0) };
            made.stroke((x, 0.0), (x + r.range(-1.5, 1.5), 27.0), r.range(0.5, 1.8), r.range(0.3, 1.0));
        }
        if r.chance(0.3) {
            let grain = r.range(0.0, 0.12);
            made.data.iter_mut().for_each(|v| *v = (*v + grain * r.grain()).clamp(0.0, 1.0));
        }
        if r.chance(0.3) {
            let gain = r.range(0.55, 1.0);
            made.data.iter_mut().for_each(|v| *v *= gain);
        }
    }
    out.copy_from_slice(&made.data);
}
