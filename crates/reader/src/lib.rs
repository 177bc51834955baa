//! The way of a page: prepare, turn, analyse, crop, read, tell hand from print, put in order.

mod expressions;
mod fields;
mod judge;
mod place;
pub mod result;
mod spacing;

use net::digits::DigitNet;
use net::line::{Charset, Glance, Kind, LineNet, Reading, HAND, OTHER, PRINT, STRUCK};
use net::model::ModelError;
use net::pattern::Pattern;
use page::crop::crop;
use page::ink::Mask;
use page::lines::Segment;
use page::raster::{Gray, Rect};
use page::Analysis;
use place::Place;
use result::{Alternative, Character, Line, Page, Production, Reason, State, Suppressed, Word};
use serde::Deserialize;

/// What becomes of print.
#[derive(Deserialize, Clone, Copy, PartialEq, Debug, Default)]
#[serde(rename_all = "lowercase")]
pub enum Printed {
    /// Left out of the lines, kept in `suppressed`.
    #[default]
    Drop,
    /// Among the lines, with its production said.
    Mark,
    /// Among the lines like handwriting.
    Keep,
}

#[derive(Deserialize, Clone, Debug, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Characters that may be read; absent for all that the model knows.
    pub allowed: Option<String>,
    pub printed: Printed,
    /// A regular expression that every word must match; see `net::pattern`.
    pub pattern: Option<String>,
}

/// How upright a page reads, 0..1, above which it lies right, and above which it lies right or upside down: what lies on its side
/// stays below that.
const SURE: f32 = 0.8;
const LEVEL: f32 = 0.5;
/// Another turn must be better than the page as it lies by this factor: most pages lie right.
const BETTER: f32 = 1.12;
/// What a printed character counts beside a written one when a turn is judged.
const PRINT_WITNESS: f32 = 0.3;
/// Characters that every turn is thought to have that do not read: one fine bracket among strokes that say nothing is no page.
const DOUBT: f32 = 2.0;
/// Segments read to judge a turn, and characters of each that count: one long line shall not speak for the page.
const PROBES: usize = 24;
const HEARD: f32 = 4.0;
/// Segments whose gap is below this many heights make one written line.
const LINE_REACH: f32 = 9.0;

pub type Crop = (Vec<u8>, usize, usize);

/// What reads: lines, and digits that stand alone.
pub struct Nets {
    pub line: LineNet,
    pub digits: DigitNet,
}

impl Nets {
    /// Reads crops, from `glances` at them where there are any; a pattern has the line net alone.
    /// # Errors
    /// Where a model does not fit.
    pub fn read(
        &mut self,
        crops: &[Crop],
        glances: Vec<Option<Glance>>,
        charset: &Charset,
        pattern: Option<&Pattern>,
    ) -> Result<Vec<Reading>, ModelError> {
        let mut readings = self.line.read(crops, glances, charset, pattern)?;
        if pattern.is_none() {
            self.digits.settle(crops, &mut readings, charset)?;
        }
        Ok(readings)
    }
}

/// A segment with its picture and what was read in it.
struct Read {
    rect: Rect,
    crop: Rect,
    glyph: usize,
    comb: bool,
    reading: Reading,
}

