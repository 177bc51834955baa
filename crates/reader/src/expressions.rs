//! Arithmetic as it is written on worksheets: an expression is one word however much air is around its signs, and a small raised
//! number behind another is its power.

use crate::assemble::Kept;
use crate::place::Place;
use crate::words::{merge, Draft};
use page::ink::Mask;
use page::lines::is_walled;

/// Paper around a sign, in heights of the characters, that still belongs to an expression: beyond it stand columns.
const AIR: f32 = 3.0;
/// Signs of expressions: with air around them or without, as hands have it.
pub(crate) const SIGNS: &str = "+-xX×*÷/=<>:";
const POWERS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

fn is_sign(text: &str) -> bool {
    let mut chars = text.chars();
    matches!((chars.next(), chars.next()), (Some(c), None) if SIGNS.contains(c))
}

/// Whether a word can stand in an expression: digits, and what belongs to numbers, signs and powers.
fn is_term(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || SIGNS.contains(c) || ".,()".contains(c) || POWERS.contains(&c))
}

fn close(a: &Draft, b: &Draft, uprights: &Mask) -> bool {
    let gap = b.rect.left as f32 - a.rect.right as f32;
    let height = a.rect.height().max(b.rect.height()) as f32;
    gap < AIR * height && !is_walled(&a.rect, &b.rect, uprights)
}

/// Joins the words of a line, left to right, that make one expression: terms with signs between them.
pub(crate) fn join(words: Vec<Draft>, uprights: &Mask, place: &Place) -> Vec<Draft> {
    let mut out: Vec<Draft> = Vec::new();
    let mut left = words.into_iter().peekable();
    while let Some(word) = left.next() {
        let Some(last) = out.last().filter(|l| is_term(&l.word.text) && close(l, &word, uprights)) else {
            out.push(word);
            continue;
        };
        let ends_open = last.word.text.ends_with(|c| SIGNS.contains(c) || c == '(');
        let begins_open = word.word.text.starts_with(|c| SIGNS.contains(c) || c == ')');
        // A sign by itself joins only what stands on both of its sides.
        let joins = if is_sign(&word.word.text) {
            left.peek().is_some_and(|next| (is_term(&next.word.text) || next.word.text == "(") && close(&word, next, uprights))
        } else {
            (is_term(&word.word.text) || word.word.text == ")") && (ends_open || begins_open)
        };
        match (joins, out.pop()) {
            (true, Some(last)) => out.push(merge(last, word, place)),
            (_, last) => {
                out.extend(last);
                out.push(word);
            }
        }
    }
    out.iter_mut().filter(|d| is_term(&d.word.text)).for_each(cross);
    out
}

/// Makes crosses of the asterisks and capitals between numbers: hands write a small cross for times, and hardly ever a star.
fn cross(expression: &mut Draft) {
    let characters = &mut expression.word.characters;
    let ends = |c: &str| c.chars().all(|c| c.is_ascii_digit() || c == ')' || POWERS.contains(&c));
    let begins = |c: &str| c.chars().all(|c| c.is_ascii_digit() || c == '(');
    for i in 1..characters.len().saturating_sub(1) {
        if "*X".contains(&characters[i].text) && ends(&characters[i - 1].text) && begins(&characters[i + 1].text) {
            characters[i].text = "x".into();
        }
    }
    expression.word.text = characters.iter().map(|c| c.text.as_str()).collect();
}

/// Finds, among lines of one short number each, those that are powers of a word elsewhere: `(line, segment, word)` for each.
pub(crate) fn powers(lines: &[Vec<usize>], kept: &[Kept]) -> Vec<(usize, usize, usize)> {
    let mut found = Vec::new();
    for (k, line) in lines.iter().enumerate() {
        let [i] = line[..] else { continue };
        let (small, [word]) = (&kept[i], &kept[i].words[..]) else { continue };
        if word.glyphs > 2.0 || !word.word.text.chars().all(|c| c.is_ascii_digit()) {
            continue;
        }
        let base = kept.iter().enumerate().filter(|(j, _)| *j != i).flat_map(|(j, s)| {
            s.words.iter().enumerate().filter_map(move |(w, d)| {
                let h = s.glyph as f32;
                let (gap, low) = (small.rect.left as f32 - d.rect.right as f32, small.rect.bottom as f32 - d.rect.top as f32);
                let raised = (-0.5 * h..0.55 * h).contains(&low) && (small.rect.height() as f32) < 0.8 * h;
                let behind = (-0.5 * h..h).contains(&gap);
                let takes = d.word.text.ends_with(|c: char| c.is_ascii_alphanumeric() || c == ')');
                (raised && behind && takes).then_some((gap, j, w))
            })
        });
        if let Some((_, j, w)) = base.min_by(|a, b| a.0.total_cmp(&b.0)) {
            found.push((k, j, w));
        }
    }
    // What is a power itself has none: it will have gone to its own base.
    let small: Vec<usize> = found.iter().map(|&(line, ..)| lines[line][0]).collect();
    found.retain(|(_, segment, _)| !small.contains(segment));
    found
}

/// The word with a power behind it.
pub(crate) fn raise(base: Draft, mut power: Draft, place: &Place) -> Draft {
    let raised = |text: &str| text.chars().map(|c| c.to_digit(10).map_or(c, |d| POWERS[d as usize])).collect::<String>();
    power.word.text = raised(&power.word.text);
    for text in
        power.word.characters.iter_mut().map(|c| &mut c.text).chain(power.word.alternatives.iter_mut().map(|a| &mut a.text))
    {
        *text = raised(text);
    }
    merge(base, power, place)
}
