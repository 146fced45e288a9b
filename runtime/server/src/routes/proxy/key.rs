//! Whose connectors a request of the protocol means, and whether it shows a key that counts for them.

use super::{failed, unauthorized};
use crate::access::Caller;
use crate::state::App;
use axum::extract::{FromRequestParts, Path};
use axum::response::Response;
use http::header;
use http::request::Parts;
use serde::Deserialize;
use sluis_model::access::Permission;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;

/// The header in which a backend shows its key.
const KEY: &str = "spiff-connector-proxy-api-key";

/// The org of a request that has shown a key for it.
pub struct Keyed(pub OrgId);

/// The org of a request, and whether it has shown a key for it.
pub struct MaybeKeyed {
    /// Whose connectors.
    pub org: OrgId,
    /// Whether it has shown a key that counts.
    pub has_key: bool,
}

impl FromRequestParts<App> for Keyed {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        match MaybeKeyed::from_request_parts(parts, app).await? {
            MaybeKeyed { org, has_key: true } => Ok(Self(org)),
            MaybeKeyed { .. } => Err(unauthorized()),
        }
    }
}

impl FromRequestParts<App> for MaybeKeyed {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let named = of_path(parts, app).await?;
        let caller = match shown(parts) {
            Some(key) => match Caller::of_key(app, &key).await {
                Ok(Some(caller)) => Some(caller),
                Ok(None) => return Err(unauthorized()),
                Err(failure) => return Err(failed(&failure)),
            },
            None => None,
        };
        let bound = caller.as_ref().and_then(Caller::bound_to).cloned();
        let org = match (named.or(bound).or_else(|| app.proxy_org.clone()), &caller) {
            (Some(org), _) => org,
            (None, Some(_)) => return Err(failed(&whose())),
            (None, None) => return Err(unauthorized()),
        };
        let Some(caller) = caller else { return Ok(Self { org, has_key: false }) };
        match caller.may(app, Permission::Invoke, Some(&org)).await {
            Ok(true) => Ok(Self { org, has_key: true }),
            Ok(false) => Err(unauthorized()),
            Err(failure) => Err(failed(&failure)),
        }
    }
}

/// The one key that a request shows: in the protocol's header, or as every caller of ours does.
fn shown(parts: &Parts) -> Option<String> {
    let mut own = parts.headers.get_all(KEY).iter();
    match (own.next(), own.next()) {
        (Some(key), None) => return key.to_str().ok().map(str::to_owned),
        // Of two nobody knows which counts.
        (Some(_), Some(_)) => return Some(String::new()),
        _ => {}
    }
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

#[derive(Deserialize)]
struct OrgOfPath {
    org: Option<String>,
}

async fn of_path(parts: &mut Parts, app: &App) -> Result<Option<OrgId>, Response> {
    let named = Path::<OrgOfPath>::from_request_parts(parts, app).await.ok().and_then(|path| path.0.org);
    match named.map(|org| org.parse::<OrgId>()) {
        None => Ok(None),
        Some(Ok(org)) => Ok(Some(org)),
        // As an org that nobody has a key for.
        Some(Err(_)) => Err(unauthorized()),
    }
}

fn whose() -> Failure {
    Failure::new(Reason::InvalidInput, "this key counts for all organisations, and the address names none").help(
        "use the address /proxy/ORG, a key made with `sluis token create NAME --for-org ORG`, or start the server with \
         --connector-proxy ORG",
    )
}
