//! The one inner loop of the whole project: a tile of rows times a packed panel of columns.
//!
//! Convolution in NHWC is such a product without any im2col: the rows of A are windows that overlap in memory,
//! so a row is a base pointer, and a window of `kh` lines is `kh` runs of `kw * c` contiguous values.
//! Left out: blocking over K. The panels of our nets (K up to 3,136) stay within the second-level cache.

use crate::simd::{keep_order, Lanes, LANES, SHUFFLED};

/// Columns in a packed panel: two vectors.
pub const PANEL: usize = 2 * LANES;
/// Rows of a tile. With relaxed SIMD eight: in WASM as Deno runs it each load is checked against the memory's bounds, so that a row's four
/// values by one load, and shuffles, are worth the accumulators that find no register (of 29.5 billion multiply-adds a second that a core
/// can do, 25.0 with eight rows and 23.2 with six; 20.5 with a load for each value and six rows). Plain SIMD and AVX2 keep the 12 accumulators of six
/// rows, 2 columns and 1 broadcast in 16 registers. AVX-512 has 32, but with twelve rows the compiler keeps broadcasts on the stack: 25 billion
/// multiply-adds a second in place of 57 with eight (Zen 4).
pub const TILE: usize = if LANES == 16 || SHUFFLED { 8 } else { 6 };

/// Rows of a tile in kernels that load each value by itself.
pub const LOADED_TILE: usize = if LANES == 16 { 8 } else { 6 };

/// Calls `$call::<n>($args)` for the tile of `$n` rows, 1 to `$most`, which is 6 at least.
#[macro_export]
macro_rules! tile_of {
    ($n:expr, $most:expr, $call:ident $args:tt) => {
        match $n {
            1 => $call::<1> $args,
            2 => $call::<2> $args,
            3 => $call::<3> $args,
            4 => $call::<4> $args,
            5 => $call::<5> $args,
            6 if $most > 6 => $call::<6> $args,
            7 if $most > 7 => $call::<7> $args,
            _ => $call::<{ $most }> $args,
        }
    };
}

/// Rows of the next tile of `most` when `left` are left: the last two are made alike, as a tile of one row runs at a sixth of the speed.
#[inline(always)]
pub fn next_tile(left: usize, most: usize) -> usize {
    if left >= 2 * most || left <= most {
        left.min(most)
    } else {
        left.div_ceil(2)
    }
}

/// What happens to an accumulator before it is stored: `relu?(acc + bias) * scale + shift`.
#[derive(Clone, Copy, Default)]
pub struct Epilogue<'a> {
    /// One value a column, or none.
    pub bias: Option<&'a [f32]>,
    pub relu: bool,
    /// Scale and shift, one value a column each; batch normalisation that follows an activation.
    pub affine: Option<(&'a [f32], &'a [f32])>,
}

impl Epilogue<'_> {
    /// It, of a vector of columns from `at` on.
    #[inline(always)]
    pub(crate) fn of(&self, mut v: Lanes, at: usize) -> Lanes {
        // SAFETY: the slice is as long as a vector.
        let lanes = |values: &[f32]| unsafe { Lanes::load(values[at..at + LANES].as_ptr()) };
        if let Some(bias) = self.bias {
            v = v.add(lanes(bias));
        }
        if self.relu {
            v = Lanes::splat(0.0).max(v);
        }
        if let Some((scale, shift)) = self.affine {
            v = lanes(shift).fma(v, lanes(scale));
        }
        v
    }
}

/// Where the rows of A lie: row `i` starts at `i * row`, and is `runs` runs of `k` values, `run_stride` apart.
#[derive(Clone, Copy)]
pub struct Rows {
    pub row: usize,
    pub runs: usize,
    pub k: usize,
    pub run_stride: usize,
}

/// Packs `b` (`[k][n]`, row-major) into panels `[ceil(n / PANEL)][k][PANEL]`, filled up with zeros.
pub fn pack(b: &[f32], k: usize, n: usize) -> Vec<f32> {
    let mut out = vec![0.0; n.div_ceil(PANEL) * k * PANEL];
    pack_into(b, k, n, n, &mut out);
    out
}

