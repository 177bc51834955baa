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

/// Strokes of a pen as points, x to the right and y downwards.
pub type Strokes = Vec<Vec<(f32, f32)>>;

/// A character as the strokes of a pen, in its own height: y grows downwards from 0 at its top to 1 at its foot, x from 0 at its left.
pub struct Drawing {
    pub of: char,
    pub strokes: Strokes,
}

/// A word or a line as the strokes of a pen, in heights of its writer's capitals: y grows downwards from 0 at its top, x from 0 at its left.
pub struct Writing {
    pub text: String,
    pub strokes: Strokes,
    /// How far it reaches.
    pub size: (f32, f32),
}

impl Writing {
    /// How far its baseline lies below its top, in heights of capitals, as its letters say: strokes tell their bounds alone.
    pub fn ascent(&self) -> f32 {
        let tall = |c: char| c.is_uppercase() || c.is_ascii_digit() || "bdfhklt".contains(c);
        match (self.text.contains(['g', 'j', 'p', 'q', 'y', 'Q', ',', ';']), self.text.contains(tall)) {
            (false, _) => self.size.1,
            (true, true) => self.size.1.min(1.0),
            // Tails are about as long as small letters are high.
            (true, false) => self.size.1 * 0.55,
        }
    }
}

/// The letters and digits of one writer, each some times, and how high each is, in heights of the capitals.
#[derive(Default)]
pub struct Script {
    pub writer: String,
    /// Height of a letter without ascender.
    pub small: f32,
    characters: Vec<(Drawing, f32)>,
}

impl Script {
    /// All shapes of a character and their heights.
    pub fn of(&self, c: char) -> impl Iterator<Item = &(Drawing, f32)> {
        self.characters.iter().filter(move |d| d.0.of == c)
    }
    pub fn holds(&self, c: char) -> bool {
        self.of(c).next().is_some()
    }
    fn measured(&mut self) {
        let mut heights: Vec<f32> = self.characters.iter().filter(|d| "aceimnorsuvwxz".contains(d.0.of)).map(|d| d.1).collect();
        heights.sort_by(f32::total_cmp);
        self.small = heights.get(heights.len() / 2).map_or(0.6, |h| h.clamp(0.3, 0.95));
    }
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
    /// Words and lines as strokes, likewise.
    pub writings: Vec<Writing>,
    pub scripts: Vec<Script>,
}

/// Strokes from the points of all of them, one after another: x and y in turn, y growing upwards; `lengths[i]` is how many points stroke `i`
/// has. The result begins at 0 at the left and at the top and is in units of `unit`, or of its own height where there is none; with it come
/// its width and height in the units of `points`. `None` where it has no height to go by.
fn strokes_of(lengths: &[u32], points: &[f32], unit: Option<f32>) -> Option<(Strokes, (f32, f32))> {
    let (mut left, mut right, mut low, mut high) = (f32::MAX, f32::MIN, f32::MAX, f32::MIN);
    for p in points.chunks_exact(2) {
        (left, right, low, high) = (left.min(p[0]), right.max(p[0]), low.min(p[1]), high.max(p[1]));
    }
    let unit = unit.unwrap_or(high - low);
    if unit <= 0.0 || points.len() < 2 {
        return None;
    }
    let mut rest = points.chunks_exact(2).map(|p| ((p[0] - left) / unit, (high - p[1]) / unit));
    Some((lengths.iter().map(|&n| rest.by_ref().take(n as usize).collect()).collect(), (right - left, high - low)))
}

impl Library {
    /// Adds a character from the points of its strokes, one after another: `points` are x and y in turn, y growing upwards, in any
    /// unit; `lengths[i]` is how many points stroke `i` has. What has no height is left out.
    pub fn add_drawing(&mut self, of: char, lengths: &[u32], points: &[f32]) {
        if let Some((strokes, _)) = strokes_of(lengths, points, None) {
            self.drawings.push(Drawing { of, strokes });
        }
    }
    /// Adds a word or a line, likewise, in hundredths of its writer's capitals.
    pub fn add_writing(&mut self, text: String, lengths: &[u32], points: &[f32]) {
        if let Some((strokes, (width, height))) = strokes_of(lengths, points, Some(100.0)) {
            self.writings.push(Writing { text, strokes, size: (width / 100.0, height / 100.0) });
        }
    }
    /// Adds a character to what is known of a writer, likewise; those of one writer come one after another.
    pub fn add_character(&mut self, writer: &str, of: char, lengths: &[u32], points: &[f32]) {
        let Some((strokes, (_, height))) = strokes_of(lengths, points, None) else { return };
        if self.scripts.last().is_none_or(|s| s.writer != writer) {
            self.scripts.push(Script { writer: writer.into(), ..Script::default() });
        }
        if let Some(script) = self.scripts.last_mut() {
            script.characters.push((Drawing { of, strokes }, height / 100.0));
            script.measured();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_lies_above_tails_and_below_capitals() {
        let ascent = |text: &str, height: f32| Writing { text: text.into(), strokes: Vec::new(), size: (1.0, height) }.ascent();
        assert_eq!(ascent("one", 0.6), 0.6);
        assert_eq!(ascent("By", 1.5), 1.0);
        assert_eq!(ascent("Jo", 0.9), 0.9);
        assert!((ascent("gap", 1.0) - 0.55).abs() < 1e-6);
    }

    #[test]
    fn writing_keeps_its_size_and_characters_their_heights() {
        let mut lib = Library::default();
        lib.add_writing("it".into(), &[2, 1], &[10.0, 20.0, 60.0, 120.0, 210.0, 20.0]);
        let w = &lib.writings[0];
        assert_eq!(w.size, (2.0, 1.0));
        assert_eq!(w.strokes, [vec![(0.0, 1.0), (0.5, 0.0)], vec![(2.0, 1.0)]]);
        for (writer, of, height) in [("a", 'o', 50.0), ("a", 'A', 100.0), ("b", 'o', 70.0), ("b", '.', 0.0)] {
            lib.add_character(writer, of, &[2], &[0.0, 0.0, 30.0, height]);
        }
        let [a, b] = &lib.scripts[..] else { panic!("two writers") };
        assert_eq!((a.small, b.small), (0.5, 0.7));
        assert!(a.holds('A') && !b.holds('A') && !b.holds('.'));
        let (drawing, height) = a.of('o').next().expect("an o");
        assert_eq!((&drawing.strokes[0][..], *height), (&[(0.0, 1.0), (0.6, 0.0)][..], 0.5));
    }
}
