//! Renewing tokens so that neither a crash, nor a second process, nor a lost answer costs a grant.
//! `docs/decisions/002-token-renewal.md` says what is guaranteed and why.
//!
//! Reading order: [`rules`] (times and numbers), `intent` (the row that says what is under way),
//! `attempt` (what is asked of the provider, durably), `ending` (what becomes of its answer),
//! `protocol` (who may begin, who waits, who takes over), `health` (pauses and giving up), `due`
//! (ahead of time), `recovery` (at start).

mod attempt;
mod due;
mod ending;
mod health;
mod hosts;
mod instance;
mod intent;
mod protocol;
mod recovery;
pub mod rules;
mod usage;

pub use due::RenewalRound;
pub(crate) use hosts::HostTurns;
pub(crate) use instance::Instance;
pub(crate) use protocol::Subject;
pub use rules::RenewalRules;
pub(crate) use usage::LastUse;
