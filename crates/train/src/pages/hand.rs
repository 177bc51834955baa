//! A hand that writes: where its digits and letters come from, how it leans, joins and wavers; no two of its glyphs are alike.
//!
//! Writing is set at twice the scale of the sheet and brought down with the hand's slant and slope.

use super::pen::Pen;
use crate::canvas::Canvas;
use crate::habits;
use crate::library::{Drawing, GlyphSet, Library, Script, Writing};
use crate::random::Random;
use crate::stamps::{mark_stamp, proportions, raised, MARKS};
use crate::strokes;
use ab_glyph::{point, Font, FontVec, Outline, OutlineCurve, OutlinedGlyph, Point, PxScale, PxScaleFactor, Rect};
use std::borrow::Cow;

/// A written text as ink at the scale of the sheet.
pub struct Written {
    pub ink: Canvas,
    /// Where the baseline is in the ink at its left end, and how many pixels it falls a pixel.
    pub base: f32,
    pub slope: f32,
    /// Words and their ends from left to right, in pixels of the ink.
    pub words: Vec<(String, f32, f32)>,
    /// How far ink reaches below the baseline.
    pub below: f32,
}

/// Smooth small shifts, as a function of the place.
struct Waver {
    waves: [(f32, f32, f32, f32); 3],
}

impl Waver {
    /// Shifts of up to about `power`, changing over some `length`.
    fn new(power: f32, length: f32, r: &mut Random) -> Self {
        let mut wave = || {
            let angle = r.range(0.0, core::f32::consts::TAU);
            let k = core::f32::consts::TAU / (length * r.range(0.6, 1.8));
            (k * angle.cos(), k * angle.sin(), r.range(0.0, core::f32::consts::TAU), power * r.range(-0.7, 0.7))
        };
        Self { waves: [wave(), wave(), wave()] }
    }
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        let mut d = (0.0, 0.0);
        for (i, &(kx, ky, phase, power)) in self.waves.iter().enumerate() {
            let v = power * (kx * x + ky * y + phase).sin();
            d = if i == 1 { (d.0, d.1 + v) } else { (d.0 + v, d.1 + v * 0.5) };
        }
        d
    }
}

enum Digits<'a> {
    /// From a glyph set: some images of each digit.
    Set(&'a GlyphSet),
    /// From the pen strokes of one writer: a window into the library's drawings.
    Strokes(usize, usize),
    Drawn(strokes::Hand),
    Font,
}

/// A straight piece of a stroke's middle, in pixels of its image.
type Bone = [(f32, f32); 2];
/// The middle lines of a glyph: address of its set's images, number of the image, pieces.
type Bones = (usize, u32, Vec<Bone>);

pub struct Hand<'a> {
    lib: &'a Library,
    digits: Digits<'a>,
    /// One writer's own letters and digits, which come before all others.
    script: Option<&'a Script>,
    /// The set that letters come from, some of them capitals alone.
    letters: Option<&'a GlyphSet>,
    pub font: Option<&'a FontVec>,
    /// Bones of the images that this hand used, where it redraws them with its own pen.
    redrawn: bool,
    bones: Vec<Bones>,
    known: Vec<(char, [u32; 3])>,
    slant: f32,
    slope: f32,
    widen: f32,
    /// Gap between glyphs, in heights.
    /// The text at work has small letters: its capitals are of the same kind then.
    small_letters: bool,
    pub gap: (f32, f32),
    /// Gap between words, in heights, and between two numbers.
    pub space: (f32, f32),
    pub between_numbers: (f32, f32),
    /// Slope of what is written across the page on purpose.
    pub climb: f32,
    uneven: f32,
    sizes: f32,
    turn: f32,
    waver: f32,
    crossed: bool,
    upstroke: bool,
    /// Its ones stand on a stroke that lies.
    foot: bool,
    /// Words are written in capitals alone.
    capitals: bool,
    /// Its x is drawn with the pen, as algebra is written, not taken from its set or font.
    drawn_x: bool,
    /// Weight of a font's strokes: more is bolder.
    weight: f32,
    /// Height of a small letter against a capital.
    pub small: f32,
    /// Height of a word's first letter against the others where all are capitals.
    initial: f32,
    /// More air on either side of a point inside of a number, in heights.
    around_points: f32,
    /// A digit behind a letter is a small one below the line, as in algebra.
    sinks: bool,
}

