//! Calling an API of a connector: find it, fill it in, put the credential on, send it, and once
//! more after a renewal if the provider says 401.

use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use crate::grants::renewal::ConnectionTokens;
use crate::keys::Slot;
use bytes::Bytes;
use sluis_auth::scheme_of;
use sluis_invoke::{
    Credential, CredentialSource, Files, PreparedRequest, Redactor, SendLimits, prepare_with, read_answer,
};
use sluis_model::connection::{Connection, ConnectionState};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ApiId, Namespace, OrgId};
use sluis_model::run::CallRecord;
use std::sync::Arc;

/// The inputs of a call by placeholder name.
pub type Inputs = serde_json::Map<String, serde_json::Value>;

/// An answered call.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// HTTP status of the answer.
    pub status_code: u16,
    /// Headers of the answer.
    pub headers: Vec<(String, String)>,
    /// Body of the answer as text. The connection's own tokens are starred in it: a service that
    /// echoes its request must not hand them to a script.
    pub response: String,
    /// Body of the answer as it came; that of [`response`](Self::response) where something is starred.
    pub body: Bytes,
    /// What is kept of it.
    pub record: CallRecord,
    /// What was sent, secrets starred.
    pub wire: String,
}

/// A call that got no answer.
#[derive(Debug)]
pub struct InvocationFailed {
    /// Why.
    pub failure: Failure,
    /// What is kept of it, if something was sent.
    pub record: Option<CallRecord>,
    /// What was sent, secrets starred.
    pub wire: String,
}

impl From<Failure> for Box<InvocationFailed> {
    fn from(failure: Failure) -> Self {
        Box::new(InvocationFailed { failure, record: None, wire: String::new() })
    }
}

impl Engine {
    /// Calls an API with the org's own authorization.
    pub async fn invoke(&self, org: &OrgId, api: &ApiId, inputs: &Inputs) -> Result<Invocation, Failure> {
        self.org(org).await?;
        self.invoke_in_slot(org, api, inputs, &Files::new(), &Slot::Active)
            .await
            .map_err(|failed| failed.failure)
    }

    /// What would be sent, secrets starred, without sending it.
    pub async fn explain(&self, org: &OrgId, api: &ApiId, inputs: &Inputs) -> Result<String, Failure> {
        self.org(org).await?;
        let connector = self.ready_connector(&api.namespace()).await?;
        let prepared = sluis_invoke::prepare(connector.compiled.api(api.api())?, inputs)?;
        let scheme = scheme_of(&connector.release.definition.auth);
        Ok(prepared.shown(scheme.as_ref()).explain())
    }

    pub(crate) async fn invoke_in_slot(
        &self,
        org: &OrgId,
        api: &ApiId,
        inputs: &Inputs,
        files: &Files,
        slot: &Slot,
    ) -> Result<Invocation, Box<InvocationFailed>> {
        let connector = self.ready_connector(&api.namespace()).await?;
        let prepared =
            prepare_with(connector.compiled.api(api.api())?, inputs, files).map_err(Failure::from)?;
        self.send_prepared(org, Some(&connector), &prepared, slot).await
    }

    /// Sends a filled-in request with the credential of the connector, if it needs one.
    pub(crate) async fn send_prepared(
        &self,
        org: &OrgId,
        connector: Option<&Arc<ReadyConnector>>,
        prepared: &PreparedRequest,
        slot: &Slot,
    ) -> Result<Invocation, Box<InvocationFailed>> {
        let limits = SendLimits { total: prepared.timeout, ..SendLimits::default() };
        let at = self.now();
        let credential = match connector.filter(|_| prepared.needs_credential) {
            Some(connector) => Some(self.usable_connection(org, connector, slot).await?),
            None => None,
        };
        let scheme = connector.map(|connector| scheme_of(&connector.release.definition.auth));
        let source = credential.as_ref().zip(connector).map(|(connection, connector)| {
            Arc::new(ConnectionTokens::new(self, connection.clone(), connector.clone(), slot.clone()))
        });
        let shared: Option<Arc<dyn CredentialSource>> = source.clone().map(|source| source as _);
        let used = match (&credential, &scheme, &shared) {
            (Some(connection), Some(scheme), Some(source)) => Some(Credential {
                connection: &connection.id,
                scheme: scheme.as_ref(),
                source,
                renewals: self.renewals(),
            }),
            _ => None,
        };
        let sent = sluis_invoke::call(self.http(), &prepared.request, used, limits).await;
        let redactor = source.as_ref().map(|source| source.redactor()).unwrap_or_default();
        let wire = match &scheme {
            Some(scheme) => prepared.shown(scheme.as_ref()).explain_with(&redactor),
            None => prepared.request.explain(),
        };
        let record = |status: Option<u16>| CallRecord {
            api: prepared.api.clone(),
            method: prepared.request.method.to_string(),
            url: redactor.redact(prepared.request.url.as_str()),
            status,
            millis: self.now().0.saturating_sub(at.0).try_into().unwrap_or_default(),
            at,
        };
        match sent {
            Ok(answer) => {
                let millis = answer.elapsed.as_millis().try_into().unwrap_or(u64::MAX);
                let read = read_answer(&answer);
                let echoes = source.as_ref().is_some_and(|source| source.occurs_in(&read.response));
                let response = starred(&redactor, &source, read.response);
                let body = if echoes { Bytes::from(response.clone()) } else { answer.body.clone() };
                Ok(Invocation {
                    body,
                    status_code: read.status_code,
                    headers: read
                        .headers
                        .into_iter()
                        .map(|(n, v)| (n, starred(&redactor, &source, v)))
                        .collect(),
                    response,
                    record: CallRecord { millis, ..record(Some(answer.status)) },
                    wire,
                })
            }
            Err(failure) => {
                let sent_something = matches!(
                    failure.reason,
                    Reason::Unreachable | Reason::Timeout | Reason::BadUpstream | Reason::TooLarge
                );
                let record = sent_something.then(|| record(None));
                Err(Box::new(InvocationFailed { failure, record, wire }))
            }
        }
    }

    /// The connection in a slot, if it can be used; else who can mend that, and how.
    async fn usable_connection(
        &self,
        org: &OrgId,
        connector: &ReadyConnector,
        slot: &Slot,
    ) -> Result<Connection, Failure> {
        let namespace = &connector.release.definition.namespace;
        let connection =
            self.connection(org, namespace, slot).await?.ok_or_else(|| not_authorized(org, namespace))?;
        match &connection.state {
            ConnectionState::NeedsReauthorization { reason } => Err(needs_person(namespace, reason)),
            ConnectionState::Active | ConnectionState::Pending => Ok(connection),
        }
    }
}

fn not_authorized(org: &OrgId, namespace: &Namespace) -> Failure {
    Failure::new(
        Reason::NotAuthorized,
        format!("connector `{namespace}` is not authorized for organisation `{org}`"),
    )
    .help(format!(
        "an admin of `{org}` authorizes it once for everybody: sluis authorize {namespace}, or in a script: \
         authorize(\"{namespace}\")"
    ))
}

/// The grant is gone; only a person can give a new one.
pub(crate) fn needs_person(namespace: &Namespace, reason: &str) -> Failure {
    Failure::new(
        Reason::NeedsReauthorization,
        format!("the authorization of `{namespace}` is no longer good: {reason}"),
    )
    .help(format!("an admin of the organisation authorizes it again: sluis authorize {namespace}"))
}

fn starred(redactor: &Redactor, source: &Option<Arc<ConnectionTokens>>, text: String) -> String {
    match source {
        Some(source) if source.occurs_in(&text) => redactor.redact(&text),
        _ => text,
    }
}
