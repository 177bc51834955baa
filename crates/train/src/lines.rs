//! Lines to train on: set from glyphs or fonts, or real crops, each bent, soiled and photographed anew.
//!
//! A sample is a grey crop as the page stage would cut it, its text, and who made which columns of it.

use crate::canvas::{Canvas, Noise};
use crate::components::{components, Component};
use crate::entries;
use crate::habits;
use crate::intrusions::{dotted_rule, intrude, specks};
use crate::library::{Kind, Library, RealLine, Writing};
use crate::pages::hand::{around_points, within_number, Hand as Writer};
use crate::pages::{content, jpeg, pen::Pen};
use crate::random::Random;
use crate::stamps::{glyph_stamp, mark_stamp, proportions, raised, MARKS};
use crate::strokes::Hand;
use crate::texts;
use ab_glyph::{Font, FontVec, PxScale, ScaleFont};
use net::normalise;

/// A line to learn from. `text` is `None` where only the kind is known.
pub struct Sample {
    pub width: usize,
    pub height: usize,
    pub gray: Vec<u8>,
    pub text: Option<String>,
    /// Height of its digits in pixels; 0 where it is not known.
    pub digit: f32,
    /// Columns `from..to` of the crop and who made them; nothing is said of the rest.
    pub spans: Vec<(f32, f32, Kind)>,
}

/// A line of ink in the making.
struct Setting {
    ink: Canvas,
    text: String,
    /// Height of a digit in pixels.
    digit: f32,
    pen: f32,
}

const BODY: f32 = 40.0;

/// Sets a text in one hand, the same few shapes of a character all along. What the hand does not hold comes from another set, or is drawn.
fn set_glyphs(text: &str, lib: &Library, r: &mut Random) -> Option<Setting> {
    let first = r.below(lib.glyphs.len().max(1));
    let others = || lib.glyphs.iter().cycle().skip(first).take(lib.glyphs.len());
    let other = |c: char| others().find(|s| s.of(c).is_some());
    let able = |c: char| c == ' ' || MARKS.contains(c) || raised(c).is_some() || other(c).is_some();
    if !text.chars().all(able) {
        return None;
    }
    let digit = BODY * r.range(0.6, 1.0);
    let level = r.range(0.22, 0.62);
    let widen = r.range(0.75, 1.3);
    let pen = digit * r.range(0.05, 0.15);
    // The sets hold thick strokes only: a third of the lines is written with another pen, from a hair to a felt tip.
    let widest = 0.06 + 0.12 * r.unit();
    let nib = r.chance(0.35).then(|| digit * r.range(0.035, widest));
    let pen = nib.unwrap_or(pen);
    // All digits drawn, or all from one set, or some drawn: hands that write one or two digits in another school's way.
    let hand = Hand::new(pen / digit, r);
    let (all, some) = (r.chance(0.18), r.chance(0.3));
    let drawn: [bool; 10] = core::array::from_fn(|_| all || (some && r.chance(0.25)));
    let cut = !lib.written.is_empty() && r.chance(0.2);
    let digits = if cut { r.pick(&lib.written) } else { other('0')? };
    // Gaps from overlapping to apart; one line has one habit.
    let spaced = text.contains(' ');
    let (gap_low, gap_high) = match r.below(if spaced { 3 } else { 4 }) {
        0 => (-0.16 * digit, 0.02 * digit),
        1 => (-0.04 * digit, 0.12 * digit),
        2 => (0.04 * digit, 0.3 * digit),
        // Digits of one number, as far apart as words are.
        _ => (0.2 * digit, 0.8 * digit),
    };
    let around = around_points(r) * digit;
    let uneven = r.range(0.0, 0.09) * digit;
    let linked = r.chance(0.2);
    // Habits of hands that the sets, most of them from North America, show little of. What is drawn, or cut out of lines, has habits of its own.
    let habits = !cut;
    let (crossed, upstroke, chained) = (r.chance(0.4), r.chance(0.25), r.chance(0.35));
    // Sevens and nines below the line, sixes above it: by so many heights, if at all.
    let stems = r.chance(0.2).then(|| r.range(0.2, 0.8));
    // Zeros behind other digits are smaller with some hands, mostly on the baseline, and as wide as ever.
    let small = r.chance(0.2).then(|| (r.range(0.45, 0.85), if r.chance(0.75) { 1.0 } else { r.unit() }));
    let small_letter = r.range(0.5, 0.78);
    let mut zero: Option<(f32, f32, f32)> = None;
    let height = (BODY * 2.2) as usize;
    let base = BODY * 1.5;
    let mut ink = Canvas::new((text.chars().count() as f32 * digit * 1.6 + 60.0) as usize, height);
    let mut x = 12.0f32;
    let mut known: Vec<(char, [u32; 2])> = Vec::new();
    let mut last: Option<(f32, f32)> = None;
    let mut left = text.chars().peekable();
    while let Some(c) = left.next() {
        if c == ' ' {
            // Between numbers more than within one.
            x += digit * r.range(0.85, 1.8);
            last = None;
            continue;
        }
        let shrunk = small.filter(|_| c == '0' && x > 12.0);
        let size = digit * r.range(0.88, 1.12) * shrunk.map_or(1.0, |s| s.0);
        let (c, power) = raised(c).map_or((c, false), |d| (d, true));
        let set = if digits.of(c).is_some() { Some(digits) } else { other(c) };
        let pen_draws = c.to_digit(10).is_some_and(|d| drawn[d as usize]);
        let ready = if pen_draws {
            let (part, top) = if power { (r.range(0.4, 0.6), r.range(-0.35, -0.1)) } else { (1.0, 0.0) };
            hand.draw(c, size * part, r).map(|k| {
                let t = k.bounds(0.3).map_or(0, |b| b.1);
                (k, top * size - t as f32)
            })
        } else if set.is_none() || (".-/+x".contains(c) && r.chance(0.75)) {
            mark_stamp(c, size, pen, r)
        } else {
            None
        };
        let (stamp, top) = match ready {
            Some(m) => m,
            None => {
                let set = set?;
                let all = set.of(c)?;
                let pair = match known.iter().find(|(k, _)| *k == c) {
                    Some((_, p)) => *p,
                    None => {
                        let p = [*r.pick(all), *r.pick(all)];
                        known.push((c, p));
                        p
                    }
                };
                let image = pair[(r.below(4) == 0) as usize];
                let (part, top) = if power { (r.range(0.4, 0.6), r.range(-0.35, -0.1)) } else { proportions(c, small_letter) };
                (glyph_stamp(set, image, size * part, widen * r.range(0.9, 1.1), level, nib), top * size - 2.0)
            }
        };
        let (stamp, top) = match stems {
            Some(more) if "4679".contains(c) && habits && !pen_draws && !power && r.chance(0.9) => {
                let share = if c == '4' { 0.4 } else { r.range(0.8, 1.1) };
                let (tall, above) = habits::long_stem(&stamp, more * share * size, c == '6');
                (tall, top - above)
            }
            _ => (stamp, top),
        };
        let stamp = match c {
            '7' if crossed && habits && !pen_draws && !power && r.chance(0.85) => habits::cross_seven(&stamp, pen, r),
            '1' if upstroke && habits && !pen_draws && !power && r.chance(0.85) => habits::upstroke_one(&stamp, pen, r),
            'B' if habits && r.chance(0.3) => match digits.of('3') {
                Some(threes) => {
                    let image = *r.pick(threes);
                    habits::split_b(&glyph_stamp(digits, image, size, widen * 0.85, level, nib), pen, r)
                }
                None => stamp,
            },
            _ => stamp,
        };
        let Some((l, t, right, b)) = stamp.bounds(0.3) else { continue };
        // A comma stands below what is before it as often as behind it.
        if c == ',' && last.is_some() && r.chance(0.35) {
            x -= r.range(0.1, 0.45) * size;
        }
        let lifted = shrunk.map_or(0.0, |(_, low)| (1.0 - low) * (digit - size).max(0.0));
        let y = base - size - lifted + top + r.range(-uneven, uneven);
        if let (true, Some(from)) = (linked && r.chance(0.6) && right - l > 6, last) {
            // A ligature from where the last glyph ended to where this one begins, or back over its top.
            let row = if r.chance(0.6) { t + (b - t) / 4 } else { b - (b - t) / 5 };
            let first = (l..right).find(|&sx| stamp.data[row.min(stamp.height - 1) * stamp.width + sx] > 0.4).unwrap_or(l);
            let to = (x + (first - l) as f32, y + row as f32);
            let mid = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0 + r.range(-0.1, 0.15) * digit);
            ink.path(&[from, mid, to], pen * r.range(0.5, 0.9), 1.0);
        }
        ink.stamp(&stamp, (x - l as f32).round() as isize, y.round() as isize);
        // Zeros in a row hang together at their tops.
        let this = (c == '0' && !power).then_some((x, y + t as f32, (b - t) as f32));
        if let (true, Some((px, py, ph)), Some((zx, zy, zh))) = (chained, zero, this) {
            let from = (px, py + ph * r.range(0.02, 0.3));
            let to = (zx + (right - l) as f32 * r.range(0.0, 0.6), zy + zh * r.range(0.0, 0.25));
            let mid = ((from.0 + to.0) / 2.0, from.1.min(to.1) + r.range(-0.1, 0.2) * zh);
            ink.path(&[from, mid, to], pen * r.range(0.6, 1.0), 1.0);
        }
        zero = this.map(|(zx, zy, zh)| (zx + (right - l) as f32 * 0.85, zy, zh));
        let tail = t + (b - t) * 3 / 4;
        let end = (l..right).rev().find(|&sx| stamp.data[tail.min(stamp.height - 1) * stamp.width + sx] > 0.4).unwrap_or(right);
        last = Some((x + (end - l) as f32, y + tail as f32));
        x += (right - l) as f32 + r.range(gap_low, gap_high).max(4.0 - (right - l) as f32);
        if left.peek().is_some_and(|&next| within_number(c, next)) {
            x += around * r.range(0.7, 1.3);
        }
    }
    ink = crop_to(&ink, x);
    Some(Setting { ink, text: text.into(), digit, pen })
}

