//! `--pattern`: a regular expression as an automaton that decoding walks along, so that only texts that fit are ever read.
//!
//! The automaton is a DFA of the regex-automata crate over UTF-8. Words of a line must each match the whole pattern.

use regex_automata::dfa::{dense, Automaton, StartKind};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::Anchored;

/// A compiled pattern.
pub struct Pattern {
    dfa: dense::DFA<Vec<u32>>,
}

/// Where decoding stands in a pattern.
pub type State = StateID;

/// Most bytes that a pattern's automaton may take: `\d{1,50}` takes 20 KB.
const MOST_BYTES: usize = 4 << 20;

/// Most bytes of the automaton that it is made from. Without a limit, repetitions within repetitions take all memory.
const MOST_BYTES_FIRST: usize = 4 << 20;

impl Pattern {
    /// Compiles `text` for words of letters, digits and marks. `\d`, `\w` and `\s` mean what our alphabet holds of them.
    /// # Errors
    /// What is wrong with the expression, in one sentence.
    pub fn new(text: &str) -> Result<Self, String> {
        let plain = expand(text);
        let words = format!("(?:{plain})(?: (?:{plain}))*");
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .dfa_size_limit(Some(MOST_BYTES))
            .determinize_size_limit(Some(4 * MOST_BYTES));
        let first = thompson::Config::new().nfa_size_limit(Some(MOST_BYTES_FIRST));
        let dfa = dense::Builder::new().configure(config).thompson(first).build(&words).map_err(|e| {
            let mut why: Option<&dyn std::error::Error> = Some(&e);
            let mut last = String::new();
            while let Some(w) = why {
                last = w.to_string();
                why = w.source();
            }
            let last = last.lines().last().unwrap_or("").trim_start_matches("error: ").to_string();
            format!("the pattern {text} cannot be used: {last}")
        })?;
        Ok(Self { dfa })
    }

    pub fn start(&self) -> State {
        self.dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).expect("an anchored start, as it was built")
    }

    /// The state after `c`, or `None` where no text that goes on so can match.
    pub fn next(&self, state: State, c: char) -> Option<State> {
        let mut bytes = [0; 4];
        let after = c.encode_utf8(&mut bytes).bytes().fold(state, |s, b| self.dfa.next_state(s, b));
        (!self.dfa.is_dead_state(after) && !self.dfa.is_quit_state(after)).then_some(after)
    }

    /// Whether a text that ends here matches.
    pub fn accepts(&self, state: State) -> bool {
        self.dfa.is_match_state(self.dfa.next_eoi_state(state))
    }
}

/// Perl's classes as plain ones: the tables of all of Unicode's digits would triple the size of the WASM.
fn expand(text: &str) -> String {
    let (mut out, mut inside) = (String::new(), false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            inside = (inside || c == '[') && c != ']';
            out.push(c);
            continue;
        }
        let class = match chars.next() {
            Some('d') => "0-9",
            Some('w') => "0-9A-Za-z_À-ÖØ-öø-ÿŒœ",
            Some('s') => " ",
            Some(other) => {
                out.push('\\');
                out.push(other);
                continue;
            }
            None => {
                out.push('\\');
                break;
            }
        };
        out += &if inside { class.to_string() } else { format!("[{class}]") };
    }
    out
}
