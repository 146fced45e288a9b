//! APIs as tools for agents, in the form of the Model Context Protocol (2025-06-18, `Tool`).

use super::inputs::Taken;
use serde_json::{Value, json};
use sluis_model::connector::{ConnectorDefinition, Effect, Method};
use sluis_model::error::Failure;

/// Longest name of a tool, in bytes: what the APIs of language models take.
const NAME_AT_MOST: usize = 64;

/// One tool for each API.
///
/// # Errors
/// When the definition cannot be used.
pub fn tools(definition: &ConnectorDefinition) -> Result<Vec<Value>, Failure> {
    definition
        .apis
        .iter()
        .map(|(key, api)| {
            let id = format!("{}.{key}", definition.namespace);
            let repeatable = matches!(api.method, Method::Put | Method::Delete) || api.effect == Effect::Read;
            let described = api.description.clone();
            Ok(json!({
                "name": name(&id),
                "description": described.unwrap_or_else(|| format!("{key} of {}", definition.service.name)),
                "inputSchema": Taken::of(definition, key)?.object(),
                "annotations": {
                    "title": format!("{}: {key}", definition.service.name),
                    "readOnlyHint": api.effect == Effect::Read,
                    "destructiveHint": api.effect == Effect::Destructive,
                    "idempotentHint": repeatable,
                    "openWorldHint": true,
                },
                "_meta": { "sluis/api": id },
            }))
        })
        .collect()
}

/// `pets.photos.upload` as `pets_photos_upload`.
fn name(id: &str) -> String {
    let name: String =
        id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    name.chars().take(NAME_AT_MOST).collect()
}
