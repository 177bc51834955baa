//! Self-attention of several heads over the frames of lines, each frame within a window, so that the cost grows with the width.
//!
//! Queries, keys and values lie in one map `[n][w][3 c]`, each `c` wide with the heads behind one another. Queries are worked on in
//! blocks: their products with all keys that any of them sees are one matrix, in which the softmax leaves out what is too far.

use crate::gemm::{rows_times_panel, Epilogue, Rows, PANEL};
use crate::softmax::{softmax, softmax_reference};

/// Frames of a block of queries: whole tiles of the matrix product on all machines.
const BLOCK: usize = 24;

#[derive(Clone, Copy, Debug)]
pub struct Attention {
    pub n: usize,
    /// Frames of a line, filling included.
    pub w: usize,
    pub c: usize,
    pub heads: usize,
    /// How many frames to each side a frame sees.
    pub window: usize,
}

/// Queries and the keys that any of them sees; these begin and end at whole panels.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub from: usize,
    pub to: usize,
    pub first: usize,
    pub last: usize,
}

impl Block {
    pub fn queries(&self) -> usize {
        self.to - self.from
    }
    pub fn keys(&self) -> usize {
        self.last - self.first
    }
}

impl Attention {
    pub fn depth(&self) -> usize {
        self.c / self.heads
    }
    /// Frames of a line with the filling up to whole panels.
    pub fn filled(&self) -> usize {
        self.w.next_multiple_of(PANEL)
    }
    pub fn scale(&self) -> f32 {
        1.0 / (self.depth() as f32).sqrt()
    }
    /// Blocks of a line of `length` frames.
    pub fn blocks(&self, length: usize) -> impl Iterator<Item = Block> + '_ {
        (0..length).step_by(BLOCK).map(move |from| {
            let to = (from + BLOCK).min(length);
            let first = from.saturating_sub(self.window) / PANEL * PANEL;
            let last = (to + self.window).min(length).next_multiple_of(PANEL);
            Block { from, to, first, last }
        })
    }
    /// The keys that frame `i` of a line of `length` sees.
    pub fn seen(&self, i: usize, length: usize) -> core::ops::Range<usize> {
        i.saturating_sub(self.window)..(i + self.window + 1).min(length)
    }
    fn check(&self, qkv: &[f32], y: &[f32], lengths: Option<&[usize]>) {
        assert!(self.heads > 0 && self.c.is_multiple_of(self.heads));
        assert!(qkv.len() >= self.n * self.w * 3 * self.c && y.len() >= self.n * self.w * self.c);
        assert!(lengths.is_none_or(|l| l.len() == self.n && l.iter().all(|&l| l <= self.w)));
    }
}

/// Buffers that are kept between calls.
#[derive(Default)]
pub struct Scratch {
    keys: Vec<f32>,
    values: Vec<f32>,
    scores: Vec<f32>,
}

/// Packs `depth` columns of rows `stride` apart, transposed and scaled: panels `[filled / PANEL][depth][PANEL]` of one frame a column.
pub fn pack_frames_across(x: &[f32], stride: usize, frames: usize, depth: usize, scale: f32, out: &mut Vec<f32>) {
    out.clear();
    out.resize(frames.next_multiple_of(PANEL) * depth, 0.0);
    for j in 0..frames {
        let panel = &mut out[j / PANEL * depth * PANEL..];
        for (i, &v) in x[j * stride..j * stride + depth].iter().enumerate() {
            panel[i * PANEL + j % PANEL] = v * scale;
        }
    }
}

/// Packs `depth` columns of rows `stride` apart: panels `[depth / PANEL up][filled][PANEL]` of one frame a row.
pub fn pack_frames_down(x: &[f32], stride: usize, frames: usize, depth: usize, out: &mut Vec<f32>) {
    let filled = frames.next_multiple_of(PANEL);
    out.clear();
    out.resize(depth.div_ceil(PANEL) * filled * PANEL, 0.0);
    for (p, panel) in out.chunks_exact_mut(filled * PANEL).enumerate() {
        let width = PANEL.min(depth - p * PANEL);
        for (j, row) in panel.chunks_exact_mut(PANEL).take(frames).enumerate() {
            row[..width].copy_from_slice(&x[j * stride + p * PANEL..][..width]);
        }
    }
}

