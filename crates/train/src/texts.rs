//! What synthetic lines say: numbers in the forms that people write on forms, sheets and cheques, and words.

use crate::random::Random;

fn digits(r: &mut Random, n: usize) -> String {
    (0..n).map(|_| (b'0' + r.below(10) as u8) as char).collect()
}

/// A number without leading zero; short ones are more frequent, and repeated digits (00, 11) are sown in.
fn number(r: &mut Random, most: usize) -> String {
    let n = 1 + (r.unit() * r.unit() * most as f32) as usize;
    let mut s = digits(r, n);
    if s.len() > 1 && s.starts_with('0') && r.chance(0.8) {
        s.replace_range(0..1, "1");
    }
    // A one at an end is easily taken for a rule: it is shown often.
    if r.chance(0.3) {
        if r.chance(0.7) {
            s.push('1');
        } else {
            s.insert(0, '1');
        }
    }
    if s.len() > 2 && r.chance(0.25) {
        let from = r.between(1, s.len() - 1);
        let digit = if r.chance(0.6) { "0".to_string() } else { digits(r, 1) };
        let n = s.len() - from;
        s.replace_range(from.., &digit.repeat(n));
    }
    s
}

fn grouped(s: &str, mark: char) -> String {
    let mut out = String::new();
    for (i, c) in s.chars().enumerate() {
        if i > 0 && (s.len() - i).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(c);
    }
    out
}

/// Thousands by themselves and twos of digits above them: lakhs and crores.
fn in_lakhs(s: &str) -> String {
    let n = s.len();
    s.chars()
        .enumerate()
        .flat_map(|(i, c)| [(i > 0 && n - i >= 3 && (n - i) % 2 == 1).then_some(','), Some(c)])
        .flatten()
        .collect()
}

fn amount(r: &mut Random) -> String {
    let mark = *r.pick(&['.', ',', '.', ' ', '\'']);
    let mut whole = number(r, 8);
    if r.chance(0.25) {
        whole.truncate(3);
        whole += "000";
    }
    let whole = match r.below(6) {
        0 => in_lakhs(&whole),
        // Above a thousand as well.
        1 => whole,
        _ => grouped(&whole, mark),
    };
    match r.below(8) {
        6 => format!("{whole}/-"),
        7 => format!("{whole}/="),
        0 => whole,
        1 => format!("{whole},{}", digits(r, 2)),
        2 => format!("{whole}.{}", digits(r, 2)),
        3 => format!("{whole}.-"),
        4 => format!("{whole},-"),
        _ => format!("{whole}="),
    }
}

fn date(r: &mut Random) -> String {
    let mark = *r.pick(&['/', '.', '-', '/', '.']);
    let (d, m) = (r.between(1, 31), r.between(1, 12));
    let year = if r.chance(0.5) { format!("{}", r.between(1850, 2035)) } else { digits(r, 2) };
    match r.below(4) {
        0 => format!("{d}{mark}{m}{mark}{year}"),
        1 => format!("{d:02}{mark}{m:02}{mark}{year}"),
        2 => format!("{year}-{m:02}-{d:02}"),
        _ => format!("{d}{mark}{m}"),
    }
}

fn expression(r: &mut Random) -> String {
    let term = |r: &mut Random| match r.below(5) {
        0 => format!("({}{}{})", number(r, 2), r.pick(&['+', '-']), number(r, 2)),
        1 => format!("{}.{}", number(r, 3), number(r, 2)),
        2 => format!("{}{}{}", number(r, 2), r.pick(&["x", "y", "z", ""]), r.pick(&["", "²", "³"])),
        _ => number(r, 4),
    };
    let mut s = if r.chance(0.12) { r.pick(&["+", "-", "=", "x", "÷"]).to_string() } else { term(r) };
    // Spaces around the signs are a habit.
    let air = if r.chance(0.4) { " " } else { "" };
    for _ in 0..r.between(1, 3) {
        s += &format!("{air}{}{air}", r.pick(&['+', '-', '=', '=', '/', ':', 'x', 'x', '÷', '*', '-', '+', '<', '>', '+', '-']));
        s += &term(r);
    }
    s
}

