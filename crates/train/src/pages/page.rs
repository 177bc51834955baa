//! A page being filled in: its style, and what layouts draw with. Layouts say what stands where; labels come along with the drawing.

use super::hand::Hand;
use super::pen::Pen;
use super::photo::Look;
use super::print::Face;
use super::real;
use super::rules::Ruling;
use super::sheet::{Area, Layer, Mark, Sheet, Tone};
use super::By;
use crate::canvas::Canvas;
use crate::library::Library;
use crate::random::Random;
use ab_glyph::Font;

pub struct Page<'a> {
    pub lib: &'a Library,
    pub r: Random,
    pub sheet: Sheet,
    /// Height of the main writing's digits.
    pub h: f32,
    /// Height of the main print's digits.
    pub p: f32,
    pub hand: Hand<'a>,
    pub pen: Pen,
    pub print_tone: Tone,
    pub ruling: Ruling,
    /// How the combs of the page are drawn, where they are fainter than its rules.
    pub comb_ruling: Option<Ruling>,
    /// Indices of the page's fonts: text, heads, and one of another script where the page is in one.
    pub text_font: usize,
    pub head_font: usize,
    pub foreign: Option<usize>,
    /// Share of the fields that are filled in.
    pub filled: f32,
    /// How far writing misses its place: 1 is a steady hand.
    pub sloppy: f32,
    /// Another hand with another pen that fills in some of the fields.
    second: Option<(Hand<'a>, Pen)>,
    /// Colour of the ground of a form, which its fields leave white.
    pub tint: Option<Tone>,
    /// Space between printed characters beyond the font's own, in digits' heights.
    tracking: f32,
    /// How much of the print is worn off, 0..1.
    pub worn: f32,
    /// How far the ink of the print ran into the paper, 0..1.
    pub run: f32,
    /// Where the crops of the writer begin whose real lines stand on this page, if they do.
    real: Option<f32>,
    used: Vec<usize>,
    /// Likewise for words along strokes.
    along: Option<f32>,
    pub look: Look,
    faces: Vec<Face<'a>>,
    lines: usize,
}

/// How something is printed.
#[derive(Clone, Copy)]
pub struct Type {
    pub font: usize,
    pub size: f32,
    pub bold: bool,
    pub tone: Tone,
}

/// What a piece of writing came to be.
#[derive(Clone, Copy)]
pub struct Extent {
    pub left: f32,
    pub right: f32,
}

