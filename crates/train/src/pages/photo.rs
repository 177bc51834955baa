//! Makes a picture of a sheet: paper and desk, light and shadow, lens, sensor and compression; the labels go through the same warp.

use super::objects::{Objects, Seen};
use super::regions::fill_regions;
use super::sheet::{Mark, Sheet};
use super::warp::Warp;
use super::{jpeg, Labels, PageSample};
use crate::canvas::Noise;
use crate::random::Random;

/// How the picture came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Scan,
    Photo,
    /// Black and white only, as fax and old scanners give it.
    Bilevel,
    /// Drawn on a screen or exported: white, straight, without noise.
    Digital,
    /// Light writing on a dark board.
    Board,
}

impl Look {
    pub fn any(r: &mut Random) -> Self {
        match r.below(100) {
            0..=37 => Self::Scan,
            38..=86 => Self::Photo,
            87 | 88 => Self::Board,
            89..=94 => Self::Bilevel,
            _ => Self::Digital,
        }
    }
}

/// Share of the pages that do not lie upright.
const TURNED: f32 = 0.25;

/// How large a sheet is against the picture: smaller ones show the desk around them, of larger ones a part is seen.
#[derive(Clone, Copy)]
pub struct View {
    pub look: Look,
    pub desk: bool,
    pub share: (f32, f32),
    /// Clockwise quarter turns that make the text upright.
    pub turn: u8,
}

impl View {
    pub fn any(look: Look, r: &mut Random) -> Self {
        let desk = look == Look::Photo && r.chance(0.35);
        let share = if desk {
            (r.range(0.72, 1.0), r.range(0.72, 1.0))
        } else if r.chance(0.4) {
            (1.0, 1.0)
        } else {
            (r.range(1.0, 1.3), r.range(1.0, 1.3))
        };
        let turn = if r.chance(TURNED) { 1 + r.below(3) as u8 } else { 0 };
        Self { look, desk, share, turn }
    }
    /// A sheet that lies whole on a table, whichever way.
    pub fn on_desk(r: &mut Random) -> Self {
        Self { look: Look::Photo, desk: true, share: (r.range(0.7, 0.98), r.range(0.7, 0.98)), turn: r.below(4) as u8 }
    }
    /// Width and height of the picture before it is turned.
    pub fn upright(&self, width: usize, height: usize) -> (usize, usize) {
        if self.turn % 2 == 1 {
            (height, width)
        } else {
            (width, height)
        }
    }
}

#[inline]
fn sample(pixels: &[[f32; 8]], width: usize, height: usize, x: f32, y: f32) -> [f32; 8] {
    let (x, y) = (x - 0.5, y - 0.5);
    let (fx, fy) = (x.floor(), y.floor());
    if fx < 0.0 || fy < 0.0 || fx + 1.0 >= width as f32 || fy + 1.0 >= height as f32 {
        return [0.0; 8];
    }
    let (ax, ay) = (x - fx, y - fy);
    let i = fy as usize * width + fx as usize;
    let (upper, lower) = (&pixels[i..i + 2], &pixels[i + width..i + width + 2]);
    let w = [(1.0 - ax) * (1.0 - ay), ax * (1.0 - ay), (1.0 - ax) * ay, ax * ay];
    let mut out = [0.0; 8];
    for k in 0..8 {
        out[k] = upper[0][k] * w[0] + upper[1][k] * w[1] + lower[0][k] * w[2] + lower[1][k] * w[3];
    }
    out
}

/// Light over the picture: falls off to the sides, varies slowly, and somebody stands in it.
struct Light {
    gradient: (f32, f32),
    corner: f32,
    depth: f32,
    noise: Noise,
    shadow: Option<(f32, f32, f32, f32, f32)>,
    /// Folds of the paper: along x or y, where, how dark and how wide.
    folds: Vec<(bool, f32, f32, f32)>,
    /// Waves of a screen or of print under print: numbers across and down, depth.
    waves: Option<(f32, f32, f32)>,
}

