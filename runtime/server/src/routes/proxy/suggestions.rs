//! `GET /v1/typeahead/{category}?prefix=&limit=`: what an input may be.

use super::failed;
use super::key::MaybeKeyed;
use crate::state::App;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

/// Answers of one question if it does not say.
const LIMIT: usize = 100;

/// A category holds slashes, encoded or not.
pub fn routes() -> Router<App> {
    Router::new().route("/v1/typeahead/{*category}", get(suggest))
}

#[derive(Deserialize)]
struct Which {
    category: String,
}

#[derive(Deserialize)]
struct What {
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    limit: Option<usize>,
}

async fn suggest(
    State(app): State<App>,
    MaybeKeyed { org, has_key }: MaybeKeyed,
    Path(Which { category }): Path<Which>,
    Query(What { prefix, limit }): Query<What>,
) -> Response {
    let limit = limit.unwrap_or(LIMIT);
    match app.engine.proxy_typeahead(&org, &category, &prefix, limit, has_key).await {
        Ok(all) => Json(all).into_response(),
        Err(failure) => failed(&failure),
    }
}
