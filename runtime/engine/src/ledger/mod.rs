//! The ledger of a run: what each of its calls has sent, and what came back, so that a run that was cut
//! off or has failed can be run again without doing anything twice. Calls that finished are answered from
//! the ledger; one that was sent without an answer stops the run where repeating it might do it again, until
//! somebody settles what has become of it ([`settle`]).
//!
//! A row is sealed, and its id is the run and the call's place in it. A write is in the ledger before it is
//! sent; a read only once it is answered, because it may be sent again.

pub mod settle;

use crate::builder::Engine;
use crate::{errors, keys};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use sluis_invoke::HttpAnswer;
use sluis_model::connector::Effect;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, RunId};
use sluis_model::time::Timestamp;
use sluis_store::{Change, Expect};
use sluis_vault::field;
use std::time::Duration;

pub use settle::{OpenCall, Settlement};

/// Larger answers are not kept: a read is then sent again, a write stops.
const ANSWER_KEPT: usize = 1 << 20;

/// Where in which run a call stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    /// On whose behalf.
    pub org: OrgId,
    /// The run.
    pub run: RunId,
    /// Position in the script and how often the script has come by: `812.3`.
    pub place: String,
    /// Line of the script.
    pub line: u32,
    /// Whether the run keeps a ledger.
    pub kept: bool,
    /// Whether the run can be parked here until an answer is brought.
    pub parks: bool,
}

/// One call as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Full id of the API.
    pub api: String,
    /// Hash of the request.
    pub digest: String,
    /// What it does to the service.
    pub effect: Effect,
    /// Line of the script.
    pub line: u32,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Until when the service knows its idempotency key; nothing if it has none.
    pub key_until: Option<Timestamp>,
    /// What has become of it.
    pub state: EntryState,
}

/// What has become of a call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum EntryState {
    /// It was sent, and nobody knows more.
    Sent {
        /// Why, if that is known.
        why: Option<String>,
    },
    /// It was answered.
    Answered(KeptAnswer),
    /// It was answered with more than is kept.
    TooLarge,
}

/// An answer without secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeptAnswer {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body in Base64.
    pub body: String,
}

impl KeptAnswer {
    /// As the transport would give it.
    pub fn to_answer(&self) -> HttpAnswer {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
                headers.append(name, value);
            }
        }
        HttpAnswer {
            status: self.status,
            headers,
            body: Bytes::from(STANDARD.decode(&self.body).unwrap_or_default()),
            elapsed: Duration::ZERO,
            phases: sluis_invoke::Phases::default(),
        }
    }

    /// Of an answer that a script has seen.
    pub fn of(status: u16, headers: &[(String, String)], body: &[u8]) -> Self {
        Self { status, headers: headers.to_vec(), body: STANDARD.encode(body) }
    }
}

/// What the ledger says of a call that is about to be made.
pub(crate) enum Known {
    /// Nothing that keeps it from being sent.
    Send,
    /// It was answered before.
    Answered(HttpAnswer),
}

impl Engine {
    /// What is known of a call; a failure where it must not be made.
    pub(crate) async fn ledger_look(&self, site: &Site, call: &Entry) -> Result<Known, Failure> {
        let Some(kept) = self.ledger_entry(site).await? else { return Ok(Known::Send) };
        let same = kept.api == call.api && kept.digest == call.digest;
        let reads = kept.effect == Effect::Read;
        match &kept.state {
            EntryState::Answered(answer) if same => Ok(Known::Answered(answer.to_answer())),
            _ if reads => Ok(Known::Send),
            EntryState::Sent { .. } if same && kept.key_until.is_some_and(|until| self.now() < until) => {
                Ok(Known::Send)
            }
            EntryState::Sent { why } => Err(ambiguous(site, &kept, why.as_deref())),
            EntryState::TooLarge if same => {
                Err(ambiguous(site, &kept, Some("its answer was too large to be kept")))
            }
            EntryState::Answered(_) | EntryState::TooLarge => {
                Err(ambiguous(site, &kept, Some("it was answered, but this time other data would be sent")))
            }
        }
    }

