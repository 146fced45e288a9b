//! Clients registered at providers. They can be written and never read.

use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf};
use crate::state::App;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Deserializer, Serialize};
use sluis_model::credential::ClientCredentials;
use sluis_model::secret::SecretText;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `PUT /api/v1/clients/{name}`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(set))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClientRegistration)]
struct Registration {
    id: String,
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>, write_only)]
    secret: Option<SecretText>,
    /// Private key in PEM, for clients that sign assertions.
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>, write_only)]
    private_key: Option<SecretText>,
    /// Identifier under which the provider knows the public half of that key.
    #[serde(default)]
    key_id: Option<String>,
}

/// A registration that is kept.
#[derive(Serialize, ToSchema)]
#[schema(as = RegisteredClient)]
struct Registered {
    client: String,
    /// What connector files call it.
    #[schema(example = "vault:gcontacts")]
    reference: String,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretText>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(SecretText::from))
}

/// Seals the registration that connector files refer to as `vault:NAME`.
#[utoipa::path(
    put,
    path = "/clients/{name}",
    operation_id = "putClient",
    tag = "clients",
    params(("name" = String, Path, pattern = "^[A-Za-z0-9_.-]+$", example = "gcontacts")),
    request_body = Registration,
    responses((status = 200, description = "Sealed", body = Registered))
)]
async fn set(
    State(app): State<App>,
    PathOf(name): PathOf<String>,
    JsonOf(registration): JsonOf<Registration>,
) -> Result<Json<Registered>, ApiError> {
    if registration.id.is_empty() {
        return Err(ApiError::invalid("`id` is empty").help("give the client id that the provider issued"));
    }
    let client = ClientCredentials {
        id: registration.id,
        secret: registration.secret,
        private_key: registration.private_key,
        key_id: registration.key_id,
    };
    app.engine.set_client(&name, &client).await?;
    Ok(Json(Registered { reference: format!("vault:{name}"), client: name }))
}
