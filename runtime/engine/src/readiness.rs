//! Whether requests can be served now: for probes, which ask often and must not cost much.

use crate::builder::Engine;
use sluis_model::error::Reason;
use sluis_vault::VaultError;
use std::time::Duration;

/// How long the store may take to answer a probe.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is in the way, as a class: whoever asks need not be trusted with more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unready {
    /// The store does not answer.
    Store,
    /// The keys do not open what the store holds.
    Keys,
}

impl Unready {
    /// In a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Keys => "keys",
        }
    }
}

impl Engine {
    /// Whether the store answers and the keys open what it holds. The log says more than the answer.
    ///
    /// # Errors
    /// What is in the way.
    pub async fn ready(&self) -> Result<(), Unready> {
        match tokio::time::timeout(PATIENCE, self.probe()).await {
            Ok(outcome) => outcome,
            Err(_) => {
                tracing::warn!(limit_s = PATIENCE.as_secs(), "not ready: the store does not answer");
                Err(Unready::Store)
            }
        }
    }

    async fn probe(&self) -> Result<(), Unready> {
        let (store, vault) = match (self.store().await, self.vault().await) {
            (Ok(store), Ok(vault)) => (store, vault),
            (Err(failure), _) | (_, Err(failure)) => {
                tracing::warn!(%failure, "not ready: store or keys cannot be opened");
                return Err(match failure.reason {
                    Reason::Unavailable => Unready::Store,
                    _ => Unready::Keys,
                });
            }
        };
        vault.still_fits(store).await.map_err(|error| {
            tracing::warn!(%error, "not ready");
            match error {
                VaultError::Store(_) => Unready::Store,
                _ => Unready::Keys,
            }
        })
    }
}
