//! Texts that are only ever recognised, never read again: OAuth `state`, API tokens.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// SHA-256 in lower-case hex. For texts of 128 random bits and more, which need no salt; not for
/// passwords.
pub fn hash_token(token: &str) -> String {
    use std::fmt::Write;
    let digest = Sha256::digest(token.as_bytes());
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a `String` does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub fn same_text(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_hashed_as_fips_180_4_says() {
        assert_eq!(hash_token("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn texts_are_compared_whole() {
        assert!(same_text("state", "state"));
        assert!(!same_text("state", "statf"));
        assert!(!same_text("state", "stat"));
    }
}
