//! Single characters as ink: glyphs of a set fitted to a height, and marks that no set holds, drawn with a pen.

use crate::canvas::Canvas;
use crate::library::GlyphSet;
use crate::random::Random;

/// A glyph of a set as ink, fitted to `height` by its box, its stroke redrawn softer or harder.
/// With a `nib` the strokes are redrawn along their middle, that many pixels wide.
pub fn glyph_stamp(set: &GlyphSet, image: u32, height: f32, widen: f32, level: f32, nib: Option<f32>) -> Canvas {
    let n = set.size;
    let src = Canvas { width: n, height: n, data: set.image(image).iter().map(|&v| v as f32 / 255.0).collect() };
    let Some((l, t, r, b)) = src.bounds(0.3) else { return Canvas::new(1, 1) };
    let scale = height / (b - t) as f32;
    let (sx, sy) = (scale * widen, scale);
    let (w, h) = (((r - l) as f32 * sx).ceil() as usize + 4, ((b - t) as f32 * sy).ceil() as usize + 4);
    let mut out = src.warp(w, h, |x, y| ((x - 2.0) / sx + l as f32 - 0.5 + 0.5 / sx, (y - 2.0) / sy + t as f32 - 0.5 + 0.5 / sy));
    let Some(nib) = nib else {
        out.thicken(0.5 - level, (scale * 1.2).max(1.6));
        return out;
    };
    out.blur(0.6);
    let bones = out.skeleton(0.4);
    let reach = (nib / 2.0 + 1.0).ceil() as isize;
    out.data.fill(0.0);
    for (x, y) in bones {
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let d = ((dx * dx + dy * dy) as f32).sqrt();
                out.ink(x as isize + dx, y as isize + dy, (nib / 2.0 + 0.5 - d).clamp(0.0, 1.0));
            }
        }
    }
    out.blur(0.5);
    out
}

/// How high a glyph's box is, and how far its top lies below the tops of the digits, both in heights of a digit, where letters without
/// ascender are `small` high. Glyphs of a set fill their frames: their sizes beside each other are lost.
pub fn proportions(c: char, small: f32) -> (f32, f32) {
    match c {
        'a' | 'c' | 'e' | 'm' | 'n' | 'o' | 'r' | 's' | 'u' | 'v' | 'w' | 'x' | 'z' => (small, 1.0 - small),
        'g' | 'p' | 'q' | 'y' => (small + 0.3, 1.0 - small),
        'i' | 't' => (0.88, 0.12),
        'j' => (1.2, 0.12),
        '.' => (0.13, 0.88),
        '-' => (0.14, 0.45),
        '+' => (0.6, 0.25),
        _ => (1.0, 0.0),
    }
}

/// What `mark_stamp` draws.
pub const MARKS: &str = ".,'\"-+=:/()%$€*x÷<>";

/// The digit that a power is a small one of.
pub fn raised(c: char) -> Option<char> {
    match c {
        '²' => Some('2'),
        '³' => Some('3'),
        _ => None,
    }
}

/// A percent sign: a stroke, steep on some hands, with rings or mere points on either side.
fn percent(h: f32, pen: f32, r: &mut Random) -> (Canvas, f32) {
    let lean = r.range(0.15, 0.55);
    let radii = if r.chance(0.25) { (0.02, 0.02) } else { (r.range(0.06, 0.16), r.range(0.07, 0.18)) };
    let mut k = Canvas::new((0.85 * h) as usize + 8, (1.1 * h) as usize + 8);
    let mut draw = |points: &[(f32, f32)]| {
        let near = |v: f32, r: &mut Random| 4.0 + h * (v + r.range(-0.04, 0.04));
        let p: Vec<(f32, f32)> = points.iter().map(|&(x, y)| (near(x, r), near(y, r))).collect();
        k.path(&p, pen, 1.0);
    };
    draw(&[(0.37 + lean / 2.0, 0.0), (0.37 - lean / 2.0, 1.0)]);
    for (cx, cy) in [(0.15, 0.22), (0.6, 0.78)] {
        let ring: Vec<(f32, f32)> = (0..9u8)
            .map(|i| (f32::from(i) * core::f32::consts::FRAC_PI_4).sin_cos())
            .map(|(sin, cos)| (cx + radii.0 * cos, cy + radii.1 * sin))
            .collect();
        draw(&ring);
    }
    (k, -4.0)
}

