//! Page stages on drawn pages, under a net that stands in for a trained one: it takes dark pixels for written ink.

use page::heads::*;
use page::input::Input;
use page::labels::{Labels, PageNet};
use page::raster::{Chroma, Gray, Rect};
use page::{analyse, prepare};

/// Says that all ink is written, that it is a core wherever ink lies left and right of it within ten pixels, and that text stands
/// `turn` quarters off, until it has been asked once.
struct Drawn {
    turn: usize,
    asked: usize,
}

impl PageNet for Drawn {
    fn label(&mut self, input: &Input) -> Result<Labels, String> {
        let (w, h) = (input.width / STRIDE, input.height / STRIDE);
        let mut data = vec![0.0; w * h * HEADS];
        let is_ink = |x: usize, y: usize| input.data[(y * STRIDE * input.width + x * STRIDE) * CHANNELS] > 0.3;
        for y in 0..h {
            for x in 0..w {
                let p = &mut data[(y * w + x) * HEADS..][..HEADS];
                let left = (x.saturating_sub(10)..=x).any(|k| is_ink(k, y));
                let right = (x..(x + 10).min(w)).any(|k| is_ink(k, y));
                p[HAND] = is_ink(x, y) as u8 as f32;
                p[CORE_HAND] = (left && right) as u8 as f32;
                (p[ABOVE], p[BELOW]) = (0.45, 0.45);
                p[TURN + if self.asked == 0 { self.turn } else { 0 }] = 1.0;
            }
        }
        self.asked += 1;
        Ok(Labels { width: w, height: h, data })
    }
}

fn lying() -> Drawn {
    Drawn { turn: 0, asked: 0 }
}

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
    let a = analyse(&prepare(&page(500, 300, &glyphs), None), &mut lying(), None).unwrap();
    assert_eq!(a.segments.iter().map(|s| s.parts.len()).collect::<Vec<_>>(), [5, 3]);
    let r = a.segments[1].rect;
    assert!(
        r.left.abs_diff(60) < 3 && r.right.abs_diff(152) < 3 && r.top.abs_diff(160) < 3 && r.bottom.abs_diff(196) < 3,
        "{r:?}"
    );
    assert!(a.segments.iter().all(|s| s.hand > 0.9 && s.print == 0.0));
}

#[test]
fn a_page_is_turned_as_the_scout_says() {
    let upright = page(500, 300, &[glyph(60, 60), glyph(94, 60)]);
    let a = analyse(&prepare(&upright.turn(3), None), &mut Drawn { turn: 1, asked: 0 }, None).unwrap();
    assert_eq!((a.quarters, a.even.width, a.even.height), (1, 500, 300));
    assert!(a.segments[0].rect.left.abs_diff(60) < 3, "{:?}", a.segments[0].rect);
}

#[test]
fn light_is_evened() {
    let prepared = prepare(&page(500, 300, &[glyph(60, 60), glyph(400, 60)]), None).even;
    assert!(prepared.data[10 * 500 + 5] > 235 && prepared.data[10 * 500 + 490] > 235);
    let dark = |x: usize| prepared.data[80 * 500 + x];
    assert!(dark(61) < 90 && dark(401) < 90);
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
        let blank = prepare(&Gray::new(w, h, vec![230; w * h]), None);
        assert!(analyse(&blank, &mut lying(), None).unwrap().segments.is_empty(), "{w} x {h}");
    }
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