/// How much more air a hand leaves on either side of the points of its numbers, in heights: most none, some up to a digit's width.
pub fn around_points(r: &mut Random) -> f32 {
    if r.chance(0.3) {
        r.range(0.1, 0.65)
    } else {
        0.0
    }
}

/// Whether one of two neighbours is a point and the other a digit.
pub fn within_number(a: char, b: char) -> bool {
    let point = |c: char| ".,:".contains(c);
    point(a) && b.is_ascii_digit() || a.is_ascii_digit() && point(b)
}

/// Twice the scale of the sheet.
const FINE: f32 = 2.0;

/// Height of a character above the baseline in units of a font.
fn font_height(font: &FontVec, c: char) -> Option<f32> {
    let b = font.outline(font.glyph_id(c))?.bounds;
    (b.min.y > 0.0).then_some(b.min.y)
}

impl<'a> Hand<'a> {
    /// A hand whose digits and capitals come from people, not from a font.
    pub fn of_strokes(lib: &'a Library, r: &mut Random) -> Self {
        let mut hand = Self::new(lib, r);
        if matches!(hand.digits, Digits::Font) {
            let full: Vec<&GlyphSet> = lib.glyphs.iter().filter(|s| s.of('0').is_some()).collect();
            hand.digits = if full.is_empty() {
                Digits::Drawn(strokes::Hand::new(r.range(0.05, 0.13), r))
            } else {
                Digits::Set(r.pick::<&GlyphSet>(&full))
            };
        }
        hand.letters = hand.letters.or_else(|| lib.glyphs.iter().find(|s| s.of('Q').is_some()));
        hand
    }
    pub fn new(lib: &'a Library, r: &mut Random) -> Self {
        let font = (!lib.hand_fonts.is_empty()).then(|| r.pick(&lib.hand_fonts)).filter(|f| f.glyph_id('0').0 != 0);
        let full: Vec<&GlyphSet> = lib.glyphs.iter().filter(|s| s.of('0').is_some()).collect();
        let digits = match r.below(20) {
            0..=5 if !lib.drawings.is_empty() => {
                // The sets hold some 250 digits of each writer in a row.
                let n = 200.min(lib.drawings.len());
                Digits::Strokes(r.below(lib.drawings.len() - n + 1), n)
            }
            0..=12 if !full.is_empty() => Digits::Set(r.pick::<&GlyphSet>(&full)),
            13 | 14 if !lib.written.is_empty() => Digits::Set(r.pick(&lib.written)),
            15 | 16 => Digits::Drawn(strokes::Hand::new(r.range(0.05, 0.13), r)),
            _ if font.is_some() => Digits::Font,
            _ => Digits::Drawn(strokes::Hand::new(r.range(0.05, 0.13), r)),
        };
        // Half of them a set with small letters, where there is one: a hand that prints.
        let prints = r.chance(0.5);
        let (whole, capitals): (Vec<&GlyphSet>, Vec<&GlyphSet>) =
            lib.glyphs.iter().filter(|s| s.of('Q').is_some()).partition(|s| s.of('q').is_some());
        let lettered = if capitals.is_empty() || (prints && !whole.is_empty()) { whole } else { capitals };
        let letters = (!lettered.is_empty() && (font.is_none() || r.chance(0.55))).then(|| *r.pick(&lettered));
        // A digit far from the next, and still of the same number, is what every tenth hand does.
        let gap = match r.below(20) {
            0..=4 => (-0.12, 0.04),
            5..=9 => (0.0, 0.14),
            10..=13 => (0.06, 0.25),
            14..=17 => (0.12, 0.42),
            _ => (0.25, r.range(0.5, 0.85)),
        };
        let small = match font.and_then(|f| Some(font_height(f, 'x')? / font_height(f, '0')?)) {
            Some(share) if letters.is_none_or(|s| s.of('q').is_none()) => share.clamp(0.3, 0.9),
            _ => r.range(0.5, 0.75),
        };
        let script = (!lib.scripts.is_empty() && r.chance(0.35)).then(|| r.pick(&lib.scripts));
        let small = script.map_or(small, |s| s.small);
        // A steady hand that prints its characters: evenly set, of one size, all upright.
        let neat = if !matches!(digits, Digits::Font) && r.chance(0.2) { 0.3 } else { 1.0 };
        Self {
            lib,
            digits,
            script,
            letters,
            font,
            redrawn: r.chance(0.6),
            bones: Vec::new(),
            known: Vec::new(),
            slant: r.normal() * 0.16 + 0.06,
            slope: r.normal() * 0.012,
            widen: r.range(0.75, 1.3),
            gap,
            space: (0.35, 0.8),
            between_numbers: (0.35, 0.8),
            climb: 0.0,
            small_letters: false,
            uneven: neat * r.range(0.0, 0.08),
            sizes: neat * r.range(0.03, 0.12),
            turn: neat * r.range(0.01, 0.09),
            waver: neat * r.range(0.01, 0.05),
            crossed: r.chance(0.4),
            upstroke: r.chance(0.25),
            foot: r.chance(0.12),
            capitals: r.chance(0.2),
            drawn_x: r.chance(0.2),
            weight: r.range(-0.25, 0.4),
            small,
            // Many that write in capitals begin their words with larger ones.
            initial: if r.chance(0.2) { r.range(1.2, 1.6) } else { 1.0 },
            around_points: around_points(r),
            sinks: r.chance(0.12),
        }
    }

