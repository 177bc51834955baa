//! Exam papers and answer sheets: heads with marks, tables of answers, bubbles below combs, questions with blanks, boxes to work in.

use super::content;
use super::forms::{comb, paragraph};
use super::page::{Page, Type};

pub fn draw(page: &mut Page) {
    let left = page.h * page.r.range(0.3, 1.8);
    let right = page.width() - left;
    let mut y = page.h * page.r.range(0.2, 1.2);
    if page.r.chance(0.7) {
        let t = page.head_type();
        let text = title(page, 2);
        let t = page.script(&text, t);
        page.print_centred(&text, (left, y, right, y + t.size * 1.6), t);
        y += t.size * 2.2;
    }
    while y < page.height() {
        y = match page.r.below(7) {
            0 => marks(page, left, right, y),
            1 => answers(page, left, right, y),
            2 => bubbles(page, left, right, y),
            3 => choices(page, left, right, y),
            4 => blanks(page, left, right, y),
            5 => work(page, left, right, y),
            _ => paragraph(page, left, right, y),
        } + page.h * page.r.range(0.3, 1.5);
    }
}

pub fn title(page: &mut Page, n: usize) -> String {
    match page.foreign {
        Some(f) => content::foreign(&page.lib.print_fonts[f], &mut page.r, n),
        None => content::words(page.lib, &mut page.r, n),
    }
}

/// Two rows: what the marks are for, and the marks.
fn marks(page: &mut Page, left: f32, right: f32, y: f32) -> f32 {
    two_rows(page, left, right, y, false)
}

/// Two rows: numbers of questions, and letters.
pub fn answers(page: &mut Page, left: f32, right: f32, y: f32) -> f32 {
    two_rows(page, left, right, y, true)
}

fn two_rows(page: &mut Page, left: f32, right: f32, y: f32, letters: bool) -> f32 {
    let (a, b) = (page.p * page.r.range(1.5, 2.6), page.h * page.r.range(1.4, 2.6));
    let step = (page.h * page.r.range(1.8, 4.0)).max(page.p * 2.2);
    let n = (((right - left) / step) as usize).clamp(2, 12);
    let t = page.text_type();
    let end = left + step * n as f32;
    let first = page.r.below(2) * 10;
    for i in 0..n {
        let x = left + i as f32 * step;
        let head = (x, y, x + step, y + a);
        let text = if letters || page.r.chance(0.5) { (first + i + 1).to_string() } else { title(page, 1) };
        let t = page.script(&text, t);
        if page.print_width(&text, t) < step - 1.0 {
            page.print_centred(&text, head, t);
        }
        let cell = (x, y + a, x + step, y + a + b);
        if i == 0 && !letters && page.r.chance(0.6) {
            let text = title(page, 1);
            let t = page.script(&text, t);
            if page.print_width(&text, t) < step - 1.0 {
                page.print_centred(&text, cell, t);
            }
        } else if page.filled > 0.0 && page.r.chance(page.filled.max(0.5)) {
            let text = if letters {
                page.r.pick(&["A", "B", "C", "D", "E", "T", "F", "A", "B", "C", "D", "AB"]).to_string()
            } else {
                content::number(&mut page.r, 2) + if page.r.chance(0.12) { "½" } else { "" }
            };
            page.write_cell(&text, cell, page.h);
        }
    }
    for at in [y, y + a, y + a + b] {
        page.lying(left, end, at, page.ruling.thick);
    }
    for i in 0..=n {
        page.upright(left + i as f32 * step, y, y + a + b, page.ruling.thick);
    }
    y + a + b
}

/// A comb with a column of bubbles or small digits below each box.
fn bubbles(page: &mut Page, left: f32, right: f32, y: f32) -> f32 {
    let step = page.h * page.r.range(1.1, 1.6);
    let n = page.r.between(3, 12).min(((right - left) / step).max(2.0) as usize);
    let x = left + page.r.unit() * (right - left - n as f32 * step).max(0.0);
    let small = Type { size: (step * 0.4).max(5.0), ..page.text_type() };
    let rows = if page.r.chance(0.6) { 10 } else { page.r.between(2, 6) };
    let options = ["A", "B", "C", "D", "E"];
    let mut y = y;
    if page.r.chance(0.6) {
        comb(page, x, y, step, step * 1.2, n);
        y += step * 1.5;
    }
    let lettered = page.r.chance(0.4);
    let (ringed, marked) = (page.r.chance(0.7), page.r.chance(0.7));
    for c in 0..n {
        let hit = page.r.below(rows);
        for row in 0..rows {
            let (cx, cy) = (x + (c as f32 + 0.5) * step, y + (row as f32 + 0.5) * step * 0.95);
            let half = step * 0.38;
            let area = (cx - half, cy - half, cx + half, cy + half);
            let text = if lettered { options[row % 5].to_string() } else { (row % 10).to_string() };
            page.print_centred(&text, area, small);
            if ringed {
                page.bubble(area, false);
            }
            if marked && row == hit {
                page.blacken(area);
            }
        }
    }
    y + rows as f32 * step * 0.95
}

