//! Fits what is legible: how much of each word was read right, on pages whose handwriting is known. `cargo run --release -p reader --example
//! legible -- [--models DIR] MANIFEST...` reads the pictures that manifests name (a line of JSON each, with `file` and the written lines
//! as `handwritten`), and prints the weights of `reader::legible::LEGIBILITY`; and what is lost a word where each fifth of the pages is
//! judged by weights fitted to the others.

mod logistic;
mod nets;

use logistic::Point;
use reader::legible::FEATURES;
use reader::result::Line;
use reader::Options;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The page of a word by its number, and what is known of it.
type Sample = (usize, Point<FEATURES>);

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
    let pages: Vec<(PathBuf, Vec<Vec<char>>)> = manifests.iter().flat_map(|m| listed(m)).collect();
    let samples = read(&pages, &models);
    let all = || samples.iter();
    let weights = logistic::fit(&all().map(|s| &s.1).collect::<Vec<_>>(), RIDGE);
    let lost: f64 = (0..PARTS)
        .map(|part| {
            let of = |mine: bool| all().filter(|s| (s.0 % PARTS == part) == mine).map(|s| &s.1).collect::<Vec<_>>();
            let others = logistic::fit(&of(false), RIDGE);
            logistic::loss(&of(true), &others) * of(true).len() as f64
        })
        .sum();
    println!("{weights:.2?}; {} words, {:.4} nats lost a word", samples.len(), lost / samples.len() as f64);
}

/// Pictures of a manifest with handwriting, and its lines without spaces.
fn listed(manifest: &Path) -> Vec<(PathBuf, Vec<Vec<char>>)> {
    let text = std::fs::read_to_string(manifest).unwrap_or_else(|e| panic!("cannot read {}: {e}", manifest.display()));
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
    let page = |row: Value| -> (PathBuf, Vec<Vec<char>>) {
        let lines = row["handwritten"].as_array().into_iter().flatten();
        let lines = lines.map(|l| l.as_str().expect("a text").chars().filter(|c| !c.is_whitespace()).collect()).collect();
        (manifest.with_file_name(row["file"].as_str().expect("a file's name")), lines)
    };
    // PDF files are opened elsewhere.
    rows.map(page).filter(|(file, lines)| !lines.is_empty() && file.extension().is_none_or(|e| e != "pdf")).collect()
}

/// Reads all pages on all cores.
fn read(pages: &[(PathBuf, Vec<Vec<char>>)], models: &Path) -> Vec<Sample> {
    let options = Options { illegible: true, ..Options::default() };
    let samples = Mutex::new(Vec::new());
    nets::on_all_cores(pages, models, |number, (file, truth), net, lines| {
        let (gray, chroma) = nets::picture(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let page = reader::read_page(net, lines, &gray, chroma.as_ref(), &options, &mut |_| {}).expect("a page");
        let known = page.lines.iter().flat_map(|line| shares(line, truth)).map(|point| (number, point));
        samples.lock().expect("no panics").extend(known);
    });
    let mut samples = samples.into_inner().expect("no panics");
    // Pages come in the order of the threads.
    samples.sort_by_key(|s: &Sample| s.0);
    samples
}

/// Which share of the characters of each word of a line stands in the line of the truth that is most like it.
fn shares(line: &Line, truth: &[Vec<char>]) -> Vec<Point<FEATURES>> {
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
        let is = own.iter().filter(|&&r| r).count() as f64 / own.len().max(1) as f64;
        Point { x: word.legibility.map(f64::from), is, weight: 1.0 }
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
