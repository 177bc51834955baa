//! How a sheet lies before the camera: where each pixel of the picture comes from on the sheet, and the way back.

use crate::random::Random;

/// From the picture to the sheet: turn, scale and perspective about the middles, then the curl of the paper.
#[derive(Clone, Copy)]
pub struct Warp {
    picture: (f32, f32),
    /// Where the middle of the picture is on the sheet.
    middle: (f32, f32),
    turn: (f32, f32),
    scale: f32,
    tilt: (f32, f32),
    /// Curl: height of the wave, its number along the sheet and its start.
    curl: (f32, f32, f32),
}

/// Positions of the sheet for a grid of pixels of the picture, this many apart; between them they are interpolated.
const STEP: usize = 8;

impl Warp {
    /// `degrees` up to which the page is turned, `tilt` of the camera (0 from above), `curl` in shares of the height.
    pub fn new(
        picture: (usize, usize),
        middle: (f32, f32),
        scale: f32,
        degrees: f32,
        tilt: f32,
        curl: f32,
        r: &mut Random,
    ) -> Self {
        let angle = (degrees * r.range(-1.0, 1.0)).to_radians();
        let picture = (picture.0 as f32, picture.1 as f32);
        Self {
            picture,
            middle,
            turn: angle.sin_cos(),
            scale,
            tilt: (tilt * r.range(-1.0, 1.0), tilt * r.range(-1.0, 1.0)),
            curl: (curl * picture.1 * r.range(-1.0, 1.0), r.range(1.0, 4.5) / picture.0, r.range(0.0, 6.3)),
        }
    }
    /// The place on the sheet that is seen at (x, y) of the picture.
    pub fn from(&self, x: f32, y: f32) -> (f32, f32) {
        let (px, py) = (x - self.picture.0 / 2.0, y - self.picture.1 / 2.0);
        let d = 1.0 + self.tilt.0 * px / self.picture.0 + self.tilt.1 * py / self.picture.1;
        let (sin, cos) = self.turn;
        let (qx, qy) = (self.scale * (cos * px - sin * py) / d, self.scale * (sin * px + cos * py) / d);
        let wave = self.curl.0 * ((qx * self.curl.1 + self.curl.2).sin() - self.curl.2.sin());
        (self.middle.0 + qx, self.middle.1 + qy + wave)
    }
    /// Where (x, y) of the sheet is seen in the picture: Newton's steps from the middle, as the way from there is nearly straight.
    pub fn to(&self, x: f32, y: f32) -> (f32, f32) {
        let mut p =
            (self.picture.0 / 2.0 + (x - self.middle.0) / self.scale, self.picture.1 / 2.0 + (y - self.middle.1) / self.scale);
        for _ in 0..6 {
            let at = self.from(p.0, p.1);
            let (ax, ay) = (self.from(p.0 + 1.0, p.1), self.from(p.0, p.1 + 1.0));
            let (a, b, c, d) = (ax.0 - at.0, ay.0 - at.0, ax.1 - at.1, ay.1 - at.1);
            let det = a * d - b * c;
            let (ex, ey) = (x - at.0, y - at.1);
            p = (p.0 + (d * ex - b * ey) / det, p.1 + (a * ey - c * ex) / det);
        }
        p
    }
    /// Pixels of the picture to one of the sheet, down the page at (x, y) of the picture.
    pub fn zoom(&self, x: f32, y: f32) -> f32 {
        let (a, b) = (self.from(x, y - 1.0), self.from(x, y + 1.0));
        2.0 / ((a.0 - b.0).powi(2) + (a.1 - b.1).powi(2)).sqrt().max(1e-3)
    }
    /// Calls `each` with the number of every pixel and the place on the sheet that its middle shows.
    pub fn for_each(&self, width: usize, height: usize, mut each: impl FnMut(usize, usize, f32, f32)) {
        let columns = width / STEP + 2;
        let row =
            |y: usize| -> Vec<(f32, f32)> { (0..columns).map(|i| self.from((i * STEP) as f32 + 0.5, y as f32 + 0.5)).collect() };
        let mut upper = row(0);
        for y0 in (0..height).step_by(STEP) {
            let lower = row(y0 + STEP);
            for y in y0..(y0 + STEP).min(height) {
                let t = (y - y0) as f32 / STEP as f32;
                let mix = |i: usize| {
                    let (a, b) = (upper[i], lower[i]);
                    (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t)
                };
                for i in 0..columns - 1 {
                    let (a, b) = (mix(i), mix(i + 1));
                    let (dx, dy) = ((b.0 - a.0) / STEP as f32, (b.1 - a.1) / STEP as f32);
                    for s in 0..STEP.min(width.saturating_sub(i * STEP)) {
                        each(i * STEP + s, y, a.0 + dx * s as f32, a.1 + dy * s as f32);
                    }
                }
            }
            upper = lower;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_leads_back() {
        for seed in 0..50 {
            let r = &mut Random::new(seed);
            let w = Warp::new((448, 384), (250.0, 230.0), 1.1, 6.0, 0.25, 0.02, r);
            for (x, y) in [(10.0, 20.0), (440.0, 11.0), (200.0, 300.0), (447.0, 383.0)] {
                let (sx, sy) = w.from(x, y);
                let (bx, by) = w.to(sx, sy);
                assert!((bx - x).abs() < 0.05 && (by - y).abs() < 0.05, "seed {seed}: {x} {y} came back as {bx} {by}");
            }
        }
    }
}
