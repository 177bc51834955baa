//! Long rules and grid lines lifted off without cutting the strokes that cross them.
//!
//! A rule pixel lies in a long run along the rule and in a short run across it; where a stroke crosses, the run across is
//! long and the pixel stays. Left out: curved rules, and rules that lean more than a run's length allows (the page is levelled before).

use crate::components::{label, next, Component};
use crate::ink::Mask;
use crate::light::quantile;
use crate::raster::{Gray, Rect};
use crate::walls;

/// A rule that was lifted off.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub rect: Rect,
    pub horizontal: bool,
}

/// Runs of ink along rows shorter than this are never parts of a rule.
const RUN: usize = 24;
/// Gaps in a rule that are bridged: dotted and worn rules.
const BRIDGE: usize = 3;

/// Marks in `out` what lies in runs of at least `least` along the rows (gaps up to `BRIDGE` bridged).
fn long_runs(mask: &Mask, least: usize, out: &mut Mask) {
    for (row, to) in mask.data.chunks_exact(mask.width).zip(out.data.chunks_exact_mut(mask.width)) {
        let mut x = 0;
        loop {
            x = next(row, x, 1);
            if x == row.len() {
                break;
            }
            let start = x;
            let mut end = x;
            while x < row.len() && x - end <= BRIDGE {
                if row[x] != 0 {
                    end = x;
                }
                x += 1;
            }
            if end + 1 - start >= least {
                to[start..=end].copy_from_slice(&row[start..=end]);
            }
            x = (end + 1 + BRIDGE).min(row.len());
        }
    }
}

fn transpose(mask: &Mask) -> Mask {
    let (w, h) = (mask.width, mask.height);
    let mut out = Mask::new(h, w);
    for by in (0..h).step_by(8) {
        for bx in (0..w).step_by(8) {
            if by + 8 <= h && bx + 8 <= w {
                let row = |y: usize| {
                    let at = (by + y) * w + bx;
                    u64::from_le_bytes(mask.data[at..at + 8].try_into().expect("eight bytes"))
                };
                for (x, column) in turned(core::array::from_fn(row)).into_iter().enumerate() {
                    out.data[(bx + x) * h + by..][..8].copy_from_slice(&column.to_le_bytes());
                }
                continue;
            }
            for y in by..(by + 8).min(h) {
                for x in bx..(bx + 8).min(w) {
                    out.data[x * h + y] = mask.data[y * w + x];
                }
            }
        }
    }
    out
}

/// Eight rows of eight bytes, lowest first, as columns: swaps of single bytes, of pairs, of fours (Warren 2012, Hacker's Delight, 7-3).
fn turned(mut rows: [u64; 8]) -> [u64; 8] {
    for (distance, mask) in [(1, 0x00ff_00ff_00ff_00ff), (2, 0x0000_ffff_0000_ffff), (4, 0x0000_0000_ffff_ffff)] {
        let shift = 8 * distance;
        for i in (0..8).filter(|i| i & distance == 0) {
            let swap = ((rows[i] >> shift) ^ rows[i + distance]) & mask;
            rows[i + distance] ^= swap;
            rows[i] ^= swap << shift;
        }
    }
    rows
}

/// Length of the run of ink through each pixel, across (down the columns), at most 255.
fn depth(mask: &Mask) -> Vec<u8> {
    let (w, h) = (mask.width, mask.height);
    let mut d = vec![0u8; w * h];
    if w == 0 || h == 0 {
        return d;
    }
    // Masks instead of branches, so that sixteen pixels go at a time.
    let all = |m: u8| 0u8.wrapping_sub((m != 0) as u8);
    d[..w].copy_from_slice(&mask.data[..w]);
    for y in 1..h {
        let (above, here) = d.split_at_mut(y * w);
        let above = &above[(y - 1) * w..];
        for ((v, &a), &m) in here[..w].iter_mut().zip(above).zip(&mask.data[y * w..(y + 1) * w]) {
            *v = a.saturating_add(1) & all(m);
        }
    }
    for y in (0..h - 1).rev() {
        let (here, below) = d.split_at_mut((y + 1) * w);
        for (v, &b) in here[y * w..].iter_mut().zip(&below[..w]) {
            *v = (*v).max(b & all(*v));
        }
    }
    d
}

