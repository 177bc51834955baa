//! How words are spelt: how likely a letter follows the letters before it, learnt from lists of words. It tells `u` from `n` where the
//! ink does not. Nothing is said of digits, marks, words of one letter, or letters behind a digit: codes, moves and grades are read as
//! they stand.
//!
//! A word is one of three things, and which it is shows as its letters come (a mixture, each part weighed by how well it foretold the
//! letters so far): a word of a language's list, as frequent as it is there or as it is behind the word before; a word that is spelt like
//! those of the lists, which names are; or a code, whose letters are all alike. So what is no word loses once and not at each of its
//! letters. What words turn out to be is expected of those behind them: prose of one language is read as such.

use crate::lexicon::{self, code, hash, Among, Lexicon, Multiply, LAST};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

/// Letters that a letter of a word in no list is foretold from.
const BEFORE: usize = 4;
/// What shorter runs of letters say of it beside the longest (interpolation, Jelinek and Mercer 1980), and what chance does where a single
/// letter is asked for.
const SHORTER: f32 = 0.3;
const CHANCE: f32 = 0.01 / 60.0;
/// Words of this level and above, one in five of the lists, tell how other words are spelt; with half as many again no figure is better.
const TELLING: u32 = 9;

/// What words are made of.
struct Mixture {
    /// How many words are of the lists, how many are spelt like them, and how many are codes.
    kinds: [f32; 3],
    /// How far each word moves what is expected of the next one.
    adaptive: f32,
    /// How much a word says nothing of the language of the next one.
    foreign: f32,
    /// How many letters a code's letter is one of, and how probable its end is.
    letters: f32,
    /// What a capital behind a small letter, and a small letter behind two capitals, leave of the first two.
    mixed: f32,
    /// The least that a letter is worth: what goes on behind a word, as compounds do, keeps some of what the word has won.
    least: f32,
    /// Letters at the beginning of a word that nothing is said of, unless words are known to follow the one before.
    free: u32,
    /// How much spelling counts against the ink, also where words are known to follow the one before, and about how many letters may follow
    /// as a rule: what is likelier than one of so many is favoured over marks and digits, what is less likely is not.
    power: f32,
    power_behind: f32,
    choices: f32,
    /// Parts that are less probable are nothing.
    nothing: f32,
}

/// Chosen on the lines of held-out writers. Exact are, of texts in French, of German names and of random codes, 11.1, 69.5 and 65.2 % with
/// runs of letters alone and 53,000 words; 11.9, 74.1 and 67.0 with this mixture of them; 16.1, 79.4 and 67.0 with 277,000 words; 17.3, 78.6
/// and 67.2 with names, places, and a power of 0.65 in place of 0.5. Of other shares (0.7, 0.2, 0.1; 0.5, 0.2, 0.3) none is
/// more than half a point better at one and not worse at another; with one free letter texts have half a point more, and chess moves are
/// lost. Token F1 of 75 dev pages 0.765 to 0.772, of the check pages 0.642 to 0.654.
/// What words say of those behind them was chosen on 67, 60 and 55 pages by others, mostly English. Token F1 is 0.544, 0.537 and 0.568 without
/// it; 0.539, 0.544 and 0.571 with a list for each language; 0.548, 0.549 and 0.576 as listed words are expected behind listed ones; 0.554,
/// 0.560 and 0.586 with pairs; 0.559, 0.569 and 0.592 with more power behind a word (as much with a power of 1). With a power of 0.8 for all
/// words and with what a first look at the whole page lets expect it is less.
const MIXTURE: Mixture = Mixture {
    kinds: [0.5, 0.4, 0.1],
    adaptive: 0.5,
    foreign: 0.1,
    letters: 12.0,
    mixed: 0.02,
    least: 1e-4,
    free: 2,
    power: 0.65,
    power_behind: 0.85,
    choices: 12.0,
    nothing: 1e-5,
};

const START: char = '^';
const END: char = '$';
/// The number of [`START`] among the letters.
const START_NUMBER: u8 = 1;

/// A run of up to five characters, eight bits each.
type Run = u64;

/// Most lists of words: a language each, and one of names and places.
const LISTS: usize = 8;
/// Behind the lists: words spelt like theirs, and codes.
const SPELT: usize = LISTS;
const CODES: usize = LISTS + 1;

