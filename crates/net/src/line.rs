//! The line recogniser: a model whose frames are characters (CTC) and who made them, and its decoding.

use crate::beam::{self, Frame};
use crate::model::{Model, ModelError, Size};
use crate::normalise::{self, Ink, LineContract, Window};
use crate::pattern::Pattern;
use serde::Deserialize;

/// Who made a mark: indices into a [`Kind`].
pub const HAND: usize = 0;
pub const PRINT: usize = 1;
pub const OTHER: usize = 2;
/// Written by hand and struck out again.
pub const STRUCK: usize = 3;
/// Probabilities of hand, print, other and struck out.
pub type Kind = [f32; 4];

/// Each crop is looked at with these shares of its height as air above and below, and the mean of the looks is read: within what a
/// line was trained with, how tall the writing stands in its rows decides close calls by chance.
const VIEWS: [f32; 2] = [0.03, 0.12];

/// Hypotheses that a search along a pattern keeps.
const BEAM: usize = 24;
/// Classes below these probabilities are left out of a frame: a pattern may ask for an improbable one, other readings may not.
const LEAST: f32 = 2e-3;
const LEAST_IN_PATTERN: f32 = 1e-6;

/// A character as it was read.
#[derive(Clone, Debug)]
pub struct Glyph {
    pub char: char,
    /// Probability of this character among the allowed ones, 0..1.
    pub confidence: f32,
    /// Left and right edge in columns of the crop.
    pub left: f32,
    pub right: f32,
    pub kind: Kind,
    /// First and last frame (exclusive), into the reading's frames.
    pub frames: (usize, usize),
    /// The next best characters with their probabilities.
    pub alternatives: Vec<(char, f32)>,
}

/// What a crop says.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub glyphs: Vec<Glyph>,
    /// Probability of the whole reading, 0..1: the product of its frames' best classes.
    pub confidence: f32,
    /// Who made the characters, whatever they are: means over all frames that hold one of the whole alphabet, so that a narrow
    /// charset does not hide print from the judge.
    pub kind: Kind,
    /// How many characters of the whole alphabet there are.
    pub characters: usize,
    /// False where nothing fits the pattern; the glyphs are then those read without it.
    pub fits: bool,
    /// The probable classes of each frame, for other readings.
    pub frames: Vec<Frame>,
}

impl Reading {
    pub fn text(&self) -> String {
        self.glyphs.iter().map(|g| g.char).collect()
    }
}

#[derive(Deserialize)]
struct Contract {
    height: usize,
    margin: usize,
    stretch: f32,
    frame: usize,
}

/// Characters that may be read.
#[derive(Clone, Debug)]
pub struct Charset(Vec<bool>);

pub struct LineNet {
    model: Model,
    alphabet: Vec<char>,
    contract: LineContract,
    frame: usize,
    kinds: usize,
    /// Divides the logits, so that confidences are true on held-out writers.
    temperature: f32,
}

/// Characters of `--charset numeric`.
pub const NUMERIC: &str = "0123456789.,-+/:=()%$€ ";

impl LineNet {
    pub fn load(bytes: &[u8]) -> Result<Self, ModelError> {
        let model = Model::load(bytes)?;
        let get = |key: &str| match model.metadata.get(key) {
            Some(v) => Ok(v.as_str()),
            None => Err(ModelError(format!("the line model says nothing of its {key}"))),
        };
        let c: Contract =
            serde_json::from_str(get("contract")?).map_err(|e| ModelError(format!("the model's input contract: {e}")))?;
        if c.frame == 0 || c.height <= 2 * c.margin || !(0.1..10.0).contains(&c.stretch) {
            return Err(ModelError("the model's input contract makes no sense".into()));
        }
        let kinds: Vec<String> =
            serde_json::from_str(get("kinds")?).map_err(|e| ModelError(format!("the model's kinds: {e}")))?;
        let alphabet = get("alphabet")?.chars().collect();
        let temperature = model.metadata.get("temperature").and_then(|t| t.parse().ok()).unwrap_or(1.0);
        let contract = LineContract { height: c.height, margin: c.margin, stretch: c.stretch };
        Ok(Self { model, alphabet, contract, frame: c.frame, kinds: kinds.len(), temperature })
    }

