//! What people write into cells, fields and lines, beyond numbers: codes, moves, plates, grades, measures with units, names, sentences,
//! algebra. A reader that learns spelling from words alone reads `Qg3` as 293.

use crate::library::Library;
use crate::pages::content;
use crate::random::Random;
use crate::texts;

/// Characters of random strings: letters and digits far more often than marks.
const MARKS: &str = ".,-+/:=()%$€*'\"°&;?![]#@_<>";

fn upper(r: &mut Random) -> char {
    (b'A' + r.below(26) as u8) as char
}

fn lower(r: &mut Random) -> char {
    (b'a' + r.below(26) as u8) as char
}

fn digit(r: &mut Random) -> char {
    (b'0' + r.below(10) as u8) as char
}

fn many(r: &mut Random, n: usize, of: fn(&mut Random) -> char) -> String {
    (0..n).map(|_| of(r)).collect()
}

/// Any characters in any order, so that none is told by its neighbours.
fn string(r: &mut Random) -> String {
    let n = r.between(1, 9);
    let kinds = r.below(5);
    (0..n)
        .map(|_| match (kinds, r.below(20)) {
            (0, 0..=11) | (1, _) | (4, 0..=6) => digit(r),
            (0, _) | (2, 0..=9) => upper(r),
            (2, _) | (3, 0..=15) => lower(r),
            (4, 7) => {
                let all: Vec<char> = MARKS.chars().collect();
                *r.pick(&all)
            }
            (4, 8..=13) => upper(r),
            _ => lower(r),
        })
        .collect()
}

/// A number of a roll, a part, an account, a plate, a room.
fn code(r: &mut Random) -> String {
    let (a, b, c) = (r.between(1, 3), r.between(2, 5), r.between(1, 4));
    let mark = *r.pick(&["-", "-", "/", ".", ""]);
    match r.below(10) {
        0 => {
            let n = r.between(6, 10);
            many(r, 1, upper) + &many(r, n, digit)
        }
        // What firms and machines are told by.
        7 => {
            let n = r.between(8, 17);
            let letter = *r.pick(&[upper, upper, lower]);
            let share = r.range(0.2, 0.8);
            (0..n).map(|_| if r.chance(share) { letter(r) } else { digit(r) }).collect()
        }
        1 => format!("{}{mark}{}{mark}{}", many(r, a, upper), many(r, b, digit), many(r, 1, upper)),
        2 => format!("{}{mark}{}", many(r, a, upper), many(r, b, digit)),
        3 => format!("{} {} {} {}", many(r, 2, upper), many(r, 2, digit), many(r, a, upper), many(r, 4, digit)),
        4 => format!("{}{mark}{}{mark}{}", many(r, c, digit), many(r, b, digit), many(r, c, digit)),
        5 => format!("{}{}", many(r, c, digit), many(r, a, upper)),
        6 => format!("{}{}{}", many(r, a, upper), many(r, c, digit), many(r, a, upper)),
        _ => content::code(r),
    }
}

/// One character or two, as they stand in cells and boxes.
fn single(r: &mut Random) -> String {
    match r.below(24) {
        0..=7 => many(r, 1, upper),
        8..=10 => many(r, 1, digit),
        11..=13 => many(r, 1, lower),
        14..=16 => {
            let grade = *r.pick(&['A', 'A', 'B', 'B', 'C', 'C', 'D', 'E', 'F', 'S']);
            format!("{grade}{}", r.pick(&["+", "-", "", "+", "-", "*", "1", "2"]))
        }
        17 => r.pick(&["T", "F", "Y", "N", "M", "F", "X", "x", "-", "A", "P"]).to_string(),
        18 if r.chance(0.5) => r.pick(&["-", "-", "-", "\"", "=", "+"]).to_string(),
        18 => many(r, 2, upper),
        // Initials, as whoever counted or judged signs with them.
        20..=22 => {
            let n = r.between(2, 3);
            many(r, n, upper)
        }
        23 => format!("{}.{}.", upper(r), upper(r)),
        _ => format!("{}{}", upper(r), r.pick(&[")", ".", ":", ","])),
    }
}

fn unit(r: &mut Random) -> String {
    let amount = match r.below(6) {
        0 => format!("1/{}", r.pick(&['2', '3', '4', '8'])),
        1 => format!("{} {}/{}", r.between(1, 4), r.pick(&['1', '3']), r.pick(&['2', '4'])),
        2 => format!("{}.{}", r.between(0, 40), digit(r)),
        _ => r.between(1, 400).to_string(),
    };
    let air = if r.chance(0.6) { " " } else { "" };
    let of = r.pick(&[
        "kg", "g", "gm", "mg", "ml", "l", "cm", "mm", "m", "km", "Tbsp", "tsp", "tbsp", "cup", "cups", "C", "oz", "lb", "pcs",
        "hrs", "min", "°C", "°", "%", "ft", "in", "W", "V", "kW", "Nos", "x", "day", "days",
    ]);
    format!("{amount}{air}{of}")
}

