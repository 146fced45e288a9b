//! The PostgreSQL backend over a real server.

mod away;
mod contention;
mod damage;
mod lost_answers;
mod opening;
mod proxy;

use crate::postgres_server::{Database, Postgres};
use sluis_store::{PostgresLimits, Store, StoreAddress, StoreError, open_address};
use std::sync::Arc;
use std::time::Duration;

/// Opens what a URL names.
pub(crate) async fn open(url: &str, limits: PostgresLimits) -> Result<Arc<dyn Store>, StoreError> {
    open_address(&StoreAddress::parse(&url.into())?, limits).await
}

/// A new database on the shared server, and the store in it.
pub(crate) async fn fresh() -> (Database<'static>, Arc<dyn Store>) {
    let database = Postgres::shared().database("");
    let store = open(&database.url(), PostgresLimits::default()).await.unwrap();
    (database, store)
}

/// So short that a test may wait for their end.
fn impatient() -> PostgresLimits {
    PostgresLimits {
        attempt: Duration::from_millis(400),
        reconnecting: Duration::from_millis(300),
        deadline: Duration::from_millis(1500),
        start: Duration::from_millis(500),
        ..PostgresLimits::default()
    }
}