    /// All characters, or those of `allowed` that the model knows.
    pub fn charset(&self, allowed: Option<&str>) -> Charset {
        Charset(self.alphabet.iter().map(|&c| allowed.is_none_or(|a| a.contains(c))).collect())
    }

    /// The `n` most probable readings of some frames, with their probabilities.
    pub fn nbest(&self, frames: &[Frame], n: usize) -> Vec<(String, f32)> {
        let text = |t: Vec<u16>| t.iter().map(|&c| self.alphabet[c as usize - 1]).collect();
        beam::search(frames, 4 * n, n, &self.alphabet, None).into_iter().map(|(t, p)| (text(t), p)).collect()
    }

    /// Reads grey crops (dark on light), each `(pixels, width, height)`; crops of like width go through together.
    /// With a pattern each reads as the most probable text that fits.
    pub fn read(
        &mut self,
        crops: &[(Vec<u8>, usize, usize)],
        charset: &Charset,
        pattern: Option<&Pattern>,
    ) -> Result<Vec<Reading>, ModelError> {
        let inputs: Vec<(Vec<Ink>, f32, f32)> = crops
            .iter()
            .map(|(gray, w, h)| {
                let ink = normalise::ink(gray, *w, *h);
                let window = normalise::find_window(&ink);
                let aired = |air: f32| {
                    let air = air * (window.bottom - window.top);
                    Window { top: window.top - air, bottom: window.bottom + air, ..window }
                };
                let width = normalise::line_width(aired(VIEWS[0]), &self.contract);
                let views = VIEWS.iter().map(|&v| normalise::line_input_of(&ink, aired(v), &self.contract, width)).collect();
                let scale = (window.right - window.left) / (width - 4 * self.contract.margin) as f32;
                (views, window.left, scale)
            })
            .collect();
        let width_of = |i: usize| inputs[i].0[0].width;
        let mut order: Vec<usize> = (0..inputs.len()).collect();
        order.sort_by_key(|&i| (width_of(i), i));
        let mut out = vec![Reading::default(); inputs.len()];
        let mut x = Vec::new();
        for group in order.chunks(8) {
            let h = self.contract.height;
            // At least two frames: pooling must leave something.
            let width = group.iter().map(|&i| width_of(i)).max().unwrap_or(0).max(2 * self.frame);
            let width = width.div_ceil(self.frame) * self.frame;
            x.clear();
            x.resize(group.len() * VIEWS.len() * h * width, 0.0);
            for (n, ink) in group.iter().flat_map(|&i| &inputs[i].0).enumerate() {
                for y in 0..h {
                    x[(n * h + y) * width..][..ink.width].copy_from_slice(&ink.data[y * ink.width..(y + 1) * ink.width]);
                }
            }
            let (logits, s) = self.model.run(&x, Size { n: group.len() * VIEWS.len(), h, w: width, c: 1 })?;
            if s.h != 1 || s.c != 1 + self.alphabet.len() + self.kinds {
                return Err(ModelError(format!("the line model gives {} x {} values a frame", s.h, s.c)));
            }
            for (n, &i) in group.iter().enumerate() {
                let (_, left, scale) = &inputs[i];
                let frames = (width_of(i) / self.frame).clamp(1, s.w);
                // The mean of the views' logits.
                let mut rows = vec![0.0f32; frames * s.c];
                for v in 0..VIEWS.len() {
                    let from = &logits[(n * VIEWS.len() + v) * s.w * s.c..][..frames * s.c];
                    rows.iter_mut().zip(from).for_each(|(r, l)| *r += l / VIEWS.len() as f32);
                }
                let to_column = |frame: f32| left + (frame * self.frame as f32 - 2.0 * self.contract.margin as f32) * scale;
                out[i] = decode(&rows, s.c, &self.alphabet, charset, pattern, self.temperature, to_column);
            }
        }
        Ok(out)
    }
}

fn softmax(x: &[f32]) -> Vec<f32> {
    let max = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let e: Vec<f32> = x.iter().map(|v| (v - max).exp()).collect();
    let sum: f32 = e.iter().sum();
    e.iter().map(|v| v / sum).collect()
}

