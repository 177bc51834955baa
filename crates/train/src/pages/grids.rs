//! Sudokus and other square grids with one digit a cell, printed and written ones side by side.

use super::content;
use super::page::{Page, Type};
use super::photo::Look;
use super::rules::Ruling;
use super::sheet::Layer;

pub fn draw(page: &mut Page) {
    if page.r.chance(0.25) {
        letters(page);
        return;
    }
    let n = *page.r.pick(&[9usize, 9, 9, 9, 6, 4, 8, 10]);
    let step = page.h * if page.r.chance(0.3) { page.r.range(1.05, 1.35) } else { page.r.range(1.25, 2.4) };
    let side = step * n as f32;
    let fits = side < page.width();
    let mut left = if fits { page.r.unit() * (page.width() - side).min(side * 0.4) } else { page.r.range(-0.5, 0.2) * step };
    let first = page.h * page.r.range(-1.0, 3.0);
    // As many as the sheet has room for: a page of puzzles.
    loop {
        let mut top = first;
        while top < page.height() - 2.0 * step {
            grid(page, n, step, left, top);
            top += side + page.h * page.r.range(1.5, 5.0);
        }
        left += side + page.h * page.r.range(0.8, 3.0);
        if left > page.width() - 2.0 * step {
            break;
        }
    }
}

/// Crosswords, answer grids and number squares: a letter or a digit a cell, cells that are black, small printed numbers in corners.
fn letters(page: &mut Page) {
    let step = page.h * page.r.range(1.2, 2.6);
    let (left, top) = (page.h * page.r.range(-0.5, 2.0), page.h * page.r.range(-0.5, 3.0));
    let columns = page.r.between(3, 24).min((((page.width() - left) / step) as usize).max(2));
    let rows = page.r.between(2, 20).min((((page.height() - top) / step) as usize).max(2));
    let (blacked, numbered) = (page.r.chance(0.4), page.r.chance(0.4));
    // What is written: capitals, the letters of answers, digits; every second row printed, or a cell here and there.
    let kind = page.r.below(4);
    let (headed, given) = (page.r.chance(0.4), if page.r.chance(0.5) { page.r.range(0.0, 0.4) } else { 0.0 });
    let t = Type { size: (page.h * page.r.range(0.7, 1.2)).min(step * 0.75), bold: page.r.chance(0.3), ..page.text_type() };
    let small = Type { size: (step * 0.25).max(5.0), ..t };
    let one = |page: &mut Page| match kind {
        0 => char::from(b'A' + page.r.below(26) as u8).to_string(),
        1 => page.r.pick(&["A", "B", "C", "D", "E", "T", "F", "A", "B", "C", "D"]).to_string(),
        2 => content::number(&mut page.r, 2),
        _ => page.r.below(10).to_string(),
    };
    for row in 0..rows {
        for column in 0..columns {
            let (x, y) = (left + column as f32 * step, top + row as f32 * step);
            let area = (x, y, x + step, y + step);
            if blacked && page.r.chance(0.2) {
                page.sheet.fill(area, Some(Layer::Other), page.ruling.tone);
                continue;
            }
            if headed && row % 2 == 0 {
                let text = (row / 2 * columns + column + 1).to_string();
                let size = t.size * (0.85 * step / page.print_width(&text, t).max(1.0)).min(1.0);
                page.print_centred(&text, area, Type { size, ..t });
                continue;
            }
            if numbered && page.r.chance(0.25) {
                let text = page.r.between(1, 60).to_string();
                page.print(&text, x + 1.5, y + small.size + 1.5, small);
            }
            let text = one(page);
            if page.r.chance(given) {
                page.print_centred(&text, area, t);
            } else if page.r.chance(page.filled) {
                let h = page.h.min(step * 0.85) * page.r.range(0.8, 1.15);
                page.write_cell(&text, area, h);
            }
        }
    }
    let (w, h) = (columns as f32 * step, rows as f32 * step);
    let (inner, outer) = walls(page);
    for i in 0..=rows {
        let ruling = if i % rows == 0 { outer } else { inner };
        page.ruled(ruling, |page| page.lying(left, left + w, top + i as f32 * step, ruling.thick));
    }
    for i in 0..=columns {
        let ruling = if i % columns == 0 { outer } else { inner };
        page.ruled(ruling, |page| page.upright(left + i as f32 * step, top, top + h, ruling.thick));
    }
}

fn grid(page: &mut Page, n: usize, step: f32, left: f32, top: f32) {
    if page.r.chance(0.5) {
        let t = page.text_type();
        let text = content::words(page.lib, &mut page.r, 2);
        page.print(&text, left.max(2.0), top - t.size * 0.5, t);
    }
    let given = page.r.range(0.25, 0.6);
    let filled = match page.r.below(10) {
        0 | 1 => 0.0,
        2..=4 => 1.0,
        _ => page.filled,
    };
    let ratio = page.r.range(0.75, 1.3);
    let t = Type { size: (page.h * ratio).min(step * 0.75), bold: page.r.chance(0.3), ..page.text_type() };
    let shaded = page.r.chance(0.15);
    let notes = page.r.chance(0.12);
    for row in 0..n {
        for column in 0..n {
            let (x, y) = (left + column as f32 * step, top + row as f32 * step);
            let area = (x, y, x + step, y + step);
            if shaded && page.r.chance(0.1) {
                page.sheet.fill(area, None, [0.5, 0.3, 0.1]);
            }
            let digit = (1 + page.r.below(n.min(9))).to_string();
            if page.r.chance(given) {
                page.print_centred(&digit, area, t);
            } else if page.r.chance(filled) {
                let h = page.h.min(step * 0.85) * page.r.range(0.85, 1.15);
                page.write_cell(&digit, area, h);
            } else if notes && page.r.chance(0.3) {
                let text: String = (0..page.r.between(1, 3)).map(|_| char::from(b'1' + page.r.below(9) as u8)).collect();
                page.write(&text, x + step * 0.08, y + step * 0.4, (page.h * 0.5).max(6.0));
            }
        }
    }
    let (inner, outer) = walls(page);
    let block = match n {
        9 | 6 => 3,
        4 => 2,
        _ => n,
    };
    let side = step * n as f32;
    for i in 0..=n {
        let ruling = if i % block == 0 { outer } else { inner };
        page.ruled(ruling, |page| {
            page.lying(left, left + side, top + i as f32 * step, ruling.thick);
            page.upright(left + i as f32 * step, top, top + side, ruling.thick);
        });
    }
}

/// Rules between the cells of a grid, often much finer than those around it and its blocks.
fn walls(page: &mut Page) -> (Ruling, Ruling) {
    let own = page.ruling;
    let fine = page.look != Look::Bilevel && page.r.chance(0.65);
    let inner = if fine { Ruling::fine(&mut page.r) } else { own };
    let bold = Ruling { thick: inner.thick.max(own.thick) * page.r.range(1.2, 3.0), ..own };
    // All rules may be fine.
    (inner, if fine && page.r.chance(0.25) { inner } else { bold })
}
