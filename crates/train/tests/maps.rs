//! Gradients of whole-map operations against finite differences, at odd sizes.

use net::maps;
use train::maps_grad;
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

fn near(what: &str, a: &[f32], b: &[f32]) {
    assert_eq!(a.len(), b.len(), "{what}");
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= 2e-3 * (1.0 + b.abs()), "{what}, value {i}: {a} and {b}");
    }
}

#[test]
fn upsampling() {
    for (n, h, w, c, by) in [(2, 3, 5, 3, 2), (1, 1, 1, 1, 3), (2, 5, 1, 17, 2)] {
        let (x, dy) = (values(n * h * w * c, 1), values(n * h * w * c * by * by, 2));
        let f = |x: &[f32]| {
            let mut y = vec![0.0; x.len() * by * by];
            maps::upsample(x, &mut y, w, c, by);
            y
        };
        let y = f(&x);
        for p in 0..n * h * by * w * by {
            let (line, column) = (p / (w * by), p % (w * by));
            assert_eq!(y[p * c..(p + 1) * c], x[(line / by * w + column / by) * c..][..c]);
        }
        let mut dx = vec![0.0; x.len()];
        maps_grad::upsample_grad(&dy, &mut dx, w, c, by);
        near("upsample", &dx, &slopes(&x, &dy, f));
    }
}

#[test]
fn concatenation_is_undone_by_splitting() {
    let (rows, ca, cb) = (7, 3, 5);
    let (a, b) = (values(rows * ca, 3), values(rows * cb, 4));
    let mut y = vec![0.0; rows * (ca + cb)];
    maps::concat(&a, ca, &b, cb, &mut y);
    assert_eq!((y[2], y[3], y[ca + cb]), (a[2], b[0], a[ca]));
    let (mut da, mut db) = (vec![0.0; a.len()], vec![0.0; b.len()]);
    maps_grad::split(&y, &mut da, ca, &mut db, cb);
    assert_eq!((da, db), (a, b));
}

#[test]
fn pooling_of_the_context() {
    // More pixels than a block has, so that blocks are added.
    for (n, pixels, c) in [(2, 15, 3), (1, 1, 1), (1, 300, 5)] {
        // No two values are near enough that a step would change which is the greatest.
        let x: Vec<f32> = (0..n * pixels * c).map(|i| ((i * 7919) % (n * pixels * c)) as f32 * 0.03 - 1.0).collect();
        let dy = values(n * 2 * c, 5);
        let f = |x: &[f32]| {
            let mut y = vec![0.0; n * 2 * c];
            maps::context_pool(x, &mut y, pixels, c);
            y
        };
        let y = f(&x);
        for (p, x) in x.chunks_exact(pixels * c).enumerate() {
            for i in 0..c {
                let of = || x.iter().skip(i).step_by(c).copied();
                let mean = of().map(|v| v as f64).sum::<f64>() / pixels as f64;
                assert!((y[p * 2 * c + i] as f64 - mean).abs() < 1e-5 * (1.0 + mean.abs()));
                assert_eq!(y[p * 2 * c + c + i], of().fold(f32::NEG_INFINITY, f32::max));
            }
        }
        let mut dx = vec![0.0; x.len()];
        maps_grad::context_pool_grad(&x, &y, &dy, &mut dx, pixels, c);
        near("context", &dx, &slopes(&x, &dy, f));
    }
}

#[test]
fn gates() {
    for (n, pixels, c) in [(2, 15, 3), (1, 1, 1), (1, 300, 2)] {
        let (x, gates, dy) = (values(n * pixels * c, 6), values(n * 2 * c, 7), values(n * pixels * c, 8));
        let run = |x: &[f32], gates: &[f32]| {
            let mut y = vec![0.0; x.len()];
            maps::gate(x, gates, &mut y, pixels, c);
            y
        };
        assert_eq!(run(&x, &vec![0.0; n * 2 * c]), x, "shut off it changes nothing");
        let (mut dx, mut dgates) = (vec![0.0; x.len()], vec![0.0; gates.len()]);
        maps_grad::gate_grad(&x, &gates, &dy, &mut dx, &mut dgates, pixels, c);
        near("gate", &dx, &slopes(&x, &dy, |x| run(x, &gates)));
        near("gates", &dgates, &slopes(&gates, &dy, |g| run(&x, g)));
    }
}

#[test]
fn sums() {
    let (a, b) = (values(37, 9), values(37, 10));
    for relu in [false, true] {
        let (mut y, mut z) = (vec![0.0; 37], a.clone());
        maps::add(&a, &b, &mut y, relu);
        maps::add_to(&mut z, &b, relu);
        assert_eq!(y, z);
        for i in 0..37 {
            assert_eq!(y[i], if relu { (a[i] + b[i]).max(0.0) } else { a[i] + b[i] });
        }
    }
}
