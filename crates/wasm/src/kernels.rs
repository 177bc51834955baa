//! Kernels of the tfjs backend. Tensors live in this module's memory; JavaScript passes addresses, lengths in values, and
//! nothing but numbers, so that the same functions serve as a WASM module and as a native library (`deno task native`).

use net::attention::{self, Attention};
use net::conv::ConvShape;
use net::gemm::{matmul, pack, pack_transposed, Epilogue};
use net::{depthwise, layernorm, maps};
use std::cell::RefCell;
use train::{conv_grad, elementwise, frames_grad, loss, maps_grad, norm, pool, step};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen::prelude::*;

thread_local! {
    /// Released memory by size: asking the system for it anew costs a page fault for every 4 KiB.
    #[cfg(not(target_arch = "wasm32"))]
    static POOL: RefCell<std::collections::HashMap<usize, Vec<usize>>> = RefCell::default();
    static SCRATCH: RefCell<conv_grad::Scratch> = RefCell::new(conv_grad::Scratch::default());
    static FRAMES: RefCell<(attention::Scratch, frames_grad::Scratch)> = RefCell::default();
}

// SAFETY of all four: the backend passes only addresses of live tensors with their true lengths, and never one tensor as both
// input and output.
fn read<'a>(address: usize, len: usize) -> &'a [f32] {
    unsafe { core::slice::from_raw_parts(address as *const f32, len) }
}
fn write<'a>(address: usize, len: usize) -> &'a mut [f32] {
    unsafe { core::slice::from_raw_parts_mut(address as *mut f32, len) }
}
fn integers<'a>(address: usize, len: usize) -> &'a [u32] {
    unsafe { core::slice::from_raw_parts(address as *const u32, len) }
}
fn bytes<'a>(address: usize, len: usize) -> &'a [u8] {
    unsafe { core::slice::from_raw_parts(address as *const u8, len) }
}
fn layout(values: usize) -> std::alloc::Layout {
    // Natively sizes are rounded up by at most an eighth, so that a batch of another width finds room that was used before.
    let step = if cfg!(target_arch = "wasm32") { 4 } else { (values / 8).next_power_of_two().max(16) };
    std::alloc::Layout::from_size_align(values.max(1).next_multiple_of(step) * 4, 16)
        .expect("a tensor's size fits the address space")
}

/// Address of room for `values` floats, or 0 when memory is full. Not cleared.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn allocate(values: usize) -> usize {
    #[cfg(not(target_arch = "wasm32"))]
    if let Some(address) = POOL.with_borrow_mut(|p| p.get_mut(&layout(values).size()).and_then(Vec::pop)) {
        return address;
    }
    // SAFETY: the layout is never empty.
    unsafe { std::alloc::alloc(layout(values)) as usize }
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn release(address: usize, values: usize) {
    #[cfg(not(target_arch = "wasm32"))]
    POOL.with_borrow_mut(|p| p.entry(layout(values).size()).or_default().push(address));
    // SAFETY: `address` came from `allocate(values)` and is released once.
    #[cfg(target_arch = "wasm32")]
    unsafe {
        std::alloc::dealloc(address as *mut u8, layout(values))
    }
}

/// `dims`: n h w c kh kw oc sh sw top left oh ow.
fn shape(dims: usize) -> ConvShape {
    let d: [usize; 13] = core::array::from_fn(|i| integers(dims, 13)[i] as usize);
    ConvShape {
        n: d[0],
        h: d[1],
        w: d[2],
        c: d[3],
        kh: d[4],
        kw: d[5],
        oc: d[6],
        sh: d[7],
        sw: d[8],
        top: d[9],
        left: d[10],
        oh: d[11],
        ow: d[12],
    }
}
fn input_len(s: &ConvShape) -> usize {
    s.n * s.h * s.w * s.c
}
fn output_len(s: &ConvShape) -> usize {
    s.n * s.oh * s.ow * s.oc
}
fn filter_len(s: &ConvShape) -> usize {
    s.kh * s.kw * s.c * s.oc
}