/// A string of digits and marks.
pub fn numeric(r: &mut Random) -> String {
    match r.below(26) {
        // A measure as tables hold it, often below one.
        22 | 23 => {
            let (whole, part) = (if r.chance(0.12) { 0 } else { r.between(1, 2) }, r.between(1, 3));
            let sign = if r.chance(0.1) { "-" } else { "" };
            format!("{sign}{}.{}", digits(r, whole), digits(r, part))
        }
        // A grade, a seat, the label of an answer.
        21 | 24 | 25 => {
            // Half of them are grades.
            let most = if r.chance(0.5) { 6 } else { 26 };
            let letters = |r: &mut Random, n: usize| -> String { (0..n).map(|_| (b'A' + r.below(most) as u8) as char).collect() };
            let n = 1 + (r.unit() * r.unit() * 3.0) as usize;
            match r.below(6) {
                0 => letters(r, 1) + &number(r, 3),
                1 => number(r, 3) + &letters(r, 1),
                2 => format!("{}{}", letters(r, 1), r.pick(&['+', '-', ')', '.'])),
                _ => letters(r, n),
            }
        }
        0..=2 => number(r, 10),
        // Of thousands and more that no mark parts.
        3 | 4 => {
            let n = r.between(3, 8);
            digits(r, n)
        }
        // A mark alone: a sign between numbers that stand apart, a dash for nothing.
        20 => r.pick(&["\"", "+", "-", "=", "x", "÷", "-", "=", "+", "1", "1", "1", "7", "<", ">", "<", ">"]).to_string(),
        5 => {
            let n = r.between(6, 16);
            digits(r, n)
        }
        6..=8 => amount(r),
        9 => format!("{}{}", r.pick(&["$", "€", "-", "+", "-", "(", "n°", "N°"]), number(r, 5)).replace('(', ""),
        10 => format!("{}{}", number(r, 4), r.pick(&["€", "$", "°", "c", "m", "F", "f"])),
        // A share: a percent sign is easily taken for a digit.
        11 if r.chance(0.7) => {
            let sign = *r.pick(&["", "", "", "-", "+"]);
            let part = if r.chance(0.6) {
                format!("{}{}", r.pick(&['.', ',', '.']), {
                    let n = r.between(1, 2);
                    digits(r, n)
                })
            } else {
                String::new()
            };
            format!("{sign}{}{part}{}%", number(r, 3), if r.chance(0.15) { " " } else { "" })
        }
        // Marks and sizes by halves.
        12 if r.chance(0.25) => format!("{}½", number(r, 2)),
        11 | 12 => format!("{}{}{}", number(r, 4), r.pick(&['.', ',', '.']), number(r, 3)),
        13 => date(r),
        // Feet and inches.
        14 if r.chance(0.3) => match r.below(3) {
            0 => format!("{}'", number(r, 3)),
            1 => format!("{}'{}\"", r.between(1, 12), r.below(12)),
            _ => format!("{}{}\"", number(r, 2), r.pick(&["", "", "½", "/2", "/4", "/8"])),
        },
        14 => format!("{}:{:02}", r.between(0, 23), r.below(60)),
        15 | 16 => expression(r),
        // A slash is easily taken for a one, and much rarer.
        17 if r.chance(0.4) => format!("{}/{}", number(r, 3), number(r, 3)),
        17 => number(r, 8),
        // A list: numbers side by side, or as a series, a set or a pair is written.
        18 => {
            let (open, mark, close) = *r.pick(&[
                ("", " ", ""),
                ("", " ", ""),
                ("", " ", ""),
                ("", ", ", ""),
                ("[", ", ", "]"),
                ("[", ",", "]"),
                ("(", ", ", ")"),
            ]);
            let numbers: Vec<String> = (0..r.between(2, 6)).map(|_| number(r, 3)).collect();
            format!("{open}{}{close}", numbers.join(mark))
        }
        _ => format!("({})", number(r, 3)),
    }
}

/// A few words of the list, with capitals, marks and numbers as they stand in notes.
pub fn words(r: &mut Random, list: &[String]) -> String {
    let mut out = Vec::new();
    for _ in 0..r.between(1, 4) {
        let mut w = if list.is_empty() || r.chance(0.12) {
            let n = r.between(1, 7);
            (0..n).map(|_| (b'a' + r.below(26) as u8) as char).collect()
        } else {
            r.pick(list).clone()
        };
        match r.below(10) {
            0 | 1 => w = w.to_uppercase(),
            2 => w = w.chars().take(1).flat_map(char::to_uppercase).chain(w.chars().skip(1)).collect(),
            3 => w = number(r, 5),
            // Words of one letter; a bare stroke between words is one.
            4 if r.chance(0.6) => w = r.pick(&["I", "I", "I", "I", "a", "a", "A", "y", "e", "o", "à", "&"]).to_string(),
            _ => {}
        }
        if r.chance(0.12) {
            w.push(*r.pick(&[',', '.', ':', ';', '!', '?', ')', '\'', '-']));
        }
        out.push(w);
    }
    out.join(" ")
}
