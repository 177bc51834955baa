//! The material that synthetic and real lines are made of: glyph sets, fonts, real line crops, words.

use ab_glyph::FontVec;

/// Characters of one data set, by class. `images` are `[n][size][size]`, white ink on black.
pub struct GlyphSet {
    pub size: usize,
    pub images: Vec<u8>,
    /// Indices of the images of each character.
    pub by_char: Vec<(char, Vec<u32>)>,
}

impl GlyphSet {
    /// `labels[i]` is the index into `classes` of image `i`.
    pub fn new(size: usize, images: Vec<u8>, labels: &[u8], classes: &str) -> Self {
        let mut by_char: Vec<(char, Vec<u32>)> = classes.chars().map(|c| (c, Vec::new())).collect();
        for (i, &l) in labels.iter().enumerate() {
            by_char[l as usize].1.push(i as u32);
        }
        by_char.retain(|(_, v)| !v.is_empty());
        Self { size, images, by_char }
    }
    pub fn of(&self, c: char) -> Option<&[u32]> {
        self.by_char.iter().find(|(k, _)| *k == c).map(|(_, v)| &v[..])
    }
    pub fn image(&self, i: u32) -> &[u8] {
        let n = self.size * self.size;
        &self.images[i as usize * n..][..n]
    }
}

/// Who made the marks of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Hand = 0,
    Print = 1,
    Other = 2,
    /// Written, and struck out again.
    Struck = 3,
}

/// A real crop (see `crate::crop`), and what it says (`None` where nobody wrote it down).
pub struct RealLine {
    pub crop: Vec<u8>,
    pub text: Option<String>,
    pub kind: Kind,
    /// Height of its digits in pixels, 0 where it is not known.
    pub digit: f32,
}

/// A character as the strokes of a pen, in its own height: y grows downwards from 0 at its top to 1 at its foot, x from 0 at its left.
pub struct Drawing {
    pub of: char,
    pub strokes: Vec<Vec<(f32, f32)>>,
}

#[derive(Default)]
pub struct Library {
    pub glyphs: Vec<GlyphSet>,
    /// Digits cut out of `numbers`, few hands a set; see [`crate::written`].
    pub written: Vec<GlyphSet>,
    pub hand_fonts: Vec<FontVec>,
    pub print_fonts: Vec<FontVec>,
    /// Numbers, text and print apart, so that each can be drawn at its own rate.
    pub numbers: Vec<RealLine>,
    pub texts: Vec<RealLine>,
    pub prints: Vec<RealLine>,
    /// What the page stage cut out of drawn pages.
    pub drawn: Vec<RealLine>,
    pub words: Vec<String>,
    /// Characters as strokes, in the order of their writers: neighbours are by one hand.
    pub drawings: Vec<Drawing>,
}

impl Library {
    /// Adds a character from the points of its strokes, one after another: `points` are x and y in turn, y growing upwards, in any
    /// unit; `lengths[i]` is how many points stroke `i` has. What has no height is left out.
    pub fn add_drawing(&mut self, of: char, lengths: &[u32], points: &[f32]) {
        let (mut left, mut low, mut high) = (f32::MAX, f32::MAX, f32::MIN);
        for p in points.chunks_exact(2) {
            (left, low, high) = (left.min(p[0]), low.min(p[1]), high.max(p[1]));
        }
        let height = high - low;
        if height <= 0.0 {
            return;
        }
        let mut rest = points.chunks_exact(2).map(|p| ((p[0] - left) / height, (high - p[1]) / height));
        let strokes = lengths.iter().map(|&n| rest.by_ref().take(n as usize).collect()).collect();
        self.drawings.push(Drawing { of, strokes });
    }
}