/// `bias` may be 0 for none.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn conv2d_forward(x: usize, w: usize, bias: usize, y: usize, dims: usize, relu: bool) {
    let s = shape(dims);
    let e = Epilogue { bias: (bias != 0).then(|| read(bias, s.oc)), relu, affine: None };
    SCRATCH.with_borrow_mut(|scratch| {
        conv_grad::forward(read(x, input_len(&s)), read(w, filter_len(&s)), write(y, output_len(&s)), &s, &e, scratch)
    });
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn conv2d_backprop_input(dy: usize, w: usize, dx: usize, dims: usize) {
    let s = shape(dims);
    SCRATCH.with_borrow_mut(|scratch| {
        conv_grad::backprop_input(read(dy, output_len(&s)), read(w, filter_len(&s)), write(dx, input_len(&s)), &s, scratch)
    });
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn conv2d_backprop_filter(x: usize, dy: usize, dw: usize, dims: usize) {
    let s = shape(dims);
    SCRATCH.with_borrow_mut(|scratch| {
        conv_grad::backprop_filter(read(x, input_len(&s)), read(dy, output_len(&s)), write(dw, filter_len(&s)), &s, scratch)
    });
}

/// `kind`: 0 forward (a = x, b = w), 1 input gradient (a = dy, b = w), 2 filter gradient (a = x, b = dy).
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn depthwise(kind: u32, a: usize, b: usize, out: usize, dims: usize) {
    let s = shape(dims);
    let outputs = s.n * s.oh * s.ow * s.c * s.oc;
    match kind {
        0 => depthwise::depthwise(read(a, input_len(&s)), read(b, filter_len(&s)), None, write(out, outputs), &s),
        1 => frames_grad::depthwise_input_grad(read(a, outputs), read(b, filter_len(&s)), write(out, input_len(&s)), &s),
        _ => frames_grad::depthwise_filter_grad(read(a, input_len(&s)), read(b, outputs), write(out, filter_len(&s)), &s),
    }
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn max_pool(x: usize, y: usize, dims: usize) {
    let s = shape(dims);
    pool::max_pool(read(x, input_len(&s)), write(y, output_len(&s)), &s);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn max_pool_grad(x: usize, y: usize, dy: usize, dx: usize, dims: usize) {
    let s = shape(dims);
    let len = output_len(&s);
    pool::max_pool_grad(read(x, input_len(&s)), read(y, len), read(dy, len), write(dx, input_len(&s)), &s);
}

/// `c[i] = op(a[i]) * op(b[i])` for each of `batch` matrices; `m`, `k`, `n` after transposing. A `shared` one is the same for all.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn batch_matmul(
    a: usize,
    b: usize,
    c: usize,
    batch: usize,
    m: usize,
    k: usize,
    n: usize,
    ta: bool,
    tb: bool,
    shared_a: bool,
    shared_b: bool,
) {
    for i in 0..batch {
        let a = read(a + if shared_a { 0 } else { i * m * k * 4 }, m * k);
        let b = read(b + if shared_b { 0 } else { i * k * n * 4 }, k * n);
        let packed = if tb { pack_transposed(b, k, n) } else { pack(b, k, n) };
        let mut turned = Vec::new();
        let a = if ta {
            turned.resize(m * k, 0.0);
            for p in 0..k {
                for q in 0..m {
                    turned[q * k + p] = a[p * m + q];
                }
            }
            &turned[..]
        } else {
            a
        };
        matmul(a, &packed, write(c + i * m * n * 4, m * n), m, k, n, &Epilogue::default());
    }
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn unary(code: u32, x: usize, y: usize, len: usize) -> bool {
    elementwise::unary(code, read(x, len), write(y, len))
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn binary(code: u32, a: usize, b: usize, y: usize, len: usize, b_len: usize) -> bool {
    elementwise::binary(code, read(a, len), read(b, b_len), write(y, len))
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn row_sums(x: usize, y: usize, rows: usize, k: usize) {
    elementwise::row_sums(read(x, rows * k), k, write(y, rows));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn column_sums(x: usize, y: usize, rows: usize, c: usize) {
    write(y, c).copy_from_slice(&norm::column_sums(read(x, rows * c), c));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn dropout(x: usize, y: usize, len: usize, keep: f32, seed: u32) {
    elementwise::dropout(read(x, len), write(y, len), keep, seed);
}

/// Fills `mean` and `variance` from the batch, then `y`.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn batch_norm(
    x: usize,
    y: usize,
    mean: usize,
    variance: usize,
    gamma: usize,
    beta: usize,
    rows: usize,
    c: usize,
    epsilon: f32,
    relu: bool,
) {
    let x = read(x, rows * c);
    let (m, v) = norm::moments(x, c);
    norm::normalise(x, write(y, rows * c), &m, &v, read(gamma, c), read(beta, c), epsilon, relu);
    write(mean, c).copy_from_slice(&m);
    write(variance, c).copy_from_slice(&v);
}

/// Normalises with given statistics.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn fused_batch_norm(
    x: usize,
    y: usize,
    mean: usize,
    variance: usize,
    gamma: usize,
    beta: usize,
    rows: usize,
    c: usize,
    epsilon: f32,
) {
    let (m, v) = (read(mean, c), read(variance, c));
    norm::normalise(read(x, rows * c), write(y, rows * c), m, v, read(gamma, c), read(beta, c), epsilon, false);
}

/// `grads`: room for dgamma, then dbeta.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn batch_norm_grad(
    dy: usize,
    x: usize,
    y: usize,
    dx: usize,
    mean: usize,
    variance: usize,
    gamma: usize,
    dgamma: usize,
    dbeta: usize,
    rows: usize,
    c: usize,
    epsilon: f32,
    relu: bool,
) {
    let len = rows * c;
    let (g, b) = norm::normalise_grad(
        read(dy, len),
        read(x, len),
        read(y, len),
        write(dx, len),
        read(mean, c),
        read(variance, c),
        read(gamma, c),
        epsilon,
        relu,
    );
    write(dgamma, c).copy_from_slice(&g);
    write(dbeta, c).copy_from_slice(&b);
}

/// `dx = dy where y > 0`.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn relu_grad(dy: usize, y: usize, dx: usize, len: usize) {
    for ((dx, &dy), &y) in write(dx, len).iter_mut().zip(read(dy, len)).zip(read(y, len)) {
        *dx = if y > 0.0 { dy } else { 0.0 };
    }
}

/// Mean loss of `[rows][k]` logits against target distributions; the gradient goes to `grad`.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn cross_entropy(logits: usize, target: usize, grad: usize, rows: usize, k: usize) -> f32 {
    loss::cross_entropy(read(logits, rows * k), read(target, rows * k), write(grad, rows * k), k)
}

/// CTC losses of a batch `[n][frames][row]` whose first `k` values a frame are the classes; sample `i` uses its first
/// `lengths[i]` frames and the label `labels[i * longest..][..label_lengths[i]]`. `losses` gets each one's loss times its weight,
/// or minus one where the label does not fit. The weighted gradient goes to `grad`, zero elsewhere.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn ctc(
    logits: usize,
    grad: usize,
    n: usize,
    frames: usize,
    row: usize,
    k: usize,
    labels: usize,
    longest: usize,
    label_lengths: usize,
    lengths: usize,
    weights: usize,
    losses: usize,
) {
    let (labels, label_lengths, lengths) = (integers(labels, n * longest), integers(label_lengths, n), integers(lengths, n));
    let (weights, losses) = (read(weights, n), write(losses, n));
    let (mut x, mut g) = (Vec::new(), Vec::new());
    for i in 0..n {
        let from = read(logits + i * frames * row * 4, frames * row);
        let to = write(grad + i * frames * row * 4, frames * row);
        to.fill(0.0);
        losses[i] = 0.0;
        if weights[i] == 0.0 {
            continue;
        }
        x.clear();
        from.chunks_exact(row).take(lengths[i] as usize).for_each(|f| x.extend_from_slice(&f[..k]));
        g.clear();
        g.resize(x.len(), 0.0);
        let label = &labels[i * longest..][..label_lengths[i] as usize];
        losses[i] = loss::ctc(&x, k, label, &mut g).map_or(-1.0, |l| l * weights[i]);
        for (to, g) in to.chunks_exact_mut(row).zip(g.chunks_exact(k)) {
            to[..k].iter_mut().zip(g).for_each(|(to, g)| *to = g * weights[i]);
        }
    }
}

/// Cross-entropy of single frames: `[rows][row]` logits with `k` classes from `offset` on, a class a row or 255 for none.
/// Returns the sum of the losses times `weight`; the gradient goes to the same places of `grad`.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn frame_cross_entropy(
    logits: usize,
    grad: usize,
    row: usize,
    offset: usize,
    k: usize,
    classes: usize,
    rows: usize,
    weight: f32,
) -> f32 {
    let classes = bytes(classes, rows);
    let (x, g) = (read(logits, classes.len() * row), write(grad, classes.len() * row));
    let mut sum = 0.0f64;
    for ((x, g), &class) in x.chunks_exact(row).zip(g.chunks_exact_mut(row)).zip(classes) {
        if class == 255 {
            continue;
        }
        let g = &mut g[offset..offset + k];
        g.copy_from_slice(&x[offset..offset + k]);
        loss::log_softmax(g, k);
        sum -= (weight * g[class as usize]) as f64;
        g.iter_mut().for_each(|v| *v = v.exp() * weight);
        g[class as usize] -= weight;
    }
    sum as f32
}

