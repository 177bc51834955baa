//! Forms: printed labels with lines, boxes and combs to write into, boxes to tick, paragraphs between them.

use super::content;
use super::page::{Page, Type};
use super::photo::Look;
use super::sheet::Area;
use crate::entries;

pub fn draw(page: &mut Page) {
    let (w, h) = (page.width(), page.height());
    let margin = page.h * page.r.range(0.3, 2.5);
    let mut y = page.h * page.r.range(0.5, 2.0);
    if page.r.chance(0.18) {
        let depth = page.r.range(0.05, 0.35);
        let tint = *page.r.pick(&[[1.0, 0.4, 0.6], [0.2, 0.7, 1.0], [0.1, 0.5, 0.4], [1.0, 0.6, 0.2], [0.6, 0.6, 0.6]]);
        let tint = tint.map(|t| t * depth);
        page.sheet.fill((0.0, 0.0, w, h), None, tint);
        page.tint = Some(tint);
    }
    if page.r.chance(0.6) {
        y = head(page, margin, y);
    }
    // Two columns of fields on some.
    let columns = if w > page.h * 36.0 && page.r.chance(0.4) { 2 } else { 1 };
    let style = Style::new(page);
    let gutter = page.h * page.r.range(0.6, 2.0);
    let wide = (w - 2.0 * margin - gutter * (columns - 1) as f32) / columns as f32;
    for c in 0..columns {
        let left = margin + c as f32 * (wide + gutter);
        let mut y = y;
        while y < h {
            y = block(page, &style, left, left + wide, y);
        }
    }
}

/// Title, and a line or two below it.
fn head(page: &mut Page, left: f32, y: f32) -> f32 {
    let t = page.head_type();
    let n = page.r.between(1, 4);
    let text = content::words(page.lib, &mut page.r, n);
    let base = y + t.size * 1.2;
    let x = if page.r.chance(0.4) { (page.width() - page.print_width(&text, t)) / 2.0 } else { left };
    page.print(&text, x, base, t);
    if page.r.chance(0.3) {
        page.lying(left, page.width() - left, base + t.size * 0.6, page.ruling.thick * 1.5);
    }
    base + t.size * page.r.range(0.8, 1.8)
}

/// What all fields of a form have in common.
struct Style {
    /// From one line of fields to the next.
    pitch: f32,
    kind: usize,
    comb: f32,
    capitals: bool,
    label: Type,
    /// Small labels stand in the corner of a box.
    small: f32,
}

impl Style {
    fn new(page: &mut Page) -> Self {
        let pitch = page.h.max(page.p) * page.r.range(1.5, 3.2);
        Self {
            pitch,
            kind: page.r.below(6),
            comb: page.h * page.r.range(0.85, 1.7),
            capitals: page.r.chance(0.5),
            label: Type { bold: page.r.chance(0.2), ..page.text_type() },
            small: (page.p * page.r.range(0.5, 0.8)).max(5.5),
        }
    }
}

fn block(page: &mut Page, s: &Style, left: f32, right: f32, y: f32) -> f32 {
    let choice = if page.r.chance(0.75) { s.kind } else { page.r.below(9) };
    match choice {
        _ if page.r.chance(0.06) => bar(page, s, left, right, y),
        _ if page.r.chance(0.06) => area(page, s, left, right, y),
        0 if page.r.chance(0.15) => dates(page, s, left, right, y),
        0 if page.r.chance(0.15) => captions(page, s, left, right, y),
        2 | 5 if page.r.chance(0.3) => counts(page, s, left, right, y),
        2 | 5 if page.r.chance(0.12) => date_boxes(page, s, left, right, y),
        0 | 3 => lines(page, s, left, right, y),
        1 => boxes(page, s, left, right, y),
        2 | 5 => combs(page, s, left, right, y),
        4 | 6 => open_fields(page, s, left, right, y),
        7 => ticks(page, s, left, right, y),
        _ => paragraph(page, left, right, y),
    }
}

fn label(page: &mut Page) -> String {
    match page.foreign {
        Some(f) if page.r.chance(0.85) => {
            let font = &page.lib.print_fonts[f];
            let n = page.r.between(1, 2);
            content::foreign(font, &mut page.r, n)
        }
        _ => content::label(page.lib, &mut page.r),
    }
}

/// A label that is not wider than the room it has.
pub fn label_within(page: &mut Page, t: Type, room: f32) -> String {
    let mut text = label(page);
    loop {
        let t = page.script(&text, t);
        if page.print_width(&text, t) <= room {
            return text;
        }
        match text.rfind(' ') {
            Some(at) => text.truncate(at),
            None => return text.chars().take(3).collect(),
        }
    }
}

