//! Samples for training: the library of glyphs, fonts and lines is filled once, batches are made from seeds.

use net::normalise::{self, LineContract};
use train::canvas::Canvas;
use train::glyphs::{augment, Strength};
use train::library::{GlyphSet, Kind, Library, RealLine};
use train::lines::{self, Mix};
use train::pages::{By, PageSample, Unit};
use train::random::Random;
use train::real_pages::{Known, RealPage, Region};
use train::strokes::Hand;
use wasm_bindgen::prelude::*;

/// Material for lines. Failures to read a font or a crop are told to the caller, never skipped in silence.
#[wasm_bindgen]
#[derive(Default)]
pub struct LineLibrary {
    lib: Library,
    last: Option<Line>,
    page: Option<Page>,
    /// Real pages: those whose cells are known, and the others.
    cells: Vec<RealPage>,
    /// By the set that they are from, each as likely as another however many pages it has.
    pages: Vec<Vec<RealPage>>,
}

/// Share of the cells' pages among windows of real ones: nothing else says where walls part what stands close beside them.
const CELLS: f32 = 0.4;

struct Page {
    input: page::input::Input,
    truth: Vec<u8>,
}

struct Line {
    input: normalise::Ink,
    text: Option<String>,
    /// One kind a frame, 255 where nothing is known.
    kinds: Vec<u8>,
}

#[wasm_bindgen]
impl LineLibrary {
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    #[wasm_bindgen(js_name = addGlyphs)]
    pub fn add_glyphs(&mut self, size: usize, images: Vec<u8>, labels: &[u8], classes: &str) {
        self.lib.glyphs.push(GlyphSet::new(size, images, labels, classes));
    }

    /// A TrueType or OpenType font; false where it cannot be parsed.
    #[wasm_bindgen(js_name = addFont)]
    pub fn add_font(&mut self, bytes: Vec<u8>, printed: bool) -> bool {
        match ab_glyph::FontVec::try_from_vec(bytes) {
            Ok(font) if printed => self.lib.print_fonts.push(font),
            Ok(font) => self.lib.hand_fonts.push(font),
            Err(_) => return false,
        }
        true
    }

    /// A crop (see `train::crop`): `shelf` 0 number, 1 text, 2 print. Without a text only its kind is learnt.
    #[wasm_bindgen(js_name = addLine)]
    pub fn add_line(&mut self, crop: Vec<u8>, text: Option<String>, shelf: u8) {
        let kind = if shelf == 2 { Kind::Print } else { Kind::Hand };
        let line = RealLine { crop, text, kind, digit: 0.0 };
        match shelf {
            0 => self.lib.numbers.push(line),
            1 => self.lib.texts.push(line),
            _ => self.lib.prints.push(line),
        }
    }

    /// A crop that the page stage cut out of a drawn page: `kind` 0 hand, 1 print, 2 other; `digit` is the height of its digits in pixels.
    #[wasm_bindgen(js_name = addDrawn)]
    pub fn add_drawn(&mut self, crop: Vec<u8>, text: Option<String>, kind: u8, digit: f32) {
        let kind = [Kind::Hand, Kind::Print, Kind::Other][kind.min(2) as usize];
        self.lib.drawn.push(RealLine { crop, text, kind, digit });
    }

    #[wasm_bindgen(js_name = addWord)]
    pub fn add_word(&mut self, word: String) {
        self.lib.words.push(word);
    }

    /// A character as the strokes of a pen (see `Library::add_drawing`).
    #[wasm_bindgen(js_name = addDrawing)]
    pub fn add_drawing(&mut self, of: char, lengths: &[u32], points: &[f32]) {
        self.lib.add_drawing(of, lengths, points);
    }

    /// A word or a line as strokes (see `Library::add_writing`).
    #[wasm_bindgen(js_name = addWriting)]
    pub fn add_writing(&mut self, text: String, lengths: &[u32], points: &[f32]) {
        self.lib.add_writing(text, lengths, points);
    }

