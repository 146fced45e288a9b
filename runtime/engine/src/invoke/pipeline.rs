//! The order of the steps of a call, once its request is filled in.

use super::account::Account;
use super::attempts::Ended;
use super::keyed::{Keyed, hex};
use super::record::{self, Stopwatch};
use super::{CallOptions, Invocation, InvocationFailed, answer};
use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use crate::keys::Place;
use crate::ledger::{self, EntryState, KeptAnswer, Known, Site};
use crate::measured;
use sha2::{Digest as _, Sha256};
use sluis_invoke::retry::Repeatable;
use sluis_invoke::{CompiledApi, Explain as _, HttpAnswer, PreparedRequest, Redactor};
use sluis_model::connector::Effect;
use sluis_model::error::Failure;
use sluis_model::run::{CallRecord, WireRecord};
use std::sync::Arc;
use std::time::Duration;

/// One call with its request filled in.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    /// The request.
    pub prepared: &'a PreparedRequest,
    /// The connector and the connection whose credential goes onto it; none of a free-form request
    /// that needs none.
    pub through: Option<(&'a Arc<ReadyConnector>, &'a Place)>,
    /// The API that it is of; none of a free-form request.
    pub api: Option<&'a CompiledApi>,
    /// What it wants otherwise than the definition says.
    pub options: &'a CallOptions,
    /// Where in which run it stands; nowhere if no script makes it.
    pub site: Option<&'a Site>,
}

/// The call of someone who wants nothing otherwise.
static NO_WISHES: CallOptions = CallOptions { timeout: None, retry: None, idempotency_key: None, wait: None };

impl<'a> Call<'a> {
    /// A free-form request that no script makes.
    pub fn free(
        prepared: &'a PreparedRequest,
        through: Option<(&'a Arc<ReadyConnector>, &'a Place)>,
    ) -> Self {
        Self { prepared, through, api: None, options: &NO_WISHES, site: None }
    }

    /// Whole time allowed, all tries and waits included.
    pub fn timeout(&self) -> Duration {
        self.options.timeout.unwrap_or(self.prepared.timeout)
    }

    /// Its place in a run that keeps a ledger.
    pub(super) fn kept_site(&self) -> Option<&Site> {
        self.site.filter(|site| site.kept)
    }
}

impl Engine {
    /// Sends a filled-in request with the credential of its connection, if it needs one, and takes the
    /// answer as its connector says that it is meant.
    pub(crate) async fn perform(&self, call: &Call<'_>) -> Result<Invocation, Box<InvocationFailed>> {
        answer::meant(call, self.round_trip(call).await?)
    }

    /// The answer as it came. What the run has done before is not done again.
    pub(crate) async fn round_trip(&self, call: &Call<'_>) -> Result<Invocation, Box<InvocationFailed>> {
        let watch = Stopwatch::start(self.now());
        let keyed = self.keyed(call)?;
        let call = &Call { prepared: keyed.prepared.as_ref().unwrap_or(call.prepared), ..*call };
        if let Some(site) = call.kept_site()
            && let Known::Answered(answer) = self.ledger_look(site, &keyed.entry).await?
        {
            return self.replayed(call, &keyed, &answer, &watch).await;
        }
        let account = self.account_of(call).await?;
        if call.is_handed_over() {
            let redactor = Redactor::default();
            let shown = self.wire_of(call, account.as_ref(), &redactor).await?;
            let wire = with_place(WireRecord::default(), call, &keyed);
            let kept = CallRecord { wire, ..record::of_call(call, &redactor, &watch, self.now()) };
            return Ok(self.hand_over(call, &keyed, kept, shown).await?);
        }
        if let Some(site) = call.kept_site().filter(|_| keyed.entry.effect != Effect::Read) {
            self.ledger_write(site, &keyed.entry).await?;
        }
        let repeatable = Repeatable::of(call.prepared.effect, keyed.key.is_some());
        let ended = self.attempts(call, account.as_ref(), repeatable).await;
        let mut redactor = account.as_ref().map(Account::redactor).unwrap_or_default();
        call.prepared.callback_token.iter().for_each(|token| redactor.add(token));
        let shown = self.wire_of(call, account.as_ref(), &redactor).await?;
        let Ended { result, was_sent, wire, .. } = ended;
        let kept = record::of_call(call, &redactor, &watch, self.now());
        let kept = CallRecord { wire: with_place(wire, call, &keyed), ..kept };
        measured::call(&kept, result.as_ref().ok().map(|answer| answer.status));
        match result {
            Ok(answer) => {
                let invocation = answer::answered(account.as_ref(), &answer, &redactor, kept, shown);
                self.keep_answer(call, &keyed, &invocation).await?;
                Ok(invocation)
            }
            Err(failure) => {
                match was_sent {
                    false => self.forget_unsent(call, &keyed).await?,
                    true => self.keep_open(call, &keyed, &failure).await?,
                }
                let record = (was_sent || record::was_sent(&failure)).then_some(kept);
                Err(Box::new(InvocationFailed { failure, record, wire: shown, was_sent }))
            }
        }
    }

