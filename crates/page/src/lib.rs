//! Page analysis: from pixels to segments of ink that a recogniser can read. Knows nothing of networks or of wasm-bindgen.

pub mod components;
pub mod crop;
mod fragments;
pub mod ink;
mod knots;
pub mod light;
pub mod lines;
pub mod orient;
pub mod raster;
pub mod rules;
mod walls;

use components::Component;
use ink::Mask;
use lines::Segment;
use raster::Gray;
use rules::{Lifted, Rule};

/// Longest side that is analysed at full resolution: A4 at 300 dpi passes, 600 dpi is halved. Characters stay above 20 pixels.
pub const LONGEST: usize = 4200;

/// A page after all stages; every stage is kept for `--dump-stages`.
pub struct Analysis {
    /// How many pixels of the decoded page one pixel here stands for, a side.
    pub shrink: usize,
    /// Clockwise quarter turns that were applied.
    pub quarters: usize,
    /// Slope that was levelled, in rows a column.
    pub slope: f32,
    pub even: Gray,
    pub ink: Mask,
    pub lifted: Mask,
    /// Pixels of upright rules.
    pub uprights: Mask,
    pub rules: Vec<Rule>,
    pub components: Vec<Component>,
    /// Component of each pixel from 1 on, 0 for paper.
    pub labels: Vec<u32>,
    pub glyph: usize,
    pub segments: Vec<Segment>,
}

/// Neighbours within this many heights are read as one segment.
const REACH: f32 = 2.2;

/// Smaller, positive, evenly lit: what all turns of a page share.
pub fn prepare(gray: &Gray) -> (Gray, usize) {
    let shrink = gray.width.max(gray.height).div_ceil(LONGEST).max(1);
    let mut small = gray.shrink(shrink);
    if light::is_inverted(&small) {
        small.data.iter_mut().for_each(|v| *v = 255 - *v);
    }
    (light::even(&small), shrink)
}

/// All stages on a prepared page, turned clockwise by `quarters`.
pub fn analyse(prepared: &Gray, shrink: usize, quarters: usize) -> Analysis {
    let turned = prepared.turn(quarters);
    let as_is = ink::find(&turned);
    let slope = orient::slope(&as_is);
    let (even, full) = if slope == 0.0 {
        (turned, as_is)
    } else {
        let even = turned.level(slope);
        let full = ink::find(&even);
        (even, full)
    };
    let all = components::find(&full);
    let glyph = lines::glyph_height(&all, even.width, even.height);
    let mut mask = full.clone();
    let lifted = rules::lift(&mut mask, &even, glyph);
    let (components, labels) = components::label(&mask);
    let pieces = fragments::find(&components, rules::shortest(glyph), &lifted);
    let Lifted { rules, all: lifted, mut uprights, mut walls } = lifted;
    let glyph = lines::glyph_height(&components, even.width, even.height);
    let separators: Vec<bool> = components.iter().map(|c| is_separator(&c.rect, glyph, &lifted)).collect();
    let of_rules: Vec<bool> = separators.iter().zip(&pieces).map(|(a, b)| *a || *b).collect();
    // Walls as low as a character are no rules by their length, but they part what stands in boxes all the same. Pieces of rules
    // part numbers too, but say nothing of combs: how high their wall was is not known.
    for (i, c) in components.iter().enumerate().filter(|(i, _)| of_rules[*i]) {
        for y in c.rect.top..c.rect.bottom {
            for at in y * even.width + c.rect.left..y * even.width + c.rect.right {
                let own = (labels[at] as usize == i + 1) as u8;
                walls.data[at] |= own;
                uprights.data[at] |= own & separators[i] as u8;
            }
        }
    }
    let (mut components, mut labels) = drop_dirt(components, labels, glyph, &even, &of_rules);
    knots::cut(&mut components, &mut labels, even.width, glyph);
    let segments = lines::segments(&components, glyph, REACH, &walls);
    let segments = lines::join_combs(segments, &components, &uprights);
    Analysis { shrink, quarters, slope, even, ink: full, lifted, uprights, rules, components, labels, glyph, segments }
}

