//! What is read at once: the ink of a unit, cut out of the page.

use crate::raster::Rect;

/// Components that are read together: a number, a few words, the content of a cell, a comb.
#[derive(Clone, Debug)]
pub struct Segment {
    pub rect: Rect,
    /// Indices into the page's components.
    pub parts: Vec<usize>,
    /// Height of its digits in pixels.
    pub glyph: usize,
    /// Number of its unit, from 0 on.
    pub unit: usize,
    /// How sure the labels are that its core is written, and that it is printed; both 0..1, independent.
    pub hand: f32,
    pub print: f32,
}
