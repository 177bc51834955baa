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
    pub words: Vec<String>,
}
