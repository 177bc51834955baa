//! Pieces of rules that lean too much to be lifted in one: alone they look like ones and dashes, one behind the other they give
//! themselves away.

use crate::components::Component;
use crate::ink::Mask;
use crate::raster::Rect;
use crate::rules::Lifted;

/// A piece is this many times as long as it is wide, and no speck.
const SLENDER: usize = 4;
const SHORTEST: usize = 8;
/// What is between two pieces, as a part of the shorter one: a column of ones leaves more.
const GAP: usize = 8;
/// Pixels that the next piece may lie beside.
const BESIDE: usize = 3;

/// What is left of the edge of a rule is no thicker and no shorter than this: a point beside a rule is.
const FRINGE: usize = 3;
const SHORTEST_FRINGE: usize = 4;

/// A component seen along a direction.
#[derive(Clone, Copy)]
struct Piece {
    number: usize,
    start: usize,
    end: usize,
    low: usize,
    high: usize,
}

impl Piece {
    fn of(number: usize, r: &Rect, upright: bool) -> Self {
        let (start, end, low, high) =
            if upright { (r.top, r.bottom, r.left, r.right) } else { (r.left, r.right, r.top, r.bottom) };
        Self { number, start, end, low, high }
    }

    fn is_slender(&self) -> bool {
        self.len() >= SHORTEST.max(SLENDER * self.across())
    }

    fn len(&self) -> usize {
        self.end - self.start
    }

    fn across(&self) -> usize {
        self.high - self.low
    }

    /// Whether neither `next` nor what starts after it can go on where this ends.
    fn ends_before(&self, next: &Piece) -> bool {
        next.start > self.end + (self.len() / GAP).max(BESIDE)
    }

    /// Whether `next` goes on where this ends, and both together are as straight as either.
    fn leads_to(&self, next: &Piece) -> bool {
        let near = (self.len().min(next.len()) / GAP).max(BESIDE);
        let across = self.high.max(next.high) - self.low.min(next.low);
        let long = next.end.max(self.end) - self.start.min(next.start);
        next.start.abs_diff(self.end) <= near && across <= self.across() + next.across() + BESIDE && long >= SLENDER * across
    }

    /// Whether a lifted rule of its own direction runs at `along`, beside it or through it.
    fn is_beside_rule(&self, along: usize, upright: bool, lifted: &Lifted) -> bool {
        (self.low.saturating_sub(BESIDE)..self.high + BESIDE).any(|across| {
            let (x, y) = if upright { (across, along) } else { (along, across) };
            let Mask { width, height, .. } = lifted.all;
            if x >= width || y >= height {
                return false;
            }
            let at = y * width + x;
            lifted.all.data[at] != 0 && (lifted.uprights.data[at] != 0) == upright
        })
    }

    /// Whether an end of it is where a lifted rule of its own direction goes on.
    fn is_end_of_rule(&self, upright: bool, lifted: &Lifted) -> bool {
        let near = (self.len() / GAP).max(BESIDE);
        let mut ends = (self.end..self.end + near).chain(self.start.saturating_sub(near)..self.start);
        ends.any(|along| self.is_beside_rule(along, upright, lifted))
    }

    /// Whether it is what is left of the edge of a lifted rule.
    fn is_fringe(&self, upright: bool, lifted: &Lifted) -> bool {
        let beside = || (self.start..self.end).filter(|&along| self.is_beside_rule(along, upright, lifted)).count();
        self.len() >= SHORTEST_FRINGE && self.across() <= FRINGE.min(self.len() / 2) && beside() * 10 >= self.len() * 6
    }
}

/// Which components are pieces of rules: two or more in line that together are `long`, or one at the end or the edge of a lifted
/// rule.
pub fn find(components: &[Component], long: usize, lifted: &Lifted) -> Vec<bool> {
    let mut found = vec![false; components.len()];
    for upright in [true, false] {
        let all = || components.iter().enumerate().map(|(i, c)| Piece::of(i, &c.rect, upright));
        all().filter(|p| p.is_fringe(upright, lifted)).for_each(|p| found[p.number] = true);
        let mut pieces: Vec<Piece> = all().filter(Piece::is_slender).collect();
        pieces.sort_by_key(|p| (p.start, p.low));
        let mut close = |chain: Vec<Piece>| {
            if chain.len() > 1 && chain[chain.len() - 1].end - chain[0].start >= long {
                chain.iter().for_each(|p| found[p.number] = true);
            }
        };
        let mut open: Vec<Vec<Piece>> = Vec::new();
        for p in &pieces {
            let (gone, on): (Vec<_>, Vec<_>) = open.into_iter().partition(|c| c[c.len() - 1].ends_before(p));
            open = on;
            gone.into_iter().for_each(&mut close);
            match open.iter_mut().find(|c| c[c.len() - 1].leads_to(p)) {
                Some(chain) => chain.push(*p),
                None => open.push(vec![*p]),
            }
        }
        open.into_iter().for_each(close);
        pieces.iter().filter(|p| p.is_end_of_rule(upright, lifted)).for_each(|p| found[p.number] = true);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(left: usize, top: usize, width: usize, height: usize) -> Component {
        Component { rect: Rect { left, top, right: left + width, bottom: top + height }, area: width * height / 2 }
    }

    fn nothing() -> Lifted {
        Lifted { rules: Vec::new(), all: Mask::new(200, 400), uprights: Mask::new(200, 400), walls: Mask::new(200, 400) }
    }

    /// One rule, in column 52.
    fn upright_rule() -> Lifted {
        let mut lifted = nothing();
        for y in 100..300 {
            lifted.all.data[y * 200 + 52] = 1;
            lifted.uprights.data[y * 200 + 52] = 1;
        }
        lifted
    }

    #[test]
    fn pieces_in_line_are_a_rule() {
        // A leaning rule in three pieces, and a one beside it.
        let all = [piece(50, 20, 5, 30), piece(54, 51, 6, 33), piece(60, 85, 5, 28), piece(90, 40, 4, 30)];
        assert_eq!(find(&all, 60, &nothing()), [true, true, true, false]);
        // Lying likewise.
        let flat: Vec<Component> = all.iter().map(|c| piece(c.rect.top, c.rect.left, c.rect.height(), c.rect.width())).collect();
        assert_eq!(find(&flat, 60, &nothing()), [true, true, true, false]);
    }

    #[test]
    fn a_column_of_ones_is_none() {
        let ones = [piece(50, 20, 4, 30), piece(50, 60, 4, 30), piece(51, 100, 4, 30)];
        assert_eq!(find(&ones, 60, &nothing()), [false; 3]);
        // A broken one is too short for a rule.
        assert_eq!(find(&[piece(50, 20, 3, 15), piece(50, 36, 3, 14)], 60, &nothing()), [false; 2]);
    }

    #[test]
    fn the_edge_of_a_lifted_rule_belongs_to_it() {
        let lifted = upright_rule();
        let is = |c: Component| find(&[c], 60, &lifted)[0];
        assert!(is(piece(54, 150, 2, 7)));
        // A point beside it, and what is thicker or further off, are writing.
        assert!(!is(piece(54, 150, 4, 4)) && !is(piece(54, 150, 5, 12)) && !is(piece(70, 150, 2, 7)));
    }

    #[test]
    fn what_ends_a_lifted_rule_belongs_to_it() {
        let lifted = upright_rule();
        let at = |left: usize| find(&[piece(left, 70, 4, 28)], 60, &lifted)[0];
        assert!(at(51) && !at(80));
        // A dash that meets an upright rule is a dash.
        assert!(!find(&[piece(20, 150, 30, 4)], 60, &lifted)[0]);
    }
}