/// Like [`pack`], into a buffer that is there; `ldb` is the row stride of `b`.
pub fn pack_into(b: &[f32], k: usize, n: usize, ldb: usize, out: &mut [f32]) {
    for (p, panel) in out.chunks_exact_mut(k * PANEL).enumerate() {
        let from = p * PANEL;
        let width = PANEL.min(n - from);
        for (i, row) in panel.chunks_exact_mut(PANEL).enumerate() {
            row[..width].copy_from_slice(&b[i * ldb + from..i * ldb + from + width]);
            row[width..].fill(0.0);
        }
    }
}

/// Packs the transpose of `b` (`[n][k]`, row-major) into panels `[ceil(n / PANEL)][k][PANEL]`.
pub fn pack_transposed(b: &[f32], k: usize, n: usize) -> Vec<f32> {
    let mut out = vec![0.0; n.div_ceil(PANEL) * k * PANEL];
    for j in 0..n {
        let panel = &mut out[(j / PANEL) * k * PANEL..];
        for i in 0..k {
            panel[i * PANEL + j % PANEL] = b[j * k + i];
        }
    }
    out
}

/// # Safety
/// Row `MR - 1` of `a`, as `rows` describes it, and `rows.runs * rows.k * PANEL` values of `b` are readable.
#[inline(always)]
unsafe fn micro<const MR: usize, const VECTORS: usize>(a: *const f32, rows: Rows, b: *const f32) -> [[Lanes; VECTORS]; MR] {
    let mut acc = [[Lanes::splat(0.0); VECTORS]; MR];
    let mut b = b;
    for run in 0..rows.runs {
        let start = a.add(run * rows.run_stride);
        let mut p: [*const f32; MR] = core::array::from_fn(|i| start.add(i * rows.row));
        for _ in 0..rows.k / 4 {
            if SHUFFLED {
                let columns: [[Lanes; VECTORS]; 4] =
                    core::array::from_fn(|u| core::array::from_fn(|v| Lanes::load(b.add(u * PANEL + v * LANES))));
                for i in 0..MR {
                    let values = Lanes::load_splats(p[i]);
                    for (v, columns) in values.into_iter().zip(columns) {
                        for (acc, column) in acc[i].iter_mut().zip(columns) {
                            *acc = acc.fma(v, column);
                        }
                    }
                }
            } else {
                for u in 0..4 {
                    let columns: [Lanes; VECTORS] = core::array::from_fn(|v| Lanes::load(b.add(u * PANEL + v * LANES)));
                    for i in 0..MR {
                        let v = Lanes::load_splat(p[i].add(u));
                        for (acc, column) in acc[i].iter_mut().zip(columns) {
                            *acc = acc.fma(v, column);
                        }
                        // Keeps loads in this order: all at once they would need more registers than there are.
                        keep_order();
                    }
                }
            }
            b = b.add(4 * PANEL);
            for i in 0..MR {
                p[i] = p[i].add(4);
            }
        }
        for u in 0..rows.k % 4 {
            let columns: [Lanes; VECTORS] = core::array::from_fn(|v| Lanes::load(b.add(v * LANES)));
            for i in 0..MR {
                let v = Lanes::load_splat(p[i].add(u));
                for (acc, column) in acc[i].iter_mut().zip(columns) {
                    *acc = acc.fma(v, column);
                }
            }
            b = b.add(PANEL);
        }
    }
    acc
}