fn entry(page: &mut Page, s: &Style) -> String {
    let text = content::entry(page.lib, &mut page.r);
    if s.capitals {
        text.to_uppercase()
    } else {
        text
    }
}

/// Labels with rules, dots or nothing behind them, one or two to a line.
fn lines(page: &mut Page, s: &Style, left: f32, right: f32, y: f32) -> f32 {
    let base = y + s.pitch * 0.85;
    let fields = if right - left > page.h * 22.0 { page.r.between(1, 3) } else { 1 };
    let style = page.r.below(4);
    let mut x = left;
    for f in 0..fields {
        let end = left + (right - left) * (f + 1) as f32 / fields as f32 - if f + 1 < fields { page.h * 0.4 } else { 0.0 };
        let text = label_within(page, s.label, (end - x) * 0.8);
        let t = page.script(&text, s.label);
        // Labels stand on the line, or a little above it.
        let lift = page.r.range(0.0, 0.1) * page.h;
        let x1 = page.print(&text, x, base - lift, t) + page.p * page.r.range(0.2, 0.8);
        let x0 = if page.r.chance(0.15) { x } else { x1 };
        let rule = base + page.h * page.r.range(0.0, 0.2);
        match style {
            0 | 1 => page.lying(x0, end, rule, page.ruling.thick),
            2 => page.dotted(x0, end, rule, page.h * 0.28, 0.4),
            _ => {}
        }
        if end - x1 > page.h * 1.2 && page.r.chance(page.filled) {
            write_line(page, s, x1, end, base);
        }
        x = end + page.h * 0.4;
    }
    y + s.pitch
}

/// Writes an entry into the room of a line.
fn write_line(page: &mut Page, s: &Style, left: f32, right: f32, base: f32) {
    let mut text = entry(page, s);
    let h = page.h * page.r.range(0.85, 1.15);
    if page.hand.advance(&text) * h > (right - left) * 1.1 {
        text = content::number(&mut page.r, 4);
    }
    let h = page.fit(&text, h, (right - left) * 1.05);
    let spare = (right - left - page.hand.advance(&text) * h).max(0.0);
    let x = left + spare * page.r.unit() * page.r.unit() + page.r.range(-0.2, 0.5) * h;
    let lift = page.r.normal() * 0.1 * h * page.sloppy;
    page.write(&text, x, base + lift, h);
}

/// A row of boxes, each with its label in the corner or before it.
fn boxes(page: &mut Page, s: &Style, left: f32, right: f32, y: f32) -> f32 {
    let tall = page.h * page.r.range(1.3, 2.6) + s.small;
    let n = page.r.between(1, ((right - left) / (page.h * 7.0)).max(1.0) as usize);
    let mut x = left;
    for i in 0..n {
        let end = if i + 1 == n { right } else { x + (right - left) / n as f32 * page.r.range(0.75, 1.2) };
        if end - x < page.h * 1.5 || end > right + 1.0 {
            break;
        }
        let area: Area = (x, y, end, y + tall);
        page.clear(area);
        page.frame(area, page.ruling.thick);
        let small = Type { size: s.small, ..s.label };
        let text = label_within(page, small, end - x - s.small);
        let t = page.script(&text, small);
        page.print(&text, x + s.small * 0.4, y + s.small * 1.4, t);
        if page.r.chance(page.filled) {
            let text = entry(page, s);
            page.write_cell(&text, (x + page.h * 0.3, y + s.small * 1.5, end - page.h * 0.1, y + tall), page.h);
        }
        x = end;
    }
    y + tall + if page.r.chance(0.5) { 0.0 } else { page.h * page.r.range(0.3, 1.2) }
}

/// A label and a comb: a character a box.
fn combs(page: &mut Page, s: &Style, left: f32, right: f32, y: f32) -> f32 {
    let above = page.r.chance(0.4);
    let text = label(page);
    let t = page.script(&text, s.label);
    let tall = s.comb * page.r.range(1.0, 1.4);
    let (x, top) = if above {
        page.print(&text, left, y + t.size * 1.1, t);
        (left, y + t.size * 1.6)
    } else {
        let end = page.print(&text, left, y + (tall + t.size) / 2.0, t);
        (end + page.p * 0.6, y)
    };
    let room = ((right - x) / s.comb) as usize;
    if room >= 2 {
        let n = page.r.between(2.max(room / 3), room);
        comb(page, x, top, s.comb, tall, n);
    }
    top + tall + page.h * page.r.range(0.4, 1.2)
}

