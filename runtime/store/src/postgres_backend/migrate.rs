//! The schema: numbered files of SQL, each applied once, in order, all in one transaction that other
//! nodes wait for.

use super::trouble::{self, Trouble};
use crate::error::StoreError;
use sha2::{Digest, Sha256};
use sqlx::{Connection as _, PgConnection, Row};

/// In order. A file that was once released is never changed: what comes later gets a new number.
const MIGRATIONS: &[(i32, &str)] = &[(1, include_str!("migrations/0001_records.sql"))];

/// Brings the schema to the newest form that this program knows.
pub(super) async fn migrate(connection: &mut PgConnection, place: &str) -> Result<(), Trouble> {
    let failed = |error| trouble::of_statement(place, "bring its schema up to date", error);
    // The usual case needs no lock and no right to make anything.
    if let Some(applied) = applied(connection).await.map_err(failed)?
        && missing(&applied, place)?.is_empty()
    {
        return Ok(());
    }
    let mut transaction = connection.begin().await.map_err(failed)?;
    sqlx::raw_sql(PREPARE).execute(&mut *transaction).await.map_err(failed)?;
    let applied = applied(&mut transaction).await.map_err(failed)?.unwrap_or_default();
    for (number, text) in missing(&applied, place)? {
        sqlx::raw_sql(text).execute(&mut *transaction).await.map_err(failed)?;
        sqlx::query("INSERT INTO sluis.migration (number, digest) VALUES ($1, $2)")
            .bind(number)
            .bind(digest(text))
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        tracing::info!(place, number, "the schema of the store was brought up to date");
    }
    transaction.commit().await.map_err(failed)
}

/// A schema that a database administrator made beforehand is taken as it is: then the user of sluis
/// needs no rights on the database.
const PREPARE: &str = "
SET LOCAL statement_timeout = '60s';
SELECT pg_advisory_xact_lock(1397511499, 0);
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'sluis') THEN
        CREATE SCHEMA sluis;
    END IF;
END $$;
CREATE TABLE IF NOT EXISTS sluis.migration (
    number  integer     PRIMARY KEY,
    digest  bytea       NOT NULL,
    applied timestamptz NOT NULL DEFAULT now()
);
";

/// Numbers and digests of what was applied; `None` if there is no schema yet.
async fn applied(connection: &mut PgConnection) -> Result<Option<Vec<(i32, Vec<u8>)>>, sqlx::Error> {
    let known = sqlx::query("SELECT to_regclass('sluis.migration') IS NOT NULL").fetch_one(&mut *connection);
    if !known.await?.try_get::<bool, _>(0)? {
        return Ok(None);
    }
    let rows =
        sqlx::query("SELECT number, digest FROM sluis.migration ORDER BY number").fetch_all(connection);
    rows.await?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, _>>().map(Some)
}

/// What is still to be applied.
fn missing(applied: &[(i32, Vec<u8>)], place: &str) -> Result<Vec<(i32, &'static str)>, Trouble> {
    let refuse =
        |why: String, help| Err(Trouble::Final(StoreError::Unusable { place: place.to_owned(), why, help }));
    let newest = MIGRATIONS.last().map_or(0, |(number, _)| *number);
    for (number, found) in applied {
        match MIGRATIONS.iter().find(|(known, _)| known == number) {
            Some((_, text)) if digest(text) == *found => {}
            Some(_) => {
                let why = format!("step {number} of its schema is not the one that this sluis knows");
                return refuse(why, "use the sluis that made it, or a released one");
            }
            None => {
                let why = format!(
                    "its schema has step {number}, and this sluis knows steps to {newest} only: it was written by a newer one"
                );
                return refuse(why, "use the newer sluis, or restore a backup from before");
            }
        }
    }
    let is_missing = |(number, _): &&(i32, &str)| !applied.iter().any(|(known, _)| known == number);
    Ok(MIGRATIONS.iter().filter(is_missing).copied().collect())
}

fn digest(text: &str) -> Vec<u8> {
    // Line ends depend on how the sources were checked out.
    Sha256::digest(text.replace("\r\n", "\n")).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_migrations_grow_by_one() {
        let numbers: Vec<_> = MIGRATIONS.iter().map(|(number, _)| *number).collect();
        let count = i32::try_from(numbers.len()).unwrap();
        assert_eq!(numbers, (1..=count).collect::<Vec<_>>());
    }

    #[test]
    fn what_was_applied_is_not_applied_again_and_what_is_foreign_is_refused() {
        let first = (1, digest(MIGRATIONS[0].1));
        assert_eq!(missing(&[], "here").unwrap().len(), MIGRATIONS.len());
        assert_eq!(missing(std::slice::from_ref(&first), "here").unwrap().len(), MIGRATIONS.len() - 1);
        let why = |applied: &[_]| format!("{:?}", missing(applied, "here").unwrap_err());
        assert!(why(&[first, (99, vec![])]).contains("a newer one"));
        assert!(why(&[(1, vec![])]).contains("not the one"));
    }
}
