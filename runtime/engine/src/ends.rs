//! Rows that are good until a moment: an index by that moment, so that what is over is found without
//! reading, or opening, what is not.

use crate::builder::Engine;
use crate::errors;
use sluis_model::error::Failure;
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, Key, Store, Table, system_org};

/// Rows read at once.
const PAGE: usize = 500;

/// The change that has a row removed once a moment has passed. It goes into the batch that writes the row.
pub(crate) fn ends_at(row: &Key, at: Timestamp) -> Result<Change, Failure> {
    let key = Key::system(Table::Ends, format!("{}/{}/{}/{}", moment(at), row.table.name(), row.org, row.id));
    Ok(Change::Put { key, bytes: Vec::new(), expect: Expect::Any })
}

/// Milliseconds, padded so that later moments sort later.
fn moment(at: Timestamp) -> String {
    format!("{:015}", at.0.max(0))
}

/// The row that an entry of the index is about.
fn row_of(id: &str) -> Option<Key> {
    let mut parts = id.splitn(4, '/');
    let (_, table, org, id) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let table = Table::ALL.iter().copied().find(|known| known.name() == table)?;
    Some(Key::new(table, &org.parse().ok()?, id))
}

impl Engine {
    /// Removes rows whose time is over; answers how many entries were dealt with.
    pub(crate) async fn remove_ended(&self, store: &dyn Store) -> Result<usize, Failure> {
        let before = moment(self.now());
        let mut count = 0;
        loop {
            let page = store.list(Table::Ends, &system_org(), "", None, PAGE).await.map_err(errors::store)?;
            let over = page.iter().map(|(id, _)| id).take_while(|id| **id < before);
            let over: Vec<&String> = over.collect();
            let rows = over.iter().filter_map(|id| row_of(id));
            let entries = over.iter().map(|id| Key::system(Table::Ends, id.as_str()));
            let changes = rows.chain(entries).map(|key| Change::Delete { key, expect: Expect::Any });
            let changes: Vec<Change> = changes.collect();
            count += over.len();
            if !changes.is_empty() {
                store.apply(changes).await.map_err(errors::store)?;
            }
            if over.len() < PAGE {
                return Ok(count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_leads_back_to_its_row_and_sorts_by_time() {
        let row = Key::new(Table::Repeats, &"acme".parse().unwrap(), "a/b~c");
        let id = |at| ends_at(&row, Timestamp(at)).unwrap().key().unwrap().id.clone();
        assert_eq!(row_of(&id(5)), Some(row.clone()));
        assert!(id(999) < id(1_000) && id(-5) < id(1));
        assert_eq!(row_of("000000000000005/nothing/acme/x"), None);
    }
}