/// The most probable text (prefix beam search, Graves and Jaitly 2014) over the allowed characters: masked before the search, never
/// filtered after; along a pattern where there is one. The best path says where there is anything at all.
fn decode(
    rows: &[f32],
    row: usize,
    alphabet: &[char],
    charset: &Charset,
    pattern: Option<&Pattern>,
    temperature: f32,
    to_column: impl Fn(f32) -> f32,
) -> Reading {
    let k = alphabet.len() + 1;
    let mut reading = Reading { fits: true, ..Reading::default() };
    let least = if pattern.is_some() { LEAST_IN_PATTERN } else { LEAST };
    // The best path as classes and frames, and who made each frame.
    let mut path: Vec<(u16, usize, usize)> = Vec::new();
    let mut kinds: Vec<Kind> = Vec::new();
    let (mut last, mut last_any, mut held, mut log_sum) = (0, 0, 0.0f32, 0.0f64);
    for (t, frame) in rows.chunks_exact(row).enumerate() {
        let logits: Vec<f32> =
            (0..k).map(|c| if c == 0 || charset.0[c - 1] { frame[c] / temperature } else { f32::NEG_INFINITY }).collect();
        let p = softmax(&logits);
        let best = (1..k).fold(0, |b, c| if p[c] > p[b] { c } else { b });
        let any = (1..k).fold(0, |b, c| if frame[c] > frame[b] { c } else { b });
        let kind = softmax(&frame[k..]);
        let kind: Kind = core::array::from_fn(|i| kind.get(i).copied().unwrap_or(0.0));
        if any != 0 {
            held += 1.0;
            for (a, b) in reading.kind.iter_mut().zip(&kind) {
                *a += (b - *a) / held;
            }
            reading.characters += (any != last_any) as usize;
        }
        last_any = any;
        log_sum += (p[best].max(1e-9) as f64).ln();
        match path.last_mut() {
            Some(l) if best != 0 && best == last => l.2 = t + 1,
            _ if best != 0 => path.push((best as u16, t, t + 1)),
            _ => {}
        }
        last = best;
        kinds.push(kind);
        reading.frames.push((0..k).filter(|&c| p[c] >= least).map(|c| (c as u16, p[c])).collect());
    }
    reading.confidence = log_sum.exp() as f32;
    // Whatever is near a character, its second best class and the frames beside it, speaks for its being there at all.
    if !path.is_empty() || pattern.is_some() {
        match beam::search(&reading.frames, BEAM, 1, alphabet, pattern).pop() {
            Some((text, confidence)) => {
                let spans = beam::align(&reading.frames, &text);
                path = text.into_iter().zip(spans).map(|(c, (from, to))| (c, from, to)).collect();
                reading.confidence = confidence;
            }
            None => reading.fits = pattern.is_none(),
        }
    }
    for (class, from, to) in path {
        // The frame where the character is surest speaks for it.
        let sure = |t: usize| reading.frames[t].iter().find(|(c, _)| *c == class).map_or(0.0, |(_, p)| *p);
        let at = (from..to).max_by(|&a, &b| sure(a).total_cmp(&sure(b))).unwrap_or(from);
        let n = (to - from).max(1) as f32;
        let kind = core::array::from_fn(|i| (from..to).map(|t| kinds[t][i]).sum::<f32>() / n);
        reading.glyphs.push(Glyph {
            char: alphabet[class as usize - 1],
            confidence: sure(at),
            left: to_column(from as f32),
            right: to_column(to as f32),
            kind,
            frames: (from, to),
            alternatives: runners_up(&reading.frames[at], class, alphabet),
        });
    }
    // A frame is only the middle of a character: its edges are halfway to its neighbours.
    let glyphs = &mut reading.glyphs;
    for i in 1..glyphs.len() {
        let edge = (glyphs[i - 1].right + glyphs[i].left) / 2.0;
        glyphs[i - 1].right = edge;
        glyphs[i].left = edge;
    }
    if let Some(g) = glyphs.first_mut() {
        g.left = to_column(0.0);
    }
    if let Some(g) = glyphs.last_mut() {
        g.right = to_column(reading.frames.len() as f32);
    }
    reading
}

/// The two next best characters, blank left out, above one in a hundred.
fn runners_up(frame: &Frame, best: u16, alphabet: &[char]) -> Vec<(char, f32)> {
    let mut others: Vec<(u16, f32)> = frame.iter().copied().filter(|&(c, p)| c != 0 && c != best && p > 0.01).collect();
    others.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    others.truncate(2);
    others.iter().map(|&(c, p)| (alphabet[c as usize - 1], p)).collect()
}
