//! The gate in front of every route under the API's root: who asks, and whether they may.

use super::caller::Caller;
use super::table::{Demand, demand_of, knows};
use crate::error::ApiError;
use crate::router::API_ROOT;
use crate::state::App;
use axum::extract::{FromRequestParts as _, MatchedPath, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sluis_model::access::Permission;
use sluis_model::error::{Failure, Reason};
use sluis_model::id::OrgId;

/// Lets a request through to its route, or answers in its place.
pub async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    match admitted(&app, request).await {
        Ok(request) => next.run(request).await,
        Err(refused) => refused.into_response(),
    }
}

async fn admitted(app: &App, request: Request) -> Result<Request, ApiError> {
    let (mut parts, body) = request.into_parts();
    let route = parts.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.as_deref().and_then(|path| path.strip_prefix(API_ROOT));
    let demand = route.and_then(|route| demand_of(&parts.method, route));
    if demand == Some(Demand::Nothing) {
        return Ok(Request::from_parts(parts, body));
    }
    // Also for routes that do not exist: whoever is not known does not learn what there is.
    let caller = Caller::of(app, &parts.method, &parts.headers).await?;
    let org = match RawPathParams::from_request_parts(&mut parts, app).await {
        Ok(params) => params.iter().find(|(name, _)| *name == "org").map(|(_, value)| value.to_owned()),
        Err(_) => None,
    };
    match (route, demand) {
        (Some(route), Some(demand)) => decide(app, &caller, route, demand, org.as_deref()).await?,
        (Some(route), None) if !knows(route) => {
            tracing::error!(route, "a route is missing in the table of what routes demand");
            return Err(forbidden("this may not be done by anybody"));
        }
        // No such route, or not by this method: the router says so.
        _ => {}
    }
    parts.extensions.insert(caller);
    Ok(Request::from_parts(parts, body))
}

async fn decide(
    app: &App,
    caller: &Caller,
    route: &str,
    demand: Demand,
    org: Option<&str>,
) -> Result<(), ApiError> {
    let org = match org.map(str::parse::<OrgId>) {
        None => None,
        // What has no form of an org is answered by the handler, which says what is wrong with it.
        Some(Err(_)) => None,
        Some(Ok(org)) => Some(org),
    };
    let in_org = org.as_ref().filter(|_| route.starts_with("/orgs/"));
    let wanted: &[Permission] = match &demand {
        Demand::Nothing | Demand::Known => &[],
        Demand::May(permission) => &[*permission],
        Demand::Either(one, other) => &[*one, *other],
    };
    if wanted.is_empty() {
        return Ok(());
    }
    for permission in wanted {
        if caller.may(app, *permission, in_org).await? {
            return Ok(());
        }
    }
    match in_org {
        Some(org) if !caller.knows_of(app, org).await? => {
            Err(Failure::new(Reason::OrgNotFound, format!("there is no organisation `{org}`")).into())
        }
        _ => {
            let wanted = wanted.iter().map(|permission| format!("`{permission}`"));
            let wanted = wanted.collect::<Vec<_>>().join(" or ");
            Err(forbidden(&format!("this demands {wanted}, which you do not have here")).help(
                "GET /session tells what you may do; an admin of the organisation can give you another role",
            ))
        }
    }
}

fn forbidden(detail: &str) -> ApiError {
    Failure::new(Reason::Forbidden, detail).into()
}