/// Marks that no glyph set holds, drawn with a pen inside a box `h` high. Returns the ink and its top relative to the digits' top.
pub fn mark_stamp(c: char, h: f32, pen: f32, r: &mut Random) -> Option<(Canvas, f32)> {
    if c == '%' {
        return Some(percent(h, pen, r));
    }
    let (up, lean, arcs) = (r.range(0.05, 0.3), r.range(0.35, 0.7), r.chance(0.35));
    // No two hands set their marks alike: how long, how far down, how much they lean, how far apart their parts are.
    let [long, low, tilt, wide] = [0; 4].map(|_| r.unit());
    let between = |share: f32, from: f32, to: f32| from + share * (to - from);
    let j = |r: &mut Random| r.range(-0.06, 0.06) * h;
    let mut line = |points: &[(f32, f32)], w: f32, top: f32, height: f32| {
        let mut k = Canvas::new((w * h) as usize + 8, (height * h) as usize + 8);
        let p: Vec<(f32, f32)> = points.iter().map(|&(x, y)| (4.0 + x * h + j(r), 4.0 + y * h + j(r))).collect();
        k.path(&p, pen, 1.0);
        (k, top * h - 4.0)
    };
    Some(match c {
        // A decimal point, raised by some hands.
        '.' => {
            let top = if r.chance(0.4) { r.range(0.3, 0.75) } else { between(low, 0.84, 1.02) };
            let mut k = Canvas::new((0.1 * h) as usize + 8, (0.1 * h) as usize + 8);
            k.path(&[(4.0, 4.0), (4.0 + 0.04 * h, 4.0 + r.range(0.0, 0.05) * h)], pen * r.range(0.9, 1.5), 1.0);
            (k, top * h - 4.0)
        }
        // From a tick at the line to a long stroke below it.
        ',' => {
            let (n, lean) = (between(long * long, 0.16, 0.5), between(tilt, -0.1, 1.3));
            line(
                &[(lean.max(0.0) * n, 0.0), (0.8 * lean.max(0.0) * n, 0.45 * n), (-lean.min(0.0) * n, n)],
                1.3 * n,
                between(low, 0.78, 1.2),
                n,
            )
        }
        '\'' => {
            let (n, lean) = (between(long, 0.14, 0.38), between(tilt, 0.0, 0.7));
            line(&[(lean * n, 0.0), (0.6 * lean * n, 0.5 * n), (0.0, n)], 0.7 * n, between(low, -0.3, 0.08), n)
        }
        '"' => {
            let (n, lean, apart) = (between(long, 0.14, 0.36), between(tilt, 0.0, 0.6), between(wide, 0.12, 0.3));
            let (width, top) = (0.6 * n + apart, between(low, -0.25, 0.08));
            let (mut a, top) = line(&[(lean * n, 0.0), (0.0, n)], width, top, n);
            let (b, _) = line(&[(lean * n + apart, 0.0), (apart, n)], width, 0.0, n);
            a.stamp(&b, 0, 0);
            (a, top)
        }
        '-' => {
            let n = between(long, 0.25, 0.8);
            line(&[(0.0, 0.06), (n, 0.06 + 0.2 * (tilt - 0.6) * n)], n + 0.05, between(low, 0.36, 0.6), 0.2)
        }
        '+' => {
            let (mut a, top) = line(&[(0.0, 0.28), (0.5, 0.26)], 0.55, 0.25, 0.55);
            let (b, _) = line(&[(0.27, 0.0), (0.25, 0.52)], 0.55, 0.25, 0.55);
            a.stamp(&b, 0, 0);
            (a, top)
        }
        '=' => {
            let (n, apart, rise) = (between(long, 0.32, 0.75), between(wide, 0.14, 0.34), 0.25 * (tilt - 0.4));
            let (top, height) = (between(low, 0.28, 0.48), apart + 0.3);
            let (mut a, top) = line(&[(0.0, 0.15), (n, 0.15 - rise * n)], n + 0.05, top, height);
            let (b, _) = line(&[(0.0, 0.15 + apart), (n, 0.15 + apart - rise * n)], n + 0.05, 0.0, height);
            a.stamp(&b, 0, 0);
            (a, top)
        }
        ':' => {
            let (apart, top) = (between(wide, 0.28, 0.6), between(low, 0.25, 0.45));
            let (mut a, top) = line(&[(0.03, 0.03), (0.05, 0.05)], 0.2, top, apart + 0.1);
            let aside = 0.03 - 0.1 * (tilt - 0.3);
            let (b, _) = line(&[(aside, 0.03 + apart), (aside + 0.02, 0.06 + apart)], 0.2, 0.0, apart + 0.1);
            a.stamp(&b, 0, 0);
            (a, top)
        }
        // Of two arcs back to back, as algebra is written.
        'x' if arcs => {
            let (mut a, top) = line(&[(0.0, 0.08), (0.14, 0.0), (0.22, 0.25), (0.14, 0.5), (0.0, 0.42)], 0.55, 0.4, 0.55);
            let (b, _) = line(&[(0.48, 0.06), (0.33, 0.0), (0.25, 0.25), (0.33, 0.5), (0.48, 0.44)], 0.55, 0.4, 0.55);
            a.stamp(&b, 0, 0);
            (a, top)
        }
        'x' => {
            let (mut a, top) = line(&[(0.0, 0.0), (0.45, 0.5)], 0.5, 0.4, 0.55);
            let (b, _) = line(&[(0.45, 0.0), (0.0, 0.5)], 0.5, 0.4, 0.55);
            a.stamp(&b, 0, 0);
            (a, top)
        }
        '÷' => {
            let (mut a, top) = line(&[(0.0, 0.3), (0.5, 0.28)], 0.55, 0.2, 0.65);
            for y in [0.05, 0.52] {
                let (b, _) = line(&[(0.24, y), (0.26, y + 0.03)], 0.55, 0.2, 0.65);
                a.stamp(&b, 0, 0);
            }
            (a, top)
        }
        '<' => line(&[(0.4, 0.0), (0.0, 0.25), (0.42, 0.5)], 0.45, 0.3, 0.55),
        '>' => line(&[(0.0, 0.0), (0.42, 0.25), (0.0, 0.5)], 0.45, 0.3, 0.55),
        // Longer than the digits and leaning more: what leans like them is a one.
        '/' => line(&[(lean, 0.0), (0.0, 1.15 + up)], lean + 0.05, -up, 1.2 + up),
        '(' => line(&[(0.25, 0.0), (0.05, 0.3), (0.02, 0.7), (0.22, 1.15)], 0.3, -0.08, 1.2),
        ')' => line(&[(0.0, 0.0), (0.2, 0.3), (0.22, 0.7), (0.03, 1.15)], 0.3, -0.08, 1.2),
        '$' => {
            let (mut a, top) = line(
                &[(0.5, 0.15), (0.25, 0.08), (0.05, 0.25), (0.25, 0.45), (0.48, 0.65), (0.28, 0.9), (0.02, 0.82)],
                0.6,
                -0.03,
                1.1,
            );
            let (b, _) = line(&[(0.28, 0.0), (0.26, 1.05)], 0.6, -0.03, 1.1);
            a.stamp(&b, 0, 0);
            (a, top)
        }
        '€' => {
            let (mut a, top) = line(
                &[(0.6, 0.12), (0.4, 0.02), (0.18, 0.2), (0.1, 0.5), (0.2, 0.85), (0.42, 0.98), (0.62, 0.85)],
                0.7,
                0.0,
                1.05,
            );
            for y in [0.42, 0.6] {
                let (b, _) = line(&[(0.0, y), (0.45, y - 0.02)], 0.7, 0.0, 1.05);
                a.stamp(&b, 0, 0);
            }
            (a, top)
        }
        '*' => {
            let (mut a, top) = line(&[(0.0, 0.0), (0.3, 0.35)], 0.4, 0.3, 0.4);
            // Three strokes: two alone are a cross.
            for stroke in [[(0.3, 0.0), (0.0, 0.35)], [(0.15, -0.03), (0.15, 0.38)]] {
                let (b, _) = line(&stroke, 0.4, 0.3, 0.4);
                a.stamp(&b, 0, 0);
            }
            (a, top)
        }
        _ => return None,
    })
}
