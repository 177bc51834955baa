//! Tables: marks sheets, registers, score cards. Printed grid, printed heads and labels of rows, written cells.

use super::content;
use super::page::{Page, Type};
use super::photo::Look;
use super::rules::Ruling;
use super::sheet::Area;

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug)]
enum Column {
    Digit,
    Number(usize),
    Decimal,
    Grade,
    Amount,
    Date,
    Time,
    Chess,
    Word,
    Name,
    Code,
}

impl Column {
    fn any(page: &mut Page) -> Self {
        match page.r.below(20) {
            0..=3 => Self::Digit,
            4..=6 => Self::Number(page.r.between(1, 4)),
            7 => Self::Decimal,
            8 | 9 => Self::Grade,
            10 => Self::Amount,
            11 => Self::Date,
            12 => Self::Time,
            13 | 14 => Self::Word,
            15..=17 => Self::Name,
            _ => Self::Code,
        }
    }
    /// Width in digits' heights.
    fn wide(self) -> f32 {
        match self {
            Self::Digit | Self::Grade => 1.3,
            Self::Number(n) => 0.8 + 0.7 * n as f32,
            Self::Decimal | Self::Time | Self::Chess => 3.2,
            Self::Amount | Self::Code => 4.2,
            Self::Date => 5.5,
            Self::Word => 5.0,
            Self::Name => 7.5,
        }
    }
    fn text(self, page: &mut Page) -> String {
        let (lib, r) = (page.lib, &mut page.r);
        if r.chance(0.05) {
            return r.pick(&["-", "\"", "0", "x", "/", "?"]).to_string();
        }
        match self {
            Self::Digit => content::digits(r, 1),
            Self::Number(n) => content::number(r, n),
            Self::Decimal => content::decimal(r),
            Self::Grade => r.pick(&["A", "B", "C", "D", "E", "F", "A+", "B-", "T", "F", "X", "S"]).to_string(),
            Self::Amount => content::amount(r),
            Self::Date => content::date(r),
            Self::Time => content::time(r),
            Self::Chess => content::chess(r),
            Self::Word => content::word(lib, r),
            Self::Name => content::name(lib, r),
            Self::Code => content::code(r),
        }
    }
}

pub fn draw(page: &mut Page) {
    let margin = page.h * page.r.range(0.0, 1.5);
    let mut y = page.h * page.r.range(0.2, 1.5);
    if page.r.chance(0.45) {
        let t = page.head_type();
        let n = page.r.between(1, 3);
        let text = content::words(page.lib, &mut page.r, n);
        page.print(&text, margin, y + t.size * 1.1, t);
        y += t.size * 2.0;
    }
    while y < page.height() {
        y = table(page, margin, page.width() - margin, y) + page.h * page.r.range(0.8, 3.0);
    }
}

fn cell_head(page: &mut Page) -> String {
    match (page.foreign, page.r.below(4)) {
        (Some(f), _) => content::foreign(&page.lib.print_fonts[f], &mut page.r, 1),
        (_, 0) => page.r.between(1, 36).to_string(),
        _ => content::capitalised(&content::word(page.lib, &mut page.r)),
    }
}

