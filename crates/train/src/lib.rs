//! What training needs beyond the forward pass: gradients, losses, optimizer updates, and the samples themselves.

pub mod canvas;
pub mod components;
pub mod conv_grad;
pub mod crop;
pub mod elementwise;
mod entries;
pub mod frames_grad;
pub mod glyphs;
mod habits;
mod intrusions;
pub mod library;
pub mod lines;
pub mod loss;
pub mod maps_grad;
pub mod norm;
pub mod page_input;
pub mod page_loss;
pub mod pages;
pub mod pool;
pub mod random;
pub mod real_pages;
mod stamps;
pub mod step;
pub mod strokes;
pub mod texts;
pub mod written;