/// Sets a text of any kind in one of the hands that fill in pages: no two of its glyphs are alike.
fn set_by_writer(text: &str, lib: &Library, r: &mut Random) -> Option<Setting> {
    let digit = BODY * r.range(0.6, 1.0);
    let pen = Pen::new(digit, r);
    let mut writer = Writer::new(lib, r);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if !text.contains(' ') && r.chance(if digits > 1 { 0.2 } else { 0.05 }) {
        // One number or code, its characters far apart.
        writer.gap = (0.2, 0.8);
    } else {
        // Two numbers further apart than a number and its unit, and those than a hand's digits.
        writer.between_numbers = (0.8, 1.6);
        writer.space = (0.35, if digits > 0 { 1.2 } else { 0.8 });
    }
    let written = writer.write(text, digit, &pen, r)?;
    let words: Vec<&str> = written.words.iter().map(|w| &w.0[..]).collect();
    // What the hand has no shape for is left out by it.
    if words.join(" ") != text {
        return None;
    }
    let mut ink = Canvas::new(written.ink.width + 24, written.ink.height + 24);
    ink.stamp(&written.ink, 12, 12);
    Some(Setting { ink, text: text.into(), digit, pen: pen.width })
}

/// Draws a word or a line along the strokes that somebody wrote, with a pen of any width.
fn set_writing(writing: &Writing, r: &mut Random) -> Option<Setting> {
    let digit = BODY * r.range(0.6, 1.0);
    let pen = Pen::new(digit, r);
    let wide = digit * r.range(0.8, 1.25);
    let air = 12.0 + pen.width;
    let mut ink =
        Canvas::new((writing.size.0 * wide + 2.0 * air) as usize + 1, (writing.size.1 * digit + 2.0 * air) as usize + 1);
    for stroke in &writing.strokes {
        let points: Vec<(f32, f32)> = stroke.iter().map(|&(x, y)| (air + x * wide, air + y * digit)).collect();
        let nib = pen.width * r.range(0.9, 1.1);
        ink.path_or_dot(&points, nib, nib * 1.2);
    }
    pen.roughen(&mut ink, r);
    Some(Setting { ink, text: writing.text.clone(), digit, pen: pen.width })
}

fn crop_to(ink: &Canvas, x: f32) -> Canvas {
    let mut out = Canvas::new((x as usize + 14).min(ink.width), ink.height);
    for y in 0..ink.height {
        let w = out.width;
        out.data[y * w..(y + 1) * w].copy_from_slice(&ink.data[y * ink.width..y * ink.width + w]);
    }
    out
}

