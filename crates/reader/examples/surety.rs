//! Fits how sure words are: how much of each was read right, and whether all of it was, on pages whose handwriting is known. `cargo run
//! --release -p reader --example surety -- [--models DIR] MANIFEST...` reads the pictures that manifests name (a line of JSON each, with
//! `file` and the written lines as `handwritten`), and prints the weights of `LEGIBLE` and `RIGHT` in `reader::surety`; and what is lost a
//! word where each fifth of the pages is judged by weights fitted to the others.

mod logistic;
mod nets;

use logistic::Point;
use reader::result::Line;
use reader::surety::{self, FEATURES};
use reader::Options;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// A word.
struct Sample {
    /// Its page, by number.
    page: usize,
    /// Whether it is as good as a reading: what is none is never right.
    is_legible: bool,
    /// What is known of it: how much is right, and whether all is.
    known: [Point<FEATURES>; 2],
}

/// Written lines of a page without spaces, and its tokens.
type Truth = (Vec<Vec<char>>, Vec<String>);

/// How much weights are held towards zero, against a word.
const RIDGE: f64 = 1.0;
/// Parts of the pages, each of which is judged by weights that were fitted to the others.
const PARTS: usize = 5;

fn main() {
    let (mut models, mut manifests) = (PathBuf::from("models"), Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(a) = arguments.next() {
        match a.as_str() {
            "--models" => models = arguments.next().expect("--models wants a folder").into(),
            _ => manifests.push(PathBuf::from(a)),
        }
    }
    let pages: Vec<(PathBuf, Truth)> = manifests.iter().flat_map(|m| listed(m)).collect();
    let samples = read(&pages, &models);
    for (head, name) in ["legible", "right"].into_iter().enumerate() {
        let is_asked = |s: &&Sample| head == 0 || s.is_legible;
        let all = || samples.iter().filter(is_asked);
        let points = |part: Option<usize>, mine: bool| -> Vec<&Point<FEATURES>> {
            all().filter(|s| part.is_none_or(|p| (s.page % PARTS == p) == mine)).map(|s| &s.known[head]).collect()
        };
        let weights = logistic::fit(&points(None, true), RIDGE);
        let lost: f64 = (0..PARTS)
            .map(|part| {
                let own = points(Some(part), true);
                logistic::loss(&own, &logistic::fit(&points(Some(part), false), RIDGE)) * own.len() as f64
            })
            .sum();
        let n = all().count();
        println!("{name}: {weights:.2?}; {n} words, {:.4} nats lost a word", lost / n as f64);
    }
}

/// Pictures of a manifest with handwriting, and what is written.
fn listed(manifest: &Path) -> Vec<(PathBuf, Truth)> {
    let text = std::fs::read_to_string(manifest).unwrap_or_else(|e| panic!("cannot read {}: {e}", manifest.display()));
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
    let page = |row: Value| -> (PathBuf, Truth) {
        let lines: Vec<&str> = row["handwritten"].as_array().into_iter().flatten().map(|l| l.as_str().expect("a text")).collect();
        let tokens = lines.iter().flat_map(|l| l.split_whitespace()).map(String::from).collect();
        let lines = lines.iter().map(|l| l.chars().filter(|c| !c.is_whitespace()).collect()).collect();
        (manifest.with_file_name(row["file"].as_str().expect("a file's name")), (lines, tokens))
    };
    // PDF files are opened elsewhere.
    rows.map(page).filter(|(file, truth)| !truth.0.is_empty() && file.extension().is_none_or(|e| e != "pdf")).collect()
}

/// Reads all pages on all cores.
fn read(pages: &[(PathBuf, Truth)], models: &Path) -> Vec<Sample> {
    let options = Options { illegible: true, ..Options::default() };
    let samples = Mutex::new(Vec::new());
    nets::on_all_cores(pages, models, |number, (file, (lines, tokens)), net, reader| {
        let (gray, chroma) = nets::picture(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let page = reader::read_page(net, reader, &gray, chroma.as_ref(), &options, &mut |_| {}).expect("a page");
        let mut left = tokens.clone();
        let words = page.lines.iter().flat_map(|line| line.words.iter().zip(shares(line, lines)));
        let known = words.map(|(word, share)| {
            let found = left.iter().position(|t| *t == word.text);
            found.map(|at| left.swap_remove(at));
            let point = |x: [f32; FEATURES], is: f64| Point { x: x.map(f64::from), is, weight: 1.0 };
            let e = &word.evidence;
            let known = [point(e.part, share), point(e.whole, found.is_some() as u8 as f64)];
            Sample { page: number, is_legible: surety::is_legible(e), known }
        });
        samples.lock().expect("no panics").extend(known);
    });
    let mut samples = samples.into_inner().expect("no panics");
    // Pages come in the order of the threads.
    samples.sort_by_key(|s: &Sample| s.page);
    samples
}

/// Which share of the characters of each word of a line stands in the line of the truth that is most like it.
fn shares(line: &Line, truth: &[Vec<char>]) -> Vec<f64> {
    let text: Vec<char> = line.words.iter().flat_map(|w| w.text.chars()).collect();
    let common = |t: &Vec<char>| right(&text, t);
    // Of lines of which as much is right, the one with the least beside.
    let best = truth
        .iter()
        .map(|t| (common(t), t.len()))
        .max_by_key(|(right, n)| (2 * right.iter().filter(|&&r| r).count() as i64 - *n as i64, *n));
    let right = best.map_or(vec![false; text.len()], |b| b.0);
    let mut rest = &right[..];
    let words = line.words.iter().map(|word| {
        let (own, others) = rest.split_at(word.text.chars().count());
        rest = others;
        own.iter().filter(|&&r| r).count() as f64 / own.len().max(1) as f64
    });
    words.collect()
}

/// Which characters of `a` are in the longest text that both have in common, characters between left out.
fn right(a: &[char], b: &[char]) -> Vec<bool> {
    let width = b.len() + 1;
    // Characters in common from here to the ends.
    let mut common = vec![0usize; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let next = |i: usize, j: usize| common[i * width + j];
            common[i * width + j] = if a[i] == b[j] { next(i + 1, j + 1) + 1 } else { next(i + 1, j).max(next(i, j + 1)) };
        }
    }
    let (mut out, mut i, mut j) = (vec![false; a.len()], 0, 0);
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            out[i] = true;
            (i, j) = (i + 1, j + 1);
        } else if common[(i + 1) * width + j] >= common[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    out
}
