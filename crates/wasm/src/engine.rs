//! Reading pages: files or pixels in, one JSON a page out.

use crate::fault;
use page::raster::{Chroma, Gray};
use reader::recogniser::{Crop, Lines, PageModel, Recogniser};
use reader::Options;
use wasm_bindgen::prelude::*;

fn error(message: impl core::fmt::Display) -> JsError {
    JsError::new(&message.to_string())
}

/// A decoded page that waits to be read; its pixels stay in this module's memory.
#[wasm_bindgen]
pub struct Picture {
    gray: Gray,
    chroma: Option<Chroma>,
    dpi: Option<f32>,
    orientation: u16,
    note: Option<&'static str>,
}

#[wasm_bindgen]
impl Picture {
    /// Page `page` (from 0) of an image file.
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: &[u8], page: usize, most_pixels: f64) -> Result<Picture, JsError> {
        let r = decode::decode(bytes, page, most_pixels as u64).map_err(error)?;
        Ok(Picture {
            gray: Gray::new(r.width, r.height, r.gray),
            chroma: r.chroma,
            dpi: r.dpi,
            orientation: r.orientation,
            note: r.note,
        })
    }
    /// Interleaved pixels with 1, 3 or 4 channels; a fourth is ignored.
    #[wasm_bindgen(js_name = fromPixels)]
    pub fn from_pixels(pixels: Vec<u8>, width: usize, height: usize, channels: usize) -> Result<Picture, JsError> {
        if ![1, 3, 4].contains(&channels) || pixels.len() != width * height * channels || pixels.is_empty() {
            return Err(error(format!("{} bytes are not {width} x {height} pixels of {channels} channels", pixels.len())));
        }
        let chroma = if channels == 1 { None } else { page::raster::Chroma::from_rgb(&pixels, width, height, channels) };
        let mut gray = Gray::from_pixels(&pixels, width, height, channels);
        page::raster::stretch(&mut gray.data);
        Ok(Picture { gray, chroma, dpi: None, orientation: 1, note: None })
    }
    #[wasm_bindgen(getter)]
    pub fn width(&self) -> usize {
        self.gray.width
    }
    #[wasm_bindgen(getter)]
    pub fn height(&self) -> usize {
        self.gray.height
    }
    #[wasm_bindgen(getter)]
    pub fn dpi(&self) -> Option<f32> {
        self.dpi
    }
    /// The orientation that the file says, 1 to 8 (EXIF), and that was applied.
    #[wasm_bindgen(getter)]
    pub fn orientation(&self) -> u16 {
        self.orientation
    }
    /// What is odd about the file, though it could be decoded.
    #[wasm_bindgen(getter)]
    pub fn note(&self) -> Option<String> {
        self.note.map(String::from)
    }
    /// Grey pixels, row-major, 0 black.
    pub fn gray(&self) -> Vec<u8> {
        self.gray.data.clone()
    }
    /// Colour at quarter scale, `[ceil(height / 4)][ceil(width / 4)][2]`, Cb and Cr with 128 for neutral; absent for grey pictures.
    pub fn chroma(&self) -> Option<Vec<u8>> {
        self.chroma.as_ref().map(|c| c.data.clone())
    }
}

/// Pages of an image file.
#[wasm_bindgen(js_name = countPages)]
pub fn count_pages(bytes: &[u8]) -> Result<usize, JsError> {
    decode::pages(bytes).map_err(error)
}

/// Interleaved red, green and blue of page `page` (from 0) of an image file, upright, as many as its `Picture` has pixels.
#[wasm_bindgen(js_name = decodeRgb)]
pub fn decode_rgb(bytes: &[u8], page: usize, most_pixels: f64) -> Result<Vec<u8>, JsError> {
    decode::decode_rgb(bytes, page, most_pixels as u64).map(|(_, _, rgb)| rgb).map_err(error)
}

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since the program started.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// A loaded model, ready to read.
#[wasm_bindgen]
pub struct Engine {
    page: PageModel,
    lines: Lines,
    /// Stages of the last page and how many milliseconds each took.
    times: Vec<(&'static str, f64)>,
}

#[wasm_bindgen]
impl Engine {
    /// From the bytes of a model of pages, one of lines and one of single digits.
    #[wasm_bindgen(constructor)]
    pub fn new(page: &[u8], line: &[u8], digits: &[u8]) -> Result<Engine, JsError> {
        let page = PageModel::load(page).map_err(error)?;
        let line = net::line::LineNet::load(line).map_err(error)?;
        let digits = net::digits::DigitNet::load(digits).map_err(error)?;
        Ok(Engine { page, lines: Lines { line, digits }, times: Vec::new() })
    }

