//! A secret is a type, not text: it cannot be printed, serialised or compared by accident, and is
//! wiped when dropped.

use std::fmt;
use zeroize::Zeroize;

/// A value that must not leave the process in clear.
///
/// **Invariant:** no `Display`, no `Serialize`, a starred `Debug`. What is derived from a secret
/// (a Basic header, a signature, an assertion) is a secret as well.
#[derive(Clone, Default)]
pub struct Secret<T: Zeroize>(T);

/// A secret text.
pub type SecretText = Secret<String>;

/// Secret bytes.
pub type SecretBytes = Secret<Vec<u8>>;

impl<T: Zeroize> Secret<T> {
    /// Takes custody of a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Each call is a place to review: the result must go straight to where it
    /// is needed and nowhere else.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_stars_only() {
        #[derive(Debug)]
        #[allow(dead_code)]
        struct Holder {
            token: SecretText,
        }
        let shown = format!("{:?}", Holder { token: "swordfish".into() });
        assert_eq!(shown, "Holder { token: *** }");
    }
}
