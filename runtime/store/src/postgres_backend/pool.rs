//! Connections that wait for the next call. None is held between two calls of the store, and one
//! on which anything went wrong, or whose call was given up half-way, is closed instead of kept.
//!
//! The driver's own pool asks the server whether a connection is alive before or after each use,
//! which costs a call of one round trip another one. Here a dead connection shows when it is used:
//! then all that wait are dropped, and the call, which is safe to repeat, goes to a new one.

use super::trouble::{self, Trouble};
use crate::error::StoreError;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};

/// Firewalls forget connections that nobody uses, and do not say so.
const IDLE: Duration = Duration::from_secs(240);
/// So that memory of the server does not grow for ever, and a new address is found in time.
const AGE: Duration = Duration::from_secs(1800);

struct Waiting {
    connection: PgConnection,
    made: Instant,
    since: Instant,
}

/// Connections to one server.
pub(super) struct Pool {
    place: String,
    options: PgConnectOptions,
    size: u32,
    /// How long a connection may take to be made.
    patience: Duration,
    permits: Semaphore,
    waiting: Mutex<Vec<Waiting>>,
}

/// A connection that one call has for itself.
pub(super) struct Lease<'a> {
    pub connection: PgConnection,
    /// Whether it served other calls before: then its failure says nothing about the server.
    pub used_before: bool,
    made: Instant,
    pool: &'a Pool,
    _permit: SemaphorePermit<'a>,
}

impl Pool {
    pub(super) fn new(place: String, options: PgConnectOptions, size: u32, patience: Duration) -> Self {
        let permits = Semaphore::new(size as usize);
        Self { place, options, size, patience, permits, waiting: Mutex::default() }
    }

    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// A connection that waits, or a new one. Waits while all are in use.
    pub(super) async fn lease(&self) -> Result<Lease<'_>, Trouble> {
        let permit = self.permits.acquire().await.map_err(|_| Trouble::Final(StoreError::Closed))?;
        let now = Instant::now();
        let found = {
            let mut waiting = self.waiting();
            waiting.retain(|w| now - w.since < IDLE && now - w.made < AGE);
            waiting.pop()
        };
        let (connection, made, used_before) = match found {
            Some(found) => (found.connection, found.made, true),
            None => (self.connect().await?, now, false),
        };
        Ok(Lease { connection, used_before, made, pool: self, _permit: permit })
    }

    async fn connect(&self) -> Result<PgConnection, Trouble> {
        match timeout(self.patience, self.options.connect()).await {
            Ok(made) => made.map_err(|error| trouble::of_connecting(&self.place, error)),
            Err(_) => Err(Trouble::Lost(format!("no connection within {} s", self.patience.as_secs_f32()))),
        }
    }

    /// Drops all that wait: one was found dead, and the others have likely shared its fate.
    pub(super) fn forget(&self) {
        self.waiting().clear();
    }

    /// Refuses new calls, waits for those at work at most so long, and says goodbye to the server.
    pub(super) async fn close(&self, patience: Duration) {
        let all = timeout(patience, self.permits.acquire_many(self.size)).await;
        self.permits.close();
        drop(all);
        let left = std::mem::take(&mut *self.waiting());
        for waiting in left {
            let _ = timeout(Duration::from_secs(1), waiting.connection.close()).await;
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.permits.is_closed()
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease<'_> {
    /// Gives it back in good order. A lease that is dropped closes its connection.
    pub(super) fn done(self) {
        if !self.pool.is_closed() {
            let waiting = Waiting { connection: self.connection, made: self.made, since: Instant::now() };
            self.pool.waiting().push(waiting);
        }
    }
}
