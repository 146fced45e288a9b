//! Why the vault could not do what was asked. No error holds a key or a plain text.

use crate::keys::KeyId;
use sluis_store::StoreError;
use std::path::PathBuf;

/// A failure of the vault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// A value was sealed with a key that is not on the ring.
    #[error("it was sealed with master key {key}, which this process does not have; put that key back")]
    UnknownKey {
        /// The key that is needed.
        key: KeyId,
    },
    /// A sealed value is not what was sealed, or was sealed for another place.
    #[error("the sealed value is damaged or belongs elsewhere ({why}); authorize again, or restore a backup")]
    Damaged {
        /// What was noticed.
        why: &'static str,
    },
    /// The master key is not the one that this store was sealed with.
    #[error(
        "the master key {given} is not the one that this store was sealed with, which is {wanted}; put that key back, \
         or begin with an empty store"
    )]
    WrongKey {
        /// The key that was given.
        given: KeyId,
        /// The key that is needed.
        wanted: KeyId,
    },
    /// There is no key file, but the store holds sealed values.
    #[error(
        "the key file {path} is missing, and this store was sealed with master key {wanted}; put the file back (no \
         new one is made, it could not open anything)"
    )]
    KeyMissing {
        /// The file.
        path: PathBuf,
        /// The key that is needed.
        wanted: KeyId,
    },
    /// A text is not a master key.
    #[error(
        "{origin} is not a master key: {why}; a key is 32 random bytes in base64, made for example with `openssl rand -base64 32`"
    )]
    KeyText {
        /// Where the text was found: a variable's name or a path.
        origin: String,
        /// What is wrong.
        why: &'static str,
    },
    /// The key file cannot be used.
    #[error("the key file {path} cannot be used: {why}; {help}")]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
        /// What to do.
        help: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
