//! Rows that hold JSON.

use crate::error::StoreError;
use crate::key::{Key, Table};
use crate::store::{Change, Expect, Store};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sluis_model::id::OrgId;

/// Reads a row and its version.
pub async fn get_json<T: DeserializeOwned>(
    store: &dyn Store,
    key: &Key,
) -> Result<Option<(u64, T)>, StoreError> {
    match store.get(key).await? {
        Some(record) => Ok(Some((record.version, decode(key, &record.bytes)?))),
        None => Ok(None),
    }
}

/// Rows of an org with their ids and versions; arguments as [`Store::list`].
pub async fn list_json<T: DeserializeOwned>(
    store: &dyn Store,
    table: Table,
    org: &OrgId,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(String, u64, T)>, StoreError> {
    let records = store.list(table, org, prefix, after, limit).await?;
    records
        .into_iter()
        .map(|(id, record)| {
            let value = decode(&Key::new(table, org, id.as_str()), &record.bytes)?;
            Ok((id, record.version, value))
        })
        .collect()
}

/// A change that writes a value as JSON. Fails only for a value that has no JSON form, such as a
/// map whose keys are not texts.
pub fn put_json<T: Serialize + ?Sized>(key: Key, value: &T, expect: Expect) -> Result<Change, StoreError> {
    match serde_json::to_vec(value) {
        Ok(bytes) => Ok(Change::Put { key, bytes, expect }),
        Err(_) => Err(StoreError::Refused { key, why: "the value has no JSON form" }),
    }
}

fn decode<T: DeserializeOwned>(key: &Key, bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| StoreError::Undecodable {
        key: key.clone(),
        // The decoder's own words may quote the row; place and kind are enough for an operator.
        why: format!("{:?} error at byte {} of line {}", error.classify(), error.column(), error.line()),
    })
}
