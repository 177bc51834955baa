//! Nets whose layers use more than the output before them, against their slow judge; and descriptions that are refused.

use net::model::{Model, Size};
use serde_json::{json, Value};

/// Values in -0.5..0.5 that follow from `seed`.
fn values(n: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    (0..n).map(|_| next()).collect()
}

/// A model file with tensors of these shapes; `spoil` may change their values.
fn file(layers: &Value, shapes: &[(&str, &[usize])], spoil: impl Fn(&str, &mut Vec<f32>)) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    header.insert("__metadata__".into(), json!({ "format": "scrawl-1", "layers": layers.to_string() }));
    let mut data: Vec<u8> = Vec::new();
    for (i, (name, shape)) in shapes.iter().enumerate() {
        let mut v = values(shape.iter().product(), i as u32);
        spoil(name, &mut v);
        let from = data.len();
        data.extend(v.iter().flat_map(|f| f.to_le_bytes()));
        let entry = json!({ "dtype": "F32", "shape": shape, "data_offsets": [from, data.len()] });
        header.insert(name.to_string(), entry);
    }
    let head = serde_json::to_vec(&header).unwrap();
    [&(head.len() as u64).to_le_bytes()[..], &head, &data].concat()
}

fn conv(weights: &str, bias: &str, stride: usize, name: Option<&str>) -> Value {
    let mut v =
        json!({ "op": "conv", "weights": weights, "bias": bias, "stride": [stride, stride], "pad": "same", "relu": true });
    if let Some(name) = name {
        v["name"] = json!(name);
    }
    v
}

/// Every operation, with outputs that are needed long after, used twice, viewed, or never used at all.
fn layers() -> Value {
    json!([
        conv("a", "a.b", 2, Some("half")),
        { "op": "context", "weights": ["i", "o"], "bias": ["i.b", "o.b"], "name": "seen" },
        conv("b", "b.b", 1, None),
        { "op": "add", "with": "half", "relu": true, "name": "sum" },
        { "op": "pool", "size": [1, 3] },
        { "op": "from", "layer": "sum", "name": "again" },
        { "op": "add", "with": "again", "relu": false },
        { "op": "upsample", "by": 2, "name": "up" },
        { "op": "from", "layer": "seen" },
        { "op": "context", "weights": ["i", "o"], "bias": ["i.b", "o.b"] },
        { "op": "upsample", "by": 2 },
        { "op": "concat", "with": "up" },
        conv("c", "c.b", 1, None),
    ])
}

const SHAPES: [(&str, &[usize]); 10] = [
    ("a", &[7, 7, 3, 5]),
    ("a.b", &[5]),
    ("b", &[3, 3, 5, 5]),
    ("b.b", &[5]),
    ("i", &[1, 1, 10, 5]),
    ("i.b", &[5]),
    ("o", &[1, 1, 5, 10]),
    ("o.b", &[10]),
    ("c", &[1, 1, 10, 7]),
    ("c.b", &[7]),
];

#[test]
fn a_net_with_branches_runs_as_its_judge_says() {
    let mut model = Model::load(&file(&layers(), &SHAPES, |_, _| ())).unwrap();
    // Sizes change from call to call: nothing of a larger one may show in a smaller.
    for (n, h, w) in [(2, 6, 10), (1, 14, 22), (3, 2, 6), (2, 6, 10)] {
        let size = Size { n, h, w, c: 3 };
        let x = values(size.values(), 99);
        let wanted = model.run_reference(&x, size).unwrap();
        let (y, s) = model.run(&x, size).unwrap();
        assert_eq!(s, Size { c: 7, ..size });
        assert_eq!(y.len(), wanted.len());
        for (i, (a, b)) in y.iter().zip(&wanted).enumerate() {
            assert!((a - b).abs() < 1e-4 * (1.0 + b.abs()), "value {i}: {a} and {b}");
        }
    }
    // An odd map is one larger after halving and doubling, and what was skipped does not fit; that is said.
    let odd = Size { n: 1, h: 5, w: 6, c: 3 };
    let with_input = json!([conv("a", "a.b", 1, Some("x")), conv("b", "b.b", 2, None), { "op": "upsample", "by": 2 }, { "op": "add", "with": "x", "relu": false }]);
    let mut model = Model::load(&file(&with_input, &SHAPES, |_, _| ())).unwrap();
    let error = model.run(&values(odd.values(), 1), odd).unwrap_err().0;
    assert!(error.contains("6 x 6 x 5 and 5 x 6 x 5"), "{error}");
}

