//! Dark bars with light writing in them, made light with dark writing: heads of tables and of forms, and what somebody wrote on them.

use crate::components;
use crate::ink::Mask;
use crate::light::quantile;
use crate::raster::{Gray, Rect};

/// Numbers that tell a bar; lengths are pixels of the page made as small as `longest`, shares are of a bar.
struct Bar {
    longest: usize,
    /// What is darker is bar, of 255 for paper.
    dark: u8,
    /// Least height, and least width in heights.
    height: usize,
    wide: f32,
    /// Least share of its edge that is dark: what is written in a bar does not reach over it, pictures and strokes are no boxes.
    edge: f32,
    /// Shares of it that are light: a box that is filled has nothing in it, a frame is no bar.
    light: (f32, f32),
}

const BAR: Bar = Bar { longest: 1200, dark: 140, height: 8, wide: 1.5, edge: 0.92, light: (0.02, 0.45) };

/// Turns light and dark round in the bars of a page with white paper.
pub fn lighten(even: &mut Gray) {
    let by = even.width.max(even.height).div_ceil(BAR.longest).max(1);
    for r in find(&even.shrink(by)) {
        let (right, bottom) = ((r.right * by).min(even.width), (r.bottom * by).min(even.height));
        let rows = (r.top * by..bottom).map(|y| y * even.width + r.left * by..y * even.width + right);
        let ground = ground(rows.clone().flat_map(|row| even.data[row].iter().copied()));
        for row in rows {
            even.data[row].iter_mut().for_each(|v| *v = (255 + ground).saturating_sub(*v as u16).min(255) as u8);
        }
    }
}

/// The middle one of the values that are dark.
fn ground(values: impl Iterator<Item = u8>) -> u16 {
    let mut counts = [0u32; 256];
    values.filter(|v| *v < BAR.dark).for_each(|v| counts[v as usize] += 1);
    quantile(&counts, counts.iter().sum(), 0.5) as u16
}

fn find(small: &Gray) -> Vec<Rect> {
    let mut dark = Mask::new(small.width, small.height);
    dark.data.iter_mut().zip(&small.data).for_each(|(d, v)| *d = (*v < BAR.dark) as u8);
    let is_bar = |r: &Rect| {
        let (w, h) = (r.width(), r.height());
        if h < BAR.height || (w as f32) < BAR.wide * h as f32 {
            return false;
        }
        let at = |x: usize, y: usize| dark.data[y * dark.width + x] as usize;
        // The outermost pixels are half paper.
        let (l, t, right, b) = (r.left + 1, r.top + 1, r.right - 2, r.bottom - 2);
        let lying: usize = (l..=right).map(|x| at(x, t) + at(x, b)).sum();
        let upright: usize = (t..=b).map(|y| at(l, y) + at(right, y)).sum();
        let edge = 2 * (right - l + 1 + b - t + 1);
        let all: usize = (r.top..r.bottom).flat_map(|y| (r.left..r.right).map(move |x| (x, y))).map(|(x, y)| at(x, y)).sum();
        let light = 1.0 - all as f32 / (w * h) as f32;
        (lying + upright) as f32 >= BAR.edge * edge as f32 && (BAR.light.0..BAR.light.1).contains(&light)
    };
    components::find(&dark).iter().map(|c| c.rect).filter(is_bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// White paper with a box of grey value `bar` from (10, 10) to (110, 40) and a stroke of `pen` in it.
    fn page(bar: u8, pen: u8) -> Gray {
        let mut page = Gray::new(160, 80, vec![255; 160 * 80]);
        for y in 10..40 {
            page.data[y * 160 + 10..y * 160 + 110].fill(bar);
        }
        for y in 16..34 {
            page.data[y * 160 + 50..y * 160 + 56].fill(pen);
        }
        page
    }

    #[test]
    fn light_strokes_in_a_dark_bar_become_dark_ones_on_paper() {
        let mut bar = page(20, 250);
        lighten(&mut bar);
        assert!(bar.data.iter().all(|&v| v == 255 || v == 25), "paper, and strokes as dark as the bar was");
        assert_eq!(bar.data.iter().filter(|&&v| v == 25).count(), 6 * 18);
    }

    #[test]
    fn what_is_no_bar_stays() {
        let mut crossed = page(20, 250);
        // A stroke that reaches over both edges, wide as it is.
        (5..45).for_each(|y| crossed.data[y * 160 + 20..y * 160 + 60].fill(250));
        for mut same in [page(20, 20), page(200, 250), page(255, 20), crossed] {
            let before = same.data.clone();
            lighten(&mut same);
            assert_eq!(same.data, before);
        }
    }
}