    /// The answer of a call that the run has made before.
    pub(super) async fn replayed(
        &self,
        call: &Call<'_>,
        keyed: &Keyed,
        answer: &HttpAnswer,
        watch: &Stopwatch,
    ) -> Result<Invocation, Box<InvocationFailed>> {
        let redactor = Redactor::new(&call.prepared.callback_token);
        let shown = self.wire_of(call, None, &redactor).await?;
        let wire = WireRecord { replayed: true, ..with_place(WireRecord::default(), call, keyed) };
        let kept = CallRecord { wire, ..record::of_call(call, &redactor, watch, self.now()) };
        let accepted = call.accepted_before(answer);
        Ok(Invocation { accepted, ..answer::answered(None, answer, &redactor, kept, shown) })
    }

    async fn forget_unsent(&self, call: &Call<'_>, keyed: &Keyed) -> Result<(), Failure> {
        match call.kept_site() {
            Some(site) if keyed.entry.effect != Effect::Read => self.ledger_forget(site).await,
            _ => Ok(()),
        }
    }

    /// Keeps why nobody knows what has become of a write.
    async fn keep_open(&self, call: &Call<'_>, keyed: &Keyed, failure: &Failure) -> Result<(), Failure> {
        let Some(site) = call.kept_site().filter(|_| keyed.entry.effect != Effect::Read) else {
            return Ok(());
        };
        let state = EntryState::Sent { why: Some(failure.message.clone()) };
        self.ledger_write(site, &ledger::Entry { state, ..keyed.entry.clone() }).await
    }

    pub(super) async fn keep_answer(
        &self,
        call: &Call<'_>,
        keyed: &Keyed,
        answer: &Invocation,
    ) -> Result<(), Failure> {
        let Some(site) = call.kept_site() else { return Ok(()) };
        let kept = KeptAnswer::of(answer.status_code, &answer.headers, &answer.body);
        match ledger::after_answer(&keyed.entry, kept, answer.body.len()) {
            Some(state) => self.ledger_write(site, &ledger::Entry { state, ..keyed.entry.clone() }).await,
            None => self.forget_unsent(call, keyed).await,
        }
    }

    /// What is shown of the request.
    async fn wire_of(
        &self,
        call: &Call<'_>,
        account: Option<&Account>,
        redactor: &Redactor,
    ) -> Result<String, Failure> {
        let Some((connector, _)) = call.through else { return Ok(call.prepared.request.explain()) };
        self.shown(connector, account.map(|account| &account.connection), call.prepared, redactor).await
    }
}

/// What is known of a call besides its tries.
fn with_place(wire: WireRecord, call: &Call<'_>, keyed: &Keyed) -> WireRecord {
    let hash = |key: &String| hex(Sha256::digest(key.as_bytes()).get(..16).unwrap_or_default());
    WireRecord {
        call: call.site.map(|site| site.place.clone()),
        idempotency_key_hash: keyed.key.as_ref().map(hash),
        ..wire
    }
}
