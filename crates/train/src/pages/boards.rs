//! Boards, sticky notes and cards: thick pens on few lines, frames drawn by hand, chalk on dark ground, scraps on a table.

use super::content;
use super::page::Page;
use super::pen::Pen;
use super::photo::Look;
use crate::texts;

pub fn draw(page: &mut Page) {
    page.pen = Pen::marker(page.h, page.look == Look::Board, &mut page.r);
    if page.look != Look::Board && page.r.chance(0.4) {
        scraps(page);
        return;
    }
    let pen = page.pen;
    let (w, h) = (page.width(), page.height());
    let columns = if page.r.chance(0.4) { 2 } else { 1 };
    let wide = w / columns as f32;
    for c in 0..columns {
        let left = c as f32 * wide + page.h * page.r.range(0.3, 2.0);
        let mut base = page.h * page.r.range(1.5, 4.0);
        if page.r.chance(0.4) {
            let top = base - page.h * 1.6;
            let foot = h * page.r.range(0.5, 0.97);
            page.drawn_frame((left - page.h * 0.6, top, left + wide * 0.85, foot), &pen);
        }
        let pitch = page.h * page.r.range(1.5, 2.6);
        for _ in 0..page.r.between(1, 12) {
            if base > h {
                break;
            }
            let text = line(page, wide * 0.85);
            if let Some(at) = page.write(&text, left, base, page.h) {
                if page.r.chance(0.1) {
                    let y = base + page.h * 0.3;
                    page.scrawl(&[(at.left, y), (at.right, y - page.h * 0.05)], &pen);
                }
                if page.r.chance(0.08) {
                    page.ring_with((at.left, base - page.h, at.right, base), &pen);
                }
            }
            if page.r.chance(0.1) {
                page.drawn_rule((left - page.h * 0.5, base + page.h * 0.6), (left + wide * 0.8, base + page.h * 0.6), &pen);
            }
            base += pitch * if page.r.chance(0.15) { 1.8 } else { 1.0 };
        }
    }
    for _ in 0..page.r.below(4) {
        let (x, y) = (page.r.unit() * w, page.r.unit() * h);
        page.flourish(x, y);
    }
}

fn line(page: &mut Page, room: f32) -> String {
    let mut text = match page.r.below(6) {
        0 | 1 => texts::numeric(&mut page.r),
        2 => content::entry(page.lib, &mut page.r),
        3 => format!("{} = {}", content::sum(&mut page.r).0, content::number(&mut page.r, 3)),
        _ => {
            let n = page.r.between(1, 4);
            content::words(page.lib, &mut page.r, n)
        }
    };
    if page.r.chance(0.3) {
        text = text.to_uppercase();
    }
    while page.hand.advance(&text) * page.h > room && text.contains(' ') {
        text.truncate(text.rfind(' ').unwrap_or(0));
    }
    text
}

/// Notes on coloured or white scraps that lie on something.
fn scraps(page: &mut Page) {
    let (w, h) = (page.width(), page.height());
    // The ground: darker than the scraps that lie on it.
    let ground = page.r.range(0.2, 1.3);
    let tone = [ground, ground * page.r.range(0.8, 1.3), ground * page.r.range(0.8, 1.6)];
    page.sheet.fill((0.0, 0.0, w, h), None, tone);
    let n = page.r.between(1, 3);
    let tall = h / n as f32;
    for i in 0..n {
        let wide = w * page.r.range(0.5, 0.95);
        let (l, t) = (page.r.unit() * (w - wide), i as f32 * tall + tall * page.r.range(0.02, 0.2));
        let area = (l, t, l + wide, i as f32 * tall + tall * 0.95);
        let colour = *page.r.pick(&[[0.0, 0.0, 0.0], [0.0, 0.05, 0.5], [0.0, 0.3, 0.15], [0.3, 0.05, 0.1], [0.02, 0.02, 0.08]]);
        let lighter: [f32; 3] = core::array::from_fn(|k| colour[k] - tone[k]);
        page.sheet.fill(area, None, lighter);
        let pitch = page.h * page.r.range(1.5, 2.4);
        let mut base = area.1 + pitch;
        for _ in 0..page.r.between(1, 6) {
            if base > area.3 - page.h * 0.2 {
                break;
            }
            let text = line(page, wide * 0.9);
            let x = l + page.h * page.r.range(0.3, 1.5);
            page.write(&text, x, base, page.h);
            base += pitch;
        }
    }
}
