//! One attempt of a call: out with the credential of its connection.

use super::account::Account;
use super::answer;
use super::pipeline::Call;
use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use sluis_invoke::{CallCredential, CredentialSource, Http, HttpAnswer, SendLimits};
use sluis_model::error::Failure;
use std::sync::Arc;
use std::time::Duration;

impl Engine {
    /// Sends the request once, within a time; once more after a renewal if the provider says 401.
    pub(super) async fn attempt(
        &self,
        call: &Call<'_>,
        account: Option<&Account>,
        http: &dyn Http,
        within: Duration,
    ) -> Result<HttpAnswer, Failure> {
        let prepared = call.prepared;
        let limits = SendLimits {
            total: within,
            first_byte: within,
            redirects: prepared.redirects,
            ..SendLimits::default()
        };
        match (account, call.through) {
            (Some(account), Some((connector, _))) => {
                self.send_as(account, connector, call, http, limits).await
            }
            _ => sluis_invoke::call(http, &prepared.request, None, limits).await,
        }
    }

    async fn send_as(
        &self,
        account: &Account,
        connector: &ReadyConnector,
        call: &Call<'_>,
        http: &dyn Http,
        limits: SendLimits,
    ) -> Result<HttpAnswer, Failure> {
        let connection = &account.connection;
        let (auth, variables) = (connection.auth.as_deref(), &connection.variables);
        let bound = self.bound_for_call(&connector.release.definition, auth, variables).await?;
        let scheme = bound.scheme();
        let shared: Arc<dyn CredentialSource> = account.source.clone();
        self.last_use().note_at(self.now(), &connection.id);
        let expired = |answer: &HttpAnswer| answer::asks_for_renewal(call, answer);
        let credential = CallCredential {
            connection: &connection.id,
            hosts: &connector.compiled.hosts,
            scheme: scheme.as_ref(),
            client: bound.client(),
            variables,
            challenges: self.challenges(),
            randomness: self.randomness(),
            source: &shared,
            renewals: self.renewals(),
            expired: Some(&expired),
        };
        sluis_invoke::call(http, &call.prepared.request, Some(credential), limits).await
    }
}
