//! `first + … + last`: joining values into a text.
//!
//! Most texts that scripts join are short: those that fit into a value are put together in machine
//! words, those that fit a small buffer on the stack, and only the others are appended to each other.

use super::ops::{BYTES_PER_UNIT, Bench};
use crate::compile::op::Reg;
use crate::value::fault::Run;
use crate::value::{SHORT_TEXT, Value, arith};

/// Joins of up to this many bytes are put together on the stack.
const JOINED: usize = 96;
/// The most that one part which is no long text takes: the digits of a whole number.
const PART: usize = 20;

impl Bench<'_> {
    /// Joins registers into another one.
    #[inline(never)]
    pub fn concat(&mut self, registers: &mut [Value], first: Reg, count: u16, to: Reg) -> Run<()> {
        let first = usize::from(first);
        let parts = &registers[first..first + usize::from(count)];
        let joined = match join_in_words(parts) {
            Some(joined) => joined,
            None => self.join(parts)?,
        };
        registers[usize::from(to)] = joined;
        Ok(())
    }

    fn join(&mut self, parts: &[Value]) -> Run<Value> {
        if let Some(joined) = self.join_on_stack(parts) {
            return Ok(joined);
        }
        let Some((first, rest)) = parts.split_first() else { return Ok(Value::Null) };
        let mut sum = *first;
        for part in rest {
            sum = match sum {
                Value::Short { .. } | Value::Text { .. } => {
                    let joined = arith::append(self.heap, self.zone, sum, *part)?;
                    self.charge_for_text(sum, joined);
                    joined
                }
                _ => self.add(sum, *part)?,
            };
        }
        Ok(sum)
    }

    /// Texts and whole numbers, if they are few bytes.
    fn join_on_stack(&mut self, parts: &[Value]) -> Option<Value> {
        // A long text is appended to in place.
        if !begins_with_text(parts) || matches!(parts, [Value::Text { .. }, ..]) {
            return None;
        }
        // Parts are copied with the unused bytes behind them: a fixed length needs no call.
        let mut joined = [0; JOINED + PART];
        let mut len = 0;
        for part in parts {
            match part {
                Value::Short { len: more, bytes } => {
                    joined.get_mut(len..len + SHORT_TEXT)?.copy_from_slice(bytes);
                    len += usize::from(*more);
                }
                Value::Int(n) => {
                    let mut digits = [0; 2 * PART];
                    let (digits_of, _) = digits.split_first_chunk_mut::<PART>()?;
                    let begin = arith::write_digits(*n, digits_of);
                    joined.get_mut(len..len + PART)?.copy_from_slice(digits.get(begin..begin + PART)?);
                    len += PART - begin;
                }
                Value::Text { .. } => {
                    let bytes = self.heap.bytes(part)?;
                    joined.get_mut(len..len + bytes.len())?.copy_from_slice(bytes);
                    len += bytes.len();
                }
                _ => return None,
            }
            if len > JOINED {
                return None;
            }
        }
        self.charge(len / BYTES_PER_UNIT);
        Some(self.heap.text_of_bytes(&joined[..len]))
    }
}

/// Whether no numbers come first that would have to be added.
fn begins_with_text(parts: &[Value]) -> bool {
    let is_text = |value: &Value| matches!(value, Value::Short { .. } | Value::Text { .. });
    matches!(parts, [first, second, ..] if is_text(first) || is_text(second))
}

/// Short texts and whole numbers whose join fits into a value.
#[inline]
fn join_in_words(parts: &[Value]) -> Option<Value> {
    if !begins_with_text(parts) {
        return None;
    }
    let (mut joined, mut len) = (0, 0);
    for part in parts {
        let (word, more) = match part {
            Value::Short { len, bytes } => (word_of(bytes), usize::from(*len)),
            Value::Int(n) => digits_in_word(*n)?,
            _ => return None,
        };
        if len + more > SHORT_TEXT {
            return None;
        }
        joined |= word << (8 * len);
        len += more;
    }
    let [bytes @ .., _, _] = u128::to_le_bytes(joined);
    Some(Value::Short { len: len as u8, bytes })
}

