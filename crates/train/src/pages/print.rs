//! Sets printed text: each glyph of a face is drawn once and laid down again and again, as identical as print is.

use crate::canvas::Canvas;
use ab_glyph::{point, Font, FontVec, PxScale, ScaleFont};

/// A font at one size.
pub struct Face<'a> {
    font: &'a FontVec,
    scale: PxScale,
    /// Index of the font in the library, digit height in pixels and boldness: what a face is found by.
    pub key: (usize, u32, bool),
    /// Height of digits or capitals, and of small letters.
    pub digit: f32,
    pub small: f32,
    glyphs: Vec<((char, u8), Option<Stamp>)>,
}

/// Coverage of a glyph and where its upper left corner is against the pen's place.
#[derive(Clone)]
struct Stamp {
    ink: Canvas,
    left: isize,
    top: isize,
}

/// A printed text as ink: its baseline in the ink, and its words with their ends.
pub struct Printed {
    pub ink: Canvas,
    pub base: f32,
    pub words: Vec<(String, f32, f32)>,
    pub below: f32,
    pub width: f32,
}

/// Places between two pixels at which a glyph is drawn anew.
const PLACES: f32 = 3.0;

impl<'a> Face<'a> {
    /// `digit` is the height of a digit in pixels.
    pub fn new(font: &'a FontVec, index: usize, digit: f32, bold: bool) -> Self {
        let height = |c: char| font.outline(font.glyph_id(c)).map(|o| o.bounds.min.y).filter(|&h| h > 0.0);
        let em = font.height_unscaled();
        // A script without digits is as high as its font says.
        let own = height('0').or_else(|| height('H')).unwrap_or(em * 0.6);
        let small = height('x').map_or(0.6, |x| x / own).clamp(0.35, 0.9) * digit;
        Self {
            font,
            scale: PxScale::from(digit / own * em),
            key: (index, digit.to_bits(), bold),
            digit,
            small,
            glyphs: Vec::new(),
        }
    }
    pub fn has(&self, c: char) -> bool {
        c == ' ' || self.font.glyph_id(c).0 != 0
    }
    pub fn width(&self, text: &str) -> f32 {
        let f = self.font.as_scaled(self.scale);
        text.chars().map(|c| f.h_advance(f.glyph_id(c))).sum()
    }
    fn stamp(&mut self, c: char, place: u8) -> Option<&Stamp> {
        let at = match self.glyphs.iter().position(|(k, _)| *k == (c, place)) {
            Some(at) => at,
            None => {
                let made = self.draw(c, place as f32 / PLACES);
                self.glyphs.push(((c, place), made));
                self.glyphs.len() - 1
            }
        };
        self.glyphs[at].1.as_ref()
    }
    fn draw(&self, c: char, shift: f32) -> Option<Stamp> {
        let glyph = self.font.glyph_id(c).with_scale_and_position(self.scale, point(shift, 0.0));
        let outline = self.font.outline_glyph(glyph)?;
        let b = outline.px_bounds();
        let mut ink = Canvas::new(b.width() as usize + 1, b.height() as usize);
        let bold = self.key.2;
        outline.draw(|x, y, v| {
            ink.ink(x as isize, y as isize, v.min(1.0));
            if bold {
                ink.ink(x as isize + 1, y as isize, (v * 0.7).min(1.0));
            }
        });
        Some(Stamp { ink, left: b.min.x as isize, top: b.min.y as isize })
    }
    /// Sets a text; what the font does not hold is left out. `spacing` in pixels between characters.
    pub fn set(&mut self, text: &str, spacing: f32) -> Option<Printed> {
        let (up, down) = ((self.digit * 1.7).ceil(), (self.digit * 0.7).ceil());
        let wide = self.width(text) + spacing * text.chars().count() as f32 + self.digit * 2.0;
        let mut ink = Canvas::new(wide.max(1.0) as usize + 2, (up + down) as usize);
        let start = self.digit.ceil();
        let mut x = start;
        let mut words: Vec<(String, f32, f32)> = Vec::new();
        let mut open = false;
        for c in text.chars() {
            let id = self.font.glyph_id(c);
            if c == ' ' {
                open = false;
            } else if id.0 != 0 {
                let place = ((x - x.floor()) * PLACES) as u8;
                let floor = x.floor() as isize;
                if let Some(s) = self.stamp(c, place) {
                    let left = floor + s.left;
                    ink.stamp(&s.ink, left, up as isize + s.top);
                    let ends = (left as f32, left as f32 + s.ink.width as f32);
                    match words.last_mut() {
                        Some(word) if open => {
                            word.0.push(c);
                            word.2 = word.2.max(ends.1);
                        }
                        _ => words.push((c.to_string(), ends.0, ends.1)),
                    }
                    open = true;
                }
            }
            x += self.font.as_scaled(self.scale).h_advance(id) + spacing;
        }
        if words.is_empty() {
            return None;
        }
        let deep = text.chars().any(|c| "gjpqy,;()[]Q".contains(c));
        let below = if deep { 0.28 * self.digit } else { 0.0 };
        Some(Printed { ink, base: up, words, below, width: x - start })
    }
}
