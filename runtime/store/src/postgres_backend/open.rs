//! Opening: waits for the server, looks at what it is, makes the schema.

use super::address::Address;
use super::apply::Sweep;
use super::calls::{PostgresLimits, Work as _};
use super::pool::Pool;
use super::trouble::{self, Trouble};
use super::{PostgresStore, migrate};
use crate::error::StoreError;
use crate::store::Store;
use sluis_model::secret::SecretText;
use sqlx::postgres::PgConnectOptions;
use sqlx::{PgConnection, Row};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Between two attempts to reach a server that does not answer yet.
const PAUSE: Duration = Duration::from_millis(200);

/// Opens the store of a URL.
pub(crate) async fn open(url: &SecretText, limits: PostgresLimits) -> Result<Arc<dyn Store>, StoreError> {
    let Address { place, options } = Address::parse(url)?;
    let begun = Instant::now();
    let mut told = false;
    loop {
        let why = match prepare(&place, &options, limits).await {
            Ok(store) => return Ok(Arc::new(store)),
            Err(Trouble::Final(error)) => return Err(error),
            Err(Trouble::Lost(why) | Trouble::Undone(why)) => why,
        };
        if begun.elapsed() + PAUSE >= limits.start {
            return Err(StoreError::Unusable {
                why: format!("it does not answer: {why}"),
                help: "check that PostgreSQL runs there and takes connections from this machine",
                place,
            });
        }
        if !told {
            tracing::warn!(place, why, "PostgreSQL does not answer yet; waiting for it");
            told = true;
        }
        sleep(PAUSE).await;
    }
}

/// The place that a URL names, without user and password.
pub(crate) fn place_of(url: &SecretText) -> Result<String, StoreError> {
    Address::parse(url).map(|address| address.place)
}

async fn prepare(
    place: &str,
    options: &PgConnectOptions,
    limits: PostgresLimits,
) -> Result<PostgresStore, Trouble> {
    let options = with_settings(options, limits);
    let pool = Pool::new(place.to_owned(), options.clone(), limits.connections, limits.reconnecting);
    let mut lease = pool.lease().await?;
    let patience = limits.start.max(Duration::from_secs(60));
    let looked = timeout(patience, async {
        let lax = inspect(&mut lease.connection, place).await?;
        migrate::migrate(&mut lease.connection, place).await?;
        // Those who come and go never get as far as the sweep every few minutes.
        let swept = Sweep.once(&mut lease.connection, false).await;
        swept.map_err(|error| trouble::of_statement(place, "tidy up", error))?;
        Ok(lax)
    });
    let lax = looked.await.map_err(|_| Trouble::Lost("no answer in time".to_owned()))??;
    if lax {
        drop(lease);
        // What was answered with `Ok` must survive the death of the machine.
        let options = options.options([("synchronous_commit", "on")]);
        let pool = Pool::new(place.to_owned(), options, limits.connections, limits.reconnecting);
        return Ok(PostgresStore::new(pool, limits));
    }
    lease.done();
    Ok(PostgresStore::new(pool, limits))
}

/// What each connection asks for. Settings of the server or of the role must not change what a
/// statement means here.
fn with_settings(options: &PgConnectOptions, limits: PostgresLimits) -> PgConnectOptions {
    options.clone().options([
        ("default_transaction_isolation", "read committed".to_owned()),
        ("statement_timeout", format!("{}ms", limits.attempt.as_millis())),
        ("idle_in_transaction_session_timeout", "60s".to_owned()),
    ])
}

/// Refuses a server that cannot keep the promises; tells whether commits do not wait for the disk.
async fn inspect(connection: &mut PgConnection, place: &str) -> Result<bool, Trouble> {
    let failed = |error| trouble::of_statement(place, "read", error);
    let row = sqlx::query(
        "SELECT current_setting('server_version_num')::integer, current_setting('server_encoding'), \
         pg_is_in_recovery(), current_setting('fsync'), current_setting('synchronous_commit')",
    )
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    let version: i32 = row.try_get(0).map_err(failed)?;
    let encoding: String = row.try_get(1).map_err(failed)?;
    let standby: bool = row.try_get(2).map_err(failed)?;
    let fsync: String = row.try_get(3).map_err(failed)?;
    let commit: String = row.try_get(4).map_err(failed)?;
    let unusable =
        |why: String, help| Err(Trouble::Final(StoreError::Unusable { place: place.to_owned(), why, help }));
    if version < 140_000 {
        return unusable(
            format!("it is PostgreSQL {}", version / 10_000),
            "sluis needs PostgreSQL 14 or newer",
        );
    }
    if encoding != "UTF8" {
        return unusable(
            format!("the database has the encoding {encoding}"),
            "make one with `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`",
        );
    }
    if standby {
        return unusable("the server is a standby and takes no writes".to_owned(), "name the primary");
    }
    if fsync != "on" {
        tracing::warn!(place, "PostgreSQL runs with fsync = {fsync}: a power cut can cost everything");
    }
    Ok(commit == "off")
}
