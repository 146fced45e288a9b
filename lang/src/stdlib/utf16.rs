//! Positions in text, counted as the original counts them: in UTF-16 code units.
//!
//! Our texts are UTF-8 and cannot hold half a surrogate pair. A position in the middle of a pair
//! therefore counts as its start: the character belongs to the part on the right, nothing is lost
//! or replaced, and `x.substring(0, n) + x.substring(n)` is always `x`. In ASCII text a position is
//! a byte position, at no cost.

/// Length in code units.
pub(super) fn len(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() }
}

/// Byte position of a code unit; the length of the text for positions at or beyond its end.
pub(super) fn byte_of(text: &str, unit: usize) -> usize {
    if text.is_ascii() {
        return unit.min(text.len());
    }
    let mut units = 0;
    for (at, character) in text.char_indices() {
        units += character.len_utf16();
        if units > unit {
            return at;
        }
    }
    text.len()
}

/// Code-unit position of a byte position that lies between characters.
pub(super) fn unit_of(text: &str, byte: usize) -> usize {
    len(&text[..byte])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_code_units() {
        let text = "aé🚀b";
        assert_eq!(len(text), 5);
        assert_eq!([0, 1, 2, 4, 5, 9].map(|unit| byte_of(text, unit)), [0, 1, 3, 7, 8, 8]);
        assert_eq!(unit_of(text, 7), 4);
    }

    #[test]
    fn the_middle_of_a_pair_counts_as_its_start() {
        assert_eq!(byte_of("🚀b", 1), 0);
    }
}
