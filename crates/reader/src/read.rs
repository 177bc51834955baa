//! Segments read: those that may be written, and the others only where print is wanted.

use crate::habits::Habits;
use crate::judge;
use crate::recogniser::{Crop, Recogniser};
use crate::spacing;
use crate::Printed;
use net::line::{Charset, Reading, HAND};
use net::model::ModelError;
use net::pattern::Pattern;
use page::crop::crop;
use page::ink::Mask;
use page::raster::Rect;
use page::segment::Segment;
use page::Analysis;

/// A segment with its place, its picture's place, and what was read in it: nothing where print is not wanted.
pub(crate) struct Read {
    pub rect: Rect,
    pub crop: Rect,
    pub glyph: usize,
    /// Units of the page that it is made of; one, unless it is a comb.
    pub units: Vec<usize>,
    /// Number of the comb that it stands in.
    pub comb: Option<usize>,
    /// Pieces of ink, each with its likeness to another of the page; see `page::twins`.
    pub twins: Vec<(Rect, f32)>,
    /// Components of the page that it is made of.
    pub parts: Vec<usize>,
    pub reading: Option<Reading>,
}

/// A segment's picture without the `lifted` pixels.
pub(crate) fn crop_of(a: &Analysis, s: &Segment, lifted: &Mask) -> Crop {
    let gray = crop(&a.even, &a.labels, &lifted.data, s);
    Crop { gray: gray.data, width: gray.width, height: gray.height, digit: s.glyph }
}

/// Whether a rule that lies was lifted from under or behind what is written there.
fn is_ruled(a: &Analysis, r: &Rect) -> bool {
    let lying = |i: usize| a.lifted.data[i] != 0 && a.uprights.data[i] == 0;
    let row = |y: usize| y * a.even.width + r.left..y * a.even.width + r.right;
    (r.top..r.bottom).flat_map(row).filter(|&i| lying(i)).count() >= r.width() / 4
}

/// # Errors
/// Where a model does not fit.
pub(crate) fn read(
    nets: &mut dyn Recogniser,
    a: &Analysis,
    printed: Printed,
    charset: &Charset,
    pattern: Option<&Pattern>,
) -> Result<Vec<Read>, ModelError> {
    let is_wanted = |s: &Segment| printed != Printed::Drop || judge::may_be_written(s);
    let asked: Vec<usize> =
        (0..a.segments.len()).filter(|&i| is_wanted(&a.segments[i]) || judge::may_be_mistaken(&a.segments[i])).collect();
    let crops: Vec<Crop> = asked.iter().map(|&i| crop_of(a, &a.segments[i], &a.lifted)).collect();
    let readings = nets.read(&crops, charset, pattern)?;
    let kept = asked.into_iter().zip(crops).zip(readings);
    let kept = kept.filter(|((i, _), reading)| is_wanted(&a.segments[*i]) || judge::is_mistaken(&reading.kind));
    let ((chosen, mut crops), mut readings): ((Vec<usize>, Vec<Crop>), Vec<Reading>) = kept.unzip();
    let mut wanted = vec![false; a.segments.len()];
    chosen.iter().for_each(|&i| wanted[i] = true);
    let chosen: Vec<&Segment> = chosen.into_iter().map(|i| &a.segments[i]).collect();
    // A rule that lies takes strokes along with it: with it left in, unsure readings may be better.
    let unsure = |i: usize| readings[i].confidence < net::line::SURE && is_ruled(a, &chosen[i].rect);
    let cut: Vec<usize> = (0..crops.len()).filter(|&i| unsure(i)).collect();
    let ruled: Vec<Crop> = cut.iter().map(|&i| crop_of(a, chosen[i], &a.uprights)).collect();
    let others = nets.read(&ruled, charset, pattern)?;
    for ((i, other), crop) in cut.into_iter().zip(others).zip(ruled) {
        if other.confidence > readings[i].confidence {
            (readings[i], crops[i]) = (other, crop);
        }
    }
    // A pattern says itself what is usual and where its spaces are.
    if pattern.is_none() {
        let set_spaces = |(r, (s, picture)): (&mut Reading, (&&Segment, &Crop))| {
            if is_comb(r) && !a.has_links(s.unit) {
                r.glyphs.retain(|g| g.char != ' ');
            } else {
                spacing::set_spaces(r, (&picture.gray, picture.width), s.glyph);
            }
        };
        readings.iter_mut().zip(chosen.iter().zip(&crops)).for_each(set_spaces);
        let weighed = weigh(nets, &crops, &mut readings, charset)?;
        weighed.into_iter().for_each(|i| set_spaces((&mut readings[i], (&chosen[i], &crops[i]))));
    }
    let mut asked = vec![false; a.components.len()];
    chosen.iter().flat_map(|s| &s.parts).for_each(|&c| asked[c] = true);
    let likeness = page::twins::likeness(&a.even, &a.labels, &a.components, &asked);
    let mut readings = readings.into_iter();
    Ok(a.segments
        .iter()
        .zip(wanted)
        .map(|(s, wanted)| {
            let crop = page::crop::bounds(&a.even, s);
            let twins = s.parts.iter().filter_map(|&c| likeness[c].map(|l| (a.components[c].rect, l))).collect();
            let reading = if wanted { readings.next() } else { None };
            Read { rect: s.rect, crop, glyph: s.glyph, units: vec![s.unit], comb: None, twins, parts: s.parts.clone(), reading }
        })
        .collect())
}

/// Weighs what is unsure anew by what is usual on the page, and says which readings that were.
fn weigh(
    nets: &mut dyn Recogniser,
    crops: &[Crop],
    readings: &mut [Reading],
    charset: &Charset,
) -> Result<Vec<usize>, ModelError> {
    let count = |habits: &mut Habits, r: &Reading| habits.add(&r.text(), r.kind[HAND], r.confidence);
    let mut habits = Habits::default();
    readings.iter().for_each(|r| count(&mut habits, r));
    let unsure: Vec<usize> =
        (0..readings.len()).filter(|&i| !readings[i].glyphs.is_empty() && readings[i].confidence < net::line::SURE).collect();
    let own: Vec<Habits> = unsure
        .iter()
        .map(|&i| {
            let mut own = Habits::default();
            count(&mut own, &readings[i]);
            own
        })
        .collect();
    let pictures: Vec<Crop> = unsure.iter().map(|&i| crops[i].clone()).collect();
    let mut again: Vec<Reading> = unsure.iter().map(|&i| core::mem::take(&mut readings[i])).collect();
    nets.weigh(&pictures, &mut again, charset, &|i, text| habits.worth(text, &own[i]))?;
    for (&i, mut reading) in unsure.iter().zip(again) {
        if habits.is_of_game(&reading.text()) {
            // Among moves a move is surer than its ink alone: each character as sure at least as all of them together.
            reading.glyphs.iter_mut().for_each(|g| g.confidence = g.confidence.max(reading.confidence));
        }
        readings[i] = reading;
    }
    Ok(unsure)
}

/// Whether the words of a reading are so short that they are the boxes of a comb, or a number set wide, if the page net saw one unit
/// without a space in it.
fn is_comb(r: &Reading) -> bool {
    let words: Vec<usize> = r.glyphs.split(|g| g.char == ' ').map(<[_]>::len).filter(|&n| n > 0).collect();
    words.len() > 1 && words.iter().sum::<usize>() as f32 <= COMB_WORD * words.len() as f32
}

/// Characters a word of such a reading on average.
const COMB_WORD: f32 = 2.5;