/// Rows of labels, each with one or more numbers in a few boxes, as votes are counted: boxes before the number empty
/// or crossed out, the number in words behind it on some.
fn counts(page: &mut Page, s: &Style, left: f32, right: f32, y: f32) -> f32 {
    let (step, n) = (s.comb.max(page.h), page.r.between(2, 4));
    let tall = step * page.r.range(1.0, 1.5);
    // Boxes right below each other would be the cells of a table.
    let pitch = tall + page.h * page.r.range(0.15, 0.8);
    let from = left + (right - left) * page.r.range(0.05, 0.45);
    let wide = n as f32 * step;
    let between = page.h * page.r.range(0.4, 3.0);
    let groups = page.r.between(1, 3).min(((right - from) / (wide + between)) as usize);
    if groups == 0 {
        return y;
    }
    let (worded, crossed) = (page.r.chance(0.3), page.r.chance(0.2));
    // Some boxes stand apart, though what is in them is one number.
    let air = if page.r.chance(0.4) { step * page.r.range(0.06, 0.35) } else { 0.0 };
    let rows = page.r.between(2, 9);
    for row in 0..rows {
        let (top, foot) = (y + row as f32 * pitch, y + row as f32 * pitch + tall);
        let text = label_within(page, s.label, from - left);
        let t = page.script(&text, s.label);
        page.print(&text, left, (top + foot + t.size) / 2.0, t);
        let mut x = from;
        for _ in 0..groups {
            row_of_boxes(page, x, (top, foot), step, n, air);
            if page.r.chance(page.filled) {
                let text = content::number(&mut page.r, n);
                let empty = n - text.len().min(n);
                page.write_comb(&text, x + empty as f32 * step - air / 2.0, top, step, tall);
                let crossed_out = if crossed { empty } else { 0 };
                for i in 0..crossed_out {
                    page.tick((x + i as f32 * step, top, x + (i + 1) as f32 * step, foot));
                }
            }
            x += wide + between;
        }
        if worded && right - x > page.h * 4.0 {
            page.lying(x, right, foot, page.ruling.thick);
            if page.r.chance(page.filled) {
                let text = entries::worded(&mut page.r).to_uppercase();
                let h = page.fit(&text, page.h.min(tall), right - x);
                page.write(&text, x, foot - tall * 0.2, h);
            }
        }
    }
    y + rows as f32 * pitch + page.h * page.r.range(0.4, 1.2)
}

/// Boxes from `x` on, one each `step`, with some air behind each.
fn row_of_boxes(page: &mut Page, x: f32, (top, foot): (f32, f32), step: f32, n: usize, air: f32) {
    for i in 0..n {
        let (l, r) = (x + i as f32 * step, x + (i + 1) as f32 * step - air);
        page.frame((l, top, r, foot), page.ruling.thick);
    }
}

/// Boxes for a date or a time in groups of two and of four, each a number of its own.
fn date_boxes(page: &mut Page, s: &Style, left: f32, right: f32, y: f32) -> f32 {
    let step = s.comb.max(page.h);
    let tall = step * page.r.range(1.0, 1.4);
    let text = label_within(page, s.label, (right - left) * 0.5);
    let t = page.script(&text, s.label);
    let mut x = page.print(&text, left, y + (tall + t.size) / 2.0, t) + page.p * 0.6;
    let mark = *page.r.pick(&["", "", "/", "-", ".", ":"]);
    let apart = page.h * page.r.range(0.3, 1.2);
    let year = if page.r.chance(0.6) { 4 } else { 2 };
    let filled = page.r.chance(page.filled);
    for n in [2, 2, year] {
        let end = x + n as f32 * step;
        if end > right {
            break;
        }
        row_of_boxes(page, x, (y, y + tall), step, n, 0.0);
        if filled {
            let text = content::digits(&mut page.r, n);
            page.write_comb(&text, x, y, step, tall);
        }
        x = page.print(mark, end + apart * 0.3, y + (tall + t.size) / 2.0, s.label).max(end) + apart;
    }
    y + tall + page.h * page.r.range(0.4, 1.2)
}

