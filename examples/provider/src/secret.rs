//! Random values that nobody can guess, their digests, and a comparison that takes the same time
//! whatever it is given.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// SHA-256 of a secret. Tokens are kept and looked up by it, so that neither memory nor the time
/// of a look-up tells anything about the token itself.
pub(crate) type Fingerprint = [u8; 32];

/// 256 random bits as 43 characters of URL-safe base64.
///
/// # Panics
/// When the operating system has no randomness to give: a provider must not go on without it.
pub(crate) fn random() -> String {
    let mut bytes = [0_u8; 32];
    #[allow(clippy::expect_used)]
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The digest under which a secret is kept.
pub(crate) fn fingerprint(secret: &str) -> Fingerprint {
    Sha256::digest(secret.as_bytes()).into()
}

/// Whether two secrets are the same, in a time that depends on neither. Digests are compared, so
/// that unequal lengths do not show either.
pub(crate) fn same(left: &str, right: &str) -> bool {
    fingerprint(left).ct_eq(&fingerprint(right)).into()
}

/// The PKCE challenge of a verifier by the method `S256` (RFC 7636 §4.2).
pub(crate) fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(fingerprint(verifier))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_random_values_differ() {
        assert_ne!(random(), random());
        assert_eq!(random().len(), 43);
    }

    #[test]
    fn equal_secrets_are_the_same_and_others_are_not() {
        assert!(same("a secret", "a secret"));
        assert!(!same("a secret", "a secre"));
        assert!(!same("", "a"));
    }

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        let challenge = s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