/// # Safety
/// As [`micro`]; `c` is writable for `MR` rows of `width` values, `ldc` apart, and `width` is at most `VECTORS * LANES`.
#[inline(always)]
unsafe fn tile<const MR: usize, const VECTORS: usize>(
    a: *const f32,
    rows: Rows,
    b: *const f32,
    c: *mut f32,
    ldc: usize,
    col: usize,
    width: usize,
    e: &Epilogue,
) {
    let mut acc = micro::<MR, VECTORS>(a, rows, b);
    let lanes = |v: &[f32]| -> [Lanes; VECTORS] {
        let mut t = [0.0; PANEL];
        t[..width].copy_from_slice(&v[col..col + width]);
        core::array::from_fn(|v| Lanes::load(t.as_ptr().add(v * LANES)))
    };
    if let Some(bias) = e.bias {
        let v = lanes(bias);
        for row in acc.iter_mut() {
            row.iter_mut().zip(v).for_each(|(a, v)| *a = a.add(v));
        }
    }
    if e.relu {
        let zero = Lanes::splat(0.0);
        for row in acc.iter_mut() {
            row.iter_mut().for_each(|a| *a = zero.max(*a));
        }
    }
    if let Some((scale, shift)) = e.affine {
        let (s, t) = (lanes(scale), lanes(shift));
        for row in acc.iter_mut() {
            row.iter_mut().zip(s).zip(t).for_each(|((a, s), t)| *a = t.fma(*a, s));
        }
    }
    for (i, row) in acc.into_iter().enumerate() {
        let out = c.add(i * ldc);
        if width == VECTORS * LANES {
            row.into_iter().enumerate().for_each(|(v, a)| a.store(out.add(v * LANES)));
        } else {
            // No vector but the last is narrower: a panel of less than a vector has a tile of one.
            row.into_iter().enumerate().for_each(|(v, a)| a.store_part(out.add(v * LANES), width - v * LANES));
        }
    }
}

/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn wide<const MR: usize>(
    a: *const f32,
    rows: Rows,
    b: *const f32,
    c: *mut f32,
    ldc: usize,
    col: usize,
    width: usize,
    e: &Epilogue,
) {
    tile::<MR, 2>(a, rows, b, c, ldc, col, width, e);
}

/// [`wide`] for a panel whose second half is empty: half of the work.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn narrow<const MR: usize>(
    a: *const f32,
    rows: Rows,
    b: *const f32,
    c: *mut f32,
    ldc: usize,
    col: usize,
    width: usize,
    e: &Epilogue,
) {
    tile::<MR, 1>(a, rows, b, c, ldc, col, width, e);
}

/// `c[i][col..col + width] = epilogue(A[i] * panel)` for `m` rows of A; `width` is `PANEL` but for the last panel.
///
/// # Safety
/// As [`micro`] and [`tile`], for `m` rows.
pub unsafe fn rows_times_panel(
    a: *const f32,
    m: usize,
    rows: Rows,
    panel: *const f32,
    c: *mut f32,
    ldc: usize,
    col: usize,
    width: usize,
    e: &Epilogue,
) {
    let mut i = 0;
    while i < m {
        let (pa, pc) = (a.add(i * rows.row), c.add(i * ldc));
        let step = next_tile(m - i, TILE);
        if width <= LANES {
            tile_of!(step, TILE, narrow(pa, rows, panel, pc, ldc, col, width, e));
        } else {
            tile_of!(step, TILE, wide(pa, rows, panel, pc, ldc, col, width, e));
        }
        i += step;
    }
}

/// `c = epilogue(a * b)`, `a` `[m][k]`, `b` packed from `[k][n]`, `c` `[m][n]`, all row-major.
pub fn matmul(a: &[f32], packed: &[f32], c: &mut [f32], m: usize, k: usize, n: usize, e: &Epilogue) {
    assert!(a.len() >= m * k && c.len() >= m * n && packed.len() >= n.div_ceil(PANEL) * k * PANEL);
    let rows = Rows { row: k, runs: 1, k, run_stride: 0 };
    for (p, panel) in packed.chunks_exact(k * PANEL).take(n.div_ceil(PANEL)).enumerate() {
        let col = p * PANEL;
        // SAFETY: the lengths were checked above.
        unsafe {
            rows_times_panel(a.as_ptr(), m, rows, panel.as_ptr(), c.as_mut_ptr().add(col), n, col, PANEL.min(n - col), e);
        }
    }
}

/// Slow judge of [`matmul`] without its epilogue.
pub fn matmul_reference(a: &[f32], b: &[f32], m: usize, k: usize, n: usize) -> Vec<f32> {
    let mut c = vec![0.0; m * n];
    for i in 0..m {
        for j in 0..n {
            c[i * n + j] = (0..k).map(|p| a[i * k + p] * b[p * n + j]).sum();
        }
    }
    c
}