/// A comb of `n` boxes, filled from its left, all of it one unit.
pub fn comb(page: &mut Page, x: f32, top: f32, step: f32, tall: f32, n: usize) {
    let foot = top + tall;
    match page.comb_ruling {
        Some(ruling) => page.ruled(ruling, |page| comb_walls(page, x, (top, foot), step, n)),
        None => comb_walls(page, x, (top, foot), step, n),
    }
    // Letters that say what belongs there, or an example.
    if page.r.chance(0.16) {
        let example = page.r.chance(0.4);
        let faint = if example { 1.0 } else { page.r.range(0.15, 0.7) };
        let size = (tall * page.r.range(0.35, 0.65)).max(6.0);
        let t = Type { size, tone: page.print_tone.map(|t| t * faint), ..page.text_type() };
        let text = if example { content::digits(&mut page.r, n) } else { "DDMMYYYYABCDEFGHIJKLMNOPQRSTUVWXYZ".repeat(3) };
        let first = page.sheet.marks.len();
        for (i, c) in text.chars().take(n).enumerate() {
            let l = x + i as f32 * step;
            page.print_centred(&c.to_string(), (l, top, l + step, foot), t);
        }
        page.merge(first);
        if example {
            return;
        }
    }
    if !page.r.chance(page.filled) {
        return;
    }
    let mut text: String = match page.r.below(6) {
        0 | 1 => content::digits(&mut page.r, n),
        2 => content::date(&mut page.r),
        3 => content::name(page.lib, &mut page.r).to_uppercase(),
        _ => content::entry(page.lib, &mut page.r).to_uppercase(),
    };
    text = text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == ' ').take(n).collect();
    page.write_comb(text.trim_end(), x, top, step, tall);
}

/// Boxes side by side or apart, teeth on a line, or a frame with ticks on its foot.
fn comb_walls(page: &mut Page, x: f32, (top, foot): (f32, f32), step: f32, n: usize) {
    let (rule, tall, end) = (page.ruling.thick, foot - top, x + n as f32 * step);
    let style = page.r.below(7);
    if style < 3 {
        let tooth = tall * page.r.range(0.12, if style == 0 { 0.5 } else { 0.35 });
        for i in 0..=n {
            page.upright(x + i as f32 * step, foot - tooth, foot, rule);
        }
        if style == 2 {
            page.frame((x, top, end, foot), rule);
        } else {
            page.lying(x, end, foot, rule);
        }
        return;
    }
    let apart = if style == 6 { step * page.r.range(0.06, 0.2) } else { 0.0 };
    for i in 0..n {
        let l = x + i as f32 * step;
        let area = (l, top, l + step - apart, foot);
        page.clear(area);
        page.frame(area, rule);
    }
}

/// A label and room behind or below it, without any rule.
fn open_fields(page: &mut Page, s: &Style, left: f32, right: f32, y: f32) -> f32 {
    let base = y + s.pitch * 0.8;
    let text = label(page);
    let t = page.script(&text, s.label);
    let end = page.print(&text, left, base, t);
    let from = if page.r.chance(0.5) { end + page.p * 0.5 } else { end.max(left + (right - left) * page.r.range(0.25, 0.5)) };
    if right - from > page.h * 1.5 && page.r.chance(page.filled) {
        write_line(page, s, from, right, base);
    }
    y + s.pitch
}

/// Boxes or rings to tick, with their words.
fn ticks(page: &mut Page, s: &Style, left: f32, right: f32, y: f32) -> f32 {
    let size = page.p * page.r.range(0.9, 1.5);
    let base = y + s.pitch * 0.7;
    let mut x = left;
    let ring = page.r.chance(0.3);
    loop {
        let word = content::capitalised(&content::word(page.lib, &mut page.r));
        let wide = page.print_width(&word, s.label);
        if x + size * 1.5 + wide > right {
            break;
        }
        let area = (x, base - size, x + size, base);
        if ring {
            page.bubble(area, false)
        } else {
            page.frame(area, page.ruling.thick)
        };
        if page.r.chance(0.35 * page.filled) {
            page.tick(area);
        }
        x = page.print(&word, x + size * 1.4, base, s.label) + page.p * page.r.range(1.0, 2.5);
    }
    y + s.pitch
}

/// A few lines of printed text.
pub fn paragraph(page: &mut Page, left: f32, right: f32, y: f32) -> f32 {
    let t = Type { size: (page.p * page.r.range(0.6, 1.1)).max(6.0), ..page.text_type() };
    let pitch = t.size * page.r.range(1.7, 2.3);
    let n = page.r.between(1, 5);
    let mut base = y + pitch * 0.9;
    for i in 0..n {
        let end = if i + 1 == n { right - (right - left) * page.r.unit() * 0.7 } else { right };
        page.print_line(left, end, base, t);
        base += pitch;
    }
    base + pitch * page.r.range(-0.3, 0.6)
}

