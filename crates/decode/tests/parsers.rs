//! Whatever bytes come: a picture or an error, never a panic, and no more pixels than were allowed.

use proptest::prelude::*;

const HEADS: [&[u8]; 8] = [
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    b"II*\0\x08\0\0\0",
    b"MM\0*\0\0\0\x08",
    b"BM",
    b"GIF89a",
    b"RIFF\0\0\0\0WEBPVP8 ",
    b"RIFF\0\0\0\0WEBPVP8L",
];
const MOST: u64 = 1 << 20;

/// Files of this project, small enough to be cut and changed many times.
fn samples() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/pages/");
    ["digits.png", "digits.jpg", "digits.tif", "digits.webp", "digits.bmp", "digits.gif", "bilevel.tif", "progressive.jpg"]
        .iter()
        .map(|name| std::fs::read(format!("{folder}{name}")).expect("the project's own page"))
        .collect()
}

fn holds(bytes: &[u8]) {
    let pages = decode::pages(bytes);
    if let Ok(raster) = decode::decode(bytes, 0, MOST) {
        assert!(pages.is_ok_and(|n| n > 0));
        assert_eq!(raster.gray.len(), raster.width * raster.height);
        assert!((raster.width * raster.height) as u64 <= MOST);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn heads_with_anything_behind(head in 0usize..HEADS.len(), tail in proptest::collection::vec(any::<u8>(), 0..600)) {
        holds(&[HEADS[head], &tail].concat());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn real_files_cut_and_changed(
        which in 0usize..8, cut in 0.0f64..1.0, changes in proptest::collection::vec((0.0f64..1.0, any::<u8>()), 0..6),
    ) {
        let mut bytes = samples().swap_remove(which);
        if cut > 0.5 {
            bytes.truncate((bytes.len() as f64 * (cut * 2.0 - 1.0)) as usize);
        }
        let n = bytes.len();
        for (at, value) in changes {
            // Half of the changes hit the first bytes, where sizes and offsets stand.
            let at = if value & 1 == 0 { (at * 200.0) as usize } else { (at * n as f64) as usize };
            if let Some(b) = bytes.get_mut(at) {
                *b = value;
            }
        }
        holds(&bytes);
    }
}
