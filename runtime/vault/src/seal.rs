//! The vault of a process: the ring of root keys and the keys of orgs that it has loaded.
//!
//! What it seals itself, with a root key, are the keys of orgs; everything else is sealed by an
//! [`crate::OrgVault`].

use crate::clock::SystemClock;
use crate::envelope::{self, Envelope, Form, SealContext};
use crate::error::VaultError;
use crate::keys::KeyRing;
use crate::org::cache::OrgCache;
use sluis_model::ports::{Clock, Randomness};
use sluis_model::secret::SecretBytes;
use std::fmt;
use std::sync::Arc;

/// Seals and opens. Cheap to clone; all clones share the keys they have loaded.
#[derive(Clone)]
pub struct Vault {
    pub(crate) ring: Arc<KeyRing>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) orgs: Arc<OrgCache>,
}

impl Vault {
    /// A vault with these root keys. Call [`Vault::verify`] before it is used on a store, or use
    /// [`Vault::unlock`], which does. A vault is for one store.
    pub fn new(ring: KeyRing, randomness: Arc<dyn Randomness>) -> Self {
        Self { ring: Arc::new(ring), randomness, clock: Arc::new(SystemClock), orgs: Arc::default() }
    }

    /// Another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The ring of this vault.
    pub fn keys(&self) -> &KeyRing {
        &self.ring
    }

    /// Seals a value with the first root key.
    pub fn seal(&self, context: &SealContext<'_>, plain: &[u8]) -> Vec<u8> {
        envelope::seal(Form::Root, self.ring.primary(), context, plain, &*self.randomness)
    }

    /// Opens a value that was sealed for the same context with a root key.
    ///
    /// # Errors
    /// [`VaultError::UnknownKey`] if its key is not on the ring, else [`VaultError::Damaged`].
    pub fn open(&self, context: &SealContext<'_>, sealed: &[u8]) -> Result<SecretBytes, VaultError> {
        let envelope = Envelope::parse(sealed)?;
        if envelope.form != Form::Root {
            return Err(VaultError::Damaged { why: "it is not sealed with a root key" });
        }
        let key = self.ring.find(envelope.key).ok_or(VaultError::UnknownKey { key: envelope.key })?;
        envelope.open(key, context)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("ring", &self.ring).finish_non_exhaustive()
    }
}
