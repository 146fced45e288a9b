//! Where a browser comes back to after consent. Open to everyone: what makes a callback good is its
//! `state`, which is good once.

use crate::access::cookie::BROWSER;
use crate::error::ApiError;
use crate::page::{self, Page};
use crate::state::App;
use axum::Router;
use axum::extract::{OriginalUri, Path, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{HeaderMap, Method, StatusCode, header};
use sluis_engine::Arrival;
use sluis_model::error::Reason;
use sluis_model::id::{GrantId, Namespace, OrgId};

/// `GET /oauth/callback/{org}/{namespace}` and the clean address it leads to,
/// `GET /oauth/done/{org}/{grant}`.
pub fn routes() -> Router<App> {
    Router::new()
        // HEAD is refused: whoever previews links must not use up the code.
        .route("/oauth/callback/{org}/{namespace}", get(callback).head(not_head))
        .route("/oauth/callback/{namespace}", get(former).head(not_head))
        .route("/oauth/done/{org}/{grant}", get(done))
}

/// Finishes the attempt and sends the browser on to an address that holds neither code nor state
/// (RFC 9700 §4.2.4).
async fn callback(
    State(app): State<App>,
    Path((org, namespace)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let (Ok(org), Ok(namespace)) = (org.parse::<OrgId>(), namespace.parse::<Namespace>()) else {
        return page::not_ours(StatusCode::NOT_FOUND).into_response();
    };
    let engine = app.engine.clone();
    let browser = BROWSER.of(&engine, &headers);
    let finish = async move {
        let query = query.unwrap_or_default();
        let (org, namespace, browser) = (&org, &namespace, browser.as_ref());
        engine.finish_authorization(Arrival { org, namespace, query: &query, browser }).await
    };
    let finished = app.work.carry_out(finish).await;
    if let Ok(grant) = &finished {
        match app.engine.proxy_return(grant).await {
            // To the backend that sent the browser; no referrer tells it of code and state.
            Ok(Some(back)) => return to_backend(&back),
            Ok(None) => {}
            Err(failure) => return refused(&failure.into()).into_response(),
        }
    }
    match finished {
        Ok(grant) => {
            // Relative, so that it also holds behind a proxy that serves us under a path.
            let clean = format!("../../done/{}/{}", grant.org, grant.id);
            (StatusCode::SEE_OTHER, [(header::LOCATION, clean)]).into_response()
        }
        Err(error) => refused(&error).into_response(),
    }
}

fn to_backend(address: &url::Url) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, address.as_str())]).into_response()
}

/// What the person reads after the callback; it can be read again as often as they like.
async fn done(State(app): State<App>, Path((org, grant)): Path<(String, String)>) -> Response {
    let (Ok(org), Ok(id)) = (org.parse::<OrgId>(), grant.parse::<GrantId>()) else {
        return page::not_ours(StatusCode::NOT_FOUND).into_response();
    };
    match app.engine.grant(&org, &id).await {
        Ok(grant) => Page::of(&grant).into_response(),
        Err(failure) if matches!(failure.reason, Reason::Internal | Reason::Unavailable) => {
            refused(&failure.into()).into_response()
        }
        Err(_) => page::not_ours(StatusCode::NOT_FOUND).into_response(),
    }
}

/// Where browsers came back to before each org had an address of its own. Nothing is begun with it
/// any more, so whoever arrives has a client registration that is to be brought up to date.
async fn former(State(app): State<App>, Path(namespace): Path<String>) -> Response {
    match namespace.parse::<Namespace>() {
        Ok(namespace) => page::former_address(app.engine.public_url(), &namespace).into_response(),
        Err(_) => page::not_ours(StatusCode::NOT_FOUND).into_response(),
    }
}

pub(super) async fn not_head(method: Method, OriginalUri(uri): OriginalUri) -> ApiError {
    ApiError::protocol(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        format!("`{method}` means nothing at `{}`", uri.path().chars().take(200).collect::<String>()),
    )
    .header(header::ALLOW, http::HeaderValue::from_static("GET"))
}

pub(super) fn refused(error: &ApiError) -> Page {
    match error.status() {
        status if status.is_server_error() => page::our_fault(status),
        status => page::not_ours(status).because(error.detail()),
    }
}
