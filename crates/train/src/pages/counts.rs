//! Field sheets and counts: lists with numbers beside them, tally strokes, remarks in the margin.

use super::content;
use super::page::{Page, Type};

pub fn draw(page: &mut Page) {
    let left = page.h * page.r.range(0.3, 2.0);
    let right = page.width() - page.h * page.r.range(0.2, 1.5);
    let mut y = page.h * page.r.range(0.4, 1.5);
    if page.r.chance(0.6) {
        let t = page.head_type();
        let text = content::words(page.lib, &mut page.r, 3);
        page.print(&text, left, y + t.size, t);
        y += t.size * 1.8;
    }
    if page.r.chance(0.2) {
        let s = page.h * page.r.range(2.0, 5.0);
        page.picture((right - s * 1.6, y, right, y + s));
        y += s * 1.1;
    }
    let pitch = page.h.max(page.p) * page.r.range(1.25, 2.2);
    let columns = if page.r.chance(0.4) { 2 } else { 1 };
    let wide = (right - left) / columns as f32;
    // Labels are printed, or written by the one who drew the sheet up.
    let (lettered, ruled, drawn) = (page.r.chance(0.3), page.r.chance(0.5), page.r.chance(0.15));
    let (named, tallied) = (page.r.chance(0.5), page.r.chance(0.5));
    let pen = page.pen;
    for c in 0..columns {
        let x = left + c as f32 * wide;
        let mid = x + if named { wide * page.r.range(0.3, 0.5) } else { page.p * page.r.range(1.8, 3.0) };
        let third = mid + (x + wide - mid) * page.r.range(0.5, 0.75);
        let (mut row, mut n) = (y, 1 + c * 12);
        while row < page.height() - pitch * 0.5 {
            let base = row + pitch * 0.78;
            let text = if named { content::capitalised(&content::word(page.lib, &mut page.r)) } else { n.to_string() };
            let area = (x, row, mid, row + pitch);
            if lettered {
                page.write_in(&text, x + page.h * 0.2, base, page.h * 0.9, ruled.then_some(area));
            } else {
                let t = Type { size: page.p.min(pitch * 0.8), ..page.text_type() };
                if page.print_width(&text, t) < mid - x {
                    page.print_in(&text, x + page.h * 0.2, base, t, ruled.then_some(area));
                }
            }
            if page.r.chance(page.filled) {
                let cell = (mid, row, if tallied { third } else { x + wide }, row + pitch);
                if tallied {
                    let most = ((third - mid) / (page.h * 0.42)).max(1.0) as usize;
                    let n = page.r.between(1, most.min(24));
                    page.tally(mid + page.h * 0.3, base, page.h * 0.8, n);
                    if page.r.chance(0.7) {
                        page.write_cell(&n.to_string(), (third, row, x + wide, row + pitch), page.h);
                    }
                } else {
                    let text = if page.r.chance(0.3) { content::decimal(&mut page.r) } else { content::number(&mut page.r, 3) };
                    if ruled {
                        page.write_cell(&text, cell, page.h)
                    } else {
                        page.write(&text, mid + page.h * 0.4, base, page.h)
                    };
                }
            }
            if ruled && !drawn {
                page.lying(x, x + wide, row + pitch, page.ruling.thick);
            } else if drawn {
                page.drawn_rule((x, row + pitch), (x + wide, row + pitch), &pen);
            }
            row += pitch;
            n += 1;
        }
        if ruled {
            for at in [x, mid, x + wide] {
                if drawn {
                    page.drawn_rule((at, y), (at, row), &pen)
                } else {
                    page.upright(at, y, row, page.ruling.thick)
                };
            }
            if tallied && !drawn {
                page.upright(third, y, row, page.ruling.thick);
            }
        }
    }
    if page.r.chance(0.3) {
        let text = content::entry(page.lib, &mut page.r);
        let (x, y) = (page.r.range(0.1, 0.7) * page.width(), page.height() - page.h * page.r.range(0.4, 2.0));
        page.write(&text, x, y, page.h);
    }
}
