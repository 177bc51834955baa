//! Arithmetic worksheets: printed or written sums in columns with their answers behind the sign, and sums set one below the other.

use super::content;
use super::page::{Page, Type};

pub fn draw(page: &mut Page) {
    if page.r.chance(0.2) {
        // Thin grey answers as high as the print.
        page.p = (page.h * page.r.range(0.9, 1.2)).max(6.5);
        page.take_pencil();
    }
    let mut y = page.h * page.r.range(0.4, 1.5);
    if page.r.chance(0.6) {
        let t = page.head_type();
        let n = page.r.between(1, 4);
        let text = content::words(page.lib, &mut page.r, n);
        page.print(&text, page.h, y + t.size * 1.2, t);
        y += t.size * 2.2;
    }
    match page.r.below(16) {
        0..=7 => columns(page, y),
        8 => incomplete(page, y),
        9 | 10 => upright_sums(page, y),
        11 => comparisons(page, y),
        12 => questions(page, y),
        _ => written_sums(page, y),
    }
}

/// As many columns as have room for exercises `wide`, filled from `y` down in steps of `pitch`; `each` sets one at a left end and a
/// baseline.
fn exercises(page: &mut Page, y: f32, wide: f32, pitch: f32, mut each: impl FnMut(&mut Page, f32, f32)) {
    let n = ((page.width() / wide) as usize).max(1);
    for c in 0..n {
        let left = page.h * 0.5 + c as f32 * page.width() / n as f32;
        let mut base = y + pitch;
        while base < page.height() + pitch {
            each(page, left, base);
            base += pitch;
        }
    }
}

/// Two printed quantities with a ring, a box or a rule between them, and the sign that compares them written into it.
fn comparisons(page: &mut Page, y: f32) {
    let t = page.text_type();
    let hole = page.h.max(page.p) * page.r.range(1.3, 1.9);
    let wide = (page.print_width("300 cm", t) * 2.0 + hole + page.p * 2.0).max(page.width() / 4.0);
    let pitch = page.h.max(page.p) * page.r.range(1.7, 2.8);
    let kind = page.r.below(4);
    exercises(page, y, wide, pitch, |page, left, base| {
        let (a, b) = (quantity(page), quantity(page));
        let ta = page.script(&a, t);
        let x = page.print(&a, left, base, ta) + page.p * page.r.range(0.2, 0.5);
        let middle = base - t.size * 0.5;
        let area = (x, middle - hole / 2.0, x + hole, middle + hole / 2.0);
        match kind {
            0 | 1 => page.bubble(area, false),
            2 => page.frame(area, page.ruling.thick),
            _ => page.lying(x, x + hole, base + page.h * 0.12, page.ruling.thick),
        }
        if page.r.chance(page.filled) {
            let sign = page.r.pick(&["<", ">", "=", "<", ">", "+", "-"]).to_string();
            let h = page.h.min(hole * 0.75);
            page.write_cell(&sign, area, h);
        }
        let tb = page.script(&b, t);
        page.print(&b, x + hole + page.p * 0.3, base, tb);
    });
}

/// A quantity, its unit in the page's other script where there is one.
fn quantity(page: &mut Page) -> String {
    match page.foreign {
        Some(f) if page.r.chance(0.3) => content::foreign(&page.lib.print_fonts[f], &mut page.r, 1),
        _ => content::quantity(&mut page.r),
    }
}

