//! Prefix beam search over CTC frames (Graves and Jaitly 2014; Hannun et al. 2014), n-best, along a pattern if there is one, and the
//! alignment of a text to the frames.

use crate::prefixes::{Prefixes, ROOT};

/// Classes of one frame that are worth a look, with their probabilities; class 0 is the blank.
pub type Frame = Vec<(u16, f32)>;

/// What a search keeps at each frame.
#[derive(Clone, Copy)]
struct Hypothesis {
    /// Its text, in [`Prefixes`].
    text: u32,
    /// Probability that the frames so far say this text and end with a blank, or with its last character.
    blank: f32,
    last: f32,
}

impl Hypothesis {
    fn total(&self) -> f32 {
        self.blank + self.last
    }
}

/// The `n` most probable texts (as classes) with their probabilities, the best first; only such as fit the pattern of `prefixes`.
/// Probabilities are of the whole text over all its alignments, each character weighed by what spelling says of it.
pub fn search(frames: &[Frame], width: usize, n: usize, prefixes: &mut Prefixes) -> Vec<(Vec<u16>, f32)> {
    let mut beam = vec![Hypothesis { text: ROOT, blank: 1.0, last: 0.0 }];
    let mut next: Vec<Hypothesis> = Vec::new();
    // Where a text stands in `next`: what was noted at another frame is found to be so there.
    let mut slots: Vec<u32> = Vec::new();
    // Long lines underflow: the beam is scaled at every frame, and the scale kept as a logarithm.
    let mut scale = 0.0f64;
    for frame in frames {
        // Most frames hold nothing but the blank: all hypotheses stay, and so does their order.
        if let [(0, p)] = frame[..] {
            scale += (p as f64).ln();
            beam.iter_mut().for_each(|h| (h.blank, h.last) = (h.total(), 0.0));
            continue;
        }
        next.clear();
        let mut add = |text: u32, blank: f32, last: f32| {
            let at = text as usize;
            slots.resize(slots.len().max(at + 1), 0);
            if next.get(slots[at] as usize).is_none_or(|h| h.text != text) {
                slots[at] = next.len() as u32;
                next.push(Hypothesis { text, blank: 0.0, last: 0.0 });
            }
            let h = &mut next[slots[at] as usize];
            (h.blank, h.last) = (h.blank + blank, h.last + last);
        };
        for h in &beam {
            for &(class, p) in frame {
                if class == 0 {
                    add(h.text, h.total() * p, 0.0);
                    continue;
                }
                let repeats = prefixes.last(h.text) == class;
                if repeats {
                    add(h.text, 0.0, h.last * p);
                }
                let from = if repeats { h.blank } else { h.total() };
                if from == 0.0 {
                    continue;
                }
                if let Some(text) = prefixes.child(h.text, class) {
                    add(text, 0.0, from * p * prefixes.worth(text));
                }
            }
        }
        core::mem::swap(&mut beam, &mut next);
        sort(&mut beam, prefixes);
        beam.truncate(width);
        let top = beam.first().map_or(0.0, Hypothesis::total);
        if top <= 0.0 {
            return Vec::new();
        }
        scale += (top as f64).ln();
        beam.iter_mut().for_each(|h| (h.blank, h.last) = (h.blank / top, h.last / top));
    }
    beam.retain(|h| prefixes.fits(h.text));
    for h in &mut beam {
        let worth = prefixes.end(h.text);
        (h.blank, h.last) = (h.blank * worth, h.last * worth);
    }
    sort(&mut beam, prefixes);
    beam.truncate(n);
    let probability = |h: &Hypothesis| (((h.total() as f64).ln() + scale).exp() as f32).min(1.0);
    beam.iter().map(|h| (prefixes.text(h.text), probability(h))).collect()
}

/// The most probable first, and of such as are as probable the one whose text comes first.
fn sort(beam: &mut [Hypothesis], prefixes: &Prefixes) {
    beam.sort_unstable_by(|a, b| b.total().total_cmp(&a.total()).then_with(|| prefixes.text(a.text).cmp(&prefixes.text(b.text))));
}

/// Frames with a value for every class, to score many texts on.
pub struct Scorer {
    classes: usize,
    /// `[frames][classes]`.
    p: Vec<f32>,
}

impl Scorer {
    /// What a class that a frame leaves out is worth there.
    const UNSEEN: f32 = 1e-6;

    /// `classes` with the blank.
    pub fn new(frames: &[Frame], classes: usize) -> Self {
        let mut p = vec![Self::UNSEEN; frames.len() * classes];
        for (row, frame) in p.chunks_exact_mut(classes).zip(frames) {
            frame.iter().for_each(|&(c, v)| row[c as usize] = v);
        }
        Self { classes, p }
    }