/// Loss of `n` pages, see `train::page_loss`: `logits` and `grad` `[n][size][heads]`, `truth` `[n][planes][size]`. `parts` gets the
/// parts of the loss, one a sigmoid, then the heights' and the turn's.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn page_loss(logits: usize, truth: usize, grad: usize, n: usize, size: usize, parts: usize) -> f32 {
    let len = n * size * page::heads::HEADS;
    let truth = bytes(truth, n * size * page::heads::TRUTHS);
    let loss = train::page_loss::page_loss(read(logits, len), truth, write(grad, len), n);
    write(parts, loss.parts.len()).copy_from_slice(&loss.parts);
    loss.whole
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn nesterov(w: usize, g: usize, v: usize, len: usize, rate: f32, momentum: f32, decay: f32) {
    step::nesterov(write(w, len), read(g, len), write(v, len), rate, momentum, decay);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn adam(
    w: usize,
    g: usize,
    m: usize,
    v: usize,
    len: usize,
    rate: f32,
    beta1: f32,
    beta2: f32,
    epsilon: f32,
    decay: f32,
    at: u32,
) {
    step::adam(write(w, len), read(g, len), write(m, len), write(v, len), rate, beta1, beta2, epsilon, decay, at);
}

/// `y = relu?(a + b)`.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn map_add(a: usize, b: usize, y: usize, len: usize, relu: bool) {
    maps::add(read(a, len), read(b, len), write(y, len), relu);
}

