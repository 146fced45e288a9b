//! A wrong master key is noticed at start, not at the first credential: a known value is sealed
//! into the store at first start and must open ever after.

use crate::error::VaultError;
use crate::keys::{KeyId, KeyRing};
use crate::seal::{SealContext, Vault, field, key_of};
use crate::source::{Created, KeySource, MASTER_KEY_VARIABLE, load_key_file, load_or_create_key_file};
use sluis_model::ports::Randomness;
use sluis_store::{Change, Expect, Key, Store, StoreError, Table, system_org};
use std::sync::Arc;

const SUBJECT: &str = "master-key";
const PLAIN: &[u8] = b"sluis";

/// The slash keeps it apart from the names of clients, which hold none.
fn check_key() -> Key {
    Key::system(Table::Clients, "vault/check")
}

impl Vault {
    /// The usual way to a vault: finds or makes the key and verifies it against the store. Makes
    /// no key file for a store that was sealed before.
    ///
    /// # Errors
    /// [`VaultError::WrongKey`], [`VaultError::KeyMissing`], [`VaultError::KeyFile`],
    /// [`VaultError::KeyText`]: all one line for the operator. Do not start then.
    pub async fn unlock(
        store: &dyn Store,
        source: &KeySource,
        randomness: Arc<dyn Randomness>,
    ) -> Result<(Self, Created), VaultError> {
        let (ring, created) = match source {
            KeySource::Text(text) => {
                (KeyRing::from_text(text.expose(), MASTER_KEY_VARIABLE)?, Created(false))
            }
            KeySource::File(path) => match (load_key_file(path)?, sealed_with(store).await?) {
                (Some(ring), _) => (ring, Created(false)),
                (None, Some(wanted)) => {
                    return Err(VaultError::KeyMissing { path: path.clone(), wanted });
                }
                (None, None) => load_or_create_key_file(path, &*randomness)?,
            },
        };
        let vault = Self::new(ring, randomness);
        vault.verify(store).await?;
        Ok((vault, created))
    }

    /// Makes sure that this vault's keys open what the store holds. The first vault of a store
    /// leaves the value that later ones are held against.
    pub async fn verify(&self, store: &dyn Store) -> Result<(), VaultError> {
        let org = system_org();
        let context = SealContext { org: &org, subject: SUBJECT, field: field::CHECK };
        let put = Change::Put { key: check_key(), bytes: self.seal(&context, PLAIN), expect: Expect::Absent };
        let sealed = match store.get(&check_key()).await? {
            Some(record) => record.bytes,
            None => match store.apply(vec![put]).await {
                Ok(_) => return Ok(()),
                // Another node was faster; its value counts.
                Err(StoreError::Conflict { .. }) => match store.get(&check_key()).await? {
                    Some(record) => record.bytes,
                    None => return Err(VaultError::Damaged { why: "the check value vanished" }),
                },
                Err(error) => return Err(error.into()),
            },
        };
        match self.open(&context, &sealed) {
            Ok(plain) if plain.expose() == PLAIN => Ok(()),
            Ok(_) => Err(VaultError::Damaged { why: "the check value is another one" }),
            Err(VaultError::UnknownKey { key }) => {
                Err(VaultError::WrongKey { given: self.keys().primary_id(), wanted: key })
            }
            Err(error) => Err(error),
        }
    }
}

/// The key that the store was sealed with; `None` for a new store.
async fn sealed_with(store: &dyn Store) -> Result<Option<KeyId>, VaultError> {
    match store.get(&check_key()).await? {
        Some(record) => {
            let key =
                key_of(&record.bytes).ok_or(VaultError::Damaged { why: "the check value is not sealed" })?;
            Ok(Some(key))
        }
        None => Ok(None),
    }
}
