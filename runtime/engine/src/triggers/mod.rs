//! What starts stored functions without a person: requests to addresses of their own, webhooks, moments, events.
//!
//! [`store`] writes and reads triggers, `check` says what is wrong with one, [`address`] and [`secrets`] keep what
//! outsiders must know, [`receive`] takes a request, [`calendar`] and [`schedule`] know the moments, [`event`] what
//! happens in Sluis, `arguments` makes what functions get, [`state`] remembers what came of it, and [`sample`]
//! tries a trigger by hand. All of them start runs through [`Engine::enqueue_run`](crate::Engine::enqueue_run).
//!
//! **Invariant:** the address of a trigger holds 256 random bits and nothing else; the store knows their hash only.

pub mod address;
mod answer;
mod arguments;
pub mod calendar;
mod challenge;
mod check;
pub mod event;
pub mod receive;
pub mod sample;
pub mod schedule;
pub mod secrets;
mod start;
pub mod state;
pub mod store;
mod webhook;

pub use address::{FoundTrigger, NewAddress};
pub use answer::{Answered, TriggerAnswer};
pub use event::Event;
pub use sample::{Sample, Sampled};
pub use state::{Firing, FiringOutcome, TriggerNotes, TriggerState};
pub use store::{StoredTrigger, TriggerView};
