//! One call: a fresh credential onto the request, out, and once more if the provider says 401.

use crate::follow::{Followed, Signer, follow, follow_signed};
use crate::hosts::HostPort;
use crate::mail_port::is_refused_sign_in;
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
    /// Whether an answer says that the credential is no longer good, where the scheme does not see it: a
    /// service may say so in an answer with status 200.
    pub expired: Option<&'a (dyn Fn(&HttpAnswer) -> bool + Send + Sync)>,
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

    fn is_refused(&self, answer: &HttpAnswer) -> bool {
        self.scheme.is_refused(&as_answer(answer)) || self.expired.is_some_and(|expired| expired(answer))
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
        return Ok(follow(http, request.clone(), limits).await?.answer);
    };
    let current = credential.renewals.fresh(credential.connection, credential.source).await?;
    let Followed { answer, left, .. } = match send(http, request, &credential, &current, limits).await {
        // What a 401 is over HTTP: the mail server refused before it acted.
        Err(failure) if is_refused_sign_in(&failure) => {
            let renewed =
                credential.renewals.after_unauthorized(credential.connection, &current, credential.source);
            let Some(newer) = renewed.await? else { return Err(failure) };
            let Followed { answer, .. } = send(http, request, &credential, &newer, limits).await?;
            note_that_it_worked(&credential, &newer);
            return Ok(answer);
        }
        sent => sent?,
    };
    // The credential was not sent past its origin, so what is said there is not about it.
    if left {
        return Ok(answer);
    }
    if !credential.is_refused(&answer) {
        note_that_it_worked(&credential, &current);
        return Ok(answer);
    }
    let renewed = credential.renewals.after_unauthorized(credential.connection, &current, credential.source);
    let Some(newer) = renewed.await? else { return Ok(answer) };
    let Followed { answer, left, .. } = send(http, request, &credential, &newer, limits).await?;
    if !left && !credential.is_refused(&answer) {
        note_that_it_worked(&credential, &newer);
    }
    Ok(answer)
}

/// The tokens before the last renewal are kept until the service has taken the new ones once.
fn note_that_it_worked(credential: &CallCredential<'_>, current: &Versioned) {
    if current.credential.previous.is_some() {
        credential.source.worked(current);
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
    let put_on = |request: &OutgoingRequest| credential.put_on(request, current);
    let signer = Signer { hosts: credential.hosts, put_on: &put_on };
    let first = follow_signed(http, request.clone(), limits, &signer, None).await?;
    if first.left {
        return Ok(first);
    }
    let mut again = first.sent.clone();
    let challenged = credential.scheme.answer_challenge(
        credential.context(),
        &current.credential,
        &as_answer(&first.answer),
        &mut again,
    )?;
    match challenged {
        true => follow_signed(http, first.plain, limits, &signer, Some(again)).await,
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
