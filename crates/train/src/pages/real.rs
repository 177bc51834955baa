//! Real ink: crops of written lines, lifted off their paper as coverage and brought to the size of the page.

use super::hand::Written;
use crate::canvas::Canvas;
use crate::crop::decode_gray;
use crate::library::{Library, RealLine, Writing};
use crate::random::Random;
use net::normalise;

/// Neighbours in the files are by one hand: a page takes its lines from so many of them.
const WINDOW: usize = 60;
/// Crops of more bytes are long lines that no field holds, and slow to decode.
const LARGEST: usize = 9000;
/// Coverage below which nothing is ink: paper is never quite even.
const FAINT: f32 = 0.2;

/// What lies on a shelf by the writer at the share `at` of it.
fn by_writer<T>(shelf: &[T], at: f32) -> &[T] {
    let window = WINDOW.min(shelf.len());
    let from = ((shelf.len() - window) as f32 * at) as usize;
    &shelf[from..from + window]
}

/// A crop of the writer at the share `at` of the files that is about as long as `text`, its digits `h` high and not wider than `room`.
///
/// `used` keeps the addresses of crops that were laid down: a shape that comes again would be print.
pub fn lift(lib: &Library, at: f32, text: &str, h: f32, room: f32, used: &mut Vec<usize>, r: &mut Random) -> Option<Written> {
    let shelf = if text.chars().any(char::is_alphabetic) { &lib.texts } else { &lib.numbers };
    let length = text.chars().count();
    let fits = |l: &&RealLine| {
        let n = l.text.as_ref().map_or(0, |t| t.chars().count());
        l.crop.len() < LARGEST
            && !used.contains(&(l.crop.as_ptr() as usize))
            && n > 0
            && n <= length + 1 + length / 3
            && n + 2 + length / 3 >= length
    };
    let some: Vec<&RealLine> = by_writer(shelf, at).iter().filter(fits).collect();
    let line = if some.is_empty() { return None } else { *r.pick(&some) };
    used.push(line.crop.as_ptr() as usize);
    scaled(line, h, room)
}

/// Words as strokes by the writer at the share `at` of them, each about as long as the word of `text` in its place; nothing where a word is
/// none of letters alone.
pub fn alike<'a>(lib: &'a Library, at: f32, text: &str, r: &mut Random) -> Option<Vec<&'a Writing>> {
    let shelf = by_writer(&lib.writings, at);
    let wanted = text.split_whitespace().map(|word| {
        let n = word.chars().count();
        if n < 2 || !word.chars().all(|c| c.is_alphabetic() || ".,'-".contains(c)) {
            return None;
        }
        let fits = |w: &&Writing| {
            let m = w.text.chars().count();
            m > 1 && m + 2 >= n && m <= n + 1 && !w.text.contains(' ') && (0.3..2.4).contains(&w.size.1)
        };
        let some: Vec<&Writing> = shelf.iter().filter(fits).collect();
        (!some.is_empty()).then(|| *r.pick(&some))
    });
    wanted.collect()
}