/// Specks and what is far too large for writing (pictures, edges of the paper, the table behind it) leave the components.
fn drop_dirt(
    all: Vec<Component>,
    mut labels: Vec<u32>,
    glyph: usize,
    page: &Gray,
    of_rules: &[bool],
) -> (Vec<Component>, Vec<u32>) {
    let speck = (glyph * glyph / 200).max(3);
    // How dark each component gets, and how dark the writing is: the darkness that most ink of character size reaches.
    let mut darkest = vec![0u8; all.len() + 1];
    for (&l, &v) in labels.iter().zip(&page.data).filter(|(&l, _)| l != 0) {
        let d = &mut darkest[l as usize];
        *d = (*d).max(255 - v);
    }
    let mut strokes: Vec<u8> = all
        .iter()
        .zip(&darkest[1..])
        .filter(|(c, _)| c.rect.height() * 3 >= glyph * 2 && c.rect.height() <= 2 * glyph)
        .map(|(_, &d)| d)
        .collect();
    strokes.sort_unstable();
    let usual = strokes.get(strokes.len() / 2).copied().unwrap_or(0);
    let ring = rings(&all);
    let fits = |i: usize, c: &Component| {
        if ring[i] || of_rules[i] {
            return false;
        }
        // Small and faint beside the writing: grain of the paper, or what shines through.
        if c.rect.height() * 2 < glyph && (darkest[i + 1] as u32) * 4 < usual as u32 {
            return false;
        }
        let (w, h) = (c.rect.width(), c.rect.height());
        // A page that holds nothing but one number may be filled by it.
        let large = (h > page.height / 3 || w > page.width * 3 / 4) && (h > 6 * glyph || w > 40 * glyph);
        // What is left of a frame or a grid: wide, high, and nearly all paper.
        let frame = w * 2 > 5 * glyph && h * 2 > 5 * glyph && c.area * 12 < w * h;
        if frame {
            return false;
        }
        let solid = c.area * 10 > w * h * 8 && w * h > glyph * glyph;
        c.area >= speck && !large && !solid
    };
    let mut number = vec![0u32; all.len() + 1];
    let mut kept = Vec::new();
    for (i, c) in all.into_iter().enumerate() {
        if fits(i, &c) {
            kept.push(c);
            number[i + 1] = kept.len() as u32;
        } else {
            // Stays ink that belongs to nobody, so that crops paint it over.
            number[i + 1] = u32::MAX;
        }
    }
    labels.iter_mut().filter(|l| **l != 0).for_each(|l| *l = number[*l as usize]);
    (kept, labels)
}

/// Which components are outlines drawn around writing: a ring, a triangle, a box of its own for each digit. Hollow, and around
/// something that is large enough to be a character and does not touch them.
fn rings(all: &[Component]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|&i| all[i].rect.left);
    let lefts: Vec<usize> = order.iter().map(|&i| all[i].rect.left).collect();
    all.iter()
        .enumerate()
        .map(|(i, c)| {
            let (w, h) = (c.rect.width(), c.rect.height());
            // A letter's stroke takes a larger share of its box than a line around others does.
            if h < 16 || w < 12 || c.area * 3 > w * h || w > 6 * h || h > 3 * w {
                return false;
            }
            let from = lefts.partition_point(|&l| l <= c.rect.left);
            let to = lefts.partition_point(|&l| l < c.rect.right);
            order[from..to].iter().any(|&j| {
                let r = &all[j].rect;
                let inside = j != i && r.right < c.rect.right && r.top > c.rect.top && r.bottom < c.rect.bottom;
                inside && r.height() * 10 >= h * 3 && all[j].area * 12 >= r.width() * r.height()
            })
        })
        .collect()
}

/// The upright between two boxes of a comb: thin, and standing on a rule with either end, or cut off by the page's edge.
fn is_separator(r: &raster::Rect, glyph: usize, lifted: &Mask) -> bool {
    if r.width() * 4 > r.height() || r.height() * 3 < glyph * 2 {
        return false;
    }
    let near = (r.height() / 8).max(3);
    let touches = |from: usize, to: usize| {
        (from..to.min(lifted.height)).any(|y| {
            let (x0, x1) = (r.left.saturating_sub(2), (r.right + 2).min(lifted.width));
            lifted.data[y * lifted.width + x0..y * lifted.width + x1].iter().any(|&v| v != 0)
        })
    };
    let (above, below) = (touches(r.top.saturating_sub(near), r.top + 1), touches(r.bottom.saturating_sub(1), r.bottom + near));
    let (top, bottom) = (r.top < 2, r.bottom + 2 >= lifted.height);
    (above && (below || bottom)) || (below && top)
}
