//! Pages of print alone: text, columns, tables of numbers, lists; typewriters and other scripts among them.

use super::content;
use super::forms::paragraph;
use super::page::{Page, Type};

pub fn draw(page: &mut Page) {
    let margin = page.p * page.r.range(0.3, 4.0);
    if page.r.chance(0.3) {
        // As old books are printed: here too much ink, there too little.
        (page.worn, page.run) = (page.r.range(0.0, 0.6), page.r.range(0.2, 1.0));
    }
    match page.r.below(8) {
        0 | 6 => numbers(page, margin),
        7 => nothing(page),
        1 => {
            let wide = (page.width() - 3.0 * margin) / 2.0;
            running(page, margin, margin + wide);
            running(page, margin * 2.0 + wide, page.width() - margin);
        }
        2 => paragraphs(page, margin),
        _ => running(page, margin, page.width() - margin),
    }
    if page.r.chance(0.3) {
        remarks(page);
    }
}

/// A sheet without text: blank, with a picture, with empty rules.
fn nothing(page: &mut Page) {
    let (w, h) = (page.width(), page.height());
    match page.r.below(4) {
        0 => page.picture((0.0, 0.0, w, h)),
        1 => {
            let (l, t) = (w * page.r.range(0.0, 0.5), h * page.r.range(0.0, 0.5));
            page.picture((l, t, l + w * 0.4, t + h * 0.4));
        }
        2 => {
            let pitch = page.h * page.r.range(1.2, 3.0);
            let mut y = pitch;
            while y < h {
                page.lying(0.0, w, y, page.ruling.thick);
                y += pitch;
            }
        }
        _ => {}
    }
}

/// What a reader writes between, beside and over printed lines.
fn remarks(page: &mut Page) {
    for _ in 0..page.r.between(1, 6) {
        let (x, y) = (page.r.unit() * page.width() * 0.8, page.r.range(0.05, 1.0) * page.height());
        let text = match page.r.below(3) {
            0 => content::entry(page.lib, &mut page.r),
            1 => content::number(&mut page.r, 3),
            _ => {
                let n = page.r.between(1, 4);
                content::words(page.lib, &mut page.r, n)
            }
        };
        let h = page.fit(&text, page.h, page.width() - x);
        if let Some(at) = page.write(&text, x, y, h) {
            if page.r.chance(0.2) {
                page.ring((at.left, y - h, at.right, y));
            }
        }
        if page.r.chance(0.3) {
            let (x, y) = (page.r.unit() * page.width(), page.r.unit() * page.height());
            page.flourish(x, y);
        }
    }
}

fn running(page: &mut Page, left: f32, right: f32) {
    let t = page.text_type();
    let font = page.foreign.filter(|_| page.r.chance(0.7)).unwrap_or(t.font);
    let t = Type { font, ..t };
    let pitch = t.size * page.r.range(1.6, 2.6);
    let mut base = pitch * page.r.range(0.5, 2.0);
    while base < page.height() + pitch {
        let end = if page.r.chance(0.15) { left + (right - left) * page.r.range(0.1, 1.0) } else { right };
        page.print_line(left, end, base, t);
        base += pitch * if page.r.chance(0.1) { 1.8 } else { 1.0 };
    }
}

fn paragraphs(page: &mut Page, margin: f32) {
    let mut y = margin;
    while y < page.height() {
        if page.r.chance(0.4) {
            let t = page.head_type();
            let n = page.r.between(1, 5);
            let text = content::words(page.lib, &mut page.r, n);
            page.print(&text, margin, y + t.size * 1.2, t);
            y += t.size * 1.9;
        }
        y = paragraph(page, margin, page.width() - margin, y);
    }
}

/// A table of printed numbers, with rules or without.
fn numbers(page: &mut Page, margin: f32) {
    let t = page.text_type();
    let wide = t.size * page.r.range(2.5, 6.0);
    let pitch = t.size * page.r.range(1.5, 2.2);
    let (rules, walls) = (page.r.chance(0.4), page.r.chance(0.4));
    let places = page.r.below(3);
    let mut base = pitch * page.r.range(0.8, 2.0);
    while base < page.height() + pitch {
        let mut x = margin;
        while x < page.width() - margin {
            let most = page.r.between(1, 4);
            let mut text = content::number(&mut page.r, most);
            if places > 0 {
                text = format!("{text}.{}", content::digits(&mut page.r, places));
            }
            let w = page.print_width(&text, t);
            if w < wide - 2.0 {
                page.print_in(&text, x + wide - w - 3.0, base, t, Some((x, base - pitch * 0.8, x + wide, base + pitch * 0.2)));
            }
            x += wide;
        }
        if rules {
            page.lying(margin, page.width() - margin, base + pitch * 0.2, page.ruling.thick);
        }
        base += pitch;
    }
    if walls {
        let mut x = margin;
        while x < page.width() {
            page.upright(x, 0.0, page.height(), page.ruling.thick);
            x += wide;
        }
    }
}
