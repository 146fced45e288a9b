//! How far a text runs before something that JSON must look at, eight bytes at a time.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Number of bytes before the first quote, backslash or control character.
#[inline]
pub(super) fn plain_run(bytes: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while let Some(chunk) = bytes[at..].first_chunk::<8>() {
        let found = stops(u64::from_le_bytes(*chunk), quote);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = &bytes[at..];
    at + rest.iter().position(|byte| is_stop(*byte, quote)).unwrap_or(rest.len())
}

fn is_stop(byte: u8, quote: u8) -> bool {
    byte < 0x20 || byte == b'\\' || byte == quote
}

/// The highest bit of the first byte that stops the run, and perhaps of bytes after it.
fn stops(word: u64, quote: u8) -> u64 {
    let equal = |to: u8| {
        let differs = word ^ (LOW * u64::from(to));
        differs.wrapping_sub(LOW) & !differs
    };
    let control = word.wrapping_sub(LOW * 0x20) & !word;
    (equal(b'\\') | equal(quote) | control) & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_where_looking_at_each_byte_says() {
        for filler in [b'a', b' ', 0x7f, 0x80, 0xff, b'!', b'#', b'[', b']'] {
            for len in 0..40 {
                for at in 0..=len {
                    for stop in [b'"', b'\\', 0, 0x1f, b'\n'] {
                        let mut bytes = vec![filler; len];
                        if let Some(byte) = bytes.get_mut(at) {
                            *byte = stop;
                        }
                        assert_eq!(plain_run(&bytes, b'"'), at, "{stop} at {at} among {len} times {filler}");
                    }
                }
            }
        }
    }
}