    /// Logarithm of the probability that the frames say `text`, over all its alignments: the forward pass of CTC (Graves et al. 2006).
    pub fn log_probability(&self, text: &[u16]) -> f64 {
        // A blank, then each character with the blank behind it; `may_skip` where the blank before a character may be left out.
        let n = 2 * text.len() + 1;
        let class: Vec<usize> = (0..n).map(|s| if s % 2 == 1 { text[s / 2] as usize } else { 0 }).collect();
        let may_skip: Vec<f32> = (0..n).map(|s| (s % 2 == 1 && (s == 1 || class[s] != class[s - 2])) as u8 as f32).collect();
        // Probabilities of each state, scaled at every frame; two zeros in front stand for what is before the text.
        let (mut now, mut next) = (vec![0.0f32; n + 2], vec![0.0f32; n + 2]);
        // Before the first frame, so that it may hold the first blank or the first character.
        now[1] = 1.0;
        let mut log = 0.0f64;
        for row in self.p.chunks_exact(self.classes) {
            let mut sum = 0.0;
            for s in 0..n {
                let from = now[s + 2] + now[s + 1] + may_skip[s] * now[s];
                next[s + 2] = from * row[class[s]];
                sum += next[s + 2];
            }
            if sum <= 0.0 {
                return f64::NEG_INFINITY;
            }
            log += (sum as f64).ln();
            next.iter_mut().for_each(|v| *v /= sum);
            now[1] = 0.0;
            core::mem::swap(&mut now, &mut next);
        }
        let end = now[n + 1] + if n > 1 { now[n] } else { 0.0 };
        (end as f64).ln() + log
    }
}

/// First and last frame (exclusive) of each character of `text`: its most probable alignment. A class that a frame does not hold has
/// next to no probability there.
pub fn align(frames: &[Frame], text: &[u16]) -> Vec<(usize, usize)> {
    const NONE: f32 = -1e9;
    let n = 2 * text.len() + 1;
    let class = |s: usize| if s % 2 == 1 { text[s / 2] } else { 0 };
    let log = |t: usize, s: usize| {
        let wanted = class(s);
        frames[t].iter().find(|(c, _)| *c == wanted).map_or(-16.0, |(_, p)| p.max(1e-7).ln())
    };
    let mut score = vec![NONE; n];
    let mut steps: Vec<Vec<u8>> = Vec::with_capacity(frames.len());
    for t in 0..frames.len() {
        let mut now = vec![NONE; n];
        let mut from = vec![0u8; n];
        for s in 0..n {
            let stay = match (t, s) {
                (0, 0 | 1) => 0.0,
                (0, _) => NONE,
                _ => score[s],
            };
            let mut best = (stay, 0u8);
            if t > 0 {
                if s >= 1 && score[s - 1] > best.0 {
                    best = (score[s - 1], 1);
                }
                if s >= 2 && s % 2 == 1 && class(s) != class(s - 2) && score[s - 2] > best.0 {
                    best = (score[s - 2], 2);
                }
            }
            now[s] = best.0 + log(t, s);
            from[s] = best.1;
        }
        score = now;
        steps.push(from);
    }
    let mut s = if n > 1 && score[n - 2] > score[n - 1] { n - 2 } else { n - 1 };
    let mut spans = vec![(usize::MAX, 0); text.len()];
    for t in (0..frames.len()).rev() {
        if s % 2 == 1 {
            let span = &mut spans[s / 2];
            *span = (t, span.1.max(t + 1));
        }
        s -= steps[t][s] as usize;
    }
    spans.into_iter().map(|(a, b)| if a == usize::MAX { (0, 0) } else { (a, b) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alphabet::Alphabet;
    use crate::pattern::Pattern;

    fn frames(rows: &[&[(u16, f32)]]) -> Vec<Frame> {
        rows.iter().map(|r| r.to_vec()).collect()
    }

    #[test]
    fn sums_over_alignments() {
        // Best path is blank blank (0.36), but the text "a" has 0.24 + 0.24 + 0.16.
        let f = frames(&[&[(0, 0.6), (1, 0.4)], &[(0, 0.6), (1, 0.4)]]);
        let alphabet = Alphabet::new(vec!['a'], String::new()).expect("no words");
        let found = search(&f, 8, 2, &mut Prefixes::new(&alphabet, None));
        assert_eq!(found[0].0, [1]);
        assert!((found[0].1 - 0.64).abs() < 1e-6);
        assert!((found[1].1 - 0.36).abs() < 1e-6);
        assert!((Scorer::new(&f, 2).log_probability(&[1]).exp() - 0.64).abs() < 1e-6);
        assert!((Scorer::new(&f, 2).log_probability(&[]).exp() - 0.36).abs() < 1e-6);
    }

    #[test]
    fn a_pattern_masks_the_search() {
        let f = frames(&[&[(1, 0.7), (2, 0.3)], &[(0, 1.0)], &[(1, 0.8), (2, 0.2)]]);
        let pattern = Pattern::new("\\d[a-z]").expect("a good pattern");
        let alphabet = Alphabet::new(vec!['7', 'z'], String::new()).expect("no words");
        let found = search(&f, 8, 3, &mut Prefixes::new(&alphabet, Some(&pattern)));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, [1, 2]);
        assert!((found[0].1 - 0.14).abs() < 1e-6);
        assert!(Pattern::new("[").is_err());
    }

    #[test]
    fn alignment_gives_each_character_its_frames() {
        let f = frames(&[&[(1, 0.9), (0, 0.1)], &[(1, 0.8), (0, 0.2)], &[(0, 0.9), (1, 0.1)], &[(1, 0.9), (0, 0.1)]]);
        assert_eq!(align(&f, &[1, 1]), [(0, 2), (3, 4)]);
    }
}
