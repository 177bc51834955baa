//! Combs, a box for each character, read as one: what stands in the boxes of each is set side by side and read anew, in place of the
//! pieces that the page net may have made of it. Empty boxes part words.

use crate::assemble::LINE_REACH;
use crate::read::Read;
use crate::recogniser::{Crop, Recogniser};
use crate::words::mean_kind;
use net::line::{Charset, Glyph, Reading};
use net::model::ModelError;
use net::pattern::Pattern;
use page::boxes::{self, Run};
use page::heads;
use page::raster::Rect;
use page::rules::median;
use page::Analysis;

/// Characters that are read where a comb may be, from which on it is looked into; and boxes with one character each that a comb has at
/// least, and their share of all that are not empty.
const SEEN: usize = 2;
const FILLED: usize = 4;
const SINGLE: f32 = 0.75;
/// Where the same characters are read in all boxes, they need not be surer when read as one, but nearly as sure: this share of it, in
/// all. Of the combs of a dev form such as were left in pieces have 0.92 to 0.99, what is no comb 0.2 to 0.67.
const SURE: f32 = 0.85;
/// Boxes with two characters each are two boxes, the wall between them out of sight, where they are wider than so many heights of a
/// character: two digits of a number stand closer.
const TWICE: f32 = 1.9;
/// What the page net sees of a comb's walls at least, the clearest left out: means of the probabilities that there is a gap between
/// fields, or an upright rule. Combs of five dev forms have 0.14 to 0.9, a sum whose strokes stand in even steps 0.04, words in print 0.08.
const WALLED: f32 = 0.12;

/// So many boxes in even steps, whose walls the page net sees as clearly as this, are a comb however sure their characters are when read
/// as one, if two of them are filled. Token F1 of 17 filled-in forms by other makers was 0.24 before these were joined and combs that stand
/// one above the other were found, and is 0.38 since.
const BOXES: usize = 6;
const CLEAR: f32 = 0.4;
const PAIR: usize = 2;

/// A wall of a comb that is seen so clearly is not seen itself where the page net is less sure of it than this share of what it is of all
/// of them: 0.03 where it sees others at 0.95.
const UNSEEN: f32 = 0.25;

/// A comb that may be: its walls, how clearly the page net sees them, the segments whose characters stand in it, and what stands in its
/// boxes.
struct Comb {
    walls: Vec<f32>,
    walled: f32,
    of: Vec<usize>,
    runs: Vec<Run>,
}

/// # Errors
/// Where a model does not fit.
pub(crate) fn reread(
    nets: &mut dyn Recogniser,
    a: &Analysis,
    charset: &Charset,
    pattern: Option<&Pattern>,
    mut read: Vec<Read>,
) -> Result<Vec<Read>, ModelError> {
    let combs = find(a, &read);
    let crop = |run: &Run| Crop { gray: run.gray.data.clone(), width: run.gray.width, height: run.gray.height, digit: 0 };
    let crops: Vec<Crop> = combs.iter().flat_map(|c| &c.runs).map(crop).collect();
    let mut readings = nets.read(&crops, charset, pattern)?.into_iter();
    for (number, comb) in combs.iter().enumerate() {
        let readings: Vec<Reading> = comb.runs.iter().zip(&mut readings).map(|(run, r)| placed(r, run)).collect();
        // What was read, and what is read now.
        let before: Vec<Placed> = comb.of.iter().flat_map(|&i| characters(&read[i])).collect();
        let left = |run: &Run| run.rect.left as f32;
        let now: Vec<Placed> = comb
            .runs
            .iter()
            .zip(&readings)
            .flat_map(|(run, r)| r.glyphs.iter().map(move |g| (left(run) + middle(g), g.confidence, g.char)))
            .collect();
        let (joint, pieces) = (Boxes::of(&comb.walls, &now), Boxes::of(&comb.walls, &before));
        let least = if texts_of(&comb.walls, &before) == texts_of(&comb.walls, &now) { SURE } else { 1.0 };
        let is_surer = joint.sure > least * pieces.sure;
        // A pattern says itself what a word is.
        let is_clear = pattern.is_none() && comb.walls.len() > BOXES && comb.walled >= CLEAR && pieces.are_single(PAIR);
        if !(is_clear || is_surer && joint.are_single(FILLED)) {
            continue;
        }
        let readings = if is_clear && joint.worth() <= pieces.worth() {
            comb.runs.iter().map(|run| together(&comb.of, &read, run)).collect()
        } else {
            readings
        };
        // The pieces say nothing more.
        let (from, to) = ends(&comb.walls);
        for &i in &comb.of {
            let left = read[i].crop.left as f32;
            if let Some(reading) = &mut read[i].reading {
                reading.glyphs.retain(|g| g.char == ' ' || !(from..to).contains(&(left + middle(g))));
            }
        }
        let units: Vec<usize> = comb.of.iter().flat_map(|&i| read[i].units.clone()).collect();
        let twins: Vec<(Rect, f32)> = comb.of.iter().flat_map(|&i| read[i].twins.clone()).collect();
        let parts: Vec<usize> = comb.of.iter().flat_map(|&i| read[i].parts.clone()).collect();
        let glyph = median(comb.of.iter().map(|&i| read[i].glyph).collect());
        for (run, reading) in comb.runs.iter().zip(readings) {
            read.push(Read {
                rect: run.rect,
                crop: run.rect,
                glyph,
                units: units.clone(),
                comb: Some(number),
                twins: twins.clone(),
                parts: parts.clone(),
                reading: Some(reading),
            });
        }
    }
    let is_left = |r: &Read| r.reading.as_ref().is_none_or(|reading| reading.glyphs.iter().any(|g| g.char != ' '));
    read.retain(|r| r.comb.is_some() || is_left(r));
    Ok(read)
}