/// Sets a text in a font; `loose` shakes size and baseline of each character as a hand does.
fn set_font(text: &str, font: &FontVec, loose: bool, r: &mut Random) -> Option<Setting> {
    let size = BODY * r.range(0.9, 1.5);
    let height = (BODY * 2.4) as usize;
    let base = BODY * 1.6;
    let spacing = if loose { r.range(-0.05, 0.08) * size } else { r.range(0.0, 0.04) * size };
    let scaled = font.as_scaled(PxScale::from(size));
    let mut ink = Canvas::new((text.chars().count() as f32 * size * 1.3 + 60.0) as usize, height);
    let mut x = 14.0f32;
    for c in text.chars() {
        let id = font.glyph_id(c);
        if id.0 == 0 && c != ' ' {
            return None;
        }
        let s = if loose { size * r.range(0.94, 1.06) } else { size };
        let y = base + if loose { r.range(-0.03, 0.03) * size } else { 0.0 };
        if let Some(outline) = font.outline_glyph(id.with_scale_and_position(PxScale::from(s), ab_glyph::point(x, y))) {
            let b = outline.px_bounds();
            outline.draw(|gx, gy, v| ink.ink(b.min.x as isize + gx as isize, b.min.y as isize + gy as isize, v.min(1.0)));
        }
        x += scaled.h_advance(id) + spacing;
    }
    let mut ink = crop_to(&ink, x);
    if loose || r.chance(0.5) {
        ink.blur(r.range(0.3, 0.9));
        ink.thicken(r.range(-0.12, 0.3), r.range(1.4, 3.0));
    }
    Some(Setting { ink, text: text.into(), digit: size * 0.6, pen: size * 0.06 })
}

/// A few characters of a font of another script: print that cannot be read is print all the same.
fn foreign(font: &FontVec, r: &mut Random) -> String {
    let mut all: Vec<char> = font.codepoint_ids().map(|(_, c)| c).filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    all.sort_unstable();
    if all.is_empty() {
        return String::new();
    }
    (0..r.between(1, 12)).map(|_| *r.pick(&all)).collect()
}

/// Bends a line as a hand does: slant, slope, waves, and small local shifts; `stretch` times as wide.
fn bend(ink: &Canvas, strength: f32, stretch: f32, r: &mut Random) -> Canvas {
    let slant = r.normal() * 0.18 * strength;
    let slope = r.normal() * 0.02 * strength;
    let wave = r.range(0.0, 1.6) * strength;
    let length = r.range(60.0, 240.0);
    let phase = r.range(0.0, 6.3);
    let elastic = r.range(0.0, 2.2) * strength;
    let cell = r.range(9.0, 26.0);
    let width = (ink.width as f32 * stretch) as usize + 30;
    let (nx, ny) = (Noise::new(width + 10, ink.height, cell, r), Noise::new(width + 10, ink.height, cell, r));
    let middle = ink.height as f32 / 2.0;
    ink.warp_elastic(width, ink.height, elastic, (&nx, &ny), |x, y| {
        let sx = (x - 15.0) / stretch + slant * (y - middle);
        let sy = y + slope * (x - ink.width as f32 / 2.0) + wave * (x / length + phase).sin();
        (sx, sy)
    })
}

/// Rules, boxes and grids of the form, in front of or behind the writing, and strokes of neighbouring lines.
fn surroundings(ink: &mut Canvas, s_digit: f32, pen: f32, r: &mut Random) {
    let (w, h) = (ink.width as f32, ink.height as f32);
    let dark = r.range(0.25, 1.0);
    let thin = r.range(0.8, 2.2);
    if r.chance(0.12) {
        specks(ink, pen, r);
    }
    if r.chance(0.08) {
        let y = BODY * 1.5 + r.range(-0.15, 0.3) * s_digit;
        dotted_rule(ink, (0.0, y), (w, y + r.range(-1.5, 1.5)), s_digit, r);
    } else if r.chance(0.22) {
        // A baseline rule, sometimes a second one above.
        let y = BODY * 1.5 + r.range(-0.12, 0.35) * s_digit;
        let tilt = r.range(-1.5, 1.5);
        ink.stroke((0.0, y), (w, y + tilt), thin, dark);
        if r.chance(0.4) {
            let y = y - s_digit * r.range(1.1, 1.6);
            ink.stroke((0.0, y), (w, y + tilt), thin, dark);
        }
    }
    // Few, and no combs, as the page stage lifts uprights off, and a net that has seen many takes a one for one.
    if r.chance(0.01) {
        for x in [r.range(0.0, 10.0), w - r.range(1.0, 12.0)] {
            if r.chance(0.7) {
                ink.stroke((x, 0.0), (x + r.range(-2.0, 2.0), h), thin, dark);
            }
        }
    }
    if r.chance(0.03) {
        let step = r.range(14.0, 34.0);
        let mut x = r.range(0.0, step);
        while x < w {
            ink.stroke((x, 0.0), (x, h), 1.0, dark * 0.6);
            x += step;
        }
        let mut y = r.range(0.0, step);
        while y < h {
            ink.stroke((0.0, y), (w, y), 1.0, dark * 0.6);
            y += step;
        }
    }
    if r.chance(0.15) {
        // Strokes hanging in from the line above or standing up from the one below.
        for _ in 0..r.between(1, 4) {
            let x = r.range(0.0, w);
            let (y0, y1) = if r.chance(0.5) { (0.0, r.range(2.0, 14.0)) } else { (h, h - r.range(2.0, 14.0)) };
            ink.stroke((x, y0), (x + r.range(-8.0, 8.0), y1), pen, 0.9);
        }
    }
}

