//! Spaces: in numbers decided by the paper between the digits, as the net learnt them from transcriptions, which set them loosely; at
//! letters by what the net says and the paper. What a space would do to the spelling of a line does not count: an abbreviation that
//! is in no list of words stays apart from the number before it.

use crate::expressions::SIGNS;
use net::line::{Glyph, Reading};

/// Between digits paper below the first share of their height is never a space, and above the second always one.
const CLOSE: f32 = 0.3;
const APART: f32 = 1.0;
/// A gap is a space if it is this much wider than those that the line usually has.
const WIDER: f32 = 2.2;
/// Where there are too few digits to know a usual gap, from here on where the net says that there is a space, and from `APART` on where
/// it does not: of 14 such gaps between both on 75 dev pages none was a space.
const UNKNOWN: f32 = 0.6;
/// Of the widest paper beside a point, what is no space yet there.
const POINT: f32 = 1.6;
/// Evened grey above this is paper.
const PAPER: u8 = 200;

/// At letters: weights of a logistic function, fitted on 1,270 pairs of characters of 75 dev pages, 132 of them with a space between.
/// It is wrong about 24 of them, and the reading that is the most probable as a whole about 34.
struct Space {
    /// Of the logarithm of the net's probability, to which `least` is added.
    net: f32,
    least: f32,
    /// Of the paper between both, and of that between most of the line's characters, in digit heights.
    paper: f32,
    usual: f32,
    bias: f32,
}

const SPACE: Space = Space { net: 1.2, least: 0.003, paper: 2.1, usual: -4.1, bias: 2.4 };
/// Paper wider than this is no more of a space.
const WIDEST: f32 = 1.2;
/// Marks that end what stands before them: behind a letter only paper as wide as `APART` parts one from it, whatever the net says. Of
/// eleven question marks with a smaller gap on two pages of notes one is a word of its own.
const CLOSING: &str = "?!,.;:)";

fn is_numeric(c: char) -> bool {
    c.is_ascii_digit() || ".,".contains(c)
}

