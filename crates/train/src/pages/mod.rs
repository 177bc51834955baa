//! Filled-in pages to learn from, with labels that come along with the drawing. A file a kind of layout.
//!
//! A layout draws on a flat [`sheet`] (densities of ink, who made it, where its units stand); [`photo`] lays the sheet before a camera
//! and gives the picture and, through the same warp, the labels. Everything follows from the seed.

pub(crate) mod content;
pub(crate) mod hand;
pub(crate) mod jpeg;
mod marks;
mod objects;
mod page;
pub(crate) mod pen;
mod photo;
mod pictures;
mod print;
mod real;
mod regions;
mod rules;
mod sheet;
mod warp;

mod answers;
mod boards;
mod cheques;
mod counts;
mod exams;
mod forms;
mod grids;
mod maths;
mod notes;
mod prints;
mod receipts;
mod scores;
mod tables;
mod tags;
mod worksheets;

use crate::library::Library;
use crate::random::Random;
use page::Page;
use photo::{Look, View};

/// Who made a unit of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Hand = 0,
    Print = 1,
}

/// What is where, at stride 2 of the picture. Planes are `[height][width]`.
pub struct Labels {
    pub width: usize,
    pub height: usize,
    /// hand, print, other, lying, upright (coverage 0..255); core_hand, core_print, gap, link (0 or 255); above, below (quarters of a pixel
    /// of the picture, where a core is); turn (clockwise quarter turns that make the text upright, 255 unknown); ignore (bits: 1 hand,
    /// 2 print, 4 other, 8 rules, 16 cores with gap and link, 32 heights are unknown here).
    pub planes: [Vec<u8>; 13],
}

/// A word of running text, a number, or what stands in a cell.
pub struct Unit {
    /// Corners in pixels of the picture: upper left, upper right, lower right, lower left of the text as it is read.
    pub quad: [(f32, f32); 4],
    pub text: String,
    pub by: By,
    /// Units of one line of text and one field share it.
    pub line: usize,
}

/// A picture of a page and what is on it.
pub struct PageSample {
    pub width: usize,
    pub height: usize,
    /// `[height][width][3]`, as a camera or scanner gives it.
    pub rgb: Vec<u8>,
    pub labels: Labels,
    pub units: Vec<Unit>,
    pub layout: &'static str,
}

type Draw = fn(&mut Page);

/// Layouts with their shares, and how each is drawn.
const LAYOUTS: &[(&str, f32, Draw)] = &[
    ("form", 0.17, forms::draw),
    ("worksheet", 0.16, worksheets::draw),
    ("table", 0.12, tables::draw),
    ("score", 0.09, scores::draw),
    ("exam", 0.09, exams::draw),
    ("sudoku", 0.12, grids::draw),
    ("answers", 0.08, answers::draw),
    ("maths", 0.05, maths::draw),
    ("tag", 0.02, tags::draw),
    ("notes", 0.12, notes::draw),
    ("board", 0.05, boards::draw),
    ("count", 0.04, counts::draw),
    ("receipt", 0.05, receipts::draw),
    ("cheque", 0.04, cheques::draw),
    ("print", 0.1, prints::draw),
];

/// Names of the layouts.
pub fn layouts() -> impl Iterator<Item = &'static str> {
    LAYOUTS.iter().map(|l| l.0)
}

/// Number of a layout, as often as its share says.
fn any_layout(r: &mut Random) -> usize {
    let mut at = r.unit() * LAYOUTS.iter().map(|l| l.1).sum::<f32>();
    LAYOUTS.iter().position(|l| (at -= l.1, at < 0.0).1).unwrap_or(0)
}

/// The page that follows from `seed`. `width` and `height` are multiples of 32.
pub fn sample(lib: &Library, seed: u64, width: usize, height: usize) -> PageSample {
    let r = &mut Random::new(seed ^ 0x7061_6765);
    let chosen = any_layout(r);
    make(lib, chosen, seed, (width, height), 1.0)
}

/// Likewise, `zoom` times as large as the page stage shows pages to its net: as scanners and cameras give them.
pub fn sample_large(lib: &Library, seed: u64, width: usize, height: usize, zoom: f32) -> PageSample {
    let r = &mut Random::new(seed ^ 0x6c61_7267);
    let chosen = any_layout(r);
    make(lib, chosen, seed, (width, height), zoom)
}

/// Likewise, of the layout of this name.
///
/// # Panics
/// Where there is no such layout: see [`layouts`].
pub fn sample_of(lib: &Library, layout: &str, seed: u64, width: usize, height: usize) -> PageSample {
    let Some(chosen) = LAYOUTS.iter().position(|l| l.0 == layout) else {
        panic!("there is no layout {layout}: choose one of {:?}", layouts().collect::<Vec<_>>());
    };
    make(lib, chosen, seed, (width, height), 1.0)
}

fn make(lib: &Library, chosen: usize, seed: u64, (width, height): (usize, usize), zoom: f32) -> PageSample {
    let mut r = Random::new(seed);
    if width.min(height) >= LEAST_OF_TWO && r.chance(0.04) {
        return two(lib, chosen, (width, height), zoom, &mut r);
    }
    let mut look = Look::any(&mut r);
    if LAYOUTS[chosen].0 == "board" {
        look = if r.chance(0.4) { Look::Board } else { Look::Photo };
    }
    let view = View::any(look, &mut r);
    one(lib, chosen, view, (width, height), zoom, &mut r)
}

