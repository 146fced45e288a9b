//! What issuers say about themselves, kept for a bounded time.

use crate::builder::Engine;
use sluis_auth::{Metadata, ask_issuer};
use sluis_model::error::Failure;
use sluis_model::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long metadata are believed, in seconds: an hour.
const GOOD_FOR_S: i64 = 3600;
/// Most issuers that are remembered.
const ISSUERS_AT_MOST: usize = 256;

/// The metadata that were read, by issuer.
#[derive(Default)]
pub(crate) struct KnownIssuers(Mutex<BTreeMap<String, (Timestamp, Arc<Metadata>)>>);

impl KnownIssuers {
    fn get(&self, issuer: &str, now: Timestamp) -> Option<Arc<Metadata>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, metadata) = known.get(issuer)?;
        (0..GOOD_FOR_S).contains(&now.seconds_since(*read_at)).then(|| Arc::clone(metadata))
    }

    fn put(&self, issuer: &str, now: Timestamp, metadata: &Arc<Metadata>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= ISSUERS_AT_MOST {
            known.clear();
        }
        known.insert(issuer.to_owned(), (now, Arc::clone(metadata)));
    }
}

impl Engine {
    /// What an issuer says about itself, asked for at most once an hour. The request passes the egress
    /// policy like any other, and so does every endpoint that it names.
    pub(crate) async fn metadata(&self, issuer: &str) -> Result<Arc<Metadata>, Failure> {
        if let Some(known) = self.issuers().get(issuer, self.now()) {
            return Ok(known);
        }
        let metadata = Arc::new(self.converse(ask_issuer(issuer)?).await?);
        self.issuers().put(issuer, self.now(), &metadata);
        Ok(metadata)
    }
}
