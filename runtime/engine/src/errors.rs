//! Turns the errors of the crates below into what whoever asked may read. The inside of an error
//! goes to the log, once, here.

use sluis_model::error::{Failure, Reason};
use sluis_store::StoreError;
use sluis_vault::VaultError;

/// The store failed: the caller learns that it was not their fault, the log learns why.
pub fn store(error: StoreError) -> Failure {
    match error {
        StoreError::Conflict { .. } => {
            Failure::new(Reason::Conflict, "someone else changed the same thing at this moment")
                .help("try again")
        }
        StoreError::InUse { .. } => Failure::new(Reason::Internal, error.to_string())
            .help("stop the other process, or let it do the work: `sluis serve` answers over HTTP"),
        StoreError::Unavailable { .. } => {
            tracing::error!(%error, "the store does not answer");
            Failure::new(Reason::Unavailable, "the store does not answer at the moment; nothing was changed")
                .help("try again in a few seconds")
        }
        StoreError::Full { .. } => {
            tracing::error!(%error, "the disk of the store is full");
            Failure::new(Reason::Unavailable, "the disk of the store is full; nothing was changed")
                .help("the operator frees some space; nothing needs to be started anew")
        }
        StoreError::Unknown { .. } => {
            tracing::error!(%error, "the store was lost in the middle of a change");
            let message =
                "the store was lost in the middle of a change, which was made as a whole or not at all";
            // Not `Unavailable`: that invites to do the same again at once.
            Failure::new(Reason::Internal, message).help("look what is there before doing it again")
        }
        other => {
            tracing::error!(error = %other, "the store failed");
            Failure::new(Reason::Internal, "the store could not be read or written")
                .help("the operator finds the cause in the log")
        }
    }
}

/// The vault failed.
pub fn vault(error: VaultError) -> Failure {
    tracing::error!(error = %error, "the vault failed");
    Failure::new(Reason::Internal, "a sealed secret could not be opened")
        .help("the operator checks that the root key is the one that sealed it; the log names the key")
}

/// The vault could not do what an operator asked for: they may read why, for no error of the vault
/// holds a secret.
pub fn custody(error: VaultError) -> Failure {
    let reason = match &error {
        VaultError::Store(error) => return store(error.clone()),
        VaultError::TokenNotFound { .. } | VaultError::NoRotation { .. } => Reason::NotFound,
        VaultError::Occupied { .. } | VaultError::Busy => Reason::Conflict,
        VaultError::NotAnExport { .. }
        | VaultError::WrongPassphrase
        | VaultError::ShortPassphrase
        | VaultError::WeakPassword { .. }
        | VaultError::TokenName => Reason::InvalidInput,
        _ => {
            tracing::error!(%error, "the vault failed");
            Reason::Internal
        }
    };
    Failure::new(reason, error.to_string())
}

/// A value of ours could not be written as JSON.
pub fn json(error: serde_json::Error) -> Failure {
    tracing::error!(%error, "a value could not be written as JSON");
    Failure::new(Reason::Internal, "what was asked for could not be written down")
        .help("the operator finds the cause in the log")
}