/// Printed questions with room for a number: brackets, a rule, a box or a ring within or behind the words.
fn questions(page: &mut Page, y: f32) {
    let t = page.text_type();
    let pitch = page.h.max(t.size) * page.r.range(1.7, 2.8);
    let hole = page.h * page.r.range(1.6, 3.0);
    let kind = page.r.below(4);
    let right = page.width() - page.h * 0.5;
    let mut base = y + pitch;
    let mut number = page.r.between(1, 12);
    while base < page.height() + pitch {
        let mut x = page.print(&format!("{number}."), page.h * 0.5, base, t) + t.size * 0.5;
        for _ in 0..page.r.between(1, 3) {
            let text = match page.foreign {
                Some(f) => content::foreign(&page.lib.print_fonts[f], &mut page.r, 1),
                None => {
                    let n = page.r.between(1, 4);
                    content::words(page.lib, &mut page.r, n)
                }
            };
            let t = page.script(&text, t);
            if x + page.print_width(&text, t) + hole > right {
                break;
            }
            x = page.print(&text, x, base, t) + t.size * 0.3;
            let area = (x, base - page.h * 1.15, x + hole, base + page.h * 0.2);
            match kind {
                0 => {
                    page.print("(", x, base, t);
                    page.print(")", x + hole - t.size * 0.3, base, t);
                }
                1 => page.lying(x, x + hole, base + page.h * 0.12, page.ruling.thick),
                2 => page.frame(area, page.ruling.thick),
                _ => page.bubble(area, false),
            }
            if page.r.chance(page.filled) {
                let text = if page.r.chance(0.8) { content::number(&mut page.r, 3) } else { content::decimal(&mut page.r) };
                page.write_cell(&text, area, page.h);
            }
            x += hole + t.size * 0.4;
        }
        number += 1;
        base += pitch;
    }
}

/// Columns of sums; what stands behind the sign is written.
fn columns(page: &mut Page, y: f32) {
    let t = Type { bold: page.r.chance(0.15), ..page.text_type() };
    let typical = page.print_width("12 + 34 =", t) + page.h * 2.4;
    let room = page.width() - page.h;
    let pitch = page.h.max(page.p) * page.r.range(1.35, 2.8);
    let (numbered, ruled, boxed) = (page.r.chance(0.25), page.r.chance(0.2), page.r.chance(0.12));
    let ringed = page.r.chance(0.06);
    let typical = if numbered { typical + page.p * 2.0 } else { typical };
    let most = (room / typical).max(1.0) as usize;
    let most = most.clamp(1, 5);
    let n = page.r.between(most.saturating_sub(2).max(1), most);
    let wide = room / n as f32 * if page.r.chance(0.5) { 1.0 } else { page.r.range(0.85, 1.0) };
    let cells = page.r.chance(0.08);
    let before = page.r.chance(0.1);
    let mut number = page.r.between(1, 40);
    for c in 0..n {
        let left = page.h * 0.5 + c as f32 * wide;
        let mut base = y + pitch;
        let heading = page.r.chance(0.15);
        if heading {
            let text = content::word(page.lib, &mut page.r);
            page.print(&text, left, base - pitch * 0.2, Type { bold: true, ..t });
            base += pitch;
        }
        while base < page.height() + pitch {
            let (mut sum, mut answer) = content::sum(&mut page.r);
            // Sums as long as the column allows.
            for _ in 0..4 {
                if page.print_width(&sum, t) + page.h * (1.5 + answer.len() as f32 * 0.6) < wide {
                    break;
                }
                (sum, answer) = content::sum(&mut page.r);
            }
            let mut x = left;
            if numbered {
                x = page.print(
                    &format!("{number}{}", if before { ")" } else { "." }),
                    x,
                    base,
                    Type { size: t.size * 0.85, ..t },
                ) + page.p * 0.5;
                number += 1;
            }
            let x = page.print(&format!("{sum} ="), x, base, t) + page.p * page.r.range(0.1, 0.5);
            let wide_answer = page.hand.advance(&answer) * page.h;
            if ruled {
                page.lying(x, x + page.h * 2.2, base + page.h * 0.12, page.ruling.thick);
            }
            if boxed {
                let half = page.h * 0.3;
                page.frame((x, base - page.h - half, x + wide_answer.max(page.h * 1.6), base + half), page.ruling.thick);
            }
            if ringed {
                page.bubble(
                    (x, base - page.h * 1.4, x + wide_answer.max(page.h * 1.8) + page.h * 0.4, base + page.h * 0.4),
                    false,
                );
            }
            if page.r.chance(page.filled) {
                let h = page.h * page.r.range(0.85, 1.2);
                let drop = page.r.normal() * 0.1 * h;
                let from = x + if ringed || boxed { page.r.range(0.1, 0.4) } else { page.r.range(-0.45, 0.35) } * h;
                if let Some(at) = page.write(&answer, from, base + drop, h) {
                    page.judge(at, base, h);
                }
            }
            if cells {
                page.lying(left - page.p * 0.3, left + wide - page.p * 0.3, base + pitch * 0.35, page.ruling.thick);
            }
            base += pitch;
        }
        if cells || page.r.chance(0.1) {
            page.upright(left - page.p * 0.35, y, page.height(), page.ruling.thick);
        }
    }
}