/// A line of a recipe or of a list: how much, and of what.
fn item(lib: &Library, r: &mut Random) -> String {
    let n = r.between(1, 3);
    let of = (0..n).map(|_| content::word(lib, r)).collect::<Vec<_>>().join(" ");
    if r.chance(0.7) {
        format!("{} {of}", unit(r))
    } else {
        format!("{} {of}", r.between(1, 24))
    }
}

/// One of a list: its number, letter or dash, and what it says.
fn listed(lib: &Library, r: &mut Random) -> String {
    let head = match r.below(5) {
        0 => (*r.pick(&["-", "-", "*", "->"])).to_string(),
        1 => format!("{}{}", if r.chance(0.5) { lower(r) } else { upper(r) }, r.pick(&[")", ".", ":"])),
        _ => format!("{}{}", r.between(1, 60), r.pick(&[".", ".", ")", ":", "-", ".)"])),
    };
    let said = match r.below(6) {
        0 | 1 => many(r, 1, upper),
        2 => content::number(r, 4),
        3 => content::capitalised(&content::word(lib, r)),
        _ => {
            let n = r.between(1, 3);
            content::words(lib, r, n)
        }
    };
    let air = if r.chance(0.8) { " " } else { "" };
    format!("{head}{air}{said}{}", if r.chance(0.1) { "." } else { "" })
}

