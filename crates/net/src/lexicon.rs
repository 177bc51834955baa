//! Words with how often each is met, and which words follow which: what a model file says of one language.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Levels are below this, so that sums over all words are numbers of 32 bits.
const LEVELS: u32 = 28;
/// The level of a pair whose second word always follows the first; two levels less are half as often.
const ALWAYS: i32 = 26;
/// What pairs say is held to be so much of what is written behind a word, and never more than that: they were counted in books.
const PAIRED: f32 = 0.8;
const MOST_PAIRED: f32 = 0.95;

/// Name of the tensor of bytes that holds the words of a model file.
pub(crate) const NAME: &str = "words";
/// More bytes than words have.
const MOST_BYTES: usize = 1 << 24;

/// The words of a model file from their bytes, which are packed as RFC 1950 (zlib) says.
/// # Errors
/// Says what is wrong with bytes that are no such thing.
pub fn unpack(bytes: &[u8]) -> Result<String, String> {
    let text = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(bytes, MOST_BYTES)
        .map_err(|e| format!("its words cannot be unpacked: {e}"))?;
    String::from_utf8(text).map_err(|e| format!("its words are no text: {e}"))
}

/// Gives the words of a model file to `each` in order, with their levels: how often a word is met, as a power of two. Each line of `packed`
/// has how many letters the word shares with the one before (a digit of base 36), its other letters, and its level (likewise). Pairs of
/// words are told in the same way, with a space between them.
/// # Errors
/// Names the first line that is no such thing, or whose word does not come behind the one before.
pub fn words(packed: &str, mut each: impl FnMut(&str, u32)) -> Result<(), String> {
    let (mut last, mut word) = (String::new(), String::new());
    for line in packed.lines() {
        let mut rest = line.chars();
        let shared = rest.next().and_then(|c| c.to_digit(36));
        let level = rest.next_back().and_then(|c| c.to_digit(36)).filter(|&l| l < LEVELS);
        let kept = shared.and_then(|n| last.char_indices().map(|(at, _)| at).chain([last.len()]).nth(n as usize));
        let (Some(kept), Some(level)) = (kept, level) else { return Err(bad(line)) };
        word.clear();
        word.push_str(&last[..kept]);
        word.push_str(rest.as_str());
        if word <= last {
            return Err(bad(line));
        }
        each(&word, level);
        core::mem::swap(&mut last, &mut word);
    }
    Ok(())
}

fn bad(line: &str) -> String {
    format!("its words hold {line:?}, which is none")
}

/// Parts of a model's words: a list of words and one of pairs for each language, and a list of names, with an empty line between any two.
pub fn parts(packed: &str) -> impl Iterator<Item = &str> {
    packed.split("\n\n")
}

/// Stands behind the last letter of a word in a [`Lexicon`], and comes before all letters.
pub const LAST: u16 = 0;

/// Numbers are hashed by a multiplication: they are not from anybody who wants them to collide.
#[derive(Default)]
pub struct Multiply(u64);

impl Hasher for Multiply {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&b| self.write_u64(b as u64));
    }
    fn write_u64(&mut self, v: u64) {
        self.0 = (self.0 ^ v).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
}

/// What is known of the letters so far of a word, or of all of it, for [`Lexicon`] to find it by: 0 before the first letter, and then
/// that of the letters before with the [`code`] of the next one.
pub fn hash(before: u64, letter: u16) -> u64 {
    let mut hasher = Multiply(before);
    hasher.write_u64(letter as u64);
    hasher.finish()
}

/// By the [`hash`] of letters: numbers of words, or of pairs, from the first to behind the last.
type Ranges = HashMap<u64, (u32, u32), BuildHasherDefault<Multiply>>;

/// Beginnings of so many letters are looked up, longer ones are searched for among the words that begin so.
const LOOKED_UP: u32 = 3;

/// The words of one list.
pub struct Lexicon {
    /// All words in order, one after another, each with [`LAST`] behind it; where each begins, and how often all before it are met.
    text: Vec<u16>,
    starts: Vec<u32>,
    before: Vec<u32>,
    /// The words that begin with some letters, up to [`LOOKED_UP`] of them.
    begun: Ranges,
    /// By a word: its part of `second`.
    behind: Ranges,
    /// Words that follow others, by number, those behind one word in order; and how probable all before each are.
    second: Vec<u32>,
    sums: Vec<f32>,
}