impl Light {
    fn new(photo: bool, width: usize, height: usize, r: &mut Random) -> Self {
        let strong = if photo { 1.0 } else { 0.12 };
        let gradient = (strong * r.range(-0.3, 0.3), strong * r.range(-0.3, 0.3));
        let size = r.range(60.0, 200.0);
        let shadow = (photo && r.chance(0.3)).then(|| {
            let (sin, cos) = r.range(0.0, core::f32::consts::TAU).sin_cos();
            let soft = if r.chance(0.4) { r.range(2.0, 8.0) } else { r.range(10.0, 80.0) };
            (sin, cos, r.range(-0.35, 0.35) * width as f32, soft, r.range(0.25, 0.75))
        });
        let folds = (0..if r.chance(0.15 * strong + 0.03) { r.between(1, 3) } else { 0 })
            .map(|_| {
                let along = r.chance(0.5);
                let at = r.unit() * if along { width } else { height } as f32;
                (along, at, r.range(-0.12, 0.3), r.range(1.0, 9.0))
            })
            .collect();
        let waves = (photo && r.chance(0.04)).then(|| (r.range(0.5, 2.5), r.range(0.5, 2.5), r.range(0.02, 0.1)));
        Self {
            folds,
            waves,
            gradient,
            corner: strong * r.range(0.0, 0.35),
            depth: strong * r.range(0.0, 0.14),
            noise: Noise::new(width, height, size, r),
            shadow,
        }
    }
    fn row(&self, y: usize, width: usize, height: usize, out: &mut [f32]) {
        self.noise.row(y as f32, out);
        let v = y as f32 / height as f32 - 0.5;
        for (x, l) in out.iter_mut().enumerate() {
            let u = x as f32 / width as f32 - 0.5;
            let mut light = 1.0 + self.gradient.0 * u + self.gradient.1 * v - self.corner * (u * u + v * v) + self.depth * *l;
            if let Some((sin, cos, at, soft, dark)) = self.shadow {
                let d = cos * u * width as f32 + sin * v * height as f32 + at + 12.0 * *l;
                light *= 1.0 - dark * (0.5 + d / soft).clamp(0.0, 1.0);
            }
            for &(along, at, dark, wide) in &self.folds {
                let d = (if along { x } else { y } as f32 - at) / wide;
                if d.abs() < 4.0 {
                    light *= 1.0 - dark * (-d.abs()).exp();
                }
            }
            if let Some((a, b, depth)) = self.waves {
                light *= 1.0 + depth * (a * x as f32 + b * y as f32).sin();
            }
            *l = light.max(0.03);
        }
    }
}

/// A table top: colour, streaks like wood's or the weave of a cloth.
struct Desk {
    colour: [f32; 3],
    depth: f32,
    stretch: f32,
    noise: Noise,
    /// Grains as of granite: tones that are picked by the noise of single pixels.
    speckled: bool,
    /// Size of the keys of a keyboard, 0 where the table is none, and the way that it lies.
    keys: f32,
    lies: (f32, f32),
    /// How far the torn edge of the paper strays, and how it does along the edge.
    torn: f32,
    edge: [f32; EDGE],
}

/// Values of a torn edge, and how many pixels there are from one to the next.
const EDGE: usize = 256;
const EDGE_STEP: f32 = 4.0;

