//! Why the vault could not do what was asked. No error holds a key or a plain text.

use crate::keys::KeyId;
use crate::org::keys::KeyNumber;
use sluis_model::id::OrgId;
use sluis_store::{Key, StoreError};
use std::path::PathBuf;

/// A failure of the vault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// A value was sealed with a key that is not on the ring.
    #[error("it was sealed with root key {key}, which this process does not have; put that key back")]
    UnknownKey {
        /// The key that is needed.
        key: KeyId,
    },
    /// A value names a key that its org does not have.
    #[error(
        "it was sealed with a key {key} that org `{org}` does not have; restore a backup, or authorize again"
    )]
    UnknownOrgKey {
        /// Whose it is.
        org: OrgId,
        /// The key that it names.
        key: KeyId,
    },
    /// A value was sealed with a key that its org has retired.
    #[error(
        "it was sealed with key {number} of org `{org}`, which is retired: keys from {floor} on count; authorize again"
    )]
    Retired {
        /// Whose it is.
        org: OrgId,
        /// The key that it was sealed with.
        number: KeyNumber,
        /// The first key that counts.
        floor: KeyNumber,
    },
    /// Keys of orgs are wrapped by a root key that this process does not have.
    #[error(
        "root key {key} is missing: it wraps the keys of {orgs} org(s), `{example}` among them; put it back, after the \
         first key if that one is to seal"
    )]
    RootKeyMissing {
        /// The key that is needed.
        key: KeyId,
        /// How many orgs need it.
        orgs: usize,
        /// One of them.
        example: OrgId,
    },
    /// A file is not an export of ours.
    #[error("the file is not an export of sluis: {why}")]
    NotAnExport {
        /// What was noticed.
        why: &'static str,
    },
    /// An export does not open.
    #[error("the passphrase is not the one of this file, or the file is damaged")]
    WrongPassphrase,
    /// A passphrase is too short.
    #[error("the passphrase is too short: it guards every credential, so at least 12 characters are needed")]
    ShortPassphrase,
    /// The store has rows that an import would replace; nothing was imported.
    #[error(
        "the store already has {count} of the rows in the file, `{example}` among them; nothing was imported"
    )]
    Occupied {
        /// How many.
        count: usize,
        /// One of them.
        example: Key,
    },
    /// More than fits.
    #[error("there is more than one file can hold")]
    TooMuch,
    /// A password that would be guessed.
    #[error("the password is too weak: {why}; use at least 12 characters, a few words for example")]
    WeakPassword {
        /// The rule that it breaks.
        why: &'static str,
    },
    /// A password could not be hashed, or its hash is damaged.
    #[error("a password's hash could not be made or read")]
    PasswordHash,
    /// No API token has this prefix.
    #[error("there is no API token `slu_{prefix}…`")]
    TokenNotFound {
        /// As given.
        prefix: String,
    },
    /// An API token needs a name.
    #[error("an API token needs a name of 1 to 100 characters that says what it is for")]
    TokenName,
    /// A rotation was to go on that nobody began.
    #[error("no change of keys was begun for org `{org}`")]
    NoRotation {
        /// Whose.
        org: OrgId,
    },
    /// More than one place is named for the root key.
    #[error(
        "more than one of SLUIS_MASTER_KEY, SLUIS_ROOT_KEY_FILE and SLUIS_ROOT_KEY_COMMAND is set; set one, so that \
         nobody has to guess which counts"
    )]
    Sources,
    /// Other processes changed the same keys all the time.
    #[error("other processes are changing the same keys at this moment; try again")]
    Busy,
    /// The command that gives the root key did not give one.
    #[error("the command of {variable} gave no root key: {why}")]
    Command {
        /// The variable that holds it.
        variable: &'static str,
        /// What happened, with what the command said on standard error.
        why: String,
    },
    /// A sealed value is not what was sealed, or was sealed for another place.
    #[error("the sealed value is damaged or belongs elsewhere ({why}); authorize again, or restore a backup")]
    Damaged {
        /// What was noticed.
        why: &'static str,
    },
    /// The root key is not the one that this store was sealed with.
    #[error(
        "the root key {given} is not the one that this store was sealed with, which is {wanted}; put that key back, \
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
        "the key file {path} is missing, and this store was sealed with root key {wanted}; put the file back (no \
         new one is made, it could not open anything)"
    )]
    KeyMissing {
        /// The file.
        path: PathBuf,
        /// The key that is needed.
        wanted: KeyId,
    },
    /// A text is not a root key.
    #[error(
        "{origin} is not a root key: {why}; a key is 32 random bytes in base64, made for example with `openssl rand -base64 32`"
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