    /// Reads a page; `options` and the result are JSON (see `reader::Options` and `reader::result::Page`).
    pub fn read(&mut self, picture: &Picture, options: &str) -> Result<Vec<u8>, JsError> {
        let options: Options = serde_json::from_str(options).map_err(error)?;
        self.times.clear();
        // Each stage with the time at which it begins, and then with the time that it took.
        let times = &mut self.times;
        let mut enter = |stage| {
            fault::enter(stage);
            times.push((stage, now()));
        };
        let (gray, chroma) = (&picture.gray, picture.chroma.as_ref());
        let page = reader::read_page(&mut self.page, &mut self.lines, gray, chroma, &options, &mut enter).map_err(error)?;
        fault::enter("decode");
        let mut end = now();
        for (_, time) in self.times.iter_mut().rev() {
            (*time, end) = (end - *time, *time);
        }
        serde_json::to_vec(&page).map_err(error)
    }

    /// Milliseconds of each stage of the last page, as JSON with the stages in their order.
    pub fn times(&self) -> String {
        // A map of serde_json's would sort them by name.
        let stages: Vec<String> = self.times.iter().map(|(stage, ms)| format!("\"{stage}\":{ms}")).collect();
        format!("{{{}}}", stages.join(","))
    }

    /// Reads single lines that somebody else has cut: grey pixels, one after another; `sizes` holds width and height of each.
    #[wasm_bindgen(js_name = readLines)]
    pub fn read_lines(&mut self, pixels: &[u8], sizes: &[u32], options: &str) -> Result<Vec<u8>, JsError> {
        let options: Options = serde_json::from_str(options).map_err(error)?;
        let charset = self.lines.charset(options.allowed.as_deref());
        let mut at = 0;
        let mut crops = Vec::new();
        for s in sizes.chunks_exact(2) {
            let (w, h) = (s[0] as usize, s[1] as usize);
            let Some(gray) = pixels.get(at..at + w * h) else {
                return Err(error("the sizes ask for more pixels than there are"));
            };
            let mut gray = gray.to_vec();
            let paper = net::normalise::paper(&gray);
            net::normalise::erase_edge_rules(&mut gray, w, h, paper);
            crops.push(Crop { gray, width: w, height: h, digit: 0 });
            at += w * h;
        }
        let pattern = options.pattern.as_deref().map(net::pattern::Pattern::new).transpose().map_err(error)?;
        let lines = self.lines.read(&crops, &charset, pattern.as_ref()).map_err(error)?;
        let out: Vec<serde_json::Value> = lines
            .iter()
            .zip(reader::surety::of_lines(&self.lines, &lines))
            .map(|(r, words)| serde_json::json!({ "text": r.text(), "confidence": self.lines.line.surety(r), "words": words }))
            .collect();
        serde_json::to_vec(&out).map_err(error)
    }

    /// What the page stage would give the recogniser, without reading it: grey pixels of each segment one after another.
    pub fn crops(&mut self, picture: &Picture) -> Result<Crops, JsError> {
        let a = self.analyse(picture)?;
        let mut c = Crops { sizes: Vec::new(), pixels: Vec::new() };
        for Crop { gray, width, height, .. } in reader::segment_crops(&a) {
            c.sizes.extend([width as u32, height as u32]);
            c.pixels.extend(gray);
        }
        Ok(c)
    }

    /// Likewise, those crops of a page with these `units` (JSON, see `reader::truth::Known`) of which it is known what they say.
    #[wasm_bindgen(js_name = knownCrops)]
    pub fn known_crops(&mut self, picture: &Picture, units: &str) -> Result<KnownCrops, JsError> {
        let units: Vec<reader::truth::Known> = serde_json::from_str(units).map_err(error)?;
        let (gray, chroma) = (&picture.gray, picture.chroma.as_ref());
        let known = reader::known_crops(&mut self.page, &mut self.lines, gray, chroma, &units).map_err(error)?;
        let mut out = KnownCrops { said: String::new(), pixels: Vec::new() };
        let mut said = Vec::new();
        for k in known {
            let Crop { gray, width, height, digit } = k.crop;
            said.push(serde_json::json!({ "width": width, "height": height, "digit": digit, "text": k.text, "by": k.by }));
            out.pixels.extend(gray);
        }
        out.said = serde_json::to_string(&said).map_err(error)?;
        Ok(out)
    }

