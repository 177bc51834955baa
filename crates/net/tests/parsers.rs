//! Whatever a pattern or a model file says: an automaton, a net, or an error, never a panic.

use net::line::LineNet;
use net::model::{Model, Size};
use net::pattern::Pattern;
use proptest::prelude::*;

fn shipped(name: &str) -> Vec<u8> {
    let path = format!("{}/../../models/{name}/model.safetensors", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).expect("the project's own model")
}

/// Pieces of expressions, right and wrong ones.
fn pieces() -> impl Strategy<Value = String> {
    let some = [
        "\\d", "\\w", ".", "(", ")", "[", "]", "[0-9", "^", "$", "|", "*", "+", "?", "{2}", "{1,900}", "{,", "\\", "a", "é", "-",
        "(?i)", "\\p{L}",
    ];
    proptest::collection::vec(prop_oneof![proptest::sample::select(some.to_vec()).prop_map(str::to_string), "\\PC{0,3}"], 0..12)
        .prop_map(|v| v.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn patterns(text in pieces(), word in "[0-9a-z.,]{0,8}") {
        match Pattern::new(&text) {
            Ok(p) => {
                let end = word.chars().try_fold(p.start(), |s, c| p.next(s, c));
                let _ = end.map(|s| p.accepts(s));
            }
            Err(why) => prop_assert!(!why.is_empty() && !why.contains('\n') || text.contains('\n'), "{}", why),
        }
    }

    #[test]
    fn models_cut_and_changed(cut in 0.0f64..2.0, changes in proptest::collection::vec((0.0f64..1.0, any::<u8>()), 0..8)) {
        let mut bytes = shipped("digits");
        let header = 8 + u64::from_le_bytes(bytes[..8].try_into().expect("eight bytes")) as usize;
        if cut < 1.0 {
            bytes.truncate((bytes.len() as f64 * cut) as usize);
        }
        for (at, value) in changes {
            if let Some(b) = bytes.get_mut((at * header as f64) as usize) {
                *b = value;
            }
        }
        loads(&bytes);
    }

    #[test]
    fn models_with_other_numbers(changes in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..7), 1..4)) {
        let bytes = shipped("digits");
        let length = u64::from_le_bytes(bytes[..8].try_into().expect("eight bytes")) as usize;
        let header = String::from_utf8(bytes[8..8 + length].to_vec()).expect("a header of UTF-8");
        // Numbers of shapes, places, strides and paddings.
        let mut parts: Vec<String> = split_numbers(&header);
        let numbers: Vec<usize> = (0..parts.len()).filter(|&i| parts[i].parse::<u64>().is_ok()).collect();
        for (index, to) in changes {
            let edges = ["0", "1", "3", "65536", "4294967295", "18446744073709551615", "-1"];
            parts[numbers[index.index(numbers.len())]] = edges[to].to_string();
        }
        let changed = parts.concat();
        loads(&[&(changed.len() as u64).to_le_bytes()[..], changed.as_bytes(), &bytes[8 + length..]].concat());
    }
}

fn split_numbers(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for c in text.chars() {
        match parts.last_mut() {
            Some(last) if last.ends_with(|l: char| l.is_ascii_digit()) == c.is_ascii_digit() => last.push(c),
            _ => parts.push(c.to_string()),
        }
    }
    parts
}

/// Loads a model, and runs it where it is one.
fn loads(bytes: &[u8]) {
    if let Ok(mut model) = Model::load(bytes) {
        let _ = model.run(&[0.5; 28 * 28], Size { n: 1, h: 28, w: 28, c: 1 });
    }
    let _ = LineNet::load(bytes);
}

#[test]
fn repetitions_within_repetitions_are_refused_or_small() {
    for text in [r"\d{1,900}{1,900}{1,900}", r"(?i)\p{L}{1,900}{1,900}", r"(.{1,900}|\w){1,900}*", r"(^|$){1,900}{1,900}{1,900}+"]
    {
        if let Err(why) = Pattern::new(text) {
            assert!(why.contains("cannot be used"), "{why}");
        }
    }
    assert!(Pattern::new(r"\d{1,900}{1,900}").is_err());
    assert!(Pattern::new(r"\d{1,900}").is_ok());
}

#[test]
fn tensors_that_share_their_bytes_are_refused() {
    // A thousand tensors of the same megabyte would be a gigabyte.
    let data = vec![0u8; 1 << 20];
    let entries: Vec<String> =
        (0..1000).map(|i| format!(r#""t{i}":{{"dtype":"F32","shape":[262144],"data_offsets":[0,1048576]}}"#)).collect();
    let header = format!(r#"{{"__metadata__":{{"format":"scrawl-1","layers":"[]"}},{}}}"#, entries.join(","));
    let file = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &data].concat();
    let Err(e) = Model::load(&file) else { panic!("it was taken") };
    assert!(e.0.contains("overlap"), "{}", e.0);
}