    /// A text as this hand spells it: a hand of capitals writes all words in them, and leaves signs like x alone.
    fn spelled<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let is_word = |w: &str| w.chars().zip(w.chars().skip(1)).any(|(a, b)| a.is_alphabetic() && b.is_alphabetic());
        if !self.capitals || !is_word(text) {
            return Cow::Borrowed(text);
        }
        let words = text.split(' ').map(|w| if is_word(w) { w.to_uppercase() } else { w.to_string() });
        Cow::Owned(words.collect::<Vec<_>>().join(" "))
    }

    /// About how wide a text is, in heights of a digit.
    pub fn advance(&self, text: &str) -> f32 {
        let letters = if self.font.is_some() { 0.5 } else { 0.8 };
        let gap = (self.gap.0 + self.gap.1) / 2.0;
        let text = self.spelled(text);
        text.chars().map(|c| if c.is_lowercase() || c == ' ' { letters } else { 0.58 * self.widen + gap }).sum::<f32>() + 0.2
    }

    /// Writes a text whose digits are `h` pixels high; `None` where no character of it can be written.
    pub fn write(&mut self, text: &str, h: f32, pen: &Pen, r: &mut Random) -> Option<Written> {
        let text = &*self.spelled(text);
        let big = h * FINE;
        let n = text.chars().count();
        let wide = self.advance(text) * 1.5 + 0.6 * n as f32 + 3.0;
        let mut fine = Canvas::new((wide.min(1.9 * n as f32 + 3.0) * big) as usize, (big * 3.0) as usize);
        let base = big * 1.9;
        self.small_letters = text.chars().any(char::is_lowercase);
        let waver = Waver::new(self.waver * big, big * 2.0, r);
        let nib = (pen.width * FINE).max(1.3);
        let mut x = big * 0.5;
        let mut words: Vec<(String, f32, f32)> = Vec::new();
        let mut open = false;
        let mut last = ' ';
        let (mut before, mut sunk) = (' ', false);
        let mut left = text.chars().peekable();
        while let Some(c) = left.next() {
            if c == ' ' {
                before = c;
                let numbers = last.is_ascii_digit() && left.peek().is_some_and(char::is_ascii_digit);
                let space = if numbers { self.between_numbers } else { self.space };
                x += big * (r.range(space.0, space.1) + 1.4 * (self.gap.1 - 0.3).max(0.0));
                open = false;
                continue;
            }
            last = c;
            let begins = !open && !self.small_letters && c.is_alphabetic() && left.peek().is_some_and(|c| c.is_alphabetic());
            let of = if begins { self.initial } else { 1.0 };
            let size = of * big * (1.0 + self.sizes * r.normal().clamp(-2.0, 2.0));
            let lift = self.uneven * big * r.range(-1.0, 1.0);
            sunk = self.sinks && c.is_ascii_digit() && (sunk || before.is_alphabetic());
            before = c;
            let (size, lift) = if sunk { (size * 0.6, lift + big * 0.25) } else { (size, lift) };
            let Some((from, to)) = self.glyph(c, size, x, base + lift, nib, &waver, &mut fine, r) else { continue };
            if open {
                let word = words.last_mut()?;
                word.0.push(c);
                word.2 = word.2.max(to);
            } else {
                words.push((c.to_string(), from, to));
                open = true;
            }
            x = to.max(x + 0.1 * big) + if self.by_font(c) { 0.0 } else { big * r.range(self.gap.0, self.gap.1) };
            if left.peek().is_some_and(|&next| within_number(c, next)) {
                x += big * self.around_points * r.range(0.7, 1.3);
            }
        }
        if words.is_empty() {
            return None;
        }
        self.bring_down(fine, base, words, pen, r)
    }

    /// Writes words along the strokes that somebody wrote, their capitals `h` pixels high; `None` where they do not fit into `room`.
    pub fn write_along(&mut self, words: &[&Writing], h: f32, room: f32, pen: &Pen, r: &mut Random) -> Option<Written> {
        let spaces: Vec<f32> = words.iter().map(|_| r.range(self.space.0, self.space.1)).collect();
        let wide = words.iter().map(|w| w.size.0).sum::<f32>() + spaces.iter().sum::<f32>();
        let squeeze = (room / (wide * h)).min(1.0);
        if squeeze < 0.7 {
            return None;
        }
        let big = h * FINE;
        let mut fine = Canvas::new(((wide + 2.0) * big) as usize + 8, (big * 4.5) as usize);
        let base = big * 2.5;
        let waver = Waver::new(self.waver * big, big * 2.0, r);
        let nib = (pen.width * FINE).max(1.3);
        let mut x = big * 0.5;
        let mut spans = Vec::with_capacity(words.len());
        for (word, space) in words.iter().zip(spaces) {
            let top = base + self.uneven * big * r.range(-1.0, 1.0) - word.ascent() * big;
            for stroke in &word.strokes {
                let points: Vec<(f32, f32)> = stroke
                    .iter()
                    .map(|&(px, py)| {
                        let (px, py) = (x + px * big * squeeze, top + py * big);
                        let (dx, dy) = waver.at(px, py - base);
                        (px + dx, py + dy)
                    })
                    .collect();
                fine.path_or_dot(&points, nib, nib * 1.2);
            }
            let end = x + word.size.0 * big * squeeze;
            spans.push((word.text.clone(), x, end));
            x = end + space * big * squeeze;
        }
        self.bring_down(fine, base, spans, pen, r)
    }

    /// Half the scale, with the slant of the hand and the slope of the line.
    fn bring_down(&self, fine: Canvas, base: f32, words: Vec<(String, f32, f32)>, pen: &Pen, r: &mut Random) -> Option<Written> {
        let (l, t, right, b) = fine.bounds(0.3)?;
        // Over a few characters a hand goes up or down more than over a line.
        let short = words.iter().map(|w| w.0.chars().count()).sum::<usize>() < 5;
        let slope = self.slope + r.normal() * if short { 0.07 } else { 0.006 } + self.climb;
        let slant = self.slant + r.normal() * 0.02;
        let length = (right - l) as f32;
        let (up, down) = (base - t as f32, b as f32 - base);
        let lean = (slant * up.max(down)).abs() + 3.0;
        let rise = (slope * length).abs() + 3.0;
        let (left, top) = (l as f32 - lean, t as f32 - rise);
        let width = ((length + 2.0 * lean) / FINE).ceil() as usize + 1;
        let height = ((up + down + 2.0 * rise) / FINE).ceil() as usize + 1;
        let mut ink = Canvas::new(width, height);
        for y in 0..height {
            for x in 0..width {
                let mut sum = 0.0;
                for (dx, dy) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
                    let (px, py) = (left + x as f32 * FINE + dx, top + y as f32 * FINE + dy);
                    let py = py - slope * (px - l as f32);
                    sum += fine.sample(px + slant * (py - base), py);
                }
                ink.data[y * width + x] = sum / 4.0;
            }
        }
        if self.font.is_some() {
            // Soft edges count for more with a bold pen, for less with a fine one.
            let w = self.weight;
            ink.data
                .iter_mut()
                .for_each(|v| *v = if w > 0.0 { (*v * (1.0 + 2.0 * w)).min(1.0) } else { (*v + w * (1.0 - *v)).max(0.0) });
        }
        pen.roughen(&mut ink, r);
        let words = words.into_iter().map(|(w, a, b)| (w, (a - left) / FINE, (b - left) / FINE)).collect();
        Some(Written { ink, base: (base - top + slope * (left - l as f32)) / FINE, slope, words, below: down.max(0.0) / FINE })
    }

    fn by_font(&self, c: char) -> bool {
        let Some(font) = self.font.filter(|_| self.script.is_none_or(|s| !s.holds(c))) else { return false };
        // Marks in numbers are by the hand that writes the digits: points stand where hands set them, raised too.
        let digit = c.is_ascii_digit() || (!self.small_letters && MARKS.contains(c));
        font.glyph_id(c).0 != 0 && if digit { matches!(self.digits, Digits::Font) } else { !self.in_letters(c) }
    }

    fn in_letters(&self, c: char) -> bool {
        let Some(set) = self.letters.filter(|s| s.of(c).is_some()) else { return false };
        // Capitals of a set that holds no others leave words to the font.
        let held = self.font.is_some_and(|f| f.glyph_id(c).0 != 0);
        set.of('q').is_some() || !(self.small_letters && held)
    }

    /// Draws one character from `x` on and returns where its ink begins and ends.
    fn glyph(
        &mut self,
        c: char,
        size: f32,
        x: f32,
        base: f32,
        nib: f32,
        w: &Waver,
        to: &mut Canvas,
        r: &mut Random,
    ) -> Option<(f32, f32)> {
        if c == '½' {
            return self.half(size, x, base, nib, w, to, r);
        }
        let (c, size, base) = raised(c).map_or((c, size, base), |d| (d, size * 0.55, base - size * 0.6));
        if c == 'x' && self.drawn_x {
            let stamp = mark_stamp(c, size, nib, r)?;
            return put(stamp, x, base - size, to);
        }
        if self.by_font(c) {
            return self.font_glyph(c, size, x, base, w, to, r);
        }
        let own: Vec<&(Drawing, f32)> = self.script.iter().flat_map(|s| s.of(c)).collect();
        if !own.is_empty() {
            let (drawing, height) = r.pick::<&(Drawing, f32)>(&own);
            // Tails hang below the line.
            let below = match c {
                'g' | 'p' | 'q' | 'y' => (height - self.small).max(0.0),
                'j' => (height - 0.9).max(0.0),
                _ => 0.0,
            };
            return self.stroke_glyph(drawing, size * height, x, base + below * size, nib, w, to, r);
        }
        if c.is_ascii_digit() {
            if let Digits::Strokes(from, n) = self.digits {
                let all = &self.lib.drawings[from..from + n];
                let start = r.below(n);
                let drawing = (0..n).map(|i| &all[(start + i) % n]).find(|d| d.of == c)?;
                return self.stroke_glyph(drawing, size, x, base, nib, w, to, r);
            }
        }
        let set = match &self.digits {
            Digits::Set(s) if c.is_ascii_digit() => Some(*s),
            _ => self.letters.filter(|s| s.of(c).is_some()),
        };
        if let Some(set) = set {
            return self.set_glyph(set, c, size, x, base, nib, w, to, r);
        }
        let (stamp, top) = match &self.digits {
            Digits::Drawn(hand) if c.is_ascii_digit() => {
                let k = hand.draw(c, size, r)?;
                let t = k.bounds(0.3)?.1;
                (k, -(t as f32))
            }
            _ if c.is_ascii_digit() => {
                let k = strokes::Hand::new(nib / size, r).draw(c, size, r)?;
                let t = k.bounds(0.3)?.1;
                (k, -(t as f32))
            }
            _ => mark_stamp(if c == '×' { 'x' } else { c }, size, nib, r)?,
        };
        put((stamp, top), x, base - size, to)
    }

    /// A half: a small one and a small two with a stroke between them, aslant or lying.
    fn half(&mut self, size: f32, x: f32, base: f32, nib: f32, w: &Waver, to: &mut Canvas, r: &mut Random) -> Option<(f32, f32)> {
        let small = size * r.range(0.45, 0.6);
        if r.chance(0.6) {
            let lower = base + size * r.range(0.0, 0.2);
            let (_, end) = self.glyph('1', small, x, lower - small * r.range(0.9, 1.2), nib, w, to, r)?;
            let foot = end + size * r.range(-0.05, 0.1);
            let head = foot + size * r.range(0.15, 0.4);
            to.path(&[(head, lower - size * r.range(0.8, 1.1)), (foot, lower + size * r.range(-0.1, 0.15))], nib, 1.0);
            let (_, end) = self.glyph('2', small, (foot + head) / 2.0 + size * r.range(0.0, 0.1), lower, nib, w, to, r)?;
            return Some((x, end.max(head)));
        }
        let middle = base - size * r.range(0.35, 0.55);
        let air = size * r.range(0.06, 0.16);
        let (from, end) = self.glyph('2', small, x + size * 0.1, middle + air + small, nib, w, to, r)?;
        self.glyph('1', small, (from + end) / 2.0 - size * 0.06, middle - air, nib, w, to, r)?;
        let ends = (x, end + size * r.range(0.0, 0.15));
        to.path(&[(ends.0, middle + size * r.range(-0.04, 0.06)), (ends.1, middle)], nib, 1.0);
        Some(ends)
    }

    fn font_glyph(
        &self,
        c: char,
        size: f32,
        x: f32,
        base: f32,
        w: &Waver,
        to: &mut Canvas,
        r: &mut Random,
    ) -> Option<(f32, f32)> {
        let font = self.font?;
        let id = font.glyph_id(c);
        let scale = size / font_height(font, '0').or_else(|| font_height(font, 'H'))?;
        let advance = font.h_advance_unscaled(id) * scale * self.widen.clamp(0.85, 1.2);
        let mut outline = font.outline(id)?;
        let angle = self.turn * 0.5 * r.normal();
        let (sin, cos) = angle.sin_cos();
        let stretch = self.widen.clamp(0.85, 1.2) * (1.0 + 0.05 * r.normal());
        // Shifts follow the place on the line, so that joined letters stay joined.
        let move_point = |p: Point| {
            let (px, py) = ((cos * p.x - sin * p.y) * scale * stretch, (sin * p.x + cos * p.y) * scale);
            let (dx, dy) = w.at(x + px, -py);
            point(px + dx, py - dy)
        };
        deform(&mut outline, move_point);
        let glyph = id.with_scale_and_position(PxScale::from(1.0), point(x, base));
        let drawn = OutlinedGlyph::new(glyph, outline, PxScaleFactor { horizontal: 1.0, vertical: 1.0 });
        let b = drawn.px_bounds();
        drawn.draw(|gx, gy, v| to.ink(b.min.x as isize + gx as isize, b.min.y as isize + gy as isize, v.min(1.0)));
        Some((b.min.x.min(x + advance), (x + advance).max(b.min.x + 1.0)))
    }

    /// Draws a character along its strokes, `size` pixels high, on the line at `base`.
    fn stroke_glyph(
        &self,
        d: &Drawing,
        size: f32,
        x: f32,
        base: f32,
        nib: f32,
        w: &Waver,
        to: &mut Canvas,
        r: &mut Random,
    ) -> Option<(f32, f32)> {
        let widest = d.strokes.iter().flatten().map(|p| p.0).fold(0.0, f32::max);
        let (wide, place) = (self.widen * size, self.jitter(r));
        let mut bounds = (f32::MAX, f32::MIN);
        for stroke in &d.strokes {
            let points: Vec<(f32, f32)> = stroke
                .iter()
                .map(|&(px, py)| {
                    let (px, py) = place(px - widest / 2.0, py - 0.5);
                    let (px, py) = (x + (px + widest / 2.0) * wide, base - size + (py + 0.5) * size);
                    let (dx, dy) = w.at(px, py - base);
                    (px + dx, py + dy)
                })
                .collect();
            for p in &points {
                bounds = (bounds.0.min(p.0 - nib / 2.0), bounds.1.max(p.0 + nib / 2.0));
            }
            to.path_or_dot(&points, nib, nib);
        }
        (bounds.1 > bounds.0).then_some(bounds)
    }

    /// A small turn and shear about the middle of a glyph.
    fn jitter(&self, r: &mut Random) -> impl Fn(f32, f32) -> (f32, f32) {
        let (sin, cos) = (self.turn * r.normal()).sin_cos();
        let shear = self.turn * r.normal();
        let stretch = 1.0 + 0.06 * r.normal();
        move |x, y| {
            let x = x * stretch - shear * y;
            (cos * x - sin * y, sin * x + cos * y)
        }
    }

    fn set_glyph(
        &mut self,
        set: &'a GlyphSet,
        c: char,
        size: f32,
        x: f32,
        base: f32,
        nib: f32,
        w: &Waver,
        to: &mut Canvas,
        r: &mut Random,
    ) -> Option<(f32, f32)> {
        let all = set.of(c)?;
        let picks = match self.known.iter().find(|(k, _)| *k == c) {
            Some((_, p)) => *p,
            None => {
                let p = [*r.pick(all), *r.pick(all), *r.pick(all)];
                self.known.push((c, p));
                p
            }
        };
        let image = picks[r.below(3)];
        let n = set.size;
        let src = Canvas { width: n, height: n, data: set.image(image).iter().map(|&v| v as f32 / 255.0).collect() };
        let (l, t, right, b) = src.bounds(0.3)?;
        let (share, below) = proportions(c, self.small);
        let scale = size * share / (b - t) as f32;
        let wide = scale * self.widen;
        let (gw, gh) = ((right - l) as f32 * wide, (b - t) as f32 * scale);
        let place = self.jitter(r);
        let top = base - (1.0 - below) * size;
        let (cx, cy) = (x + gw / 2.0, top + gh / 2.0);
        let mut bounds = (f32::MAX, f32::MIN);
        if self.redrawn {
            let key = set.images.as_ptr() as usize;
            if !self.bones.iter().any(|(k, i, _)| *k == key && *i == image) {
                self.bones.push((key, image, bones_of(&src)));
            }
            let (_, _, bones) = self.bones.iter().find(|(k, i, _)| *k == key && *i == image)?;
            for bone in bones {
                let [from, end] = bone.map(|(bx, by)| {
                    let (px, py) = place((bx - (l + right) as f32 / 2.0) * wide, (by - (t + b) as f32 / 2.0) * scale);
                    let (dx, dy) = w.at(cx + px, cy + py - base);
                    (cx + px + dx, cy + py + dy)
                });
                for p in [from, end] {
                    bounds = (bounds.0.min(p.0 - nib / 2.0), bounds.1.max(p.0 + nib / 2.0));
                }
                to.stroke(from, end, nib, 1.0);
            }
        } else {
            let reach = gw.max(gh) * 0.2 + 3.0;
            let soft = (1.6 * scale).max(1.0);
            for py in ((cy - gh / 2.0 - reach) as isize)..=((cy + gh / 2.0 + reach) as isize) {
                for px in ((cx - gw / 2.0 - reach) as isize)..=((cx + gw / 2.0 + reach) as isize) {
                    let (dx, dy) = w.at(px as f32, py as f32 - base);
                    let (qx, qy) = place(px as f32 - cx - dx, py as f32 - cy - dy);
                    let v = src.sample(qx / wide + (l + right) as f32 / 2.0 - 0.5, qy / scale + (t + b) as f32 / 2.0 - 0.5);
                    let v = ((v - 0.45) * soft + 0.5).clamp(0.0, 1.0);
                    if v > 0.02 {
                        to.ink(px, py, v);
                        if v > 0.3 {
                            bounds = (bounds.0.min(px as f32), bounds.1.max(px as f32 + 1.0));
                        }
                    }
                }
            }
        }
        if bounds.1 <= bounds.0 {
            return None;
        }
        if (c == '7' && self.crossed) || (c == '1' && (self.upstroke || self.foot)) {
            let h = (size * 1.2) as usize;
            let mut one = Canvas::new((bounds.1 - bounds.0) as usize + 6, h + 6);
            let (ox, oy) = (bounds.0 as isize - 3, (base - size) as isize - 3);
            for yy in 0..one.height {
                for xx in 0..one.width {
                    one.data[yy * one.width + xx] = to.at(ox + xx as isize, oy + yy as isize);
                }
            }
            let more = match c {
                '7' => habits::cross_seven(&one, nib, r),
                _ if self.foot => habits::foot_one(&one, nib, r),
                _ => habits::upstroke_one(&one, nib, r),
            };
            let shift = (more.width - one.width) / 2;
            to.stamp(&more, ox - shift as isize, oy);
        }
        Some(bounds)
    }
}

