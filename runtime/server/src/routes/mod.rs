//! One file per resource. A handler takes typed input, calls one method of the engine and shapes the
//! output.

pub mod activities;
pub mod brought;
pub mod callback;
pub mod clients;
pub mod connect;
pub mod connection_form;
pub mod connections;
pub mod connectors;
pub mod function_calls;
pub mod functions;
pub mod health;
pub mod hooks;
pub mod invoke;
pub mod members;
pub mod metrics;
pub mod open_calls;
pub mod orgs;
pub mod proxy;
pub mod reference;
pub mod run_control;
mod run_events;
pub mod run_settings;
pub mod runs;
pub mod session;
pub mod tokens;
pub mod trials;
pub mod trigger_actions;
pub mod triggers;
pub mod users;
pub mod vault;

use serde::{Deserialize as _, Deserializer, Serializer};
use sluis_model::secret::SecretText;
use sluis_model::time::Timestamp;
use std::collections::BTreeMap;

/// A moment as callers see it: RFC 3339 in UTC.
pub(crate) fn moment<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    match jiff::Timestamp::from_millisecond(at.0) {
        Ok(at) => serializer.collect_str(&at),
        // Beyond the year 9999 there is no RFC 3339 text.
        Err(_) => serializer.serialize_i64(at.0),
    }
}

/// The same for a moment that may be absent.
pub(crate) fn maybe_moment<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => moment(at, serializer),
        None => serializer.serialize_none(),
    }
}

/// What somebody enters, by field; never shown from here on.
pub(crate) fn secrets<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, SecretText>, D::Error> {
    let texts = BTreeMap::<String, String>::deserialize(from)?;
    Ok(texts.into_iter().map(|(name, value)| (name, value.into())).collect())
}

/// One secret that somebody enters.
pub(crate) fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<SecretText, D::Error> {
    String::deserialize(from).map(SecretText::from)
}
