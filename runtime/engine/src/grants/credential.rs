//! The sealed tokens of a connection, read and written together with it.

use crate::builder::Engine;
use crate::errors;
use crate::keys::{self, Slot};
use sluis_model::connection::Connection;
use sluis_model::credential::TokenSet;
use sluis_model::error::{Failure, Reason};
use sluis_store::{Change, Expect, get_json, put_json};

/// Tokens with the version of the record they stand in.
#[derive(Debug)]
pub(crate) struct StoredTokens {
    /// Version in the store; a renewal replaces exactly this one.
    pub version: u64,
    /// The tokens.
    pub tokens: TokenSet,
}

impl Engine {
    /// Opens the tokens of a connection.
    pub(crate) async fn tokens(&self, connection: &Connection, slot: &Slot) -> Result<StoredTokens, Failure> {
        let key = keys::credential(&connection.org, &connection.connector, slot);
        let record = self.store().await?.get(&key).await.map_err(errors::store)?.ok_or_else(|| {
            Failure::new(
                Reason::NotAuthorized,
                format!("connector `{}` is no longer authorized", connection.connector),
            )
        })?;
        let tokens = self
            .vault()
            .await?
            .open_tokens(&connection.org, &connection.id, &record.bytes)
            .map_err(errors::vault)?;
        Ok(StoredTokens { version: record.version, tokens })
    }

    /// The changes that put a connection and its tokens into a slot.
    pub(crate) async fn put_connection(
        &self,
        connection: &Connection,
        tokens: &TokenSet,
        slot: &Slot,
        expect: Expect,
    ) -> Result<Vec<Change>, Failure> {
        let sealed = self.vault().await?.seal_tokens(&connection.org, &connection.id, tokens);
        let (org, namespace) = (&connection.org, &connection.connector);
        Ok(vec![
            Change::Put { key: keys::credential(org, namespace, slot), bytes: sealed, expect },
            put_json(keys::connection(org, namespace, slot), connection, Expect::Any)
                .map_err(errors::store)?,
        ])
    }

    /// The changes that remove a connection and its tokens from a slot.
    pub(crate) fn drop_connection(connection: &Connection, slot: &Slot) -> Vec<Change> {
        let (org, namespace) = (&connection.org, &connection.connector);
        vec![
            Change::Delete { key: keys::credential(org, namespace, slot), expect: Expect::Any },
            Change::Delete { key: keys::connection(org, namespace, slot), expect: Expect::Any },
        ]
    }

    /// Replaces a connection record that must still be this very connection.
    pub(crate) async fn update_connection(
        &self,
        connection: &Connection,
        slot: &Slot,
    ) -> Result<(), Failure> {
        let key = keys::connection(&connection.org, &connection.connector, slot);
        let store = self.store().await?;
        let present = get_json::<Connection>(store, &key).await.map_err(errors::store)?;
        if let Some((version, present)) = present
            && present.id == connection.id
        {
            let change = put_json(key, connection, Expect::Version(version)).map_err(errors::store)?;
            store.apply(vec![change]).await.map_err(errors::store)?;
        }
        Ok(())
    }
}
