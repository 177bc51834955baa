//! What a page net says of a page: who made the ink of each place, where units lie, how high and which way round they stand.

use crate::heads::*;
use crate::input::Input;

/// Labels a page; a trait, so that stages are tested without weights.
pub trait PageNet {
    /// # Errors
    /// Where the net does not fit its input.
    fn label(&mut self, input: &Input) -> Result<Labels, String>;
}

/// Probabilities and heights, one pixel to [`STRIDE`] of the net's input.
#[derive(Clone, Debug)]
pub struct Labels {
    pub width: usize,
    pub height: usize,
    /// `[height][width][HEADS]`: probabilities of the sigmoids, heights in units of [`HEIGHT_UNIT`] pixels of the input, probabilities
    /// of the turns.
    pub data: Vec<f32>,
}

impl Labels {
    /// From the net's logits, `[height][width][HEADS]`.
    pub fn from_logits(mut data: Vec<f32>, width: usize, height: usize) -> Self {
        assert_eq!(data.len(), width * height * HEADS, "a page net gives {HEADS} values a pixel");
        for p in data.chunks_exact_mut(HEADS) {
            p[..SIGMOIDS].iter_mut().for_each(|v| *v = 1.0 / (1.0 + (-*v).exp()));
            let most = p[TURN..].iter().fold(f32::NEG_INFINITY, |a, &b| a.max(b));
            p[TURN..].iter_mut().for_each(|v| *v = (*v - most).exp());
            let sum: f32 = p[TURN..].iter().sum();
            p[TURN..].iter_mut().for_each(|v| *v /= sum);
        }
        Self { width, height, data }
    }

    /// The pixel that a pixel of the page lies in; `pitch` pixels of the page are one.
    pub fn place(&self, x: usize, y: usize, pitch: f32) -> usize {
        let along = |v: usize, most: usize| (((v as f32 + 0.5) / pitch) as usize).min(most - 1);
        along(y, self.height) * self.width + along(x, self.width)
    }

    /// All heads of a pixel.
    pub fn at(&self, i: usize) -> &[f32] {
        &self.data[i * HEADS..(i + 1) * HEADS]
    }

    /// Probability that a unit's core is here, whoever wrote it.
    pub fn core(&self, i: usize) -> f32 {
        let p = self.at(i);
        p[CORE_HAND].max(p[CORE_PRINT])
    }
}