    fn analyse(&mut self, picture: &Picture) -> Result<page::Analysis, JsError> {
        reader::stages(&mut self.page, &mut self.lines, &picture.gray, picture.chroma.as_ref()).map_err(error)
    }

    /// Pictures of the stages of a page: names and sizes as JSON, and the grey pixels one after another.
    pub fn stages(&mut self, picture: &Picture) -> Result<Stages, JsError> {
        let (names, pictures) =
            reader::pictures::of(&self.analyse(picture)?).into_iter().map(|p| (p.name(), p.gray.data)).unzip();
        Ok(Stages { names, pictures })
    }
}

/// Pictures of the page stages.
#[wasm_bindgen]
pub struct Stages {
    names: Vec<String>,
    pictures: Vec<Vec<u8>>,
}

#[wasm_bindgen]
impl Stages {
    /// "NAME WIDTH HEIGHT" of each.
    pub fn names(&self) -> Vec<String> {
        self.names.clone()
    }
    /// Grey pixels of stage `i`.
    pub fn picture(&self, i: usize) -> Option<Vec<u8>> {
        self.pictures.get(i).cloned()
    }
}

/// Crops of a page's segments.
#[wasm_bindgen]
pub struct Crops {
    sizes: Vec<u32>,
    pixels: Vec<u8>,
}

#[wasm_bindgen]
impl Crops {
    /// Width and height of each.
    pub fn sizes(&self) -> Vec<u32> {
        self.sizes.clone()
    }
    pub fn pixels(&self) -> Vec<u8> {
        self.pixels.clone()
    }
}

/// Crops of which it is known what they say.
#[wasm_bindgen]
pub struct KnownCrops {
    said: String,
    pixels: Vec<u8>,
}

#[wasm_bindgen]
impl KnownCrops {
    /// Of each crop `{ width, height, digit, text, by }`, as JSON.
    pub fn said(&self) -> String {
        self.said.clone()
    }
    /// Grey pixels of each, one after another.
    pub fn pixels(&self) -> Vec<u8> {
        self.pixels.clone()
    }
}

/// A network by itself: inputs in, logits out. For single characters, probes and benchmarks.
#[wasm_bindgen]
pub struct Runner {
    net: Net,
}

enum Net {
    Float(net::model::Model),
    Int8(net::quantised::Quantised),
}

#[wasm_bindgen]
impl Runner {
    /// `int8` runs the model in integers; its file must state the ranges of its activations.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &[u8], int8: bool) -> Result<Runner, JsError> {
        let model = net::model::Model::load(model).map_err(error)?;
        let net = if int8 { Net::Int8(net::quantised::Quantised::new(model).map_err(error)?) } else { Net::Float(model) };
        Ok(Runner { net })
    }

    /// Logits of `[n][h][w][c]` inputs; their number says how many channels there are.
    pub fn run(&mut self, x: &[f32], n: usize, h: usize, w: usize) -> Result<Vec<f32>, JsError> {
        let size = size(x, n, h, w)?;
        let (logits, _) = match &mut self.net {
            Net::Float(m) => m.run(x, size).map_err(error)?,
            Net::Int8(m) => m.run(x, size).map_err(error)?,
        };
        Ok(logits.to_vec())
    }

    /// Smallest and largest value that each convolution takes in for these inputs, one pair after another.
    pub fn ranges(&self, x: &[f32], n: usize, h: usize, w: usize) -> Result<Vec<f32>, JsError> {
        let size = size(x, n, h, w)?;
        match &self.net {
            Net::Float(m) => Ok(m.ranges(x, size).map_err(error)?.concat()),
            Net::Int8(_) => Err(error("ranges are measured with the model in float")),
        }
    }

    /// A value of the model file's metadata.
    pub fn metadata(&self, key: &str) -> Option<String> {
        match &self.net {
            Net::Float(m) => m.metadata.get(key).cloned(),
            Net::Int8(m) => m.metadata().get(key).cloned(),
        }
    }
}

fn size(x: &[f32], n: usize, h: usize, w: usize) -> Result<net::model::Size, JsError> {
    let pixels = n * h * w;
    if pixels == 0 || x.is_empty() || !x.len().is_multiple_of(pixels) {
        return Err(error(format!("{} values are not {n} pictures of {h} x {w}", x.len())));
    }
    Ok(net::model::Size { n, h, w, c: x.len() / pixels })
}
