//! Kinds of files that were lost once: made here, small, with pixels that are known.

use decode::{decode, decode_rgb, DecodeError, Raster};

const MOST: u64 = 1 << 24;

fn read(bytes: &[u8]) -> Raster {
    decode(bytes, 0, MOST).unwrap_or_else(|e| panic!("{e}"))
}

fn page(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/pages/");
    std::fs::read(format!("{folder}{name}")).expect("the project's own page")
}

type Tags<'a> = &'a [(u16, &'a [u16])];
/// Width, height, tags and strip.
type Plain<'a> = (usize, usize, Tags<'a>, &'a [u8]);

/// A TIFF of one strip a directory: tags beside width, height, offsets and counts as SHORTs, and the strip.
fn tiff(directories: &[Plain]) -> Vec<u8> {
    let mut out = b"II*\0\0\0\0\0".to_vec();
    let mut link = 4;
    for (width, height, tags, strip) in directories {
        let strip_at = out.len() as u32;
        out.extend_from_slice(strip);
        let mut entries: Vec<(u16, u16, Vec<u8>)> = vec![
            (256, 3, (*width as u16).to_le_bytes().to_vec()),
            (257, 3, (*height as u16).to_le_bytes().to_vec()),
            (273, 4, strip_at.to_le_bytes().to_vec()),
            (279, 4, (strip.len() as u32).to_le_bytes().to_vec()),
        ];
        entries.extend(tags.iter().map(|(tag, v)| (*tag, 3, v.iter().flat_map(|v| v.to_le_bytes()).collect())));
        entries.sort();
        let mut body = (entries.len() as u16).to_le_bytes().to_vec();
        for (tag, kind, data) in entries {
            body.extend_from_slice(&tag.to_le_bytes());
            body.extend_from_slice(&kind.to_le_bytes());
            body.extend_from_slice(&((data.len() / if kind == 3 { 2 } else { 4 }) as u32).to_le_bytes());
            if data.len() <= 4 {
                let mut field = data;
                field.resize(4, 0);
                body.extend(field);
            } else {
                body.extend((out.len() as u32).to_le_bytes());
                out.extend(data);
            }
        }
        let at = (out.len() as u32).to_le_bytes();
        out[link..link + 4].copy_from_slice(&at);
        link = out.len() + body.len();
        out.extend(body);
        out.extend([0; 4]);
    }
    out
}

fn one(width: usize, height: usize, tags: Tags, strip: &[u8]) -> Raster {
    read(&tiff(&[(width, height, tags, strip)]))
}

#[test]
fn tiff_palette() {
    // Red, white, blue.
    let map: Vec<u16> = [[0xffff, 0xffff, 0], [0, 0xffff, 0], [0, 0xffff, 0xffff]]
        .iter()
        .flat_map(|p| {
            let mut plane = vec![0; 256];
            plane[..3].copy_from_slice(p);
            plane
        })
        .collect();
    let r = one(3, 2, &[(258, &[8]), (262, &[3]), (320, &map)], &[0, 1, 2, 2, 1, 0]);
    assert_eq!(r.gray, [76, 255, 28, 28, 255, 76]);
    assert!(r.chroma.is_some());
    // The same of a writer whose palette has bytes.
    let bytes: Vec<u16> = map.iter().map(|v| v >> 8).collect();
    let r = one(3, 2, &[(258, &[8]), (262, &[3]), (320, &bytes)], &[0, 1, 2, 2, 1, 0]);
    assert_eq!(r.gray, [76, 255, 28, 28, 255, 76]);
    let odd = decode(&tiff(&[(3, 2, &[(258, &[3]), (262, &[3]), (320, &map)], &[0; 4])]), 0, MOST);
    assert!(matches!(&odd, Err(DecodeError::Unsupported(why)) if why.contains("3 bits")), "{odd:?}");
}

#[test]
fn tiff_with_the_first_pixel_in_the_lowest_bit() {
    let r = one(8, 1, &[(258, &[1]), (262, &[1]), (266, &[2])], &[0b0000_0101]);
    assert_eq!(r.gray, [255, 0, 255, 0, 0, 0, 0, 0]);
}

#[test]
fn tiff_in_planes() {
    let tags: [(u16, &[u16]); 4] = [(258, &[8, 8, 8]), (262, &[2]), (277, &[3]), (284, &[2])];
    // Three strips: red, green and blue of two pixels.
    let mut bytes = tiff(&[(2, 1, &tags, &[255, 0, 0, 255, 0, 0])]);
    // The strip's place and length become three each.
    let (places, lengths) = ([8u32, 10, 12], [2u32; 3]);
    for (tag, values) in [(273u16, places), (279, lengths)] {
        let entry = bytes.windows(4).position(|w| w == [tag.to_le_bytes(), 4u16.to_le_bytes()].concat()).expect("the tag");
        bytes[entry + 4..entry + 8].copy_from_slice(&3u32.to_le_bytes());
        let at = (bytes.len() as u32).to_le_bytes();
        bytes[entry + 8..entry + 12].copy_from_slice(&at);
        bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    }
    assert_eq!(decode_rgb(&bytes, 0, MOST), Ok((2, 1, vec![255, 0, 0, 0, 255, 0])));
}

#[test]
fn tiff_of_other_depths() {
    // 12 bits: 0, 0x800, 0xfff.
    assert_eq!(one(3, 1, &[(258, &[12]), (262, &[1])], &[0x00, 0x08, 0x00, 0xff, 0xf0]).gray, [0, 0x80, 0xff]);
    assert_eq!(one(3, 1, &[(258, &[12]), (262, &[0])], &[0x00, 0x08, 0x00, 0xff, 0xf0]).gray, [0xff, 0x7f, 0]);
    // 10, 14, 3 and 5 bits: 0, a quarter to a half, all.
    assert_eq!(one(3, 1, &[(258, &[10]), (262, &[1])], &[0x00, 0x18, 0x0f, 0xfc]).gray, [0, 0x60, 0xff]);
    assert_eq!(one(3, 1, &[(258, &[14]), (262, &[1])], &[0x00, 0x02, 0x00, 0x3f, 0xff, 0xc0]).gray, [0, 0x80, 0xff]);
    assert_eq!(one(3, 1, &[(258, &[3]), (262, &[1])], &[0x0f, 0x80]).gray, [0, 109, 255]);
    assert_eq!(one(3, 1, &[(258, &[5]), (262, &[1])], &[0x03, 0xfe]).gray, [0, 123, 255]);
    // 12 bits in 16.
    let low: Vec<u8> = [0u16, 2048, 4095].iter().flat_map(|v| v.to_le_bytes()).collect();
    assert_eq!(one(3, 1, &[(258, &[16]), (262, &[1])], &low).gray, [0, 127, 255]);
    let wide: Vec<u8> = [0u32, 3 << 30, u32::MAX].iter().flat_map(|v| v.to_le_bytes()).collect();
    assert_eq!(one(3, 1, &[(258, &[32]), (262, &[1])], &wide).gray, [0, 191, 255]);
    let float: Vec<u8> = [0f32, 60.0, 100.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    assert_eq!(one(3, 1, &[(258, &[32]), (262, &[1]), (339, &[3])], &float).gray, [0, 153, 255]);
}

#[test]
fn tiff_with_opacity_cmyk_and_lab() {
    let tags: [(u16, &[u16]); 4] = [(258, &[8, 8]), (262, &[1]), (277, &[2]), (338, &[2])];
    assert_eq!(one(3, 1, &tags, &[0, 255, 0, 0, 200, 255]).gray, [0, 255, 200]);
    // What stands beside the grey and says not what it is, is no opacity.
    let tags: [(u16, &[u16]); 4] = [(258, &[8, 8]), (262, &[1]), (277, &[2]), (338, &[0])];
    assert_eq!(one(3, 1, &tags, &[0, 0, 100, 0, 200, 0]).gray, [0, 100, 200]);
    let tags: [(u16, &[u16]); 3] = [(258, &[8, 8, 8, 8]), (262, &[5]), (277, &[4])];
    assert_eq!(one(2, 1, &tags, &[0, 0, 0, 0, 0, 0, 0, 255]).gray, [255, 0]);
    let tags: [(u16, &[u16]); 3] = [(258, &[8, 8, 8]), (262, &[8]), (277, &[3])];
    assert_eq!(one(2, 1, &tags, &[255, 0, 0, 20, 0, 0]).gray, [255, 20]);
}

#[test]
fn tiff_in_fax_codes() {
    // Three lines of eight: 4 white, 3 black, 1 white (T.4, tables 2 and 3), each behind an end-of-line mark.
    let bits = "000000000001 1011 10 000111".replace(' ', "").repeat(3);
    let packed: Vec<u8> =
        bits.as_bytes().chunks(8).map(|c| c.iter().enumerate().fold(0, |v, (i, b)| v | (b - b'0') << (7 - i))).collect();
    let line = [255, 255, 255, 255, 0, 0, 0, 255];
    let r = one(8, 3, &[(258, &[1]), (259, &[3]), (262, &[0])], &packed);
    assert_eq!(r.gray, line.repeat(3));
    // The same with the first pixel in the lowest bit.
    let turned: Vec<u8> = packed.iter().map(|b| b.reverse_bits()).collect();
    assert_eq!(one(8, 3, &[(258, &[1]), (259, &[3]), (262, &[0]), (266, &[2])], &turned).gray, line.repeat(3));
    let cut = tiff(&[(8, 9, &[(258, &[1]), (259, &[3]), (262, &[0])], &packed)]);
    assert!(matches!(decode(&cut, 0, MOST), Err(DecodeError::Damaged(_))));
}

#[test]
fn tiff_that_claims_more_than_it_is_worth() {
    // Values a pixel; a table of values without end; tiles that are wider than any picture.
    let many: [(u16, &[u16]); 3] = [(258, &[8]), (262, &[1]), (277, &[40_000])];
    let unsupported = decode(&tiff(&[(700, 420, &many, &[0; 8])]), 0, MOST);
    assert!(matches!(unsupported, Err(DecodeError::Unsupported(_))), "{unsupported:?}");
    let grey: [(u16, &[u16]); 2] = [(258, &[8]), (262, &[1])];
    let mut endless = tiff(&[(2, 1, &[grey[0], grey[1], (320, &[1, 2])], &[10, 200])]);
    let entry = endless.windows(4).position(|w| w == [64, 1, 3, 0]).expect("a colour map");
    endless[entry + 4..entry + 8].copy_from_slice(&100_000_000u32.to_le_bytes());
    assert!(matches!(decode(&endless, 0, MOST), Err(DecodeError::Damaged(_))));
    let mut tiled = tiff(&[(2, 1, &[grey[0], grey[1], (322, &[0xffff, 0xffff]), (323, &[16])], &[10, 200])]);
    for (tag, to) in [(273u16, 324u16), (279, 325), (322, 322)] {
        let entry = tiled.windows(2).position(|w| w == tag.to_le_bytes()).expect("the tag");
        tiled[entry..entry + 2].copy_from_slice(&to.to_le_bytes());
        if tag == 322 {
            // One LONG where two SHORTs stood.
            tiled[entry + 2..entry + 8].copy_from_slice(&[4, 0, 1, 0, 0, 0]);
        }
    }
    let wide = decode(&tiled, 0, MOST);
    assert!(matches!(&wide, Err(DecodeError::Damaged(why)) if why.contains("wider")), "{wide:?}");
}

#[test]
fn tiff_with_a_jpeg_inside_that_is_larger_than_allowed() {
    let jpeg = page("digits.jpg");
    let tags: [(u16, &[u16]); 4] = [(258, &[8, 8, 8]), (259, &[7]), (262, &[6]), (277, &[3])];
    let inside = decode(&tiff(&[(10, 10, &tags, &jpeg)]), 0, 1000);
    assert_eq!(inside, Err(DecodeError::TooLarge(700, 420, 1000)));
}

#[test]
fn a_smaller_picture_of_a_page_is_no_page() {
    let grey: (u16, &[u16]) = (258, &[8]);
    // By the tag of TIFF 6.0, and by that of TIFF 4.0, whose 3 is a page of several.
    for (whole, smaller) in [((254, &[2]), (254, &[1])), ((255, &[3]), (255, &[2]))] as [((u16, &[u16]), (u16, &[u16])); 2] {
        let file = tiff(&[
            (2, 1, &[grey, (262, &[1]), whole], &[10, 200]),
            (1, 1, &[grey, (262, &[1]), smaller], &[99]),
            (2, 1, &[grey, (262, &[1])], &[200, 10]),
        ]);
        assert_eq!(decode::pages(&file), Ok(2), "{smaller:?}");
        assert_eq!(decode(&file, 1, MOST).map(|r| r.gray), Ok(vec![200, 10]));
        assert!(decode(&file, 2, MOST).is_err());
    }
}

#[test]
fn tiff_of_planes_in_tiles_is_told() {
    let tags: [(u16, &[u16]); 8] = [
        (258, &[8, 8, 8]),
        (262, &[2]),
        (277, &[3]),
        (284, &[2]),
        (322, &[16]),
        (323, &[16]),
        (324, &[0, 0, 0]),
        (325, &[256, 256, 256]),
    ];
    let odd = decode(&tiff(&[(10, 10, &tags, &[0; 4])]), 0, MOST);
    assert!(matches!(&odd, Err(DecodeError::Unsupported(why)) if why.contains("planes in tiles")), "{odd:?}");
}

#[test]
fn the_resolution_of_a_tiff_is_read() {
    for (unit, pixels, units, dpi) in
        [(2, 300u32, 1u32, Some(300.0)), (2, 6000, 20, Some(300.0)), (3, 118, 1, Some(300.0)), (2, 300, 0, None), (2, 1, 1, None)]
    {
        let tags: [(u16, &[u16]); 4] = [(258, &[8]), (262, &[1]), (282, &[0, 0]), (296, &[unit])];
        let mut bytes = tiff(&[(1, 1, &tags, &[9])]);
        let entry = bytes.windows(4).position(|w| w == [26, 1, 3, 0]).expect("the tag");
        let at = bytes.len() as u32;
        bytes[entry + 2..entry + 12].copy_from_slice(&[&[5, 0, 1, 0, 0, 0][..], &at.to_le_bytes()].concat());
        bytes.extend([pixels, units].iter().flat_map(|v| v.to_le_bytes()));
        assert_eq!(read(&bytes).dpi, dpi, "{pixels} / {units} of {unit}");
    }
}

#[test]
fn nonsense_resolutions_are_none() {
    let jpeg = page("digits.jpg");
    let at = jpeg.windows(5).position(|w| w == b"JFIF\0").expect("a JFIF header") + 7;
    for (unit, value, dpi) in [(1, 300u16, Some(300.0)), (1, 0, None), (1, 1, None), (1, 65_535, None), (0, 300, None)] {
        let mut bytes = jpeg.clone();
        bytes[at] = unit;
        bytes[at + 1..at + 3].copy_from_slice(&value.to_be_bytes());
        assert_eq!(read(&bytes).dpi, dpi, "{unit} {value}");
    }
}

#[test]
fn a_jpeg_without_its_end_marker_is_read_and_half_of_one_is_not() {
    let whole = page("digits.jpg");
    let end = whole.windows(2).rposition(|w| w == [0xff, 0xd9]).expect("an end marker");
    let r = read(&whole[..end]);
    assert!(r.note.is_some());
    assert_eq!(r.gray, read(&whole).gray);
    for part in [end / 2, end * 9 / 10] {
        assert!(matches!(decode(&whole[..part], 0, MOST), Err(DecodeError::Damaged(_))), "{part} of {end} bytes");
    }
}

#[test]
fn a_progressive_jpeg_without_its_end_marker_is_read_where_its_last_scan_is_whole() {
    let whole = page("progressive.jpg");
    let end = whole.windows(2).rposition(|w| w == [0xff, 0xd9]).expect("an end marker");
    for tail in [&[][..], &[0xff], &[0; 1000]] {
        let r = read(&[&whole[..end], tail].concat());
        assert!(r.note.is_some());
        assert_eq!(r.gray, read(&whole).gray);
    }
    let scans: Vec<usize> = whole.windows(2).enumerate().filter(|(_, w)| *w == [0xff, 0xda]).map(|(at, _)| at).collect();
    let [first, second, .., last] = scans[..] else { panic!("{scans:?}") };
    // Without the last scan the picture is only somewhat coarser.
    let coarse = read(&whole[..last]);
    assert!(coarse.note.is_some() && coarse.gray != read(&whole).gray);
    // Of the first alone it is a blur.
    for part in [last + 3, last + 40, (last + end) / 2, end - 40, end - 4, (first + second) / 2, second, second + 12] {
        assert!(matches!(decode(&whole[..part], 0, MOST), Err(DecodeError::Damaged(_))), "{part} of {end} bytes");
    }
}

#[test]
fn kinds_of_jpeg_that_are_not_decoded_are_told() {
    let whole = page("digits.jpg");
    let frame = whole.windows(2).position(|w| w == [0xff, 0xc0]).expect("a frame header");
    for (marker, bits, says) in [(0xc9, 8, "arithmetic"), (0xc3, 8, "lossless"), (0xc1, 12, "8 bits"), (0xf7, 8, "JPEG-LS")] {
        let mut bytes = whole.clone();
        (bytes[frame + 1], bytes[frame + 4]) = (marker, bits);
        match decode(&bytes, 0, MOST) {
            Err(DecodeError::Unsupported(why)) => assert!(why.contains(says), "{why}"),
            other => panic!("{marker:x}: {:?}", other.map(|r| r.dpi)),
        }
    }
}

/// An EXIF block that says an orientation.
fn exif(orientation: u8) -> Vec<u8> {
    [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(), &[orientation], &[0; 6]].concat()
}

#[test]
fn of_two_exif_blocks_the_first_counts() {
    let whole = page("digits.jpg");
    let upright = read(&whole);
    let block = |o| {
        let body = [b"Exif\0\0".as_slice(), &exif(o)].concat();
        [[0xff, 0xe1].as_slice(), &(body.len() as u16 + 2).to_be_bytes(), &body].concat()
    };
    let both = read(&[&whole[..2], &block(6), &block(3), &whole[2..]].concat());
    assert_eq!((both.width, both.height, both.orientation), (upright.height, upright.width, 6));
}

/// A chunk of a PNG with its length, and its checksum (PNG 1.2, 5.5) over name and data.
fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [name.as_slice(), data].concat();
    let sum = !body
        .iter()
        .fold(!0u32, |c, b| (0..8).fold(c ^ *b as u32, |c, _| if c & 1 != 0 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 }));
    [(data.len() as u32).to_be_bytes().as_slice(), &body, &sum.to_be_bytes()].concat()
}

/// A PNG of two pixels, 0 and 1, of eight bits, with chunks between its header and them.
fn two_pixels(colour: u8, between: &[Vec<u8>]) -> Vec<u8> {
    let header = [0, 0, 0, 2, 0, 0, 0, 1, 8, colour, 0, 0, 0];
    // zlib's header, a stored block (RFC 1951, 3.2.4) of the row with its filter, and its Adler-32.
    let row = [0u8, 0, 1];
    let (a, b) = row.iter().fold((1u32, 0u32), |(a, b), v| (a + *v as u32, b + a + *v as u32));
    let packed = [[0x78, 1, 1, 3, 0, 0xfc, 0xff].as_slice(), &row, &(b << 16 | a).to_be_bytes()].concat();
    let chunks = [chunk(b"IHDR", &header), between.concat(), chunk(b"IDAT", &packed), chunk(b"IEND", &[])].concat();
    [b"\x89PNG\r\n\x1a\n".as_slice(), &chunks].concat()
}

#[test]
fn a_palette_that_ends_within_a_colour_is_damaged() {
    for n in 0..=13 {
        let palette: Vec<u8> = (0..n).map(|i| if i < 3 { 0 } else { 255 }).collect();
        let result = decode(&two_pixels(3, &[chunk(b"PLTE", &palette)]), 0, MOST);
        match result {
            Ok(r) if n > 0 && n % 3 == 0 => assert_eq!(r.gray, [0, if n > 3 { 255 } else { 0 }], "{n} bytes"),
            Err(DecodeError::Damaged(_)) if n == 0 || n % 3 != 0 => {}
            other => panic!("{n} bytes: {other:?}"),
        }
    }
}

#[test]
fn palettes_and_opacities_as_they_should_not_be() {
    let whole = chunk(b"PLTE", &[0, 0, 0, 255, 255, 255]);
    // No palette; two of them; opacities before it, and more of them than there are colours.
    assert!(matches!(decode(&two_pixels(3, &[]), 0, MOST), Err(DecodeError::Damaged(_))));
    assert!(matches!(decode(&two_pixels(3, &[whole.clone(), whole.clone()]), 0, MOST), Err(DecodeError::Damaged(_))));
    assert_eq!(read(&two_pixels(3, &[chunk(b"tRNS", &[255]), whole.clone()])).gray, [0, 255]);
    assert_eq!(read(&two_pixels(3, &[whole, chunk(b"tRNS", &[255; 9])])).gray, [0, 255]);
    // A palette is only a suggestion for other kinds of pixels.
    assert_eq!(read(&two_pixels(0, &[chunk(b"PLTE", &[1; 4])])).gray.len(), 2);
}

#[test]
fn png_and_webp_are_turned_as_exif_says() {
    let png = page("digits.png");
    let upright = read(&png);
    // Behind the header chunk.
    let turned = read(&[&png[..33], &chunk(b"eXIf", &exif(6)), &png[33..]].concat());
    assert_eq!((turned.width, turned.height), (upright.height, upright.width));
    // The picture's upper left is the stored one's lower left.
    assert_eq!(turned.gray[0], upright.gray[(upright.height - 1) * upright.width]);
    // Or behind the pixels, before the chunk that ends the file.
    let end = png.len() - 12;
    let late = read(&[&png[..end], &chunk(b"eXIf", &exif(6)), &png[end..]].concat());
    assert_eq!((late.orientation, late.gray), (6, turned.gray));
    let both = read(&[&png[..33], &chunk(b"eXIf", &exif(3)), &png[33..end], &chunk(b"eXIf", &exif(6)), &png[end..]].concat());
    assert_eq!(both.orientation, 3);
    let webp = page("digits.webp");
    let plain = read(&webp);
    let mut meta = [b"EXIF".as_slice(), &(exif(6).len() as u32).to_le_bytes(), &exif(6)].concat();
    meta.resize(meta.len().next_multiple_of(2), 0);
    let side = |v: usize| ((v - 1) as u32).to_le_bytes()[..3].to_vec();
    let extended = [b"VP8X\x0a\0\0\0\x08\0\0\0".to_vec(), side(plain.width), side(plain.height)].concat();
    let body = [b"WEBP".as_slice(), &extended, &webp[12..], &meta].concat();
    let turned = read(&[b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat());
    assert_eq!((turned.width, turned.height), (plain.height, plain.width));
}

#[test]
fn portable_maps_are_read() {
    assert_eq!(read(b"P2\n# grey\n3 1\n255\n0 128 255\n").gray, [0, 128, 255]);
    assert_eq!(read(b"P1\n3 1\n1 0 1\n").gray, [0, 255, 0]);
    assert_eq!(decode_rgb(b"P6\n1 1\n255\n\x01\x02\x03", 0, MOST), Ok((1, 1, vec![1, 2, 3])));
    assert!(matches!(decode(b"P5\n99999 99999\n255\n", 0, MOST), Err(DecodeError::TooLarge(..))));
}

#[test]
fn light_ink_on_nothing_lies_on_black() {
    let tags: [(u16, &[u16]); 4] = [(258, &[8, 8]), (262, &[1]), (277, &[2]), (338, &[2])];
    assert_eq!(one(4, 1, &tags, &[255, 255, 0, 0, 0, 0, 7, 0]).gray, [255, 0, 0, 0]);
    // Dark ink, or a picture that is not clear for the most part, lies on white.
    assert_eq!(one(4, 1, &tags, &[0, 255, 0, 0, 0, 0, 7, 0]).gray, [0, 255, 255, 255]);
    assert_eq!(one(4, 1, &tags, &[255, 255, 255, 255, 0, 0, 0, 255]).gray, [255, 255, 255, 0]);
}

/// Little-endian bytes of 16-bit values.
fn shorts(values: impl IntoIterator<Item = u16>) -> Vec<u8> {
    values.into_iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// A page of 64 x 32 on paper of 255: a stroke of 0 with an edge of 128 beside it.
fn stroke() -> Vec<u8> {
    (0..64 * 32).map(|i| [255, 128, 0].get((i % 64usize).saturating_sub(29)).copied().unwrap_or(255)).collect()
}

#[test]
fn a_small_part_of_the_range_is_stretched_wherever_it_lies() {
    let page = stroke();
    let of16 = |photometric: u16, f: &dyn Fn(u16) -> u16| {
        let strip = shorts(page.iter().map(|&v| f(v.into())));
        one(64, 32, &[(258, &[16]), (262, &[photometric])], &strip).gray
    };
    let is_page = |gray: Vec<u8>, what: &str| {
        assert!(gray.iter().zip(&page).all(|(a, b)| a.abs_diff(*b) <= 12), "{what}: {:?}", &gray[28..34]);
    };
    is_page(of16(1, &|v| 30_000 + v * 16), "12 bits in 16");
    is_page(of16(1, &|v| 61_440 + v * 16), "12 bits at the top of 16");
    is_page(of16(1, &|v| 64_000 + v * 4), "10 bits in 16");
    is_page(of16(1, &|v| 3000 + v * 16), "12 bits near the bottom of 16");
    // Where 0 is white, ink has the great values.
    is_page(of16(0, &|v| 4080 - v * 16), "12 bits in 16, 0 is white");
    is_page(of16(0, &|v| 65_535 - v * 16), "12 bits at the top of 16, 0 is white");
    for (offset, part) in [(100, 16), (150, 16), (235, 16), (240, 17), (150, 8), (220, 8), (191, 4)] {
        let strip: Vec<u8> = page.iter().map(|v| offset + v / part).collect();
        is_page(one(64, 32, &[(258, &[8]), (262, &[1])], &strip).gray, &format!("{offset} and a {part}th"));
    }
    let four: Vec<u8> = page.as_chunks().0.iter().map(|&[a, b]| (a >> 6) << 4 | b >> 6).collect();
    let gray = one(64, 32, &[(258, &[4]), (262, &[0])], &four).gray;
    assert_eq!((gray[0], gray[31]), (0, 255));
    let colours = shorts(page.iter().flat_map(|&v| [30_000 + v as u16 * 16, 31_000 + v as u16 * 8, 30_000]));
    let tags: [(u16, &[u16]); 3] = [(258, &[16, 16, 16]), (262, &[2]), (277, &[3])];
    let (_, _, rgb) = decode_rgb(&tiff(&[(64, 32, &tags, &colours)]), 0, MOST).expect("colours");
    assert_eq!(rgb[..3], [255, 190, 0]);
}

#[test]
fn noise_and_full_ranges_stay_as_they_are() {
    // A sum of four throws is near to what a sensor's noise is.
    let mut state = 1u32;
    let mut throw = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16 & 0xff
    };
    let noise: Vec<u16> = (0..64 * 64).map(|_| (0..4).map(|_| throw() as u16).sum()).collect();
    let grey: [(u16, &[u16]); 2] = [(258, &[8]), (262, &[1])];
    for (base, part) in [(248, 256), (220, 128), (200, 60), (180, 30)] {
        let paper: Vec<u8> = noise.iter().map(|v| (base + v / part) as u8).collect();
        assert_eq!(one(64, 64, &grey, &paper).gray, paper, "noise of a {part}th on {base}");
    }
    let paper = shorts(noise.iter().map(|v| 60_000 + v * 4));
    let gray = one(64, 64, &[(258, &[16]), (262, &[1])], &paper).gray;
    assert!(gray.iter().zip(&noise).all(|(&g, v)| u16::from(g) == (60_000 + v * 4) >> 8));
    // Show-through of some levels on white; one word's worth of ink on a page that is white otherwise.
    let mut faint = vec![255u8; 64 * 64];
    faint[100..140].fill(247);
    assert_eq!(one(64, 64, &grey, &faint).gray, faint);
    faint[200] = 40;
    assert_eq!(one(64, 64, &grey, &faint).gray, faint);
    let wide = shorts(stroke().iter().map(|&v| v as u16 * 200 + 9000));
    let gray = one(64, 32, &[(258, &[16]), (262, &[1])], &wide).gray;
    assert!(gray.iter().zip(stroke()).all(|(&g, v)| u16::from(g) == (v as u16 * 200 + 9000) >> 8));
}
