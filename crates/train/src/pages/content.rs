//! What stands on pages: labels and heads that are printed, and what people write into fields, cells and lines.

use crate::library::Library;
use crate::random::Random;
use crate::texts;
use ab_glyph::{Font, FontVec};

pub fn digits(r: &mut Random, n: usize) -> String {
    (0..n).map(|_| (b'0' + r.below(10) as u8) as char).collect()
}

/// A number of up to `most` digits without leading zero, short ones more often, and more ones at the ends than by chance: to the net they
/// are like rules.
pub fn number(r: &mut Random, most: usize) -> String {
    let n = 1 + r.below(most.max(1));
    let first = if r.chance(0.12) { 1 } else { 1 + r.below(9) };
    match n {
        1 if r.chance(0.9) => digits(r, 1),
        1 => "1".into(),
        _ if r.chance(0.12) => format!("{first}{}1", digits(r, n - 2)),
        _ => format!("{first}{}", digits(r, n - 1)),
    }
}

pub fn decimal(r: &mut Random) -> String {
    let mark = if r.chance(0.7) { '.' } else { ',' };
    let places = r.between(1, 2);
    format!("{}{mark}{}", number(r, 3), digits(r, places))
}

pub fn amount(r: &mut Random) -> String {
    let whole = number(r, 4);
    match r.below(6) {
        0 => whole,
        1 => format!("{whole}.-"),
        2 => format!("${whole}"),
        3 => format!("{whole},{}", digits(r, 2)),
        _ => format!("{whole}.{}", digits(r, 2)),
    }
}

pub fn date(r: &mut Random) -> String {
    let mark = *r.pick(&['/', '.', '-', '/']);
    let (d, m) = (r.between(1, 31), r.between(1, 12));
    match r.below(4) {
        0 => format!("{d}{mark}{m}{mark}{}", r.between(1900, 2030)),
        1 => format!("{d:02}{mark}{m:02}{mark}{:02}", r.below(100)),
        2 => format!("{d}{mark}{m}{mark}{:02}", r.below(100)),
        _ => format!("{}-{m:02}-{d:02}", r.between(1950, 2030)),
    }
}

pub fn time(r: &mut Random) -> String {
    format!("{}{}{:02}", r.between(0, 23), r.pick(&[':', ':', '.']), r.below(60))
}

pub fn code(r: &mut Random) -> String {
    let n = r.between(3, 9);
    (0..n).map(|_| if r.chance(0.5) { (b'0' + r.below(10) as u8) as char } else { (b'A' + r.below(26) as u8) as char }).collect()
}