/// Words of a list that begin in one way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Among {
    words: (u32, u32),
    /// Those of them that are known to follow the word before.
    pairs: (u32, u32),
    /// How probable it is that another one follows it.
    rest: f32,
}

impl Among {
    /// All words, behind any other.
    pub const ALL: Among = Among { words: (0, u32::MAX), pairs: (0, 0), rest: 1.0 };
}

/// A letter in 16 bits; one that has more is in no word.
pub fn code(c: char) -> u16 {
    u16::try_from(c as u32).unwrap_or(u16::MAX)
}

impl Lexicon {
    /// Learns from a list of words and one of pairs; `each` is given the words too.
    /// # Errors
    /// As [`words`] does.
    pub fn learn(packed: &str, pairs: &str, mut each: impl FnMut(&str, u32)) -> Result<Self, String> {
        let mut this = Self {
            text: Vec::new(),
            starts: Vec::new(),
            before: vec![0],
            begun: Ranges::default(),
            behind: Ranges::default(),
            second: Vec::new(),
            sums: vec![0.0],
        };
        words(packed, |word, level| {
            let (number, start) = (this.starts.len() as u32, this.text.len());
            this.starts.push(start as u32);
            this.text.extend(word.chars().map(code).chain([LAST]));
            let mut begun = 0;
            for &letter in this.text[start..].iter().take(LOOKED_UP as usize) {
                begun = hash(begun, letter);
                this.begun.entry(begun).or_insert((number, number)).1 = number + 1;
            }
            this.before.push(this.all().saturating_add(1 << level));
            each(word, level);
        })?;
        let mut known: Vec<(u64, u32, f32)> = Vec::new();
        words(pairs, |pair, level| {
            let (first, second) = pair.split_once(' ').unwrap_or_default();
            if let Some(number) = this.number(second) {
                let share = 2f32.powf((level as i32 - ALWAYS) as f32 / 2.0);
                known.push((first.chars().map(code).fold(0, hash), number, PAIRED * share));
            }
        })?;
        for all in known.chunk_by(|a, b| a.0 == b.0) {
            let from = this.second.len() as u32;
            let sum: f32 = all.iter().map(|&(_, _, share)| share).sum();
            for &(_, second, share) in all {
                this.second.push(second);
                this.sums.push(this.sums[this.sums.len() - 1] + share * (MOST_PAIRED / sum).min(1.0));
            }
            this.behind.insert(all[0].0, (from, this.second.len() as u32));
        }
        Ok(this)
    }

    /// How often all words together are met.
    pub fn all(&self) -> u32 {
        self.before[self.before.len() - 1]
    }

    fn met(&self, from: usize, to: usize) -> f32 {
        (self.before[to] - self.before[from]) as f32
    }

    /// How often a word of small letters is met.
    pub fn frequency(&self, word: &str) -> Option<f32> {
        self.number(word).map(|at| self.met(at as usize, at as usize + 1))
    }

    fn number(&self, word: &str) -> Option<u32> {
        let (mut words, mut begun) = (Among::ALL.words, 0);
        for (at, letter) in word.chars().map(code).chain([LAST]).enumerate() {
            begun = hash(begun, letter);
            words = self.narrow(words, at as u32, letter, begun);
            if words.0 == words.1 {
                return None;
            }
        }
        Some(words.0)
    }

    /// All words behind the one with a hash; `None` where nothing is known of it.
    pub fn behind(&self, word: u64) -> Option<Among> {
        let &pairs = self.behind.get(&word)?;
        let paired = self.sums[pairs.1 as usize] - self.sums[pairs.0 as usize];
        Some(Among { words: Among::ALL.words, pairs, rest: 1.0 - paired })
    }

