//! Inflates what was deflated, RFC 1951: a link's document. Small rather than quick, since every
//! visit to the page loads it; a link is short.

/// Why bytes cannot be inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// They are not what a compressor wrote, or their end is missing.
    Damaged,
    /// There is more than was allowed.
    TooLarge,
}

use Failure::{Damaged, TooLarge};

/// The most bits that a code has.
const LONGEST: usize = 15;
/// The literal that ends a block.
const END: u16 = 256;
/// In which order the lengths of the code for lengths are written: those that are often zero last.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Inflates at most `limit` bytes. What follows the last block is not looked at.
pub(super) fn inflate(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Failure> {
    let mut bits = Bits { bytes, at: 0 };
    let mut output = Vec::new();
    loop {
        let is_last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => stored(&mut bits, &mut output, limit)?,
            1 => {
                let literals: Vec<u8> = [(8, 144), (9, 112), (7, 24), (8, 8)]
                    .iter()
                    .flat_map(|&(n, count)| vec![n; count])
                    .collect();
                let (literals, distances) = (Code::new(&literals)?, Code::new(&[5; 30])?);
                compressed(&mut bits, &literals, &distances, &mut output, limit)?;
            }
            2 => {
                let (literals, distances) = codes(&mut bits)?;
                compressed(&mut bits, &literals, &distances, &mut output, limit)?;
            }
            _ => return Err(Damaged),
        }
        if is_last {
            return Ok(output);
        }
    }
}

/// Bits, the lowest of each byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Result<usize, Failure> {
        let mut value = 0;
        for bit in 0..count {
            let byte = self.bytes.get(self.at / 8).ok_or(Damaged)?;
            value |= usize::from(byte >> (self.at % 8) & 1) << bit;
            self.at += 1;
        }
        Ok(value)
    }
}

/// A prefix code: how many codes there are of each length, and what they stand for, in order.
struct Code {
    counts: [usize; LONGEST + 1],
    symbols: Vec<u16>,
}

impl Code {
    /// From the length of each symbol's code; a symbol of length zero has none.
    fn new(lengths: &[u8]) -> Result<Code, Failure> {
        let mut counts = [0; LONGEST + 1];
        let mut symbols = Vec::new();
        let mut free = 1isize;
        for (length, count) in counts.iter_mut().enumerate().skip(1) {
            let before = symbols.len();
            let ones = (0..lengths.len()).filter(|&at| usize::from(lengths[at]) == length);
            symbols.extend(ones.map(|at| at as u16));
            *count = symbols.len() - before;
            // Each code that the shorter lengths left free is the start of two.
            free = 2 * free - *count as isize;
            if free < 0 {
                return Err(Damaged);
            }
        }
        Ok(Code { counts, symbols })
    }

    fn symbol(&self, bits: &mut Bits<'_>) -> Result<u16, Failure> {
        // `code` counts from the first code of each length, `first` where its symbols begin.
        let (mut code, mut first) = (0, 0);
        for count in &self.counts[1..] {
            code = code << 1 | bits.take(1)?;
            if code < *count {
                return Ok(self.symbols[first + code]);
            }
            first += count;
            code -= count;
        }
        Err(Damaged)
    }
}

/// The two codes of a block that brings its own.
fn codes(bits: &mut Bits<'_>) -> Result<(Code, Code), Failure> {
    let literals = bits.take(5)? + 257;
    let distances = bits.take(5)? + 1;
    let mut of_lengths = [0; ORDER.len()];
    for at in ORDER.into_iter().take(bits.take(4)? + 4) {
        of_lengths[at] = bits.take(3)? as u8;
    }
    let code = Code::new(&of_lengths)?;
    let mut lengths: Vec<u8> = Vec::new();
    while lengths.len() < literals + distances {
        let (length, times) = match code.symbol(bits)? {
            16 => (*lengths.last().ok_or(Damaged)?, 3 + bits.take(2)?),
            17 => (0, 3 + bits.take(3)?),
            18 => (0, 11 + bits.take(7)?),
            length => (length as u8, 1),
        };
        lengths.extend(std::iter::repeat_n(length, times));
    }
    if lengths.len() > literals + distances {
        return Err(Damaged);
    }
    let (literals, distances) = lengths.split_at(literals);
    Ok((Code::new(literals)?, Code::new(distances)?))
}

fn stored(bits: &mut Bits<'_>, output: &mut Vec<u8>, limit: usize) -> Result<(), Failure> {
    bits.at = bits.at.next_multiple_of(8);
    let length = bits.take(16)?;
    if bits.take(16)? != !length & 0xffff {
        return Err(Damaged);
    }
    let start = bits.at / 8;
    let bytes = bits.bytes.get(start..start + length).ok_or(Damaged)?;
    if output.len() + length > limit {
        return Err(TooLarge);
    }
    output.extend(bytes);
    bits.at += 8 * length;
    Ok(())
}

fn compressed(
    bits: &mut Bits<'_>,
    literals: &Code,
    distances: &Code,
    output: &mut Vec<u8>,
    limit: usize,
) -> Result<(), Failure> {
    loop {
        let symbol = literals.symbol(bits)?;
        let (length, back) = match symbol {
            0..END => {
                if output.len() == limit {
                    return Err(TooLarge);
                }
                output.push(symbol as u8);
                continue;
            }
            END => return Ok(()),
            // 3 to 258, and the longest has a symbol of its own.
            257..285 => (3 + stepped(usize::from(symbol) - 257, 4, bits)?, distance(distances, bits)?),
            285 => (258, distance(distances, bits)?),
            _ => return Err(Damaged),
        };
        let start = output.len().checked_sub(back).ok_or(Damaged)?;
        if output.len() + length > limit {
            return Err(TooLarge);
        }
        // Byte by byte: a copy may reach into what it copies.
        for at in start..start + length {
            output.push(output[at]);
        }
    }
}

fn distance(distances: &Code, bits: &mut Bits<'_>) -> Result<usize, Failure> {
    match distances.symbol(bits)? {
        symbol @ 0..30 => Ok(1 + stepped(symbol.into(), 2, bits)?),
        _ => Err(Damaged),
    }
}

/// What the `symbol`th step of a scale begins with, plus as many further bits as it spans: the first two
/// times `group` steps span 1 each, then every `group` of them twice as much as those before.
fn stepped(symbol: usize, group: usize, bits: &mut Bits<'_>) -> Result<usize, Failure> {
    let extra = (symbol / group).saturating_sub(1);
    let start = if extra == 0 { symbol } else { (group + symbol % group) << extra };
    Ok(start + bits.take(extra)?)
}
