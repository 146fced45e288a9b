//! When each connection was last used by this process: only what is used is renewed ahead of time.

use sluis_model::id::ConnectionId;
use sluis_model::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Moments of last use.
#[derive(Debug, Default)]
pub(crate) struct LastUse(Mutex<HashMap<ConnectionId, Timestamp>>);

/// Connections remembered at most; beyond that the ones used longest ago are forgotten.
const REMEMBERED: usize = 100_000;

impl LastUse {
    /// It is used now.
    pub fn note_at(&self, now: Timestamp, connection: &ConnectionId) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = uses.get_mut(connection) {
            *last = now;
            return;
        }
        if uses.len() >= REMEMBERED {
            let mut moments: Vec<Timestamp> = uses.values().copied().collect();
            let (_, middle, _) = moments.select_nth_unstable(REMEMBERED / 2);
            let middle = *middle;
            uses.retain(|_, last| *last > middle);
        }
        uses.insert(connection.clone(), now);
    }

    /// Whether it was used at or after a moment.
    pub fn since(&self, moment: Timestamp, connection: &ConnectionId) -> bool {
        let uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uses.get(connection).is_some_and(|last| *last >= moment)
    }
}
