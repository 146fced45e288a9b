//! Passwords as Argon2id hashes in the PHC string format (RFC 9106), so that parameters can be raised
//! later: each hash names its own.

use crate::error::VaultError;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use sluis_model::ports::Randomness;
use sluis_model::secret::SecretText;

/// Fewest characters of a password (NIST SP 800-63B asks for 8 at least, 15 where nothing else is asked).
pub const MIN_CHARS: usize = 12;
/// Most bytes: more than anybody types, few enough not to be a burden.
pub const MAX_BYTES: usize = 1024;

const SALT: usize = 16;
/// Memory of one hash in KiB, and passes over it (OWASP Password Storage Cheat Sheet: 19 MiB, 2).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

fn argon2id() -> Result<Argon2<'static>, VaultError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|_| VaultError::PasswordHash)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash under which a password is kept. Takes tens of milliseconds and 19 MiB on purpose: not for
/// the threads that serve requests.
///
/// # Errors
/// [`VaultError::WeakPassword`] for one that is too short, too long, or contains `about` (the name or
/// address of whoever it belongs to).
pub fn hash(password: &SecretText, about: &str, randomness: &dyn Randomness) -> Result<String, VaultError> {
    check(password, about)?;
    let mut salt = [0; SALT];
    randomness.fill(&mut salt);
    let hashed = argon2id()?.hash_password_with_salt(password.expose().as_bytes(), &salt);
    Ok(hashed.map_err(|_| VaultError::PasswordHash)?.to_string())
}

fn check(password: &SecretText, about: &str) -> Result<(), VaultError> {
    let text = password.expose();
    let weak = |why| Err(VaultError::WeakPassword { why });
    if text.chars().count() < MIN_CHARS {
        return weak("it has fewer than 12 characters");
    }
    if text.len() > MAX_BYTES {
        return weak("it has more than 1,024 bytes");
    }
    let first = text.chars().next();
    if text.chars().all(|c| Some(c) == first) {
        return weak("it is one character many times");
    }
    let name = about.split('@').next().unwrap_or_default().to_lowercase();
    if name.len() >= 4
        && text.to_lowercase().contains(&name)
        && text.chars().count() < name.chars().count() + MIN_CHARS
    {
        return weak("it is little more than the address that it belongs to");
    }
    Ok(())
}

/// Whether a password is the one that was hashed. Without a hash the answer is no, after as much time:
/// whoever asks does not learn whether there was one.
pub fn verify(password: &SecretText, hashed: Option<&str>) -> Result<bool, VaultError> {
    let argon2 = argon2id()?;
    let Some(hashed) = hashed else {
        let wasted = argon2.hash_password_with_salt(&shortened(password), &[0; SALT]);
        drop(wasted);
        return Ok(false);
    };
    let hashed = PasswordHash::new(hashed).map_err(|_| VaultError::PasswordHash)?;
    Ok(argon2.verify_password(&shortened(password), &hashed).is_ok())
}

fn shortened(password: &SecretText) -> zeroize::Zeroizing<Vec<u8>> {
    let bytes = password.expose().as_bytes();
    zeroize::Zeroizing::new(bytes[..bytes.len().min(MAX_BYTES + 1)].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandomness;

    #[test]
    fn a_password_is_recognised_by_its_hash_and_no_other_is() {
        let password = "correct horse battery".into();
        let hashed = hash(&password, "ada@example.com", &SystemRandomness).unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert!(verify(&password, Some(&hashed)).unwrap());
        assert!(!verify(&"correct horse batterz".into(), Some(&hashed)).unwrap());
        assert!(!verify(&password, None).unwrap());
        assert!(verify(&password, Some("garbage")).is_err());
        let again = hash(&password, "ada@example.com", &SystemRandomness).unwrap();
        assert_ne!(hashed, again, "each has its own salt");
    }

    #[test]
    fn weak_passwords_are_refused_with_the_reason() {
        for weak in ["short", "aaaaaaaaaaaaaaaa", "ada.lovelace1", &"x1".repeat(600)] {
            let refused = hash(&weak.into(), "ada.lovelace@example.com", &SystemRandomness).unwrap_err();
            assert!(matches!(refused, VaultError::WeakPassword { .. }), "{weak}: {refused}");
            assert!(!refused.to_string().contains(weak), "{refused}");
        }
    }
}