    /// Words among `words` whose letter at `at` is `c`; `begun` is the hash of their letters up to it.
    fn narrow(&self, (from, to): (u32, u32), at: u32, c: u16, begun: u64) -> (u32, u32) {
        if at < LOOKED_UP {
            return self.begun.get(&begun).copied().unwrap_or((from, from));
        }
        let (from, to) = (from as usize, self.starts.len().min(to as usize));
        let letter = |&start: &u32| self.text[(start + at) as usize];
        let first = from + self.starts[from..to].partition_point(|s| letter(s) < c);
        let last = first + self.starts[first..to].partition_point(|s| letter(s) <= c);
        (first as u32, last as u32)
    }

    /// Words among `among` whose letter at `at` is `c`, and which share of them they are by how often they are met; `begun` is the
    /// [`hash`] of their letters up to it.
    pub fn listed(&self, among: Among, at: u32, c: u16, begun: u64) -> (Among, f32) {
        let words = self.narrow(among.words, at, c, begun);
        if words.0 == words.1 {
            return (Among { words, ..among }, 0.0);
        }
        let (from, to) = (among.pairs.0 as usize, among.pairs.1 as usize);
        let first = from + self.second[from..to].partition_point(|&w| w < words.0);
        let last = first + self.second[first..to].partition_point(|&w| w < words.1);
        let pairs = (first as u32, last as u32);
        let probable = |words: (u32, u32), pairs: (u32, u32)| {
            let to = self.starts.len().min(words.1 as usize);
            let paired = self.sums[pairs.1 as usize] - self.sums[pairs.0 as usize];
            paired + among.rest * self.met(words.0 as usize, to) / self.all() as f32
        };
        (Among { words, pairs, ..among }, probable(words, pairs) / probable(among.words, among.pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unpacked() {
        let packed = miniz_oxide::deflate::compress_to_vec_zlib("0étéa".as_bytes(), 9);
        assert_eq!(unpack(&packed).as_deref(), Ok("0étéa"));
        assert!(unpack(&packed[..packed.len() - 1]).is_err() && unpack(b"0abca").is_err());
        assert!(unpack(&miniz_oxide::deflate::compress_to_vec_zlib(&[0xff], 9)).is_err(), "no UTF-8");
        assert!(unpack(&miniz_oxide::deflate::compress_to_vec_zlib(&vec![b'a'; MOST_BYTES + 1], 9)).is_err());
    }

    #[test]
    fn words_share_their_beginnings() {
        let all = |packed: &str| {
            let mut found: Vec<(String, u32)> = Vec::new();
            words(packed, |word, level| found.push((word.into(), level))).map(|()| found)
        };
        let found = all("0an3\n2d0\n1étéa").expect("words");
        assert_eq!(found, [("an".into(), 3), ("and".into(), 0), ("aété".into(), 10)]);
        for bad in ["5an3", "0an!", "0anz", "", "0an3\n3x1", "0an3\n0am3"] {
            assert!(all(&format!("{bad}\n")).is_err(), "{bad}");
        }
    }

    /// How probable a word is, letter by letter.
    fn probable(lexicon: &Lexicon, mut among: Among, word: &str) -> f32 {
        let letters = word.chars().map(code).chain([LAST]);
        let mut begun = 0;
        let shares = letters.enumerate().map(|(at, c)| {
            let share;
            begun = hash(begun, c);
            (among, share) = lexicon.listed(among, at as u32, c, begun);
            share
        });
        shares.product()
    }

    #[test]
    fn words_follow_others() {
        // Every second word behind "of" is "the" before a fifth of it is left to other words.
        let lexicon = Lexicon::learn("0and2\n0the2\n2is2\n1wo2", "0of theo", |_, _| {}).expect("words in order");
        let of = lexicon.behind("of".chars().map(code).fold(0, hash)).expect("a word that others follow");
        let paired = PAIRED * 0.5;
        assert!((probable(&lexicon, of, "the") - paired - (1.0 - paired) / 4.0).abs() < 1e-6);
        assert!((probable(&lexicon, of, "two") - (1.0 - paired) / 4.0).abs() < 1e-6);
        assert!((probable(&lexicon, Among::ALL, "the") - 0.25).abs() < 1e-6);
        assert_eq!(probable(&lexicon, of, "of"), 0.0);
        assert!(lexicon.behind("and".chars().map(code).fold(0, hash)).is_none());
        assert_eq!(["the", "th", "them"].map(|w| lexicon.frequency(w)), [Some(4.0), None, None]);
    }
}