/// The bytes of a short text, the first one lowest.
#[inline]
fn word_of(bytes: &[u8; SHORT_TEXT]) -> u128 {
    let &[a, b, c, d, e, f, g, h, i, j, k, l, m, n] = bytes;
    u128::from_le_bytes([a, b, c, d, e, f, g, h, i, j, k, l, m, n, 0, 0])
}

/// The digits of a whole number of at most eight, the first one in the lowest byte, and how many.
#[inline]
fn digits_in_word(number: i64) -> Option<(u128, usize)> {
    let number = u64::try_from(number).ok().filter(|number| *number < 100_000_000)?;
    // Two halves of four digits, then four quarters of two, then eight digits, all side by side.
    let halves = (number / 10_000) | (number % 10_000) << 32;
    let hundreds = ((halves * 10_486) >> 20) & 0x7f_0000_007f;
    let quarters = hundreds | (halves - 100 * hundreds) << 16;
    let tens = ((quarters * 103) >> 10) & 0x000f_000f_000f_000f;
    let digits = tens | (quarters - 10 * tens) << 8;
    // Nought has one digit.
    let zeros = (digits.trailing_zeros() / 8).min(7);
    let word = (digits | 0x3030_3030_3030_3030) >> (8 * zeros);
    Some((word.into(), 8 - zeros as usize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::heap::Heap;
    use jiff::tz::TimeZone;

    fn joined(parts: &[Value], long: &str) -> (String, bool) {
        let mut heap = Heap::default();
        let long = heap.text(long);
        let mut registers = parts.to_vec();
        registers.push(long);
        registers.push(Value::Null);
        let (count, mut fuel) = (registers.len() - 1, 0);
        let mut bench = Bench { heap: &mut heap, zone: &TimeZone::UTC, fuel: &mut fuel };
        bench.concat(&mut registers, 0, count as u16, count as Reg).unwrap();
        let answer = registers[count];
        (heap.str(&answer).unwrap().to_owned(), matches!(answer, Value::Short { .. }))
    }

    #[test]
    fn numbers_of_every_length_are_joined_as_they_are_written() {
        let mut number: i64 = 9;
        for _ in 0..17 {
            for n in [number, number - 8, number / 2, -number, number + 1] {
                for before in ["", "a", "seven b", "thirteen byte", "fourteen bytes"] {
                    let parts = [Value::short(before).unwrap(), Value::Int(n)];
                    for after in ["", "z", "a text that is longer than one of fourteen bytes"] {
                        let wanted = format!("{before}{n}{after}");
                        let short = wanted.len() <= SHORT_TEXT;
                        assert_eq!(joined(&parts, after), (wanted, short));
                    }
                }
            }
            number = number * 10 + 9;
        }
        for n in [0, i64::MIN, i64::MAX] {
            assert_eq!(joined(&[Value::short("n").unwrap(), Value::Int(n)], "").0, format!("n{n}"));
        }
    }

    #[test]
    fn joins_around_the_size_of_the_buffer_lose_nothing() {
        let parts: Vec<Value> = (0..7).map(|_| Value::short("fourteen byte!").unwrap()).collect();
        for count in 1..=parts.len() {
            for long in 1..40 {
                let long = "x".repeat(long);
                let wanted = "fourteen byte!".repeat(count) + &long;
                assert_eq!(joined(&parts[..count], &long).0, wanted);
            }
        }
    }

    #[test]
    fn numbers_that_come_first_are_added() {
        assert_eq!(joined(&[Value::Int(1), Value::Int(2)], "a").0, "3a");
        assert_eq!(joined(&[Value::Int(1)], "a").0, "1a");
    }
}
