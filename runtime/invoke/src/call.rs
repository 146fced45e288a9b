//! One call: a fresh credential onto the request, out, and once more if the provider says 401.

use crate::follow::{Followed, follow};
use crate::hosts::HostPort;
use crate::renewals::{CredentialSource, Renewals, Versioned};
use crate::request::OutgoingRequest;
use crate::transport::{Http, HttpAnswer, SendLimits};
use http::{HeaderName, HeaderValue};
use sluis_auth::{Answer, Challenges, Context, Scheme};
use sluis_model::connection::Variables;
use sluis_model::credential::ClientCredentials;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::ConnectionId;
use sluis_model::ports::Randomness;
use std::sync::Arc;

/// The connection that a call uses.
pub struct CallCredential<'a> {
    /// Which connection.
    pub connection: &'a ConnectionId,
    /// Hosts that the connector declares: redirects are followed to no others.
    pub hosts: &'a [HostPort],
    /// How its credential goes onto a request.
    pub scheme: &'a dyn Scheme,
    /// The client, for schemes that sign with it.
    pub client: Option<&'a ClientCredentials>,
    /// The connection's variables.
    pub variables: &'a Variables,
    /// What servers asked for last.
    pub challenges: &'a Challenges,
    /// Where nonces come from.
    pub randomness: &'a dyn Randomness,
    /// Where its credential lives.
    pub source: &'a Arc<dyn CredentialSource>,
    /// Renewals under way.
    pub renewals: &'a Renewals,
}

impl CallCredential<'_> {
    fn context(&self) -> Context<'_> {
        Context {
            now: self.source.now(),
            randomness: self.randomness,
            client: self.client,
            variables: self.variables,
            challenges: self.challenges,
        }
    }

    fn put_on(&self, request: &OutgoingRequest, current: &Versioned) -> Result<OutgoingRequest, Failure> {
        let mut authorized = request.clone();
        self.scheme.apply(self.context(), &current.credential, &mut authorized)?;
        match overwritten(request, &authorized) {
            Some(name) => Err(Failure::new(
                Reason::InvalidInput,
                format!("the request sets the header `{name}`, which the connection supplies"),
            )
            .help("leave the header out")),
            None => Ok(authorized),
        }
    }
}

/// Sends a request, with a credential if one is given.
///
/// A 401 says that the service refused before acting, so any method may be repeated: once with the
/// answer to the server's challenge, where the scheme knows one, and once with renewed tokens.
/// Nothing else is repeated here. The refusal after that is the answer.
pub async fn call(
    http: &dyn Http,
    request: &OutgoingRequest,
    credential: Option<CallCredential<'_>>,
    limits: SendLimits,
) -> Result<HttpAnswer, Failure> {
    let Some(credential) = credential else {
        return Ok(follow(http, request.clone(), limits, None).await?.answer);
    };
    let current = credential.renewals.fresh(credential.connection, credential.source).await?;
    let Followed { answer, left } = send(http, request, &credential, &current, limits).await?;
    // The credential was not sent past its origin, so what is said there is not about it.
    if left || !credential.scheme.is_refused(&as_answer(&answer)) {
        return Ok(answer);
    }
    let renewed =
        credential.renewals.after_unauthorized(credential.connection, current.version, credential.source);
    match renewed.await? {
        Some(newer) => Ok(send(http, request, &credential, &newer, limits).await?.answer),
        None => Ok(answer),
    }
}

/// Sends with the credential on it, and again with the answer to a challenge.
async fn send(
    http: &dyn Http,
    request: &OutgoingRequest,
    credential: &CallCredential<'_>,
    current: &Versioned,
    limits: SendLimits,
) -> Result<Followed, Failure> {
    let mut authorized = credential.put_on(request, current)?;
    let first = follow(http, authorized.clone(), limits, Some(credential.hosts)).await?;
    if first.left {
        return Ok(first);
    }
    let context = credential.context();
    let challenged = credential.scheme.answer_challenge(
        context,
        &current.credential,
        &as_answer(&first.answer),
        &mut authorized,
    )?;
    match challenged {
        true => Ok(follow(http, authorized, limits, Some(credential.hosts)).await?),
        false => Ok(first),
    }
}

/// The header that a scheme has put its credential into, in place of one that the request had. Who
/// wrote the request does not know the credential, so what they meant is lost.
fn overwritten(request: &OutgoingRequest, authorized: &OutgoingRequest) -> Option<HeaderName> {
    let holds = |whole: &HeaderValue, part: &HeaderValue| {
        part.as_bytes().is_empty()
            || whole.as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
    };
    let replaced = |(name, value): &(&HeaderName, &HeaderValue)| {
        let before = request.headers.get(*name);
        // A cookie that is added to others replaces none.
        value.is_sensitive() && before.is_some_and(|before| !holds(value, before))
    };
    authorized.headers.iter().find(replaced).map(|(name, _)| name.clone())
}

fn as_answer(answer: &HttpAnswer) -> Answer {
    Answer { status: answer.status, headers: answer.headers.clone(), body: answer.body.clone() }
}