/// Sets the spaces of a reading. `crop` is its picture, pixels and width; `height` that of its digits.
pub fn set_spaces(reading: &mut Reading, (gray, width): (&[u8], usize), height: usize) {
    let mut darkest = vec![255u8; width];
    for row in gray.chunks_exact(width.max(1)) {
        darkest.iter_mut().zip(row).for_each(|(d, &v)| *d = (*d).min(v));
    }
    // Widest stretch of paper between the middles of two glyphs, in digit heights.
    let paper = |a: &Glyph, b: &Glyph| {
        let column = |g: &Glyph| (((g.left + g.right) / 2.0).max(0.0) as usize).min(width);
        let (mut widest, mut run) = (0, 0);
        for &d in &darkest[column(a)..column(b).max(column(a))] {
            run = if d > PAPER { run + 1 } else { 0 };
            widest = widest.max(run);
        }
        widest as f32 / height.max(1) as f32
    };
    let glyphs = core::mem::take(&mut reading.glyphs);
    let marks: Vec<usize> = (0..glyphs.len()).filter(|&i| glyphs[i].char != ' ').collect();
    let both = |i: usize, j: usize, f: fn(char) -> bool| f(glyphs[i].char) && f(glyphs[j].char);
    // Each character with the one before it, and the paper between them.
    let pairs: Vec<(usize, usize, f32)> = marks.windows(2).map(|p| (p[0], p[1], paper(&glyphs[p[0]], &glyphs[p[1]]))).collect();
    let sorted = |mut gaps: Vec<f32>| {
        gaps.sort_by(f32::total_cmp);
        gaps
    };
    let gaps = sorted(pairs.iter().filter(|p| both(p.0, p.1, |c| c.is_ascii_digit())).map(|p| p.2).collect());
    // A hand that leaves much paper around its points leaves as much between its digits.
    let point = |c: char| ".,".contains(c);
    let around = pairs
        .iter()
        .filter(|p| both(p.0, p.1, is_numeric) && (point(glyphs[p.0].char) || point(glyphs[p.1].char)))
        .map(|p| p.2)
        .fold(0.0, f32::max);
    // From where on there is a space: where the net says so, and where it does not.
    let (said, unsaid) = match gaps.len() {
        0..=2 => ((POINT * around).clamp(UNKNOWN, APART), APART),
        n => {
            let wide = (WIDER * gaps[n / 2] + 0.12).clamp(CLOSE, APART);
            (wide, wide.max(UNKNOWN))
        }
    };
    let every = sorted(pairs.iter().map(|p| p.2).collect());
    let usual = every.get(every.len() / 2).copied().unwrap_or(0.0);
    reading.glyphs.extend(marks.first().map(|&i| glyphs[i].clone()));
    for (before, i, gap) in pairs {
        let spaced = i > before + 1;
        let (a, b) = (&glyphs[before], &glyphs[i]);
        let space = if both(before, i, is_numeric) {
            gap >= if spaced { said } else { unsaid }
        } else if SIGNS.contains([a.char, b.char]) || !(a.char.is_alphabetic() || b.char.is_alphabetic()) {
            // Whether signs stand apart is settled with the expression.
            spaced
        } else if a.char.is_alphabetic() && CLOSING.contains(b.char) {
            spaced && gap >= APART
        } else {
            let says = SPACE.net * (b.spaced + SPACE.least).ln() + SPACE.bias;
            says + SPACE.paper * gap.min(WIDEST) + SPACE.usual * usual > 0.0
        };
        if space {
            let edge = (a.right + b.left) / 2.0;
            let (left, right) = if spaced { (glyphs[before + 1].left, glyphs[i - 1].right) } else { (edge, edge) };
            reading.glyphs.push(Glyph { char: ' ', left, right, alternatives: Vec::new(), ..a.clone() });
        }
        reading.glyphs.push(b.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(digits: usize, gap: usize, spaced: bool) -> String {
        read(&vec!['7'; digits], gap, spaced)
    }

    /// A reading of characters 10 pixels high and wide, `gap` pixels of paper between any two; `spaced` tells whether a space was read
    /// there.
    fn read(characters: &[char], gap: usize, spaced: bool) -> String {
        let step = 10 + gap;
        let width = characters.len() * step;
        let gray: Vec<u8> = (0..width).map(|x| if x % step < 10 { 0 } else { 255 }).collect();
        let glyph = |char: char, left: usize, right: usize| Glyph {
            char,
            confidence: 1.0,
            left: left as f32,
            right: right as f32,
            kind: Default::default(),
            frames: (0, 0),
            spaced: 0.0,
            alternatives: Vec::new(),
            ceiling: 1.0,
        };
        let mut glyphs = Vec::new();
        for (i, &char) in characters.iter().enumerate() {
            if spaced && i > 0 {
                glyphs.push(glyph(' ', i * step - gap, i * step));
            }
            glyphs.push(glyph(char, i * step, i * step + 10));
        }
        let mut reading = Reading { glyphs, ..Reading::default() };
        set_spaces(&mut reading, (&gray, width), 10);
        reading.text()
    }

    #[test]
    fn two_digits_part_at_less_paper_where_the_net_reads_a_space() {
        assert_eq!(text_of(2, 7, false), "77");
        assert_eq!(text_of(2, 7, true), "7 7");
        assert_eq!(text_of(2, 11, false), "7 7");
        assert_eq!(text_of(2, 4, true), "77");
    }

    #[test]
    fn a_mark_behind_a_letter_stands_apart_only_behind_much_paper() {
        assert_eq!(read(&['a', '?'], 7, true), "a?");
        assert_eq!(read(&['a', '?'], 12, true), "a ?");
        assert_eq!(read(&['a', '?'], 12, false), "a?");
    }

    #[test]
    fn digits_in_even_steps_are_one_number() {
        assert_eq!(text_of(5, 7, true), "77777");
    }
}
