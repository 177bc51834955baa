//! Gradient kernels against their slow judges, and samples that must not change from run to run.

use net::conv::ConvShape;
use train::conv_grad::{backprop_filter, backprop_input, backprop_reference, Scratch};
use train::library::{GlyphSet, Library};
use train::lines::{sample, Mix};
use train::loss::{ctc, ctc_min_frames};
use train::random::Random;

fn values(n: usize, seed: u64) -> Vec<f32> {
    let mut r = Random::new(seed);
    (0..n).map(|_| r.range(-0.5, 0.5)).collect()
}

fn near(a: &[f32], b: &[f32]) {
    assert_eq!(a.len(), b.len());
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= 2e-4 * (1.0 + b.abs()), "value {i}: {a} and {b}");
    }
}

#[test]
fn convolution_gradients() {
    let base = ConvShape { n: 2, h: 7, w: 9, c: 3, kh: 3, kw: 3, oc: 10, sh: 1, sw: 1, top: 1, left: 1, oh: 7, ow: 9 };
    let shapes = [
        base,
        ConvShape { top: 0, left: 0, oh: 5, ow: 7, oc: 8, ..base },
        ConvShape { h: 1, w: 19, kh: 1, kw: 5, top: 0, left: 2, oh: 1, ow: 19, ..base },
        ConvShape { kh: 1, kw: 1, top: 0, left: 0, ..base },
        ConvShape { h: 2, kh: 2, sh: 2, top: 0, oh: 1, ..base },
        ConvShape { sh: 2, sw: 2, oh: 4, ow: 5, ..base },
        ConvShape { c: 1, oc: 1, n: 1, ..base },
        // Strides that leave pixels without a tap, that the window is no multiple of, and that reach beyond the last gradient.
        ConvShape { kh: 1, kw: 1, sh: 2, sw: 3, top: 0, left: 0, oh: 4, ow: 3, ..base },
        ConvShape { h: 13, w: 11, kh: 7, kw: 7, sh: 2, sw: 2, top: 3, left: 3, oh: 7, ow: 6, ..base },
        ConvShape { h: 12, w: 10, kh: 5, kw: 4, sh: 3, sw: 2, top: 1, left: 1, oh: 4, ow: 5, ..base },
        ConvShape { h: 10, w: 9, sh: 2, sw: 2, top: 0, left: 0, oh: 4, ow: 4, ..base },
        // Winograd with channels that do not fill vectors; panels of half a width and of one and a half.
        ConvShape { c: 24, oc: 19, ..base },
        ConvShape { c: 16, oc: 16, ..base },
        ConvShape { c: 40, oc: 37, kh: 1, kw: 1, top: 0, left: 0, ..base },
    ];
    for (i, s) in shapes.iter().enumerate() {
        let x = values(s.n * s.h * s.w * s.c, i as u64);
        let w = values(s.kh * s.kw * s.c * s.oc, 100);
        let dy = values(s.n * s.oh * s.ow * s.oc, 200);
        let (want_x, want_w) = backprop_reference(&x, &w, &dy, s);
        let (mut dx, mut dw) = (vec![0.0; x.len()], vec![0.0; w.len()]);
        let mut scratch = Scratch::default();
        backprop_input(&dy, &w, &mut dx, s, &mut scratch);
        backprop_filter(&x, &dy, &mut dw, s, &mut scratch);
        near(&dx, &want_x);
        near(&dw, &want_w);
    }
}

#[test]
fn ctc_needs_a_blank_between_equal_neighbours() {
    assert_eq!(ctc_min_frames(&[1, 1, 2]), 4);
    let logits = values(3 * 4, 1);
    assert!(ctc(&logits, 4, &[1, 1, 2], &mut [0.0; 12]).is_none());
    let mut grad = vec![0.0; 16];
    let loss = ctc(&values(4 * 4, 1), 4, &[1, 1, 2], &mut grad).unwrap();
    // Only one path fits: 1, blank, 1, 2.
    let x = values(16, 1);
    let log = |t: usize, c: usize| x[t * 4 + c] - (0..4).map(|k| x[t * 4 + k].exp()).sum::<f32>().ln();
    let only = -(log(0, 1) + log(1, 0) + log(2, 1) + log(3, 2));
    assert!((loss - only).abs() < 1e-4, "{loss} and {only}");
    // Each frame's gradient sums to nothing.
    assert!(grad.chunks(4).all(|g| g.iter().sum::<f32>().abs() < 1e-5));
}

#[test]
fn the_same_seed_makes_the_same_line() {
    // Ten "digits": a bar of another height each.
    let images: Vec<u8> = (0..10)
        .flat_map(|d| (0..784).map(move |p| if p % 28 > 10 && p % 28 < 16 && p / 28 < 8 + d * 2 { 255 } else { 0 }))
        .collect();
    let labels: Vec<u8> = (0..10).collect();
    let lib = Library { glyphs: vec![GlyphSet::new(28, images, &labels, "0123456789")], ..Library::default() };
    let mix = Mix {
        strokes: 0.0,
        glyph_numbers: 1.0,
        writers: 0.0,
        font_words: 0.0,
        real_numbers: 0.0,
        real_texts: 0.0,
        print: 0.0,
        real_print: 0.0,
        mixed: 0.0,
        drawn: 0.0,
        junk: 0.2,
    };
    for seed in 0..40 {
        let (a, b) = (sample(&lib, &mix, seed), sample(&lib, &mix, seed));
        assert_eq!((a.width, a.height, &a.gray, &a.text), (b.width, b.height, &b.gray, &b.text));
        assert_eq!(a.gray.len(), a.width * a.height);
    }
}
