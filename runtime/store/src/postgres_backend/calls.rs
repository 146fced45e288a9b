//! How a call is carried out: on a connection of the pool, under a deadline, and again when the
//! connection was lost. Reads may always be repeated; a batch may because the database knows its id
//! and does it once (see `apply`).

use super::pool::Pool;
use super::trouble::{self, Trouble};
use crate::error::StoreError;
use sqlx::PgConnection;
use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout_at};

/// How patient the store is with its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostgresLimits {
    /// Most connections at a time.
    pub connections: u32,
    /// How long the server may work on one statement, and how long its answer is waited for.
    pub attempt: Duration,
    /// How long a call tries to reach a server that is away before it fails. A restart fits in.
    pub reconnecting: Duration,
    /// How long a call may take. Beyond `reconnecting` only batches need it whose answer was lost.
    pub deadline: Duration,
    /// How long opening waits for a server that does not answer yet.
    pub start: Duration,
}

impl Default for PostgresLimits {
    fn default() -> Self {
        Self {
            connections: 16,
            attempt: Duration::from_secs(5),
            reconnecting: Duration::from_secs(4),
            deadline: Duration::from_secs(12),
            start: Duration::from_secs(10),
        }
    }
}

/// What is to be done on a connection.
pub(super) trait Work: Sync {
    type Answer: Send;
    /// For messages: `read`, `write`.
    const DOING: &'static str;
    /// Whether it changes something.
    const WRITES: bool;
    /// One round trip. `again` says that this was sent before and that the answer was lost.
    fn once(
        &self,
        connection: &mut PgConnection,
        again: bool,
    ) -> impl Future<Output = Result<Self::Answer, sqlx::Error>> + Send;
}

/// First wait before another attempt; it doubles up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// What an attempt that failed leaves.
struct Failed {
    trouble: Trouble,
    /// Whether the statement may have reached the server.
    sent: bool,
    /// Whether the connection had served before, so that its failure may be an old story.
    stale: bool,
}

/// Does it, if need be several times.
pub(super) async fn run<W: Work>(
    pool: &Pool,
    limits: &PostgresLimits,
    work: &W,
) -> Result<W::Answer, StoreError> {
    let begun = Instant::now();
    let mut pause = PAUSE;
    // Whether a statement that writes went out and nothing is known of it.
    let mut in_doubt = false;
    loop {
        let end = begun + limits.deadline;
        let failed = match attempt(pool, limits, work, in_doubt, end).await {
            Ok(answer) => return Ok(answer),
            Err(failed) => failed,
        };
        let why = match failed.trouble {
            Trouble::Final(error) if in_doubt => return Err(unknown(pool, error.to_string())),
            Trouble::Final(error) => return Err(error),
            Trouble::Undone(why) | Trouble::Lost(why) if pool.is_closed() && !in_doubt => {
                tracing::debug!(why, "a call was cut off while the store was closing");
                return Err(StoreError::Closed);
            }
            Trouble::Undone(why) => why,
            Trouble::Lost(why) => {
                in_doubt |= W::WRITES && failed.sent;
                why
            }
        };
        let give_up = if in_doubt { end } else { begun + limits.reconnecting };
        let next = Instant::now() + if failed.stale { Duration::ZERO } else { pause };
        if next >= give_up {
            return Err(match in_doubt {
                true => unknown(pool, why),
                false => StoreError::Unavailable { place: pool.place().to_owned(), why },
            });
        }
        tracing::debug!(why, in_doubt, "a call of the store is tried again");
        sleep_until(next).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn unknown(pool: &Pool, why: String) -> StoreError {
    StoreError::Unknown { place: pool.place().to_owned(), why }
}

async fn attempt<W: Work>(
    pool: &Pool,
    limits: &PostgresLimits,
    work: &W,
    again: bool,
    end: Instant,
) -> Result<W::Answer, Failed> {
    let mut lease = match timeout_at(end, pool.lease()).await {
        Ok(Ok(lease)) => lease,
        Ok(Err(trouble)) => return Err(Failed { trouble, sent: false, stale: false }),
        Err(_) => {
            let trouble = Trouble::Lost("all connections are in use".to_owned());
            return Err(Failed { trouble, sent: false, stale: false });
        }
    };
    let stale = lease.used_before;
    let until = end.min(Instant::now() + limits.attempt);
    let error = match timeout_at(until, work.once(&mut lease.connection, again)).await {
        Ok(Ok(answer)) => {
            lease.done();
            return Ok(answer);
        }
        Ok(Err(error)) => error,
        Err(_) => {
            // The connection may be half-open; the others may be as well.
            pool.forget();
            let why = format!("no answer within {} s", limits.attempt.as_secs_f32());
            return Err(Failed { trouble: Trouble::Lost(why), sent: true, stale: false });
        }
    };
    let answered = matches!(error, sqlx::Error::Database(_));
    let trouble = trouble::of_statement(pool.place(), W::DOING, error);
    match trouble {
        Trouble::Lost(_) => pool.forget(),
        // The server refused the statement and is ready for the next.
        _ if answered => lease.done(),
        _ => {}
    }
    Err(Failed { trouble, sent: true, stale })
}