/// A label and room for a date between printed strokes or dots.
fn dates(page: &mut Page, s: &Style, left: f32, right: f32, y: f32) -> f32 {
    let base = y + s.pitch * 0.85;
    let mark = *page.r.pick(&["/", ".", "-", "/"]);
    let text = label_within(page, s.label, (right - left) * 0.5);
    let t = page.script(&text, s.label);
    let mut x = page.print(&text, left, base, t) + page.p * 0.6;
    let ruled = page.r.chance(0.6);
    let filled = page.r.chance(page.filled);
    let parts = [page.r.between(1, 31).to_string(), page.r.between(1, 12).to_string(), page.r.between(1950, 2030).to_string()];
    for (i, part) in parts.iter().enumerate() {
        let wide = page.h * if i == 2 { page.r.range(2.2, 3.4) } else { page.r.range(1.4, 2.2) };
        if x + wide > right {
            break;
        }
        if ruled {
            page.lying(x, x + wide, base + page.h * 0.12, page.ruling.thick);
        }
        if filled {
            let h = page.fit(part, page.h, wide);
            let from = x + (wide - page.hand.advance(part) * h).max(0.0) * page.r.unit();
            page.write(part, from, base, h);
        }
        x += wide;
        if i < 2 {
            x = page.print(mark, x + 1.0, base, s.label) + 2.0;
        }
    }
    y + s.pitch
}

/// Rules to write on with small labels below them.
fn captions(page: &mut Page, s: &Style, left: f32, right: f32, y: f32) -> f32 {
    let n = page.r.between(1, 3);
    let wide = (right - left) / n as f32;
    let rule = y + s.pitch;
    let small = Type { size: s.small, ..s.label };
    for i in 0..n {
        let (l, r) = (left + i as f32 * wide, left + (i as f32 + 0.9) * wide);
        page.lying(l, r, rule, page.ruling.thick);
        let text = label_within(page, small, r - l);
        let t = page.script(&text, small);
        let from = l + page.r.unit() * 0.2 * wide;
        page.print(&text, from, rule + s.small * 1.4, t);
        if page.r.chance(page.filled) {
            if page.r.chance(0.15) {
                page.signature(l + page.h, rule - page.h * 0.3, page.h);
            } else {
                let lift = page.h * 0.12;
                write_line(page, s, l, r, rule - lift);
            }
        }
    }
    rule + s.small * 2.2
}

/// The head of a section, light on a bar of colour.
fn bar(page: &mut Page, s: &Style, left: f32, right: f32, y: f32) -> f32 {
    let t = Type { bold: true, ..s.label };
    let tall = t.size * page.r.range(1.5, 2.2);
    let dark = page.look != Look::Bilevel && page.r.chance(0.75);
    let depth = if dark { page.r.range(0.7, 1.8) } else { page.r.range(0.08, 0.3) };
    let darkest = page.print_tone.iter().copied().fold(0.1, f32::max);
    let tone = page.print_tone.map(|t| depth * t / darkest);
    page.sheet.fill((left, y, right, y + tall), None, tone);
    let t = if dark { Type { tone: tone.map(|t| -t), ..t } } else { t };
    let text = label_within(page, t, right - left - t.size);
    let t = page.script(&text, t);
    page.print(&text, left + t.size * 0.5, y + (tall + t.size) / 2.0, t);
    y + tall + page.h * page.r.range(0.2, 0.6)
}

/// A framed area with a label in its corner and room for some lines of words.
fn area(page: &mut Page, s: &Style, left: f32, right: f32, y: f32) -> f32 {
    let rows = page.r.between(2, 4);
    let pitch = page.h * page.r.range(1.5, 2.2);
    let foot = y + s.small * 1.8 + pitch * rows as f32 + page.h * 0.4;
    page.clear((left, y, right, foot));
    page.frame((left, y, right, foot), page.ruling.thick);
    let small = Type { size: s.small, ..s.label };
    let text = label_within(page, small, right - left - s.small);
    let t = page.script(&text, small);
    page.print(&text, left + s.small * 0.4, y + s.small * 1.4, t);
    let (ruled, filled) = (page.r.chance(0.4), page.r.chance(page.filled));
    for i in 1..=rows {
        let base = y + s.small * 1.8 + pitch * i as f32;
        if ruled {
            page.lying(left + 3.0, right - 3.0, base + page.h * 0.1, page.ruling.thick);
        }
        if filled && (i < rows || page.r.chance(0.5)) {
            let mut text = content::words(page.lib, &mut page.r, 9);
            while page.hand.advance(&text) * page.h > right - left - page.h && text.contains(' ') {
                text.truncate(text.rfind(' ').unwrap_or(0));
            }
            let from = left + page.h * page.r.range(0.3, 0.8);
            page.write(&text, from, base, page.h);
        }
    }
    foot + page.h * page.r.range(0.2, 0.8)
}
