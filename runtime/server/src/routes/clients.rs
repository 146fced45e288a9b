//! Clients registered at providers. They can be written and never read.

use crate::error::ApiError;
use crate::extract::{JsonOf, PathOf};
use crate::state::App;
use axum::extract::State;
use axum::routing::put;
use axum::{Json, Router};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use sluis_model::credential::ClientCredentials;
use sluis_model::secret::SecretText;

/// `PUT /api/v1/clients/{name}`.
pub fn routes() -> Router<App> {
    Router::new().route("/clients/{name}", put(set))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    id: String,
    #[serde(default, deserialize_with = "secret")]
    secret: Option<SecretText>,
    /// Private key in PEM, for clients that sign assertions.
    #[serde(default, deserialize_with = "secret")]
    private_key: Option<SecretText>,
    /// Identifier under which the provider knows the public half of that key.
    #[serde(default)]
    key_id: Option<String>,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretText>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(SecretText::from))
}

/// Seals the registration that connector files refer to as `vault:NAME`.
async fn set(
    State(app): State<App>,
    PathOf(name): PathOf<String>,
    JsonOf(registration): JsonOf<Registration>,
) -> Result<Json<Value>, ApiError> {
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
    Ok(Json(json!({ "client": name, "reference": format!("vault:{name}") })))
}
