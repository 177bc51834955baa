//! Integer convolution against its slow judge, exactly, and against floats as near as eight bits allow.

mod common;

use common::values;
use net::conv::{conv2d_reference, ConvShape};
use net::gemm::Epilogue;
use net::int8::{max_pool, Conv8, Out, Quant, Scratch};
use net::winograd8;
use proptest::prelude::*;

/// Runs a layer on `low..1.5`, to values and to bytes.
fn judge(s: &ConvShape, relu: bool, affine: bool, low: f32, seed: u32) -> Result<(), TestCaseError> {
    let &ConvShape { n, h, w, c, kh, kw, oc, .. } = s;
    let input = Quant::of(low, 1.5);
    let x: Vec<f32> = values(n * h * w * c, seed).iter().map(|v| low + (v + 0.5) * (1.5 - low)).collect();
    let (k, bias, gain, shift) =
        (values(kh * kw * c * oc, seed ^ 1), values(oc, seed ^ 2), values(oc, seed ^ 3), values(oc, seed ^ 4));
    let affine = affine.then_some((&gain[..], &shift[..]));
    let conv = Conv8::new(&k, [kh, kw, c, oc], [s.sh, s.sw], &bias, relu, affine, input);
    let mut bytes = Vec::new();
    input.bytes(&x, &mut bytes);
    let (mut y, mut scratch) = (Vec::new(), Scratch::default());
    conv.run(&bytes, s, Out::Values(&mut y), &mut scratch);
    let wanted = conv.run_reference(&bytes, s);
    prop_assert_eq!(&y, &wanted);

    let q = Quant::of(-1.0, 2.0);
    let (mut out, mut judged) = (Vec::new(), Vec::new());
    conv.run(&bytes, s, Out::Bytes(&mut out, q), &mut scratch);
    q.bytes(&wanted, &mut judged);
    prop_assert_eq!(&out[..wanted.len()], &judged[..wanted.len()]);

    // Each product may be off by half a step of either side.
    let float = conv2d_reference(&x, &k, s, &Epilogue { bias: Some(&bias), relu, affine });
    let step = (kh * kw * c) as f32 * (0.5 * input.scale * 0.5 + 0.5 / 127.0 * 0.5 * 2.0);
    for (a, b) in y.iter().zip(&float) {
        prop_assert!((a - b).abs() <= step + 1e-4, "{} and {}, {} allowed", a, b, step);
    }
    Ok(())
}

proptest! {
    #[test]
    fn sums_are_exact_and_values_near(
        n in 1usize..3, h in 1usize..9, w in 1usize..14, c in 1usize..11, kh in 1usize..4, kw in 1usize..6, oc in 1usize..19,
        sh in 1usize..3, sw in 1usize..3, relu: bool, affine: bool, low in -2.0f32..0.0, seed: u32,
    ) {
        let (top, left) = ((kh - 1) / 2, (kw - 1) / 2);
        let s = ConvShape { n, h, w, c, kh, kw, oc, sh, sw, top, left, oh: h.div_ceil(sh), ow: w.div_ceil(sw) };
        judge(&s, relu, affine, low, seed)?;
    }

    #[test]
    fn winograd_is_exact_too(
        n in 1usize..3, h in 3usize..12, w in 3usize..16, c in 2usize..4, oc in 2usize..4, valid: bool, relu: bool, affine: bool,
        low in -2.0f32..0.0, seed: u32,
    ) {
        let (pad, less) = if valid { (0, 2) } else { (1, 0) };
        let s = ConvShape {
            n, h, w, c: 8 * c, kh: 3, kw: 3, oc: 8 * oc, sh: 1, sw: 1, top: pad, left: pad, oh: h - less, ow: w - less,
        };
        prop_assert!(winograd8::fits([3, 3], [1, 1], s.c, s.oc));
        judge(&s, relu, affine, low, seed)?;
    }

    #[test]
    fn pools_take_the_largest(h in 2usize..7, w in 2usize..7, c in 1usize..5, seed: u32) {
        let x: Vec<u8> = values(h * w * c, seed).iter().map(|v| ((v + 0.5) * 127.0) as u8).collect();
        let mut y = Vec::new();
        max_pool(&x, &mut y, [1, h, w, c], [2, 2]);
        for (i, &v) in y[..h / 2 * (w / 2) * c].iter().enumerate() {
            let (oy, ox, k) = (i / c / (w / 2), i / c % (w / 2), i % c);
            let at = |dy: usize, dx: usize| x[((2 * oy + dy) * w + 2 * ox + dx) * c + k];
            prop_assert_eq!(v, at(0, 0).max(at(0, 1)).max(at(1, 0)).max(at(1, 1)));
        }
    }
}
