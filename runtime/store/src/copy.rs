//! Carrying all rows of one store to another, whatever kinds the two are.
//!
//! Rows are copied as they are, sealed contents included, so the same key opens both. Versions are given
//! anew: they order the writes of one store and mean nothing in another. What a row says of another
//! row's version, as a piece of work does that was cut off, no longer fits afterwards: let the server
//! start and stop in order before copying, which settles such work.

use crate::error::StoreError;
use crate::key::{Key, Table};
use crate::store::{Change, Expect, Store};
use sha2::{Digest, Sha256};

/// Most rows in one batch.
const ROWS: usize = 200;
/// A batch ends when its contents have so many bytes.
const BYTES: usize = 4 * 1024 * 1024;

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Rows of each table that has any.
    pub rows: Vec<(Table, u64)>,
    /// Bytes of their contents.
    pub bytes: u64,
}

/// Why a copy was not made, or cannot be relied on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    /// There are rows in the target.
    #[error("the target is not empty: it holds `{key}`")]
    NotEmpty {
        /// One of them.
        key: Key,
    },
    /// A row of the source is damaged.
    #[error("row `{key}` of the source is damaged; restore it or delete it first")]
    Damaged {
        /// The first one.
        key: Key,
    },
    /// Reading both again showed a difference.
    #[error(
        "source and target differ in table `{}` ({source_rows} rows and {target_rows}): was the source written \
         to meanwhile? stop everything that uses it, and copy into an empty target",
        table.name()
    )]
    Differs {
        /// The first table that differs.
        table: Table,
        /// Rows in the source.
        source_rows: u64,
        /// Rows in the target.
        target_rows: u64,
    },
    /// A store failed.
    #[error("{side}: {error}")]
    Store {
        /// `source` or `target`.
        side: &'static str,
        /// What it says.
        error: StoreError,
    },
}

fn on(side: &'static str) -> impl Fn(StoreError) -> CopyError {
    move |error| CopyError::Store { side, error }
}

/// Copies all rows into an empty store, then reads both and compares counts and digests of all keys
/// and contents, table by table.
///
/// # Errors
/// [`CopyError`]. After any but [`CopyError::NotEmpty`] the target may hold a part: throw it away.
pub async fn copy(source: &dyn Store, target: &dyn Store) -> Result<Copied, CopyError> {
    for table in Table::ALL {
        let page = target.list_all(*table, None, 1).await.map_err(on("target"))?;
        let first = page.records.into_iter().map(|(key, _)| key).chain(page.damaged).next();
        if let Some(key) = first {
            return Err(CopyError::NotEmpty { key });
        }
    }
    for table in Table::ALL {
        copy_table(source, target, *table).await?;
    }
    let mut copied = Copied { rows: Vec::new(), bytes: 0 };
    for table in Table::ALL {
        let (from, to) = (digest(source, *table, "source").await?, digest(target, *table, "target").await?);
        if from != to {
            return Err(CopyError::Differs { table: *table, source_rows: from.rows, target_rows: to.rows });
        }
        if from.rows > 0 {
            copied.rows.push((*table, from.rows));
            copied.bytes += from.bytes;
        }
    }
    Ok(copied)
}

async fn copy_table(source: &dyn Store, target: &dyn Store, table: Table) -> Result<(), CopyError> {
    let mut after = None;
    loop {
        let page = source.list_all(table, after.as_ref(), ROWS).await.map_err(on("source"))?;
        if let Some(key) = page.damaged.into_iter().next() {
            return Err(CopyError::Damaged { key });
        }
        let (mut batch, mut bytes) = (Vec::new(), 0);
        for (key, record) in page.records {
            bytes += record.bytes.len();
            batch.push(Change::Put { key, bytes: record.bytes, expect: Expect::Absent });
            if bytes >= BYTES {
                target.apply(std::mem::take(&mut batch)).await.map_err(on("target"))?;
                bytes = 0;
            }
        }
        target.apply(batch).await.map_err(on("target"))?;
        match page.next {
            Some(key) => after = Some(key),
            None => return Ok(()),
        }
    }
}

#[derive(PartialEq, Eq)]
struct Summary {
    rows: u64,
    bytes: u64,
    digest: [u8; 32],
}

/// Of all keys and contents of a table, in order.
async fn digest(store: &dyn Store, table: Table, side: &'static str) -> Result<Summary, CopyError> {
    let mut digest = Sha256::new();
    let (mut rows, mut bytes, mut after) = (0, 0, None);
    loop {
        let page = store.list_all(table, after.as_ref(), ROWS).await.map_err(on(side))?;
        if let Some(key) = page.damaged.into_iter().next() {
            return Err(on(side)(StoreError::Damaged { key, why: "content and checksum differ".to_owned() }));
        }
        for (key, record) in &page.records {
            for part in [&key.physical(), &record.bytes] {
                digest.update((part.len() as u64).to_be_bytes());
                digest.update(part);
            }
            rows += 1;
            bytes += record.bytes.len() as u64;
        }
        match page.next {
            Some(key) => after = Some(key),
            None => return Ok(Summary { rows, bytes, digest: digest.finalize().into() }),
        }
    }
}
