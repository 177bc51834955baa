//! What the examples share: the nets from a folder of models, pictures from files, and work on all cores.

use net::digits::DigitNet;
use net::line::LineNet;
use page::raster::{Chroma, Gray};
use reader::recogniser::{Lines, PageModel};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Calls `each` for every item with its number, on all cores, with nets of each core's own from `models`.
/// # Panics
/// Where a model cannot be read.
pub fn on_all_cores<T: Sync>(items: &[T], models: &Path, each: impl Fn(usize, &T, &mut PageModel, &mut Lines) + Sync) {
    let bytes = |name: &str| {
        let path = models.join(name).join("model.safetensors");
        std::fs::read(&path).unwrap_or_else(|e| panic!("cannot read {}: {e}", path.display()))
    };
    let (page, line, digits) = (bytes("page"), bytes("line"), bytes("digits"));
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, |n| n.get()) {
            scope.spawn(|| {
                let mut net = PageModel::load(&page).expect("a page model");
                let line = LineNet::load(&line).expect("a line model");
                let mut lines = Lines { line, digits: DigitNet::load(&digits).expect("a digit model") };
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(number) else { break };
                    each(number, item, &mut net, &mut lines);
                }
            });
        }
    });
}

/// A picture's grey pixels, and its colours where it has some.
/// # Errors
/// Where the file cannot be read or is no picture.
pub fn picture(file: &Path) -> Result<(Gray, Option<Chroma>), String> {
    let bytes = std::fs::read(file).map_err(|e| e.to_string())?;
    let raster = decode::decode(&bytes, 0, 250_000_000).map_err(|e| e.to_string())?;
    Ok((Gray::new(raster.width, raster.height, raster.gray), raster.chroma))
}