/// The places of a page that walls say may be combs.
fn find(a: &Analysis, read: &[Read]) -> Vec<Comb> {
    let segments: Vec<(Rect, usize)> = read.iter().map(|r| (r.rect, r.glyph)).collect();
    let mut out = Vec::new();
    for line in page::lines::lines(&segments, LINE_REACH) {
        let places: Vec<(usize, f32)> =
            line.iter().flat_map(|&i| characters(&read[i]).into_iter().map(move |c| (i, c.0))).collect();
        if places.len() <= SEEN {
            continue;
        }
        let mut of: Vec<usize> = places.iter().map(|p| p.0).collect();
        of.dedup();
        let rects: Vec<Rect> = of.iter().map(|&i| read[i].rect).collect();
        let height = median(places.iter().map(|p| read[p.0].rect.height()).collect());
        let rect = rects.iter().copied().reduce(|a, b| a.union(&b)).expect("a line has words");
        let seen = |wall: f32| seen(a, wall, rect.middle() as usize);
        for walls in page::combs::combs(&a.even, &rects, rect, height, seen) {
            let (from, to) = ends(&walls);
            let mut of: Vec<usize> = places.iter().filter(|p| (from..to).contains(&p.1)).map(|p| p.0).collect();
            if of.len() < SEEN {
                continue;
            }
            let rows = (
                median(of.iter().map(|&i| read[i].rect.top).collect()),
                median(of.iter().map(|&i| read[i].rect.bottom).collect()),
            );
            of.dedup();
            let walled = walled(walls.iter().map(|w| seen(*w)).collect());
            if walled < WALLED {
                continue;
            }
            let walls = halved(walls, &places, height as f32);
            let is_seen = |wall: f32| walled < CLEAR || seen(wall) >= UNSEEN * walled;
            let holds = |w: &[f32]| places.iter().any(|p| (w[0]..w[1]).contains(&p.1));
            let height = rows.1.saturating_sub(rows.0).max(1);
            let runs = parts(&walls, is_seen, holds).iter().flat_map(|part| boxes::runs(a, part, rows, height)).collect();
            out.push(Comb { walls, walled, of, runs });
        }
    }
    out
}

/// How clearly the walls of a comb are seen: a mean without the clearest, which may be a gap between words.
fn walled(mut seen: Vec<f32>) -> f32 {
    seen.sort_unstable_by(f32::total_cmp);
    seen.pop();
    seen.iter().sum::<f32>() / seen.len().max(1) as f32
}

