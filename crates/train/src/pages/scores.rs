//! Score cards: golf, dice, chess, races. A printed grid with coloured bands, and written figures that fill narrow cells.

use super::content;
use super::page::{Page, Type};
use super::photo::Look;
use super::sheet::{Area, Tone};

pub fn draw(page: &mut Page) {
    let kind = page.r.below(4);
    let mut y = page.h * page.r.range(0.2, 2.0);
    // One below the other until the sheet is full.
    while y < page.height() - 3.0 * page.h {
        y = match kind {
            0 => golf(page, y),
            1 => dice(page, y),
            2 => chess(page, y),
            _ => race(page, y),
        } + page.h * page.r.range(1.0, 3.0);
    }
}

fn band(page: &mut Page, area: Area, tone: Tone) {
    page.sheet.fill(area, None, tone);
}

fn colour(page: &mut Page) -> Tone {
    // Black and white scanners leave nothing of letters on a dark ground.
    if page.look == Look::Bilevel {
        return [0.05; 3];
    }
    *page.r.pick(&[[1.6, 0.8, 1.3], [1.8, 1.2, 0.4], [1.7, 1.7, 1.7], [0.3, 1.6, 1.4], [1.2, 0.3, 1.2], [0.2, 0.3, 1.2]])
}

/// Holes across, players down; the head and the par in bands of colour, light letters on them.
fn golf(page: &mut Page, top: f32) -> f32 {
    let step = page.h * page.r.range(1.2, 1.9);
    let pitch = page.h * page.r.range(1.25, 1.9);
    let first = page.h * page.r.range(3.5, 7.0);
    let left = page.r.range(-0.5, 1.0) * page.h;
    let columns = (((page.width() - left - first) / step) as usize).min(24);
    let end = left + first + columns as f32 * step;
    let mut y = top;
    let start = y;
    let head = colour(page);
    let size = (page.h * page.r.range(0.5, 0.85)).max(6.0);
    let rows = page.r.between(6, 16);
    let (par, tees) = (page.r.between(3, 8), page.r.between(2, 6));
    for row in 0..rows {
        let area = (left, y, end, y + pitch);
        let banded = row == 0 || row == par || page.r.chance(0.08);
        let mut t = Type { size, bold: page.r.chance(0.3), ..page.text_type() };
        if banded {
            band(page, area, head);
            if page.look != Look::Bilevel && page.r.chance(0.8) {
                t.tone = head.map(|h| -h);
            }
        } else if page.r.chance(0.25) {
            let tone = colour(page).map(|t| t * 0.15);
            band(page, area, tone);
        }
        let printed = banded || row < tees || page.r.chance(0.15);
        let name = (left, y, left + first, y + pitch);
        if printed {
            let text = if row == 0 {
                "HOLE".into()
            } else if row == par {
                "PAR".into()
            } else {
                content::word(page.lib, &mut page.r)
            };
            if page.print_width(&text, t) < first {
                page.print_in(&text, left + 3.0, (name.1 + name.3 + size) / 2.0, t, Some(name));
            }
        } else if page.r.chance(0.85) {
            let text = content::name(page.lib, &mut page.r);
            let text = text.split(' ').next().unwrap_or("A").to_string();
            page.write_cell(&text, name, page.h * 0.9);
        }
        let played = page.r.chance(page.filled);
        for c in 0..columns {
            let x = left + first + c as f32 * step;
            let area = (x, y, x + step, y + pitch);
            if printed {
                let long = row > 0 && !banded && page.r.chance(0.75);
                let text = if row == 0 { (c + 1).to_string() } else { content::number(&mut page.r, if long { 3 } else { 1 }) };
                if page.print_width(&text, t) < step - 1.0 {
                    page.print_centred(&text, area, t);
                }
            } else if played && page.r.chance(0.95) {
                let text = content::number(&mut page.r, if c % 10 == 9 { 2 } else { 1 });
                let h = page.h.min(pitch) * page.r.range(0.85, 1.15);
                page.write_cell(&text, area, h);
                if page.r.chance(0.06) {
                    let pen = page.pen;
                    page.ring_with(
                        (area.0 + step * 0.2, area.1 + pitch * 0.15, area.2 - step * 0.2, area.3 - pitch * 0.15),
                        &pen,
                    );
                }
            }
        }
        y += pitch;
    }
    for i in 0..=rows {
        page.lying(left, end, start + i as f32 * pitch, page.ruling.thick);
    }
    page.upright(left, start, y, page.ruling.thick);
    for c in 0..=columns {
        page.upright(left + first + c as f32 * step, start, y, page.ruling.thick);
    }
    y
}

