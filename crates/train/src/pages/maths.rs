//! Printed papers full of mathematics: questions with formulas among their words, fractions, tables of marks; now and then with
//! some working by hand below.

use super::content;
use super::page::{Page, Type};

pub fn draw(page: &mut Page) {
    let left = page.p * page.r.range(0.5, 4.0);
    let right = page.width() - left;
    let worked = page.r.chance(0.25);
    let mut y = page.p * page.r.range(0.3, 2.0);
    let mut number = page.r.between(1, 8);
    while y < page.height() {
        let t = Type { size: page.p * page.r.range(0.9, 1.0), ..page.text_type() };
        y = match page.r.below(6) {
            0 => display(page, left, right, y, t),
            1 => parts(page, left, right, y, t),
            2 => marks(page, left, y, t),
            _ => {
                number += 1;
                question(page, number, left, right, y, t)
            }
        };
        if worked && page.r.chance(0.5) {
            y = working(page, left, y);
        }
        y += page.p * page.r.range(0.3, 2.5);
    }
}

/// A numbered question of some lines, formulas among its words.
fn question(page: &mut Page, number: usize, left: f32, right: f32, y: f32, t: Type) -> f32 {
    let pitch = t.size * page.r.range(1.7, 2.2);
    let mut base = y + pitch;
    let mut x = page.print(&format!("{number}."), left, base, Type { bold: true, ..t }) + t.size * 0.6;
    if page.r.chance(0.5) {
        let text = format!("[{} marks]", page.r.between(1, 12));
        x = page.print_on(&text, x, base, Type { bold: true, ..t }) + t.size * 0.6;
    }
    let indent = left + t.size * page.r.range(0.0, 2.5);
    for _ in 0..page.r.between(3, 16) {
        let text = if page.r.chance(0.4) {
            content::formula(&mut page.r)
        } else {
            let n = page.r.between(1, 4);
            content::words(page.lib, &mut page.r, n)
        };
        if x + page.print_width(&text, t) > right {
            (x, base) = (indent, base + pitch);
        }
        x = page.print_on(&text, x, base, t) + t.size * 0.5;
    }
    base + t.size * 0.4
}

/// A formula on a line of its own, with fractions in it.
fn display(page: &mut Page, left: f32, right: f32, y: f32, t: Type) -> f32 {
    let middle = y + t.size * 1.9;
    let mut x = left + (right - left) * page.r.range(0.05, 0.4);
    for i in 0..page.r.between(1, 4) {
        if i > 0 {
            let sign = *page.r.pick(&["=", "+", "-", "<"]);
            x = page.print(sign, x, middle + t.size * 0.5, t) + t.size * 0.5;
        }
        if page.r.chance(0.5) {
            let text = content::formula(&mut page.r);
            x = page.print(&text, x, middle + t.size * 0.5, t) + t.size * 0.5;
            continue;
        }
        let (upper, lower) = (content::term(&mut page.r), content::term(&mut page.r));
        let (a, b) = (page.print_width(&upper, t), page.print_width(&lower, t));
        let wide = a.max(b) + t.size * 0.3;
        page.print(&upper, x + (wide - a) / 2.0, middle - t.size * 0.35, t);
        page.lying(x, x + wide, middle, (t.size * 0.07).max(0.7));
        page.print(&lower, x + (wide - b) / 2.0, middle + t.size * 1.4, t);
        x += wide + t.size * 0.5;
    }
    middle + t.size * 1.9
}

/// Parts of a question, a formula each, in one column or some.
fn parts(page: &mut Page, left: f32, right: f32, y: f32, t: Type) -> f32 {
    let pitch = t.size * page.r.range(1.8, 3.0);
    let columns = page.r.between(1, 3);
    let wide = (right - left) / columns as f32;
    let n = page.r.between(2, 6);
    for i in 0..n {
        let (x, base) = (left + (i % columns) as f32 * wide, y + pitch * ((i / columns) as f32 + 0.8));
        let letter = format!("({})", char::from(b'a' + i as u8));
        let x = page.print(&letter, x, base, t) + t.size * 0.6;
        let text = content::formula(&mut page.r);
        if page.print_width(&text, t) < left + wide * ((i % columns) as f32 + 1.0) - x {
            page.print_on(&text, x, base, t);
        }
    }
    y + pitch * n.div_ceil(columns) as f32
}

/// A small printed table: the questions, and what they count.
fn marks(page: &mut Page, left: f32, y: f32, t: Type) -> f32 {
    let (rows, columns) = (page.r.between(2, 6), page.r.between(2, 5));
    let (wide, pitch) = (t.size * page.r.range(2.5, 5.0), t.size * page.r.range(1.6, 2.3));
    let x = left + page.r.unit() * (page.width() - 2.0 * left - wide * columns as f32).max(0.0);
    for row in 0..rows {
        for column in 0..columns {
            let (l, top) = (x + wide * column as f32, y + pitch * row as f32);
            let text = match (row, column) {
                (0, _) => content::term(&mut page.r),
                (_, 0) => format!("Q{row}"),
                _ if page.r.chance(0.3) => continue,
                _ => content::number(&mut page.r, 2),
            };
            page.print_centred(&text, (l, top, l + wide, top + pitch), t);
        }
    }
    let (right, foot) = (x + wide * columns as f32, y + pitch * rows as f32);
    for row in 0..=rows {
        page.lying(x, right, y + pitch * row as f32, page.ruling.thick);
    }
    for column in 0..=columns {
        page.upright(x + wide * column as f32, y, foot, page.ruling.thick);
    }
    foot
}

/// Some lines of working by hand.
fn working(page: &mut Page, left: f32, y: f32) -> f32 {
    let pitch = page.h * page.r.range(1.5, 2.4);
    let n = page.r.between(1, 4);
    for i in 1..=n {
        let (sum, answer) = content::sum(&mut page.r);
        let x = left + page.h * page.r.range(0.5, 3.0);
        page.write(&format!("{sum} = {answer}"), x, y + pitch * i as f32, page.h);
    }
    y + pitch * n as f32
}
