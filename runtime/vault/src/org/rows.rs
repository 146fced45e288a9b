//! Keys of orgs in the store: `key/NUMBER`, 32 bytes and the moment they were made, and `head`, which
//! of them counts. Both are sealed with a root key.

use super::keys::{Head, KeyNumber, OrgKey, OrgKeys};
use crate::envelope::{SealContext, field};
use crate::error::VaultError;
use crate::keys::{KEY_BYTES, KeyKind, SealingKey};
use crate::seal::Vault;
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use sluis_store::{Key, Store, Table};
use zeroize::Zeroizing;

const KEYS: &str = "key/";
const HEAD: &str = "head";
const PAGE: usize = 100;
const FORMAT: u8 = 1;

/// The row of a key; numbers are padded so that they sort.
pub(crate) fn key_row(org: &OrgId, number: KeyNumber) -> Key {
    Key::new(Table::OrgKeys, org, format!("{KEYS}{number:010}"))
}

/// The row that says which keys count.
pub(crate) fn head_row(org: &OrgId) -> Key {
    Key::new(Table::OrgKeys, org, HEAD)
}

/// Under which name a row of [`Table::OrgKeys`] is sealed.
pub(crate) fn context(row: &Key) -> SealContext<'_> {
    SealContext { org: &row.org, subject: &row.id, field: field::ORG_KEY }
}

fn not_understood() -> VaultError {
    VaultError::Damaged {
        why: "a key of the org is not understood; was it made by another version of sluis?",
    }
}

impl Vault {
    /// A key as its row holds it.
    pub(crate) fn wrap_key(&self, org: &OrgId, key: &OrgKey) -> Vec<u8> {
        let mut plain = Zeroizing::new(Vec::with_capacity(1 + 8 + KEY_BYTES));
        plain.push(FORMAT);
        plain.extend_from_slice(&key.made_at.0.to_be_bytes());
        plain.extend_from_slice(key.key.bytes.as_slice());
        self.seal(&context(&key_row(org, key.number)), &plain)
    }

    pub(crate) fn unwrap_key(&self, row: &Key, sealed: &[u8]) -> Result<OrgKey, VaultError> {
        let number = row.id.strip_prefix(KEYS).and_then(|number| number.parse().ok());
        let number = number.ok_or_else(not_understood)?;
        let plain = self.open(&context(row), sealed)?;
        let Some((&[FORMAT], rest)) = plain.expose().split_first_chunk() else {
            return Err(not_understood());
        };
        let Some((made_at, rest)) = rest.split_first_chunk::<8>() else { return Err(not_understood()) };
        let bytes = <&[u8; KEY_BYTES]>::try_from(rest).map_err(|_| not_understood())?;
        let key = SealingKey::new(KeyKind::Org, Zeroizing::new(*bytes));
        Ok(OrgKey { number, key, made_at: Timestamp(i64::from_be_bytes(*made_at)) })
    }

    /// A head as its row holds it.
    pub(crate) fn wrap_head(&self, org: &OrgId, head: &Head) -> Vec<u8> {
        let plain = serde_json::to_vec(head).expect("numbers have a JSON form");
        self.seal(&context(&head_row(org)), &plain)
    }

    fn unwrap_head(&self, row: &Key, sealed: &[u8]) -> Result<Head, VaultError> {
        let plain = self.open(&context(row), sealed)?;
        serde_json::from_slice(plain.expose()).map_err(|_| not_understood())
    }

    /// Reads the keys of an org; `None` if it has none yet.
    pub(crate) async fn read_keys(
        &self,
        store: &dyn Store,
        org: &OrgId,
    ) -> Result<Option<OrgKeys>, VaultError> {
        let row = head_row(org);
        // The head first: keys that it names are there before it names them.
        let Some(record) = store.get(&row).await? else { return Ok(None) };
        let head = self.unwrap_head(&row, &record.bytes)?;
        let mut keys = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = store.list(Table::OrgKeys, org, KEYS, after.as_deref(), PAGE).await?;
            let last = page.len() < PAGE;
            after = page.last().map(|(id, _)| id.clone());
            for (id, record) in page {
                keys.push(self.unwrap_key(&Key::new(Table::OrgKeys, org, id), &record.bytes)?);
            }
            if last {
                break;
            }
        }
        let keys = OrgKeys::new(head, record.version, keys);
        keys.map(Some)
            .ok_or(VaultError::Damaged { why: "the key with which the org seals is not in the store" })
    }
}