/// Ink on paper: light, grain, patterns, fading, blur, resolution.
fn photograph(mut ink: Canvas, r: &mut Random) -> (Canvas, f32) {
    let (w, h) = (ink.width, ink.height);
    if r.chance(0.25) {
        // A dry or uneven pen.
        let n = Noise::new(w, h, r.range(2.0, 8.0), r);
        let depth = r.range(0.1, 0.6);
        let mut row = vec![0.0; w];
        for y in 0..h {
            n.row(y as f32, &mut row);
            for (v, n) in ink.data[y * w..(y + 1) * w].iter_mut().zip(&row) {
                *v *= 1.0 - depth * n.max(0.0);
            }
        }
    }
    ink.blur(r.range(0.0, 1.0) * r.range(0.0, 1.3));
    if r.chance(0.12) {
        // Out of focus.
        ink.blur(r.range(0.8, 2.8));
    }
    let paper = r.range(140.0, 250.0);
    let contrast = paper * (1.0 - r.unit() * r.unit() * 0.8);
    let shade = Noise::new(w, h, r.range(40.0, 200.0), r);
    let depth = r.range(0.0, 18.0);
    let pattern = r.below(10);
    let (period, angle, power) = (r.range(2.5, 9.0), r.range(0.0, core::f32::consts::PI), r.range(4.0, 34.0));
    let curl = Noise::new(w, h, 30.0, r);
    let grain = r.range(0.0, 9.0) * r.unit();
    let (mut shades, mut curls) = (vec![0.0; w], vec![0.0; w]);
    for y in 0..h {
        shade.row(y as f32, &mut shades);
        if pattern < 3 {
            curl.row(y as f32, &mut curls);
        }
        for x in 0..w {
            let (fx, fy) = (x as f32, y as f32);
            let mut v = paper + depth * shades[x] - contrast * ink.data[y * w + x];
            if pattern < 3 {
                // Security print: fine lines, waves or a net.
                let along = fx * angle.cos() + fy * angle.sin() + 5.0 * curls[x] * (pattern > 0) as u8 as f32;
                let mut p = (along / period * core::f32::consts::TAU).sin();
                if pattern == 2 {
                    p *= ((fx * angle.sin() - fy * angle.cos()) / period * core::f32::consts::TAU).sin();
                }
                v -= power * p.max(0.0);
            }
            ink.data[y * w + x] = v + grain * r.grain();
        }
    }
    // The resolution of the scan: shrink, and leave it to the normaliser to enlarge again.
    let scale = if r.chance(0.5) { r.range(0.3, 0.8) } else { 1.0 };
    if scale < 1.0 {
        ink.blur((0.5 / scale - 0.5).max(0.0));
        let (nw, nh) = (((w as f32 * scale) as usize).max(8), ((h as f32 * scale) as usize).max(8));
        ink = ink
            .warp(nw, nh, |x, y| (((x + 0.5) / scale - 0.5).min(w as f32 - 1.0), ((y + 0.5) / scale - 0.5).min(h as f32 - 1.0)));
    }
    (ink, scale)
}

/// A photograph, now and then as JPEG leaves it.
fn compressed((mut photo, scale): (Canvas, f32), r: &mut Random) -> (Canvas, f32) {
    if r.chance(0.3) {
        let quality = r.range(25.0, 85.0);
        jpeg::gray(&mut photo.data, photo.width, photo.height, quality);
    }
    (photo, scale)
}

/// Cuts to the writing as the page stage would, with some air, and makes bytes of it.
fn finish(ink: Canvas, bounds: (usize, usize, usize, usize), scale: f32) -> (usize, usize, Vec<u8>, f32) {
    let (l, t, r, b) = bounds;
    let s = |v: usize| (v as f32 * scale) as usize;
    let (l, t, r, b) = (s(l), s(t), (s(r) + 1).min(ink.width), (s(b) + 1).min(ink.height));
    let mut out = Vec::with_capacity((r - l) * (b - t));
    for y in t..b {
        out.extend(ink.data[y * ink.width + l..y * ink.width + r].iter().map(|v| v.clamp(0.0, 255.0) as u8));
    }
    (r - l, b - t, out, l as f32)
}

fn padded(b: (usize, usize, usize, usize), w: usize, h: usize, r: &mut Random) -> (usize, usize, usize, usize) {
    // Mostly as the page stage cuts; what others cut has more air.
    let most = if r.chance(0.25) { 14 } else { 7 };
    let air = |r: &mut Random| r.between(0, most);
    (b.0.saturating_sub(air(r)), b.1.saturating_sub(air(r)), (b.2 + air(r)).min(w), (b.3 + air(r)).min(h))
}

/// A stroke through the writing as a hand cancels it: one or two lines, a zigzag, hatching.
fn strike(ink: &mut Canvas, (l, t, r, b): (usize, usize, usize, usize), pen: f32, random: &mut Random) {
    let (l, t, r, b) = (l as f32, t as f32, r as f32, b as f32);
    let h = b - t;
    let mut line = |y0: f32, y1: f32, random: &mut Random| {
        let over = |random: &mut Random| random.range(-0.3, 0.1) * h;
        let bow = random.range(-0.08, 0.08) * h;
        let (x0, x1) = (l + over(random), r - over(random));
        ink.path(&[(x0, t + y0 * h), ((x0 + x1) / 2.0, t + (y0 + y1) / 2.0 * h + bow), (x1, t + y1 * h)], pen, 1.0);
    };
    match random.below(5) {
        0 | 1 => {
            let y = random.range(0.35, 0.65);
            line(y, y + random.range(-0.12, 0.12), random);
        }
        2 => {
            let y = random.range(0.3, 0.5);
            line(y, y + random.range(-0.08, 0.08), random);
            line(y + 0.22, y + random.range(0.14, 0.3), random);
        }
        3 => {
            if random.chance(0.5) {
                line(0.95, 0.05, random);
            } else {
                line(0.05, 0.95, random);
                line(0.95, 0.05, random);
            }
        }
        _ => {
            let step = random.range(0.15, 0.4) * h;
            let mut points = Vec::new();
            let (mut x, mut up) = (l - 2.0, false);
            while x < r + step {
                points.push((x, t + h * if up { random.range(0.0, 0.3) } else { random.range(0.7, 1.0) }));
                x += step * random.range(0.7, 1.3);
                up = !up;
            }
            ink.path(&points, pen, 1.0);
        }
    }
}

/// A ring around a number, as teachers and surveyors draw it: no brackets, whatever its sides look like.
fn ring(ink: &mut Canvas, (l, t, r, b): (usize, usize, usize, usize), pen: f32, random: &mut Random) {
    let (cx, cy) = ((l + r) as f32 / 2.0, (t + b) as f32 / 2.0);
    let air = random.range(1.15, 1.6);
    let (rx, ry) = ((r - l) as f32 / 2.0 * air + 6.0, (b - t) as f32 / 2.0 * air + 3.0);
    let start = random.range(0.0, 6.3);
    let turn = random.range(5.9, 6.9);
    let points: Vec<(f32, f32)> = (0..=24)
        .map(|i| {
            let a = start + turn * i as f32 / 24.0;
            let wobble = random.range(0.96, 1.04);
            (cx + rx * wobble * a.cos(), cy + ry * wobble * a.sin())
        })
        .collect();
    ink.path(&points, pen, 1.0);
}