/// Reads a page of interleaved pixels with 1, 3 or 4 channels. `enter` hears of each stage as it begins: whoever has a clock can time
/// them, and whoever sees a fault can say where it was.
/// # Errors
/// Where the model does not fit; a page without writing is no error.
pub fn read_page(
    nets: &mut Nets,
    pixels: &[u8],
    width: usize,
    height: usize,
    channels: usize,
    o: &Options,
    enter: &mut dyn FnMut(&'static str),
) -> Result<Page, ModelError> {
    enter("prepare");
    let gray = Gray::from_pixels(pixels, width, height, channels);
    let (prepared, shrink) = page::prepare(&gray);
    drop(gray);
    enter("analyse");
    let charset = nets.line.charset(o.allowed.as_deref().map(|a| format!("{a} ")).as_deref());
    // Turns are judged by the whole alphabet: words upside down make fine digits.
    let whole = nets.line.charset(None);
    let (analysis, mut glances) = upright(&mut nets.line, &prepared, shrink, &whole)?;
    enter("read");
    let place = Place::new(&analysis, width, height);
    let pattern = o.pattern.as_deref().map(Pattern::new).transpose().map_err(ModelError)?;
    if charset != whole || pattern.is_some() {
        glances.clear();
    }
    let read = read_segments(nets, &analysis, glances, &charset, pattern.as_ref())?;
    enter("assemble");
    let mut page = Page { width, height, rotation: place.rotation(), lines: Vec::new(), suppressed: Vec::new() };
    assemble(&nets.line, read, o, &analysis, &place, &mut page);
    Ok(page)
}

/// All stages before reading, on a page as it lies: for `--dump-stages`.
pub fn stages(pixels: &[u8], width: usize, height: usize, channels: usize) -> Analysis {
    let (prepared, shrink) = page::prepare(&Gray::from_pixels(pixels, width, height, channels));
    page::analyse(&prepared, shrink, 0)
}

/// Grey pixels, width and height of each segment.
pub fn segment_crops(a: &Analysis) -> Vec<Crop> {
    a.segments.iter().map(|s| crop_of(a, s, &a.lifted).0).collect()
}

/// A segment's picture without the `lifted` pixels, and its place.
fn crop_of(a: &Analysis, s: &Segment, lifted: &Mask) -> (Crop, Rect) {
    let (gray, rect) = crop(&a.even, &a.labels, &lifted.data, s);
    ((gray.data, gray.width, gray.height), rect)
}

/// Whether a rule that lies was lifted from under or behind what is written there.
fn is_ruled(a: &Analysis, r: &Rect) -> bool {
    let lying = |i: usize| a.lifted.data[i] != 0 && a.uprights.data[i] == 0;
    let row = |y: usize| y * a.even.width + r.left..y * a.even.width + r.right;
    (r.top..r.bottom).flat_map(row).filter(|&i| lying(i)).count() >= r.width() / 4
}

/// How upright a page reads in a turn.
struct Upright {
    /// Cubes of the characters' confidences, and how many characters.
    sum: f32,
    characters: f32,
}

impl Upright {
    /// 0..1.
    fn mean(&self) -> f32 {
        self.sum / self.characters.max(1e-6)
    }

    /// The mean, less where there is little to judge by: to compare turns.
    fn weighed(&self) -> f32 {
        self.sum / (self.characters + DOUBT)
    }
}

/// How upright the longest segments read, turned by 0 or 180 degrees. It is the mean cube of the characters'
/// confidences: a page on its side has many characters that are half sure, but hardly one that is sure. With it come the glances,
/// of each segment that was looked at.
fn probe(
    net: &mut LineNet,
    a: &Analysis,
    charset: &Charset,
    half_turn: bool,
) -> Result<(Upright, Vec<Option<Glance>>), ModelError> {
    let mut order: Vec<usize> = (0..a.segments.len()).collect();
    let size = |r: &Rect| core::cmp::Reverse(r.width() * r.height());
    order.sort_by_key(|&i| (size(&a.segments[i].rect), a.segments[i].rect.top, a.segments[i].rect.left));
    order.truncate(PROBES);
    let crops: Vec<Crop> = order
        .iter()
        .map(|&i| {
            let (mut c, _) = crop_of(a, &a.segments[i], &a.lifted);
            if half_turn {
                c.0.reverse();
            }
            c
        })
        .collect();
    let (readings, seen): (Vec<Reading>, Vec<Glance>) = net.glance(&crops, charset)?.into_iter().unzip();
    let (mut sum, mut n) = (0.0, 0.0f32);
    for (g, heard) in readings.iter().flat_map(|r| {
        let characters = r.glyphs.iter().filter(|g| g.char != ' ').count() as f32;
        r.glyphs.iter().map(move |g| (g, (HEARD / characters).min(1.0)))
    }) {
        // What is neither hand nor print is no witness. Strokes that look like a character from every side are weak ones.
        let weight = match g.char {
            ' ' => continue,
            '-' | '=' | '_' | '.' | ',' | '|' | '/' | '\'' | ':' => 0.1,
            '1' | 'l' | 'I' => 0.2,
            '0' | '8' | 'x' | 'X' | 'o' | 'O' => 0.5,
            _ => 1.0,
        };
        // Handwriting decides: a form may have print up its margins.
        let share = g.kind[HAND] + g.kind[STRUCK] + PRINT_WITNESS * g.kind[PRINT];
        sum += g.confidence.powi(3) * weight * share * heard;
        n += (share + g.kind[OTHER]) * heard;
    }
    let mut glances: Vec<Option<Glance>> = a.segments.iter().map(|_| None).collect();
    order.into_iter().zip(seen).for_each(|(i, glance)| glances[i] = Some(glance));
    Ok((Upright { sum, characters: n }, glances))
}

/// The page analysed in the turn in which it reads best, and the glances at its segments that this took.
fn upright(
    net: &mut LineNet,
    prepared: &Gray,
    shrink: usize,
    charset: &Charset,
) -> Result<(Analysis, Vec<Option<Glance>>), ModelError> {
    let level = page::analyse(prepared, shrink, 0);
    let (as_is, glances) = probe(net, &level, charset, false)?;
    if as_is.mean() >= SURE || level.segments.is_empty() {
        return Ok((level, glances));
    }
    let turned = |quarters| (page::analyse(prepared, shrink, quarters), Vec::new());
    let (half, _) = probe(net, &level, charset, true)?;
    let needed = as_is.weighed() * BETTER;
    if half.mean().max(as_is.mean()) >= LEVEL {
        return Ok(if half.weighed() < needed { (level, glances) } else { turned(2) });
    }
    let side = page::analyse(prepared, shrink, 1);
    let (right, side_glances) = probe(net, &side, charset, false)?;
    let (left, _) = probe(net, &side, charset, true)?;
    let [half, right, left] = [half, right, left].map(|u| u.weighed());
    let best = half.max(right).max(left);
    Ok(if best < needed {
        (level, glances)
    } else if best == half {
        turned(2)
    } else if best == right {
        (side, side_glances)
    } else {
        turned(3)
    })
}

fn read_segments(
    nets: &mut Nets,
    a: &Analysis,
    glances: Vec<Option<Glance>>,
    charset: &Charset,
    pattern: Option<&Pattern>,
) -> Result<Vec<Read>, ModelError> {
    let (crops, rects): (Vec<Crop>, Vec<Rect>) = a.segments.iter().map(|s| crop_of(a, s, &a.lifted)).unzip();
    let mut readings = nets.read(&crops, glances, charset, pattern)?;
    // A rule that lies takes strokes along with it: with it left in, unsure readings may be better.
    let unsure = |s: &Segment, r: &Reading| r.confidence < net::line::SURE && !s.comb && is_ruled(a, &s.rect);
    let cut: Vec<usize> = (0..crops.len()).filter(|&i| unsure(&a.segments[i], &readings[i])).collect();
    let ruled: Vec<Crop> = cut.iter().map(|&i| crop_of(a, &a.segments[i], &a.uprights).0).collect();
    let others = nets.read(&ruled, Vec::new(), charset, pattern)?;
    for (i, other) in cut.into_iter().zip(others) {
        if other.confidence > readings[i].confidence {
            readings[i] = other;
        }
    }
    Ok(a.segments
        .iter()
        .zip(rects)
        .zip(readings)
        .zip(&crops)
        .map(|(((s, crop), mut reading), picture)| {
            // A pattern says itself where its spaces are.
            if s.comb {
                reading.glyphs.retain(|g| g.char != ' ');
            } else if pattern.is_none() {
                spacing::set_spaces(&mut reading, (&picture.0, picture.1), s.glyph);
            }
            Read { rect: s.rect, crop, glyph: s.glyph, comb: s.comb, reading }
        })
        .collect())
}

/// A word on the page before it becomes output.
struct Draft {
    word: Word,
    rect: Rect,
    kind: Kind,
    glyphs: f32,
}

impl Draft {
    fn has_letters(&self) -> bool {
        self.word.text.chars().any(char::is_alphabetic)
    }
}

/// Probability that a hand made it rather than a press: what is struck out was written.
fn share_of_hand(kind: &Kind) -> f32 {
    let hand = kind[HAND] + kind[STRUCK];
    hand / (hand + kind[PRINT]).max(1e-6)
}

/// Mean kinds of some glyphs, each weighed by `weight`.
fn mean_kind(parts: impl Iterator<Item = (Kind, f32)>) -> Kind {
    let (mut sum, mut n) = (Kind::default(), 1e-6);
    for (kind, weight) in parts {
        n += weight;
        (0..4).for_each(|k| sum[k] += kind[k] * weight);
    }
    sum.map(|v| v / n)
}

/// Glyphs between spaces, as words with places and kinds.
fn words(net: &LineNet, read: &Read, place: &Place) -> Vec<Draft> {
    read.reading
        .glyphs
        .split(|g| g.char == ' ')
        .map(without_leader)
        .filter(|w| !w.is_empty())
        .map(|glyphs| {
            let n = glyphs.len() as f32;
            let (low, high) = (read.rect.left, read.rect.right);
            let column = |x: f32| ((read.crop.left as f32 + x).max(0.0) as usize).clamp(low, high);
            let span = |l: f32, r: f32| {
                let left = column(l).min(high - 1);
                Rect { left, right: column(r).max(left + 1), ..read.rect }
            };
            let rect = span(glyphs[0].left, glyphs[glyphs.len() - 1].right);
            let characters = glyphs
                .iter()
                .map(|g| (g, span(g.left, g.right)))
                .map(|(g, rect)| Character {
                    text: g.char.to_string(),
                    confidence: g.confidence,
                    bounds: place.bounds(&rect),
                    polygon: place.polygon(&rect),
                    alternatives: g
                        .alternatives
                        .iter()
                        .map(|&(c, confidence)| Alternative { text: c.to_string(), confidence })
                        .collect(),
                })
                .collect();
            let kind = mean_kind(glyphs.iter().map(|g| (g.kind, 1.0)));
            let handwritten = share_of_hand(&kind);
            let confidence = (glyphs.iter().map(|g| g.confidence.max(1e-6).ln()).sum::<f32>() / n).exp();
            Draft {
                word: Word {
                    text: glyphs.iter().map(|g| g.char).collect(),
                    confidence,
                    bounds: place.bounds(&rect),
                    polygon: place.polygon(&rect),
                    production: Production::Handwritten,
                    state: state_of(confidence),
                    alternatives: others(net, &read.reading, glyphs),
                    handwritten,
                    characters,
                },
                rect,
                kind,
                glyphs: n,
            }
        })
        .collect()
}

/// The word without points before a number that has its own: they lead up to it from the print before.
fn without_leader(word: &[net::line::Glyph]) -> &[net::line::Glyph] {
    let points = word.iter().take_while(|g| g.char == '.').count();
    let number = &word[points..];
    let is_number = number.iter().any(|g| g.char == '.') && number.iter().all(|g| g.char.is_ascii_digit() || g.char == '.');
    if is_number {
        number
    } else {
        word
    }
}

/// Other readings of a word's frames.
fn others(net: &LineNet, reading: &Reading, glyphs: &[net::line::Glyph]) -> Vec<Alternative> {
    let (from, to) = (glyphs[0].frames.0, glyphs[glyphs.len() - 1].frames.1);
    let text: String = glyphs.iter().map(|g| g.char).collect();
    if to <= from || to > reading.frames.len() {
        return Vec::new();
    }
    let found = net.nbest(&reading.frames[from..to], NBEST + 1);
    let others = found.into_iter().filter(|(t, p)| *t != text && *p >= UNLIKELY && !t.trim().is_empty());
    others.take(NBEST).map(|(text, confidence)| Alternative { text, confidence }).collect()
}

/// A word less sure than this, a character on average, is doubtful.
const DOUBTFUL: f32 = 0.6;

fn state_of(confidence: f32) -> State {
    if confidence < DOUBTFUL {
        State::Doubtful
    } else {
        State::Read
    }
}

/// Other readings of a word that are given, and what they must be worth.
const NBEST: usize = 3;
const UNLIKELY: f32 = 0.01;

/// Probability that all characters of a word are right.
fn probability(word: &Word) -> f32 {
    word.characters.iter().map(|c| c.confidence.max(1e-6).ln()).sum::<f32>().exp()
}

/// Texts of words one after another.
fn text_of(words: &[Word], between: &str) -> String {
    words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(between)
}

/// Other readings of words one after another: those of one word with the others as they are, as words are read independently.
fn other_texts(words: &[Word], between: &str) -> Vec<Alternative> {
    let all: f32 = words.iter().map(probability).product();
    let mut found: Vec<Alternative> = Vec::new();
    for (i, word) in words.iter().enumerate() {
        let rest = all / probability(word);
        found.extend(word.alternatives.iter().map(|a| {
            let texts = words.iter().enumerate().map(|(k, w)| if k == i { a.text.as_str() } else { w.text.as_str() });
            Alternative { text: texts.collect::<Vec<_>>().join(between), confidence: (rest * a.confidence).min(1.0) }
        }));
    }
    found.retain(|a| a.confidence >= UNLIKELY);
    found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    found.truncate(NBEST);
    found
}

fn assemble(net: &LineNet, read: Vec<Read>, o: &Options, a: &Analysis, place: &Place, page: &mut Page) {
    let mut kept: Vec<(Segment, Vec<Draft>)> = Vec::new();
    let mut drafts: Vec<Vec<Draft>> = read.iter().map(|r| words(net, r, place)).collect();
    let legible = judge::judge(&mut drafts, &read, a.glyph);
    for (r, drafts) in read.iter().zip(drafts) {
        let mut stay = Vec::new();
        for d in drafts {
            let reason = if d.kind[OTHER] > d.kind[HAND].max(d.kind[PRINT]).max(d.kind[STRUCK]) {
                Some(Reason::Other)
            } else if d.kind[STRUCK] > 0.5 {
                Some(Reason::StruckOut)
            } else if !r.reading.fits {
                Some(Reason::NoMatch)
            } else if d.word.production == Production::Printed && o.printed == Printed::Drop {
                Some(Reason::Printed)
            } else if d.word.confidence < judge::needed_confidence(legible, d.word.handwritten) {
                Some(Reason::Illegible)
            } else {
                None
            };
            match reason {
                None => stay.push(d),
                Some(reason) => page.suppressed.push(Suppressed {
                    bounds: d.word.bounds,
                    polygon: d.word.polygon,
                    production: d.word.production,
                    reason,
                    state: if reason == Reason::StruckOut { State::StruckOut } else { State::Suppressed },
                    text: d.word.text,
                    confidence: d.word.confidence,
                    handwritten: d.word.handwritten,
                }),
            }
        }
        if let Some(rect) = stay.iter().map(|d| d.rect).reduce(|a, b| a.union(&b)) {
            kept.push((Segment { rect, parts: Vec::new(), glyph: r.glyph, comb: false }, stay));
        }
    }
    let segments: Vec<Segment> = kept.iter().map(|(s, _)| s.clone()).collect();
    let mut lines = page::lines::lines(&segments, LINE_REACH);
    // A pattern knows its words, and digits alone have neither signs nor powers.
    let arithmetic = o.pattern.is_none() && o.allowed.as_ref().is_none_or(|a| a.contains('²'));
    if arithmetic {
        let mut powers = expressions::powers(&lines, &kept);
        // From the right, so that words keep their numbers until it is their turn.
        powers.sort_by_key(|&(_, segment, word)| core::cmp::Reverse((segment, word)));
        // Digits that shrink and rise one after another: a power is no base.
        let small: Vec<usize> = powers.iter().map(|&(line, ..)| lines[line][0]).collect();
        powers.retain(|(_, segment, _)| !small.contains(segment));
        for &(line, segment, word) in &powers {
            let power = core::mem::take(&mut kept[lines[line][0]].1);
            let base = kept[segment].1.remove(word);
            let raised = power.into_iter().fold(base, |base, power| expressions::raise(base, power, place));
            kept[segment].1.insert(word, raised);
        }
        let gone: Vec<usize> = powers.iter().map(|p| p.0).collect();
        lines = lines.into_iter().enumerate().filter(|(k, _)| !gone.contains(k)).map(|(_, l)| l).collect();
    }
    let rects: Vec<Rect> = lines
        .iter()
        .map(|l| l.iter().map(|&i| segments[i].rect).reduce(|a, b| a.union(&b)).expect("a line has segments"))
        .collect();
    let mut drafts: Vec<Option<Vec<Draft>>> = kept.into_iter().map(|(_, d)| Some(d)).collect();
    for k in page::lines::order(&rects) {
        let parts: Vec<Draft> = lines[k].iter().flat_map(|&i| drafts[i].take().unwrap_or_default()).collect();
        let mut fields = fields::join(parts, &a.uprights, place);
        if arithmetic {
            fields = expressions::join(fields, &a.uprights, place);
        }
        // A raised power reaches above what the line was made of.
        let rect = fields.iter().fold(rects[k], |rect, d| rect.union(&d.rect));
        let words: Vec<Word> = fields.into_iter().map(|d| d.word).collect();
        page.lines.push(Line {
            text: text_of(&words, " "),
            confidence: words.iter().map(probability).product(),
            alternatives: other_texts(&words, " "),
            bounds: place.bounds(&rect),
            polygon: place.polygon(&rect),
            words,
        });
    }
}
