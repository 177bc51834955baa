//! Each unit's ink at full resolution: components go to the unit in whose place they lie, those that hang together are cut between them.

use crate::components::Component;
use crate::heads::*;
use crate::labels::Labels;
use crate::raster::Rect;
use crate::segment::Segment;
use crate::units::Units;
use std::collections::{HashMap, HashSet};

/// Numbers that decide whose a component is, as shares of its pixels and of the square of the text's height.
pub struct Sharing {
    /// A second unit gets its part of a component if that is so large; below, the whole goes to the first.
    pub part: f32,
    pub least: f32,
    /// Pixels of nobody's place belong to the unit as well, unless they are this large a part: then it is a frame or a picture.
    pub nobody: f32,
    /// Smaller marks are dirt, unless the labels are this sure that they are text.
    pub speck: f32,
    pub known: f32,
    /// Ink that is less probably text than this on the whole is none: a piece of a wall, a stain.
    pub text: f32,
    /// A lone stroke is faint to the net, a one above all: what is about as high as the text is its ink from this on if it is more
    /// probably text than a rule or anything else. 50 pages by others have token F1 0.487 and line CER 0.369 without, 0.489 and 0.366
    /// with it.
    pub stroke: f32,
    /// Heights of such strokes, in those of the text.
    pub high: (f32, f32),
    /// Points are faint to the net: a mark whose sides are below the first share of the text's height is one from the second on, and
    /// from the third on in columns of the core of a written unit so many heights wide, between its digits. With `within` as `dotted`
    /// 75 dev pages have token F1 0.776 and line CER 0.179, with 0.015 0.784 and 0.176.
    pub point: f32,
    pub dotted: f32,
    pub within: f32,
    pub several: f32,
    /// A unit that has nothing but cut pieces, each side less than this share of its text's height, is a stroke of the unit that has
    /// the rest: the tail of a nine is no one.
    pub shard: f32,
    /// Print that stands in a written unit's place is not its own.
    pub print: f32,
    pub hand: f32,
}

pub const SHARING: Sharing = Sharing {
    part: 0.12,
    least: 0.02,
    nobody: 0.5,
    speck: 0.005,
    known: 0.5,
    text: 0.12,
    stroke: 0.02,
    high: (0.6, 1.5),
    point: 0.4,
    dotted: 0.04,
    within: 0.015,
    several: 1.2,
    shard: 0.75,
    print: 0.6,
    hand: 0.3,
};

/// Components of all units, and of each pixel the number of its component from 1 on; 0 is paper, `u32::MAX` ink of nobody.
pub struct Assigned {
    pub components: Vec<Component>,
    pub labels: Vec<u32>,
    pub segments: Vec<Segment>,
}

/// Pixels of a component by owner, and how written, printed and something else the labels say they are.
#[derive(Default)]
struct Tally {
    owners: Vec<(u32, u32)>,
    hand: f32,
    print: f32,
    other: f32,
    n: u32,
}

impl Tally {
    fn add(&mut self, owner: u32) {
        match self.owners.iter_mut().find(|o| o.0 == owner) {
            Some(o) => o.1 += 1,
            None => self.owners.push((owner, 1)),
        }
    }
    fn of(&self, owner: u32) -> u32 {
        self.owners.iter().find(|o| o.0 == owner).map_or(0, |o| o.1)
    }
}

