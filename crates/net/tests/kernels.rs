//! Fast kernels against their slow judges, at awkward sizes.

mod common;

use common::values;
use net::conv::{conv2d, conv2d_reference, ConvShape};
use net::gemm::{matmul, matmul_reference, pack, pack_transposed, Epilogue};
use net::model::{Model, Size};
use net::normalise::{find_window, glyph_input, ink, line_input, line_width, slanted, Ink, LineContract, LOWEST};
use net::{winograd, winograd_rows};

fn near(a: &[f32], b: &[f32]) {
    assert_eq!(a.len(), b.len());
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= 1e-4 * (1.0 + b.abs()), "value {i}: {a} and {b}");
    }
}

#[test]
fn matrix_products_of_all_tails() {
    for m in [1, 2, 5, 6, 7, 8, 13] {
        for (k, n) in [(1, 1), (3, 8), (4, 9), (17, 15), (64, 24)] {
            let (a, b) = (values(m * k, 1), values(k * n, 2));
            let mut c = vec![0.0; m * n];
            matmul(&a, &pack(&b, k, n), &mut c, m, k, n, &Epilogue::default());
            near(&c, &matmul_reference(&a, &b, m, k, n));
            let turned: Vec<f32> = (0..n * k).map(|i| b[(i % k) * n + i / k]).collect();
            assert_eq!(pack(&b, k, n), pack_transposed(&turned, k, n));
        }
    }
}

#[test]
fn convolutions_of_odd_shapes() {
    let same = |n, h, w, c, kh: usize, kw: usize, oc| ConvShape {
        n,
        h,
        w,
        c,
        kh,
        kw,
        oc,
        sh: 1,
        sw: 1,
        top: (kh - 1) / 2,
        left: (kw - 1) / 2,
        oh: h,
        ow: w,
    };
    let mut shapes =
        vec![same(2, 7, 9, 3, 3, 3, 10), same(1, 1, 23, 8, 1, 5, 12), same(3, 5, 5, 1, 1, 1, 1), same(1, 4, 6, 2, 5, 5, 17)];
    shapes.push(ConvShape { top: 0, left: 0, oh: 5, ow: 7, ..same(2, 7, 9, 3, 3, 3, 8) });
    shapes.push(ConvShape { sh: 2, sw: 1, top: 0, left: 1, oh: 1, ow: 11, ..same(2, 2, 11, 4, 2, 3, 9) });
    shapes.push(ConvShape { sh: 2, sw: 2, top: 1, left: 0, oh: 4, ow: 5, ..same(1, 8, 10, 2, 3, 3, 6) });
    for (i, s) in shapes.iter().enumerate() {
        let x = values(s.n * s.h * s.w * s.c, 3 + i as u32);
        let w = values(s.kh * s.kw * s.c * s.oc, 4);
        let (bias, scale, shift) = (values(s.oc, 5), values(s.oc, 6), values(s.oc, 7));
        for relu in [false, true] {
            let e = Epilogue { bias: Some(&bias), relu, affine: relu.then_some((&scale[..], &shift[..])) };
            let mut y = vec![0.0; s.n * s.oh * s.ow * s.oc];
            conv2d(&x, &pack(&w, s.kh * s.kw * s.c, s.oc), &mut y, s, &e, &mut Vec::new());
            near(&y, &conv2d_reference(&x, &w, s, &e));
        }
    }
}

/// A model file of one convolution, one pool and one dense layer.
fn tiny_model() -> Vec<u8> {
    let tensors = [
        ("w", vec![3, 3, 1, 4], values(36, 8)),
        ("b", vec![4], values(4, 9)),
        ("v", vec![1, 1, 64, 3], values(192, 10)),
        ("c", vec![3], values(3, 11)),
    ];
    let mut header = serde_json::Map::new();
    let layers = r#"[{"op":"conv","weights":"w","bias":"b","stride":[1,1],"pad":"same","relu":true},{"op":"pool","size":[2,2]},{"op":"flatten"},{"op":"conv","weights":"v","bias":"c","stride":[1,1],"pad":"valid","relu":false}]"#;
    header.insert("__metadata__".into(), serde_json::json!({ "format": "scrawl-1", "layers": layers }));
    let mut data: Vec<u8> = Vec::new();
    for (name, shape, v) in &tensors {
        let from = data.len();
        data.extend(v.iter().flat_map(|f| f.to_le_bytes()));
        header
            .insert(name.to_string(), serde_json::json!({ "dtype": "F32", "shape": shape, "data_offsets": [from, data.len()] }));
    }
    let head = serde_json::to_vec(&header).unwrap();
    let mut out = (head.len() as u64).to_le_bytes().to_vec();
    out.extend(head);
    out.extend(data);
    out
}