/// Follows a rule from column `x` on, `step` columns at a time (1 or -1), through gaps and slight bends, and lifts what it
/// finds. Rules of photographed and copied sheets are broken: a seed is sure, its worn ends are not.
struct Follow<'a> {
    mask: &'a Mask,
    depths: &'a [u8],
    dark: &'a dyn Fn(usize) -> u8,
    lifted: &'a mut Mask,
    /// Where rules run, the gaps in them included.
    courses: &'a mut Mask,
    /// Columns over which half must be ink for the rule to go on.
    patience: usize,
    /// Columns of the grid that the rule belongs to: there a tenth is enough.
    grid: (isize, isize),
}

/// Shares of inked columns that a worn rule needs to be followed: by itself, and within a grid whose other rules reach on.
const ALONE: f32 = 0.5;
const IN_GRID: f32 = 0.1;
/// Parallel rules that make a grid.
const GRID_RULES: usize = 4;

/// Columns that a grid of rules reaches over: where nine in ten of them begin and end. Few rules make no grid.
fn grid_of(rules: &[Rect]) -> (isize, isize) {
    if rules.len() < GRID_RULES {
        return (0, 0);
    }
    let (mut left, mut right): (Vec<usize>, Vec<usize>) = rules.iter().map(|r| (r.left, r.right)).unzip();
    left.sort_unstable();
    right.sort_unstable();
    let tenth = rules.len() / 10;
    (left[tenth] as isize, right[right.len() - 1 - tenth] as isize)
}

impl Follow<'_> {
    /// The rule is `thick`; what is darker than `limit` is a stroke over it, and stays.
    fn run(&mut self, mut x: isize, mut y: f32, slope: f32, step: isize, thick: usize, limit: u8) {
        let (w, h) = (self.mask.width as isize, self.mask.height as isize);
        let reach = (thick as isize / 2 + 1).max(2);
        let mut recent = 1.0f32;
        let keep = 1.0 - 1.0 / self.patience as f32;
        let mut slope = slope;
        // The course since the last ink: part of the rule only if more comes.
        let mut gap: Vec<usize> = Vec::new();
        while x >= 0 && x < w && recent > if (self.grid.0..self.grid.1).contains(&x) { IN_GRID } else { ALONE } {
            y += slope * step as f32;
            let (mut sum, mut n) = (0.0, 0.0f32);
            for dy in -reach..=reach {
                let py = y.round() as isize + dy;
                if py < 0 || py >= h {
                    continue;
                }
                let i = (py * w + x) as usize;
                if self.mask.data[i] != 0 && self.depths[i] as usize <= thick {
                    self.lifted.data[i] |= ((self.dark)(i) <= limit) as u8;
                    sum += py as f32;
                    n += 1.0;
                }
            }
            recent = recent * keep + if n > 0.0 { 1.0 - keep } else { 0.0 };
            if (0.0..h as f32 - 0.5).contains(&y) {
                gap.push(y.round() as usize * self.mask.width + x as usize);
            }
            if n > 0.0 {
                gap.drain(..).for_each(|i| self.courses.data[i] = 1);
                let off = sum / n - y;
                y += 0.15 * off;
                slope += 0.002 * off * step as f32;
            }
            x += step;
        }
    }
}

/// A worn rule in the making: pieces one behind the other at the same height.
struct Chain {
    pieces: Vec<usize>,
    start: (f32, f32),
    end: (f32, f32),
    inked: usize,
}

/// Share of its length that a chain of pieces needs to be a rule: ones or bars that happen to stand in line leave more paper.
const CHAIN_INK: f32 = 0.72;

