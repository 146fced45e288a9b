//! The server's last challenges (RFC 7616 §3.6), so that a call after the first needs one round
//! only. They are not secret: whoever asks the server gets one.

use digest_auth::WwwAuthenticateHeader;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// So many servers are remembered.
const AT_MOST: usize = 1_024;

/// Challenges by server and user.
#[derive(Default)]
pub struct Challenges {
    known: Mutex<BTreeMap<String, WwwAuthenticateHeader>>,
}

impl Challenges {
    /// None yet.
    pub const fn new() -> Self {
        Self { known: Mutex::new(BTreeMap::new()) }
    }

    /// Works with the challenge of a server, whose counter goes on with each answer to it; none if
    /// there is none.
    pub(crate) fn with<T>(&self, key: &str, work: impl FnOnce(&mut WwwAuthenticateHeader) -> T) -> Option<T> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_mut(key).map(work)
    }

    /// Remembers the challenge of a server in place of an older one.
    pub(crate) fn remember(&self, key: String, challenge: WwwAuthenticateHeader) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= AT_MOST && !known.contains_key(&key) {
            known.pop_first();
        }
        known.insert(key, challenge);
    }
}

impl std::fmt::Debug for Challenges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_struct("Challenges").field("known", &known).finish()
    }
}