fn table(page: &mut Page, left: f32, right: f32, top: f32) -> f32 {
    let h = page.h;
    let pitch = h.max(page.p) * page.r.range(1.15, 2.4);
    // All columns alike on half of the sheets.
    let same = page.r.chance(0.5).then(|| if page.r.chance(0.2) { Column::Chess } else { Column::any(page) });
    let labelled = page.r.chance(0.55);
    // Where digits stand far apart, columns stand further.
    let air = page.r.range(0.9, 1.9) + 1.5 * (page.hand.gap.1 - 0.45).max(0.0);
    let mut walls = vec![left];
    let mut columns = Vec::new();
    if labelled {
        walls.push(left + page.p * page.r.range(1.6, 7.0));
    }
    loop {
        let c = same.unwrap_or_else(|| Column::any(page));
        let wide = (c.wide() * h * air).max(h * 1.1);
        let x = walls[walls.len() - 1] + wide;
        if x > right {
            break;
        }
        walls.push(x);
        columns.push(c);
        if columns.len() >= 26 || (columns.len() >= 2 && page.r.chance(0.04)) {
            break;
        }
    }
    if columns.is_empty() {
        return top + pitch;
    }
    let rows = page.r.between(2, 24).min(((page.height() - top) / pitch).ceil().max(1.0) as usize + 1);
    let headed = page.r.chance(0.7);
    let first = labelled as usize;
    let end = walls[walls.len() - 1];
    let mut y = top;
    let (light, dark) = (page.r.chance(0.2), page.look != Look::Bilevel && page.r.chance(0.12));
    if headed {
        // Narrow columns have their heads turned.
        let turned = page.r.chance(0.12);
        let tall = page.p * if turned { page.r.range(4.0, 8.0) } else { page.r.range(1.5, 2.6) };
        let size = page.p * page.r.range(0.7, 1.0);
        let mut t = Type { size: size.max(6.0), ..page.text_type() };
        if dark {
            // White letters in a coloured field.
            let tone = *page.r.pick(&[[1.6, 0.8, 1.2], [1.8, 1.2, 0.4], [1.6, 1.6, 1.6], [0.4, 1.5, 1.4]]);
            page.sheet.fill((left, y, end, y + tall), None, tone);
            t.tone = tone.map(|t| -t);
        } else if light {
            page.sheet.fill((left, y, end, y + tall), None, [page.r.range(0.05, 0.4); 3]);
        }
        for i in 0..walls.len() - 1 {
            let text = cell_head(page);
            let t = page.script(&text, t);
            if turned && page.print_width(&text, t) < tall - 2.0 && t.size < walls[i + 1] - walls[i] - 2.0 {
                page.print_up(&text, (walls[i] + walls[i + 1] + t.size) / 2.0, y + tall - 3.0, t);
                continue;
            }
            let fits = page.print_width(&text, t) < walls[i + 1] - walls[i] - 2.0;
            let text = if fits { text } else { (i + 1).to_string() };
            let area = (walls[i], y, walls[i + 1], y + tall);
            page.print_centred(&text, area, if fits { t } else { Type { font: page.text_font, ..t } });
        }
        y += tall;
    }
    let start = y;
    let whole_written = page.r.chance(0.2);
    let printed_columns: Vec<bool> = columns.iter().map(|_| page.r.chance(0.08)).collect();
    let number = page.r.between(1, 40);
    // Cells of numbers are parted into boxes on some, by thinner walls.
    let boxed =
        page.r.chance(0.12).then(|| Ruling { thick: page.ruling.thick * page.r.range(0.4, 0.7), ..Ruling::fine(&mut page.r) });
    for row in 0..rows {
        let foot = y + pitch;
        let t = Type { size: (page.p * 0.95).max(6.0), ..page.text_type() };
        if labelled {
            let text = if page.r.chance(0.5) { (number + row).to_string() } else { cell_head(page) };
            let area = (walls[0], y, walls[1], foot);
            let t = page.script(&text, t);
            if page.print_width(&text, t) < walls[1] - walls[0] - 2.0 {
                if page.r.chance(0.5) {
                    page.print_centred(&text, area, t);
                } else {
                    page.print_in(&text, walls[0] + page.p * 0.3, (y + foot + t.size) / 2.0, t, Some(area));
                }
            }
        }
        if light && row % 2 == 1 {
            page.sheet.fill((left, y, end, foot), None, [page.r.range(0.03, 0.15); 3]);
        }
        let empty = !whole_written && page.r.chance(0.06);
        for (i, c) in columns.iter().enumerate() {
            let area = (walls[first + i], y, walls[first + i + 1], foot);
            if printed_columns[i] {
                let text = c.text(page);
                if page.print_width(&text, t) < area.2 - area.0 {
                    page.print_centred(&text, area, t);
                }
            } else if !empty && page.r.chance(if whole_written { 1.0 } else { page.filled }) {
                let text = c.text(page);
                if let (Column::Number(n @ 2..), Some(ruling)) = (*c, boxed) {
                    digit_boxes(page, &text, area, n, ruling);
                    continue;
                }
                let size = (h * page.r.range(0.85, 1.15)).min(pitch * 1.05);
                if let Some(at) = page.write_cell(&text, area, size) {
                    if page.r.chance(0.015) {
                        page.strike(at, foot - pitch * 0.25, size);
                    }
                }
            } else if page.r.chance(0.02) {
                page.tick(area);
            }
        }
        y = foot;
        if y > page.height() + pitch {
            break;
        }
    }
    if whole_written && page.r.chance(0.4) {
        // Drawn by the one who wrote.
        let pen = page.pen;
        let mut at = start;
        while at <= y + 1.0 {
            page.drawn_rule((left, at), (end, at), &pen);
            at += pitch;
        }
        walls.iter().for_each(|&x| page.drawn_rule((x, top), (x, y), &pen));
    } else {
        let fine = page.look != Look::Bilevel && page.r.chance(0.3);
        let ruling = if fine { Ruling::fine(&mut page.r) } else { page.ruling };
        page.ruled(ruling, |page| grid(page, &walls, top, start, y, pitch));
    }
    y
}

/// Parts a cell into a box a digit, and writes a number into the last of them; it is one number all the same.
fn digit_boxes(page: &mut Page, text: &str, (left, top, right, foot): Area, n: usize, ruling: Ruling) {
    let step = (right - left) / n as f32;
    page.ruled(ruling, |page| {
        (1..n).for_each(|i| page.upright(left + i as f32 * step, top, foot, page.ruling.thick));
    });
    let text: String = text.chars().take(n).collect();
    page.write_comb(&text, left + (n - text.chars().count()) as f32 * step, top, step, foot - top);
}

/// Rules of a table: all of them, or those of the rows only, or of the columns only.
fn grid(page: &mut Page, walls: &[f32], top: f32, start: f32, foot: f32, pitch: f32) {
    let (l, r) = (walls[0], walls[walls.len() - 1]);
    let style = page.r.below(8);
    let rule = page.ruling.thick;
    if style != 0 {
        let mut y = start;
        while y <= foot + 1.0 {
            page.lying(l, r, y, rule);
            y += pitch;
        }
        if top < start {
            page.lying(l, r, top, rule);
        }
    }
    if style != 1 {
        let double = page.r.chance(0.1);
        for (i, &x) in walls.iter().enumerate() {
            let thick = if i == 0 || i + 1 == walls.len() { rule * 1.4 } else { rule };
            page.upright(x, top, foot, thick);
            if double && page.r.chance(0.4) {
                page.upright(x + rule * 2.5 + 1.0, top, foot, rule);
            }
        }
    }
}
