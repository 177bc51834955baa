//! Page stages on drawn pages.

use page::raster::{Chroma, Gray, Rect};
use page::{analyse, prepare};

/// A page with dark boxes as glyphs, on paper that darkens to the right.
fn page(width: usize, height: usize, glyphs: &[Rect]) -> Gray {
    let mut data: Vec<u8> = (0..width * height).map(|i| 240 - (100 * (i % width) / width) as u8).collect();
    for g in glyphs {
        for y in g.top..g.bottom {
            for x in g.left..g.right {
                // An open shape: the middle is paper.
                let edge = x < g.left + 4 || x + 4 >= g.right || y < g.top + 4 || y + 4 >= g.bottom;
                if edge {
                    data[y * width + x] /= 4;
                }
            }
        }
    }
    Gray::new(width, height, data)
}

fn glyph(left: usize, top: usize) -> Rect {
    Rect { left, top, right: left + 24, bottom: top + 36 }
}

#[test]
fn two_lines_of_digits_are_two_segments() {
    let glyphs: Vec<Rect> = (0..5).map(|i| glyph(60 + 34 * i, 60)).chain((0..3).map(|i| glyph(60 + 34 * i, 160))).collect();
    let (prepared, shrink) = prepare(&page(500, 300, &glyphs));
    let a = analyse(&prepared, shrink, 0);
    assert_eq!(a.segments.len(), 2);
    assert_eq!(a.segments.iter().map(|s| s.parts.len()).collect::<Vec<_>>(), [5, 3]);
    assert!((30..42).contains(&a.glyph), "{}", a.glyph);
}

#[test]
fn light_is_evened() {
    let (prepared, _) = prepare(&page(500, 300, &[glyph(60, 60), glyph(400, 60)]));
    assert!(prepared.data[10 * 500 + 5] > 235 && prepared.data[10 * 500 + 490] > 235);
    let dark = |x: usize| prepared.data[80 * 500 + x];
    assert!(dark(61) < 90 && dark(401) < 90);
}

#[test]
fn a_rule_is_lifted_and_the_digit_on_it_stays() {
    let mut g = page(600, 300, &[glyph(100, 100), glyph(140, 100), glyph(180, 100)]);
    for x in 20..580 {
        for y in 130..133 {
            g.data[y * 600 + x] = 40;
        }
    }
    let (prepared, shrink) = prepare(&g);
    let a = analyse(&prepared, shrink, 0);
    assert!(a.rules.iter().any(|r| r.horizontal && r.rect.width() > 400), "{:?}", a.rules);
    assert_eq!(a.segments.len(), 1);
    let r = a.segments[0].rect;
    assert!(r.left >= 96 && r.right <= 210 && r.top <= 101 && r.bottom >= 135, "{r:?}");
}

#[test]
fn a_stroke_near_a_fine_rule_stays() {
    // A fine rule that is worn away for a while, and there the foot of a letter right above it.
    let mut g = page(600, 300, &[glyph(100, 85), glyph(140, 85), glyph(310, 85)]);
    for y in 132..134 {
        (20..300).chain(325..580).for_each(|x| g.data[y * 600 + x] = 40);
    }
    for y in 128..130 {
        (303..322).for_each(|x| g.data[y * 600 + x] = 40);
    }
    let (prepared, shrink) = prepare(&g);
    let a = analyse(&prepared, shrink, 0);
    assert_eq!(a.lifted.data[132 * 600 + 200], 1);
    assert!((303..322).all(|x| a.ink.data[129 * 600 + x] == 1 && a.lifted.data[129 * 600 + x] == 0));
}

#[test]
fn a_worn_upright_rule_parts_numbers_all_the_same() {
    let segments = |rule: &[core::ops::Range<usize>]| {
        let mut g = page(400, 300, &[glyph(100, 97), glyph(134, 97), glyph(180, 97), glyph(214, 97)]);
        for y in rule.iter().cloned().flatten() {
            g.data[y * 400 + 169] = 40;
            g.data[y * 400 + 170] = 40;
        }
        let (prepared, shrink) = prepare(&g);
        analyse(&prepared, shrink, 0).segments.len()
    };
    assert_eq!(segments(&[20..101, 129..280]), 2);
    assert_eq!(segments(&[]), 1);
}

#[test]
fn strokes_along_a_rule_stay_if_they_are_darker() {
    // Open shapes whose foot lies on a rule of 600 columns, 3 rows thick.
    let feet = |grey: u8| {
        let shapes = [glyph(100, 100), glyph(160, 100), glyph(220, 100)];
        let mut g = page(600, 300, &shapes);
        for y in 132..135 {
            for x in 20..580 {
                let at = y * 600 + x;
                g.data[at] = g.data[at].min(grey);
            }
        }
        let (prepared, shrink) = prepare(&g);
        let a = analyse(&prepared, shrink, 0);
        let kept = (105..119).filter(|x| a.lifted.data[133 * 600 + x] == 0).count();
        assert_eq!(a.lifted.data[133 * 600 + 140], 1, "the rule itself is lifted");
        kept
    };
    assert_eq!(feet(150), 14, "all of a foot on a faint rule");
    assert_eq!(feet(40), 0, "nothing tells a foot from a rule that is as dark");
}