/// The walls of a comb, parted where one is not seen and neither box beside it holds a character: a label stands there, between two combs
/// whose walls are in step by chance.
fn parts(walls: &[f32], is_seen: impl Fn(f32) -> bool, holds: impl Fn(&[f32]) -> bool) -> Vec<Vec<f32>> {
    let boxes: Vec<&[f32]> = walls.windows(2).collect();
    let is_none = |i: usize| i > 0 && i < boxes.len() && !is_seen(walls[i]) && !holds(boxes[i - 1]) && !holds(boxes[i]);
    let kept: Vec<usize> = (0..boxes.len()).filter(|&i| !is_none(i) && !is_none(i + 1)).collect();
    kept.chunk_by(|a, b| a + 1 == *b).map(|part| walls[part[0]..part[part.len() - 1] + 2].to_vec()).collect()
}

/// How clearly the page net sees a wall, 0..1, in one row of the page.
fn seen(a: &Analysis, wall: f32, row: usize) -> f32 {
    let at = |v: f32, n: usize| ((v / a.pitch) as usize).min(n - 1);
    let (x, y) = (at(wall, a.map.width), at(row as f32, a.map.height));
    let near = (x.saturating_sub(1)..(x + 2).min(a.map.width)).map(|x| a.map.at(y * a.map.width + x));
    near.map(|p| p[heads::GAP].max(p[heads::UPRIGHT])).fold(0.0, f32::max)
}

/// The walls, with others between them where most boxes are twice as wide as a character's and hold two. `places` are the middles of the
/// characters, `height` theirs.
fn halved(walls: Vec<f32>, places: &[(usize, f32)], height: f32) -> Vec<f32> {
    let held = |w: &[f32]| places.iter().filter(|p| (w[0]..w[1]).contains(&p.1)).count();
    let (mut two, mut filled) = (0, 0);
    for n in walls.windows(2).map(held).filter(|&n| n > 0) {
        filled += 1;
        two += (n == 2) as usize;
    }
    let (from, to) = ends(&walls);
    if 2 * two <= filled || to - from < TWICE * height * (walls.len() - 1) as f32 {
        return walls;
    }
    walls.windows(2).flat_map(|w| [w[0], (w[0] + w[1]) / 2.0]).chain([to]).collect()
}

fn ends(walls: &[f32]) -> (f32, f32) {
    (walls[0], walls[walls.len() - 1])
}

fn middle(g: &Glyph) -> f32 {
    (g.left + g.right) / 2.0
}

/// A character's middle, in columns of the page, how sure it is, and what it is.
type Placed = (f32, f32, char);

/// The characters that a segment was read as.
fn characters(read: &Read) -> Vec<Placed> {
    let glyphs = read.reading.iter().flat_map(|r| &r.glyphs).filter(|g| g.char != ' ');
    glyphs.map(|g| (read.crop.left as f32 + middle(g), g.confidence, g.char)).collect()
}

/// A reading of a run's picture with its characters where they stand on the page, in columns from the left of the run.
fn placed(mut reading: Reading, run: &Run) -> Reading {
    reading.glyphs.retain(|g| g.char != ' ');
    for g in &mut reading.glyphs {
        let half = (g.right - g.left) / 2.0;
        let at = run.column(middle(g)) - run.rect.left as f32;
        (g.left, g.right) = (at - half, at + half);
    }
    reading
}

/// What is read in each box.
fn texts_of(walls: &[f32], characters: &[Placed]) -> Vec<String> {
    let within = |w: &[f32]| characters.iter().filter(|c| (w[0]..w[1]).contains(&c.0)).map(|c| c.2).collect();
    walls.windows(2).map(within).collect()
}

/// What stands in the boxes of a comb.
#[derive(Debug, PartialEq)]
struct Boxes {
    /// With one character each.
    single: usize,
    /// With any.
    filled: usize,
    /// How sure the characters that stand alone are, in all.
    sure: f32,
}

