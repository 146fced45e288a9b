//! A vault for the things of one org.

use crate::error::VaultError;
use crate::seal::{SealContext, Vault};
use sluis_model::credential::Credential;
use sluis_model::id::{ConnectionId, GrantId, OrgId};
use sluis_model::secret::{SecretBytes, SecretText};

/// Seals and opens what belongs to one org.
#[derive(Debug, Clone)]
pub struct OrgVault {
    vault: Vault,
    org: OrgId,
}

impl Vault {
    /// The vault of an org.
    pub fn of(&self, org: &OrgId) -> OrgVault {
        OrgVault { vault: self.clone(), org: org.clone() }
    }
}

impl OrgVault {
    /// Whose it is.
    pub fn org(&self) -> &OrgId {
        &self.org
    }

    /// Seals a value as a field of a subject; see [`crate::seal::field`].
    pub fn seal(&self, subject: &str, field: &str, plain: &[u8]) -> Vec<u8> {
        self.vault.seal(&SealContext { org: &self.org, subject, field }, plain)
    }

    /// Opens a value that was sealed as this field of this subject.
    pub fn open(&self, subject: &str, field: &str, sealed: &[u8]) -> Result<SecretBytes, VaultError> {
        self.vault.open(&SealContext { org: &self.org, subject, field }, sealed)
    }

    /// Seals the credential of a connection.
    pub fn seal_credential(&self, connection: &ConnectionId, credential: &Credential) -> Vec<u8> {
        self.vault.seal_credential(&self.org, connection, credential)
    }

    /// Opens the credential of a connection.
    pub fn open_credential(
        &self,
        connection: &ConnectionId,
        sealed: &[u8],
    ) -> Result<Credential, VaultError> {
        self.vault.open_credential(&self.org, connection, sealed)
    }

    /// Seals what an attempt keeps for its exchange: the PKCE verifier.
    pub fn seal_verifier(&self, grant: &GrantId, verifier: &SecretText) -> Vec<u8> {
        self.vault.seal_verifier(&self.org, grant, verifier)
    }

    /// Opens what an attempt keeps for its exchange.
    pub fn open_verifier(&self, grant: &GrantId, sealed: &[u8]) -> Result<SecretText, VaultError> {
        self.vault.open_verifier(&self.org, grant, sealed)
    }
}
