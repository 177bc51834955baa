//! Gradients of what works on the frames of lines: `net::attention`, `net::layernorm`, `net::depthwise`.

use net::attention::{pack_frames_across, weights, Attention};
use net::conv::ConvShape;
use net::depthwise::each_tap;
use net::gemm::{matmul, pack_into, Epilogue, PANEL};
use net::layernorm::moments;
use net::softmax::sum;

/// Buffers kept between calls.
#[derive(Default)]
pub struct Scratch {
    keys: Vec<f32>,
    values: Vec<f32>,
    scores: Vec<f32>,
    slopes: Vec<f32>,
    rows: Vec<f32>,
    packed: Vec<f32>,
    product: Vec<f32>,
}

/// Rows of `width` values that lie `stride` apart, one behind the other.
fn gather(x: &[f32], stride: usize, rows: usize, width: usize, out: &mut Vec<f32>) {
    out.clear();
    for r in 0..rows {
        out.extend_from_slice(&x[r * stride..r * stride + width]);
    }
}

/// `out += a b` where `a` is `[m][k]` and `b` `[k][n]`, and rows of `out` lie `stride` apart.
fn add_product(
    a: &[f32],
    b: &[f32],
    [m, k, n]: [usize; 3],
    out: &mut [f32],
    stride: usize,
    packed: &mut Vec<f32>,
    product: &mut Vec<f32>,
) {
    packed.resize(n.div_ceil(PANEL) * k * PANEL, 0.0);
    pack_into(b, k, n, n, packed);
    product.resize(m * n, 0.0);
    matmul(a, packed, product, m, k, n, &Epilogue::default());
    for (row, out) in product.chunks_exact(n).take(m).zip(out.chunks_mut(stride)) {
        out.iter_mut().zip(row).for_each(|(o, v)| *o += v);
    }
}

/// `[m][n]` to `[n][m]`.
fn turned(x: &[f32], m: usize, n: usize, out: &mut Vec<f32>) {
    out.clear();
    out.resize(m * n, 0.0);
    for (i, row) in x.chunks_exact(n).take(m).enumerate() {
        row.iter().enumerate().for_each(|(j, v)| out[j * m + i] = *v);
    }
}

/// `dqkv` `[n][w][3 c]` from `dy` `[n][w][c]`. What a query made of its keys is computed again, block by block: it would be more
/// than all else that a step keeps.
pub fn attention_grad(qkv: &[f32], lengths: Option<&[usize]>, dy: &[f32], dqkv: &mut [f32], a: &Attention, s: &mut Scratch) {
    let (stride, depth) = (3 * a.c, a.depth());
    dqkv.fill(0.0);
    for n in 0..a.n {
        let length = lengths.map_or(a.w, |l| l[n]);
        let line = &qkv[n * a.w * stride..(n + 1) * a.w * stride];
        let to = &mut dqkv[n * a.w * stride..(n + 1) * a.w * stride];
        let dy = &dy[n * a.w * a.c..(n + 1) * a.w * a.c];
        for head in (0..a.heads).take_while(|_| length > 0).map(|h| h * depth) {
            pack_frames_across(&line[a.c + head..], stride, length, depth, a.scale(), &mut s.keys);
            pack_frames_across(&line[2 * a.c + head..], stride, length, depth, 1.0, &mut s.values);
            for b in a.blocks(length) {
                let (m, first) = (b.queries(), b.first);
                weights(a, &line[head..], stride, &s.keys, &b, length, &mut s.scores);
                // Rows beyond the line are whole panels' filling: their weights are zero, and nothing is added for them.
                let (keys, known) = (b.keys(), b.keys().min(length - first));
                gather(&dy[b.from * a.c + head..], a.c, m, depth, &mut s.rows);
                // dV += P^T dY
                turned(&s.scores, m, keys, &mut s.slopes);
                let dv = &mut to[first * stride + 2 * a.c + head..];
                add_product(&s.slopes, &s.rows, [known, m, depth], dv, stride, &mut s.packed, &mut s.product);
                // dP = dY V^T, dS = P (dP - sum(P dP)) scale
                s.slopes.resize(m * keys, 0.0);
                let panels = &s.values[first * depth..(first + keys) * depth];
                matmul(&s.rows, panels, &mut s.slopes, m, depth, keys, &Epilogue::default());
                for (p, d) in s.scores.chunks_exact(keys).zip(s.slopes.chunks_exact_mut(keys)) {
                    d.iter_mut().zip(p).for_each(|(d, p)| *d *= p);
                    let all = sum(d, |v| v);
                    d.iter_mut().zip(p).for_each(|(d, p)| *d = (*d - p * all) * a.scale());
                }
                // dK += dS^T Q, dQ += dS K
                turned(&s.slopes, m, keys, &mut s.scores);
                gather(&line[b.from * stride + head..], stride, m, depth, &mut s.rows);
                let dk = &mut to[first * stride + a.c + head..];
                add_product(&s.scores, &s.rows, [known, m, depth], dk, stride, &mut s.packed, &mut s.product);
                gather(&line[first * stride + a.c + head..], stride, known, depth, &mut s.rows);
                s.rows.resize(keys * depth, 0.0);
                let dq = &mut to[b.from * stride + head..];
                add_product(&s.slopes, &s.rows, [m, keys, depth], dq, stride, &mut s.packed, &mut s.product);
            }
        }
    }
}

