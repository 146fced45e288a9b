//! The order of the steps of a call, once its request is filled in.

use super::account::Account;
use super::record::{self, Stopwatch};
use super::{Invocation, InvocationFailed, answer};
use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use crate::keys::Place;
use sluis_invoke::{CompiledApi, Explain as _, PreparedRequest, Redactor};
use sluis_model::error::Failure;
use std::sync::Arc;

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
}

impl Engine {
    /// Sends a filled-in request with the credential of its connection, if it needs one, and reads
    /// the answer.
    pub(crate) async fn perform(&self, call: &Call<'_>) -> Result<Invocation, Box<InvocationFailed>> {
        let watch = Stopwatch::start(self.now());
        let account = self.account_of(call).await?;
        let sent = self.attempt(call, account.as_ref()).await;
        let redactor = account.as_ref().map(Account::redactor).unwrap_or_default();
        let wire = self.wire_of(call, account.as_ref(), &redactor).await?;
        let kept = record::of_call(call, &redactor, &watch, self.now());
        match sent {
            Ok(answer) => {
                answer::meant(call, answer::answered(account.as_ref(), &answer, &redactor, kept, wire))
            }
            Err(failure) => {
                let record = record::was_sent(&failure).then_some(kept);
                Err(Box::new(InvocationFailed { failure, record, wire }))
            }
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