#[test]
fn a_model_runs_as_its_judge_says() {
    let mut model = Model::load(&tiny_model()).unwrap();
    let size = Size { n: 3, h: 8, w: 8, c: 1 };
    let x = values(3 * 64, 12);
    let wanted = model.run_reference(&x, size).unwrap();
    for _ in 0..2 {
        let (y, s) = model.run(&x, size).unwrap();
        near(y, &wanted);
        assert_eq!(s, Size { n: 1, h: 1, w: 3, c: 3 });
    }
}

#[test]
fn damaged_models_are_refused() {
    let good = tiny_model();
    for cut in [0, 4, 8, 40, good.len() - 1] {
        assert!(Model::load(&good[..cut]).is_err(), "cut at {cut}");
    }

    let at = good.windows(8).position(|w| w == b"scrawl-1").unwrap();
    let mut text = good.clone();
    text[at + 7] = b'9';
    assert!(Model::load(&text).err().unwrap().to_string().contains("scrawl-9"));
    let mut model = Model::load(&good).unwrap();
    assert!(model.run(&[0.0; 4], Size { n: 1, h: 1, w: 4, c: 1 }).is_err());
}

#[test]
fn a_stroke_fills_the_rows_of_the_input() {
    // A dark bar of 10 x 40 pixels on grey paper, with noise that must not count.
    let (w, h) = (60, 80);
    let mut gray: Vec<u8> = (0..w * h).map(|i| 200 + (i % 7) as u8).collect();
    for y in 20..60 {
        gray[y * w + 25..y * w + 35].fill(40);
    }
    let c = LineContract { height: 32, margin: 3, stretch: 1.0 };
    let i = ink(&gray, w, h);
    let window = find_window(&i);
    assert!((window.top - 20.0).abs() <= 1.0 && (window.bottom - 60.0).abs() <= 1.0, "{window:?}");
    let input = line_input(&i, window, &c);
    assert_eq!((input.width, input.height), (line_width(window, &c), 32));
    let row = |y: usize| input.data[y * input.width..(y + 1) * input.width].iter().sum::<f32>();
    assert!(row(1) == 0.0 && row(30) == 0.0 && row(16) > 3.0, "{} {} {}", row(1), row(30), row(16));
    // Where digits are known to be 100 pixels high, it is as low as it was written, and in the middle.
    let low = line_input(&i, window.at_least(LOWEST * 100.0), &c);
    let inked = |y: usize| low.data[y * low.width..(y + 1) * low.width].iter().any(|&v| v > 0.5);
    let (top, bottom) = ((0..32).position(inked).unwrap(), (0..32).rposition(inked).unwrap() + 1);
    assert!((bottom - top).abs_diff((26.0 * 40.0 / 90.0) as usize) <= 2 && (top + bottom).abs_diff(32) <= 2, "{top} {bottom}");
    let glyph = glyph_input(&i);
    let mass: f32 = glyph.iter().sum();
    let middle: f32 = glyph.iter().enumerate().map(|(p, v)| v * (p / 28) as f32).sum::<f32>() / mass;
    assert!((middle - 13.5).abs() < 1.0, "{middle}");
}

