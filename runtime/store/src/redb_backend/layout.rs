//! How rows lie in the file, and how damage to them is noticed.
//!
//! redb checks its pages only on demand, so a flipped bit can yield a wrong value or make a key
//! unfindable. Each row therefore lies in two trees under the same key: `records` holds version
//! and content, `guards` the first 8 bytes of a SHA-256 over key, version and content. A row is
//! read from both: a wrong value fails the digest, and a key lost from one tree is still in the
//! other. Nothing here guards against someone who writes to the file on purpose.

use crate::error::StoreError;
use crate::key::{Key, Table};
use crate::store::Record;
use redb::{ReadTransaction, ReadableTable, TableDefinition};
use sha2::{Digest, Sha256};

pub(super) const RECORDS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("records");
pub(super) const GUARDS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("guards");
pub(super) const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");

/// Version of this layout.
pub(super) const FORMAT: u64 = 1;
pub(super) const META_FORMAT: &str = "format";
/// The highest version given to any row.
pub(super) const META_VERSION: &str = "version";

pub(super) fn owner_prefix(table: Table, org: &str) -> Vec<u8> {
    let mut bytes = table_prefix(table);
    bytes.extend_from_slice(org.as_bytes());
    bytes.push(0);
    bytes
}

pub(super) fn table_prefix(table: Table) -> Vec<u8> {
    let mut bytes = table.name().as_bytes().to_vec();
    bytes.push(0);
    bytes
}

/// The key again; `None` if the bytes are not one, which only damage can bring about.
pub(super) fn decode(bytes: &[u8]) -> Option<Key> {
    let mut parts = bytes.splitn(3, |byte| *byte == 0);
    let (table, org, id) = (parts.next()?, parts.next()?, parts.next()?);
    let table = Table::ALL.iter().copied().find(|known| known.name().as_bytes() == table)?;
    let org = std::str::from_utf8(org).ok()?.parse().ok()?;
    Some(Key { table, org, id: std::str::from_utf8(id).ok()?.to_owned() })
}

pub(super) fn guard(physical: &[u8], value: &[u8]) -> [u8; 8] {
    let mut digest = Sha256::new();
    digest.update((physical.len() as u64).to_be_bytes());
    digest.update(physical);
    digest.update(value);
    let mut first = [0; 8];
    first.copy_from_slice(&digest.finalize()[..8]);
    first
}

/// Version and content, as `records` holds them.
pub(super) fn encode_value(version: u64, bytes: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(8 + bytes.len());
    value.extend_from_slice(&version.to_be_bytes());
    value.extend_from_slice(bytes);
    value
}

/// Joins what both trees say of a key.
pub(super) fn join(
    physical: &[u8],
    value: Option<&[u8]>,
    guarded: Option<&[u8]>,
) -> Result<Option<Record>, &'static str> {
    match (value, guarded) {
        (None, None) => Ok(None),
        (Some(_), None) => Err("its checksum is missing"),
        (None, Some(_)) => Err("its content is missing"),
        (Some(value), Some(guarded)) => match value.split_first_chunk::<8>() {
            Some((version, bytes)) if guard(physical, value) == guarded => {
                Ok(Some(Record { version: u64::from_be_bytes(*version), bytes: bytes.to_vec() }))
            }
            _ => Err("content and checksum differ"),
        },
    }
}

/// One row from the two trees.
pub(super) fn read_row<R, G>(records: &R, guards: &G, key: &Key) -> Result<Option<Record>, StoreError>
where
    R: ReadableTable<&'static [u8], &'static [u8]>,
    G: ReadableTable<&'static [u8], &'static [u8]>,
{
    let physical = key.physical();
    let damaged = |error: redb::Error| match error {
        redb::Error::Corrupted(why) => StoreError::Damaged { key: key.clone(), why },
        other => super::file::translate("read", other),
    };
    let value = records.get(physical.as_slice()).map_err(|error| damaged(error.into()))?;
    let guarded = guards.get(physical.as_slice()).map_err(|error| damaged(error.into()))?;
    join(&physical, value.as_ref().map(|v| v.value()), guarded.as_ref().map(|g| g.value()))
        .map_err(|why| StoreError::Damaged { key: key.clone(), why: why.to_owned() })
}

/// Reads one row of a snapshot.
pub(super) fn get(snapshot: &ReadTransaction, key: &Key) -> Result<Option<Record>, StoreError> {
    let damaged = |error: redb::TableError| StoreError::Damaged { key: key.clone(), why: error.to_string() };
    let records = snapshot.open_table(RECORDS).map_err(damaged)?;
    let guards = snapshot.open_table(GUARDS).map_err(damaged)?;
    read_row(&records, &guards, key)
}

/// A number with its own checksum, for the `meta` table.
pub(super) fn encode_number(name: &str, number: u64) -> Vec<u8> {
    let mut value = number.to_be_bytes().to_vec();
    value.extend_from_slice(&guard(name.as_bytes(), &number.to_be_bytes()));
    value
}

/// The number again; `None` if it is damaged.
pub(super) fn decode_number(name: &str, value: &[u8]) -> Option<u64> {
    let (number, guarded) = value.split_first_chunk::<8>()?;
    (guard(name.as_bytes(), number) == guarded).then(|| u64::from_be_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_as_it_was_written() {
        let key = Key::system(Table::Runs, "run_ä/ü");
        assert_eq!(decode(&key.physical()), Some(key));
        assert_eq!(decode(b"xyz\0org\0id"), None);
        assert_eq!(decode(b"run"), None);
    }

    #[test]
    fn every_flip_of_a_bit_is_noticed() {
        let value = encode_value(7, b"content");
        let guarded = guard(b"key", &value);
        for bit in 0..value.len() * 8 {
            let mut flipped = value.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(join(b"key", Some(&flipped), Some(&guarded)).is_err(), "bit {bit}");
        }
        assert!(join(b"kez", Some(&value), Some(&guarded)).is_err(), "a row under another row's key");
        assert!(join(b"key", Some(&value), Some(&guarded)).unwrap().is_some());
    }
}
