//! Synthetic pages: seeds reproduce them, and their labels say what the picture shows.

use train::library::Library;
use train::pages::{layouts, sample, sample_of, By, PageSample};

const CORE: usize = 5;
const GAP: usize = 7;
const TURN: usize = 11;

/// Drawn digits need no material; a stroke set adds another hand.
fn library() -> Library {
    let mut lib = Library::default();
    for writer in 0..30 {
        for digit in '0'..='9' {
            let lean = writer as f32 * 3.0;
            lib.add_drawing(digit, &[3, 2], &[0.0, 0.0, 40.0, 100.0 + lean, 60.0, 20.0, 10.0, 50.0, 70.0, 50.0]);
        }
    }
    lib
}

fn at(s: &PageSample, plane: usize, x: f32, y: f32) -> u8 {
    let (x, y) = ((x / 2.0) as usize, (y / 2.0) as usize);
    s.labels.planes[plane][y.min(s.labels.height - 1) * s.labels.width + x.min(s.labels.width - 1)]
}

#[test]
fn a_seed_gives_the_same_bytes_again() {
    let lib = library();
    for seed in 0..6 {
        let (a, b) = (sample(&lib, seed, 448, 320), sample(&lib, seed, 448, 320));
        assert_eq!((a.width, a.height, a.layout), (448, 320, b.layout));
        assert!(a.rgb == b.rgb && a.labels.planes == b.labels.planes, "seed {seed}");
        assert_eq!(a.rgb.len(), 448 * 320 * 3);
        assert!(a.labels.planes.iter().all(|p| p.len() == 224 * 160));
    }
}

#[test]
fn every_layout_draws_whatever_the_seed() {
    let lib = library();
    let empty = Library::default();
    for layout in layouts() {
        for seed in 0..12 {
            let (w, h) = [(96, 64), (256, 384), (448, 448)][seed as usize % 3];
            let s = sample_of(if seed % 8 == 0 { &empty } else { &lib }, layout, seed, w, h);
            assert_eq!((s.width, s.height, s.layout), (w, h, layout));
            for (up, down) in s.labels.planes[5].iter().zip(&s.labels.planes[11]) {
                assert!(*up == 0 || *down < 4, "{layout} {seed}: a core without an orientation");
            }
        }
    }
}

#[test]
fn a_core_lies_where_its_unit_has_ink() {
    let lib = library();
    let (mut cores, mut missed) = (0, Vec::new());
    for layout in ["notes", "worksheet", "table"] {
        for seed in 0..60 {
            let s = sample_of(&lib, layout, seed, 448, 448);
            for u in s.units.iter().filter(|u| u.by == By::Hand) {
                let [a, b, c, d] = u.quad;
                if [a, b, c, d].iter().any(|p| p.0 < 4.0 || p.1 < 4.0 || p.0 > 443.0 || p.1 > 443.0) {
                    continue;
                }
                cores += 1;
                // Places along the unit, a little above the middle between its baseline and its top.
                let place = |t: f32| {
                    let mix = |p: (f32, f32), q: (f32, f32), t: f32| (p.0 + (q.0 - p.0) * t, p.1 + (q.1 - p.1) * t);
                    mix(mix(a, b, t), mix(d, c, t), 0.55)
                };
                let core = (1..10).filter(|i| {
                    let (x, y) = place(*i as f32 / 10.0);
                    (-3..=3).any(|k| at(&s, CORE, x, y + k as f32) > 0 || at(&s, CORE, x + k as f32, y) > 0)
                });
                let ink = (0..=20).any(|i| {
                    let (x, y) = place(i as f32 / 20.0);
                    (-8..=8).any(|k| at(&s, 0, x, y + k as f32) > 60 || at(&s, 0, x + k as f32, y) > 60)
                });
                let core = core.count();
                if core < 6 || !ink {
                    missed.push(format!("{layout} {seed} {:?}: core at {core} of 9 places, ink {ink}", u.text));
                }
            }
        }
    }
    assert!(cores > 100, "{cores} units only");
    assert!(
        missed.len() * 50 <= cores,
        "{} of {cores} units lack core or ink: {:#?}",
        missed.len(),
        &missed[..missed.len().min(12)]
    );
}

#[test]
fn neighbours_in_a_table_have_a_gap_between() {
    let lib = library();
    let (mut pairs, mut parted) = (0, 0);
    for seed in 0..30 {
        let s = sample_of(&lib, "sudoku", seed, 448, 448);
        for a in &s.units {
            for b in &s.units {
                let (p, q) = (a.quad[1], b.quad[0]);
                let tall = (a.quad[3].1 - a.quad[0].1).abs();
                let level = (a.quad[1].1 - b.quad[0].1).abs() < 0.3 * tall;
                let upright = a.quad[0].0 < a.quad[1].0 && a.quad[0].1 < a.quad[3].1;
                if !upright || !level || q.0 - p.0 < 2.0 || q.0 - p.0 > tall {
                    continue;
                }
                let y = (a.quad[1].1 + a.quad[2].1) / 2.0;
                if p.0 < 4.0 || q.0 > 443.0 || !(4.0..443.0).contains(&y) {
                    continue;
                }
                pairs += 1;
                let steps = (q.0 - p.0 + 8.0) as usize;
                parted += (0..steps).any(|i| at(&s, GAP, p.0 - 4.0 + i as f32, y) > 0) as usize;
            }
        }
    }
    assert!(pairs > 30, "{pairs} neighbours only");
    assert!(parted * 100 >= pairs * 97, "{parted} of {pairs} neighbours have a gap between");
}

#[test]
fn the_turn_says_which_way_a_unit_is_read() {
    let lib = library();
    let (mut seen, mut right) = ([0; 4], 0);
    for seed in 0..30 {
        let s = sample_of(&lib, "notes", seed, 384, 448);
        for u in &s.units {
            let [a, b, c, d] = u.quad;
            let (x, y) = ((a.0 + b.0 + c.0 + d.0) / 4.0, (a.1 + b.1 + c.1 + d.1) / 4.0);
            if !(8.0..376.0).contains(&x) || !(8.0..440.0).contains(&y) || at(&s, CORE, x, y) == 0 {
                continue;
            }
            let (dx, dy) = (b.0 - a.0, b.1 - a.1);
            // A text that is read upwards is upright after one quarter turn clockwise.
            let turn = if dx.abs() > dy.abs() {
                if dx > 0.0 {
                    0
                } else {
                    2
                }
            } else if dy < 0.0 {
                1
            } else {
                3
            };
            seen[turn] += 1;
            right += (at(&s, TURN, x, y) as usize == turn) as usize;
        }
    }
    let all: usize = seen.iter().sum();
    assert!(seen.iter().all(|&n| n > 0), "turns seen: {seen:?}");
    assert!(right * 100 >= all * 97, "{right} of {all} units have the turn that their corners have");
}
