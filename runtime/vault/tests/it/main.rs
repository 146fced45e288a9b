//! Tests of the vault from outside.

#![allow(clippy::unwrap_used)] // helpers of tests are not recognised as tests

mod api_tokens;
mod bundle;
mod command;
mod credentials;
mod envelope;
mod failing_store;
mod org_keys;
mod org_rotation;
mod root_rotation;
mod seeded;
mod start;

use sluis_model::id::{ConnectionId, OrgId};
use sluis_model::ports::Clock;
use sluis_model::time::Timestamp;
use sluis_vault::{KeyRing, SystemRandomness, Vault};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

pub(crate) const KEY: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
pub(crate) const OTHER_KEY: &str = "IAIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

pub(crate) fn vault(keys: &str) -> Vault {
    Vault::new(KeyRing::from_text(keys, "test").unwrap(), Arc::new(SystemRandomness))
}

pub(crate) fn org(name: &str) -> OrgId {
    name.parse().unwrap()
}

pub(crate) fn connection() -> ConnectionId {
    ConnectionId::generate(&SystemRandomness)
}

/// A clock that the test turns.
#[derive(Default)]
pub(crate) struct Turned(AtomicI64);

impl Turned {
    pub(crate) fn forward(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000 + self.0.load(Ordering::SeqCst))
    }
}
