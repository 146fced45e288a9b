//! One open database file that is opened again after it failed: redb refuses every call after an
//! I/O error or a panic until it is reopened, and a full disk must not need a restart.

use crate::error::StoreError;
use redb::Database;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

/// Opens the database.
pub(super) type Opener = Box<dyn Fn() -> Result<Database, StoreError> + Send + Sync>;

enum State {
    Open(Database),
    /// It failed and could not be opened again so far.
    Lost,
    Closed,
}

/// The file.
pub(super) struct File {
    state: RwLock<State>,
    /// Whether the next call must open it again first.
    failed: AtomicBool,
    again: Opener,
}

impl File {
    /// Opens with `first`, and after a failure with `again`.
    pub(super) fn open(first: Opener, again: Opener) -> Result<Self, StoreError> {
        let database = guarded("open", &first)?;
        Ok(Self { state: RwLock::new(State::Open(database)), failed: AtomicBool::new(false), again })
    }

    /// Runs one piece of work on the database; a panic inside becomes an error. Blocks.
    pub(super) fn with<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.heal()?;
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let outcome = match &*state {
            State::Open(database) => match catch_unwind(AssertUnwindSafe(|| work(database))) {
                Ok(outcome) => outcome,
                // Readers share nothing that a panic could leave half-done; if a lock was
                // poisoned, the next call fails with an I/O error and opens the file again.
                Err(_) => {
                    self.failed.fetch_or(doing != "read", Ordering::AcqRel);
                    Err(unsound(doing))
                }
            },
            State::Lost => Err(StoreError::Io { doing, why: "it could not be opened again".to_owned() }),
            State::Closed => return Err(StoreError::Closed),
        };
        if let Err(StoreError::Io { .. } | StoreError::Full { .. }) = &outcome {
            self.failed.store(true, Ordering::Release);
        }
        outcome
    }

    fn heal(&self) -> Result<(), StoreError> {
        if !self.failed.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, State::Closed) || !self.failed.load(Ordering::Acquire) {
            return Ok(());
        }
        let old = std::mem::replace(&mut *state, State::Lost);
        // The old handle must be gone first: it holds the lock on the file.
        let _ = guarded("close", || {
            drop(old);
            Ok(())
        });
        *state = State::Open(guarded("open", &self.again)?);
        self.failed.store(false, Ordering::Release);
        tracing::info!("the store was opened again after a failure");
        Ok(())
    }

    /// Closes; blocks until calls that are at work have ended.
    pub(super) fn close(&self) -> Result<(), StoreError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, State::Closed) {
            State::Open(database) => {
                guarded("close", || database.close().map_err(|error| translate("close", error.into())))
            }
            State::Lost | State::Closed => Ok(()),
        }
    }
}

/// redb can panic on a damaged file; that ends the call, not the process.
fn guarded<T>(doing: &'static str, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(unsound(doing)))
}

fn unsound(doing: &str) -> StoreError {
    StoreError::Broken { why: format!("its structure is not sound (found while trying to {doing})") }
}

/// redb's error as ours, where no single row is concerned.
pub(super) fn translate(doing: &'static str, error: redb::Error) -> StoreError {
    match error {
        redb::Error::Corrupted(why) => StoreError::Broken { why },
        redb::Error::DatabaseClosed => StoreError::Closed,
        redb::Error::TableDoesNotExist(name) => {
            StoreError::Broken { why: format!("its table `{name}` is missing") }
        }
        redb::Error::Io(error) => of_disk(doing, &error),
        other => StoreError::Io { doing, why: other.to_string() },
    }
}

fn of_disk(doing: &'static str, error: &std::io::Error) -> StoreError {
    let why = error.to_string();
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            StoreError::Full { doing, why }
        }
        _ => StoreError::Io { doing, why },
    }
}