impl<'a> Page<'a> {
    /// A blank page whose writing is `h` pixels high.
    pub fn new(lib: &'a Library, mut r: Random, (width, height): (usize, usize), h: f32, look: Look) -> Self {
        let latin: Vec<usize> = (0..lib.print_fonts.len()).filter(|&i| lib.print_fonts[i].glyph_id('0').0 != 0).collect();
        let other: Vec<usize> = (0..lib.print_fonts.len()).filter(|&i| lib.print_fonts[i].glyph_id('0').0 == 0).collect();
        let pick = |r: &mut Random| if latin.is_empty() { 0 } else { *r.pick(&latin) };
        // Script faces and school hands are print where each glyph is the same again.
        let script = |r: &mut Random| lib.print_fonts.len() + r.below(lib.hand_fonts.len().max(1));
        let text_font = if r.chance(if look == Look::Bilevel { 0.12 } else { 0.04 }) { script(&mut r) } else { pick(&mut r) };
        let head_font = if r.chance(0.06) { script(&mut r) } else { pick(&mut r) };
        let foreign = (!other.is_empty() && r.chance(0.25)).then(|| *r.pick(&other));
        // Where print looks written, the writing beside it is of real strokes.
        let lettered = text_font.max(head_font) >= lib.print_fonts.len();
        let hand = if lettered { Hand::of_strokes(lib, &mut r) } else { Hand::new(lib, &mut r) };
        let mut pen = Pen::new(h, &mut r);
        let ratio = if r.chance(0.5) { r.range(0.75, 1.1) } else { r.range(0.45, 1.6) };
        let p = (h * ratio).clamp(6.5, (2.0 * h).max(30.0));
        let mut depth = r.range(0.8, 2.6);
        if r.chance(0.2) {
            // Writing as black and as thick as the print: only its shapes tell it.
            depth = r.range(0.9, 2.2);
            pen = pen.like_print(depth, h, &mut r);
        }
        let coloured = *r.pick(&[[1.6, 0.7, 0.9], [1.7, 1.0, 0.3], [0.4, 1.4, 1.2], [0.9, 0.8, 0.6]]);
        let print_tone = if r.chance(0.15) { coloured.map(|t| t * r.range(0.6, 1.2)) } else { [depth; 3] };
        let rule_tone = if r.chance(0.3) { coloured.map(|t| t * r.range(0.2, 1.0)) } else { [depth * r.range(0.3, 1.0); 3] };
        let thick = (h * r.range(0.04, 0.16)).clamp(0.6, 3.0);
        let mut ruling = Ruling { thick, tone: rule_tone, dashes: None };
        let mut comb_ruling = None;
        if look != Look::Bilevel {
            if r.chance(0.12) {
                ruling = Ruling::fine(&mut r);
            }
            comb_ruling = r.chance(0.5).then(|| Ruling::fine(&mut r));
        }
        // Some are not filled in at all.
        let filled = if r.chance(0.09) { 0.0 } else { r.range(0.3, 1.0) };
        let sheet = Sheet::new(width, height);
        let mut page = Self {
            lib,
            r,
            sheet,
            h,
            p,
            hand,
            pen,
            print_tone,
            ruling,
            comb_ruling,
            text_font,
            head_font,
            foreign,
            filled,
            sloppy: 1.0,
            second: None,
            tint: None,
            tracking: 0.0,
            worn: 0.0,
            run: 0.0,
            real: None,
            along: None,
            used: Vec::new(),
            look,
            faces: Vec::new(),
            lines: 0,
        };
        if look == Look::Bilevel {
            // Pale ink would not come through.
            page.print_tone = page.print_tone.map(|t| t.max(1.2));
            page.ruling.tone = page.ruling.tone.map(|t| t.max(1.0));
            page.pen.tone = page.pen.tone.map(|t| t.max(1.4));
        }
        if page.r.chance(0.2) {
            page.sloppy = page.r.range(1.5, 3.5);
        }
        if look != Look::Bilevel && page.r.chance(0.12) {
            page.second = Some((Hand::new(lib, &mut page.r), Pen::new(h, &mut page.r)));
        }
        if page.r.chance(0.12) {
            page.tracking = page.r.range(-0.04, 0.25);
        }
        if page.r.chance(0.15) {
            page.worn = page.r.range(0.2, 0.9);
        }
        page.real = page.r.chance(0.22).then(|| page.r.unit());
        page.along = page.r.chance(0.25).then(|| page.r.unit());
        page
    }
    pub fn width(&self) -> f32 {
        self.sheet.width as f32
    }
    pub fn height(&self) -> f32 {
        self.sheet.height as f32
    }
    /// A number for a new line of text.
    pub fn new_line(&mut self) -> usize {
        self.lines += 1;
        self.lines
    }
    pub fn text_type(&self) -> Type {
        Type { font: self.text_font, size: self.p, bold: false, tone: self.print_tone }
    }
    pub fn head_type(&mut self) -> Type {
        let size = self.p * self.r.range(1.0, 1.9);
        Type { font: self.head_font, size, bold: self.r.chance(0.5), tone: self.print_tone }
    }
    fn face(&mut self, t: Type) -> Option<usize> {
        let printed = self.lib.print_fonts.len();
        let font = self.lib.print_fonts.get(t.font).or_else(|| self.lib.hand_fonts.get(t.font - printed))?;
        // Sizes by a quarter of a pixel, so that a face is met again.
        let size = (t.size * 4.0).round() / 4.0;
        let key = (t.font, size.to_bits(), t.bold);
        Some(self.faces.iter().position(|f| f.key == key).unwrap_or_else(|| {
            self.faces.push(Face::new(font, t.font, size, t.bold));
            self.faces.len() - 1
        }))
    }
    /// The type for a text, in the page's other script if the font does not hold it.
    pub fn script(&mut self, text: &str, t: Type) -> Type {
        let held = self.face(t).is_some_and(|f| text.chars().all(|c| self.faces[f].has(c)));
        Type { font: self.foreign.filter(|_| !held).unwrap_or(t.font), ..t }
    }
    pub fn print_width(&mut self, text: &str, t: Type) -> f32 {
        let tracking = self.tracking * t.size;
        self.face(t).map_or(0.0, |f| self.faces[f].width(text) + tracking * text.chars().count() as f32)
    }
    /// Prints a line of text from `x` on, its words units of one line, and says where it ends.
    pub fn print(&mut self, text: &str, x: f32, base: f32, t: Type) -> f32 {
        self.print_in(text, x, base, t, None)
    }
    /// Goes on with the line of text that was printed last, if it stands on the same baseline.
    pub fn print_on(&mut self, text: &str, x: f32, base: f32, t: Type) -> f32 {
        let first = self.sheet.marks.len();
        let before = self.sheet.marks.last().filter(|m| m.by == By::Print && (m.to.1 - base).abs() < 1.0).map(|m| m.line);
        let end = self.print(text, x, base, t);
        if let Some(line) = before {
            self.sheet.marks[first..].iter_mut().for_each(|m| m.line = line);
        }
        end
    }
    pub fn print_in(&mut self, text: &str, x: f32, base: f32, t: Type, cell: Option<Area>) -> f32 {
        let Some(f) = self.face(t) else { return x };
        let Some(mut set) = self.faces[f].set(text, self.tracking * t.size) else { return x };
        if self.worn > 0.0 {
            super::pen::wear(&mut set.ink, self.worn, 1.6, &mut self.r);
        }
        if self.run > 0.0 {
            super::pen::run_out(&mut set.ink, self.run, 2.5, &mut self.r);
        }
        let (digit, small) = (self.faces[f].digit, self.faces[f].small);
        let shift = digit.ceil();
        let (left, top) = ((x - shift).round(), (base - set.base).round());
        self.sheet.lay(&set.ink, left as isize, top as isize, Layer::Print, t.tone);
        let line = self.new_line();
        for (word, a, b) in set.words {
            let y = top + set.base;
            self.add(Mark {
                core: core_height(&word, digit, small),
                text: word,
                by: By::Print,
                line,
                from: (left + a, y),
                to: (left + b, y),
                above: digit,
                below: set.below,
                cell,
                up: false,
            });
        }
        x + set.width
    }
    /// Prints a text that is read upwards, its baseline at `x`, from `y` on.
    pub fn print_up(&mut self, text: &str, x: f32, y: f32, t: Type) {
        let Some(f) = self.face(t) else { return };
        let Some(set) = self.faces[f].set(text, self.tracking * t.size) else { return };
        let (digit, small) = (self.faces[f].digit, self.faces[f].small);
        let (w, h) = (set.ink.width, set.ink.height);
        let data = (0..w * h).map(|i| set.ink.data[(i % h) * w + (w - 1 - i / h)]).collect();
        let turned = Canvas { width: h, height: w, data };
        let (left, top) = ((x - set.base).round(), (y + digit.ceil() - w as f32).round());
        self.sheet.lay(&turned, left as isize, top as isize, Layer::Print, t.tone);
        let (base, foot, line) = (left + set.base, top + w as f32, self.new_line());
        for (word, a, b) in set.words {
            self.add(Mark {
                core: core_height(&word, digit, small),
                text: word,
                by: By::Print,
                line,
                from: (base, foot - a),
                to: (base, foot - b),
                above: digit,
                below: set.below,
                cell: None,
                up: true,
            });
        }
    }
    pub fn print_centred(&mut self, text: &str, area: Area, t: Type) -> f32 {
        let w = self.print_width(text, t);
        let x = (area.0 + area.2 - w) / 2.0;
        self.print_in(text, x, (area.1 + area.3 + t.size) / 2.0, t, Some(area))
    }
    /// Keeps a mark if it lies on the sheet.
    pub fn add(&mut self, m: Mark) {
        let (l, t, r, b) = m.bounds();
        let on = r > 0.0 && l < self.width() && b > 0.0 && t < self.height();
        if on && self.sheet.marks.len() < u16::MAX as usize - 1 {
            self.sheet.marks.push(m);
        }
    }
    /// Makes one unit of the marks from `first` on: a field over several boxes.
    pub fn merge(&mut self, first: usize) {
        let parts = self.sheet.marks.split_off(first.min(self.sheet.marks.len()));
        let mut parts = parts.into_iter();
        let Some(mut one) = parts.next() else { return };
        for part in parts {
            one.text.push_str(&part.text);
            one.to = (one.to.0.max(part.to.0), part.to.1);
        }
        one.cell = None;
        self.sheet.marks.push(one);
    }
    /// Writes a text by hand from `x` on, `h` high; its words are units of one line.
    pub fn write(&mut self, text: &str, x: f32, base: f32, h: f32) -> Option<Extent> {
        self.write_in(text, x, base, h, None)
    }
    pub fn write_in(&mut self, text: &str, x: f32, base: f32, h: f32, cell: Option<Area>) -> Option<Extent> {
        let other = self.second.is_some() && self.r.chance(0.3);
        if other {
            self.swap_hands();
        }
        let mut pen = self.pen.pressed(&mut self.r);
        pen.width *= (h / self.h).clamp(0.6, 1.5);
        let line = self.new_line();
        let written = self.write_with(text, x, base, h, cell, &pen, line);
        if other {
            self.swap_hands();
        }
        written
    }
    /// Takes a pencil, which only a picture in black and white would not show.
    pub fn take_pencil(&mut self) {
        if self.look != Look::Bilevel {
            self.pen = Pen::pencil(self.h, &mut self.r);
        }
    }
    fn swap_hands(&mut self) {
        if let Some((hand, pen)) = self.second.as_mut() {
            core::mem::swap(hand, &mut self.hand);
            core::mem::swap(pen, &mut self.pen);
        }
    }
    /// With a pen and for a line of one's own.
    pub fn write_with(
        &mut self,
        text: &str,
        x: f32,
        base: f32,
        h: f32,
        cell: Option<Area>,
        pen: &Pen,
        line: usize,
    ) -> Option<Extent> {
        let room = self.hand.advance(text) * h * 1.25;
        let lifted = match self.real {
            Some(at) if text.chars().count() > 1 => real::lift(self.lib, at, text, h, room, &mut self.used, &mut self.r),
            _ => None,
        };
        let lifted = lifted.or_else(|| {
            let words = real::alike(self.lib, self.along?, text, &mut self.r)?;
            self.hand.write_along(&words, h, room, pen, &mut self.r)
        });
        let w = match lifted {
            Some(w) => w,
            None => self.hand.write(text, h, pen, &mut self.r)?,
        };
        let words = whole_words(w.words);
        let first = words.first()?.1;
        if !words.iter().any(|w| is_word(&w.0)) && is_word(text) {
            // A hand without letters has written no more than the marks between them.
            return None;
        }
        let (left, top) = ((x - first).round(), (base - w.base).round());
        self.sheet.lay(&w.ink, left as isize, top as isize, Layer::Hand, pen.tone);
        let mut ends = Extent { left: f32::MAX, right: f32::MIN };
        for (word, a, b) in words {
            let y = |at: f32| top + w.base + w.slope * at;
            ends = Extent { left: ends.left.min(left + a), right: ends.right.max(left + b) };
            self.add(Mark {
                core: core_height(&word, h, h * self.hand.small),
                text: word,
                by: By::Hand,
                line,
                from: (left + a, y(a)),
                to: (left + b, y(b)),
                above: h,
                below: w.below.min(0.8 * h),
                cell,
                up: false,
            });
        }
        Some(ends)
    }
    /// A height at which a text fits into `room`, not less than half of `h`.
    pub fn fit(&self, text: &str, h: f32, room: f32) -> f32 {
        let wide = self.hand.advance(text) * h;
        if wide > room {
            (h * room / wide).max(0.5 * h)
        } else {
            h
        }
    }
    /// Writes into a cell, where hands write: about its middle, or its left or right, on its foot or floating.
    pub fn write_cell(&mut self, text: &str, area: Area, h: f32) -> Option<Extent> {
        let (l, t, r, b) = area;
        let h = self.fit(text, h, (r - l) * 1.05);
        let wide = self.hand.advance(text) * h;
        let spare = (r - l - wide).max(0.0);
        let x = l + spare * (0.5 + 0.22 * self.r.normal()).clamp(0.02, 0.98) + self.r.range(-0.1, 0.15) * h * self.sloppy;
        let play = (b - t - h).max(0.0);
        let base = t + h + play * (0.5 + 0.2 * self.r.normal()).clamp(-0.1, 1.15) + 0.05 * self.r.normal() * h * self.sloppy;
        self.write_in(text, x, base, h, Some(area))
    }
    fn stroke(&mut self, a: (f32, f32), b: (f32, f32), thick: f32, layer: Layer, tone: Tone) {
        let air = thick + 2.0;
        let (l, t) = ((a.0.min(b.0) - air).floor(), (a.1.min(b.1) - air).floor());
        let (w, h) = ((a.0 - b.0).abs() + 2.0 * air + 2.0, (a.1 - b.1).abs() + 2.0 * air + 2.0);
        let mut ink = Canvas::new(w as usize, h as usize);
        ink.stroke((a.0 - l, a.1 - t), (b.0 - l, b.1 - t), thick, 1.0);
        self.sheet.lay(&ink, l as isize, t as isize, layer, tone);
    }
    /// Strokes through points in one go.
    pub fn path(&mut self, points: &[(f32, f32)], thick: f32, layer: Layer, tone: Tone) {
        let air = thick + 2.0;
        let low = points.iter().fold((f32::MAX, f32::MAX), |m, p| (m.0.min(p.0), m.1.min(p.1)));
        let high = points.iter().fold((f32::MIN, f32::MIN), |m, p| (m.0.max(p.0), m.1.max(p.1)));
        let (l, t) = ((low.0 - air).floor(), (low.1 - air).floor());
        let (w, h) = (high.0 - l + air + 2.0, high.1 - t + air + 2.0);
        if w <= 0.0 || h <= 0.0 || w * h > 4e6 {
            return;
        }
        let mut ink = Canvas::new(w as usize, h as usize);
        let moved: Vec<(f32, f32)> = points.iter().map(|p| (p.0 - l, p.1 - t)).collect();
        ink.path(&moved, thick, 1.0);
        self.sheet.lay(&ink, l as isize, t as isize, layer, tone);
    }
    /// Leaves a field white where the form's ground is coloured.
    pub fn clear(&mut self, area: Area) {
        if let Some(tint) = self.tint {
            self.sheet.fill(area, None, tint.map(|t| -t));
        }
    }
    /// A stroke of the page's pen that is no text.
    pub fn scrawl(&mut self, points: &[(f32, f32)], pen: &Pen) {
        self.path(points, pen.width.max(0.7), Layer::Other, pen.tone);
    }
    /// A stroke of a hand through text.
    pub fn scratch(&mut self, a: (f32, f32), b: (f32, f32), pen: &Pen) {
        self.stroke(a, b, pen.width.max(0.7), Layer::Hand, pen.tone);
    }
}

fn is_word(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Points, commas, colons and brackets that stand alone belong to the word before them, or to the first one.
fn whole_words(words: Vec<(String, f32, f32)>) -> Vec<(String, f32, f32)> {
    let mut whole: Vec<(String, f32, f32)> = Vec::with_capacity(words.len());
    let joins = |text: &str| text.chars().all(|c| ".,:;!?'()".contains(c));
    for (text, from, to) in words {
        match whole.last_mut() {
            Some(last) if joins(&text) || joins(&last.0) => {
                last.0.push_str(&text);
                last.2 = to.max(last.2);
            }
            _ => whole.push((text, from, to)),
        }
    }
    whole
}

/// Height of a core: three quarters of a number's height, or the x-height of letters.
fn core_height(text: &str, digit: f32, small: f32) -> f32 {
    if text.chars().any(char::is_alphabetic) {
        small
    } else {
        0.75 * digit
    }
}
