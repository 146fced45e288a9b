//! Seals and opens what one org owns.

use super::keys::{KeyNumber, OrgKeys};
use crate::envelope::{self, Envelope, Form, SealContext};
use crate::error::VaultError;
use crate::keys::KeyId;
use crate::seal::Vault;
use sluis_model::id::OrgId;
use sluis_model::secret::SecretBytes;
use std::fmt;
use std::sync::Arc;

/// Seals and opens what one org owns, with that org's keys. For one piece of work: a row that was
/// read before this was asked for opens.
#[derive(Clone)]
pub struct OrgVault {
    vault: Vault,
    org: OrgId,
    keys: Arc<OrgKeys>,
}

impl OrgVault {
    pub(crate) fn new(vault: Vault, org: OrgId, keys: Arc<OrgKeys>) -> Self {
        Self { vault, org, keys }
    }

    /// Whose it is.
    pub fn org(&self) -> &OrgId {
        &self.org
    }

    /// Number and name of the key that seals.
    pub fn primary(&self) -> (KeyNumber, KeyId) {
        let primary = self.keys.primary();
        (primary.number, primary.key.id)
    }

    /// Seals a value; `field` is one of [`crate::field`].
    pub fn seal(&self, subject: &str, field: &str, plain: &[u8]) -> Vec<u8> {
        let context = SealContext { org: &self.org, subject, field };
        let key = &self.keys.primary().key;
        envelope::seal(Form::Org, key, &context, plain, &*self.vault.randomness)
    }

    /// Opens a value that was sealed for the same subject and field of this org.
    ///
    /// # Errors
    /// [`VaultError::UnknownOrgKey`], [`VaultError::Retired`] by the key that it names, else
    /// [`VaultError::Damaged`].
    pub fn open(&self, subject: &str, field: &str, sealed: &[u8]) -> Result<SecretBytes, VaultError> {
        let context = SealContext { org: &self.org, subject, field };
        let envelope = Envelope::parse(sealed)?;
        match envelope.form {
            Form::Root => {
                self.refuse_below_floor(0)?;
                self.vault.open(&context, sealed)
            }
            Form::Org => {
                let key = self
                    .keys
                    .find(envelope.key)
                    .ok_or_else(|| VaultError::UnknownOrgKey { org: self.org.clone(), key: envelope.key })?;
                self.refuse_below_floor(key.number)?;
                envelope.open(&key.key, &context)
            }
        }
    }

    fn refuse_below_floor(&self, number: KeyNumber) -> Result<(), VaultError> {
        let floor = self.keys.head.floor;
        if number < floor {
            return Err(VaultError::Retired { org: self.org.clone(), number, floor });
        }
        Ok(())
    }
}

impl fmt::Debug for OrgVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrgVault").field("org", &self.org).field("keys", &self.keys).finish_non_exhaustive()
    }
}
