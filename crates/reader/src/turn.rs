//! Whether a page lies right: the page net's scout says so first, and what does not read well then is tried in the other turns.

use crate::read::crop_of;
use crate::recogniser::{Crop, Recogniser};
use net::line::{Reading, HAND, OTHER, PRINT, STRUCK};
use net::model::ModelError;
use page::labels::PageNet;
use page::segment::Segment;
use page::{Analysis, Prepared};

/// How well a page must read to lie right for sure, and how well not to lie on its side: what does reads worse in both turns.
const SURE: f32 = 0.8;
const LEVEL: f32 = 0.5;
/// Where the scout is as sure as this that text runs along the page's rows, only the half turn is tried: of 150 pages none lay on its other
/// side, and two of which little could be read were turned wrongly.
const ALONG: f32 = 0.95;
/// A page that reads as well as this where the page net is as sure that it is not upside down is not read the other way round: so 115 of 272
/// pages are read once, none of which reads better upside down; of the same pages upside down none is taken for upright.
const LEGIBLE: f32 = 0.3;
const UPRIGHT: f32 = 0.95;
/// Another turn must be better than the page as it lies by this factor: most pages lie right.
const BETTER: f32 = 1.12;
/// What a printed character counts beside a written one: a form may have print up its margins.
const PRINT_WITNESS: f32 = 0.3;
/// Characters that every turn is thought to have that do not read: one fine bracket among strokes that say nothing is no page.
const DOUBT: f32 = 2.0;
/// Segments read to judge a turn, the largest, by the whole alphabet (words upside down make fine digits), a few of them first, as most pages
/// lie right; and characters of each that count: one long line shall not speak for the page.
const PROBES: usize = 24;
const FEW: usize = 8;
const HEARD: f32 = 4.0;

/// How upright a page reads: cubes of the characters' confidences, and how many characters. A page on its side has many that are half
/// sure, but hardly one that is sure.
#[derive(Default)]
struct Upright {
    sum: f32,
    characters: f32,
}

impl Upright {
    fn of(readings: &[Reading]) -> Self {
        let mut all = Self::default();
        for r in readings {
            let characters = r.glyphs.iter().filter(|g| g.char != ' ').count() as f32;
            let heard = (HEARD / characters.max(1.0)).min(1.0);
            for g in r.glyphs.iter().filter(|g| g.char != ' ') {
                // What is neither hand nor print is no witness.
                let share = g.kind[HAND] + g.kind[STRUCK] + PRINT_WITNESS * g.kind[PRINT];
                all.sum += g.confidence.powi(3) * weight(g.char) * share * heard;
                all.characters += (share + g.kind[OTHER]) * heard;
            }
        }
        all
    }

    /// 0..1.
    fn mean(&self) -> f32 {
        self.sum / self.characters.max(1e-6)
    }

    /// The mean, less where there is little to judge by: to compare turns.
    fn weighed(&self) -> f32 {
        self.sum / (self.characters + DOUBT)
    }
}

/// Strokes that look like a character from every side are weak witnesses.
fn weight(c: char) -> f32 {
    match c {
        '-' | '=' | '_' | '.' | ',' | '|' | '/' | '\'' | ':' => 0.1,
        '1' | 'l' | 'I' => 0.2,
        '0' | '8' | 'x' | 'X' | 'o' | 'O' => 0.5,
        _ => 1.0,
    }
}

/// How upright the largest segments read, `most` of them, turned by 0 or 180 degrees.
fn probe(lines: &mut dyn Recogniser, a: &Analysis, most: usize, half_turn: bool) -> Result<Upright, ModelError> {
    let mut order: Vec<&Segment> = a.segments.iter().collect();
    // What may be written first: it is what is to be read.
    order.sort_by_key(|s| (s.hand < s.print, core::cmp::Reverse(s.rect.width() * s.rect.height()), s.rect.top, s.rect.left));
    order.truncate(most);
    let crops: Vec<Crop> = order
        .iter()
        .map(|s| {
            let mut c = crop_of(a, s, &a.lifted);
            if half_turn {
                c.gray.reverse();
            }
            c
        })
        .collect();
    Ok(Upright::of(&lines.glance(&crops)?))
}

/// The page analysed in the turn in which it reads best.
/// # Errors
/// Where a model does not fit.
pub(crate) fn upright(page: &Prepared, net: &mut dyn PageNet, lines: &mut dyn Recogniser) -> Result<Analysis, ModelError> {
    let level = page::analyse(page, net, None).map_err(ModelError)?;
    if level.segments.is_empty() {
        return Ok(level);
    }
    // Where it runs along the page's rows, the half turn is the only other.
    let runs_along = |best: f32| best >= LEVEL || level.axis >= ALONG;
    let lies_right = |mean: f32| {
        let is_upright = level.quarters == 0 && level.upright >= UPRIGHT && mean >= LEGIBLE && runs_along(mean);
        mean >= SURE || is_upright
    };
    if lies_right(probe(lines, &level, FEW, false)?.mean()) {
        return Ok(level);
    }
    let as_is = probe(lines, &level, PROBES, false)?;
    if lies_right(as_is.mean()) {
        return Ok(level);
    }
    let mut turned = |by: usize| page::analyse(page, net, Some((level.quarters + by) % 4)).map_err(ModelError);
    let half = probe(lines, &level, PROBES, true)?;
    // A page on its side was turned one way or the other: the page net tells which by little more than chance.
    let needed = as_is.weighed() * if level.quarters % 2 == 0 { BETTER } else { 1.0 };
    if runs_along(half.mean().max(as_is.mean())) {
        return if half.weighed() < needed { Ok(level) } else { turned(2) };
    }
    let side = turned(1)?;
    let (right, left) = (probe(lines, &side, PROBES, false)?.weighed(), probe(lines, &side, PROBES, true)?.weighed());
    let half = half.weighed();
    let best = half.max(right).max(left);
    if best < needed {
        Ok(level)
    } else if best == half {
        turned(2)
    } else if best == right {
        Ok(side)
    } else {
        turned(3)
    }
}
