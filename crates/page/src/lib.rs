//! Page analysis: from pixels to segments of ink that a recogniser can read. What a page net says comes in by a trait; this crate
//! knows nothing of networks or of wasm-bindgen.

pub mod assign;
mod bars;
pub mod boxes;
pub mod combs;
pub mod components;
pub mod crop;
pub mod dotted;
pub mod heads;
pub mod ink;
pub mod input;
pub mod joins;
pub mod labels;
pub mod light;
pub mod lines;
pub mod orient;
pub mod raster;
pub mod rules;
pub mod scout;
pub mod segment;
pub mod tone;
pub mod twins;
pub mod units;
pub mod walls;

use components::Component;
use ink::Mask;
use labels::{Labels, PageNet};
use raster::{Chroma, Gray, Rect};
use scout::Scouted;
use segment::Segment;
use units::Units;

/// Longest side that is analysed at full resolution: A4 at 300 dpi passes, 600 dpi is halved. Characters stay above 20 pixels.
pub const LONGEST: usize = 4200;

/// How large pages are shown to the net.
struct Scale {
    /// Pixels of the scout's input: enough to tell how high the text is, a tenth of the main pass's time.
    scout: f32,
    /// Height of digits in the main pass, in the middle of what the net learnt.
    height: f32,
    /// Most pixels of the main pass, for its memory and time; and largest enlargement of a small picture.
    most: f32,
    larger: f32,
    /// The main pass is run again if it finds text this many times larger or smaller than the scout said.
    astray: f32,
}

const SCALE: Scale = Scale { scout: 0.27e6, height: 14.0, most: 1.7e6, larger: 2.0, astray: 1.6 };

/// A page made ready for analysis: what all turns share.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Ink on white paper.
    pub even: Gray,
    /// Colours, where the page has some, of its whole area in a coarser size.
    pub chroma: Option<Chroma>,
    /// How many pixels of the decoded page one pixel here stands for, a side.
    pub shrink: usize,
}

/// A page after all stages; every stage is kept for `--dump-stages`.
pub struct Analysis {
    pub shrink: usize,
    /// Clockwise quarter turns that were applied.
    pub quarters: usize,
    /// How sure the scout is that its text runs along its rows, upside down or not, 0..1.
    pub axis: f32,
    /// How sure the net is, where it looks closely, that its text is not upside down, 0..1.
    pub upright: f32,
    /// Slope that was levelled, in rows a column.
    pub slope: f32,
    pub even: Gray,
    /// Colours of its whole area in a coarser size, where it has some.
    pub chroma: Option<Chroma>,
    pub ink: Mask,
    /// Rules and marks that are no text.
    pub lifted: Mask,
    /// Pixels of upright rules.
    pub uprights: Mask,
    /// What the net says, and pixels of the page to one of its.
    pub map: Labels,
    pub pitch: f32,
    pub units: Units,
    pub components: Vec<Component>,
    /// Component of each pixel from 1 on, 0 for paper, `u32::MAX` for ink of nobody.
    pub labels: Vec<u32>,
    pub segments: Vec<Segment>,
}

impl Analysis {
    /// How sure the net is that what stands in columns `left..right` of the cores of some units is written, and that it is printed.
    pub fn made(&self, units: &[usize], left: usize, right: usize) -> (f32, f32) {
        let column =
            |i: &&usize| ((left as f32 - self.pitch)..right as f32).contains(&((**i % self.map.width) as f32 * self.pitch));
        let (mut hand, mut print, mut n) = (0.0, 0.0, 0.0);
        for &i in units.iter().flat_map(|&u| &self.units.units[u].core).filter(column) {
            hand += self.map.at(i)[heads::CORE_HAND];
            print += self.map.at(i)[heads::CORE_PRINT];
            n += 1.0;
        }
        if n == 0.0 {
            // Between the cores: what they say as a whole.
            let all = || units.iter().map(|&u| &self.units.units[u]);
            let n = (units.len() as f32).max(1.0);
            return (all().map(|u| u.hand).sum::<f32>() / n, all().map(|u| u.print).sum::<f32>() / n);
        }
        (hand / n, print / n)
    }

    /// Whether something keeps two boxes of a line apart: a gap that the net saw between fields, or an upright rule.
    pub fn parted(&self, a: &Rect, b: &Rect) -> bool {
        let (left, right) = if a.left <= b.left { (a, b) } else { (b, a) };
        let at = |v: f32, n: usize| ((v / self.pitch) as usize).min(n - 1);
        let y = at((left.middle() + right.middle()) / 2.0, self.map.height);
        let columns = at(left.right as f32, self.map.width)..at(right.left as f32, self.map.width) + 1;
        columns.into_iter().any(|x| self.map.at(y * self.map.width + x)[heads::GAP] > PARTED)
            || lines::is_walled(a, b, &self.uprights)
    }

