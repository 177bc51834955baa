//! Fits the judge: who made each word, on pages where that is known. `cargo run --release -p reader --example judge -- --data DIR
//! [--models DIR] [--units FOLDER]` reads every fourth page of the printed ones, every sixth of the copyists', every eighth sudoku (of the
//! half that nets learn from), and the pages whose units are labelled in FOLDER, with print read out; and prints the weights of
//! `reader::judge::JUDGE`, and for each set what part of its words falls on which side.

mod logistic;
mod nets;

use logistic::{dot, Point};
use reader::judge::{features, FEATURES};
use reader::result::{Bounds, Word};
use reader::{Options, Printed};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Who made what stands at a place of a page.
enum Truth {
    /// All of it is print.
    Print,
    /// What lies in one of these boxes is written.
    Written(Vec<Bounds>),
    /// Boxes of what is written or printed, and whether it is written.
    Units(Vec<(Bounds, bool)>),
    /// A grid by its corners, and for each of its 81 cells whether a printed digit stands there.
    Grid([[f64; 2]; 4], Vec<bool>),
}

struct Sample {
    set: &'static str,
    page: usize,
    written: bool,
    x: [f64; FEATURES],
}

/// A sudoku whose outline is that of its photo turned right by a quarter.
const TURNED: &str = "image1038";

/// How much weights are held towards zero, against all words together.
const RIDGE: f64 = 1e-3;

