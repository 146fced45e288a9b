//! Calling an API of a connector: find it, fill it in, put the credential on, send it, and once
//! more after a renewal if the provider says 401.

use crate::builder::Engine;
use crate::compiled::ReadyConnector;
use crate::grants::renewal::ConnectionTokens;
use crate::grants::wanted::user_of;
use crate::keys::Place;
use crate::scopes;
use bytes::Bytes;
use sluis_invoke::{
    CallCredential, CredentialSource, Explain as _, Files, HttpAnswer, PreparedRequest, Redactor, SendLimits,
    prepare_with, read_answer,
};
use sluis_model::connection::{Connection, ConnectionKey, ConnectionState, Variables};
use sluis_model::error::{Failure, Reason};
use sluis_model::id::{ApiId, ConnectionName, Namespace, OrgId, UserId};
use sluis_model::run::CallRecord;
use std::borrow::Cow;
use std::sync::Arc;

/// The inputs of a call by placeholder name.
pub type Inputs = serde_json::Map<String, serde_json::Value>;

/// Which of the connections of a connector a call goes through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Through {
    /// Its name.
    pub name: ConnectionName,
    /// On whose behalf the call is made, where each user has connections of their own.
    pub user: Option<UserId>,
}

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
    /// Calls an API through the org's main connection.
    pub async fn invoke(&self, org: &OrgId, api: &ApiId, inputs: &Inputs) -> Result<Invocation, Failure> {
        self.invoke_through(org, api, inputs, &Through::default()).await
    }

    /// Calls an API through one of several connections.
    pub async fn invoke_through(
        &self,
        org: &OrgId,
        api: &ApiId,
        inputs: &Inputs,
        through: &Through,
    ) -> Result<Invocation, Failure> {
        self.org(org).await?;
        let place = Place::active(self.key_of_call(org, &api.namespace(), through).await?);
        self.invoke_at(&place, api, inputs, &Files::new()).await.map_err(|failed| failed.failure)
    }

    /// What would be sent, secrets starred, without sending it.
    pub async fn explain(
        &self,
        org: &OrgId,
        api: &ApiId,
        inputs: &Inputs,
        through: &Through,
    ) -> Result<String, Failure> {
        self.org(org).await?;
        let place = Place::active(self.key_of_call(org, &api.namespace(), through).await?);
        let connector = self.ready_at(&place).await?;
        let prepared = sluis_invoke::prepare(connector.compiled.api(api.api())?, inputs)?;
        let connection = self.connection(&place.key, &place.slot).await?;
        self.shown(&connector, connection.as_ref(), &prepared, &Redactor::default()).await
    }

    /// The connection that a call goes through: where it is the org's, whoever calls.
    pub async fn key_of_call(
        &self,
        org: &OrgId,
        connector: &Namespace,
        through: &Through,
    ) -> Result<ConnectionKey, Failure> {
        let ready = self.ready_connector(connector).await?;
        let owner = ready.release.definition.connection.owner;
        let user = user_of(owner, through.user.as_ref(), connector)?;
        Ok(ConnectionKey { org: org.clone(), connector: connector.clone(), name: through.name.clone(), user })
    }

    /// The request as it goes out, stars in place of its credential.
    async fn shown(
        &self,
        connector: &ReadyConnector,
        connection: Option<&Connection>,
        prepared: &PreparedRequest,
        redactor: &Redactor,
    ) -> Result<String, Failure> {
        let none = Variables::new();
        let (auth, variables) = match connection {
            Some(connection) => (connection.auth.as_deref(), &connection.variables),
            None => (None, &none),
        };
        let bound = self.bound_for_call(&connector.release.definition, auth, variables).await;
        Ok(match bound {
            Ok(bound) => {
                let scheme = bound.scheme();
                prepared.shown(scheme.as_ref(), bound.context(self)).explain_with(redactor)
            }
            // Nobody has chosen how to authenticate yet: what there is without a credential.
            Err(_) => prepared.request.explain_with(redactor),
        })
    }

    pub(crate) async fn invoke_at(
        &self,
        place: &Place,
        api: &ApiId,
        inputs: &Inputs,
        files: &Files,
    ) -> Result<Invocation, Box<InvocationFailed>> {
        let connector = self.ready_at(place).await?;
        let prepared =
            prepare_with(connector.compiled.api(api.api())?, inputs, files).map_err(Failure::from)?;
        self.send_prepared(Some((&connector, place)), &prepared).await
    }

    /// Sends a filled-in request with the credential of a connection, if it needs one.
    pub(crate) async fn send_prepared(
        &self,
        through: Option<(&Arc<ReadyConnector>, &Place)>,
        prepared: &PreparedRequest,
    ) -> Result<Invocation, Box<InvocationFailed>> {
        let limits = SendLimits {
            total: prepared.timeout,
            first_byte: prepared.timeout,
            redirects: prepared.redirects,
            ..SendLimits::default()
        };
        let at = self.now();
        let connection = match through.filter(|_| prepared.needs_credential) {
            Some((connector, place)) => Some(self.usable_connection(place, connector).await?),
            None => None,
        };
        let source = connection.as_ref().zip(through).map(|(connection, (connector, place))| {
            let slot = place.slot.clone();
            Arc::new(ConnectionTokens::new(self, connection.clone(), connector.clone(), slot))
        });
        let sent = match (&connection, through, &source) {
            (Some(connection), Some((connector, _)), Some(source)) => {
                self.send_as(connection, connector, source, prepared, limits).await
            }
            _ => sluis_invoke::call(self.http(), &prepared.request, None, limits).await,
        };
        let redactor = source.as_ref().map(|source| source.redactor()).unwrap_or_default();
        let wire = match through {
            Some((connector, _)) => self.shown(connector, connection.as_ref(), prepared, &redactor).await?,
            None => prepared.request.explain(),
        };
        let record = |status: Option<u16>| CallRecord {
            api: prepared.api.clone(),
            method: prepared.request.method.to_string(),
            url: redactor.redact(prepared.request.url.as_str()).into_owned(),
            status,
            millis: self.now().0.saturating_sub(at.0).try_into().unwrap_or_default(),
            at,
            note: None,
        };
        match sent {
            Ok(answer) => {
                let millis = answer.elapsed.as_millis().try_into().unwrap_or(u64::MAX);
                let read = read_answer(&answer);
                let refused =
                    scopes::Refused { status: answer.status, headers: &read.headers, body: &read.response };
                let note = connection.as_ref().and_then(|connection| scopes::note(connection, &refused));
                // It says what the service names, which may be anything.
                let note = note.map(|note| redactor.redact(&note).into_owned());
                let (response, body) = match redactor.redact(&read.response) {
                    Cow::Owned(starred) => (starred.clone(), Bytes::from(starred)),
                    Cow::Borrowed(_) => (read.response, answer.body.clone()),
                };
                Ok(Invocation {
                    body,
                    status_code: read.status_code,
                    headers: read
                        .headers
                        .into_iter()
                        .map(|(n, v)| (n, redactor.redact(&v).into_owned()))
                        .collect(),
                    response,
                    record: CallRecord { millis, note, ..record(Some(answer.status)) },
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

    async fn send_as(
        &self,
        connection: &Connection,
        connector: &ReadyConnector,
        source: &Arc<ConnectionTokens>,
        prepared: &PreparedRequest,
        limits: SendLimits,
    ) -> Result<HttpAnswer, Failure> {
        let (auth, variables) = (connection.auth.as_deref(), &connection.variables);
        let bound = self.bound_for_call(&connector.release.definition, auth, variables).await?;
        let scheme = bound.scheme();
        let shared: Arc<dyn CredentialSource> = source.clone();
        self.last_use().note_at(self.now(), &connection.id);
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
        };
        sluis_invoke::call(self.http(), &prepared.request, Some(credential), limits).await
    }

    /// The connection at a place, if it can be used; else who can mend that, and how.
    async fn usable_connection(
        &self,
        place: &Place,
        connector: &ReadyConnector,
    ) -> Result<Connection, Failure> {
        let connection = self
            .connection(&place.key, &place.slot)
            .await?
            .ok_or_else(|| not_authorized(&place.key.org, &place.key))?;
        match &connection.state {
            ConnectionState::NeedsReauthorization { reason } => Err(needs_person(&place.key, reason)),
            ConnectionState::Exhausted { reason } => Err(exhausted(&place.key, reason)),
            ConnectionState::Active | ConnectionState::Pending | ConnectionState::Revoking => {
                self.check_bound(&connection, &connector.release).await?;
                Ok(connection)
            }
        }
    }
}

pub(crate) fn not_authorized(org: &OrgId, key: &ConnectionKey) -> Failure {
    let who = match &key.user {
        Some(user) => format!("`{user}` authorizes it for themselves"),
        None => format!("an admin of `{org}` authorizes it once for everybody"),
    };
    Failure::new(
        Reason::NotAuthorized,
        format!("connector `{key}` is not authorized for organisation `{org}`"),
    )
    .help(format!(
        "{who}: {}, or in a script: authorize(\"{}\")",
        key.authorize_command(),
        key.in_scripts()
    ))
}

/// The grant is gone; only a person can give a new one.
pub(crate) fn needs_person(namespace: &ConnectionKey, reason: &str) -> Failure {
    Failure::new(
        Reason::NeedsReauthorization,
        format!("the authorization of `{namespace}` is no longer good: {reason}"),
    )
    .help(format!("an admin of the organisation authorizes it again: {}", namespace.authorize_command()))
}

/// Renewing was given up; nobody knows whether the grant is still good.
fn exhausted(namespace: &ConnectionKey, reason: &str) -> Failure {
    Failure::new(
        Reason::NeedsReauthorization,
        format!("the token of `{namespace}` has ended and could not be renewed: {reason}"),
    )
    .help(format!(
        "when that is mended, ask for it again: {}; or an admin of the \
         organisation authorizes it again: {}",
        namespace.renew_command(),
        namespace.authorize_command()
    ))
}
