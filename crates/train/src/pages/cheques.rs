//! Cheques and receipts for money: a sum in words and in a box, a payee, a date, a signature, on a ground of fine waves.

use super::content;
use super::forms::comb;
use super::page::{Page, Type};
use super::sheet::Area;
use crate::entries;

pub fn draw(page: &mut Page) {
    let mut y = 0.0;
    while y < page.height() - page.h * 8.0 {
        y = cheque(page, y) + page.h * page.r.range(0.5, 4.0);
    }
}

/// Ink of the ground is neither text nor rule.
fn waves(page: &mut Page, (left, top, right, foot): Area) {
    let depth = page.r.range(0.04, 0.22);
    let tint = *page.r.pick(&[[1.0, 0.4, 0.6], [0.3, 0.7, 1.0], [0.2, 0.6, 0.4], [1.0, 0.7, 0.3], [0.6, 0.6, 0.6]]);
    let tone = tint.map(|t| t * depth);
    if page.r.chance(0.6) {
        page.sheet.fill((left, top, right, foot), None, tone.map(|t| t * 0.5));
    }
    let pitch = page.h * page.r.range(0.15, 0.6);
    let (swing, length) = (page.h * page.r.range(0.1, 1.2), page.h * page.r.range(1.0, 12.0));
    let (shift, thick) = (page.r.range(-0.4, 0.4), page.r.range(0.6, 1.2));
    let mut at = top - swing;
    while at < foot + swing {
        let mut x = left;
        while x < right {
            let y = |x: f32| at + swing * ((x / length + shift * (at - top) / pitch).sin());
            let end = (x + 2.0).min(right);
            if (top..foot).contains(&y(x)) {
                page.sheet.fill((x, y(x) - thick / 2.0, end, y(x) + thick / 2.0), None, tone);
            }
            x = end;
        }
        at += pitch;
    }
}

fn cheque(page: &mut Page, top: f32) -> f32 {
    let (h, margin) = (page.h, page.h * page.r.range(0.5, 2.0));
    let (left, right) = (margin, page.width() - margin);
    let pitch = h.max(page.p) * page.r.range(1.8, 3.0);
    let foot = top + pitch * page.r.range(6.0, 7.5);
    if page.r.chance(0.75) {
        waves(page, (0.0, top, page.width(), foot));
    }
    let t = page.text_type();
    let small = Type { size: (page.p * page.r.range(0.45, 0.7)).max(5.5), ..t };
    // Who pays, or their bank, and the date.
    let head = page.head_type();
    let text = content::words(page.lib, &mut page.r, 2);
    let mut y = top + head.size * 1.4;
    page.print(&text, left, y, head);
    for i in 0..page.r.below(3) {
        page.print_line(left, left + (right - left) * 0.35, y + small.size * 1.7 * (i + 1) as f32, small);
    }
    let from = left + (right - left) * page.r.range(0.55, 0.7);
    date(page, (from, right), y, small);
    y += pitch * page.r.range(1.0, 1.5);
    // To whom, how much in words, and on some what for.
    for line in 0..page.r.between(2, 4) {
        let label = content::label(page.lib, &mut page.r);
        let x = page.print(&label, left, y, t) + page.p * 0.5;
        let end = if line == 1 { right - h * page.r.range(5.0, 9.0) } else { right - h * page.r.range(0.0, 4.0) };
        if end - x > h * 2.0 {
            let rule = y + h * page.r.range(0.05, 0.2);
            page.lying(x, end, rule, page.ruling.thick);
            if page.r.chance(page.filled.max(0.6)) {
                let text = match line {
                    1 | 2 => entries::worded(&mut page.r),
                    _ => content::name(page.lib, &mut page.r),
                };
                let size = page.fit(&text, h, (end - x) * 1.05);
                let from = x + page.r.range(0.1, 1.5) * h;
                let lift = h * page.r.range(-0.05, 0.15);
                page.write(&text, from, y - lift, size);
            }
        }
        if line == 1 {
            amount(page, (end + h * 0.3, y - pitch * 0.7, right, y + pitch * 0.35), t);
        }
        y += pitch;
    }
    // The account in a printed box, who signs, the numbers for the machine.
    if page.r.chance(0.6) {
        let n = page.r.between(8, 15);
        let number = content::digits(&mut page.r, n);
        let area = (left, y - pitch * 0.6, left + page.print_width(&number, t) + t.size * 2.0, y + pitch * 0.1);
        page.frame(area, page.ruling.thick);
        page.print_centred(&number, area, t);
    }
    let from = left + (right - left) * page.r.range(0.55, 0.75);
    page.lying(from, right, y + h * 0.3, page.ruling.thick);
    page.print_line(from, right, y + h * 0.3 + small.size * 1.6, small);
    if page.r.chance(page.filled.max(0.6)) {
        page.signature(from + h * 0.5, y, h);
    }
    if page.r.chance(0.7) {
        let part = |page: &mut Page, n: usize| content::digits(&mut page.r, n);
        let numbers = format!("\"{}\" {}: {}\" {}", part(page, 6), part(page, 9), part(page, 6), part(page, 2));
        page.print(&numbers, left + h * 2.0, foot - page.p * 0.6, t);
    }
    foot
}

/// In boxes with what belongs there below them, or on a rule.
fn date(page: &mut Page, (left, right): (f32, f32), base: f32, small: Type) {
    let step = ((right - left) / 8.5).min(page.h * 1.5);
    if page.r.chance(0.6) && step > page.h * 0.8 {
        let top = base - step;
        comb(page, left, top, step, step * 1.05, 8);
        for (i, c) in "DDMMYYYY".chars().enumerate() {
            let x = left + i as f32 * step;
            page.print_centred(&c.to_string(), (x, base + 2.0, x + step, base + small.size * 1.8), small);
        }
        return;
    }
    let label = content::label(page.lib, &mut page.r);
    let x = page.print(&label, left, base, small) + page.p * 0.4;
    page.lying(x, right, base + page.h * 0.1, page.ruling.thick);
    if page.r.chance(page.filled.max(0.6)) {
        let text = content::date(&mut page.r);
        let size = page.fit(&text, page.h, right - x);
        page.write(&text, x + page.h * 0.2, base, size);
    }
}

/// A box with a sign of money before what is written.
fn amount(page: &mut Page, area: Area, t: Type) {
    let (l, top, r, b) = area;
    if page.r.chance(0.4) {
        page.sheet.fill(area, None, [-0.1; 3]);
    }
    page.frame(area, page.ruling.thick);
    let sign = *page.r.pick(&["$", "€", "Rs.", "£", "#"]);
    let x = page.print_in(sign, l + t.size * 0.3, (top + b + t.size) / 2.0, t, Some(area));
    if page.r.chance(page.filled.max(0.6)) {
        let text = content::amount(&mut page.r) + *page.r.pick(&["", "", "/-", "/=", "=", ".00"]);
        page.write_cell(&text, (x + page.h * 0.2, top, r, b), page.h);
    }
}
