//! The row that says which renewal is under way: written before anything is asked, rewritten with
//! the raw answer before anything looks at it, removed in the batch that stores the new tokens.
//!
//! It is sealed: a raw answer holds tokens. Its version in the store is the fence: whoever has
//! written it last may go on, everybody else has been overtaken.

use crate::builder::Engine;
use crate::errors;
use crate::keys::{self, Place, Slot};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sluis_auth::Answer;
use sluis_model::connection::{Connection, ConnectionKey};
use sluis_model::credential::{Credential, TokenSet};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ConnectionId, ConnectionName, GrantId, Namespace, OrgId, OutboxId, UserId};
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect, StoreError};
use sluis_vault::field;
use zeroize::{Zeroize as _, Zeroizing};

/// How far a renewal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    /// A request is being sent, or was when its sender died.
    Asking,
    /// The last request has been answered, and the answer stands in here.
    Answered,
    /// Nobody is at it. The row remembers that an answer was lost.
    Resting,
}

/// With which tokens the provider is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asks {
    /// The stored ones.
    WithPresent,
    /// Those before them: the provider took back the present ones before they ever worked.
    WithPrevious,
}

/// A renewal under way.
#[derive(Serialize, Deserialize)]
pub(crate) struct Intent {
    /// Which connection; a new authorization in the same place is another one.
    pub connection: ConnectionId,
    connector: Namespace,
    name: ConnectionName,
    user: Option<UserId>,
    grant: Option<GrantId>,
    #[serde(default)]
    revoking: Option<OutboxId>,
    /// Version of the credential when it began.
    pub version: u64,
    /// Digest of the tokens that are to be replaced.
    pub replaces: String,
    /// Which attempt; for the log.
    pub attempt: String,
    /// Which engine is at it.
    pub owner: String,
    /// When the owner's lease ends, by the owner's clock; for people. Whoever takes over goes by how
    /// long the row has stood still, because the clocks of two machines differ.
    pub lease_ends_at: Timestamp,
    /// How far it has come.
    pub phase: Phase,
    /// With which tokens.
    pub asks: Asks,
    /// Answers that were lost since the present tokens were stored.
    pub lost: u32,
    /// What the provider has answered so far.
    pub answers: Vec<KeptAnswer>,
}

impl Intent {
    /// A renewal that is about to begin.
    pub fn new(connection: &Connection, slot: &Slot, version: u64, credential: &Credential) -> Self {
        let (grant, revoking) = match slot {
            Slot::Active => (None, None),
            Slot::Pending(grant) => (Some(grant.clone()), None),
            Slot::Revoking(out) => (None, Some(out.clone())),
        };
        Self {
            connection: connection.id.clone(),
            connector: connection.connector.clone(),
            name: connection.name.clone(),
            user: connection.user.clone(),
            grant,
            revoking,
            version,
            replaces: digest(credential.tokens.as_ref()),
            attempt: String::new(),
            owner: String::new(),
            lease_ends_at: Timestamp(0),
            phase: Phase::Resting,
            asks: Asks::WithPresent,
            lost: 0,
            answers: Vec::new(),
        }
    }

    /// The place of its connection.
    pub fn place(&self, org: &OrgId) -> Place {
        let key = ConnectionKey {
            org: org.clone(),
            connector: self.connector.clone(),
            name: self.name.clone(),
            user: self.user.clone(),
        };
        let slot = match (&self.grant, &self.revoking) {
            (Some(grant), _) => Slot::Pending(grant.clone()),
            (None, Some(out)) => Slot::Revoking(out.clone()),
            (None, None) => Slot::Active,
        };
        Place { key, slot }
    }

    /// Whether a credential still holds the tokens that are to be replaced.
    pub fn replaces(&self, credential: &Credential) -> bool {
        self.replaces == digest(credential.tokens.as_ref())
    }
}

