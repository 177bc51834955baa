//! What a page net says of each place of a page: the heads of its output, in order, and the planes of truth that it learns from.
//!
//! Input `[h][w][3]`, both sides multiples of [`MULTIPLE`]: darkness (0 paper to 1 black), Cb and Cr relative to the paper's. The
//! output has half of the input's rows and columns and [`HEADS`] logits each.

/// Rows and columns of the input to one of the output.
pub const STRIDE: usize = 2;
/// Sides of the input are multiples of this: the net's deepest layers see one value for so many pixels.
pub const MULTIPLE: usize = 32;
/// Values of a pixel of the input.
pub const CHANNELS: usize = 3;

/// Ink by who made it; independent sigmoids, as hand may cross print.
pub const HAND: usize = 0;
pub const PRINT: usize = 1;
/// Marks that are neither text nor rule: ticks, tallies, pictures, rings, dirt.
pub const OTHER: usize = 2;
/// Rules along the text and across it.
pub const LYING: usize = 3;
pub const UPRIGHT: usize = 4;
/// The band of a unit (a word, a number, the content of a cell, a comb) along its baseline, by who wrote it.
pub const CORE_HAND: usize = 5;
pub const CORE_PRINT: usize = 6;
/// Between units of different fields.
pub const GAP: usize = 7;
/// Between words of one line and one field.
pub const LINK: usize = 8;
/// How many heads are sigmoids, from the first on.
pub const SIGMOIDS: usize = 9;
/// At cores: how far up the digits' tops are and how far down the baseline is, in units of [`HEIGHT_UNIT`] pixels of the input.
pub const ABOVE: usize = 9;
pub const BELOW: usize = 10;
pub const HEIGHT_UNIT: f32 = 16.0;
/// At cores: softmax over the clockwise quarter turns that make the text upright.
pub const TURN: usize = 11;
pub const TURNS: usize = 4;
pub const HEADS: usize = TURN + TURNS;

/// Planes of truth, of the output's size, `u8`: coverage 0 to 255 for each sigmoid, then heights in quarter pixels of the input, the
/// turn (255 unknown), and what is not known here as bits.
pub const TRUTH_ABOVE: usize = 9;
pub const TRUTH_BELOW: usize = 10;
pub const TRUTH_TURN: usize = 11;
pub const TRUTH_IGNORE: usize = 12;
pub const TRUTHS: usize = 13;
/// Pixels of the input to a step of the height planes.
pub const TRUTH_HEIGHT: f32 = 0.25;

/// Bit of the ignore plane that covers each sigmoid.
pub const IGNORED_BY: [u8; SIGMOIDS] = [1, 2, 4, 8, 8, 64, 16, 16, 16];
/// Heights are unknown, and with them the turn.
pub const IGNORE_HEIGHT: u8 = 32;
