//! CCITT fax of TIFF's compressions 2 and 3: modified Huffman and Group 3, one- and two-dimensional (ITU-T T.4; TIFF 6.0, section 11).
//! The code tables are those of the `fax` crate; Group 4 goes through the `tiff` crate.

use fax::maps::{black, mode, white, Mode};
use fax::BitReader;

/// How lines are coded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Compression 2: lines begin at whole bytes, without marks.
    ModifiedHuffman,
    /// Compression 3: lines begin with an end-of-line mark.
    Group3 {
        /// A bit behind each mark says whether the line is told from the line before.
        two_dimensional: bool,
    },
}

/// Bits of bytes, the highest first. At the end there are zeros, as many as a code may ask for.
struct Bits<'a> {
    data: &'a [u8],
    /// In bits.
    at: usize,
}

impl BitReader for Bits<'_> {
    type Error = ();

    fn peek(&self, bits: u8) -> Option<u16> {
        if self.at >= self.data.len() * 8 {
            return None;
        }
        let byte = |i: usize| self.data.get(self.at / 8 + i).copied().unwrap_or(0) as u32;
        let window = byte(0) << 16 | byte(1) << 8 | byte(2);
        Some((window << (self.at % 8) >> (24 - bits as u32) & ((1u32 << bits) - 1)) as u16)
    }

    fn bits_to_byte_boundary(&self) -> u8 {
        (self.at.next_multiple_of(8) - self.at) as u8
    }

    fn consume(&mut self, bits: u8) -> Result<(), ()> {
        self.at += bits as usize;
        Ok(())
    }
}

/// Columns at which the colour changes in each line, the first change being to black. Fewer than `rows` where the data end before.
pub fn decode(data: &[u8], width: usize, rows: usize, coding: Coding) -> Vec<Vec<usize>> {
    let mut bits = Bits { data, at: 0 };
    let mut lines: Vec<Vec<usize>> = Vec::with_capacity(rows.min(data.len() * 8));
    let mut flat = true;
    while lines.len() < rows {
        if coding == Coding::ModifiedHuffman {
            bits.at = bits.at.next_multiple_of(8);
        } else {
            let marks = skip_marks(&mut bits, coding, &mut flat);
            // Six marks end the page.
            if marks > 1 && !lines.is_empty() {
                break;
            }
        }
        if bits.peek(1).is_none() {
            break;
        }
        let before = lines.last().map_or(&[][..], |l| l);
        let line = if flat { one_dimensional(&mut bits, width) } else { two_dimensional(&mut bits, width, before) };
        match (line, coding) {
            (Some(line), _) => lines.push(line),
            // A line that is damaged looks like the one before it, and the next mark is looked for.
            (None, Coding::Group3 { .. }) => {
                lines.push(before.to_vec());
                while bits.peek(11).is_some_and(|b| b != 0) {
                    bits.at += 1;
                }
            }
            (None, Coding::ModifiedHuffman) => break,
        }
    }
    lines
}

/// Skips end-of-line marks (eleven zeros or more and a one) and says how many there were; `flat` is what the last one says.
fn skip_marks(bits: &mut Bits, coding: Coding, flat: &mut bool) -> usize {
    let mut marks = 0;
    while bits.peek(11) == Some(0) {
        while bits.peek(1) == Some(0) {
            bits.at += 1;
        }
        bits.at += 1;
        marks += 1;
        if coding == (Coding::Group3 { two_dimensional: true }) {
            *flat = bits.peek(1) == Some(1);
            bits.at += 1;
        }
    }
    marks
}

/// The length of a run: make-up codes and a terminating one.
fn run(bits: &mut Bits, is_white: bool) -> Option<usize> {
    let mut sum = 0;
    loop {
        let n = if is_white { white::decode(bits) } else { black::decode(bits) }? as usize;
        sum += n;
        if n < 64 {
            return Some(sum);
        }
    }
}

fn one_dimensional(bits: &mut Bits, width: usize) -> Option<Vec<usize>> {
    let (mut line, mut at, mut is_white) = (Vec::new(), 0, true);
    while at < width {
        at += run(bits, is_white)?;
        line.push(at.min(width));
        is_white = !is_white;
    }
    Some(line)
}

/// T.4, 4.2: changes are told by those of the line before.
fn two_dimensional(bits: &mut Bits, width: usize, before: &[usize]) -> Option<Vec<usize>> {
    let (mut line, mut is_white): (Vec<usize>, bool) = (Vec::new(), true);
    // Before the first pixel there is an imaginary white one.
    let mut at: Option<usize> = None;
    while at.unwrap_or(0) < width {
        // The first change of the line before to the right of here, and to the other colour; and the one behind it.
        let first = (0..before.len()).find(|&i| (i % 2 == 0) == is_white && at.is_none_or(|a| before[i] > a));
        let change = |i: Option<usize>| i.and_then(|i| before.get(i)).copied().unwrap_or(width);
        match mode::decode(bits)? {
            Mode::Pass => at = Some(change(first.map(|i| i + 1))),
            Mode::Horizontal => {
                let one = at.unwrap_or(0) + run(bits, is_white)?;
                let two = one + run(bits, !is_white)?;
                line.extend([one.min(width), two.min(width)]);
                at = Some(two);
            }
            Mode::Vertical(by) => {
                let to = change(first).checked_add_signed(by as isize)?;
                if to > width || at.is_some_and(|a| to < a) {
                    return None;
                }
                line.push(to);
                at = Some(to);
                is_white = !is_white;
            }
            Mode::Extension | Mode::EOF => return None,
        }
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits written as text to bytes.
    fn packed(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits.bytes().filter(|b| *b != b' ').map(|b| b - b'0').collect();
        bits.chunks(8).map(|c| c.iter().enumerate().fold(0, |v, (i, b)| v | b << (7 - i))).collect()
    }
    const MARK: &str = "000000000001";
    // T.4, tables 2 and 3: runs of 4 white, 3 black, 1 white.
    const LINE: &str = "1011 10 000111";

    #[test]
    fn lines_of_runs() {
        let data = packed(&format!("{MARK}{LINE}{MARK}{LINE}{}", MARK.repeat(6)));
        let lines = decode(&data, 8, 5, Coding::Group3 { two_dimensional: false });
        assert_eq!(lines, [[4, 7, 8]; 2]);
        // From byte to byte, without marks.
        let bytes = [packed(LINE), packed(LINE)].concat();
        assert_eq!(decode(&bytes, 8, 2, Coding::ModifiedHuffman), [[4, 7, 8]; 2]);
    }

    #[test]
    fn lines_told_by_the_line_before() {
        // The same line, one with its black run a pixel further left and longer, and one without any.
        let same = "1 1 1";
        let moved = "010 011";
        let white = "0001";
        let data = packed(&format!("{MARK}1{LINE}{MARK}0{same}{MARK}0{moved}{MARK}0{white}"));
        let lines = decode(&data, 8, 4, Coding::Group3 { two_dimensional: true });
        assert_eq!(lines, [vec![4, 7, 8], vec![4, 7, 8], vec![3, 8], vec![]]);
    }

    #[test]
    fn a_damaged_line_costs_itself_alone() {
        let data = packed(&format!("{MARK}{LINE}{MARK}1011 000000001 11{MARK}{LINE}"));
        let lines = decode(&data, 8, 3, Coding::Group3 { two_dimensional: false });
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[2], [4, 7, 8]);
    }
}
