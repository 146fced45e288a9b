//! What starts functions without a person: writing it down, and reading it.

use super::moment;
use crate::access::Caller;
use crate::conditional::{self, Conditions, Tag, tagged};
use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf, QueryOf};
use crate::openapi::{ids, trigger_shapes as shapes};
use crate::paging;
use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::Serialize;
use sluis_engine::triggers::StoredTrigger;
use sluis_model::id::{OrgId, TriggerName};
use sluis_model::time::Timestamp;
use sluis_model::trigger_spec::{Occasion, TriggerSpec};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `GET /api/v1/orgs/{org}/triggers`, `GET`, `PUT` and `DELETE …/{trigger}`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one, store, remove))
}

/// A page of triggers.
#[derive(Serialize, ToSchema)]
#[schema(as = TriggerPage)]
struct Triggers {
    triggers: Vec<TriggerView>,
    /// The `cursor` of the page after this one; none after the last.
    next: Option<String>,
}

/// What starts a function.
#[derive(Serialize, ToSchema)]
#[schema(as = FunctionTrigger)]
pub(super) struct TriggerView {
    #[schema(value_type = ids::TriggerName)]
    name: TriggerName,
    #[schema(value_type = ids::FunctionName)]
    function: sluis_model::id::FunctionName,
    /// On whose behalf it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ids::UserId>)]
    user: Option<sluis_model::id::UserId>,
    /// An expression for each argument.
    #[serde(skip_serializing_if = "Option::is_none")]
    args: Option<BTreeMap<String, String>>,
    #[schema(value_type = shapes::Occasion)]
    on: Occasion,
    /// Whether it rests.
    paused: bool,
    /// Whether it has an address. The address itself is shown when it is made, and never again.
    has_address: bool,
    /// How many secrets count.
    secrets: usize,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    made_at: Timestamp,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = ids::Moment)]
    updated_at: Timestamp,
}

impl From<StoredTrigger> for TriggerView {
    fn from(trigger: StoredTrigger) -> Self {
        let TriggerSpec { function, user, args, on } = trigger.spec;
        Self {
            name: trigger.name,
            function,
            user,
            args,
            on,
            paused: trigger.paused,
            has_address: trigger.address.is_some(),
            secrets: trigger.secrets,
            made_at: trigger.made_at,
            updated_at: trigger.updated_at,
        }
    }
}

/// The tag of a trigger, as [`one`] answers it.
fn tag_of(trigger: &StoredTrigger) -> Tag {
    Tag::of(&TriggerView::from(trigger.clone()))
}

/// All triggers of an organisation.
#[utoipa::path(
    get,
    path = "/orgs/{org}/triggers",
    operation_id = "listTriggers",
    tag = "triggers",
    params(("org" = ids::OrgId, Path), paging::Wanted),
    responses((status = 200, description = "A page, by name", body = Triggers))
)]
async fn list(
    State(app): State<App>,
    PathOf(org): PathOf<OrgId>,
    QueryOf(wanted): QueryOf<paging::Wanted>,
) -> Result<Json<Triggers>, ApiError> {
    let triggers = app.engine.triggers(&org).await?;
    let paging::Page { rows, next } = paging::page(triggers, |trigger| trigger.name.to_string(), &wanted)?;
    Ok(Json(Triggers { triggers: rows.into_iter().map(TriggerView::from).collect(), next }))
}

/// One trigger. How it stands is told by its history.
#[utoipa::path(
    get,
    path = "/orgs/{org}/triggers/{trigger}",
    operation_id = "getTrigger",
    tag = "triggers",
    params(("org" = ids::OrgId, Path), ("trigger" = ids::TriggerName, Path)),
    responses((status = 200, description = "The trigger", body = TriggerView))
)]
async fn one(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, TriggerName)>,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    Ok(conditions.answer(&TriggerView::from(app.engine.trigger(&org, &name).await?.trigger)))
}

/// A trigger that was stored.
#[derive(Serialize, ToSchema)]
#[schema(as = StoredTrigger)]
pub(super) struct Stored {
    trigger: TriggerView,
    /// Its address, if it got one now. It is shown this one time: whoever has it may start the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

/// Stores a trigger whose function is there and whose expressions can be read.
#[utoipa::path(
    put,
    path = "/orgs/{org}/triggers/{trigger}",
    operation_id = "putTrigger",
    tag = "triggers",
    params(("org" = ids::OrgId, Path), ("trigger" = ids::TriggerName, Path)),
    request_body = shapes::TriggerSpec,
    responses((status = 200, description = "Stored; its address, if it got one now", body = Stored))
)]
async fn store(
    State(app): State<App>,
    caller: Caller,
    PathOf((org, name)): PathOf<(OrgId, TriggerName)>,
    conditions: Conditions,
    JsonOf(mut spec): JsonOf<TriggerSpec>,
) -> Result<Response, ApiError> {
    // Whoever may not run things on behalf of others has no trigger do so either.
    spec.user = caller.on_behalf_of(&app, &org, spec.user).await?;
    let agrees = |present: Option<&StoredTrigger>| conditions.allow(present.map(tag_of).as_ref());
    match app.engine.put_trigger(&org, &name, spec, &agrees).await? {
        Some(put) => {
            let tag = tag_of(&put.trigger);
            let address = put.address.map(|address| address.expose().to_string());
            let mut answer = Json(Stored { trigger: put.trigger.into(), address }).into_response();
            tagged(&mut answer, &tag);
            Ok(answer)
        }
        None => Err(changed(&app, &org, &name).await),
    }
}

async fn changed(app: &App, org: &OrgId, name: &TriggerName) -> ApiError {
    let present = app.engine.trigger(org, name).await.ok();
    conditional::refused(present.map(|present| tag_of(&present.trigger)).as_ref())
}

/// Forgets a trigger. Runs that it started go on.
#[utoipa::path(
    delete,
    path = "/orgs/{org}/triggers/{trigger}",
    operation_id = "deleteTrigger",
    tag = "triggers",
    params(("org" = ids::OrgId, Path), ("trigger" = ids::TriggerName, Path)),
    responses((status = 204, description = "It is gone"))
)]
async fn remove(
    State(app): State<App>,
    PathOf((org, name)): PathOf<(OrgId, TriggerName)>,
    conditions: Conditions,
) -> Result<StatusCode, ApiError> {
    let agrees = |present: Option<&StoredTrigger>| conditions.allow(present.map(tag_of).as_ref());
    match app.engine.remove_trigger(&org, &name, &agrees).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(changed(&app, &org, &name).await),
    }
}
