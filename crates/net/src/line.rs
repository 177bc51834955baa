//! The line recogniser: a model whose frames are characters (CTC) and who made them, and its decoding.

use crate::alphabet::Alphabet;
use crate::beam::{self, Frame};
use crate::lexicon;
use crate::looks;
use crate::model::{LineModel, Model, ModelError, Size};
use crate::normalise::{self, Ink, LineContract, Window};
use crate::pattern::Pattern;
use crate::prefixes::Prefixes;
use crate::softmax::{exp, softmax, sum};
use serde::Deserialize;

/// Who made a mark: indices into a [`Kind`].
pub const HAND: usize = 0;
pub const PRINT: usize = 1;
pub const OTHER: usize = 2;
/// Written by hand and struck out again.
pub const STRUCK: usize = 3;
/// Probabilities of hand, print, other and struck out.
pub type Kind = [f32; 4];

/// How a crop is laid into the net's rows.
struct Look {
    /// Empty rows above and below, in heights of the crop.
    air: f32,
    /// How wide, against what the contract says.
    stretch: f32,
    /// Columns a row that it is made to lean to the right.
    slant: f32,
    /// Power of its ink: below 1 pale strokes are darker, above 1 soft edges are paler.
    power: f32,
    /// By the second net, where there is one: see [`crate::second`].
    second: bool,
}

/// Each crop is looked at in these ways, and what both together hold the most probable is read: within what a line was trained with,
/// how tall and wide the writing stands decides close calls by chance. What is sure at the first look gets no second one.
const LOOKS: [Look; 2] = [
    Look { air: 0.0, stretch: 0.8, slant: 0.0, power: 1.0, second: false },
    Look { air: 0.08, stretch: 1.26, slant: 0.0, power: 1.0, second: true },
];
/// What the first look finds to be print this surely gets no second one either.
const PRINTED: f32 = 0.9;
/// What is not sure then is looked at in these ways too, letters as well as numbers: token F1 of 75 dev pages is 0.750 with numbers alone,
/// 0.752 with letters too, and 0.756 with other ink in two of the ways; on the check pages 0.606, 0.610 and 0.611. With three of the
/// five looks behind the first by a second net, check has 0.688 in place of 0.663 and 50 pages by others 0.496 in place of 0.489; with all
/// five by it 0.674 and 0.496.
const CLOSER: [Look; 4] = [
    Look { air: 0.04, stretch: 1.0, slant: -0.2, power: 1.0, second: true },
    Look { air: 0.04, stretch: 1.0, slant: 0.2, power: 1.0, second: false },
    Look { air: 0.0, stretch: 0.66, slant: 0.0, power: 0.6, second: false },
    Look { air: 0.12, stretch: 1.5, slant: 0.0, power: 1.5, second: true },
];
/// What is surer than this needs no further look, and what is not so surely written is not worth a closer one.
pub const SURE: f32 = 0.95;
const SURELY_WRITTEN: f32 = 0.75;
/// Characters of the longest line that gets one.
const LONGEST: usize = 60;

/// Crops that go through a net together, which shares what is loaded of its weights, and how much wider than the narrowest one the others may
/// be: what is filled up is computed in vain.
const BATCH: usize = 16;
const FILLED: f32 = 1.15;

/// Classes below these probabilities are left out of a frame: a pattern may ask for an improbable one, other readings may not.
const LEAST: f32 = 2e-3;
const LEAST_IN_PATTERN: f32 = 1e-6;

/// Most that a character may be sure of whose word holds ink that reads as characters which may not be.
const MASKED: f32 = 0.5;
/// A pattern does not fit ink of which it leaves out a character that is as sure as this, by itself or in a free reading that is, or
/// asks for one that is less probable than that.
const SURELY_THERE: f32 = 0.95;
const HARDLY_THERE: f32 = 0.05;

/// A picture of a line to read.
#[derive(Clone, Debug, Default)]
pub struct Crop {
    /// Dark ink on light paper, `[height][width]`.
    pub gray: Vec<u8>,
    pub width: usize,
    pub height: usize,
    /// Height of a digit of this hand in pixels; 0 where it is not known. Alone, a small letter, a dash or a point look like a capital, a
    /// rule or a blot where they fill the net's rows.
    pub digit: usize,
}