/// Words, and frequencies of runs of their letters.
#[derive(Default)]
pub struct Spelling {
    /// Those of languages, and at last that of names and places.
    lists: Vec<Lexicon>,
    /// Numbers of letters, from 1 on.
    letters: HashMap<char, u8>,
    runs: HashMap<Run, f32, BuildHasherDefault<Multiply>>,
    all: f32,
    /// How often all words together are met, and how much of what is written is of each list.
    all_words: f32,
    usual: [f32; LISTS],
}

/// How far a word is known: what its letters so far leave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    letters: u32,
    capitals: u32,
    /// Behind a digit: what a digit stands before is a code.
    coded: bool,
    /// The last letters, the newest in the lowest bits, and how many of them there are, the word's beginning among them.
    run: Run,
    known: usize,
    /// The [`hash`] of the letters so far, and of the word before; 0 where there is none.
    word: u64,
    before: u64,
    /// Whether words are known to follow the one before.
    is_behind: bool,
    /// Words of the lists that begin so.
    among: [Among; LISTS],
    /// How probable it is a word of each of the lists, one that is spelt like them, and a code.
    shares: [f32; LISTS + 2],
    context: Context,
}

/// What words before say of the next one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Context {
    /// How probable words of the lists, those spelt like them, and codes are.
    kinds: [f32; 3],
    /// How probable each list is among them; all 0 where nothing is known.
    lists: [f32; LISTS],
}

impl Place {
    /// Where a line begins.
    pub const START: Place = Place::at(Context { kinds: MIXTURE.kinds, lists: [0.0; LISTS] });

    const fn at(context: Context) -> Place {
        Place {
            letters: 0,
            capitals: 0,
            coded: false,
            run: START_NUMBER as Run,
            known: 1,
            word: 0,
            before: 0,
            is_behind: false,
            among: [Among::ALL; LISTS],
            shares: [0.0; LISTS + 2],
            context,
        }
    }

    /// Where a word may begin, behind `next`: a digit, a mark or a space.
    fn next_word(self, next: Option<char>) -> Place {
        let before = match next {
            Some(' ') if self.coded => 0,
            Some(' ') if self.letters == 0 => self.before,
            Some(' ') => self.word,
            _ => 0,
        };
        Place { coded: next.is_some_and(|c| c.is_ascii_digit()), before, ..Place::at(self.context) }
    }

    /// The place behind `next` where spelling says nothing of it, whatever the words are.
    pub fn pass(self, next: Option<char>) -> Option<Place> {
        let is_digit = next.is_some_and(|c| c.is_ascii_digit());
        match next.filter(|c| c.is_alphabetic()) {
            Some(_) => self.coded.then_some(self),
            None => (is_digit || self.coded || self.letters < 2).then(|| self.next_word(next)),
        }
    }
}

