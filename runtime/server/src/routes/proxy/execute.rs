//! `POST /v1/do/{plugin}/{command}`: calls an API. GET with a JSON body means the same.

use super::failed;
use super::key::Keyed;
use crate::extract::RawBody;
use crate::state::App;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};
use sluis_model::error::{Failure, Reason};

/// The one route that calls something.
pub fn routes() -> Router<App> {
    Router::new().route("/v1/do/{plugin}/{command}", post(carry_out).get(carry_out))
}

#[derive(Deserialize)]
struct Which {
    plugin: String,
    command: String,
}

/// What the caller has no more use for goes on: a call that has begun is finished.
async fn carry_out(
    State(app): State<App>,
    Keyed(org): Keyed,
    Path(Which { plugin, command }): Path<Which>,
    body: RawBody,
) -> Response {
    let given = match read(&body.bytes) {
        Ok(given) => given,
        Err(failure) => return failed(&failure),
    };
    let (engine, of) = (app.engine.clone(), org.clone());
    let call = async move { Ok::<_, Failure>(engine.proxy_do(&of, &plugin, &command, given).await) };
    let answer = match app.work.carry_out(call).await {
        Ok(answer) => answer,
        Err(_) => {
            return failed(&Failure::new(Reason::Internal, "the server failed while it worked on this"));
        }
    };
    if let Some(id) = answer.goes_on {
        let engine = app.engine.clone();
        app.work.spawn(async move {
            if let Err(failure) = engine.work_accepted_call(&org, &id, false).await {
                // It is on disk; the next round takes it up.
                tracing::error!(accepted = %id, reason = failure.reason.as_str(), "an accepted call was not finished");
            }
        });
    }
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(answer.body)).into_response()
}

/// The parameters. A body is JSON whatever its content type says; none at all is no parameters.
fn read(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Failure::new(Reason::InvalidInput, "the body is JSON, but no object of parameters")),
        Err(error) => Err(Failure::new(Reason::InvalidInput, format!("the body is not JSON: {error}"))),
    }
}