/// Joins thin pieces (boxes of straight runs, from left to right) to worn rules, and returns which of them belong to one.
fn chains(pieces: &[(usize, Rect)], glyph: usize, thick: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pieces.len()).collect();
    order.sort_by_key(|&i| (pieces[i].1.left, pieces[i].1.top));
    let (reach, long) = (3.0 * glyph as f32, 6.0 * glyph as f32);
    let mut open: Vec<Chain> = Vec::new();
    let mut found = Vec::new();
    let mut close = |c: Chain| {
        let span = c.end.0 - c.start.0;
        if c.pieces.len() > 1 && span >= long && c.inked as f32 >= CHAIN_INK * span {
            found.extend(c.pieces);
        }
    };
    for i in order {
        let (number, r) = pieces[i];
        let (left, y) = (r.left as f32, r.middle());
        let mut k = 0;
        while k < open.len() {
            if left - open[k].end.0 > reach {
                close(open.swap_remove(k));
            } else {
                k += 1;
            }
        }
        let off = |c: &Chain| {
            let gap = left - c.end.0;
            let span = c.end.0 - c.start.0;
            let slope = if span > 2.0 * glyph as f32 { (c.end.1 - c.start.1) / span } else { 0.0 };
            let off = (y - c.end.1 - slope * gap).abs();
            (gap > -4.0 && off <= 1.5 + 0.5 * thick as f32 + 0.04 * gap.max(0.0)).then_some(off)
        };
        let best = open.iter().enumerate().filter_map(|(k, c)| off(c).map(|o| (o, k))).min_by(|a, b| a.0.total_cmp(&b.0));
        let end = (r.right as f32, y);
        match best {
            Some((_, k)) => {
                let c = &mut open[k];
                c.pieces.push(number);
                c.end = end;
                c.inked += r.width();
            }
            None => open.push(Chain { pieces: vec![number], start: (left, y), end, inked: r.width() }),
        }
    }
    open.into_iter().for_each(close);
    found
}

/// How much darker than a rule the pen must be on the whole for the strokes that run along the rule to be told by it.
const CONTRAST: usize = 40;
/// Rows from one to the next in which the pen's darkness is looked up.
const PEN_ROWS: usize = 4;

/// How dark the strokes of the pen are: darker than so many of its pixels, whose edges are fainter.
const PEN: f32 = 0.8;

/// The darkness, or the depth, below which a share of the counted pixels lies.
fn below(counts: &[u32; 256], share: f32) -> usize {
    quantile(counts, counts.iter().sum(), share) as usize
}

/// How dark the ink of `mask` usually is, where it is none of the long `runs`; 0 where all of it is.
fn pen_darkness(mask: &Mask, runs: &Mask, dark: &dyn Fn(usize) -> u8) -> usize {
    let mut counts = [0u32; 256];
    for y in (0..mask.height).step_by(PEN_ROWS) {
        for i in y * mask.width..(y + 1) * mask.width {
            if mask.data[i] != 0 && runs.data[i] == 0 {
                counts[dark(i) as usize] += 1;
            }
        }
    }
    if counts == [0; 256] {
        return 0;
    }
    below(&counts, PEN)
}

/// The darkness above which a pixel of a rule is a stroke over it: halfway between both, but beyond what the rule's own pixels stray.
/// 255 where the pen is hardly darker than the rule.
fn stroke_limit(own: &[u32; 256], all: &[u32; 256], pen: usize) -> u8 {
    // Where most of a piece of a rule is written over, the others say what rules look like.
    let counts = if below(own, 0.5) < below(all, 0.5) { own } else { all };
    let (usual, low) = (below(counts, 0.5), below(counts, 0.1));
    if pen < usual + CONTRAST {
        return 255;
    }
    ((pen + usual) / 2).max(usual + 2 * (usual - low)).min(255) as u8
}

/// How thick each of the `kept` components is, at most `most`: the middle of the `depths` of its pixels. Short pieces of worn rules
/// may be mostly what is written over them; they are no thicker than rules usually are.
fn thicknesses(
    components: &[Component],
    kept: &[usize],
    depths: impl Fn(usize) -> [u32; 256],
    long: usize,
    most: usize,
) -> Vec<usize> {
    let mut out = vec![most; components.len()];
    let mut all = [0u32; 256];
    for &c in kept {
        let counts = depths(c);
        out[c] = below(&counts, 0.5).min(most);
        counts.iter().zip(&mut all).for_each(|(n, sum)| *sum += n);
    }
    let usual = if kept.is_empty() { most } else { below(&all, 0.5) };
    for &c in kept.iter().filter(|&&c| components[c].rect.width() < long) {
        out[c] = out[c].min(usual);
    }
    out
}

