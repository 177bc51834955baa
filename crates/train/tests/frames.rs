//! What works on the frames of lines against slow judges, and its gradients against finite differences, at odd sizes.

use net::attention::{attention, attention_reference, Attention};
use net::conv::ConvShape;
use net::depthwise::depthwise;
use net::layernorm::{layer_norm, layer_norm_reference};
use net::softmax::{exp, softmax, softmax_reference};
use train::frames_grad::{attention_grad, depthwise_filter_grad, depthwise_input_grad, layer_norm_grad};
use train::random::Random;

fn values(n: usize, seed: u64) -> Vec<f32> {
    let mut r = Random::new(seed);
    (0..n).map(|_| r.range(-1.0, 1.0)).collect()
}

/// Slope of `sum(f(x) * dy)` along each value of `x`.
fn slopes(x: &[f32], dy: &[f32], f: impl Fn(&[f32]) -> Vec<f32>) -> Vec<f32> {
    const STEP: f32 = 1e-2;
    let along = |i: usize, by: f32| -> f64 {
        let mut moved = x.to_vec();
        moved[i] += by;
        f(&moved).iter().zip(dy).map(|(y, d)| (*y * *d) as f64).sum()
    };
    (0..x.len()).map(|i| ((along(i, STEP) - along(i, -STEP)) / (2.0 * STEP as f64)) as f32).collect()
}

fn near(what: &str, a: &[f32], b: &[f32], tolerance: f32) {
    assert_eq!(a.len(), b.len(), "{what}");
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{what}, value {i}: {a} and {b}");
    }
}

#[test]
fn the_exponential_is_exact_to_its_last_bits() {
    for i in -8700..8800 {
        let x = i as f32 * 0.01;
        let wanted = (x as f64).exp();
        assert!((exp(x) as f64 / wanted - 1.0).abs() < 3e-7, "e^{x}: {} and {wanted}", exp(x));
    }
    assert!(exp(f32::NEG_INFINITY) < 1e-37);
}

#[test]
fn softmax_of_all_lengths() {
    for n in 0..70 {
        let x: Vec<f32> = values(n, n as u64).iter().map(|v| v * 20.0).collect();
        let mut y = x.clone();
        softmax(&mut y);
        near("softmax", &y, &softmax_reference(&x), 1e-6);
    }
}

#[test]
fn attention_of_odd_shapes() {
    let shapes = [
        (Attention { n: 3, w: 11, c: 6, heads: 2, window: 3 }, vec![11, 5, 1]),
        (Attention { n: 2, w: 1, c: 3, heads: 1, window: 9 }, vec![1, 1]),
        // More frames than a block of queries has, and a head wider than a vector.
        (Attention { n: 2, w: 61, c: 74, heads: 2, window: 17 }, vec![61, 26]),
        (Attention { n: 1, w: 40, c: 8, heads: 4, window: 0 }, vec![33]),
    ];
    for (a, lengths) in &shapes {
        let qkv: Vec<f32> = values(a.n * a.w * 3 * a.c, 1).iter().map(|v| v * 3.0).collect();
        for lengths in [None, Some(&lengths[..])] {
            let mut y = vec![f32::NAN; a.n * a.w * a.c];
            attention(&qkv, lengths, &mut y, a, &mut Default::default());
            near("attention", &y, &attention_reference(&qkv, lengths, a), 1e-4);
        }
    }
}

#[test]
fn gradient_of_attention() {
    let shapes = [
        (Attention { n: 2, w: 9, c: 6, heads: 2, window: 3 }, vec![9, 4]),
        (Attention { n: 1, w: 29, c: 4, heads: 1, window: 5 }, vec![27]),
    ];
    for (a, lengths) in &shapes {
        let (qkv, dy) = (values(a.n * a.w * 3 * a.c, 2), values(a.n * a.w * a.c, 3));
        for lengths in [None, Some(&lengths[..])] {
            let mut dqkv = vec![f32::NAN; qkv.len()];
            attention_grad(&qkv, lengths, &dy, &mut dqkv, a, &mut Default::default());
            near("attention", &dqkv, &slopes(&qkv, &dy, |x| attention_reference(x, lengths, a)), 2e-3);
        }
    }
}

#[test]
fn layer_normalisation_and_its_gradient() {
    for (rows, c) in [(3, 5), (1, 17), (2, 48)] {
        let (x, dy) = (values(rows * c, 4), values(rows * c, 5));
        let (scale, shift) = (values(c, 6), values(c, 7));
        let mut y = vec![0.0; x.len()];
        layer_norm(&x, &scale, &shift, &mut y);
        near("layer norm", &y, &layer_norm_reference(&x, &scale, &shift), 1e-5);
        let mut dx = vec![0.0; x.len()];
        let (dscale, dshift) = layer_norm_grad(&x, &scale, &dy, &mut dx);
        near("x", &dx, &slopes(&x, &dy, |x| layer_norm_reference(x, &scale, &shift)), 3e-3);
        near("scale", &dscale, &slopes(&scale, &dy, |s| layer_norm_reference(&x, s, &shift)), 2e-3);
        near("shift", &dshift, &slopes(&shift, &dy, |s| layer_norm_reference(&x, &scale, s)), 2e-3);
    }
}

#[test]
fn depthwise_convolution_and_its_gradients() {
    let base = ConvShape { n: 2, h: 1, w: 11, c: 5, kh: 1, kw: 9, oc: 1, sh: 1, sw: 1, top: 0, left: 4, oh: 1, ow: 11 };
    for s in [base, ConvShape { h: 7, w: 6, kh: 3, kw: 3, top: 1, left: 1, oh: 7, ow: 6, oc: 2, ..base }] {
        let (x, w) = (values(s.n * s.h * s.w * s.c, 8), values(s.kh * s.kw * s.c * s.oc, 9));
        let (dy, bias) = (values(s.n * s.oh * s.ow * s.c * s.oc, 10), values(s.c * s.oc, 11));
        let run = |x: &[f32], w: &[f32]| {
            let mut y = vec![0.0; dy.len()];
            depthwise(x, w, Some(&bias), &mut y, &s);
            y
        };
        // The definition, for one value in the middle.
        let (oy, ox, i) = (s.oh / 2, s.ow / 2, 1);
        let mut sum = bias[i];
        for ky in 0..s.kh {
            for kx in 0..s.kw {
                let (iy, ix) = ((oy + ky).wrapping_sub(s.top), (ox + kx).wrapping_sub(s.left));
                if iy < s.h && ix < s.w {
                    sum += x[(iy * s.w + ix) * s.c + i / s.oc] * w[(ky * s.kw + kx) * s.c * s.oc + i];
                }
            }
        }
        near("depthwise", &[run(&x, &w)[(oy * s.ow + ox) * s.c * s.oc + i]], &[sum], 1e-5);
        let (mut dx, mut dw) = (vec![0.0; x.len()], vec![0.0; w.len()]);
        depthwise_input_grad(&dy, &w, &mut dx, &s);
        depthwise_filter_grad(&x, &dy, &mut dw, &s);
        near("x", &dx, &slopes(&x, &dy, |x| run(x, &w)), 2e-3);
        near("w", &dw, &slopes(&w, &dy, |w| run(&x, w)), 2e-3);
    }
}
