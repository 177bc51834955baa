//! What reads: a page net for where and by whom, a line net for what, and a digit net for digits that stand alone.

use net::digits::DigitNet;
use net::line::{Charset, LineNet, Reading};
use net::model::{Model, ModelError, Size};
use net::pattern::Pattern;
use page::heads;
use page::input::Input;
use page::labels::{Labels, PageNet};

pub use net::line::Crop;

/// Reads crops of lines; a trait, so that stages are tested without weights.
pub trait Recogniser {
    /// All characters, or those of `allowed` that are known.
    fn charset(&self, allowed: Option<&str>) -> Charset;
    /// # Errors
    /// Where a model does not fit.
    fn read(&mut self, crops: &[Crop], charset: &Charset, pattern: Option<&Pattern>) -> Result<Vec<Reading>, ModelError>;
    /// Weighs readings of some crops anew, where more is known of their texts: `worth` says what a text of the reading of this number
    /// counts for beside its ink, as a logarithm.
    /// # Errors
    /// Where a model does not fit.
    fn weigh(
        &mut self,
        crops: &[Crop],
        readings: &mut [Reading],
        charset: &Charset,
        worth: &dyn Fn(usize, &str) -> f32,
    ) -> Result<(), ModelError>;
    /// What a single look at each crop reads, of the whole alphabet: enough to judge a page's turn by.
    /// # Errors
    /// Where a model does not fit.
    fn glance(&mut self, crops: &[Crop]) -> Result<Vec<Reading>, ModelError>;
    /// The `n` most probable readings of some frames of a reading, with their probabilities.
    fn nbest(&self, frames: &[net::beam::Frame], n: usize) -> Vec<(String, f32)>;
    /// How often a word is met among all words of the model's lists; `None` where it is in none.
    fn frequency(&self, word: &str) -> Option<f32>;
}

/// Lines, and digits that stand alone.
pub struct Lines {
    pub line: LineNet,
    pub digits: DigitNet,
}

impl Recogniser for Lines {
    fn charset(&self, allowed: Option<&str>) -> Charset {
        self.line.charset(allowed)
    }

    /// A pattern has the line net alone.
    fn read(&mut self, crops: &[Crop], charset: &Charset, pattern: Option<&Pattern>) -> Result<Vec<Reading>, ModelError> {
        let mut readings = self.line.read(crops, charset, pattern)?;
        if pattern.is_none() {
            self.digits.settle(crops, &mut readings, charset)?;
        }
        Ok(readings)
    }

    fn weigh(
        &mut self,
        crops: &[Crop],
        readings: &mut [Reading],
        charset: &Charset,
        worth: &dyn Fn(usize, &str) -> f32,
    ) -> Result<(), ModelError> {
        for (i, reading) in readings.iter_mut().enumerate() {
            self.line.weigh(reading, &|text| worth(i, text));
        }
        self.digits.settle(crops, readings, charset)
    }

    fn glance(&mut self, crops: &[Crop]) -> Result<Vec<Reading>, ModelError> {
        self.line.glance(crops)
    }

    fn nbest(&self, frames: &[net::beam::Frame], n: usize) -> Vec<(String, f32)> {
        self.line.nbest(frames, n)
    }

    fn frequency(&self, word: &str) -> Option<f32> {
        self.line.frequency(word)
    }
}

/// A page net and its model.
pub struct PageModel {
    model: Model,
}

impl PageModel {
    /// # Errors
    /// Where the bytes are no model of pages.
    pub fn load(bytes: &[u8]) -> Result<Self, ModelError> {
        let model = Model::load(bytes)?;
        match model.metadata.get("task").map(String::as_str) {
            Some("page") => Ok(Self { model }),
            other => Err(ModelError(format!("this is a model of {}, not of pages", other.unwrap_or("something unstated")))),
        }
    }
}

impl PageNet for PageModel {
    fn label(&mut self, input: &Input) -> Result<Labels, String> {
        let size = Size { n: 1, h: input.height, w: input.width, c: heads::CHANNELS };
        let (logits, s) = self.model.run(&input.data, size).map_err(|e| e.to_string())?;
        if (s.h * heads::STRIDE, s.w * heads::STRIDE, s.c) != (input.height, input.width, heads::HEADS) {
            return Err(format!(
                "the page model gives {} x {} x {} values for {} x {}",
                s.h, s.w, s.c, input.height, input.width
            ));
        }
        Ok(Labels::from_logits(logits.to_vec(), s.w, s.h))
    }
}
