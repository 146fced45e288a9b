//! How rows lie in PostgreSQL, and how damage to them is noticed.
//!
//! A row stands with its key, version and content in `sluis.record`; the checksum beside them is
//! the first 8 bytes of `SHA-256(SHA-256(length of key, key, content), version)`. The inner digest
//! is made here over what is sent, the outer one by the server, which alone knows the version. So
//! bit rot, a row under another row's key and a change on the way are all noticed when it is read.
//! Nothing here guards against someone who writes to the database on purpose.

use crate::error::StoreError;
use crate::key::Key;
use crate::store::Record;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::postgres::PgRow;

/// `sluis.digest` of the database.
pub(super) fn digest(physical: &[u8], content: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update((physical.len() as u64).to_be_bytes());
    digest.update(physical);
    digest.update(content);
    digest.finalize().into()
}

/// `sluis.checksum` of the database.
fn checksum(digest: &[u8; 32], version: i64) -> [u8; 8] {
    let whole: [u8; 32] =
        Sha256::new().chain_update(digest).chain_update(version.to_be_bytes()).finalize().into();
    let mut first = [0; 8];
    first.copy_from_slice(&whole[..8]);
    first
}

/// What a lock on the row is called: rows that share a name wait for each other needlessly, no more.
pub(super) fn lock_name(physical: &[u8]) -> i32 {
    let digest = Sha256::digest(physical);
    i32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// The columns that [`record`] wants, in a row of `sluis.record`.
pub(super) const COLUMNS: [&str; 3] = ["version", "content", "checksum"];

/// A row as read, if it is what was written.
pub(super) fn record(key: &Key, row: &PgRow) -> Result<Record, StoreError> {
    let damaged = |why: &str| StoreError::Damaged { key: key.clone(), why: why.to_owned() };
    let unreadable = |_: sqlx::Error| damaged("its columns have other types");
    let version: i64 = row.try_get(COLUMNS[0]).map_err(unreadable)?;
    let content: Vec<u8> = row.try_get(COLUMNS[1]).map_err(unreadable)?;
    let sum: &[u8] = row.try_get(COLUMNS[2]).map_err(unreadable)?;
    join(key, version, content, sum).map_err(damaged)
}

fn join(key: &Key, version: i64, content: Vec<u8>, sum: &[u8]) -> Result<Record, &'static str> {
    if checksum(&digest(&key.physical(), &content), version) != sum {
        return Err("content and checksum differ");
    }
    let version = u64::try_from(version).map_err(|_| "its version is negative")?;
    Ok(Record { version, bytes: content })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Table;

    #[test]
    fn every_flip_of_a_bit_is_noticed() {
        let key = Key::system(Table::Runs, "run_1");
        let content = b"content".to_vec();
        let sum = checksum(&digest(&key.physical(), &content), 7);
        for bit in 0..content.len() * 8 {
            let mut flipped = content.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(join(&key, 7, flipped, &sum).is_err(), "bit {bit}");
        }
        for bit in 0..63 {
            assert!(join(&key, 7 ^ (1 << bit), content.clone(), &sum).is_err(), "bit {bit} of the version");
        }
        let other = Key::system(Table::Runs, "run_2");
        assert!(join(&other, 7, content.clone(), &sum).is_err(), "a row under another row's key");
        assert_eq!(join(&key, 7, content.clone(), &sum), Ok(Record { version: 7, bytes: content }));
    }
}
