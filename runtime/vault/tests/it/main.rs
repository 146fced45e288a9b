//! Tests of the vault from outside.

#![allow(clippy::unwrap_used)] // helpers of tests are not recognised as tests

mod credentials;
mod envelope;
mod start;

use sluis_model::id::{ConnectionId, OrgId};
use sluis_vault::{KeyRing, SystemRandomness, Vault};
use std::sync::Arc;

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