/// Stamps a mark and where its top lies onto `to`, with its ink from `x` on and the digits' tops at `top`; and says where it begins and ends.
fn put((stamp, below): (Canvas, f32), x: f32, top: f32, to: &mut Canvas) -> Option<(f32, f32)> {
    let (l, _, right, _) = stamp.bounds(0.3)?;
    to.stamp(&stamp, (x - l as f32) as isize, (top + below) as isize);
    Some((x, x + (right - l) as f32))
}

/// The middle lines of a glyph's strokes, from each pixel of them to its neighbours; rounded off, as they are as coarse as the image.
fn bones_of(glyph: &Canvas) -> Vec<Bone> {
    const AROUND: [(isize, isize); 8] = [(1, 0), (0, 1), (1, 1), (-1, 1), (-1, 0), (0, -1), (-1, -1), (1, -1)];
    let pixels: Vec<(isize, isize)> = glyph.skeleton(0.45).into_iter().map(|(x, y)| (x as isize, y as isize)).collect();
    let beside = |(x, y): (isize, isize), of: &[(isize, isize)]| -> Vec<(isize, isize)> {
        of.iter()
            .map(|(dx, dy)| (x + dx, y + dy))
            .filter(|p| pixels.binary_search_by_key(&(p.1, p.0), |q| (q.1, q.0)).is_ok())
            .collect()
    };
    // Ends stay where they are.
    let middle = |p: (isize, isize)| {
        let near = beside(p, &AROUND);
        let all = if near.len() < 2 { vec![p] } else { [vec![p], near].concat() };
        let n = all.len() as f32;
        let sum = all.iter().fold((0.0, 0.0), |s, q| (s.0 + q.0 as f32 + 0.5, s.1 + q.1 as f32 + 0.5));
        (sum.0 / n, sum.1 / n)
    };
    let pieces = pixels.iter().flat_map(|&p| {
        let next = beside(p, &AROUND[..4]);
        let alone = beside(p, &AROUND).is_empty();
        next.into_iter().chain(alone.then_some(p)).map(move |q| [p, q])
    });
    pieces.map(|[p, q]| [middle(p), middle(q)]).collect()
}

/// Moves all points of an outline and sets its bounds anew.
fn deform(outline: &mut Outline, by: impl Fn(Point) -> Point) {
    let mut b = Rect { min: point(f32::MAX, f32::MIN), max: point(f32::MIN, f32::MAX) };
    let mut change = |p: &mut Point| {
        *p = by(*p);
        b.min = point(b.min.x.min(p.x), b.min.y.max(p.y));
        b.max = point(b.max.x.max(p.x), b.max.y.min(p.y));
    };
    for curve in outline.curves.iter_mut() {
        match curve {
            OutlineCurve::Line(p, q) => [p, q].into_iter().for_each(&mut change),
            OutlineCurve::Quad(p, q, s) => [p, q, s].into_iter().for_each(&mut change),
            OutlineCurve::Cubic(p, q, s, t) => [p, q, s, t].into_iter().for_each(&mut change),
        }
    }
    outline.bounds = b;
}
