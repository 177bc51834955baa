//! The network: its file, its input, its kernels and its decoders. Knows nothing of pages or of wasm-bindgen.

pub mod alphabet;
pub mod attention;
pub mod beam;
pub mod conv;
pub mod depthwise;
pub mod digits;
mod frames;
pub mod gemm;
pub mod int8;
pub mod layernorm;
mod layers;
pub mod lexicon;
pub mod line;
pub mod looks;
pub mod maps;
pub mod model;
pub mod normalise;
pub mod pattern;
pub mod prefixes;
pub mod quantised;
mod second;
pub mod simd;
pub mod softmax;
pub mod spelling;
pub mod winograd;
pub mod winograd8;
pub mod winograd_rows;