/// A stem, then what a line net with context has.
fn line_layers() -> Value {
    json!([
        { "op": "conv", "weights": "a", "bias": "a.b", "stride": [3, 2], "pad": "valid", "relu": true, "name": "stem" },
        { "op": "depthwise", "weights": "d", "bias": "a.b", "relu": true },
        { "op": "add", "with": "stem", "relu": false, "name": "x" },
        { "op": "layernorm", "scale": "a.b", "shift": "b.b" },
        { "op": "attention", "weights": ["q", "p"], "bias": ["q.b", "a.b"], "heads": 5, "window": 2 },
        { "op": "add", "with": "x", "relu": false },
    ])
}

const LINE_SHAPES: [(&str, &[usize]); 7] = [
    ("a", &[7, 7, 1, 5]),
    ("a.b", &[5]),
    ("b.b", &[5]),
    ("d", &[1, 3, 5, 1]),
    ("q", &[1, 1, 5, 15]),
    ("q.b", &[15]),
    ("p", &[1, 1, 5, 5]),
];

#[test]
fn a_line_net_with_attention_runs_as_its_judge_says() {
    let mut model = Model::load(&file(&line_layers(), &LINE_SHAPES, |_, _| ())).unwrap();
    for (w, columns) in [(35, None), (35, Some([35, 12])), (61, Some([61, 20]))] {
        let size = Size { n: 2, h: 9, w, c: 1 };
        let x = values(size.values(), 98);
        let columns = columns.as_ref().map(|c| &c[..]);
        let wanted = model.run_lines_reference(&x, size, columns).unwrap();
        let (y, s) = model.run_lines(&x, size, columns).unwrap();
        assert_eq!(s, Size { n: 2, h: 1, w: (w - 7) / 2 + 1, c: 5 });
        for (i, (a, b)) in y.iter().zip(&wanted).enumerate() {
            assert!((a - b).abs() < 1e-4 * (1.0 + b.abs()), "value {i}: {a} and {b}");
        }
    }
    // Attention is over one row; two are refused, and so are heads that cut channels.
    let size = Size { n: 1, h: 10, w: 20, c: 1 };
    assert!(model.run(&values(200, 1), size).unwrap_err().0.contains("one row of frames"));
    let mut bad = line_layers();
    bad[4]["heads"] = json!(2);
    let error = Model::load(&file(&bad, &LINE_SHAPES, |_, _| ())).err().unwrap().0;
    assert!(error.contains("2 heads on 5 channels"), "{error}");
}

