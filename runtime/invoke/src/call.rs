//! One call: a fresh credential onto the request, out, and once more if the provider says 401.

use crate::renewals::{CredentialSource, Renewals, Versioned};
use crate::request::OutgoingRequest;
use crate::transport::{Http, HttpAnswer, SendLimits};
use sluis_auth::{Answer, Challenges, Context, Scheme};
use sluis_model::connection::Variables;
use sluis_model::credential::ClientCredentials;
use sluis_model::error::Failure;
use sluis_model::id::ConnectionId;
use sluis_model::ports::Randomness;
use std::sync::Arc;

/// The connection that a call uses.
pub struct CallCredential<'a> {
    /// Which connection.
    pub connection: &'a ConnectionId,
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
        let mut request = request.clone();
        self.scheme.apply(self.context(), &current.credential, &mut request)?;
        Ok(request)
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
        return Ok(http.send(request.clone(), limits).await?);
    };
    let current = credential.renewals.fresh(credential.connection, credential.source).await?;
    let answer = send(http, request, &credential, &current, limits).await?;
    if !credential.scheme.is_refused(&as_answer(&answer)) {
        return Ok(answer);
    }
    let renewed =
        credential.renewals.after_unauthorized(credential.connection, current.version, credential.source);
    match renewed.await? {
        Some(newer) => send(http, request, &credential, &newer, limits).await,
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
) -> Result<HttpAnswer, Failure> {
    let mut authorized = credential.put_on(request, current)?;
    let answer = http.send(authorized.clone(), limits).await?;
    let context = credential.context();
    let challenged = credential.scheme.answer_challenge(
        context,
        &current.credential,
        &as_answer(&answer),
        &mut authorized,
    )?;
    match challenged {
        true => Ok(http.send(authorized, limits).await?),
        false => Ok(answer),
    }
}

fn as_answer(answer: &HttpAnswer) -> Answer {
    Answer { status: answer.status, headers: answer.headers.clone(), body: answer.body.clone() }
}