#[test]
fn winograd_of_odd_shapes_and_tails() {
    for (n, h, w, c, oc, valid) in [
        (1, 6, 6, 16, 16, true),
        (2, 7, 9, 16, 32, false),
        (1, 4, 23, 32, 48, false),
        (1, 1, 5, 16, 16, false),
        (1, 26, 26, 32, 32, true),
        (1, 3, 200, 16, 16, false),
        // Channels that do not fill vectors.
        (1, 6, 7, 24, 19, false),
    ] {
        let edge = !valid as usize;
        let s = ConvShape {
            n,
            h,
            w,
            c,
            kh: 3,
            kw: 3,
            oc,
            sh: 1,
            sw: 1,
            top: edge,
            left: edge,
            oh: h + 2 * edge - 2,
            ow: w + 2 * edge - 2,
        };
        let (x, k) = (values(n * h * w * c, 3), values(9 * c * oc, 4));
        let (bias, scale, shift) = (values(oc, 5), values(oc, 6), values(oc, 7));
        let e = Epilogue { bias: Some(&bias), relu: true, affine: Some((&scale, &shift)) };
        let mut y = vec![0.0; n * s.oh * s.ow * oc];
        assert!(winograd::fits(3, 3, [1, 1], c, oc));
        winograd::conv2d(&x, &winograd::Weights::new(&k, c, oc), &mut y, &s, &e, &mut Default::default());
        let wanted = conv2d_reference(&x, &k, &s, &e);
        let off = y.iter().zip(&wanted).map(|(a, b)| (a - b).abs() / (1.0 + b.abs())).fold(0.0, f32::max);
        assert!(off < 1e-4, "{h} x {w}, {c} to {oc}: {off}");
    }
}

#[test]
fn winograd_along_rows_equals_reference() {
    for (n, h, w, c, kw, oc, valid) in [
        (1, 1, 16, 16, 5, 16, false),
        (3, 1, 23, 32, 7, 48, false),
        (2, 1, 40, 16, 9, 32, false),
        (1, 3, 17, 16, 10, 16, true),
        (2, 2, 5, 16, 11, 19, false),
        (1, 1, 2, 24, 5, 16, false),
        (70, 1, 9, 16, 9, 16, false),
    ] {
        let left = if valid { 0 } else { (kw - 1) / 2 };
        let ow = if valid { w + 1 - kw } else { w };
        let s = ConvShape { n, h, w, c, kh: 1, kw, oc, sh: 1, sw: 1, top: 0, left, oh: h, ow };
        let (x, k) = (values(n * h * w * c, 3), values(kw * c * oc, 4));
        let (bias, scale, shift) = (values(oc, 5), values(oc, 6), values(oc, 7));
        let e = Epilogue { bias: Some(&bias), relu: true, affine: Some((&scale, &shift)) };
        let mut y = vec![0.0; n * s.oh * s.ow * oc];
        assert!(winograd_rows::fits(1, kw, [1, 1], c, oc));
        winograd_rows::conv2d(&x, &winograd_rows::Weights::new(&k, c, oc), &mut y, &s, &e, &mut Default::default());
        let wanted = conv2d_reference(&x, &k, &s, &e);
        let off = y.iter().zip(&wanted).map(|(a, b)| (a - b).abs() / (1.0 + b.abs())).fold(0.0, f32::max);
        assert!(off < 1e-4, "{n} x {h} x {w}, {c} to {oc} by {kw}: {off}");
    }
}

#[test]
fn slanting_moves_ink_and_loses_none() {
    let (width, height) = (5, 9);
    let data: Vec<f32> = values(width * height, 3).iter().map(|v| v + 0.5).collect();
    let total = |ink: &Ink| ink.data.iter().sum::<f32>();
    let mean = |ink: &Ink, y: usize| {
        let row = &ink.data[y * ink.width..(y + 1) * ink.width];
        row.iter().enumerate().map(|(x, v)| x as f32 * v).sum::<f32>() / row.iter().sum::<f32>()
    };
    let upright = Ink { width, height, data };
    for slant in [-0.4, 0.0, 0.25] {
        let (leaning, more) = slanted(&upright, slant);
        assert!((total(&leaning) - total(&upright)).abs() < 1e-4);
        for y in 0..height {
            let moved = mean(&leaning, y) - more as f32 - mean(&upright, y);
            assert!((moved - slant * (4.0 - y as f32)).abs() < 1e-3, "row {y}: {moved}");
        }
    }
}