    /// Whether the net saw a space between words within a unit.
    pub fn has_links(&self, unit: usize) -> bool {
        self.units.units[unit].core.iter().any(|&i| self.map.at(i)[heads::LINK] > self.map.core(i))
    }
}

/// Smaller, positive, evenly lit, and dark bars made light.
pub fn prepare(gray: &Gray, chroma: Option<&Chroma>) -> Prepared {
    let shrink = gray.width.max(gray.height).div_ceil(LONGEST).max(1);
    let mut small = gray.shrink(shrink);
    let mut chroma = chroma.cloned();
    if light::is_inverted(&small) {
        small.data.iter_mut().for_each(|v| *v = 255 - *v);
        chroma.iter_mut().for_each(|c| c.data.iter_mut().for_each(|v| *v = 255 - *v));
    }
    let mut even = light::even(&small);
    bars::lighten(&mut even);
    Prepared { even, chroma, shrink }
}

impl Prepared {
    /// Turned clockwise by `quarters` times 90 degrees.
    fn turn(&self, quarters: usize) -> Self {
        let chroma = self.chroma.as_ref().map(|c| c.by_plane(|plane| plane.turn(quarters)));
        Self { even: self.even.turn(quarters), chroma, ..*self }
    }

    /// Levelled, and the slope of its text before, in rows a column. `labels` is what the scout sees of it.
    fn level(self, labels: &Labels) -> (Self, f32) {
        let slope = orient::slope(&ink::find(&self.even), labels);
        if slope == 0.0 {
            return (self, slope);
        }
        let chroma = self.chroma.as_ref().map(|c| c.by_plane(|plane| plane.level(slope, NEUTRAL)));
        (Self { even: self.even.level(slope, PAPER), chroma, ..self }, slope)
    }
}

/// Probability from which a gap between fields is believed.
const PARTED: f32 = 0.5;

/// What comes in from outside of a page that is levelled.
const PAPER: u8 = 255;
const NEUTRAL: u8 = 128;

/// All stages on a prepared page, turned clockwise by so many `quarters`, or as the scout says.
/// # Errors
/// Where the net does not fit.
pub fn analyse(page: &Prepared, net: &mut dyn PageNet, quarters: Option<usize>) -> Result<Analysis, String> {
    // Scout: which way round, and how large the text is.
    let area = (page.even.width * page.even.height) as f32;
    let small = (SCALE.scout / area).sqrt().min(1.0);
    let look = |page: &Prepared, scale: f32| input::input(&page.even, page.chroma.as_ref(), scale, heads::MULTIPLE);
    let mut turned = page.turn(quarters.unwrap_or(0));
    let mut labels = net.label(&look(&turned, small))?;
    let mut seen = scout::scout(&labels);
    if quarters.is_none() && seen.quarters != 0 {
        turned = page.turn(seen.quarters);
        let Scouted { quarters, axis, .. } = seen;
        labels = net.label(&look(&turned, small))?;
        seen = Scouted { quarters, axis, ..scout::scout(&labels) };
    }
    let quarters = quarters.unwrap_or(seen.quarters);
    let (level, slope) = turned.level(&labels);
    // Main pass, at the scale at which the net knows text best.
    let most = (SCALE.most / area).sqrt();
    let scale_for = |height: Option<f32>, at: f32| match height {
        Some(h) => (at * SCALE.height / h).clamp(small * 0.5, most.min(SCALE.larger)),
        None => most.min(1.0),
    };
    let mut scale = scale_for(seen.height, small);
    let mut map = net.label(&look(&level, scale))?;
    let mut close = scout::scout(&map);
    if close.height.is_some() {
        let better = scale_for(close.height, scale);
        if (better / scale).max(scale / better) > SCALE.astray {
            scale = better;
            map = net.label(&look(&level, scale))?;
            close = scout::scout(&map);
        }
    }
    let pitch = heads::STRIDE as f32 / scale;
    let ink = ink::find(&level.even);
    let mut lifted = rules::lift(&ink, &map, pitch, &rules::LIFTING);
    dotted::lift_dots(&ink, pitch, &mut lifted);
    let (pieces, numbers) = components::label(&lifted.text);
    let units = units::find(&map, &joins::dots(&pieces, pitch), &units::REACH);
    let assigned = assign::assign(&pieces, numbers, ink.width, &map, &units, pitch, &assign::SHARING);
    Ok(Analysis {
        shrink: page.shrink,
        quarters,
        axis: seen.axis,
        upright: close.upright,
        slope,
        even: level.even,
        chroma: level.chroma,
        ink,
        lifted: lifted.lifted,
        uprights: lifted.uprights,
        map,
        pitch,
        units,
        components: assigned.components,
        labels: assigned.labels,
        segments: assigned.segments,
    })
}