impl Desk {
    fn new(width: usize, height: usize, r: &mut Random) -> Self {
        let speckled = r.chance(0.15);
        let keys = if r.chance(0.07) { r.range(20.0, 60.0) } else { 0.0 };
        let lies = r.range(-0.5, 0.5).sin_cos();
        let torn = if r.chance(0.25) { r.range(2.0, 14.0) } else { 0.0 };
        let mut at = 0.0f32;
        let edge = core::array::from_fn(|_| {
            at = (at + 0.35 * r.normal()).clamp(-1.0, 1.0);
            at
        });
        let colour = match r.below(6) {
            _ if keys > 0.0 => *r.pick(&[[0.1, 0.1, 0.11], [0.1, 0.1, 0.11], [0.75, 0.75, 0.73]]),
            _ if speckled => [0.3, 0.25, 0.22],
            0 | 1 => [0.55, 0.38, 0.25],
            2 => [0.06, 0.06, 0.07],
            3 => [0.75, 0.72, 0.68],
            4 => [0.2, 0.12, 0.1],
            _ => {
                let grey = r.unit();
                [0; 3].map(|_| 0.6 * grey + 0.4 * r.unit())
            }
        };
        let bright = r.range(0.5, 1.2);
        let cell = if speckled { r.range(2.0, 7.0) } else { r.range(2.0, 30.0) };
        Self {
            colour: colour.map(|c| c * bright),
            depth: if speckled { r.range(0.5, 1.5) } else { r.range(0.0, 0.35) },
            stretch: if speckled { 1.0 } else { *r.pick(&[0.15, 0.3, 1.0]) },
            noise: Noise::new(width, height, cell, r),
            speckled,
            keys,
            lies,
            torn,
            edge,
        }
    }
    /// How much nearer the edge of the paper is at (x, y) of the sheet than it would be if it was cut straight.
    fn tear(&self, x: f32, y: f32) -> f32 {
        if self.torn == 0.0 {
            return 0.0;
        }
        let along = |v: f32| self.edge[(v / EDGE_STEP).max(0.0) as usize % EDGE];
        self.torn * (along(x) + along(y + 300.0)) * 0.5
    }
    /// Light that the table sends back at (x, y) of the picture, where its noise is `n`.
    fn shown(&self, x: f32, y: f32, n: f32) -> f32 {
        if self.keys > 0.0 {
            let (sin, cos) = self.lies;
            let (u, v) = ((cos * x - sin * y) / self.keys, (sin * x + cos * y) / self.keys);
            // Rows are shifted against each other; between keys it is dark, and a letter stands in the corner of each.
            let u = u + 0.37 * v.floor();
            let (u, v) = (u - u.floor(), v - v.floor());
            let letter = (u - 0.35).hypot(v - 0.35);
            return if u < 0.08 || v < 0.08 {
                0.4
            } else if self.colour[0] < 0.5 && (0.1..0.17).contains(&letter) {
                5.0
            } else {
                1.0
            };
        }
        let n = if self.speckled { (n * 2.5).clamp(-0.6, 1.0) } else { n };
        (1.0 + self.depth * n).max(0.1)
    }
}

/// `a` of both neighbours and the rest of the pixel itself.
#[inline]
fn mixed<const N: usize>(before: &[f32; N], here: &[f32; N], after: &[f32; N], a: f32) -> [f32; N] {
    let mut out = [0.0; N];
    for k in 0..N {
        out[k] = a * (before[k] + after[k]) + (1.0 - 2.0 * a) * here[k];
    }
    out
}

/// Three taps across and down: the blur of a lens, `a` 0..0.33 a pass.
fn soften<const N: usize>(p: &mut [[f32; N]], width: usize, height: usize, a: f32) {
    for row in p.chunks_exact_mut(width) {
        let mut before = row[0];
        for x in 0..width {
            let here = row[x];
            let after = row[(x + 1).min(width - 1)];
            row[x] = mixed(&before, &here, &after, a);
            before = here;
        }
    }
    let mut before = p[..width].to_vec();
    for y in 0..height {
        let next = (y + 1).min(height - 1) * width;
        for x in 0..width {
            let here = p[y * width + x];
            let after = p[next + x];
            p[y * width + x] = mixed(&before[x], &here, &after, a);
            before[x] = here;
        }
    }
}

