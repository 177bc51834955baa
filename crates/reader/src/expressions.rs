//! Arithmetic as it is written on worksheets: an expression is one word however much air is around its signs, and a small raised
//! number behind another is its power.

use crate::assemble::Kept;
use crate::place::Place;
use crate::words::{merge, Draft};
use page::ink::Mask;
use page::lines::is_walled;
use std::ops::Range;

/// Paper around a sign, in heights of the characters, that still belongs to an expression: beyond it stand columns.
const AIR: f32 = 3.0;
/// Likewise between a number and the variable that it counts.
const COUNTED: f32 = 2.0;
/// Letters of a variable or a function: `x`, `ln`. More are a word.
const VARIABLE: usize = 2;
/// Signs of expressions: with air around them or without, as hands have it.
pub(crate) const SIGNS: &str = "+-xX×*÷/=<>:";
const POWERS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

fn is_operator(c: char) -> bool {
    SIGNS.contains(c)
}

/// Signs alone, of which an arrow has two.
fn is_sign(text: &str) -> bool {
    (1..=2).contains(&text.chars().count()) && text.chars().all(is_operator)
}

/// Whether a word can stand in an expression: digits, and what belongs to numbers, signs and powers; among equations small letters too,
/// one or two together, as variables and functions have them. Capitals are names: `V = 5` says what a V is.
fn is_term(text: &str, equations: bool) -> bool {
    let belongs = |c: char| c.is_ascii_digit() || is_operator(c) || ".,()".contains(c) || POWERS.contains(&c);
    let is_variable = |letters: &str| equations && letters.chars().count() <= VARIABLE && letters.chars().all(char::is_lowercase);
    let is_named = |c: char| c.is_ascii_digit() || equations && c.is_lowercase();
    text.contains(is_named) && text.split(belongs).all(|letters| letters.is_empty() || is_variable(letters))
}

/// Whether a word is a variable that a number before it may count: `6 x = 36`.
fn is_variable(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(char::is_lowercase) && chars.next().is_none_or(|c| is_operator(c) || POWERS.contains(&c))
}

/// Which words of a line, left to right, are one expression: terms with signs between them. `is_close` says of a word whether the one
/// behind it stands nearer than so many heights.
fn expressions(texts: &[&str], is_close: impl Fn(usize, f32) -> bool) -> Vec<Range<usize>> {
    let equations = texts.iter().any(|t| t.contains('='));
    let is_term = |i: usize| texts.get(i).is_some_and(|t| is_term(t, equations));
    let is_text = |i: usize, text: &str| texts.get(i) == Some(&text);
    let mut out: Vec<Range<usize>> = Vec::new();
    for (i, text) in texts.iter().enumerate() {
        // More follows: a sign of its own, or one behind it. A capital X rather begins the next equation.
        let is_signed = |t: &&str| t.starts_with(|c| is_operator(c) && c != 'X');
        let is_open = text.contains(is_operator) || texts.get(i + 1).is_some_and(is_signed);
        let is_begun = |last: &Range<usize>| last.len() > 1 || is_term(i - 1) || is_text(i - 1, "=") && is_open;
        let Some(last) = out.last_mut().filter(|last| is_begun(last) && is_close(i - 1, AIR)) else {
            out.push(i..i + 1);
            continue;
        };
        let before = texts[i - 1];
        let is_number = before.ends_with(|c: char| c.is_ascii_digit());
        let is_counted = equations && is_number && is_open && is_variable(text) && is_close(i - 1, COUNTED);
        let joins = if is_sign(text) && !is_counted {
            // It joins only what stands on both of its sides, of which the one behind may have a sign of its own.
            let next = i + 1 + is_text(i + 1, "-") as usize;
            (is_term(next) || is_text(next, "(")) && (i..next).all(|i| is_close(i, AIR))
        } else {
            let is_signed = before.ends_with(|c| is_operator(c) || c == '(') || text.starts_with(|c| is_operator(c) || c == ')');
            (is_term(i) || *text == ")") && (is_signed || is_counted)
        };
        if joins {
            last.end = i + 1;
        } else {
            out.push(i..i + 1);
        }
    }
    out
}

/// Joins the words of a line that make one expression.
pub(crate) fn join(words: Vec<Draft>, uprights: &Mask, place: &Place) -> Vec<Draft> {
    let is_close = |i: usize, air: f32| {
        let (a, b) = (&words[i].rect, &words[i + 1].rect);
        let height = a.height().max(b.height()) as f32;
        b.left as f32 - (a.right as f32) < air * height && !is_walled(a, b, uprights)
    };
    let texts: Vec<&str> = words.iter().map(|d| d.word.text.as_str()).collect();
    let found = expressions(&texts, is_close);
    let mut words = words.into_iter();
    let merged =
        |part: Range<usize>| words.by_ref().take(part.len()).reduce(|a, b| merge(a, b, place)).expect("a part has words");
    let mut out: Vec<Draft> = found.into_iter().map(merged).collect();
    out.iter_mut().filter(|d| is_term(&d.word.text, false)).for_each(cross);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a line as they are joined, if all stand near.
    fn joined(line: &str) -> String {
        let texts: Vec<&str> = line.split(' ').collect();
        let parts = expressions(&texts, |_, _| true);
        parts.into_iter().map(|part| texts[part].concat()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn terms_with_signs_between_them_are_one() {
        for (line, expected) in [
            ("12 + 25", "12+25"),
            ("5x² -4 +1", "5x²-4+1"),
            ("( 12 + 3 )", "( 12+3)"),
            ("12 25", "12 25"),
            ("12 +", "12 +"),
            ("- 5 eggs", "- 5 eggs"),
            ("a - b", "a - b"),
            ("and x -ray", "and x -ray"),
        ] {
            assert_eq!(joined(line), expected);
        }
    }

    #[test]
    fn in_equations_letters_are_terms() {
        for (line, expected) in [
            ("x - y = 2", "x-y=2"),
            ("x = - 5", "x=-5"),
            ("6 x = 36", "6x=36"),
            ("xy = 2.09 => f(x4) : 7", "xy=2.09=>f(x4):7"),
            ("= 2.1 -(2.1-2)", "=2.1-(2.1-2)"),
            ("= 43", "= 43"),
            ("V = 5 X = 10", "V = 5 X = 10"),
            ("solve 2x+y = 7 find x and y", "solve 2x+y=7 find x and y"),
            ("total = 5 kg", "total = 5 kg"),
        ] {
            assert_eq!(joined(line), expected);
        }
    }
}
