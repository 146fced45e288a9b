//! The statements that read: each is one prepared statement over the primary key.

use super::calls::Work;
use super::layout;
use crate::error::StoreError;
use crate::key::{Key, Table};
use crate::store::{Page, Record};
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

/// One row.
pub(super) struct Get<'a>(pub &'a Key);

impl Work for Get<'_> {
    type Answer = Result<Option<Record>, StoreError>;
    const DOING: &'static str = "read";
    const WRITES: bool = false;

    async fn once(&self, connection: &mut PgConnection, _: bool) -> Result<Self::Answer, sqlx::Error> {
        let Key { table, org, id } = self.0;
        let row = sqlx::query(
            "SELECT version, content, checksum FROM sluis.record WHERE kind = $1 AND org = $2 AND id = $3",
        )
        .bind(table.name())
        .bind(org.as_str())
        .bind(id)
        .fetch_optional(connection)
        .await?;
        Ok(row.map(|row| layout::record(self.0, &row)).transpose())
    }
}

/// Rows of one org.
pub(super) struct List<'a> {
    pub table: Table,
    pub org: &'a OrgId,
    pub prefix: &'a str,
    pub after: Option<&'a str>,
    pub limit: usize,
}

impl List<'_> {
    /// Whether no id can fit, because none holds what PostgreSQL cannot even be asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.limit == 0 || self.prefix.contains('\0')
    }
}

impl Work for List<'_> {
    type Answer = Result<Vec<(String, Record)>, StoreError>;
    const DOING: &'static str = "read";
    const WRITES: bool = false;

    async fn once(&self, connection: &mut PgConnection, _: bool) -> Result<Self::Answer, sqlx::Error> {
        // Ids that come after `a\0…` are those that come after `a`.
        let after = self.after.and_then(|after| after.split('\0').next()).unwrap_or_default();
        let rows = sqlx::query(
            "SELECT id, version, content, checksum FROM sluis.record \
             WHERE kind = $1 AND org = $2 AND id >= $3 AND id < $4 AND id > $5 ORDER BY id LIMIT $6",
        )
        .bind(self.table.name())
        .bind(self.org.as_str())
        .bind(self.prefix)
        .bind(end_of(self.prefix))
        .bind(after)
        .bind(i64::try_from(self.limit).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?;
        let read = |row: &PgRow| -> Result<(String, Record), StoreError> {
            let id: String = row.try_get("id").map_err(unreadable)?;
            let record = layout::record(&Key::new(self.table, self.org, id.as_str()), row)?;
            Ok((id, record))
        };
        Ok(rows.iter().map(read).collect())
    }
}

/// Rows of all orgs.
pub(super) struct ListAll<'a> {
    pub table: Table,
    pub after: Option<&'a Key>,
    pub limit: usize,
}

impl Work for ListAll<'_> {
    type Answer = Result<Page, StoreError>;
    const DOING: &'static str = "read";
    const WRITES: bool = false;

    async fn once(&self, connection: &mut PgConnection, _: bool) -> Result<Self::Answer, sqlx::Error> {
        let (org, id) = self.after.map_or(("", ""), |key| (key.org.as_str(), key.id.as_str()));
        let rows = sqlx::query(
            "SELECT org, id, version, content, checksum FROM sluis.record \
             WHERE kind = $1 AND (org, id) > ($2, $3) ORDER BY org, id LIMIT $4",
        )
        .bind(self.table.name())
        .bind(org)
        .bind(id.split('\0').next().unwrap_or_default())
        .bind(i64::try_from(self.limit).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?;
        Ok(self.page(&rows))
    }
}

impl ListAll<'_> {
    fn page(&self, rows: &[PgRow]) -> Result<Page, StoreError> {
        let mut page = Page::default();
        for row in rows {
            let org: &str = row.try_get("org").map_err(unreadable)?;
            let id: String = row.try_get("id").map_err(unreadable)?;
            let Ok(org) = org.parse::<OrgId>() else {
                tracing::warn!(
                    table = self.table.name(),
                    "a row belongs to something that is no org; it is passed over"
                );
                continue;
            };
            let key = Key { table: self.table, org, id };
            if rows.len() >= self.limit {
                page.next = Some(key.clone());
            }
            match layout::record(&key, row) {
                Ok(record) => page.records.push((key, record)),
                Err(_) => page.damaged.push(key),
            }
        }
        Ok(page)
    }
}

/// The time of the server.
pub(super) struct Now;

impl Work for Now {
    type Answer = Timestamp;
    const DOING: &'static str = "read";
    const WRITES: bool = false;

    async fn once(&self, connection: &mut PgConnection, _: bool) -> Result<Self::Answer, sqlx::Error> {
        let row = sqlx::query("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
            .fetch_one(connection)
            .await?;
        Ok(Timestamp(row.try_get(0)?))
    }
}

fn unreadable(_: sqlx::Error) -> StoreError {
    StoreError::Broken { why: "the columns of `sluis.record` have other types".to_owned() }
}

/// The smallest text that comes after every id that begins so. Order of UTF-8 bytes is order of
/// characters.
fn end_of(prefix: &str) -> String {
    let mut kept = prefix;
    while let Some(last) = kept.chars().next_back() {
        kept = &kept[..kept.len() - last.len_utf8()];
        // Surrogates are no characters.
        let next = if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(last as u32 + 1) };
        if let Some(next) = next {
            return format!("{kept}{next}");
        }
    }
    // Longer than any id can be.
    "\u{10FFFF}".repeat(129)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_comes_right_after_all_that_begin_so() {
        assert_eq!(end_of("a/"), "a0");
        assert_eq!(end_of("a\u{7F}"), "a\u{80}");
        assert_eq!(end_of("\u{D7FF}"), "\u{E000}");
        assert_eq!(end_of("b\u{10FFFF}\u{10FFFF}"), "c");
        let longest = "\u{10FFFF}".repeat(128);
        assert!(end_of("").as_bytes() > longest.as_bytes());
        assert!(end_of("\u{10FFFF}").as_bytes() > longest.as_bytes());
    }
}
