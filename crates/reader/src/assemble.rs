//! Words to lines in reading order, and what is left out with the reason.

use crate::expressions;
use crate::fields;
use crate::judge;
use crate::place::Place;
use crate::read::Read;
use crate::recogniser::Recogniser;
use crate::result::{Line, Page, Production, Reason, State, Suppressed, Witness, Word};
use crate::surety;
use crate::torn;
use crate::words::{other_texts, text_of, words, Draft};
use crate::Options;
use page::raster::Rect;
use page::Analysis;

/// Segments whose gap is below this many heights make one written line.
pub(crate) const LINE_REACH: f32 = 9.0;

/// A segment of which words are read out.
pub(crate) struct Kept {
    pub rect: Rect,
    pub glyph: usize,
    pub words: Vec<Draft>,
}

impl Kept {
    /// Its box, at least as high as `ROW` says: a dash has the place of a digit in its row.
    fn row(&self) -> Rect {
        let grow = ((ROW * self.glyph as f32) as usize).saturating_sub(self.rect.height()) / 2;
        Rect { top: self.rect.top.saturating_sub(grow), bottom: self.rect.bottom + grow, ..self.rect }
    }
}

/// Rows that a word takes at least, in heights of a digit: more than the half that neighbours of a line must share. Line CER of 75 dev
/// pages is 0.205 without it, 0.197 with it.
const ROW: f32 = 0.6;

pub(crate) fn assemble(net: &dyn Recogniser, read: Vec<Read>, o: &Options, a: &Analysis, place: &Place, page: &mut Page) {
    let mut drafts: Vec<Vec<Draft>> =
        read.iter().map(|r| r.reading.as_ref().map_or(Vec::new(), |reading| words(net, r, reading, a, place))).collect();
    // What is known of each word, and the comb that it stands in.
    let witnesses = |(r, drafts): (&Read, &Vec<Draft>)| -> Vec<(Witness, Option<usize>)> {
        match &r.reading {
            Some(_) => drafts.iter().map(|d| (d.word.witness, r.comb)).collect(),
            None => vec![(unread_witness(r, a), None)],
        }
    };
    let all: Vec<Vec<(Witness, Option<usize>)>> = read.iter().zip(&drafts).map(witnesses).collect();
    let mut judged = judge::handwritten(&all.concat()).into_iter();
    let judged: Vec<Vec<(f32, f32)>> = all.iter().map(|of| judged.by_ref().take(of.len()).collect()).collect();
    for (drafts, judged) in drafts.iter_mut().zip(&judged) {
        for (d, &judged) in drafts.iter_mut().zip(judged) {
            (d.word.handwritten, d.word.witness.vote) = judged;
            if !judge::is_written(d.word.handwritten) {
                d.word.production = Production::Printed;
            }
        }
    }
    let mut written: Vec<&mut Word> =
        drafts.iter_mut().flatten().map(|d| &mut d.word).filter(|w| judge::is_written(w.handwritten)).collect();
    surety::look(net, &mut written);
    let mut kept = Vec::<Kept>::new();
    for ((r, drafts), judged) in read.iter().zip(&mut drafts).zip(&judged) {
        let Some(reading) = &r.reading else {
            page.suppressed.push(unread(r, judged[0].0, place));
            continue;
        };
        let mut stay = Vec::new();
        for d in core::mem::take(drafts) {
            match judge::reason(&d, reading.fits, o) {
                None => stay.push(d),
                Some(reason) => page.suppressed.push(suppressed(d.word, reason)),
            }
        }
        if let Some(rect) = stay.iter().map(|d| d.rect).reduce(|a, b| a.union(&b)) {
            kept.push(Kept { rect, glyph: r.glyph, words: stay });
        }
    }
    let segments: Vec<(Rect, usize)> = kept.iter().map(|k| (k.row(), k.glyph)).collect();
    let mut lines = page::lines::lines(&segments, LINE_REACH);
    // A pattern knows its words, and digits alone have neither signs nor powers.
    let arithmetic = o.pattern.is_none() && o.allowed.as_ref().is_none_or(|a| a.contains('²'));
    if arithmetic {
        let mut powers = expressions::powers(&lines, &kept);
        // From the right, so that words keep their numbers until it is their turn.
        powers.sort_by_key(|&(_, segment, word)| core::cmp::Reverse((segment, word)));
        for &(line, segment, word) in &powers {
            let power = core::mem::take(&mut kept[lines[line][0]].words);
            let base = kept[segment].words.remove(word);
            let raised = power.into_iter().fold(base, |base, power| expressions::raise(base, power, place));
            kept[segment].rect = kept[segment].rect.union(&raised.rect);
            kept[segment].words.insert(word, raised);
        }
        let gone: Vec<usize> = powers.iter().map(|p| p.0).collect();
        lines = lines.into_iter().enumerate().filter(|(k, _)| !gone.contains(k)).map(|(_, l)| l).collect();
    }
    let rects: Vec<Rect> =
        lines.iter().map(|l| l.iter().map(|&i| kept[i].rect).reduce(|a, b| a.union(&b)).expect("a line has segments")).collect();
    let mut texts: Vec<(usize, Vec<Word>)> = Vec::new();
    for k in page::lines::order(&rects) {
        let units = lines[k].iter().map(|&i| core::mem::take(&mut kept[i].words)).collect();
        let mut fields = torn::join(net, fields::join(units, a, place), place);
        if arithmetic {
            fields = expressions::join(fields, &a.uprights, place);
        }
        texts.push((k, fields.into_iter().map(|d| d.word).collect()));
    }
    // What was joined is known anew.
    surety::settle(net, &mut texts.iter_mut().flat_map(|t| &mut t.1).collect::<Vec<_>>());
    for (k, words) in texts {
        page.lines.push(Line {
            text: text_of(&words, " "),
            confidence: words.iter().map(|w| w.confidence).product(),
            alternatives: other_texts(&words, " ", |w| w.confidence),
            bounds: place.bounds(&rects[k]),
            polygon: place.polygon(&rects[k]),
            words,
        });
    }
}

