//! Notes on plain, ruled and squared paper: one line, some lines or a page full; words, numbers, or numbers alone.

use super::content;
use super::page::Page;
use super::sheet::Area;
use crate::texts;

pub fn draw(page: &mut Page) {
    let pitch = page.h * page.r.range(1.4, 3.2);
    let first = pitch * page.r.range(0.8, 2.5);
    match page.r.below(10) {
        0..=3 => ruled(page, pitch, first),
        4 | 5 => squared(page),
        _ => {}
    }
    match page.r.below(10) {
        0 => single(page),
        9 if page.r.chance(0.4) => diagram(page),
        1 | 2 => numbers(page, pitch, first),
        _ => lines(page, pitch, first),
    }
}

fn ruled(page: &mut Page, pitch: f32, first: f32) {
    let depth = page.r.range(0.08, 0.7);
    page.ruling.tone = *page.r.pick(&[[depth; 3], [depth, depth * 0.6, depth * 0.25], [depth * 0.3, depth, depth * 0.8]]);
    let (rule, right) = (page.ruling.thick.min(1.4), page.width());
    let mut y = first - pitch * 2.0;
    while y < page.height() {
        page.lying(0.0, right, y + page.h * 0.1, rule);
        y += pitch;
    }
    if page.r.chance(0.35) {
        page.ruling.tone = *page.r.pick(&[[0.1, 0.6, 0.5], [depth; 3]]);
        let x = page.r.range(0.05, 0.2) * right;
        page.upright(x, 0.0, page.height(), rule);
    }
}

pub fn squared(page: &mut Page) {
    let depth = page.r.range(0.06, 0.5);
    page.ruling.tone = *page.r.pick(&[[depth; 3], [depth, depth * 0.6, depth * 0.25], [depth, depth * 0.4, depth * 0.6]]);
    let step = page.h * page.r.range(0.7, 1.8);
    let (w, h, rule) = (page.width(), page.height(), page.ruling.thick.min(1.3));
    let mut at = page.r.unit() * step;
    while at < w.max(h) {
        page.lying(0.0, w, at, rule);
        page.upright(at, 0.0, h, rule);
        at += step;
    }
}

/// One line or number that fills the picture, or stands alone on the sheet.
fn single(page: &mut Page) {
    let text = match page.r.below(4) {
        0 => content::words(page.lib, &mut page.r, 2),
        1 => texts::numeric(&mut page.r),
        _ => {
            let n = page.r.between(1, 10);
            content::digits(&mut page.r, n)
        }
    };
    let h = (page.h * if page.r.chance(0.5) { 1.0 } else { page.r.range(1.2, 2.0) }).min(70.0);
    let h = page.fit(&text, h, page.width() * 0.95);
    let x = page.r.unit() * (page.width() - page.hand.advance(&text) * h).max(4.0);
    let base = page.r.range(0.25, 0.9) * page.height();
    page.write(&text, x, base, h);
}

/// Lines of digits: numbers, or one digit again and again.
fn numbers(page: &mut Page, pitch: f32, first: f32) {
    // Digits far apart, and still one number.
    if page.r.chance(0.5) {
        page.hand.gap = (page.r.range(0.3, 0.5), page.r.range(0.6, 1.0));
    }
    let single = page.r.chance(0.5);
    let mut base = first;
    while base < page.height() {
        let mut x = page.h * page.r.range(0.3, 2.0);
        let end = page.width() * page.r.range(0.3, 1.0);
        let line = page.new_line();
        while x < end {
            let room = ((page.width() - x) / page.h / page.hand.advance("0")) as usize;
            if room == 0 {
                break;
            }
            let n = if single { page.r.between(1, room) } else { page.r.between(1, 6.min(room)) };
            let text =
                if page.r.chance(0.2) { content::digits(&mut page.r, 1).repeat(n) } else { content::digits(&mut page.r, n) };
            let pen = page.pen.pressed(&mut page.r);
            let drop = page.r.normal() * 0.06 * page.h;
            let Some(at) = page.write_with(&text, x, base + drop, page.h, None, &pen, line) else { break };
            if single {
                break;
            }
            // Numbers are clearly further apart than their digits.
            x = at.right + page.h * (page.r.range(1.0, 2.2) + 1.5 * (page.hand.gap.1 - 0.2).max(0.0));
        }
        base += pitch;
    }
}

