//! Whether a shape comes twice on its page: a press repeats itself to the pixel, a hand does not.

use crate::components::Component;
use crate::raster::Gray;

/// Numbers that decide which shapes are compared.
struct Comparison {
    /// Twins differ in width and in height by no more than this share and so many pixels.
    size: f32,
    pixels: f32,
    /// Bars say nothing, whoever made them: a shape is compared if neither side is longer than the other so many times.
    bar: f32,
    /// Nor do specks: it is at least so many pixels high.
    least: usize,
}

const COMPARISON: Comparison = Comparison { size: 0.07, pixels: 1.0, bar: 2.6, least: 8 };

/// Columns and rows of the small picture by which shapes are compared.
const SIDE: usize = 16;

/// A shape's own ink in `SIDE` x `SIDE` cells, of mean 0 and length 1, with its size in pixels.
struct Shape {
    width: f32,
    height: f32,
    cells: [f32; SIDE * SIDE],
}

impl Shape {
    /// `None` for bars, specks and shapes without contrast. `number` is that of the component in `labels`, from 1 on.
    fn of(page: &Gray, labels: &[u32], c: &Component, number: u32) -> Option<Self> {
        let (w, h) = (c.rect.width(), c.rect.height());
        let (width, height) = (w as f32, h as f32);
        if h < COMPARISON.least || width > COMPARISON.bar * height || height > COMPARISON.bar * width {
            return None;
        }
        let mut cells = [0.0f32; SIDE * SIDE];
        for y in 0..h {
            let from = (c.rect.top + y) * page.width + c.rect.left;
            for x in (0..w).filter(|x| labels[from + x] == number) {
                cells[(y * SIDE / h) * SIDE + x * SIDE / w] += 255.0 - page.data[from + x] as f32;
            }
        }
        // Cells of small shapes hold few pixels, and not all the same number of them.
        let pixels = |n: usize, k: usize| (((k + 1) * n).div_ceil(SIDE) - (k * n).div_ceil(SIDE)) as f32;
        for y in 0..SIDE {
            for x in 0..SIDE {
                cells[y * SIDE + x] /= (pixels(h, y) * pixels(w, x)).max(1.0);
            }
        }
        let mean = cells.iter().sum::<f32>() / cells.len() as f32;
        cells.iter_mut().for_each(|v| *v -= mean);
        let length = cells.iter().map(|v| v * v).sum::<f32>().sqrt();
        if length < 1.0 {
            return None;
        }
        cells.iter_mut().for_each(|v| *v /= length);
        Some(Self { width, height, cells })
    }

    fn is_as_large(&self, other: &Self) -> bool {
        let near = |a: f32, b: f32| (a - b).abs() <= (COMPARISON.size * a.max(b)).max(COMPARISON.pixels);
        near(self.width, other.width) && near(self.height, other.height)
    }

    /// Correlation, -1..1.
    fn likeness(&self, other: &Self) -> f32 {
        self.cells.iter().zip(&other.cells).map(|(a, b)| a * b).sum()
    }
}

/// For each component the correlation, 0..1, with the one that looks most like it among all of about its size; `None` where that says
/// nothing. `labels` has the number of each pixel's component from 1 on. Only those that `asked` says are looked up.
pub fn likeness(page: &Gray, labels: &[u32], components: &[Component], asked: &[bool]) -> Vec<Option<f32>> {
    let shapes: Vec<Option<Shape>> =
        components.iter().enumerate().map(|(i, c)| Shape::of(page, labels, c, i as u32 + 1)).collect();
    let mut by_height: Vec<usize> = (0..shapes.len()).filter(|&i| shapes[i].is_some()).collect();
    let height = |i: usize| shapes[i].as_ref().map_or(0.0, |s| s.height);
    by_height.sort_by(|&a, &b| height(a).total_cmp(&height(b)));
    let reach = |h: f32| (COMPARISON.size * h / (1.0 - COMPARISON.size)).max(COMPARISON.pixels);
    shapes
        .iter()
        .zip(asked)
        .enumerate()
        .map(|(i, (shape, asked))| {
            let shape = shape.as_ref().filter(|_| *asked)?;
            let from = by_height.partition_point(|&k| height(k) < shape.height - reach(shape.height));
            let near = by_height[from..].iter().take_while(|&&k| height(k) <= shape.height + reach(shape.height));
            let others = near.filter(|&&k| k != i).filter_map(|&k| shapes[k].as_ref()).filter(|s| shape.is_as_large(s));
            Some(others.map(|s| shape.likeness(s)).fold(0.0, f32::max))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components;
    use crate::ink::Mask;

    #[test]
    fn the_same_shape_twice_is_told_from_another() {
        // Two rings, a corner of the same size, and a bar.
        let (w, h) = (80, 20);
        let ring = |x: i32, y: i32| (25..=64).contains(&(x * x + y * y));
        let mut ink = Mask::new(w, h);
        for y in 0..h as i32 {
            for x in 0..w as i32 {
                let on = ring(x - 10, y - 10)
                    || ring(x - 30, y - 10)
                    || (42..58).contains(&x) && (2..=18).contains(&y) && (x < 45 || y > 15)
                    || (70..73).contains(&x);
                ink.data[y as usize * w + x as usize] = on as u8;
            }
        }
        let page = Gray::new(w, h, ink.data.iter().map(|&v| 255 - 200 * v).collect());
        let (found, labels) = components::label(&ink);
        let likeness = likeness(&page, &labels, &found, &vec![true; found.len()]);
        let at = |x: usize| found.iter().zip(&likeness).find(|(c, _)| c.rect.left == x).expect("a shape").1;
        assert!(at(2).expect("a ring") > 0.99);
        assert!(at(42).expect("a corner") < 0.6);
        assert_eq!(*at(70), None);
    }
}
