//! Answers of one letter, digit or sign beside print of their size: numbered lists, tables of two rows, brackets before a unit; and
//! what looks like them and is print: keys, and fields that are left blank.

use super::content;
use super::exams;
use super::hand::Hand;
use super::page::{Page, Type};
use super::sheet::Area;

pub fn draw(page: &mut Page) {
    page.p = (page.h * page.r.range(0.85, 1.15)).max(6.5);
    match page.r.below(3) {
        0 => {
            let depth = page.r.range(0.9, 2.2);
            page.pen = page.pen.like_print(depth, page.h, &mut page.r);
        }
        1 => page.take_pencil(),
        _ => {}
    }
    if page.r.chance(0.6) {
        page.hand = Hand::of_strokes(page.lib, &mut page.r);
    }
    // A key has its answers printed.
    let key = page.r.chance(0.2);
    let left = page.h * page.r.range(0.4, 2.5);
    let right = page.width() - left;
    let mut y = page.h * page.r.range(0.2, 1.5);
    while y < page.height() {
        if page.r.chance(0.7) {
            y = head(page, left, y);
        }
        y = match page.r.below(5) {
            0 | 1 => list(page, key, left, right, y),
            2 | 3 if !key => exams::answers(page, left, right, y),
            _ => fields(page, key, left, right, y),
        } + page.h * page.r.range(0.5, 2.0);
    }
}

/// A line of print over answers, with a number before it or without.
fn head(page: &mut Page, left: f32, y: f32) -> f32 {
    let t = Type { bold: page.r.chance(0.5), ..page.text_type() };
    let base = y + t.size * 1.3;
    let mut x = left;
    if page.r.chance(0.5) {
        let number = format!("{}{}", page.r.between(1, 12), page.r.pick(&[".", ")", ",", ""]));
        x = page.print(&number, x, base, t) + t.size * page.r.range(0.1, 0.6);
    }
    let n = page.r.between(1, 3);
    let text = exams::title(page, n);
    let script = page.script(&text, t);
    x = page.print_on(&text, x, base, script);
    if page.r.chance(0.3) {
        let text = format!("({})", content::number(&mut page.r, 2));
        page.print_on(&text, x + t.size * 0.3, base, t);
    }
    y + t.size * page.r.range(1.8, 2.4)
}

/// What one answers: a letter to choose, any capital, a digit, a sign.
fn one(page: &mut Page, kind: usize) -> String {
    let r = &mut page.r;
    match kind {
        0 | 1 => r.pick(&["A", "B", "C", "D", "E", "A", "B", "C", "D"]).to_string(),
        2 => char::from(b'A' + r.below(26) as u8).to_string(),
        3 => content::number(r, 2),
        _ => r.pick(&["T", "F", "<", ">", "=", "Y", "N", "+", "-"]).to_string(),
    }
}

fn write(page: &mut Page, text: &str, area: Area) {
    if page.r.chance(page.filled) {
        let h = page.h * page.r.range(0.85, 1.1);
        page.write_cell(text, area, h);
    }
}

/// Printed numbers, each with its answer behind it, on a rule, in brackets or bare.
fn list(page: &mut Page, key: bool, left: f32, right: f32, y: f32) -> f32 {
    let t = page.text_type();
    let (kind, style, across) = (page.r.below(5), page.r.below(5), page.r.chance(0.5));
    let mark = *page.r.pick(&[".", ")", ":", ".", ""]);
    let hole = page.h * page.r.range(1.2, 2.2);
    let pitch = page.h.max(t.size) * page.r.range(1.35, 2.6);
    let step = page.print_width("48. ", t) + hole + page.h * page.r.range(0.6, 3.0);
    let columns = (((right - left) / step) as usize).clamp(1, 10);
    let rows = page.r.between(1, 10);
    let first = page.r.between(1, 30);
    for i in 0..rows * columns {
        let (row, column) = if across { (i / columns, i % columns) } else { (i % rows, i / rows) };
        let base = y + pitch * (row as f32 + 0.85);
        let number = format!("{}{mark}", first + i);
        let x = page.print(&number, left + step * column as f32, base, t) + t.size * page.r.range(0.1, 0.4);
        let text = one(page, kind);
        if key {
            page.print_on(&text, x, base, t);
            continue;
        }
        match style {
            0 => page.lying(x, x + hole, base + t.size * 0.15, page.ruling.thick),
            1 => {
                page.print("(", x, base, t);
                page.print(")", x + hole - t.size * 0.3, base, t);
            }
            _ => {}
        }
        write(page, &text, (x, base - page.h * 1.1, x + hole, base + page.h * 0.15));
    }
    y + pitch * rows as f32
}

/// Brackets with room for a number and the unit behind them, many left blank.
fn fields(page: &mut Page, key: bool, left: f32, right: f32, y: f32) -> f32 {
    let t = page.text_type();
    let pitch = page.h.max(t.size) * page.r.range(1.6, 2.6);
    let rows = page.r.between(1, 5);
    for row in 0..rows {
        let base = y + pitch * (row as f32 + 0.85);
        let mut x = left;
        loop {
            let unit = match page.foreign {
                Some(f) => {
                    let n = page.r.between(1, 2);
                    content::foreign(&page.lib.print_fonts[f], &mut page.r, 1).chars().take(n).collect()
                }
                None => page.r.pick(&["cm", "min", "h", "kg", "m", "s", "+", "=", "points"]).to_string(),
            };
            let script = page.script(&unit, t);
            let hole = page.h * page.r.range(1.5, 3.0);
            if x + hole + page.print_width(&unit, script) + t.size > right {
                break;
            }
            page.print("(", x, base, t);
            if !key && page.r.chance(0.6) {
                let text = content::number(&mut page.r, 2);
                write(page, &text, (x + t.size * 0.3, base - page.h * 1.1, x + hole - t.size * 0.3, base + page.h * 0.15));
            }
            page.print(")", x + hole - t.size * 0.3, base, t);
            let from = x + hole + t.size * page.r.range(0.1, 0.4);
            x = page.print_on(&unit, from, base, script) + t.size * page.r.range(0.2, 1.2);
        }
    }
    y + pitch * rows as f32
}
