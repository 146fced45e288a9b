//! Digests and keyed digests, by the names of definitions.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use sluis_model::connector::{DigestEncoding, HashAlgorithm, KeyEncoding};

/// The digest of some bytes.
pub(crate) fn digest(algorithm: HashAlgorithm, bytes: &[u8]) -> Vec<u8> {
    match algorithm {
        HashAlgorithm::Sha1 => Sha1::digest(bytes).to_vec(),
        HashAlgorithm::Sha256 => Sha256::digest(bytes).to_vec(),
        HashAlgorithm::Sha512 => Sha512::digest(bytes).to_vec(),
    }
}

/// The keyed digest of some bytes (RFC 2104).
pub(crate) fn hmac(algorithm: HashAlgorithm, key: &[u8], bytes: &[u8]) -> Vec<u8> {
    match algorithm {
        HashAlgorithm::Sha1 => keyed::<Hmac<Sha1>>(key, bytes),
        HashAlgorithm::Sha256 => keyed::<Hmac<Sha256>>(key, bytes),
        HashAlgorithm::Sha512 => keyed::<Hmac<Sha512>>(key, bytes),
    }
}

/// Whether `told` is the keyed digest of some bytes, in a time that does not tell where they differ.
pub(crate) fn is_hmac(algorithm: HashAlgorithm, key: &[u8], bytes: &[u8], told: &[u8]) -> bool {
    match algorithm {
        HashAlgorithm::Sha1 => is_keyed::<Hmac<Sha1>>(key, bytes, told),
        HashAlgorithm::Sha256 => is_keyed::<Hmac<Sha256>>(key, bytes, told),
        HashAlgorithm::Sha512 => is_keyed::<Hmac<Sha512>>(key, bytes, told),
    }
}

fn is_keyed<M: Mac + KeyInit>(key: &[u8], bytes: &[u8], told: &[u8]) -> bool {
    <M as KeyInit>::new_from_slice(key).is_ok_and(|mut mac| {
        mac.update(bytes);
        mac.verify_slice(told).is_ok()
    })
}

/// A digest as a definition has it written.
pub(crate) fn encoded(encoding: DigestEncoding, bytes: &[u8]) -> String {
    match encoding {
        DigestEncoding::Hex => hex(bytes),
        DigestEncoding::Base64 => BASE64_STANDARD.encode(bytes),
        DigestEncoding::Base64Url => BASE64_URL_SAFE_NO_PAD.encode(bytes),
    }
}

/// The bytes of a signing key as a person entered it; none if it is not written so.
pub(crate) fn key_bytes(encoding: KeyEncoding, text: &str) -> Option<Vec<u8>> {
    match encoding {
        KeyEncoding::Text => Some(text.as_bytes().to_vec()),
        KeyEncoding::Hex => from_hex(text.trim()),
        KeyEncoding::Base64 => from_base64(text),
    }
}

/// The bytes of base64 in either alphabet, padded or not.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let plain = text.trim().trim_end_matches('=').replace('-', "+").replace('_', "/");
    BASE64_STANDARD_NO_PAD.decode(plain).ok()
}

fn keyed<M: Mac + KeyInit>(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    // A key of whatever length is taken; the error is that of other kinds of codes.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Vec::new() };
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of hexadecimal digits in either case.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 §4.3 and RFC 2202 §3, test case 2.
    #[test]
    fn keyed_digests_are_those_of_the_standards() {
        let of = |algorithm| hex(&hmac(algorithm, b"Jefe", b"what do ya want for nothing?"));
        assert_eq!(of(HashAlgorithm::Sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(
            of(HashAlgorithm::Sha256),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert!(of(HashAlgorithm::Sha512).starts_with("164b7a7bfcf819e2e395fbe73b56e0a3"));
    }

    #[test]
    fn hexadecimal_digits_come_back_as_they_were() {
        assert_eq!(from_hex(&hex(&[0, 255, 16])), Some(vec![0, 255, 16]));
        assert_eq!((from_hex("0"), from_hex("zz"), from_hex("éé")), (None, None, None));
    }
}