#[test]
fn numbers_of_sixteen_bits_are_read_as_they_are() {
    // One, the largest, the least of the normal and of all, minus a third, minus zero.
    let bits: [u16; 6] = [0x3c00, 0x7bff, 0x0400, 0x0001, 0xb555, 0x8000];
    let wanted = [1.0, 65504.0, 6.103_515_6e-5, 5.960_464_5e-8, -0.333_251_95, -0.0];
    let half = |bits: &[u16]| {
        let layers = json!([{ "op": "conv", "weights": "w", "bias": "b", "stride": [1, 1], "pad": "same", "relu": false }]);
        let header = json!({
            "__metadata__": { "format": "scrawl-1", "layers": layers.to_string() },
            "w": { "dtype": "F16", "shape": [1, 1, 1, bits.len()], "data_offsets": [0, 2 * bits.len()] },
            "b": { "dtype": "F32", "shape": [bits.len()], "data_offsets": [2 * bits.len(), 6 * bits.len()] },
        });
        let head = serde_json::to_vec(&header).unwrap();
        let data: Vec<u8> = bits.iter().flat_map(|b| b.to_le_bytes()).chain(vec![0; 4 * bits.len()]).collect();
        Model::load(&[&(head.len() as u64).to_le_bytes()[..], &head, &data].concat())
    };
    let mut model = half(&bits).unwrap();
    let (y, _) = model.run(&[1.0], Size { n: 1, h: 1, w: 1, c: 1 }).unwrap();
    assert_eq!(y, wanted);
    for bad in [0x7c00, 0xfc00, 0x7e00] {
        assert!(half(&[0x3c00, bad]).err().unwrap().0.contains("tensor w holds"));
    }
}

#[test]
fn a_view_of_the_input_is_an_output() {
    let mut model = Model::load(&file(&json!([{ "op": "flatten" }]), &[], |_, _| ())).unwrap();
    let x = values(12, 3);
    let (y, s) = model.run(&x, Size { n: 2, h: 1, w: 2, c: 3 }).unwrap();
    assert_eq!((y, s), (&x[..], Size { n: 1, h: 1, w: 2, c: 6 }));
}

#[test]
fn descriptions_that_would_be_misread_are_refused() {
    let refused = |layers: Value, wanted: &str| {
        let error = Model::load(&file(&layers, &SHAPES, |_, _| ())).err().map(|e| e.0);
        assert!(error.as_ref().is_some_and(|e| e.contains(wanted)), "{layers}: {error:?} does not say {wanted}");
    };
    let with = |key: &str, value: Value| {
        let mut l = conv("a", "a.b", 1, None);
        l[key] = value;
        json!([l])
    };
    refused(with("dilation", json!(2)), "dilation");
    refused(with("scale", json!("a.b")), "a scale or a shift, but not both");
    refused(with("shift", json!("a.b")), "a scale or a shift, but not both");
    refused(with("bias", json!("b")), "225 values, its layer wants 5");
    refused(json!([{ "op": "flatten", "axis": 1 }]), "axis");
    refused(json!([{ "op": "warp" }]), "warp");
    refused(json!([{ "op": "add", "with": "x", "relu": false }]), "the output x");
    refused(json!([{ "op": "from", "layer": "x" }]), "the output x");
    refused(json!([conv("a", "a.b", 1, Some("x")), conv("b", "b.b", 1, Some("x"))]), "two layers are named x");
    refused(json!([{ "op": "upsample", "by": 0 }]), "upsamples by 0");
    refused(json!([{ "op": "upsample", "by": 4096 }]), "upsamples by 4096");
    refused(json!([{ "op": "context", "weights": ["o", "i"], "bias": ["o.b", "i.b"] }]), "its layer wants");
    refused(json!([{ "op": "context", "weights": ["a", "i"], "bias": ["o.b", "i.b"] }]), "no filter of 1 x 1");
}

#[test]
fn weights_that_are_no_numbers_are_refused() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let bytes = file(&layers(), &SHAPES, |name, v| {
            if name == "b.b" {
                v[3] = bad
            }
        });
        let error = Model::load(&bytes).err().unwrap().0;
        assert!(error.contains("tensor b.b holds") && error.contains("at 3"), "{error}");
    }
}

#[test]
fn a_map_that_would_fill_the_memory_is_refused() {
    let up: Vec<Value> = (0..4).map(|_| json!({ "op": "upsample", "by": 32 })).collect();
    let mut model = Model::load(&file(&json!(up), &[], |_, _| ())).unwrap();
    let error = model.run(&[0.0; 64], Size { n: 1, h: 8, w: 8, c: 1 }).unwrap_err().0;
    assert!(error.contains("a layer makes"), "{error}");
}