/// Ink of the back, seen through the paper: mean density at half the scale, softened.
fn back_side(sheet: &Sheet) -> (usize, usize, Vec<[f32; 1]>) {
    let (w, h) = (sheet.width / 2, sheet.height / 2);
    let mut out = vec![[0.0]; w * h];
    for y in 0..h {
        for x in 0..w {
            let i = 2 * y * sheet.width + 2 * x;
            let sum: f32 = [i, i + 1, i + sheet.width, i + sheet.width + 1].iter().map(|&j| sheet.pixels[j][1]).sum();
            out[y * w + x] = [sum / 4.0];
        }
    }
    if w > 1 && h > 1 {
        soften(&mut out, w, h, 0.3);
    }
    (w, h, out)
}

fn quarter<T: Copy>(plane: &[T], width: usize, height: usize, turns: u8) -> Vec<T> {
    match turns {
        0 => plane.to_vec(),
        // Turned so that `turns` clockwise quarter turns bring it back.
        1 => (0..width * height).map(|i| plane[(i % height) * width + (width - 1 - i / height)]).collect(),
        2 => plane.iter().rev().copied().collect(),
        _ => (0..width * height).map(|i| plane[(height - 1 - i % height) * width + i / height]).collect(),
    }
}

struct Taken {
    rgb: Vec<[f32; 3]>,
    /// Coverage at half the resolution, then cores, gap, link, heights, turn, ignore.
    planes: [Vec<u8>; 13],
}

/// Takes the picture, `width` x `height` before it is turned.
pub fn take(mut sheet: Sheet, view: View, width: usize, height: usize, layout: &'static str, r: &mut Random) -> PageSample {
    fill_regions(&mut sheet);
    let photo = matches!(view.look, Look::Photo | Look::Board);
    let (sw, sh) = (sheet.width as f32, sheet.height as f32);
    let spare = ((sw - width as f32).max(0.0), (sh - height as f32).max(0.0));
    let middle = (sw / 2.0 + spare.0 * r.range(-0.5, 0.5), sh / 2.0 + spare.1 * r.range(-0.5, 0.5));
    let (degrees, tilt, curl) = match view.look {
        Look::Photo | Look::Board => (if r.chance(0.3) { 6.0 } else { 2.5 }, r.range(0.0, 0.22), r.unit() * r.unit() * 0.025),
        Look::Scan | Look::Bilevel => (if r.chance(0.4) { 2.0 } else { 0.4 }, 0.0, if r.chance(0.15) { 0.006 } else { 0.0 }),
        Look::Digital => (0.0, 0.0, 0.0),
    };
    let scale = if view.look == Look::Digital { 1.0 } else { r.range(0.94, 1.06) };
    let warp = Warp::new((width, height), middle, scale, degrees, tilt, curl, r);
    let Taken { mut rgb, mut planes } = expose(&sheet, &view, &warp, width, height, photo, r);
    develop(&mut rgb, view.look, width, height, r);
    let turn = view.turn;
    let (lw, lh) = (width / 2, height / 2);
    if view.look == Look::Bilevel {
        // What fell to white is gone.
        for i in 0..lw * lh {
            let at = i / lw * 2 * width + i % lw * 2;
            if [at, at + 1, at + width, at + width + 1].iter().all(|&p| rgb[p][0] > 128.0) {
                planes.iter_mut().take(5).for_each(|p| p[i] = 0);
            }
        }
        forget_lost(&mut planes, lw, lh);
    }
    let bytes: Vec<[u8; 3]> = rgb.iter().map(|p| p.map(|v| v.clamp(0.0, 255.0) as u8)).collect();
    let turned = quarter(&bytes, width, height, turn);
    let (out_width, out_height) = view.upright(width, height);
    let mut planes = planes.map(|p| quarter(&p, lw, lh, turn));
    planes[11].iter_mut().filter(|t| **t < 4).for_each(|t| *t = (*t + turn) % 4);
    let place = |(x, y): (f32, f32)| match turn {
        0 => (x, y),
        1 => (y, width as f32 - x),
        2 => (width as f32 - x, height as f32 - y),
        _ => (height as f32 - y, x),
    };
    let seen = |q: &[(f32, f32); 4]| {
        let (x, y) = q.iter().fold((0.0, 0.0), |s, p| (s.0 + p.0 / 4.0, s.1 + p.1 / 4.0));
        x > 0.0 && y > 0.0 && x < out_width as f32 && y < out_height as f32
    };
    let units =
        sheet.marks.iter().map(|m| m.unit(m.corners().map(|(x, y)| place(warp.to(x, y))))).filter(|u| seen(&u.quad)).collect();
    PageSample {
        width: out_width,
        height: out_height,
        rgb: turned.into_iter().flatten().collect(),
        labels: Labels { width: out_width / 2, height: out_height / 2, planes },
        units,
        layout,
    }
}