/// What is looked for on a page, in pixels.
struct Sizes {
    /// A rule is at least so long.
    long: usize,
    /// And at most so thick.
    thick: usize,
    /// Usual height of a character.
    glyph: usize,
}

/// Rules that lie in a mask.
struct Lying {
    rects: Vec<Rect>,
    /// Their ink.
    lifted: Mask,
    /// Where they run, the gaps in them included.
    courses: Mask,
}

/// Finds the lying rules of `mask`. `dark` is the darkness of a pixel, `across` has the rules of the other direction where they are
/// known.
fn lying(mask: &Mask, dark: &dyn Fn(usize) -> u8, across: Option<&Mask>, &Sizes { long, thick, glyph }: &Sizes) -> Lying {
    let (mut lifted, mut courses) = (Mask::new(mask.width, mask.height), Mask::new(mask.width, mask.height));
    let mut runs = Mask::new(mask.width, mask.height);
    long_runs(mask, (glyph * 2 / 3).clamp(10, RUN), &mut runs);
    let (components, labels) = label(&runs);
    let depths = depth(mask);
    // The pixels of a straight rule fill a thin band; what is thick throughout is a bar or a picture.
    let is_thin = |c: &Component| c.rect.height() <= thick + c.rect.width() / 12 && c.area <= c.rect.width() * thick;
    let mut keep: Vec<bool> = components.iter().map(|c| c.rect.width() >= long && is_thin(c)).collect();
    let thin: Vec<(usize, Rect)> = components.iter().enumerate().filter(|(_, c)| is_thin(c)).map(|(i, c)| (i, c.rect)).collect();
    chains(&thin, glyph, thick).into_iter().for_each(|i| keep[i] = true);
    if let Some(across) = across {
        walls::find(&thin, across, glyph).into_iter().for_each(|i| keep[i] = true);
    }
    let pixels = |c: usize| {
        let r = components[c].rect;
        (r.top..r.bottom).flat_map(move |y| y * mask.width + r.left..y * mask.width + r.right)
    };
    let kept: Vec<usize> = (0..components.len()).filter(|&c| keep[c]).collect();
    let own_depths = |c: usize| {
        let mut counts = [0u32; 256];
        pixels(c).filter(|&i| labels[i] as usize == c + 1).for_each(|i| counts[depths[i] as usize] += 1);
        counts
    };
    let thickness = thicknesses(&components, &kept, own_depths, long, thick);
    let of_rule = |c: usize, i: usize| labels[i] as usize == c + 1 && depths[i] as usize <= thickness[c] + 1;
    let mut counts = vec![[0u32; 256]; kept.len()];
    for (&c, own) in kept.iter().zip(&mut counts) {
        pixels(c).filter(|&i| of_rule(c, i)).for_each(|i| own[dark(i) as usize] += 1);
    }
    let all: [u32; 256] = core::array::from_fn(|d| counts.iter().map(|c| c[d]).sum());
    let pen = pen_darkness(mask, &runs, dark);
    let mut usual: Vec<usize> = kept.iter().map(|&c| thickness[c]).collect();
    usual.sort_unstable();
    let usual = usual.get(usual.len() / 2).copied().unwrap_or(0);
    // The darkness above which a rule's pixels are strokes, and least squares over the others: its middle height and its slope.
    let mut limits = vec![255u8; components.len()];
    let mut sums = vec![[0.0f64; 5]; components.len()];
    for (&c, own) in kept.iter().zip(&counts) {
        // What is long and fine is a rule that may be darker than the others.
        let is_fine = components[c].rect.width() >= long && thickness[c] <= usual;
        limits[c] = stroke_limit(own, if is_fine { own } else { &all }, pen);
        for i in pixels(c).filter(|&i| of_rule(c, i) && dark(i) <= limits[c]) {
            lifted.data[i] = 1;
            let (x, y) = ((i % mask.width) as f64, (i / mask.width) as f64);
            [1.0, x, y, x * x, x * y].iter().zip(&mut sums[c]).for_each(|(v, s)| *s += v);
        }
    }
    let patience = (glyph * 3 / 2).max(20);
    let rects: Vec<Rect> = components.iter().zip(&keep).filter(|(_, &k)| k).map(|(c, _)| c.rect).collect();
    let grid = grid_of(&rects);
    let mut follow = Follow { mask, depths: &depths, dark, lifted: &mut lifted, courses: &mut courses, patience, grid };
    for (i, (c, [n, x, y, xx, xy])) in components.iter().zip(sums).enumerate().filter(|(i, (_, s))| keep[*i] && s[0] > 0.0) {
        let slope = ((xy - x * y / n) / (xx - x * x / n).max(1e-6)) as f32;
        let height = |at: usize| (y / n) as f32 + slope * (at as f32 - (x / n) as f32);
        follow.run(c.rect.right as isize, height(c.rect.right), slope, 1, thickness[i], limits[i]);
        follow.run(c.rect.left as isize - 1, height(c.rect.left), slope, -1, thickness[i], limits[i]);
    }
    Lying { rects, lifted, courses }
}

