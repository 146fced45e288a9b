//! Keys that seal, and the ring of root keys.

use crate::error::VaultError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use sluis_model::ports::Randomness;
use std::fmt;
use zeroize::Zeroizing;

/// Length of a key in bytes, of whichever kind.
pub const KEY_BYTES: usize = 32;

/// Public name of a key: 8 bytes of a digest of it. Stands in every envelope.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 8]);

/// What a key is for; keys of two kinds never share a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// Wraps the keys of orgs.
    Root,
    /// Seals what an org owns.
    Org,
}

impl KeyId {
    fn of(kind: KeyKind, key: &[u8; KEY_BYTES]) -> Self {
        let domain: &[u8] = match kind {
            KeyKind::Root => b"sluis master key id\0",
            KeyKind::Org => b"sluis org key id\0",
        };
        let digest = Sha256::new().chain_update(domain).chain_update(key).finalize();
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        Self(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// As text.
impl serde::Serialize for KeyId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A key; wiped when dropped. Neither copied nor printed.
pub(crate) struct SealingKey {
    pub(crate) id: KeyId,
    pub(crate) bytes: Zeroizing<[u8; KEY_BYTES]>,
}

impl SealingKey {
    pub(crate) fn new(kind: KeyKind, bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        Self { id: KeyId::of(kind, &bytes), bytes }
    }

    pub(crate) fn generate(kind: KeyKind, randomness: &dyn Randomness) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        randomness.fill(bytes.as_mut_slice());
        Self::new(kind, bytes)
    }
}

/// The root keys of this process. The first wraps; all of them unwrap.
pub struct KeyRing {
    primary: SealingKey,
    others: Vec<SealingKey>,
}

impl KeyRing {
    /// Reads keys in base64, one or more, parted by white space or commas. The first one seals.
    ///
    /// # Errors
    /// [`VaultError::KeyText`], which names `origin` (a variable or a file) and never the text.
    pub fn from_text(text: &str, origin: &str) -> Result<Self, VaultError> {
        let refuse = |why| VaultError::KeyText { origin: origin.to_owned(), why };
        let mut parts = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty());
        let first = parts.next().ok_or_else(|| refuse("it is empty"))?;
        let primary = decode(first).map_err(refuse)?;
        let others = parts.map(|part| decode(part).map_err(refuse)).collect::<Result<_, _>>()?;
        Ok(Self { primary, others })
    }

    /// The key that wraps.
    pub fn primary_id(&self) -> KeyId {
        self.primary.id
    }

    /// The other keys, which open only.
    pub fn other_ids(&self) -> impl Iterator<Item = KeyId> + '_ {
        self.others.iter().map(|key| key.id)
    }

    pub(crate) fn primary(&self) -> &SealingKey {
        &self.primary
    }

    pub(crate) fn find(&self, id: KeyId) -> Option<&SealingKey> {
        std::iter::once(&self.primary).chain(&self.others).find(|key| key.id == id)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let others: Vec<_> = self.others.iter().map(|key| key.id).collect();
        f.debug_struct("KeyRing").field("primary", &self.primary.id).field("others", &others).finish()
    }
}

fn decode(text: &str) -> Result<SealingKey, &'static str> {
    let decoded = STANDARD.decode(text).map(Zeroizing::new).map_err(|_| "it is not base64")?;
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    if decoded.len() != KEY_BYTES {
        return Err("it does not have 32 bytes");
    }
    bytes.copy_from_slice(&decoded);
    if bytes.iter().all(|byte| *byte == bytes[0]) {
        return Err("it is not random: all its bytes are the same");
    }
    Ok(SealingKey::new(KeyKind::Root, bytes))
}

/// A new key as text.
pub(crate) fn generate_text(randomness: &dyn Randomness) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    randomness.fill(bytes.as_mut_slice());
    Zeroizing::new(STANDARD.encode(bytes.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
    const TWO: &str = "IAIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

    #[test]
    fn the_first_key_seals_and_all_open() {
        let ring = KeyRing::from_text(&format!(" {ONE},{TWO}\n"), "test").unwrap();
        assert_eq!(ring.primary_id(), KeyRing::from_text(ONE, "test").unwrap().primary_id());
        let second = KeyRing::from_text(TWO, "test").unwrap().primary_id();
        assert!(ring.find(second).is_some());
        assert!(ring.find(KeyId([0; 8])).is_none());
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_shown() {
        for text in ["", "  ", "swordfish!", "c3dvcmRmaXNo", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
            let error = KeyRing::from_text(text, "SLUIS_MASTER_KEY").unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("SLUIS_MASTER_KEY") && shown.contains("openssl rand"), "{shown}");
            assert!(text.trim().is_empty() || !shown.contains(text), "{shown}");
        }
    }

    #[test]
    fn debug_shows_ids_only() {
        let shown = format!("{:?}", KeyRing::from_text(ONE, "test").unwrap());
        assert_eq!(shown, "KeyRing { primary: e3fd0fb9869462f1, others: [] }");
    }
}