    async fn ledger_entry(&self, site: &Site) -> Result<Option<Entry>, Failure> {
        let key = keys::ledger(&site.org, &site.run, &site.place);
        let Some(record) = self.store().await?.get(&key).await.map_err(errors::store)? else {
            return Ok(None);
        };
        self.open_entry(&site.org, &site.run, &site.place, &record.bytes).await.map(Some)
    }

    async fn open_entry(
        &self,
        org: &OrgId,
        run: &RunId,
        place: &str,
        sealed: &[u8],
    ) -> Result<Entry, Failure> {
        let vault = self.vault_of(org).await?;
        let opened = vault.open(&subject(run, place), field::LEDGER, sealed).map_err(errors::vault)?;
        serde_json::from_slice(opened.expose()).map_err(|error| {
            tracing::error!(%run, place, %error, "an entry of the ledger cannot be read");
            Failure::new(Reason::Internal, format!("what run `{run}` did at `{place}` cannot be read"))
        })
    }

    /// Keeps what is known of a call now.
    pub(crate) async fn ledger_write(&self, site: &Site, entry: &Entry) -> Result<(), Failure> {
        let change = self.ledger_change(site, entry).await?;
        // Whoever has lost a run must not send what it is about to write down.
        if let Some(held) = self.held_runs().find(&site.org, &site.run) {
            return held.write(vec![change]).await;
        }
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        Ok(())
    }

    /// The change that does.
    pub(crate) async fn ledger_change(&self, site: &Site, entry: &Entry) -> Result<Change, Failure> {
        let bytes = serde_json::to_vec(entry)
            .map_err(|_| Failure::new(Reason::Internal, "a call cannot be written down"))?;
        let vault = self.vault_of(&site.org).await?;
        let bytes = vault.seal(&subject(&site.run, &site.place), field::LEDGER, &bytes);
        let key = keys::ledger(&site.org, &site.run, &site.place);
        Ok(Change::Put { key, bytes, expect: Expect::Any })
    }

    /// Forgets a call that the service has not acted on.
    pub(crate) async fn ledger_forget(&self, site: &Site) -> Result<(), Failure> {
        let key = keys::ledger(&site.org, &site.run, &site.place);
        let change = Change::Delete { key, expect: Expect::Any };
        self.store().await?.apply(vec![change]).await.map_err(errors::store)?;
        Ok(())
    }
}

/// How an answered call is kept: nothing of it where it can simply be made again.
pub(crate) fn after_answer(entry: &Entry, answer: KeptAnswer, size: usize) -> Option<EntryState> {
    let finished = answer.status < 400 || answer.status == 404;
    match (finished, entry.effect, answer.status) {
        (true, Effect::Read, _) if size > ANSWER_KEPT => None,
        (true, _, _) if size > ANSWER_KEPT => Some(EntryState::TooLarge),
        (true, _, _) => Some(EntryState::Answered(answer)),
        // The service refused, or it only reads.
        (false, Effect::Read, _) | (false, _, 400..=499) => None,
        (false, _, status) => {
            Some(EntryState::Sent { why: Some(format!("it was answered with status {status}")) })
        }
    }
}

/// What the seal of an entry is bound to.
fn subject(run: &RunId, place: &str) -> String {
    format!("{run}/{place}")
}

/// A call that must not be made again before a person has looked.
fn ambiguous(site: &Site, kept: &Entry, why: Option<&str>) -> Failure {
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    let (run, place, api) = (&site.run, &site.place, &kept.api);
    Failure::new(
        Reason::Ambiguous,
        format!(
            "`{api}` was sent before in line {} and nobody knows what has become of it{why}: it may have been done",
            kept.line
        ),
    )
    .help(format!(
        "look at the service, then say so and run it again: sluis calls settle {run} {place} --answer '{{…}}' if it was \
         done, --send-again if not; then sluis run --again {run}"
    ))
}
