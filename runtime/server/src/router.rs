//! What is reached where, and the layers that every request passes.

use crate::access::gate;
use crate::error::ApiError;
use crate::serve::ServerOptions;
use crate::state::App;
use crate::{middleware, routes};
use axum::Router;
use axum::extract::OriginalUri;
use axum::middleware::{from_fn, from_fn_with_state};
use http::{Method, StatusCode};
use sluis_engine::Engine;
use sluis_model::error::{Failure, Reason};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// Where the API stands.
pub const API_ROOT: &str = "/api/v1";

/// All routes over an engine, for whoever brings a server of their own.
pub fn router(engine: Engine, options: ServerOptions) -> Router {
    router_with(App::new(engine, options))
}

/// The same over a state that the caller goes on to use.
pub fn router_with(app: App) -> Router {
    let mut router = Router::new()
        .merge(routes::health::routes())
        .merge(routes::callback::routes())
        .merge(routes::brought::routes())
        .merge(routes::hooks::routes())
        .merge(routes::connect::routes());
    if app.api_token.is_some() {
        router =
            router.nest(API_ROOT, v1(&app)).merge(routes::reference::routes()).merge(routes::proxy::routes());
    }
    if app.metrics_token.is_some() {
        router = router.merge(routes::metrics::routes());
    }
    let router = router.fallback(nothing_here).method_not_allowed_fallback(not_this_method);
    // The last one added is the first to see a request.
    router
        .layer(middleware::timeout::body())
        .layer(from_fn_with_state(app.limiters.clone(), middleware::limits::by_address))
        .layer(from_fn(middleware::timeout::whole))
        .layer(middleware::panic::layer())
        .layer(from_fn(middleware::headers::secure))
        .layer(from_fn(middleware::request_id::name_and_trace))
        .with_state(app)
}

/// Everything behind the gate, which also stands before routes that do not exist: whoever may not ask
/// does not learn what there is.
fn v1(app: &App) -> Router<App> {
    let (router, _) = resources().split_for_parts();
    let router = router
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_this_method)
        .layer(from_fn_with_state(app.clone(), middleware::repeats::once))
        .layer(from_fn_with_state(app.limiters.clone(), middleware::limits::by_token))
        .layer(from_fn_with_state(app.clone(), gate::pass));
    // Before the gate: a browser asks whether it may ask without showing a token.
    match middleware::cross_origin::layer(&app.allow_origins) {
        Some(layer) => router.layer(layer),
        None => router,
    }
}

/// The description of all that stands under [`API_ROOT`].
pub fn documented() -> OpenApi {
    resources().split_for_parts().1
}

/// Every resource of the API, each registered together with its description.
fn resources() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(routes::connectors::routes())
        .merge(routes::clients::routes())
        .merge(routes::orgs::routes())
        .merge(routes::session::routes())
        .merge(routes::users::routes())
        .merge(routes::members::routes())
        .merge(routes::functions::routes())
        .merge(routes::function_calls::routes())
        .merge(routes::triggers::routes())
        .merge(routes::trigger_actions::routes())
        .merge(routes::runs::routes())
        .merge(routes::run_control::routes())
        .merge(routes::run_settings::routes())
        .merge(routes::open_calls::routes())
        .merge(routes::invoke::routes())
        .merge(routes::activities::routes())
        .merge(routes::trials::routes())
        .merge(routes::connections::routes())
        .merge(routes::tokens::routes())
        .merge(routes::vault::routes())
        .merge(routes::connection_form::routes())
        .merge(routes::proxy::settings())
}

async fn nothing_here(OriginalUri(uri): OriginalUri) -> ApiError {
    let shown: String = uri.path().chars().take(200).collect();
    ApiError::from(Failure::new(Reason::NotFound, format!("there is nothing at `{shown}`"))).help(
        "docs/API.md lists the routes; everything but /healthz, /connect, /oauth, /callbacks and /hooks stands under /api/v1",
    )
}

async fn not_this_method(method: Method, OriginalUri(uri): OriginalUri) -> ApiError {
    let shown: String = uri.path().chars().take(200).collect();
    ApiError::protocol(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        format!("`{method}` means nothing at `{shown}`"),
    )
    .help("the `Allow` header lists the methods that do")
}
