//! What a page says, in the shape that the JSON output has. Boxes are `[x, y, width, height]` in pixels of the decoded page.

use crate::surety::Evidence;
use page::tone::Tone;
use serde::Serialize;

pub type Bounds = [i32; 4];
/// Corners clockwise from the upper left of the text, in pixels of the decoded page.
pub type Polygon = [[i32; 2]; 4];

#[derive(Serialize, Debug, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Production {
    Handwritten,
    Printed,
}

/// What became of a word.
#[derive(Serialize, Debug, Clone, Copy, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Read,
    /// Read, but less sure than even.
    Doubtful,
    StruckOut,
    Suppressed,
}

#[derive(Serialize, Debug, Clone)]
pub struct Alternative {
    pub text: String,
    pub confidence: f32,
}

#[derive(Serialize, Debug, Clone)]
pub struct Character {
    pub text: String,
    pub confidence: f32,
    #[serde(rename = "box")]
    pub bounds: Bounds,
    pub polygon: Polygon,
    pub alternatives: Vec<Alternative>,
}

#[derive(Serialize, Debug, Clone)]
pub struct Word {
    pub text: String,
    /// Probability that all of it is right, 0..1; see `surety`.
    pub confidence: f32,
    #[serde(rename = "box")]
    pub bounds: Bounds,
    pub polygon: Polygon,
    pub production: Production,
    pub state: State,
    /// The next best readings, the most probable first.
    pub alternatives: Vec<Alternative>,
    /// Probability that a hand made it, 0..1.
    pub handwritten: f32,
    pub characters: Vec<Character>,
    /// What `handwritten` follows from; see `judge`.
    #[serde(skip)]
    pub witness: Witness,
    /// What its confidence and its being read out follow from; see `surety`.
    #[serde(skip)]
    pub evidence: Evidence,
}

/// What the nets say of who made a word: how sure the page net is that its core is written and that it is printed, the line net's share
/// of hand in its ink, and how many characters there are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Witness {
    pub hand: f32,
    pub print: f32,
    pub ink: f32,
    pub glyphs: f32,
    /// Mean likeness of its shapes to others of the page, 0..1; `None` where there is nothing to compare.
    pub twin: Option<f32>,
    /// What its ink looks like; `None` where there is hardly any.
    pub tone: Option<Tone>,
    /// What that says beside the other words of its page: see `tones`.
    pub vote: f32,
}

#[derive(Serialize, Debug, Clone)]
pub struct Line {
    pub text: String,
    /// Probability that the whole line is right, 0..1.
    pub confidence: f32,
    #[serde(rename = "box")]
    pub bounds: Bounds,
    pub polygon: Polygon,
    /// The line with another reading of one of its words, the most probable first.
    pub alternatives: Vec<Alternative>,
    pub words: Vec<Word>,
}

/// Why something was not read out.
#[derive(Serialize, Debug, Clone, Copy, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Made by a press or a printer.
    Printed,
    /// No writing: a rule, a blot, an empty box, a picture.
    Other,
    /// Reads as nothing in particular.
    Illegible,
    /// Written, and struck out by hand.
    StruckOut,
    /// Does not fit the pattern that was asked for.
    NoMatch,
}

#[derive(Serialize, Debug, Clone)]
pub struct Suppressed {
    #[serde(rename = "box")]
    pub bounds: Bounds,
    pub polygon: Polygon,
    pub production: Production,
    pub reason: Reason,
    pub state: State,
    pub text: String,
    pub confidence: f32,
    /// Probability that a hand made it, 0..1.
    pub handwritten: f32,
}

#[derive(Serialize, Debug, Clone)]
pub struct Page {
    pub width: usize,
    pub height: usize,
    /// Degrees clockwise that make the page upright.
    pub rotation: f32,
    pub lines: Vec<Line>,
    pub suppressed: Vec<Suppressed>,
}
