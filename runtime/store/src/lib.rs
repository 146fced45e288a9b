//! Where the runtime keeps its rows: one async trait, [`Store`], an embedded backend in one
//! file, and one in PostgreSQL for several nodes. Typed reading and writing of JSON rows stands in [`typed`].
//!
//! Reading order: [`key`] (what a row is called), [`store`] (what can be done), [`error`],
//! [`typed`], [`job`] (work for later), [`open`](mod@open) (a store by its address), then `redb_backend` and
//! `postgres_backend`; [`copy`] goes from one to the other.
//!
//! **Invariant:** the tenant is part of every key, not a filter. A damaged row is an error or is
//! named as damaged; it is never wrong data and never silently absent. No secret comes in here in
//! clear: credentials are sealed by the vault first.

pub mod copy;
pub mod error;
pub mod job;
pub mod key;
pub mod measured;
pub mod open;
mod postgres_backend;
mod redb_backend;
pub mod store;
pub mod typed;

pub use error::StoreError;
pub use job::{DueJob, Job, JobHandler, QueuedJob, StopSignal, WorkOptions, Worked};
pub use key::{Key, RESERVED_ORG, Table, system_org};
pub use measured::measured;
pub use open::{StoreAddress, open_address};
pub use postgres_backend::PostgresLimits;
pub use redb_backend::{open, open_in_memory};
pub use store::{Change, Expect, Page, Record, Store};
pub use typed::{get_json, list_json, put_json};