/// Units of which less than this share is in the picture cannot be read: they have no core.
const SEEN: f32 = 0.45;

/// Share of a unit's height and of its first digits' width that is in the picture.
fn seen_of(m: &Mark, warp: &Warp, width: usize, height: usize) -> f32 {
    let corners = m.corners().map(|(x, y)| warp.to(x, y));
    let (mut low, mut high) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
    for (x, y) in corners {
        low = (low.0.min(x), low.1.min(y));
        high = (high.0.max(x), high.1.max(y));
    }
    let (w, h) = ((high.0 - low.0).max(1.0), (high.1 - low.1).max(1.0));
    let across = high.0.min(width as f32) - low.0.max(0.0);
    let down = high.1.min(height as f32) - low.1.max(0.0);
    // A long unit is cut at its end: what is left of it is read.
    (across / w.min(1.2 * m.above)).min(down / h.min(1.2 * m.above))
}

/// Light on paper, desk and ink; and the labels.
fn expose(sheet: &Sheet, view: &View, warp: &Warp, width: usize, height: usize, photo: bool, r: &mut Random) -> Taken {
    let board = view.look == Look::Board;
    let paper: [f32; 3] = match view.look {
        Look::Digital => [255.0; 3],
        Look::Board => {
            let dark = r.range(20.0, 70.0);
            *r.pick(&[[dark, dark, dark], [dark * 0.5, dark * 0.9, dark * 0.7], [dark * 0.4, dark * 0.5, dark * 1.2]])
        }
        _ => {
            let bright = if photo { 245.0 - 140.0 * r.unit() * r.unit() } else { r.range(200.0, 255.0) };
            let tint = if r.chance(0.12) {
                *r.pick(&[[1.0, 0.97, 0.72], [0.8, 0.88, 1.0], [1.0, 0.85, 0.87], [0.86, 1.0, 0.86], [0.93, 0.82, 0.62]])
            } else {
                let warm = r.range(-0.06, 0.1);
                [1.0, 1.0 - warm * 0.4, 1.0 - warm]
            };
            tint.map(|t| t * bright)
        }
    };
    let light = Light::new(photo, width, height, r);
    let desk = Desk::new(width, height, r);
    let objects = Objects::any(photo && !board, width, height, r);
    let fibre = Noise::new(width, height, r.range(1.5, 6.0), r);
    let rough = if view.look == Look::Digital { 0.0 } else { r.unit() * r.unit() * 0.06 };
    let through = if view.look != Look::Digital && !board && r.chance(0.25) { 0.04 + 0.56 * r.unit() * r.unit() } else { 0.0 };
    // A dark border where a scanner saw past the paper.
    let scanned = matches!(view.look, Look::Scan | Look::Bilevel);
    let border = if scanned && r.chance(0.06) { r.range(2.0, 24.0) } else { 0.0 };
    let side = r.below(4);
    let back = (through > 0.0).then(|| back_side(sheet));
    let whole: Vec<bool> = sheet.marks.iter().map(|m| seen_of(m, warp, width, height) >= SEEN).collect();
    let shift = (r.range(-30.0, 30.0), r.range(-60.0, 60.0));
    let (lw, lh) = (width / 2, height / 2);
    let mut rgb = vec![[0.0f32; 3]; width * height];
    let mut sums = vec![[0.0f32; 5]; lw * lh];
    let mut planes: [Vec<u8>; 13] = core::array::from_fn(|_| vec![0; lw * lh]);
    planes[11].fill(255);
    let (mut lights, mut fibres, mut streaks) = (vec![0.0; width], vec![0.0; width], vec![0.0; width]);
    let mut row = usize::MAX;
    let (sw, sh) = (sheet.width as f32, sheet.height as f32);
    let zooms: Vec<f32> = (0..lh).map(|y| warp.zoom(width as f32 / 2.0, 2.0 * y as f32 + 1.0)).collect();
    warp.for_each(width, height, |x, y, sx, sy| {
        if y != row {
            row = y;
            light.row(y, width, height, &mut lights);
            fibre.row(y as f32, &mut fibres);
            if view.desk {
                desk.noise.row(y as f32 * desk.stretch, &mut streaks);
            }
        }
        let label = (y / 2) * lw + x / 2;
        let out = &mut rgb[y * width + x];
        let shaded = match objects.at(x as f32, y as f32) {
            Seen::Object(colour) => {
                *out = colour.map(|c| c * lights[x]);
                planes[12][label] |= 4;
                return;
            }
            Seen::Light(light) => light * lights[x],
        };
        let outside = (-sx).max(-sy).max(sx - sw).max(sy - sh) + desk.tear(sx, sy);
        let inside = [x, y, width - 1 - x, height - 1 - y][side] as f32;
        if inside < border {
            *out = [12.0; 3];
            planes[12][label] |= 4;
            return;
        }
        if view.desk && outside > 0.0 {
            // The paper's edge throws a thin shadow.
            let shade = shaded * (0.6 + 0.4 * (outside / 6.0).min(1.0)) * desk.shown(x as f32, y as f32, streaks[x]);
            *out = desk.colour.map(|c| 255.0 * c * shade);
            planes[12][label] |= 4;
            return;
        }
        let ink = sample(&sheet.pixels, sheet.width, sheet.height, sx, sy);
        let mut density = [ink[0], ink[1], ink[2]];
        if let Some((bw, bh, back)) = &back {
            let (bx, by) = ((sw - sx + shift.0) / 2.0, (sy + shift.1) / 2.0);
            if bx >= 0.0 && by >= 0.0 && (bx as usize) < *bw && (by as usize) < *bh {
                let more = through * back[by as usize * bw + bx as usize][0];
                density = density.map(|d| d + more);
            }
        }
        let shade = shaded * (1.0 + rough * fibres[x]);
        for k in 0..3 {
            let kept = if density[k] > 0.001 { (-density[k]).exp() } else { 1.0 };
            let reflected = if board { paper[k] + (235.0 - paper[k]) * (1.0 - kept) } else { paper[k] * kept };
            out[k] = reflected * shade;
        }
        let sum = &mut sums[label];
        for k in 0..5 {
            sum[k] += ink[3 + k] * 63.75;
        }
        let (ix, iy) = (sx as usize, sy as usize);
        if sx < 0.0 || sy < 0.0 || ix >= sheet.width || iy >= sheet.height {
            return;
        }
        let at = iy * sheet.width + ix;
        planes[7][label] |= sheet.gap[at] * 255;
        planes[8][label] |= sheet.link[at] * 255;
        planes[12][label] |= sheet.ignore[at];
        for (k, cores) in sheet.cores.iter().enumerate().rev() {
            let id = cores[at];
            // A label is a core where most of its four pixels are.
            if id == 0 || (x % 2 == 0) != (y % 2 == 0) || !whole[id as usize - 1] {
                continue;
            }
            planes[5 + k][label] = 255;
            let m = &sheet.marks[id as usize - 1];
            let zoom = zooms[y / 2];
            let quarters = |d: f32| (d * zoom * 4.0).clamp(0.0, 255.0) as u8;
            let (above, below) = m.heights(sx, sy);
            planes[9][label] = quarters(above);
            planes[10][label] = quarters(below);
            planes[11][label] = m.up as u8;
        }
    });
    for (k, plane) in planes.iter_mut().take(5).enumerate() {
        for (v, s) in plane.iter_mut().zip(&sums) {
            *v = s[k].min(255.0) as u8;
        }
    }
    Taken { rgb, planes }
}

