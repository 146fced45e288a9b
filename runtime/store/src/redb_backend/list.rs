//! Listing: walks both trees side by side, so that a row lost from one is noticed.

use super::file::translate;
use super::layout::{GUARDS, RECORDS, decode, join, owner_prefix, read_row, table_prefix};
use crate::error::StoreError;
use crate::key::{Key, Table};
use crate::store::{Page, Record};
use redb::{Range, ReadTransaction, ReadableTable};
use sluis_model::id::OrgId;
use std::cmp::Ordering;
use std::collections::BTreeMap;

type Row = (Vec<u8>, Vec<u8>);
type Found = BTreeMap<Vec<u8>, Result<Record, String>>;

/// What to list, as the bytes of keys.
struct Span {
    prefix: Vec<u8>,
    /// First key that counts.
    start: Vec<u8>,
    limit: usize,
}

/// As [`crate::Store::list`].
pub(super) fn list(
    snapshot: &ReadTransaction,
    table: Table,
    org: &OrgId,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(String, Record)>, StoreError> {
    let owner = owner_prefix(table, org.as_str());
    let with = |tail: &str| [owner.as_slice(), tail.as_bytes()].concat();
    let first = with(prefix);
    let start = match after.map(|after| next_key(&with(after))) {
        Some(after) if after > first => after,
        _ => first.clone(),
    };
    let found = walk(snapshot, &Span { prefix: first, start, limit })?;
    let mut rows = Vec::with_capacity(found.len());
    for (physical, outcome) in found {
        let Some(key) = decode(&physical) else { return Err(broken_key()) };
        match outcome {
            Ok(record) => rows.push((key.id, record)),
            Err(why) => return Err(StoreError::Damaged { key, why }),
        }
    }
    Ok(rows)
}

/// As [`crate::Store::list_all`].
pub(super) fn list_all(
    snapshot: &ReadTransaction,
    table: Table,
    after: Option<&Key>,
    limit: usize,
) -> Result<Page, StoreError> {
    let prefix = table_prefix(table);
    let start = match after {
        Some(key) => next_key(&key.physical()),
        None => prefix.clone(),
    };
    let found = walk(snapshot, &Span { prefix, start, limit })?;
    let full = found.len() >= limit;
    let mut page = Page::default();
    for (physical, outcome) in found {
        // A key that cannot be read is a flipped one: its true form is in the other tree and is
        // reported from there.
        let Some(key) = decode(&physical) else { continue };
        if full {
            page.next = Some(key.clone());
        }
        match outcome {
            Ok(record) => page.records.push((key, record)),
            Err(_) => page.damaged.push(key),
        }
    }
    Ok(page)
}

fn broken_key() -> StoreError {
    StoreError::Broken { why: "a key cannot be read".to_owned() }
}

/// The smallest key that comes after this one.
fn next_key(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

fn walk(snapshot: &ReadTransaction, span: &Span) -> Result<Found, StoreError> {
    let mut found = Found::new();
    if span.limit == 0 {
        return Ok(found);
    }
    let records = snapshot.open_table(RECORDS).map_err(|error| translate("read", error.into()))?;
    let guards = snapshot.open_table(GUARDS).map_err(|error| translate("read", error.into()))?;
    let open = |table: &redb::ReadOnlyTable<&'static [u8], &'static [u8]>| {
        table.range::<&[u8]>(span.start.as_slice()..).map_err(|error| translate("read", error.into()))
    };
    let (mut values, mut sums) = (open(&records)?, open(&guards)?);
    let (mut value, mut sum) = (step(&mut values, span)?, step(&mut sums, span)?);
    while found.len() < span.limit {
        let order = match (&value, &sum) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((left, _)), Some((right, _))) => left.cmp(right),
        };
        match order {
            Ordering::Equal => {
                if let (Some((key, bytes)), Some((_, guard))) = (&value, &sum) {
                    match join(key, Some(bytes), Some(guard)) {
                        Ok(Some(record)) => found.insert(key.clone(), Ok(record)),
                        Ok(None) => None,
                        Err(why) => found.insert(key.clone(), Err(why.to_owned())),
                    };
                }
                value = step(&mut values, span)?;
                sum = step(&mut sums, span)?;
            }
            Ordering::Less => {
                suspect(&records, &guards, value.take(), &mut found);
                value = step(&mut values, span)?;
            }
            Ordering::Greater => {
                suspect(&records, &guards, sum.take(), &mut found);
                sum = step(&mut sums, span)?;
            }
        }
    }
    Ok(found)
}

/// The next row while it belongs to the span.
fn step(
    range: &mut Range<'static, &'static [u8], &'static [u8]>,
    span: &Span,
) -> Result<Option<Row>, StoreError> {
    match range.next() {
        Some(Ok((key, value))) if key.value().starts_with(&span.prefix) => {
            Ok(Some((key.value().to_vec(), value.value().to_vec())))
        }
        Some(Err(error)) => Err(translate("read", error.into())),
        _ => Ok(None),
    }
}

/// A key that one walk met and the other did not at this place. A flipped key puts the walks out
/// of step for intact rows behind it, so the row is looked up once more before it is given up.
fn suspect<R, G>(records: &R, guards: &G, row: Option<Row>, found: &mut Found)
where
    R: ReadableTable<&'static [u8], &'static [u8]>,
    G: ReadableTable<&'static [u8], &'static [u8]>,
{
    let Some((physical, _)) = row else { return };
    let outcome = match decode(&physical).map(|key| read_row(records, guards, &key)) {
        Some(Ok(Some(record))) => Ok(record),
        Some(Err(error)) => Err(error.to_string()),
        Some(Ok(None)) | None => Err("its key is damaged".to_owned()),
    };
    found.insert(physical, outcome);
}