/// What was lifted off a page.
pub struct Lifted {
    pub rules: Vec<Rule>,
    /// All pixels taken.
    pub all: Mask,
    /// Those of upright rules: walls between the cells of tables and combs.
    pub uprights: Mask,
    /// The same with the gaps that worn rules have.
    pub walls: Mask,
}

/// How long a rule is at least: longer than any stroke of a character.
pub fn shortest(glyph: usize) -> usize {
    (glyph * 5 / 2).max(RUN * 2)
}

/// Takes rules off `mask`, the ink of `page`. `glyph` is the usual height of a character.
pub fn lift(mask: &mut Mask, page: &Gray, glyph: usize) -> Lifted {
    // No thicker than a pen would draw.
    let sizes = Sizes { long: shortest(glyph), thick: (glyph / 4).clamp(3, 14), glyph };
    let turned = transpose(mask);
    // Both directions look at the whole ink: a crossing belongs to both rules.
    let dark = |i: usize| 255 - page.data[i];
    let (w, h) = (mask.width, mask.height);
    let turned_dark = |i: usize| 255 - page.data[i % h * w + i / h];
    let Lying { rects: rows, mut lifted, .. } = lying(mask, &dark, None, &sizes);
    let columns = lying(&turned, &turned_dark, Some(&transpose(&lifted)), &sizes);
    let (uprights, mut walls) = (transpose(&columns.lifted), transpose(&columns.courses));
    let columns = columns.rects;
    for (w, u) in walls.data.iter_mut().zip(&uprights.data) {
        *w |= u;
    }
    for (l, b) in lifted.data.iter_mut().zip(&uprights.data) {
        *l |= b;
    }
    for (m, l) in mask.data.iter_mut().zip(&lifted.data) {
        *m &= 1 - l;
    }
    mend_crossings(mask, &mut lifted, &rows, &columns);
    let mut rules: Vec<Rule> = rows.into_iter().map(|rect| Rule { rect, horizontal: true }).collect();
    rules.extend(
        columns
            .into_iter()
            .map(|r| Rule { rect: Rect { left: r.top, top: r.left, right: r.bottom, bottom: r.right }, horizontal: false }),
    );
    Lifted { rules, all: lifted, uprights, walls }
}

/// Where a horizontal and a vertical rule meet, each is long across the other, so the knot stays: it is lifted here.
fn mend_crossings(mask: &mut Mask, lifted: &mut Mask, rows: &[Rect], columns: &[Rect]) {
    for r in rows {
        for c in columns {
            // Columns come transposed: their left is a top.
            let (left, right, top, bottom) = (c.top, c.bottom, c.left, c.right);
            let x0 = left.max(r.left.saturating_sub(2)).saturating_sub(1);
            let x1 = (right + 1).min(r.right + 2).min(mask.width);
            let y0 = r.top.max(top.saturating_sub(2)).saturating_sub(1);
            let y1 = (r.bottom + 1).min(bottom + 2).min(mask.height);
            if x1 <= x0 || y1 <= y0 || x1 - x0 > 40 || y1 - y0 > 40 {
                continue;
            }
            for y in y0..y1 {
                for i in y * mask.width + x0..y * mask.width + x1 {
                    lifted.data[i] |= mask.data[i];
                    mask.data[i] = 0;
                }
            }
        }
    }
}