/// Rows with long printed labels, a few columns for the games.
fn dice(page: &mut Page, top: f32) -> f32 {
    let pitch = page.h.max(page.p) * page.r.range(1.15, 1.8);
    let first = page.p * page.r.range(5.0, 11.0);
    let step = page.h * page.r.range(1.6, 3.0);
    let left = page.h * page.r.range(0.0, 1.0);
    let columns = (((page.width() - left - first) / step).max(1.0) as usize).min(7);
    let end = left + first + columns as f32 * step;
    let mut y = top;
    let t = page.head_type();
    let title = content::capitalised(&content::word(page.lib, &mut page.r));
    page.print(&title, left, y + t.size, t);
    y += t.size * 1.7;
    let top = y;
    let games = page.r.between(1, columns);
    let t = Type { size: page.p * 0.9, ..page.text_type() };
    while y < page.height() {
        let section = page.r.chance(0.12);
        if section {
            let tone = colour(page).map(|t| t * 0.3);
            band(page, (left, y, end, y + pitch), tone);
        }
        let mut text = content::label(page.lib, &mut page.r);
        while page.print_width(&text, t) > first - 4.0 && text.contains(' ') {
            text.truncate(text.rfind(' ').unwrap_or(0));
        }
        page.print_in(&text, left + 3.0, (2.0 * y + pitch + t.size) / 2.0, t, Some((left, y, left + first, y + pitch)));
        for c in 0..columns {
            let x = left + first + c as f32 * step;
            let area = (x, y, x + step, y + pitch);
            if c < games && page.r.chance(page.filled) {
                if page.r.chance(0.06) {
                    let pen = page.pen;
                    page.scrawl(&[(x + step * 0.2, y + pitch * 0.8), (x + step * 0.8, y + pitch * 0.2)], &pen);
                } else {
                    let most = if section { 3 } else { 2 };
                    let text = content::number(&mut page.r, most);
                    page.write_cell(&text, area, page.h.min(pitch * 1.05));
                }
            }
        }
        page.lying(left, end, y, if section { page.ruling.thick * 2.0 } else { page.ruling.thick });
        y += pitch;
    }
    page.upright(left, top, y, page.ruling.thick);
    for c in 0..=columns {
        page.upright(left + first + c as f32 * step, top, y, page.ruling.thick);
    }
    y
}