impl Crop {
    /// Its ink, 0..1.
    pub fn ink(&self) -> Ink {
        normalise::ink(&self.gray, self.width, self.height)
    }
}

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
    /// How probable a space is between it and the character before, 0..1, whether one is read or not.
    pub spaced: f32,
    /// The next best characters with their probabilities.
    pub alternatives: Vec<(char, f32)>,
    /// Most that the confidence may be: below 1 where ink of its word reads as characters that may not be.
    pub ceiling: f32,
}

/// What a crop says.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub glyphs: Vec<Glyph>,
    /// Probability of the whole reading, 0..1, over all looks; see [`looks::read`].
    pub confidence: f32,
    /// Who made the characters, whatever they are: means over all frames that hold one of the whole alphabet, so that a narrow
    /// charset does not hide print from the judge.
    pub kind: Kind,
    /// How many characters of the whole alphabet there are.
    pub characters: usize,
    /// False where nothing fits the pattern; the glyphs are then those read without it.
    pub fits: bool,
    /// What all looks show, for other readings and to weigh it anew.
    pub seen: Vec<Seen>,
}

impl Reading {
    pub fn text(&self) -> String {
        self.glyphs.iter().map(|g| g.char).collect()
    }

    /// The probable classes of each frame of the first look.
    pub fn frames(&self) -> &[Frame] {
        self.seen.first().map_or(&[], |s| &s.frames)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contract {
    height: usize,
    margin: usize,
    stretch: f32,
    frame: usize,
}

/// Characters that may be read.
#[derive(Clone, PartialEq, Debug)]
pub struct Charset {
    /// Of each of the alphabet.
    allowed: Vec<bool>,
    alphabet: Vec<char>,
}

impl Charset {
    /// All of an alphabet, or those of it that are in `allowed`.
    pub fn new(alphabet: Vec<char>, allowed: Option<&str>) -> Self {
        Self { allowed: alphabet.iter().map(|&c| allowed.is_none_or(|a| a.contains(c))).collect(), alphabet }
    }

    pub fn allows(&self, c: char) -> bool {
        self.alphabet.iter().zip(&self.allowed).any(|(&a, &allowed)| a == c && allowed)
    }
}

pub struct LineNet {
    model: Model,
    /// Another net of the same layers, where the file has one, for some of the looks.
    second: Option<Model>,
    alphabet: Alphabet,
    contract: LineContract,
    frame: usize,
    kinds: usize,
    calibration: Calibration,
    /// What glances showed since the last reading, which may ask for the same looks.
    glanced: Vec<Glance>,
}

/// What a net took in of a crop, and what it made of it: `[frames][classes]`.
type Glance = (Ink, Vec<f32>);

/// What makes the net's opinions hold outside of its training, from the model file.
#[derive(Clone, Copy)]
struct Calibration {
    /// Divides the logits of characters, so that confidences are true on held-out writers.
    temperature: f32,
    /// Added to the logit of print, which is rarer in training than on pages.
    print: f32,
    /// That a whole line is right; without it its confidence stands.
    line: Option<Surety>,
}

/// That a whole line is right, as a logistic function of its confidence p: weights of ln p and of ln(1 - p), which by themselves are beta
/// calibration (Kull, Silva Filho, Flach 2017), a constant, and weights of the logarithm of its number of characters and of its having
/// been looked at more closely.
type Surety = [f32; 5];

/// Characters of `--charset numeric`.
pub const NUMERIC: &str = "0123456789.,-+/:=()%$€ ";

impl LineNet {
    pub fn load(bytes: &[u8]) -> Result<Self, ModelError> {
        let LineModel { first: model, second, words } = Model::load_line(bytes)?;
        let words = words.map_or_else(|| Ok(String::new()), |w| lexicon::unpack(&w)).map_err(ModelError)?;
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
        let alphabet = Alphabet::new(get("alphabet")?.chars().collect(), words).map_err(ModelError)?;
        let calibration = Calibration {
            temperature: model.temperature()?,
            print: model.number("printBias", 0.0)?,
            line: model.metadata.get("lineConfidence").map(|text| numbers(text)).transpose()?,
        };
        let contract = LineContract { height: c.height, margin: c.margin, stretch: c.stretch };
        Ok(Self { model, second, alphabet, contract, frame: c.frame, kinds: kinds.len(), calibration, glanced: Vec::new() })
    }

    /// Probability, 0..1, that the whole text of a line that was cut out by others is right.
    pub fn surety(&self, reading: &Reading) -> f32 {
        match self.calibration.line {
            Some(weights) if !reading.glyphs.is_empty() => {
                let characters = reading.glyphs.iter().filter(|g| g.char != ' ').count();
                surety(reading.confidence, characters, reading.seen.len() > LOOKS.len(), weights)
            }
            _ => reading.confidence,
        }
    }

    /// All characters, or those of `allowed` that the model knows.
    pub fn charset(&self, allowed: Option<&str>) -> Charset {
        Charset::new(self.alphabet.to_vec(), allowed)
    }

    /// The `n` most probable readings of some frames, with their probabilities.
    pub fn nbest(&self, frames: &[Frame], n: usize) -> Vec<(String, f32)> {
        let text = |t: Vec<u16>| t.iter().map(|&c| self.alphabet[c as usize - 1]).collect();
        let mut prefixes = Prefixes::new(&self.alphabet, None);
        beam::search(frames, 4 * n, n, &mut prefixes).into_iter().map(|(t, p)| (text(t), p)).collect()
    }

    /// How often a word is met among all words of the lists; `None` where it is in none.
    pub fn frequency(&self, word: &str) -> Option<f32> {
        self.alphabet.frequency(word)
    }

    /// Reads crops; those of like width go through together.
    /// With a pattern each reads as the most probable text that fits.
    /// # Errors
    /// Where the model does not fit.
    pub fn read(&mut self, crops: &[Crop], charset: &Charset, pattern: Option<&Pattern>) -> Result<Vec<Reading>, ModelError> {
        let inks: Vec<(Ink, usize)> = crops.iter().map(|c| (c.ink(), c.digit)).collect();
        let all: Vec<usize> = (0..crops.len()).collect();
        let mut seen: Vec<Vec<Seen>> = crops.iter().map(|_| Vec::new()).collect();
        self.look(&inks, &all, &LOOKS[0], charset, pattern.is_some(), &mut seen)?;
        self.glanced.clear();
        let mut readings: Vec<Reading> = seen.iter().map(|looks| combine(looks, &self.alphabet, pattern, None)).collect();
        let is_unsure = |i: usize| seen[i][0].kind[PRINT] < PRINTED && readings[i].confidence < SURE;
        let others: Vec<usize> = all.iter().copied().filter(|&i| is_unsure(i)).collect();
        self.look(&inks, &others, &LOOKS[1], charset, pattern.is_some(), &mut seen)?;
        for i in others {
            readings[i] = combine(&seen[i], &self.alphabet, pattern, None);
        }
        let unsure: Vec<usize> = all.into_iter().filter(|&i| wants_closer_look(&readings[i])).collect();
        for look in &CLOSER {
            self.look(&inks, &unsure, look, charset, pattern.is_some(), &mut seen)?;
        }
        for i in unsure {
            readings[i] = combine(&seen[i], &self.alphabet, pattern, None);
        }
        readings.iter_mut().zip(seen).for_each(|(r, seen)| r.seen = seen);
        Ok(readings)
    }

    /// Weighs what the looks at a crop show anew, where more is known of its text: `worth` says what a text counts for beside its ink,
    /// as a logarithm.
    pub fn weigh(&self, reading: &mut Reading, worth: &dyn Fn(&str) -> f32) {
        let text = |t: &[u16]| t.iter().map(|&c| self.alphabet[c as usize - 1]).collect::<String>();
        let seen = core::mem::take(&mut reading.seen);
        if !seen.is_empty() {
            *reading = combine(&seen, &self.alphabet, None, Some(&|t| worth(&text(t)) as f64));
            reading.seen = seen;
        }
    }

    /// What the first look alone reads: to judge a page.
    /// # Errors
    /// Where the model does not fit.
    pub fn glance(&mut self, crops: &[Crop]) -> Result<Vec<Reading>, ModelError> {
        let inks: Vec<(Ink, usize)> = crops.iter().map(|c| (c.ink(), c.digit)).collect();
        let all: Vec<usize> = (0..crops.len()).collect();
        let mut seen: Vec<Vec<Seen>> = crops.iter().map(|_| Vec::new()).collect();
        let mut glances = self.look(&inks, &all, &LOOKS[0], &self.charset(None), false, &mut seen)?;
        self.glanced.append(&mut glances);
        Ok(seen.iter().map(|looks| combine(looks, &self.alphabet, None, None)).collect())
    }

    /// Adds to `seen` what one look at each of the `chosen` crops shows; `inks` are those of all crops, with the heights of their digits.
    /// Gives what the net took in and made of it.
    fn look(
        &mut self,
        inks: &[(Ink, usize)],
        chosen: &[usize],
        look: &Look,
        charset: &Charset,
        has_pattern: bool,
        seen: &mut [Vec<Seen>],
    ) -> Result<Vec<Glance>, ModelError> {
        let contract = LineContract { stretch: self.contract.stretch * look.stretch, ..self.contract };
        // Each input, with the columns of the crop where it begins and ends.
        let inputs: Vec<(Ink, f32, f32)> = chosen
            .iter()
            .map(|&i| {
                let (ink, more) = normalise::slanted(&inks[i].0, look.slant);
                let w = normalise::find_window(&ink).at_least(normalise::LOWEST * inks[i].1 as f32);
                let air = look.air * (w.bottom - w.top);
                let window = Window { top: w.top - air, bottom: w.bottom + air, ..w };
                let mut input = normalise::line_input(&ink, window, &contract);
                if look.power != 1.0 {
                    input.data.iter_mut().for_each(|v| *v = v.powf(look.power));
                }
                (input, w.left - more as f32, w.right - more as f32)
            })
            .collect();
        let known = if look.second { &[][..] } else { &self.glanced[..] };
        let mut rows: Vec<Vec<f32>> = vec![Vec::new(); inputs.len()];
        let mut order: Vec<usize> = Vec::new();
        for (i, input) in inputs.iter().enumerate() {
            match known.iter().find(|g| g.0 == input.0) {
                Some(glance) => rows[i].clone_from(&glance.1),
                None => order.push(i),
            }
        }
        let (h, classes) = (self.contract.height, 1 + self.alphabet.len() + self.kinds);
        let width_of = |i: usize| inputs[i].0.width;
        order.sort_by_key(|&i| (width_of(i), i));
        let mut x = Vec::new();
        for group in batches(&order, width_of) {
            // At least two frames: pooling must leave something.
            let width = group.iter().map(|&i| width_of(i)).max().unwrap_or(0).max(2 * self.frame);
            let width = width.div_ceil(self.frame) * self.frame;
            x.clear();
            x.resize(group.len() * h * width, 0.0);
            for (n, &i) in group.iter().enumerate() {
                let ink = &inputs[i].0;
                for y in 0..h {
                    x[(n * h + y) * width..][..ink.width].copy_from_slice(&ink.data[y * ink.width..(y + 1) * ink.width]);
                }
            }
            let columns: Vec<usize> = group.iter().map(|&i| width_of(i)).collect();
            let net = self.second.as_mut().filter(|_| look.second).unwrap_or(&mut self.model);
            let (logits, s) = net.run_lines(&x, Size { n: group.len(), h, w: width, c: 1 }, Some(&columns))?;
            if s.h != 1 || s.c != classes {
                return Err(ModelError(format!("the line model gives {} x {} values a frame", s.h, s.c)));
            }
            for (n, &i) in group.iter().enumerate() {
                let frames = (width_of(i) / self.frame).clamp(1, s.w);
                rows[i] = logits[n * s.w * s.c..][..frames * s.c].to_vec();
            }
        }
        for ((&i, (ink, left, right)), rows) in chosen.iter().zip(&inputs).zip(&rows) {
            let margin = 2 * contract.margin;
            let scale = (right - left) / (ink.width - 2 * margin) as f32;
            let mut one = see(rows, classes, &self.alphabet, charset, has_pattern, self.calibration);
            one.left = left - margin as f32 * scale;
            one.step = self.frame as f32 * scale;
            one.upright = look.slant == 0.0;
            seen[i].push(one);
        }
        Ok(inputs.into_iter().map(|i| i.0).zip(rows).collect())
    }
}

/// Crops by their widths, the narrowest first, in batches of like width.
fn batches(mut order: &[usize], width_of: impl Fn(usize) -> usize) -> Vec<&[usize]> {
    let mut all = Vec::new();
    while let Some(&first) = order.first() {
        let widest = (width_of(first) as f32 * FILLED) as usize;
        let n = order.iter().take(BATCH).take_while(|&&i| width_of(i) <= widest).count();
        let (batch, rest) = order.split_at(n);
        all.push(batch);
        order = rest;
    }
    all
}

/// Whether a closer look is worth its time: written, not too long, and not sure.
fn wants_closer_look(r: &Reading) -> bool {
    let characters = r.glyphs.iter().filter(|g| g.char != ' ').count();
    let hand = r.kind[HAND] + r.kind[STRUCK];
    (1..=LONGEST).contains(&characters) && r.confidence < SURE && hand > SURELY_WRITTEN
}

/// A character of the whole alphabet on the best path: what the ink says where nothing is masked.
#[derive(Clone, Debug)]
struct Mark {
    char: char,
    allowed: bool,
    /// Highest probability of its frames.
    confidence: f32,
    /// First and last frame (exclusive).
    frames: (usize, usize),
    /// Whether it is no writing but a rule, a wall or a blot: that may be left out.
    other: bool,
}

/// What one look at a crop shows.
#[derive(Clone, Debug)]
pub struct Seen {
    frames: Vec<Frame>,
    /// Who made each frame; print that is made to lean looks written.
    kinds: Vec<Kind>,
    upright: bool,
    /// Whether the best path holds an allowed character, and the logarithm of the probability that there is none.
    marked: bool,
    empty: f32,
    /// Mean kind of the frames that hold a character of the whole alphabet, and how many frames.
    kind: Kind,
    held: f32,
    marks: Vec<Mark>,
    /// Column of the crop where the first frame begins, and columns to a frame.
    left: f32,
    step: f32,
}

impl Seen {
    fn column(&self, frame: usize) -> f32 {
        self.left + frame as f32 * self.step
    }
}

/// Probabilities of the allowed characters, masked before any search, never filtered after.
fn see(rows: &[f32], row: usize, alphabet: &[char], charset: &Charset, has_pattern: bool, calibration: Calibration) -> Seen {
    let k = alphabet.len() + 1;
    let least = if has_pattern { LEAST_IN_PATTERN } else { LEAST };
    let mut seen = Seen {
        frames: Vec::new(),
        kinds: Vec::new(),
        upright: true,
        marked: false,
        empty: 0.0,
        kind: Kind::default(),
        held: 0.0,
        marks: Vec::new(),
        left: 0.0,
        step: 1.0,
    };
    let (mut last_any, mut p) = (0, Vec::new());
    for (t, frame) in rows.chunks_exact(row).enumerate() {
        p.clear();
        p.extend((0..k).map(|c| {
            if c == 0 || charset.allowed[c - 1] {
                frame[c] / calibration.temperature
            } else {
                f32::NEG_INFINITY
            }
        }));
        softmax(&mut p);
        let best = (1..k).fold(0, |b, c| if p[c] > p[b] { c } else { b });
        let any = (1..k).fold(0, |b, c| if frame[c] > frame[b] { c } else { b });
        let mut kind = frame[k..].to_vec();
        kind[PRINT.min(row - k - 1)] += calibration.print;
        softmax(&mut kind);
        let kind: Kind = core::array::from_fn(|i| kind.get(i).copied().unwrap_or(0.0));
        if any != 0 {
            seen.held += 1.0;
            for (a, b) in seen.kind.iter_mut().zip(&kind) {
                *a += (b - *a) / seen.held;
            }
            let sum = sum(&frame[..k], |v| exp((v - frame[any]) / calibration.temperature));
            let other = kind[OTHER] > 0.5;
            match seen.marks.last_mut().filter(|_| any == last_any) {
                Some(mark) => {
                    mark.confidence = mark.confidence.max(1.0 / sum);
                    mark.frames.1 = t + 1;
                    mark.other &= other;
                }
                None => seen.marks.push(Mark {
                    char: alphabet[any - 1],
                    allowed: charset.allowed[any - 1],
                    confidence: 1.0 / sum,
                    frames: (t, t + 1),
                    other,
                }),
            }
        }
        last_any = any;
        seen.marked |= best != 0;
        seen.empty += p[0].max(1e-9).ln();
        seen.kinds.push(kind);
        seen.frames.push((0..k).filter(|&c| p[c] >= least).map(|c| (c as u16, p[c])).collect());
    }
    seen
}

/// See [`Calibration::line`].
fn surety(confidence: f32, characters: usize, closely: bool, [sure, unsure, bias, length, closer]: Surety) -> f32 {
    let p = confidence.clamp(1e-4, 1.0 - 1e-4);
    let more = length * (characters.max(1) as f32).ln() + closer * closely as u8 as f32;
    1.0 / (1.0 + (-(sure * p.ln() + unsure * (1.0 - p).ln() + bias + more)).exp())
}

/// Five numbers with commas between them.
fn numbers(text: &str) -> Result<Surety, ModelError> {
    let all: Option<Vec<f32>> = text.split(',').map(|n| n.trim().parse().ok().filter(|n: &f32| n.is_finite())).collect();
    let five = all.and_then(|n| n.try_into().ok());
    five.ok_or_else(|| ModelError(format!("lineConfidence wants five numbers with commas between them: {text}")))
}

/// The most probable text over all looks; along a pattern where there is one. The best paths say where there is anything at all.
fn combine(seen: &[Seen], alphabet: &Alphabet, pattern: Option<&Pattern>, worth: Option<looks::Worth>) -> Reading {
    let n = seen.len() as f32;
    let mut reading = Reading { fits: true, ..Reading::default() };
    let upright = || seen.iter().filter(|s| s.upright);
    let held: f32 = upright().map(|s| s.held).sum();
    for s in upright() {
        (0..4).for_each(|k| reading.kind[k] += s.kind[k] * s.held / held.max(1.0));
        reading.characters = reading.characters.max(s.marks.len());
    }
    if pattern.is_none() && !seen.iter().any(|s| s.marked) {
        reading.confidence = seen.iter().map(|s| s.empty / n).sum::<f32>().exp();
        return reading;
    }
    let frames: Vec<&[Frame]> = seen.iter().map(|s| &s.frames[..]).collect();
    let found = looks::read(&frames, alphabet, pattern, worth);
    reading.fits = found.is_some() || pattern.is_none();
    let free = || looks::read(&frames, alphabet, None, worth);
    let Some((text, confidence)) = found.or_else(free) else { return reading };
    set_text(&mut reading, seen, alphabet, &text, confidence);
    if pattern.is_some() && reading.fits {
        // What is read freely shows what the pattern leaves out, also where no single frame is sure of it.
        let mut other = Reading::default();
        if let Some((text, confidence)) = free() {
            set_text(&mut other, seen, alphabet, &text, confidence);
        }
        let inked = |r: &Reading| r.glyphs.iter().filter(|g| g.char != ' ').map(|g| g.frames).collect::<Vec<_>>();
        let (ours, theirs) = (inked(&reading), inked(&other));
        let left_out = theirs.iter().any(|&a| !ours.iter().any(|&b| overlap(a, b)));
        if !explains(&reading.glyphs, &seen[0].marks) || (other.confidence >= SURELY_THERE && left_out) {
            reading = Reading { fits: false, glyphs: other.glyphs, confidence: other.confidence, ..reading };
        }
    }
    limit(&mut reading, &seen[0].marks);
    reading
}

/// Whether a text that fits a pattern says what the ink says: it leaves out no sure character, and adds none.
fn explains(glyphs: &[Glyph], marks: &[Mark]) -> bool {
    let written = |m: &&Mark| m.char != ' ' && !m.other && m.confidence >= SURELY_THERE;
    let read = || glyphs.iter().filter(|g| g.char != ' ');
    read().all(|g| g.confidence >= HARDLY_THERE)
        && marks.iter().filter(written).all(|m| read().any(|g| overlap(g.frames, m.frames)))
}

fn overlap(a: (usize, usize), b: (usize, usize)) -> bool {
    a.0 < b.1 && b.0 < a.1
}

/// What masked characters took is not free: a word is less sure by what the ink holds of them, and doubtful at best.
fn limit(reading: &mut Reading, marks: &[Mark]) {
    let mut least: f32 = 1.0;
    for word in marks.split(|m| m.char == ' ').filter(|w| !w.is_empty()) {
        let masked = word.iter().filter(|m| !m.allowed && !m.other).map(|m| m.confidence).fold(0.0, f32::max);
        if masked == 0.0 {
            continue;
        }
        let ceiling = (1.0 - masked).min(MASKED);
        let frames = (word[0].frames.0, word[word.len() - 1].frames.1);
        for glyph in reading.glyphs.iter_mut().filter(|g| overlap(g.frames, frames)) {
            glyph.ceiling = ceiling;
            glyph.confidence = glyph.confidence.min(ceiling);
            least = least.min(ceiling);
        }
    }
    reading.confidence = reading.confidence.min(least);
}

/// Makes `text` what is read: its characters with their places, and what else they may be.
fn set_text(reading: &mut Reading, seen: &[Seen], alphabet: &Alphabet, text: &[u16], confidence: f32) {
    let n = seen.len() as f32;
    let upright = || seen.iter().filter(|s| s.upright);
    let space = alphabet.iter().position(|&c| c == ' ').map(|i| i as u16 + 1);
    reading.glyphs.clear();
    reading.confidence = confidence;
    let spans: Vec<Vec<(usize, usize)>> = seen.iter().map(|s| beam::align(&s.frames, text)).collect();
    for (i, &class) in text.iter().enumerate() {
        let mut glyph = Glyph {
            char: alphabet[class as usize - 1],
            confidence: 0.0,
            left: 0.0,
            right: 0.0,
            kind: Kind::default(),
            frames: spans[0][i],
            spaced: 0.0,
            alternatives: Vec::new(),
            ceiling: 1.0,
        };
        let before = (0..i).rev().find(|&k| Some(text[k]) != space);
        for (s, spans) in seen.iter().zip(&spans) {
            let (from, to) = spans[i];
            // The frame where the character is surest speaks for it.
            let sure = |t: usize| probability_of(&s.frames[t], class);
            let at = (from..to).max_by(|&a, &b| sure(a).total_cmp(&sure(b))).unwrap_or(from);
            glyph.confidence += sure(at) / n;
            if let Some((before, space)) = before.zip(space) {
                let probable = s.frames[spans[before].0..to].iter().map(|f| probability_of(f, space));
                glyph.spaced += probable.fold(0.0, f32::max) / n;
            }
            glyph.left += s.column(from) / n;
            glyph.right += s.column(to) / n;
            let share = upright().count() as f32 * (to - from).max(1) as f32;
            s.kinds[from..to].iter().filter(|_| s.upright).for_each(|kind| (0..4).for_each(|k| glyph.kind[k] += kind[k] / share));
            if glyph.alternatives.is_empty() {
                glyph.alternatives = runners_up(&s.frames[at], class, alphabet);
            }
        }
        reading.glyphs.push(glyph);
    }
    // A frame is only the middle of a character: its edges are halfway to its neighbours.
    let glyphs = &mut reading.glyphs;
    for i in 1..glyphs.len() {
        let edge = (glyphs[i - 1].right + glyphs[i].left) / 2.0;
        glyphs[i - 1].right = edge;
        glyphs[i].left = edge;
    }
    if let Some(g) = glyphs.first_mut() {
        g.left = seen[0].column(0);
    }
    if let Some(g) = glyphs.last_mut() {
        g.right = seen[0].column(seen[0].frames.len());
    }
}

fn probability_of(frame: &Frame, class: u16) -> f32 {
    frame.iter().find(|(c, _)| *c == class).map_or(0.0, |(_, p)| *p)
}

/// The two next best characters, blank left out, above one in a hundred.
fn runners_up(frame: &Frame, best: u16, alphabet: &[char]) -> Vec<(char, f32)> {
    let mut others: Vec<(u16, f32)> = frame.iter().copied().filter(|&(c, p)| c != 0 && c != best && p > 0.01).collect();
    others.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    others.truncate(2);
    others.iter().map(|&(c, p)| (alphabet[c as usize - 1], p)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyph(char: char, frame: usize, confidence: f32) -> Glyph {
        let kind = Kind::default();
        Glyph {
            char,
            confidence,
            left: 0.0,
            right: 1.0,
            kind,
            frames: (frame, frame + 1),
            spaced: 0.0,
            alternatives: Vec::new(),
            ceiling: 1.0,
        }
    }

    #[test]
    fn a_line_is_as_sure_as_its_calibration_says() {
        for p in [0.01, 0.4, 0.97] {
            assert!((surety(p, 7, true, [1.0, -1.0, 0.0, 0.0, 0.0]) - p).abs() < 1e-4);
        }
        let five = numbers("0.5, -0.9,0.2,-0.1,-0.3").expect("five numbers");
        let short = |p: f32| surety(p, 1, false, five);
        assert!(short(0.01) > 0.05 && short(0.999) < 0.999);
        assert!(short(0.0) < short(0.5) && short(0.5) < short(1.0));
        assert!(surety(0.5, 30, false, five) < short(0.5) && surety(0.5, 1, true, five) < short(0.5));
        for wrong in ["0.5,-0.9,0.1", "a,b,c,d,e", ""] {
            assert!(numbers(wrong).is_err(), "{wrong}");
        }
    }

    /// `text` with a frame a character; only digits and spaces are allowed.
    fn marks(text: &str, confidence: f32) -> Vec<Mark> {
        let mark = |(i, char): (usize, char)| Mark {
            char,
            allowed: char.is_ascii_digit() || char == ' ',
            confidence,
            frames: (i, i + 1),
            other: false,
        };
        text.chars().enumerate().map(mark).collect()
    }

    #[test]
    fn a_word_with_masked_ink_is_doubtful_at_best() {
        // The ink says "12.5 70", of which digits alone may be read.
        let read: Vec<Glyph> = [(0, '1'), (1, '2'), (3, '5'), (5, '7'), (6, '0')].map(|(i, c)| glyph(c, i, 0.99)).to_vec();
        let mut reading = Reading { glyphs: read, confidence: 0.95, ..Reading::default() };
        limit(&mut reading, &marks("12.5 70", 0.9));
        let confidences: Vec<f32> = reading.glyphs.iter().map(|g| (g.confidence * 100.0).round()).collect();
        assert_eq!(confidences, [10.0, 10.0, 10.0, 99.0, 99.0]);
        assert!(reading.confidence < 0.11);
        // What is no writing may be left out: walls of a comb read as upright strokes.
        let mut walls = marks("1|2", 0.9);
        walls[1].other = true;
        let mut reading =
            Reading { glyphs: vec![glyph('1', 0, 0.99), glyph('2', 2, 0.99)], confidence: 0.95, ..Reading::default() };
        limit(&mut reading, &walls);
        assert!(reading.glyphs.iter().all(|g| g.confidence > 0.9));
    }

    #[test]
    fn a_pattern_fits_what_explains_the_ink() {
        let read = |at: &[usize], confidence: f32| at.iter().map(|&i| glyph('1', i, confidence)).collect::<Vec<_>>();
        assert!(explains(&read(&[0, 1, 2], 0.9), &marks("123", 0.99)));
        // A sure character is left out; one that is not sure may be.
        assert!(!explains(&read(&[0, 2], 0.9), &marks("1.3", 0.99)));
        assert!(explains(&read(&[0, 2], 0.9), &marks("1.3", 0.9)));
        // A character that is hardly there.
        assert!(!explains(&read(&[0, 1, 2], 0.01), &marks("12", 0.99)));
    }
}