impl Boxes {
    fn of(walls: &[f32], characters: &[Placed]) -> Self {
        let mut boxes = vec![(0, 0.0); walls.len() - 1];
        for (x, confidence, _) in characters {
            let i = walls.partition_point(|w| w < x);
            if i > 0 && i < walls.len() {
                boxes[i - 1] = (boxes[i - 1].0 + 1, *confidence);
            }
        }
        let single = || boxes.iter().filter(|b| b.0 == 1);
        Self { single: single().count(), filled: boxes.iter().filter(|b| b.0 > 0).count(), sure: single().map(|b| b.1).sum() }
    }

    /// Whether at least so many hold one character, and few more.
    fn are_single(&self, least: usize) -> bool {
        self.single >= least && self.single as f32 >= SINGLE * self.filled as f32
    }

    /// How good a reading of a comb is: a box with several characters is as bad as one whose character is wrong.
    fn worth(&self) -> f32 {
        self.sure - (self.filled - self.single) as f32
    }
}

/// The characters of a run as the segments `of` were read, as one reading.
fn together(of: &[usize], read: &[Read], run: &Run) -> Reading {
    let mut glyphs: Vec<Glyph> = Vec::new();
    for r in of.iter().map(|&i| &read[i]) {
        let off = r.crop.left as f32 - run.rect.left as f32;
        let placed = r.reading.iter().flat_map(|reading| &reading.glyphs).map(|g| Glyph {
            left: g.left + off,
            right: g.right + off,
            ..g.clone()
        });
        glyphs.extend(placed.filter(|g| g.char != ' ' && (0.0..run.rect.width() as f32).contains(&middle(g))));
    }
    glyphs.sort_by(|a, b| a.left.total_cmp(&b.left));
    let kind = mean_kind(glyphs.iter().map(|g| (g.kind, 1.0)));
    let confidence = glyphs.iter().map(|g| g.confidence).product();
    Reading { characters: glyphs.len(), glyphs, confidence, kind, fits: true, seen: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_of_two_characters_each_are_two_where_they_are_wide_enough() {
        let walls = vec![0.0, 40.0, 80.0, 120.0];
        let places = [(0, 10.0), (0, 30.0), (1, 50.0), (1, 70.0), (2, 90.0)];
        assert_eq!(halved(walls.clone(), &places, 20.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0, 120.0]);
        assert_eq!(halved(walls.clone(), &places, 30.0), walls, "numbers of two digits");
        assert_eq!(halved(walls.clone(), &places[2..], 20.0), walls, "one character each");
    }

    #[test]
    fn a_gap_between_words_is_no_wall_of_a_comb() {
        assert!(walled(vec![0.02, 0.0, 0.78, 0.01]) < WALLED);
        assert!(walled(vec![0.2, 0.1, 0.4, 0.2]) > WALLED);
    }

    #[test]
    fn a_label_parts_two_combs_that_are_in_step() {
        let walls = [0.0, 20.0, 40.0, 60.0, 80.0, 100.0];
        let label = |w: &[f32]| !(40.0..80.0).contains(&w[0]);
        assert_eq!(parts(&walls, |w| w != 60.0, label), [vec![0.0, 20.0, 40.0], vec![80.0, 100.0]]);
        assert_eq!(parts(&walls, |w| w != 60.0, |w| w[0] != 40.0), [walls], "a character hides its wall");
        assert_eq!(parts(&walls, |_| true, label), [walls], "empty boxes");
    }

    #[test]
    fn characters_that_stand_alone_count() {
        let walls = [20.0, 40.0, 60.0, 80.0];
        let read = [(31.0, 0.5, '4'), (47.0, 0.25, '0'), (70.0, 0.25, '7'), (90.0, 1.0, '1')];
        assert_eq!(Boxes::of(&walls, &read), Boxes { single: 3, filled: 3, sure: 1.0 });
        assert_eq!(texts_of(&walls, &read), ["4", "0", "7"]);
        let two = [(25.0, 0.5, '1'), (35.0, 0.5, '1'), (45.0, 0.5, '1')];
        let boxes = Boxes::of(&walls, &two);
        assert_eq!(boxes, Boxes { single: 1, filled: 2, sure: 0.5 });
        assert!(!boxes.are_single(1) && boxes.worth() < Boxes::of(&walls, &two[2..]).worth());
    }
}
