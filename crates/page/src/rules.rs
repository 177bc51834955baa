//! Ink without rules: what the labels say is a rule goes, strokes that cross one stay.

use crate::heads::*;
use crate::ink::Mask;
use crate::labels::Labels;
use crate::units::around;

/// Numbers that decide between rule and stroke, as probabilities of the labels and thicknesses of the page's rules.
pub struct Lifting {
    /// A place where text is less probable than this is no text's, and one where a rule is more probable than this has one. A rule
    /// lies across the borders of places: where there is no text, those beside one count as well.
    pub text: f32,
    pub rule: f32,
    /// Where text is less probable than a rule even beside it, a faint rule is one from this probability on.
    pub faint: f32,
    /// Where both are, ink of a run across the rule that is no longer than so many usual thicknesses and so many pixels is the rule's.
    pub thicker: f32,
    pub edge: f32,
    /// Marks that are no text: more probable than text, and than this.
    pub other: f32,
}

pub const LIFTING: Lifting = Lifting { text: 0.4, rule: 0.35, faint: 0.12, thicker: 1.5, edge: 1.0, other: 0.5 };

/// What a page's ink is, one mask each.
pub struct Lifted {
    /// Ink of text.
    pub text: Mask,
    /// Rules of both kinds and marks that are no text.
    pub lifted: Mask,
    pub uprights: Mask,
}

/// What the labels say of a place.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Text,
    Lying,
    Upright,
    /// A rule with text on it.
    Crossed {
        lying: bool,
        upright: bool,
    },
    Other,
}

fn place(labels: &Labels, i: usize, l: &Lifting) -> Place {
    let p = labels.at(i);
    let text = p[HAND].max(p[PRINT]);
    if p[OTHER] > l.other && p[OTHER] > text {
        return Place::Other;
    }
    let (lying, upright) = (p[LYING] > l.rule, p[UPRIGHT] > l.rule);
    if text >= l.text {
        return if lying || upright { Place::Crossed { lying, upright } } else { Place::Text };
    }
    let near = |head: usize| around(i, labels.width, labels.height).map(|n| labels.at(n)[head]).fold(0.0, f32::max);
    let (lying, upright) = (near(LYING), near(UPRIGHT));
    let rule = lying.max(upright);
    let is_rule = rule > l.rule || rule > l.faint && rule > near(HAND).max(near(PRINT));
    match (is_rule, lying >= upright) {
        (false, _) => Place::Text,
        (true, true) => Place::Lying,
        (true, false) => Place::Upright,
    }
}

/// Parts the ink of a page; `pitch` is pixels of the page to one of the labels.
pub fn lift(ink: &Mask, labels: &Labels, pitch: f32, l: &Lifting) -> Lifted {
    let (w, h) = (ink.width, ink.height);
    let places: Vec<Place> = (0..labels.width * labels.height).map(|i| place(labels, i, l)).collect();
    let at = |x: usize, y: usize| places[labels.place(x, y, pitch)];
    let down = |x: usize, y: usize| run(y, h, |k| ink.data[k * w + x] != 0);
    let across = |x: usize, y: usize| run(x, w, |k| ink.data[y * w + k] != 0);
    // Usual thickness of each kind, from places that hold nothing but the rule.
    let (mut lying, mut upright) = (Vec::new(), Vec::new());
    for y in (0..h).step_by(3) {
        for x in (0..w).step_by(3).filter(|&x| ink.data[y * w + x] != 0) {
            match at(x, y) {
                Place::Lying => lying.push(down(x, y)),
                Place::Upright => upright.push(across(x, y)),
                _ => {}
            }
        }
    }
    let limit = |runs: Vec<usize>| (median(runs) as f32 * l.thicker + l.edge) as usize;
    let (lying, upright) = (limit(lying), limit(upright));
    let mut out = Lifted { text: Mask::new(w, h), lifted: Mask::new(w, h), uprights: Mask::new(w, h) };
    for y in 0..h {
        let mut x = 0;
        let row = &ink.data[y * w..(y + 1) * w];
        loop {
            x = crate::components::next(row, x, 1);
            if x == w {
                break;
            }
            let (is_lying, is_upright, is_other) = match at(x, y) {
                Place::Text => (false, false, false),
                Place::Lying => (true, false, false),
                Place::Upright => (false, true, false),
                Place::Crossed { lying: a, upright: b } => (a && down(x, y) <= lying, b && across(x, y) <= upright, false),
                Place::Other => (false, false, true),
            };
            let i = y * w + x;
            out.uprights.data[i] = is_upright as u8;
            out.lifted.data[i] = (is_lying || is_upright || is_other) as u8;
            out.text.data[i] = 1 - out.lifted.data[i];
            x += 1;
        }
    }
    out
}

/// Longest run that is measured: what is longer is no rule's thickness.
const LONGEST_RUN: usize = 60;

/// Pixels on, in a row, around `at`.
fn run(at: usize, end: usize, on: impl Fn(usize) -> bool) -> usize {
    let before = (at.saturating_sub(LONGEST_RUN)..at).rev().take_while(|&k| on(k)).count();
    let behind = (at..(at + LONGEST_RUN).min(end)).take_while(|&k| on(k)).count();
    before + behind
}

/// The middle one by size, the higher of two; 1 of none.
pub fn median(mut v: Vec<usize>) -> usize {
    v.sort_unstable();
    v.get(v.len() / 2).copied().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stroke_that_crosses_a_rule_stays_whole() {
        // A rule two pixels thick, and a stroke three pixels wide from above to below it.
        let (w, h) = (60, 40);
        let mut ink = Mask::new(w, h);
        for y in 0..h {
            for x in 0..w {
                ink.data[y * w + x] = ((19..21).contains(&y) || ((30..33).contains(&x) && (8..32).contains(&y))) as u8;
            }
        }
        let mut labels = Labels { width: 30, height: 20, data: vec![0.0; 600 * HEADS] };
        for y in 0..20 {
            for x in 0..30 {
                let p = &mut labels.data[(y * 30 + x) * HEADS..][..HEADS];
                p[LYING] = if (9..=10).contains(&y) { 0.9 } else { 0.0 };
                p[HAND] = if (15..=16).contains(&x) && (4..16).contains(&y) { 0.8 } else { 0.0 };
            }
        }
        let out = lift(&ink, &labels, 2.0, &LIFTING);
        assert!((8..32).all(|y| out.text.data[y * w + 31] == 1));
        assert!((0..28).all(|x| out.lifted.data[19 * w + x] == 1 && out.text.data[19 * w + x] == 0));
        assert!(out.uprights.data.iter().all(|&v| v == 0));
    }
}
