//! Keys, while the server runs: how they stand, and new ones. What takes long goes on after the answer.

use super::{maybe_moment, moment};
use crate::error::ApiError;
use crate::extract::PathOf;
use crate::openapi::{ids, shapes};
use crate::state::App;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use sluis_model::id::OrgId;
use sluis_model::time::Timestamp;
use sluis_vault::KeyId;
use sluis_vault::rotation::org::SETTLE_MS;
use sluis_vault::rotation::{OrgRotation, OrgStatus, Phase, Rows};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `GET /api/v1/vault`, `POST /api/v1/vault/root/rotate`, `POST /api/v1/vault/orgs/{org}/rotate`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(status)).routes(routes!(rotate_root)).routes(routes!(rotate_org))
}

#[derive(Serialize)]
struct RotationView {
    target: u32,
    phase: Phase,
    resealed: u64,
    damaged: u64,
    #[serde(serialize_with = "moment")]
    started_at: Timestamp,
    #[serde(serialize_with = "maybe_moment")]
    finished_at: Option<Timestamp>,
}

impl From<OrgRotation> for RotationView {
    fn from(rotation: OrgRotation) -> Self {
        let OrgRotation { target, phase, resealed, damaged, started_at, finished_at } = rotation;
        Self { target, phase, resealed, damaged, started_at, finished_at }
    }
}

#[derive(Serialize)]
struct OrgView {
    org: OrgId,
    primary: u32,
    key: Option<KeyId>,
    floor: u32,
    rows: Rows,
    rotation: Option<RotationView>,
    problem: Option<String>,
}

impl From<OrgStatus> for OrgView {
    fn from(status: OrgStatus) -> Self {
        let OrgStatus { org, primary, key, floor, rows, rotation, problem, .. } = status;
        Self { org, primary, key, floor, rows, rotation: rotation.map(Into::into), problem }
    }
}

/// The root keys, and the keys, rows and rotation of each organisation.
#[utoipa::path(
    get,
    path = "/vault",
    operation_id = "getVault",
    tag = "keys",
    responses((status = 200, description = "How keys stand", body = shapes::VaultStatus))
)]
async fn status(State(app): State<App>) -> Result<Json<Value>, ApiError> {
    let status = app.engine.vault_status().await?;
    let orgs: Vec<OrgView> = status.orgs.into_iter().map(Into::into).collect();
    Ok(Json(json!({ "ring": status.ring, "root": status.root, "orgs": orgs })))
}

/// Carried out before it is answered: one batch for a hundred keys.
#[utoipa::path(
    post,
    path = "/vault/root/rotate",
    operation_id = "rotateRootKey",
    tag = "keys",
    responses((status = 200, description = "Done", body = shapes::Rewrapped))
)]
async fn rotate_root(State(app): State<App>) -> Result<Json<Value>, ApiError> {
    let engine = app.engine.clone();
    let done = app.work.carry_out(async move { engine.rotate_root_key(&mut |_| {}).await }).await?;
    let damaged: Vec<String> = done.damaged.iter().map(ToString::to_string).collect();
    Ok(Json(json!({
        "root": done.to, "rewrapped": done.rewrapped, "upgraded": done.upgraded, "damaged": damaged,
    })))
}

/// Begins it, or answers the one that is under way; `GET /api/v1/vault` tells how far it has come.
#[utoipa::path(
    post,
    path = "/vault/orgs/{org}/rotate",
    operation_id = "rotateOrgKey",
    tag = "keys",
    params(("org" = ids::OrgId, Path)),
    responses((status = 202, description = "Under way", body = shapes::Rotation))
)]
async fn rotate_org(
    State(app): State<App>,
    PathOf(org): PathOf<OrgId>,
) -> Result<(StatusCode, Json<RotationView>), ApiError> {
    let begun = app.engine.start_org_key_rotation(&org).await?;
    // Not `app.work`: a stop need not wait for it, since the next start goes on with it.
    let engine = app.engine.clone();
    tokio::spawn(async move {
        if let Err(error) = engine.finish_org_key_rotation(&org, SETTLE_MS, &mut |_| {}).await {
            tracing::error!(%org, %error, "the change of an org's key stopped; it goes on at the next start");
        }
    });
    Ok((StatusCode::ACCEPTED, Json(begun.into())))
}
