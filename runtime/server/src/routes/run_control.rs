//! Runs that go on: looking on, and ending them. Runs that have failed for good are taken off their list.

use super::run_events::Events;
use super::runs::RunView;
use crate::access::Caller;
use crate::error::ApiError;
use crate::extract::PathOf;
use crate::openapi::{ids, runs as shapes};
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use sluis_engine::TailPlace;
use sluis_model::id::{OrgId, RunId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `POST /api/v1/orgs/{org}/runs/{id}/cancel`, `GET …/{id}/events`, `DELETE …/{id}/dead-letter`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(cancel)).routes(routes!(events)).routes(routes!(drop_dead_letter))
}

/// Ends a run wherever it stands. A call that is under way is not waited for.
#[utoipa::path(
    post,
    path = "/orgs/{org}/runs/{id}/cancel",
    operation_id = "cancelRun",
    tag = "runs",
    params(("org" = ids::OrgId, Path), ("id" = ids::RunId, Path)),
    responses((status = 200, description = "It has ended", body = RunView), (status = 202, description = "The process that works on it was told, and has not ended it yet", body = RunView))
)]
async fn cancel(
    State(app): State<App>,
    caller: Caller,
    PathOf((org, id)): PathOf<(OrgId, RunId)>,
) -> Result<Response, ApiError> {
    let by = caller.user().cloned();
    let engine = app.engine.clone();
    let ending = async move { engine.cancel_run(&org, &id, by).await };
    let run = app.work.carry_out(ending).await?;
    let status = if run.status.has_ended() { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, Json(RunView::from(run))).into_response())
}

/// Looks on while a run goes on, by server-sent events: first what it has done so far, then each line and call
/// as it happens, at last its end. `Last-Event-ID` goes on where the connection was lost.
#[utoipa::path(
    get,
    path = "/orgs/{org}/runs/{id}/events",
    operation_id = "tailRun",
    tag = "runs",
    params(
        ("org" = ids::OrgId, Path),
        ("id" = ids::RunId, Path),
        ("last-event-id" = Option<String>, Header, description = "`id` of the last event that was seen")
    ),
    responses((status = 200, description = "Events `state`, `anew`, `line`, `call`, at last `end` with the run", body = shapes::RunEvent, content_type = "text/event-stream"))
)]
async fn events(
    State(app): State<App>,
    PathOf((org, id)): PathOf<(OrgId, RunId)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let from = headers.get("last-event-id").and_then(|value| place(value.to_str().ok()?)).unwrap_or_default();
    let tail = app.engine.tail_run(&org, &id, from).await?;
    let events = Events::of(tail, app.draining.clone());
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// What an event's id says: how many lines and calls were seen.
fn place(text: &str) -> Option<TailPlace> {
    let (lines, calls) = text.trim().split_once('.')?;
    Some(TailPlace { lines: lines.parse().ok()?, calls: calls.parse().ok()? })
}

/// Takes a run off the dead letters; its record stays.
#[utoipa::path(
    delete,
    path = "/orgs/{org}/runs/{id}/dead-letter",
    operation_id = "dropDeadLetter",
    tag = "runs",
    params(("org" = ids::OrgId, Path), ("id" = ids::RunId, Path)),
    responses((status = 204, description = "It is on the list no more"))
)]
async fn drop_dead_letter(
    State(app): State<App>,
    PathOf((org, id)): PathOf<(OrgId, RunId)>,
) -> Result<StatusCode, ApiError> {
    app.engine.drop_dead_letter(&org, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_an_event_says_how_much_was_seen() {
        assert_eq!(place("12.3"), Some(TailPlace { lines: 12, calls: 3 }));
        for other in ["", "12", "a.b", "1.-1"] {
            assert_eq!(place(other), None, "{other}");
        }
    }
}