    /// A character of a writer of whom more are known (see `Library::add_character`).
    #[wasm_bindgen(js_name = addCharacter)]
    pub fn add_character(&mut self, writer: &str, of: char, lengths: &[u32], points: &[f32]) {
        self.lib.add_character(writer, of, lengths, points);
    }

    /// To be called when everything has been added: cuts the digits out of the real numbers. Returns how many sets they make.
    pub fn finish(&mut self) -> usize {
        self.lib.written = train::written::glyph_sets(&self.lib.numbers);
        self.lib.written.len()
    }

    /// Makes the line of `seed` and returns the width of its input. `mix` has the eleven shares of `train::lines::Mix` in order.
    pub fn make(&mut self, seed: u64, mix: &[f32], height: usize, margin: usize, stretch: f32, frame: usize) -> usize {
        let mix = Mix {
            glyph_numbers: mix[0],
            writers: mix[1],
            font_words: mix[2],
            real_numbers: mix[3],
            real_texts: mix[4],
            print: mix[5],
            real_print: mix[6],
            mixed: mix[7],
            junk: mix[8],
            drawn: mix[9],
            strokes: mix[10],
        };
        let contract = LineContract { height, margin, stretch };
        let sample = lines::sample(&self.lib, &mix, seed);
        let r = &mut Random::new(seed ^ 0x6a09_e667);
        let ink = normalise::ink(&sample.gray, sample.width, sample.height);
        let mut w = normalise::find_window(&ink);
        // About how high its digits are is known of half of them, as it is known on pages.
        if r.chance(0.5) {
            w = w.at_least(normalise::LOWEST * sample.digit * r.range(0.8, 1.2));
        }
        // The page stage does not cut as it is cut here: neither the height nor the middle is sure.
        let tall = w.bottom - w.top;
        let (a, b) = (r.range(-0.07, 0.16) * tall, r.range(-0.07, 0.16) * tall);
        w.top -= a;
        w.bottom += b;
        let contract = LineContract { stretch: contract.stretch * r.range(0.88, 1.14), ..contract };
        let input = normalise::line_input(&ink, w, &contract);
        let frames = input.width / frame;
        let inner = (input.width - 4 * contract.margin) as f32 / (w.right - w.left);
        let mut kinds = vec![255u8; frames];
        for &(from, to, kind) in &sample.spans {
            for (i, k) in kinds.iter_mut().enumerate() {
                let x = ((i as f32 + 0.5) * frame as f32 - 2.0 * contract.margin as f32) / inner + w.left;
                if x >= from && x < to {
                    *k = kind as u8;
                }
            }
        }
        let width = input.width;
        self.last = Some(Line { input, text: sample.text, kinds });
        width
    }

    /// A real page of the `set`-th set, a JPEG file: `known` 0 nothing on it was written, 1 nothing but in cells, 2 nothing is known but lines.
    /// `regions` holds, for each, whether it was written (1 or 0), how many corners it has, and their x and y. `text` is the height of
    /// its digits in pixels, 0 to have it measured. False where the file is damaged.
    #[wasm_bindgen(js_name = addPage)]
    pub fn add_page(&mut self, set: usize, jpeg: &[u8], known: u8, regions: &[f32], text: f32) -> bool {
        let Some((width, height, rgb)) = train::crop::decode_rgb(jpeg) else { return false };
        let known = [Known::Printed, Known::Cells, Known::Lines][known.min(2) as usize];
        let mut list = Vec::new();
        let mut left = regions;
        while let [written, n, rest @ ..] = left {
            let (corners, rest) = rest.split_at(2 * *n as usize);
            list.push(Region { written: *written != 0.0, polygon: corners.chunks_exact(2).map(|p| (p[0], p[1])).collect() });
            left = rest;
        }
        let page = RealPage::new(&rgb, width, height, known, list, text);
        if known == Known::Cells {
            self.cells.push(page)
        } else {
            while self.pages.len() <= set {
                self.pages.push(Vec::new());
            }
            self.pages[set].push(page)
        }
        true
    }

