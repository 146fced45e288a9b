//! What stands in the file: keys of orgs, and rows as the store has them, as JSON. Rows stay sealed with
//! those keys; the keys are in clear, under the passphrase.

use crate::error::VaultError;
use crate::org::keys::KeyNumber;
use base64::Engine as _;
use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use std::fmt;
use zeroize::Zeroizing;

const FORMAT: u32 = 1;

/// Bytes that may be secret: wiped, never printed, base64 in JSON.
pub(crate) struct Bytes(pub(crate) Zeroizing<Vec<u8>>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(&self.0, &STANDARD))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("base64")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Bytes, E> {
                STANDARD
                    .decode(text)
                    .map(|bytes| Bytes(Zeroizing::new(bytes)))
                    .map_err(|_| E::custom("base64"))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// A key of an org.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeyEntry {
    pub(crate) org: OrgId,
    pub(crate) number: KeyNumber,
    pub(crate) key: Bytes,
}

/// A row.
#[derive(Serialize, Deserialize)]
pub(crate) struct RowEntry {
    /// Short name of the table.
    pub(crate) table: String,
    pub(crate) org: OrgId,
    pub(crate) id: String,
    pub(crate) bytes: Bytes,
}

/// All of it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Contents {
    format: u32,
    pub(crate) made_at: Timestamp,
    pub(crate) keys: Vec<KeyEntry>,
    pub(crate) rows: Vec<RowEntry>,
}

impl Contents {
    pub(crate) fn new(made_at: Timestamp, keys: Vec<KeyEntry>, rows: Vec<RowEntry>) -> Self {
        Self { format: FORMAT, made_at, keys, rows }
    }

    pub(crate) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        // Room for all of it, so that growing leaves no copies of keys behind.
        let rows: usize =
            self.rows.iter().map(|row| row.bytes.0.len() * 4 / 3 + row.id.len() * 6 + 256).sum();
        let mut plain = Zeroizing::new(Vec::with_capacity(rows + self.keys.len() * 256 + 256));
        serde_json::to_writer(&mut *plain, self).map_err(|_| VaultError::TooMuch)?;
        Ok(plain)
    }

    pub(crate) fn decode(plain: &[u8]) -> Result<Self, VaultError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let not_ours = |_| VaultError::NotAnExport { why: "its content is not understood" };
        let head: Head = serde_json::from_slice(plain).map_err(not_ours)?;
        if head.format != FORMAT {
            return Err(VaultError::NotAnExport { why: "it was made by another version of sluis" });
        }
        serde_json::from_slice(plain).map_err(not_ours)
    }
}
