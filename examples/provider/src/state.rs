//! What all endpoints share: the settings, the grants, the contacts, the journal, the counts.

use crate::contacts::AddressBook;
use crate::grants::{Grants, Lifetimes};
use crate::hold::Holds;
use crate::journal::Journal;
use crate::settings::Settings;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often the OAuth endpoints were used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Codes given out: how often somebody consented.
    pub consents: u64,
    /// Consents refused by the person.
    pub denials: u64,
    /// Codes turned into tokens.
    pub code_exchanges: u64,
    /// Refresh tokens turned into new tokens.
    pub refreshes: u64,
    /// Well-formed revocation requests of the registered client, whether or not the token was known.
    pub revocations: u64,
    /// Requests to the token and revocation endpoints that were answered with an error.
    pub refused: u64,
}

/// The state behind the router.
pub(crate) struct State {
    pub settings: Settings,
    pub issuer: String,
    started: Instant,
    grants: Mutex<Grants>,
    contacts: Mutex<AddressBook>,
    journal: Mutex<Journal>,
    counts: Mutex<Counts>,
    pub holds: Holds,
}

/// The state as handlers get it.
pub(crate) type Shared = Arc<State>;

impl State {
    pub(crate) fn new(issuer: String, settings: Settings) -> Self {
        let lifetimes = Lifetimes {
            code: settings.code_lifetime(),
            access: settings.access_token_lifetime(),
            refresh: settings.refresh_token_lifetime(),
            rotation: settings.rotation,
        };
        Self {
            settings,
            issuer,
            started: Instant::now(),
            grants: Mutex::new(Grants::new(lifetimes)),
            contacts: Mutex::new(AddressBook::default()),
            journal: Mutex::new(Journal::default()),
            counts: Mutex::new(Counts::default()),
            holds: Holds::default(),
        }
    }

    /// Time since the start: what the grants are measured by.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn grants(&self) -> MutexGuard<'_, Grants> {
        lock(&self.grants)
    }

    pub(crate) fn contacts(&self) -> MutexGuard<'_, AddressBook> {
        lock(&self.contacts)
    }

    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        lock(&self.journal)
    }

    pub(crate) fn counts(&self) -> MutexGuard<'_, Counts> {
        lock(&self.counts)
    }
}

/// A handler that panicked leaves nothing half done in these maps, so its lock is taken over.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