#[test]
fn turns_are_undone_by_turns() {
    let g = page(70, 40, &[Rect { left: 10, top: 5, right: 30, bottom: 30 }]);
    for q in 0..4 {
        assert_eq!(g.turn(q).turn((4 - q) % 4), g);
    }
    assert_eq!(g.turn(1).width, 40);
    assert_eq!(g.turn(1).data[39], g.data[0]);
}

#[test]
fn blank_and_tiny_pages_have_no_segments() {
    for (w, h) in [(1, 1), (3, 2), (1, 400), (400, 1), (64, 64)] {
        let (prepared, shrink) = prepare(&Gray::new(w, h, vec![230; w * h]));
        assert!(analyse(&prepared, shrink, 0).segments.is_empty(), "{w} x {h}");
    }
}

/// Digits in boxes `pitch` wide and 52 high, `rows` of them one upon the other.
fn boxes(columns: usize, rows: usize, pitch: usize) -> Gray {
    let at = |row: usize, column: usize| glyph(100 + pitch * column + (pitch - 24) / 2, 58 + 52 * row);
    let glyphs: Vec<Rect> = (0..rows).flat_map(|r| (0..columns).map(move |c| at(r, c))).collect();
    let mut g = page(700, 400, &glyphs);
    let (right, bottom) = (100 + pitch * columns, 50 + 52 * rows);
    for i in 0..=rows {
        (100..=right).for_each(|x| g.data[(50 + 52 * i) * 700 + x] = 30);
    }
    for i in 0..=columns {
        (50..=bottom).for_each(|y| g.data[y * 700 + 100 + pitch * i] = 30);
    }
    g
}

#[test]
fn a_comb_is_one_field_and_a_grid_is_not() {
    let segments = |g: &Gray| {
        let (prepared, shrink) = prepare(g);
        analyse(&prepared, shrink, 0).segments.iter().map(|s| (s.parts.len(), s.comb)).collect::<Vec<_>>()
    };
    assert_eq!(segments(&boxes(5, 1, 50)), [(5, true)]);
    assert_eq!(segments(&boxes(5, 2, 50)), [(5, true); 2]);
    // Walls that go on from row to row, and boxes too wide for a digit each, are a table.
    assert_eq!(segments(&boxes(5, 3, 50)), [(1, false); 15]);
    assert_eq!(segments(&boxes(5, 1, 110)), [(1, false); 5]);
}

#[test]
fn digits_that_touch_the_walls_of_a_comb_stand_in_it_all_the_same() {
    let mut g = boxes(5, 1, 50);
    // A stroke from each digit to the wall on its right.
    for column in 0..5 {
        for y in 74..78 {
            (136..=150).for_each(|x| g.data[y * 700 + x + 50 * column] = 30);
        }
    }
    let (prepared, shrink) = prepare(&g);
    let segments = analyse(&prepared, shrink, 0).segments;
    assert_eq!(segments.iter().map(|s| (s.parts.len(), s.comb)).collect::<Vec<_>>(), [(5, true)]);
}

#[test]
fn a_broken_digit_is_one_segment() {
    // An open shape whose uprights are broken by a row of paper.
    let mut g = page(500, 300, &[glyph(60, 60), glyph(200, 60), glyph(340, 60)]);
    for x in 190..230 {
        g.data[78 * 500 + x] = 230;
    }
    let (prepared, shrink) = prepare(&g);
    let a = analyse(&prepared, shrink, 0);
    assert_eq!(a.components.len(), 4);
    assert_eq!(a.segments.iter().map(|s| s.rect.height() >= 34).collect::<Vec<_>>(), [true; 3]);
}

#[test]
fn colour_is_kept_at_quarter_scale() {
    // 5 x 6 pixels: red, but for a blue column at the right and a grey row at the bottom.
    let pixel = |x: usize, y: usize| match (x, y) {
        (_, 5) => [77, 77, 77],
        (4, _) => [0, 0, 255],
        _ => [255, 0, 0],
    };
    let rgb: Vec<u8> = (0..30).flat_map(|i| pixel(i % 5, i / 5)).collect();
    let chroma = Chroma::from_rgb(&rgb, 5, 6, 3).expect("it is coloured");
    assert_eq!((chroma.width, chroma.height), (2, 2));
    // Red is Cb 85, Cr 255; blue is Cb 255, Cr 107 (JFIF 1.02); below, half of each block is grey.
    assert_eq!(chroma.data, [85, 255, 255, 107, 106, 192, 192, 118]);
    let rgba: Vec<u8> = rgb.as_chunks::<3>().0.iter().flat_map(|&[r, g, b]| [r, g, b, 9]).collect();
    assert_eq!(Chroma::from_rgb(&rgba, 5, 6, 4), Some(chroma));
}

#[test]
fn a_grey_picture_has_no_colour() {
    assert_eq!(Chroma::from_rgb(&[200; 3 * 35], 7, 5, 3), None);
    assert_eq!(Chroma::from_ycbcr(&[128; 3 * 35], 7, 5), None);
}