/// What each query of a block makes of the keys it sees: `scores` `[queries][keys]` of the block, rows that add to 1, zero beyond the
/// window. `q` is the line's first query, rows `stride` apart; `keys` as [`pack_frames_across`] made them.
pub fn weights(a: &Attention, q: &[f32], stride: usize, keys: &[f32], b: &Block, length: usize, scores: &mut Vec<f32>) {
    let (depth, n) = (a.depth(), b.keys());
    scores.resize(b.queries() * n, 0.0);
    assert!(q.len() >= (b.to - 1) * stride + depth && keys.len() >= b.last * depth);
    let rows = Rows { row: stride, runs: 1, k: depth, run_stride: 0 };
    for at in (0..n).step_by(PANEL) {
        // SAFETY: the queries and the packed keys were checked above, and `scores` has whole panels of each query.
        unsafe {
            let panel = keys.as_ptr().add((b.first + at) * depth);
            let (from, to) = (q.as_ptr().add(b.from * stride), scores.as_mut_ptr().add(at));
            rows_times_panel(from, b.queries(), rows, panel, to, n, 0, PANEL, &Epilogue::default());
        }
    }
    for (i, row) in scores.chunks_exact_mut(n).enumerate() {
        let seen = a.seen(b.from + i, length);
        let (from, to) = (seen.start - b.first, seen.end - b.first);
        row[..from].fill(0.0);
        row[to..].fill(0.0);
        softmax(&mut row[from..to]);
    }
}

/// `y` `[n][w][c]`; frames beyond a line's length see nothing, are not seen, and give zero.
pub fn attention(qkv: &[f32], lengths: Option<&[usize]>, y: &mut [f32], a: &Attention, scratch: &mut Scratch) {
    a.check(qkv, y, lengths);
    let (stride, depth) = (3 * a.c, a.depth());
    for n in 0..a.n {
        let length = lengths.map_or(a.w, |l| l[n]);
        let line = &qkv[n * a.w * stride..(n + 1) * a.w * stride];
        let out = &mut y[n * a.w * a.c..(n + 1) * a.w * a.c];
        out[length * a.c..].fill(0.0);
        for head in (0..a.heads).take_while(|_| length > 0).map(|h| h * depth) {
            pack_frames_across(&line[a.c + head..], stride, length, depth, a.scale(), &mut scratch.keys);
            pack_frames_down(&line[2 * a.c + head..], stride, length, depth, &mut scratch.values);
            let filled = length.next_multiple_of(PANEL);
            for b in a.blocks(length) {
                weights(a, &line[head..], stride, &scratch.keys, &b, length, &mut scratch.scores);
                let rows = Rows { row: b.keys(), runs: 1, k: b.keys(), run_stride: 0 };
                for (p, panel) in scratch.values.chunks_exact(filled * PANEL).enumerate() {
                    let width = PANEL.min(depth - p * PANEL);
                    // SAFETY: a panel has all `filled` frames, of which the block's keys are some; the block's rows of `y` are there.
                    unsafe {
                        let to = out.as_mut_ptr().add(b.from * a.c + head + p * PANEL);
                        let panel = panel.as_ptr().add(b.first * PANEL);
                        let e = Epilogue::default();
                        rows_times_panel(scratch.scores.as_ptr(), b.queries(), rows, panel, to, a.c, 0, width, &e);
                    }
                }
            }
        }
    }
}

/// Slow judge of [`attention`].
pub fn attention_reference(qkv: &[f32], lengths: Option<&[usize]>, a: &Attention) -> Vec<f32> {
    let (stride, depth) = (3 * a.c, a.depth());
    let mut y = vec![0.0; a.n * a.w * a.c];
    for n in 0..a.n {
        let length = lengths.map_or(a.w, |l| l[n]);
        let at = |frame: usize, part: usize, i: usize| qkv[(n * a.w + frame) * stride + part * a.c + i];
        for head in (0..a.heads).map(|h| h * depth) {
            for i in 0..length {
                let seen = a.seen(i, length);
                let dot = |j: usize| (0..depth).map(|d| at(i, 0, head + d) * at(j, 1, head + d)).sum::<f32>() * a.scale();
                let p = softmax_reference(&seen.clone().map(dot).collect::<Vec<_>>());
                for d in 0..depth {
                    let sum: f32 = seen.clone().zip(&p).map(|(j, p)| p * at(j, 2, head + d)).sum();
                    y[(n * a.w + i) * a.c + head + d] = sum;
                }
            }
        }
    }
    y
}