/// A triangle around a number, as those who draw family trees and maps do.
fn triangle(ink: &mut Canvas, (l, t, r, b): (usize, usize, usize, usize), pen: f32, random: &mut Random) {
    let (w, h) = ((r - l) as f32, (b - t) as f32);
    let air = random.range(0.25, 0.5);
    let mut corner = |x: f32, y: f32| (x + random.range(-0.1, 0.1) * h, y + random.range(-0.1, 0.1) * h);
    let base = b as f32 + 0.2 * h;
    let corners = [
        corner(l as f32 + w / 2.0, t as f32 - air * h),
        corner(r as f32 + air * h.min(60.0), base),
        corner(l as f32 - air * h.min(60.0), base),
    ];
    ink.path(&[corners[0], corners[1], corners[2], corners[0]], pen, 1.0);
}

/// What is left where a rule was lifted off: thin gaps right through the strokes.
fn lift_rule(ink: &mut Canvas, (_, t, _, b): (usize, usize, usize, usize), random: &mut Random) {
    let thick = random.between(1, 3);
    let y = t + random.below((b - t).max(1));
    let n = Noise::new(ink.width, 1, 20.0, random);
    let mut worn = vec![0.0; ink.width];
    n.row(0.0, &mut worn);
    for y in y..(y + thick).min(ink.height) {
        // Where a stroke crosses steeply it was kept.
        for (v, w) in ink.data[y * ink.width..(y + 1) * ink.width].iter_mut().zip(&worn) {
            if *w > -0.3 {
                *v = 0.0;
            }
        }
    }
}

/// What is left where a stem was taken for a rule that stands: a piece of it is gone, and the letter is there all the same.
fn lift_stem(ink: &mut Canvas, (l, t, right, b): (usize, usize, usize, usize), digit: f32, pen: f32, random: &mut Random) {
    let (wide, high) = ((pen * random.range(1.0, 2.2)).max(2.0), digit * random.range(0.1, 0.45));
    let lean = random.range(-0.15, 0.15);
    let (x, y) = (random.range(l as f32, right as f32), random.range(t as f32, (b as f32 - high).max(t as f32 + 1.0)));
    // The stem that is nearest to the right, if there is one.
    let dark =
        |x: f32| ink.data[((y + high / 2.0) as usize).min(ink.height - 1) * ink.width + (x as usize).min(ink.width - 1)] > 0.4;
    let Some(x) = (0..digit as usize).map(|d| x + d as f32).find(|&x| dark(x)) else { return };
    for row in y as usize..((y + high) as usize).min(ink.height) {
        let from = x + lean * (row as f32 - y) - wide / 4.0;
        for column in from.max(0.0) as usize..((from + wide).max(0.0) as usize).min(ink.width) {
            ink.data[row * ink.width + column] = 0.0;
        }
    }
}

fn synthetic(setting: Setting, kind: Kind, bent: f32, r: &mut Random) -> Option<Sample> {
    let stretch = if kind == Kind::Hand { r.range(0.8, 1.4) } else { 1.0 };
    let mut ink = bend(&setting.ink, bent, stretch, r);
    let mut bounds = ink.bounds(0.3)?;
    let mut kind = kind;
    if kind == Kind::Hand {
        let pen = setting.pen * r.range(0.7, 1.2);
        if r.chance(0.04) {
            strike(&mut ink, bounds, pen, r);
            kind = Kind::Struck;
            bounds = ink.bounds(0.3)?;
        } else if setting.text.chars().count() <= 3 && r.chance(if "<>=".contains(setting.text.as_str()) { 0.5 } else { 0.07 }) {
            let mut wide = Canvas::new(ink.width + 120, ink.height);
            wide.stamp(&ink, 60, 0);
            ink = wide;
            let inner = (bounds.0 + 60, bounds.1, bounds.2 + 60, bounds.3);
            if r.chance(0.8) {
                ring(&mut ink, inner, pen, r);
            } else {
                triangle(&mut ink, inner, pen, r);
            }
            bounds = ink.bounds(0.3)?;
        } else if r.chance(0.06) {
            lift_rule(&mut ink, bounds, r);
        }
        if r.chance(0.06) {
            for _ in 0..r.between(1, 3) {
                lift_stem(&mut ink, bounds, setting.digit, pen, r);
            }
        }
    }
    let (crop, walls) = if kind != Kind::Print && r.chance(0.25) {
        let made = intrude(&ink, bounds, setting.digit, setting.pen, r);
        ink = made.ink;
        (made.crop, made.walls)
    } else {
        surroundings(&mut ink, setting.digit, setting.pen, r);
        (padded(bounds, ink.width, ink.height, r), Vec::new())
    };
    let (photo, scale) = compressed(photograph(ink, r), r);
    let (width, height, gray, shift) = finish(photo, crop, scale);
    let mut spans = vec![(0.0, width as f32, kind)];
    spans.extend(walls.into_iter().map(|(from, to)| (from * scale - shift, to * scale - shift, Kind::Other)));
    Some(Sample { width, height, gray, text: Some(setting.text), digit: setting.digit * scale, spans })
}

/// What is printed beside an entry: a label, a sum up to its sign, a sign alone, a number of a list, a unit, an opening bracket.
fn printed_beside(lib: &Library, first: bool, r: &mut Random) -> String {
    if !first {
        let units = ["cm", "kg", "m", "min", "h", "km", ")", "+", "=", "%", "/10", "/100", "€", "- 3", "+ 12"];
        return if r.chance(0.7) { r.pick(&units).to_string() } else { content::word(lib, r) };
    }
    match r.below(10) {
        0..=2 => format!("{} =", content::sum(r).0),
        3 | 4 => r.pick(&["=", "=", "=", "+", "-", "(", "<", ":", "#", "$", "x"]).to_string(),
        5 => format!("{}{}", r.between(1, 60), r.pick(&[".", ")", ":", ""])),
        _ => {
            let mut label = texts::words(r, &lib.words);
            label.truncate(label.char_indices().nth(14).map_or(label.len(), |(i, _)| i));
            label.trim().to_string()
        }
    }
}

