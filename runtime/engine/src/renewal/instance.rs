//! Who owns a renewal: one engine of one process. Where a store belongs to one process alone, an
//! owner that does not live in this process is dead, and nobody has to wait for its lease.

use sluis_model::ports::Randomness;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The engines of this process that live.
static LIVING: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// One engine, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Instance(String);

impl Instance {
    /// A new one.
    pub fn new(randomness: &dyn Randomness) -> Self {
        let id = random_name(randomness);
        LIVING.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
        Self(id)
    }

    /// Its name; never used twice.
    pub fn id(&self) -> &str {
        &self.0
    }

    /// Whether an engine of this name lives in this process.
    pub fn is_living(id: &str) -> bool {
        LIVING.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        LIVING.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

/// 128 random bits as text.
pub(crate) fn random_name(randomness: &dyn Randomness) -> String {
    let mut bytes = [0u8; 16];
    randomness.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_lives_until_it_is_dropped() {
        let one = Instance::new(&sluis_vault::SystemRandomness);
        let other = Instance::new(&sluis_vault::SystemRandomness);
        let id = one.id().to_owned();
        assert_ne!(id, other.id());
        assert!(Instance::is_living(&id));
        drop(one);
        assert!(!Instance::is_living(&id) && Instance::is_living(other.id()));
    }
}
