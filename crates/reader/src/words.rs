//! Words of a segment: the glyphs between spaces, with their places, what else they may say, and who made them.

use crate::expressions::SIGNS;
use crate::place::Place;
use crate::read::Read;
use crate::recogniser::Recogniser;
use crate::result::{Alternative, Character, Production, State, Witness, Word};
use crate::surety::Evidence;
use net::line::{Kind, Reading, HAND, PRINT, STRUCK};
use page::raster::Rect;
use page::Analysis;

/// A word on the page before it becomes output.
pub(crate) struct Draft {
    pub word: Word,
    pub rect: Rect,
    pub kind: Kind,
    pub glyphs: f32,
}

/// Probability that a hand made it rather than a press: what is struck out was written.
pub(crate) fn share_of_hand(kind: &Kind) -> f32 {
    let hand = kind[HAND] + kind[STRUCK];
    hand / (hand + kind[PRINT]).max(1e-6)
}

/// Mean kinds of some glyphs, each weighed by `weight`.
pub(crate) fn mean_kind(parts: impl Iterator<Item = (Kind, f32)>) -> Kind {
    let (mut sum, mut n) = (Kind::default(), 1e-6);
    for (kind, weight) in parts {
        n += weight;
        (0..4).for_each(|k| sum[k] += kind[k] * weight);
    }
    sum.map(|v| v / n)
}

