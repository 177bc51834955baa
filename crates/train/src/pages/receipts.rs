//! Receipts, invoices and cheques: print all around a few written amounts, names and dates.

use super::content;
use super::forms::{comb, label_within};
use super::page::{Page, Type};

pub fn draw(page: &mut Page) {
    let kind = page.r.below(4);
    let mut y = page.h * page.r.range(0.3, 0.8);
    while y < page.height() - 4.0 * page.h {
        y = match kind {
            0 => cheque(page, y),
            1 => till(page, y),
            2 => invoice(page, y),
            _ => receipt(page, y),
        } + page.h * page.r.range(1.5, 4.0);
        if kind != 1 && page.r.chance(0.4) {
            page.dotted(0.0, page.width(), y - page.h, page.h * 0.5, 0.5);
        }
    }
    if page.r.chance(0.3) {
        let s = page.h * page.r.range(1.5, 3.5);
        let (x, y) = (page.r.unit() * page.width(), page.r.unit() * page.height());
        page.stamp_mark((x, y, x + s * 2.0, y + s));
    }
}

fn heading(page: &mut Page, y: f32) -> f32 {
    let t = page.head_type();
    let text = content::words(page.lib, &mut page.r, 2).to_uppercase();
    let room = (page.width() - page.print_width(&text, t)).max(0.0);
    let x = room * *page.r.pick(&[0.05, 0.5, 0.95]);
    page.print(&text, x, y + t.size * 1.2, t);
    if page.r.chance(0.4) {
        let s = t.size * 2.0;
        page.logo((page.h * 0.5, y, page.h * 0.5 + s, y + s));
    }
    let mut base = y + t.size * 1.6;
    let small = Type { size: (page.p * 0.7).max(5.5), ..page.text_type() };
    for _ in 0..page.r.between(0, 3) {
        base += small.size * 1.6;
        let n = page.r.between(2, 6);
        let text = content::words(page.lib, &mut page.r, n);
        let x = (page.width() - page.print_width(&text, small)).max(0.0) * *page.r.pick(&[0.05, 0.5, 0.95]);
        page.print(&text, x, base, small);
    }
    base + page.h
}

/// A line with what is printed before it and written on it.
fn line(page: &mut Page, left: f32, right: f32, base: f32, text: &str) {
    let t = page.text_type();
    let label = label_within(page, t, (right - left) * 0.6);
    let t = page.script(&label, t);
    let x = page.print(&label, left, base, t) + page.p * 0.5;
    if x > right - page.h * 2.0 {
        return;
    }
    if page.r.chance(0.5) {
        page.dotted(x, right, base + 2.0, page.h * 0.25, 0.4)
    } else {
        page.lying(x, right, base + 2.0, page.ruling.thick)
    };
    if page.r.chance(page.filled.max(0.6)) {
        let h = page.fit(text, page.h, right - x);
        let from = x + page.r.unit() * 0.5 * (right - x - page.hand.advance(text) * h).max(0.0);
        let drop = page.r.normal() * 0.08 * h * page.sloppy;
        page.write(text, from, base + drop, h);
    }
}

fn receipt(page: &mut Page, top: f32) -> f32 {
    let mut y = heading(page, top);
    let left = page.h * page.r.range(0.5, 1.5);
    let right = page.width() - left;
    let pitch = page.h * page.r.range(2.0, 3.0);
    let (number, date) = (content::number(&mut page.r, 6), content::date(&mut page.r));
    let t = Type { size: page.p * 1.3, tone: [0.4, 1.6, 1.5], ..page.text_type() };
    page.print(&format!("No. {number}"), left, y + pitch * 0.7, t);
    line(page, left + (right - left) * 0.6, right, y + pitch * 0.7, &date);
    y += pitch;
    for i in 0..page.r.between(2, 7) {
        let text = match i % 4 {
            0 => content::name(page.lib, &mut page.r),
            3 => content::amount(&mut page.r),
            _ => {
                let n = page.r.between(1, 5);
                content::words(page.lib, &mut page.r, n)
            }
        };
        line(page, left, right, y + pitch * 0.7, &text);
        y += pitch;
    }
    let area = (left, y, left + page.h * page.r.range(5.0, 8.0), y + page.h * 2.0);
    page.frame(area, page.ruling.thick * 1.5);
    let text = content::amount(&mut page.r);
    let currency = *page.r.pick(&["$", "RM", "€", "Fr."]);
    page.print(currency, left + 3.0, y + page.h * 1.4, page.text_type());
    page.write_cell(&text, (left + page.p * 2.0, y, area.2, area.3), page.h * 1.1);
    let x = page.width() * page.r.range(0.55, 0.7);
    page.lying(x, right, y + page.h * 1.8, page.ruling.thick);
    if page.r.chance(0.7) {
        page.signature(x + page.h, y + page.h * 1.6, page.h * 1.3);
    }
    page.print("Signature", x, y + page.h * 2.9, Type { size: (page.p * 0.7).max(5.5), ..page.text_type() });
    y + page.h * 3.2
}