/// `all` are the components of the ink of text and `labels` their numbers, as `components::label` gives them for a page of width `w`;
/// `pitch` is pixels of the page to one of the map.
pub fn assign(
    all: &[Component],
    mut labels: Vec<u32>,
    w: usize,
    map: &Labels,
    units: &Units,
    pitch: f32,
    s: &Sharing,
) -> Assigned {
    let place = |i: usize| map.place(i % w, i / w, pitch);
    let mut tallies: Vec<Tally> = all.iter().map(|_| Tally::default()).collect();
    for (i, &l) in labels.iter().enumerate().filter(|(_, &l)| l != 0) {
        let (t, p) = (&mut tallies[l as usize - 1], place(i));
        t.add(units.owner[p]);
        t.hand += map.at(p)[HAND];
        t.print += map.at(p)[PRINT];
        t.other += [OTHER, LYING, UPRIGHT].iter().map(|&k| map.at(p)[k]).fold(0.0, f32::max);
        t.n += 1;
    }
    // What becomes of each component: of one unit, of nobody, or cut.
    enum Fate {
        Whole(u32),
        Nobody,
        Cut(Vec<u32>),
    }
    let height = |owner: u32| units.units[owner as usize - 1].height * pitch;
    // Columns of the page from the first of a unit's core to its last.
    let columns = |(first, last): (usize, usize)| (first as f32 * pitch, (last + 1) as f32 * pitch);
    let cores: Vec<(f32, f32)> = units.units.iter().map(|u| columns(u.columns(map.width))).collect();
    let fates: Vec<Fate> = tallies
        .iter()
        .zip(all)
        .map(|(t, c)| {
            let Some(&(first, most)) = t.owners.iter().filter(|o| o.0 != 0).max_by_key(|o| (o.1, core::cmp::Reverse(o.0))) else {
                return Fate::Nobody;
            };
            let n = t.n as f32;
            let square = height(first) * height(first);
            let unit = &units.units[first as usize - 1];
            if unit.hand > unit.print && t.print > s.print * n && t.hand < s.hand * n {
                return Fate::Nobody;
            }
            let text = t.hand.max(t.print);
            let is_point = (c.rect.width().max(c.rect.height()) as f32) < s.point * height(first);
            let (left, right) = cores[first as usize - 1];
            let is_number = unit.hand > unit.print && right - left > s.several * height(first);
            let is_within = is_number && (left..right).contains(&((c.rect.left + c.rect.right) as f32 / 2.0));
            let high = c.rect.height() as f32 / height(first);
            let is_stroke = (s.high.0..s.high.1).contains(&high) && text > t.other;
            let least = match (is_point, is_within) {
                (false, _) if is_stroke => s.stroke,
                (false, _) => s.text,
                (true, false) => s.dotted,
                (true, true) => s.within,
            };
            if text < least * n || n < s.speck * square && text < s.known * n {
                return Fate::Nobody;
            }
            let is_frame = t.of(0) as f32 > (s.nobody * n).max(most as f32);
            let part = if is_frame { 0.0 } else { s.part };
            let own = |o: &&(u32, u32)| o.0 != 0 && o.1 as f32 >= part * n && o.1 as f32 >= s.least * square;
            let several: Vec<u32> = t.owners.iter().filter(own).map(|o| o.0).collect();
            match several.len() {
                0 if is_frame => Fate::Nobody,
                0 => Fate::Whole(first),
                1 if !is_frame => Fate::Whole(first),
                _ => Fate::Cut(several),
            }
        })
        .collect();
    let mut out = Assigned { components: Vec::new(), labels: Vec::new(), segments: Vec::new() };
    let mut owner_of: Vec<u32> = Vec::new();
    // Number of the new component of a component and its owner.
    let mut number: Vec<Vec<(u32, u32)>> = fates.iter().map(|_| Vec::new()).collect();
    for (i, l) in labels.iter_mut().enumerate().filter(|(_, l)| **l != 0) {
        let c = *l as usize - 1;
        let owner = match &fates[c] {
            Fate::Nobody => 0,
            Fate::Whole(o) => *o,
            Fate::Cut(of) => {
                let o = units.owner[place(i)];
                if of.contains(&o) {
                    o
                } else {
                    0
                }
            }
        };
        if owner == 0 {
            *l = u32::MAX;
            continue;
        }
        let pixel = Rect { left: i % w, top: i / w, right: i % w + 1, bottom: i / w + 1 };
        let n = match number[c].iter().find(|n| n.0 == owner) {
            Some(n) => n.1,
            None => {
                out.components.push(Component { rect: pixel, area: 0 });
                owner_of.push(owner);
                let n = out.components.len() as u32;
                number[c].push((owner, n));
                n
            }
        };
        let component = &mut out.components[n as usize - 1];
        component.rect = component.rect.union(&pixel);
        component.area += 1;
        *l = n;
    }
    let cut: Vec<&Vec<(u32, u32)>> = number.iter().filter(|n| n.len() > 1).collect();
    give_back_shards(&out.components, &mut owner_of, &cut, units, pitch, s.shard);
    out.segments = segments(&out.components, &owner_of, units, pitch);
    out.labels = labels;
    out
}

/// Hands pieces that are no unit of their own to the owner of the largest piece of what they were cut from. `cut` has, for each component
/// that was cut, owners and numbers of its pieces.
fn give_back_shards(
    components: &[Component],
    owner_of: &mut [u32],
    cut: &[&Vec<(u32, u32)>],
    units: &Units,
    pitch: f32,
    shard: f32,
) {
    let is_piece: HashSet<u32> = cut.iter().flat_map(|c| c.iter().map(|p| p.1)).collect();
    let mut boxes: HashMap<u32, (Rect, bool)> = HashMap::new();
    for (c, (component, &owner)) in components.iter().zip(owner_of.iter()).enumerate() {
        let own = boxes.entry(owner).or_insert((component.rect, true));
        *own = (own.0.union(&component.rect), own.1 && is_piece.contains(&(c as u32 + 1)));
    }
    let is_shard = |owner: u32| {
        let (rect, pieces_alone) = boxes[&owner];
        let most = shard * units.units[owner as usize - 1].height * pitch;
        pieces_alone && (rect.width() as f32) < most && (rect.height() as f32) < most
    };
    for pieces in cut {
        let Some(&(rest, _)) = pieces.iter().max_by_key(|p| components[p.1 as usize - 1].area) else { continue };
        for &(owner, piece) in pieces.iter().filter(|p| p.0 != rest && is_shard(p.0)) {
            debug_assert_eq!(owner_of[piece as usize - 1], owner);
            owner_of[piece as usize - 1] = rest;
        }
    }
}

fn segments(components: &[Component], owners: &[u32], units: &Units, pitch: f32) -> Vec<Segment> {
    let mut parts: Vec<Vec<usize>> = units.units.iter().map(|_| Vec::new()).collect();
    owners.iter().enumerate().for_each(|(c, &o)| parts[o as usize - 1].push(c));
    let made = units.units.iter().zip(parts).enumerate().filter(|(_, (_, p))| !p.is_empty()).map(|(unit, (u, parts))| Segment {
        unit,
        rect: parts.iter().map(|&c| components[c].rect).reduce(|a, b| a.union(&b)).expect("a segment has parts"),
        parts,
        glyph: (u.height * pitch).round().max(1.0) as usize,
        hand: u.hand,
        print: u.print,
    });
    made.collect()
}