/// Print with a written entry behind it, or before it, as on forms and worksheets: close or apart, in a pen of its own.
fn mixed(lib: &Library, r: &mut Random) -> Option<Sample> {
    let font = if lib.print_fonts.is_empty() { return None } else { r.pick(&lib.print_fonts) };
    if font.glyph_id('0').0 == 0 {
        return None;
    }
    let first = r.chance(0.75);
    let print = set_font(&printed_beside(lib, first, r), font, false, r)?;
    let text = match r.below(10) {
        0..=4 => content::number(r, 4),
        5 | 6 => texts::numeric(r),
        7 => content::decimal(r),
        _ => entries::entry(lib, r),
    };
    let mut hand = if r.chance(0.5) { set_by_writer(&text, lib, r)? } else { set_hand(&text, lib, r)? };
    // Half of them in pencil, or in a pen that is paler than print.
    let pale = if r.chance(0.5) { r.range(0.35, 0.9) } else { 1.0 };
    hand.ink.data.iter_mut().for_each(|v| *v *= pale);
    let a = print.ink;
    let b = bend(&hand.ink, 0.8, 1.0, r);
    let ((l0, _, r0, _), (l1, _, r1, _)) = (a.bounds(0.2)?, b.bounds(0.2)?);
    let gap = if r.chance(0.6) { r.range(-0.1, 0.35) } else { r.range(0.3, 1.3) } * print.digit;
    // Columns of the print and of the writing, each within its own picture, and where they come to stand.
    let edge = 14.0;
    let (print_at, hand_at) = if first { (edge, edge + (r0 - l0) as f32 + gap) } else { (edge + (r1 - l1) as f32 + gap, edge) };
    let width = print_at.max(hand_at) as usize + (r0 - l0).max(r1 - l1) + 14;
    let mut ink = Canvas::new(width, a.height.max(b.height) + 8);
    ink.stamp(&a, print_at as isize - l0 as isize, 0);
    // On the line of the print, give or take a little.
    let drop = r.normal() * 0.12 * print.digit + (a.bounds(0.2)?.3 as f32 - b.bounds(0.2)?.3 as f32).clamp(-20.0, 20.0);
    ink.stamp(&b, hand_at as isize - l1 as isize, drop as isize);
    let said = if first { [&print.text[..], &hand.text] } else { [&hand.text[..], &print.text] };
    // What touches is one word.
    let text = said.join(if gap < 0.3 * print.digit { "" } else { " " });
    let bounds = ink.bounds(0.2)?;
    surroundings(&mut ink, hand.digit, hand.pen, r);
    let crop = padded(bounds, ink.width, ink.height, r);
    let (photo, scale) = compressed(photograph(ink, r), r);
    let (width, height, gray, shift) = finish(photo, crop, scale);
    let at = |x: f32| x * scale - shift;
    let spans = vec![
        (at(print_at), at(print_at + (r0 - l0) as f32), Kind::Print),
        (at(hand_at), at(hand_at + (r1 - l1) as f32), Kind::Hand),
    ];
    Some(Sample { width, height, gray, text: Some(text), digit: hand.digit * scale, spans })
}

/// Ink that says nothing, of one of these `kinds`: 0 a rule, 1 corners of a box, 2 specks, 3 blots, 4 bubbles, 5 crossing rules.
pub fn drawn_junk(kinds: &[u8], r: &mut Random) -> Canvas {
    let kind = kinds[r.below(kinds.len())];
    // A rule that is no longer than a dash is one.
    let (w, h) = (r.between(if kind == 0 { 3 * BODY as usize } else { 20 }, 160), (BODY * 2.2) as usize);
    let mut ink = Canvas::new(w + 20, h);
    let (fw, fh) = (w as f32, h as f32);
    let pen = r.range(1.0, 5.0);
    match kind {
        0 => ink.stroke((0.0, r.range(20.0, 60.0)), (fw, r.range(20.0, 60.0)), pen, 1.0),
        1 => {
            let (x0, y0, x1, y1) = (r.range(4.0, 15.0), r.range(10.0, 30.0), fw - 4.0, r.range(50.0, 80.0));
            let corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)];
            let n = r.between(2, 5);
            ink.path(&corners[..n], pen, 1.0);
        }
        2 => {
            for _ in 0..r.between(1, 12) {
                let p = (r.range(0.0, fw), r.range(0.0, fh));
                ink.stroke(p, (p.0 + r.range(-3.0, 3.0), p.1 + r.range(-3.0, 3.0)), r.range(1.0, 6.0), r.range(0.3, 1.0));
            }
        }
        3 => {
            let n = Noise::new(w + 20, h, r.range(3.0, 30.0), r);
            let level = r.range(0.0, 0.6);
            for (y, row) in ink.data.chunks_exact_mut(w + 20).enumerate() {
                n.row(y as f32, row);
                row.iter_mut().for_each(|v| *v = ((*v - level) * 3.0).clamp(0.0, 1.0));
            }
        }
        4 => {
            let rad = r.range(8.0, 24.0);
            let mut cx = rad + 4.0;
            while cx < fw {
                let ring: Vec<(f32, f32)> = (0..17)
                    .map(|i| {
                        (
                            cx + rad * (i as f32 * core::f32::consts::FRAC_PI_8).cos(),
                            44.0 + rad * (i as f32 * core::f32::consts::FRAC_PI_8).sin(),
                        )
                    })
                    .collect();
                ink.path(&ring, pen.min(3.0), 1.0);
                if r.chance(0.3) {
                    ink.stroke((cx, 43.0), (cx, 45.0), rad * 1.6, 0.9);
                }
                cx += rad * r.range(2.2, 3.5);
            }
        }
        // A corner or a cross of a box. An upright alone is left out: nothing tells it from a one.
        _ => {
            let x = r.range(5.0, fw);
            ink.stroke((x, 0.0), (x + r.range(-4.0, 4.0), fh), pen, 1.0);
            ink.stroke((0.0, 44.0), (fw, 44.0), pen, 1.0);
        }
    }
    ink
}