/// Glyphs between spaces, as words with places and kinds.
pub(crate) fn words(net: &dyn Recogniser, read: &Read, reading: &Reading, a: &Analysis, place: &Place) -> Vec<Draft> {
    reading
        .glyphs
        .split(|g| g.char == ' ')
        .map(without_leader)
        .flat_map(at_printed_sign)
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
            let (hand, print) = a.made(&read.units, rect.left, rect.right);
            let own = |t: &&(Rect, f32)| (rect.left..rect.right).contains(&((t.0.left + t.0.right) / 2));
            // One plus is like another whoever makes it.
            let is_sign = glyphs.iter().all(|g| SIGNS.contains(g.char));
            let twins: Vec<f32> = read.twins.iter().filter(own).map(|t| if is_sign { 0.0 } else { t.1 }).collect();
            let twin = (!twins.is_empty()).then(|| twins.iter().sum::<f32>() / twins.len() as f32);
            let tone = page::tone::tone(a, &read.parts, rect.left..rect.right, read.glyph);
            let witness = Witness { hand, print, ink: share_of_hand(&kind), glyphs: n, twin, tone, vote: 0.0 };
            let confidence = (glyphs.iter().map(|g| g.confidence.max(1e-6).ln()).sum::<f32>() / n).exp();
            Draft {
                word: Word {
                    text: glyphs.iter().map(|g| g.char).collect(),
                    confidence,
                    bounds: place.bounds(&rect),
                    polygon: place.polygon(&rect),
                    production: Production::Handwritten,
                    state: State::Read,
                    alternatives: others(net, reading, glyphs),
                    handwritten: 0.0,
                    characters,
                    witness,
                    evidence: Evidence::default(),
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

/// A word in two parts where it begins with a printed sign that what is written behind it touches, as answers touch their sums.
fn at_printed_sign(word: &[net::line::Glyph]) -> [&[net::line::Glyph]; 2] {
    let Some((sign, rest)) = word.split_first() else { return [&[], &[]] };
    let is_answer = SIGNS.contains(sign.char) && rest.iter().any(|g| g.char.is_alphanumeric());
    let written = || share_of_hand(&mean_kind(rest.iter().map(|g| (g.kind, 1.0))));
    if is_answer && share_of_hand(&sign.kind) < 0.5 && written() >= 0.5 {
        [&word[..1], rest]
    } else {
        [word, &[]]
    }
}

/// Other readings of a word's frames.
fn others(net: &dyn Recogniser, reading: &Reading, glyphs: &[net::line::Glyph]) -> Vec<Alternative> {
    let (from, to) = (glyphs[0].frames.0, glyphs[glyphs.len() - 1].frames.1);
    let text: String = glyphs.iter().map(|g| g.char).collect();
    if to <= from || to > reading.frames().len() {
        return Vec::new();
    }
    let found = net.nbest(&reading.frames()[from..to], NBEST + 1);
    let others = found.into_iter().filter(|(t, p)| *t != text && *p >= UNLIKELY && !t.trim().is_empty());
    others.take(NBEST).map(|(text, confidence)| Alternative { text, confidence }).collect()
}

/// Other readings of a word that are given, and what they must be worth.
const NBEST: usize = 3;
const UNLIKELY: f32 = 0.01;

/// Probability that all characters of a word are right.
pub(crate) fn probability(word: &Word) -> f32 {
    word.characters.iter().map(|c| c.confidence.max(1e-6).ln()).sum::<f32>().exp()
}

/// Texts of words one after another.
pub(crate) fn text_of(words: &[Word], between: &str) -> String {
    words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(between)
}

/// Other readings of words one after another: those of one word with the others as they are, as words are read independently.
pub(crate) fn other_texts(words: &[Word], between: &str, probability: impl Fn(&Word) -> f32) -> Vec<Alternative> {
    let all: f32 = words.iter().map(&probability).product();
    let mut found: Vec<Alternative> = Vec::new();
    for (i, word) in words.iter().enumerate() {
        let rest = all / probability(word).max(f32::MIN_POSITIVE);
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

/// Two drafts as one word. How sure it is stays open: see `surety::settle`.
pub(crate) fn merge(a: Draft, b: Draft, place: &Place) -> Draft {
    let (n, m) = (a.glyphs, b.glyphs);
    let mean = |x: f32, y: f32| (x * n + y * m) / (n + m);
    let rect = a.rect.union(&b.rect);
    let kind = core::array::from_fn(|i| mean(a.kind[i], b.kind[i]));
    let handwritten = mean(a.word.handwritten, b.word.handwritten);
    let (v, w) = (a.word.witness, b.word.witness);
    let twin = v.twin.zip(w.twin).map(|(x, y)| mean(x, y)).or(v.twin).or(w.twin);
    let witness = Witness {
        hand: mean(v.hand, w.hand),
        print: mean(v.print, w.print),
        ink: mean(v.ink, w.ink),
        glyphs: n + m,
        twin,
        tone: v.tone.or(w.tone),
        vote: mean(v.vote, w.vote),
    };
    let (bounds, polygon) = (place.bounds(&rect), place.polygon(&rect));
    let parts = [a.word, b.word];
    let (text, alternatives) = (text_of(&parts, ""), other_texts(&parts, "", probability));
    let [first, second] = parts;
    let characters = first.characters.into_iter().chain(second.characters).collect();
    let word = Word { text, bounds, polygon, alternatives, handwritten, witness, characters, ..first };
    Draft { word, rect, kind, glyphs: n + m }
}

#[cfg(test)]
mod tests {
    use super::*;
    use net::line::Glyph;

    #[test]
    fn an_answer_is_parted_from_the_printed_sign_it_touches() {
        let glyph = |char: char, hand: f32| Glyph {
            char,
            confidence: 1.0,
            left: 0.0,
            right: 1.0,
            kind: [hand, 1.0 - hand, 0.0, 0.0],
            frames: (0, 1),
            spaced: 0.0,
            alternatives: Vec::new(),
            ceiling: 1.0,
        };
        let parts = |sign: char, by: f32, digits: f32| {
            let word = [glyph(sign, by), glyph('4', digits), glyph('3', digits)];
            at_printed_sign(&word).map(|part| part.iter().map(|g| g.char).collect::<String>())
        };
        assert_eq!(parts('=', 0.1, 0.9), ["=", "43"]);
        // All by one maker, or no sign at all.
        for whole in [parts('=', 0.9, 0.9), parts('=', 0.1, 0.2), parts('(', 0.1, 0.9)] {
            assert!(whole[0].ends_with("43") && whole[0].len() == 3 && whole[1].is_empty(), "{whole:?}");
        }
        assert_eq!(at_printed_sign(&[glyph('-', 0.1)]).map(<[_]>::len), [1, 0]);
    }
}