    /// Makes the page of `seed`: with probability `real` a window of one of the real pages, else a filled-in one (see `train::pages`).
    /// Sides are multiples of 32.
    #[wasm_bindgen(js_name = makePage)]
    pub fn make_page(&mut self, seed: u64, width: usize, height: usize, real: f32) {
        let r = &mut Random::new(seed ^ 0x3c6e_f372);
        let sets: Vec<&Vec<RealPage>> = self.pages.iter().filter(|p| !p.is_empty()).collect();
        let cells = sets.is_empty() || !self.cells.is_empty() && r.chance(CELLS);
        let pages = if cells { &self.cells } else { sets[r.below(sets.len())] };
        let (input, truth) = if !pages.is_empty() && r.chance(real) {
            pages[r.below(pages.len())].sample(width, height, r)
        } else {
            let sample = train::pages::sample(&self.lib, seed, width, height);
            (train::page_input::of_rgb(&sample.rgb, width, height, r), sample.labels.planes.concat())
        };
        self.page = Some(Page { input, truth });
    }

    /// Draws the page of `seed` as `train::pages::sample_large` does: a picture to be read.
    #[wasm_bindgen(js_name = drawPage)]
    pub fn draw_page(&self, seed: u64, width: usize, height: usize, zoom: f32) -> DrawnPage {
        DrawnPage { page: train::pages::sample_large(&self.lib, seed, width, height, zoom) }
    }

    /// Input of the last page made, `[height][width][3]`, see `page::input`.
    #[wasm_bindgen(js_name = pageInput)]
    pub fn page_input(&self) -> Vec<f32> {
        self.page.as_ref().map(|p| p.input.data.clone()).unwrap_or_default()
    }

    /// Truth of the last page made, `[planes][height / 2][width / 2]`, see `page::heads`.
    #[wasm_bindgen(js_name = pageTruth)]
    pub fn page_truth(&self) -> Vec<u8> {
        self.page.as_ref().map(|p| p.truth.clone()).unwrap_or_default()
    }

    /// Text of the last line made; `undefined` where only its kind is known.
    pub fn text(&self) -> Option<String> {
        self.last.as_ref().and_then(|l| l.text.clone())
    }

    /// Input of the last line made, `[height][width]`, ink 0..1.
    pub fn input(&self) -> Vec<f32> {
        self.last.as_ref().map(|l| l.input.data.clone()).unwrap_or_default()
    }

    /// Kind of each frame of the last line made: 0 hand, 1 print, 2 other, 255 unknown.
    pub fn kinds(&self) -> Vec<u8> {
        self.last.as_ref().map(|l| l.kinds.clone()).unwrap_or_default()
    }
}

/// A drawn page and what stands on it.
#[wasm_bindgen]
pub struct DrawnPage {
    page: PageSample,
}

#[wasm_bindgen]
impl DrawnPage {
    /// `[height][width][3]`.
    pub fn rgb(&self) -> Vec<u8> {
        self.page.rgb.clone()
    }
    /// Of each unit whether it is written (1 or 0), and x and y of its corners, from the upper left of the text on clockwise.
    pub fn places(&self) -> Vec<f32> {
        let of = |u: &Unit| {
            [(u.by == By::Hand) as u8 as f32].into_iter().chain(u.quad.into_iter().flat_map(|(x, y)| [x, y])).collect()
        };
        self.page.units.iter().flat_map(|u| -> Vec<f32> { of(u) }).collect()
    }
    /// Of each unit what it says; empty where it is not to be read.
    pub fn texts(&self) -> Vec<String> {
        self.page.units.iter().map(|u| u.text.clone()).collect()
    }
}

/// A grey crop as a line network's input, `[height][width]`; the width is the length over the height.
#[wasm_bindgen(js_name = lineInput)]
pub fn line_input(gray: &[u8], width: usize, height: usize, rows: usize, margin: usize, stretch: f32) -> Vec<f32> {
    let mut gray = gray.to_vec();
    let paper = normalise::paper(&gray);
    normalise::erase_edge_rules(&mut gray, width, height, paper);
    let ink = normalise::ink(&gray, width, height);
    normalise::line_input(&ink, normalise::find_window(&ink), &LineContract { height: rows, margin, stretch }).data
}