/// Letters of one case; the two other spellings of a word, all capitals and one at its beginning, are as usual as its own.
fn folded(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

impl Spelling {
    /// Whether the words of a model file can be learnt from.
    /// # Errors
    /// As [`lexicon::words`] does, and where there are too many lists.
    pub fn check(packed: &str) -> Result<(), String> {
        let lists = lexicon::parts(packed).count().div_ceil(2);
        if lists > LISTS {
            return Err(format!("its words are {lists} lists, and there may be {LISTS}"));
        }
        lexicon::parts(packed).try_for_each(|list| lexicon::words(list, |_, _| {}))
    }

    /// Learns from the words of a model file, see [`lexicon::parts`], which [`Spelling::check`] has found to be good.
    /// # Errors
    /// As [`lexicon::words`] does.
    pub fn learn(packed: &str) -> Result<Self, String> {
        let mut this = Self::default();
        assert_eq!(this.number(START), START_NUMBER);
        let mut numbers: Vec<u8> = Vec::new();
        let mut parts = lexicon::parts(packed);
        while let Some(words) = parts.next() {
            let list = Lexicon::learn(words, parts.next().unwrap_or_default(), |word, level| {
                if level < TELLING {
                    return;
                }
                let weight = (1 << level) as f32;
                numbers.clear();
                numbers.extend([START].into_iter().chain(word.chars()).chain([END]).map(|c| this.number(c)));
                this.all += (numbers.len() - 1) as f32 * weight;
                for i in 0..numbers.len() {
                    let mut run: Run = 0;
                    for k in 0..=BEFORE.min(i) {
                        run |= (numbers[i - k] as Run) << (8 * k);
                        *this.runs.entry(run).or_default() += weight;
                    }
                }
            })?;
            this.lists.push(list);
        }
        this.all_words = this.lists.iter().map(|l| l.all() as f32).sum();
        this.usual = core::array::from_fn(|i| this.lists.get(i).map_or(0.0, |l| l.all() as f32 / this.all_words.max(1.0)));
        Ok(this)
    }

    /// How often a word is met among all words, whatever its case; `None` where it is in no list.
    pub fn frequency(&self, word: &str) -> Option<f32> {
        let small: String = word.chars().map(folded).collect();
        let met: f32 = self.lists.iter().filter_map(|l| l.frequency(&small)).sum();
        (met > 0.0).then(|| met / self.all_words)
    }

    fn number(&mut self, c: char) -> u8 {
        let next = self.letters.len() as u8 + 1;
        *self.letters.entry(c).or_insert(next)
    }

    fn number_of(&self, c: char) -> u8 {
        self.letters.get(&c).copied().unwrap_or(0)
    }

    /// How probable a letter is behind the last letters, by how words of the lists are spelt.
    fn spelt(&self, run: Run, known: usize, c: u8) -> f32 {
        let mut p = CHANCE;
        for n in 0..=known.min(BEFORE) {
            let context = run & ((1 << (8 * n)) - 1);
            let all = if n == 0 { Some(self.all) } else { self.runs.get(&context).copied() };
            let Some(all) = all.filter(|&a| a > 0.0) else { break };
            let both = self.runs.get(&(context << 8 | c as Run)).copied().unwrap_or(0.0);
            p = if n == 0 { p + both / all } else { (1.0 - SHORTER) * both / all + SHORTER * p };
        }
        p
    }

    /// The place where a word begins, with what the words before say of it.
    fn begin(&self, mut place: Place) -> Place {
        if place.context.lists == [0.0; LISTS] {
            place.context.lists = self.usual;
        }
        let Context { kinds: [listed, spelt, codes], lists } = place.context;
        for (i, list) in self.lists.iter().enumerate() {
            place.shares[i] = listed * lists[i];
            if let Some(behind) = Some(place.before).filter(|&b| b != 0).and_then(|b| list.behind(b)) {
                (place.among[i], place.is_behind) = (behind, true);
            }
        }
        (place.shares[SPELT], place.shares[CODES]) = (spelt, codes);
        place
    }

    /// What is expected behind a word of which each part has its share.
    fn expect(&self, before: Context, shares: &[f32; LISTS + 2]) -> Context {
        let m = &MIXTURE;
        let towards = |old: f32, new: f32| old + m.adaptive * (new - old);
        let listed: f32 = shares[..LISTS].iter().sum();
        let now = [listed, shares[SPELT], shares[CODES]];
        let mut context = Context { kinds: core::array::from_fn(|k| towards(before.kinds[k], now[k])), ..before };
        // Names are of all languages.
        let languages = self.lists.len().saturating_sub(1);
        let known: f32 = shares[..languages].iter().sum();
        if known > 0.0 {
            let all: f32 = before.lists[..languages].iter().sum();
            for i in 0..languages {
                let here = shares[i] * all + (1.0 - known) * before.lists[i];
                context.lists[i] = (1.0 - m.foreign) * here + m.foreign * self.usual[i];
            }
        }
        context
    }

    /// What `next` (`None`: the line's end) counts for at a place, 1 where spelling says nothing, and the place behind it.
    pub fn follow(&self, place: Place, next: Option<char>) -> (f32, Place) {
        if let Some(behind) = place.pass(next) {
            return (1.0, behind);
        }
        let place = if place.letters == 0 { self.begin(place) } else { place };
        let m = &MIXTURE;
        let letter = next.filter(|c| c.is_alphabetic());
        let (small, is_capital) = (letter.map(folded), letter.is_some_and(char::is_uppercase));
        let odd = match letter {
            Some(_) if is_capital => place.capitals < place.letters,
            Some(_) => place.capitals > 1,
            None => false,
        };
        let cased = if odd { m.mixed } else { 1.0 };
        let letter_code = small.map_or(LAST, code);
        let word = hash(place.word, letter_code);
        let (mut shares, mut among) = ([0.0; LISTS + 2], place.among);
        for (i, list) in self.lists.iter().enumerate().filter(|&(i, _)| place.shares[i] > m.nothing) {
            let met;
            (among[i], met) = list.listed(among[i], place.letters, letter_code, word);
            shares[i] = cased * place.shares[i] * met;
        }
        let number = self.number_of(small.unwrap_or(END));
        shares[SPELT] = cased * place.shares[SPELT] * self.spelt(place.run, place.known, number);
        shares[CODES] = place.shares[CODES] / m.letters;
        let sum: f32 = shares.iter().sum();
        let is_free = letter.is_some() && !place.is_behind && place.letters < m.free;
        let power = if place.is_behind { m.power_behind } else { m.power };
        let worth = if is_free { 1.0 } else { (sum.max(m.least) * m.choices).powf(power) };
        shares.iter_mut().for_each(|p| *p /= sum);
        let behind = if letter.is_some() {
            Place {
                letters: place.letters + 1,
                capitals: place.capitals + is_capital as u32,
                run: place.run << 8 | number as Run,
                known: place.known + 1,
                word,
                among,
                shares,
                ..place
            }
        } else {
            Place { context: self.expect(place.context, &shares), ..place }.next_word(next)
        };
        (worth, behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelling() -> Spelling {
        Spelling::learn("0granitea\n4teda\n4ulateda\n0sugara\n0watera").expect("words in order")
    }

    /// Logarithm of what a text counts for.
    fn worth(spelling: &Spelling, text: &str) -> f32 {
        let mut place = Place::START;
        let mut sum = 0.0;
        for next in text.chars().map(Some).chain([None]) {
            let (worth, behind) = spelling.follow(place, next);
            (sum, place) = (sum + worth.ln(), behind);
        }
        sum
    }

    #[test]
    fn words_are_spelt_and_codes_are_not() {
        let spelling = spelling();
        let worth = |text: &str| worth(&spelling, text);
        assert!(worth("granulated") > worth("grarulated") + 1.0);
        assert!(worth("Sugar") > worth("Sugr") && worth("SUGAR") == worth("sugar"));
        assert!(worth("suGar") < worth("sugar") && worth("SUgar") < worth("sugar"));
        assert!((worth("sugar.water") - worth("sugar") - worth("water")).abs() < 0.1);
        for free in ["Nf6", "Q", "B", "12", "x=5", "12ab", "a1b2", "7k-9s"] {
            assert_eq!(worth(free), 0.0, "{free}");
        }
    }

    #[test]
    fn listed_words_are_met_as_often_as_their_levels_say() {
        let spelling = Spelling::learn("0grana\n4itea\n0sugarb").expect("words in order");
        assert_eq!(["gran", "Granite", "SUGAR"].map(|w| spelling.frequency(w)), [Some(0.25), Some(0.25), Some(0.5)]);
        assert_eq!(["gra", "granites", "water", ""].map(|w| spelling.frequency(w)), [None; 4]);
    }

    /// What is no word loses once, and no more at each of its letters.
    #[test]
    fn what_is_no_word_loses_once() {
        let spelling = spelling();
        let (short, long) = (worth(&spelling, "granxq"), worth(&spelling, "granxqzvwkjpzxq"));
        assert!((-3.0..-0.5).contains(&short) && (long - short).abs() < 0.1, "{short} {long}");
    }

    /// Behind a word of its language, and behind the word that it follows, a word is worth more.
    #[test]
    fn words_tell_of_those_behind_them() {
        let [english, french, names] = ["0bread9\n0the9\n2ose9", "0pain9\n0thes9", "0berlin9"];
        let spelling = Spelling::learn(&[english, "", french, "", names].join("\n\n")).expect("lists in order");
        let behind = |first: &str, second: &str| worth(&spelling, &format!("{first} {second}")) - worth(&spelling, first);
        assert!(behind("bread", "those") > behind("pain", "those") + 0.1);
        assert!(behind("bread", "thes") < behind("pain", "thes") - 0.1);
        // Names are of no language.
        assert!((behind("berlin", "those") - behind("xq", "those")).abs() < 0.2);
        let paired = Spelling::learn(&[english, "0bread theq", french, "", names].join("\n\n")).expect("lists in order");
        assert!(worth(&paired, "bread the") > worth(&spelling, "bread the") + 0.5);
        assert!(worth(&paired, "bread, the") < worth(&paired, "bread the"), "another sentence");
        assert!(Spelling::check(&"0an3\n\n\n\n".repeat(LISTS + 1)).is_err());
    }

    #[test]
    fn without_words_all_letters_are_alike() {
        let nothing = Spelling::learn("").expect("no words");
        assert!(worth(&nothing, "sugar").is_finite());
    }
}
