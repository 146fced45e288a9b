//! One call: a fresh credential onto the request, out, and once more if the provider says 401.

use crate::renewals::{CredentialSource, Renewals, Versioned};
use crate::request::OutgoingRequest;
use crate::transport::{Http, HttpAnswer, SendLimits};
use http::StatusCode;
use sluis_auth::Scheme;
use sluis_model::error::Failure;
use sluis_model::id::ConnectionId;
use std::sync::Arc;

/// The connection that a call uses.
pub struct Credential<'a> {
    /// Which connection.
    pub connection: &'a ConnectionId,
    /// How its tokens go onto a request.
    pub scheme: &'a dyn Scheme,
    /// Where its tokens live.
    pub source: &'a Arc<dyn CredentialSource>,
    /// Renewals under way.
    pub renewals: &'a Renewals,
}

/// Sends a request, with a credential if one is given.
///
/// A 401 says that the service refused before acting, so any method may be repeated once with
/// renewed tokens. Nothing else is repeated here. A second 401 is the answer.
pub async fn call(
    http: &dyn Http,
    request: &OutgoingRequest,
    credential: Option<Credential<'_>>,
    limits: SendLimits,
) -> Result<HttpAnswer, Failure> {
    let Some(credential) = credential else {
        return Ok(http.send(request.clone(), limits).await?);
    };
    let current = credential.renewals.fresh(credential.connection, credential.source).await?;
    let answer = http.send(authorized(request, &credential, &current)?, limits).await?;
    if answer.status != StatusCode::UNAUTHORIZED {
        return Ok(answer);
    }
    let renewed =
        credential.renewals.after_unauthorized(credential.connection, current.version, credential.source);
    match renewed.await? {
        Some(newer) => Ok(http.send(authorized(request, &credential, &newer)?, limits).await?),
        None => Ok(answer),
    }
}

fn authorized(
    request: &OutgoingRequest,
    credential: &Credential<'_>,
    current: &Versioned,
) -> Result<OutgoingRequest, Failure> {
    let mut request = request.clone();
    if let Some((name, value)) = credential.scheme.apply(&current.tokens)? {
        request.authorize(name, &value)?;
    }
    Ok(request)
}