/// Width, height (little-endian u32 each) and grey pixels of a JPEG file; empty where it is damaged.
#[wasm_bindgen(js_name = decodeGray)]
pub fn decode_gray(jpeg: &[u8]) -> Vec<u8> {
    let Some((w, h, gray)) = train::crop::decode_gray(jpeg) else { return Vec::new() };
    let mut out = Vec::with_capacity(8 + gray.len());
    out.extend((w as u32).to_le_bytes());
    out.extend((h as u32).to_le_bytes());
    out.extend(gray);
    out
}

/// A glyph of any frame, ink 0..255 on black, in MNIST's frame.
#[wasm_bindgen(js_name = glyphInput)]
pub fn glyph_input(image: &[u8], width: usize, height: usize) -> Vec<f32> {
    let data = image.iter().map(|&v| v as f32 / 255.0).collect();
    normalise::glyph_input(&normalise::Ink { width, height, data })
}

/// What was drawn, in MNIST's frame, `[28][28]`, ink 0..255.
fn framed(k: Canvas) -> impl Iterator<Item = u8> {
    let ink = normalise::Ink { width: k.width, height: k.height, data: k.data };
    normalise::glyph_input(&ink).into_iter().map(|v| (v * 255.0) as u8)
}

/// `n` digits of drawn hands (see `train::strokes`), `[n][28][28]` in MNIST's frame, ink 0..255; digit `i % 10`, a hand for each ten.
#[wasm_bindgen(js_name = drawnDigits)]
pub fn drawn_digits(n: usize, seed: u64) -> Vec<u8> {
    let r = &mut Random::new(seed);
    let mut out = Vec::with_capacity(n * 28 * 28);
    let mut hand = Hand::new(0.1, r);
    for i in 0..n {
        if i % 10 == 0 {
            let pen = r.range(0.05, 0.2);
            hand = Hand::new(pen, r);
        }
        let c = char::from(b'0' + (i % 10) as u8);
        let k = hand.draw(c, 40.0, r).expect("a digit is drawn");
        out.extend(framed(k));
    }
    out
}

/// `n` drawn marks that are no digits: rules, specks, blots and crossings, `[n][28][28]` in MNIST's frame, ink 0..255. Rings and corners
/// are left out, as they pass for zeros and sevens.
#[wasm_bindgen(js_name = drawnJunk)]
pub fn drawn_junk(n: usize, seed: u64) -> Vec<u8> {
    let r = &mut Random::new(seed);
    let mut out = Vec::with_capacity(n * 28 * 28);
    for _ in 0..n {
        let k = lines::drawn_junk(&[0, 2, 3, 5], r);
        out.extend(framed(k));
    }
    out
}

/// Glyphs to augment.
#[wasm_bindgen]
pub struct GlyphLibrary {
    images: Vec<u8>,
}

#[wasm_bindgen]
impl GlyphLibrary {
    /// `images` `[n][28][28]`, ink 0..255.
    #[wasm_bindgen(constructor)]
    pub fn new(images: Vec<u8>) -> Self {
        Self { images }
    }

    /// The chosen glyphs, `[indices][28][28]`, ink 0..1, augmented; sample `i` has the seed `seed + i`.
    /// `strength` has the eight values of `train::glyphs::Strength` in order.
    pub fn augment(&self, indices: &[u32], strength: &[f32], seed: u64) -> Vec<f32> {
        const N: usize = 28 * 28;
        let s = Strength {
            rotation: strength[0],
            log_scale: strength[1],
            shear: strength[2],
            shift: strength[3],
            elastic: strength[4],
            elastic_share: strength[5],
            stroke_share: strength[6],
            page_share: strength[7],
        };
        let mut out = vec![0.0; indices.len() * N];
        let mut image = [0.0f32; N];
        for (i, (&at, to)) in indices.iter().zip(out.chunks_exact_mut(N)).enumerate() {
            for (v, &b) in image.iter_mut().zip(&self.images[at as usize * N..]) {
                *v = b as f32 / 255.0;
            }
            augment(&image, to, &s, seed.wrapping_add(i as u64));
        }
        out
    }
}
