//! The envelope: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with a random 192-bit nonce, so
//! that nonces need no counter.
//!
//! Bytes: `SLV1`, key id (8), nonce (24), ciphertext and tag (16). Associated data: the bytes
//! before the nonce, then org, subject and field, each after its length in 8 bytes. A value moved
//! to another org, connection or field therefore does not open.

use crate::error::VaultError;
use crate::keys::{KeyId, KeyRing, MasterKey};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sluis_model::id::OrgId;
use sluis_model::ports::Randomness;
use sluis_model::secret::SecretBytes;
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

const MAGIC: &[u8; 4] = b"SLV1";
const HEADER: usize = 4 + 8;
const NONCE: usize = 24;
const TAG: usize = 16;

/// Names of fields, which are part of what is sealed: never change or reuse one.
pub mod field {
    /// Tokens of a connection.
    pub const TOKENS: &str = "connection/tokens";
    /// A client registration.
    pub const CLIENT: &str = "client/credentials";
    /// A PKCE verifier.
    pub const VERIFIER: &str = "grant/verifier";
    /// The machine of a run that waits.
    pub const SNAPSHOT: &str = "run/snapshot";
    /// The link of a run that waits; it holds an OAuth `state`.
    pub const AUTHORIZE_URL: &str = "run/authorize_url";
    /// A renewal under way, with the provider's raw answers; its subject is the id of its row.
    pub const INTENT: &str = "connection/renewal";
    /// The value by which a wrong key is noticed.
    pub const CHECK: &str = "vault/check";
}

/// For whom, for what and as what a value is sealed.
#[derive(Debug, Clone, Copy)]
pub struct SealContext<'a> {
    /// The org that owns it.
    pub org: &'a OrgId,
    /// The thing it belongs to: a connection id, a grant id, a client's name.
    pub subject: &'a str,
    /// What it is of that thing; one of [`field`].
    pub field: &'a str,
}

impl SealContext<'_> {
    fn associated_data(&self, header: &[u8]) -> Vec<u8> {
        let mut data = header.to_vec();
        for part in [self.org.as_str(), self.subject, self.field] {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data
    }
}

/// Seals and opens.
#[derive(Clone)]
pub struct Vault {
    ring: Arc<KeyRing>,
    randomness: Arc<dyn Randomness>,
}

impl Vault {
    /// A vault with these keys. Call [`Vault::verify`] before it is used on a store, or use
    /// [`Vault::unlock`], which does.
    pub fn new(ring: KeyRing, randomness: Arc<dyn Randomness>) -> Self {
        Self { ring: Arc::new(ring), randomness }
    }

    /// The ring of this vault.
    pub fn keys(&self) -> &KeyRing {
        &self.ring
    }

    /// Seals a value with the primary key.
    pub fn seal(&self, context: &SealContext<'_>, plain: &[u8]) -> Vec<u8> {
        let key = self.ring.primary();
        let mut sealed = Vec::with_capacity(HEADER + NONCE + plain.len() + TAG);
        sealed.extend_from_slice(MAGIC);
        sealed.extend_from_slice(&key.id.0);
        let data = context.associated_data(&sealed);
        let mut nonce = [0; NONCE];
        self.randomness.fill(&mut nonce);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let body = &mut sealed[HEADER + NONCE..];
        let tag = cipher(key)
            .encrypt_inout_detached(&XNonce::from(nonce), &data, body.into())
            .expect("only texts of more than 256 GiB cannot be sealed");
        sealed.extend_from_slice(&tag);
        sealed
    }

    /// Opens a value that was sealed for the same context.
    ///
    /// # Errors
    /// [`VaultError::UnknownKey`] if its key is not on the ring, else [`VaultError::Damaged`].
    pub fn open(&self, context: &SealContext<'_>, sealed: &[u8]) -> Result<SecretBytes, VaultError> {
        let damaged = |why| VaultError::Damaged { why };
        let id = key_of(sealed).ok_or_else(|| damaged("it is not a sealed value"))?;
        let (header, rest) = sealed.split_at(HEADER);
        let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or_else(|| damaged("it is cut short"))?;
        let (body, tag) = rest.split_last_chunk::<TAG>().ok_or_else(|| damaged("it is cut short"))?;
        let key = self.ring.find(id).ok_or(VaultError::UnknownKey { key: id })?;
        let mut plain = Zeroizing::new(body.to_vec());
        cipher(key)
            .decrypt_inout_detached(
                &XNonce::from(*nonce),
                &context.associated_data(header),
                plain.as_mut_slice().into(),
                &(*tag).into(),
            )
            .map_err(|_| damaged("it fails authentication"))?;
        Ok(SecretBytes::new(std::mem::take(&mut *plain)))
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("ring", &self.ring).finish_non_exhaustive()
    }
}

fn cipher(key: &MasterKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&*key.bytes).into())
}

/// The key that a value says it was sealed with; `None` if it is no envelope.
pub(crate) fn key_of(sealed: &[u8]) -> Option<KeyId> {
    let id = sealed.strip_prefix(MAGIC)?.first_chunk::<8>()?;
    Some(KeyId(*id))
}
