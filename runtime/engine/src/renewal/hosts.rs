//! At most so many renewals at a time for each host: a thousand tokens that end together must not
//! look like an attack.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Turns by host.
#[derive(Debug, Default)]
pub(crate) struct HostTurns(Mutex<HashMap<String, Arc<Semaphore>>>);

/// Hosts remembered before the idle ones are dropped.
const HOSTS_BEFORE_SWEEP: usize = 1024;

impl HostTurns {
    /// Waits for a turn; it ends when the permit is dropped. None only if turns were closed, which
    /// nobody does.
    pub async fn take(&self, host: &str, at_once: usize) -> Option<OwnedSemaphorePermit> {
        let turns = {
            let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if hosts.len() >= HOSTS_BEFORE_SWEEP {
                hosts.retain(|_, turns| Arc::strong_count(turns) > 1);
            }
            let new = || Arc::new(Semaphore::new(at_once.max(1)));
            hosts.entry(host.to_owned()).or_insert_with(new).clone()
        };
        turns.acquire_owned().await.ok()
    }
}