/// Moves of white and black beside their printed numbers, in one or two pairs of columns.
fn chess(page: &mut Page, top: f32) -> f32 {
    let margin = page.h * page.r.range(0.2, 1.5);
    let mut y = top;
    let t = page.text_type();
    for _ in 0..page.r.between(0, 3) {
        let base = y + page.h * 1.3;
        let text = *page.r.pick(&["Event:", "White", "Black", "Date", "Round:", "Result", "Name"]);
        let x = page.print(text, margin, base, t) + page.p * 0.5;
        page.lying(x, page.width() - margin, base + 1.5, page.ruling.thick);
        if page.r.chance(0.8) {
            let text = if page.r.chance(0.3) { content::date(&mut page.r) } else { content::name(page.lib, &mut page.r) };
            page.write(&text, x + page.h * 0.4, base, page.h);
        }
        y = base + page.h * 0.6;
    }
    let number = page.p * page.r.range(1.8, 2.6);
    let wide = page.h * page.r.range(2.8, 4.5);
    let pair = number + 2.0 * wide;
    let pairs = (((page.width() - 2.0 * margin) / pair) as usize).clamp(1, 3);
    let pitch = page.h * page.r.range(1.15, 1.9);
    let rows = ((page.height() - y) / pitch) as usize + 1;
    let played = (rows as f32 * pairs as f32 * page.r.range(0.3, 1.1)) as usize;
    let apart = page.r.chance(0.3);
    for p in 0..pairs {
        let left = margin + p as f32 * (pair + if apart { page.h * 0.5 } else { 0.0 });
        let walls = [left, left + number, left + number + wide, left + pair];
        for row in 0..rows {
            let top = y + row as f32 * pitch;
            let n = p * rows + row;
            let cell = |i: usize| (walls[i], top, walls[i + 1], top + pitch);
            let size = Type { size: page.p.min(pitch * 0.7), ..t };
            page.print_centred(&(n + 1).to_string(), cell(0), size);
            for i in [1, 2] {
                if n < played && page.r.chance(0.97) {
                    let text = content::chess(&mut page.r);
                    page.write_cell(&text, cell(i), page.h.min(pitch));
                }
            }
            page.lying(walls[0], walls[3], top, page.ruling.thick);
        }
        for x in walls {
            page.upright(x, y, y + rows as f32 * pitch, page.ruling.thick);
        }
    }
    y + rows as f32 * pitch
}

/// Few tall rows: a number, a scribble or a name, a result, initials.
fn race(page: &mut Page, top: f32) -> f32 {
    let pitch = page.h * page.r.range(2.0, 3.4);
    let left = page.h * page.r.range(0.3, 1.5);
    let shares = [0.12, 0.14, 0.44, 0.15, 0.15];
    let right = page.width() - left;
    let mut walls = vec![left];
    for s in shares {
        walls.push(walls[walls.len() - 1] + (right - left) * s * page.r.range(0.95, 1.05));
    }
    let mut y = top;
    let t = page.head_type();
    let title = content::words(page.lib, &mut page.r, 3);
    page.print(&title, left, y + t.size, t);
    y += t.size * 1.6;
    let small = Type { size: (page.p * 0.6).max(5.5), ..page.text_type() };
    for i in 0..5 {
        let text = content::capitalised(&content::word(page.lib, &mut page.r));
        if page.print_width(&text, small) < walls[i + 1] - walls[i] {
            page.print(&text, walls[i] + 2.0, y + small.size * 1.2, small);
        }
    }
    y += small.size * 1.7;
    let top = y;
    let mut n = 1;
    let number = Type { size: page.p * 1.3, bold: true, ..page.text_type() };
    while y < page.height() && n < 9 {
        let cell = |i: usize| (walls[i], y, walls[i + 1], y + pitch);
        page.print_centred(&n.to_string(), cell(0), number);
        if page.r.chance(page.filled) {
            if page.r.chance(0.6) {
                let (l, t, r, b) = cell(1);
                page.scribble((l + 2.0, t + 2.0, r - 2.0, b - 2.0));
            }
            let text = match page.r.below(6) {
                0 => "DNF".into(),
                1 => content::number(&mut page.r, 3),
                _ => content::decimal(&mut page.r),
            };
            page.write_cell(&text, cell(2), page.h);
            for i in [3, 4] {
                let text: String = (0..2).map(|_| (b'A' + page.r.below(26) as u8) as char).collect();
                page.write_cell(&text, cell(i), page.h);
            }
        }
        y += pitch;
        page.lying(walls[0], walls[5], y, page.ruling.thick);
        n += 1;
    }
    page.lying(walls[0], walls[5], top, page.ruling.thick);
    for x in walls {
        page.upright(x, top, y, page.ruling.thick);
    }
    y
}