/// Fills `dx`, and returns the gradients of scale and shift.
pub fn layer_norm_grad(x: &[f32], scale: &[f32], dy: &[f32], dx: &mut [f32]) -> (Vec<f32>, Vec<f32>) {
    let c = scale.len();
    let (mut dscale, mut dshift) = (vec![0.0f32; c], vec![0.0f32; c]);
    let (mut hat, mut g) = (vec![0.0f32; c], vec![0.0f32; c]);
    let (dscale, dshift) = (&mut dscale[..c], &mut dshift[..c]);
    let (hat, g, scale) = (&mut hat[..c], &mut g[..c], &scale[..c]);
    for ((x, dy), dx) in x.chunks_exact(c).zip(dy.chunks_exact(c)).zip(dx.chunks_exact_mut(c)) {
        let (x, dy, dx) = (&x[..c], &dy[..c], &mut dx[..c]);
        let (mean, inverse) = moments(x);
        for i in 0..c {
            hat[i] = (x[i] - mean) * inverse;
            g[i] = dy[i] * scale[i];
            dscale[i] += dy[i] * hat[i];
            dshift[i] += dy[i];
            dx[i] = g[i] * hat[i];
        }
        let (along, all) = (sum(dx, |v| v) / c as f32, sum(g, |v| v) / c as f32);
        for i in 0..c {
            dx[i] = inverse * (g[i] - all - hat[i] * along);
        }
    }
    (dscale.to_vec(), dshift.to_vec())
}

/// Input gradient of a depthwise convolution.
pub fn depthwise_input_grad(dy: &[f32], w: &[f32], dx: &mut [f32], s: &ConvShape) {
    dx.fill(0.0);
    let m = s.oc;
    each_tap(s, |oy, ix, kw| {
        let (dy, dx, w) = (&dy[oy..oy + s.c * m], &mut dx[ix..ix + s.c], &w[kw..kw + s.c * m]);
        if m == 1 {
            for i in 0..s.c {
                dx[i] += dy[i] * w[i];
            }
            return;
        }
        for i in 0..s.c {
            for j in 0..m {
                dx[i] += dy[i * m + j] * w[i * m + j];
            }
        }
    });
}

/// Filter gradient of a depthwise convolution.
pub fn depthwise_filter_grad(x: &[f32], dy: &[f32], dw: &mut [f32], s: &ConvShape) {
    dw.fill(0.0);
    let m = s.oc;
    each_tap(s, |oy, ix, kw| {
        let (dy, x, dw) = (&dy[oy..oy + s.c * m], &x[ix..ix + s.c], &mut dw[kw..kw + s.c * m]);
        if m == 1 {
            for i in 0..s.c {
                dw[i] += dy[i] * x[i];
            }
            return;
        }
        for i in 0..s.c {
            for j in 0..m {
                dw[i * m + j] += dy[i * m + j] * x[i];
            }
        }
    });
}