/// Sums set one number below the other, with a rule and the answer below it.
fn upright_sums(page: &mut Page, y: f32) {
    let t = page.text_type();
    let size = t.size.max(page.h * 0.8);
    let t = Type { size, ..t };
    let (step_x, line) = (size * page.r.range(4.5, 7.0), size * page.r.range(1.4, 1.9));
    let written = page.r.chance(0.25);
    let step_y = line * page.r.range(3.8, 5.0);
    let mut top = y;
    while top < page.height() {
        let mut right = step_x * 0.8;
        while right < page.width() + step_x * 0.3 {
            let most = page.r.between(2, 4);
            let (a, b) = (content::number(&mut page.r, most), content::number(&mut page.r, most));
            let sign = *page.r.pick(&["+", "-", "×", "+"]);
            let first = top + line;
            for (i, text) in [a.clone(), format!("{sign} {b}")].into_iter().enumerate() {
                let base = first + i as f32 * line;
                if written {
                    let x = right - page.hand.advance(&text) * page.h;
                    page.write(&text, x, base, page.h);
                } else {
                    let x = right - page.print_width(&text, t);
                    page.print(&text, x, base, t);
                }
            }
            let rule = first + line * 1.3;
            page.lying(right - size * 3.2, right + size * 0.2, rule, page.ruling.thick.max(0.8));
            if page.r.chance(page.filled) {
                let sum = a.parse::<u64>().unwrap_or(1) + b.parse::<u64>().unwrap_or(1);
                let text = sum.to_string();
                let h = page.h * page.r.range(0.9, 1.15);
                let x = right - page.hand.advance(&text) * h;
                let base = rule + h * page.r.range(1.15, 1.45);
                if let Some(at) = page.write(&text, x, base, h) {
                    page.judge(at, rule + h * 1.3, h);
                }
            }
            right += step_x;
        }
        top += step_y;
    }
}

/// Sums that are written from end to end, in one or two columns.
fn written_sums(page: &mut Page, y: f32) {
    let n = if page.width() > page.h * 22.0 { page.r.between(1, 2) } else { 1 };
    let pitch = page.h * page.r.range(1.7, 3.2);
    let wide = page.width() / n as f32;
    for c in 0..n {
        let mut base = y + pitch;
        while base < page.height() {
            let (sum, answer) = content::sum(&mut page.r);
            let left = c as f32 * wide + page.h * page.r.range(0.3, 1.2);
            if page.r.chance(0.85) {
                let text = if page.r.chance(page.filled) { format!("{sum} = {answer}") } else { format!("{sum} =") };
                if let Some(at) = page.write(&text, left, base, page.h) {
                    page.judge(at, base, page.h);
                }
            }
            base += pitch;
        }
    }
}

/// Sums with a number left out, its place a box, a rule, a ring, brackets or nothing.
fn incomplete(page: &mut Page, y: f32) {
    let t = page.text_type();
    let hole = page.h * page.r.range(1.7, 2.6);
    let wide = (page.print_width("12 + = 34", t) + hole + page.h * 1.2).max(page.width() / 4.0);
    let pitch = page.h.max(page.p) * page.r.range(1.7, 2.8);
    let kind = page.r.below(5);
    exercises(page, y, wide, pitch, |page, left, base| {
        let (before, number, after) = content::incomplete(&mut page.r);
        let mut x = left;
        if !before.is_empty() {
            x = page.print(&before, x, base, t) + page.p * 0.4;
        }
        let area = (x, base - page.h * 1.15, x + hole, base + page.h * 0.2);
        match kind {
            0 => page.frame(area, page.ruling.thick),
            1 => page.lying(x, x + hole, base + page.h * 0.12, page.ruling.thick),
            2 => page.bubble(area, false),
            3 => {
                page.print("(", x, base, t);
                page.print(")", x + hole - t.size * 0.3, base, t);
            }
            _ => {}
        }
        if page.r.chance(page.filled) {
            page.write_cell(&number, area, page.h);
        }
        page.print(&after, x + hole + page.p * 0.3, base, t);
    });
}