/// Marks that say nothing, as a line.
fn junk(r: &mut Random) -> Option<Sample> {
    let ink = drawn_junk(&[0, 1, 2, 3, 4, 5], r);
    let bounds = ink.bounds(0.3)?;
    let crop = padded(bounds, ink.width, ink.height, r);
    let (photo, scale) = photograph(ink, r);
    let (width, height, gray, _) = finish(photo, crop, scale);
    (width > 3 && height > 3).then(|| Sample {
        width,
        height,
        gray,
        text: Some(String::new()),
        digit: BODY * scale * r.range(0.6, 1.0),
        spans: vec![(0.0, width as f32, Kind::Other)],
    })
}

fn set_hand(text: &str, lib: &Library, r: &mut Random) -> Option<Setting> {
    if lib.hand_fonts.is_empty() || r.chance(0.7) {
        if let Some(s) = set_glyphs(text, lib, r) {
            return Some(s);
        }
    }
    if lib.hand_fonts.is_empty() {
        return None;
    }
    let font = r.pick(&lib.hand_fonts);
    set_font(text, font, true, r)
}

/// Upright strokes that stand alone, as boxes: ones, or rules of the form between francs and centimes. `gray` is dark on `paper`.
fn bars(gray: &[u8], width: usize, height: usize, paper: u8) -> Vec<(usize, usize, usize, usize)> {
    let upright = |c: &Component| {
        let (l, t, r, b) = c.bounds;
        let (w, h) = (r - l, b - t);
        2 * h >= height && 3 * w <= h && c.area * 4 >= h
    };
    components(gray, width, height, paper).all.iter().filter(|c| upright(c)).map(|c| c.bounds).collect()
}

/// Takes rules out of the crop of a number: uprights beyond the ones of its text, those first that go right through. False where it
/// cannot be told which they are.
fn erase_rules(gray: &mut [u8], width: usize, height: usize, paper: u8, text: &str) -> bool {
    let ones = text.chars().filter(|c| "1/lI|!()[]".contains(*c)).count();
    let found = bars(gray, width, height, paper);
    let (through, inside): (Vec<_>, Vec<_>) = found.into_iter().partition(|&(_, t, _, b)| (b - t) * 100 >= height * 92);
    if inside.len() > ones || (inside.len() < ones && through.len() + inside.len() > ones) {
        return false;
    }
    if inside.len() + through.len() > ones {
        for (l, t, r, b) in through {
            for y in t..b {
                gray[y * width + l.saturating_sub(1)..y * width + (r + 1).min(width)].fill(paper);
            }
        }
    }
    true
}

/// A plain one behind the last digit of a real number, or before its first. The registers' rules, of which some are never told from
/// ones, teach a net to pass over an upright at an end; this teaches it not to. `ink` is 0 on paper.
fn add_one(ink: &Canvas, before: bool, r: &mut Random) -> Option<Canvas> {
    let depth = ink.data.iter().copied().fold(0.0, f32::max) * r.range(0.75, 1.0);
    let (left, t, right, b) = ink.bounds(0.5 * depth)?;
    let h = (b - t) as f32;
    let size = h * r.range(0.6, 1.0);
    let (gap, lean, pen) = (h * r.range(0.08, 0.55), size * r.range(-0.1, 0.3), h * r.range(0.04, 0.1));
    let bottom = b as f32 - h * r.range(0.0, 0.15);
    let edge = (lean.abs() + h * r.range(0.1, 0.3)) as usize + 2;
    // The columns that stay begin at `from`, and stand at `to` in the wider picture.
    let (from, to, kept) = if before { (left, gap as usize + edge, ink.width - left) } else { (0, 0, right.min(ink.width)) };
    let mut out = Canvas::new(kept + gap as usize + edge, ink.height);
    for (row, old) in out.data.chunks_exact_mut(out.width).zip(ink.data.chunks_exact(ink.width)) {
        row[to..to + kept].copy_from_slice(&old[from..from + kept]);
    }
    let half = lean / 2.0;
    let x = if before { to as f32 - gap - half.abs() } else { kept as f32 + gap + half.abs() };
    out.stroke((x + half, bottom - size), (x - half, bottom), pen, depth);
    Some(out)
}

/// A real crop, photographed again: other light, blur, slope, stretch and pen.
fn real(line: &RealLine, is_number: bool, r: &mut Random) -> Option<Sample> {
    let (width, height, mut gray) = crate::crop::decode_gray(&line.crop)?;
    let paper = normalise::paper(&gray) as f32;
    normalise::erase_edge_rules(&mut gray, width, height, paper as u8);
    match &line.text {
        Some(text) if is_number => {
            if !erase_rules(&mut gray, width, height, paper as u8, text) {
                return None;
            }
        }
        // In a text nobody can tell a rule from an l, but at its ends an upright through the whole crop is one.
        _ => {
            for (l, t, r, b) in bars(&gray, width, height, paper as u8) {
                let at_end = l < height || r + height > width;
                if at_end && (b - t) * 5 >= height * 4 {
                    for row in gray.chunks_exact_mut(width).take(b).skip(t) {
                        row[l.saturating_sub(1)..(r + 1).min(width)].fill(paper as u8);
                    }
                }
            }
        }
    }
    let mut inverted = Canvas { width, height, data: gray.iter().map(|&v| paper - v as f32).collect() };
    let mut text = line.text.clone();
    let digit = |c: char| c.is_ascii_digit();
    if let Some(text) = text.as_mut().filter(|t| is_number && t.starts_with(digit) && t.ends_with(digit) && r.chance(0.25)) {
        let before = r.chance(0.4);
        inverted = add_one(&inverted, before, r)?;
        text.insert(if before { 0 } else { text.len() }, '1');
    }
    let mut walls = Vec::new();
    if line.kind == Kind::Hand && r.chance(0.06) {
        (inverted, walls) = walled(inverted, r)?;
    }
    Some(again(inverted, walls, text, line, r))
}

/// A crop that the page stage cut out of a drawn page, photographed again.
fn drawn(line: &RealLine, r: &mut Random) -> Option<Sample> {
    let (width, height, gray) = crate::crop::decode_gray(&line.crop)?;
    let paper = normalise::paper(&gray) as f32;
    let ink = Canvas { width, height, data: gray.iter().map(|&v| paper - v as f32).collect() };
    Some(again(ink, Vec::new(), line.text.clone(), line, r))
}