/// A day with its month in words.
fn day(r: &mut Random) -> String {
    const MONTHS: [[&str; 12]; 5] = [
        [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
        ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"],
        ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
        [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ],
    ];
    let language = *r.pick(&[0, 0, 0, 1, 1, 2, 3, 4]);
    let mut month = MONTHS[language][r.below(12)].to_string();
    if r.chance(0.12) {
        month = month.to_uppercase();
    }
    let (d, year) = (r.between(1, 31), r.between(1900, 2035));
    match (language, r.below(5)) {
        (0 | 1, 0 | 1) => format!("{month} {d}, {year}"),
        (0 | 1, 2) => format!("{month} {d}"),
        (0 | 1, 3) => format!("{d}{} {month} {year}", r.pick(&["th", "st", "rd", "nd", "TH"])),
        (1, _) => format!("{d}-{month}-{year}"),
        (2, _) => format!("{d}. {month} {year}"),
        (_, 4) => format!("{month} {year}"),
        _ => format!("{d} {month} {year}"),
    }
}

/// An amount in words, as cheques have it.
pub fn worded(r: &mut Random) -> String {
    const ONES: [&str; 19] = [
        "One",
        "Two",
        "Three",
        "Four",
        "Five",
        "Six",
        "Seven",
        "Eight",
        "Nine",
        "Ten",
        "Eleven",
        "Twelve",
        "Thirteen",
        "Fourteen",
        "Fifteen",
        "Sixteen",
        "Seventeen",
        "Eighteen",
        "Nineteen",
    ];
    const TENS: [&str; 8] = ["Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"];
    let below_hundred = |r: &mut Random| match r.below(3) {
        0 => r.pick(&ONES).to_string(),
        1 => r.pick(&TENS).to_string(),
        _ => format!("{}{}{}", r.pick(&TENS), r.pick(&[" ", "-"]), r.pick(&ONES[..9])),
    };
    let mut parts = Vec::new();
    for _ in 0..r.between(1, 2) {
        parts.push(below_hundred(r));
        parts.push(r.pick(&["Hundred", "Thousand", "Thousand", "Lakh", "Hundred and"]).to_string());
    }
    if r.chance(0.3) {
        parts.push(below_hundred(r));
    }
    if r.chance(0.4) {
        parts.push((*r.pick(&["only", "Only", "only.", "Dollars", "and 00/100", "ONLY"])).to_string());
    }
    let text = parts.join(" ");
    match r.below(6) {
        0 => text.to_uppercase(),
        1 => text.to_lowercase(),
        _ => text,
    }
}

/// A number in Roman numerals, by itself or with what it stands for.
fn roman(r: &mut Random) -> String {
    const VALUES: [(usize, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let n = if r.chance(0.6) { r.between(1, 40) } else { r.between(1, 2030) };
    let mut left = n;
    let mut text = String::new();
    for (value, letters) in VALUES {
        while left >= value {
            left -= value;
            text += letters;
        }
    }
    match r.below(6) {
        0 => format!("{text} = {n}"),
        1 => format!("{text}. {}", r.between(1, 30)),
        2 => format!("{n} {text}"),
        _ => text,
    }
}

/// A time, down to hundredths as timers show it.
fn time(r: &mut Random) -> String {
    match r.below(5) {
        0 => content::time(r),
        1 => format!("{}:{:02}.{:02}", r.between(0, 9), r.below(60), r.below(100)),
        2 => {
            format!("{}{}{:02}", r.between(1, 12), r.pick(&[":", "."]), r.below(60))
                + *r.pick(&["", "am", "pm", " am", " PM", "h"])
        }
        _ => {
            let places = r.between(2, 3);
            format!("{}.{}", r.between(5, 99), many(r, places, digit))
        }
    }
}

fn algebra(r: &mut Random) -> String {
    let air = if r.chance(0.5) { " " } else { "" };
    let name = *r.pick(&['x', 'x', 'x', 'y', 'z', 'a', 'b', 'n', 't', 'k', 'm', 'p']);
    let factor = |r: &mut Random| if r.chance(0.3) { String::new() } else { r.between(2, 20).to_string() };
    let sign = |r: &mut Random| *r.pick(&["+", "-", "+", "-", "x", "÷", "×"]);
    let end = |r: &mut Random| *r.pick(&["=", "=", "=", ">", "<"]);
    // The first, the second: a name with a number, of which functions are taken.
    let counted =
        |r: &mut Random| format!("{}{}", r.pick(&['x', 'X', 'y', 'r', 'a', 't', 'S', 'L', 'P', 'v', 'R', 'k']), r.below(10));
    match r.below(9) {
        7 => {
            let decimals = r.between(1, 5);
            let value =
                if r.chance(0.5) { r.below(100).to_string() } else { format!("{}.{}", r.below(4), many(r, decimals, digit)) };
            format!("{}{air}={air}{}{value}", counted(r), r.pick(&["", "", "-"]))
        }
        8 => {
            let of = *r.pick(&['f', 'f', 'g', 'F', 'P']);
            match r.below(3) {
                0 => format!("{of}({}){}{of}({})", counted(r), sign(r), counted(r)),
                1 => format!("{of}({}){air}={air}{}.{}", counted(r), r.pick(&["0", "-0", "1", "-2"]), many(r, 4, digit)),
                _ => format!("{of}({name}){air}={air}{}{name}{}{}", factor(r), sign(r), r.between(1, 12)),
            }
        }
        0 => format!("{name}{air}={air}{}{}", r.pick(&["", "", "-"]), r.between(0, 120)),
        1 => {
            let (f, g) = (factor(r), factor(r));
            format!("{f}{name}²{}{g}{name}{}{}{}0", sign(r), sign(r), r.between(1, 30), end(r))
        }
        2 => {
            let (f, g) = (factor(r), factor(r));
            format!("{f}{name}{air}{}{air}{g}y{air}={air}{}", r.pick(&["+", "-"]), r.between(0, 60))
        }
        3 => format!("({name}{}{})({name}{}{})", sign(r), r.between(1, 9), sign(r), r.between(1, 9)),
        4 => {
            let (text, answer) = content::sum(r);
            if r.chance(0.6) {
                format!("{text}{air}={air}{answer}")
            } else {
                text
            }
        }
        5 => {
            let f = factor(r);
            format!("{f}{name}{air}{}{air}{}{air}{}{air}{}", sign(r), r.between(1, 40), end(r), r.between(1, 90))
        }
        _ => {
            let (f, g) = (factor(r), factor(r));
            format!("{}({f}{name}{}{})/{g}", r.between(2, 9), sign(r), r.between(1, 20)).trim_end_matches('/').to_string()
        }
    }
}

/// A place as it stands on a letter, and the like.
fn address(lib: &Library, r: &mut Random) -> String {
    let name = content::capitalised(&content::word(lib, r));
    let n = r.between(1, 240);
    match r.below(5) {
        0 => format!("{n} {name} {}", r.pick(&["St", "St.", "Rd", "Road", "Ave", "Lane", "Street"])),
        1 => format!("{name}{} {n}", r.pick(&["str.", "weg", "platz", "gasse", "allee"])),
        2 => format!("{} {name}", many(r, 5, digit)),
        3 => format!("{name} {}", many(r, 6, digit)),
        _ => format!("{n}, rue {name}"),
    }
}

fn capitals(lib: &Library, r: &mut Random) -> String {
    let n = r.between(1, 3);
    (0..n).map(|_| content::word(lib, r).to_uppercase()).collect::<Vec<_>>().join(" ")
}

/// A text of any of these kinds; about half of them hold digits.
pub fn entry(lib: &Library, r: &mut Random) -> String {
    match r.below(43) {
        0..=2 => string(r),
        3..=6 => code(r),
        7..=10 => single(r),
        11..=13 | 35 => content::chess(r),
        14 | 15 => unit(r),
        16 => time(r),
        17 | 18 => algebra(r),
        19 => address(lib, r),
        20..=22 => capitals(lib, r),
        23 | 24 => content::name(lib, r),
        25..=27 => {
            let n = r.between(1, 5);
            content::words(lib, r, n)
        }
        28 | 29 => content::word(lib, r),
        30 => content::entry(lib, r),
        31 => format!("{} {}", content::capitalised(&content::word(lib, r)), many(r, 3, digit)),
        32 | 33 => item(lib, r),
        34 => roman(r),
        38 | 39 => listed(lib, r),
        40 => day(r),
        41 => worded(r),
        42 => code(r),
        _ => texts::numeric(r),
    }
}