fn suppressed(word: Word, reason: Reason) -> Suppressed {
    let confidence = if word.production == Production::Handwritten { surety::right(&word.evidence) } else { word.confidence };
    Suppressed {
        bounds: word.bounds,
        polygon: word.polygon,
        production: word.production,
        reason,
        state: if reason == Reason::StruckOut { State::StruckOut } else { State::Suppressed },
        text: word.text,
        confidence,
        handwritten: word.handwritten,
    }
}

/// What is known of a segment that was not read: of its length, that characters are about half as wide as high.
fn unread_witness(r: &Read, a: &Analysis) -> Witness {
    let (hand, print) = a.made(&r.units, r.rect.left, r.rect.right);
    let glyphs = (2 * r.rect.width() / r.glyph.max(1)).max(1) as f32;
    judge::unread(hand, print, glyphs, page::tone::tone(a, &r.parts, r.rect.left..r.rect.right, r.glyph))
}

/// Print that nobody asked for: where it is, and no more.
fn unread(r: &Read, handwritten: f32, place: &Place) -> Suppressed {
    Suppressed {
        bounds: place.bounds(&r.rect),
        polygon: place.polygon(&r.rect),
        production: Production::Printed,
        reason: Reason::Printed,
        state: State::Suppressed,
        text: String::new(),
        confidence: 0.0,
        handwritten,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dash_stands_in_the_row_of_the_numbers_beside_it() {
        let kept = |left: usize, top: usize, width: usize, height: usize| Kept {
            rect: Rect { left, top, right: left + width, bottom: top + height },
            glyph: 32,
            words: Vec::new(),
        };
        // Two rows of a table, the first with a dash between its numbers.
        let all = [kept(0, 0, 40, 32), kept(100, 14, 30, 5), kept(200, 2, 40, 32), kept(0, 60, 40, 32), kept(200, 60, 40, 32)];
        let segments: Vec<(Rect, usize)> = all.iter().map(|k| (k.row(), k.glyph)).collect();
        assert_eq!(page::lines::lines(&segments, LINE_REACH), [vec![0, 1, 2], vec![3, 4]]);
    }
}