/// An answer as it came, kept until it has been dealt with.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeptAnswer {
    /// When it came.
    pub at: Timestamp,
    /// Its status.
    pub status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl KeptAnswer {
    /// Keeps an answer.
    pub fn new(at: Timestamp, answer: &Answer) -> Self {
        let headers =
            answer.headers.iter().map(|(name, value)| (name.to_string(), BASE64.encode(value.as_bytes())));
        Self { at, status: answer.status, headers: headers.collect(), body: BASE64.encode(&answer.body) }
    }

    /// The answer as it came. What cannot be read of it is left out: it was written by us.
    pub fn answer(&self) -> Answer {
        let mut headers = http::HeaderMap::new();
        for (name, value) in &self.headers {
            let bytes = BASE64.decode(value).unwrap_or_default();
            if let (Ok(name), Ok(value)) =
                (http::HeaderName::try_from(name), http::HeaderValue::from_bytes(&bytes))
            {
                headers.append(name, value);
            }
        }
        let body = BASE64.decode(&self.body).unwrap_or_default().into();
        Answer { status: self.status, headers, body }
    }
}

impl Drop for KeptAnswer {
    fn drop(&mut self) {
        self.body.zeroize();
        self.headers.iter_mut().for_each(|(_, value)| value.zeroize());
    }
}

/// Digest of tokens, by which they are known again.
fn digest(tokens: Option<&TokenSet>) -> String {
    let mut hash = Sha256::new();
    for secret in tokens.into_iter().flat_map(TokenSet::secrets) {
        hash.update((secret.expose().len() as u64).to_be_bytes());
        hash.update(secret.expose().as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What stands in the place of an intent.
pub(crate) enum Found {
    /// Nothing: nobody is at it.
    Nothing,
    /// An intent, and its fence.
    Intent(u64, Box<Intent>),
    /// A row that cannot be read. What it knew is lost, as an answer may be.
    Unreadable,
}

impl Engine {
    /// Reads the intent of a place.
    pub(crate) async fn intent_at(&self, place: &Place) -> Result<Found, Failure> {
        let key = keys::intent(&place.key, &place.slot);
        let record = match self.store().await?.get(&key).await {
            Ok(Some(record)) => record,
            Ok(None) => return Ok(Found::Nothing),
            Err(StoreError::Damaged { .. }) => {
                tracing::error!(row = %key, "the record of a renewal is damaged");
                return Ok(Found::Unreadable);
            }
            Err(error) => return Err(errors::store(error)),
        };
        let opened = self.vault_of(&place.key.org).await?.open(&key.id, field::INTENT, &record.bytes);
        let intent = opened.ok().and_then(|plain| serde_json::from_slice(plain.expose()).ok());
        match intent {
            Some(intent) => Ok(Found::Intent(record.version, Box::new(intent))),
            None => {
                tracing::error!(row = %key, "the record of a renewal cannot be opened");
                Ok(Found::Unreadable)
            }
        }
    }

    /// The change that writes an intent.
    pub(crate) async fn put_intent(
        &self,
        place: &Place,
        intent: &Intent,
        expect: Expect,
    ) -> Result<Change, Failure> {
        let key = keys::intent(&place.key, &place.slot);
        let size = intent.answers.iter().map(|kept| kept.body.len() + 4096).sum::<usize>();
        // Room from the start, so that growing leaves no copies behind.
        let mut plain = Zeroizing::new(Vec::with_capacity(size + 2048));
        serde_json::to_writer(&mut *plain, intent)
            .map_err(|_| Failure::new(Reason::Internal, "the record of a renewal has no JSON form"))?;
        let bytes = self.vault_of(&place.key.org).await?.seal(&key.id, field::INTENT, &plain);
        Ok(Change::Put { key, bytes, expect })
    }

    /// The change that removes an intent.
    pub(crate) fn drop_intent(place: &Place, expect: Expect) -> Change {
        Change::Delete { key: keys::intent(&place.key, &place.slot), expect }
    }
}
