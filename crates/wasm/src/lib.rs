//! The boundary to JavaScript: translates arguments, and nothing else.

#[cfg(feature = "ocr")]
mod engine;
#[cfg(feature = "ocr")]
mod fault;
#[cfg(feature = "train")]
mod kernels;
#[cfg(feature = "train")]
mod samples;