/// Channels of `a` `[rows][ca]`, then those of `b` `[rows][cb]`.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn map_concat(a: usize, b: usize, y: usize, rows: usize, ca: usize, cb: usize) {
    maps::concat(read(a, rows * ca), ca, read(b, rows * cb), cb, write(y, rows * (ca + cb)));
}

/// The way back of `map_concat`.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn map_split(y: usize, a: usize, b: usize, rows: usize, ca: usize, cb: usize) {
    maps_grad::split(read(y, rows * (ca + cb)), write(a, rows * ca), ca, write(b, rows * cb), cb);
}

/// `x` `[lines][w][c]` to `y` `[lines * by][w * by][c]`.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn upsample(x: usize, y: usize, lines: usize, w: usize, c: usize, by: usize) {
    let len = lines * w * c;
    maps::upsample(read(x, len), write(y, len * by * by), w, c, by);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn upsample_grad(dy: usize, dx: usize, lines: usize, w: usize, c: usize, by: usize) {
    let len = lines * w * c;
    maps_grad::upsample_grad(read(dy, len * by * by), write(dx, len), w, c, by);
}

/// `x` `[n][pixels][c]`, `y` `[n][2 c]`.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn context_pool(x: usize, y: usize, n: usize, pixels: usize, c: usize) {
    maps::context_pool(read(x, n * pixels * c), write(y, n * 2 * c), pixels, c);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn context_pool_grad(x: usize, y: usize, dy: usize, dx: usize, n: usize, pixels: usize, c: usize) {
    let (len, pooled) = (n * pixels * c, n * 2 * c);
    maps_grad::context_pool_grad(read(x, len), read(y, pooled), read(dy, pooled), write(dx, len), pixels, c);
}

