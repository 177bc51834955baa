//! Moves of chess, as score sheets hold them: how probable a word is where a page is of moves.
//!
//! Algebraic notation after the Laws of Chess of FIDE (2023), appendix C, with the letters of several languages for the pieces.

/// Letters of pieces: English K Q R B N, German K D T L S, French R D T F C, Spanish, Portuguese and Italian R D T A C.
const PIECES: &str = "KQRBNDTLSFCA";

/// How moves are made up: shares of castlings, of moves of pawns, of captures, of moves with a place of origin, of moves with a sign
/// behind them. Of the 40 moves of each side in a common game some 15 are of pawns, 10 are captures, 3 give check, one is a castling.
struct Shares {
    castling: f32,
    pawn: f32,
    capture: f32,
    origin: f32,
    sign: f32,
}

const SHARES: Shares = Shares { castling: 0.03, pawn: 0.35, capture: 0.25, origin: 0.06, sign: 0.08 };

/// What O counts for in the place of a nought.
const O_FOR_0: f32 = 0.02;

fn is_file(c: char) -> bool {
    ('a'..='h').contains(&c)
}

fn is_rank(c: char) -> bool {
    ('1'..='8').contains(&c)
}

/// Probability of a word among moves, 0 where it is none. `piece` says how probable each letter of a piece is.
pub(crate) fn probability(word: &str, piece: &dyn Fn(char) -> f32) -> f32 {
    let all: Vec<char> = word.chars().collect();
    let signs = all.iter().rev().take_while(|c| "+#!?".contains(**c)).count();
    let (body, signs) = all.split_at(all.len() - signs);
    let end = match signs.len() {
        0 => 1.0 - SHARES.sign,
        n => SHARES.sign * 0.25f32.powi(n as i32),
    };
    let text: String = body.iter().collect();
    let castling = match text.as_str() {
        "0-0" => 0.8,
        "0-0-0" => 0.15,
        // As rare among moves as capitals are among numbers: only the ink tells a nought from an O.
        "O-O" => 0.8 * O_FOR_0,
        "O-O-O" => 0.15 * O_FOR_0,
        _ => 0.0,
    };
    if castling > 0.0 {
        return SHARES.castling * castling * end;
    }
    // A pawn that comes to the last rank is made a piece.
    let (body, made) = match body {
        [rest @ .., '=', c] if PIECES.contains(*c) => (rest, 0.02 * piece(*c)),
        _ => (body, 1.0),
    };
    let [from @ .., file, rank] = body else { return 0.0 };
    if !is_file(*file) || !is_rank(*rank) {
        return 0.0;
    }
    let (from, takes) = match from {
        [rest @ .., 'x'] => (rest, true),
        _ => (from, false),
    };
    let capture = if takes { SHARES.capture } else { 1.0 - SHARES.capture };
    let by = match *from {
        // A pawn takes from the file that it stood in.
        [] if !takes => SHARES.pawn * (1.0 - SHARES.capture),
        [f] if is_file(f) && takes && f != *file => SHARES.pawn * SHARES.capture / 2.0,
        [p] if PIECES.contains(p) => (1.0 - SHARES.pawn) * piece(p) * (1.0 - SHARES.origin) * capture,
        [p, o] if PIECES.contains(p) && (is_file(o) || is_rank(o)) => {
            (1.0 - SHARES.pawn) * piece(p) * SHARES.origin / 16.0 * capture
        }
        _ => 0.0,
    };
    by * made * end / 64.0
}

/// Number of letters that pieces may have.
pub(crate) fn pieces() -> impl Iterator<Item = char> {
    PIECES.chars()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_are_told_from_what_looks_like_them() {
        let of = |word: &str| probability(word, &|_| 1.0 / 12.0);
        for word in ["e4", "Nf3", "Bxf3", "exd5", "Nbd7", "N6d7", "O-O", "0-0-0", "Qxf4+", "e8=Q", "Rd1#", "Sf6"] {
            assert!(of(word) > 0.0, "{word}");
        }
        for word in ["", "96", "Nz3", "e9", "Nf", "ee4", "exe5", "xf3", "Mf3", "+", "O-O-", "N66d7", "e4 e5"] {
            assert_eq!(of(word), 0.0, "{word}");
        }
        // All moves together are no more than certain.
        let squares = || ('a'..='h').flat_map(|f| ('1'..='8').map(move |r| format!("{f}{r}")));
        let froms = pieces().map(String::from).chain([String::new()]);
        let all: f32 = froms.flat_map(|p| squares().map(move |s| p.clone() + &s)).map(|w| of(&w)).sum();
        assert!((0.4..0.8).contains(&all), "{all}");
    }
}