/// A question with answers to choose from; the letter is written into brackets or ringed.
fn choices(page: &mut Page, left: f32, right: f32, y: f32) -> f32 {
    let t = page.text_type();
    let pitch = page.h.max(t.size) * page.r.range(1.5, 2.2);
    let mut base = y + pitch;
    let n = page.r.between(1, 30);
    let x = page.print(&format!("{n}."), left, base, t) + t.size * 0.6;
    page.print_line(x, right - page.h * 4.0, base, t);
    if page.r.chance(0.6) {
        let x = right - page.h * 3.2;
        page.print("(", x, base, t);
        page.print(")", x + page.h * 2.2, base, t);
        if page.r.chance(page.filled) {
            let text = page.r.pick(&["A", "B", "C", "D", "√", "x"]).to_string();
            let from = x + page.h * page.r.range(0.7, 1.1);
            page.write(&text, from, base, page.h);
        }
    }
    base += pitch;
    let mut x = left + t.size;
    let chosen = page.r.below(5);
    for (i, letter) in ["A", "B", "C", "D"].iter().enumerate() {
        let from = x;
        let text = format!("{letter}{} {}", page.r.pick(&[".", ")", ""]), content::word(page.lib, &mut page.r));
        x = page.print(&text, x, base, t) + t.size * 2.0;
        if i == chosen {
            page.ring((from, base - t.size, from + t.size, base));
        }
        if x > right - t.size * 5.0 {
            break;
        }
    }
    base + pitch * 0.4
}

/// Printed sentences with rules among the words, and writing on them.
fn blanks(page: &mut Page, left: f32, right: f32, y: f32) -> f32 {
    let t = page.text_type();
    let pitch = page.h.max(t.size) * page.r.range(1.7, 2.6);
    let mut base = y + pitch;
    for _ in 0..page.r.between(1, 4) {
        let mut x = left;
        while x < right - page.h * 4.0 {
            let n = page.r.between(1, 4);
            let text = content::words(page.lib, &mut page.r, n);
            if x + page.print_width(&text, t) > right {
                break;
            }
            x = page.print(&text, x, base, t) + t.size * 0.4;
            let wide = (page.h * page.r.range(2.5, 6.0)).min(right - x);
            if wide > page.h * 1.5 && page.r.chance(0.7) {
                page.lying(x, x + wide, base + t.size * 0.12, page.ruling.thick);
                if page.r.chance(page.filled) {
                    let text =
                        if page.r.chance(0.5) { content::number(&mut page.r, 3) } else { content::word(page.lib, &mut page.r) };
                    let h = page.fit(&text, page.h, wide);
                    let from = x + page.r.unit() * (wide - page.hand.advance(&text) * h).max(0.0);
                    page.write(&text, from, base, h);
                }
                x += wide + t.size * 0.4;
            }
        }
        base += pitch;
    }
    base - pitch * 0.6
}

/// A framed area with a few lines of working.
fn work(page: &mut Page, left: f32, right: f32, y: f32) -> f32 {
    let pitch = page.h * page.r.range(1.6, 2.6);
    let n = page.r.between(2, 6);
    let foot = y + pitch * (n as f32 + 0.8);
    page.frame((left, y, right, foot), page.ruling.thick);
    if page.r.chance(0.3) {
        page.lying(left, right, y + page.p * 0.6, page.ruling.thick);
    }
    let x = left + page.h * page.r.range(0.5, 4.0);
    for i in 1..=n {
        if page.r.chance(page.filled) {
            let (sum, answer) = content::sum(&mut page.r);
            let text = if page.r.chance(0.6) { format!("{sum} = {answer}") } else { sum };
            let indent = page.h * page.r.range(0.0, 1.5);
            page.write(&text, x + indent, y + pitch * i as f32, page.h);
        }
    }
    foot
}