fn main() {
    let (mut data, mut models, mut units) = (PathBuf::new(), PathBuf::from("models"), None::<PathBuf>);
    let mut arguments = std::env::args().skip(1);
    while let Some(a) = arguments.next() {
        let value = arguments.next().unwrap_or_else(|| panic!("{a} wants a value"));
        match a.as_str() {
            "--data" => data = value.into(),
            "--models" => models = value.into(),
            "--units" => units = Some(value.into()),
            _ => panic!("{a} is no option: --data DIR, --models DIR, --units FOLDER"),
        }
    }
    let mut pages: Vec<(&'static str, PathBuf, Truth)> = Vec::new();
    let folder = data.join("pages");
    pages.extend(files(&folder.join("printed-only"), "jpg").into_iter().step_by(4).map(|f| ("printed", f, Truth::Print)));
    for file in files(&folder.join("banq-copiste"), "jpg").into_iter().step_by(6) {
        let lines = text(&file.with_extension("lines.jsonl"));
        let boxes = lines.lines().map(|l| around(&json(l)["polygon"])).collect();
        pages.push(("copyists", file, Truth::Written(boxes)));
    }
    let sudokus = folder.join("sudoku-mixed");
    let outlines = text(&sudokus.join("outlines_sorted.csv"));
    for file in files(&sudokus.join("mixed"), "jpg").into_iter().step_by(8) {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        if name == TURNED {
            continue;
        }
        let corners = outlines.lines().find_map(|l| l.strip_prefix(&format!("./images/{name}.jpg,")));
        let digits = std::fs::read_to_string(sudokus.join("images").join(format!("{name}.dat")));
        if let (Some(corners), Ok(digits)) = (corners, digits) {
            let n: Vec<f64> = corners.split(',').map(|v| v.trim().parse().expect("a number")).collect();
            let printed = digits.lines().skip(2).flat_map(|l| l.split_whitespace().map(|d| d != "0").collect::<Vec<_>>());
            pages.push(("sudokus", file, Truth::Grid(core::array::from_fn(|k| [n[2 * k], n[2 * k + 1]]), printed.collect())));
        }
    }
    for file in units.iter().flat_map(|u| files(u, "json")) {
        let labelled = json(&text(&file));
        let name = labelled["file"].as_str().expect("a file's name");
        // Pictures alone: PDF files are opened elsewhere.
        if name.ends_with(".pdf") {
            continue;
        }
        let page = units.as_deref().and_then(Path::parent).expect("a folder above").join(name);
        let boxes = labelled["units"].as_array().expect("units").iter();
        // Of what is labelled otherwise nobody can tell who made it.
        let known = boxes.filter(|u| u["by"] == "hand" || u["by"] == "print");
        let boxes = known.map(|u| (bounds(&u["box"]), u["by"] == "hand")).collect();
        pages.push(("units", page, Truth::Units(boxes)));
    }
    let samples = read(&pages, &models);
    let weights = weights(&samples);
    let points: Vec<Point<FEATURES>> =
        samples.iter().zip(&weights).map(|(s, &weight)| Point { x: s.x, is: s.written as u8 as f64, weight }).collect();
    let points: Vec<&Point<FEATURES>> = points.iter().collect();
    let fitted = logistic::fit(&points, RIDGE);
    println!("{fitted:.2?} for core, ink, twin, lone, tone, bias; {:.4} nats lost a word", logistic::loss(&points, &fitted));
    for (set, written) in
        [("printed", false), ("copyists", true), ("sudokus", false), ("sudokus", true), ("units", false), ("units", true)]
    {
        let of: Vec<&Sample> = samples.iter().filter(|s| s.set == set && s.written == written).collect();
        let kept = of.iter().filter(|s| dot(&fitted, &s.x) > 0.0).count();
        println!(
            "{set}, {}: {} words, {:.2} % read out",
            if written { "written" } else { "print" },
            of.len(),
            100.0 * kept as f64 / of.len().max(1) as f64
        );
    }
}

/// Reads all pages on all cores.
fn read(pages: &[(&'static str, PathBuf, Truth)], models: &Path) -> Vec<Sample> {
    let options = Options { printed: Printed::Keep, ..Options::default() };
    let samples = Mutex::new(Vec::new());
    nets::on_all_cores(pages, models, |number, (set, file, truth), net, lines| {
        let (gray, chroma) = nets::picture(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let read = reader::read_page(net, lines, &gray, chroma.as_ref(), &options, &mut |_| {});
        let words = read.expect("a page").lines.into_iter().flat_map(|l| l.words);
        let known = words.filter_map(|w| {
            let x = features(&w.witness).map(|v| v as f64);
            Some(Sample { set, page: number, written: maker(&w, truth)?, x })
        });
        samples.lock().expect("no panics").extend(known);
    });
    let mut samples = samples.into_inner().expect("no panics");
    // Pages come in the order of the threads.
    samples.sort_by_key(|s: &Sample| s.page);
    samples
}

/// Whether a word is written, where that is known.
fn maker(word: &Word, truth: &Truth) -> Option<bool> {
    let [x, y, w, h] = word.bounds.map(|v| v as f64);
    let middle = [x + w / 2.0, y + h / 2.0];
    match truth {
        Truth::Print => Some(false),
        Truth::Written(boxes) => boxes.iter().any(|b| holds(b, middle)).then_some(true),
        Truth::Units(boxes) => {
            let part = |written: bool| {
                let of = boxes.iter().filter(|b| b.1 == written).map(|b| shared(&b.0, &word.bounds));
                of.sum::<f64>() / (w * h).max(1.0)
            };
            let (written, printed) = (part(true), part(false));
            match (written > 0.5 && printed < 0.2, printed > 0.5 && written < 0.1) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            }
        }
        Truth::Grid(corners, printed) => {
            let [u, v] = within(corners, middle);
            let inside = (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v) && word.text.chars().count() == 1;
            inside.then(|| !printed[(v * 9.0) as usize * 9 + (u * 9.0) as usize])
        }
    }
}

fn holds(b: &Bounds, [x, y]: [f64; 2]) -> bool {
    let [left, top, w, h] = b.map(|v| v as f64);
    (left..left + w).contains(&x) && (top..top + h).contains(&y)
}

fn shared(a: &Bounds, b: &Bounds) -> f64 {
    let along = |k: usize| ((a[k] + a[k + 2]).min(b[k] + b[k + 2]) - a[k].max(b[k])).max(0) as f64;
    along(0) * along(1)
}

/// Where in a quadrilateral a point lies: 0..1 from its first to its second corner, and from its first to its last. Newton's steps on the
/// bilinear map.
fn within(corners: &[[f64; 2]; 4], point: [f64; 2]) -> [f64; 2] {
    let [a, b, c, d] = *corners;
    let (mut u, mut v) = (0.5, 0.5);
    for _ in 0..20 {
        let at = |k: usize| (1.0 - v) * ((1.0 - u) * a[k] + u * b[k]) + v * ((1.0 - u) * d[k] + u * c[k]);
        let by_u = |k: usize| (1.0 - v) * (b[k] - a[k]) + v * (c[k] - d[k]);
        let by_v = |k: usize| (1.0 - u) * (d[k] - a[k]) + u * (c[k] - b[k]);
        let (x, y) = (point[0] - at(0), point[1] - at(1));
        let det = by_u(0) * by_v(1) - by_v(0) * by_u(1);
        if det == 0.0 {
            break;
        }
        (u, v) = (u + (x * by_v(1) - y * by_v(0)) / det, v + (y * by_u(0) - x * by_u(1)) / det);
    }
    [u, v]
}

/// Each set and maker weighs alike, the labelled units three times as much, as they are of the kinds of pages that are read; their pages
/// weigh by the root of how many words they have.
fn weights(samples: &[Sample]) -> Vec<f64> {
    let mut words: HashMap<(usize, bool), f64> = HashMap::new();
    samples.iter().for_each(|s| *words.entry((s.page, s.written)).or_default() += 1.0);
    let raw = |s: &Sample| if s.set == "units" { 1.0 / words[&(s.page, s.written)].sqrt() } else { 1.0 };
    let mut totals: HashMap<(&str, bool), f64> = HashMap::new();
    samples.iter().for_each(|s| *totals.entry((s.set, s.written)).or_default() += raw(s));
    let whole = |s: &Sample| if s.set == "units" { 3.0 } else { 1.0 } / totals[&(s.set, s.written)];
    let weights: Vec<f64> = samples.iter().map(|s| raw(s) * whole(s)).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|w| w / sum).collect()
}

fn files(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("cannot list {}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == kind));
    files.sort();
    files
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("cannot read {}: {e}", path.display()))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn bounds(v: &Value) -> Bounds {
    core::array::from_fn(|k| v[k].as_f64().expect("a number") as i32)
}

/// The box around a polygon.
fn around(polygon: &Value) -> Bounds {
    let points: Vec<[i32; 2]> =
        polygon.as_array().expect("points").iter().map(|p| [0, 1].map(|k| p[k].as_f64().expect("a number") as i32)).collect();
    let least = |k: usize| points.iter().map(|p| p[k]).min().unwrap_or(0);
    let most = |k: usize| points.iter().map(|p| p[k]).max().unwrap_or(0);
    [least(0), least(1), most(0) - least(0), most(1) - least(1)]
}