/// Pictures from this width and height on may show two sheets.
const LEAST_OF_TWO: usize = 256;

/// Two sheets on one table, each turned its own way.
fn two(lib: &Library, chosen: usize, (width, height): (usize, usize), zoom: f32, r: &mut Random) -> PageSample {
    let beside = r.chance(0.5);
    let first = ((if beside { width } else { height }) as f32 * r.range(0.35, 0.65) / 32.0) as usize * 32;
    let (a, b) = if beside { ((first, height), (width - first, height)) } else { ((width, first), (width, height - first)) };
    let upper = one(lib, chosen, View::on_desk(r), a, zoom, r);
    let lower = one(lib, chosen, View::on_desk(r), b, zoom, r);
    upper.beside(lower, beside)
}

/// One sheet of a layout, seen in `view`, its writing `zoom` times as large as the page net sees it.
fn one(lib: &Library, chosen: usize, view: View, (width, height): (usize, usize), zoom: f32, r: &mut Random) -> PageSample {
    let (layout, _, draw) = LAYOUTS[chosen];
    let look = view.look;
    let (pw, ph) = view.upright(width, height);
    // Mostly 10 to 20 pixels, as the page stage scales pages, with tails on both sides; the first look at a picture with a few large
    // characters shows them as large as they are.
    let h = if r.chance(0.08) {
        let few = matches!(layout, "notes" | "board" | "worksheet");
        20.0 * (if few { 3.3f32 } else { 2.0 }).powf(r.unit())
    } else {
        (14.0 * (0.28 * r.normal()).exp()).clamp(8.0, 30.0)
    } * zoom;
    let (sw, sh) = ((pw as f32 * view.share.0) as usize, (ph as f32 * view.share.1) as usize);
    let mut page = Page::new(lib, Random::new(r.bits()), (sw, sh), h, look);
    if r.chance(0.06) {
        page.holes();
    }
    draw(&mut page);
    finish(&mut page);
    photo::take(page.sheet, view, pw, ph, layout, r)
}

impl PageSample {
    /// This picture with another to its right, or below it.
    fn beside(self, other: Self, right: bool) -> Self {
        let (dx, dy) = if right { (self.width, 0) } else { (0, self.height) };
        let (width, height) = (dx + other.width, dy + other.height);
        let join = |a: &[u8], b: &[u8], scale: usize, size: usize| -> Vec<u8> {
            if !right {
                return [a, b].concat();
            }
            let (wa, wb) = (self.width / scale * size, other.width / scale * size);
            a.chunks_exact(wa).zip(b.chunks_exact(wb)).flat_map(|(a, b)| a.iter().chain(b).copied()).collect()
        };
        let rgb = join(&self.rgb, &other.rgb, 1, 3);
        let planes = core::array::from_fn(|k| join(&self.labels.planes[k], &other.labels.planes[k], 2, 1));
        let lines = 1 + self.units.iter().map(|u| u.line).max().unwrap_or(0);
        let moved = other.units.into_iter().map(|u| Unit {
            quad: u.quad.map(|(x, y)| (x + dx as f32, y + dy as f32)),
            line: u.line + lines,
            ..u
        });
        let labels = Labels { width: width / 2, height: height / 2, planes };
        Self { width, height, rgb, labels, units: self.units.into_iter().chain(moved).collect(), layout: self.layout }
    }
}

/// What may be on any page, whatever its layout.
fn finish(page: &mut Page) {
    if page.r.chance(0.1) {
        page.dirt();
    }
    if page.r.chance(0.3) {
        page.clutter();
    }
    if page.r.chance(0.04) {
        let s = page.h * page.r.range(1.5, 5.0);
        let (x, y) = (page.r.unit() * page.width(), page.r.unit() * page.height());
        let area = (x, y, x + s, y + s);
        match page.r.below(4) {
            0 => page.code_square(area),
            1 => page.bars((x, y, x + s * 2.0, y + s * 0.7)),
            2 => page.logo(area),
            _ => page.picture(area),
        }
    }
    if page.r.chance(0.05) {
        let t = page.text_type();
        let n = page.r.between(1, 4);
        let text = content::words(page.lib, &mut page.r, n);
        let x = if page.r.chance(0.5) { t.size * 1.3 } else { page.width() - t.size * 0.4 };
        let y = page.height() * page.r.range(0.4, 1.0);
        page.print_up(&text, x, y, t);
    }
    if page.r.chance(0.05) {
        let (x, y) = (page.r.unit() * page.width(), page.r.unit() * page.height());
        page.flourish(x, y);
    }
    if page.r.chance(0.04) {
        // Somebody writes right across.
        page.pen = pen::Pen::new(page.h, &mut page.r);
        let text = content::entry(page.lib, &mut page.r);
        let h = page.h * page.r.range(1.0, 2.2);
        let h = page.fit(&text, h, page.width() * 0.8);
        let (x, y) = (page.r.range(0.02, 0.5) * page.width(), page.r.range(0.1, 0.95) * page.height());
        page.hand.climb = page.r.normal() * 0.15;
        page.write(&text, x, y, h);
        page.hand.climb = 0.0;
    }
    if page.r.chance(0.03) {
        let (x, y) = (page.r.unit() * page.width(), page.r.unit() * page.height());
        page.signature(x, y, page.h * 1.2);
    }
}
