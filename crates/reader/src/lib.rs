//! The way of a page: `prepare -> analyse (scout, label, units, lift, assign), turn -> read -> judge -> assemble`.

mod assemble;
mod chess;
mod combs;
mod expressions;
mod fields;
mod habits;
pub mod judge;
pub mod pictures;
mod place;
mod read;
pub mod recogniser;
pub mod result;
mod spacing;
mod specks;
pub mod surety;
mod tones;
mod torn;
pub mod truth;
mod turn;
mod words;

use net::model::ModelError;
use net::pattern::Pattern;
use page::labels::PageNet;
use page::raster::{Chroma, Gray};
use page::Analysis;
use place::Place;
use recogniser::{Crop, Recogniser};
use result::Page;
use serde::Deserialize;

/// What becomes of print.
#[derive(Deserialize, Clone, Copy, PartialEq, Debug, Default)]
#[serde(rename_all = "lowercase")]
pub enum Printed {
    /// Left out of the lines, kept in `suppressed`.
    #[default]
    Drop,
    /// Among the lines, with its production said.
    Mark,
    /// Among the lines like handwriting.
    Keep,
}

#[derive(Deserialize, Clone, Debug, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Characters that may be read; absent for all that the model knows.
    pub allowed: Option<String>,
    pub printed: Printed,
    /// A regular expression that every word must match; see `net::pattern`.
    pub pattern: Option<String>,
    /// Whether words are read out that are not legible: `surety` is fitted to them too.
    #[serde(skip)]
    pub illegible: bool,
}

/// Reads a page. `enter` hears of each stage as it begins: whoever has a clock can time them, and whoever sees a fault can say where it
/// was.
/// # Errors
/// Where a model does not fit; a page without writing is no error.
pub fn read_page(
    net: &mut dyn PageNet,
    lines: &mut dyn Recogniser,
    gray: &Gray,
    chroma: Option<&Chroma>,
    o: &Options,
    enter: &mut dyn FnMut(&'static str),
) -> Result<Page, ModelError> {
    let (width, height) = (gray.width, gray.height);
    enter("prepare");
    let prepared = page::prepare(gray, chroma);
    enter("analyse");
    let analysis = turn::upright(&prepared, net, lines)?;
    drop(prepared);
    enter("read");
    let charset = lines.charset(o.allowed.as_deref().map(|a| format!("{a} ")).as_deref());
    let pattern = o.pattern.as_deref().map(Pattern::new).transpose().map_err(ModelError)?;
    let read = read::read(lines, &analysis, o.printed, &charset, pattern.as_ref())?;
    let mut read = combs::reread(lines, &analysis, &charset, pattern.as_ref(), read)?;
    specks::drop(&analysis, &mut read);
    enter("assemble");
    let place = Place::new(&analysis, width, height);
    let mut page = Page { width, height, rotation: place.rotation(), lines: Vec::new(), suppressed: Vec::new() };
    assemble::assemble(lines, read, o, &analysis, &place, &mut page);
    Ok(page)
}

/// All stages before reading, in the turn that is read: for `--dump-stages`.
/// # Errors
/// Where a model does not fit.
pub fn stages(
    net: &mut dyn PageNet,
    lines: &mut dyn Recogniser,
    gray: &Gray,
    chroma: Option<&Chroma>,
) -> Result<Analysis, ModelError> {
    turn::upright(&page::prepare(gray, chroma), net, lines)
}

/// Crops of a page on which it is known what stands where; see [`truth::known_crops`].
/// # Errors
/// Where a model does not fit.
pub fn known_crops(
    net: &mut dyn PageNet,
    lines: &mut dyn Recogniser,
    gray: &Gray,
    chroma: Option<&Chroma>,
    units: &[truth::Known],
) -> Result<Vec<truth::KnownCrop>, ModelError> {
    Ok(truth::known_crops(&stages(net, lines, gray, chroma)?, gray.width, gray.height, units))
}

/// The picture of each segment.
pub fn segment_crops(a: &Analysis) -> Vec<Crop> {
    a.segments.iter().map(|s| read::crop_of(a, s, &a.lifted)).collect()
}
