//! The sealed credential of a connection, read and written together with it.

use crate::builder::Engine;
use crate::errors;
use crate::keys::{self, Slot};
use sluis_model::connection::Connection;
use sluis_model::credential::Credential;
use sluis_model::error::{Failure, Reason};
use sluis_store::{Change, Expect, put_json};

/// A credential with the version of the record it stands in.
#[derive(Debug)]
pub(crate) struct StoredCredential {
    /// Version in the store; a renewal replaces exactly this one.
    pub version: u64,
    /// The credential.
    pub credential: Credential,
}

impl Engine {
    /// Opens the credential of a connection.
    pub(crate) async fn credential(
        &self,
        connection: &Connection,
        slot: &Slot,
    ) -> Result<StoredCredential, Failure> {
        let key = keys::credential(&connection.key(), slot);
        let record = self.store().await?.get(&key).await.map_err(errors::store)?.ok_or_else(|| {
            Failure::new(
                Reason::NotAuthorized,
                format!("connector `{}` is no longer authorized", connection.key()),
            )
        })?;
        let vault = self.vault_of(&connection.org).await?;
        let credential = vault.open_credential(&connection.id, &record.bytes).map_err(errors::vault)?;
        Ok(StoredCredential { version: record.version, credential })
    }

    /// The changes that put a connection and its credential into a slot.
    pub(crate) async fn put_connection(
        &self,
        connection: &Connection,
        credential: &Credential,
        slot: &Slot,
        expect: Expect,
    ) -> Result<Vec<Change>, Failure> {
        let sealed = self.vault_of(&connection.org).await?.seal_credential(&connection.id, credential);
        let key = connection.key();
        Ok(vec![
            Change::Put { key: keys::credential(&key, slot), bytes: sealed, expect },
            put_json(keys::connection(&key, slot), connection, Expect::Any).map_err(errors::store)?,
        ])
    }

    /// The changes that remove a connection, its credential and its renewal from a slot: a renewal
    /// that comes home finds nothing to write to.
    pub(crate) fn drop_connection(connection: &Connection, slot: &Slot) -> Vec<Change> {
        let key = connection.key();
        vec![
            Change::Delete { key: keys::credential(&key, slot), expect: Expect::Any },
            Change::Delete { key: keys::connection(&key, slot), expect: Expect::Any },
            Change::Delete { key: keys::intent(&key, slot), expect: Expect::Any },
        ]
    }
}