/// Cores further from ink than so many labels have lost theirs.
const LOST: usize = 6;

/// Of units whose ink is gone nothing is said.
fn forget_lost(planes: &mut [Vec<u8>; 13], width: usize, height: usize) {
    let ink: Vec<bool> = planes[0].iter().zip(&planes[1]).map(|(a, b)| a.max(b) > &0).collect();
    let beside = |i: usize| {
        let (row, x) = (i / width * width, i % width);
        ink[row + x.saturating_sub(LOST)..row + (x + LOST + 1).min(width)].contains(&true)
    };
    let beside: Vec<bool> = (0..width * height).map(beside).collect();
    for i in 0..width * height {
        let rows = (i / width).saturating_sub(LOST)..(i / width + LOST + 1).min(height);
        if planes[5..9].iter().any(|p| p[i] > 0) && !rows.into_iter().any(|y| beside[y * width + i % width]) {
            planes[5..9].iter_mut().for_each(|p| p[i] = 0);
            planes[11][i] = 255;
            planes[12][i] |= 16 | 32;
        }
    }
}

/// Lens, tone, sensor and compression.
fn develop(rgb: &mut [[f32; 3]], look: Look, width: usize, height: usize, r: &mut Random) {
    let grey = look == Look::Bilevel || r.chance(0.5);
    let noise = match look {
        Look::Digital => 0.0,
        Look::Photo | Look::Board => r.unit() * r.unit() * 12.0,
        _ => r.unit() * r.unit() * 5.0,
    };
    let passes = if look == Look::Digital { 0 } else { [0, 1, 1, 1, 2, 3][r.below(6)] };
    let a = r.range(0.05, 0.3);
    let quality = if look == Look::Digital || r.chance(0.2) { 100.0 } else { r.range(25.0, 95.0) };
    let curve = (r.range(0.0, 18.0) * r.unit(), r.range(0.0, 30.0) * r.unit());
    if grey {
        let mut plane: Vec<[f32; 1]> = rgb.iter().map(|p| [0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]]).collect();
        (0..passes).for_each(|_| soften(&mut plane, width, height, a));
        finish(&mut plane, noise, curve, r);
        let mut plane: Vec<f32> = plane.into_iter().map(|p| p[0]).collect();
        if look == Look::Bilevel {
            threshold(&mut plane, r);
        } else if quality < 100.0 {
            jpeg::gray(&mut plane, width, height, quality);
        }
        for (p, v) in rgb.iter_mut().zip(plane) {
            *p = [v; 3];
        }
    } else {
        (0..passes).for_each(|_| soften(rgb, width, height, a));
        finish(rgb, noise, curve, r);
        if quality < 100.0 {
            jpeg::colour(rgb, width, height, quality);
        }
    }
}

fn finish<const N: usize>(p: &mut [[f32; N]], noise: f32, (low, high): (f32, f32), r: &mut Random) {
    let gain = 255.0 / (255.0 - low - high);
    for v in p.iter_mut() {
        let n = if noise > 0.3 { noise * r.grain() } else { 0.0 };
        *v = v.map(|v| ((v + n - low) * gain).clamp(0.0, 255.0));
    }
}

/// Black below a share of the paper's light, white above: what is between frays.
fn threshold(plane: &mut [f32], r: &mut Random) {
    let paper = {
        let mut some: Vec<f32> = plane.iter().step_by(61).copied().collect();
        some.sort_by(f32::total_cmp);
        some[some.len() * 4 / 5]
    };
    let level = paper * r.range(0.55, 0.85);
    for v in plane.iter_mut() {
        *v = if *v + 6.0 * r.grain() < level { 0.0 } else { 255.0 };
    }
}
