//! Why the store could not do what was asked. Worded for operators; no row's content is in here.

use crate::key::Key;
use std::path::PathBuf;

/// A failure of the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// An expectation did not hold; nothing of the batch was written.
    #[error("`{key}` was changed by somebody else in the meantime")]
    Conflict {
        /// The first row whose expectation failed.
        key: Key,
    },
    /// A row is there but is not what was written. Other rows are not concerned; writing it anew
    /// with [`crate::Expect::Any`], or deleting it, mends it.
    #[error("row `{key}` is damaged on disk ({why}); restore it from a backup or make it anew")]
    Damaged {
        /// The row.
        key: Key,
        /// What was noticed.
        why: String,
    },
    /// A row holds JSON that does not have the wanted shape.
    #[error("row `{key}` cannot be understood: {why}; was it written by another version of sluis?")]
    Undecodable {
        /// The row.
        key: Key,
        /// What the decoder says: the place and the shape wanted.
        why: String,
    },
    /// A key or value breaks the store's rules: a bug of the caller.
    #[error("row `{key}` is refused: {why}")]
    Refused {
        /// The row.
        key: Key,
        /// The rule.
        why: &'static str,
    },
    /// A job breaks the store's rules: a bug of the caller.
    #[error("a job `{task}` is refused: {why}")]
    RefusedJob {
        /// What it is to do.
        task: String,
        /// The rule.
        why: &'static str,
    },
    /// Another process has the file open.
    #[error(
        "the store {path} is in use by another sluis process; talk to that one (its HTTP API), stop it, or name \
         another store"
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// What is there cannot be used as a store.
    #[error("the store {place} cannot be opened: {why}; {help}")]
    Unusable {
        /// The file, or the address of the server without user and password.
        place: String,
        /// What is wrong with it.
        why: String,
        /// What to do.
        help: &'static str,
    },
    /// The store broke in a place that is not one row's.
    #[error("the store is damaged: {why}; stop sluis and restore it from a backup")]
    Broken {
        /// What was noticed.
        why: String,
    },
    /// The disk, or whatever is below, failed. Nothing of the batch counts as written; the next
    /// call tries again on a freshly opened file.
    #[error("the store could not {doing}: {why}")]
    Io {
        /// What was tried: `write`, `read`.
        doing: &'static str,
        /// What the system says.
        why: String,
    },
    /// There is no space left where the store is kept. Nothing of the batch counts as written; what is there can
    /// be read, and the next call that writes tries again.
    #[error(
        "the store could not {doing}: the disk is full ({why}); free some space, sluis goes on by itself"
    )]
    Full {
        /// What was tried: `write`.
        doing: &'static str,
        /// What the system says.
        why: String,
    },
    /// The server of the store does not answer, or not in time. Nothing of the batch was or will be
    /// written.
    #[error("the store {place} does not answer: {why}; sluis goes on by itself when it is back")]
    Unavailable {
        /// The address of the server without user and password.
        place: String,
        /// What was noticed last.
        why: String,
    },
    /// The server was lost after a batch went out and could not be asked again in time: all of the
    /// batch was written or nothing, nobody knows which. Read before writing again.
    #[error("it is not known whether the store {place} made a change: {why}; look before doing it again")]
    Unknown {
        /// The address of the server without user and password.
        place: String,
        /// What was noticed last.
        why: String,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}
