//! Gift tags and cards: a few printed words, a name written behind or below each, and written lines.

use super::content;
use super::page::{Page, Type};

pub fn draw(page: &mut Page) {
    let t = Type { size: page.p * page.r.range(0.8, 1.3), bold: false, ..page.head_type() };
    let left = page.h * page.r.range(0.5, 4.0);
    let mut base = page.h * page.r.range(1.5, 4.0);
    let mark = *page.r.pick(&["", ":", ":", "..."]);
    let (below, ruled) = (page.r.chance(0.2), page.r.chance(0.3));
    let labels =
        *page.r.pick(&[["To", "From"], ["to", "from"], ["TO", "FROM"], ["Dear", "Love"], ["For", "By"], ["Recipe", "Serves"]]);
    for label in labels {
        let end = page.print(&format!("{label}{mark}"), left, base, t) + page.h * page.r.range(0.3, 1.0);
        if below {
            base += page.h * page.r.range(1.4, 2.2);
        }
        let x = if below { left + page.h * page.r.range(0.0, 2.0) } else { end };
        if ruled {
            page.lying(x, page.width() - left, base + page.h * 0.15, page.ruling.thick);
        }
        if page.r.chance(page.filled) {
            let text = content::name(page.lib, &mut page.r);
            let h = page.h * page.r.range(1.0, 1.5);
            let h = page.fit(&text, h, page.width() - x);
            page.write(&text, x, base, h);
        }
        base += page.h.max(t.size) * page.r.range(1.8, 6.0);
    }
    let pitch = page.h * page.r.range(1.4, 2.2);
    let lines = if page.r.chance(0.7) { page.r.between(2, 14) } else { 0 };
    for _ in 0..lines {
        let n = page.r.between(1, 3);
        let text = format!("{} {}", content::number(&mut page.r, 2), content::words(page.lib, &mut page.r, n));
        let x = left + page.h * 0.3 * page.r.normal();
        let h = page.fit(&text, page.h, page.width() - x);
        page.write(&text, x, base, h);
        base += pitch;
    }
}
