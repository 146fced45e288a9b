//! The protocol as a small model, walked through exhaustively: two nodes that may be killed between any
//! two steps, a store that writes under conditions, a network that loses, delays and copies, a provider
//! that rotates, an administrator who revokes.
//!
//! Not in here: time. A lease is over when its owner is dead or no longer at it; one that is over while
//! its owner is at it (the process was stopped) is a choice that [`Limits::stalls`] counts. A request may
//! be late, but no later than the next renewal of the same connection, which begins minutes after. Nor
//! the previous tokens, which are tried only after the provider has ended the grant.

mod explore;
mod nodes;
mod rules;
mod state;

use explore::explore;
use state::{Limits, State, Strictness};
use std::collections::BTreeSet;

/// Explores everything within limits; the steps that were taken somewhere.
fn explored(name: &str, strictness: Strictness, limits: Limits) -> BTreeSet<&'static str> {
    let seen = explore(State::new(strictness, limits));
    println!("{name}: {} states, {} steps", seen.states, seen.steps);
    seen.taken
}

/// What must have happened somewhere, lest the rules hold of nothing.
fn all_taken(taken: &BTreeSet<&'static str>, wanted: &[&'static str]) {
    for step in wanted {
        assert!(taken.contains(step), "never taken: {step}; taken were {taken:?}");
    }
}

const NONE: Limits =
    Limits { renewals: 2, crashes: 0, drops: 0, failures: 0, timeouts: 0, copies: 0, stalls: 0, revokes: 0 };
const CRASHES: Limits = Limits { crashes: 2, revokes: 1, ..NONE };
const NETWORK: Limits = Limits { renewals: 1, drops: 1, failures: 1, timeouts: 1, copies: 1, ..NONE };
const STALLS: Limits = Limits { crashes: 1, stalls: 1, revokes: 1, ..NONE };

#[test]
fn with_leeway_no_order_of_crashes_losses_and_revocations_costs_a_grant() {
    let taken = explored("leeway, crashes", Strictness::Leeway, CRASHES);
    all_taken(
        &taken,
        &["finish from a kept answer", "take over and ask once more", "tokens come home revoked"],
    );
    let taken = explored("leeway, network", Strictness::Leeway, NETWORK);
    all_taken(&taken, &["give up waiting", "ask again after a rest", "hear a copy too late"]);
}

#[test]
fn a_strict_provider_ends_a_grant_only_when_an_answer_was_lost_or_a_request_late() {
    let taken = explored("strict, crashes", Strictness::Strict, CRASHES);
    all_taken(&taken, &["finish from a kept answer", "need a person", "tokens come home revoked"]);
    let taken = explored("strict, network", Strictness::Strict, NETWORK);
    all_taken(&taken, &["give up waiting", "need a person", "ask again after a rest"]);
}

#[test]
fn fences_and_revocation_hold_even_when_a_process_is_stopped_for_longer_than_its_lease() {
    for strictness in [Strictness::Leeway, Strictness::Strict] {
        let taken = explored("stalls", strictness, STALLS);
        all_taken(&taken, &["overtake the living", "store though overtaken", "tokens come home revoked"]);
    }
}
