//! A second opinion on digits that stand alone: a net for single digits has seen many more of them than the line net.

use crate::line::{Charset, Crop, Glyph, Reading};
use crate::model::{fail, Model, ModelError, Size};
use crate::normalise::{self, GLYPH_SIZE};

/// What the line net gives a digit that it does not name.
const UNNAMED: f32 = 2e-3;
/// How much its opinion counts against the line net's, which has seen hands that sets of single digits lack: chosen on held-out writers.
const VOTE: f32 = 0.5;
/// What is left of the confidence in a digit that the net refuses as none.
const REFUSED: f32 = 0.5;
const DIGITS: usize = 10;

pub struct DigitNet {
    model: Model,
    temperature: f32,
    /// The least probability of its best digit at which it is taken for one.
    refuse: f32,
}

/// A digit to look at: of which reading, and which of its glyphs.
type Place = (usize, usize);

impl DigitNet {
    /// # Errors
    /// Where the bytes are no model, or one of something else than ten digits.
    pub fn load(bytes: &[u8]) -> Result<Self, ModelError> {
        let model = Model::load(bytes)?;
        if model.metadata.get("alphabet").map(String::as_str) != Some("0123456789") {
            return fail("the model of single digits is not one of the ten digits");
        }
        let (temperature, refuse) = (model.temperature()?, model.number("refuse", 0.0)?);
        Ok(Self { model, temperature, refuse })
    }

    /// Looks again at readings that are one digit, and settles for what both nets together hold the most probable; what this net refuses
    /// as no digit keeps half of its confidence.
    pub fn settle(&mut self, crops: &[Crop], readings: &mut [Reading], charset: &Charset) -> Result<(), ModelError> {
        let mut places: Vec<Place> = Vec::new();
        let mut x: Vec<f32> = Vec::new();
        for (r, (crop, reading)) in crops.iter().zip(readings.iter()).enumerate() {
            let mut marks = (0..reading.glyphs.len()).filter(|&g| reading.glyphs[g].char != ' ');
            if let (Some(g), None) = (marks.next(), marks.next()) {
                if reading.glyphs[g].char.is_ascii_digit() {
                    places.push((r, g));
                    x.extend(normalise::glyph_input(&crop.ink()));
                }
            }
        }
        if places.is_empty() {
            return Ok(());
        }
        let (logits, s) = self.model.run(&x, Size { n: places.len(), h: GLYPH_SIZE, w: GLYPH_SIZE, c: 1 })?;
        if logits.len() != places.len() * DIGITS {
            return fail(format!("the model of single digits gives {} values", s.w * s.c / places.len().max(1)));
        }
        for (&(r, g), logits) in places.iter().zip(logits.chunks_exact(DIGITS)) {
            let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let reading = &mut readings[r];
            let sum: f32 = logits.iter().map(|l| ((l - most) / self.temperature).exp()).sum();
            if 1.0 / sum < self.refuse {
                reading.glyphs[g].confidence *= REFUSED;
                reading.confidence *= REFUSED;
                continue;
            }
            let weights: [f32; DIGITS] = core::array::from_fn(|d| {
                let may = charset.allows((b'0' + d as u8) as char);
                if may {
                    ((logits[d] - most) / self.temperature * VOTE).exp()
                } else {
                    0.0
                }
            });
            let before = reading.glyphs[g].confidence;
            agree(&mut reading.glyphs[g], &weights);
            let settled = &mut reading.glyphs[g];
            settled.confidence = settled.confidence.min(settled.ceiling);
            let factor = reading.glyphs[g].confidence / before.max(1e-6);
            reading.confidence = (reading.confidence * factor).min(1.0);
        }
        Ok(())
    }
}

/// Makes the glyph what its own probabilities and those of the digits (of any sum) say together.
fn agree(glyph: &mut Glyph, digits: &[f32; DIGITS]) {
    let digit = |d: usize| (b'0' + d as u8) as char;
    let known = |c: char| glyph.alternatives.iter().find(|a| a.0 == c).map_or(UNNAMED, |a| a.1);
    let own: [f32; DIGITS] = core::array::from_fn(|d| if digit(d) == glyph.char { glyph.confidence } else { known(digit(d)) });
    let all: [f32; DIGITS] = core::array::from_fn(|d| own[d] * digits[d]);
    let sum: f32 = all.iter().sum::<f32>().max(1e-12);
    let best = (0..DIGITS).fold(0, |b, d| if all[d] > all[b] { d } else { b });
    // What is no digit keeps its share of the whole.
    let others: f32 = glyph.alternatives.iter().filter(|a| !a.0.is_ascii_digit()).map(|a| a.1).sum();
    let share = (1.0 - others).max(0.0);
    glyph.alternatives.retain(|a| !a.0.is_ascii_digit());
    glyph
        .alternatives
        .extend((0..DIGITS).filter(|&d| d != best && all[d] / sum > 0.01).map(|d| (digit(d), share * all[d] / sum)));
    glyph.alternatives.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    glyph.alternatives.truncate(2);
    glyph.char = digit(best);
    glyph.confidence = share * all[best] / sum;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_opinions_make_one() {
        let torn = Glyph {
            char: '1',
            confidence: 0.5,
            left: 0.0,
            right: 9.0,
            kind: [1.0, 0.0, 0.0, 0.0],
            frames: (0, 1),
            spaced: 0.0,
            alternatives: vec![('7', 0.4), ('/', 0.1)],
            ceiling: 1.0,
        };
        let mut digits = [0.01; DIGITS];
        digits[7] = 0.9;
        let mut settled = torn.clone();
        agree(&mut settled, &digits);
        assert_eq!(settled.char, '7');
        assert!(settled.confidence > 0.8 && settled.confidence <= 0.9, "{}", settled.confidence);
        assert_eq!(settled.alternatives[0].0, '/');
        // A net without an opinion changes nothing but what cannot be.
        let mut same = torn.clone();
        agree(&mut same, &[1.0; DIGITS]);
        assert_eq!(same.char, '1');
        let mut masked = [1.0; DIGITS];
        masked[1] = 0.0;
        agree(&mut same, &masked);
        assert_eq!(same.char, '7');
    }
}
