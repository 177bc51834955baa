//! The whole way of a page under nets that stand in for trained ones.

use net::beam::Frame;
use net::line::{Charset, Glyph, Reading, HAND, PRINT};
use net::model::ModelError;
use net::pattern::Pattern;
use page::heads::{self, ABOVE, BELOW, CHANNELS, CORE_HAND, CORE_PRINT, HEADS, STRIDE, TURN};
use page::input::Input;
use page::labels::{Labels, PageNet};
use page::raster::Gray;
use reader::recogniser::{Crop, Recogniser};
use reader::result::{Production, Reason};
use reader::{read_page, Options, Printed};

/// All dark pixels are text: a core each, written left of the page's middle and printed right of it.
struct Halves;

impl PageNet for Halves {
    fn label(&mut self, input: &Input) -> Result<Labels, String> {
        let (w, h) = (input.width / STRIDE, input.height / STRIDE);
        let mut data = vec![0.0; w * h * HEADS];
        for y in 0..h {
            for x in 0..w {
                let p = &mut data[(y * w + x) * HEADS..][..HEADS];
                let ink = input.data[(y * STRIDE * input.width + x * STRIDE) * CHANNELS] > 0.3;
                let (made, core) = if x < w / 2 { (heads::HAND, CORE_HAND) } else { (heads::PRINT, CORE_PRINT) };
                p[made] = ink as u8 as f32;
                p[core] = ink as u8 as f32;
                (p[ABOVE], p[BELOW]) = (0.45, 0.45);
                p[TURN] = 1.0;
            }
        }
        Ok(Labels { width: w, height: h, data })
    }
}

/// Reads a seven in every crop, and counts the crops. What is as dark as a pen is written to it.
#[derive(Default)]
struct Sevens {
    crops: usize,
}

impl Recogniser for Sevens {
    fn charset(&self, _: Option<&str>) -> Charset {
        Charset::new(vec!['7'], None)
    }
    fn read(&mut self, crops: &[Crop], _: &Charset, _: Option<&Pattern>) -> Result<Vec<Reading>, ModelError> {
        self.crops += crops.len();
        let read = |c: &Crop| {
            let mut kind = [0.0; 4];
            kind[if c.gray.iter().any(|&v| v < PEN) { HAND } else { PRINT }] = 1.0;
            let glyph = Glyph {
                char: '7',
                confidence: 0.99,
                left: 0.0,
                right: c.width as f32,
                ceiling: 1.0,
                kind,
                frames: (0, 1),
                spaced: 0.0,
                alternatives: Vec::new(),
            };
            Reading { glyphs: vec![glyph], confidence: 0.99, kind, characters: 1, fits: true, ..Reading::default() }
        };
        Ok(crops.iter().map(read).collect())
    }
    fn weigh(&mut self, _: &[Crop], _: &mut [Reading], _: &Charset, _: &dyn Fn(usize, &str) -> f32) -> Result<(), ModelError> {
        Ok(())
    }
    fn glance(&mut self, crops: &[Crop]) -> Result<Vec<Reading>, ModelError> {
        let read = self.crops;
        let readings = self.read(crops, &self.charset(None), None);
        self.crops = read;
        readings
    }
    fn nbest(&self, _: &[Frame], _: usize) -> Vec<(String, f32)> {
        Vec::new()
    }
    fn frequency(&self, _: &str) -> Option<f32> {
        None
    }
}

/// Evened grey below which ink is a pen's.
const PEN: u8 = 60;

/// How many characters stand right of the middle: a word, and one by itself.
const WORD: usize = 9;
const ALONE: usize = 1;
const PRINTED: u8 = 90;

/// A page with solid blocks as characters: two written ones left of the middle in a line, others right of it, close together, which the
/// page net takes for print.
fn page(others: usize, shade: u8) -> Gray {
    let (w, h) = (640, 128);
    let mut gray = Gray::new(w, h, vec![230; w * h]);
    for (left, shade) in [(40, 30), (120, 30)].into_iter().chain((0..others).map(|k| (440 + 16 * k, shade))) {
        for y in 40..72 {
            gray.data[y * w + left..y * w + left + 12].fill(shade);
        }
    }
    gray
}

fn read(page: &Gray, printed: Printed) -> (reader::result::Page, usize) {
    let mut lines = Sevens::default();
    let o = Options { printed, ..Options::default() };
    let page = read_page(&mut Halves, &mut lines, page, None, &o, &mut |_| {}).unwrap();
    (page, lines.crops)
}

fn texts(page: &reader::result::Page) -> Vec<&str> {
    page.lines.iter().map(|l| l.text.as_str()).collect()
}

#[test]
fn print_is_left_out_and_not_even_read() {
    let (page, crops) = read(&page(WORD, PRINTED), Printed::Drop);
    assert_eq!(texts(&page), ["7 7"]);
    assert_eq!(crops, 2);
    let [out] = &page.suppressed[..] else { panic!("{:?}", page.suppressed) };
    assert_eq!((out.reason, out.production, out.text.as_str()), (Reason::Printed, Production::Printed, ""));
    assert!(out.bounds[0].abs_diff(440) < 4 && out.bounds[2].abs_diff(140) < 8, "{:?}", out.bounds);
    assert!(out.handwritten < 0.2 && page.lines[0].words[0].handwritten > 0.5);
}

#[test]
fn of_what_is_short_the_line_net_says_whether_it_is_print() {
    let (print, crops) = read(&page(ALONE, PRINTED), Printed::Drop);
    assert_eq!((texts(&print), crops), (vec!["7 7"], 3));
    assert_eq!(print.suppressed[0].text, "");
    let (neat, crops) = read(&page(ALONE, 30), Printed::Drop);
    assert_eq!((texts(&neat), crops), (vec!["7 7", "7"], 3));
    assert!(neat.suppressed.is_empty());
}

#[test]
fn print_that_is_wanted_is_said_to_be_print() {
    let (page, crops) = read(&page(WORD, PRINTED), Printed::Mark);
    assert_eq!(crops, 3);
    let words: Vec<_> = page.lines.iter().flat_map(|l| &l.words).map(|w| w.production).collect();
    assert_eq!(words, [Production::Handwritten, Production::Handwritten, Production::Printed]);
    assert!(page.suppressed.is_empty());
}