fn lines(page: &mut Page, pitch: f32, first: f32) {
    let most = 1 + (page.height() / pitch) as usize;
    let rows = page.r.between(1, most).max(page.r.between(1, most));
    let left = page.h * page.r.range(0.3, 3.0);
    let dense = page.r.range(0.4, 1.0);
    let calculating = page.r.chance(0.25);
    let mut base = first;
    for _ in 0..rows {
        if base > page.height() {
            break;
        }
        let indent = if page.r.chance(0.2) { page.h * page.r.range(0.5, 6.0) } else { page.r.normal() * 0.2 * page.h };
        let x = (left + indent).max(1.0);
        let room = (page.width() - x) * if page.r.chance(0.3) { page.r.range(0.3, 1.0) } else { dense.max(0.8) };
        let text = if calculating || page.r.chance(0.15) { texts::numeric(&mut page.r) } else { fill_words(page, room) };
        if page.hand.advance(&text) * page.h < room * 1.3 {
            if let Some(at) = page.write(&text, x, base, page.h) {
                if page.r.chance(0.03) {
                    page.strike(at, base, page.h);
                }
                if page.r.chance(0.03) {
                    let area: Area = (at.left, base - page.h, at.right, base);
                    page.ring(area);
                }
            }
        }
        base += pitch * if page.r.chance(0.08) { 2.0 } else { 1.0 };
    }
}

/// Words until the room is used up.
fn fill_words(page: &mut Page, room: f32) -> String {
    let mut text = content::words(page.lib, &mut page.r, 1);
    loop {
        let more = format!("{text} {}", content::words(page.lib, &mut page.r, 1).to_lowercase());
        if page.hand.advance(&more) * page.h > room {
            return text;
        }
        text = more;
    }
}

/// A tree drawn by hand: rings and triangles with numbers or letters in them, lines between.
fn diagram(page: &mut Page) {
    let pen = page.pen;
    let step = (page.h * page.r.range(3.0, 5.0), page.h * page.r.range(3.0, 5.0));
    let mut upper: Vec<(f32, f32)> = Vec::new();
    let mut y = page.h * page.r.range(1.5, 4.0);
    let turned = page.r.chance(0.4);
    while y < page.height() {
        let mut row = Vec::new();
        let mut x = page.h * page.r.range(1.5, 6.0);
        while x < page.width() - page.h {
            if page.r.chance(0.6) {
                row.push((x, y));
            }
            x += step.0;
        }
        for &(x, y) in &row {
            let n = page.r.between(1, 2);
            let text = if page.r.chance(0.7) { content::digits(&mut page.r, n) } else { content::word(page.lib, &mut page.r) };
            let text: String = text.chars().take(2).collect();
            let wide = page.hand.advance(&text) * page.h;
            page.write(&text, x - wide / 2.0, y + page.h / 2.0, page.h);
            let r = page.h * page.r.range(0.95, 1.3);
            if page.r.chance(0.2) {
                let points = [(x, y - 1.6 * r), (x + 1.5 * r, y + r), (x - 1.5 * r, y + r), (x, y - 1.6 * r)];
                page.scrawl(&points, &pen);
            } else {
                page.ring_with((x - r * 0.6, y - r * 0.6, x + r * 0.6, y + r * 0.6), &pen);
            }
            if let Some(&(px, py)) = upper.iter().min_by(|a, b| (a.0 - x).abs().total_cmp(&(b.0 - x).abs())) {
                if turned {
                    let middle = (py + y) / 2.0;
                    page.scrawl(&[(px, py + r), (px, middle), (x, middle), (x, y - r)], &pen);
                } else {
                    page.scrawl(&[(px, py + r), (x, y - r)], &pen);
                }
            }
        }
        if !row.is_empty() {
            upper = row;
        }
        y += step.1;
    }
}
