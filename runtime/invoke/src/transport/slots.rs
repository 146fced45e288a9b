//! How many requests are under way to one host: a service that hangs holds its own callers up, not
//! the sockets and the memory of everyone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests under way to one host unless the operator says otherwise.
pub(super) const PER_HOST: usize = 128;
/// Hosts remembered before those without a request are forgotten.
const HOSTS_AT_MOST: usize = 1024;

/// Slots by host and port.
pub(super) struct Slots {
    pub(super) per_host: usize,
    hosts: Mutex<HashMap<String, Weak<Semaphore>>>,
}

impl Slots {
    pub(super) fn new(per_host: usize) -> Self {
        Self { per_host: per_host.max(1), hosts: Mutex::default() }
    }

    /// Waits for a slot. It is free again when what is returned is dropped.
    pub(super) async fn take(&self, host: &str) -> Option<Slot> {
        let semaphore = self.of(host);
        let permit = Arc::clone(&semaphore).acquire_owned().await.ok()?;
        Some(Slot { _permit: permit, _host: semaphore })
    }

    fn of(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(semaphore) = hosts.get(host).and_then(Weak::upgrade) {
            return semaphore;
        }
        if hosts.len() >= HOSTS_AT_MOST {
            hosts.retain(|_, semaphore| semaphore.strong_count() > 0);
        }
        let semaphore = Arc::new(Semaphore::new(self.per_host));
        hosts.insert(host.to_owned(), Arc::downgrade(&semaphore));
        semaphore
    }
}

/// One request's place. Whoever waits or holds one keeps the host remembered.
pub(super) struct Slot {
    _permit: OwnedSemaphorePermit,
    _host: Arc<Semaphore>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hosts_without_a_request_are_forgotten() {
        let slots = Slots::new(1);
        let held = slots.take("held").await;
        for at in 0..3 * HOSTS_AT_MOST {
            drop(slots.take(&at.to_string()).await);
        }
        assert!(slots.hosts.lock().unwrap().len() <= HOSTS_AT_MOST);
        assert_eq!(slots.of("held").available_permits(), 0, "a held one is remembered");
        drop(held);
        assert_eq!(slots.of("held").available_permits(), 1);
    }
}