/// `x` `[n][pixels][c]`, `gates` `[n][2 c]`.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn gate(x: usize, gates: usize, y: usize, n: usize, pixels: usize, c: usize) {
    let len = n * pixels * c;
    maps::gate(read(x, len), read(gates, n * 2 * c), write(y, len), pixels, c);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn gate_grad(x: usize, gates: usize, dy: usize, dx: usize, dgates: usize, n: usize, pixels: usize, c: usize) {
    let (len, both) = (n * pixels * c, n * 2 * c);
    maps_grad::gate_grad(read(x, len), read(gates, both), read(dy, len), write(dx, len), write(dgates, both), pixels, c);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn layer_norm(x: usize, scale: usize, shift: usize, y: usize, rows: usize, c: usize) {
    layernorm::layer_norm(read(x, rows * c), read(scale, c), read(shift, c), write(y, rows * c));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn layer_norm_grad(
    x: usize,
    scale: usize,
    dy: usize,
    dx: usize,
    dscale: usize,
    dshift: usize,
    rows: usize,
    c: usize,
) {
    let len = rows * c;
    let (a, b) = frames_grad::layer_norm_grad(read(x, len), read(scale, c), read(dy, len), write(dx, len));
    write(dscale, c).copy_from_slice(&a);
    write(dshift, c).copy_from_slice(&b);
}

/// Lengths of `n` lines, or 0 where all are as long as the map is wide.
fn lengths(address: usize, n: usize) -> Option<Vec<usize>> {
    (address != 0).then(|| integers(address, n).iter().map(|&l| l as usize).collect())
}

/// `qkv` `[n][w][3 c]`, `y` `[n][w][c]`; `line_lengths` may be 0.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn window_attention(
    qkv: usize,
    line_lengths: usize,
    y: usize,
    n: usize,
    w: usize,
    c: usize,
    heads: usize,
    window: usize,
) {
    let (a, lengths) = (Attention { n, w, c, heads, window }, lengths(line_lengths, n));
    let (qkv, y) = (read(qkv, n * w * 3 * c), write(y, n * w * c));
    FRAMES.with_borrow_mut(|s| attention::attention(qkv, lengths.as_deref(), y, &a, &mut s.0));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[cfg_attr(not(target_arch = "wasm32"), no_mangle)]
pub extern "C" fn window_attention_grad(
    qkv: usize,
    line_lengths: usize,
    dy: usize,
    dqkv: usize,
    n: usize,
    w: usize,
    c: usize,
    heads: usize,
    window: usize,
) {
    let (a, lengths) = (Attention { n, w, c, heads, window }, lengths(line_lengths, n));
    let (qkv, dy, dqkv) = (read(qkv, n * w * 3 * c), read(dy, n * w * c), write(dqkv, n * w * 3 * c));
    FRAMES.with_borrow_mut(|s| frames_grad::attention_grad(qkv, lengths.as_deref(), dy, dqkv, &a, &mut s.1));
}