/// The ink of a crop, 0 on paper, bent a little and under other light. `walls` are columns of what is not of `line`.
fn again(ink: Canvas, walls: Vec<(f32, f32)>, text: Option<String>, line: &RealLine, r: &mut Random) -> Sample {
    let (width, height) = (ink.width, ink.height);
    let stretch = r.range(0.8, 1.4);
    let slant = r.normal() * 0.12;
    let slope = r.normal() * 0.008;
    let elastic = r.range(0.0, 1.6);
    let cell = r.range(10.0, 30.0);
    let w = (width as f32 * stretch) as usize + 6;
    let (nx, ny) = (Noise::new(w, height, cell, r), Noise::new(w, height, cell, r));
    let middle = height as f32 / 2.0;
    let mut out = ink.warp_elastic(w, height, elastic, (&nx, &ny), |x, y| {
        ((x - 3.0) / stretch + slant * (y - middle), y + slope * (x - w as f32 / 2.0))
    });
    if r.chance(0.3) {
        out.blur(r.range(0.1, 0.7));
    } else if r.chance(0.1) {
        out.blur(r.range(0.8, 2.4));
    }
    let (gain, paper) = (r.range(0.6, 1.3), r.range(170.0, 250.0));
    let grain = r.range(0.0, 5.0) * r.unit();
    let gray: Vec<u8> = out.data.iter().map(|v| (paper - v * gain + grain * r.grain()).clamp(0.0, 255.0) as u8).collect();
    let mut spans = vec![(0.0, w as f32, line.kind)];
    spans.extend(walls.into_iter().map(|(from, to): (f32, f32)| (from * stretch + 3.0, to * stretch + 3.0, Kind::Other)));
    Sample { width: w, height, gray, text, digit: line.digit, spans }
}

/// A real crop with walls and rules about it, as they are left in cells, and the columns of the walls. `ink` is 0 on paper.
fn walled(ink: Canvas, r: &mut Random) -> Option<(Canvas, Vec<(f32, f32)>)> {
    let depth = ink.data.iter().copied().fold(0.0, f32::max);
    let bounds = ink.bounds(0.5 * depth)?;
    let digit = 0.8 * (bounds.3 - bounds.1) as f32;
    // Intrusions are drawn on ink from 0 to 1.
    let mut flat = ink;
    flat.data.iter_mut().for_each(|v| *v /= depth);
    let made = intrude(&flat, bounds, digit, digit * 0.1, r);
    let (l, t, right, b) = made.crop;
    let mut out = Canvas::new(right - l, b - t);
    for (y, row) in out.data.chunks_exact_mut(right - l).enumerate() {
        let from = (t + y) * made.ink.width + l;
        row.iter_mut().zip(&made.ink.data[from..]).for_each(|(to, v)| *to = v * depth);
    }
    Some((out, made.walls.into_iter().map(|(from, to)| (from - l as f32, to - l as f32)).collect()))
}

/// Shares of a mix, summing to anything.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    pub glyph_numbers: f32,
    /// Texts of any kind by the hands that fill in pages.
    pub writers: f32,
    pub font_words: f32,
    pub real_numbers: f32,
    pub real_texts: f32,
    pub print: f32,
    pub real_print: f32,
    pub mixed: f32,
    pub junk: f32,
    /// Crops that the page stage cut out of drawn pages.
    pub drawn: f32,
    /// Words and lines along the strokes that people wrote.
    pub strokes: f32,
}

/// The line that follows from `seed`. Tries again where a text cannot be set.
pub fn sample(lib: &Library, mix: &Mix, seed: u64) -> Sample {
    let r = &mut Random::new(seed);
    let has = |n: bool, share: f32| if n { share } else { 0.0 };
    let shares = [
        has(!lib.glyphs.is_empty(), mix.glyph_numbers),
        mix.writers,
        has(!lib.hand_fonts.is_empty(), mix.font_words),
        has(!lib.numbers.is_empty(), mix.real_numbers),
        has(!lib.texts.is_empty(), mix.real_texts),
        has(!lib.print_fonts.is_empty(), mix.print),
        has(!lib.prints.is_empty(), mix.real_print),
        has(!lib.print_fonts.is_empty(), mix.mixed),
        mix.junk,
        has(!lib.drawn.is_empty(), mix.drawn),
        has(!lib.writings.is_empty(), mix.strokes),
    ];
    loop {
        let mut at = r.unit() * shares.iter().sum::<f32>();
        let choice = shares.iter().position(|s| (at -= s, at < 0.0).1).unwrap_or(8);
        let made = match choice {
            0 => {
                let text = texts::numeric(r);
                let bent = r.range(0.3, 1.6);
                set_glyphs(&text, lib, r).and_then(|s| synthetic(s, Kind::Hand, bent, r))
            }
            1 => {
                let text = if r.chance(0.4) { texts::numeric(r) } else { entries::entry(lib, r) };
                let bent = r.range(0.1, 0.9);
                set_by_writer(&text, lib, r).and_then(|s| synthetic(s, Kind::Hand, bent, r))
            }
            2 => {
                let text = if r.chance(0.5) { entries::entry(lib, r) } else { texts::words(r, &lib.words) };
                let font = r.pick(&lib.hand_fonts);
                set_font(&text, font, true, r).and_then(|s| synthetic(s, Kind::Hand, 1.0, r))
            }
            3 => real(r.pick(&lib.numbers), true, r),
            4 => real(r.pick(&lib.texts), false, r),
            5 => {
                let font = r.pick(&lib.print_fonts);
                let text = if font.glyph_id('0').0 == 0 {
                    foreign(font, r)
                } else if r.chance(0.45) {
                    texts::numeric(r)
                } else {
                    texts::words(r, &lib.words)
                };
                set_font(&text, font, false, r).and_then(|s| synthetic(s, Kind::Print, 0.08, r))
            }
            6 => real(r.pick(&lib.prints), false, r),
            7 => mixed(lib, r),
            9 => drawn(r.pick(&lib.drawn), r),
            10 => {
                let bent = r.range(0.1, 0.9);
                set_writing(r.pick(&lib.writings), r).and_then(|s| synthetic(s, Kind::Hand, bent, r))
            }
            _ => junk(r),
        };
        if let Some(s) = made {
            if s.width >= 4 && s.height >= 4 {
                return s;
            }
        }
    }
}