/// A chess move in one of the notations.
pub fn chess(r: &mut Random) -> String {
    let square = |r: &mut Random| format!("{}{}", (b'a' + r.below(8) as u8) as char, 1 + r.below(8));
    let to = square(r);
    let mut s = match r.below(12) {
        0 => "O-O".into(),
        1 => "0-0".into(),
        2 => "O-O-O".into(),
        3..=6 => to,
        7 => format!("{}x{to}", r.pick(&['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'N', 'B', 'R', 'Q', 'K'])),
        8 => format!("{}{}{to}", r.pick(&['N', 'R', 'S']), r.pick(&['a', 'b', 'd', 'f', '1', '8'])),
        _ => format!("{}{to}", r.pick(&['N', 'B', 'R', 'Q', 'K', 'S', 'L', 'D', 'C', 'F', 'T'])),
    };
    if r.chance(0.08) {
        s.push(*r.pick(&['+', '#', '!', '?']));
    }
    s
}

pub fn word(lib: &Library, r: &mut Random) -> String {
    if lib.words.is_empty() {
        let n = r.between(2, 8);
        return (0..n).map(|_| (b'a' + r.below(26) as u8) as char).collect();
    }
    r.pick(&lib.words).clone()
}

pub fn capitalised(w: &str) -> String {
    w.chars().take(1).flat_map(char::to_uppercase).chain(w.chars().skip(1)).collect()
}

pub fn name(lib: &Library, r: &mut Random) -> String {
    let (a, b) = (capitalised(&word(lib, r)), capitalised(&word(lib, r)));
    match r.below(6) {
        5 => format!("{b} ({})", r.between(1, 36)),
        0 => b,
        1 => format!("{}. {b}", a.chars().next().unwrap_or('A')),
        2 => a.to_uppercase(),
        _ => format!("{a} {b}"),
    }
}

/// `n` words as running text.
pub fn words(lib: &Library, r: &mut Random, n: usize) -> String {
    let mut out = Vec::with_capacity(n);
    for i in 0..n {
        let mut w = word(lib, r);
        if i == 0 || r.chance(0.12) {
            w = capitalised(&w);
        }
        if r.chance(0.06) {
            w = number(r, 4);
        }
        if r.chance(0.12) {
            w.push(*r.pick(&[',', '.', ':', ';', '!', '?', ')']));
        }
        out.push(w);
    }
    out.join(" ")
}

/// What stands in a field of a form.
pub fn entry(lib: &Library, r: &mut Random) -> String {
    match r.below(16) {
        0..=2 => name(lib, r),
        3 => date(r),
        4 => amount(r),
        5 | 6 => number(r, 6),
        7 => {
            let n = r.between(6, 11);
            digits(r, n)
        }
        8 => code(r),
        9 => {
            let n = r.between(1, 4);
            words(lib, r, n)
        }
        10 => format!("{} {}", capitalised(&word(lib, r)), number(r, 3)),
        11 => time(r),
        12 => r.pick(&["yes", "no", "Yes", "No", "N/A", "M", "F", "-", "ok", "none", "X", "ja", "oui"]).to_string(),
        13 => decimal(r),
        14 => texts::numeric(r),
        _ => word(lib, r).to_uppercase(),
    }
}

/// A printed label of a field.
pub fn label(lib: &Library, r: &mut Random) -> String {
    let n = r.between(1, 3);
    let mut s = capitalised(&(0..n).map(|_| word(lib, r)).collect::<Vec<_>>().join(" "));
    if r.chance(0.15) {
        s = s.to_uppercase();
    }
    if r.chance(0.2) {
        s = format!("{}{} {s}", r.between(1, 30), r.pick(&[".", ")", ""]));
    }
    if r.chance(0.45) {
        s.push(':');
    }
    s
}

/// A few characters of another script, as words.
pub fn foreign(font: &FontVec, r: &mut Random, words: usize) -> String {
    let all: Vec<char> = {
        let mut v: Vec<char> = font.codepoint_ids().map(|(_, c)| c).filter(|c| !c.is_whitespace() && !c.is_control()).collect();
        v.sort_unstable();
        v
    };
    if all.is_empty() {
        return String::new();
    }
    let joins = font.glyph_id('\u{feb4}').0 != 0;
    let one = |r: &mut Random| -> String {
        if joins && r.chance(0.9) {
            return joined(r);
        }
        (0..r.between(2, 7)).map(|_| *r.pick(&all)).collect()
    };
    (0..words).map(|_| one(r)).collect::<Vec<_>>().join(" ")
}

/// First code points of Arabic letters that join on both sides: alone, at a word's end, at its beginning, within (Unicode's
/// Arabic Presentation Forms-B).
const JOINING: [u32; 22] = [
    0xfe8f, 0xfe95, 0xfe99, 0xfe9d, 0xfea1, 0xfea5, 0xfeb1, 0xfeb5, 0xfeb9, 0xfebd, 0xfec1, 0xfec5, 0xfec9, 0xfecd, 0xfed1,
    0xfed5, 0xfed9, 0xfedd, 0xfee1, 0xfee5, 0xfee9, 0xfef1,
];
/// Likewise of those that join what stands before them alone: alone, at the end.
const ENDING: [u32; 6] = [0xfe8d, 0xfea9, 0xfeab, 0xfead, 0xfeaf, 0xfeed];

/// An Arabic word in the forms that its letters take, from left to right as they are set: its end comes first.
fn joined(r: &mut Random) -> String {
    let mut forms = Vec::new();
    let mut before = false;
    let n = r.between(2, 7);
    for i in 0..n {
        let after = i + 1 < n;
        let point = if r.chance(0.35) {
            before as u32 + *r.pick(&ENDING)
        } else {
            *r.pick(&JOINING)
                + match (before, after) {
                    (false, false) => 0,
                    (true, false) => 1,
                    (false, true) => 2,
                    (true, true) => 3,
                }
        };
        before = JOINING.iter().any(|&first| (first..first + 4).contains(&point)) && after;
        forms.extend(char::from_u32(point));
    }
    forms.iter().rev().collect()
}

/// A sum as it is set for pupils, without what comes after the equals sign, and its answer (now and then a wrong one).
pub fn sum(r: &mut Random) -> (String, String) {
    let most = *r.pick(&[10usize, 20, 20, 100, 100, 1000]);
    let (a, b) = (r.between(0, most), r.between(1, most.min(100)));
    let air = if r.chance(0.7) { " " } else { "" };
    let (x, y, z) = (r.between(2, 9), r.between(2, 9), r.between(1, 9));
    if r.chance(0.12) {
        return with_places(r);
    }
    let (text, answer) = match r.below(12) {
        7 => (format!("{x}{air}×{air}{y}{air}+{air}{z}"), x * y + z),
        8 => (format!("({}{air}-{air}{x}){air}×{air}{y}", x + z), z * y),
        9 => (format!("{}{air}÷{air}{x}{air}×{air}{z}", x * y), y * z),
        10 => (format!("{x}{air}×{air}({y}{air}+{air}{z})"), x * (y + z)),
        0 | 1 => (format!("{a}{air}+{air}{b}"), a + b),
        2 | 3 => (format!("{}{air}-{air}{b}", a + b), a),
        4 => {
            let (a, b) = (r.between(2, 12), r.between(2, 12));
            (format!("{a}{air}×{air}{b}"), a * b)
        }
        5 => {
            let (a, b) = (r.between(2, 12), r.between(2, 12));
            (format!("{}{air}÷{air}{b}", a * b), a)
        }
        _ => {
            let c = r.between(1, 20);
            (format!("{a}{air}+{air}{b}{air}+{air}{c}"), a + b + c)
        }
    };
    let answer = if r.chance(0.08) { answer + r.between(1, 10) } else { answer };
    (text, answer.to_string())
}

/// A part of a formula.
pub fn term(r: &mut Random) -> String {
    let v = *r.pick(&['x', 'y', 'z', 'n', 'k', 'a', 'b', 'm', 'p', 't', 'A', 'N', 'S']);
    let n = number(r, 2);
    match r.below(8) {
        0 => n,
        1 => v.to_string(),
        2 => format!("{n}{v}"),
        3 => format!("{v}{}", r.pick(&['²', '³'])),
        4 => format!("{}({v})", r.pick(&["f", "g", "P", "Q", "log", "sin", "T", "max"])),
        5 => format!("{v}{}", r.below(10)),
        6 => format!("√{n}"),
        _ => format!("({v} {} {n})", r.pick(&['+', '-'])),
    }
}

/// A formula as it is set in print.
pub fn formula(r: &mut Random) -> String {
    let mut s = term(r);
    for _ in 0..r.between(1, 3) {
        let sign = *r.pick(&["+", "-", "=", "=", "<", ">", "≤", "×", "·", "≠", "∈", "→"]);
        s = format!("{s} {sign} {}", term(r));
    }
    s
}

/// A sum of decimals, of fractions or with a division sign of the continent's.
fn with_places(r: &mut Random) -> (String, String) {
    let mark = if r.chance(0.7) { '.' } else { ',' };
    let tenths = |n: usize| format!("{}{mark}{}", n / 10, n % 10);
    let (a, b) = (r.between(1, 199), r.between(1, 99));
    match r.below(5) {
        0 => (format!("{} + {}", tenths(a), tenths(b)), tenths(a + b)),
        1 => (format!("{} - {}", tenths(a + b), tenths(b)), tenths(a)),
        2 => (format!("{} × {}", tenths(a), r.between(2, 9)), decimal(r)),
        3 => {
            let (c, d) = (r.between(2, 9), r.between(2, 9));
            (format!("{}/{c} + {}/{d}", r.between(1, 9), r.between(1, 9)), format!("{}/{}", r.between(1, 20), c * d))
        }
        _ => {
            let (c, d) = (r.between(2, 12), r.between(2, 12));
            (format!("{} : {c}", c * d), d.to_string())
        }
    }
}

/// A quantity as pupils compare it: a number with or without a unit of measure.
pub fn quantity(r: &mut Random) -> String {
    let n = number(r, 3);
    match r.below(4) {
        0 => format!("{n} {}", r.pick(&["cm", "m", "km", "kg", "g", "min", "h", "l", "mm"])),
        1 => decimal(r),
        2 => format!("{} + {}", r.between(1, 20), r.between(1, 20)),
        _ => n,
    }
}

/// A sum with a number left out: what stands before it, the number, what stands after it.
pub fn incomplete(r: &mut Random) -> (String, String, String) {
    let (a, b) = (r.between(1, 20), r.between(1, 20));
    match r.below(4) {
        0 => (format!("{a} +"), b.to_string(), format!("= {}", a + b)),
        1 => (format!("{} -", a + b), a.to_string(), format!("= {b}")),
        2 => (String::new(), a.to_string(), format!("+ {b} = {}", a + b)),
        _ => (format!("{a} ×"), b.to_string(), format!("= {}", a * b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_letters_reach_out_to_each_other() {
        // Whether a form joins what stands before it, and what stands behind it.
        let joins = |c: char| match JOINING.iter().find(|&&first| (first..first + 4).contains(&(c as u32))) {
            Some(first) => [(false, false), (true, false), (false, true), (true, true)][(c as u32 - first) as usize],
            None => (ENDING.contains(&(c as u32 - 1)), false),
        };
        for seed in 0..200 {
            let word: Vec<char> = joined(&mut Random::new(seed)).chars().rev().collect();
            assert!((2..=7).contains(&word.len()));
            assert!(!joins(word[0]).0 && !joins(word[word.len() - 1]).1);
            assert!(word.windows(2).all(|pair| joins(pair[0]).1 == joins(pair[1]).0), "{word:?}");
        }
    }
}