fn scaled(line: &RealLine, h: f32, room: f32) -> Option<Written> {
    let text = line.text.as_ref()?;
    let number = !text.chars().any(char::is_alphabetic);
    let (width, height, mut gray) = decode_gray(&line.crop)?;
    let paper = normalise::paper(&gray);
    normalise::erase_edge_rules(&mut gray, width, height, paper);
    // The ink's own darkness: what a thirtieth of the pixels reach, as blots and rests of rules are darker still.
    let mut counts = [0usize; 256];
    gray.iter().for_each(|&g| counts[g as usize] += 1);
    let mut left = gray.len() / 30;
    let dark = (0..255).find(|&g| {
        let done = counts[g] > left;
        left = left.saturating_sub(counts[g]);
        done
    })? as f32;
    let paper = paper as f32;
    let depth = (paper.max(1.0) / dark.max(4.0)).ln();
    if depth < 0.15 {
        return None;
    }
    let table: Vec<f32> =
        (0..256).map(|g| (((paper / (g as f32).max(1.0)).ln() / depth - FAINT) / (1.0 - FAINT)).clamp(0.0, 1.0)).collect();
    let ink = Canvas { width, height, data: gray.iter().map(|&g| table[g as usize]).collect() };
    let (top, base) = body(&ink, number)?;
    let digit = (base - top) / if number { 1.0 } else { 0.58 };
    let (l, t, right, b) = ink.bounds(0.3)?;
    let scale = h / digit;
    if !(0.08..1.6).contains(&scale) {
        return None;
    }
    let squeeze = (room / ((right - l) as f32 * scale)).min(1.0);
    if squeeze < 0.6 {
        return None;
    }
    let (sx, sy) = (scale * squeeze, scale);
    let words = parts(&ink, text, l, right, base - top)?;
    // A pixel is the mean of those it covers.
    let (w, hh) = (((right - l) as f32 * sx) as usize + 4, ((b - t) as f32 * sy) as usize + 4);
    let (nx, ny) = ((1.0 / sx).ceil().clamp(1.0, 5.0) as usize, (1.0 / sy).ceil().clamp(1.0, 5.0) as usize);
    let mut out = Canvas::new(w, hh);
    for y in 0..hh {
        for x in 0..w {
            let mut sum = 0.0;
            for j in 0..ny {
                for i in 0..nx {
                    let (fx, fy) = (x as f32 - 2.0 + (i as f32 + 0.5) / nx as f32, y as f32 - 2.0 + (j as f32 + 0.5) / ny as f32);
                    sum += ink.sample(fx / sx + l as f32 - 0.5, fy / sy + t as f32 - 0.5);
                }
            }
            out.data[y * w + x] = sum / (nx * ny) as f32;
        }
    }
    let place = |x: f32| (x - l as f32) * sx + 2.0;
    Some(Written {
        base: (base - t as f32) * sy + 2.0,
        slope: 0.0,
        words: words.into_iter().map(|(w, a, b)| (w, place(a as f32), place(b as f32))).collect(),
        below: ((b as f32 - base) * sy).max(0.0),
        ink: out,
    })
}

/// Rows between which digits, or small letters, stand: where there is much ink.
fn body(ink: &Canvas, number: bool) -> Option<(f32, f32)> {
    let rows: Vec<f32> = ink.data.chunks_exact(ink.width).map(|r| r.iter().sum()).collect();
    let smooth: Vec<f32> = (0..rows.len()).map(|y| rows[y.saturating_sub(1)..(y + 2).min(rows.len())].iter().sum()).collect();
    let most = smooth.iter().copied().fold(0.0, f32::max);
    let level = most * if number { 0.22 } else { 0.42 };
    let top = smooth.iter().position(|&v| v > level)?;
    let foot = smooth.iter().rposition(|&v| v > level)? + 1;
    (foot > top + 4).then_some((top as f32, foot as f32))
}

/// The words of a line between its widest gaps; nothing where it is not sure which gaps part words.
fn parts(ink: &Canvas, text: &str, left: usize, right: usize, body: f32) -> Option<Vec<(String, usize, usize)>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() < 2 {
        return Some(vec![(text.trim().to_string(), left, right)]);
    }
    let inked: Vec<bool> =
        (left..right).map(|x| (0..ink.height).map(|y| ink.data[y * ink.width + x]).fold(0.0, f32::max) > 0.3).collect();
    let mut gaps: Vec<(usize, usize)> = Vec::new();
    let mut start = None;
    for (i, on) in inked.iter().enumerate() {
        match (on, start) {
            (false, None) => start = Some(i),
            (true, Some(s)) => {
                gaps.push((i - s, s));
                start = None;
            }
            _ => {}
        }
    }
    gaps.sort_unstable_by(|a, b| b.cmp(a));
    let needed = words.len() - 1;
    let least = gaps.get(needed - 1)?.0;
    let next = gaps.get(needed).map_or(0, |g| g.0);
    if least * 4 < next * 5 || (least as f32) < 0.25 * body {
        return None;
    }
    gaps.truncate(needed);
    gaps.sort_unstable_by_key(|g| g.1);
    let mut from = left;
    let mut out = Vec::with_capacity(words.len());
    for (i, word) in words.iter().enumerate() {
        let to = gaps.get(i).map_or(right, |g| left + g.1);
        out.push((word.to_string(), from, to));
        from = gaps.get(i).map_or(right, |g| left + g.1 + g.0);
    }
    Some(out)
}