/// Columns of pieces, text, price and sum; a few rows are written.
fn invoice(page: &mut Page, top: f32) -> f32 {
    let y = heading(page, top);
    let left = page.h * page.r.range(0.2, 1.0);
    let right = page.width() - left;
    let cuts = [0.0, 0.12, 0.64, 0.8, 1.0];
    let wall = |i: usize| left + (right - left) * cuts[i];
    let pitch = page.h * page.r.range(1.5, 2.2);
    let t = Type { size: (page.p * 0.8).max(6.0), ..page.text_type() };
    for i in 0..4 {
        let text = content::capitalised(&content::word(page.lib, &mut page.r));
        if page.print_width(&text, t) < wall(i + 1) - wall(i) {
            page.print_centred(&text, (wall(i), y, wall(i + 1), y + pitch), t);
        }
    }
    let rows = ((page.height() - y) / pitch) as usize;
    let written = (rows as f32 * page.filled * page.r.range(0.4, 1.0)) as usize;
    let capitals = page.r.chance(0.5);
    for row in 1..=rows {
        let top = y + row as f32 * pitch;
        let cell = |i: usize| (wall(i), top, wall(i + 1), top + pitch);
        if row <= written {
            let mut text = content::words(page.lib, &mut page.r, 2);
            if capitals {
                text = text.to_uppercase();
            }
            let pieces = content::number(&mut page.r, 2);
            page.write_cell(&pieces, cell(0), page.h);
            page.write_cell(&text, cell(1), page.h);
            for i in [2, 3] {
                if page.r.chance(0.8) {
                    let text = content::amount(&mut page.r);
                    page.write_cell(&text, cell(i), page.h);
                }
            }
        }
        page.lying(left, right, top, page.ruling.thick);
    }
    for i in 0..5 {
        page.upright(wall(i), y, y + (rows + 1) as f32 * pitch, page.ruling.thick);
    }
    y + (rows + 1) as f32 * pitch
}

/// A slip of a till: print alone, but for a note on it now and then.
fn till(page: &mut Page, top: f32) -> f32 {
    let mut base = heading(page, top);
    let left = page.p * page.r.range(0.5, 3.0);
    let right = page.width() - left;
    let t = page.text_type();
    let pitch = t.size * page.r.range(1.5, 2.1);
    while base < page.height() {
        if page.r.chance(0.1) {
            page.dotted(left, right, base - t.size * 0.4, t.size * 0.6, 0.5);
        } else {
            let n = page.r.between(1, 3);
            let text = content::words(page.lib, &mut page.r, n);
            let price = content::amount(&mut page.r);
            let w = page.print_width(&price, t);
            if page.print_width(&text, t) < right - left - w - t.size {
                page.print(&text, left, base, t);
            }
            page.print(&price, right - w, base, t);
        }
        base += pitch;
    }
    if page.r.chance(0.5) {
        let text = content::entry(page.lib, &mut page.r);
        let h = page.fit(&text, page.h * 1.3, page.width() * 0.6);
        let (x, y) = (page.r.range(0.05, 0.4) * page.width(), page.r.range(0.2, 0.95) * page.height());
        page.write(&text, x, y, h);
    }
    base
}

fn cheque(page: &mut Page, top: f32) -> f32 {
    let mut y = heading(page, top);
    let left = page.h * page.r.range(0.4, 1.2);
    let right = page.width() - left;
    let pitch = page.h * page.r.range(2.0, 2.8);
    if page.r.chance(0.4) {
        let step = page.h * 1.25;
        comb(page, right - step * 8.0, y, step, step * 1.2, 8);
    } else {
        let date = content::date(&mut page.r);
        line(page, right - page.h * 10.0, right, y + pitch * 0.6, &date);
    }
    y += pitch;
    let name = content::name(page.lib, &mut page.r);
    line(page, left, right - page.h * 7.0, y + pitch * 0.6, &name);
    let area = (right - page.h * 6.0, y - pitch * 0.1, right, y + page.h * 1.9);
    page.frame(area, page.ruling.thick);
    let amount = content::amount(&mut page.r);
    page.write_cell(&amount, area, page.h * 1.1);
    y += pitch;
    for _ in 0..2 {
        let n = page.r.between(2, 6);
        let words = content::words(page.lib, &mut page.r, n).to_lowercase();
        line(page, left, right, y + pitch * 0.6, &words);
        y += pitch;
    }
    page.signature(page.width() * 0.65, y + pitch * 0.5, page.h * 1.4);
    let t = page.text_type();
    let (a, b) = (content::digits(&mut page.r, 6), content::digits(&mut page.r, 9));
    page.print(&format!("{a} {b} {}", &b[..3]), left + page.h * 2.0, y + pitch * 1.3, t);
    y + pitch * 1.5
}
