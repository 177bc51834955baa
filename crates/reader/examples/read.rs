//! Reads pictures natively, to look at how: `cargo run --release -p reader --example read -- [--stages DIR] [--models DIR] FILE...`
//! prints a JSON object a picture (see `reader::result::Page`, and each word's `Witness` beside it), on all cores, and with `--stages` writes each stage as a picture, with
//! a list of the segments, what was read in them and why they were kept or dropped.

mod nets;

use reader::recogniser::{Lines, PageModel};
use reader::{pictures, Options};
use std::path::{Path, PathBuf};
use std::time::Instant;

fn main() {
    let mut files: Vec<PathBuf> = Vec::new();
    let (mut stages, mut models): (Option<PathBuf>, PathBuf) = (None, "models".into());
    let mut options = Options::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(a) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_else(|| panic!("{a} wants a value"));
        match a.as_str() {
            "--stages" => stages = Some(value().into()),
            "--models" => models = value().into(),
            "--options" => options = serde_json::from_str(&value()).expect("options are JSON"),
            _ => files.push(a.into()),
        }
    }
    nets::on_all_cores(&files, &models, |_, file, net, lines| match read(file, net, lines, &options, stages.as_deref()) {
        Ok(json) => println!("{json}"),
        Err(e) => eprintln!("{}: {e}", file.display()),
    });
}

fn read(
    file: &Path,
    net: &mut PageModel,
    lines: &mut Lines,
    options: &Options,
    stages: Option<&Path>,
) -> Result<serde_json::Value, String> {
    let (gray, chroma) = nets::picture(file)?;
    let mut begun: Vec<(&str, Instant)> = Vec::new();
    let mut enter = |stage: &'static str| begun.push((stage, Instant::now()));
    let page = reader::read_page(net, lines, &gray, chroma.as_ref(), options, &mut enter).map_err(|e| e.to_string())?;
    begun.push(("", Instant::now()));
    let times: serde_json::Map<String, serde_json::Value> =
        begun.windows(2).map(|p| (p[0].0.to_string(), ((p[1].1 - p[0].1).as_millis() as u64).into())).collect();
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if let Some(folder) = stages {
        std::fs::create_dir_all(folder).map_err(|e| e.to_string())?;
        let analysis = reader::stages(net, lines, &gray, chroma.as_ref()).map_err(|e| e.to_string())?;
        for p in pictures::of(&analysis) {
            let stage = p.name();
            let path = folder.join(format!("{name}.{}.png", stage.split(' ').next().unwrap_or_default()));
            image::save_buffer(&path, &p.gray.data, p.gray.width as u32, p.gray.height as u32, image::ColorType::L8)
                .map_err(|e| e.to_string())?;
        }
        let mut list = String::new();
        for l in &page.lines {
            for w in &l.words {
                list += &format!("read {:?} {:.2} hand {:.2} at {:?}\n", w.text, w.confidence, w.handwritten, w.bounds);
            }
        }
        for s in &page.suppressed {
            list += &format!("{:?} {:?} {:.2} hand {:.2} at {:?}\n", s.reason, s.text, s.confidence, s.handwritten, s.bounds);
        }
        std::fs::write(folder.join(format!("{name}.txt")), list).map_err(|e| e.to_string())?;
    }
    let mut json = serde_json::to_value(&page).map_err(|e| e.to_string())?;
    for (line, from) in json["lines"].as_array_mut().into_iter().flatten().zip(&page.lines) {
        for (word, from) in line["words"].as_array_mut().into_iter().flatten().zip(&from.words) {
            let w = from.witness;
            word["witness"] = serde_json::json!([w.hand, w.print, w.ink, w.glyphs, w.twin]);
        }
    }
    json["file"] = name.into();
    json["times"] = times.into();
    Ok(json)
}
