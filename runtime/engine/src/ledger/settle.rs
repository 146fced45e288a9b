//! What a person says about a call of which nobody knows what has become.

use super::{Entry, EntryState, KeptAnswer, Site};
use crate::builder::Engine;
use crate::{errors, keys};
use serde::Serialize;
use sluis_model::connector::Effect;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{OrgId, RunId};
use sluis_model::time::Timestamp;
use sluis_store::Table;

/// A call of which nobody knows what has become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenCall {
    /// Its place in the run, by which it is settled.
    pub call: String,
    /// Full id of the API.
    pub api: String,
    /// Line of the script.
    pub line: u32,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Until when repeating it is safe, because the service knows its idempotency key.
    pub key_until: Option<Timestamp>,
    /// Why nobody knows.
    pub why: Option<String>,
}

/// What has become of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// It was done; the script gets this answer.
    Done {
        /// Status.
        status: u16,
        /// Body.
        body: String,
    },
    /// It was not done, or may be done twice.
    SendAgain,
}

impl Engine {
    /// The calls of a run of which nobody knows what has become.
    pub async fn open_calls(&self, org: &OrgId, run: &RunId) -> Result<Vec<OpenCall>, Failure> {
        self.run_record(org, run).await?;
        let prefix = keys::ledger_of(run);
        let rows = self.store().await?.list(Table::Ledger, org, &prefix, None, 100_000).await;
        let mut open = Vec::new();
        for (id, record) in rows.map_err(errors::store)? {
            let Some(place) = id.strip_prefix(&prefix).filter(|place| *place != keys::LEDGER_ARGS) else {
                continue;
            };
            let entry = self.open_entry(org, run, place, &record.bytes).await?;
            if let Entry {
                effect: Effect::Write | Effect::Destructive,
                state: EntryState::Sent { why },
                ..
            } = entry
            {
                open.push(OpenCall {
                    call: place.to_owned(),
                    api: entry.api,
                    line: entry.line,
                    sent_at: entry.sent_at,
                    key_until: entry.key_until,
                    why,
                });
            }
        }
        Ok(open)
    }

    /// Says what has become of a call of a run.
    pub async fn settle_call(
        &self,
        org: &OrgId,
        run: &RunId,
        call: &str,
        settlement: &Settlement,
    ) -> Result<(), Failure> {
        self.run_record(org, run).await?;
        let site = Site {
            org: org.clone(),
            run: run.clone(),
            place: call.to_owned(),
            line: 0,
            kept: true,
            parks: false,
        };
        let entry = self.ledger_entry(&site).await?.ok_or_else(|| {
            Failure::new(Reason::NotFound, format!("run `{run}` has no call `{call}` in its ledger"))
                .help(format!("list those that are open: sluis calls open {run}"))
        })?;
        match settlement {
            Settlement::Done { status, body } => {
                let kind = [("content-type".to_owned(), "application/json".to_owned())];
                let answer = KeptAnswer::of(*status, &kind, body.as_bytes());
                self.ledger_write(&site, &Entry { state: EntryState::Answered(answer), ..entry }).await?;
            }
            Settlement::SendAgain => self.ledger_forget(&site).await?,
        }
        tracing::info!(%org, %run, call, ?settlement, "a call was settled");
        Ok(())
    }
}
